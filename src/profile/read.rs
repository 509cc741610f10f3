//! Reading a typed section out of the text, telling everything that is wrong.
//!
//! serde stops at the first error, and a schema validator says that a value is
//! wrong but not why its type refused it. This reader walks the spanned tree
//! once, builds the typed value, and collects every refusal on the way in the
//! words of the type that refused. The JSON Schema comes from the same
//! declarations (see [`section!`](super::section!)).

mod kinds;

use toml::de::DeValue;

use super::bounds::{Amount, Bounds};
use super::kind::{self, Kind};
use super::meant::{self, Foreign};
use super::mode::Mode;
use super::text::{Refusal, Text, quoted};
use crate::source::{KeyPath, Segment, Span, Table, View, nearest};

/// A refusal at its place in the text.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What was refused and why.
    pub refusal: Refusal,
    /// Where.
    pub span: Span,
    /// Under which key, as if there were no overlays.
    pub key: KeyPath,
    /// The mode in whose overlay it stands; none: in the profile proper.
    pub overlay: Option<Mode>,
}

/// Collects what is wrong while sections are read.
#[derive(Default)]
pub struct Reader<'a> {
    path: Vec<Step<'a>>,
    /// Everything refused so far.
    pub problems: Vec<Problem>,
    /// Literals that stand where a reference belongs: never to be shown.
    pub secrets: Vec<Span>,
    /// Keys whose value is unknown, because it or its name was refused.
    pub unknown: Vec<KeyPath>,
    /// The vocabulary of the document, where a refused place can tell by it what was meant.
    root: Option<&'static Kind>,
    /// The mode of which only what its overlay says is read. What is below it is known, and has been read before.
    overlay: Option<Mode>,
    /// The bounds of the value that is being read.
    bounds: Option<&'static Bounds>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// What can be read from a profile.
pub trait Read: Sized {
    /// What the vocabulary says of it.
    const KIND: Kind;

    /// Reads a value; `None` where it was refused, which has been noted then.
    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self>;
}

impl<'a> Reader<'a> {
    /// A reader of documents with this vocabulary.
    pub(super) fn of(root: &'static Kind) -> Self {
        Self { root: Some(root), ..Self::default() }
    }

    /// The key that is being read.
    pub(super) fn key(&self) -> KeyPath {
        KeyPath::new(
            self.path
                .iter()
                .map(|step| match *step {
                    Step::Key(key) => Segment::Key(key.to_owned().into()),
                    Step::Index(index) => Segment::Index(index),
                })
                .collect(),
        )
    }

    /// Notes that the value being read was refused.
    pub fn refuse(&mut self, span: Span, refusal: Refusal) {
        let key = self.key();
        self.unknown.push(key.clone());
        self.problems.push(Problem { refusal, span, key, overlay: self.overlay });
    }

    fn wrong_type(&mut self, view: View<'a>, wanted: &str, example: &str) {
        let found = match view.value() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a float",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        let key = self.key();
        let kind = self.root.and_then(|root| Some(kind::at_key(root, &key).ok()?.kind));
        let meant = kind.and_then(|kind| meant::value(&key, kind, view));
        let help = meant.unwrap_or_else(|| format!("write {}", if example.is_empty() { wanted } else { example }));
        let mut refusal = Refusal::new(format!("`{key}` must be {wanted}, not {found}"), help);
        refusal.label = found;
        self.refuse(view.span(), refusal);
    }

