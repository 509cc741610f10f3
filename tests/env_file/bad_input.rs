//! Whatever stands in the place of a file of variables: it is told, never waited for, and no profile is made of it.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use super::support::{folder, run};
use super::{PROFILE, messages, write};

/// A name, how it is told where it is named on the command line, and the exit code; nothing where it can be read.
const FILES: [(&str, &str, Option<i32>); 11] = [
    ("little.env", "this is UTF-16", Some(1)),
    ("big.env", "this is UTF-16", Some(1)),
    ("zeros.env", "it holds the byte 0x00", Some(1)),
    ("latin1.env", "this is not UTF-8", Some(1)),
    ("pipe", "a named pipe, not a file", Some(2)),
    ("/dev/zero", "larger than 16 MiB", Some(2)),
    ("gigabyte.env", "larger than 16 MiB", Some(2)),
    ("folder", "this is a folder", Some(2)),
    ("nowhere", "there is no such file", Some(2)),
    ("missing.env", "there is no such file", Some(2)),
    ("away.env", "", None),
];

fn prepare(path: &Path, beside: &Path) {
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> { "\u{feff}A=1\n".encode_utf16().flat_map(order).collect() };
    for (name, bytes) in [
        ("little.env", utf16(u16::to_le_bytes)),
        ("big.env", utf16(u16::to_be_bytes)),
        ("zeros.env", b"A=1\n\0\0\0\0".to_vec()),
        ("latin1.env", b"A=\xe9t\xe9\n".to_vec()),
    ] {
        fs::write(path.join(name), bytes).expect("a file can be written");
    }
    let made = std::process::Command::new("mkfifo").arg(path.join("pipe")).status().expect("mkfifo is there");
    assert!(made.success());
    let large = File::create(path.join("gigabyte.env")).expect("a file can be made");
    large.set_len(1 << 30).expect("it may have holes");
    fs::create_dir(path.join("folder")).expect("a folder can be made");
    symlink("none", path.join("nowhere")).expect("a link can be made");
    write(beside, "theirs.env", "A='1\n");
    symlink(beside.join("theirs.env"), path.join("away.env")).expect("a link can be made");
}

#[test]
fn what_is_no_file_of_variables_is_told_and_nothing_is_begun() {
    let (folder, beside) = (folder(), folder());
    let path = folder.path();
    prepare(path, beside.path());
    write(path, "security.toml", PROFILE);
    let began = Instant::now();
    for (name, told, code) in FILES {
        let ran = run(path, &["check", "--env-file", name]);
        assert!(!ran.err.contains("panicked"), "{name}: {}", ran.err);
        if let Some(code) = code {
            assert_eq!(ran.code, Some(code), "{name}: {}{}", ran.out, ran.err);
            assert!(ran.out.contains(told) || ran.err.contains(told), "{name}: {}{}", ran.out, ran.err);
            let ran = run(path, &["init", "--from", name, "--out", "new.toml"]);
            assert_eq!(ran.code, Some(code), "{name}: {}{}", ran.out, ran.err);
            assert!(!path.join("new.toml").exists(), "{name}");
        }
        // Where a Compose file names it, that is the place.
        write(path, "compose.yaml", &format!("services:\n  web:\n    env_file: {name}\n"));
        let found = messages(path, &["--env-file", "compose.yaml", "--only", "RND001"]);
        assert!(found.iter().any(|line| line.contains(" compose.yaml:3: ")), "{name}: {found:#?}");
    }
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}

/// Compose follows a link, and whoever may write where it leads says what the service is started with.
#[test]
fn a_link_out_of_the_folder_is_followed_and_told() {
    let (folder, beside) = (folder(), folder());
    let path = folder.path();
    prepare(path, beside.path());
    write(path, "security.toml", PROFILE);
    write(path, "compose.yaml", "services:\n  web:\n    env_file: away.env\n");
    let found = messages(path, &["--env-file", "compose.yaml", "--only", "RND001"]);
    let has = |line: &str| found.iter().any(|one| one.starts_with(line));
    assert!(has("warning RND001 compose.yaml:3: this file is a link that leads out of its folder"), "{found:#?}");
    assert!(has("error RND001 away.env:1: "), "{found:#?}");
}

/// A large file of many values, deep aliases and anchors that everything shares is judged in its time.
#[test]
fn a_compose_file_of_many_services_is_judged_in_its_time() {
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", PROFILE);
    let mut text = "x-env: &env\n".to_owned();
    text.extend((0..200).map(|number| format!("  NAME_{number}: value-{number}\n")));
    text += "services:\n";
    text.extend(
        (0..300)
            .map(|number| format!("  web{number}:\n    environment:\n      <<: *env\n      SECRET_KEY: changeme\n")),
    );
    write(path, "compose.yaml", &text);
    let began = Instant::now();
    let found = messages(path, &["--env-file", "compose.yaml"]);
    assert!(found.iter().any(|line| line.contains("compose.yaml:206: ")), "{:#?}", &found[..found.len().min(5)]);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}
