//! What an app takes for the URL of its database where nobody says one: the default of its code.

use super::connection::Connection;
use super::draft::Draft;
use super::rule::Findings;
use crate::apps::PackVariable;
use crate::plan::{Evidence, Facts};
use crate::policy::Environment;

const KEY: &str = "database.url";

/// The default, and the variable that neither the profile refers to nor a file sets.
pub(super) struct Unsaid<'p> {
    app: &'p str,
    name: &'p str,
    pub(super) url: &'p str,
    environment: &'p Environment<'p>,
}

impl<'p> Unsaid<'p> {
    /// Nothing without a file: then nobody knows what the app is told.
    pub(super) fn of(facts: &Facts<'p>) -> Option<Self> {
        let (app, policy) = (facts.app, facts.policy);
        let environment = policy.environment().filter(|_| policy.database.url.is_none())?;
        let is_its = |row: &PackVariable| row.field.as_ref().is_some_and(|field| field.as_str() == KEY);
        let (name, row) = app.variables.all().iter().find(|(_, row)| is_its(row) && row.ignored.is_none())?;
        let is_said = !facts.spellings(name).is_empty()
            || environment.get(name.as_str()).is_some()
            || environment.keeps(name.as_str())
            || environment.leaves_open(name.as_str());
        let url = row.default.as_deref().filter(|_| !is_said)?;
        // Another kind of database has another URL.
        let engine = Connection::read(url)?.engine();
        let is_meant = policy.database.engine.is_none_or(|said| engine == Some(said));
        is_meant.then_some(Self { app: &app.title, name: name.as_str(), url, environment })
    }

    /// Tells what is wrong with it, where the variable would stand.
    pub(super) fn tell<'o>(&self, out: &'o mut Findings<'_>, message: impl Into<String>) -> &'o mut Draft {
        let message = format!("{} (by {}'s default for `{}`)", message.into(), self.app, self.name);
        out.at_the_end(self.environment, KEY, message).known_by(Evidence::Known)
    }

    /// What to write.
    pub(super) fn how_to_say(&self) -> String {
        let add = self.environment.how_to_add(self.name);
        format!("write `{KEY} = \"env:{}\"` in the profile, and {add}", self.name)
    }
}
