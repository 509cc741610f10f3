//! The module as text: formatted, typed, taken by every release, and nothing that a profile holds breaks out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use seccfg::apps::Packs;
use seccfg::check::{Modes, Opened, Options};
use seccfg::finding::Severity;
use seccfg::source::Source;
use seccfg::targets::{self, Output, crudauth};
use serde_json::{Value, json};

use crate::places::{self, edited};
use crate::python::{CURRENT, ask, program, release, said};
use crate::strings;
use crate::support::{folder, run};

const EXAMPLE: &str = include_str!("../../examples/crudauth/security.toml");

/// The least that is said about an app.
const LEAST: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"crudauth\"\nmode = \"dev\"\n";

/// Everything that a release of 0.8 can be told in one way, and in the other.
const MOST: &str = r#"
[cookies.shop_session]
purpose = "session"
secure = false
http_only = true
same_site = "strict"
path = "/shop"
[cookies.shop_csrf]
purpose = "csrf"
same_site = "lax"
path = "/shop"
[sessions]
idle_timeout = "5m"
absolute_timeout = "1h"
[tokens]
algorithms = ["HS512"]
[secrets]
signing = { source = "file:/run/secrets/signing" }
second_factor = { source = "env:A_RATHER_LONG_NAME_OF_A_VARIABLE_THAT_DOES_NOT_FIT_ON_A_LINE_OF_PYTHON", purpose = "encryption" }
[state]
accept_single_process = true
[rate_limits]
enforced_by = "app"
routes.sign_up = { limit = "9/day" }
routes.password_reset = { limit = "3/h" }
routes.change_password = { limit = "3/h", per = "user" }
routes.ai = { limit = "20/min", per = "user" }
routes.search = { limit = "2/s" }
[lockout]
enabled = true
[passwords]
min_length = 15
max_length = 64
require = ["special", "upper", "lower", "digit"]
mfa = true
"#;

/// Everything as long as it may be.
fn longest() -> String {
    let rate = format!("{{ limit = \"{}/day\", per = \"user\" }}", u32::MAX);
    let [cookie, route, path] = [("c", 128), ("r", 40), ("p", 511)].map(|(text, length)| text.repeat(length));
    // The last names that fit on a line, and the first that do not.
    let [fits, long] = [57, 59].map(|length| "V".repeat(length));
    format!(
        "{LEAST}[cookies.{cookie}]\nhttp_only = true\nsame_site = \"lax\"\npath = \"/{path}\"\n\
         [secrets]\nkey = {{ source = \"env:{fits}\" }}\n[state]\nbackend = \"redis\"\nurl = \"env:{long}\"\n\
         [rate_limits]\nenforced_by = \"app\"\nroutes.{route} = {rate}\nroutes.change_password = {rate}\n\
         [passwords]\nmin_length = {0}\nmax_length = {0}\n",
        u32::MAX
    )
}

/// What several processes share, without Redis.
const DATABASE: &str = "[state]\nbackend = \"database\"\n";

/// What 0.7 can be told.
const SEVEN: &str = r#"
[sessions]
idle_timeout = "5m"
[tokens]
refresh_ttl = "1d"
[state]
backend = "redis"
url = "env:REDIS_URL"
[lockout]
enabled = true
[passwords]
blocklist = true
[targets.crudauth]
version = "0.7"
"#;

/// What 0.6 can be told.
const SIX: &str = r#"
[cookies.session_id]
secure = true
[tokens]
access_ttl = "90s"
[state]
backend = "redis"
url = "env:REDIS_URL"
[rate_limits]
enforced_by = "app"
routes.sign_up = { limit = "9/day" }
[lockout]
enabled = true
[targets.crudauth]
version = "0.6"
"#;

/// The sections whose text reaches the module.
const REACHING: [&str; 6] = ["app.name", "cookies", "secrets", "state", "rate_limits", "passwords"];

/// A place meets one of so many hostile strings, which change from place to place: in those sections, and elsewhere.
const SHARES: [usize; 2] = [3, 60];

