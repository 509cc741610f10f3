//! The few lines of a text that a finding is about, as miette takes them.
//!
//! A line that is longer than the terminal is wide is cut down to what stands around the labels, and a value over many
//! lines to the first of them: a thousand origins on one line are no reason to show them all for each.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use textwrap::core::display_width;

use crate::apps::AppPack;
use crate::check::Checked;
use crate::finding::Label;
use crate::profile::{Read, vocabulary};
use crate::report::prose::on_one_line;
use crate::report::redact::Shown;
use crate::source::{Position, Source, Span};

/// A value over more lines is shown by its first one.
const MOST_LINES: usize = 4;

/// What stands where something is left out.
const CUT: char = '…';

/// Sources as they may be shown.
pub struct Texts<'a> {
    checked: &'a Checked,
    /// What is known to be no secret in each: found when it is first asked for.
    open: Vec<OnceCell<Vec<Span>>>,
}

impl<'a> Texts<'a> {
    pub fn of(checked: &'a Checked) -> Self {
        Self { checked, open: checked.sources.iter().map(|_| OnceCell::new()).collect() }
    }

    fn open(&self, source: usize) -> &[Span] {
        self.open[source].get_or_init(|| {
            let original = &self.checked.sources[source];
            let has_secrets = || self.checked.secrets.iter().any(|(index, _)| *index == source);
            match source {
                0 => vocabulary::open_texts(original, vocabulary::ROOT),
                // Its own reader has said what may be shown of it.
                _ if has_secrets() => Vec::new(),
                // A pack; of any other text the vocabulary knows no key.
                _ => vocabulary::open_texts(original, &<AppPack as Read>::KIND),
            }
        })
    }

    /// Where a place begins, as people count.
    pub fn position(&self, label: &Label) -> Position {
        self.checked.sources[label.source].position(label.span.start)
    }
}

/// A line of an excerpt.
struct Line {
    source: usize,
    /// Its number in the source, from 1.
    number: usize,
    /// Where it begins in the excerpt.
    start: usize,
}

/// The lines around some labels, cut to a width.
pub struct Excerpt<'a> {
    checked: &'a Checked,
    text: String,
    lines: Vec<Line>,
    /// Where the labels stand in the excerpt, and where in their sources.
    places: Vec<(usize, Position)>,
}

/// A label on its way into an excerpt, with the lines around it as they may be shown.
struct Mark {
    /// What is shown, as a source, which knows its lines.
    shown: Source,
    /// How many lines of the whole text stand before that.
    before: usize,
    /// Which lines of the whole text it is on.
    lines: (usize, usize),
    /// Where it stands in what is shown.
    span: Span,
}

impl Mark {
    /// Of a label over many lines, the first is marked.
    fn of(texts: &Texts<'_>, label: &Label) -> Self {
        let original = &texts.checked.sources[label.source];
        let line = |offset: usize| original.position(offset).line;
        let before = line(label.span.start).saturating_sub(2);
        // A byte order mark stands before the first line.
        let start = if before == 0 { 0 } else { original.line_start(before + 1) };
        let around = Span { start, end: original.line_start(line(label.span.end) + 2) };
        let secrets = texts.checked.secrets.iter().filter(|(index, _)| *index == label.source).map(|(_, span)| *span);
        let shown = Shown::of_lines(&original.text, around, secrets, texts.open(label.source));
        let (shown, span) = (Source::new("", shown.text.as_str()), shown.span(label.span));
        let (begin, length) = (shown.line_start(1), shown.text.len());
        let start = span.start.clamp(begin, length);
        let mut end = span.end.clamp(start, length);
        let first = shown.position(start).line;
        let mut last = shown.position(end.saturating_sub(usize::from(end > start))).line;
        if last - first >= MOST_LINES {
            last = first;
            end = shown.line(first).end;
        }
        // miette draws nothing for an empty span behind the last character, so that character stands in.
        let start = if start == end && end == length && end > begin && !shown.text.ends_with('\n') {
            shown.text.floor_char_boundary(end - 1)
        } else {
            start
        };
        Self { shown, before, lines: (before + first, before + last), span: Span { start, end } }
    }

    /// A line of the whole text, and where in it a place of what is shown stands.
    fn line(&self, number: usize) -> (&str, impl Fn(usize) -> usize) {
        let line = self.shown.line(number - self.before);
        (&self.shown.text[line.start..line.end], move |offset: usize| offset.clamp(line.start, line.end) - line.start)
    }
}

impl<'a> Excerpt<'a> {
    /// How many columns of its line are before a place.
    pub fn column(&self, place: usize) -> usize {
        let before = self.text.get(..place).unwrap_or_default();
        display_width(before.rsplit('\n').next().unwrap_or_default())
    }

