//! `seccfg report`: what it says about profiles of every kind, and that nothing of a profile breaks out of it.

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use seccfg::apps::{AppPack, OwnChecklist, Packs};
use seccfg::check::{EnvFile, Modes, Opened, Options, check};
use seccfg::finding::Severity;
use seccfg::init::{ServiceKind, starter};
use seccfg::plan::Evidence;
use seccfg::profile::{AppKind, Date, Mode};
use seccfg::report::checklist::Checklist;
use seccfg::report::own::Answered;
use seccfg::report::verdict::Verdict;
use seccfg::report::{Counts, html, markdown};
use seccfg::rules;
use seccfg::source::{Literal, Source};

const TODAY: &str = "2026-11-21";

/// The checklist of a profile in a mode; none where it is not sound.
fn checklist(text: &str, mode: Option<Mode>) -> Option<Checklist> {
    beside(text, mode, &[])
}

/// The same beside `.env` files.
fn beside(text: &str, mode: Option<Mode>, env_files: &[EnvFile]) -> Option<Checklist> {
    let source = Source::new("security.toml", text);
    let opened = Opened::read(&source, env_files, &Packs::default());
    let today: Date = TODAY.parse().expect("it is a day");
    let modes = mode.map_or(Modes::Own, Modes::One);
    let options = Options { modes, today: Some(today), ..Options::default() };
    let mode = opened.modes(modes).first().copied().filter(|_| opened.is_sound())?;
    let policy = opened.policy(mode)?;
    let plans = opened.plans(&policy, &[]);
    Some(Checklist::new(&source, &policy, &plans, &opened.judge(&options), today))
}

/// A profile of a kind in which some things hold, some are broken and some are waived.
fn mixed(kind: &str, reason: &str) -> String {
    format!(
        r#"version = 1
[app]
name = "shop"
kind = "{kind}"
url = "https://shop.example.com"
workers = 4
[hsts]
enabled = true
max_age = "30d"
[cookies.session]
http_only = true
same_site = "lax"
[secrets.secret_key]
source = "env:SECRET_KEY"
[headers]
content_security_policy = "frame-ancestors 'none'"
[[waivers]]
rule = "HST001"
reason = {}
expires = 2027-01-31
[[waivers]]
rule = "COK001"
key = "cookies.other"
reason = "of another time"
expires = 2026-01-31
"#,
        Literal::from(reason)
    )
}

fn verdict(checklist: &Checklist, code: &str) -> Option<Verdict> {
    checklist.areas.iter().flat_map(|area| &area.rules).find(|rule| rule.code == code).map(|rule| rule.verdict)
}

#[test]
fn every_kind_of_app_gets_a_report_in_both_formats() {
    for kind in ["instacrud", "fastcms", "crudauth", "generic"] {
        let checklist = checklist(&mixed(kind, "the first month"), None).expect("it is sound");
        assert!(!checklist.ready, "{kind}");
        assert_eq!(verdict(&checklist, "TLS001"), Some(Verdict::Holds), "{kind}");
        assert_eq!(verdict(&checklist, "HST001"), Some(Verdict::Waived), "{kind}");
        assert_eq!(verdict(&checklist, "HST002"), Some(Verdict::Broken(Severity::Warning)), "{kind}");
        assert_eq!(verdict(&checklist, "COK001"), Some(Verdict::Broken(Severity::Error)), "{kind}");
        assert_eq!(verdict(&checklist, "HST009"), None, "{kind}: only dev and test ask for it");
        assert!(checklist.not_asked.contains(&"HST009"), "{kind}");
        assert_eq!(checklist.own.is_some(), kind != "generic", "{kind}");
        let (text, page) = (markdown::render(&checklist), html::render(&checklist));
        for part in ["Who enforces what", "env:SECRET_KEY", "security.toml:5", "2027-01-31", "expired on 2026-01-31"] {
            assert!(text.contains(part) && page.contains(part), "{kind}: {part}");
        }
        if let Some(own) = &checklist.own {
            assert!(text.contains(&format!("## {}'s own checklist", own.title)), "{kind}");
        }
        assert_eq!(page, html::render(&checklist), "{kind}: the same goes out as the same");
    }
}

