//! What rules ask and say of the Content Security Policies that browsers get.

use super::super::draft::Draft;
use super::super::rule::Findings;
use super::super::sent::SentCsp;

/// A policy that is a good start for any app.
pub(super) const STARTER: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

impl SentCsp<'_> {
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
        let is_enforced = |sent: &&SentCsp<'_>| sent.app.is_some() || !self.facts.policy.headers.csp_report_only;
        self.csps.first().filter(|sent| sent.service.is_none()).filter(is_enforced)
    }

    /// All that browsers act upon: the site's, and those that services write for themselves.
    pub fn enforced_csps(&self) -> impl Iterator<Item = &'p SentCsp<'p>> + use<'p> {
        let policy = self.facts.policy;
        let is_enforced = move |sent: &&SentCsp<'_>| {
            let service = sent.service.and_then(|name| Some((name, policy.services.get(name)?)));
            !service.is_some_and(|(name, service)| policy.only_reports(name, service))
        };
        self.enforced_csp()
            .into_iter()
            .chain(self.csps.iter().filter(|sent| sent.service.is_some()).filter(is_enforced))
    }
}
