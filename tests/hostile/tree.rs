//! Whether two files of nginx's differ in a value alone.

#![allow(dead_code, reason = "each test uses its share")]

use std::collections::BTreeSet;

pub use crate::read::{Directive, Tree};

/// A value of the profile, before and after.
#[derive(Debug)]
pub struct Change<'a> {
    pub old: &'a str,
    pub new: &'a str,
    /// Whether wherever the old tree holds the old value it is this very one, and nothing that happens to look like it.
    pub certain: bool,
}

impl Change<'_> {
    /// Whether a tree shows the old value.
    pub fn is_shown(&self, tree: &Tree) -> bool {
        self.certain && tree.iter().flat_map(|line| &line.words).any(|word| plain(word).contains(self.old))
    }

    /// That the new tree is the old one with the new value in the place of the old, and nothing else.
    pub fn explains(&self, old: &Tree, new: &Tree) -> Result<(), String> {
        let (mut old, mut new) = (unmounted(old, self.old), unmounted(new, self.new));
        self.take_out_tls(&mut old, &mut new)?;
        for (old, new) in old.iter().zip(&new) {
            if old.depth != new.depth || old.words.len() != new.words.len() {
                return Err(format!("{old:?} has become {new:?}"));
            }
            for (old, new) in old.words.iter().zip(&new.words) {
                let is_passed_by_tls =
                    *new == old.replace("http://", "https://") || *old == new.replace("http://", "https://");
                if !is_passed_by_tls && !self.explains_word(&plain(old), &plain(new)) {
                    return Err(format!("the word {old:?} has become {new:?}"));
                }
            }
        }
        if old.len() == new.len() { Ok(()) } else { Err(format!("{} directives have become {}", old.len(), new.len())) }
    }

    /// Takes out the lines that an upstream which is reached by TLS has beside the others, once it is the right name that is
    /// asked for.
    fn take_out_tls(&self, old: &mut Vec<&Directive>, new: &mut Vec<&Directive>) -> Result<(), String> {
        let is_tls = |line: &&Directive| line.words[0].starts_with("proxy_ssl_");
        let names = |tree: &[&Directive]| -> Vec<String> {
            tree.iter().filter(|line| line.words[0] == "proxy_ssl_name").map(|line| line.words[1].clone()).collect()
        };
        if let Some(host) = self.new.strip_prefix("https://").filter(|_| self.old.starts_with("unix:")) {
            // The colons of an address stand in brackets.
            let end = host.rfind(']').map_or_else(|| host.find(':'), |bracket| Some(bracket + 1));
            let host = &host[..end.unwrap_or(host.len())];
            let mut asked = names(new);
            for known in names(old) {
                asked.iter().position(|name| *name == known).map(|at| asked.remove(at));
            }
            if asked.is_empty() || asked.iter().any(|name| name != host) {
                return Err(format!("{asked:?} is asked for in place of {host}"));
            }
        } else if !self.old.starts_with("https://") || self.new.starts_with("https://") {
            return Ok(());
        }
        old.retain(|line| !is_tls(line));
        new.retain(|line| !is_tls(line));
        Ok(())
    }

    fn explains_word(&self, old: &str, new: &str) -> bool {
        if self.certain && old.contains(self.old) {
            return self.written().iter().any(|text| new == old.replace(self.old, text));
        }
        if old == new {
            return true;
        }
        let (name, named) = (identifier(self.old), identifier(self.new));
        if old.contains(&name) && new == old.replace(&name, &named) {
            return true;
        }
        // Made from the value: a number, or a part of it, perhaps with a port that was not in it.
        let same_start = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let (old, new) = (&old[same_start..], &new[same_start..]);
        let same_end: usize =
            old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let changed = &new[..new.len() - same_end];
        let without_number = changed.trim_end_matches(|c: char| c.is_ascii_digit());
        let without_port = without_number.strip_suffix(':').filter(|_| without_number != changed);
        without_number.is_empty() || self.new.contains(without_port.unwrap_or(changed))
    }

    /// The new value in every spelling that means it and nothing else: as it is, as a path's pattern, as the network
    /// of one address, as the host of a socket, as a URL's socket with the scheme's own port or the one that is written,
    /// in lower case as an address of IPv6.
    fn written(&self) -> [String; 7] {
        let Self { new, .. } = self;
        let socket = new.strip_prefix("https://").unwrap_or(new);
        let with_port = format!("{socket}:443");
        let lower = new.to_ascii_lowercase();
        let address = if new.contains("::") { lower } else { (*new).to_owned() };
        let (one, host, socket) = (format!("{new}/128"), format!("[{new}]"), socket.to_owned());
        [(*new).to_owned(), any_segment(new), one, host, socket, with_port, address]
    }
}

