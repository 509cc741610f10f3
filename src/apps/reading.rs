//! How a pack is had: those in the binary, and those of a text.

use std::sync::{Arc, OnceLock};

use toml::de::DeTable;

use super::{AppPack, Releases, short};
use crate::profile::{Problem, Reader, Refusal, ReleaseName};
use crate::source::{Source, Span, Table};

/// Why a pack cannot be had.
#[derive(Debug)]
pub enum Unreadable {
    /// What is wrong in its text.
    Pack(Vec<Problem>),
    /// What is wrong with the release that was asked for.
    Release(Refusal),
}

/// Reads one of the files of this room as a whole.
pub(super) fn read<T>(
    source: &Source,
    read_table: impl for<'a> FnOnce(Table<'a>, Span, &mut Reader<'a>) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    let (root, syntax) = crate::profile::parse(source);
    let mut reader = Reader::default();
    let whole = read_table(Table::new(root.get_ref(), None), Span::default(), &mut reader);
    let problems: Vec<Problem> = syntax.into_iter().chain(reader.problems).collect();
    whole.filter(|_| problems.is_empty()).ok_or(problems)
}

/// A pack in the binary.
struct Embedded {
    name: &'static str,
    /// All that it says.
    whole: &'static str,
    /// Of that, the facts of the newest release of which the code was read, without a word about others and about files. Most
    /// checks name no release, and read no more. It is generated, in a form that takes no parser.
    short: &'static str,
    /// The variables that not every check asks for.
    variables: Option<&'static str>,
}

static EMBEDDED: [Embedded; 4] = [
    Embedded {
        name: "instacrud",
        whole: include_str!("../../apps/instacrud.toml"),
        short: include_str!("../../apps/short/instacrud.txt"),
        variables: Some(include_str!("../../apps/variables/instacrud.toml")),
    },
    Embedded {
        name: "fastcms",
        whole: include_str!("../../apps/fastcms.toml"),
        short: include_str!("../../apps/short/fastcms.txt"),
        variables: Some(include_str!("../../apps/variables/fastcms.toml")),
    },
    Embedded {
        name: "crudauth",
        whole: include_str!("../../apps/crudauth.toml"),
        short: include_str!("../../apps/short/crudauth.txt"),
        variables: None,
    },
    Embedded {
        name: "generic",
        whole: include_str!("../../apps/generic.toml"),
        short: include_str!("../../apps/short/generic.txt"),
        variables: None,
    },
];

impl Embedded {
    /// The facts of the newest release of which the code was read.
    fn newest(&self) -> AppPack {
        let facts = short::read(self.short);
        self.read(&facts, Releases::listed(&facts))
    }

    /// The facts of a release.
    fn at(&self, release: &ReleaseName) -> Result<AppPack, Refusal> {
        let source = Source::new("", self.whole);
        let (mut root, _) = crate::profile::parse(&source);
        let releases = Releases::listed(root.get_ref()).choose(Some(release), root.get_ref())?;
        releases.cut(root.get_mut());
        Ok(self.read(root.get_ref(), releases))
    }

    fn read(&self, facts: &DeTable<'_>, releases: Releases) -> AppPack {
        let table = Table::new(facts, None);
        let pack = AppPack::read_table(table, Span::default(), &mut Reader::default());
        let pack = pack.expect("a test reads every pack");
        let variables = match self.variables {
            Some(others) => pack.variables.beside(others, releases.clone()),
            None => pack.variables,
        };
        AppPack { releases, variables, ..pack }
    }
}

impl AppPack {
    /// A pack in the binary with the facts of the newest release of which the code was read: read when it is first asked
    /// for.
    pub fn embedded(kind: &str) -> Option<Arc<Self>> {
        static READ: [OnceLock<Arc<AppPack>>; EMBEDDED.len()] = [const { OnceLock::new() }; EMBEDDED.len()];
        let index = EMBEDDED.iter().position(|pack| pack.name == kind)?;
        Some(Arc::clone(READ[index].get_or_init(|| Arc::new(EMBEDDED[index].newest()))))
    }

    /// A pack in the binary with the facts of a release; nothing where there is no such pack.
    pub fn embedded_at(kind: &str, release: Option<&ReleaseName>) -> Option<Result<Arc<Self>, Refusal>> {
        let pack = Self::embedded(kind)?;
        let is_it = |release: &ReleaseName| pack.releases.chosen().is_some_and(|chosen| chosen.name == *release);
        match release {
            Some(release) if !is_it(release) => {
                let embedded = EMBEDDED.iter().find(|pack| pack.name == kind)?;
                Some(embedded.at(release).map(Arc::new))
            }
            Some(_) | None => Some(Ok(pack)),
        }
    }

    /// Reads a pack, telling everything that is wrong with it, for the newest release of which the code was read.
    pub fn read(source: &Source) -> Result<Self, Vec<Problem>> {
        Self::read_at(source, None).map_err(|unreadable| match unreadable {
            Unreadable::Pack(problems) => problems,
            Unreadable::Release(_) => Vec::new(),
        })
    }