#[test]
fn a_line_is_as_good_as_the_worst_of_its_rules() {
    let checklist = checklist(&mixed("instacrud", "the first month"), None).expect("it is sound");
    let lines = checklist.own.expect("there is one").lines;
    let line = |code: &str| lines.iter().find(|line| line.rules.iter().any(|(rule, _)| rule == code));
    assert_eq!(line("HST001").map(|line| line.verdict), Some(Verdict::Broken(Severity::Warning)), "HST002 is broken");
    assert_eq!(line("TLS010").map(|line| line.verdict), Some(Verdict::Holds));
    let verify = lines.iter().find(|line| line.means.iter().any(|means| means == "`seccfg verify --active`"));
    assert_eq!(verify.map(|line| line.verdict), Some(Verdict::Undeclared), "no limit is written");
}

/// The line of an app's own checklist that begins so, for a profile in prod.
fn line(kind: &str, begins: &str, sections: &str) -> Answered {
    let app = format!("version = 1\n[app]\nname = \"shop\"\nkind = \"{kind}\"\nurl = \"https://shop.example.com\"\n");
    let own = checklist(&(app + sections), None).expect("it is sound").own.expect("it has pages");
    own.lines.into_iter().find(|line| line.says.starts_with(begins)).unwrap_or_else(|| panic!("no line {begins}"))
}

/// Where no rule asks what a reference leads to, a line about that is not asked either: that a reference is there is no
/// answer.
#[test]
fn a_reference_is_no_answer_in_a_mode_without_a_question() {
    let sections =
        "mode = \"staging\"\n[database]\nurl = \"env:MONGO_URL\"\n[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n";
    assert_eq!(line("instacrud", "The database takes other", sections).verdict, Verdict::NotAsked);
    assert_eq!(line("instacrud", "`SECRET_KEY` is strong", sections).verdict, Verdict::Unchecked);
    let dev = sections.replace("staging", "dev");
    assert_eq!(line("instacrud", "`SECRET_KEY` is strong", &dev).verdict, Verdict::NotAsked);
}

