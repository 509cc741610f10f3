//! What is not for everyone: paths that some clients get to, and the question that a balancer may ask.
//!
//! For example, `[access.metrics]` with `networks = ["10.0.0.0/8"]` is a guard before `/metrics`, and `[health]` with networks
//! is a guard before its one path, beside the question itself.

use super::Refused;
use super::path::Reach;
use crate::plan::{Access, Answers, Health, Path, Site};
use crate::profile::{Cidr, FilePath, UrlPath};
use crate::source::KeyPath;

/// Paths that are closed to all but some clients.
pub struct Guard<'p> {
    /// What it is called in a file; no two are called alike.
    pub id: String,
    /// The section's key.
    pub key: KeyPath,
    /// The control and its key.
    pub why: String,
    /// The paths.
    pub paths: Vec<Path>,
    /// How much they stand for.
    pub reach: Reach,
    /// The networks that get in, where there are any.
    pub networks: Option<&'p [Cidr]>,
    /// Whether a client's certificate lets it in.
    pub by_certificate: bool,
}

/// A balancer's question.
pub struct Question<'p> {
    /// Its path.
    pub path: &'p UrlPath,
    /// The networks that may ask, which the guard `health` knows, too; none: everyone may.
    pub networks: Option<&'p [Cidr]>,
    /// The place in the site whose program is asked; none: nobody's.
    pub place: Option<usize>,
}

impl Question<'_> {
    /// What a proxy answers where it asks no program: files are sent by the proxy itself, so that its answer says that they can
    /// be had.
    pub fn status(&self, site: &Site<'_>) -> u16 {
        let service = self.place.and_then(|place| site.places[place].service);
        match service.map(|service| &site.services[service].answers) {
            Some(Answers::Files { .. }) => 200,
            Some(Answers::Program(_) | Answers::Nothing) | None => 404,
        }
    }
}

impl<'p> Guard<'p> {
    /// What is before the paths of an entry of `[access]`.
    pub fn of(access: &Access<'p>, paths: Vec<Path>, why: String) -> Self {
        Self {
            id: format!("access_{}", access.name),
            key: KeyPath::from("access").key(access.name.as_str()),
            why,
            paths,
            reach: Reach::Under,
            networks: access.networks,
            by_certificate: access.client_ca.is_some(),
        }
    }

    /// What is before the path of a balancer's question, where some networks alone may ask it.
    pub fn of_question(Health { path, networks }: &Health<'p>, why: String) -> Option<Self> {
        let key = KeyPath::from("health");
        networks.is_some().then(|| Self {
            id: "health".to_owned(),
            why,
            paths: vec![Path { key: key.clone().key("path"), path: path.to_string() }],
            reach: Reach::Exact,
            networks: *networks,
            by_certificate: false,
            key,
        })
    }
}

impl<'p> Question<'p> {
    /// A question to a site.
    pub fn of(Health { path, networks }: &Health<'p>, site: &Site<'_>) -> Self {
        let place = site.place(path.as_str());
        let place = place.and_then(|place| site.places.iter().position(|other| std::ptr::eq(place, other)));
        Self { path, networks: *networks, place }
    }
}

/// The file of the authority whose certificates clients may show, of those that are named. A handshake knows one: a client
/// with a certificate of any in it would get in everywhere.
pub fn authority<'a, 'p>(named: &'a [(KeyPath, &'p FilePath)]) -> Result<Option<(&'a KeyPath, &'p FilePath)>, Refused> {
    match named {
        [] => Ok(None),
        [(key, file)] => Ok(Some((key, *file))),
        [(first, file), others @ ..] => Err(Refused(
            others
                .iter()
                .flat_map(|(key, other)| {
                    let reason = format!(
                        "is {other}, and `{first}` is {file}: a site knows its clients' certificates by one file"
                    );
                    let help =
                        "name one file, with the authority whose certificates let a client in to all of these paths";
                    Refused::new(key.clone(), reason).help(help).0
                })
                .collect(),
        )),
    }
}
