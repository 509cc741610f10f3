//! From a text to typed profiles, with everything that is wrong in it.

use toml::de::DeTable;

use super::read::{Problem, Reader, Refusal};
use super::{Mode, Profile};
use crate::source::{KeyPath, Source, Span, Table};

/// A parsed text, of which each mode sees its own profile.
pub struct Document<'a> {
    root: toml::Spanned<DeTable<'a>>,
    syntax: Vec<Problem>,
}

/// What was read of a document, over all the modes that were asked for.
pub struct Load {
    /// The profile proper, where it could be read.
    pub base: Option<Profile>,
    /// The profile as each mode with an overlay sees it.
    pub overlaid: Vec<(Mode, Option<Profile>)>,
    /// Everything refused, in the order of the text, each once.
    pub problems: Vec<Problem>,
    /// Literals that stand where a reference belongs: never to be shown.
    pub secrets: Vec<Span>,
    /// Keys whose value is not known.
    pub unknown: Vec<KeyPath>,
}

impl Load {
    /// The profile as a mode sees it, where it could be read.
    pub fn profile(&self, mode: Mode) -> Option<&Profile> {
        let overlaid = self.overlaid.iter().find(|(overlaid, _)| *overlaid == mode);
        overlaid.map_or(self.base.as_ref(), |(_, profile)| profile.as_ref())
    }
}

impl<'a> Document<'a> {
    /// Parses a text, going on after errors.
    pub fn parse(source: &'a Source) -> Self {
        let (root, syntax) = parse(source);
        Self { root, syntax }
    }

    /// Whether the text is TOML.
    pub fn is_toml(&self) -> bool {
        self.syntax.is_empty()
    }

    /// The document's root as a mode sees it.
    pub fn table(&self, mode: Option<Mode>) -> Table<'_> {
        let overlay = mode.and_then(|mode| {
            let modes = self.root.get_ref().get("modes")?.get_ref().as_table()?;
            modes.get(mode.as_str())?.get_ref().as_table()
        });
        Table::new(self.root.get_ref(), overlay)
    }

    /// Reads the profile proper and, through it, every overlay.
    pub fn read(&self) -> Load {
        let mut reader = Reader::default();
        let header = self.table(None).get("app").map_or_else(Span::default, |app| app.span());
        let base = Profile::read_table(self.table(None), header, &mut reader);
        let declared = match &base {
            Some(profile) => profile.modes.declared().to_vec(),
            // The overlays are checked even where the profile proper is broken.
            None => Mode::ALL.to_vec(),
        };
        let overlaid = declared
            .into_iter()
            .filter_map(|mode| Some((mode, self.read_overlaid(mode, header, &mut reader)?)))
            .collect();
        let Reader { mut problems, secrets, unknown, .. } = reader;
        // An overlay is read together with the base below it, whose problems
        // then turn up again.
        problems.sort_by(|a, b| (a.span, a.refusal.code, &a.key).cmp(&(b.span, b.refusal.code, &b.key)));
        problems.dedup_by(|a, b| (a.span, &a.refusal) == (b.span, &b.refusal));
        if !self.is_toml() {
            // The parser left a placeholder for each broken value, and dropped
            // what it could not place: neither is the author's doing.
            let broken: Vec<Span> = self.syntax.iter().map(|problem| problem.span).collect();
            problems.retain(|problem| problem.refusal.code != "PRF004" && !broken.iter().any(|span| span.overlaps(problem.span)));
            problems.extend(self.syntax.iter().cloned());
            problems.sort_by_key(|problem| problem.span);
        }
        Load { base, overlaid, problems, secrets, unknown }
    }

    fn read_overlaid<'s>(&'s self, mode: Mode, header: Span, reader: &mut Reader<'s>) -> Option<Option<Profile>> {
        let view = self.table(None).get("modes")?.table()?.get(mode.as_str())?;
        let overlay = reader.table(view)?;
        for (key, span) in overlay.keys().filter(|(key, _)| ["version", "modes", "waivers"].contains(key)) {
            let mut refusal = Refusal::new(
                format!("`[modes.{mode}]` cannot hold `{key}`"),
                format!("write `{key}` at the top of the profile, where it counts for every mode"),
            )
            .code("PRF002");
            refusal.label = "not in an overlay";
            reader.refuse(span, refusal);
        }
        Some(Profile::read_table(self.table(Some(mode)), header, reader))
    }
}

/// Parses a text, going on after errors.
pub(crate) fn parse(source: &Source) -> (toml::Spanned<DeTable<'_>>, Vec<Problem>) {
    let (root, errors) = DeTable::parse_recoverable(&source.text);
    let problems = syntax_problems(source, &errors);
    (root, problems)
}

/// The parser's errors as problems: one for each line at most, because one
/// missing quote or bracket makes the parser stumble several times.
fn syntax_problems(source: &Source, errors: &[toml::de::Error]) -> Vec<Problem> {
    let mut problems: Vec<(usize, Problem)> = errors
        .iter()
        .map(|error| {
            let span = error.span().map_or_else(Span::default, Span::from);
            let (what, expected) = error.message().split_once(", expected ").unwrap_or((error.message(), ""));
            let help = match (what, expected) {
                ("duplicate key", _) => "keep one of the two: a table or key may be written once".to_owned(),
                (what, _) if what.starts_with("cannot recurse") => "write it flatter: no profile nests this deep".to_owned(),
                (_, "") => "see https://toml.io for the syntax".to_owned(),
                (_, expected) => format!("expected here: {expected}"),
            };
            let mut refusal = Refusal::new(format!("this is not TOML: {what}"), help).code("PRF001");
            refusal.label = "here";
            (source.position(span.start).line, Problem { refusal, span, key: KeyPath::default() })
        })
        .collect();
    problems.sort_by_key(|(line, problem)| (*line, problem.span));
    problems.dedup_by_key(|(line, _)| *line);
    problems.into_iter().map(|(_, problem)| problem).collect()
}
