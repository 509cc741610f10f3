//! Who says what of a header: the site, which is the app and every service that says nothing else, and the services that do.
//!
//! A service says something else where it writes the key itself, and where the site relies on what only the app sends: a
//! folder, or another program, has nothing of that. And where the site shows no pages, a folder does all the same.

use std::borrow::Cow;

use crate::plan::Facts;
use crate::profile::{Headers, Name, OwnHeader};
use crate::source::KeyPath;

/// Whose answers have headers.
pub(super) struct Sender<'p> {
    /// The service; none: the site.
    pub(super) service: Option<&'p Name>,
    pub(super) headers: Cow<'p, Headers>,
    /// Whether no program stands behind it.
    pub(super) is_folder: bool,
    /// Whether browsers may show pages of it: a folder is served for that.
    pub(super) shows_pages: bool,
}

impl<'p> Sender<'p> {
    pub(super) fn site(facts: &Facts<'p>) -> Self {
        let headers = Cow::Borrowed(&facts.policy.headers);
        Self { service: None, headers, is_folder: false, shows_pages: facts.may_serve_pages() }
    }

    pub(super) fn services(facts: &Facts<'p>) -> impl Iterator<Item = Self> + use<'p> {
        let (policy, pages) = (facts.policy, facts.may_serve_pages());
        policy.services.iter().map(move |(name, service)| Self {
            service: Some(name),
            headers: Cow::Owned(policy.headers_of(name, service)),
            is_folder: service.root.is_some(),
            shows_pages: pages || service.root.is_some(),
        })
    }

    /// Where it says, or would say, what stands at a key of `[headers]`.
    pub(super) fn key(&self, key: &str) -> KeyPath {
        let key = KeyPath::dotted(key);
        match self.service {
            Some(service) => key.below(KeyPath::from("services").key(service.as_str())),
            None => key,
        }
    }

    /// Whether it writes a key of `[headers]` itself.
    pub(super) fn writes(&self, key: &str, facts: &Facts<'_>) -> bool {
        facts.policy.is_written(&self.key(key).to_string())
    }

    /// Whether a header is left to the program behind it.
    pub(super) fn leaves(&self, header: OwnHeader) -> bool {
        !self.is_folder && self.headers.from_app.contains(&header)
    }

    /// Behind what is said of the site, the words that say it of a service.
    pub(super) fn with(&self) -> String {
        self.service.map_or_else(String::new, |name| format!(" with what `{name}` answers"))
    }
}

/// What one says of a header.
pub(super) struct Said<'p, T> {
    pub(super) sender: Sender<'p>,
    pub(super) value: Option<T>,
    /// Whether the value is what the app sends by itself.
    pub(super) is_apps: bool,
    /// Whether the header is left to the program behind.
    pub(super) is_left: bool,
}

/// What the site says of a header, with what the app sends where the profile is silent, and then what those services say that
/// say something else.
pub(super) fn said<'p, T: Copy + PartialEq>(
    facts: &Facts<'p>,
    header: OwnHeader,
    read: impl Fn(&Headers) -> Option<T>,
    sent: impl Fn(&str) -> Option<T>,
) -> Vec<Said<'p, T>> {
    let key = format!("headers.{}", header.key());
    let of = |sender: Sender<'p>| {
        let is_left = sender.leaves(header);
        let value = read(&sender.headers).filter(|_| !is_left);
        Said { sender, value, is_apps: false, is_left }
    };
    let mut site = of(Sender::site(facts));
    if site.value.is_none() {
        site.value = facts.app.sends(header.as_str(), facts.policy.mode).and_then(|value| sent(value.as_str()));
        site.is_apps = site.value.is_some();
    }
    // Nothing is told of a site without pages.
    let is_judged = site.sender.shows_pages;
    let known = (site.value, site.is_left);
    let is_told_there = |said: &Said<'_, T>| is_judged && (said.value, said.is_left) == known;
    let services = Sender::services(facts).map(of);
    let services = services.filter(|said| said.sender.writes(&key, facts) || !is_told_there(said));
    std::iter::once(site).chain(services).collect()
}
