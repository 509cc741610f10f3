//! For people: the text around each finding, drawn by miette.

use std::fmt::{self, Write};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};
use textwrap::WordSplitter;

use super::{Counts, plural, redact, wrap};
use crate::check::Checked;
use crate::finding::{Finding, Severity};
use crate::source::{Source, Span};

/// How findings are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Human {
    /// In colour.
    pub color: bool,
    /// With hyperlinks that the terminal opens.
    pub links: bool,
    /// Columns to keep within.
    pub width: usize,
}

impl Human {
    /// Draws everything that was found, and a line that sums it up.
    pub fn render(&self, checked: &[Checked]) -> String {
        let theme = if self.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(self.width)
            .with_links(self.links)
            .with_break_words(false)
            .with_word_separator(wrap::SEPARATOR)
            .with_word_splitter(WordSplitter::NoHyphenation);
        let mut out = String::new();
        for one in checked.iter().filter(|one| !one.findings.is_empty()) {
            let texts: Vec<Text<'_>> =
                one.sources.iter().enumerate().map(|(index, source)| Text::new(source, one, index)).collect();
            for finding in &one.findings {
                let drawn = Drawn { finding, text: &texts[finding.place.source] };
                handler.render_report(&mut out, &drawn).expect("a string takes everything");
                out.push('\n');
            }
        }
        out.push_str(&summary(checked));
        out.push('\n');
        out
    }
}

/// One line that sums up what was found.
pub fn summary(checked: &[Checked]) -> String {
    let counts = Counts::of(checked);
    let what = match checked {
        [one] => one.sources.first().map(Source::name).unwrap_or_default(),
        several => plural(several.len(), "profile"),
    };
    let unjudged = checked.iter().any(|one| !one.judged);
    let rest = if unjudged { "; the rules were not asked, mend this first" } else { "" };
    format!("{what}: {counts}{rest}")
}

/// A source's text as it may be shown.
struct Text<'a> {
    source: &'a Source,
    shown: String,
}

impl<'a> Text<'a> {
    fn new(source: &'a Source, checked: &Checked, index: usize) -> Self {
        let secrets = checked.secrets.iter().filter(|(source, _)| *source == index).map(|(_, span)| *span);
        Self { source, shown: redact::shown(&source.text, secrets) }
    }
}

impl SourceCode for Text<'_> {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        // miette reads from the first byte on, for each finding; from a line above those that it shows is enough.
        let place = self.source.position(span.offset());
        let first = place.line.saturating_sub(before + 1).max(1);
        let start = self.source.line_start(first);
        let inner = self.shown[start..].read_span(&(span.offset() - start, span.len()).into(), before, after)?;
        // miette counts columns in bytes; people and editors in characters.
        let column = if inner.column() == 0 { 0 } else { place.column - 1 };
        Ok(Box::new(MietteSpanContents::new_named(
            self.source.name(),
            inner.data(),
            (inner.span().offset() + start, inner.span().len()).into(),
            inner.line() + first - 1,
            column,
            inner.line_count(),
        )))
    }
}

struct Drawn<'a> {
    finding: &'a Finding,
    text: &'a Text<'a>,
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.finding.message)
    }
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl std::error::Error for Drawn<'_> {}

/// A span as miette takes it. It draws nothing for an empty one behind the last character, so that character stands in.
fn shown_span(span: Span, text: &Text<'_>) -> SourceSpan {
    // A byte order mark stands before the first line.
    let (first, text) = (text.source.line_start(1), text.shown.as_str());
    let end = span.end.clamp(first, text.len());
    let start = span.start.clamp(first, end);
    if start == end && end == text.len() && end > 0 && !text.ends_with('\n') {
        let last = text.floor_char_boundary(end - 1);
        return (last, end - last).into();
    }
    (start, end - start).into()
}

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
        Some(Box::new(format!("{}\ndocs: seccfg explain {}", self.finding.help, self.finding.code)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let place = &self.finding.place;
        let primary = LabeledSpan::new_primary_with_span(text(&place.text), shown_span(place.span, self.text));
        let others = self
            .finding
            .labels
            .iter()
            .map(move |label| LabeledSpan::new_with_span(text(&label.text), shown_span(label.span, self.text)));
        Some(Box::new(std::iter::once(primary).chain(others)))
    }
}
