//! The variables that an app reads: which key of the profile each one holds, how it is written, and what the app does with
//! one that it does not know. The same rows serve whoever reads a `.env` file and whoever writes one.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::AppPack;
use super::encoding::{Code, Encoding};
use super::release::Releases;
use crate::profile::keyword::keywords;
use crate::profile::section::section;
use crate::profile::vocabulary::Kind;
use crate::profile::{Field, Phrase, Read, Reader, Refusal, SecretPurpose, Shape, VariableName};
use crate::source::{Glance, Source, Table, View, is_slip, nearest, nearest_seen};

keywords! {
    /// What an app does with a variable of its `.env` file that it does not know.
    pub enum UnknownVariables ("what an app does with unknown variables") {
        /// It does not start.
        Refused = "refused",
        /// It goes on without it.
        Ignored = "ignored",
        /// The pack does not know.
        Unknown = "unknown",
    }
}

section! {
    /// A variable that an app reads. One that says nothing about security is `{}`.
    pub struct PackVariable {
        /// The key of the profile that says the same.
        field: Field = absent,
        /// How the key's value is written. Where it is absent: as the profile writes it, which a list cannot be.
        encoding: Encoding = absent,
        /// The app's words, by the profile's.
        values: BTreeMap<String, String> = default(BTreeMap::<String, String>::new()),
        /// The profile's words, by others of the app's that mean the same.
        also_read: BTreeMap<String, String> = default(BTreeMap::<String, String>::new()),
        /// Of a list, the entry that it is about, where each entry has a variable of its own.
        entry: String = absent,
        /// Whether its value is never to be shown.
        secret: bool = default(false),
        /// What a secret is for. Where it is absent, its name says it.
        purpose: SecretPurpose = absent,
        /// Other names under which the app reads it, too.
        aliases: Vec<VariableName> = default(Vec::<VariableName>::new()),
        /// Whether the app does not start without it.
        required: bool = default(false),
        /// What the app takes where it is not set, as it would be written.
        default: String = absent,
        /// The variable whose value the app takes where this one is not set or empty.
        stands_in: VariableName = absent,
        /// Why the app reads it and does nothing with it.
        ignored: Phrase = absent,
        /// The program that reads it in the app's stead, out of the same file.
        read_by: Phrase = absent,
        /// The releases of the app that this holds for, where it is not known of all.
        versions: Phrase = absent,
        /// What people should know who write it.
        note: Phrase = absent,
    }
}

