//! The site as clients see it: which service answers which path, and what a request may take there.
//!
//! `[services.frontend] paths = ["/"]` beside `app.paths = ["/api/"]` makes two places: what begins with `/api/` is the
//! app's, and all that is left is the front end's. `[locations.export]` with `paths = ["/api/export/"]` makes a third one,
//! whose service is the app and whose time limit is its own. Whoever renders walks the list: a request is in the first
//! place that it fits.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::paths::{covers, crossing, has_placeholder, overlap, weight};
use super::{Facts, Header, Paths};
use crate::policy::Policy;
use crate::profile::{App, ByteSize, Duration, FileName, FilePath, Location, Name, Resolve, Upstreams};
use crate::source::KeyPath;

/// A path as a proxy sees it, and the profile's key that it comes from.
#[derive(Clone, Debug)]
pub struct Path {
    /// The key.
    pub key: KeyPath,
    /// The path, decoded.
    pub path: String,
}

/// The site of a policy.
#[derive(Debug)]
pub struct Site<'p> {
    /// Who answers: the app, and behind it the services by their names.
    pub services: Vec<Service<'p>>,
    /// Where who answers. The first that fits a request is its place; the last takes all that is left.
    pub places: Vec<Place>,
}

/// A program or a folder that answers.
#[derive(Clone, Debug)]
pub struct Service<'p> {
    /// Its name; none: the app.
    pub name: Option<&'p Name>,
    /// What answers.
    pub answers: Answers<'p>,
    /// Its paths; none, where they are all that no other service names.
    pub paths: Paths<'p>,
    /// The headers of its answers, those of the site included; nothing, where it says none of its own.
    pub headers: Option<Arc<[Header]>>,
}

/// What answers requests.
#[derive(Clone, Debug)]
pub enum Answers<'p> {
    /// A program.
    Program(Way<'p>),
    /// The files of a folder.
    Files {
        /// The key of the service.
        key: KeyPath,
        /// The folder.
        root: &'p FilePath,
        /// What answers for a path without a file.
        fallback: Option<&'p FileName>,
    },
    /// Nothing: the profile does not say.
    Nothing,
}

/// How a proxy gets to a program.
#[derive(Clone, Debug)]
pub struct Way<'p> {
    /// The section that says so.
    pub key: KeyPath,
    /// Where it is.
    pub upstreams: &'p Upstreams,
    /// Whether names are looked up again and again.
    pub follows: bool,
    /// The authority that signs its certificate; none: those that the machine trusts.
    pub authority: Option<&'p FilePath>,
}

/// A part of the site in which all requests are treated alike.
#[derive(Debug)]
pub struct Place {
    /// Its paths, with everything under them; none: all that is left.
    pub paths: Vec<Path>,
    /// Whose it is, by its index among the services; none: nobody's, so that nothing is there.
    pub service: Option<usize>,
    /// What requests may take.
    pub allows: Allowance,
    /// The keys that it comes from.
    pub why: BTreeSet<KeyPath>,
}

/// What requests may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How long an answer may take to begin.
    pub timeout: Duration,
    /// How long an answer that has begun, or a WebSocket, may be silent, where that is said. It is no less than `timeout`:
    /// nginx has one limit for both.
    pub silence: Option<Duration>,
    /// How large a body may be.
    pub max_body: ByteSize,
    /// Whether nothing is held back.
    pub stream: bool,
}

/// One path that is somebody's.
struct Claim {
    path: Path,
    service: usize,
}

impl<'p> Way<'p> {
    fn new(key: KeyPath, upstreams: &'p Upstreams, resolve: Option<Resolve>, authority: Option<&'p FilePath>) -> Self {
        Self { key, upstreams, follows: Policy::follows(upstreams, resolve), authority }
    }

    /// How it gets to the app.
    fn to_app(app: &'p App) -> Self {
        Self::new("app".into(), &app.upstream, app.resolve, app.upstream_ca.as_ref())
    }

    /// The names that a certificate is shown for, each once.
    pub fn names(&self) -> BTreeSet<String> {
        let encrypted = self.upstreams.iter().filter(|upstream| upstream.is_encrypted());
        encrypted.filter_map(|upstream| upstream.host().map(ToString::to_string)).collect()
    }
}

impl<'p> Service<'p> {
    /// The app as one that answers.
    pub(super) fn app(app: &'p App) -> Self {
        let paths = Paths { key: "app.paths".into(), list: app.paths.as_deref().unwrap_or_default() };
        Self { name: None, answers: Answers::Program(Way::to_app(app)), paths, headers: None }
    }

