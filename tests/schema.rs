//! The published schema and the loader agree about every profile of this repository, and about wrong ones.

#![allow(missing_docs, reason = "a test")]

#[path = "support/fixture.rs"]
mod fixture;

use std::fs;
use std::path::{Path, PathBuf};

use seccfg::check::{Modes, Opened, Options, check};
use seccfg::input;
use seccfg::plan::Target;
use seccfg::profile::Shape;
use seccfg::profile::vocabulary::{self, Kind};
use seccfg::report::plan::{Listed, Listing};
use seccfg::source::Source;
use serde_json::{Map, Value, json};

/// Every profile in a folder and below.
fn profiles(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            profiles(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
}

/// TOML as JSON. A day is a string, as editors hand it to a schema; a time has no form in JSON, so it is made something
/// that no key takes.
fn json(value: &toml::de::DeValue<'_>) -> Value {
    use toml::de::DeValue;
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Value::from)
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Value::Null, Value::from),
        DeValue::Boolean(truth) => json!(truth),
        DeValue::Datetime(date) if date.time.is_none() => json!(date.to_string()),
        DeValue::Datetime(time) => json!([time.to_string()]),
        DeValue::Array(values) => values.iter().map(|value| json(value.get_ref())).collect(),
        DeValue::Table(table) => Value::Object(object(table)),
    }
}

fn object(table: &toml::de::DeTable<'_>) -> Map<String, Value> {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect()
}

/// The codes that the loader gives for what a schema can see.
fn shape_errors(path: &Path, text: &str) -> Vec<String> {
    let shape = ["PRF002", "PRF003", "PRF004", "PRF005", "SEC001", "COR003", "COR004", "COR006", "RAT010", "HDR011"];
    let checked = check(Source::new(path, text), &Options { packs: input::packs(), ..Options::default() });
    let told =
        |finding: &seccfg::finding::Finding| format!("{} {}: {}", finding.code, finding.place.key, finding.message);
    // Of a suffix, COR006 asks in which mode it stands, which is no question of its shape.
    let is_shape = |finding: &&seccfg::finding::Finding| {
        shape.contains(&finding.code) && finding.place.key.to_string() != "cors.preview_suffix"
            || finding.code == "PRF003"
    };
    checked.findings.iter().filter(is_shape).map(told).collect()
}

fn validator() -> jsonschema::Validator {
    let schema = fs::read_to_string("schemas/security.schema.json").expect("the schema is there");
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is one")
}

/// Says where the two part; nothing where they agree, or where the text is not TOML.
fn parted(validator: &jsonschema::Validator, path: &Path, text: &str) -> Option<String> {
    let root = toml::de::DeTable::parse(text).ok()?;
    let value = Value::Object(object(root.get_ref()));
    let by_schema: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    let by_loader = shape_errors(path, text);
    (by_schema.is_empty() != by_loader.is_empty()).then(|| format!("schema: {by_schema:?}\nloader: {by_loader:?}"))
}

/// What the loader refuses and no schema can: each with the reason.
const BEYOND_A_SCHEMA: [(&str, &str); 7] = [
    ("tests/rules/PRF003/fail-no-pack.toml", "a schema opens no other file"),
    (
        "tests/rules/PRF004/fail-in-overlay.toml",
        "an overlay may leave out what the base has, and a schema does not see both at once",
    ),
    ("tests/rules/PRF004/fail-half-a-pair.toml", "a section's schema does not say which of its keys go together"),
    ("tests/rules/PRF004/fail-half-a-pair-in-overlay.toml", "the same, of an overlay"),
    ("tests/rules/RAT010/fail-colon.toml", "a colon may begin a segment that is no parameter"),
    (
        "tests/rules/COR004/fail-site-as-app.toml",
        "no pattern without a look-around takes every scheme but those of sites",
    ),
    (
        "tests/rules/COR004/fail-default-port.toml",
        "the port that a scheme implies takes a look-around, which not every editor's patterns have",
    ),
];

