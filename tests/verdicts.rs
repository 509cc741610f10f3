//! What a verdict rests on: kinds of profiles that look right by the app's word and are not, each with several members.
//!
//! | kind | where it is tested |
//! |---|---|
//! | the app's variables say something else than the profile, set or by the code's default | [`variables_are_judged_by_the_rules`] here; `env_file::what_the_app_is_told_decides_whether_it_is_ready`; `tests/rules/{COR002,COR005,DBG004,EML002}/fail-*told*`, `fail-by-default` |
//! | a variable holds what is no value of its key | [`a_value_that_is_none_is_an_error`]; `tests/rules/RND001/fail-no-value` |
//! | several variables say one thing, or contradict each other | `tests/rules/{RND001/fail-contradiction,RND003/pass-variables-together}`; `env_target::round_trip` |
//! | a release lacks what another has | [`what_a_release_lacks_is_a_gap`]; `report::no_line_is_better_than_the_code_of_its_release`; `tests/rules/{ROT005,RND004,COK017,RAT005}/*release*` |
//! | the app sends a header by itself | [`what_an_app_sends_counts_as_sent`]; `tests/rules/HDR*/{fail,pass}-the-apps-*`, `tests/rules/DBG005/fail-the-apps-policy` |
//! | the app does in part what is asked | [`a_part_of_what_is_asked_is_a_gap`]; `tests/rules/{COR009,LCK001,PWD008}`, `tests/rules/RND004/fail-settled-otherwise` |
//! | a key reaches nobody | [`no_key_that_is_written_is_lost`] |
//! | a true statement is told | [`a_true_statement_is_no_finding`]; `tests/rules/RND004/pass-true-statements` |
//! | the app's server believes another address than the proxy's | [`a_server_that_believes_another_machine_is_told`]; `tests/rules/PRX011` |
//! | a variable is of another release | `tests/rules/RAT005/fail-another-release` |
//! | a variable does nothing, a path is open until somebody sets the app up | [`set_up_paths_are_closed_behind_every_edge`]; `tests/rules/RAT005`; `tests/proxies/suite` |
//! | an entry of `[access]` lets everyone in | [`what_lets_everyone_in_closes_nothing`] |
//! | the app counts by itself | [`the_apps_own_limits_are_in_the_plan`]; `tests/rules/RAT003/*-the-apps-own` |
//! | mail goes to whoever answers | `tests/rules/EML005`, `tests/rules/RND001/fail-settled` |
//! | a driver has its own words | `rules::connection::tests::each_driver_is_told_in_its_own_words`; `tests/rules/RND001/fail-driver` |
//! | a value was refused | `tests/reads.rs` |
//! | behind one edge and not behind another | [`each_edge_is_judged_by_itself`]; `env_file::what_an_app_is_told_is_compared_behind_each_edge` |
//! | `check` passes what `render` refuses | `render::whatever_rendering_refuses_a_check_has_said` |
//! | nobody is known to meet a demand | [`a_demand_that_nobody_is_known_to_meet_is_told`]; `tests/rules/RAT003`, `tests/rules/RND004/fail-left-to-an-unknown-app` |
//! | a line of a checklist says a figure | `report::a_line_is_judged_by_its_own_words` |
//! | the plan has a gap, and the rule that tells it speaks of something else | [`every_gap_is_told`] |
//! | the profile has keys for what the app's code does not do | [`keys_that_no_code_reads_protect_nothing`] |
//! | a value that nobody can mean | [`every_amount_has_an_end`]; `schema::bounds_are_the_last_values_that_are_taken` |

#![allow(missing_docs, reason = "a test")]

use seccfg::apps::Packs;
use seccfg::check::{EnvFile, Modes, Opened, Options};
use seccfg::finding::{Finding, Severity};
use seccfg::input;
use seccfg::plan::{Evidence, Owner, Plan, Target};
use seccfg::profile::vocabulary::{self, Absent, Kind};
use seccfg::profile::{Mode, Shape};
use seccfg::source::{KeyPath, Source};
use seccfg::targets::env;

const TODAY: &str = "2026-11-21";

/// A profile of a kind of app in production, with more keys of `[app]` and further sections.
fn profile(kind: &str, more: &str) -> String {
    format!("version = 1\n[app]\nname = \"shop\"\nkind = \"{kind}\"\nurl = \"https://shop.example.com\"\n{more}")
}

/// What is found in it, beside an `.env` file where one is given.
fn found(text: &str, env: Option<&str>) -> Vec<Finding> {
    let file = |text: &str| EnvFile::of(Some(Mode::Prod), Source::new(".env", text));
    let options = Options {
        modes: Modes::One(Mode::Prod),
        env_files: env.map(file).into_iter().collect(),
        packs: input::packs(),
        today: TODAY.parse().ok(),
        ..Options::default()
    };
    let source = Source::new("security.toml", text);
    Opened::read(&source, &options.env_files, &options.packs).check(&options).0
}

fn has(found: &[Finding], code: &str, key: &str) -> bool {
    found.iter().any(|one| one.code == code && one.place.key.to_string() == key)
}

