//! Findings about keys of which none is written, and that would stand below one header: they are drawn together, with what
//! to paste in place of the same header again and again.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, SourceCode, SourceSpan};

use super::drawn::FRAME;
use super::excerpt::{Excerpt, Texts};
use crate::check::Checked;
use crate::finding::{Finding, Fix, Intent, Label};
use crate::profile::Mode;
use crate::source::{Change, Draft, KeyPath, apply_all};

/// Which of the findings belong together with one of them: those whose every place is the same header. None for a finding
/// about something that is written.
pub fn group(findings: &[&Finding], index: usize) -> Vec<usize> {
    let here = &findings[index].place;
    let is_at = |label: &Label| label.absent && (label.source, label.span) == (here.source, here.span);
    let is_of_it = |finding: &Finding| is_at(&finding.place) && finding.labels.iter().all(is_at);
    if !is_of_it(findings[index]) {
        return Vec::new();
    }
    // What stands at one place stands together.
    (0..findings.len()).filter(|other| is_of_it(findings[*other])).collect()
}

/// The header that keys would stand below, and what to paste for them.
pub struct Unwritten<'a> {
    excerpt: Excerpt<'a>,
    span: SourceSpan,
    count: usize,
    header: String,
    paste: Option<Paste>,
}

/// Lines for a profile.
struct Paste {
    /// Below the header.
    below: String,
    /// At the end, with headers of their own.
    sections: String,
}

impl<'a> Unwritten<'a> {
    pub fn new(checked: &'a Checked, findings: &[&Finding], texts: &Texts<'a>, width: usize) -> Self {
        let place = &findings[0].place;
        let (excerpt, spans) = Excerpt::of(texts, &[place], width.saturating_sub(FRAME));
        let text = &checked.sources[place.source].text;
        let header = text.get(place.span.start..place.span.end).unwrap_or_default().to_owned();
        let paste = Paste::of(text, place, &header, findings, checked.own);
        Self { excerpt, span: spans[0], count: findings.len(), header, paste }
    }

    /// What to paste, each line as it is to stand in the profile.
    pub fn to_paste(&self) -> String {
        let Some(Paste { below, sections }) = &self.paste else { return String::new() };
        let lines =
            below.lines().chain((!below.is_empty() && !sections.is_empty()).then_some("")).chain(sections.lines());
        let indented = lines.map(|line| if line.is_empty() { "\n".to_owned() } else { format!("        {line}\n") });
        std::iter::once("\n".to_owned()).chain(indented).collect()
    }
}

impl Paste {
    /// The best fix of each finding, as lines; nothing where there is no fix, or where the lines would not fit the text.
    fn of(text: &str, place: &Label, header: &str, findings: &[&Finding], own: Option<Mode>) -> Option<Self> {
        let table = header.strip_prefix('[')?.strip_suffix(']')?;
        // Quoted keys, and the elements of a list, are too rare to be taken apart.
        let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let above = Some(table).filter(|table| table.chars().all(is_bare)).map(KeyPath::dotted)?;
        let mut below: Vec<Change> = Vec::new();
        let mut sections: Vec<Change> = Vec::new();
        for finding in findings {
            for change in finding.fixes.first().and_then(|fix| changes(finding, fix, own)).into_iter().flatten() {
                let key = change.key().segments();
                let is_below = key.len() == above.segments().len() + 1 && change.key().is_within(&above);
                let (list, change) = if is_below {
                    let key = KeyPath::new(key[above.segments().len()..].to_vec());
                    (&mut below, with_key(&change, key))
                } else {
                    (&mut sections, change)
                };
                if list.iter().all(|other| other.key() != change.key()) {
                    list.push(change);
                }
            }
        }
        let paste = Self { below: apply_all("", &below)?, sections: apply_all("", &sections)? };
        let line_end = text[place.span.end..].find('\n').map_or(text.len(), |at| place.span.end + at + 1);
        let (before, behind) = text.split_at(line_end);
        let pasted = format!("{before}\n{}{behind}\n{}", paste.below, paste.sections);
        let is_something = !below.is_empty() || !sections.is_empty();
        (is_something && Draft::of(&pasted).is_some()).then_some(paste)
    }
}

fn with_key(change: &Change, key: KeyPath) -> Change {
    match change {
        Change::Set { value, .. } => Change::Set { key, value: value.clone() },
        Change::Add { value, .. } => Change::Add { key, value: value.clone() },
        Change::Remove { .. } => Change::Remove { key },
    }
}

/// What a fix writes, by key from the root: for another mode than the profile's own, in the overlay of that mode. Nothing
/// where it also takes something away.
fn changes(finding: &Finding, fix: &Fix, own: Option<Mode>) -> Option<Vec<Change>> {
    let overlay = |mode: &Mode, change: &Change| change.below(&KeyPath::from("modes").key(mode.as_str()));
    let is_of_base = finding.modes.is_empty() || own.is_some_and(|own| finding.modes.contains(&own));
    let mut changes: Vec<Change> = Vec::new();
    for intent in &fix.intents {
        match intent {
            Intent::Profile(Change::Remove { .. }) | Intent::Rename { .. } => return None,
            Intent::Profile(change) if is_of_base => changes.push(change.clone()),
            Intent::Profile(change) | Intent::Overlays(change) => {
                changes.extend(finding.modes.iter().map(|mode| overlay(mode, change)));
            }
            Intent::Overlay(mode, change) => changes.push(overlay(mode, change)),
        }
    }
    Some(changes)
}

impl fmt::Display for Unwritten<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "none of these {} keys is written", self.count)
    }
}

impl fmt::Debug for Unwritten<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl std::error::Error for Unwritten<'_> {}

impl Diagnostic for Unwritten<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let paste = self.paste.as_ref()?;
        let place = match (paste.below.is_empty(), paste.sections.is_empty()) {
            (false, true) => format!("paste this below `{}`", self.header),
            (true, _) => "paste this at the end".to_owned(),
            (false, false) => format!("paste the first part below `{}`, and the rest at the end", self.header),
        };
        Some(Box::new(format!(
            "{place}, and look it over: it is what the rules ask for, and not yet what your app does"
        )))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let text = "they would stand here, or in sections of their own".to_owned();
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(Some(text), self.span))))
    }
}
