//! What the references of a profile lead to, where `--env-file` says.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::OnceLock;

use super::containers::Containers;
use super::given::{Asked, Believed, Given, Mounted, Named, Put, Read};
use super::kept::Kept;
use super::reading::documents;
use super::variable::{Exposure, Variable, is_plainly_named};
use crate::compose;
use crate::dotenv::{Document, Entry, Problem, ProblemKind, Reader, Value, Verdict};
use crate::profile::{Mode, SecretRef};
use crate::source::{Source, Span};

/// The variables that an app is started with in one mode: of one file, or of several in the order in which they are read. Of a
/// name that several have, the last counts.
#[derive(Debug)]
pub struct Environment<'a> {
    mode: Option<Mode>,
    pub(super) files: Vec<File<'a>>,
    /// Which entries of which files count, in the order of the files: of each name the last.
    pub(super) in_order: Vec<(usize, usize)>,
    /// Those of them whose names have small letters, by the name in capitals: found when somebody asks.
    in_small_letters: OnceLock<HashMap<String, Vec<(usize, usize)>>>,
    /// Names that the profile refers to and that no file has, with the spelling or the other name under which the app reads the
    /// same variable there.
    respelt: HashMap<String, (usize, usize)>,
    /// The names that are set to what nobody knows here: whoever starts the app has it.
    open: HashSet<&'a str>,
    /// Whether a file that nobody looks at says more of the app.
    is_partly_unread: bool,
    /// The values of the app of which a part is not known, with something in its place.
    untold: HashMap<&'a str, Value<'static>>,
    /// Which entry of another service of a Compose file counts, by its name.
    of_others: HashMap<&'a str, (usize, usize)>,
    /// The secrets in files of their own, where those are followed.
    pub(super) kept: Vec<Kept<'a>>,
    pub(super) containers: Containers,
}

/// One of the files.
#[derive(Debug)]
pub(super) struct File<'a> {
    /// Which of the check's sources it is.
    pub(super) source: usize,
    pub(super) document: Document<'a>,
    /// Of each entry, whether its name may be shown, whatever it is.
    plainly_named: Vec<bool>,
    exposure: Exposure,
    /// Where it lies.
    path: &'a Path,
    /// The length of the text, in bytes.
    length: usize,
    /// How many of the entries, the first ones, are other programs'.
    pub(super) others: usize,
    /// The secrets that services of a Compose file get as files.
    pub(super) mounted: Vec<Mounted<'a>>,
    /// The services that stand in it, where it is a Compose file.
    pub(super) services: Vec<Named<'a>>,
    /// The services that are started with it.
    pub(super) read_by: &'a [String],
    /// The option of the app's server that says whom it believes.
    pub(super) believed: Option<Believed<'a>>,
    /// Whether another program starts the app with what stands there, and the app does not read the file.
    is_handed: bool,
    /// Whether nobody is started with it: it says what names in a Compose file stand for.
    is_for_names: bool,
    /// What stands elsewhere of values, by the number of the entry.
    put: HashMap<usize, Put>,
    /// Where words stand that are nobody's secret.
    shown: Vec<Span>,
}

/// A value of which a part stands elsewhere than where it is set.
#[derive(Debug)]
pub struct PutTogether<'e> {
    /// What of it stands where it is set.
    pub written: &'e str,
    /// The variables that the rest is taken from.
    pub from: Vec<Variable<'e>>,
}

impl<'a> Environment<'a> {
    /// What the file is in which most apps have their variables.
    pub const USUAL: &'static str = "`.env` file";

