//! What seccfg says of each reader is what that reader does.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use seccfg::dotenv::{Document, Reader, Verdict, encode, encode_for};
use seccfg::source::Source;
use serde_json::Value;

use super::readers::{json_of, program, skipped};
use super::support::{folder, root};

type Read = BTreeMap<String, Option<String>>;

/// Those that can be run here, as each reads `0.env`, `1.env` and so on in a folder.
fn read_all(reader: Reader, folder: &Path, count: usize) -> Option<Vec<Read>> {
    let texts = || (0..count).map(|index| folder.join(format!("{index}.env")));
    match reader {
        Reader::PythonDotenv | Reader::DjangoEnviron => {
            let name = reader.as_str();
            let mut python = Command::new(root().join("target/venv/bin/python"));
            python.arg("-B").arg(root().join("tests/env_target/read_all.py")).arg(name).current_dir(folder);
            let read = json_of(&mut python);
            if read == Value::Null {
                skipped(name, "it is not in target/venv: scripts/setup installs it");
                return None;
            }
            serde_json::from_value(read).ok()
        }
        Reader::NodeDotenv => {
            let node = program("node")?;
            let module = root().join("target/node/node_modules/dotenv");
            if !module.exists() {
                skipped("dotenv", "it is not in target/node: scripts/setup installs it where npm is there");
                return None;
            }
            let script = "const { parse } = require(process.argv[1]); \
                          console.log(JSON.stringify([...Array(+process.argv[2]).keys()].map(i => parse(fs.readFileSync(`${i}.env`)))))";
            let mut node = Command::new(node);
            node.args(["-e", script]).arg(module).arg(count.to_string()).current_dir(folder);
            serde_json::from_value(json_of(&mut node)).ok()
        }
        Reader::Node => {
            let node = program("node")?;
            let read = |index: usize| {
                let mut node = Command::new(&node);
                let file = format!("--env-file={index}.env");
                node.args([&file, "-e", "console.log(JSON.stringify(process.env))"]).current_dir(folder);
                serde_json::from_value(json_of(&mut node)).expect("it is an object")
            };
            Some((0..count).map(read).collect())
        }
        Reader::Bash => {
            let read = |path: std::path::PathBuf| {
                let mut bash = Command::new("bash");
                bash.args(["-c", "set -a; . \"$0\"; env -0"]).arg(path).env_clear().current_dir(folder);
                let printed = bash.env("PATH", "/usr/bin:/bin").output().expect("it starts").stdout;
                let printed = String::from_utf8_lossy(&printed).into_owned();
                let pairs = printed.split('\0').filter_map(|pair| pair.split_once('='));
                pairs.map(|(name, value)| (name.to_owned(), Some(value.to_owned()))).collect()
            };
            Some(texts().map(read).collect())
        }
        Reader::Dotenvy => {
            let read = |path: std::path::PathBuf| {
                let text = fs::read(path).expect("it was written");
                let mut read = Read::new();
                // What is set already is not set again.
                for (name, value) in dotenvy::from_read_iter(&text[..]).map_while(Result::ok) {
                    read.entry(name).or_insert(Some(value));
                }
                read
            };
            Some(texts().map(read).collect())
        }
        Reader::Docker => {
            let docker = program("docker")?;
            Some((0..count).map(|index| read_by_docker(&docker, folder, index)).collect())
        }
        Reader::Systemd => {
            let generator =
                Path::new("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator");
            if !generator.exists() {
                skipped("systemd", "its reader of environment.d is not there");
                return None;
            }
            Some((0..count).map(|index| read_by_systemd(generator, folder, index)).collect())
        }
        // It is not here: its source was read.
        Reader::Compose => None,
    }
}

/// What Docker's client hands a service of a stack on from its `env_file`, which it reads as `docker run --env-file` does. A
/// file that it refuses gives nothing.
fn read_by_docker(docker: &Path, folder: &Path, index: usize) -> Read {
    let stack = format!("version: '3.8'\nservices:\n  one:\n    image: one\n    env_file: {index}.env\n");
    fs::write(folder.join("stack.yaml"), stack).expect("a file can be written");
    let mut docker = Command::new(docker);
    docker.args(["stack", "config", "-c", "stack.yaml"]).env_clear().env("HOME", folder).current_dir(folder);
    let ran = docker.output().expect("it starts");
    if !ran.status.success() {
        return Read::new();
    }
    let printed = seccfg::yaml::read(&String::from_utf8_lossy(&ran.stdout));
    assert!(printed.problems.is_empty(), "{:?}", printed.problems);
    let environment = printed.documents[0].at(&["services", "one", "environment"]).expect("what it was given");
    let pairs = environment.entries().iter();
    pairs.map(|pair| (pair.key.clone(), pair.value.text().map(str::to_owned))).collect()
}

