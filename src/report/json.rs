//! For programs: a versioned contract of its own, not a picture of our types.

use schemars::JsonSchema;
use serde::Serialize;

use super::Counts;
use crate::baseline::Fingerprints;
use crate::check::Checked;
use crate::plan::Evidence;
use crate::rules;
use crate::source::{Source, Span};

/// What `seccfg check --format json` prints, version 1.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this format: 1.
    pub version: u8,
    /// The profiles that were checked.
    pub files: Vec<String>,
    /// What was found, by file and place.
    pub findings: Vec<Finding>,
    /// How much was found.
    pub summary: Summary,
}

/// A rule broken, at a place.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule's code, such as HST005.
    pub code: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// How bad it is in this mode: error, warning or note.
    pub severity: &'static str,
    /// The mode in which it holds, the first of several; null where it holds before modes come in.
    pub mode: Option<&'static str>,
    /// Every mode in which it holds, prod before dev.
    pub modes: Vec<&'static str>,
    /// The target for which it holds, the first of several; null where it holds for any.
    pub target: Option<&'static str>,
    /// Every target for which it holds.
    pub targets: Vec<&'static str>,
    /// What is wrong.
    pub message: String,
    /// What to write.
    pub help: String,
    /// The page of the rule: an address, or its path in the repository of seccfg where that is not published.
    pub url: String,
    /// The file that it stands in.
    pub file: String,
    /// The key that it is about, written or not.
    pub key: String,
    /// Where the value stands; for an absent key, the nearest header.
    pub span: Range,
    /// What is to be seen there; empty where the message says it all.
    pub label: String,
    /// Other places that matter.
    pub labels: Vec<Label>,
    /// What mends it, the best first.
    pub fixes: Vec<Fix>,
    /// How it is known that what it speaks of is so in the service: delegated (by the word of the app), known (by a fact
    /// that was read in the app's code), rendered (by a file that seccfg writes), held (by the app's own `.env` file) or
    /// seen (by an answer of the running site). Null where it rests on the profile's text alone.
    pub evidence: Option<&'static str>,
    /// Whether an edit can mend it.
    pub fixable: bool,
    /// What tells it apart from every other finding of the run: the same when lines have moved, when values have other
    /// numbers, and when lists are in another order.
    pub fingerprint: String,
}

/// One way to mend a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// Whether it may be made unseen: safe tightens a value to what the rule asks for, unsafe changes how the service
    /// behaves.
    pub safety: &'static str,
    /// All of its edits are made, or none.
    pub edits: Vec<Edit>,
}

/// An edit of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Edit {
    /// The file.
    pub file: String,
    /// What is replaced; empty for what is put in.
    pub span: Range,
    /// What stands in its place.
    pub text: String,
}

/// Another place that a finding speaks of.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Label {
    /// The file that it is in.
    pub file: String,
    /// The key that it is about.
    pub key: String,
    /// What is to be seen there.
    pub message: String,
    /// Where it stands.
    pub span: Range,
}

/// A range of text; the end is exclusive.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Range {
    /// Its first character.
    pub start: Position,
    /// The character after its last.
    pub end: Position,
}

/// A place as people count it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// How much was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
    /// Findings that waivers hide.
    pub waived: usize,
    /// Findings that the baseline hides.
    pub baselined: usize,
    /// Findings that `--fix` mended before.
    pub fixed: usize,
}

fn range(source: &Source, span: Span) -> Range {
    let position = |offset| {
        let place = source.position(offset);
        Position { line: place.line, column: place.column }
    };
    Range { start: position(span.start), end: position(span.end) }
}

impl Report {
    /// The report of what was found.
    pub fn new(checked: &[Checked]) -> Self {
        let counts = Counts::of(checked);
        let mut fingerprints = Fingerprints::default();
        let Counts { errors, warnings, notes, waived, baselined, fixed } = counts;
        Self {
            version: 1,
            files: checked.iter().filter_map(|one| one.sources.first().map(Source::name)).collect(),
            findings: checked
                .iter()
                .flat_map(|one| one.findings.iter().map(move |finding| (finding, one)))
                .map(|(finding, one)| Finding::new(finding, one, fingerprints.next(finding, one)))
                .collect(),
            summary: Summary { errors, warnings, notes, waived, baselined, fixed },
        }
    }

    /// The report as one JSON document.
    pub fn render(&self) -> String {
        serde_json::to_string_pretty(self).expect("a report is text and numbers") + "\n"
    }
}

impl Finding {
    fn new(finding: &crate::finding::Finding, checked: &Checked, fingerprint: String) -> Self {
        let crate::finding::Label { source, span, key, text, .. } = &finding.place;
        let place = &checked.sources[*source];
        let label = |label: &crate::finding::Label| {
            let source = &checked.sources[label.source];
            Label {
                file: source.name(),
                key: label.key.to_string(),
                message: label.text.clone(),
                span: range(source, label.span),
            }
        };
        let edit = |edit: &crate::finding::Edit| {
            let source = &checked.sources[edit.source];
            Edit { file: source.name(), span: range(source, edit.span), text: edit.text.clone() }
        };
        let fix = |fix: &crate::finding::Fix| Fix {
            title: fix.title.clone(),
            safety: fix.safety.as_str(),
            edits: fix.edits.iter().map(edit).collect(),
        };
        Self {
            code: finding.code,
            name: finding.name,
            severity: finding.severity.as_str(),
            mode: finding.modes.first().map(|mode| mode.as_str()),
            modes: finding.modes.iter().map(|mode| mode.as_str()).collect(),
            target: finding.targets.first().map(|target| target.as_str()),
            targets: finding.targets.iter().map(|target| target.as_str()).collect(),
            message: finding.message.clone(),
            help: finding.help.clone(),
            url: rules::by_code(finding.code).map(rules::Rule::url).unwrap_or_default(),
            file: place.name(),
            key: key.to_string(),
            span: range(place, *span),
            label: text.clone(),
            labels: finding.labels.iter().map(label).collect(),
            fixes: finding.fixes.iter().map(fix).collect(),
            evidence: finding.evidence.map(Evidence::as_str),
            fixable: !finding.fixes.is_empty(),
            fingerprint,
        }
    }
}
