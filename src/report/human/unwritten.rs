//! Findings about keys of which none is written, and that would stand below one header: they are drawn together, with what
//! to paste in place of the same header again and again.

use std::collections::BTreeSet;
use std::fmt;

use miette::{Diagnostic, LabeledSpan, SourceCode, SourceSpan};

use super::drawn::FRAME;
use super::excerpt::{Excerpt, Texts};
use crate::check::{Checked, Modes, Options, check};
use crate::finding::{Finding, Fix, Intent, Label, Severity};
use crate::profile::Mode;
use crate::source::{Change, Draft, KeyPath, Segment, Source, apply_all};

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
    /// How many keys these are.
    count: usize,
    header: String,
    paste: Option<Paste>,
    /// The keys of which nobody but the author knows what they have to say.
    left: Vec<String>,
}

/// Each round asks for what the one before brought up. More than this would be rules that contradict each other.
const MOST_ROUNDS: usize = 8;

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
        let source = &checked.sources[place.source];
        let header = source.text.get(place.span.start..place.span.end).unwrap_or_default().to_owned();
        let keys: BTreeSet<&KeyPath> = findings.iter().map(|finding| &finding.place.key).collect();
        let paste = Paste::of(source, place, &header, findings, checked.own);
        let is_left = |finding: &&&Finding| paste.is_some() && first_fix(finding, checked.own).is_none();
        let left: BTreeSet<String> =
            findings.iter().filter(is_left).map(|finding| format!("`{}`", finding.place.key)).collect();
        Self { excerpt, span: spans[0], count: keys.len(), header, paste, left: left.into_iter().collect() }
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
    fn of(source: &Source, place: &Label, header: &str, findings: &[&Finding], own: Option<Mode>) -> Option<Self> {
        let table = header.strip_prefix('[')?.strip_suffix(']')?;
        // Quoted keys, and the elements of a list, are too rare to be taken apart.
        let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let above = Some(table).filter(|table| table.chars().all(is_bare)).map(KeyPath::dotted)?;
        let mut all: Vec<Change> = Vec::new();
        for change in findings.iter().filter_map(|finding| first_fix(finding, own)).flatten() {
            if all.iter().all(|other| other.key() != change.key()) {
                all.push(change);
            }
        }
        let write = |changes: &[Change]| Self::written(changes, &above);
        let fit = |paste: Self| {
            let pasted = paste.put_into(&source.text, place)?;
            Draft::of(&pasted).is_some().then_some((paste, pasted))
        };
        if all.is_empty() {
            return None;
        }
        let Some(own) = own else { return fit(write(&all)?).map(|(paste, _)| paste) };
        let before = judged(source.clone());
        let asked: BTreeSet<Mode> = findings.iter().flat_map(|finding| finding.modes.iter().copied()).collect();
        // What the profile's own mode asks for may be wrong in another one that reads it, too: it stands in its overlay then.
        let mut moved = BTreeSet::new();
        for _ in 0..MOST_ROUNDS {
            let changes: Vec<Change> = all.iter().map(|change| in_overlay(change, own, &moved)).collect();
            let (paste, pasted) = fit(write(&changes)?)?;
            let after = judged(Source::new(&source.path, pasted));
            let further = after.iter().filter(|one| is_new(one, &before, |mode| asked.contains(&mode)));
            let further = further.filter_map(|one| first_fix(one, Some(own))).flatten();
            let further: Vec<Change> =
                further.filter(|change| all.iter().all(|other| other.key() != change.key())).collect();
            let harmed = after.iter().filter(|one| is_new(one, &before, |mode| !asked.contains(&mode)));
            let harmed: BTreeSet<String> = harmed.map(|one| first_segment(&one.place.key)).collect();
            let of_base = all.iter().filter(|change| !change.key().is_within(&KeyPath::from("modes")));
            let sections: BTreeSet<String> = of_base.map(section).filter(|name| !moved.contains(name)).collect();
            if further.is_empty() && (harmed.is_empty() || sections.is_empty()) {
                return Some(paste);
            }
            if !harmed.is_empty() {
                let known: BTreeSet<String> = sections.intersection(&harmed).cloned().collect();
                moved.extend(if known.is_empty() { sections } else { known });
            }
            for change in further {
                if all.iter().all(|other| other.key() != change.key()) {
                    all.push(change);
                }
            }
        }
        None
    }

    /// Changes as lines, `above` being the header that the first of them stand below.
    fn written(changes: &[Change], above: &KeyPath) -> Option<Self> {
        let mut below: Vec<Change> = Vec::new();
        let mut sections: Vec<Change> = Vec::new();
        for change in changes {
            let key = change.key().segments();
            if key.len() == above.segments().len() + 1 && change.key().is_within(above) {
                below.push(with_key(change, KeyPath::new(key[above.segments().len()..].to_vec())));
            } else {
                sections.push(change.clone());
            }
        }
        Some(Self { below: apply_all("", &below)?, sections: apply_all("", &sections)? })
    }

    /// The text with the lines where they are said to belong.
    fn put_into(&self, text: &str, place: &Label) -> Option<String> {
        let line_end = text[place.span.end..].find('\n').map_or(text.len(), |at| place.span.end + at + 1);
        let (before, behind) = text.split_at_checked(line_end)?;
        Some(format!("{before}\n{}{behind}\n{}", self.below, self.sections))
    }
}

