//! Checklists: what a system's own pages ask of whoever takes it to production, line by line, and what answers them.
//!
//! They are facts in our words, held beside the packs, and read only when a report is made. What a line's verdict is
//! depends on a profile, and is the report's business.

use std::collections::BTreeMap;

use super::reading::read;
use crate::profile::keyword::keywords;
use crate::profile::section::section;
#[cfg(test)]
use crate::profile::vocabulary::Kind;
use crate::profile::{ByteSize, Duration, KeyPattern, Mode, Name, Rate, RuleCode, Text, VariableName};
#[cfg(test)]
use crate::profile::{Field, Shape};

use crate::source::Source;

section! {
    /// What a system's own pages ask for.
    pub struct OwnChecklist {
        /// What people call the system.
        title: String = required,
        /// Where it was read, and when.
        read_from: String = required,
        /// What is asked for, in the order of the pages.
        lines: Vec<Demand> = required,
    }
}

section! {
    /// One line of a checklist, and what answers it.
    pub struct Demand {
        /// What is asked for.
        says: String = required,
        /// What the sentence asks of a profile and of the app, figures and all: every one of these.
        asks: Vec<Condition> = default(Vec::<Condition>::new()),
        /// The rules that guard it.
        rules: Vec<RuleCode> = default(Vec::<RuleCode>::new()),
        /// The kinds of output that, rendered, bring it about.
        targets: Vec<Name> = default(Vec::<Name>::new()),
        /// The commands that bring it about.
        commands: Vec<String> = default(Vec::<String>::new()),
        /// What else there is to know.
        note: String = absent,
    }
}

section! {
    /// One thing that a line asks for: of a key of the profile, or of the app's code. A key without anything beside it
    /// has to be written, or sent by the app itself.
    pub struct Condition {
        /// The key of the profile. `*` stands for every entry of a table, of which there has to be one.
        key: KeyPattern = absent,
        /// What the app's code has to be able to do.
        app: CodeFact = absent,
        /// A variable that the app's code has to heed.
        variable: VariableName = absent,
        /// The modes in which it is asked for.
        modes: Vec<Mode> = default(Mode::ALL.to_vec()),
        /// The value is one of these.
        is: Vec<String> = default(Vec::<String>::new()),
        /// The value is no less: a number, a duration, a size.
        at_least: String = absent,
        /// The value is no more: a number, a duration, a size, a rate.
        at_most: String = absent,
        /// The list holds all of these.
        holds: Vec<String> = default(Vec::<String>::new()),
        /// The list holds none but these.
        none_but: Vec<String> = default(Vec::<String>::new()),
        /// The list of paths holds all of these, or what is above them.
        covers: Vec<String> = default(Vec::<String>::new()),
        /// The keys that say whether it is asked, each with the value that it has to have.
        given: BTreeMap<String, String> = default(BTreeMap::<String, String>::new()),
        /// Whether it is asked of a key that is written alone, because without it the sentence is true.
        if_written: bool = default(false),
    }
}

keywords! {
    /// What a line can ask of an app's code.
    pub enum CodeFact ("a fact about an app's code") {
        /// It goes on accepting the key before the current one.
        PreviousKeys = "previous_keys",
    }
}

/// Something that can be compared.
#[derive(Clone, Copy, Debug)]
enum Figure {
    Number(u64),
    Rate(Rate),
}

impl Figure {
    fn parse(text: &str) -> Option<Self> {
        let seconds = || Duration::parse(text).ok().map(Duration::as_seconds);
        let bytes = || ByteSize::parse(text).ok().map(ByteSize::as_bytes);
        let number = text.parse().ok().or_else(seconds).or_else(bytes).map(Self::Number);
        number.or_else(|| Rate::parse(text).ok().map(Self::Rate))
    }

    fn at_most(self, other: Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => one <= other,
            (Self::Rate(one), Self::Rate(other)) => one.at_most(other),
            (Self::Number(_), Self::Rate(_)) | (Self::Rate(_), Self::Number(_)) => false,
        }
    }
}

