//! Releases of an app: which of a pack's facts hold for one of them, and in which file of the app's code each was read.
//!
//! A pack is cut down to one release right after its text is parsed, so that everybody else reads plain facts. For example,
//! of
//!
//! ```toml
//! previous_keys = [
//!     { is = "nothing", until = "2025-12", from = "app/core/security.py" },
//!     { is = "unknown", since = "pages-2026", from = "docs/security" },
//! ]
//! ```
//!
//! the reader of a pack for the release `2025-12` sees `previous_keys = "nothing"`. `since` and `until` include the
//! releases that they name. A fact that is a table has the three keys beside its own; any other is written
//! `{ is = …, from = … }`; several of one fact, each for some releases, are a list of such tables.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::profile::section::section;
use crate::profile::vocabulary::Kind;
use crate::profile::{Problem, Read, Reader, Refusal, ReleaseName, quoted};
use crate::source::{KeyPath, Segment, Span, Table, View, nearest};

section! {
    /// A release of the app that facts are known of.
    pub struct Release {
        /// Its name, which app.release of a profile chooses.
        name: ReleaseName = required,
        /// What its facts were read from, and when.
        read_from: String = required,
        /// Whether that was its code. Where it was not, only what its pages say is known.
        code: bool = default(true),
    }
}

/// Says what a fact is where that is no table.
const IS: &str = "is";
/// The first release that a fact holds for.
const SINCE: &str = "since";
/// The last release that a fact holds for.
const UNTIL: &str = "until";
/// The files of the app's code that a fact was read in.
const FROM: &str = "from";

/// The three keys beside a fact, and what is written there.
const WANTED: [(&str, &str); 3] = [
    (SINCE, "the name of a release, in quotes"),
    (UNTIL, "the name of a release, in quotes"),
    (FROM, "the path of a file, in quotes, or a list of such"),
];

/// What a pack says of itself and not of the app.
pub(super) const ABOUT_ITSELF: [&str; 4] = ["version", "title", "read_from", "releases"];

/// An app's releases, the oldest first, and the one that is meant.
#[derive(Clone, Debug, Default)]
pub struct Releases {
    all: Vec<Release>,
    chosen: usize,
}

impl Read for Releases {
    const KIND: Kind = Vec::<Release>::KIND;

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let all = Vec::<Release>::read(view, reader)?;
        // Without a word about which is meant, it is the newest of which somebody read the code.
        let chosen = all.iter().rposition(|release| release.code).or(all.len().checked_sub(1)).unwrap_or_default();
        Some(Self { all, chosen })
    }
}

impl serde::Serialize for Releases {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.all.serialize(serializer)
    }
}

impl schemars::JsonSchema for Releases {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Releases".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<Release>::json_schema(generator)
    }
}

impl Releases {
    /// Those that a pack lists. What is wrong with the list is told where the whole pack is read.
    pub(super) fn listed(pack: &DeTable<'_>) -> Self {
        let listed = Table::new(pack, None).get("releases");
        listed.and_then(|view| Self::read(view, &mut Reader::default())).unwrap_or_default()
    }

    /// The same, with the release that a profile names as the one that is meant.
    pub(super) fn choose(self, name: Option<&ReleaseName>, pack: &DeTable<'_>) -> Result<Self, Refusal> {
        let Some(name) = name else { return Ok(self) };
        let app = pack.get("title").and_then(|title| title.get_ref().as_str()).unwrap_or("this app");
        match self.all.iter().position(|release| release.name == *name) {
            Some(chosen) => Ok(Self { chosen, ..self }),
            None if self.all.is_empty() => {
                let message = format!("the pack of {app} lists no releases, so that none can be chosen");
                Err(Refusal::new(message, "take `app.release` out"))
            }
            None => {
                let message = format!("the pack of {app} has no release {}", quoted(name.as_str()));
                Err(Refusal::new(message, self.offer(name.as_str())))
            }
        }
    }

