//! Policy, file, policy: for every pack, whatever the profile says.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use seccfg::apps::{AppPack, Packs};
use seccfg::check::{EnvFile, Modes, Opened, Options, check};
use seccfg::dotenv::{Document, Problem, Verdict};
use seccfg::finding::Severity;
use seccfg::plan::Plan;
use seccfg::profile::{AppKind, Mode, same};
use seccfg::source::Source;
use seccfg::targets::env::{self, Assignment, Content};
use seccfg::targets::{Error, Refused, Unwritable};
use toml::{Table, Value};

/// A key with some of the values that it can have.
fn keyed(key: &'static str, values: Vec<Value>) -> BoxedStrategy<(&'static str, Value)> {
    select(values).prop_map(move |value| (key, value)).boxed()
}

fn texts(key: &'static str, values: &[&str]) -> BoxedStrategy<(&'static str, Value)> {
    keyed(key, values.iter().map(|value| Value::from(*value)).collect())
}

fn truth(key: &'static str) -> BoxedStrategy<(&'static str, Value)> {
    keyed(key, vec![true.into(), false.into()])
}

fn list(key: &'static str, values: &'static [&'static str]) -> BoxedStrategy<(&'static str, Value)> {
    subsequence(values, 0..=values.len()).prop_map(move |list| (key, Value::from(list))).boxed()
}

fn time(key: &'static str) -> BoxedStrategy<(&'static str, Value)> {
    (1..28_u32, select(&["s", "m", "h", "d"][..]))
        .prop_map(move |(count, unit)| (key, Value::from(format!("{count}{unit}"))))
        .boxed()
}

/// Keys that some pack holds, each there or not.
fn keys() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let urls = ["https://shop.example.com", "http://localhost:8000", "https://xn--bcher-kva.example:8443/a/b"];
    let of_one = [
        texts("app.url", &urls),
        texts("app.frontend_url", &urls),
        truth("app.debug"),
        truth("app.open_registration"),
        texts("cors.enforced_by", &["app", "auto", "proxy"]),
        list("cors.origins", &["https://a.example", "https://b.example:8443", "http://localhost:3000"]),
        list("cors.methods", &["GET", "POST", "DELETE"]),
        list("cors.headers", &["Authorization", "X-API-Key"]),
        truth("cors.credentials"),
        list("tokens.algorithms", &["HS256", "ES256"]),
        list("passwords.require", &["upper", "lower", "digit", "special"]),
        time("tokens.access_ttl"),
        time("tokens.refresh_ttl"),
        texts("database.engine", &["postgresql", "mongodb", "firestore", "sqlite"]),
        texts("database.tls", &["off", "require", "verify-full"]),
        texts("state.backend", &["memory", "redis"]),
        truth("rate_limits.enabled"),
        truth("lockout.enabled"),
        keyed("lockout.attempts", vec![1.into(), 5.into(), 100.into()]),
        time("lockout.duration"),
        keyed("passwords.min_length", vec![8.into(), 15.into()]),
        keyed("passwords.history", vec![0.into(), 24.into()]),
        truth("ip_filter.enabled"),
        truth("email.enabled"),
        texts("email.carrier", &["file", "smtp", "gmail", "brevo"]),
        texts("email.from", &["a@b.example", "o'brien+x=y@b.example", "{a}#|b~@b.example"]),
        texts("email.smtp.host", &["mail.example.com"]),
        keyed("email.smtp.port", vec![25.into(), 587.into()]),
        texts("email.smtp.security", &["starttls", "implicit", "none"]),
        texts("oauth.google.client_id", &["env:GOOGLE_CLIENT_ID", "abc.apps.example", "it's", "a\"b'c", "a$b\\"]),
        texts("oauth.microsoft.client_secret", &["env:MS_CLIENT_SECRET", "env:MICROSOFT_CLIENT_SECRET"]),
    ];
    of_one
        .into_iter()
        .map(|one| prop::option::weighted(0.6, one))
        .collect::<Vec<_>>()
        .prop_map(|keys| keys.into_iter().flatten().collect())
}

/// Every release of every pack, and of each pack the one that counts where none is named.
fn apps() -> Vec<(&'static str, Option<String>)> {
    let of = |kind: &'static str| {
        let pack = AppPack::embedded(kind).expect("the kind is known");
        let named: Vec<_> = pack.releases.all().iter().map(|release| Some(release.name.to_string())).collect();
        named.into_iter().chain([None]).map(move |release| (kind, release))
    };
    AppKind::KNOWN.into_iter().flat_map(of).collect()
}

fn profile((kind, release): &(&str, Option<String>), mode: Mode, keys: &[(&str, Value)]) -> String {
    let mut profile = Table::new();
    let mut set = |path: &str, value: Value| {
        let (sections, key) = path.rsplit_once('.').unwrap_or(("", path));
        let sections = sections.split('.').filter(|section| !section.is_empty());
        let table = sections.fold(&mut profile, |table, section| {
            let below = table.entry(section).or_insert_with(|| Table::new().into());
            below.as_table_mut().expect("a section is a table")
        });
        table.insert(key.to_owned(), value);
    };
    set("version", 1.into());
    set("app.name", "shop".into());
    set("app.kind", (*kind).into());
    if let Some(release) = release {
        set("app.release", release.as_str().into());
    }
    set("app.mode", mode.as_str().into());
    set("secrets.secret_key.source", "env:SECRET_KEY".into());
    set("database.url", if *kind == "instacrud" { "env:MONGO_URL" } else { "env:DATABASE_URL" }.into());
    let has_host = keys.iter().any(|(key, _)| *key == "email.smtp.host");
    for (key, value) in keys.iter().filter(|(key, _)| has_host || !key.starts_with("email.smtp.")) {
        set(key, value.clone());
    }
    toml::to_string(&profile).expect("a table is TOML")
}

