//! Who answers which path: the app, the services beside it, and what some paths need otherwise.

use std::collections::BTreeMap;
use std::path::Path;

use super::access::{is_everything, shut};
use super::reads::REFERENCES;
use super::rule::{Check, Findings, Severities, rules};
use super::secrets::uses::uses;
use super::words::and;
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::{Facts, covers};
use crate::profile::{FilePath, Name, SecretRef, UrlPath, quoted};
use crate::source::{KeyPath, nearest};

/// A path that is listed somewhere. Where that is, is put into words only where there is something to tell.
struct Listed<'p> {
    /// `app`, `services` or `locations`.
    section: &'static str,
    /// Which of the services or locations.
    name: Option<&'p Name>,
    index: usize,
    path: &'p UrlPath,
}

impl<'p> Listed<'p> {
    fn all(section: &'static str, name: Option<&'p Name>, paths: &'p [UrlPath]) -> impl Iterator<Item = Self> {
        paths.iter().enumerate().map(move |(index, path)| Self { section, name, index, path })
    }

    /// The section that lists it.
    fn whose(&self) -> KeyPath {
        let section = KeyPath::from(self.section);
        match self.name {
            Some(name) => section.key(name.as_str()),
            None => section,
        }
    }

    /// Where it stands.
    fn key(&self) -> KeyPath {
        self.whose().key("paths").index(self.index)
    }

    /// The path, whatever slash is behind it.
    fn bare(&self) -> &'p str {
        self.path.as_str().trim_end_matches('/')
    }
}

/// Every path that is somebody's.
fn owned<'p>(facts: &Facts<'p>) -> impl Iterator<Item = Listed<'p>> {
    let policy = facts.policy;
    let services =
        policy.services.iter().flat_map(|(name, service)| Listed::all("services", Some(name), &service.paths));
    Listed::all("app", None, policy.app.paths.as_deref().unwrap_or_default()).chain(services)
}

/// Every path of a location.
fn located<'p>(facts: &Facts<'p>) -> impl Iterator<Item = Listed<'p>> {
    let locations = facts.policy.locations.iter();
    locations.flat_map(|(name, location)| Listed::all("locations", Some(name), &location.paths))
}

/// Tells of each path that stands twice.
fn twice<'p>(paths: impl Iterator<Item = Listed<'p>>, out: &mut Findings<'_>) {
    let mut earlier: BTreeMap<&str, Listed<'_>> = BTreeMap::new();
    for again in paths {
        let Some(first) = earlier.get(again.bare()) else {
            earlier.insert(again.bare(), again);
            continue;
        };
        let (whose, other) = (again.whose(), first.whose());
        let what = if whose == other { "stands there twice".to_owned() } else { format!("is `{other}`'s, too") };
        out.at(again.key(), format!("{} of `{whose}` {what}", again.path))
            .label("the longest path wins, and these two are as long")
            .also(first.key(), "here first")
            .help("leave it to one of them, or give one a longer path");
    }
}

/// The key of the services that take paths from an app that names none of its own.
fn takes_all(facts: &Facts<'_>) -> Option<KeyPath> {
    let unnamed = facts.policy.app.paths.is_none();
    owned(facts).find(|listed| unnamed && is_everything(listed.path)).map(|listed| listed.key())
}