/// How a pattern for a path of ours begins, and what stands between two of its segments.
const BETWEEN: &str = r"(?:(?:;[^/\x5c]*)?[/\x5c])+";

/// A word that is a pattern for a path of ours, as the path; any other as it is.
fn plain(word: &str) -> String {
    // That of an origin's preview hosts.
    if word.starts_with("~^(https://[a-z0-9]") {
        return word.replace("[.]", ".");
    }
    // A balancer's question, which has one spelling.
    let question = word.strip_prefix("~^(?:GET|HEAD) ").and_then(|rest| rest.strip_suffix(r"\z"));
    // Some stand behind a host, which is told as it is.
    let begins = |pattern: &str| pattern.strip_prefix(HOST).unwrap_or(pattern).starts_with(BETWEEN);
    let whole = || word.strip_prefix("~*^").filter(|pattern| begins(pattern));
    let Some(pattern) = question.or_else(whole) else { return word.to_owned() };
    let tails = [r"(?:[;/\x5c]|$)", r"(?:[/\x5c]|;[^;/\x5c]*)*$"];
    let pattern = tails.iter().find_map(|tail| pattern.strip_suffix(tail)).unwrap_or(pattern);
    let pattern = pattern.replace(BETWEEN, "/");
    let mut path = String::new();
    let mut rest = pattern.as_str();
    while let Some(c) = rest.chars().next() {
        let (text, length) = match rest {
            _ if rest.starts_with("[.]") => ('.', 3),
            _ if rest.starts_with("\\x") => {
                let code = rest.get(2..4).and_then(|code| u8::from_str_radix(code, 16).ok());
                (char::from(code.expect("two digits")), 4)
            }
            _ => (c, c.len_utf8()),
        };
        path.push(text);
        rest = &rest[length..];
    }
    path
}

/// What some paths stand behind.
const HOST: &str = "/[^/]+";

/// What is refused besides where one of the guarded paths has a `*`.
const DOTS: &str = r"~(?i)^[^?]*(?:/|%2f|%5c)(?:[.]|%2e)";

/// A tree without what a `*` in a path adds: the patterns are judged where they are made.
pub fn without_stars(tree: &Tree) -> Vec<&Directive> {
    // What looks for it in a target with an encoded slash, with the app's name before it, in which each `-` is `__`.
    let is_of_star = |word: &String| {
        let word = word.trim_matches(['(', ')']).replace("__", "-");
        matches!(word.split('_').collect::<Vec<_>>()[..], ["$seccfg", _, "across" | "slashed"])
    };
    let mut kept: Vec<&Directive> = Vec::new();
    let mut left_out = None;
    for line in tree {
        if left_out.is_some_and(|depth| line.depth > depth) {
            continue;
        }
        let adds = matches!(line.words[0].as_str(), "map" | "if") && line.words.last().is_some_and(is_of_star);
        left_out = adds.then_some(line.depth);
        if !adds && !line.words[0].starts_with(DOTS) {
            kept.push(line);
        }
    }
    kept
}