impl PackVariable {
    /// How its value is written; nothing where the profile does not have it.
    pub fn code(&self) -> Option<Code<'_>> {
        let shape = self.field.as_ref()?.shape();
        let encoding = self.encoding.or(Encoding::of(shape))?;
        let entry = self.entry.as_deref();
        Some(Code { shape, encoding, values: &self.values, also_read: &self.also_read, entry })
    }

    /// Whether its value is never to be shown.
    pub fn is_secret(&self) -> bool {
        self.secret || self.field.as_ref().is_some_and(|field| matches!(field.shape(), Shape::Reference))
    }

    /// Whether it holds a secret, which has a purpose and an age, and not what is public and often kept beside one.
    pub fn holds_a_secret(&self) -> bool {
        self.secret || self.field.as_ref().is_some_and(Field::is_secret)
    }

    /// Whether the app does not start without it: not where another program reads it, or where it does nothing.
    pub fn is_needed(&self) -> bool {
        self.required && self.ignored.is_none() && self.read_by.is_none()
    }

    /// The key of the profile that says the same, and how it is written, where the app heeds it and anyone may see it.
    pub fn public(&self) -> Option<(&Field, Code<'_>)> {
        self.field.as_ref().zip(self.code()).filter(|_| self.ignored.is_none() && !self.is_secret())
    }

    /// What people should know besides, for the end of a sentence.
    pub fn remark(&self) -> String {
        let note = self.note.as_deref().map(|note| format!("; {note}"));
        let versions = self.versions.as_deref().map(|versions| format!(" (as of {versions})"));
        [note, versions].into_iter().flatten().collect()
    }

    /// Whether the profile may have a value that it cannot hold.
    pub fn may_refuse(&self) -> bool {
        self.public().is_some_and(|(_, code)| code.may_refuse())
    }

    /// What is wrong with the row by itself: at which of its keys, what, and what to write.
    pub(super) fn problem(&self) -> Option<(&'static str, Refusal)> {
        let told = |key, message: String, help: String| Some((key, Refusal::new(message, help)));
        let Some(field) = &self.field else {
            let key = if self.encoding.is_some() { "encoding" } else { "values" };
            let idle = self.encoding.is_none() && self.values.is_empty() && self.also_read.is_empty();
            let help = "add `field`, or take it away: without a key of the profile there is nothing to write";
            return if idle { None } else { told(key, format!("`{key}` stands beside no `field`"), help.to_owned()) };
        };
        let Some(code) = self.code() else {
            let help = "add `encoding = \"csv\"`, `\"blanks\"`, `\"json\"` or `\"single\"`";
            return told("field", format!("`{field}` is a list, and nothing says how it is written"), help.to_owned());
        };
        if (code.encoding == Encoding::Contains) != code.entry.is_some() {
            let message = "`entry` and the encoding \"contains\" go together";
            let help = "write both: the encoding, and the entry of the list that the variable is about; or neither";
            return told(if code.entry.is_some() { "entry" } else { "encoding" }, message.to_owned(), help.to_owned());
        }
        // A truth may stand for words.
        let worded =
            code.encoding == Encoding::Bool && matches!(code.shape, Shape::Words(_)) && !self.values.is_empty();
        if !(worded || code.encoding.holds(code.shape)) {
            let holds = Encoding::ALL.iter().filter(|other| other.holds(code.shape)).map(|other| other.as_str());
            let help = format!("one of: {}", holds.collect::<Vec<_>>().join(", "));
            return told("encoding", format!("`{}` cannot hold `{field}`", code.encoding), help);
        }
        let words: &[&str] = match code.shape {
            Shape::Words(words) => words,
            Shape::Boolean => &["true", "false"],
            Shape::Integer
            | Shape::Duration
            | Shape::Size
            | Shape::Text(_)
            | Shape::Reference
            | Shape::List(_)
            | Shape::Table => &[],
        };
        let keys = self.values.keys().map(|word| ("values", word));
        let mut written = keys.chain(self.also_read.values().map(|word| ("also_read", word)));
        if let Some((key, word)) = written.find(|(_, word)| !words.contains(&word.as_str())) {
            let message = format!("`{field}` is never {}", crate::profile::quoted(word));
            let meant = nearest(word, words.iter().copied()).map(|meant| format!("did you mean \"{meant}\"?"));
            return told(key, message, meant.unwrap_or_else(|| format!("known there: {}", words.join(", "))));
        }
        let misfit = self.default.as_deref().and_then(|text| code.decode(text).err());
        misfit.and_then(|misfit| {
            told("default", "the app could not read its own default".to_owned(), format!("write {misfit}"))
        })
    }
}

type Rows = BTreeMap<VariableName, PackVariable>;

/// The variables of an app, by name.
///
/// A pack in the binary has most of them in a file of their own, which is read when somebody asks for all: a check without
/// a `.env` file asks only for those that the profile may not fit.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    rows: Rows,
    others: Option<Others>,
    all: OnceLock<Rows>,
    /// Each name of `all`, and what is to be seen of it at a glance.
    seen: OnceLock<Vec<(VariableName, Glance)>>,
    /// The names of `all` by which the app reads each, and its own name for it: the shortest first, and of one length those of
    /// rows before aliases.
    names: OnceLock<Vec<(VariableName, VariableName)>>,
}

/// The text of the other file, and the release whose rows of it hold.
#[derive(Clone, Debug)]
struct Others {
    text: &'static str,
    releases: Releases,
    lines: OnceLock<Vec<Line>>,
}

/// A line of that text, as far as it tells something without being read as TOML.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// The variable whose row it is a part of.
    name: &'static str,
    /// Whether the row begins here.
    is_first: bool,
    /// The key of the profile that it begins with.
    field: Option<&'static str>,
    /// What follows that.
    rest: &'static str,
}