/// What is found in all of a profile's modes. A note asks for nothing.
fn judged(source: Source) -> Vec<Finding> {
    let mut findings = check(source, &Options { modes: Modes::All, ..Options::default() }).findings;
    findings.retain(|finding| finding.severity != Severity::Note);
    findings
}

/// Whether something is found in one of these modes that was not found there before.
fn is_new(finding: &Finding, before: &[Finding], wanted: impl Fn(Mode) -> bool) -> bool {
    let is_it = |other: &&Finding| other.code == finding.code && other.place.key == finding.place.key;
    finding
        .modes
        .iter()
        .copied()
        .filter(|mode| wanted(*mode))
        .any(|mode| !before.iter().filter(is_it).any(|other| other.modes.contains(&mode)))
}

fn section(change: &Change) -> String {
    first_segment(change.key())
}

fn first_segment(key: &KeyPath) -> String {
    match key.segments().first() {
        Some(Segment::Key(key)) => key.to_string(),
        Some(Segment::Index(_)) | None => String::new(),
    }
}

/// A change, in the overlay of the profile's own mode if its section is one of these.
fn in_overlay(change: &Change, own: Mode, sections: &BTreeSet<String>) -> Change {
    if sections.contains(&section(change)) { change.below(&overlay_of(own)) } else { change.clone() }
}

fn overlay_of(mode: Mode) -> KeyPath {
    KeyPath::from("modes").key(mode.as_str())
}

fn with_key(change: &Change, key: KeyPath) -> Change {
    match change {
        Change::Set { value, .. } => Change::Set { key, value: value.clone() },
        Change::Add { value, .. } => Change::Add { key, value: value.clone() },
        Change::Remove { .. } => Change::Remove { key },
    }
}

/// What the best fix of a finding writes, by key from the root.
fn first_fix(finding: &Finding, own: Option<Mode>) -> Option<Vec<Change>> {
    changes(finding, finding.fixes.first()?, own)
}

/// What a fix writes, by key from the root: for another mode than the profile's own, in the overlay of that mode. Nothing
/// where it also takes something away.
fn changes(finding: &Finding, fix: &Fix, own: Option<Mode>) -> Option<Vec<Change>> {
    let overlay = |mode: &Mode, change: &Change| change.below(&overlay_of(*mode));
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
        let left = if self.left.is_empty() {
            String::new()
        } else {
            format!("; not in it, as only you know what to write: {}", self.left.join(", "))
        };
        Some(Box::new(format!(
            "{place}, and look it over: it is what the rules ask for, and not yet what your app does{left}"
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

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"prod\"\nurl = \"https://shop.example.com\"\n";

    fn asked(text: &str) -> Checked {
        check(Source::new("security.toml", text), &Options::default())
    }

    /// What is to be pasted for each header, put where it belongs, breaks no rule in any mode, and mends what it is for.
    #[test]
    fn what_is_pasted_is_right_in_every_mode() {
        let dev = "[modes.dev]\napp = { url = \"http://localhost:8000\" }\ntls = { terminate = \"off\" }\n";
        let staging = "[modes.staging]\napp = { url = \"https://staging.example.com\" }\n";
        for more in [
            String::new(),
            dev.to_owned(),
            format!("{dev}{staging}"),
            format!("[hsts]\ninclude_subdomains = true\n{dev}"),
            format!("[headers]\nframe_options = \"DENY\"\n[lockout]\nkey = \"both\"\n{dev}"),
            format!("[cookies.session]\npurpose = \"session\"\n[passwords]\nmax_length = 128\n{dev}{staging}"),
            "[modes.dev]\ntls = { terminate = \"off\" }\nhsts = { max_age = \"0s\" }\n".to_owned(),
        ] {
            let text = format!("{APP}{more}");
            let source = Source::new("security.toml", text.as_str());
            let (asked, before) = (asked(&text), judged(source.clone()));
            let findings: Vec<&Finding> = asked.findings.iter().collect();
            let mut count = 0;
            for index in 0..findings.len() {
                let group = group(&findings, index);
                if group.first() != Some(&index) {
                    continue;
                }
                let of: Vec<&Finding> = group.iter().map(|index| findings[*index]).collect();
                let place = &of[0].place;
                let header = &text[place.span.start..place.span.end];
                let Some(paste) = Paste::of(&source, place, header, &of, asked.own) else { continue };
                let pasted = paste.put_into(&text, place).expect("it has a place");
                let after = judged(Source::new("security.toml", pasted.as_str()));
                let new =
                    after.iter().filter(|one| is_new(one, &before, |_| true) && first_fix(one, asked.own).is_some());
                let new: Vec<_> = new.map(|one| (one.code, &one.modes)).collect();
                assert_eq!(new, [], "{pasted}");
                let others: Vec<_> =
                    after.iter().filter(|one| is_new(one, &before, |mode| mode != Mode::Prod)).collect();
                assert!(others.is_empty(), "{others:#?}\n{pasted}");
                for finding in of.iter().filter(|finding| first_fix(finding, asked.own).is_some()) {
                    let is_left = |one: &Finding| one.code == finding.code && one.modes.contains(&Mode::Prod);
                    assert!(!after.iter().any(is_left), "{} is left\n{pasted}", finding.code);
                }
                count += 1;
            }
            assert!(count > 0, "{text}");
        }
    }
}
