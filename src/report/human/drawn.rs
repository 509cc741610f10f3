//! One finding as miette draws it.

use std::fmt::{self, Write};

use miette::{Diagnostic, LabeledSpan, SourceCode, SourceSpan};

use super::super::wrap::lines;
use super::excerpt::{Excerpt, Texts};
use crate::finding::{Finding, Label, Severity};

/// How many places of one finding are shown.
const MOST_PLACES: usize = 8;

/// The columns beside a line of text: its number, and the frame.
pub const FRAME: usize = 8;

/// Labels are broken to lines of no fewer columns than this: far to the right, a column of single words reads badly.
const NARROWEST: usize = 24;

/// A finding, with the text around it or without.
pub struct Drawn<'a> {
    finding: &'a Finding,
    width: usize,
    excerpt: Option<(Excerpt<'a>, Vec<SourceSpan>)>,
    /// How many of its places are left out.
    left_out: usize,
}

impl<'a> Drawn<'a> {
    pub fn new(finding: &'a Finding, texts: &Texts<'a>, width: usize, with_text: bool) -> Self {
        let labels: Vec<&Label> = labels(finding).take(MOST_PLACES).collect();
        let left_out = 1 + finding.labels.len() - labels.len();
        let excerpt = with_text.then(|| Excerpt::of(texts, &labels, width.saturating_sub(FRAME)));
        Self { finding, width, excerpt, left_out }
    }

    /// A label's text in lines that end where the terminal does. It begins below the middle of what is marked.
    fn broken(&self, text: &str, excerpt: &Excerpt<'_>, span: SourceSpan) -> String {
        /// The columns of the arrow that leads to it.
        const ARROW: usize = 4;
        let left = self.width.saturating_sub(FRAME + ARROW + excerpt.column(span.offset() + span.len() / 2));
        lines(text, left.max(NARROWEST), "").join("\n")
    }
}

fn labels(finding: &Finding) -> impl Iterator<Item = &Label> {
    std::iter::once(&finding.place).chain(&finding.labels)
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.finding.message)?;
        if self.excerpt.is_none() {
            // What a label would say stands here.
            for label in labels(self.finding).filter(|label| !label.text.is_empty()) {
                write!(out, "\n{}", label.text)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    /// The code, and for what it holds where that is not plain from the text.
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let mut code = format!("{} {}", self.finding.code, self.finding.name);
        let modes = self.finding.modes.iter().map(|mode| mode.as_str().to_owned());
        let scope: Vec<String> = modes.chain(self.finding.behind()).collect();
        if !scope.is_empty() {
            write!(code, " ({})", scope.join(", ")).ok()?;
        }
        Some(Box::new(code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let Finding { help, code, .. } = self.finding;
        let more = match self.left_out {
            0 => String::new(),
            1 => "\nand one place more".to_owned(),
            count => format!("\nand {count} places more"),
        };
        Some(Box::new(format!("{help}{more}\ndocs: seccfg explain {code}")))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|(excerpt, _)| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (excerpt, spans) = self.excerpt.as_ref()?;
        let labelled = labels(self.finding).zip(spans).enumerate().map(|(index, (label, span))| {
            let text = (!label.text.is_empty()).then(|| self.broken(&label.text, excerpt, *span));
            if index == 0 {
                LabeledSpan::new_primary_with_span(text, *span)
            } else {
                LabeledSpan::new_with_span(text, *span)
            }
        });
        Some(Box::new(labelled))
    }
}