    /// What is written in a table; of an overlay that is checked by itself, what it has a say in.
    pub fn entries(&self, table: Table<'a>) -> impl Iterator<Item = (&'a str, Span, View<'a>)> + use<'a> {
        table.entries(self.overlay.is_some())
    }

    /// Reads the value under a key.
    pub fn value<T: Read>(&mut self, key: &'a str, view: View<'a>) -> Option<T> {
        self.below(key, |reader| reader.whole(view))
    }

    /// Reads the value under a key that has bounds.
    pub fn bounded<T: Read + Amount>(&mut self, key: &'a str, view: View<'a>, bounds: &'static Bounds) -> Option<T> {
        self.below(key, |reader| {
            reader.bounds = Some(bounds);
            let value = reader.whole::<T>(view);
            reader.bounds = None;
            let value = value?;
            let Some(problem) = bounds.problem(value.amount()) else { return Some(value) };
            let [least, most] = bounds.written(T::KIND.units());
            reader.out_of_range(view, Some(problem), &format!("{} from \"{least}\" to \"{most}\"", T::KIND.in_words()));
            None
        })
    }

    fn out_of_range(&mut self, view: View<'a>, problem: Option<&str>, wanted: &str) {
        let why = problem.map(|problem| format!(": {problem}")).unwrap_or_default();
        let mut refusal = Refusal::new(format!("`{}` is out of range{why}", self.key()), format!("write {wanted}"));
        refusal.label = "out of range";
        self.refuse(view.span(), refusal);
    }

    /// Reads what stands below a key.
    pub fn below<T>(&mut self, key: &'a str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Key(key));
        let value = read(self);
        self.path.pop();
        value
    }

    /// Reads what stands at the path. Where a part is refused that it cannot be without, it is unknown as a whole.
    fn whole<T: Read>(&mut self, view: View<'a>) -> Option<T> {
        let value = T::read(view, self);
        if value.is_none() {
            let key = self.key();
            if self.unknown.last() != Some(&key) {
                self.unknown.push(key);
            }
        }
        value
    }

    /// The section that an absent one stands for: its defaults.
    pub fn absent<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        // Nobody asks what an overlay by itself would mean.
        if self.overlay.is_some() { None } else { read(self) }
    }

    /// Refuses that a key is not there. (Where it is and was refused, that has been told; and so has a slip of its name.)
    pub fn missing<T>(&mut self, table: Table<'a>, key: &'static str, header: Span) -> Option<T> {
        if table.get(key).is_none() && !self.unknown.contains(&self.key().key(key)) {
            self.path.push(Step::Key(key));
            let message = format!("`{}` is missing", self.key());
            let help = match key {
                "version" => "add `version = 1`, first of all",
                "app" => "add an `[app]` section with `name` and `kind`",
                "kind" => "add `kind = \"generic\"`, or the app if seccfg knows it: instacrud, fastcms, crudauth",
                "source" => "add `source = \"env:NAME\"` or `source = \"file:/absolute/path\"`",
                "limit" => "add `limit = \"5/min\"`, or another rate",
                _ => "",
            };
            let help = if help.is_empty() { format!("add `{key} = …`") } else { help.to_owned() };
            let mut refusal = Refusal::new(message, help).code("PRF004");
            refusal.label = "needed here";
            self.refuse(header, refusal);
            self.path.pop();
        }
        None
    }