/// Whether a path is this one, or below one that ends in a slash.
fn is_below(above: &str, path: &str) -> bool {
    above == path || above.ends_with('/') && path.starts_with(above)
}

impl Condition {
    /// Whether a value is what is asked for. Lists come with their elements, everything else with itself alone.
    pub fn is_met(&self, values: &[impl AsRef<str>]) -> bool {
        let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        let figures = || values.iter().filter_map(|value| Figure::parse(value));
        let figure = |text: &Option<String>| text.as_deref().and_then(Figure::parse);
        let each = |limit: Option<Figure>, fits: fn(Figure, Figure) -> bool| {
            limit.is_none_or(|limit| figures().count() == values.len() && figures().all(|value| fits(value, limit)))
        };
        let named = |list: &[String], value: &str| list.iter().any(|one| one.eq_ignore_ascii_case(value));
        (self.is.is_empty() || values.iter().all(|value| named(&self.is, value)))
            && each(figure(&self.at_most), Figure::at_most)
            && each(figure(&self.at_least), |value, least| least.at_most(value))
            && self.holds.iter().all(|one| values.iter().any(|value| one.eq_ignore_ascii_case(value)))
            && self.covers.iter().all(|one| values.iter().any(|value| is_below(value, one)))
            && (self.none_but.is_empty() || values.iter().all(|value| named(&self.none_but, value)))
    }

    /// Whether any value does, as long as somebody chose it.
    pub fn is_met_by_any(&self) -> bool {
        let lists = [&self.is, &self.holds, &self.none_but, &self.covers];
        self.at_least.is_none() && self.at_most.is_none() && lists.iter().all(|list| list.is_empty())
    }

    /// What is asked for, behind the name of the key: `at most 5/min`.
    pub fn in_words(&self) -> String {
        let list = |word: &str, list: &[String]| (!list.is_empty()).then(|| format!("{word}{}", list.join(", ")));
        let parts = [
            list(if self.is.len() > 1 { "one of " } else { "" }, &self.is),
            self.at_least.as_ref().map(|least| format!("at least {least}")),
            self.at_most.as_ref().map(|most| format!("at most {most}")),
            list("with ", &self.holds),
            list("with ", &self.covers),
            list("none but ", &self.none_but),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "a value".to_owned() } else { parts.join(", ") }
    }

    /// What is wrong with it by itself, if anything: these files are part of the program, and a test asks.
    #[cfg(test)]
    fn problem(&self) -> Option<String> {
        let subjects =
            usize::from(self.key.is_some()) + usize::from(self.app.is_some()) + usize::from(self.variable.is_some());
        if subjects != 1 {
            return Some("it is about one of `key`, `app` and `variable`".to_owned());
        }
        let texts = || self.is.iter().chain(&self.holds).chain(&self.none_but).chain(&self.covers);
        let field = |(key, value): (&String, &String)| {
            let is_taken = Field::parse(key).is_ok_and(|field| match field.shape() {
                Shape::Words(words) => words.contains(&value.as_str()),
                Shape::Boolean => ["true", "false"].contains(&value.as_str()),
                Shape::Integer
                | Shape::Duration
                | Shape::Size
                | Shape::Text(_)
                | Shape::Reference
                | Shape::List(_)
                | Shape::Table => false,
            });
            (!is_taken).then(|| format!("`{key}` is never \"{value}\""))
        };
        if let Some(problem) = self.given.iter().find_map(field) {
            return Some(problem);
        }
        let Some(key) = &self.key else {
            let compares = texts().next().is_some() || self.at_least.is_some() || self.at_most.is_some();
            return compares.then(|| "only a key has a value to compare".to_owned());
        };
        let takes = |kind: &Kind, text: &str| match kind {
            Kind::Boolean => ["true", "false"].contains(&text),
            Kind::Integer { least, most } => text.parse().is_ok_and(|number: u64| (*least..=*most).contains(&number)),
            Kind::Text(kind) => (kind.takes)(text),
            Kind::Date
            | Kind::List(_)
            | Kind::OneOrMany(_)
            | Kind::Entries { .. }
            | Kind::Section(_)
            | Kind::Overlays
            | Kind::Other(_) => false,
        };
        let one = |text: &String| match key.kind() {
            Kind::List(each) | Kind::OneOrMany(each) => takes(each, text),
            kind => takes(kind, text),
        };
        let figure = |text: &String| one(text) && Figure::parse(text).is_some();
        let wrong = texts().find(|text| !one(text));
        let wrong = wrong.or(self.at_least.iter().chain(&self.at_most).find(|text| !figure(text)));
        wrong.map(|text| format!("`{key}` is never \"{text}\""))
    }
}