/// A line says figures and names: it holds where they do, and not where only some rule is content.
#[test]
fn a_line_is_judged_by_its_own_words() {
    let limits = |sign_in: &str, sign_up: &str| {
        format!(
            "[rate_limits.routes]\nsign_in = {{ limit = \"{sign_in}\" }}\nsign_up = {{ limit = \"{sign_up}\" }}\n\
             ai = {{ limit = \"20/min\", per = \"user\" }}\n[modes.test.hsts]\nenabled = false\n"
        )
    };
    for (sign_in, sign_up, verdict) in [
        ("5/min", "3/min", Verdict::Holds),
        ("30/min", "5/min", Verdict::Unmet),
        ("100000/min", "5/min", Verdict::Unmet),
        ("5/min", "6/min", Verdict::Unmet),
        ("5/s", "5/min", Verdict::Unmet),
    ] {
        let line = line("instacrud", "Sign-in and sign-up take 5", &limits(sign_in, sign_up));
        // Without a limit for password resets RAT002 is broken, which says no less.
        let with_reset = limits(sign_in, sign_up).replace("ai =", "password_reset = { limit = \"5/min\" }\nai =");
        let whole = self::line("instacrud", "Sign-in and sign-up take 5", &with_reset);
        assert_eq!((whole.verdict, line.verdict), (verdict, Verdict::Broken(Severity::Error)), "{:?}", whole.lacks);
        assert_eq!(whole.lacks.is_empty(), verdict == Verdict::Holds, "{:?}", whole.lacks);
    }

    // What comes at once is let through, whatever the rate; and a limit of another method is none of sign-ins.
    for (begins, more, is_met) in [
        ("Sign-in and sign-up take 5", "burst = 5", true),
        ("Sign-in and sign-up take 5", "burst = 1000", false),
        ("Once it is live", "burst = 5, methods = [\"POST\"]", true),
        ("Once it is live", "burst = 1000", false),
        ("Once it is live", "methods = [\"GET\"]", false),
    ] {
        let sections = limits("5/min", "5/min").replacen("limit = \"5/min\"", &format!("limit = \"5/min\", {more}"), 1);
        let line = line("instacrud", begins, &format!("[hsts]\nenabled = true\n{sections}"));
        assert_eq!(line.lacks.is_empty(), is_met, "{begins}: {more}: {:?}", line.lacks);
    }

    let google = "[oauth.google]\nclient_id = \"env:GOOGLE_CLIENT_ID\"\nclient_secret = \"env:GOOGLE_CLIENT_SECRET\"\n\
                  redirect_uri = \"https://shop.example.com/api/v1/signin/google/callback\"\npkce = true\n";
    let both = format!("{google}{}", google.replace("google", "microsoft").replace("GOOGLE", "MS"));
    for (sections, verdict) in [("", Verdict::Undeclared), (google, Verdict::Undeclared), (&both, Verdict::Holds)] {
        let line = line("instacrud", "Google and Microsoft", sections);
        assert_eq!(line.verdict, verdict, "{sections} {:?}", line.lacks);
    }

    let cases: [(&str, &str, &str, Verdict); 12] = [
        ("instacrud", "In prod rate limits", "[rate_limits]\nenabled = true\n", Verdict::Holds),
        (
            "instacrud",
            "In prod HSTS",
            "[hsts]\nenabled = true\nmax_age = \"2y\"\ninclude_subdomains = true\n",
            Verdict::Holds,
        ),
        ("instacrud", "The certificate comes", "[tls.certificate]\nissuer = \"acme\"\n", Verdict::Holds),
        (
            "instacrud",
            "nginx or Caddy ends TLS",
            "[tls]\nterminate = \"upstream\"\n[proxy]\nhops = 2\ntrusted = [\"10.0.0.0/8\"]\n",
            Verdict::Unmet,
        ),
        ("instacrud", "`CORS_ALLOW_ORIGINS`", "", Verdict::Undeclared),
        (
            "fastcms",
            "CORS lets in",
            "[cors]\norigins = [\"https://www.example.com\"]\nmethods = [\"GET\", \"TRACE\"]\nheaders = []\n",
            Verdict::Unmet,
        ),
        (
            "fastcms",
            "The cookies `fastcms_session`",
            "[cookies.fastcms_session]\nsecure = true\nhttp_only = true\nsame_site = \"lax\"\n",
            Verdict::Broken(Severity::Error),
        ),
        ("fastcms", "Rate limits are on", "[rate_limits]\nenabled = true\n", Verdict::Unmet),
        (
            "fastcms",
            "The database is PostgreSQL",
            "[database]\nengine = \"mysql\"\nurl = \"env:DATABASE_URL\"\ntls = \"verify-full\"\n",
            Verdict::Unmet,
        ),
        ("fastcms", "The IP filter", "", Verdict::Undeclared),
        (
            "crudauth",
            "Cookies are Secure",
            "[cookies.session_id]\nhttp_only = true\nsame_site = \"lax\"\nsecure = true\n",
            Verdict::Holds,
        ),
        ("crudauth", "Cookies are Secure", "", Verdict::Undeclared),
    ];
    for (kind, begins, sections, verdict) in cases {
        let line = line(kind, begins, sections);
        assert_eq!(line.verdict, verdict, "{kind}: {begins}: {sections} {:?}", line.lacks);
    }
}

/// What the release of FastCMS cannot do is nowhere said to hold: no lockout, no previous keys, no minimum for passwords.
#[test]
fn no_line_is_better_than_the_code_of_its_release() {
    let text = fs::read_to_string("examples/fastcms/security.toml").expect("the example is there");
    let checklist = checklist(&text, None).expect("it is sound");
    let own = checklist.own.as_ref().expect("it has pages");
    for words in ["An account locks", "Passwords have 10", "`SECRET_KEY` is rotated"] {
        let line = own.lines.iter().find(|line| line.says.starts_with(words)).expect("it is a line");
        assert_eq!(line.verdict, Verdict::Unmet, "{words}: {:?}", line.lacks);
    }
    for code in ["LCK001", "LCK002", "LCK004", "LCK005", "LCK006", "PWD001", "PWD006", "ROT002", "ROT003", "ROT005"] {
        assert_ne!(verdict(&checklist, code), Some(Verdict::Holds), "{code}");
    }
}

