//! A rule's documentation as a page: what `seccfg explain` prints and
//! docs/rules keeps.

use std::fmt::Write;

use super::{Mending, Rule, Severities, all};
use crate::finding::Severity;
use crate::profile::Mode;

/// The page of a rule, as Markdown, with the same headings for every rule.
pub fn page(rule: &Rule) -> String {
    let docs: Vec<&str> = rule.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let docs = docs.join("\n");
    let (demand, rest) = docs.trim().split_once("\n\n").unwrap_or((docs.trim(), ""));
    let (why, write) = rest.split_once("Write: ").unwrap_or((rest, ""));
    let sections = [
        ("Why it matters", why.trim().to_owned()),
        ("What to write", capitalized(write.trim())),
        ("When not to", when_not_to(rule)),
        ("How severe it is", format!("{}. {}", capitalized(&severity(rule.severity)), mending(rule.fix))),
        ("Where it comes from", rule.source.to_owned()),
    ];
    let mut page = format!("# {}: {}\n\n{demand}\n", rule.code, rule.name);
    for (heading, text) in sections.iter().filter(|(_, text)| !text.is_empty()) {
        write!(page, "\n## {heading}\n\n{text}\n").expect("a string takes everything");
    }
    page
}

fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

fn mending(fix: Mending) -> &'static str {
    match fix {
        Mending::None => "Somebody has to decide, so no edit is offered.",
        Mending::Safe => "`seccfg check --fix` can mend it.",
        Mending::Unsafe => {
            "`seccfg check --fix --unsafe-fixes` can mend it, which changes what the service does. `--diff` shows the edit."
        }
    }
}

/// What to do where the demand does not fit.
fn when_not_to(rule: &Rule) -> String {
    if rule.area() == "PRF" {
        return "Always mend it. A rule about the profile itself cannot be waived.".to_owned();
    }
    let until = match rule.severity.get(Mode::Prod) {
        Some(Severity::Error) => ", and a day on which it ends, a year ahead at most",
        _ => "",
    };
    format!(
        "Where the service has a reason to do otherwise, a waiver with `rule = \"{}\"` accepts it. The waiver needs a\n\
         `reason` that the next reader can judge{until}.",
        rule.code
    )
}

/// What the letters of [`modes`] mean.
pub const LEGEND: &str = "Modes: P prod, S staging, T test, D dev, A all. Severity: E error, W warning, I note.";

/// The list of all rules, as Markdown.
pub fn index() -> String {
    let mut text =
        "# The rules\n\nPrinted by `seccfg rules`; each has a page, printed by `seccfg explain CODE`.\n\n".to_owned();
    text.push_str(LEGEND);
    text.push('\n');
    let mut area = "";
    for rule in all() {
        if rule.area() != area {
            area = rule.area();
            text.push_str("\n| code | statement | severity |\n| --- | --- | --- |\n");
        }
        writeln!(text, "| [{0}]({0}.md) | {1} | {2} |", rule.code, rule.statement(), modes(rule.severity))
            .expect("a string takes everything");
    }
    text
}

/// `error in prod, warning in staging`.
fn severity(severities: Severities) -> String {
    let mut parts: Vec<(&str, Vec<&str>)> = Vec::new();
    for mode in Mode::ALL.iter().rev() {
        let Some(severity) = severities.get(*mode) else { continue };
        match parts.iter_mut().find(|(word, _)| *word == severity.as_str()) {
            Some((_, modes)) => modes.push(mode.as_str()),
            None => parts.push((severity.as_str(), vec![mode.as_str()])),
        }
    }
    parts.iter().map(|(word, modes)| format!("{word} in {}", modes.join(", "))).collect::<Vec<_>>().join("; ")
}

/// The same in a few letters: `PS/E DT/W`, as the catalogue writes it.
pub fn modes(severities: Severities) -> String {
    let mut parts: Vec<(char, String)> = Vec::new();
    for mode in Mode::ALL.iter().rev() {
        let Some(severity) = severities.get(*mode) else { continue };
        let word = match severity {
            Severity::Error => 'E',
            Severity::Warning => 'W',
            Severity::Note => 'I',
        };
        let letter = mode.as_str().to_ascii_uppercase().remove(0);
        match parts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, modes)) => modes.push(letter),
            None => parts.push((word, letter.to_string())),
        }
    }
    let all = |modes: &str| if modes == "PSTD" { "A".to_owned() } else { modes.to_owned() };
    parts.iter().map(|(word, modes)| format!("{}/{word}", all(modes))).collect::<Vec<_>>().join(" ")
}
