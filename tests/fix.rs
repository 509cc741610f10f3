//! `check --fix`: edits mend what they were made for, and touch nothing else.

mod support;

#[path = "support/fixture.rs"]
mod fixture;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use fixture::options;
use seccfg::check::{Checked, Modes, Options, check};
use seccfg::finding::{Finding, Intent, Safety, Severity};
use seccfg::fix::{mend, resolve};
use seccfg::rules::{self, Mending};
use seccfg::source::{Change, Source, Splice, spliced};
use support::{folder, root, run};

fn findings(source: &Source, options: &Options) -> Vec<Finding> {
    check(source.clone(), options).findings
}

/// The comments of a text, in their order.
fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.find('#').map(|at| &line[at..])).collect()
}

#[test]
fn an_edit_mends_what_it_was_made_for() {
    let mut wrong = Vec::new();
    for rule in rules::all() {
        let mut edited = false;
        for path in fixture::of(rule.code).into_iter().filter(|path| fixture::fails(path)) {
            let mut source = Source::new(&path, fixture::profile(&path));
            let mut options = options(&path);
            let mut before = findings(&source, &options);
            before.retain(|finding| finding.code == rule.code);
            if before.iter().all(|finding| finding.fixes.is_empty()) {
                continue;
            }
            edited = true;
            let fixed = mend(&mut source, &mut options, true);
            // What is mended may give rise to a note, and to nothing worse.
            let mut left = findings(&source, &options);
            left.retain(|finding| finding.code == rule.code || finding.severity > Severity::Note);
            let left: Vec<&str> = left.iter().map(|finding| finding.code).collect();
            let decisions = before.iter().filter(|finding| finding.fixes.is_empty()).count();
            if fixed == 0 || left.len() != decisions {
                wrong.push(format!("{}: {fixed} fixed, {left:?} left\n{}", path.display(), source.text));
            }
        }
        if edited != (rule.fix != Mending::None) {
            wrong.push(format!("{}: declares {:?}, and findings with edits: {edited}", rule.code, rule.fix));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What an editor is given: each fix by itself, as edits of the texts as they are.
#[test]
fn every_fix_can_be_made_by_itself() {
    let mut wrong = Vec::new();
    for rule in rules::all() {
        for path in fixture::of(rule.code).into_iter().filter(|path| fixture::fails(path)) {
            let options = options(&path);
            let mut checked = check(Source::new(&path, fixture::profile(&path)), &options);
            let fixes = |checked: &Checked| checked.findings.iter().map(|finding| finding.fixes.len()).sum::<usize>();
            let drafted = fixes(&checked);
            resolve(&mut checked, &options);
            if fixes(&checked) != drafted {
                wrong.push(format!("{}: {drafted} fixes, and edits for {}", path.display(), fixes(&checked)));
            }
            for finding in &checked.findings {
                for fix in &finding.fixes {
                    let text = |source: usize| {
                        let edits = fix.edits.iter().filter(|edit| edit.source == source);
                        let splices = edits.map(|edit| Splice { span: edit.span, text: edit.text.clone() });
                        spliced(&checked.sources[source].text, &splices.collect::<Vec<_>>())
                    };
                    let mut options = options.clone();
                    for (index, file) in options.env_files.iter_mut().enumerate() {
                        file.source = Source::new(&file.source.path, text(1 + index));
                    }
                    let left = findings(&Source::new(&path, text(0)), &options);
                    let is_it = |other: &&Finding| other.code == finding.code && other.place.key == finding.place.key;
                    if let Some(left) = left.iter().find(is_it).filter(|left| left.message == finding.message) {
                        wrong.push(format!(
                            "{}: not mended by \"{}\": {left:#?}\n{}",
                            path.display(),
                            fix.title,
                            text(0)
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Two findings may speak of one key: what the second says of it is mended in the same layer.
#[test]
fn what_is_said_twice_of_one_key_is_mended_where_it_is_written() {
    let prod = fs::read_to_string("tests/fixtures/prod.toml").expect("the base is there");
    let csp = "default-src 'self'; frame-ancestors 'none'; form-action 'self'";
    let line = prod.lines().find(|line| line.starts_with("content_security_policy")).expect("it has a policy");
    let widget = "\n[bot_protection]\nprovider = \"turnstile\"\nsite_key = \"env:A\"\nsecret_key = \"env:B\"\n";
    for overlay in ["", "\n[modes.prod]\n"] {
        let text = prod.replace(line, &format!("content_security_policy = \"{csp}\"")) + widget + overlay;
        let mut source = Source::new("security.toml", text.as_str());
        let mut options = Options { today: fixture::TODAY.parse().ok(), ..Options::default() };
        let told: Vec<&str> = findings(&source, &options).iter().map(|finding| finding.code).collect();
        assert_eq!(told, ["HDR002", "BOT003"]);
        assert_eq!(mend(&mut source, &mut options, true), 2, "{}", source.text);
        assert!(findings(&source, &options).is_empty(), "{}", source.text);
        let changed: Vec<&str> = source.text.lines().filter(|line| !text.contains(line)).collect();
        assert!(matches!(changed[..], [line] if line.starts_with("content_security_policy = ")), "{changed:#?}");
    }
}

/// What the reader refuses hides what a rule says of it. That this is seen then is no reason to leave the refusal there.
#[test]
fn what_a_refusal_hid_does_not_keep_it_from_being_mended() {
    let prod = fs::read_to_string("tests/fixtures/prod.toml").expect("the base is there");
    let text = format!(
        "{prod}\n[cors]\nmethods = [\"GET\"]\norigins = [\"https://a.example.com/\", \"http://b.example.com/\"]\n"
    );
    let mut source = Source::new("security.toml", text.as_str());
    let mut options = Options { today: fixture::TODAY.parse().ok(), ..Options::default() };
    assert!(findings(&source, &options).iter().all(|finding| finding.code == "COR004"));
    assert_eq!(mend(&mut source, &mut options, false), 2, "{}", source.text);
    let told: Vec<&str> = findings(&source, &options).iter().map(|finding| finding.code).collect();
    assert_eq!(told, ["COR005"], "{}", source.text);
}

#[test]
fn what_changes_behaviour_is_left_alone_unless_asked_for() {
    let mut left_alone = 0;
    for path in rules::all().flat_map(|rule| fixture::of(rule.code)) {
        let mut source = Source::new(&path, fixture::profile(&path));
        let found = findings(&source, &options(&path));
        let mut fixes = found.iter().flat_map(|finding| &finding.fixes);
        if fixes.all(|fix| fix.safety == Safety::Unsafe) {
            let text = source.text.clone();
            mend(&mut source, &mut options(&path), false);
            assert_eq!(source.text, text, "{}", path.display());
            left_alone += 1;
        }
    }
    assert!(left_alone > 100, "{left_alone}");
}

/// Every change of the profile that a fix of a fixture's finding means, with the rule's code.
fn changes() -> Vec<(&'static str, Safety, Change)> {
    let mut changes = Vec::new();
    for path in rules::all().flat_map(|rule| fixture::of(rule.code)) {
        for finding in findings(&Source::new(&path, fixture::profile(&path)), &options(&path)) {
            for fix in finding.fixes {
                let change = |intent| match intent {
                    Intent::Profile(change) | Intent::Overlay(_, change) | Intent::Overlays(change) => Some(change),
                    Intent::Rename { .. } => None,
                };
                let meant = fix.intents.into_iter().filter_map(change);
                changes.extend(meant.map(|change| (finding.code, fix.safety, change)));
            }
        }
    }
    changes
}

/// That a risk is known and taken is for a person to say.
#[test]
fn no_fix_acknowledges_anything_for_a_person() {
    let acknowledging = ["accept", "acknowledged", "waivers", "fail_open", "allow"];
    for (code, _, change) in changes() {
        let key = change.key().to_string();
        assert!(!acknowledging.iter().any(|word| key.contains(word)) || key == "lockout.fail_open", "{code}: {key}");
    }
}

/// What a safe fix switches off is what a rule asks to be off; what it takes away says less than nothing.
#[test]
fn no_safe_fix_takes_a_protection_away() {
    // Debug, open documentation and a lock that fails open are no protections; HSTS is one, and where it must not be sent
    // an overlay of that mode says so.
    let off = ["app.debug", "api_docs.exposed", "lockout.fail_open", "hsts.enabled"];
    // Overrides that weaken, and elements that must not be there.
    let gone =
        ["tls.min_version", "tls.groups", "hsts.enforced_by", "cors.enforced_by", "cors.origins", "cors.methods"];
    for (code, _, change) in changes().into_iter().filter(|(_, safety, _)| *safety == Safety::Safe) {
        let key = change.key().to_string();
        let is_fine = match &change {
            Change::Set { value, .. } if value == "false" => off.contains(&key.as_str()),
            Change::Set { value, .. } => !["[]", "\"\"", "\"none\"", "\"off\""].contains(&value.as_str()),
            Change::Remove { .. } => gone.iter().any(|known| key.starts_with(known)),
            Change::Add { .. } => true,
        };
        assert!(is_fine, "{code}: {change:?}");
    }
}

/// Production's HSTS stays, whatever is wrong beside it.
#[test]
fn no_fix_turns_off_what_production_asks_for() {
    let prod = fs::read_to_string("tests/fixtures/prod.toml").expect("the base is there");
    for (from, to) in [
        ("url = \"https://shop.example.com\"", "url = \"http://shop.example.com\""),
        (
            "url = \"https://shop.example.com\"",
            "url = \"https://shop.example.com\"\nworkers = 1\n[tls]\nterminate = \"off\"",
        ),
    ] {
        for unsafe_too in [false, true] {
            let text = prod.replacen(from, to, 1);
            assert_ne!(text, prod);
            let mut source = Source::new("security.toml", text);
            mend(&mut source, &mut Options { today: fixture::TODAY.parse().ok(), ..Options::default() }, unsafe_too);
            assert!(source.text.contains("[hsts]\nenabled = true\n"), "{}", source.text);
        }
    }
}

/// Each edit by itself read and checked everything again: a minute and more here.
#[test]
fn hundreds_of_cookies_are_mended_at_once() {
    use std::fmt::Write;
    let mut text = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"staging\"\nurl = \"https://shop.example.com\"\n".to_owned();
    for number in 0..400 {
        let flags = "secure = false\nhttp_only = false\nsame_site = \"none\"";
        writeln!(text, "[cookies.c{number}]\npurpose = \"session\"\n{flags}").expect("it is a string");
    }
    let began = Instant::now();
    let mut source = Source::new("security.toml", text);
    assert_eq!(mend(&mut source, &mut Options::default(), true), 1_600);
    assert_eq!(source.text.matches("secure = true\nhttp_only = true\nsame_site = \"lax\"").count(), 400);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

/// A fixture's text once everything is mended that an edit can mend.
fn mended(fixture: &str) -> (String, String) {
    let path = Path::new("tests/rules").join(fixture);
    let mut source = Source::new(&path, fixture::profile(&path));
    let text = source.text.clone();
    mend(&mut source, &mut options(&path), true);
    (text, source.text)
}

#[test]
fn no_edit_lets_more_sites_frame_the_app() {
    for fixture in ["HDR004/fail-deny-and-self.toml", "HDR004/fail-listed.toml", "HDR004/fail-the-apps-options.toml"] {
        let (text, mended) = mended(fixture);
        assert_eq!(mended, text, "{fixture}");
    }
}

#[test]
fn an_origin_that_is_listed_is_not_listed_again() {
    let (_, mended) = mended("COR005/fail-beside-https.toml");
    assert_eq!(mended.matches("partner.example.com").count(), 1, "{mended}");
}

#[test]
fn line_endings_stay() {
    for rule in rules::all().filter(|rule| rule.fix != Mending::None) {
        for path in fixture::of(rule.code).into_iter().filter(|path| fixture::fails(path)) {
            let text = fixture::profile(&path).replace("\r\n", "\n").replace('\n', "\r\n");
            let mut source = Source::new(&path, text);
            mend(&mut source, &mut options(&path), true);
            let alone = source.text.matches('\n').count() - source.text.matches("\r\n").count();
            assert_eq!(alone, 0, "{}\n{}", path.display(), source.text);
        }
    }
}

#[test]
fn many_edits_of_one_file_go_together() {
    let path = root().join("examples/broken/security.toml");
    let text = fs::read_to_string(&path).expect("the example is there");
    let mut source = Source::new(&path, text.as_str());
    let mut options = Options { modes: Modes::All, ..options(&path) };
    assert!(mend(&mut source, &mut options, true) > 5);
    let left = findings(&source, &options);
    assert!(left.iter().all(|finding| finding.fixes.is_empty()), "{left:#?}\n{}", source.text);
    assert_eq!(comments(&source.text), comments(&text));
    assert_eq!(mend(&mut source, &mut options, true), 0, "what is mended stays");
}

/// What is right in the base for its own mode is not changed there for another mode's sake.
#[test]
fn another_modes_edit_goes_to_its_overlay() {
    let folder = folder();
    let file = folder.path().join("security.toml");
    let text = "version = 1\n\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"staging\"\nurl = \"https://shop.example.com\"\n\n\
                [hsts]\nenabled = true                          # everywhere\n\n[modes.dev]\n\n# a note at the end\n";
    fs::write(&file, text).expect("a file can be written");
    let ran = run(folder.path(), &["check", "--all-modes", "--fix"]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    assert!(ran.out.contains("1 fixed"), "{}", ran.out);
    let mended = fs::read_to_string(&file).expect("the file is there");
    assert!(mended.contains("[hsts]\nenabled = true                          # everywhere\n"), "{mended}");
    assert!(mended.contains("[modes.dev]\nhsts = { enabled = false }\n"), "{mended}");
    assert!(mended.ends_with("# a note at the end\n"), "{mended}");
}

/// Each edit of a list was thought out for the list as it stood.
#[test]
fn edits_of_one_list_do_not_meet() {
    for (origins, mended) in [
        (
            r#"["null", "https://Bad.example.com", "https://ok.example.com"]"#,
            r#"["https://bad.example.com", "https://ok.example.com"]"#,
        ),
        (
            r#"["https://a.example.com/", "null", "https://ok.example.com", "null"]"#,
            r#"["https://a.example.com", "https://ok.example.com"]"#,
        ),
    ] {
        for section in ["cors", "modes.dev.cors"] {
            let folder = folder();
            let file = folder.path().join("security.toml");
            let head = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n";
            fs::write(&file, format!("{head}[{section}]\norigins = {origins}\n")).expect("a file can be written");
            assert_eq!(run(folder.path(), &["check", "--fix"]).code, Some(0), "{section}: {origins}");
            let text = fs::read_to_string(&file).expect("the file is there");
            assert!(text.contains(&format!("origins = {mended}\n")), "{text}");
        }
    }
}

/// The base may be meant for another mode than the profile's own.
#[test]
fn no_edit_leaves_another_mode_worse_off() {
    let folder = folder();
    let file = folder.path().join("security.toml");
    let prod = fs::read_to_string("tests/fixtures/prod.toml").expect("the base is there");
    let dev_first = prod
        .replacen("name = \"shop\"\n", "name = \"shop\"\nmode = \"dev\"\n", 1)
        .replace("url = \"https://shop.example.com\"\n", "url = \"http://localhost:8000\"\n")
        + "\n[modes.prod]\napp = { url = \"https://shop.example.com\" }\n";
    fs::write(&file, &dev_first).expect("a file can be written");
    let prod_before = run(folder.path(), &["check", "--mode", "prod"]).out;
    assert_eq!(run(folder.path(), &["check", "--fix"]).code, Some(0));
    let text = fs::read_to_string(&file).expect("the file is there");
    assert!(text.contains("[hsts]\nenabled = true\n"), "{text}");
    assert!(text.contains("[modes.dev]\nhsts = { enabled = false }\n"), "{text}");
    assert_eq!(run(folder.path(), &["check", "--mode", "prod"]).out, prod_before);
}

#[test]
fn a_diff_is_shown_and_nothing_written() {
    let folder = folder();
    let file = folder.path().join("security.toml");
    let text = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n[headers]\ncontent_type_options = false\n";
    fs::write(&file, text).expect("a file can be written");
    let ran = run(folder.path(), &["check", "--fix", "--diff"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.out.contains("-content_type_options = false\n+content_type_options = true\n"), "{}", ran.out);
    assert_eq!(fs::read_to_string(&file).ok().as_deref(), Some(text));
    assert_eq!(run(folder.path(), &["check", "--fix"]).code, Some(0));
    assert_eq!(run(folder.path(), &["check", "--fix", "--diff"]).code, Some(0), "nothing is left to do");
    assert_eq!(run(folder.path(), &["check", "--diff"]).code, Some(2), "a diff of what?");
}

#[test]
#[cfg(unix)]
fn a_mended_file_stays_what_it_was() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder();
    let real = folder.path().join("real.toml");
    let text = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n[headers]\ncontent_type_options = false\n";
    fs::write(&real, text).expect("a file can be written");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("it is ours");
    symlink("real.toml", folder.path().join("security.toml")).expect("a link can be made");
    assert_eq!(run(folder.path(), &["check", "--fix"]).code, Some(0));
    assert!(fs::symlink_metadata(folder.path().join("security.toml")).is_ok_and(|data| data.is_symlink()));
    assert!(fs::read_to_string(&real).is_ok_and(|text| text.contains("content_type_options = true")));
    assert_eq!(fs::metadata(&real).map(|data| data.permissions().mode() & 0o777).ok(), Some(0o640));
}
