//! Which services of a Compose file are given which variables.

use super::environment::Environment;
use super::given::Named;
use super::variable::Variable;
use crate::compose;

impl Environment<'_> {
    /// The services of Compose files.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.files.iter().flat_map(|file| &file.services).map(|service| service.name.as_str())
    }

    /// The services that are given a variable, as far as Compose files say it.
    pub fn services_of(&self, variable: &Variable<'_>) -> Vec<&str> {
        let Some(file) = self.files.iter().find(|file| file.source == variable.source) else { return Vec::new() };
        let entries = file.document.entries();
        let has =
            |one: &&Named<'_>| entries[one.entries.clone()].iter().any(|entry| entry.name_span == variable.name_span);
        let of_file = file.services.iter().filter(has).map(|service| service.name.as_str());
        of_file.chain(file.read_by.iter().map(String::as_str)).collect()
    }

    /// Whether the service that is given a variable is given one more of such a name, with a value; where no service is known,
    /// whether the same file has one.
    pub fn has_beside(&self, variable: &Variable<'_>, is_asked: impl Fn(&str) -> bool) -> bool {
        let services = self.services_of(variable);
        let is_beside = |other: &Variable<'_>| match services.as_slice() {
            [] => other.source == variable.source,
            _ => self.services_of(other).iter().any(|service| services.contains(service)),
        };
        let is_set = |one: &Variable<'_>| is_asked(one.name) && !one.value.expose().trim().is_empty() && is_beside(one);
        let mut named = self.files.iter().flat_map(|file| &file.services);
        self.written().any(|one| is_set(&one))
            || named.any(|one| services.contains(&one.name.as_str()) && one.unknown.iter().any(|name| is_asked(name)))
    }

    /// Whether a variable stands in a Compose file.
    pub fn is_in_compose(&self, variable: &Variable<'_>) -> bool {
        variable.is_handed && self.path_of(variable).is_some_and(compose::is_one)
    }
}
