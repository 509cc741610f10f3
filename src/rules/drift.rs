//! Where an app hears something else than the profile says.

use serde_json::Value;

use super::data::database;
use super::lifetimes::LONGEST;
use super::rule::Findings;
use super::runtimes::{access_tokens, unless};
use super::secrets::keeping::settings;
use super::secrets::tokens::SEC007;
use crate::apps::{Code, PackVariable};
use crate::dotenv;
use crate::plan::{Evidence, Facts, Plan, wanted};
use crate::policy::{Environment, Variable};
use crate::profile::{Duration, Engine, Field, Mode, Setting, Shape, VariableName, quoted};

/// The line that gives the app a value.
pub(super) fn assignment(name: &VariableName, text: &str, facts: &Facts<'_>) -> Option<String> {
    Some(format!("`{name}={}`", dotenv::encode_for(text, &facts.readers()).ok()?))
}

/// A value of the file as a message may show it: what can be nothing but public. Any other text may be a secret that stands
/// in the wrong place.
fn shown(code: &Code<'_>, text: &str, meant: &[Value]) -> Option<String> {
    let is_public = match code.shape {
        Shape::Boolean | Shape::Integer | Shape::Duration | Shape::Size | Shape::Words(_) => true,
        Shape::Text(canonical) | Shape::List(canonical) => {
            let is_public = |entry: &str| entry == "*" || (entry.starts_with("http") && canonical(entry).is_some());
            let entries =
                meant.iter().flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
            entries.filter_map(Value::as_str).all(is_public)
        }
        Shape::Reference | Shape::Table => false,
    };
    is_public.then(|| quoted(text))
}

/// One of the app's variables, and what the profile says of the same.
pub(super) struct Said<'a> {
    pub(super) name: &'a VariableName,
    pub(super) row: &'a PackVariable,
    pub(super) field: &'a Field,
    pub(super) code: Code<'a>,
    pub(super) value: &'a Value,
    /// What the app is to be told, as it reads it.
    pub(super) text: String,
    /// Whether that is not what the profile says, because the edge does the work.
    pub(super) is_left_off: bool,
}

impl Said<'_> {
    /// Whether the app is to be told of nothing, or what it is told is more than the key says: a list with the URL's host in it.
    pub(super) fn is_off(&self) -> bool {
        self.is_left_off
            || self.code.encoding.is_of_a_url()
            || self.value == &Value::Bool(false)
            || (self.code.entry.is_some() && self.text == "false")
    }

    pub(super) fn compare_set(&self, variable: Variable<'_>, plan: &Plan<'_>, out: &mut Findings<'_>) {
        let (name, field, text) = (self.name, self.field, variable.value.expose());
        let (Some(meant), Some(line)) = (self.drift(plan, text), assignment(name, &self.text, plan.facts())) else {
            return;
        };
        let asked = self.asked();
        let message = match shown(&self.code, text, &meant) {
            Some(text) => format!("`{name}` is {text}, where {asked}"),
            None => format!("`{name}` has another value: {asked}"),
        };
        out.at_variable(variable, field.key(), message).label("differs from the profile").help(format!(
            "write {line}{}{}",
            self.or_change(),
            self.row.remark()
        ));
    }

    pub(super) fn compare_unset(&self, default: &str, plan: &Plan<'_>, out: &mut Findings<'_>) {
        let (Some(_), Some(line)) = (self.drift(plan, default), assignment(self.name, &self.text, plan.facts())) else {
            return;
        };
        let (name, app, takes) = (self.name, &plan.app.title, quoted(default));
        let asked = self.asked();
        let message = format!("`{name}` is not set, so that {app} takes {takes}; {asked}");
        let file = plan.policy.environment().map_or(Environment::USUAL, Environment::title);
        out.at(self.field.key(), message)
            .label("the app is not told")
            .known_by(Evidence::Known)
            .help(format!("write {line} in the {file}{}", self.row.remark()));
    }

    /// Of a variable that is not set, where nobody knows what the app then takes.
    pub(super) fn tell_unset(&self, plan: &Plan<'_>, out: &mut Findings<'_>) {
        let Some(line) = assignment(self.name, &self.text, plan.facts()) else { return };
        let (name, app, asked) = (self.name, &plan.app.title, self.asked());
        let file = plan.policy.environment().map_or(Environment::USUAL, Environment::title);
        out.at(self.field.key(), format!("`{name}` is not set, and what {app} then takes is not known; {asked}"))
            .label("the app is not told")
            .help(format!("write {line} in the {file}{}", self.row.remark()));
    }

    /// What a text means, where that is not what the profile asks for. RND001 speaks of what means nothing.
    fn drift(&self, plan: &Plan<'_>, text: &str) -> Option<Vec<Value>> {
        self.code
            .decode_beside(text, self.value)
            .ok()
            .filter(|meant| meant.iter().all(|value| wanted(self.field, value).is_none()))
            .filter(|meant| !meant.iter().any(|value| plan.takes(self.field, value)))
    }

    /// What is asked for, and by whom.
    fn asked(&self) -> String {
        let text = if self.text.is_empty() { "nothing there".to_owned() } else { quoted(&self.text) };
        if self.is_left_off {
            format!("the plan asks for {text}, because the edge does the work")
        } else {
            format!("the profile asks for {text}")
        }
    }

    /// The other way out of a difference, where there is one.
    fn or_change(&self) -> String {
        if self.is_left_off { String::new() } else { format!(", or change `{}` in the profile", self.field) }
    }
}

