//! A site taken apart into parts of paths in which all requests are treated alike, so that each is one rule of a route.
//!
//! A gateway gives a request to one rule, and does what that says; it has no rules that add up. So whatever holds for some
//! paths (whose they are, what they may take, which limits count, what is hidden, what is not stored) is worked out path by
//! path, the most specific first.

use std::cmp::Reverse;

use super::super::closed::Guard;
use super::super::path::Reach;
use super::super::proxy::{Counted, Path, Proxy};
use crate::plan::{covers, overlap, weight};

/// Requests that are all treated alike.
#[derive(Debug)]
pub struct Part {
    /// Which requests.
    pub which: Which,
    /// What holds for them.
    pub holds: Holds,
}

/// Which requests a part of a site has.
#[derive(Debug)]
pub enum Which {
    /// Those whose path servers read as different ones.
    Ambiguous,
    /// Those that are for proxies alone: CONNECT and TRACE.
    ForProxies,
    /// Those for some paths.
    Paths(Vec<(String, Reach)>),
    /// All that are left.
    Rest,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The program of the place.
    Program,
    /// The gateway: nothing is there for clients.
    NotFound,
    /// The gateway: that is no request.
    BadRequest,
}

/// What holds for the requests of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holds {
    /// The place of the site, by its index.
    pub place: usize,
    /// The limits that count, by their indices.
    pub limits: Vec<usize>,
    /// The guards that a request has to pass, by their indices.
    pub guards: Vec<usize>,
    /// Who answers.
    pub answer: Answer,
    /// Whether no answer is stored.
    pub unstored: bool,
}

impl Holds {
    /// The same where the gateway answers, before anything counts.
    pub fn answered(&self, answer: Answer) -> Self {
        Self { limits: Vec::new(), guards: Vec::new(), answer, ..self.clone() }
    }
}

/// Whether a path has all the requests of another.
fn has(above: &Path, (path, reach): (&str, Reach), own: Reach) -> bool {
    match own {
        Reach::Under => covers(&above.path, path),
        Reach::Exact if above.path.ends_with('/') => covers(&above.path, path),
        Reach::Exact => reach == Reach::Exact && covers(&above.path, path) && covers(path, &above.path),
    }
}

/// The parts of a site, in the order in which a request is compared with them. The last takes all that is left; before all
/// others stands what is no request to an app, where a gateway can refuse it.
pub fn parts(proxy: &Proxy<'_>, refuses: bool) -> Vec<Part> {
    let Proxy { site, limits, hidden, no_store, guards, .. } = proxy;
    let mut paths: Vec<(String, Reach)> = Vec::new();
    let mut add = |path: &Path, reach| {
        let reach = if path.path.ends_with('/') { Reach::Under } else { reach };
        if !paths.iter().any(|(other, same)| *other == path.path && *same == reach) {
            paths.push((path.path.clone(), reach));
        }
    };
    hidden.iter().chain(no_store).for_each(|path| add(path, Reach::Under));
    for guard in guards {
        guard.paths.iter().for_each(|path| add(path, guard.reach));
    }
    limits.iter().flat_map(|counted| &counted.paths).for_each(|path| add(path, Reach::Exact));
    site.places.iter().flat_map(|place| &place.paths).for_each(|path| add(path, Reach::Under));
    // What is hidden is hidden whatever else a request fits. A path alone is more specific than the same with what is under
    // it. Equals stand as they were found.
    let is_hidden = |path: &str| hidden.iter().any(|above| covers(&above.path, path));
    paths.sort_by_cached_key(|(path, reach)| {
        let (segments, Reverse(placeholders), length) = weight(path);
        (!is_hidden(path), Reverse(segments), placeholders, Reverse(length), *reach == Reach::Under)
    });
    paths.retain(|(path, _)| path != "/");

    let rest = holds(proxy, "/", Reach::Under);
    let malformed = rest.answered(Answer::BadRequest);
    let before = [Which::ForProxies, Which::Ambiguous].into_iter().filter(|_| refuses);
    let mut parts: Vec<Part> = before.map(|which| Part { which, holds: malformed.clone() }).collect();
    for (path, reach) in paths {
        let holds = holds(proxy, &path, reach);
        join(&mut parts, (path, reach), holds);
    }
    parts.push(Part { which: Which::Rest, holds: rest });
    parts
}

fn holds(proxy: &Proxy<'_>, path: &str, reach: Reach) -> Holds {
    let Proxy { site, limits, hidden, no_store, guards, .. } = proxy;
    let is_under = |paths: &[Path]| paths.iter().any(|above| has(above, (path, reach), Reach::Under));
    let is_in = |paths: &[Path]| paths.is_empty() || is_under(paths);
    let place = site.places.iter().position(|place| is_in(&place.paths)).unwrap_or(site.places.len() - 1);
    let counts = |counted: &Counted<'_>| counted.paths.iter().any(|own| has(own, (path, reach), Reach::Exact));
    let is_hidden = is_under(hidden);
    let counted = limits.iter().enumerate().filter(|(_, counted)| !is_hidden && counts(counted));
    let limits = counted.map(|(index, _)| index).collect();
    let closes = |guard: &Guard<'_>| guard.paths.iter().any(|own| has(own, (path, reach), guard.reach));
    let guards = guards.iter().enumerate().filter(|(_, guard)| !is_hidden && closes(guard));
    let guards = guards.map(|(index, _)| index).collect();
    let answer = if is_hidden { Answer::NotFound } else { Answer::Program };
    Holds { place, limits, guards, answer, unstored: is_under(no_store) }
}

/// Adds a path to the part in which the same holds, where no other in between takes requests of both.
fn join(parts: &mut Vec<Part>, path: (String, Reach), holds: Holds) {
    for part in parts.iter_mut().rev() {
        let Which::Paths(paths) = &mut part.which else { break };
        if part.holds == holds {
            let is_needless = paths.iter().any(|(above, reach)| *reach == Reach::Under && covers(above, &path.0));
            if !is_needless {
                paths.push(path);
            }
            return;
        }
        if paths.iter().any(|other| meet(other, &path)) {
            break;
        }
    }
    parts.push(Part { which: Which::Paths(vec![path]), holds });
}

/// Whether a request may fit both.
fn meet((one, reach): &(String, Reach), (other, also): &(String, Reach)) -> bool {
    let is_same_length = one.split('/').count() == other.split('/').count();
    overlap(one, other) && (is_same_length || *reach == Reach::Under || *also == Reach::Under)
}

impl Part {
    /// Whether a request may fit the paths of both.
    pub fn meets(&self, other: &Self) -> bool {
        match (&self.which, &other.which) {
            (Which::Paths(own), Which::Paths(others)) => {
                own.iter().any(|one| others.iter().any(|another| meet(one, another)))
            }
            (Which::Ambiguous | Which::ForProxies | Which::Rest, _)
            | (_, Which::Ambiguous | Which::ForProxies | Which::Rest) => true,
        }
    }
}