/// Asks the plan of a profile behind an edge.
fn planned<T>(text: &str, target: Target, ask: impl FnOnce(&Plan<'_>) -> T) -> T {
    let source = Source::new("security.toml", text);
    let opened = Opened::read(&source, &[], &Packs::default());
    assert!(opened.is_sound(), "{text}");
    let policy = opened.policy(Mode::Prod).expect("a profile");
    ask(&opened.plans(&policy, &[target])[0])
}

/// The controls that nobody enforces.
fn gaps(text: &str, target: Target) -> Vec<String> {
    planned(text, target, |plan| plan.gaps().map(|(entry, _)| entry.control.to_string()).collect())
}

#[test]
fn variables_are_judged_by_the_rules() {
    let mail = "[email]\nenabled = true\ncarrier = \"smtp\"\n[email.smtp]\nhost = \"smtp.example.com\"\n";
    let relay = "[email]\nenabled = true\ncarrier = \"smtp\"\nfrom = \"noreply@shop.example.com\"\n[email.smtp]\nhost = \"localhost\"\n";
    let limits = "[rate_limits]\nenabled = true\n";
    let elsewhere = "upstream = \"10.0.0.5:8000\"\n[proxy]\naddresses = [\"10.0.0.7\"]\n";
    // The app, what the profile says besides, the file, and the rule with the key at which it speaks.
    let cases = [
        ("instacrud", "", "MODE=test\n", "DBG004", "app.mode", Evidence::Held),
        ("instacrud", "", "MODE=prod\nCORS_ALLOW_ORIGINS=*\n", "COR002", "cors.origins[0]", Evidence::Held),
        // What else stands there, a name that no browser sends, takes nothing away from that.
        ("instacrud", "", "MODE=prod\nCORS_ALLOW_ORIGINS=*,my-host\n", "COR002", "cors.origins[0]", Evidence::Held),
        ("instacrud", "", "MODE=prod\n", "COR002", "cors.origins[0]", Evidence::Known),
        (
            "instacrud",
            mail,
            "MODE=prod\nEMAIL_ENABLED=1\nEMAIL_CARRIER=smtp\nSMTP_HOST=smtp.example.com\nSMTP_TLS=0\nSMTP_SSL=0\n",
            "EML002",
            "email.smtp.security",
            Evidence::Held,
        ),
        ("instacrud", "", "OPEN_REGISTRATION=true\n", "BOT004", "bot_protection", Evidence::Held),
        ("fastcms", "", "ENVIRONMENT=production\nDEBUG=1\n", "DBG001", "app.debug", Evidence::Held),
        ("fastcms", "", "", "DBG004", "app.mode", Evidence::Held),
        ("fastcms", "", "ENVIRONMENT=production\n", "COR005", "cors.origins[0]", Evidence::Known),
        // The name of a server and the domain of a mailbox are public, and whose mailbox it is stays unsaid.
        ("fastcms", relay, "SMTP_HOST=smtp.gmail.com\n", "EML005", "email.smtp.verify_certificate", Evidence::Held),
        (
            "fastcms",
            relay,
            "BASE_URL=https://shop.example.com\nSMTP_FROM_EMAIL=not-to-be-shown@gmail.com\n",
            "EML003",
            "email.from",
            Evidence::Held,
        ),
        ("fastcms", "", "FORWARDED_ALLOW_IPS=*\n", "PRX002", "proxy.addresses[0]", Evidence::Held),
        ("fastcms", "", "FORWARDED_ALLOW_IPS=127.0.0.1,0.0.0.0/0\n", "PRX002", "proxy.addresses[1]", Evidence::Held),
        ("fastcms", "", "FORWARDED_ALLOW_IPS=8.0.0.0/8\n", "PRX010", "proxy.addresses[0]", Evidence::Held),
        ("fastcms", limits, "RATE_LIMIT_ENABLED=no\n", "RAT001", "rate_limits.enabled", Evidence::Held),
        ("fastcms", "", "ACCESS_TOKEN_EXPIRE_MINUTES=999999\n", "SEC007", "tokens.access_ttl", Evidence::Held),
        // What neither the profile nor the file says, the app's code does.
        ("fastcms", "", "", "SEC007", "tokens.access_ttl", Evidence::Known),
        ("instacrud", "", "MODE=prod\n", "DAT002", "database.url", Evidence::Known),
        ("fastcms", "workers = 4\n", "", "DAT001", "database.url", Evidence::Known),
        // The proxy comes from this machine, through a socket, or from where the profile says.
        ("fastcms", "", "FORWARDED_ALLOW_IPS=10.0.0.0/8\n", "PRX011", "proxy.addresses", Evidence::Held),
        ("fastcms", "", "FORWARDED_ALLOW_IPS=\n", "PRX011", "proxy.addresses", Evidence::Held),
        ("fastcms", "upstream = \"unix:/run/x.sock\"\n", "", "PRX011", "proxy.addresses", Evidence::Known),
        ("fastcms", elsewhere, "", "PRX011", "proxy.addresses", Evidence::Known),
        ("fastcms", elsewhere, "FORWARDED_ALLOW_IPS=10.0.0.9\n", "PRX011", "proxy.addresses", Evidence::Held),
    ];
    for (kind, sections, env, code, key, evidence) in cases {
        let found = found(&profile(kind, sections), Some(env));
        let one =
            found.iter().find(|one| one.code == code && one.place.key.to_string() == key && one.place.source == 1);
        let codes = || found.iter().map(|one| format!("{} {}", one.code, one.place.key)).collect::<Vec<_>>();
        let one = one.unwrap_or_else(|| panic!("{kind}: {env}: no {code} at {key} in {:?}", codes()));
        assert_eq!(one.evidence, Some(evidence), "{kind}: {env}: {code}");
        let texts = found.iter().flat_map(|one| [&one.message, &one.help, &one.place.text]);
        assert!(texts.into_iter().all(|text| !text.contains("not-to-be-shown")), "{kind}: {env}");
    }
}

#[test]
fn whom_a_server_believes_by_its_file_is_no_finding_where_that_is_the_proxy() {
    let elsewhere = "upstream = \"10.0.0.5:8000\"\n[proxy]\naddresses = [\"10.0.0.7\"]\n";
    for (sections, env) in [
        ("", ""),
        ("", "FORWARDED_ALLOW_IPS=10.0.0.9,127.0.0.1\n"),
        ("", "FORWARDED_ALLOW_IPS=127.0.0.0/8\n"),
        ("upstream = \"unix:/run/x.sock\"\n", "FORWARDED_ALLOW_IPS=*\n"),
        (elsewhere, "FORWARDED_ALLOW_IPS=10.0.0.0/24\n"),
        ("[proxy]\naddresses = [\"172.18.0.1\"]\n", "FORWARDED_ALLOW_IPS=172.18.0.1\n"),
    ] {
        let found = found(&profile("fastcms", sections), Some(env));
        assert!(!found.iter().any(|one| one.code == "PRX011"), "{sections}{env}");
    }
}

/// A key that is in use under another name or spelling is found there, and judged: nobody is told to add a second one.
#[test]
fn a_secret_is_found_under_every_name_that_the_app_reads() {
    let key = |name: &str| format!("[secrets.app_key]\nsource = \"env:{name}\"\npurpose = \"signing\"\n");
    let cms = key("SECRET_KEY").replace("app_key", "secret_key");
    let aliased = "tests/fixtures/packs/names-a-key-twice.toml";
    for (kind, sections, name) in
        [("fastcms", &cms, "secret_key"), (aliased, &key("APP_KEY"), "OLD_KEY"), (aliased, &key("OLD_KEY"), "APP_KEY")]
    {
        let text = profile(kind, sections);
        let sound = found(&text, Some(&format!("{name}={}\n", "5f0c9e1b7a3d2846".repeat(2).replace('7', "c7b1f"))));
        assert!(!sound.iter().any(|one| ["SEC010", "SEC015"].contains(&one.code)), "{name}: {sound:#?}");
        let weak = found(&text, Some(&format!("{name}=changeme\n")));
        assert!(weak.iter().any(|one| one.code == "SEC003" && one.place.source == 1), "{name}: {weak:#?}");
    }
}

/// The app reads a variable, whatever file the profile names.
#[test]
fn a_file_that_the_app_does_not_read_is_no_secret() {
    for (kind, sections, key) in [
        ("instacrud", "[secrets.secret_key]\nsource = \"file:/run/secrets/k\"\n", "secrets.secret_key.source"),
        ("fastcms", "[secrets.secret_key]\nsource = \"file:/run/secrets/k\"\n", "secrets.secret_key.source"),
        ("instacrud", "[database]\nengine = \"mongodb\"\nurl = \"file:/run/secrets/m\"\n", "database.url"),
    ] {
        let found = found(&profile(kind, sections), Some("MODE=prod\n"));
        assert!(has(&found, "SEC010", key), "{kind}: {key}");
    }
}

/// Of a release of which no code was read, nobody knows what an unset variable stands for: what the profile asks for is not held.
#[test]
fn a_demand_that_no_file_tells_the_app_is_told() {
    let sections = "release = \"pages-2026\"\n[lockout]\nenabled = true\nattempts = 5\n";
    let asked = |env: &str| {
        let found = found(&profile("fastcms", sections), Some(env));
        ["app.mode", "lockout.enabled"].map(|key| has(&found, "RND003", key))
    };
    assert_eq!(asked(""), [true, true]);
    assert_eq!(asked("ENVIRONMENT=production\nACCOUNT_LOCKOUT_ENABLED=true\n"), [false, false]);
}

/// Advice leads out: a secret of which the app has no variable is not to be added to a file that it then refuses.
#[test]
fn nobody_is_told_to_add_what_the_app_refuses() {
    let secret = "[secrets.admin_password]\nsource = \"env:ADMIN_PASSWORD\"\npurpose = \"admin\"\n";
    let found = found(&profile("instacrud", secret), Some("MODE=prod\n"));
    let one = found.iter().find(|one| one.place.key.to_string() == "secrets.admin_password.source");
    assert!(one.is_some_and(|one| one.help.starts_with("take `secrets.admin_password.source` out")), "{found:#?}");
}

/// What is public is measured by nothing that is for secrets.
#[test]
fn the_id_of_a_client_is_no_secret() {
    let env = "SMTP_USER=mailer\nGITHUB_CLIENT_ID=shop\n";
    let found = found(&profile("fastcms", ""), Some(env));
    let is_one = |one: &&Finding| ["SEC010", "SEC015"].contains(&one.code) && one.place.source == 1;
    assert_eq!(found.iter().find(is_one), None);
}

/// The app takes it, and cannot do what it says. What it says is not shown: a secret may stand in the wrong place.
#[test]
fn a_value_that_is_none_is_an_error() {
    let limits = "[cors]\norigins = [\"https://www.example.com\"]\nmethods = [\"GET\"]\nenforced_by = \"app\"\n";
    let mail =
        "[email]\nenabled = true\ncarrier = \"smtp\"\nfrom = \"a@shop.example.com\"\n[email.smtp]\nhost = \"mail\"\n";
    for (kind, sections, env, key) in [
        ("instacrud", "[tokens]\nalgorithms = [\"HS256\"]\n", "ALGORITHM=HS1", "tokens.algorithms"),
        ("instacrud", "[tokens]\nalgorithms = [\"HS256\"]\n", "ALGORITHM=hs256", "tokens.algorithms"),
        ("instacrud", "", "CORS_ALLOW_ORIGINS=my-host", "cors.origins"),
        ("instacrud", limits, "CORS_ALLOW_ORIGINS=https://www.example.com\nCORS_ALLOW_METHODS=g(e)t", "cors.methods"),
        ("fastcms", mail, "SMTP_FROM_EMAIL='not an address'", "email.from"),
        ("fastcms", mail, "SMTP_HOST=mail:587", "email.smtp.host"),
    ] {
        let mode = if kind == "fastcms" { "ENVIRONMENT=production\nCORS_ORIGINS='[]'" } else { "MODE=prod" };
        let found = found(&profile(kind, sections), Some(&format!("{mode}\n{env}\n")));
        let of_key: Vec<_> = found.iter().filter(|one| one.place.key.to_string() == key).collect();
        let codes: Vec<_> = of_key.iter().map(|one| (one.code, one.severity)).collect();
        assert_eq!(codes, [("RND001", Severity::Error)], "{env}: {of_key:#?}");
        assert!(!of_key[0].message.contains("not an address") && !of_key[0].help.is_empty(), "{env}");
    }
    // What says nothing is a difference, and an app may be told nothing.
    let found = found(&profile("fastcms", mail), Some("ENVIRONMENT=production\nCORS_ORIGINS='[]'\nSMTP_HOST=\n"));
    assert!(has(&found, "RND003", "email.smtp.host"), "{found:#?}");
}

/// A help names what there is: a value of the profile, or else the default of the app's code.
#[test]
fn where_the_profile_says_nothing_the_help_does_not_point_there() {
    for (kind, env, code, help) in [
        (
            "fastcms",
            "FORWARDED_ALLOW_IPS=*\n",
            "PRX002",
            "take `FORWARDED_ALLOW_IPS` away, so that FastCMS takes `127.0.0.1`",
        ),
        // By the default a token lives for a day, which is no less a finding.
        ("fastcms", "ACCESS_TOKEN_EXPIRE_MINUTES=999999\n", "SEC007", "set `tokens.access_ttl"),
    ] {
        let found = found(&profile(kind, ""), Some(env));
        let one =
            found.iter().find(|one| one.code == code && one.place.source == 1).unwrap_or_else(|| panic!("{code}"));
        assert!(one.help.starts_with(help), "{}", one.help);
    }
}

/// A waiver accepts what the profile says. It does not accept that the file says something else.
#[test]
fn a_difference_is_told_where_the_rule_that_it_breaks_is_waived() {
    let env = "MODE=prod\nCORS_ALLOW_ORIGINS=*\nRATE_LIMIT_ENABLED=no\n";
    let codes = |sections: &str, kind: &str, key: &str| {
        let of_key = |one: &Finding| one.place.key.to_string().starts_with(key);
        let found = found(&profile(kind, sections), Some(env));
        found.into_iter().filter(of_key).map(|one| one.code).collect::<Vec<_>>()
    };
    let waived = |code: &str| {
        format!("[[waivers]]\nrule = \"{code}\"\nreason = \"accepted until the move\"\nexpires = 2027-03-01\n")
    };
    for (kind, key, sections, code) in [
        ("instacrud", "cors.origins", "", "COR002"),
        ("fastcms", "rate_limits.enabled", "[rate_limits]\nenabled = true\n", "RAT001"),
    ] {
        assert_eq!(codes(sections, kind, key), [code]);
        assert_eq!(codes(&format!("{sections}{}", waived(code)), kind, key), ["RND003"]);
    }
}

#[test]
fn what_a_release_lacks_is_a_gap() {
    let lockout = "[lockout]\nenabled = true\nkey = \"account\"\n";
    let passwords = "[passwords]\nmin_length = 15\n";
    let history = "[passwords]\nhistory = 24\n";
    let filter = "[ip_filter]\nenabled = true\nallow = [\"10.0.0.0/8\"]\n";
    for (sections, control) in [(lockout, "lockout"), (passwords, "passwords"), (history, "passwords")] {
        let in_release =
            |release: &str| gaps(&profile("fastcms", &format!("release = \"{release}\"\n{sections}")), Target::Nginx);
        assert!(in_release("2025-12").contains(&control.to_owned()), "{sections}");
        assert!(!in_release("pages-2026").contains(&control.to_owned()), "{sections}");
        // Without a word the code counts that somebody has read.
        assert_eq!(gaps(&profile("fastcms", sections), Target::Nginx), in_release("2025-12"));
    }
    // What an edge does, no release lacks.
    assert_eq!(gaps(&profile("fastcms", filter), Target::Nginx), Vec::<String>::new());
    let previous = "[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\nprevious = \"env:SECRET_KEY_PREVIOUS\"\n";
    assert!(has(&found(&profile("fastcms", previous), None), "ROT005", "secrets.secret_key.previous"));
    let later = profile("fastcms", &format!("release = \"pages-2026\"\n{previous}"));
    assert!(!has(&found(&later, None), "ROT005", "secrets.secret_key.previous"));
}

#[test]
fn what_an_app_sends_counts_as_sent() {
    let found_of = |kind: &str, sections: &str| found(&profile(kind, sections), None);
    let csp = "headers.content_security_policy";
    assert!(!has(&found_of("fastcms", ""), "HDR001", csp));
    assert!(has(&found_of("fastcms", "release = \"pages-2026\"\n"), "HDR001", csp), "its pages send none");
    assert!(has(&found_of("generic", ""), "HDR001", csp));
    // What it sends is judged as if the profile said it.
    assert!(has(&found_of("fastcms", ""), "HDR003", csp));
    assert!(!has(&found_of("fastcms", ""), "HDR006", "headers.referrer_policy"));
    // With the value of the wire.
    let hsts = |more: &str| profile("fastcms", &format!("[hsts]\nenabled = true\nenforced_by = \"app\"\n{more}"));
    assert!(gaps(&hsts("include_subdomains = false\n"), Target::Nginx).contains(&"HSTS".to_owned()));
    assert!(gaps(&hsts("max_age = \"2y\"\ninclude_subdomains = true\n"), Target::Nginx).contains(&"HSTS".to_owned()));
    assert_eq!(gaps(&hsts("include_subdomains = true\n"), Target::Nginx), Vec::<String>::new());
}

#[test]
fn a_part_of_what_is_asked_is_a_gap() {
    let cors = |lists: &str| {
        let cors = format!("[cors]\nenforced_by = \"app\"\norigins = [\"https://www.example.com\"]\n{lists}");
        found(&profile("fastcms", &cors), None)
    };
    assert!(has(&cors("headers = [\"Authorization\"]\n"), "COR009", "cors.enforced_by"));
    assert!(has(&cors("methods = [\"GET\"]\nheaders = [\"*\"]\n"), "COR009", "cors.enforced_by"));
    // No proxy gives flags to a cookie that a script sets, whichever flag is asked for.
    for flags in ["secure = true\nhttp_only = true\n", "same_site = \"strict\"\n"] {
        let cookie = format!("[cookies.access_token]\npurpose = \"session\"\n{flags}");
        assert!(has(&found(&profile("fastcms", &cookie), None), "COK017", "cookies.access_token"), "{flags}");
        let later = profile("fastcms", &format!("release = \"pages-2026\"\n{cookie}"));
        assert!(!has(&found(&later, None), "COK017", "cookies.access_token"), "{flags}");
    }
}

/// Every key about accounts reaches somebody, or is told: by a variable, a fact of the code, or a finding at the key or at
/// its section.
#[test]
fn no_key_that_is_written_is_lost() {
    const SECTIONS: [&str; 4] = ["lockout", "passwords", "sessions", "tokens"];
    for kind in ["fastcms", "instacrud"] {
        for section in SECTIONS {
            let keys = vocabulary::at(&[section]).expect("it is a section").kind.keys();
            for key in keys.iter().filter(|key| key.name != "enabled") {
                let values = samples(key.kind);
                assert!(!values.is_empty(), "{section}.{}", key.name);
                let on = if section == "lockout" { "enabled = true\n" } else { "" };
                for value in values {
                    let path = format!("{section}.{}", key.name);
                    let text = profile(kind, &format!("[{section}]\n{on}{} = {value}\n", key.name));
                    let source = Source::new("security.toml", text.as_str());
                    let opened = Opened::read(&source, &[], &Packs::default());
                    // What nobody can mean is refused.
                    if !opened.is_sound() {
                        continue;
                    }
                    let policy = opened.policy(Mode::Prod).expect("a profile");
                    let plans = opened.plans(&policy, &[]);
                    let told = env::assignments(&plans).is_ok_and(|told| told.iter().any(|one| one.key == path));
                    let entry = plans[0].entries.iter().find(|one| one.control.is_asked_by(&KeyPath::dotted(&path)));
                    let is_known = plans[0].app.settled(&path).is_some()
                        || entry.is_some_and(|entry| plans[0].evidence(entry) == Some(Evidence::Known));
                    let is_found = || {
                        // What nobody enforces is told at the key of the control.
                        let gap = entry.filter(|entry| entry.owner == Owner::Gap).map(|entry| entry.control.key());
                        let about = |key: &KeyPath| key.touches(&KeyPath::dotted(&path)) || gap.as_ref() == Some(key);
                        found(&text, None).iter().any(|one| about(&one.place.key) && one.code != "LCK005")
                    };
                    // False and nothing ask for nothing.
                    let asks = !["false", "0", "[]"].contains(&value.as_str());
                    assert!(!asks || told || is_known || is_found(), "{kind}: nobody is told {path} = {value}");
                }
            }
        }
    }
}

/// Values that a key of this kind can have.
fn samples(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::Boolean => vec!["true".to_owned()],
        Kind::Integer { .. } => vec!["24".to_owned()],
        Kind::Text(text) => match text.words.last() {
            Some(word) => vec![format!("\"{}\"", word.word)],
            None => text.examples.last().map(|text| format!("\"{text}\"")).into_iter().collect(),
        },
        Kind::List(each) => samples(each).into_iter().map(|one| format!("[{one}]")).collect(),
        Kind::OneOrMany(each) => samples(each),
        Kind::Date | Kind::Entries { .. } | Kind::Section(_) | Kind::Overlays | Kind::Other(_) => Vec::new(),
    }
}

