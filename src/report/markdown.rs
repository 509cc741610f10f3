//! The production checklist as Markdown (`CommonMark` with tables), for a repository or a ticket.

use std::fmt::Write;

use super::basis::Basis;
use super::checklist::{Area, Checklist, Judged, Planned, Waived};
use super::own::{Answered, Own};
use super::prose::{Piece, pieces, visible};
use super::verdict::Verdict;
use crate::plan::Evidence;

/// Writes a checklist.
pub fn render(checklist: &Checklist) -> String {
    let mut page = Page(String::new());
    page.line(format_args!("# Production checklist: {} in {}\n", words(&checklist.app), checklist.mode));
    page.line(format_args!("**{}**: {}\n", words(&checklist.headline), words(&checklist.found)));
    for (name, value) in &checklist.facts {
        page.line(format_args!("- {name}: {}", code(value)));
    }
    page.line(format_args!("\n{}\n", tally(checklist)));
    if let Some(own) = &checklist.own {
        page.own(own);
    }
    page.line(format_args!("## By area\n"));
    for area in &checklist.areas {
        page.area(area);
    }
    if !checklist.not_asked.is_empty() {
        page.line(format_args!("Not asked for in {}: {}.\n", checklist.mode, checklist.not_asked.join(", ")));
    }
    page.line(format_args!("## Waivers\n"));
    page.waivers(&checklist.waivers);
    for plan in &checklist.plans {
        page.plan(plan);
    }
    page.line(format_args!("## What the verdicts mean\n"));
    for verdict in checklist.legend {
        page.line(format_args!("- {}: {}", verdict.mark(), words(verdict.mark().meaning)));
    }
    page.line(format_args!("\nIn brackets stands how it is known that a line holds, the weakest first:\n"));
    for (word, meaning) in &checklist.evidence {
        page.line(format_args!("- {word}: {}", words(meaning)));
    }
    page.0
}

fn tally(checklist: &Checklist) -> String {
    let counts = checklist.tally.iter().map(|(verdict, count)| format!("{} {count}", verdict.mark()));
    format!("Invariants: {}.", counts.collect::<Vec<_>>().join(", "))
}

struct Page(String);

impl Page {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("a string takes everything");
    }

    fn own(&mut self, own: &Own) {
        self.line(format_args!("## {}'s own checklist\n", words(&own.title)));
        self.line(format_args!("From {}, in our words.\n", words(&own.read_from)));
        self.line(format_args!("| verdict | what is asked for | what answers it |\n| --- | --- | --- |"));
        for line in &own.lines {
            let verdict = verdict(line.verdict, line.known);
            self.line(format_args!("| {verdict} | {} | {} |", prose(&line.says), answer(line)));
        }
        self.0.push('\n');
    }

    fn area(&mut self, area: &Area) {
        self.line(format_args!("### {}\n", words(area.title)));
        for rule in &area.rules {
            self.rule(rule);
        }
        self.0.push('\n');
    }

    fn rule(&mut self, rule: &Judged) {
        let source = words(rule.source);
        let verdict = verdict(rule.verdict, rule.known);
        self.line(format_args!("- **{verdict}** {}: {} ({source})", rule.code, prose(&rule.statement)));
        for breach in &rule.breaches {
            self.line(format_args!("  - {}: {}", breach.verdict.mark(), prose(&breach.message)));
            self.line(format_args!("    - {}", prose(&breach.help)));
        }
        for basis in &rule.basis {
            self.line(format_args!("  - {}", shown(basis)));
        }
    }

    fn waivers(&mut self, waivers: &[Waived]) {
        if waivers.is_empty() {
            return self.line(format_args!("None.\n"));
        }
        self.line(format_args!("| rule | key | reason | until | effect |\n| --- | --- | --- | --- | --- |"));
        for waiver in waivers {
            let key = waiver.key.as_deref().map_or_else(|| "all".to_owned(), code);
            let (reason, until) = (prose(&waiver.reason), words(&waiver.expires));
            let hidden = waiver.effects.iter().map(|effect| prose(effect)).collect::<Vec<_>>().join("; ");
            self.line(format_args!("| {} | {key} | {reason} | {until} | {hidden} |", words(&waiver.rule)));
        }
        self.0.push('\n');
    }

    fn plan(&mut self, plan: &Planned) {
        self.line(format_args!("## Who enforces what, behind {}\n", words(&plan.edge)));
        self.line(format_args!("| control | asked | owner | the others |\n| --- | --- | --- | --- |"));
        for line in &plan.lines {
            let owner = words(&line.owner);
            let others = line.others.iter().chain(&line.passed_over).map(|other| prose(other)).collect::<Vec<_>>();
            let others = others.join("; ");
            self.line(format_args!("| {} | {} | {owner} | {others} |", words(&line.control), words(&line.asked)));
        }
        self.0.push('\n');
    }
}

