//! What a client is answered about a profile: findings, edits, meanings, what may be written.

use serde_json::{Value, json};

use crate::client::{Client, codes, edited, position, unmarked};
use crate::profile;
use crate::support::{folder, run};

const NAME: &str = "security.toml";

#[test]
fn findings_are_told_while_one_types_also_where_it_is_no_toml() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    let clean = profile("");
    assert_eq!(client.open(NAME, &clean), Vec::<Value>::new());
    let weak = clean.replace("include_subdomains = true", "include_subdomains = true\nmax_age = \"30d\"");
    client.change(NAME, 2, &weak);
    let told = client.diagnostics(NAME, 2);
    let [one] = &told[..] else { panic!("{told:#?}") };
    assert_eq!((&one["code"], &one["severity"], &one["source"]), (&json!("HST001"), &json!(1), &json!("seccfg")));
    let line = weak.lines().position(|line| line.starts_with("max_age")).expect("it is there");
    assert_eq!(
        one["range"],
        json!({ "start": { "line": line, "character": 10 }, "end": { "line": line, "character": 15 } })
    );
    let message = one["message"].as_str().expect("a text");
    assert!(
        message.contains("(in prod)") && message.lines().count() > 1,
        "what, for whom, and what to write: {message}"
    );
    // Half a line more: that is told, and what can still be known.
    client.change(NAME, 3, &format!("{weak}\n[cors]\norigins = [\"https://"));
    let told = client.diagnostics(NAME, 3);
    assert_eq!(codes(&told), ["PRF001"]);
    client.change(NAME, 4, &clean);
    assert_eq!(client.diagnostics(NAME, 4), Vec::<Value>::new());
    client.leave();
}

#[test]
fn a_finding_leads_to_the_other_places_that_it_speaks_of() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    let text = profile("\n[cookies.session]\npurpose = \"session\"\nsame_site = \"none\"\nsecure = false\n");
    let told = client.open(NAME, &text);
    let related = |one: &&Value| one["relatedInformation"].as_array().is_some_and(|places| !places.is_empty());
    let one = told.iter().find(related).unwrap_or_else(|| panic!("{told:#?}"));
    let place = &one["relatedInformation"][0];
    assert_eq!(place["location"]["uri"], client.uri(NAME).as_str());
    assert!(!place["message"].as_str().expect("a text").is_empty());
    client.leave();
}

#[test]
fn an_overlay_is_judged_as_it_is_written_unless_the_client_says_otherwise() {
    let folder = folder();
    let text = profile("\n[modes.staging]\npasswords = { min_length = 4 }\n");
    let mut client = Client::plain(folder.path());
    let told = client.open(NAME, &text);
    assert!(told.iter().any(|one| one["message"].as_str().expect("a text").contains("(in staging)")), "{told:#?}");
    client.say("workspace/didChangeConfiguration", json!({ "settings": { "seccfg": { "allModes": false } } }));
    assert_eq!(client.diagnostics(NAME, 1), Vec::<Value>::new());
    client.say("workspace/didChangeConfiguration", json!({ "settings": { "seccfg": { "allModes": "yes" } } }));
    let warning = client.wait("a warning", |message| message["method"] == "window/showMessage");
    assert!(warning["params"]["message"].as_str().expect("a text").contains("`allModes`"), "{warning}");
    client.leave();
}

/// The actions of a kind at a place.
fn actions(client: &mut Client, text: &str, place: &str, only: Option<&str>) -> Vec<Value> {
    let offset = text.find(place).expect("it is there");
    let place = position(&format!("{}|{}", &text[..offset], &text[offset..]));
    let context = match only {
        Some(kind) => json!({ "diagnostics": [], "only": [kind] }),
        None => json!({ "diagnostics": [] }),
    };
    let params = json!({ "textDocument": { "uri": client.uri(NAME) }, "range": { "start": place, "end": place }, "context": context });
    client.ask("textDocument/codeAction", params).as_array().expect("a list").clone()
}