    /// Reads the files of a mode, as the app's readers do.
    pub fn read(mode: Option<Mode>, files: impl IntoIterator<Item = Given<'a>>, asked: &Asked<'_>) -> Self {
        let files: Vec<Given<'a>> = files.into_iter().collect();
        let read = documents(&files, asked);
        let (mut open, mut untold, mut of_others) = (HashSet::new(), HashMap::new(), HashMap::new());
        let containers = Containers::of(&read);
        let is_partly_unread = read.iter().any(|read| read.is_partly_unread);
        for (number, read) in read.iter().enumerate().filter(|(_, read)| !read.is_for_names) {
            let others = read.document.entries().iter().enumerate().take(read.others);
            of_others.extend(others.map(|(index, entry)| (entry.name, (number, index))));
            open.extend(&read.open);
            untold.extend(read.untold.iter().cloned());
            open.retain(|name: &&str| read.document.last(name).is_none_or(|index| index < read.others));
        }
        let file = |(given, read): (Given<'a>, Read<'a>)| File {
            source: given.number,
            plainly_named: read.document.entries().iter().map(is_plainly_named).collect(),
            document: read.document,
            exposure: given.exposure,
            path: &given.source.path,
            length: given.source.text.len(),
            others: read.others,
            mounted: read.mounted,
            services: read.services,
            read_by: given.services,
            believed: read.believed,
            is_handed: read.is_handed,
            is_for_names: read.is_for_names,
            put: read.put,
            shown: read.shown,
        };
        let files = files.into_iter().zip(read).map(file).collect();
        let (in_order, in_small_letters, kept) = (Vec::new(), OnceLock::new(), Vec::new());
        let mut environment = Self {
            mode,
            files,
            in_order,
            in_small_letters,
            respelt: HashMap::new(),
            open,
            is_partly_unread,
            untold,
            of_others,
            kept,
            containers,
        };
        environment.in_order = environment.counting().collect();
        environment
    }