rules! {
    /// A service is one program or one folder.
    ///
    /// What answers for its paths is `upstream`, a program, or `root`, a folder of files. With neither, the proxy answers
    /// 404 for them; with both, the folder would never be looked into. `spa` is a file of a folder, and `resolve`,
    /// `upstream_ca` and `headers.from_app` are about a program. An image under `targets.kubernetes.images` is a service's, by
    /// its name.
    ///
    /// Write: `upstream = "127.0.0.1:3000"`, or `root = "/srv/shop/dist"`.
    SRV001 = "service-without-answer" {
        severity: Severities::all(Error),
        source: "nginx's and Caddy's documentation: a location is proxied, or serves files",
        keys: &["services.*.upstream", "services.*.root", "services.*.spa", "services.*.resolve", "services.*.upstream_ca", "services.*.headers.from_app", "targets.kubernetes.images.*"],
        fix: None,
        check: Check::Policy(|facts, out| {
            let services = &facts.policy.services;
            let images = facts.policy.targets.kubernetes.iter().flat_map(|cluster| cluster.images.keys());
            for name in images.filter(|name| !services.contains_key(*name)) {
                let meant = nearest(name.as_str(), services.keys().map(Name::as_str));
                let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
                out.at(KeyPath::from("targets.kubernetes.images").key(name.as_str()), format!("there is an image of `{name}`, and no such service"))
                    .label("is started by nobody")
                    .help(format!("name one of `[services]`, or take it out{meant}"));
            }
            for (name, service) in services {
                let key = KeyPath::from("services").key(name.as_str());
                match (&service.upstream, &service.root) {
                    (None, None) => {
                        out.at(key.key("upstream"), format!("the service {name} is neither a program nor a folder"))
                            .label("nothing answers for its paths")
                            .help("write `upstream` with where the program is, or `root` with the folder");
                    }
                    (Some(_), Some(_)) => {
                        out.at(key.clone().key("root"), format!("the service {name} is a program and a folder"))
                            .label("never looked into")
                            .also(key.key("upstream"), "answers for all of its paths")
                            .help("make the folder a service of its own, with its own paths");
                    }
                    (Some(_), None) if service.spa.is_some() => {
                        out.at(key.clone().key("spa"), format!("the service {name} has a page for a folder, and is a program"))
                            .label("never served")
                            .also(key.key("upstream"), "answers for all of its paths")
                            .help("take `spa` out, or write `root` in place of `upstream`");
                    }
                    (Some(_), None) => {}
                    (None, Some(_)) => {
                        let about_a_program = [
                            ("resolve", service.resolve.is_some(), "nobody is connected to"),
                            ("upstream_ca", service.upstream_ca.is_some(), "nobody is connected to"),
                            ("headers.from_app", !service.headers.from_app.is_empty(), "no program sends these headers"),
                        ];
                        if let Some((spare, _, why)) = about_a_program.into_iter().find(|(_, is_written, _)| *is_written) {
                            let steps = spare.split('.').fold(key.clone(), KeyPath::key);
                            out.at(steps, format!("the service {name} is a folder, and {why}"))
                                .label("does nothing here")
                                .also(key.key("root"), "the folder")
                                .help(format!("take `{spare}` out"));
                        }
                    }
                }
            }
        }),
    }

    /// A path belongs to one service, and a limit of a path is said once.
    ///
    /// Of several paths that fit a request the longest wins. Where two services, or a service and the app, list the same
    /// one, neither is the longer: which program answers is then an accident, and headers and limits that were meant for
    /// one are the other's. `/api` and `/api/` count as the same here, because requests for one are mostly redirected to
    /// the other.
    ///
    /// Write: the path at one of them. `paths = ["/"]` for a front end and `["/api/"]` for the app overlap, and are right.
    SRV002 = "path-of-two" {
        severity: Severities::all(Error),
        source: "nginx's documentation on location: the longest prefix wins; duplicate location is an error there",
        keys: &["app.paths", "services.+.paths", "locations.+.paths"],
        fix: None,
        check: Check::Policy(|facts, out| {
            twice(owned(facts), out);
            twice(located(facts), out);
        }),
    }

    /// No service takes the app's own paths.
    ///
    /// An app without `app.paths` has all that no service names. A service with `/` then leaves nothing to it, and its
    /// limits, hidden documents and sign-in are rules for paths at which another program answers. The same holds for a
    /// service whose path is one at which the app's code signs people in.
    ///
    /// Write: `app.paths = ["/api/"]`, with the paths that are the app's.
    SRV003 = "app-without-paths" {
        severity: Severities::all(Error),
        source: "a site whose sign-in answered 401 because another program got it",
        keys: &["app.paths", "services.+.paths", "app.url"],
        fix: None,
        check: Check::Policy(|facts, out| {
            if facts.policy.services.is_empty() {
                return;
            }
            if let Some(all) = takes_all(facts) {
                out.at("app.paths", "no path is left for the app")
                    .label("all that no service names")
                    .also(all, "takes every path")
                    .help("write `app.paths` with the app's own paths, such as [\"/api/\"]");
                return;
            }
            let site = &facts.site;
            for (name, paths) in &facts.app.routes {
                let Some(path) = paths.first() else { continue };
                let other = site.owner(path.as_str()).filter(|service| service.name.is_some());
                if let Some(service) = other {
                    let app = &facts.app.title;
                    out.at("app.paths", format!("{path}, at which {app} has its {name}, is another service's"))
                        .label(format!("{app} is never asked there"))
                        .also(service.paths.key.clone(), "takes it")
                        .help(format!("add {path} to `app.paths`, or a path above it"));
                    return;
                }
            }
        }),
    }

    /// A location says something about paths that exist.
    ///
    /// What is hidden, or closed to everyone by an entry of `[access]`, is answered with 404 before anything else is looked at. A
    /// longer time limit or a larger body for a path below it does nothing, and looks like a promise.
    ///
    /// Write: the location without that path, or `api_docs.paths` or the entry without it.
    SRV004 = "location-below-hidden-path" {
        severity: Severities::all(Warning),
        source: "the plan: hidden paths are answered first",
        keys: &["locations.*.paths", "api_docs.paths", "api_docs.exposed"],
        reads: &[&["app.paths", "api_docs.public", "access.+.paths", "access.+.networks", "access.+.client_ca"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            if facts.policy.locations.is_empty() {
                return;
            }
            let shut = shut(facts);
            for listed in located(facts) {
                let above = shut.iter().find(|(_, above)| covers(above.as_str(), listed.path.as_str()));
                if let Some((key, above)) = above {
                    let message = format!("`{}` is about {}, which is hidden", listed.whose(), listed.path);
                    out.at(listed.key(), message)
                        .label("answered with 404")
                        .also(key.clone(), format!("{above} is hidden with all below it"))
                        .help("take the path out of one of the two");
                }
            }
        }),
    }

    /// A folder that is served holds nothing but what everyone may read.
    ///
    /// Every file below `root` is public, but for those whose names begin with a dot. A symbolic link in it is followed,
    /// wherever it leads, `.env` and files outside of the folder included. A folder of the system, a home, or
    /// one in which the certificate's key or a secret's file lies, hands these to whoever asks for them.
    ///
    /// Write: the folder that the build writes and nothing else, such as `root = "/srv/shop/dist"`.
    SRV005 = "root-holds-secrets" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 13.4.1 and 14.2.4; CWE-552",
        keys: &["services.*.root", "tls.certificate.key", "tls.certificate.cert", "secrets.+.source", "secrets.+.previous", "app.url", "tls.certificate.issuer"],
        reads: &[REFERENCES],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let (_, private) = policy.certificate_files();
            let files = uses(policy).filter_map(|one| match one.reference {
                SecretRef::File(path) => Some((one.key(), path.clone())),
                SecretRef::Env(_) => None,
            });
            let kept: Vec<(KeyPath, FilePath)> = std::iter::once(("tls.certificate.key".into(), private)).chain(files).collect();
            for (name, service) in &policy.services {
                let Some(root) = &service.root else { continue };
                let key = KeyPath::from("services").key(name.as_str()).key("root");
                let folder = root.resolved();
                let below = |file: &FilePath| file.resolved().strip_prefix(&folder).is_some_and(|rest| rest.starts_with('/'));
                if let Some((at, file)) = kept.iter().find(|(_, file)| below(file)) {
                    out.at(key, format!("the folder {root} is served to everyone, with {file} in it"))
                        .label("all below it is public")
                        .also(at.clone(), "lies there")
                        .help("serve a folder that holds nothing but the site's files");
                } else if let Some(whose) = whose(&folder) {
                    out.at(key, format!("the folder {root} is {whose}, and is served to everyone"))
                        .label("all below it is public")
                        .help("name the folder that the build writes, such as \"/srv/shop/dist\"");
                }
            }
        }),
    }

    /// A folder that is served is itself, and is made of the site alone.
    ///
    /// Files whose names begin with a dot are not served by what is rendered. That they are there shows that the folder is more
    /// than what a build writes: a repository with its history, a program with its `.env`. One copy, one other server, one name
    /// without a dot beside them, such as `config.yaml` or `backup.sql`, and visitors have it. What a folder is that is a symbolic
    /// link, whoever may write the link decides: where releases are switched by one, that is meant.
    ///
    /// Asked only where the folder is on the machine that checks, and of its first names alone.
    ///
    /// Write: the folder that the build writes and nothing else, such as `root = "/srv/shop/dist"`.
    SRV012 = "root-holds-more" {
        severity: Severities::all(Warning),
        source: "OWASP ASVS 5.0 13.4.1; CWE-552, CWE-59",
        keys: &["services.*.root", "services.*.paths"],
        fix: None,
        check: Check::Folder(|facts, look, out| {
            /// More of them say nothing more.
            const SHOWN: usize = 3;
            for (name, service) in &facts.policy.services {
                let Some(root) = &service.root else { continue };
                let Some(folder) = look(Path::new(root.as_str())) else { continue };
                let key = KeyPath::from("services").key(name.as_str());
                if !folder.hidden.is_empty() {
                    let names: Vec<String> = folder.hidden.iter().take(SHOWN).map(|name| quoted(name)).collect();
                    out.at(key.clone().key("root"), format!("the folder {root} holds more than a site: {}", and(&names)))
                        .label("a copy of the folder, or another server, would show them")
                        .also(key.clone().key("paths"), "everything else in it is served here")
                        .help("serve the folder that the build writes and nothing else, such as \"/srv/shop/dist\"");
                }
                if let Some(target) = &folder.leads_to {
                    let target = quoted(&target.display().to_string());
                    out.at(key.clone().key("root"), format!("the folder {root} is a symbolic link to {target}"))
                        .at_most(Note)
                        .label("whoever may write the link decides what is served")
                        .also(key.key("paths"), "here")
                        .help("let nobody but who deploys write the folder that the link lies in; or name the folder itself");
                }
            }
        }),
    }
}