    /// How a proxy gets to it, where it is a program.
    pub const fn way(&self) -> Option<&Way<'p>> {
        match &self.answers {
            Answers::Program(way) => Some(way),
            Answers::Files { .. } | Answers::Nothing => None,
        }
    }

    /// What it is called in a file: `@app` is no name that a service can have.
    pub fn id(&self) -> &'p str {
        self.name.map_or("@app", Name::as_str)
    }

    /// The section of the profile that it comes from.
    pub fn key(&self) -> KeyPath {
        self.name.map_or_else(|| "app".into(), |name| KeyPath::from("services").key(name.as_str()))
    }
}

impl<'p> Facts<'p> {
    /// Every path as the app names it and, where the app is mounted below its URL's path, as clients do: a proxy sees the
    /// latter, and the former from whatever else leads to the app.
    pub fn mounted(&self, asked: &Paths<'_>) -> Vec<Path> {
        mounted(self.policy, asked)
    }

    /// How a proxy gets to the app.
    pub fn way(&self) -> Way<'p> {
        Way::to_app(&self.policy.app)
    }

    /// How a proxy gets to each program, with the name of the service: first to the app.
    pub fn ways(&self) -> impl Iterator<Item = (Option<&'p Name>, &Way<'p>)> {
        self.site.services.iter().filter_map(|service| Some((service.name, service.way()?)))
    }
}

fn mounted(policy: &Policy<'_>, asked: &Paths<'_>) -> Vec<Path> {
    let url = policy.url();
    let mount = url.path().trim_end_matches('/');
    let mut found: Vec<Path> = Vec::with_capacity(asked.list.len());
    let mut add = |key: KeyPath, path: String| {
        if !found.iter().any(|other| other.path == path) {
            found.push(Path { key, path });
        }
    };
    for (index, path) in asked.list.iter().enumerate() {
        add(asked.key.clone().index(index), path.as_str().to_owned());
        if !mount.is_empty() {
            add("app.url".into(), format!("{mount}{path}"));
        }
    }
    found
}

/// Who answers: the app, and the services.
fn services<'p>(policy: &'p Policy<'p>) -> Vec<Service<'p>> {
    let mut services = vec![Service::app(&policy.app)];
    for (name, service) in &policy.services {
        let key = KeyPath::from("services").key(name.as_str());
        let answers = match (&service.upstream, &service.root) {
            (Some(upstreams), _) => {
                let authority = service.upstream_ca.as_ref();
                Answers::Program(Way::new(key.clone(), upstreams, service.resolve, authority))
            }
            (None, Some(root)) => Answers::Files { key: key.clone(), root, fallback: service.spa.as_ref() },
            (None, None) => Answers::Nothing,
        };
        let has_own = policy.is_written(&format!("services.{name}.headers"));
        let headers = has_own.then(|| Header::all(&policy.headers_of(name, service)).into());
        let paths = Paths { key: key.key("paths"), list: &service.paths };
        services.push(Service { name: Some(name), answers, paths, headers });
    }
    services
}

/// Whose each path is.
fn claims(policy: &Policy<'_>, services: &[Service<'_>]) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (service, Service { paths, .. }) in services.iter().enumerate() {
        claims.extend(mounted(policy, paths).into_iter().map(|path| Claim { path, service }));
    }
    let is_taken = |claims: &[Claim]| claims.iter().any(|claim| claim.path.path == "/");
    if policy.app.paths.is_none() && !is_taken(&claims) {
        claims.push(Claim { path: Path { key: "app.paths".into(), path: "/".to_owned() }, service: 0 });
    }
    claims
}

