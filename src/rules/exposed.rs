//! What is not for visitors: pages of the inside under a public name, and a mode that is taken for production or goes without its
//! protections.

use super::access::{is_for_everyone, shown_by};
use super::rule::{Check, Severities, rules};
use super::words::and;
use crate::finding::Severity::{Error, Warning};
use crate::plan::{Facts, covers};
use crate::profile::{Host, HostName, Mode, Text, Upstream, Url, UrlPath};
use crate::source::{KeyPath, Literal, Provenance};

/// What a path is known for, by the documentation of what serves it.
struct Inside {
    path: &'static str,
    what: &'static str,
    /// Whether it gives away more than figures: sources, secrets, a console.
    is_grave: bool,
}

const fn grave(path: &'static str, what: &'static str) -> Inside {
    Inside { path, what, is_grave: true }
}

const fn figures(path: &'static str, what: &'static str) -> Inside {
    Inside { path, what, is_grave: false }
}

/// Paths at which programs serve their inside, as their own documentation has them.
const INSIDE: [Inside; 39] = [
    grave("/.git", "a repository's whole history"),
    grave("/.svn", "a repository's whole history"),
    grave("/.hg", "a repository's whole history"),
    grave("/.env", "the secrets of a program"),
    grave("/actuator", "Spring's actuator, which can dump a program's memory"),
    grave("/debug", "a program's own debugger"),
    grave("/console", "a console"),
    grave("/_profiler", "Symfony's profiler"),
    grave("/_ignition", "Laravel's page of errors, which runs solutions"),
    grave("/__debug__", "Django's debug toolbar"),
    grave("/telescope", "Laravel's record of requests"),
    grave("/horizon", "Laravel's queues"),
    grave("/elmah.axd", "ASP.NET's record of errors"),
    grave("/phpmyadmin", "a database's administration"),
    grave("/adminer", "a database's administration"),
    grave("/pgadmin", "a database's administration"),
    grave("/flower", "Celery's administration"),
    grave("/h2-console", "H2's console, which runs SQL"),
    grave("/jolokia", "a Java program's management"),
    grave("/rails/info", "Rails' routes and settings"),
    grave("/sidekiq", "Sidekiq's queues"),
    grave("/rq", "RQ's queues"),
    grave("/django-rq", "RQ's queues"),
    grave("/hangfire", "Hangfire's jobs"),
    grave("/silk", "Django Silk's record of requests"),
    grave("/trace.axd", "ASP.NET's record of requests"),
    grave("/solr", "Solr's administration"),
    grave("/kibana", "everything that was logged"),
    grave("/jenkins", "a server that builds and deploys"),
    grave("/portainer", "the administration of containers"),
    figures("/graphiql", "a console for the API's questions"),
    figures("/graphql/console", "a console for the API's questions"),
    figures("/metrics", "figures of the inside"),
    figures("/prometheus", "figures of the inside"),
    figures("/server-status", "Apache's requests of the moment"),
    figures("/server-info", "Apache's configuration"),
    figures("/nginx_status", "nginx's figures"),
    figures("/stub_status", "nginx's figures"),
    figures("/phpinfo.php", "PHP's configuration"),
];

/// Where containers are started from, by the names of sockets, and where clouds hand a machine its keys.
const SOCKETS: [&str; 4] = ["docker.sock", "podman.sock", "containerd.sock", "crio.sock"];
const METADATA: [&str; 5] =
    ["169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "metadata.google.internal"];

/// What a program gives to whoever reaches it, where that is the whole machine.
fn machine(upstream: &Upstream) -> Option<&'static str> {
    let is_metadata = |host: &Host| METADATA.contains(&host.to_string().trim_matches(['[', ']']));
    match upstream {
        Upstream::Unix(path) => {
            let path = path.resolved();
            let is_socket = |name: &&str| path.rsplit('/').next() == Some(name);
            SOCKETS.iter().any(is_socket).then_some("starts containers as root for whoever asks")
        }
        Upstream::Tcp { host, .. } => is_metadata(host).then_some("hands out the machine's own keys"),
    }
}