#[test]
fn schema_and_loader_agree_about_every_profile_here() {
    let validator = validator();
    let mut paths = Vec::new();
    profiles(Path::new("tests/rules"), &mut paths);
    profiles(Path::new("tests/fixtures"), &mut paths);
    profiles(Path::new("examples"), &mut paths);
    // App packs have a schema of their own.
    let packs = ["leftmost.toml", "my-app.toml"];
    paths.retain(|path| !path.starts_with("tests/fixtures/packs") && !packs.iter().any(|name| path.ends_with(name)));
    assert!(paths.len() > 10);
    let mut wrong = Vec::new();
    for path in paths {
        if fs::read(&path).is_ok_and(|bytes| std::str::from_utf8(&bytes).is_err()) {
            continue;
        }
        let text = fixture::profile(&path);
        let parted = parted(&validator, &path, &text);
        let beyond = BEYOND_A_SCHEMA.iter().any(|(known, _)| Path::new(known) == path);
        assert!(!beyond || parted.is_some(), "{} is an exception no more", path.display());
        wrong.extend(parted.filter(|_| !beyond).map(|how| format!("{}\n{how}", path.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_pack_here_is_valid_by_the_schema_of_packs_and_a_mistaken_one_is_not() {
    let schema = fs::read_to_string("schemas/app.schema.json").expect("the schema is there");
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::options().build(&schema).expect("the schema is one");
    let errors = |text: &str| -> Vec<String> {
        let root = toml::de::DeTable::parse(text).expect("a pack is TOML");
        let value = Value::Object(object(root.get_ref()));
        validator.iter_errors(&value).map(|error| error.to_string()).collect()
    };
    let mut paths: Vec<PathBuf> = fs::read_dir("apps").expect("packs").flatten().map(|file| file.path()).collect();
    profiles(Path::new("tests/fixtures/packs"), &mut paths);
    profiles(Path::new("examples/packs"), &mut paths);
    paths.retain(|path| path.is_file() && !path.ends_with("security.toml"));
    assert!(paths.len() > 20);
    for path in paths {
        let text = fs::read_to_string(&path).expect("a pack is text");
        assert_eq!(errors(&text), Vec::<String>::new(), "{}", path.display());
    }
    let pack = "version = 1\ntitle = \"shop\"\n";
    for mistaken in [
        "keeps_state = { is = true, form = \"a.py\" }",
        "keeps_state = { since = \"1\" }",
        "docs = { paths = [\"/docs\"], from = 1 }",
        "keeps_state = { is = true, since = \"Version 1\" }",
    ] {
        assert_ne!(errors(&format!("{pack}{mistaken}\n")), Vec::<String>::new(), "{mistaken}");
    }
}

/// The vocabulary once over: every key of it with a value that is taken.
const HERE: &str = "tests/fixtures/everything.toml";
const EVERYTHING: &str = include_str!("fixtures/everything.toml");

#[test]
fn the_whole_vocabulary_is_taken_by_both() {
    assert_eq!(shape_errors(Path::new(HERE), EVERYTHING), Vec::<String>::new());
    assert_eq!(parted(&validator(), Path::new(HERE), EVERYTHING), None);
}

/// A key that is new in the vocabulary is added to the fixture, so that it is tried in every wrong way, too.
#[test]
fn the_whole_vocabulary_is_here() {
    let table: toml::Table = EVERYTHING.parse().expect("it is TOML");
    let table = toml::Value::Table(table);
    let missing: Vec<String> = vocabulary::all()
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| !is_written(&table, &path.split('.').collect::<Vec<_>>()))
        .collect();
    assert!(missing.is_empty(), "{HERE} lacks {}", missing.join(", "));
}

/// Whether something stands at a path; `*` is any entry of a table and any element of a list.
fn is_written(value: &toml::Value, path: &[&str]) -> bool {
    let Some((step, rest)) = path.split_first() else { return true };
    match value {
        toml::Value::Table(table) if *step == vocabulary::ANY => table.values().any(|value| is_written(value, rest)),
        toml::Value::Table(table) => table.get(*step).is_some_and(|value| is_written(value, rest)),
        toml::Value::Array(values) => values.iter().any(|value| is_written(value, rest)),
        _ => false,
    }
}

/// Every value of the whole vocabulary, replaced by one of each other type in turn; every key, misspelt.
#[test]
fn schema_and_loader_refuse_the_same_changes() {
    let validator = validator();
    let mut wrong = Vec::new();
    for (number, line) in EVERYTHING.lines().enumerate() {
        let Some((key, value)) = line.split_once(" = ") else { continue };
        let changes = ["true", "-1", "1.5", "\"\\u0001\"", "[[]]", "{ x = 1 }", "1979-05-27T07:32:00Z"]
            .map(|other| format!("{key} = {other}"));
        for change in changes.into_iter().chain([format!("{key}_x = {value}")]) {
            let lines: Vec<&str> =
                EVERYTHING.lines().enumerate().map(|(at, line)| if at == number { &*change } else { line }).collect();
            wrong.extend(
                parted(&validator, Path::new(HERE), &lines.join("\n"))
                    .map(|how| format!("line {}: {change}\n{how}", number + 1)),
            );
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differences\n{}",
        wrong.len(),
        wrong.into_iter().take(12).collect::<Vec<_>>().join("\n\n")
    );
}

/// An amount as a key of its kind is written: in the smallest unit, seconds or bytes.
fn written(kind: &Kind, amount: u64) -> String {
    let unit = match kind {
        Kind::Text(text) => match text.shape {
            Shape::Duration => "s",
            Shape::Size => "B",
            _ => panic!("{} has no amount", text.what),
        },
        _ => return amount.to_string(),
    };
    format!("\"{amount}{unit}\"")
}

/// Each bound of the vocabulary is the last that is taken, by schema and loader alike, and what is beyond it is told why.
#[test]
fn bounds_are_the_last_values_that_are_taken() {
    let validator = validator();
    let table: toml::Table = EVERYTHING.parse().expect("it is TOML");
    let mut tried = 0;
    for (path, key) in vocabulary::all() {
        let Some(bounds) = key.bounds else { continue };
        let steps: Vec<&str> = path.split('.').collect();
        let below = bounds.least.checked_sub(1).map(|amount| (amount, Some(bounds.below)));
        let within = [(bounds.least, None), (bounds.most, None)];
        // A size of nothing is no size, which its type says.
        let below = below.filter(|_| !(bounds.least == 1 && written(key.kind, 1).contains('B')));
        for (amount, problem) in within.into_iter().chain([(bounds.most + 1, Some(bounds.above))]).chain(below) {
            let mut profile = toml::Value::Table(table.clone());
            let text = written(key.kind, amount);
            let value: toml::Table = format!("value = {text}").parse().expect("it is TOML");
            *at(&mut profile, &steps) = value["value"].clone();
            let profile = toml::to_string(&profile).expect("a table is TOML");
            assert_eq!(parted(&validator, Path::new(HERE), &profile), None, "{path} = {text}");
            let told = shape_errors(Path::new(HERE), &profile);
            match problem {
                None => assert_eq!(told, Vec::<String>::new(), "{path} = {text}"),
                Some(problem) => {
                    assert!(!problem.is_empty(), "{path}: the reason is told");
                    assert!(
                        told.len() == 1 && told[0].starts_with("PRF003") && told[0].contains(problem),
                        "{path} = {text}: {told:?}"
                    );
                }
            }
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
}

/// The value at a path; `*` is the first entry.
fn at<'v>(value: &'v mut toml::Value, path: &[&str]) -> &'v mut toml::Value {
    let Some((step, rest)) = path.split_first() else { return value };
    let table = value.as_table_mut().expect("sections are tables");
    let below =
        if *step == vocabulary::ANY { table.iter_mut().next().map(|(_, below)| below) } else { table.get_mut(*step) };
    at(below.expect("it is in the fixture"), rest)
}

/// What `seccfg plan --format json` prints of every profile here that can be planned, behind every edge.
#[test]
fn every_plan_is_as_its_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("../schemas/plan.schema.json")).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let mut paths = Vec::new();
    for folder in ["tests/rules", "tests/fixtures", "examples"] {
        profiles(Path::new(folder), &mut paths);
    }
    let (packs, mut planned) = (input::packs(), 0);
    for path in &paths {
        let source = Source::new(path, fixture::profile(path));
        let opened = Opened::read(&source, &[], &packs);
        let mode = opened.modes(Modes::Own).first().copied().filter(|_| opened.is_sound());
        let Some(policy) = mode.and_then(|mode| opened.policy(mode)) else { continue };
        let plans = opened.plans(&policy, Target::ALL);
        let plans: Vec<Listed> = plans.iter().map(Listed::new).collect();
        planned += plans.len();
        let listing = Listing { version: 1, file: source.name(), mode: policy.mode.as_str(), plans };
        let told = serde_json::to_value(&listing).expect("a plan is data");
        let errors: Vec<String> = schema.iter_errors(&told).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
    }
    assert!(planned > 1000, "only {planned}");
}