/// What systemd reads, by the part of it that says what it read: of files in `environment.d`, where `$` stands for names,
/// and which are read like those of `EnvironmentFile=` besides.
fn read_by_systemd(generator: &Path, folder: &Path, index: usize) -> Read {
    let text = fs::read_to_string(folder.join(format!("{index}.env"))).expect("it was written");
    fs::create_dir_all(folder.join("environment.d")).expect("a folder can be made");
    fs::write(folder.join("environment.d/one.conf"), text.replace('$', "$$")).expect("a file can be written");
    let ran = Command::new(generator).env_clear().env("XDG_CONFIG_HOME", folder).env("HOME", folder).output();
    let printed = String::from_utf8_lossy(&ran.expect("it starts").stdout).into_owned();
    let pairs = printed.lines().filter_map(|line| line.split_once('='));
    let mut read: Read = pairs.map(|(name, value)| (name.to_owned(), Some(without_escapes(value)))).collect();
    // What is empty is printed nowhere: by `EnvironmentFile=` it is set to nothing.
    let empty = text.lines().filter_map(|line| line.split_once('=')).filter(|(_, value)| value.trim().is_empty());
    for (name, _) in empty.filter(|(name, _)| seccfg::dotenv::is_name(name)) {
        read.entry(name.to_owned()).or_insert_with(|| Some(String::new()));
    }
    read
}

/// A value as systemd prints it, in quotes and with C's escapes where it needs them.
fn without_escapes(printed: &str) -> String {
    let Some(within) = printed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return printed.to_owned();
    };
    let (mut value, mut characters) = (String::new(), within.chars());
    while let Some(character) = characters.next() {
        value.push(match character {
            '\\' => match characters.next().expect("something is escaped") {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'a' => '\u{7}',
                'b' => '\u{8}',
                other => other,
            },
            other => other,
        });
    }
    value
}

/// Lines that readers differ on, and lines that they do not.
const LINES: &[&str] = &[
    "A=1",
    "A='1 2'",
    "A=\"it's\"",
    "A='two\nlines'",
    "export A=1",
    "A=1\nA=3",
    "A =1",
    "A= 1",
    "A= '1'",
    "A=1  ",
    "A='1'  ",
    "A=   ",
    "A='1' # 2",
    "A=1 2",
    "A=1&2",
    "A=(1)",
    "A=~/x",
    "A=1 # 2",
    "A=1#2",
    "A=#2",
    "A=$Z",
    "A=x$Z",
    "A=x${Z}y",
    "A='x${Z}y'",
    "A='$Z'",
    "A='x$Zy'",
    "A=\"x${Z}y\"",
    "A=\"x$Z\"",
    "A=`b`",
    "A=\"`b`\"",
    "A='`b`'",
    "A=\"1\\n2\"",
    "A=\"1\\\"2\"",
    "A=\"1\\'2\"",
    "A=\"1\\\\2\"",
    "A=\"1\\$2\"",
    "A=\"1\\t2\"",
    "A=\"1\\é\"",
    "A=\"1\\a\"",
    "A=\"1\\r\"",
    "A='1\\\\2'",
    "A='1\\'\nB='\n2'",
    "A=1\\2",
    "A=[\"1\"]",
    "A=it's",
    "A=1\r",
    "\u{feff}A=1",
    "B=5\nA=x${B}y",
    "B=5\nA=x$B",
    "B=5\nA=\"x${B}y\"",
    "B=5\nA='x${B}y'",
    "B=5\nA=$B",
    "A=x${B}y\nB=5",
    "A=${Z:-x}",
    "B=5\nA=${B:-x}",
    "B=5\nA=${B}${B}",
    "B=5\nC=${B}6\nA=${C}7",
    // Defaults within defaults, of what is empty and of what is not there.
    "A=${Z:-${Y:-x}}",
    "A=${Z:-${Y:-${X:-x}}}y",
    "A=\"${Z:-${Y:-x}}\"",
    "A='${Z:-${Y:-x}}'",
    "A=${Z:-${Y}}",
    "B=5\nA=${Z:-${B}}",
    "B=5\nA=${Z:-$B}",
    "B=5\nA=${B:-${Y:-x}}",
    "B=5\nA=${Z:-a${B}c}${B}",
    "B=\nA=${B:-x}",
    "B=\nA=${B-x}",
    "B=\nA=${B}",
    "A=${Z-x}",
    "A=${Z:-x}}",
    "A=${Z:-${Y}",
    "A=p$$w",
    "A=\"1\\\\\"\nB=\"2\"",
    "A='\"1\"'",
    "A=\"\\$Z\"",
    "A='p$'",
    "A=100%",
    "A=a=b",
];

