//! What fuzzing asks of any text, asked of the texts that are here and of what chance makes of them.

#[path = "round_trip/dice.rs"]
mod dice;
#[path = "../fuzz/src/lib.rs"]
mod properties;

use std::fs;
use std::path::Path;

use dice::Dice;

/// Every profile here.
fn profiles() -> Vec<String> {
    let mut texts = Vec::new();
    for folder in ["tests/fixtures", "tests/rules", "examples"] {
        texts_in(Path::new(folder), "toml", &mut texts);
    }
    assert!(texts.len() > 300, "only {} profiles", texts.len());
    texts
}

fn texts_in(folder: &Path, ending: &str, texts: &mut Vec<String>) {
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            texts_in(&path, ending, texts);
        } else if path.extension().is_some_and(|own| own == ending) {
            // Not all of them are text.
            texts.extend(fs::read_to_string(&path));
        }
    }
}

/// A text with pieces of it, or of another, put elsewhere, taken away or replaced by signs.
fn changed(texts: &[String], signs: &[&str], dice: &mut Dice) -> String {
    let mut text = texts[dice.below(texts.len())].clone();
    for _ in 0..=dice.below(4) {
        let from = text.floor_char_boundary(dice.below(text.len() + 1));
        let to = text.floor_char_boundary((from + dice.below(40)).min(text.len()));
        let other = &texts[dice.below(texts.len())];
        let start = other.floor_char_boundary(dice.below(other.len() + 1));
        let end = other.floor_char_boundary((start + dice.below(80)).min(other.len()));
        match dice.below(3) {
            0 => text.replace_range(from..to, dice.pick(signs)),
            1 => text.insert_str(from, &other[start..end]),
            _ => text.replace_range(from..to, &other[start..end]),
        }
    }
    text
}

const SIGNS: &[&str] = &[
    "", "\"", "'", "\\", "\n", "\r\n", "\r", "\0", "é", "\u{202e}", "\u{feff}", "=", " = ", "[", "]", "[[", "]]", "{",
    "}", ".", ",", "#", "$", "${A}", ";", "/", "//", "*", "`", "\"\"\"", "'''", " ", "\t", "true", "1", "export ",
    "\\n", "0x0",
];

/// Asks a property of so many texts, and names the one that it does not hold for.
fn holds(property: fn(&str), texts: impl Iterator<Item = String>) {
    for text in texts {
        let asked = std::panic::catch_unwind(|| property(&text));
        assert!(asked.is_ok(), "it does not hold for {text:?}");
    }
}

#[test]
fn profiles_are_told_and_rendered_within_bounds() {
    let texts = profiles();
    let mut dice = Dice::new(1);
    holds(properties::profile, (0..600).map(|_| changed(&texts, SIGNS, &mut dice)));
}

#[test]
fn mending_ends_and_keeps_comments() {
    let texts = profiles();
    let mut dice = Dice::new(2);
    holds(properties::fix, (0..150).map(|_| changed(&texts, SIGNS, &mut dice)));
}

#[test]
fn variables_are_read_without_a_loss() {
    let mut texts = Vec::new();
    texts_in(Path::new("tests/rules"), "env", &mut texts);
    texts.push("A=1\nB='two words' # why\nexport C=\"$D\"\n\n# E\nF=`g`\n".to_owned());
    let mut dice = Dice::new(3);
    holds(properties::dotenv, (0..5_000).map(|_| changed(&texts, SIGNS, &mut dice)));
}

#[test]
fn what_is_quoted_is_read_back() {
    let texts = ["/a/{b}/c.d", "a b", "\"\\\"", "$host", "/", "~*^", "{}", "x;"].map(str::to_owned);
    let mut dice = Dice::new(4);
    holds(properties::nginx_quote, (0..5_000).map(|_| changed(&texts, SIGNS, &mut dice)));
    holds(properties::caddy_quote, (0..5_000).map(|_| changed(&texts, SIGNS, &mut dice)));
}
