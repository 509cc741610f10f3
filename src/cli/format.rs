//! In which format findings are told: `--format github`, or what the place where seccfg runs asks for.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use clap::ValueEnum;

use super::{Failure, print};
use crate::files;
use crate::report::json::Report;
use crate::report::{github, gitlab, junit, sarif};

/// How findings are told.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// `github` in a job of GitHub Actions, and `human` everywhere else.
    Auto,
    /// The text around each finding.
    Human,
    /// One document; `seccfg schema report` describes it.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions, and the job's summary.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// The XML of `JUnit`, a list of tests.
    Junit,
}

/// A format for programs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    Json,
    Sarif,
    Github,
    Gitlab,
    Junit,
}

impl ReportFormat {
    /// The format for programs that is meant; none where people are to read it. A job of GitLab's is no reason for its
    /// report: that is a file beside the log, and the log is read by people.
    pub(super) fn for_programs(self) -> Option<Program> {
        match self {
            Self::Auto if std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") => {
                Some(Program::Github)
            }
            Self::Auto | Self::Human => None,
            Self::Json => Some(Program::Json),
            Self::Sarif => Some(Program::Sarif),
            Self::Github => Some(Program::Github),
            Self::Gitlab => Some(Program::Gitlab),
            Self::Junit => Some(Program::Junit),
        }
    }
}

impl Program {
    /// Whether it tells the edits that fixes make.
    pub(super) fn has_edits(self) -> bool {
        match self {
            Self::Json | Self::Sarif => true,
            Self::Github | Self::Gitlab | Self::Junit => false,
        }
    }

    /// Tells what was found.
    pub(super) fn tell(self, report: &Report, deny_warnings: bool) -> Result<(), Failure> {
        print(&match self {
            Self::Json => report.render(),
            Self::Sarif => sarif::render(report),
            Self::Github => github::render(report),
            Self::Gitlab => gitlab::render(report),
            Self::Junit => {
                junit::render(report, |severity| severity == "error" || (deny_warnings && severity == "warning"))
            }
        })?;
        match std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) {
            Some(path) if self == Self::Github => Ok(append(Path::new(&path), &github::job_summary(report))?),
            Some(_) | None => Ok(()),
        }
    }
}

/// Adds to a file that other steps of a job write to, too.
fn append(path: &Path, text: &str) -> Result<(), files::Error> {
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(files::Error::at(path))
}
