//! Every profile of the fixtures with one key changed, and what the rules then find otherwise.
//!
//! The values that a key is given are those that the fixtures have for it, so that they are the ones that matter to rules;
//! and both booleans, every word, and the default.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use seccfg::apps::Packs;
use seccfg::check::{EnvFile, Modes, Opened, Options};
use seccfg::finding::Finding;
use seccfg::input;
use seccfg::plan::{Edge, Target};
use seccfg::profile::Mode;
use seccfg::profile::vocabulary::{self, ANY, Absent, Key, Kind};
use seccfg::source::{KeyPath, Segment, Source, Span};
use toml::{Table, Value};

use crate::fixture;

/// A profile, in the mode that it is for.
pub struct Profile {
    /// Where it stands.
    pub path: PathBuf,
    table: Table,
    mode: Mode,
    env_files: Vec<EnvFile>,
    packs: Packs,
}

/// A change of one key, or of one element of a list.
pub struct Change<'v> {
    /// What is changed.
    pub key: KeyPath,
    place: Vec<String>,
    value: New<'v>,
}

enum New<'v> {
    Nothing,
    Value(&'v Value),
    Element(usize, &'v Value),
}

impl Profile {
    /// The profile of a fixture; nothing where it is refused in part, because that part cannot be changed alone.
    pub fn of(path: &Path) -> Option<Self> {
        let text = fixture::profile(path);
        let table: Table = text.parse().ok()?;
        let source = Source::new(path, text);
        let packs = input::packs();
        let opened = Opened::read(&source, &[], &packs);
        let mode = *opened.modes(Modes::Own).first().filter(|_| opened.is_sound())?;
        let mut env_files = fixture::env_files(path);
        for file in &mut env_files {
            file.mode = file.mode.or(Some(mode));
        }
        Some(Self { path: path.to_owned(), table, mode, env_files, packs })
    }

    /// It itself.
    pub fn whole(&self) -> &Table {
        &self.table
    }

    /// What the rules find in a form of it, behind each edge by itself, without places; nothing where a part is refused.
    pub fn judged(&self, table: &Table) -> Option<Vec<Finding>> {
        self.judge(table, false)
    }

    /// The same where a part is refused.
    pub fn judged_in_part(&self, table: &Table) -> Option<Vec<Finding>> {
        self.judge(table, true)
    }

    fn judge(&self, table: &Table, in_part: bool) -> Option<Vec<Finding>> {
        let source = Source::new(&self.path, toml::to_string(table).ok()?);
        let opened = Opened::read(&source, &self.env_files, &self.packs);
        let policy = opened.policy(self.mode).filter(|_| opened.is_whole() && opened.is_sound() != in_part)?;
        let edges = Edge::declared(&policy).into_iter().map(|edge| edge.target());
        Some(edges.flat_map(|edge| self.found(&opened, edge)).collect())
    }

    /// The profile once for each key that is written in it, with something there that no key takes.
    pub fn refused_forms<'p>(&'p self, values: &'p Values) -> impl Iterator<Item = (KeyPath, Table)> + 'p {
        let changes = self.changes(values).into_iter().filter(|change| matches!(change.value, New::Nothing));
        changes.map(|change| {
            let mut refused = self.table.clone();
            set(&mut refused, &change.place, Some(Value::Array(vec![Value::Array(Vec::new())])));
            (change.key, refused)
        })
    }

    fn found(&self, opened: &Opened<'_>, edge: Target) -> Vec<Finding> {
        let options = Options {
            modes: Modes::One(self.mode),
            targets: vec![edge],
            today: fixture::TODAY.parse().ok(),
            ..Options::default()
        };
        let found = opened.judge(&options).into_iter().map(|one| one.finding);
        let of_rules = found.filter(|finding| !finding.code.starts_with("PRF"));
        of_rules
            .map(|mut finding| {
                finding.place.span = Span::default();
                finding.labels.iter_mut().for_each(|label| label.span = Span::default());
                // The plan says that, and not the rule.
                finding.evidence = None;
                finding
            })
            .collect()
    }

    /// Changes of every key: of those that are written, and of those that could be.
    pub fn changes<'v>(&self, values: &'v Values) -> Vec<Change<'v>> {
        let is_judged =
            |path: &str| !["version", "app.name", "app.kind", "modes"].contains(&path) && !path.starts_with("waivers");
        let mut changes = Vec::new();
        for (path, key) in values.keys.iter().filter(|(path, _)| is_judged(path)) {
            let steps: Vec<&str> = path.split('.').collect();
            for place in self.places(&steps) {
                self.change_at(path, &place, key, values, &mut changes);
            }
        }
        changes
    }

    fn change_at<'v>(
        &self,
        path: &str,
        place: &[String],
        key: &Key,
        values: &'v Values,
        changes: &mut Vec<Change<'v>>,
    ) {
        let now = get(&self.table, place);
        match (key.kind, &key.absent) {
            (Kind::Entries { .. }, _) => {
                let entries = now.and_then(Value::as_table).into_iter().flat_map(Table::keys);
                changes.extend(
                    entries.map(|name| Change::new([place, std::slice::from_ref(name)].concat(), New::Nothing)),
                );
                return;
            }
            // What is written as a section counts as written, whatever stands there.
            (Kind::Section(_), Absent::Required | Absent::Section) => return,
            _ => {}
        }
        if now.is_some() && !matches!(key.absent, Absent::Required) {
            changes.push(Change::new(place.to_vec(), New::Nothing));
        }
        let others = values.at(path).iter().filter(|value| Some(*value) != now);
        changes.extend(others.map(|value| Change::new(place.to_vec(), New::Value(value))));
        // An element by itself, where the list keeps its length.
        for (index, element) in now.and_then(Value::as_array).into_iter().flatten().enumerate() {
            let others = values.at(path).iter().filter_map(Value::as_array).flatten();
            let others = others.filter(|other| *other != element).take(6);
            changes.extend(others.map(|value| Change::new(place.to_vec(), New::Element(index, value))));
        }
    }

    /// The profile without a change and with it. Without it, it is the whole one, and has the section or the entry besides
    /// in which the key stands.
    pub fn forms(&self, change: &Change<'_>, values: &Values) -> (Table, Table) {
        let before = self.prepared(&change.place, values);
        let mut after = before.clone();
        match change.value {
            New::Nothing => set(&mut after, &change.place, None),
            New::Value(value) => set(&mut after, &change.place, Some(value.clone())),
            New::Element(index, value) => {
                let mut list = get(&after, &change.place).cloned().unwrap_or_else(|| Value::Array(Vec::new()));
                if let Some(element) = list.as_array_mut().and_then(|list| list.get_mut(index)) {
                    *element = value.clone();
                }
                set(&mut after, &change.place, Some(list));
            }
        }
        (before, after)
    }

    /// The places that a path of the vocabulary has here: for `*`, each entry that there is, or a new one.
    fn places(&self, steps: &[&str]) -> Vec<Vec<String>> {
        let mut places: Vec<Vec<String>> = vec![Vec::new()];
        for step in steps {
            places = places
                .into_iter()
                .flat_map(|place| {
                    let names: Vec<String> = if *step == ANY {
                        let entries = get(&self.table, &place).and_then(Value::as_table);
                        let names: Vec<String> = entries.into_iter().flat_map(Table::keys).cloned().collect();
                        if names.is_empty() { vec!["other".to_owned()] } else { names }
                    } else {
                        vec![(*step).to_owned()]
                    };
                    names.into_iter().map(move |name| [place.clone(), vec![name]].concat())
                })
                .collect();
        }
        places
    }

    /// The profile with the sections and entries in which a place stands, each with what it has to have.
    fn prepared(&self, place: &[String], values: &Values) -> Table {
        let mut table = self.table.clone();
        let mut path = String::new();
        for depth in 1..place.len() {
            path = values.below(&path, &place[depth - 1]);
            if get(&table, &place[..depth]).is_none() {
                let steps: Vec<&str> = path.split('.').collect();
                let keys = vocabulary::at(&steps).expect("it is of the vocabulary").kind.keys();
                let required = keys.iter().filter(|key| matches!(key.absent, Absent::Required));
                let filled = required.filter_map(|key| {
                    let value = values.at(&format!("{path}.{}", key.name)).first()?;
                    Some((key.name.to_owned(), value.clone()))
                });
                set(&mut table, &place[..depth], Some(Value::Table(filled.collect())));
            }
        }
        table
    }
}