    /// The same for each of them, or once where there are none: what is wrong with a pack is told for all.
    pub(super) fn each(&self) -> impl Iterator<Item = Self> + use<> {
        let all = self.all.clone();
        (0..all.len().max(1)).map(move |chosen| Self { all: all.clone(), chosen })
    }

    /// Whether the same release is meant.
    pub(super) fn is_for_the_same(&self, other: &Self) -> bool {
        self.chosen == other.chosen
    }

    /// All of them, the oldest first.
    pub fn all(&self) -> &[Release] {
        &self.all
    }

    /// The one that is meant, where any is listed.
    pub fn chosen(&self) -> Option<&Release> {
        self.all.get(self.chosen)
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.all.iter().position(|release| release.name.as_str() == name)
    }

    fn offer(&self, name: &str) -> String {
        let names = || self.all.iter().map(|release| release.name.as_str());
        let list = names().collect::<Vec<_>>().join(", ");
        match nearest(name, names()) {
            Some(meant) => format!("did you mean \"{meant}\"? Listed: {list}"),
            None if list.is_empty() => "list the app's releases under `[[releases]]` first".to_owned(),
            None => format!("one of: {list}"),
        }
    }

    /// Leaves of a pack's text what holds for the release that is meant, and tells what is wrong with the words about
    /// releases and sources.
    pub(super) fn cut(&self, pack: &mut DeTable<'_>) -> Vec<Problem> {
        // Whoever lists releases says that the code was read, and so where.
        self.walk(pack, self.all.is_empty())
    }

    /// The facts of a pack's text that name no file.
    #[cfg(test)]
    pub(super) fn unsourced(&self, pack: &mut DeTable<'_>) -> Vec<Problem> {
        self.walk(pack, false)
    }

    fn walk(&self, pack: &mut DeTable<'_>, is_sourced: bool) -> Vec<Problem> {
        let mut cut = Cut { releases: self, path: Vec::new(), problems: self.twice(pack) };
        cut.entries(pack, &ABOUT_ITSELF, is_sourced);
        cut.problems
    }

    /// Releases that are listed twice.
    fn twice(&self, pack: &DeTable<'_>) -> Vec<Problem> {
        let again = |index: &usize| self.position(self.all[*index].name.as_str()) != Some(*index);
        let problem = |index: usize| {
            let key = KeyPath::from(("releases", index)).key("name");
            let message = format!("the release {} is listed twice", quoted(self.all[index].name.as_str()));
            let refusal = Refusal::new(message, "give each release a name of its own");
            Problem { refusal, span: Table::new(pack, None).locate(&key).span, key, overlay: None }
        };
        (0..self.all.len()).filter(again).map(problem).collect()
    }
}

/// From the first release that a fact holds for to the last.
#[derive(Clone, Copy)]
struct Range {
    first: usize,
    last: usize,
}

/// What the three keys beside a fact say.
struct Stamp {
    range: Range,
    /// Whether it names the files that the fact was read in.
    is_sourced: bool,
}

/// One walk through a pack's text.
struct Cut<'r> {
    releases: &'r Releases,
    path: Vec<Segment>,
    problems: Vec<Problem>,
}