#[test]
fn each_fix_mends_its_finding_and_all_safe_ones_do_what_fix_does() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    let text = profile("\n[cookies.session]\npurpose = \"session\"\nsecure = false # 🔑\nhttp_only = false\n");
    let before = client.open(NAME, &text);
    let fixes = actions(&mut client, &text, "ecure = false", Some("quickfix"));
    let title = |action: &Value| action["title"].as_str().expect("a text").to_owned();
    let (all, fixes): (Vec<Value>, Vec<Value>) =
        fixes.into_iter().partition(|one| title(one).starts_with("make all edits"));
    assert!(all.len() == 1 && !fixes.is_empty(), "{fixes:#?}");
    for (version, fix) in fixes.iter().enumerate() {
        let code = &fix["diagnostics"][0]["code"];
        assert!(title(fix).contains(code.as_str().expect("a text")), "{fix}");
        let mended = edited(&text, &fix["edit"]["changes"][client.uri(NAME)]);
        let version = i64::try_from(version).expect("few") + 2;
        client.change(NAME, version, &mended);
        let after = client.diagnostics(NAME, version);
        let message = &fix["diagnostics"][0]["message"];
        assert!(before.iter().any(|one| one["message"] == *message), "{fix}");
        assert!(!after.iter().any(|one| one["message"] == *message), "{fix}: {after:#?}");
    }
    assert_eq!(fixes[0]["isPreferred"], true);
    client.change(NAME, 100, &text);
    client.diagnostics(NAME, 100);
    // Nothing is offered where nothing is wrong, and of all together there is one action.
    assert!(actions(&mut client, &text, "# The least", Some("quickfix")).is_empty());
    let all = actions(&mut client, &text, "# The least", Some("source.fixAll"));
    let [all] = &all[..] else { panic!("{all:#?}") };
    assert_eq!(all["kind"], "source.fixAll.seccfg");
    let edits = &all["edit"]["changes"][client.uri(NAME)];
    std::fs::write(folder.path().join(NAME), &text).expect("a file can be written");
    run(folder.path(), &["check", "--fix", "--all-modes"]);
    let mended = std::fs::read_to_string(folder.path().join(NAME)).expect("it is there");
    assert_ne!(mended, text);
    assert_eq!(edited(&text, edits), mended);
    client.leave();
}

/// What is offered at the mark of a text: what is shown, and what is written.
fn offered(client: &mut Client, version: i64, marked: &str) -> Vec<(String, Value)> {
    client.change(NAME, version, &unmarked(marked));
    let list = client.at("textDocument/completion", NAME, marked);
    let items = list["items"].as_array().expect("a list");
    items.iter().map(|item| (item["label"].as_str().expect("a text").to_owned(), item.clone())).collect()
}