impl Demand {
    /// What answers it beside rules, in sentences.
    pub fn means(&self) -> Vec<String> {
        let targets = self.targets.iter().map(|target| format!("`seccfg render --target {target}`"));
        let commands = self.commands.iter().map(|command| format!("`{command}`"));
        targets.chain(commands).chain(self.note.clone()).collect()
    }
}

impl OwnChecklist {
    /// Every system with a checklist, by the name of its pack. There is no pack for Django: its checks are the measure
    /// that many know, so the documentation answers them, too.
    pub const ALL: [&'static str; 4] = ["instacrud", "fastcms", "crudauth", "django"];

    /// The checklist of a system, where there is one.
    pub fn of(system: &str) -> Option<Self> {
        let text = match system {
            "instacrud" => include_str!("../../apps/checklists/instacrud.toml"),
            "fastcms" => include_str!("../../apps/checklists/fastcms.toml"),
            "crudauth" => include_str!("../../apps/checklists/crudauth.toml"),
            "django" => include_str!("../../apps/checklists/django.toml"),
            _ => return None,
        };
        let source = Source::new(format!("{system}.toml"), text);
        Some(read(&source, Self::read_table).expect("a test reads every checklist"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_asks_for_what_its_key_can_be() {
        let lines = OwnChecklist::ALL.iter().filter_map(|system| OwnChecklist::of(system)).flat_map(|list| list.lines);
        let conditions: Vec<Condition> = lines.flat_map(|line| line.asks).collect();
        assert!(conditions.len() > 40);
        for condition in conditions {
            assert_eq!(condition.problem(), None, "{condition:?}");
        }
    }

    #[test]
    fn figures_are_compared_by_what_they_mean() {
        let condition = |text: &str| {
            let source = Source::new("line.toml", format!("says = \"\"\nasks = [{{ {text} }}]\n"));
            read(&source, Demand::read_table).expect("it is a line").asks.remove(0)
        };
        let limit = condition("key = \"rate_limits.routes.sign_in.limit\", at_most = \"5/min\"");
        let met: Vec<bool> = ["5/min", "300/h", "1/min", "6/min", "1/s", "?"].map(|rate| limit.is_met(&[rate])).into();
        assert_eq!(met, [true, false, true, false, false, false]);
        let age = condition("key = \"hsts.max_age\", at_least = \"1y\"");
        assert_eq!(["365d", "8760h", "364d"].map(|age_is| age.is_met(&[age_is])), [true, true, false]);
        let list = condition("key = \"passwords.require\", holds = [\"upper\", \"digit\"]");
        assert!(list.is_met(&["digit", "upper", "lower"]) && !list.is_met(&["digit"]) && !list.is_met(&[""; 0]));
        let few = condition("key = \"cors.methods\", none_but = [\"GET\", \"POST\"]");
        assert!(few.is_met(&["GET"]) && few.is_met(&[""; 0]) && !few.is_met(&["GET", "PUT"]));
        for wrong in [
            "key = \"hsts.enabled\", is = [\"yes\"]",
            "key = \"lockout.attempts\", at_most = \"5m\"",
            "app = \"previous_keys\", is = [\"true\"]",
            "modes = [\"prod\"]",
        ] {
            assert!(condition(wrong).problem().is_some(), "{wrong}");
        }
    }
}
