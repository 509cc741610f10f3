//! Fixtures of the rules. Those that begin with `# Over prod.toml` say only what differs from a profile that is clean in
//! production: their keys replace its keys one by one, and those that the line names are taken away.
//!
//! Beside `fail-x.toml` may stand `fail-x.yaml`, given as `--manifest`, `fail-x.env` or the Compose file `fail-x.compose.yaml`, given
//! as `--env-file`, and `fail-x.staging.env`, given for that mode. In them `{{name}}` stands for 64 hexadecimal digits that are made up anew in each run, `{{name:8}}` for 8 of them. They
//! count as kept from everyone else, unless they have a line `# readable by others` or `# not ignored by git`.

#![allow(dead_code, reason = "each test uses its share")]

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use seccfg::check::{EnvFile, Modes, Opened, Options};
use seccfg::dotenv;
use seccfg::files::Folder;
use seccfg::input;
use seccfg::manifest;
use seccfg::policy::Exposure;
use seccfg::profile::Mode;
use seccfg::source::Source;
use seccfg::targets::env::{self, Content};
use toml::{Table, Value};

/// The day on which waivers, rotations and certificates of fixtures and examples are judged.
pub const TODAY: &str = "2026-11-21";

const BASE: &str = "tests/fixtures/prod.toml";

/// The rules' fixtures, sorted: `tests/rules/<CODE>/{pass,fail}-*.toml`.
pub fn of(code: &str) -> Vec<PathBuf> {
    let folder = Path::new("tests/rules").join(code);
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    files.sort();
    files
}

/// Whether a fixture gives its rule's code, as its name says.
pub fn fails(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("fail-"))
}

/// The whole profile that a fixture means.
pub fn profile(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = String::from_utf8_lossy(&text).into_owned();
    let first = text.lines().next().unwrap_or_default();
    let Some(without) = first.strip_prefix("# Over prod.toml") else { return text };
    let parse = |text: &str| text.parse::<Table>().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut profile = parse(&fs::read_to_string(BASE).expect("the base is there"));
    let without = without.trim_end_matches('.').trim_start_matches(", without ");
    for key in without.split(", ").filter(|key| !key.is_empty()) {
        remove(&mut profile, key).unwrap_or_else(|| panic!("{}: the base has no {key}", path.display()));
    }
    overlay(&mut profile, parse(&text));
    toml::to_string(&profile).expect("a table is TOML")
}

fn remove(table: &mut Table, key: &str) -> Option<Value> {
    match key.split_once('.') {
        Some((section, rest)) => remove(table.get_mut(section)?.as_table_mut()?, rest),
        None => table.remove(key),
    }
}

fn overlay(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => overlay(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// What a fixture is checked with: its `.env` files, on the day of the fixtures, and packs that are read from the disk.
pub fn options(path: &Path) -> Options {
    Options {
        today: TODAY.parse().ok(),
        env_files: env_files(path),
        manifests: manifests(path),
        packs: input::packs(),
        folders: Some(look),
        ..Options::default()
    }
}

/// Two folders that are on no machine.
fn look(path: &Path) -> Option<Folder> {
    match path.to_str()? {
        "/srv/repository" => Some(Folder { leads_to: None, hidden: vec![".env".to_owned(), ".git".to_owned()] }),
        "/srv/current" => Some(Folder { leads_to: Some("releases/12".into()), hidden: Vec::new() }),
        _ => None,
    }
}

/// The manifests that stand beside a fixture, as if they were named.
pub fn manifests(path: &Path) -> Vec<manifest::File> {
    let path = path.with_extension("yaml");
    let Ok(text) = fs::read_to_string(&path) else { return Vec::new() };
    vec![manifest::File { source: Source::new(path, filled(&text)), is_named: true }]
}

/// The `.env` files that stand beside a fixture.
pub fn env_files(path: &Path) -> Vec<EnvFile> {
    let fixture = path;
    let beside = |mode: Option<Mode>| {
        let ending = mode.map_or_else(|| "env".to_owned(), |mode| format!("{mode}.env"));
        let path = path.with_extension(ending);
        let text = completed(&filled(&fs::read_to_string(&path).ok()?), fixture, mode);
        let says = |comment: &str| text.lines().any(|line| line == comment);
        let exposure = Exposure { readable: says("# readable by others"), committable: says("# not ignored by git") };
        Some(EnvFile { exposure, ..EnvFile::of(mode, Source::new(path, text)) })
    };
    let compose = path.with_extension("compose.yaml");
    let composed = fs::read_to_string(&compose).ok();
    let composed = composed.map(|text| EnvFile::of(None, Source::new(compose, filled(&text))));
    std::iter::once(None).chain(Mode::ALL.iter().copied().map(Some)).filter_map(beside).chain(composed).collect()
}

/// The text with every public variable behind it that rendering would write and that it does not name: what it says is all
/// that differs from the profile. `# MODE is not set` leaves one out; `# all that is set` leaves out all of them.
fn completed(text: &str, fixture: &Path, mode: Option<Mode>) -> String {
    if text.lines().any(|line| line == "# all that is set") {
        return text.to_owned();
    }
    let source = Source::new(fixture, profile(fixture));
    let opened = Opened::read(&source, &[], &input::packs());
    let mode = mode.or_else(|| opened.modes(Modes::Own).first().copied());
    let Some(policy) = mode.and_then(|mode| opened.policy(mode)) else { return text.to_owned() };
    let told = env::assignments(&opened.plans(&policy, &[])).unwrap_or_default();
    let names: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once(['=', ':'])?.0.trim())).collect();
    let is_left_out = |name: &str| text.lines().any(|line| line == format!("# {name} is not set"));
    let is_there =
        |name: &str| names.iter().any(|known| known.trim_start_matches("export ").eq_ignore_ascii_case(name));
    let is_named = |name: &str| is_left_out(name) || is_there(name);
    let mut completed = text.to_owned();
    for one in told.iter().filter(|one| !is_named(&one.name)) {
        let Content::Public(value) = &one.content else { continue };
        let edit = dotenv::Edit::Append { above: &[], name: &one.name, value };
        completed = dotenv::apply(&completed, edit).unwrap_or(completed);
    }
    completed
}

/// The text with made-up secrets in it.
fn filled(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("what is opened is closed");
        let (name, length) = name.split_once(':').unwrap_or((name, "64"));
        filled.push_str(&made_up(name, length.parse().expect("a length is a number")));
        filled.push_str(rest);
    }
    filled
}

/// So many hexadecimal digits, others in each run.
pub fn made_up(name: &str, length: usize) -> String {
    static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let parts: Vec<String> =
        (0..length.div_ceil(16)).map(|part| format!("{:016x}", SEED.hash_one((name, part)))).collect();
    parts.concat()[..length].to_owned()
}