#[test]
fn a_true_statement_is_no_finding() {
    for statement in [
        "[passwords]\nhash = \"bcrypt\"\n",
        "[lockout]\nenabled = false\n",
        "[passwords]\nmfa = false\n",
        "[email]\nenabled = true\ncarrier = \"smtp\"\n[email.smtp]\nhost = \"smtp.example.com\"\nsecurity = \"starttls\"\n",
    ] {
        let without = found(&profile("fastcms", ""), None);
        let with = found(&profile("fastcms", statement), None);
        let is_new = |one: &&Finding| one.code.starts_with("RND") && !without.iter().any(|old| old.code == one.code);
        assert_eq!(with.iter().find(is_new).map(|one| &one.message), None, "{statement}");
    }
}

#[test]
fn a_server_that_believes_another_machine_is_told() {
    for (upstream, is_told) in [
        ("127.0.0.1:8000", false),
        // uvicorn believes 127.0.0.1, and who connects to ::1 comes from there.
        ("[::1]:8000", true),
        ("localhost:8000", false),
        ("unix:/run/shop.sock", false),
        ("10.0.0.5:8000", true),
        ("192.168.1.7:8000", true),
        ("[fd00::7]:8000", true),
        ("app:8000", true),
    ] {
        let text = profile("fastcms", &format!("upstream = \"{upstream}\"\n"));
        let found = found(&text, None);
        assert_eq!(found.iter().any(|one| one.code == "PRX011"), is_told, "{upstream}");
        let addresses = format!("{text}[proxy]\naddresses = [\"10.0.0.9\"]\n");
        assert!(!self::found(&addresses, None).iter().any(|one| one.code == "PRX011"), "{upstream} with addresses");
    }
}

