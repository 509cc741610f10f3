//! From a text to typed profiles, with everything that is wrong in it.

use toml::de::DeTable;

use super::read::{Problem, Reader};
use super::text::Refusal;
use super::vocabulary::ROOT;
use super::{Mode, Profile, syntax};
use crate::source::{KeyPath, Source, Span, Table, View};

/// A parsed text, of which each mode sees its own profile.
pub struct Document<'a> {
    root: toml::Spanned<DeTable<'a>>,
    syntax: Vec<Problem>,
}

/// What was read of a document.
pub struct Load {
    /// The profile proper, where it could be read.
    pub base: Option<Profile>,
    /// Keys of the profile proper whose value is not known.
    pub unknown: Vec<KeyPath>,
    /// Everything refused, overlays included, in the order of the text, each once.
    pub problems: Vec<Problem>,
    /// Literals that stand where a reference belongs: never to be shown.
    pub secrets: Vec<Span>,
}

/// The profile as one mode sees it.
pub struct Overlaid {
    /// The profile, where it could be read.
    pub profile: Option<Profile>,
    /// Its keys whose value is not known.
    pub unknown: Vec<KeyPath>,
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
        let overlay = mode.and_then(|mode| self.overlay(mode)?.table());
        Table::new(self.root.get_ref(), overlay)
    }

    /// What stands under `[modes.M]`.
    fn overlay(&self, mode: Mode) -> Option<View<'_>> {
        Table::new(self.root.get_ref(), None).get("modes")?.table()?.get(mode.as_str())
    }

    /// The header that a missing section is reported at.
    fn header(&self) -> Span {
        self.table(None).get("app").map_or_else(Span::default, |app| app.span())
    }

    /// Reads the profile proper, and checks every overlay by itself.
    pub fn read(&self) -> Load {
        let mut reader = Reader::of(ROOT);
        let base = Profile::read_table(self.table(None), self.header(), &mut reader);
        let unknown = std::mem::take(&mut reader.unknown);
        reader.problems.extend(base.as_ref().and_then(|profile| self.half_a_pair(None, profile, &unknown)));
        for mode in Mode::ALL {
            if let Some(overlay) = self.overlay(*mode) {
                check_overlay(*mode, overlay, self.table(Some(*mode)), &mut reader);
                let names_a_file = overlay.table().and_then(|table| table.get("tls")?.table()?.get("certificate"));
                let overlaid = names_a_file.and_then(|_| self.overlaid(*mode));
                reader.problems.extend(
                    overlaid
                        .and_then(|Overlaid { profile, unknown }| self.half_a_pair(Some(*mode), &profile?, &unknown)),
                );
            }
        }
        let Reader { mut problems, secrets, .. } = reader;
        if !self.is_toml() {
            // The parser left a placeholder for each broken value, and put what stood under a broken header elsewhere:
            // neither is the author's doing.
            let broken: Vec<Span> = self.syntax.iter().map(|problem| problem.span).collect();
            let own = |span: Span| !broken.iter().any(|broken| broken.overlaps(span));
            problems.retain(|problem| !["PRF002", "PRF004"].contains(&problem.refusal.code) && own(problem.span));
            problems.extend(self.syntax.iter().cloned());
        }
        problems.sort_by(|a, b| (a.span, a.refusal.code, &a.key).cmp(&(b.span, b.refusal.code, &b.key)));
        let mut missing = std::collections::BTreeSet::new();
        problems.retain(|problem| problem.refusal.code != "PRF004" || missing.insert(problem.key.clone()));
        // What the profile proper lacks, each overlay lacks, too.
        problems.dedup_by(|a, b| (a.span, &a.refusal) == (b.span, &b.refusal));
        Load { base, unknown, problems, secrets }
    }

    /// A chain without its key, or a key without its chain, would be paired with a file of some other place.
    fn half_a_pair(&self, mode: Option<Mode>, profile: &Profile, unknown: &[KeyPath]) -> Option<Problem> {
        let certificate = &profile.tls.certificate;
        let (written, missing) = match (&certificate.cert, &certificate.key) {
            (Some(_), None) => ("cert", "key"),
            (None, Some(_)) => ("key", "cert"),
            (Some(_), Some(_)) | (None, None) => return None,
        };
        let key = KeyPath::from("tls.certificate");
        if unknown.iter().any(|unknown| unknown.touches(&key.clone().key(missing))) {
            return None;
        }
        let message = format!("`tls.certificate.{missing}` is missing beside `{written}`");
        let mut refusal = Refusal::new(message, "write both paths, or neither for certbot's own").code("PRF004");
        refusal.label = "only one of the two";
        let span = self.table(mode).locate(&key.clone().key(written)).span;
        Some(Problem { refusal, span, key: key.key(missing), overlay: mode })
    }

    /// Reads the profile as a mode with an overlay sees it; nothing where it has none.
    pub fn overlaid(&self, mode: Mode) -> Option<Overlaid> {
        self.overlay(mode)?.table()?;
        let mut reader = Reader::default();
        let profile = Profile::read_table(self.table(Some(mode)), self.header(), &mut reader);
        // Whatever was refused has been told with the document.
        Some(Overlaid { profile, unknown: reader.unknown })
    }
}

/// Checks what an overlay says. It may leave out whatever stands below it.
fn check_overlay<'a>(mode: Mode, overlay: View<'a>, root: Table<'a>, reader: &mut Reader<'a>) {
    let whole = |reader: &mut Reader<'a>| {
        Profile::read_table(root, overlay.span(), reader);
    };
    let Some(table) = reader.overlay(mode, overlay, whole) else { return };
    let app = table.get("app").and_then(|app| app.table());
    let fixed = [(Some(table), "", &["version", "modes", "waivers"][..]), (app, "app.", &["kind", "release", "mode"])];
    for (table, section, keys) in fixed {
        let entries = table.iter().flat_map(|table| table.entries(false));
        for (key, span, _) in entries.filter(|(key, ..)| keys.contains(key)) {
            let mut refusal = Refusal::new(
                format!("`[modes.{mode}]` cannot hold `{section}{key}`"),
                format!("write `{section}{key}` in the profile proper, where it counts for every mode"),
            )
            .code("PRF002");
            refusal.label = "not in an overlay";
            reader.refuse(span, refusal);
        }
    }
}

/// Parses a text, going on after errors.
pub(crate) fn parse(source: &Source) -> (toml::Spanned<DeTable<'_>>, Vec<Problem>) {
    let (root, errors) = DeTable::parse_recoverable(&source.text);
    let problems = syntax::problems(source, &errors);
    (root, problems)
}