impl<'p> Site<'p> {
    /// The whole site.
    pub(super) fn of(policy: &'p Policy<'p>) -> Self {
        let services = services(policy);
        let claims = claims(policy, &services);
        let locations: Vec<(Path, &Name, &Location)> = policy
            .locations
            .iter()
            .flat_map(|(name, location)| {
                let key = KeyPath::from("locations").key(name.as_str()).key("paths");
                let paths = mounted(policy, &Paths { key, list: &location.paths });
                paths.into_iter().map(move |path| (path, name, location))
            })
            .collect();
        let mut all: Vec<Path> = claims.iter().map(|claim| claim.path.clone()).collect();
        all.extend(locations.iter().map(|(path, ..)| path.clone()));
        cross(&mut all);
        all.sort_by_cached_key(|path| Reverse(weight(&path.path)));
        all.dedup_by(|one, other| one.path == other.path);

        let app = &policy.app;
        let usual = Allowance::usual(app);
        let mut places: Vec<Place> = Vec::new();
        for path in all {
            let owner = claims.iter().filter(|claim| covers(&claim.path.path, &path.path));
            let service = owner.max_by_key(|claim| weight(&claim.path.path)).map(|claim| claim.service);
            let mut around: Vec<_> = locations.iter().filter(|(other, ..)| covers(&other.path, &path.path)).collect();
            around.sort_by_key(|(other, ..)| weight(&other.path));
            let mut allows = usual;
            let mut why = BTreeSet::from_iter(service.map(|service| services[service].key()));
            for (_, name, location) in around {
                allows = allows.with(location);
                why.insert(KeyPath::from("locations").key(name.as_str()));
            }
            allows.silence = allows.silence.map(|silence| silence.max(allows.timeout));
            add(&mut places, Place { paths: vec![path], service, allows, why });
        }
        for place in &mut places {
            let paths = &place.paths;
            let is_needless = |index: usize, path: &Path| {
                paths.iter().enumerate().any(|(other, above)| other != index && covers(&above.path, &path.path))
            };
            let is_all = paths.iter().any(|path| path.path == "/");
            let kept = paths.iter().enumerate().map(|(index, path)| !is_all && !is_needless(index, path));
            let mut kept = kept.collect::<Vec<bool>>().into_iter();
            place.paths.retain(|_| kept.next() == Some(true));
        }
        if places.last().is_none_or(|place| !place.paths.is_empty()) {
            let why = BTreeSet::from(["app.paths".into()]);
            places.push(Place { paths: Vec::new(), service: None, allows: usual, why });
        }
        Self { services, places }
    }
}

impl Allowance {
    /// What requests may take where no location says otherwise.
    pub const fn usual(app: &App) -> Self {
        Self { timeout: app.timeout, silence: None, max_body: app.max_body, stream: false }
    }

    /// The same, with what a location says.
    fn with(self, location: &Location) -> Self {
        let timeout = location.timeout.unwrap_or(self.timeout);
        Self {
            timeout,
            silence: location.idle_timeout.or(self.silence),
            max_body: location.max_body.unwrap_or(self.max_body),
            stream: location.stream.unwrap_or(self.stream),
        }
    }
}

impl<'p> Site<'p> {
    /// The place of a path: the first that fits.
    pub fn place(&self, path: &str) -> Option<&Place> {
        let is_there = |place: &&Place| place.paths.is_empty() || place.paths.iter().any(|own| covers(&own.path, path));
        self.places.iter().find(is_there)
    }

    /// Who answers at some paths and below them.
    pub fn answering(&self, paths: &[Path]) -> Vec<Service<'p>> {
        let is_below =
            |place: &&Place| place.paths.iter().any(|own| paths.iter().any(|path| covers(&path.path, &own.path)));
        let at = paths.iter().filter_map(|path| self.place(&path.path));
        let those = at.chain(self.places.iter().filter(is_below)).filter_map(|place| place.service);
        those.collect::<BTreeSet<usize>>().into_iter().map(|index| self.services[index].clone()).collect()
    }

    /// Who answers for a path.
    pub fn owner(&self, path: &str) -> Option<&Service<'p>> {
        Some(&self.services[self.place(path)?.service?])
    }
}

/// Adds the paths at which paths with placeholders cross others: a request for `/files/big/raw` is under `/files/big/` and
/// under `/files/*/raw`, and has what is said of both.
fn cross(paths: &mut Vec<Path>) {
    /// Each round doubles how many paths may cross at one place. Nobody writes more than four.
    const ROUNDS: usize = 2;
    for _ in 0..ROUNDS {
        let mut crossings = Vec::new();
        for (index, one) in paths.iter().enumerate().filter(|(_, path)| has_placeholder(&path.path)) {
            let others =
                paths.iter().enumerate().filter(|(other, path)| *other < index || !has_placeholder(&path.path));
            for (_, other) in others {
                let is_new = |crossing: &String| !paths.iter().chain(&crossings).any(|path| path.path == *crossing);
                let crossing = crossing(&one.path, &other.path).filter(is_new);
                crossings.extend(crossing.map(|path| Path { key: other.key.clone(), path }));
            }
        }
        if crossings.is_empty() {
            return;
        }
        paths.extend(crossings);
    }
}

