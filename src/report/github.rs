//! GitHub Actions: workflow commands, which become annotations of the changed lines, and the job's summary.
//!
//! A finding of HST005 in line 11 is printed as
//!
//! ```text
//! ::error file=security.toml,line=11,…,title=HST005 hsts-without-tls::HSTS is on, but TLS is off%0Ahelp: …
//! ```

use std::fmt::Write;

use super::json::{Finding, Report};
use super::markdown::{code, prose, words};
use super::prose::visible;
use super::{Counts, plural};
use crate::source::portable;

/// What was found as workflow commands, and a line that sums it up.
pub fn render(report: &Report) -> String {
    let mut out: String = report.findings.iter().map(annotation).collect();
    // The log obeys only a line that begins with two colons.
    writeln!(out, "seccfg: {}", sum(report)).expect("a string takes everything");
    out
}

fn sum(report: &Report) -> String {
    let what = match report.files.as_slice() {
        [one] => one.chars().map(visible).collect(),
        several => plural(several.len(), "profile"),
    };
    format!("{what}: {}", Counts::from(&report.summary))
}

fn annotation(finding: &Finding) -> String {
    let level = match finding.severity {
        "note" => "notice",
        level => level,
    };
    let (start, end) = (&finding.span.start, &finding.span.end);
    let file = property(&portable(&finding.file));
    let mut properties = format!("file={file},line={},endLine={},col={}", start.line, end.line, start.column);
    // GitHub refuses an end column where the lines differ, and one that is where the place begins.
    if start.line == end.line && end.column > start.column {
        write!(properties, ",endColumn={}", end.column).expect("a string takes everything");
    }
    let title = property(&format!("{} {}", finding.code, finding.name));
    let mut told = vec![finding.message.clone()];
    told.extend(Some(&finding.label).filter(|label| !label.is_empty()).cloned());
    told.push(format!("help: {}", finding.help));
    told.push(format!("docs: seccfg explain {}", finding.code));
    format!("::{level} {properties},title={title}::{}\n", data(&told.join("\n")))
}

/// Text behind the second pair of colons.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// What was found as a page of Markdown, for the job's summary.
pub fn job_summary(report: &Report) -> String {
    /// GitHub takes a summary of 1 MiB, which these stay below.
    const MOST: usize = 200;
    let mut page = format!("### seccfg: {}\n", words(&sum(report)));
    if !report.findings.is_empty() {
        page.push_str(
            "\n| severity | rule | where | what is wrong | what to write |\n| --- | --- | --- | --- | --- |\n",
        );
    }
    for finding in report.findings.iter().take(MOST) {
        let place = code(&format!("{}:{}", portable(&finding.file), finding.span.start.line));
        let (message, help) = (prose(&shortened(&finding.message)), prose(&shortened(&finding.help)));
        writeln!(page, "| {} | {} | {place} | {message} | {help} |", finding.severity, finding.code)
            .expect("a string takes everything");
    }
    if report.findings.len() > MOST {
        writeln!(page, "\nand {} more, which are in the log", report.findings.len() - MOST)
            .expect("a string takes everything");
    }
    page.push('\n');
    page
}

/// What fits a cell.
fn shortened(text: &str) -> String {
    const MOST: usize = 400;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the runner makes of a command: the opposite of what is escaped.
    fn read_back(text: &str) -> String {
        text.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
    }

    proptest! {
        /// Whatever it is, it stays in its property and its line, and comes back as it was.
        #[test]
        fn nothing_breaks_out(text in "[:,%\r\nA-D0-9 a]{0,24}|(?s).{0,24}") {
            let (data, property) = (data(&text), property(&text));
            prop_assert!(!data.contains(['\r', '\n']));
            prop_assert!(!property.contains(['\r', '\n', ':', ',']));
            prop_assert_eq!(read_back(&property), text);
        }
    }
}
