//! Who answers which paths, for nginx: a location for each place of the site, and the programs that they ask.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use super::super::refused::{Refused, at, each, whole};
use super::context::{Files, Location, Place, Program, Services, Upstream, Verified};
use super::escape::{Comment, PlaceRegex, Text, Word};
use crate::plan::{self, Allowance, Answers, Service, Site, Way};
use crate::profile::{ByteSize, Duration, NginxTarget};

/// Where Debian, Alpine and their kin keep the certificates of all authorities that the machine trusts.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What the places of a site are written from.
pub struct Places<'p> {
    pub site: &'p Site<'p>,
    pub target: &'p NginxTarget,
    pub prefix: &'p Word,
    /// What requests may take everywhere else.
    pub usual: Allowance,
}

impl Places<'_> {
    /// The programs, but for those whose names an old nginx follows one by one.
    pub fn upstreams(&self) -> Result<Vec<Upstream>, Refused> {
        let asked = self.site.services.iter().filter_map(|service| Some((service, service.way()?)));
        each(asked.filter(|(_, way)| !self.is_looked_up(way)), |(service, way)| {
            let key = way.key.clone().key("upstream");
            let title = service.name.map_or_else(|| "The app".to_owned(), |name| format!("The service {name}"));
            whole!(Upstream {
                why: at(key.clone(), Comment::new(&format!("{title} [{key}]"))),
                name: self.name(service),
                servers: addresses(way),
                follows: Ok(way.follows),
            })
        })
    }

    /// The DNS servers, where there are names to follow.
    pub fn resolver(&self) -> Vec<Word> {
        let follows = self.site.services.iter().filter_map(Service::way).any(|way| way.follows);
        let servers = self.target.resolver.iter().filter(|_| follows);
        servers.map(|server| Word::from(server.socket())).collect()
    }

    /// Whose each path is, where services have headers of their own, or some paths are nobody's.
    pub fn services(&self) -> Result<Option<Services>, Refused> {
        let Site { services, places } = self.site;
        let differ = services.iter().any(|service| service.headers.is_some());
        if !differ {
            return Ok(None);
        }
        let mut paths: Vec<(Vec<String>, plan::Path, Option<usize>)> = Vec::new();
        for place in places {
            let Some(first) = place.paths.first() else { continue };
            let own = place.paths.iter().map(|path| path.path.clone());
            match paths.last_mut() {
                Some((known, _, service)) if *service == place.service => known.extend(own),
                _ => paths.push((own.collect(), first.clone(), place.service)),
            }
        }
        let id = |service: Option<usize>| service.map(|service| services[service].id());
        let word = |id: &str| at("services", Word::new(id));
        let paths = each(paths, |(paths, first, service)| {
            let patterns = at(first.key, PlaceRegex::several(&paths))?;
            let name = word(id(service).unwrap_or("@nobody"))?;
            Ok(patterns.into_iter().map(move |pattern| (pattern, name.clone())).collect::<Vec<_>>())
        })?;
        let rest = places.last().and_then(|place| id(place.service)).map(word).transpose()?;
        Ok(Some(Services { paths: paths.into_iter().flatten().collect(), rest }))
    }

    /// A location for each place.
    pub fn places(&self) -> Result<Vec<Place>, Refused> {
        let places = each(&self.site.places, |place| {
            let key = place.paths.first().map_or_else(|| "app.paths".into(), |path| path.key.clone());
            let paths: Vec<&str> = place.paths.iter().map(|path| path.path.as_str()).collect();
            let patterns = at(key, PlaceRegex::several(&paths))?;
            if patterns.is_empty() {
                return Ok(vec![self.place(place, None)?]);
            }
            each(&patterns, |pattern| self.place(place, Some(Location::new(pattern))))
        })?;
        Ok(places.into_iter().flatten().collect())
    }

    fn place(&self, place: &plan::Place, pattern: Option<Location>) -> Result<Place, Refused> {
        let service = place.service.map(|service| &self.site.services[service]);
        let keys: BTreeSet<String> = place.why.iter().map(ToString::to_string).collect();
        let why = format!("{} [{}]", title(service), keys.into_iter().collect::<Vec<_>>().join(", "));
        let Allowance { timeout, silence, max_body, stream } = place.allows;
        let seconds = |time: Duration| NonZeroU64::new(time.as_seconds());
        let silent = seconds(silence.unwrap_or(timeout));
        let bytes = |size: ByteSize| NonZeroU64::new(size.as_bytes());
        whole!(Place {
            why: at("app.paths", Comment::new(&why)),
            pattern: Ok(pattern),
            program: self.asked(place).transpose(),
            files: service.and_then(files).transpose(),
            timeout: Ok(seconds(timeout).filter(|_| timeout != self.usual.timeout)),
            silence: Ok(silent.filter(|time| Some(*time) != seconds(self.usual.timeout))),
            max_body: Ok(bytes(max_body).filter(|_| max_body != self.usual.max_body)),
            stream: Ok(stream),
        })
    }

    /// How the program of a place is asked, where there is one.
    pub fn asked(&self, place: &plan::Place) -> Option<Result<Program, Refused>> {
        let service = place.service.map(|service| &self.site.services[service])?;
        Some(self.program(service, service.way()?))
    }

    /// Whether nginx can follow the program's name only where a location asks for it by its address.
    fn is_looked_up(&self, way: &Way<'_>) -> bool {
        way.follows && !self.target.version.at_least(NginxTarget::FOLLOWS_SEVERAL)
    }

    fn name(&self, service: &Service<'_>) -> Result<Word, Refused> {
        let own = service.name.map(|name| format!("_service_{name}")).unwrap_or_default();
        at(service.key(), Word::new(&format!("{}{own}", self.prefix.as_str())))
    }

    fn program(&self, service: &Service<'_>, way: &Way<'_>) -> Result<Program, Refused> {
        let key = way.key.clone().key("upstream");
        let follows = self.is_looked_up(way);
        let is_encrypted = way.upstreams.are_encrypted();
        let verified = |name: String| {
            let authorities = way.authority.map_or(AUTHORITIES, |authority| authority.as_str());
            whole!(Verified {
                name: at(key.clone(), Word::new(&name)),
                authorities: at(way.key.clone().key("upstream_ca"), Text::new(authorities)),
            })
        };
        whole!(Program {
            scheme: at(key.clone(), Word::new(if is_encrypted { "https" } else { "http" })),
            to: if follows { addresses(way).map(|mut all| all.swap_remove(0)) } else { self.name(service) },
            follows: Ok(follows),
            certificate: way.names().pop_first().map(verified).transpose(),
        })
    }
}

/// Where a program is, without a scheme.
fn addresses(way: &Way<'_>) -> Result<Vec<Word>, Refused> {
    let written = way.upstreams.iter().map(|upstream| upstream.to_string().replacen("https://", "", 1));
    each(written, |address| at(way.key.clone().key("upstream"), Word::new(&address)))
}

fn files(service: &Service<'_>) -> Option<Result<Files, Refused>> {
    let Answers::Files { key, root, fallback } = &service.answers else { return None };
    Some(whole!(Files {
        root: at(key.clone().key("root"), Text::new(root.as_str())),
        fallback: fallback.map(|name| at(key.clone().key("spa"), Word::new(&format!("/{name}")))).transpose(),
    }))
}

fn title(service: Option<&Service<'_>>) -> String {
    match service {
        None => "Nobody's paths".to_owned(),
        Some(Service { name: None, .. }) => "The app".to_owned(),
        Some(Service { name: Some(name), .. }) => format!("The service {name}"),
    }
}

/// Whether a site has folders that are served.
pub fn has_files(site: &Site<'_>) -> bool {
    site.services.iter().any(|service| matches!(service.answers, Answers::Files { .. }))
}

super::super::template::bare! {
    Location => quoted,
}
