//! GitLab's code quality report, which a merge request shows beside the changed lines.

use serde::Serialize;

use super::json::{Finding, Report};
use crate::source::portable;

#[derive(Serialize)]
struct Issue<'r> {
    description: String,
    check_name: &'static str,
    /// By which GitLab knows an issue again in the other branch.
    fingerprint: &'r str,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    /// From the root of the repository, without `./`.
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// What was found as one JSON document.
pub fn render(report: &Report) -> String {
    let issues: Vec<Issue<'_>> = report.findings.iter().map(issue).collect();
    serde_json::to_string_pretty(&issues).expect("a report is text and numbers") + "\n"
}

fn issue(finding: &Finding) -> Issue<'_> {
    Issue {
        description: format!("{}: {}; {}", finding.code, finding.message, finding.help),
        check_name: finding.code,
        fingerprint: &finding.fingerprint,
        severity: match finding.severity {
            "error" => "critical",
            "warning" => "major",
            _ => "info",
        },
        location: Location {
            path: portable(&finding.file),
            lines: Lines { begin: finding.span.start.line, end: finding.span.end.line },
        },
    }
}