#[test]
fn set_up_paths_are_closed_behind_every_edge() {
    let text = profile("fastcms", "[targets.kubernetes.gateway]\nname = \"edge\"\n");
    for (target, owner) in [(Target::Nginx, true), (Target::Caddy, true), (Target::Kubernetes, false)] {
        planned(&text, target, |plan| {
            let entry = plan.entries.iter().find(|one| one.control.to_string() == "set-up pages");
            let entry = entry.unwrap_or_else(|| panic!("{target}: it is asked for"));
            assert_eq!(matches!(entry.owner, Owner::Layer(_)), owner, "{target}");
        });
    }
    // Where nobody closes them, that is told.
    let behind = found(&text, None);
    let is_told = |one: &Finding| one.code == "K8S006" && one.message.contains("set-up pages");
    assert!(behind.iter().any(is_told), "{behind:#?}");
    for variable in ["ADMIN_PASSWORD", "RATE_LIMIT_PER_MINUTE"] {
        let found = found(&profile("fastcms", ""), Some(&format!("ENVIRONMENT=production\n{variable}=20\n")));
        assert!(found.iter().any(|one| one.code == "RAT005" && one.message.contains(variable)), "{variable}");
    }
}

/// An entry that lets every network in is no lock.
#[test]
fn what_lets_everyone_in_closes_nothing() {
    let entry = |paths: &str, more: &str| format!("mode = \"prod\"\n[access.open]\npaths = {paths}\n{more}");
    let docs = "[\"/docs\", \"/redoc\", \"/openapi.json\"]";
    for networks in ["[\"0.0.0.0/0\", \"::/0\"]", "[\"0.0.0.0/1\", \"128.0.0.0/1\"]"] {
        let networks = format!("networks = {networks}\n");
        assert!(has(&found(&profile("fastcms", &entry(docs, &networks)), None), "DBG002", "access.open.networks"));
        assert!(has(
            &found(&profile("generic", &entry("[\"/.git\"]", &networks)), None),
            "DBG006",
            "access.open.paths[0]"
        ));
        let set_up = entry("[\"/api/v1/setup\"]", &networks);
        assert!(has(&found(&profile("fastcms", &set_up), None), "DBG006", "access.open.networks"));
        // A second entry closes it again.
        let closed = format!("{networks}[access.own]\npaths = {docs}\nnetworks = [\"192.0.2.0/24\"]\n");
        let found = found(&profile("fastcms", &entry(docs, &closed)), None);
        assert!(!found.iter().any(|one| one.code == "DBG002"), "{found:#?}");
    }
    let few = entry(docs, "networks = [\"192.0.2.0/24\"]\n");
    let found = found(&profile("fastcms", &few), None);
    assert!(!found.iter().any(|one| ["DBG002", "DBG006"].contains(&one.code)), "{found:#?}");
}