/// For each reader and each line: either it reads what we say that it reads, or we say that it misreads the line.
#[test]
fn each_reader_reads_what_is_said_of_it() {
    let folder = folder();
    for (index, line) in LINES.iter().enumerate() {
        fs::write(folder.path().join(format!("{index}.env")), format!("{line}\n")).expect("a file can be written");
    }
    let mut wrong = Vec::new();
    for reader in Reader::ALL {
        let Some(read) = read_all(reader, folder.path(), LINES.len()) else { continue };
        for (line, theirs) in LINES.iter().zip(read) {
            let source = Source::new(".env", format!("{line}\n"));
            let document = Document::read_by(&source, &[reader]);
            let others = || document.entries().iter().filter(|entry| entry.name != "A");
            let misread = document.problems().iter().filter(|problem| problem.verdict == Verdict::Misread);
            let is_misread = misread.clone().any(|problem| others().all(|entry| !problem.is_about(entry.value_span)));
            let ours = document.get("A").map(|entry| entry.value.expose().to_owned());
            let theirs = theirs.get("A").cloned().flatten();
            // Its releases before 1.2 misread what this one reads.
            if reader == Reader::PythonDotenv && line.contains("\\\\\"") && is_misread {
                continue;
            }
            if is_misread != (ours != theirs) {
                wrong.push(format!("{reader:?} {line:?}: {theirs:?}, we {ours:?} {:?}", document.problems()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Values of all that is troublesome, and of what is not.
fn values() -> Vec<String> {
    const PIECES: [&str; 24] = [
        "a", "Z9", "_", "é", "雪", " ", "  ", "\n", "'", "\"", "`", "\\", "$", "${", "}", "#", "=", ":", ";", "&", "%",
        "(", "~", "$A",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 1_000_003).expect("it is small")
    };
    (0..10_000).map(|_| (0..next() % 9).map(|_| PIECES[next() % PIECES.len()]).collect()).collect()
}

/// A file with a variable for each value that has a form.
fn file(encode: impl Fn(&str) -> Option<String>) -> (String, Read) {
    let mut text = String::new();
    let mut meant = Read::new();
    for (index, value) in values().into_iter().enumerate() {
        if let Some(encoded) = encode(&value) {
            writeln!(text, "V{index}={encoded}").expect("it is a string");
            meant.insert(format!("V{index}"), Some(value));
        }
    }
    (text, meant)
}

#[test]
fn ten_thousand_values_are_read_back_by_every_reader() {
    let folder = folder();
    let (text, mut common) = file(|value| encode(value).ok());
    assert!(common.len() > 5_000, "{}", common.len());
    for reader in Reader::ALL {
        // The form of all, but for values over several lines, which django-environ has no form for.
        fs::write(folder.path().join("0.env"), &text).expect("a file can be written");
        let (own, meant) = file(|value| encode_for(value, &[reader]).ok());
        fs::write(folder.path().join("1.env"), &own).expect("a file can be written");
        let Some(read) = read_all(reader, folder.path(), 2) else { continue };
        let theirs = |read: &Read, meant: &Read| {
            let of = |(name, value): (&String, &Option<String>)| {
                (read.get(name) != Some(value)).then(|| (name.clone(), value.clone()))
            };
            meant.iter().filter_map(of).collect::<Vec<_>>()
        };
        let wrong = theirs(&read[1], &meant);
        assert!(
            wrong.is_empty() && meant.len() > 6_000,
            "{reader:?}, for itself: {} of {}: {:?}",
            wrong.len(),
            meant.len(),
            &wrong[..wrong.len().min(5)]
        );
        // Docker takes the quotes of that form for a part of the value.
        if !matches!(reader, Reader::DjangoEnviron | Reader::Docker) {
            let wrong = theirs(&read[0], &common);
            assert!(wrong.is_empty(), "{reader:?}: {} wrong: {:?}", wrong.len(), &wrong[..wrong.len().min(5)]);
        }
    }
    // What several share, each of them reads.
    let some = [Reader::PythonDotenv, Reader::DjangoEnviron, Reader::Bash];
    let (text, meant) = file(|value| encode_for(value, &some).ok());
    fs::write(folder.path().join("0.env"), &text).expect("a file can be written");
    for reader in some {
        if let Some(read) = read_all(reader, folder.path(), 1) {
            assert!(meant.iter().all(|(name, value)| read[0].get(name) == Some(value)), "{reader:?}");
        }
    }
    common.retain(|_, value| value.as_ref().is_some_and(|value| !value.contains('\n')));
    assert!(meant.len() >= common.len());
}