#[test]
fn what_may_be_written_is_offered_at_every_kind_of_place() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    std::fs::write(folder.path().join(".env"), "SHOP_SMTP_PASSWORD=x\nlower=y\n").expect("a file can be written");
    let head = "version = 1\n[app]\nname = \"shop\"\nkind = \"fastcms\"\n";
    client.open(NAME, head);
    for (version, (text, some, not)) in [
        ("[hsts]\n|", &["enabled", "max_age"][..], &["origins"][..]),
        ("[hsts]\nenabled = true\n|\n", &["max_age"], &["enabled"]),
        ("[hsts]\nen|", &["enabled"], &[]),
        ("[|", &["hsts", "cookies", "modes"], &["version"]),
        ("[|]", &["hsts", "cookies"], &["version"]),
        ("[modes.|]\n", &["dev", "prod"], &["hsts"]),
        ("[modes.dev.|]\n", &["hsts", "cors"], &["waivers", "modes"]),
        ("[modes.dev.app]\n|", &["debug", "url"], &["kind", "mode", "release"]),
        ("[modes.dev]\nhsts = { | }\n", &["enabled"], &["origins"]),
        ("[tls.certificate]\nissuer = |\n", &["acme", "self-signed"], &[]),
        ("[tls.certificate]\nissuer = \"a|\"\n", &["acme"], &[]),
        ("[tls.certificate]\nissuer = \"a|\n\n[hsts]\nenabled = true\n", &["acme"], &[]),
        ("[hsts]\nenabled = |\n", &["true", "false"], &[]),
        ("[hsts]\nmax_age = |\n", &["1y"], &[]),
        ("[headers]\nfrom_app = [|]\n", &["Content-Security-Policy"], &[]),
        ("[secrets.secret_key]\nsource = \"|\"\n", &["env:SECRET_KEY", "env:SHOP_SMTP_PASSWORD"], &["env:lower"]),
        ("[[waivers]]\nrule = \"|\"\n", &["COR007", "HST002"], &[]),
        ("[[waivers]]\n|", &["rule", "reason", "expires"], &[]),
        ("[rate_limits.routes]\n|", &["sign_in"], &[]),
        ("[rate_limits.routes.sign_in]\npaths = [\"|\"]\n", &["/api/v1/auth/login"], &[]),
        ("[targets.caddy]\nform = |", &["caddyfile", "json"], &[]),
        ("# [hsts] |\n", &[], &["enabled", "hsts"]),
        ("[nonsense]\n|", &[], &["enabled"]),
    ]
    .into_iter()
    .enumerate()
    {
        let marked = format!("{head}{text}");
        let version = i64::try_from(version).expect("few") + 2;
        let offers = offered(&mut client, version, &marked);
        let labels: Vec<&str> = offers.iter().map(|(label, _)| label.as_str()).collect();
        assert!(some.iter().all(|label| labels.contains(label)), "{text:?}: {some:?} of {labels:?}");
        assert!(!not.iter().any(|label| labels.contains(label)), "{text:?}: {labels:?}");
        // What is written in place of what is there makes it what the label says; an editor finds it by what is there.
        for (label, item) in &offers {
            let edit = &item["textEdit"];
            let after = edited(&unmarked(&marked), &json!([edit]));
            let new = edit["newText"].as_str().expect("a text");
            assert!(new.contains(label.as_str()) && after.contains(new), "{text:?}: {item}");
            let there = edited(&unmarked(&marked), &json!([{ "range": edit["range"], "newText": "\u{1}" }]));
            let before = marked.find('|').expect("it is there") - there.find('\u{1}').expect("it was put there");
            let written = &unmarked(&marked)[there.find('\u{1}').expect("it was put there")..][..before];
            let filter = item["filterText"].as_str().unwrap_or(label);
            assert_eq!(written.starts_with('"'), filter.starts_with('"'), "{text:?}: {item}");
        }
    }
    // The kind of app comes before a pack is known.
    let kinds = offered(&mut client, 90, "version = 1\n[app]\nkind = \"|\"\n");
    assert!(kinds.iter().any(|(label, _)| label == "instacrud"), "{kinds:?}");
    let versions = offered(&mut client, 91, "version = |\n");
    assert!(versions.iter().any(|(label, _)| label == "1"), "{versions:?}");
    client.leave();
}

#[test]
fn what_is_chosen_makes_a_profile_that_is_read() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    client.open(NAME, "");
    let clean = profile("");
    for (version, (marked, label)) in [
        (clean.replace("key = \"both\"", "key = \"|\""), "ip"),
        (clean.replace("key = \"both\"", "key = |"), "both"),
        (format!("{clean}\n[[waivers]]\nrule = |\nreason = \"x\"\nexpires = 2999-01-01\n"), "COR007"),
        (clean.replace("name = \"shop\"", "name = \"shop\"\nserves = [|]"), "pages"),
        (clean.replace("name = \"shop\"", "name = \"shop\"\nserves = |"), "api"),
    ]
    .into_iter()
    .enumerate()
    {
        let version = i64::try_from(version).expect("few") * 2 + 2;
        let offers = offered(&mut client, version, &marked);
        let (_, item) = offers.iter().find(|(one, _)| one == label).unwrap_or_else(|| panic!("{label}: {offers:?}"));
        let chosen = edited(&unmarked(&marked), &json!([item["textEdit"]]));
        client.change(NAME, version + 1, &chosen);
        let told = client.diagnostics(NAME, version + 1);
        assert!(
            !codes(&told).iter().any(|code| ["PRF001", "PRF002", "PRF003", "PRF004"].contains(code)),
            "{label}: {told:#?}"
        );
    }
    client.leave();
}

