//! The pages that come with an app, and the Content-Security-Policy that each of them gets.
//!
//! FastCMS's pages are its administrator's, under `/admin`: a service of the profile with that path and a policy of its own
//! has the policy that counts for them, and the site's may forbid everything. InstaCRUD's are those of its front end, which is
//! a service by itself.

use std::borrow::Cow;

use super::{Facts, Paths, Service, covers};
use crate::apps::Pages;
use crate::csp::Csp;
use crate::profile::{Name, OwnHeader};
use crate::source::KeyPath;

/// Pages that come with an app.
#[derive(Clone, Debug)]
pub struct OwnPages<'p> {
    /// Whose they are, as in "InstaCRUD's front end".
    pub whose: Cow<'p, str>,
    /// What is known of them.
    pub known: &'p Pages,
}

impl<'p> Facts<'p> {
    /// The pages of the app itself.
    pub fn own_pages(&self) -> Option<OwnPages<'p>> {
        let known = self.app.pages.as_ref()?;
        Some(OwnPages { whose: Cow::Borrowed(&self.app.title), known })
    }

    /// The pages that come with the app and get this policy: the site's, or the one that a service writes for itself.
    pub fn pages_under(&self, policy_of: Option<&Name>) -> Vec<OwnPages<'p>> {
        let front_end = self.app.front_end.pages.as_ref();
        let front_end =
            front_end.map(|known| OwnPages { whose: format!("{}'s front end", self.app.title).into(), known });
        let both = [(self.own_pages(), true), (front_end, false)];
        let known = both.into_iter().filter_map(|(pages, is_apps)| Some((pages?, is_apps)));
        // A program that sends a policy of its own was made for its pages.
        let sends_own = |service: &Service<'p>| {
            let service = service.name.and_then(|name| self.policy.services.get(name));
            service.is_some_and(|service| service.headers.from_app.contains(&OwnHeader::ContentSecurityPolicy))
        };
        let gets = |pages: &OwnPages<'p>, is_apps| {
            let answering = self.answering_pages(pages.known, is_apps);
            answering.iter().any(|service| self.policy_for(service) == policy_of && !sends_own(service))
        };
        known.filter(|(pages, is_apps)| gets(pages, *is_apps)).map(|(pages, _)| pages).collect()
    }

    /// Who answers with pages that the pack knows. Those of a front end are a service's: the app itself has none of them.
    fn answering_pages(&self, known: &'p Pages, is_apps: bool) -> Vec<Service<'p>> {
        let site = &self.site;
        let Some(list) = known.paths.as_deref() else {
            let first = if is_apps { Some(&site.services[0]) } else { site.owner("/") };
            return first.filter(|service| is_apps || service.name.is_some()).cloned().into_iter().collect();
        };
        let mut services = site.answering(&self.mounted(&Paths { key: KeyPath::from("app.paths"), list }));
        services.retain(|service| is_apps || service.name.is_some());
        services
    }

    /// The service whose own policy its answers have; none: they have the site's.
    fn policy_for(&self, service: &Service<'p>) -> Option<&'p Name> {
        let name = service.name?;
        self.policy.services.get(name)?.headers.content_security_policy.as_ref().map(|_| name)
    }
}

impl OwnPages<'_> {
    /// Where they are, where that is not everywhere: a service with these paths can have a policy for them alone.
    pub fn apart(&self) -> Option<String> {
        let paths = self.known.paths.as_deref()?;
        let is_first = paths.iter().any(|path| covers(path.as_str(), "/"));
        let words: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
        (!is_first).then(|| words.join(", "))
    }

    /// What they need and a policy keeps out, in words; nothing where it lets everything in.
    pub fn kept_out_by(&self, policy: &str) -> Option<String> {
        let blocked = Csp::parse(policy).kept_out(&Csp::parse(&self.known.needs));
        let words = blocked.iter().map(|(name, sources)| format!("{} in `{name}`", sources.join(" ")));
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| words.join(", and "))
    }
}