/// What a path serves of the inside, in any case.
fn inside(path: &UrlPath) -> Option<&'static Inside> {
    let path = path.as_str().to_ascii_lowercase();
    INSIDE.iter().find(|inside| covers(inside.path, &path))
}

/// A path that the profile says something of.
struct Written<'p> {
    /// Where the list is that it stands in: its table, and the name there.
    list: (&'static str, &'p str),
    place: usize,
    path: &'p UrlPath,
    is_programs: bool,
}

impl Written<'_> {
    fn key(&self) -> KeyPath {
        let (table, name) = self.list;
        KeyPath::from((table, name, "paths")).index(self.place)
    }
}

/// Every path that the profile says something of.
fn written<'p>(facts: &Facts<'p>) -> impl Iterator<Item = Written<'p>> + use<'p> {
    let policy = facts.policy;
    let app = std::iter::once((("", "app"), policy.app.paths.as_deref().unwrap_or_default(), true));
    let services = policy.services.iter();
    let services = services.map(|(name, one)| (("services", name.as_str()), &one.paths[..], one.upstream.is_some()));
    let locations = policy.locations.iter();
    let locations = locations.map(|(name, one)| (("locations", name.as_str()), &one.paths[..], true));
    let routes = policy.rate_limits.routes.iter();
    let routes = routes
        .map(|(name, one)| (("rate_limits.routes", name.as_str()), one.paths.as_deref().unwrap_or_default(), true));
    // What an entry lets everyone in to is as open as without it.
    let entries = policy.access.iter().filter(|(_, entry)| is_for_everyone(entry));
    let entries = entries.map(|(name, entry)| (("access", name.as_str()), &entry.paths[..], true));
    entries.chain(app).chain(services).chain(locations).chain(routes).flat_map(|(list, paths, is_programs)| {
        paths.iter().enumerate().map(move |(place, path)| Written { list, place, path, is_programs })
    })
}

/// A protection that staging may go without, and the key that switches it.
struct Switch {
    key: &'static str,
    what: &'static str,
    /// The value that drops it.
    off: &'static str,
    /// Whether staging alone is asked for it, where nothing says what production has.
    is_asked: bool,
}

/// What production is asked for, and staging is not: a rule that speaks in both would say it twice.
const SWITCHES: [Switch; 7] = [
    Switch { key: "hsts.enabled", what: "HSTS", off: "false", is_asked: true },
    Switch { key: "rate_limits.enabled", what: "rate limits", off: "false", is_asked: true },
    Switch { key: "lockout.enabled", what: "lockout", off: "false", is_asked: true },
    Switch { key: "ip_filter.enabled", what: "the IP filter", off: "false", is_asked: false },
    Switch { key: "api_docs.exposed", what: "hidden documentation", off: "true", is_asked: false },
    Switch {
        key: "headers.csp_report_only",
        what: "an enforced Content-Security-Policy",
        off: "true",
        is_asked: false,
    },
    Switch { key: "email.enabled", what: "mail", off: "false", is_asked: false },
];

/// Whether the profile is production's, too: by its own mode, or by an overlay.
fn is_productions(facts: &Facts<'_>) -> bool {
    facts.policy.app.mode == Mode::Prod || facts.policy.modes.declared().contains(&Mode::Prod)
}

/// The URL that production has.
fn productions_url(facts: &Facts<'_>) -> Option<Url> {
    let policy = facts.policy;
    let in_prod = policy.leaf(&KeyPath::from("app.url").below("modes.prod".into()));
    let said = in_prod.or_else(|| policy.leaf_of_base(&"app.url".into()))?;
    Url::parse(said.as_str()?).ok()
}

