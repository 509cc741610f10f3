//! Secrets among the words of commands: behind options, in headers, in URLs, in scripts for a shell.

use super::super::connection::Connection;
use super::super::secrets::names::purpose;
use super::texts::{is_none, is_secret, is_text, signs_in};
use crate::plan::Plan;

/// How often a word may be a script again: `sh -c "sh -c '…'"`.
const DEEPEST: usize = 3;

/// What a word is that is nothing but that.
const URL: &str = "a URL with its password";

/// Options that take a secret whatever else they are called like.
const OPTIONS: [&str; 4] = ["requirepass", "masterauth", "rootpass", "passin"];

/// Programs, and their short options that take a secret: as the next word or joined to it, and whether only what stands
/// behind a colon is one.
const SHORT: [(&[&str], &[&str], bool); 5] = [
    (&["curl"], &["-u", "--user", "-U", "--proxy-user"], true),
    (&["redis-cli", "valkey-cli"], &["-a"], false),
    (&["mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump", "mongo", "mongosh", "mongodump"], &["-p"], false),
    (&["sshpass"], &["-p"], false),
    (&["ldapsearch", "ldapmodify"], &["-w"], false),
];

/// The words of a command, as a shell takes them apart: quotes are taken off, and what stands in them is one word.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut is_begun) = (String::new(), None, false);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => {
                word.extend(characters.next());
                is_begun = true;
            }
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                is_begun = true;
            }
            (c, None) if c.is_whitespace() || ";|&()".contains(c) => {
                if is_begun {
                    words.push(std::mem::take(&mut word));
                    is_begun = false;
                }
            }
            (c, _) => {
                word.push(c);
                is_begun = true;
            }
        }
    }
    if is_begun {
        words.push(word);
    }
    words
}

/// The secret that a command is given, in words for a message; and in which of its texts.
pub fn secrets_in(plan: &Plan<'_>, texts: &[&str]) -> Vec<(usize, String)> {
    let words: Vec<(usize, String)> = texts
        .iter()
        .enumerate()
        // A list has words, and one text of several is a script.
        .map(|(at, text)| (at, (*text).to_owned()))
        .collect();
    let mut found = Vec::new();
    look(plan, &words, DEEPEST, &mut found);
    found
}

fn look(plan: &Plan<'_>, words: &[(usize, String)], depth: usize, found: &mut Vec<(usize, String)>) {
    for (index, (at, word)) in words.iter().enumerate() {
        if found.iter().any(|(known, _)| known == at) {
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| words.get(before)).map(|(_, before)| before.as_str());
        // A URL by itself is known by the option that it stands behind.
        let by_option = before.filter(|before| is_plain_option(before));
        let named = |what: String| match by_option {
            Some(option) if what == URL => format!("the value of `{option}`"),
            _ => what,
        };
        let what = in_word(plan, word)
            .map(named)
            .or_else(|| before.and_then(|before| behind_option(before, word)))
            .or_else(|| of_program(&words[..index], word));
        if let Some(what) = what {
            found.push((*at, what));
        } else if let Some(depth) = depth.checked_sub(1)
            && word.contains(char::is_whitespace)
        {
            let inner: Vec<(usize, String)> = split(word).into_iter().map(|inner| (*at, inner)).collect();
            look(plan, &inner, depth, found);
        }
    }
}

/// What a word says by itself: `SECRET_KEY=…`, `--api-token=…`, `Authorization: Bearer …`, a URL with a password.
fn in_word(plan: &Plan<'_>, word: &str) -> Option<String> {
    if let Some(what) = signs_in(word) {
        return Some(what);
    }
    let (name, value) = match word.split_once('=') {
        Some((name, value)) if !name.contains([':', ' ']) => (name, value),
        // A sentence has a colon, too: what stands behind it has to look like no word.
        _ => {
            let is_one = |value: &str| value.bytes().any(|byte| !byte.is_ascii_lowercase());
            let parts = word.split_once(": ").filter(|(name, value)| !name.contains(' ') && is_one(value.trim()));
            parts.unwrap_or(("", word))
        }
    };
    let value = value.trim();
    let has_password = |text: &str| {
        !text.contains(char::is_whitespace)
            && Connection::read(text).and_then(|url| url.password()).is_some_and(is_given)
    };
    if has_password(value) || has_password(word) {
        return Some(if name.is_empty() { URL.to_owned() } else { format!("the value of `{name}`") });
    }
    let bare = name.trim_start_matches('-').replace('-', "_");
    let is_named = is_option(&bare) || plan.policy.refers_to(name) || is_secret(plan, &bare, value);
    (!name.is_empty() && is_named && is_given(value) && !is_none(plan, name, value))
        .then(|| format!("the value of `{name}`"))
}

/// Whether a word is an option and nothing more, so that it may be shown: a short one may have a secret joined to it.
fn is_plain_option(word: &str) -> bool {
    match word.strip_prefix("--") {
        Some(name) => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte)),
        None => word.len() == 2 && word.starts_with('-'),
    }
}

/// Whether it is written out, and not filled in by a shell or the cluster.
fn is_given(value: &str) -> bool {
    !value.is_empty() && !value.starts_with(['$', '/', '<', '{']) && !value.contains("$(") && !value.contains("${")
}

fn is_option(plain: &str) -> bool {
    purpose(plain).is_some() || OPTIONS.contains(&plain)
}

/// What stands behind an option of two words: `--api-token …`, `--requirepass …`.
fn behind_option(option: &str, word: &str) -> Option<String> {
    let plain = option.strip_prefix('-')?.trim_start_matches('-').replace('-', "_");
    let takes = !option.contains('=') && is_option(&plain);
    (takes && is_given(word) && !word.starts_with('-')).then(|| format!("the value of `{option}`"))
}

/// What stands behind a short option of a program that is among the words before.
fn of_program(before: &[(usize, String)], word: &str) -> Option<String> {
    let is_started = |programs: &[&str]| {
        before.iter().any(|(_, word)| programs.contains(&word.rsplit('/').next().unwrap_or_default()))
    };
    SHORT.iter().filter(|(programs, ..)| is_started(programs)).find_map(|(_, options, is_behind_colon)| {
        let last = before.last().map(|(_, last)| last.as_str()).unwrap_or_default();
        let joined = options
            .iter()
            .filter(|option| option.len() == 2)
            .find_map(|option| Some((*option, word.strip_prefix(option)?)));
        let joined = joined.filter(|(_, value)| !value.is_empty());
        let next = options.iter().find(|option| **option == last).map(|option| (*option, word));
        let (option, value) = joined.or(next)?;
        let value = if *is_behind_colon { value.split_once(':')?.1 } else { value };
        (is_text(value) && is_given(value)).then(|| format!("what `{option}` is given"))
    })
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_taken_apart_as_a_shell_does() {
        for (text, words) in [
            ("curl -H \"X-Key: a b\" 'http://x/'", &["curl", "-H", "X-Key: a b", "http://x/"][..]),
            ("a\\ b ''  \"\\\"c\"", &["a b", "", "\"c"]),
            ("a=b;c&&d|e", &["a=b", "c", "d", "e"]),
            ("a'b'\"c\"", &["abc"]),
            ("", &[]),
        ] {
            assert_eq!(split(text), words, "{text}");
        }
    }
}