/// The tree without what a URL's own path adds: behind a path, the same one below that of the URL. Nor with what a `*` adds,
/// which is the same whatever stands around it.
fn unmounted<'t>(tree: &'t Tree, url: &str) -> Vec<&'t Directive> {
    let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    let mount = path.unwrap_or_default().trim_end_matches('/');
    let mut rest: Vec<&Directive> = Vec::new();
    for line in without_stars(tree) {
        let adds = |above: &&Directive| {
            let path = plain(&above.words[0]);
            // What stands behind a host's name stays behind it.
            let below = match path.strip_prefix(HOST) {
                Some(path) => format!("{HOST}{mount}{path}"),
                None => format!("{mount}{path}"),
            };
            plain(&above.words[0]) != above.words[0]
                && line.words[1..] == above.words[1..]
                && below == plain(&line.words[0])
        };
        if mount.is_empty() || !rest.last().is_some_and(adds) {
            rest.push(line);
        }
    }
    rest
}

/// The tree with each path of a place by itself, as if nothing else were there: how many of them nginx has room for in one
/// pattern depends on how they are written.
pub fn by_path(tree: &Tree) -> Tree {
    let mut by_path = Tree::new();
    let mut rest = tree.as_slice();
    while let Some((line, below)) = rest.split_first() {
        let block = below.iter().take_while(|inner| inner.depth > line.depth).count();
        let at = if line.words[0] == "location" { line.words.len() - 1 } else { 0 };
        let Some(paths) = paths(&line.words[at]).filter(|paths| paths.len() > 1) else {
            by_path.push(line.clone());
            rest = below;
            continue;
        };
        for path in paths {
            let mut one = line.clone();
            one.words[at] = path;
            by_path.push(one);
            by_path.extend_from_slice(&below[..block]);
        }
        rest = &below[block..];
    }
    by_path
}

/// The patterns of a place's paths, each by itself; nothing, where a word is no such pattern.
pub fn paths(word: &str) -> Option<Vec<String>> {
    let (before, paths) = word.split_once('^').filter(|(before, _)| matches!(*before, "" | "~" | "~*"))?;
    let (host, paths) = paths.strip_prefix(HOST).map_or(("", paths), |paths| (HOST, paths));
    let several = paths.strip_prefix("(?:").filter(|paths| paths.starts_with(BETWEEN));
    let paths = several.map_or(Some(paths), |paths| paths.strip_suffix(')'))?;
    let apart = paths.starts_with(BETWEEN).then(|| paths.replace(&format!("|{BETWEEN}"), &format!("\n{BETWEEN}")))?;
    Some(apart.lines().map(|path| format!("{before}^{host}{path}")).collect())
}

/// That a tree says nothing that another one does not say, but for which paths are whose: another path may have other
/// neighbours, and so other limits and another service.
pub fn says_no_more(old: &Tree, new: &Tree) -> Result<(), String> {
    /// What is said of paths that no service has.
    const NOBODY: [&str; 2] = ["default", "@nobody"];
    let said = |line: &Directive| -> Vec<String> {
        let words = line.words.iter().filter(|word| paths(word).is_none());
        words.cloned().collect()
    };
    let known: BTreeSet<Vec<String>> = old.iter().map(said).collect();
    let is_known =
        |line: &Directive| known.contains(&said(line)) || line.words == NOBODY || line.words == ["return", "404"];
    let more = without_stars(new).into_iter().find(|line| !is_known(line));
    more.map_or(Ok(()), |line| Err(format!("{line:?} is said")))
}

/// A text as a part of a variable's name.
fn identifier(text: &str) -> String {
    text.to_ascii_lowercase().replace('-', "__")
}

/// A path with the pattern that stands for each segment that may be any, as [`plain`] has it.
fn any_segment(path: &str) -> String {
    let shown = path.split('/').map(|segment| if segment == "*" { r"[^/]+" } else { segment });
    shown.collect::<Vec<_>>().join("/")
}