#[test]
fn the_apps_own_limits_are_in_the_plan() {
    for (kind, sections, route, limit) in [
        ("crudauth", "", "sign_up", "5/h per ip"),
        ("crudauth", "", "change_password", "5/h per user"),
        ("instacrud", "", "sign_in", "20/min per ip"),
    ] {
        let own: Vec<(String, String)> = planned(&profile(kind, sections), Target::Nginx, |plan| {
            plan.own_limits().map(|(name, limit)| (name.to_string(), limit.to_string())).collect()
        });
        assert!(own.iter().any(|(name, says)| name == route && says.starts_with(limit)), "{kind} {route}: {own:?}");
        // Where the profile asks for one, that is what the plan speaks of.
        let asked = format!("[rate_limits.routes.{route}]\nlimit = \"3/min\"\n");
        planned(&profile(kind, &asked), Target::Nginx, |plan| {
            assert!(plan.own_limits().all(|(name, _)| name.as_str() != route), "{kind} {route}");
        });
    }
}

#[test]
fn each_edge_is_judged_by_itself() {
    let limit = "[rate_limits.routes.sign_in]\nlimit = \"5/min\"\npaths = [\"/login\"]\n[targets.nginx]\n";
    let gateway = "[targets.kubernetes.gateway]\nname = \"edge\"\nimplementation = \"istio\"\n";
    for (other, code, target) in
        [(gateway, "RAT003", Target::Kubernetes), ("[targets.caddy]\n", "RAT003", Target::Caddy)]
    {
        let sections = format!("{limit}{other}");
        let text = profile("generic", &sections);
        let found = found(&text, None);
        let of_code: Vec<&Finding> = found.iter().filter(|one| one.code == code).collect();
        assert!(!of_code.is_empty(), "{sections}");
        assert!(of_code.iter().all(|one| one.targets == [target]), "{sections}: {of_code:#?}");
    }
}

