//! What a reference leads to is shown nowhere: not in any format, nor after mending, nor by any command.

mod support;

#[path = "support/fixture.rs"]
mod fixture;

use std::fs;
use std::path::{Path, PathBuf};

use seccfg::check::EnvFile;
use seccfg::dotenv::Document;
use seccfg::rules;
use support::{folder, run};

/// Whether a text can tell a secret: not a short one, nor a word of the rules' own (`postgres`), which any report holds.
fn is_telling(value: &str) -> bool {
    value.len() >= 6 && !rules::all().any(|rule| rules::page(rule).contains(value))
}

/// The values that a profile's references lead to, or, where the rule judges all of the file, every value in it.
fn values(rule: &str, profile: &str, env_files: &[EnvFile]) -> Vec<String> {
    let is_whole = ["SEC013", "SEC014", "SEC015"].contains(&rule);
    let mut values = Vec::new();
    for file in env_files {
        for entry in Document::parse(&file.source).entries() {
            let value = entry.value.expose();
            if is_whole || profile.contains(&format!("\"env:{}\"", entry.name)) {
                // The password of a URL is one by itself.
                let password = value.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')?.0.split_once(':'));
                let candidates = std::iter::once(value).chain(password.map(|(_, password)| password));
                values.extend(candidates.filter(|value| is_telling(value)).map(str::to_owned));
            }
        }
    }
    values
}

/// The fixtures that have `.env` files.
fn fixtures() -> Vec<(PathBuf, Vec<EnvFile>)> {
    let all = rules::all().flat_map(|rule| fixture::of(rule.code));
    all.map(|path| (path.clone(), fixture::env_files(&path))).filter(|(_, files)| !files.is_empty()).collect()
}

#[test]
fn no_output_holds_a_secret() {
    let mut seen = 0;
    for (path, env_files) in fixtures() {
        let profile = fixture::profile(&path);
        let rule = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let values = values(&rule.unwrap_or_default(), &profile, &env_files);
        seen += values.len();
        let folder = folder();
        let pack = "kind = \"../../fixtures/";
        let absolute =
            format!("kind = \"{}/", Path::new("tests/fixtures").canonicalize().expect("it is there").display());
        fs::write(folder.path().join("security.toml"), profile.replace(pack, &absolute))
            .expect("a file can be written");
        let mut flags = vec!["--today".to_owned(), "2026-11-21".to_owned()];
        for (number, file) in env_files.iter().enumerate() {
            let name = format!("{number}.env");
            fs::write(folder.path().join(&name), &file.source.text).expect("a file can be written");
            let mode = file.mode.map(|mode| format!("{mode}=")).unwrap_or_default();
            flags.extend(["--env-file".to_owned(), format!("{mode}{name}")]);
        }
        let commands: [&[&str]; 9] = [
            &["check", "--all-modes"],
            &["check", "--format", "json"],
            &["check", "--format", "sarif"],
            &["check", "--format", "github"],
            &["check", "--format", "junit"],
            &["check", "--fix", "--unsafe-fixes", "--diff"],
            &["report", "--format", "md"],
            &["report", "--format", "html"],
            &["check", "--fix", "--unsafe-fixes"],
        ];
        for command in commands {
            let args: Vec<&str> = command.iter().copied().chain(flags.iter().map(String::as_str)).collect();
            let ran = run(folder.path(), &args);
            assert!(matches!(ran.code, Some(0 | 1)), "{}: {args:?}: {}", path.display(), ran.err);
            for value in &values {
                let found = ran.out.contains(value) || ran.err.contains(value);
                assert!(!found, "{}: {args:?} shows a secret", path.display());
            }
        }
    }
    assert!(seen > 20, "{seen} secrets are looked for");
}
