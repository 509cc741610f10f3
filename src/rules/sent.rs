//! The Content Security Policies that browsers get: the site's, which is the profile's or else the one that the app sends
//! anyway, and those that services write for themselves. Many rules ask about each, so each is read once in a run.

use crate::csp::{Csp, Problem};
use crate::plan::Facts;
use crate::profile::{Name, OwnHeader};
use crate::source::KeyPath;

/// Where a profile writes that of the site.
pub const KEY: &str = "headers.content_security_policy";

pub const NAME: &str = "Content-Security-Policy";

/// A policy that browsers get.
pub struct SentCsp<'p> {
    pub csp: Csp<'p>,
    pub text: &'p str,
    /// What the app is called whose own it is.
    pub app: Option<&'p str>,
    /// The service that writes it for itself; none: it is the site's.
    pub service: Option<&'p Name>,
    /// What is wrong in it.
    pub problems: Vec<Problem<'p>>,
}

impl<'p> SentCsp<'p> {
    fn read(text: &'p str, app: Option<&'p str>, service: Option<&'p Name>) -> Self {
        let csp = Csp::parse(text);
        Self { problems: csp.problems(), csp, text, app, service }
    }

    /// All of them, the site's first.
    pub fn all(facts: &Facts<'p>) -> Vec<Self> {
        let services = facts.policy.services.iter().filter_map(|(name, service)| {
            let text = service.headers.content_security_policy.as_ref()?.as_str();
            Some(Self::read(text, None, Some(name)))
        });
        Self::of_site(facts).into_iter().chain(services).collect()
    }

    fn of_site(facts: &Facts<'p>) -> Option<Self> {
        let written = facts.policy.headers.content_security_policy.as_ref();
        if let Some(written) = written.filter(|_| !is_own(facts, OwnHeader::ContentSecurityPolicy)) {
            return Some(Self::read(written.as_str(), None, None));
        }
        let sent = facts.app.sends(NAME, facts.policy.mode)?;
        Some(Self::read(sent.as_str(), Some(&facts.app.title), None))
    }

    /// The key that it is written at, or would be.
    pub fn key(&self) -> KeyPath {
        let key = KeyPath::from(KEY);
        match self.service {
            Some(service) => key.below(KeyPath::from("services").key(service.as_str())),
            None => key,
        }
    }

    /// Whether a mistake decides what the policy says for `name`: HDR009 tells of that, and is enough.
    pub fn is_misread(&self, name: &str) -> bool {
        let listed = || self.csp.policies().iter().filter_map(|policy| policy.in_effect(name));
        self.problems
            .iter()
            .any(|problem| problem.is_about(name) || listed().any(|directive| problem.is_about(directive.name())))
    }
}

/// Whether the profile leaves a header to the app.
pub fn is_own(facts: &Facts<'_>, header: OwnHeader) -> bool {
    facts.policy.headers.from_app.contains(&header)
}