/// The module of a profile, checked or not.
fn rendered(profile: &str) -> Result<String, targets::Error> {
    let source = Source::new("security.toml", profile.to_owned());
    let opened = Opened::read(&source, &[], &Packs::default());
    let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("a profile");
    let mut files = targets::render(Output::Crudauth, &opened.plans(&policy, &[]), targets::Style::default())?;
    Ok(files.swap_remove(0).text)
}

/// The profiles whose modules are judged, each with the release that it is for.
fn profiles() -> Vec<(&'static str, String)> {
    let more = |text: &str| format!("{LEAST}{text}");
    let dev = EXAMPLE.replace("mode = \"prod\"", "mode = \"dev\"");
    let off = "[rate_limits]\nenabled = false\n";
    vec![
        (CURRENT, EXAMPLE.to_owned()),
        (CURRENT, dev),
        (CURRENT, LEAST.to_owned()),
        (CURRENT, more(MOST)),
        (CURRENT, longest()),
        (CURRENT, more("[secrets.key]\nsource = \"env:KEY\"\npurpose = \"encryption\"\n[passwords]\nmfa = true\n")),
        (CURRENT, more("[tokens]\naccess_ttl = \"1h\"\n[passwords]\nmax_length = 64\n")),
        (CURRENT, more("[cookies.session_id]\nsame_site = \"lax\"\n[sessions]\nabsolute_timeout = \"8h\"\n")),
        (CURRENT, more(DATABASE)),
        (CURRENT, more(&format!("{DATABASE}[passwords]\nblocklist = true\n"))),
        ("0.7.5", more(SEVEN)),
        ("0.7.5", more(&format!("{off}[targets.crudauth]\nversion = \"0.7.5\"\n"))),
        ("0.6.0", more(SIX)),
        ("0.6.0", more(&format!("{off}[targets.crudauth]\nversion = \"0.6\"\n"))),
    ]
}

/// Writes a module for each profile: `release/module_N.py`.
fn written(folder: &Path) -> BTreeMap<&'static str, Vec<PathBuf>> {
    let mut written: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
    for (index, (version, profile)) in profiles().into_iter().enumerate() {
        let text = rendered(&profile).unwrap_or_else(|error| panic!("{error} in\n{profile}"));
        let path = folder.join(version).join(format!("module_{index}.py"));
        fs::create_dir_all(path.parent().expect("it stands in a folder")).expect("a folder can be made");
        fs::write(&path, text).expect("a file can be written");
        written.entry(version).or_default().push(path);
    }
    written
}

#[test]
fn modules_are_formatted_and_typed() {
    let folder = folder();
    for (version, paths) in written(folder.path()) {
        let ruff = ["check", "--isolated", "--no-cache", "--select", "A,ANN,ASYNC,B,E4,E7,E9,F,I,N,S,SIM,UP,W"];
        // ANN401: FastAPI's user is any; N802 and the like have nothing to find.
        said(&program("ruff").args(ruff).args(["--ignore", "ANN401"]).args(&paths).output().expect("ruff starts"));
        let format = ["format", "--isolated", "--no-cache", "--diff"];
        said(&program("ruff").args(format).args(&paths).output().expect("ruff starts"));
        let mut mypy = program("mypy");
        mypy.args(["--strict", "--follow-imports=silent", "--cache-dir"]).arg(folder.path().join("cache"));
        if let Some(path) = release(version) {
            mypy.env("MYPYPATH", path);
        }
        said(&mypy.args(&paths).output().expect("mypy starts"));
    }
}