/// Speaks of a name or an id that the profile writes out, and that the file says otherwise.
pub(super) fn compare_settings(plan: &Plan<'_>, out: &mut Findings<'_>) {
    let facts = plan.facts();
    for (key, setting) in settings(plan.policy) {
        let Setting::Literal(said) = setting else { continue };
        let row = facts.read_variables().find(|(_, _, row)| row.field.as_ref().is_some_and(|field| field.key() == key));
        let Some((variable, name, _)) = row else { continue };
        if variable.value.expose() == said || variable.value.expose().trim().is_empty() {
            continue;
        }
        let help = assignment(name, said, facts).map_or_else(String::new, |line| format!("write {line}, or "));
        out.at_variable(
            variable,
            key.clone(),
            format!("`{name}` has another value: the profile asks for {}", quoted(said)),
        )
        .label("differs from the profile")
        .help(format!("{help}change `{key}` in the profile"));
    }
}

/// Speaks of a variable that likely gives access tokens another lifetime than the profile, of an app of which nobody knows the
/// variables. Of more than an hour SEC007 tells, in the modes in which it is asked.
pub(super) fn compare_lifetimes(facts: &Facts<'_>, out: &mut Findings<'_>) {
    const KEY: &str = "tokens.access_ttl";
    let policy = facts.policy;
    let Some(said) = policy.tokens.access_ttl.filter(|_| policy.mode.is_live()) else { return };
    let is_told = |seconds: u64| SEC007.severity.get(policy.mode).is_some() && seconds > LONGEST.as_seconds();
    for (variable, seconds) in access_tokens(facts) {
        if seconds == said.as_seconds() || is_told(seconds) {
            continue;
        }
        let name = variable.name;
        let lasting = Duration::seconds(seconds).in_words();
        let message = format!(
            "`{name}` likely lets access tokens live for {lasting}, where the profile says {}",
            said.in_words()
        );
        let draft = out.at_variable(variable, KEY, message);
        draft
            .behind_any_edge()
            .label("by its name")
            .also(KEY, "what the profile says")
            .help(format!("make the two say the same{}", unless(name, KEY)));
    }
}

/// Speaks of a URL that leads to another kind of database than the profile names.
pub(super) fn compare_engines(facts: &Facts<'_>, out: &mut Findings<'_>) {
    // Firestore is reached without a URL.
    let Some(said) = facts.policy.database.engine.filter(|engine| *engine != Engine::Firestore) else { return };
    let Some((variable, url)) = database(facts) else { return };
    let Some(engine) = url.engine().filter(|engine| *engine != said) else { return };
    // DAT001 and DAT005 speak of a file in production.
    if engine == Engine::Sqlite && facts.policy.mode == Mode::Prod {
        return;
    }
    out.at_variable(
        variable,
        "database.url",
        format!("the URL is of a {engine} database, where the profile names {said}"),
    )
    .label("differs from the profile")
    .help(format!("write the URL of the {said} database, or set `database.engine = \"{engine}\"`"));
}