impl Others {
    fn read(&self) -> Option<Rows> {
        let source = Source::new("variables.toml", self.text);
        let (mut root, _) = crate::profile::parse(&source);
        self.releases.cut(root.get_mut());
        let rows = Table::new(root.get_ref(), None).get("variables")?;
        Rows::read(rows, &mut Reader::default())
    }

    fn lines(&self) -> &[Line] {
        self.lines.get_or_init(|| {
            let mut name = "";
            let line = |line: &'static str| {
                let (start, row) = line.split_once(' ').unwrap_or((line, ""));
                let is_first = !start.is_empty();
                if is_first {
                    name = start;
                }
                let row = row.trim_start_matches([' ', '=']);
                let fact = row.strip_prefix("{ is = ").unwrap_or(row);
                let field = fact.strip_prefix("{ field = \"").and_then(|fact| fact.split_once('"'));
                let (field, rest) = field.map_or((None, row), |(field, rest)| (Some(field), rest));
                Line { name, is_first, field, rest }
            };
            self.text.lines().filter(|line| !line.starts_with('#')).map(line).collect()
        })
    }
}

impl Variables {
    /// The same, and those of a file in the binary.
    pub(super) fn beside(self, text: &'static str, releases: Releases) -> Self {
        Self { others: Some(Others { text, releases, lines: OnceLock::new() }), ..self }
    }

    /// All of them.
    pub fn all(&self) -> &Rows {
        let Some(others) = &self.others else { return &self.rows };
        self.all.get_or_init(|| self.rows.clone().into_iter().chain(others.read().into_iter().flatten()).collect())
    }

    /// Each name, and what is to be seen of it at a glance.
    fn seen(&self) -> &[(VariableName, Glance)] {
        let seen = |name: &VariableName| (name.clone(), Glance::of(name.as_str()));
        self.seen.get_or_init(|| self.all().keys().map(seen).collect())
    }

    /// The name that a mistaken one most likely meant.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest_seen(name, self.seen().iter().map(|(name, glance)| (name.as_str(), *glance)))
    }

    /// The names by which the app reads its variables, each with the row's own.
    pub fn read_names(&self) -> &[(VariableName, VariableName)] {
        self.names.get_or_init(|| {
            let own = self.all().keys().map(|name| (name, name));
            let aliases = self.all().iter().flat_map(|(name, row)| row.aliases.iter().map(move |alias| (alias, name)));
            let mut names: Vec<_> = own.chain(aliases).map(|(read, name)| (read.clone(), name.clone())).collect();
            names.sort_by_key(|(read, _)| read.as_str().len());
            names
        })
    }

    /// Those of them that have so many bytes: few have as many as a name that is looked up.
    fn as_long(&self, length: usize) -> &[(VariableName, VariableName)] {
        let names = self.read_names();
        let start = names.partition_point(|(read, _)| read.as_str().len() < length);
        let end = names.partition_point(|(read, _)| read.as_str().len() <= length);
        &names[start..end]
    }

    /// The lines of a file that was not read.
    fn unread(&self) -> impl Iterator<Item = &Line> {
        self.others.iter().flat_map(Others::lines)
    }

    /// Whether one of them may hold a key.
    pub fn may_hold(&self, field: &str) -> bool {
        self.rows.values().filter_map(|row| row.field.as_ref()).any(|own| own.as_str() == field)
            || self.unread().any(|line| line.field == Some(field))
    }

    /// Whether the app is told a key by one of them. A file that is not read otherwise is read only where it may say so.
    pub fn tell(&self, field: &str) -> bool {
        let holds =
            |row: &PackVariable| row.ignored.is_none() && row.field.as_ref().is_some_and(|own| own.as_str() == field);
        self.may_hold(field) && self.all().values().any(holds)
    }

    /// Whether the one of this name surely holds this key, in every release.
    pub fn surely_holds(&self, name: &str, field: &str) -> bool {
        let is_it = |(own, row): (&VariableName, &PackVariable)| {
            own.as_str() == name && row.field.as_ref().is_some_and(|own| own.as_str() == field)
        };
        let is_line = |line: &Line| line.is_first && line.name == name && line.field == Some(field);
        self.rows.iter().any(is_it) || self.unread().any(|line| is_line(line) && holds_for_all(line.rest))
    }

    /// Whether the app may do nothing with the one of this name.
    pub fn may_ignore(&self, name: &str) -> bool {
        let is_it = |(own, row): (&VariableName, &PackVariable)| own.as_str() == name && row.ignored.is_some();
        let says_so = |line: &Line| line.name.eq_ignore_ascii_case(name) && line.rest.contains("ignored = ");
        self.rows.iter().any(is_it) || self.unread().any(says_so)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.others.is_none()
    }

    /// Those that cannot hold every value of their key.
    pub fn limiting(&self) -> impl Iterator<Item = (&VariableName, &PackVariable)> {
        self.rows.iter().filter(|(_, variable)| variable.may_refuse())
    }
}