/// What is told of the word at the mark of a text.
fn hover(client: &mut Client, version: i64, marked: &str) -> String {
    client.change(NAME, version, &unmarked(marked));
    let told = client.at("textDocument/hover", NAME, marked);
    told["contents"]["value"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_word_is_explained_where_it_stands() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    client.open(NAME, "");
    let clean = profile("\n[modes.dev]\nhsts = { enabled = false }\n");
    let marked = |text: &str, marked: &str| {
        assert!(clean.contains(text), "{text}");
        clean.replacen(text, marked, 1)
    };
    for (version, (text, parts)) in [
        // A key: what it means, its default, what counts in each mode, where that is written, and who enforces it.
        (
            marked("[hsts]\nenabled", "[hsts]\nena|bled"),
            &["`hsts.enabled`", "| prod |", "security.toml:11", "| dev |", "HSTS: nginx", "HST001"][..],
        ),
        (marked("hsts = { enabled = false", "hsts = { enab|led = false"), &["`hsts.enabled`", "| dev |"]),
        (marked("window = \"1h\"", "window = \"1|h\""), &["`lockout.window`", "A duration", "Default: `\"1m\"`"]),
        (marked("include_subdomains", "include_sub|domains"), &["`hsts.include_subdomains`", "Default: `false`"]),
        (marked("[lockout]", "[lock|out]"), &["`lockout`", "lockout.attempts"]),
        (marked("\"default-src", "\"default|-src"), &["content_security_policy"]),
        // A code, wherever it stands.
        (format!("{clean}# see COR|007\n"), &["COR007", "## What to write", "## Where it comes from"]),
        // Of a broken text, what a key means is known as ever.
        (format!("{clean}[cors]\norig|ins = [\n"), &["`cors.origins`"]),
    ]
    .into_iter()
    .enumerate()
    {
        let told = hover(&mut client, i64::try_from(version).expect("few") + 2, &text);
        assert!(parts.iter().all(|part| told.contains(part)), "{parts:?}: {told}");
    }
    assert_eq!(hover(&mut client, 50, "[nonsense]\nke|y = 1\n"), "");
    assert_eq!(hover(&mut client, 51, "# wo|rd\n"), "");
    client.leave();
}

#[test]
fn a_key_leads_to_the_layers_that_set_it() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    client.open(NAME, "");
    let clean = profile("\n[modes.dev]\nhsts = { enabled = false }\n\n[modes.test.hsts]\nenabled = false\n");
    let lines = |client: &mut Client, version: i64, marked: &str| {
        client.change(NAME, version, &unmarked(marked));
        let places = client.at("textDocument/definition", NAME, marked);
        let line = |place: &Value| place["range"]["start"]["line"].as_u64().expect("a number");
        places.as_array().expect("a list").iter().map(line).collect::<Vec<u64>>()
    };
    let line =
        |text: &str| u64::try_from(clean[..clean.find(text).expect("it is there")].matches('\n').count()).expect("few");
    let (base, dev, test) = (line("[hsts]\n") + 1, line("hsts = {"), line("[modes.test.hsts]") + 1);
    assert_eq!(lines(&mut client, 2, &clean.replacen("[hsts]\nenabled", "[hsts]\nena|bled", 1)), [dev, test]);
    assert_eq!(lines(&mut client, 3, &clean.replacen("{ enabled", "{ ena|bled", 1)), [base]);
    assert_eq!(lines(&mut client, 4, &clean.replacen("attempts", "att|empts", 1)), Vec::<u64>::new());
    client.leave();
}