    /// The same, where the app reads a variable under several names: each name that the profile refers to, the others, and
    /// whether capitals count.
    #[must_use]
    pub fn respelt<'n>(mut self, names: impl IntoIterator<Item = (&'n str, Vec<&'n str>)>, in_capitals: bool) -> Self {
        for (name, others) in names {
            let others = others.into_iter();
            let spelt = if in_capitals { self.places(others) } else { self.places_alike(others) };
            if self.place(name).is_none()
                && !self.leaves_open(name)
                && let Some(place) = spelt.last()
            {
                self.respelt.insert(name.to_owned(), *place);
            }
        }
        self
    }

    /// Which entry of which file counts of a name: the last one.
    fn place(&self, name: &str) -> Option<(usize, usize)> {
        let mut files = self.files.iter().enumerate().rev();
        let place = files.find_map(|(number, file)| Some((number, file.last(name)?)));
        place.filter(|_| !self.leaves_open(name))
    }

    /// The entries that count, in the order of the files.
    fn counting(&self) -> impl Iterator<Item = (usize, usize)> {
        let files = self.files.iter().enumerate().filter(|(_, file)| !file.is_for_names);
        files.flat_map(move |(number, file)| {
            let counts = move |index: &usize| {
                let name = file.document.entries()[*index].name;
                let mut later = self.files[number + 1..].iter();
                later.all(|file| file.last(name).is_none()) && !self.leaves_open(name)
            };
            let own = file.document.lasting().skip_while(|index| *index < file.others);
            own.filter(counts).map(move |index| (number, index))
        })
    }

    /// A file by itself, of which nobody asks where it stands, as these readers see it.
    pub fn alone(source: &'a Source, readers: &[Reader]) -> Self {
        Self::read(None, [Given::alone(source)], &Asked::without_a_profile(readers))
    }

    /// The mode that it is for; none: the profile's own has another file, or is not known.
    pub fn mode(&self) -> Option<Mode> {
        self.mode
    }

    /// What readers of the files see differently, or cannot read, with the source that it stands in.
    pub fn problems(&self) -> impl Iterator<Item = (usize, &Problem)> {
        self.files.iter().flat_map(|file| file.document.problems().iter().map(|problem| (file.source, problem)))
    }

    /// Whether those who read the file may see different values of a variable.
    pub fn is_ambiguous(&self, variable: Variable<'_>) -> bool {
        let Some(file) = self.files.iter().find(|file| file.source == variable.source) else { return false };
        // Problems stand in the order of the text, so the last one before the value's end is the nearest to it.
        let problems = file.document.problems();
        let before = problems.partition_point(|problem| problem.span.start <= variable.span.end);
        // How lines end is told once, and is no matter of the one where that is.
        let counts = |problem: &&Problem| problem.kind != ProblemKind::LineEnds && problem.verdict > Verdict::Elsewhere;
        let nearest = problems[..before].iter().rfind(counts);
        nearest.is_some_and(|nearest| nearest.span.end >= variable.name_span.start)
    }

    /// Who else may come to read the files, with the source that each of them is.
    pub fn exposures(&self) -> impl Iterator<Item = (usize, Exposure)> {
        self.files.iter().map(|file| (file.source, file.exposure))
    }

    /// The source and the place where the last of the texts ends: what is not set is told there. Behind the end of a Compose file
    /// nothing can be added, so that a file of variables goes before it.
    pub fn end(&self) -> (usize, usize) {
        let own = self.files.iter().rfind(|file| !file.is_handed);
        own.or(self.files.last()).map_or((0, 0), |file| (file.source, file.length))
    }

    /// Whether the app has its variables from Compose files, and reads no file of them itself.
    pub fn is_composed(&self) -> bool {
        self.files.iter().all(|file| file.is_handed) && self.files.iter().any(|file| compose::is_one(file.path))
    }

    /// What a message calls the file in which the app's variables are to stand. Of a manifest, the check of those replaces it.
    pub fn title(&self) -> &'static str {
        if self.is_composed() { "Compose file" } else { Self::USUAL }
    }

    /// How a variable is added that nobody has set. A secret that stands in a Compose file is read by everyone who reads that file.
    pub fn how_to_add(&self, name: &str) -> String {
        if self.is_composed() {
            format!(
                "add `{name}: ${{{name}}}` to the service that is the app, and `{name}=` with its value to the `.env` beside the \
                 Compose file"
            )
        } else {
            format!("add `{name}` to the file")
        }
    }

    /// The file that a variable stands in.
    pub fn path_of(&self, variable: &Variable<'_>) -> Option<&'a Path> {
        self.files.iter().find(|file| file.source == variable.source).map(|file| file.path)
    }

    /// The app's own variable of this name.
    pub(super) fn variable(&self, name: &str) -> Option<Variable<'_>> {
        self.place(name).map(|(file, index)| self.files[file].variable(index))
    }

    /// The variable of this name, or the secret whose file another variable names. Where the app has none, another service of
    /// the Compose file may.
    pub fn get(&self, name: &str) -> Option<Variable<'_>> {
        let respelt = || self.respelt.get(name).map(|(file, index)| self.files[*file].variable(*index));
        let own = self.variable(name).or_else(respelt);
        let is_empty = own.is_none_or(|own| own.value.expose().trim().is_empty());
        let kept = || self.kept_for(|kept| kept.variable().name == name && !name.is_empty());
        let others = || {
            let (file, index) = self.of_others.get(name).filter(|_| !self.leaves_open(name))?;
            Some(self.files[*file].variable(*index))
        };
        if is_empty { kept().or(own).or_else(others) } else { own }
    }

    /// Whether another variable names the file that holds this one's value, wherever that is.
    pub fn keeps(&self, name: &str) -> bool {
        self.kept.iter().any(|kept| kept.variable().name == name && !name.is_empty())
    }

    /// Every variable that is set, each name once.
    pub fn variables(&self) -> impl Iterator<Item = Variable<'_>> {
        self.in_order.iter().map(|(file, index)| self.files[*file].variable(*index))
    }

    /// The name of everything that is found here, in no order and some of them twice.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let kept = self.kept.iter().map(|kept| kept.variable().name);
        self.files.iter().flat_map(|file| file.document.names()).chain(kept)
    }

    /// Those with one of these very names, in the order of the files.
    pub fn among<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<Variable<'_>> {
        self.at(self.places(names))
    }

    fn places<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<(usize, usize)> {
        in_order(names.filter_map(|name| self.place(name)).collect())
    }

    /// Those with one of these names in whatever capitals, in the order of the files.
    pub fn alike<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<Variable<'_>> {
        self.at(self.places_alike(names))
    }

    fn places_alike<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<(usize, usize)> {
        let others = self.in_small_letters.get_or_init(|| {
            let mut others: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
            for (file, index) in self.in_order.iter().copied() {
                let name = self.files[file].document.entries()[index].name;
                if name.bytes().any(|byte| byte.is_ascii_lowercase()) {
                    others.entry(name.to_ascii_uppercase()).or_default().push((file, index));
                }
            }
            others
        });
        let places = names.map(str::to_ascii_uppercase).flat_map(|name| {
            let others = others.get(&name).into_iter().flatten().copied();
            self.place(&name).into_iter().chain(others)
        });
        in_order(places.collect())
    }

    /// The variables at some places.
    fn at(&self, places: Vec<(usize, usize)>) -> Vec<Variable<'_>> {
        places.into_iter().map(|(file, index)| self.files[file].variable(index)).collect()
    }

    /// The variables of other programs that the files set, too, as often as they are written.
    pub fn others(&self) -> impl Iterator<Item = Variable<'_>> {
        self.files.iter().flat_map(|file| (0..file.others).map(|index| file.variable(index)))
    }

    /// Whether a variable is set to what nobody knows here, because whoever starts the app has its value, or because a file may set
    /// it that nobody looks at.
    pub fn leaves_open(&self, name: &str) -> bool {
        let may_be_set = || self.is_partly_unread && self.files.iter().all(|file| file.last(name).is_none());
        self.open.contains(name) || may_be_set()
    }

    /// The value of such a variable of the app, with something else in the place of what is not known.
    pub fn untold(&self, name: &str) -> Option<&str> {
        self.untold.get(name).filter(|_| self.open.contains(name)).map(Value::expose)
    }

    /// The names of those variables, in the order of the alphabet.
    pub fn open(&self) -> impl Iterator<Item = &'a str> {
        let mut names: Vec<&'a str> = self.open.iter().copied().collect();
        names.sort_unstable();
        names.into_iter()
    }

    /// Every variable as often as it is written, whichever counts.
    pub fn written(&self) -> impl Iterator<Item = Variable<'_>> {
        let set = self.files.iter().filter(|file| !file.is_for_names);
        set.flat_map(|file| (0..file.document.entries().len()).map(|index| file.variable(index)))
    }

    /// What the value of a variable was put together of, where a Compose file takes a part of it from another file.
    pub fn put_together(&self, variable: Variable<'_>) -> Option<PutTogether<'_>> {
        let file = self.files.iter().find(|file| file.source == variable.source && !file.put.is_empty())?;
        let is_it = |index: &&usize| file.variable(**index).is_at(&variable);
        let put = &file.put[file.put.keys().filter(is_it).max()?];
        let from = put.from.iter().map(|(file, index)| self.files[*file].variable(*index)).collect();
        Some(PutTogether { written: &put.written, from })
    }

    /// What a reference leads to, if it leads here.
    pub fn resolve(&self, reference: &SecretRef) -> Option<Variable<'_>> {
        match reference {
            SecretRef::Env(name) => self.get(name),
            SecretRef::File(_) => self.kept_for(|kept| kept.is_named_by(reference)),
        }
    }

    /// What must not be shown of the files: everything but what is plainly a variable's name. Any value may be a secret,
    /// and so may what stands in a comment, or on a line that is broken.
    pub fn secrets(&self) -> impl Iterator<Item = (usize, Span)> {
        self.files.iter().flat_map(File::secrets)
    }

    /// The one of several that is for a mode.
    pub(super) fn of(all: &'a [Self], mode: Mode) -> Option<&'a Self> {
        all.iter().find(|environment| environment.mode == Some(mode))
    }

    /// What Compose files say of the containers around the app.
    pub fn containers(&self) -> &Containers {
        &self.containers
    }
}