rules! {
    /// What is no visitor's business is closed to visitors.
    ///
    /// `/metrics` tells how many people use what, `/actuator/heapdump` hands out the memory with every secret in it, and `/.git`
    /// is the source with its history: these are the first paths that scanners ask a new host for. A profile that gives such a
    /// path to a program, or says how often it may be asked, and not who may ask, has it open to everyone; and so has one whose entry of
    /// `[access]` lets every network in. Pages that set the app up are closed as long as no such entry opens them.
    ///
    /// The rule knows the paths that programs document for this, and looks at those that the profile names. Files whose names
    /// begin with a dot are never served from a folder. A balancer's question is answered before anything is closed, by whatever
    /// host, so `health.path` is none of these paths, but for `/actuator/health`, unless `health.networks` says who asks.
    ///
    /// Write: `[access.internal]` with these `paths`, and `networks` with those from which they are asked; without `networks`,
    /// nobody gets there.
    DBG006 = "inside-open-to-everyone" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 13.4.1 and 13.4.5; the documentation of Prometheus, Spring Boot, Django, Laravel, Symfony and nginx",
        keys: &["access.+.paths", "services.+.paths", "app.paths", "locations.+.paths", "rate_limits.routes.+.paths", "health.path", "access.+.networks", "services.+.upstream"],
        reads: &[&["health.networks", "api_docs.paths", "api_docs.exposed", "api_docs.public", "app.upstream"]],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            // It is answered before anything is closed. Of what Spring's actuator has, this tells no more than it should.
            let asked = policy.health.as_ref().filter(|health| health.networks.is_none()).map(|health| &health.path);
            if let Some(path) = asked.filter(|path| !covers("/actuator/health", path.as_str()))
                && let Some(Inside { path: known, what, .. }) = inside(path)
            {
                out.at("health.path", format!("{path} is open to everyone, by whatever host"))
                    .label(format!("{known} is known for {what}"))
                    .help("ask for a path that tells whether the program is alive and no more; or write `health.networks`");
            }
            let entries = || policy.access.values().filter(|entry| !is_for_everyone(entry)).flat_map(|entry| entry.paths.iter());
            let docs = if policy.api_docs.is_shown() { &[][..] } else { facts.docs_paths() };
            let is_closed = |path: &UrlPath| entries().chain(docs).any(|closed| covers(closed.as_str(), path.as_str()));
            for path in &facts.app.set_up.paths {
                let Some(name) = shown_by(facts, path) else { continue };
                let lets = facts.app.set_up.lets.as_deref().unwrap_or("set the app up");
                out.at(("access", name.as_str(), "networks"), format!("`access.{name}` opens {path} to everyone"))
                    .label(format!("lets whoever comes first {lets}"))
                    .help("list the networks that are meant, or take the path out: it is then closed");
            }
            let programs = policy.services.iter().filter_map(|(name, one)| {
                let paths = one.paths.iter().any(|path| !is_closed(path));
                Some((KeyPath::from(("services", name.as_str(), "upstream")), one.upstream.as_ref().filter(|_| paths)?))
            });
            for (key, upstreams) in programs.chain([("app.upstream".into(), &policy.app.upstream)]) {
                let Some((upstream, what)) = upstreams.iter().find_map(|one| Some((one, machine(one)?))) else { continue };
                out.at(key, format!("{upstream} is open to everyone"))
                    .label(what)
                    .help("take it out: nothing that a visitor may ask belongs there; or write `[access.internal]` with its paths");
            }
            let mut told: Vec<&str> = Vec::new();
            for one in written(facts) {
                let Written { path, is_programs, .. } = one;
                let Some(Inside { path: known, what, is_grave }) = inside(path) else { continue };
                // From a folder, nothing with a dot before its name is served.
                let is_never_served = !is_programs && known.starts_with("/.");
                if is_closed(path) || is_never_served || told.contains(&path.as_str()) {
                    continue;
                }
                told.push(path.as_str());
                let draft = out.at(one.key(), format!("{path} is open to everyone"));
                if !is_grave {
                    draft.at_most(Warning);
                }
                match one.list {
                    ("access", name) => draft.also(("access", name, "networks"), "lets everyone in"),
                    _ => draft.also("access", "says who gets to which paths, and not to this one"),
                };
                draft
                    .label(format!("{known} is known for {what}"))
                    .help(format!("write `[access.internal]` with `paths = [\"{path}\"]`, and the `networks` that get there"))
                    .set("access.internal.paths", Literal::from(&serde_json::json!([path.as_str()])))
                    .titled(format!("close {path} to everyone, until `access.internal.networks` says who gets there"));
            }
        }),
    }

    /// Another mode is not production, and staging goes without nothing that production has.
    ///
    /// A developer's machine or a test run that has production's public URL sends people there: links in mails, redirects after a
    /// sign-in and the origins that may read answers are production's, with test data behind them. It needs a URL of its own.
    /// Its secrets it gets from its own environment, which SEC005 compares.
    ///
    /// Staging is where a release is tried as it will run. A protection that is switched off there is tried by visitors first,
    /// and staging mostly holds a copy of their data.
    ///
    /// Write: `app = { url = "…" }` under `[modes.dev]`, `[modes.test]` and `[modes.staging]`, and nothing that is off under
    /// `[modes.staging]`; or a waiver that says why.
    DBG007 = "mode-like-another" {
        severity: Severities::local(Warning).and_staging(Warning),
        source: "PCI DSS 4.0.1 6.5.3; derived: links and redirects are made of the URL",
        keys: &["app.url", "app.aliases", "app.mode", "hsts.enabled", "rate_limits.enabled", "lockout.enabled", "ip_filter.enabled", "api_docs.exposed", "headers.csp_report_only", "email.enabled"],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            // Of a mode that the profile says nothing of, nobody has deployed anything.
            let is_meant = policy.app.mode == policy.mode || policy.modes.declared().contains(&policy.mode);
            if !is_meant {
                return;
            }
            let productions = productions_url(facts).filter(|_| is_productions(facts));
            let is_same = |url: &Url| {
                let same = |own: &Url| own.origin() == url.origin() && own.path().trim_matches('/') == url.path().trim_matches('/');
                productions.as_ref().is_some_and(same)
            };
            let url = policy.app.url.as_ref().filter(|url| is_same(url));
            let is_public = |host: &Host| !host.is_loopback();
            if let Some(url) = url.filter(|url| is_public(url.origin().host())) {
                let draft = out.at("app.url", format!("{url} is production's, and another mode has it, too"));
                draft.label("links and redirects of both lead to production");
                if policy.app.mode == Mode::Prod {
                    draft.also("app.mode", "the profile is production's");
                } else {
                    draft.also("modes.prod", "has no other one");
                }
                draft.help("write a URL of its own where the other mode's values stand, such as `app = { url = \"http://localhost:8000\" }`");
            }
            let is_main = |name: &HostName| productions.as_ref().is_some_and(|url| url.origin().host().name() == Some(name));
            if let Some(index) = policy.app.aliases.iter().position(is_main).filter(|_| url.is_none()) {
                out.at(("app.aliases", index), format!("{} is production's host, and another mode answers to it, too", policy.app.aliases[index]))
                    .label("visitors of production may get here")
                    .help("write the names of this mode alone");
            }
            if policy.mode != Mode::Staging {
                return;
            }
            let is_off = |switch: &&Switch| {
                let says = |key: KeyPath| policy.leaf(&key).map(|value| value.to_string());
                let own = policy.place(&switch.key.into()).provenance;
                let in_prod = says(KeyPath::from(switch.key).below("modes.prod".into()));
                let is_dropped = says(switch.key.into()).as_deref() == Some(switch.off);
                let is_stagings = match own {
                    Provenance::Overlay => true,
                    // A profile of staging, in which nothing says what production has.
                    Provenance::Base => policy.app.mode == Mode::Staging && switch.is_asked,
                    Provenance::Default => false,
                };
                is_dropped && in_prod.as_deref() != Some(switch.off) && (is_stagings || in_prod.is_some())
            };
            let dropped: Vec<&Switch> = SWITCHES.iter().filter(is_off).collect();
            let Some((first, others)) = dropped.split_first() else { return };
            let names: Vec<String> = dropped.iter().map(|switch| switch.what.to_owned()).collect();
            let draft = out.at(first.key, format!("staging goes without what production needs: {}", and(&names)));
            draft.label("tried by visitors first");
            for other in others {
                draft.also(other.key, format!("drops {}", other.what));
            }
            draft.help("take it out, as staging is where a release is tried as it will run; or say under `[[waivers]]` why staging needs it so");
        }),
    }
}
