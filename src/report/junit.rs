//! `JUnit`'s XML, which most CI servers show as a list of tests.
//!
//! A profile is a suite. A finding that fails the run is a test that fails; one that does not is a test that passes with
//! something to say, so that the list and the exit code agree. A profile without findings is one test that passes.

use std::fmt::Write;

use super::json::{Finding, Report};
use super::markup::{escape, escape_lines};

/// What was found as one XML document; `fails` says which severities fail the run.
pub fn render(report: &Report, fails: impl Fn(&str) -> bool) -> String {
    let mut suites = String::new();
    let mut sum = (0, 0);
    for suite in suites_of(report) {
        let failed = suite.findings.iter().filter(|finding| fails(finding.severity)).count();
        let tests = suite.findings.len().max(1);
        sum = (sum.0 + tests, sum.1 + failed);
        let name = escape(suite.file);
        let mut line = |text: std::fmt::Arguments<'_>| writeln!(suites, "{text}").expect("a string takes everything");
        line(format_args!(
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\">"
        ));
        if suite.findings.is_empty() {
            line(format_args!("    <testcase classname=\"{name}\" name=\"seccfg check\"/>"));
        }
        for finding in suite.findings {
            line(format_args!("{}", case(&name, finding, fails(finding.severity))));
        }
        line(format_args!("  </testsuite>"));
    }
    let (tests, failures) = sum;
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"seccfg\" tests=\"{tests}\" failures=\"{failures}\" \
         errors=\"0\">\n{suites}</testsuites>\n"
    )
}

/// A file, and what was found in it.
struct Suite<'r> {
    file: &'r str,
    findings: Vec<&'r Finding>,
}

/// The profiles in their order, and behind them the other files in which something was found.
fn suites_of(report: &Report) -> Vec<Suite<'_>> {
    let mut suites: Vec<Suite<'_>> = report.files.iter().map(|file| Suite { file, findings: Vec::new() }).collect();
    for finding in &report.findings {
        // Findings come file by file, so the last suites are the likely ones.
        match suites.iter_mut().rev().find(|suite| suite.file == finding.file) {
            Some(suite) => suite.findings.push(finding),
            None => suites.push(Suite { file: &finding.file, findings: vec![finding] }),
        }
    }
    suites
}

fn case(file: &str, finding: &Finding, fails: bool) -> String {
    let place = format!("{}:{}:{}", finding.file, finding.span.start.line, finding.span.start.column);
    let key = if finding.key.is_empty() { String::new() } else { format!(" at {}", finding.key) };
    let name = escape(&format!("{} {}{key}", finding.code, finding.name));
    let line = finding.span.start.line;
    let says = escape_lines(&format!(
        "{place}\n{}\nhelp: {}\ndocs: seccfg explain {}",
        finding.message, finding.help, finding.code
    ));
    let what = if fails {
        let message = escape(&finding.message);
        format!("<failure type=\"{}\" message=\"{message}\">{says}</failure>", finding.severity)
    } else {
        format!("<system-out>{}: {says}</system-out>", finding.severity)
    };
    format!("    <testcase classname=\"{file}\" name=\"{name}\" file=\"{file}\" line=\"{line}\">{what}</testcase>")
}