/// What holds says how that is known, and what only the app promises keeps a report from being simply ready.
#[test]
fn ready_says_what_it_rests_on() {
    let text = fixture::profile(Path::new("tests/fixtures/prod.toml"));
    let checklist = checklist(&text, None).expect("it is sound");
    assert!(
        checklist.ready && checklist.headline.starts_with("Ready, by the app's word for "),
        "{}",
        checklist.headline
    );
    let known = |code: &str| {
        let mut rules = checklist.areas.iter().flat_map(|area| &area.rules);
        rules.find(|rule| rule.code == code).and_then(|rule| rule.known)
    };
    assert_eq!((known("HST001"), known("LCK001")), (Some(Evidence::Rendered), Some(Evidence::Delegated)));
    // Whether an unknown app sends mail by TLS, hides its insides, or believes the proxy, is its own word.
    for code in ["EML002", "DBG001", "PRX011"] {
        assert_eq!(known(code), Some(Evidence::Delegated), "{code}");
    }
    let (text, page) = (markdown::render(&checklist), html::render(&checklist));
    assert!(text.contains("**Ready, by the app's word for ") && text.contains("✓ holds (delegated)"), "{text}");
    assert!(page.contains("Ready, by the app&#39;s word for ") && page.contains(">delegated<"), "{page}");
}

#[test]
fn every_value_says_where_it_comes_from() {
    let checklist = checklist(&mixed("fastcms", "the first month"), None).expect("it is sound");
    let basis = |code: &str, key: &str| {
        let rules = checklist.areas.iter().flat_map(|area| &area.rules);
        let found = rules.filter(|rule| rule.code == code).flat_map(|rule| &rule.basis).find(|one| one.key == key);
        found.map(|one| (one.value.as_deref().unwrap_or("-"), one.origin.as_str()))
    };
    assert_eq!(basis("HST001", "hsts.max_age"), Some(("\"30d\"", "security.toml:9")));
    assert_eq!(basis("HST002", "hsts.include_subdomains"), Some(("false", "default")));
    assert_eq!(basis("HST005", "tls.terminate"), Some(("\"proxy\"", "follows from app.url")));
    assert_eq!(basis("COK001", "cookies.session.secure"), Some(("false", "default")));
    assert_eq!(basis("COK004", "cookies.session.domain"), Some(("-", "not written")));
    let sent = ("\"strict-origin-when-cross-origin\"", "sent by FastCMS itself");
    assert_eq!(basis("HDR006", "headers.referrer_policy"), Some(sent));
}

/// What a table's reader takes for a cell's end.
fn cells(row: &str) -> usize {
    row.matches('|').count()
}

fn assert_nothing_breaks_out(reason: &str) {
    // Behind words that say something, so that only the markup differs.
    let with = |reason: &str| mixed("generic", &format!("the first month of {reason}"));
    let plain = checklist(&with("words"), None).expect("it is sound");
    let hostile = checklist(&with(reason), None).expect("it is sound");
    let (before, after) = (markdown::render(&plain), markdown::render(&hostile));
    assert_eq!(before.lines().count(), after.lines().count(), "{reason:?}");
    assert_eq!(
        before.lines().map(cells).collect::<Vec<_>>(),
        after.lines().map(cells).collect::<Vec<_>>(),
        "{reason:?}"
    );
    let tags = |page: &str| page.replace("<code>", "").replace("</code>", "").matches(['<', '>']).count();
    assert_eq!(tags(&html::render(&plain)), tags(&html::render(&hostile)), "{reason:?}");
}

#[test]
fn a_reason_with_markup_stays_a_reason() {
    for reason in [
        "<script>alert(1)</script>",
        "</td></tr></table>",
        "a | b \\| c ` | ` d",
        "`a|b` `c\\|d` ``e``",
        "one\n\n# two\n| three |",
        "--> <!-- ]]> {{ app }} {% if %}",
        "\u{202e}hidden\u{200b}\u{1b}[31m",
    ] {
        assert_nothing_breaks_out(reason);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_reason_breaks_out(reason in "x(?s).{0,30}|x[`|\\\\<>&*_\n {}%-]{0,20}") {
        assert_nothing_breaks_out(&reason);
    }
}

#[test]
fn a_page_needs_nothing_from_elsewhere() {
    let page = html::render(&checklist(&mixed("instacrud", "the first month"), None).expect("it is sound"));
    for part in ["<script", "src=", "url(", "@import", "href=\"http", "style=\"", "onload"] {
        assert!(!page.contains(part), "{part}");
    }
    let targets = page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next());
    for target in targets.collect::<BTreeSet<_>>() {
        assert!(page.contains(&format!("id=\"{target}\"")), "nothing has the id {target}");
    }
    for tag in ["table", "tr", "td", "th", "ul", "li", "p", "div", "section", "dl", "dt", "dd", "span", "code", "a"] {
        let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "<{tag}>");
    }
}