impl Cut<'_> {
    fn refuse(&mut self, span: std::ops::Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        let refusal = Refusal::new(message, help);
        let key = KeyPath::new(self.path.clone());
        self.problems.push(Problem { refusal, span: Span::from(span), key, overlay: None });
    }

    /// Whether a fact holds for the release that is meant. What is left of it is what its type reads.
    fn keeps(&mut self, value: &mut Spanned<DeValue<'_>>, is_sourced: bool) -> bool {
        let span = value.span();
        let (keeps, fact) = match value.get_mut() {
            DeValue::Table(table) => {
                let stamp = self.stamp(table);
                let keeps = self.holds(stamp.range);
                let is_sourced = is_sourced || stamp.is_sourced;
                let Some(mut fact) = table.remove(IS) else {
                    // A table that says nothing is a fact by itself, such as a variable `{}`.
                    if table.is_empty() {
                        self.asks_for_source(span, is_sourced);
                    }
                    self.entries(table, &[], is_sourced);
                    return keeps;
                };
                if let Some((key, beside)) = table.iter().next() {
                    let message = format!("{} stands beside `is`", quoted(key.get_ref()));
                    self.refuse(beside.span(), message, "beside `is`, write `since`, `until` and `from` alone");
                }
                (self.keeps(&mut fact, is_sourced) && keeps, Some(fact))
            }
            DeValue::Array(list) if is_list_of_facts(list) => {
                let fact = self.one_of(list, is_sourced);
                (fact.is_some(), fact)
            }
            DeValue::Array(list) if list.iter().any(|one| one.get_ref().is_table()) => {
                self.elements(list, is_sourced);
                return true;
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => {
                self.asks_for_source(span, is_sourced);
                return true;
            }
        };
        if let Some(fact) = fact {
            *value = fact;
        }
        keeps
    }

    /// Takes out of a table what does not hold. Some of its entries are no facts.
    fn entries(&mut self, table: &mut DeTable<'_>, no_facts: &[&str], is_sourced: bool) {
        let mut dropped: Vec<String> = Vec::new();
        for (key, value) in table.iter_mut().filter(|(key, _)| !no_facts.contains(&key.get_ref().as_ref())) {
            self.path.push(Segment::Key(key.get_ref().to_string().into()));
            if !self.keeps(value, is_sourced) {
                dropped.push(key.get_ref().to_string());
            }
            self.path.pop();
        }
        for key in &dropped {
            table.remove(key.as_str());
        }
    }

    /// Takes out of a list of tables what does not hold.
    fn elements(&mut self, list: &mut DeArray<'_>, is_sourced: bool) {
        let elements = std::mem::replace(list, DeArray::new()).into_iter().enumerate();
        for (index, mut one) in elements {
            self.path.push(Segment::Index(index));
            if self.keeps(&mut one, is_sourced) {
                list.push(one);
            }
            self.path.pop();
        }
    }

    /// The one of a list of facts that holds for the release that is meant.
    fn one_of<'a>(&mut self, list: &mut DeArray<'a>, is_sourced: bool) -> Option<Spanned<DeValue<'a>>> {
        let mut earlier: Vec<Range> = Vec::new();
        let mut found = None;
        for (index, mut one) in std::mem::replace(list, DeArray::new()).into_iter().enumerate() {
            self.path.push(Segment::Index(index));
            if let Some(table) = one.get_ref().as_table() {
                let range = self.range(table, false);
                if earlier.iter().any(|other| other.first <= range.last && range.first <= other.last) {
                    let help = "let `since` and `until` of each begin after the other's end";
                    self.refuse(one.span(), "two facts of one kind hold for the same release", help);
                }
                earlier.push(range);
            }
            if self.keeps(&mut one, is_sourced) {
                found = found.or(Some(one));
            }
            self.path.pop();
        }
        found
    }

    /// Takes the three keys out of a table. A table whose entries have names of their own may have one of these names,
    /// such as a cookie `from`: that is an entry, because no text stands there.
    fn stamp(&mut self, table: &mut DeTable<'_>) -> Stamp {
        let range = self.range(table, true);
        let is_sourced = table.get(FROM).is_some_and(|from| names_files(from.get_ref()));
        for (key, wanted) in WANTED {
            let Some(value) = table.get(key).filter(|value| !value.get_ref().is_table()) else { continue };
            let is_right = if key == FROM { is_sourced } else { value.get_ref().is_str() };
            if !is_right {
                self.path.push(Segment::Key(key.into()));
                self.refuse(value.span(), format!("`{key}` must be {wanted}"), format!("write {wanted}"));
                self.path.pop();
            }
            table.remove(key);
        }
        Stamp { range, is_sourced }
    }

    /// The releases that a fact holds for; what is wrong with the two keys is told where `tells`.
    fn range(&mut self, table: &DeTable<'_>, tells: bool) -> Range {
        let newest = self.releases.all.len().saturating_sub(1);
        let first = self.bound(table, SINCE, tells);
        let last = self.bound(table, UNTIL, tells);
        if let (Some(first), Some(last)) = (first, last)
            && first > last
            && tells
            && let Some(until) = table.get(UNTIL)
        {
            let message = "no release lies between `since` and `until`";
            self.refuse(until.span(), message, "name the earlier release in `since` and the later one in `until`");
        }
        Range { first: first.unwrap_or_default(), last: last.unwrap_or(newest) }
    }

    fn bound(&mut self, table: &DeTable<'_>, key: &str, tells: bool) -> Option<usize> {
        let value = table.get(key)?;
        let name = value.get_ref().as_str()?;
        let found = self.releases.position(name);
        if found.is_none() && tells {
            self.path.push(Segment::Key(key.to_owned().into()));
            self.refuse(value.span(), format!("the pack lists no release {}", quoted(name)), self.releases.offer(name));
            self.path.pop();
        }
        found
    }

    fn holds(&self, range: Range) -> bool {
        (range.first..=range.last).contains(&self.releases.chosen)
    }

    fn asks_for_source(&mut self, span: std::ops::Range<usize>, is_sourced: bool) {
        if !is_sourced {
            let key = KeyPath::new(self.path.clone());
            let message = format!("nothing says in which file of the app's code `{key}` was read");
            self.refuse(span, message, "add `from = \"path/of/the/file.py\"`, here or in the table around it");
        }
    }
}