/// Places in the order of the files, each once.
fn in_order(mut places: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    places.sort_unstable();
    places.dedup();
    places
}

impl File<'_> {
    fn secrets(&self) -> impl Iterator<Item = (usize, Span)> {
        let shown = self.document.entries().iter().zip(&self.plainly_named).filter(|(_, is_shown)| **is_shown);
        let mut shown: Vec<(usize, usize)> =
            shown.map(|(entry, _)| (entry.name_span.start, entry.value_span.start)).collect();
        shown.extend(self.shown.iter().map(|word| (word.start, word.end)));
        // In other kinds of files, what is written once may be used twice, and elsewhere.
        shown.sort_unstable();
        shown.dedup();
        shown.dedup_by(|next, before| next.0 < before.1);
        let starts: Vec<usize> = std::iter::once(0).chain(shown.iter().map(|(_, value)| *value)).collect();
        let ends = shown.into_iter().map(|(name, _)| name).chain([self.length]);
        starts.into_iter().zip(ends).map(|(start, end)| (self.source, (start..end).into()))
    }

    /// Which entry counts of a name, of those that are the app's.
    fn last(&self, name: &str) -> Option<usize> {
        self.document.last(name).filter(|index| *index >= self.others && !self.is_for_names)
    }

    pub(super) fn variable(&self, index: usize) -> Variable<'_> {
        let entry = &self.document.entries()[index];
        Variable { is_others: index < self.others, ..self.made(entry, self.plainly_named[index]) }
    }

    /// The folder that it lies in.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// One of its entries as a variable.
    pub(super) fn made<'e>(&'e self, entry: &'e Entry<'e>, is_plainly_named: bool) -> Variable<'e> {
        Variable {
            name: entry.name,
            name_span: entry.name_span,
            value: &entry.value,
            span: entry.value_span,
            source: self.source,
            is_plainly_named,
            is_kept: false,
            is_handed: self.is_handed,
            is_others: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &Source) -> Environment<'_> {
        Environment::alone(source, &[])
    }

    #[test]
    fn the_last_of_a_name_counts() {
        let source = Source::new(".env", "A=1\nB=2\nA=3\n");
        let environment = read(&source);
        let values: Vec<_> = environment.variables().map(|variable| (variable.name, variable.value.expose())).collect();
        assert_eq!(values, [("B", "2"), ("A", "3")]);
        assert_eq!(environment.get("A").map(|variable| variable.value.expose()), Some("3"));
        assert!(environment.get("C").is_none());
    }

    #[test]
    fn of_several_files_the_last_counts_of_each_name() {
        let sources = [Source::new(".env", "A=1\nb=2\nC=3\nA=4\n"), Source::new(".env.local", "C=5\nB=6\nc=7\n")];
        let asked = Asked::without_a_profile(&[]);
        let environment = Environment::read(None, sources.each_ref().map(Given::alone), &asked);
        let told = |variables: &[Variable<'_>]| {
            let each = variables.iter().map(|variable| format!("{}={}", variable.name, variable.value.expose()));
            each.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told(&environment.variables().collect::<Vec<_>>()), "b=2 A=4 C=5 B=6 c=7");
        assert_eq!(told(&environment.among(["C", "A", "X", "A"].into_iter())), "A=4 C=5");
        assert_eq!(told(&environment.alike(["b", "C", "X"].into_iter())), "b=2 C=5 B=6 c=7");
        for (name, value) in [("A", Some("4")), ("C", Some("5")), ("B", Some("6")), ("a", None)] {
            assert_eq!(environment.get(name).map(|variable| variable.value.expose()), value, "{name}");
        }
    }

    #[test]
    fn what_readers_differ_on_is_ambiguous_and_nothing_beside_it() {
        let source = Source::new(".env", "A=1\nB=$x\nC=3\nD=4\nnonsense\nE=5\nD=6\nF ='7'\nG=8\n");
        let environment = read(&source);
        let ambiguous = environment.variables().filter(|variable| environment.is_ambiguous(*variable));
        assert_eq!(ambiguous.map(|variable| variable.name).collect::<Vec<_>>(), ["B", "D", "F"]);
    }

    #[test]
    fn what_may_be_a_piece_of_a_key_is_not_shown() {
        let text = "SECRET_KEY=\nc2VjcmV0LXZhbHVl==\nJBSWY3DPEHPK3PXP======\nmode=test\nMODE=prod\n";
        let source = Source::new(".env", text);
        let mut shown = text.to_owned();
        for (_, span) in read(&source).secrets() {
            shown.replace_range(span.start..span.end, &"*".repeat(span.end - span.start));
        }
        assert_eq!(shown.replace('*', ""), "SECRET_KEY=MODE=");
    }
}