/// A verdict, and how it is known.
fn verdict(verdict: Verdict, known: Option<Evidence>) -> String {
    known.map_or_else(|| verdict.mark().to_string(), |known| format!("{} ({known})", verdict.mark()))
}

fn answer(line: &Answered) -> String {
    let rule = |(code, verdict): &(String, Verdict)| format!("{code} {}", verdict.mark().sign);
    let rules = line.rules.iter().map(rule).collect::<Vec<_>>().join(", ");
    let mut parts: Vec<String> = line.lacks.iter().map(|lacks| prose(lacks)).collect();
    parts.extend(Some(rules).filter(|rules| !rules.is_empty()));
    parts.extend(line.means.iter().map(|means| prose(means)));
    parts.join("<br>")
}

fn shown(basis: &Basis) -> String {
    let text = match &basis.value {
        Some(value) => code(&format!("{} = {value}", basis.key)),
        None => code(&basis.key),
    };
    format!("{text}: {}", words(&basis.origin))
}

/// A sentence, its code set off, fit to stand within a line or a table's cell.
pub fn prose(sentence: &str) -> String {
    let piece = |piece| match piece {
        Piece::Words(text) => words(text),
        Piece::Code(text) => code(text),
    };
    pieces(sentence).into_iter().map(piece).collect()
}

/// Words that mean nothing but themselves, within a line or a table's cell.
pub(super) fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().map(visible) {
        match c {
            '\\' | '*' | '_' | '[' | ']' | '~' | '#' | '$' => out.extend(['\\', c]),
            // A cell ends at a stroke before anything else is understood; over a backslash before it readers part.
            '|' => out.push_str("&#124;"),
            '`' => out.push_str("&#96;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

/// Code, within a line or a table's cell. Between backticks nothing can be escaped: what would have to be is set off by
/// a tag.
pub(super) fn code(text: &str) -> String {
    let text: String = text.chars().map(visible).collect();
    let plain = !text.contains(['`', '|', '\\']) && text.trim() == text && !text.is_empty();
    if plain { format!("`{text}`") } else { format!("<code>{}</code>", words(&text)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_stays_readable() {
        assert_eq!(prose("set `hsts.max_age = \"1y\"`, at least"), "set `hsts.max_age = \"1y\"`, at least");
        assert_eq!(prose("a | b\n<script>*_"), "a &#124; b &lt;script&gt;\\*\\_");
        assert_eq!(code("a|`b\\"), "<code>a&#124;&#96;b\\\\</code>");
    }

    proptest! {
        /// Whatever it is, it stays in its cell, and begins no markup.
        #[test]
        fn nothing_breaks_out(text in "(?s).{0,40}|[`|\\\\<>&*_\\[\\]~#\n\r a]{0,24}") {
            for out in [words(&text), code(&text), prose(&text)] {
                prop_assert!(!out.contains(['|', '\n', '\r']), "{out:?}");
            }
            let out = words(&text);
            prop_assert!(!out.contains(['<', '>', '`']), "{out:?}");
            let marks: Vec<char> = out.replace("\\\\", "").chars().collect();
            for (at, c) in marks.iter().enumerate().filter(|(_, c)| "*_[]~#".contains(**c) ) {
                prop_assert!(at > 0 && (marks[at - 1] == '\\' || marks[at - 1] == '&'), "{c} in {out:?}");
            }
        }
    }
}
