//! What a fixture is told, as text to be read in a review: every word of every finding, its places and its fixes.

use std::fmt::Write;
use std::path::Path;

use seccfg::check::{Checked, check};
use seccfg::finding::{Edit, Finding, Label};
use seccfg::fix::resolve;
use seccfg::source::Source;

use crate::fixture;

/// Everything that a fixture is told.
pub fn told(path: &Path) -> String {
    let options = fixture::options(path);
    let mut checked = check(Source::new(path, fixture::profile(path)), &options);
    resolve(&mut checked, &options);
    let name = path.file_name().unwrap_or_default().display();
    let findings: Vec<String> = checked.findings.iter().map(|finding| one(finding, &checked)).collect();
    format!("## {name}\n\n{}", findings.join("\n"))
}

fn one(finding: &Finding, checked: &Checked) -> String {
    let Finding { code, name, severity, message, help, .. } = finding;
    let modes: Vec<String> = finding.modes.iter().map(ToString::to_string).collect();
    let known = finding.evidence.map(|evidence| evidence.to_string());
    let scope: Vec<String> = modes.into_iter().chain(finding.behind()).chain(known).collect();
    let mut out = format!("{severity} {code} {name} ({})\n  {message}\n", scope.join(", "));
    for label in std::iter::once(&finding.place).chain(&finding.labels) {
        writeln!(out, "  {}", seen(label, checked)).expect("a string takes everything");
    }
    writeln!(out, "  help: {help}").expect("a string takes everything");
    for fix in &finding.fixes {
        writeln!(out, "  {} fix: {}", fix.safety, fix.title).expect("a string takes everything");
        for edit in &fix.edits {
            writeln!(out, "    {}", written(edit, checked)).expect("a string takes everything");
        }
    }
    out
}

/// A place: its key, its line and column, and what is to be seen there.
fn seen(label: &Label, checked: &Checked) -> String {
    let at = place(label.source, label.span.start, checked);
    let absent = if label.absent { ", not there" } else { "" };
    let text = if label.text.is_empty() { String::new() } else { format!(": {}", label.text) };
    format!("at `{}` ({at}{absent}){text}", label.key)
}

/// An edit: where, what goes and what comes.
fn written(edit: &Edit, checked: &Checked) -> String {
    let old = &checked.sources[edit.source].text[edit.span.start..edit.span.end];
    format!("{}: {old:?} -> {:?}", place(edit.source, edit.span.start, checked), edit.text)
}

fn place(source: usize, offset: usize, checked: &Checked) -> String {
    let text = &checked.sources[source];
    let position = text.position(offset);
    let file = if source == 0 { "" } else { ".env:" };
    format!("{file}{}:{}", position.line, position.column)
}