/// Whose a folder is of which no site is made.
fn whose(folder: &str) -> Option<&'static str> {
    /// Folders that hold more than a site, which may lie below them.
    const SHARED: [&str; 8] = ["", "/home", "/var", "/tmp", "/opt", "/usr", "/var/lib", "/Users"];
    /// Folders below which there is nothing for visitors.
    const PRIVATE: [&str; 11] = [
        "/etc",
        "/root",
        "/run",
        "/dev",
        "/sys",
        "/proc",
        "/boot",
        "/var/log",
        "/var/run",
        "/var/backups",
        "/var/lib/docker",
    ];
    /// What tools keep in folders of these names: histories, keys, credentials.
    const KEPT: [&str; 9] = [".git", ".svn", ".hg", ".ssh", ".gnupg", ".aws", ".kube", ".docker", ".config"];
    let is_below =
        |above: &&str| folder.strip_prefix(*above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_a_home = || {
        let user = folder.strip_prefix("/home/").or_else(|| folder.strip_prefix("/Users/"));
        user.is_some_and(|user| !user.contains('/'))
    };
    if folder.split('/').any(|step| KEPT.contains(&step)) {
        Some("where a tool keeps its own files")
    } else if is_a_home() {
        Some("somebody's home")
    } else if SHARED.contains(&folder) || PRIVATE.iter().any(is_below) {
        Some("the system's")
    } else {
        None
    }
}
