//! The Content Security Policies that browsers get: the site's, which is the profile's or else the one that the app sends
//! anyway, and those that services write for themselves. Many rules ask about each, so each is read once in a run.

use crate::csp::{Csp, Problem};
use crate::plan::Facts;
use crate::profile::{Name, OwnHeader};
use crate::rules::rule::{Draft, Findings};
use crate::source::KeyPath;

/// Where a profile writes that of the site.
pub const KEY: &str = "headers.content_security_policy";

pub(super) const NAME: &str = "Content-Security-Policy";

/// A policy that is a good start for any app.
pub(super) const STARTER: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

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
        if let Some(written) = written.filter(|_| !super::is_own(facts, OwnHeader::ContentSecurityPolicy)) {
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

    /// A finding about it. No edit reaches what an app sends by itself, other than a policy in its place.
    pub fn tell<'o>(&self, out: &'o mut Findings<'_>, message: String, label: String, help: String) -> &'o mut Draft {
        let draft = out.at(self.key(), message);
        match self.app {
            None => draft.label(label).help(help),
            Some(app) => draft
                .label(format!("{app} sends `{}`", self.text))
                .help(format!("write a policy of your own in its place, such as \"{STARTER}\"")),
        }
    }
}

impl<'p> Findings<'p> {
    /// The site's policy, where browsers act upon it. An app's own is always enforced.
    pub fn enforced_csp(&self) -> Option<&'p SentCsp<'p>> {
        let is_enforced = |sent: &&SentCsp<'_>| sent.app.is_some() || !self.policy.headers.csp_report_only;
        self.csps.first().filter(|sent| sent.service.is_none()).filter(is_enforced)
    }

    /// All that browsers act upon: the site's, and those that services write for themselves.
    pub fn enforced_csps(&self) -> impl Iterator<Item = &'p SentCsp<'p>> + use<'p> {
        let policy = self.policy;
        let is_enforced = move |sent: &&SentCsp<'_>| {
            let service = sent.service.and_then(|name| Some((name, policy.services.get(name)?)));
            !service.is_some_and(|(name, service)| policy.headers_of(name, service).csp_report_only)
        };
        self.enforced_csp()
            .into_iter()
            .chain(self.csps.iter().filter(|sent| sent.service.is_some()).filter(is_enforced))
    }
}