#[test]
fn a_demand_that_nobody_is_known_to_meet_is_told() {
    let limit = "[rate_limits.routes.sign_up]\nlimit = \"5/min\"\n";
    let by_user = "[rate_limits.routes.sign_in]\nlimit = \"5/min\"\nper = \"user\"\npaths = [\"/login\"]\n";
    for (sections, code) in [
        (limit.to_owned(), "RAT003"),
        (format!("{limit}[targets.caddy]\nplugins = [\"rate_limit\"]\n"), "RAT003"),
        (format!("{limit}[targets.caddy]\n"), "RAT003"),
        (by_user.to_owned(), "RAT003"),
    ] {
        let found = found(&profile("generic", &sections), None);
        let told = found.iter().find(|one| one.code == code && one.place.key.to_string().starts_with("rate_limits"));
        assert!(told.is_some_and(|one| one.severity >= Severity::Note), "{sections}");
    }
}

/// Every length of time, size and count has an end in the vocabulary, or a rule that speaks of it long before.
#[test]
fn keys_that_no_code_reads_protect_nothing() {
    let bots = "open_registration = true\n[bot_protection]\nsite_key = \"env:TURNSTILE_SITE_KEY\"\n\
                secret_key = \"env:TURNSTILE_SECRET_KEY\"\n";
    // Of the newer release of FastCMS, nobody has read the code.
    for (kind, release, is_told) in [
        ("fastcms", "2025-12", true),
        ("fastcms", "pages-2026", false),
        ("instacrud", "2026-04", false),
        ("generic", "", false),
    ] {
        let release = if release.is_empty() { String::new() } else { format!("release = \"{release}\"\n") };
        let found = found(&profile(kind, &format!("{release}{bots}")), None);
        assert_eq!(has(&found, "BOT004", "bot_protection"), is_told, "{kind} {release}: {found:#?}");
        // No policy has to let a widget in that is not there.
        let closed = bots.replace("open_registration = true\n", "");
        let csp = "[headers]\ncontent_security_policy = \"default-src 'self'\"\n";
        let found = self::found(&profile(kind, &format!("{release}{closed}{csp}")), None);
        assert_eq!(has(&found, "BOT004", "bot_protection"), is_told, "{kind} {release}: {found:#?}");
        assert_eq!(has(&found, "BOT003", "headers.content_security_policy"), !is_told, "{kind} {release}: {found:#?}");
    }
}