/// Findings of one cause are one, in a report as in a check.
#[test]
fn a_report_counts_what_a_check_counts() {
    let mut shared = 0;
    // Of three limits, Caddy without its plugin counts none.
    let several = clean() + "\n[targets.caddy]\n";
    let fixtures = rules::all().flat_map(|rule| fixture::of(rule.code)).map(|path| fixture::profile(&path));
    for text in fixtures.chain([several]) {
        let source = Source::new("security.toml", text.as_str());
        let options = Options { today: TODAY.parse().ok(), ..Options::default() };
        let opened = Opened::read(&source, &[], &Packs::default());
        let Some(checklist) = checklist(&text, None) else { continue };
        let checked = check(source.clone(), &options);
        let counts = Counts::of(&[checked]).to_string();
        let found = checklist.found.replace("app.url is still the starter's, and has to be yours; ", "");
        assert_eq!(found.split(';').next(), Some(counts.as_str()), "{text}");
        let all = opened.judge(&options).iter().filter(|one| one.hidden_by.is_none()).count();
        shared += usize::from(all > opened.check(&options).0.len());
    }
    assert!(shared > 0, "no profile has findings of one cause");
}

/// Whatever a sound profile holds, it has a report in every mode, with a verdict for every rule.
#[test]
fn every_fixture_that_is_sound_has_a_report() {
    let mut files: Vec<_> = rules::all().flat_map(|rule| fixture::of(rule.code)).collect();
    files.push("tests/fixtures/everything.toml".into());
    files.push("examples/instacrud/security.toml".into());
    let mut reports = 0;
    for path in files {
        let text = fixture::profile(&path);
        let Some(own) = checklist(&text, None) else { continue };
        reports += 1;
        for checklist in [own, checklist(&text, Some(Mode::Dev)).expect("it is as sound in dev")] {
            let judged = checklist.areas.iter().map(|area| area.rules.len()).sum::<usize>();
            assert_eq!(judged + checklist.not_asked.len(), rules::all().count(), "{}", path.display());
            assert!(html::render(&checklist).ends_with("</html>\n"), "{}", path.display());
            assert!(markdown::render(&checklist).contains("## By area"), "{}", path.display());
        }
    }
    assert!(reports > 100);
}

#[test]
fn every_area_has_a_title() {
    for rule in rules::all() {
        assert!(rules::area_title(rule.area()).is_some(), "{}", rule.area());
    }
}

#[test]
fn every_line_of_every_checklist_is_answered_by_what_exists() {
    let folder = support::folder();
    for system in OwnChecklist::ALL {
        assert!(system == "django" || AppPack::embedded(system).is_some(), "{system} has no pack");
        for line in OwnChecklist::of(system).expect("it is listed").lines {
            let answers = line.rules.len() + line.targets.len() + line.commands.len();
            assert!(answers > 0, "{system}: nothing answers {:?}", line.says);
            // An answer is there, and puts nothing off.
            let texts = line.note.iter().chain(&line.commands).map(|text| text.to_lowercase());
            for text in texts {
                let puts_off =
                    ["later", "by hand", "not yet", "in future", "to do"].iter().find(|word| text.contains(*word));
                assert_eq!(puts_off, None, "{system}: {:?}: {text}", line.says);
            }
            let rendered = line.targets.iter().map(|target| format!("seccfg render --target {target}"));
            for command in rendered.chain(line.commands) {
                let args: Vec<&str> = command.split(' ').skip(1).chain(["--help"]).collect();
                assert_eq!(support::run(folder.path(), &args).code, Some(0), "{system}: {command}");
            }
        }
    }
}

#[test]
fn every_rule_that_a_checklist_names_exists() {
    let lines = OwnChecklist::ALL.iter().filter_map(|system| OwnChecklist::of(system)).flat_map(|list| list.lines);
    let codes: BTreeSet<String> = lines.flat_map(|line| line.rules).map(|code| code.to_string()).collect();
    let missing: Vec<&String> = codes.iter().filter(|code| rules::by_code(code).is_none()).collect();
    assert!(missing.is_empty(), "no such rules: {missing:?}");
}

fn folder_with(profile: &str) -> tempfile::TempDir {
    let folder = support::folder();
    fs::write(folder.path().join("security.toml"), profile).expect("the profile can be written");
    folder
}

fn clean() -> String {
    fixture::profile(Path::new("tests/fixtures/prod.toml"))
}

