//! A text that is changed several times, as pieces of what it was and of what was written since: so that all changes come
//! to splices of the text as it was.

use super::Splice;
use crate::source::Span;

enum Piece {
    /// Bytes of the text as it was.
    Old(Span),
    /// What was written since.
    New(String),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Old(span) => span.end - span.start,
            Self::New(text) => text.len(),
        }
    }

    /// Some of its bytes.
    fn part(&self, from: usize, to: usize) -> Self {
        match self {
            Self::Old(span) => Self::Old(Span { start: span.start + from, end: span.start + to }),
            Self::New(text) => Self::New(text[from..to].to_owned()),
        }
    }
}

/// The pieces of a text.
pub struct Pieces(Vec<Piece>);

impl Pieces {
    /// A text that nothing has changed yet.
    pub fn of(text: &str) -> Self {
        Self(vec![Piece::Old((0..text.len()).into())])
    }

    /// Changes the text as it now is.
    pub fn splice(&mut self, splices: &[Splice]) {
        let mut splices: Vec<&Splice> = splices.iter().collect();
        splices.sort_by_key(|splice| splice.span);
        let mut pieces = Vec::new();
        let mut end = 0;
        for Splice { span, text } in splices {
            self.copy(end, span.start, &mut pieces);
            pieces.push(Piece::New(text.clone()));
            end = span.end;
        }
        self.copy(end, usize::MAX, &mut pieces);
        self.0 = pieces;
    }

    /// Copies what stands between two places of the text as it now is.
    fn copy(&self, from: usize, to: usize, out: &mut Vec<Piece>) {
        let mut start = 0;
        for piece in &self.0 {
            let end = start + piece.len();
            let (first, last) = (from.max(start), to.min(end));
            if first < last {
                out.push(piece.part(first - start, last - start));
            }
            start = end;
        }
    }

    /// What has become of the text as it was, which had so many bytes.
    pub fn splices(&self, length: usize) -> Vec<Splice> {
        let mut splices = Vec::new();
        let (mut end, mut written) = (0, String::new());
        let last = Piece::Old((length..length).into());
        for piece in self.0.iter().chain([&last]) {
            match piece {
                Piece::New(text) => written.push_str(text),
                Piece::Old(span) => {
                    if span.start > end || !written.is_empty() {
                        splices.push(Splice { span: (end..span.start).into(), text: std::mem::take(&mut written) });
                    }
                    end = span.end;
                }
            }
        }
        splices
    }
}