    /// The lines of labels, with those before and behind; and the labels' places in it.
    pub fn of(texts: &Texts<'a>, labels: &[&Label], width: usize) -> (Self, Vec<SourceSpan>) {
        let marks: Vec<Mark> = labels.iter().map(|label| Mark::of(texts, label)).collect();
        let mut wanted: BTreeMap<(usize, usize), (&str, Vec<Span>)> = BTreeMap::new();
        for (label, mark) in labels.iter().zip(&marks) {
            let (first, last) = mark.lines;
            let original = &texts.checked.sources[label.source];
            // Behind a last line feed there is nothing to be seen.
            let count = original.line_count() - usize::from(original.text.ends_with('\n'));
            for number in first.saturating_sub(1).max(1)..=(last + 1).min(count).max(last) {
                let (line, place) = mark.line(number);
                let (_, parts) = wanted.entry((label.source, number)).or_insert((line, Vec::new()));
                if (first..=last).contains(&number) {
                    parts.push(Span { start: place(mark.span.start), end: place(mark.span.end) });
                }
            }
        }
        let mut excerpt = Self { checked: texts.checked, text: String::new(), lines: Vec::new(), places: Vec::new() };
        let mut cuts: BTreeMap<(usize, usize), Cut> = BTreeMap::new();
        for ((source, number), (line, parts)) in wanted {
            let cut = Cut::new(line, &parts, width);
            excerpt.lines.push(Line { source, number, start: excerpt.text.len() });
            excerpt.text.push_str(&cut.text);
            excerpt.text.push('\n');
            cuts.insert((source, number), cut);
        }
        let mut spans = Vec::with_capacity(labels.len());
        for (label, mark) in labels.iter().zip(&marks) {
            let place = |number: usize, offset: usize| {
                let index = excerpt.lines.partition_point(|line| (line.source, line.number) < (label.source, number));
                let cut = &cuts[&(label.source, number)];
                excerpt.lines[index].start + cut.place(mark.line(number).1(offset))
            };
            let (start, end) = (place(mark.lines.0, mark.span.start), place(mark.lines.1, mark.span.end));
            spans.push((start, end.saturating_sub(start)).into());
            excerpt.places.push((start, texts.position(label)));
        }
        (excerpt, spans)
    }

    /// The line in which a place stands.
    fn line_at(&self, offset: usize) -> usize {
        self.lines.partition_point(|line| line.start <= offset).saturating_sub(1)
    }

    /// Whether a line of the excerpt is followed by the next one in the source, too.
    fn goes_on(&self, index: usize) -> bool {
        let (Some(line), Some(next)) = (self.lines.get(index), self.lines.get(index + 1)) else { return false };
        (line.source, line.number + 1) == (next.source, next.number)
    }
}

/// A line, cut down to what stands around some parts of it.
struct Cut {
    text: String,
    /// What is left of the line, and where that stands in the cut one.
    kept: Vec<(Span, usize)>,
}

impl Cut {
    fn new(line: &str, parts: &[Span], width: usize) -> Self {
        let whole = Span { start: 0, end: line.len() };
        let kept = if line.chars().count() <= width { vec![whole] } else { windows(line, parts, width) };
        let mut cut = Self { text: String::new(), kept: Vec::with_capacity(kept.len()) };
        let mut end = 0;
        for span in kept {
            if span.start > end {
                cut.text.push(CUT);
            }
            cut.kept.push((span, cut.text.len()));
            cut.text.push_str(&line[span.start..span.end]);
            end = span.end;
        }
        if end < line.len() {
            cut.text.push(CUT);
        }
        cut
    }

    /// Where a place of the line stands: of what was cut away, where the cut is.
    fn place(&self, offset: usize) -> usize {
        let index = self.kept.partition_point(|(span, _)| span.start <= offset).saturating_sub(1);
        let Some((span, start)) = self.kept.get(index) else { return 0 };
        start + offset.clamp(span.start, span.end) - span.start
    }
}

/// What of a line is worth showing: each part, as far as it fits, with as much around it as there is room for.
fn windows(line: &str, parts: &[Span], width: usize) -> Vec<Span> {
    let before = |at: usize, count: usize| line[..at].char_indices().rev().nth(count - 1).map_or(0, |(at, _)| at);
    let behind =
        |at: usize, count: usize| line[at..].char_indices().nth(count).map_or(line.len(), |(next, _)| at + next);
    let beginning = [Span::default()];
    let parts = if parts.is_empty() { &beginning[..] } else { parts };
    let share = (width / parts.len()).max(24);
    let window = |part: &Span| {
        let end = part.end.min(behind(part.start, share / 2));
        let room = share.saturating_sub(line[part.start..end].chars().count() + 2).max(2);
        let start = before(part.start, room / 2);
        // What there is no room for at one side is left over for the other.
        let used = line[start..part.start].chars().count();
        Span { start, end: behind(end, room - used) }
    };
    let mut windows: Vec<Span> = parts.iter().map(window).collect();
    windows.sort_unstable();
    windows.dedup_by(|later, first| {
        let meet = later.start <= first.end;
        if meet {
            first.end = first.end.max(later.end);
        }
        meet
    });
    windows
}

impl SourceCode for Excerpt<'_> {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let begin = self.line_at(span.offset());
        let end = self.line_at(span.offset() + span.len().saturating_sub(1));
        // Labels on lines that do not follow each other are shown apart.
        if (begin..end).any(|index| !self.goes_on(index)) {
            return Err(MietteError::OutOfBounds);
        }
        let first = (begin.saturating_sub(before)..begin).rev().take_while(|index| self.goes_on(*index)).last();
        let first = first.unwrap_or(begin);
        let last = (end..end + after).find(|index| !self.goes_on(*index)).unwrap_or(end + after);
        let Line { source, number, start } = self.lines[first];
        let stop = self.lines.get(last + 1).map_or(self.text.len(), |next| next.start);
        // What miette asks for without any lines around it is where the heading points to.
        let place = self.places.iter().find(|(at, _)| *at == span.offset()).map(|(_, position)| position.column - 1);
        Ok(Box::new(MietteSpanContents::new_named(
            on_one_line(&self.checked.sources[source].name()),
            &self.text.as_bytes()[start..stop],
            (start, stop - start).into(),
            number - 1,
            place.filter(|_| before == 0).unwrap_or_default(),
            last - first + 1,
        )))
    }
}