/// A line holds by what the app is told, and not by a reference that leads to nothing or a name that the profile has alone.
#[test]
fn a_line_fails_where_the_file_says_otherwise() {
    let bots = "[bot_protection]\nprovider = \"turnstile\"\nsite_key = \"env:TURNSTILE_SITE_KEY\"\n\
                secret_key = \"env:TURNSTILE_SECRET_KEY\"\n";
    let mail = |carrier: &str| {
        format!("[email]\nenabled = true\ncarrier = \"{carrier}\"\nfrom = \"noreply@shop.example.com\"\n")
    };
    let smtp = format!("{}[email.smtp]\nhost = \"mail.example.com\"\n", mail("smtp"));
    let database = "[database]\nengine = \"postgresql\"\nurl = \"env:DATABASE_URL\"\n";
    let elsewhere =
        "[hsts]\nenabled = true\n[rate_limits]\nenabled = true\n[rate_limits.routes.sign_in]\nlimit = \"5/min\"\n";
    let api = |path: &str| format!("[headers]\nno_store = [\"{path}\"]\n");
    for (kind, sections, env, begins, lacks) in [
        (
            "instacrud",
            bots,
            "TURNSTILE_SITE_KEY=0x4AA\nTURNSTILE_SECRET_KEY=\n",
            "Turnstile",
            "bot_protection.secret_key",
        ),
        ("instacrud", &mail("brevo"), "", "Mail is on", "email.api_key"),
        ("fastcms", &smtp, "SMTP_HOST=\n", "SMTP is set up", "SMTP_HOST"),
        ("fastcms", database, "DATABASE_URL=mysql+aiomysql://app:x@db/app\n", "The database is", "mysql"),
        ("instacrud", &format!("{elsewhere}paths = [\"/api/v1/foo\"]\n"), "", "Once it is live", "sign_in.paths"),
        ("fastcms", &api("/foo/"), "", "Every answer has", "headers.no_store"),
    ] {
        let lines = |env: &str| {
            let files = [EnvFile::of(Some(Mode::Prod), Source::new(".env", env))];
            let text = format!("version = 1\n[app]\nname = \"shop\"\nkind = \"{kind}\"\n{sections}");
            let own = beside(&text, Some(Mode::Prod), &files).and_then(|checklist| checklist.own);
            own.unwrap_or_else(|| panic!("{text}")).lines
        };
        let line = lines(env).into_iter().find(|line| line.says.starts_with(begins)).expect("a line");
        assert_ne!(line.verdict, Verdict::Holds, "{begins}");
        assert!(line.lacks.iter().any(|one| one.contains(lacks)), "{begins}: {:?}", line.lacks);
    }
    let whole = line("fastcms", "Every answer has", &api("/"));
    assert!(!whole.lacks.iter().any(|one| one.contains("no_store")), "{:?}", whole.lacks);
    assert_eq!(line("instacrud", "In test HSTS", "[modes.test.hsts]\nenabled = true\n").verdict, Verdict::NotAsked);
    assert!(line("fastcms", "`ENVIRONMENT=production`", "").rules.iter().any(|(code, _)| code == "DBG004"));
}

/// What `check` says of a value that no output has a form for, a report says as well.
#[test]
fn what_cannot_be_rendered_is_not_ready() {
    let report = |text: &str| {
        let folder = folder_with(text);
        support::run(folder.path(), &["report", "--today", TODAY]).code
    };
    let text = fs::read_to_string("examples/crudauth/security.toml").expect("an example");
    // CRUDAuth counts that in whole hours.
    let halves = text.replace("absolute_timeout = \"12h\"", "absolute_timeout = \"90m\"");
    assert_ne!(text, halves);
    assert_eq!((report(&text), report(&halves)), (Some(0), Some(1)));
}

#[test]
fn exit_codes_are_those_of_check() {
    let report = |folder: &Path, args: &[&str]| {
        let ran = support::run(folder, &[&["report", "--today", TODAY], args].concat());
        (ran.code, ran.out.is_empty(), ran.err.is_empty())
    };
    let sound = folder_with(&clean());
    assert_eq!(report(sound.path(), &[]), (Some(0), false, true));
    assert!(
        !report(sound.path(), &["--format", "html", "--target", "caddy", "--mode", "staging"]).1,
        "a page for another edge and mode"
    );
    let broken = folder_with(&mixed("generic", "the first month"));
    assert_eq!(report(broken.path(), &[]), (Some(1), false, true));
    let unsound = folder_with(&clean().replace("version = 1", "version = 2"));
    assert_eq!(report(unsound.path(), &[]), (Some(1), true, false), "no report of what cannot be read");
    assert_eq!(report(support::folder().path(), &[]), (Some(2), true, false));
    assert_eq!(report(sound.path(), &["--format", "pdf"]), (Some(2), true, false));
    for markdown in ["markdown", "md"] {
        assert_eq!(report(sound.path(), &["--format", markdown]), (Some(0), false, true), "{markdown}");
    }
}

