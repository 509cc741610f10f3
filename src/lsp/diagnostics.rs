//! Findings as an editor shows them, by the file that they stand in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::place::Encoding;
use super::protocol::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Uri,
};
use super::workspace::{Judged, Workspace};
use crate::finding::{Finding, Label, Severity};
use crate::rules::{self, Rule};
use crate::source::Source;

/// More than these nobody reads in one file, and an editor slows down.
const MOST: usize = 1000;

/// What is to be told of a profile and of the files that were judged with it: of a file without findings, nothing.
pub fn of(workspace: &Workspace, judged: &Judged, encoding: Encoding) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let sources = &judged.checked.sources;
    let mut told: BTreeMap<PathBuf, Vec<Diagnostic>> =
        sources.iter().map(|source| (source.path.clone(), Vec::new())).collect();
    let mut left: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for finding in &judged.checked.findings {
        let Some(source) = sources.get(finding.place.source) else { continue };
        let of_file = told.entry(source.path.clone()).or_default();
        if of_file.len() < MOST {
            of_file.extend(of_finding(workspace, sources, finding, encoding));
        } else {
            *left.entry(source.path.clone()).or_default() += 1;
        }
    }
    for (file, left) in left {
        let message = format!("{left} more findings in this file: `seccfg check` tells them all");
        let more = Diagnostic {
            severity: Some(DiagnosticSeverity::Information),
            source: Some("seccfg".to_owned()),
            message: message.into(),
            ..Diagnostic::default()
        };
        told.entry(file).or_default().push(more);
    }
    told
}

/// One finding by itself.
pub fn of_finding(
    workspace: &Workspace,
    sources: &[Source],
    finding: &Finding,
    encoding: Encoding,
) -> Option<Diagnostic> {
    sources.get(finding.place.source).map(|source| diagnostic(workspace, sources, source, finding, encoding))
}

fn diagnostic(
    workspace: &Workspace,
    sources: &[Source],
    source: &Source,
    finding: &Finding,
    encoding: Encoding,
) -> Diagnostic {
    let related = |label: &Label| {
        let source = sources.get(label.source)?;
        let location = Location { uri: workspace.uri(&source.path), range: encoding.range(source, label.span) };
        // A place without words is shown by its key.
        let message = if label.text.is_empty() { format!("`{}`", label.key) } else { label.text.clone() };
        Some(DiagnosticRelatedInformation { location, message })
    };
    let related: Vec<DiagnosticRelatedInformation> = finding.labels.iter().filter_map(related).collect();
    let page = rules::by_code(finding.code).map(Rule::url).filter(|url| url.contains("://"));
    Diagnostic {
        range: encoding.range(source, finding.place.span),
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
            Severity::Note => DiagnosticSeverity::Information,
        }),
        code: Some(Code::String(finding.code.to_owned())),
        code_description: page.map(|url| CodeDescription { href: Uri(url) }),
        source: Some("seccfg".to_owned()),
        message: message(finding).into(),
        related_information: (!related.is_empty()).then_some(related),
        ..Diagnostic::default()
    }
}

/// What is wrong, for whom, and what to write.
fn message(finding: &Finding) -> String {
    let modes: Vec<&str> = finding.modes.iter().map(|mode| mode.as_str()).collect();
    let modes = (!modes.is_empty()).then(|| format!("in {}", modes.join(", ")));
    let of_whom: Vec<String> = modes.into_iter().chain(finding.behind()).collect();
    let of_whom = if of_whom.is_empty() { String::new() } else { format!(" ({})", of_whom.join(", ")) };
    let help = if finding.help.is_empty() { String::new() } else { format!("\n{}", finding.help) };
    format!("{}{of_whom}{help}", finding.message)
}