#[test]
fn the_plan_stands_above_its_section_and_is_shown() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    let text = profile(
        "\n[targets.nginx]\nversion = \"1.22.1\"\n\n[targets.caddy]\nversion = \"2.6.2\"\n\n[modes.dev]\nhsts = { enabled = false }\n",
    );
    client.open(NAME, &text);
    let lenses = client.about("textDocument/codeLens", NAME);
    let lenses = lenses.as_array().expect("a list");
    let title = |lens: &Value| lens["command"]["title"].as_str().expect("a text").to_owned();
    let titles: Vec<String> = lenses.iter().map(title).collect();
    for (title, header) in [
        ("plan: nginx in prod", "[targets.nginx]"),
        ("plan: Caddy in prod", "[targets.caddy]"),
        ("plan: nginx in dev", "[modes.dev]"),
    ] {
        let lens =
            titles.iter().position(|one| one.starts_with(title)).unwrap_or_else(|| panic!("{title}: {titles:?}"));
        let line = text.lines().position(|line| line == header).expect("it is there");
        assert_eq!(lenses[lens]["range"]["start"]["line"], line, "{title}");
    }
    let command = &lenses[0]["command"];
    let shown = client
        .ask("workspace/executeCommand", json!({ "command": command["command"], "arguments": command["arguments"] }));
    std::fs::write(folder.path().join(NAME), &text).expect("a file can be written");
    let target = command["arguments"][2].as_str().expect("a text");
    let mode = command["arguments"][1].as_str().expect("a text");
    let mut plan = crate::support::seccfg(folder.path());
    let plan =
        plan.env_remove("COLUMNS").args(["plan", "--target", target, "--mode", mode]).output().expect("it starts");
    assert_eq!(shown.as_str().expect("a text"), String::from_utf8_lossy(&plan.stdout));
    // Of a broken profile there is none.
    client.change(NAME, 2, &format!("{text}["));
    assert_eq!(client.about("textDocument/codeLens", NAME), json!([]));
    client.leave();
}

#[test]
fn the_outline_has_every_section_and_no_value() {
    let folder = folder();
    let mut client = Client::plain(folder.path());
    let text = profile("\n[[waivers]]\nrule = \"COR007\"\nreason = \"a reason\"\n\n[broken");
    client.open(NAME, &text);
    let outline = client.about("textDocument/documentSymbol", NAME);
    let symbols = outline.as_array().expect("a list");
    let names: Vec<&str> = symbols.iter().map(|one| one["name"].as_str().expect("a text")).collect();
    assert!(
        ["version", "app", "email.smtp", "waivers[0]", "broken"].iter().all(|name| names.contains(name)),
        "{names:?}"
    );
    let hsts = symbols.iter().find(|one| one["name"] == "hsts").expect("it is there");
    let keys: Vec<&str> =
        hsts["children"].as_array().expect("a list").iter().map(|one| one["name"].as_str().expect("a text")).collect();
    assert_eq!(keys, ["enabled", "include_subdomains"]);
    assert!(!outline.to_string().contains("a reason"));
    client.leave();
}

#[test]
fn columns_are_counted_in_the_unit_that_both_know() {
    let folder = folder();
    // The second key of the line is behind three characters outside of the Basic Multilingual Plane.
    let text = profile("\n[modes.dev]\nemail.smtp = { host = \"🔑🔑🔑\", port = 70000 }\n");
    let line = text.lines().find(|line| line.contains("70000")).expect("it is there");
    let bytes = line.find("70000").expect("it is there");
    let units = line[..bytes].encode_utf16().count();
    for (capabilities, column, encoding) in [
        (json!({}), units, "utf-16"),
        (json!({ "general": { "positionEncodings": ["utf-32", "utf-16"] } }), units, "utf-16"),
        (json!({ "general": { "positionEncodings": ["utf-16", "utf-8"] } }), bytes, "utf-8"),
    ] {
        let mut client = Client::silent(folder.path());
        let result = client.ask("initialize", json!({ "capabilities": capabilities }));
        assert_eq!(result["capabilities"]["positionEncoding"], encoding);
        let told = client.open(NAME, &text);
        let starts: Vec<&Value> = told.iter().map(|one| &one["range"]["start"]["character"]).collect();
        assert!(starts.iter().any(|start| **start == column), "{column}: {told:#?}");
        let at = json!({ "line": text.lines().count() - 1, "character": column - 7 });
        let hover =
            client.ask("textDocument/hover", json!({ "textDocument": { "uri": client.uri(NAME) }, "position": at }));
        assert!(hover["contents"]["value"].as_str().unwrap_or_default().contains("email.smtp.port"), "{hover}");
        client.leave();
    }
}