    /// Checks what the overlay of a mode says, `read` being the reader of the document with that overlay, and gives back
    /// the overlay's table.
    pub(super) fn overlay(&mut self, mode: Mode, overlay: View<'a>, read: impl FnOnce(&mut Self)) -> Option<Table<'a>> {
        self.path.extend([Step::Key("modes"), Step::Key(mode.as_str())]);
        let table = self.table(overlay);
        self.path.clear();
        if table.is_some() {
            self.overlay = Some(mode);
            // What is typed here is typed again, together with what is below it, when its mode is asked for.
            read(self);
            self.overlay = None;
        }
        table
    }

    /// Notes that nothing of a value may be shown.
    fn keep_back(&mut self, view: View<'a>) {
        if let Some(table) = view.table() {
            for (_, _, view) in table.entries(false) {
                self.keep_back(view);
            }
        } else if let Some(elements) = view.elements() {
            elements.for_each(|view| self.keep_back(view));
        } else if !view.value().is_bool() {
            self.secrets.push(view.span());
        }
    }

    /// The table in a view, or a refusal.
    pub fn table(&mut self, view: View<'a>) -> Option<Table<'a>> {
        let table = view.table();
        if table.is_none() {
            self.keep_back(view);
            let key = self.key();
            self.wrong_type(view, "a table", &format!("a `[{key}]` section"));
        }
        table
    }

    /// Refuses a key that a table of this kind does not have.
    pub fn unknown_key(&mut self, key: &'a str, span: Span, view: View<'a>, table: &'static Kind) {
        let known = table.names();
        let of_others = self.root.and_then(|root| meant::of_others(root, &self.key(), key));
        let (here, there) = match of_others {
            Some(Foreign::Here(meant)) => (Some(meant), None),
            Some(Foreign::There(key)) => (None, Some(key)),
            None => (None, None),
        };
        let meant = here.or_else(|| nearest(key, known.iter().copied()));
        let intended = meant.map(|meant| self.key().key(meant));
        // Whatever it was meant to be, it may be a secret: `value = "…"` under `[secrets.key]`.
        let intended_kind = || Some(kind::at_key(self.root?, intended.as_ref()?).ok()?.kind);
        if !intended_kind().is_some_and(|kind| is_one_of_a_few(view, kind)) {
            self.keep_back(view);
        }
        // What the mistyped key was meant to say is not known, so no rule should reason with the default in its stead.
        self.unknown.extend(intended);
        let section = self.key();
        let place = if !section.is_root() {
            format!("`[{section}]`")
        } else if self.root.is_some() {
            "a profile".to_owned()
        } else {
            // A pack, or another file that is read by the same reader.
            "this file".to_owned()
        };
        self.path.push(Step::Key(key));
        let elsewhere = there
            .map(|there| format!("{} is `{there}` here", quoted(key)))
            .or_else(|| self.root.and_then(|root| meant::sections(root, key, view)));
        let help = match (meant, elsewhere) {
            (Some(meant), None) => format!("did you mean `{meant}`?"),
            (Some(meant), Some(elsewhere)) => format!("did you mean `{meant}`? Or: {elsewhere}"),
            (None, Some(elsewhere)) => elsewhere,
            (None, None) => format!("known here: {}", known.join(", ")),
        };
        let mut refusal = Refusal::new(format!("{place} has no key {}", quoted(key)), help).code("PRF002");
        refusal.label = "unknown key";
        self.refuse(span, refusal);
        self.path.pop();
    }

    /// Reads a string through its checked constructor.
    pub fn text<T: Text>(&mut self, view: View<'a>) -> Option<T> {
        let Some(text) = view.value().as_str() else {
            if T::SECRET {
                self.keep_back(view);
            }
            let example =
                T::EXAMPLES.first().map_or_else(String::new, |example| format!("{}, such as `{example:?}`", T::WHAT));
            self.wrong_type(view, &format!("{} in quotes", T::WHAT), &example);
            return None;
        };
        match T::parse(text) {
            Ok(value) => Some(value),
            Err(refusal) => {
                if T::SECRET {
                    self.secrets.push(view.span());
                }
                self.refuse(view.span(), refusal);
                None
            }
        }
    }

    fn integer(&mut self, view: View<'a>, least: u64, most: u64) -> Option<u64> {
        let (least, most) = self.bounds.map_or((least, most), |bounds| (bounds.least, bounds.most));
        let DeValue::Integer(written) = view.value() else {
            self.wrong_type(view, "an integer", &format!("a number from {least} to {most}"));
            return None;
        };
        let number = u64::from_str_radix(written.as_str(), written.radix()).ok();
        if number.is_none_or(|number| !(least..=most).contains(&number)) {
            let problem = |bounds: &Bounds| {
                // What is no number of ours is far below or far beyond.
                let is_negative = written.as_str().starts_with('-');
                bounds.problem(number.unwrap_or(if is_negative { 0 } else { u64::MAX }))
            };
            self.out_of_range(view, self.bounds.and_then(problem), &format!("a number from {least} to {most}"));
            return None;
        }
        number
    }
}

/// Whether a value is one of the few that a key can have, so that everyone knows it: `samesite = "lax"`.
fn is_one_of_a_few(view: View<'_>, kind: &Kind) -> bool {
    match view.value() {
        DeValue::String(text) => kind.words().iter().any(|word| word.word == text),
        DeValue::Integer(_) => matches!(kind, Kind::Integer { .. }),
        DeValue::Boolean(_) | DeValue::Datetime(_) => true,
        DeValue::Float(_) | DeValue::Array(_) | DeValue::Table(_) => false,
    }
}
