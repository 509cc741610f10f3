//! What nginx's grammar makes of files.
//!
//! Two read them: a reader of ours that goes by nginx's own code, and a parser in Python that was made by nginx's authors.
//! That one also knows where a directive may stand, and how many words it takes; and it takes many times as long, so that it
//! reads what stands for others. Of all that both read, they say the same.

#![allow(dead_code, reason = "each test uses its share")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::reader::{self, End, Statement};

/// Parses the folders that are named on standard input, a line each, and prints what it finds: for each folder one line
/// with all directives and the files that they include in one list, each with its depth in front of its words.
const PARSER: &str = r"
import json, sys, crossplane
def flat(block, depth):
    for line in block:
        yield [depth, line['directive'], *line['args']]
        if 'block' in line:
            yield from flat(line['block'], depth + 1)
for folder in sys.stdin.read().splitlines():
    payload = crossplane.parse(folder + '/nginx.conf', combine=True)
    if payload['status'] == 'ok':
        print(json.dumps([list(flat(payload['config'][0]['parsed'], 0)), None]))
    else:
        print(json.dumps([[], payload['errors']]))
";

/// A directive: how many blocks it stands in, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    pub depth: u64,
    pub words: Vec<String>,
}

/// What a folder's `nginx.conf` says, with all that it includes.
pub type Tree = Vec<Directive>;

/// Parses the configuration of many folders.
pub fn parse(folders: &[PathBuf]) -> Vec<Result<Tree, String>> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python");
    assert!(python.exists(), "{} is not installed: run scripts/setup", python.display());
    let mut child = Command::new(python)
        .args(["-c", PARSER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python was found, so it starts");
    let list: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    let list = list.join("\n");
    // It reads all of it before it writes: neither waits for the other. Where it has no parser, it reads nothing.
    let _ = child.stdin.take().expect("a pipe").write_all(list.as_bytes());
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "nginx's parser in Python failed: run scripts/setup");
    let lines = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let trees: Vec<_> = lines.lines().map(tree).collect();
    assert_eq!(trees.len(), folders.len());
    trees
}

fn tree(line: &str) -> Result<Tree, String> {
    let (lines, errors): (Vec<Vec<serde_json::Value>>, serde_json::Value) =
        serde_json::from_str(line).expect("the parser's own JSON");
    if !errors.is_null() {
        return Err(errors.to_string());
    }
    let directive = |line: Vec<serde_json::Value>| Directive {
        depth: line[0].as_u64().expect("a depth"),
        words: line[1..].iter().map(|word| unescaped(word.as_str().expect("a word"))).collect(),
    };
    Ok(inlined(lines.into_iter().map(directive).collect()))
}

/// What some files say, the last of which is `nginx.conf`.
pub fn read(files: &[(String, String)]) -> Result<Tree, String> {
    let (_, main) = files.last().ok_or("no files")?;
    let mut tree = Tree::new();
    read_into(&mut tree, 0, main, files)?;
    Ok(inlined(tree))
}

fn read_into(tree: &mut Tree, mut depth: u64, text: &str, files: &[(String, String)]) -> Result<(), String> {
    for Statement { mut words, end } in reader::read(text)? {
        match (end, words.as_slice()) {
            (End::Closes, _) => depth -= 1,
            (End::Simple, [include, name]) if include == "include" => {
                let file = files.iter().find(|(file, _)| file == name);
                let (_, text) = file.ok_or_else(|| format!("{name} is included, and not there"))?;
                read_into(tree, depth, text, files)?;
            }
            (End::Simple | End::Opens, _) => {
                if words[0] == "if" {
                    without_parentheses(&mut words);
                }
                tree.push(Directive { depth, words });
                depth += u64::from(end == End::Opens);
            }
        }
    }
    Ok(())
}

/// The words of an `if` as the parser in Python gives them.
fn without_parentheses(words: &mut Vec<String>) {
    if let Some(inner) = words.last().and_then(|last| last.strip_suffix(')')) {
        let inner = inner.to_owned();
        words.pop();
        words.extend((!inner.is_empty()).then_some(inner));
    }
    if let Some(inner) = words.get(1).and_then(|first| first.strip_prefix('(')) {
        let inner = inner.to_owned();
        words.splice(1..2, (!inner.is_empty()).then_some(inner));
    }
}

/// Parses the configuration of many folders that were read before, to the same.
pub fn parse_again(folders: &[PathBuf], read: &[&Result<Tree, String>]) -> Vec<Result<(), String>> {
    let same = |(parsed, read): (Result<Tree, String>, &&Result<Tree, String>)| match (parsed, read) {
        (Ok(parsed), Ok(read)) => match parsed.iter().zip(read).find(|(parsed, read)| parsed != read) {
            None if parsed.len() == read.len() => Ok(()),
            differ => Err(format!("two readers of nginx's files differ: {differ:?}")),
        },
        // Why it is wrong is told where it was read.
        (_, Err(_)) => Ok(()),
        (Err(what), Ok(_)) => Err(what),
    };
    parse(folders).into_iter().zip(read).map(same).collect()
}

/// A word as nginx has it in memory. The parser in Python has taken the backslash from escaped quotes, and no other.
fn unescaped(word: &str) -> String {
    let mut out = String::new();
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match (c, chars.as_str().chars().next()) {
            ('\\', Some(escaped @ ('"' | '\'' | '\\'))) => out.push(escaped),
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('r')) => out.push('\r'),
            ('\\', Some('t')) => out.push('\t'),
            _ => {
                out.push(c);
                continue;
            }
        }
        chars.next();
    }
    out
}

/// The tree with constants written where they are used: a value with a dollar sign stands in a `geo` block of its own,
/// and one without it does not.
fn inlined(tree: Tree) -> Tree {
    let mut constants: Vec<(String, String)> = Vec::new();
    let mut rest = Tree::new();
    let mut lines = tree.into_iter().peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().map(|next| next.words.iter().map(String::as_str).collect::<Vec<_>>());
        match (line.words.as_slice(), next.as_deref()) {
            ([geo, name], Some(["default", value])) if geo == "geo" => {
                constants.push((name.clone(), (*value).to_owned()));
                lines.next();
            }
            _ => rest.push(line),
        }
    }
    for word in rest.iter_mut().flat_map(|line| &mut line.words) {
        if let Some((_, value)) = constants.iter().find(|(name, _)| name == word) {
            word.clone_from(value);
        }
    }
    rest
}

/// Writes files into a folder of their own.
pub fn write(folder: &Path, files: &[(String, String)]) {
    fs::create_dir_all(folder).expect("a folder can be made");
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("a file can be written");
    }
}
