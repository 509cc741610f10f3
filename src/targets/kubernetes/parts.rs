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

/// Paths in which all requests are treated alike.
#[derive(Debug)]
pub struct Part {
    /// The paths; none: all that are left.
    pub paths: Vec<(String, Reach)>,
    /// What holds there.
    pub holds: Holds,
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
    /// Whether nothing is there for clients.
    pub hidden: bool,
    /// Whether no answer is stored.
    pub unstored: bool,
}

/// Whether a path has all the requests of another.
fn has(above: &Path, (path, reach): (&str, Reach), own: Reach) -> bool {
    match own {
        Reach::Under => covers(&above.path, path),
        Reach::Exact if above.path.ends_with('/') => covers(&above.path, path),
        Reach::Exact => reach == Reach::Exact && covers(&above.path, path) && covers(path, &above.path),
    }
}

/// The parts of a site, in the order in which a request is compared with them. The last takes all that is left.
pub fn parts(proxy: &Proxy<'_>) -> Vec<Part> {
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

    let mut parts: Vec<Part> = Vec::new();
    for (path, reach) in paths {
        let holds = holds(proxy, &path, reach);
        join(&mut parts, (path, reach), holds);
    }
    let rest = holds(proxy, "/", Reach::Under);
    parts.push(Part { paths: Vec::new(), holds: rest });
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
    Holds { place, limits, guards, hidden: is_hidden, unstored: is_under(no_store) }
}

/// Adds a path to the part in which the same holds, where no other in between takes requests of both.
fn join(parts: &mut Vec<Part>, path: (String, Reach), holds: Holds) {
    for part in parts.iter_mut().rev() {
        if part.holds == holds {
            let is_needless = part.paths.iter().any(|(above, reach)| *reach == Reach::Under && covers(above, &path.0));
            if !is_needless {
                part.paths.push(path);
            }
            return;
        }
        if part.paths.iter().any(|other| meet(other, &path)) {
            break;
        }
    }
    parts.push(Part { paths: vec![path], holds });
}

/// Whether a request may fit both.
fn meet((one, reach): &(String, Reach), (other, also): &(String, Reach)) -> bool {
    let is_same_length = one.split('/').count() == other.split('/').count();
    overlap(one, other) && (is_same_length || *reach == Reach::Under || *also == Reach::Under)
}

impl Part {
    /// Whether a request may fit the paths of both.
    pub fn meets(&self, other: &Self) -> bool {
        let is_all = self.paths.is_empty() || other.paths.is_empty();
        is_all || self.paths.iter().any(|one| other.paths.iter().any(|another| meet(one, another)))
    }
}
