//! What is to be known of the word at a cursor: of a key what it means, what counts in each mode and who enforces it; of a
//! rule's code its text; of a variable of a `.env` file the key that it says.

use std::fmt::Write;

use super::key::Named;
use super::place::Encoding;
use super::protocol::{Hover, markdown};
use super::workspace::{Judged, Text};
use crate::check::{Modes, Opened};
use crate::plan::Plan;
use crate::policy::Environment;
use crate::profile::Mode;
use crate::report::{basis, plan};
use crate::rules::{self, Rule};
use crate::source::{Source, Span};

/// What is told of the word at a byte of a profile.
pub fn of_profile(text: &Text, judged: Option<&Judged>, offset: usize, encoding: Encoding) -> Option<Hover> {
    if let Some((rule, span)) = rule_at(&text.source.text, offset) {
        return Some(hover(&rules::page(rule), &text.source, span, encoding));
    }
    let spot = text.outline().at(offset)?;
    let named = Named::at(&spot.path)?;
    let key = named.place.key?;
    let mut page = format!("**`{}`**\n\n{}", named.key, rules::about(&named.pattern(), key, linked));
    if let Some(judged) = judged {
        page.push_str(&counts(&judged.open(), &judged.source, &named));
    }
    Some(hover(&page, &text.source, spot.span, encoding))
}

/// What is told of the variable at a byte of a `.env` file.
pub fn of_env_file(text: &Text, judged: &Judged, offset: usize, encoding: Encoding) -> Option<Hover> {
    let opened = judged.open();
    let app = opened.app()?;
    let environment = Environment::alone(&text.source, &[]);
    let is_here = |span: Span| span.start <= offset && offset <= span.end;
    let variable = environment.written().find(|variable| is_here(variable.name_span))?;
    let (name, row) = app.variable(variable.name)?;
    let says = match (&row.field, &row.ignored, &row.read_by) {
        (_, Some(why), _) => format!("{} reads it and does nothing with it: {why}", app.title),
        (_, None, Some(program)) => format!("{program} reads it, and {} does not", app.title),
        (Some(field), None, None) => format!("says what `{field}` of the profile does"),
        (None, None, None) => format!("is read by {}, and says nothing about security", app.title),
    };
    let default = row.default.as_ref().filter(|_| !row.is_secret());
    let default = default.map(|default| format!("\n\nWhere it is not set: `{default}`.")).unwrap_or_default();
    let page = format!("**`{name}`** {says}{}.{default}", row.remark());
    Some(hover(&page, &text.source, variable.name_span, encoding))
}

fn hover(page: &str, source: &Source, span: Span, encoding: Encoding) -> Hover {
    Hover { contents: markdown(page).into(), range: Some(encoding.range(source, span)) }
}

/// A rule's code, as a link where its page has an address.
fn linked(rule: &Rule) -> String {
    let url = rule.url();
    if url.contains("://") { format!("[{}]({url})", rule.code) } else { rule.code.to_owned() }
}

/// The rule whose code stands at a byte.
fn rule_at(text: &str, offset: usize) -> Option<(&'static Rule, Span)> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let start = text[..offset].rfind(|c| !is_word(c)).map_or(0, |at| text.ceil_char_boundary(at + 1));
    let end = text[offset..].find(|c| !is_word(c)).map_or(text.len(), |length| offset + length);
    let word = &text[start..end];
    let rule = rules::all().find(|rule| rule.code == word)?;
    Some((rule, Span { start, end }))
}

/// What counts at a key, mode by mode, and who enforces it.
fn counts(opened: &Opened<'_>, source: &Source, named: &Named) -> String {
    let (mut page, mut enforced) = (String::new(), Vec::new());
    let own = opened.modes(Modes::Own);
    for mode in opened.modes(Modes::All).into_iter().rev() {
        let Some(policy) = opened.policy(mode) else { continue };
        let plans = opened.plans(&policy, &[]);
        let Some(first) = plans.first() else { continue };
        for row in basis::at(first, source, &named.key) {
            if page.is_empty() {
                page.push_str("\n\n| mode | key | counts | where |\n| --- | --- | --- | --- |");
            }
            let value = row.value.map_or_else(|| "nothing".to_owned(), |value| code(&value));
            write!(page, "\n| {mode} | {} | {value} | {} |", code(&row.key), row.origin)
                .expect("a string takes everything");
        }
        if own.contains(&mode) {
            enforced.extend(enforced_by(&plans, named, mode));
        }
    }
    if !enforced.is_empty() {
        write!(page, "\n\nEnforced:\n\n{}", enforced.join("\n")).expect("a string takes everything");
    }
    page
}

/// Text of a table's cell that is shown as it is.
fn code(text: &str) -> String {
    const MOST: usize = 80;
    let shown: String = text.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let more = if text.chars().nth(MOST).is_some() { "…" } else { "" };
    let mark = if shown.contains('`') { "``" } else { "`" };
    format!("{mark}{}{more}{mark}", shown.replace('|', "\\|"))
}

/// Who enforces what a key asks for, behind each edge.
fn enforced_by(plans: &[Plan<'_>], named: &Named, mode: Mode) -> Vec<String> {
    let of_plan = |one: &Plan<'_>| {
        let rows: Vec<_> = one.entries.iter().zip(plan::lines(one)).collect();
        let asked = rows.into_iter().filter(|(entry, _)| entry.control.is_asked_by(&named.key));
        asked
            .map(|(_, row)| format!("- {}: {}, in {mode} behind {}", row.control, row.owner, one.edge))
            .collect::<Vec<_>>()
    };
    plans.iter().flat_map(of_plan).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_as_a_word() {
        let text = "rule = \"COR007\" # and HST0055 é";
        let at = |offset| rule_at(text, offset).map(|(rule, _)| rule.code);
        assert_eq!([8, 11, 14].map(at), [Some("COR007"); 3]);
        assert_eq!([0, 7, 24, text.len()].map(at), [None; 4]);
    }
}