    /// Reads a pack for a release, telling everything that is wrong with it in any.
    pub fn read_at(source: &Source, release: Option<&ReleaseName>) -> Result<Self, Unreadable> {
        let (root, mut problems) = crate::profile::parse(source);
        let listed = Releases::listed(root.get_ref());
        let mut packs = Vec::new();
        for releases in listed.each() {
            let (mut root, _) = crate::profile::parse(source);
            problems.extend(releases.cut(root.get_mut()));
            let table = Table::new(root.get_ref(), None);
            let mut reader = Reader::default();
            let pack = Self::read_table(table, Span::default(), &mut reader).map(|pack| Self { releases, ..pack });
            problems.extend(reader.problems);
            problems.extend(pack.iter().flat_map(|pack| pack.problems(table)));
            packs.push(pack);
        }
        // What is wrong in several releases is told once.
        problems.sort_by(|a, b| (a.span, a.refusal.code, &a.key).cmp(&(b.span, b.refusal.code, &b.key)));
        problems.dedup_by(|a, b| (a.span, &a.refusal) == (b.span, &b.refusal));
        if !problems.is_empty() {
            return Err(Unreadable::Pack(problems));
        }
        let chosen = listed.choose(release, root.get_ref()).map_err(Unreadable::Release)?;
        let pack = packs.into_iter().flatten().find(|pack| pack.releases.is_for_the_same(&chosen));
        pack.ok_or(Unreadable::Pack(problems))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::apps::PackVariable;
    use crate::profile::{AppKind, Field, VariableName};

    /// The texts of a folder, with their names.
    fn texts(folder: &str) -> Vec<Source> {
        let files = std::fs::read_dir(folder).expect("the packs are there").flatten();
        let files = files.map(|file| file.path()).filter(|path| path.is_file());
        files.map(|path| Source::new(&path, std::fs::read_to_string(&path).expect("a pack is text"))).collect()
    }

    /// The releases that the pack in a file of this name lists.
    fn releases(name: &str) -> Releases {
        let path = format!("apps/{name}");
        let source = Source::new(&path, std::fs::read_to_string(&path).expect("the pack is there"));
        Releases::listed(crate::profile::parse(&source).0.get_ref())
    }

    /// What is wrong in a pack's text, or in one of its variables, for each release.
    fn problems(source: &Source, mut read: impl for<'a> FnMut(Table<'a>, &mut Reader<'a>)) -> Vec<Problem> {
        let name = source.path.file_name().expect("a file has a name").to_string_lossy();
        let mut problems = Vec::new();
        for releases in releases(&name).each() {
            let (mut root, syntax) = crate::profile::parse(source);
            problems.extend(syntax.into_iter().chain(releases.cut(root.get_mut())));
            let mut reader = Reader::default();
            read(Table::new(root.get_ref(), None), &mut reader);
            problems.extend(reader.problems);
        }
        problems
    }

    #[test]
    fn the_packs_in_the_binary_are_sound_for_each_release() {
        for source in texts("apps") {
            let found = problems(&source, |table, reader| {
                assert!(AppPack::read_table(table, Span::default(), reader).is_some());
            });
            assert!(found.is_empty(), "{}: {found:?}", source.name());
        }
        for source in texts("apps/variables") {
            let found = problems(&source, |table, reader| {
                let rows = table.get("variables").expect("the file holds variables");
                let rows: Option<BTreeMap<VariableName, PackVariable>> = reader.value("variables", rows);
                let limiting = rows.iter().flatten().find(|(_, variable)| variable.may_refuse());
                assert!(limiting.is_none(), "{limiting:?} belongs into the pack: every check asks for it");
            });
            assert!(found.is_empty(), "{}: {found:?}", source.name());
        }
        for kind in AppKind::KNOWN {
            for release in releases(&format!("{kind}.toml")).each() {
                let name = release.chosen().map(|release| &release.name);
                let pack = AppPack::embedded_at(kind, name).expect("a kind that is known").expect("one that it lists");
                let problems = pack.problems(Table::EMPTY);
                assert!(problems.is_empty(), "{kind}: {problems:?}");
                for (name, row) in pack.variables.all() {
                    let field = row.field.as_ref().map(Field::as_str);
                    assert!(
                        field.is_none_or(|field| pack.variables.may_hold(field)),
                        "{kind}: `{name}` is not found unread"
                    );
                    assert!(row.ignored.is_none() || pack.variables.may_ignore(name.as_str()), "{kind}: {name}");
                }
            }
        }
    }

    #[test]
    fn every_fact_in_the_binary_names_the_file_that_it_was_read_in() {
        for source in texts("apps").iter().chain(&texts("apps/variables")) {
            let name = source.path.file_name().expect("a file has a name").to_string_lossy();
            // Of the generic app nobody has read any code: that nothing is known is no fact.
            let expected: &[&str] = if name == "generic.toml" { &["other_controls"] } else { &[] };
            let (mut root, _) = crate::profile::parse(source);
            let unsourced: Vec<String> =
                releases(&name).unsourced(root.get_mut()).iter().map(|problem| problem.key.to_string()).collect();
            assert_eq!(unsourced, expected, "{name}");
        }
    }
}