#[test]
fn every_release_takes_its_modules() {
    let folder = folder();
    let file = folder.path().join("signing");
    fs::write(&file, "a signing key of the test's own\n").expect("a file can be written");
    let environment = json!({
        "SECRET_KEY": "a signing key of the test's own",
        "V".repeat(57): "a signing key",
        "V".repeat(59): "redis://127.0.0.1:1/0",
        "KEY": format!("{}=", "B".repeat(43)),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "A_RATHER_LONG_NAME_OF_A_VARIABLE_THAT_DOES_NOT_FIT_ON_A_LINE_OF_PYTHON": format!("{}=", "A".repeat(43)),
    });
    let mut told: Vec<Value> = Vec::new();
    for (version, paths) in written(folder.path()).into_iter().rev() {
        let questions: Vec<Value> = paths
            .iter()
            .map(|path| {
                let text = fs::read_to_string(path).expect("just written");
                fs::write(path, text.replace("/run/secrets/signing", &file.display().to_string())).expect("writable");
                json!(["built", path, environment])
            })
            .collect();
        for (answer, path) in ask(version, &questions).into_iter().zip(paths) {
            told.push(answer.unwrap_or_else(|error| panic!("{version}: {error} in {}", path.display())));
        }
    }
    let [example, dev, least, most, ..] = told.as_slice() else { panic!("a module for each profile") };
    assert_eq!(example["lockout"]["max_attempts"], 10);
    assert_eq!(example["lockout"]["lockout_base_seconds"], 3600);
    assert_eq!(example["session"]["backend"], "redis");
    assert_eq!(example["session"]["timeout"], 30);
    assert_eq!(example["session"]["absolute"], 12);
    assert_eq!(example["password_policy"]["validators"], json!(["_not_too_long", "<lambda>"]));
    assert_eq!(dev["cookies"]["secure"], true);
    assert_eq!(dev["rate_limits"]["register"]["times"], 0);
    assert_eq!(least["session"]["backend"], "memory");
    assert_eq!(most["cookies"], json!({ "secure": false, "samesite": "strict", "path": "/shop" }));
    assert_eq!(most["session"]["cookie_name"], "shop_session");
    assert_eq!(most["rate_limits"]["change_password"], json!({ "times": 3, "seconds": 3600 }));
    assert_eq!(most["password_policy"]["require_special"], true);
    assert_eq!(most["mfa"]["required"], true);
    assert_eq!([&told[8]["database_store"], &told[8]["session"]["backend"]], ["DatabaseStore", "database"]);
    let [seven, _, six, _] = &told[10..] else { panic!("two modules of each older release") };
    assert_eq!(seven["session"]["class"], "IdleSessionTransport");
    assert_eq!([&seven["lockout_in_effect"], &six["lockout_in_effect"]], [5, 5]);
    assert_eq!(six["session"]["backend"], "redis");
    assert_eq!(six["rate_limiter"], "RedisBackend");
}

#[test]
fn a_missing_secret_is_named() {
    let folder = folder();
    let paths = &written(folder.path())[CURRENT];
    let ask = |path: &Path, environment: Value| ask(CURRENT, &[json!(["built", path, environment])]).swap_remove(0);
    let error = ask(&paths[0], json!({ "SECRET_KEY": "a signing key" })).expect_err("no Redis");
    assert_eq!(error, "RuntimeError: the environment variable REDIS_URL is missing or empty");
    let error = ask(&paths[0], json!({ "SECRET_KEY": "" })).expect_err("no key");
    assert_eq!(error, "RuntimeError: the environment variable SECRET_KEY is missing or empty");
    let error = ask(&paths[3], json!({})).expect_err("no file");
    assert!(error.starts_with("FileNotFoundError") && error.contains("/run/secrets/signing"), "{error}");
}

