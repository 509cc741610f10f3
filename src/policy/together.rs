//! What all files beside a profile say together: whom the app's server believes, how the app is started, and what the services
//! beside it are given. Of what several say, the last counts.

use super::environment::Environment;
use super::given::Believed;
use super::started::{By, Says, Started, networks};
use super::variable::{Variable, is_plainly_named};
use crate::command;
use crate::profile::Cidr;

/// What a service of Compose files is given under a name.
#[derive(Debug)]
pub enum Handed<'e> {
    /// This variable.
    Value(Variable<'e>),
    /// A value that nobody knows here.
    Unknown,
    /// Nothing.
    Nothing,
}

impl Environment<'_> {
    /// Whose word the app's server takes for a client's address, where an option of it says so, or the variable that counts as
    /// one: the addresses, and what has them.
    pub fn believed(&self) -> Option<(&str, Variable<'_>)> {
        let as_option = [command::FURTHER, command::BELIEVED];
        self.believed_by(|name| as_option.contains(&name)).map(|(_, text, variable)| (text, variable))
    }

    /// The same, where of the variables some are asked; and what says so.
    fn believed_by(&self, is_asked: impl Fn(&str) -> bool) -> Option<(By, &str, Variable<'_>)> {
        let by_command = || {
            let mut files = self.files.iter().rev();
            let (file, Believed { source, entry }) = files.find_map(|file| Some((file, file.believed.as_ref()?)))?;
            let variable = Variable { source: *source, ..file.made(entry, is_plainly_named(entry)) };
            Some((By::Command, entry.value.expose(), variable))
        };
        let by_variables = || {
            let given = |name: &str| {
                let variable = self.variable(name).filter(|_| is_asked(name))?;
                Some((variable.value.expose(), variable))
            };
            let (name, text, variable) = command::believed_by_variables(given)?;
            Some((By::Variable(name), text, variable))
        };
        by_command().or_else(by_variables).filter(|(.., variable)| !self.is_ambiguous(*variable))
    }

    /// Whom the command of a Compose file tells the app's server to believe.
    pub fn believed_by_command(&self) -> Option<Vec<Cidr>> {
        match self.started_believing()? {
            Started { by: By::Command, says: Says::Believes(networks), .. } => Some(networks),
            Started { .. } => None,
        }
    }

    /// How the app is started, by the files: of what several say, the last. An option of a server counts before the variable.
    pub fn started(&self) -> Vec<Started> {
        let of = |key| self.containers.started.iter().rfind(|started| started.key() == key).cloned();
        let by_variable = || {
            let given = |name: &str| {
                let variable = self.variable(name).filter(|one| !self.is_ambiguous(*one))?;
                Some((variable.value.expose(), (variable.source, variable.span)))
            };
            let (name, count, place) = command::workers_of_variables(given)?;
            Started::count(By::Variable(name), count, place)
        };
        let counted = of("app.workers").or_else(by_variable).into_iter().chain(of("app.replicas"));
        counted.chain(of("app.debug")).chain(self.started_believing()).collect()
    }

    /// Whom the app's server believes, where its start says so.
    fn started_believing(&self) -> Option<Started> {
        let (by, text, variable) = self.believed_by(|_| true)?;
        Some(Started { by, says: Says::Believes(networks(text)?), place: (variable.source, variable.span) })
    }

    /// What a service of Compose files is given under a name: the variable that counts; [`Handed::Unknown`] where nobody knows its
    /// value.
    pub fn handed_to(&self, service: &str, name: &str) -> Handed<'_> {
        // What `environment:` says counts before every file that `env_file:` names.
        for file in self.files.iter().rev() {
            let Some(named) = file.services.iter().find(|named| named.name == service) else { continue };
            if named.unknown.contains(&name) {
                return Handed::Unknown;
            }
            let mut own = named.entries.clone().rev().map(|index| file.variable(index));
            if let Some(variable) = own.find(|variable| variable.name == name) {
                return Handed::Value(variable);
            }
        }
        let mut files = self.files.iter().rev().filter(|file| file.read_by.iter().any(|reader| reader == service));
        let found = files.find_map(|file| Some(file.variable(file.document.last(name)?)));
        found.map_or(Handed::Nothing, Handed::Value)
    }
}