/// Whether each entry of a list is a fact with the releases that it holds for.
fn is_list_of_facts(list: &DeArray<'_>) -> bool {
    let is_fact = |one: &Spanned<DeValue<'_>>| one.get_ref().as_table().is_some_and(|table| table.contains_key(IS));
    !list.is_empty() && list.iter().all(is_fact)
}

/// Whether a `from` names one file or several.
fn names_files(from: &DeValue<'_>) -> bool {
    let is_file = |value: &DeValue<'_>| value.as_str().is_some_and(|file| !file.trim().is_empty());
    is_file(from)
        || from.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(|one| is_file(one.get_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::{Ability, AppPack, Unreadable};
    use crate::profile::{AppKind, Text};
    use crate::source::Source;

    const RELEASES: &str = "[[releases]]\nname = \"1\"\nread_from = \"its code\"\n\
                            [[releases]]\nname = \"2\"\nread_from = \"its code\"\n\
                            [[releases]]\nname = \"3\"\nread_from = \"its pages\"\ncode = false\n";

    fn name(name: &str) -> ReleaseName {
        ReleaseName::parse(name).expect("the name of a release")
    }

    fn read(facts: &str, release: Option<&str>) -> Result<AppPack, Vec<String>> {
        let source = Source::new("my-app.toml", format!("version = 1\ntitle = \"shop\"\n{facts}\n{RELEASES}"));
        AppPack::read_at(&source, release.map(name).as_ref()).map_err(|unreadable| {
            let told = |refusal: &Refusal, span: Span| {
                format!("{}: {} ({})", &source.text[span.start..span.end], refusal.message, refusal.help)
            };
            match unreadable {
                Unreadable::Pack(problems) => {
                    problems.iter().map(|problem| told(&problem.refusal, problem.span)).collect()
                }
                Unreadable::Release(refusal) => vec![told(&refusal, Span::default())],
            }
        })
    }

    #[test]
    fn facts_hold_for_the_releases_that_they_name() {
        let facts = "[[previous_keys]]\nis = \"nothing\"\nuntil = \"1\"\nfrom = \"a.py\"\n\
                     [[previous_keys]]\nis = \"setting\"\nsince = \"2\"\nfrom = \"a.py\"\n\
                     [routes]\nfrom = \"b.py\"\nsign_in = [\"/in\"]\nsign_up = { is = [\"/up\"], since = \"2\", until = \"2\" }\n\
                     [sends.X-Frame-Options]\nvalue = [{ is = \"DENY\", until = \"2\" }, { is = \"SAMEORIGIN\", since = \"3\" }]\nfrom = \"c.py\"\n";
        let seen = |release| {
            let pack = read(facts, release).expect("a sound pack");
            let frames = pack.sends("X-Frame-Options", crate::profile::Mode::Prod).expect("it is sent").to_string();
            (pack.previous_keys, pack.routes.len(), frames)
        };
        assert_eq!(seen(Some("1")), (Ability::Nothing, 1, "DENY".to_owned()));
        assert_eq!(seen(Some("2")), (Ability::Setting, 2, "DENY".to_owned()));
        assert_eq!(seen(Some("3")), (Ability::Setting, 1, "SAMEORIGIN".to_owned()));
        // The newest of which somebody read the code.
        assert_eq!(seen(None), seen(Some("2")));
    }

    #[test]
    fn whatever_is_wrong_with_the_words_about_releases_is_told_at_its_place() {
        let one = |facts: &str| read(facts, None).err().unwrap_or_default().join("\n");
        let facts = "keeps_state = { is = true, since = \"1,5\", from = \"a.py\" }";
        assert_eq!(one(facts), "\"1,5\": the pack lists no release `1,5` (one of: 1, 2, 3)");
        let facts = "keeps_state = { is = true, since = \"3\", until = \"1\", from = \"a.py\" }";
        let help = "name the earlier release in `since` and the later one in `until`";
        assert_eq!(one(facts), format!("\"1\": no release lies between `since` and `until` ({help})"));
        let facts = "keeps_state = [{ is = true, from = \"a.py\" }, { is = false, since = \"3\", from = \"a.py\" }]";
        assert!(one(facts).contains("two facts of one kind hold for the same release"), "{}", one(facts));
        assert!(
            one("keeps_state = true").contains("nothing says in which file of the app's code `keeps_state` was read")
        );
        let variable = "[variables]\nPORT = {}\n";
        assert!(one(variable).contains("`variables.PORT` was read"), "{}", one(variable));
        let facts = "keeps_state = { is = true, form = \"a.py\", from = \"a.py\" }";
        assert!(one(facts).contains("`form` stands beside `is`"), "{}", one(facts));
        let facts = "keeps_state = { is = true, since = 2, from = [] }";
        let told = one(facts);
        assert!(told.contains("`since` must be the name") && told.contains("`from` must be the path"), "{told}");
        // A mistake in one release is told whichever is meant.
        let facts = "keeps_state = { is = \"yes\", until = \"1\", from = \"a.py\" }";
        assert!(one(facts).contains("must be a boolean"), "{}", one(facts));
    }

    #[test]
    fn a_release_is_listed_once_and_chosen_by_its_name() {
        let twice = "[[releases]]\nname = \"2\"\nread_from = \"its code\"\n";
        assert!(read(twice, None).err().is_some_and(|told| told[0].contains("the release `2` is listed twice")));
        let unknown = read("", Some("2.0")).err().unwrap_or_default();
        assert_eq!(unknown, [": the pack of shop has no release `2.0` (one of: 1, 2, 3)"]);
        for kind in AppKind::KNOWN {
            let refused = AppPack::embedded_at(kind, Some(&name("2025-13"))).expect("a pack").err();
            let help = refused.expect("there is no such release").help;
            let offered = if kind == "fastcms" { "did you mean \"2025-12\"?" } else { "" };
            assert!(help.contains(offered), "{kind}: {help}");
        }
    }
}