/// A value that is written for every secret, hard to read for whoever reads carelessly.
const SECRET: &str = "it is #1, $HOME = 'no`w";

fn contents(plan: &Plan<'_>, told: &[Assignment]) -> String {
    let made = told.iter().filter(|one| matches!(one.content, Content::Secret(_)));
    let made = made.map(|one| (one.name.as_str(), SECRET.replace('\'', ""))).collect();
    env::merge(plan, told, "", &made).expect("what was told has a form")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_file_says_what_the_policy_says(
        app in select(apps()),
        mode in select(Mode::ALL),
        keys in keys(),
    ) {
        let source = Source::new("security.toml", profile(&app, mode, &keys));
        let opened = Opened::read(&source, &[], &Packs::default());
        prop_assert!(opened.is_sound(), "{}", source.text);
        let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("it is sound");
        let plans = opened.plans(&policy, &[]);
        let plan = &plans[0];
        let told = match env::assignments(&plans) {
            Ok(told) => told,
            // What a pack cannot hold, a literal that no form holds, a variable that the app does not read.
            Err(Error::Refused(Refused(all))) => {
                let may_refuse = ["tokens.", "database.engine", "database.url", "oauth."];
                let options = Options { today: Some("2026-11-21".parse().expect("a day")), ..Options::default() };
                let found = check(source.clone(), &options).findings;
                for Unwritable { key, .. } in all {
                    let named = key.to_string();
                    prop_assert!(may_refuse.iter().any(|known| named.starts_with(known)), "{key} is refused");
                    let is_told = found.iter().any(|one| one.place.key == key && one.severity == Severity::Error);
                    prop_assert!(is_told, "the check says nothing of {key}");
                }
                return Ok(());
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let text = contents(plan, &told);
        prop_assert_eq!(env::merge(plan, &told, &text, &BTreeMap::new()), Ok(text.clone()), "it is right already");

        let file = Source::new(".env", text.as_str());
        let document = Document::read_by(&file, &plan.facts().readers());
        let is_minded = |problem: &Problem| problem.verdict > Verdict::Elsewhere;
        prop_assert!(!document.problems().iter().any(is_minded), "{:?}\n{text}", document.problems());
        let ours: BTreeMap<String, String> =
            document.entries().iter().map(|entry| (entry.name.to_owned(), entry.value.expose().to_owned())).collect();
        let theirs = dotenvy::from_read_iter(text.as_bytes()).collect::<Result<BTreeMap<_, _>, _>>().ok();
        // What the app's own reader takes, another one may not.
        prop_assert!(!document.problems().is_empty() || Some(&ours) == theirs.as_ref(), "{text}");

        let says = policy.to_json();
        for (name, row) in plan.app.variables.all() {
            let Some((field, code)) = row.public() else { continue };
            let off = plan.left_off(field);
            match (off.as_ref().or(field.of(says)), ours.get(name.as_str())) {
                (Some(value), Some(text)) => {
                    let meant = code.decode_beside(text, value);
                    let meant = meant.map_err(|misfit| TestCaseError::fail(misfit.to_string()))?;
                    prop_assert!(meant.iter().any(|one| same(one, value)), "{name}={text} is {meant:?}, not {value}");
                }
                (Some(_), None) => prop_assert!(!policy.is_written(field.as_str()), "{field} is told to nobody"),
                (None, there) => prop_assert_eq!(there, None, "{}", name),
            }
        }
        let as_held = EnvFile::of(Some(mode), file.clone());
        let env_files = [as_held];
        let held = Opened::read(&source, &env_files, &Packs::default());
        let policy = held.policy(mode).expect("it is sound");
        for key in held.facts(&policy).expect("it has a pack").heard_keys() {
            let off = plan.left_off(key.field);
            let is_set = key.parts.iter().any(|part| part.heard.variable.is_some());
            let Some(asked) = off.as_ref().or(key.field.of(says)).filter(|_| is_set) else { continue };
            let meant = key.meant(Some(asked)).map_err(|misfit| TestCaseError::fail(misfit.to_string()))?;
            prop_assert!(meant.iter().any(|value| same(value, asked)), "{} is {meant:?}, not {asked}", key.field);
        }
        for (name, row) in plan.app.variables.all().iter().filter(|(_, row)| row.is_secret()) {
            let Some(reference) = row.field.as_ref().and_then(|field| field.of(says)?.as_str()) else { continue };
            if let Some(text) = ours.get(name.as_str()) {
                prop_assert!(reference == format!("env:{name}") || reference == text, "{name}: {reference}");
            }
        }
    }
}
