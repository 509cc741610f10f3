//! A rule's documentation as a page: what `seccfg explain` prints and
//! docs/rules keeps.

use std::fmt::Write;

use super::{Mending, Rule, Severities, all};
use crate::profile::Mode;

/// The page of a rule, as Markdown.
pub fn page(rule: &Rule) -> String {
    let docs: Vec<&str> = rule.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let fix = match rule.fix {
        Mending::None => "takes a decision",
        Mending::Safe => "an edit can mend it",
        Mending::Unsafe => "an edit can mend it, and changes how the service behaves",
    };
    format!(
        "# {}: {}\n\n{}\n\nSeverity: {}\nFix: {fix}\nSource: {}\n",
        rule.code,
        rule.name,
        docs.join("\n").trim(),
        severity(rule.severity),
        rule.source,
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
            crate::finding::Severity::Error => 'E',
            crate::finding::Severity::Warning => 'W',
            crate::finding::Severity::Note => 'I',
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