#[test]
fn the_command_writes_the_module_or_says_why_not() {
    let folder = folder();
    let profile = folder.path().join("security.toml");
    let render = |more: &[&str]| run(folder.path(), &[&["render", "--target", "crudauth"], more].concat());
    fs::write(&profile, EXAMPLE).expect("a file can be written");
    assert_eq!(render(&[]).out, "wrote security_settings.py\n");
    assert_eq!(render(&["--check"]).code, Some(0));
    fs::write(&profile, EXAMPLE.replace("kind = \"crudauth\"", "kind = \"generic\"")).expect("a file can be written");
    let ran = render(&[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("only an app of kind `crudauth` has CRUDAuth"), "{}", ran.err);
    let ran = run(folder.path(), &["plan", "--target", "crudauth"]);
    assert_eq!(ran.code, Some(2), "it is no edge");
}

#[test]
fn python_reads_every_text_back() {
    let mut runner = TestRunner::deterministic();
    let any = "\\PC{0,20}|[ -~\\x00-\\x1f\\x7f-\\xff]{0,20}|[\"'\\\\nNuUx0-9{}]{0,12}";
    let any = proptest::string::string_regex(any).expect("a pattern");
    let mut texts = strings::corpus();
    texts.extend((0..0x3_0000).step_by(0x55).filter_map(char::from_u32).map(String::from));
    texts.extend((0..2000).map(|_| any.new_tree(&mut runner).expect("nothing is filtered out").current()));
    let literals: Vec<String> =
        texts.iter().map(|text| crudauth::python::quote(text).expect("every text has a literal")).collect();
    let questions: Vec<Value> = literals.iter().map(|literal| json!(["literal", literal])).collect();
    for ((answer, text), literal) in ask(CURRENT, &questions).into_iter().zip(&texts).zip(&literals) {
        assert!(literal.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{literal}");
        assert_eq!(answer.as_ref().map(Value::as_str), Ok(Some(text.as_str())), "{literal}");
    }
    // And no formatter would write it otherwise.
    let folder = folder();
    let path = folder.path().join("literals.py");
    let lines: Vec<String> = literals.iter().map(|literal| format!("print(\n    {literal},\n)\n")).collect();
    fs::write(&path, lines.concat()).expect("a file can be written");
    let format = ["format", "--isolated", "--no-cache", "--diff"];
    said(&program("ruff").args(format).arg(&path).output().expect("ruff starts"));
}

/// Every text of a profile, replaced by hostile text and with hostile text put into it: refused, or a module of the
/// same words.
#[test]
fn no_text_of_a_profile_breaks_out() {
    let folder = folder();
    let today = "2026-11-21".parse().ok();
    let options = Options { modes: Modes::Own, today, to_render: true, ..Options::default() };
    let render = |profile: &str| -> Option<String> {
        let source = Source::new("security.toml", profile.to_owned());
        let opened = Opened::read(&source, &[], &Packs::default());
        let refused = opened.check(&options).0.iter().any(|finding| finding.severity == Severity::Error);
        let policy = opened.modes(Modes::Own).first().and_then(|mode| opened.policy(*mode)).filter(|_| !refused)?;
        let files = targets::render(Output::Crudauth, &opened.plans(&policy, &[]), targets::Style::default()).ok()?;
        files.into_iter().next().map(|file| file.text)
    };
    for profile in [EXAMPLE.to_owned(), format!("{LEAST}{MOST}")] {
        let baseline = render(&profile).expect("the profile renders");
        let mut modules = BTreeSet::from([baseline.clone()]);
        for (number, place) in places::of(&profile).into_iter().enumerate() {
            let reaching = REACHING.iter().any(|section| place.path.starts_with(section));
            let step = SHARES[usize::from(!reaching)];
            let pieces = strings::PIECES.iter().skip(number % step).step_by(step);
            let texts = pieces.flat_map(|piece| strings::with(&place.text, piece));
            modules.extend(texts.filter_map(|text| render(&edited(&profile, [(&place, text.as_str())]))));
        }
        assert!(modules.len() > 20, "only {} modules differ: too little was put in", modules.len());
        let paths: Vec<PathBuf> = (0..modules.len()).map(|index| folder.path().join(format!("{index}.py"))).collect();
        for (path, module) in paths.iter().zip(&modules) {
            fs::write(path, module).expect("a file can be written");
        }
        let questions: Vec<Value> = paths.iter().map(|path| json!(["vocabulary", path])).collect();
        let said = ask(CURRENT, &questions);
        let own = modules.iter().position(|module| *module == baseline).expect("it is among them");
        for (vocabulary, module) in said.iter().zip(&modules) {
            assert!(vocabulary.is_ok() && *vocabulary == said[own], "{vocabulary:?}\n{module}");
        }
    }
}