/// A plan says "`seccfg check` says what to write" of each of its gaps.
#[test]
fn every_gap_is_told() {
    const ASKED: &str = "workers = 4\n[state]\nbackend = \"redis\"\nurl = \"env:REDIS_URL\"\n\
        [cors]\norigins = [\"https://www.example.com\"]\napp_origins = [\"capacitor://localhost\"]\nenforced_by = \"app\"\n\
        [hsts]\nenabled = true\nenforced_by = \"app\"\n[lockout]\nenabled = true\nattempts = 10\nwindow = \"1h\"\n\
        duration = \"1h\"\nmax_duration = \"2h\"\nkey = \"both\"\n[passwords]\nmin_length = 15\nmax_length = 128\n\
        hash = \"argon2id\"\nblocklist = true\nhistory = 5\n[sessions]\nidle_timeout = \"30m\"\nabsolute_timeout = \"12h\"\n\
        [tokens]\naccess_ttl = \"15m\"\nrefresh_ttl = \"7d\"\n[api_docs]\nexposed = false\n[cookies.access_token]\n\
        purpose = \"session\"\nsecure = true\nhttp_only = true\nsame_site = \"lax\"\npartitioned = true\n[rate_limits.routes]\n\
        sign_in = { limit = \"5/h\", per = \"user\" }\nsearch = { limit = \"5/h\" }\n[ip_filter]\nenabled = true\n\
        allow = [\"10.0.0.0/8\"]\n";
    let packs = ["cookiecutter-django", "django", "express", "fastapi", "fastapi-template", "next-auth"];
    let of_users = packs.map(|pack| format!("./examples/packs/{pack}/my-app.toml"));
    let kinds = ["generic", "instacrud", "fastcms", "crudauth"].into_iter().chain(of_users.iter().map(String::as_str));
    let mut seen = 0;
    for kind in kinds {
        for (mode, target) in [Mode::Prod, Mode::Staging, Mode::Dev]
            .into_iter()
            .flat_map(|mode| [Target::Nginx, Target::Caddy].map(|target| (mode, target)))
        {
            let text = profile(kind, &format!("mode = \"{mode}\"\n{ASKED}[targets.{target}]\n"));
            let source = Source::new("security.toml", text.as_str());
            let options = Options { packs: input::packs(), today: TODAY.parse().ok(), ..Options::default() };
            let opened = Opened::read(&source, &[], &options.packs);
            let (found, _) = opened.check(&options);
            let policy = opened.policy(mode).expect("a profile");
            for (entry, reasons) in opened.plans(&policy, &[target])[0].gaps() {
                let is_told = |one: &Finding| {
                    // Gaps of one reason are told as one, at all of their places.
                    let mut places = std::iter::once(&one.place).chain(&one.labels);
                    one.severity > Severity::Note && places.any(|label| entry.control.is_asked_by(&label.key))
                };
                assert!(found.iter().any(is_told), "{kind}, {mode}, {target}: {}: {reasons}", entry.control);
                seen += 1;
            }
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn every_amount_has_an_end() {
    /// Without an end, with a value that is too much and the rule that says so.
    const JUDGED: [(&str, &str, &str); 3] = [
        ("hsts.max_age", "[hsts]\nenabled = true\nmax_age = \"100y\"\n", "HST006"),
        ("cors.max_age", "[cors]\norigins = [\"https://a.example\"]\nmax_age = \"100y\"\n", "COR008"),
        (
            "cookies.*.max_age",
            "[cookies.a]\nsecure = true\nhttp_only = true\nsame_site = \"lax\"\nmax_age = \"100y\"\n",
            "COK007",
        ),
    ];
    for (path, key) in vocabulary::all() {
        let is_amount = |kind: &Kind| match kind {
            Kind::Text(text) => matches!(text.shape, Shape::Duration | Shape::Size),
            Kind::Integer { most, .. } => *most >= u64::from(u32::MAX),
            Kind::Boolean
            | Kind::Date
            | Kind::List(_)
            | Kind::OneOrMany(_)
            | Kind::Entries { .. }
            | Kind::Section(_)
            | Kind::Overlays
            | Kind::Other(_) => false,
        };
        if !is_amount(key.kind) || key.bounds.is_some() || matches!(key.absent, Absent::Section) {
            continue;
        }
        let judged = JUDGED.iter().find(|(known, ..)| *known == path);
        let (_, sections, code) = judged.unwrap_or_else(|| panic!("{path} has no end"));
        assert!(found(&profile("generic", sections), None).iter().any(|one| one.code == *code), "{path}");
    }
    for (section, value) in [
        ("secrets.a", "source = \"env:A\"\nrotate_every = \"100y\""),
        ("app", "max_body = \"100GiB\""),
        ("app", "timeout = \"1y\""),
        ("lockout", "duration = \"100y\""),
        ("sessions", "idle_timeout = \"100y\""),
        ("tokens", "refresh_ttl = \"100y\""),
        ("passwords", "expire_after = \"100y\""),
        ("database", "pool_size = 1000000"),
        ("rate_limits.routes.sign_in", "limit = \"9999999/s\""),
    ] {
        let text = match section {
            "app" => profile("generic", &format!("{value}\n")),
            section => profile("generic", &format!("[{section}]\n{value}\n")),
        };
        let found = found(&text, None);
        let refused = found.iter().find(|one| one.code == "PRF003");
        assert!(refused.is_some_and(|one| !one.help.is_empty()), "{value}: {found:#?}");
    }
}
