//! What is wrong with a pack that no row of it shows alone: rows that contradict each other, and names that stand twice.

use std::collections::BTreeMap;

use super::{AppPack, Encoding, PackVariable};
use crate::profile::{HeaderName, Problem, Refusal, VariableName};
use crate::source::{KeyPath, Span, Table, nearest};

impl AppPack {
    /// What is wrong with the rows, each by itself and together, and with the names of headers.
    pub(super) fn problems(&self, root: Table<'_>) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut refuse = |key: KeyPath, refusal: Refusal| {
            let span: Span = root.locate(&key).span;
            problems.push(Problem { refusal, span, key, overlay: None });
        };
        for (name, variable) in self.variables.all() {
            if let Some((key, refusal)) = variable.problem() {
                refuse(("variables", name.as_str(), key).into(), refusal);
            }
            let Some(field) = &variable.field else { continue };
            let earlier = self.variables.all().iter().take_while(|(other, _)| *other != name);
            let mut same =
                earlier.filter(|(_, other)| other.field.as_ref().is_some_and(|f| f.as_str() == field.as_str()));
            // Two truths together may tell three words apart, if each is said for all of them; each entry of a list may have
            // a truth of its own; and a URL's host and its origin may stand in lists of their own.
            let is_whole = |row: &PackVariable| !row.values.is_empty() && !row.may_refuse();
            let is_of_a_url = |row: &PackVariable| row.encoding.is_some_and(Encoding::is_of_a_url);
            let go_together = |other: &PackVariable| {
                (is_whole(other) && is_whole(variable))
                    || (is_of_a_url(other) && is_of_a_url(variable))
                    || (other.entry.is_some() && variable.entry.is_some() && other.entry != variable.entry)
            };
            if let Some((other, _)) = same.find(|(_, other)| !go_together(other)) {
                let message = format!("`{field}` stands in `{other}` already");
                let help = "keep one of the two; several variables share a key only with `values` for every word, with \
                            an `entry` of a list each, or as a URL's `host` and `origin`";
                refuse(("variables", name.as_str(), "field").into(), Refusal::new(message, help));
            }
        }
        for (key, refusal) in self.read_twice().into_iter().chain(self.sent_twice()) {
            refuse(key, refusal);
        }
        for (name, variable) in self.variables.all() {
            let Some(other) = &variable.stands_in else { continue };
            if other == name {
                let refusal =
                    Refusal::new(format!("`{name}` stands in for itself"), "name another variable, or take it out");
                refuse(("variables", name.as_str(), "stands_in").into(), refusal);
            } else if !self.variables.all().contains_key(other) {
                let meant = nearest(other.as_str(), self.variables.all().keys().map(VariableName::as_str));
                let help = meant.map_or_else(|| "add it".to_owned(), |meant| format!("did you mean `{meant}`?"));
                let refusal = Refusal::new(format!("`[variables]` has no `{other}`"), help);
                refuse(("variables", name.as_str(), "stands_in").into(), refusal);
            }
        }
        for (former, right) in &self.former {
            let refusal = if self.variables.all().contains_key(former) {
                Refusal::new(format!("the app reads `{former}` itself"), "keep it either here or under `[variables]`")
            } else if !self.variables.all().contains_key(right) {
                let meant = nearest(right.as_str(), self.variables.all().keys().map(VariableName::as_str));
                let help = meant.map_or_else(|| "add it".to_owned(), |meant| format!("did you mean `{meant}`?"));
                Refusal::new(format!("`[variables]` has no `{right}`"), help)
            } else {
                continue;
            };
            refuse(KeyPath::from("former").key(former.as_str()), refusal);
        }
        problems
    }

    /// The names by which the app reads a variable that stand there before, and what is wrong with the later one.
    fn read_twice(&self) -> Vec<(KeyPath, Refusal)> {
        let mut first: BTreeMap<String, &VariableName> = BTreeMap::new();
        let folded = |name: &VariableName| {
            let name = name.as_str();
            if self.case_sensitive { name.to_owned() } else { name.to_ascii_lowercase() }
        };
        let rows = self.variables.all();
        let own = rows.keys().map(|name| (name, name, KeyPath::from("variables").key(name.as_str())));
        let aliases = rows.iter().flat_map(|(name, row)| {
            let key = KeyPath::from("variables").key(name.as_str()).key("aliases");
            row.aliases.iter().enumerate().map(move |(index, alias)| (alias, name, key.clone().index(index)))
        });
        let mut twice = Vec::new();
        for (read, name, key) in own.chain(aliases) {
            let Some(before) = first.insert(folded(read), name) else { continue };
            let message = if read == before {
                format!("`{read}` has a row of its own")
            } else {
                format!("the app reads `{read}` as `{before}` already")
            };
            let help = if read == name && !self.case_sensitive {
                "keep one of the two: with `case_sensitive = false`, capitals tell no names apart"
            } else {
                "keep it in one place: as the name of a row, or as an alias of one row"
            };
            twice.push((key, Refusal::new(message, help)));
        }
        twice
    }

    /// The headers that stand there before in other capitals.
    fn sent_twice(&self) -> Vec<(KeyPath, Refusal)> {
        let mut first: BTreeMap<String, &HeaderName> = BTreeMap::new();
        let mut twice = Vec::new();
        for name in self.sends.keys() {
            let Some(before) = first.insert(name.as_str().to_ascii_lowercase(), name) else { continue };
            let refusal = Refusal::new(
                format!("`{name}` is the header `{before}`, which stands there already"),
                "keep one of the two: in a header's name, capitals do not count",
            );
            twice.push((KeyPath::from("sends").key(name.as_str()), refusal));
        }
        twice
    }
}