#[test]
fn a_report_replaces_a_report_and_nothing_else() {
    let folder = folder_with(&clean());
    let run = |args: &[&str]| support::run(folder.path(), &[&["report", "--today", TODAY], args].concat());
    let printed = run(&["--format", "html"]).out;
    let file = folder.path().join("to/report.html");
    for _ in 0..2 {
        let ran = run(&["--format", "html", "--out", "to/report.html"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.starts_with("wrote to/report.html: no findings; "), "{}", ran.out);
        assert_eq!(fs::read_to_string(&file).expect("it was written"), printed);
    }
    assert_eq!(run(&["--out", "report.md"]).code, Some(0), "beside the profile");
    fs::write(&file, "my own notes").expect("it can be written");
    assert_eq!(run(&["--out", "to/report.html"]).code, Some(2));
    assert_eq!(run(&["--out", "security.toml"]).code, Some(2));
    assert_eq!(run(&["--out", "to"]).code, Some(2));
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "my own notes");
}

#[test]
fn a_secret_gets_no_report_and_is_not_told() {
    let profile = mixed("fastcms", "the first month").replace("env:SECRET_KEY", "hunter2-hunter2");
    for format in ["md", "html"] {
        let ran = support::run(folder_with(&profile).path(), &["report", "--format", format]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
        assert!(ran.err.contains("SEC001") && !ran.err.contains("hunter2"), "{}", ran.err);
    }
}

/// Of mail that is off, that has no sender, or that goes to no server, nothing is said to hold.
#[test]
fn a_rule_about_mail_holds_only_where_there_is_mail_to_judge() {
    const APP: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nurl = \"https://shop.example.com\"\n";
    let judged = |email: &str| {
        let checklist = checklist(&format!("{APP}{email}"), None).expect("it is sound");
        ["EML001", "EML003", "EML005"].map(|code| verdict(&checklist, code).expect("it is asked for in prod"))
    };
    let none = Verdict::Undeclared;
    let error = Verdict::Broken(Severity::Error);
    assert_eq!(judged(""), [none, none, none]);
    assert_eq!(judged("[email]\nenabled = true\n"), [error, none, none]);
    assert_eq!(judged("[email]\nenabled = true\ncarrier = \"smtp\"\n"), [error, none, none]);
    let sent = "[email]\nenabled = true\ncarrier = \"smtp\"\nfrom = \"a@shop.example.com\"\n[email.smtp]\nhost = \"localhost\"\n";
    assert_eq!(judged(sent), [Verdict::Holds; 3]);
}

/// Values that a given file does not hold are named.
#[test]
fn what_the_file_does_not_hold_is_told_by_its_keys() {
    let told =
        |files: &[EnvFile]| beside(&mixed("generic", "the first month"), None, files).expect("it is sound").found;
    assert!(told(&[]).ends_with("not checked without the values (--env-file)"), "{}", told(&[]));
    let other = told(&[EnvFile::of(Some(Mode::Prod), Source::new(".env", "OTHER=1\n"))]);
    assert!(other.contains("not checked: --env-file has no value for `"), "{other}");
    assert!(other.contains("`secrets.secret_key.source`") && !other.contains("without the values"), "{other}");
}

/// A starter that nobody has touched is no service that is ready, however clean it is.
#[test]
fn a_starter_is_not_ready_before_its_address_is_ones_own() {
    let text = starter(&AppKind::Known("generic"), ServiceKind::Api);
    let begun = checklist(&text, None).expect("it is sound");
    assert!(!begun.ready && begun.headline == "Not ready", "{}", begun.headline);
    assert!(begun.found.starts_with("app.url is still the starter's"), "{}", begun.found);
    let own = checklist(&text.replace("app.example.com", "shop.example.com"), None).expect("it is sound");
    assert!(own.ready && own.headline.starts_with("Ready"), "{}: {}", own.headline, own.found);
}