/// Adds a place behind those that are more specific: to one that is like it, where no other in between takes requests of
/// both.
fn add(places: &mut Vec<Place>, place: Place) {
    for other in places.iter_mut().rev() {
        if (other.service, other.allows) == (place.service, place.allows) {
            other.paths.extend(place.paths);
            other.why.extend(place.why);
            return;
        }
        let meets = |one: &Path| place.paths.iter().any(|path| overlap(&one.path, &path.path));
        if other.paths.iter().any(meets) {
            break;
        }
    }
    places.push(place);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::Packs;
    use crate::check::{Modes, Opened};
    use crate::plan::Target;
    use crate::source::Source;

    /// Each place: its paths, its service, and the limit of its answers.
    fn places(more: &str) -> Vec<(Vec<String>, Option<String>, u64)> {
        let text = format!(
            "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nurl = \"https://shop.example.com\"\n{more}"
        );
        let source = Source::new("security.toml", &text);
        let opened = Opened::read(&source, &[], &Packs::default());
        let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("a profile");
        let plans = opened.plans(&policy, &[Target::Nginx]);
        let site = &plans[0].site;
        let told = |place: &Place| {
            let paths = place.paths.iter().map(|path| path.path.clone()).collect();
            let service = place.service.map(|service| site.services[service].id().to_owned());
            (paths, service, place.allows.timeout.as_seconds())
        };
        site.places.iter().map(told).collect()
    }

    fn place(paths: &[&str], service: Option<&str>, timeout: u64) -> (Vec<String>, Option<String>, u64) {
        (paths.iter().map(|path| (*path).to_owned()).collect(), service.map(str::to_owned), timeout)
    }

    const FRONTEND: &str = "[services.frontend]\nupstream = \"127.0.0.1:3000\"\n";

    #[test]
    fn without_services_all_is_the_apps() {
        assert_eq!(places(""), [place(&[], Some("@app"), 60)]);
        assert_eq!(places("paths = [\"/api/\"]\n"), [place(&["/api/"], Some("@app"), 60), place(&[], None, 60)]);
    }

    #[test]
    fn the_longest_path_wins_and_places_alike_are_one() {
        let paths = "paths = [\"/api/\", \"/files\"]\n";
        let front = "paths = [\"/\", \"/api/help\"]\n";
        let expected = [
            place(&["/api/help"], Some("frontend"), 60),
            place(&["/files", "/api/"], Some("@app"), 60),
            place(&[], Some("frontend"), 60),
        ];
        assert_eq!(places(&format!("{paths}{FRONTEND}{front}")), expected);
        // Without paths of its own, the app has what is left.
        let expected = [place(&["/api/help"], Some("frontend"), 60), place(&[], Some("@app"), 60)];
        assert_eq!(places(&format!("{FRONTEND}paths = [\"/api/help\"]\n")), expected);
    }

    #[test]
    fn a_location_says_what_it_says_within_whatever_is_around_it() {
        let locations = "[locations.api]\npaths = [\"/api/\"]\ntimeout = \"2m\"\n[locations.export]\npaths = [\"/api/*/export\"]\n\
                         stream = true\n[locations.same]\npaths = [\"/same\"]\ntimeout = \"60s\"\n";
        let expected = [
            place(&["/api/*/export"], Some("@app"), 120),
            place(&["/api/"], Some("@app"), 120),
            place(&[], Some("@app"), 60),
        ];
        assert_eq!(places(locations), expected);
    }

    #[test]
    fn where_patterns_cross_both_hold() {
        let crossing = "paths = [\"/api/\"]\n[services.files]\nupstream = \"127.0.0.1:3000\"\npaths = [\"/files/*/raw\"]\n\
                        [services.frontend]\nupstream = \"127.0.0.1:3001\"\npaths = [\"/\"]\n\
                        [locations.large]\npaths = [\"/files/large/\"]\ntimeout = \"5m\"\n";
        let expected = [
            place(&["/files/large/raw"], Some("files"), 300),
            place(&["/files/*/raw"], Some("files"), 60),
            place(&["/files/large/"], Some("frontend"), 300),
            place(&["/api/"], Some("@app"), 60),
            place(&[], Some("frontend"), 60),
        ];
        assert_eq!(places(crossing), expected);
    }

    #[test]
    fn a_mounted_site_is_seen_both_ways() {
        let mounted = places(&format!(
            "paths = [\"/api/\"]\n{FRONTEND}paths = [\"/\"]\n[modes.prod.app]\nurl = \"https://a.example/shop\"\n"
        ));
        assert_eq!(mounted[0], place(&["/shop/api/", "/api/"], Some("@app"), 60));
        assert_eq!(mounted[1], place(&[], Some("frontend"), 60));
    }
}