impl<'v> Change<'v> {
    fn new(place: Vec<String>, value: New<'v>) -> Self {
        let key = KeyPath::new(place.iter().map(|name| Segment::Key(name.clone().into())).collect());
        let key = match value {
            New::Element(index, _) => key.index(index),
            New::Nothing | New::Value(_) => key,
        };
        Self { key, place, value }
    }
}

fn get<'t>(table: &'t Table, place: &[String]) -> Option<&'t Value> {
    let (first, rest) = place.split_first()?;
    rest.iter().try_fold(table.get(first)?, |value, name| value.as_table()?.get(name))
}

fn set(table: &mut Table, place: &[String], value: Option<Value>) {
    let Some((last, above)) = place.split_last() else { return };
    let mut table = table;
    for name in above {
        let below = table.entry(name).or_insert_with(|| Value::Table(Table::new()));
        table = below.as_table_mut().expect("sections are tables");
    }
    match value {
        Some(value) => table.insert(last.clone(), value),
        None => table.remove(last),
    };
}

/// The values that keys have in profiles, by the vocabulary's paths.
pub struct Values {
    keys: Vec<(String, &'static Key)>,
    known: BTreeMap<String, Vec<Value>>,
}

impl Values {
    /// Those of some profiles, and those that the vocabulary knows itself.
    pub fn of(profiles: &[Profile]) -> Self {
        let mut values = Self { keys: vocabulary::all(), known: BTreeMap::new() };
        for (path, key) in &values.keys {
            let own = values.known.entry(path.clone()).or_default();
            match key.kind {
                Kind::Boolean => own.extend([true, false].map(Value::Boolean)),
                Kind::Text(text) => own.extend(text.words.iter().map(|word| Value::String(word.word.to_owned()))),
                Kind::Integer { .. } => own.extend([1, 2, 1_000].map(Value::Integer)),
                Kind::Date
                | Kind::List(_)
                | Kind::OneOrMany(_)
                | Kind::Entries { .. }
                | Kind::Section(_)
                | Kind::Overlays
                | Kind::Other(_) => {}
            }
            if let Absent::Default(value) = key.absent {
                own.extend(Value::try_from(value()).ok());
            }
        }
        for profile in profiles {
            values.collect("", &profile.table);
        }
        values
    }

    fn collect(&mut self, path: &str, table: &Table) {
        for (name, value) in table {
            let here = self.below(path, name);
            match value {
                // An overlay holds the same keys again.
                Value::Table(table) if path == "modes" => self.collect("", table),
                Value::Table(table) => self.collect(&here, table),
                value => {
                    let known = self.known.entry(here).or_default();
                    if !known.contains(value) {
                        known.push(value.clone());
                    }
                }
            }
        }
    }

    /// The vocabulary's path of what stands below another: of an entry, `*` is its name there.
    fn below(&self, path: &str, name: &str) -> String {
        let own = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if self.known.contains_key(&own) { own } else { format!("{path}.{ANY}") }
    }

    fn at(&self, path: &str) -> &[Value] {
        self.known.get(path).map_or(&[], Vec::as_slice)
    }
}

/// What is found in one of two forms of a profile and not in the other.
pub fn differing<'f>(one: &'f [Finding], other: &'f [Finding]) -> impl Iterator<Item = &'f Finding> {
    let only = |these: &'f [Finding], those: &'f [Finding]| these.iter().filter(|finding| !those.contains(finding));
    only(one, other).chain(only(other, one))
}
