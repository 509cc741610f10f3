//! SARIF 2.1.0, which code scanners on GitHub, in Azure and in editors read.
//!
//! A result is a finding of [`Report`]: rules carry their documentation, findings their fixes as replacements and a
//! fingerprint by which a scanner knows a finding again when lines have moved.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::json::{Edit, Finding, Fix, Label, Range, Report};
use crate::rules::{self, Rule};
use crate::source::portable;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    /// How columns are counted: in characters, as [`Range`] counts them.
    column_kind: &'static str,
    results: Vec<ResultRow>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'static str>,
    rules: Vec<Descriptor>,
}

/// A rule, with what `seccfg explain` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    name: &'static str,
    short_description: Text,
    full_description: Text,
    help: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    default_configuration: Configuration,
    properties: Tags,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Tags {
    tags: Vec<&'static str>,
}

#[derive(Serialize)]
struct Text {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultRow {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixRow>,
    properties: Scope,
}

/// For what a finding holds, and how it is known.
#[derive(Serialize)]
struct Scope {
    modes: Vec<&'static str>,
    targets: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(rename = "physicalLocation")]
    physical: Physical,
    #[serde(rename = "logicalLocations", skip_serializing_if = "Vec::is_empty")]
    logical: Vec<Logical>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Clone, Serialize)]
struct Artifact {
    uri: String,
}

/// The key that a place is about.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    fully_qualified_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixRow {
    description: Text,
    artifact_changes: Vec<ArtifactChange>,
    properties: Safety,
}

#[derive(Serialize)]
struct Safety {
    safety: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

/// What was found as one SARIF document.
pub fn render(report: &Report) -> String {
    let mut rules: Vec<&'static Rule> = Vec::new();
    let mut results = Vec::with_capacity(report.findings.len());
    for finding in &report.findings {
        let Some(rule) = rules::by_code(finding.code) else { continue };
        let index = rules.iter().position(|known| known.code == rule.code).unwrap_or_else(|| {
            rules.push(rule);
            rules.len() - 1
        });
        results.push(result(finding, index));
    }
    let driver = Driver {
        name: "seccfg",
        version: crate::VERSION,
        semantic_version: crate::VERSION,
        information_uri: Some(env!("CARGO_PKG_REPOSITORY")).filter(|address| !address.is_empty()),
        rules: rules.into_iter().map(descriptor).collect(),
    };
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    serde_json::to_string_pretty(&log).expect("a report is text and numbers") + "\n"
}

fn descriptor(rule: &'static Rule) -> Descriptor {
    let page = rules::page(rule);
    let url = rule.url();
    Descriptor {
        id: rule.code,
        name: rule.name,
        short_description: text(rule.statement()),
        full_description: text(rule.docs.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim()),
        help: Text { text: page.clone(), markdown: Some(page) },
        // Where the package names no repository, there is no address to lead to.
        help_uri: url.starts_with("https://").then_some(url),
        default_configuration: Configuration { level: rule.severity.worst().as_str() },
        properties: Tags { tags: std::iter::once("security").chain(rules::area_title(rule.area())).collect() },
    }
}

fn result(finding: &Finding, rule_index: usize) -> ResultRow {
    let told = [finding.message.as_str(), &finding.help].map(|part| part.trim_end_matches('.')).join(". ");
    ResultRow {
        rule_id: finding.code,
        rule_index,
        level: finding.severity,
        message: text(told),
        locations: [location(None, &finding.file, &finding.key, &finding.span, &finding.label)],
        related_locations: finding.labels.iter().enumerate().map(related).collect(),
        // GitHub knows findings again by the name of its own; others take any.
        partial_fingerprints: ["seccfg/v1", "primaryLocationLineHash"]
            .map(|name| (name, finding.fingerprint.clone()))
            .into(),
        fixes: finding.fixes.iter().filter(|fix| !fix.edits.is_empty()).map(fix).collect(),
        properties: Scope {
            modes: finding.modes.clone(),
            targets: finding.targets.clone(),
            evidence: finding.evidence,
        },
    }
}

fn related((index, label): (usize, &Label)) -> Location {
    location(Some(index + 1), &label.file, &label.key, &label.span, &label.message)
}

fn location(id: Option<usize>, file: &str, key: &str, span: &Range, says: &str) -> Location {
    let key = (!key.is_empty()).then(|| Logical { fully_qualified_name: key.to_owned() });
    Location {
        id,
        physical: Physical { artifact_location: artifact(file), region: region(span) },
        logical: key.into_iter().collect(),
        message: (!says.is_empty()).then(|| text(says)),
    }
}

fn fix(fix: &Fix) -> FixRow {
    let mut changes: Vec<ArtifactChange> = Vec::new();
    for Edit { file, span, text: inserted } in &fix.edits {
        let artifact_location = artifact(file);
        let replacement = Replacement { deleted_region: region(span), inserted_content: text(inserted) };
        match changes.iter_mut().find(|change| change.artifact_location.uri == artifact_location.uri) {
            Some(change) => change.replacements.push(replacement),
            None => changes.push(ArtifactChange { artifact_location, replacements: vec![replacement] }),
        }
    }
    FixRow { description: text(&fix.title), artifact_changes: changes, properties: Safety { safety: fix.safety } }
}

fn region(span: &Range) -> Region {
    Region {
        start_line: span.start.line,
        start_column: span.start.column,
        end_line: span.end.line,
        end_column: span.end.column,
    }
}

fn text(text: impl Into<String>) -> Text {
    Text { text: text.into(), markdown: None }
}

/// A file by its address: relative to where seccfg was run, which is the root of the repository for most.
fn artifact(file: &str) -> Artifact {
    let path = portable(file);
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    let mut uri = scheme.to_owned();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => uri.push(byte.into()),
            byte => write!(uri, "%{byte:02X}").expect("a string takes everything"),
        }
    }
    Artifact { uri }
}

#[cfg(test)]
mod tests {
    use super::artifact;

    #[test]
    fn a_path_is_an_address() {
        for (path, uri) in [
            ("./shop/security.toml", "shop/security.toml"),
            ("a b/#1?%/ü.toml", "a%20b/%231%3F%25/%C3%BC.toml"),
            ("/srv/security.toml", "file:///srv/security.toml"),
            ("<stdin>", "%3Cstdin%3E"),
            // A colon in the first part would make a scheme of it.
            ("a:b.toml", "a%3Ab.toml"),
        ] {
            assert_eq!(artifact(path).uri, uri);
        }
    }
}