/// Whether what follows in a row's text says nothing of releases but of the facts that it is made of.
fn holds_for_all(row: &str) -> bool {
    let mut depth = 0_usize;
    let own: String = row
        .chars()
        .filter(|c| {
            depth = if *c == '{' { depth + 1 } else { depth };
            let is_own = depth == 0;
            depth = if *c == '}' { depth.saturating_sub(1) } else { depth };
            is_own
        })
        .collect();
    !own.contains("since = ") && !own.contains("until = ")
}

impl Read for Variables {
    const KIND: Kind = Rows::KIND;

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        Some(Self { rows: Rows::read(view, reader)?, ..Self::default() })
    }
}

impl serde::Serialize for Variables {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.all().serialize(serializer)
    }
}

impl schemars::JsonSchema for Variables {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Variables".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Rows::json_schema(generator)
    }
}

/// What a pack knows of a name.
#[derive(Clone, Copy, Debug)]
pub enum Known<'p> {
    /// The app reads it.
    Variable(&'p VariableName, &'p PackVariable),
    /// It had, or is often mistaken to have, another name.
    Former(&'p VariableName),
    /// It looks like a slip of the fingers for another.
    Slip(&'p VariableName),
    /// Nothing.
    Nothing,
}

impl AppPack {
    /// The variable that the app reads by a name, and its own name for it.
    pub fn variable(&self, name: &str) -> Option<(&VariableName, &PackVariable)> {
        let mut names = self.variables.as_long(name.len()).iter().filter(|(read, _)| self.is_same(read.as_str(), name));
        let first = names.next()?;
        // Where several are alike, the one that is written so.
        let exact = std::iter::once(first).chain(names).find(|(read, own)| read == own && read.as_str() == name);
        self.variables.all().get_key_value(&exact.unwrap_or(first).1)
    }

    /// The variable of a name with which the app does nothing, and why.
    pub fn ignored(&self, name: &str) -> Option<(&VariableName, &Phrase)> {
        // Most packs have no such row, and none of them is read for this.
        let (own, row) = self.variables.may_ignore(name).then(|| self.variable(name))??;
        Some((own, row.ignored.as_ref()?))
    }

    /// What is known of a name.
    pub fn known(&self, name: &str) -> Known<'_> {
        if let Some((known, variable)) = self.variable(name) {
            return Known::Variable(known, variable);
        }
        if let Some((_, right)) = self.former.iter().find(|(former, _)| self.is_same(former.as_str(), name)) {
            return Known::Former(right);
        }
        let glance = Glance::of(name);
        let is_it =
            |(known, seen): &&(VariableName, Glance)| glance.may_be_slip(*seen) && is_slip(name, known.as_str());
        self.variables.seen().iter().find(is_it).map_or(Known::Nothing, |(known, _)| Known::Slip(known))
    }

    /// Whether the app takes what a name in its file holds for a variable: by the variable's own name, or by an alias of it.
    pub fn takes_for(&self, read: &str, name: &str) -> bool {
        let aliases = || self.variable(name).into_iter().flat_map(|(_, row)| &row.aliases);
        self.is_same(read, name) || aliases().any(|alias| self.is_same(read, alias.as_str()))
    }

    /// Whether two names are one to the app.
    pub fn is_same(&self, name: &str, other: &str) -> bool {
        if self.case_sensitive { name == other } else { name.eq_ignore_ascii_case(other) }
    }
}
