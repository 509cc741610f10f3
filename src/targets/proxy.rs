//! What a reverse proxy does for an app: its share of a plan, before it is said in any proxy's language.
//!
//! Texts here are as the profile means them. Whoever writes them for a proxy escapes them, or refuses them at the key
//! that comes along.

use std::net::SocketAddr;
use std::num::NonZeroU16;

use super::closed::{Guard, Question};
use super::path::Reach;
use super::transport::{Encryption, Transport};
use super::{Refused, forged};
use crate::plan::{
    self, Control, CookieFlags, Cors, Demand, Entry, Header, Limit, Owner, Paths, Plan, Site, Tls, When,
};
pub use crate::plan::{Path, TARGETED};
use crate::profile::{Address, Cidr, FilePath, ForwardedFor, Host, Method, Origin, PlainHttp, TlsVersion};
use crate::source::KeyPath;

/// What no client gets of an app's answer, whatever the policy says: a filter that made pages less safe, in browsers that
/// read it at all; and what an app tells a proxy, and no proxy here does.
const ALWAYS_HIDDEN: [&str; 6] =
    ["X-XSS-Protection", "X-Accel-Charset", "X-Accel-Expires", "X-Accel-Limit-Rate", "X-Accel-Redirect", "X-Sendfile"];

/// A rate limit, and the paths that it counts.
pub struct Counted<'p> {
    /// The limit.
    pub limit: &'p Limit<'p>,
    /// The route's key.
    pub key: KeyPath,
    /// The control and its key, as in `rate limit sign_in, 5/min [rate_limits.routes.sign_in]`.
    pub why: String,
    /// The paths that share it.
    pub paths: Vec<Path>,
}

/// Where the aliases lead.
pub struct Leads<'p> {
    /// The aliases.
    pub aliases: &'p [Host],
    /// The origin that they lead to.
    pub to: &'p Origin,
}

/// A header of answers: what it says there, service by service.
pub struct Sent {
    /// Why, as in `HSTS [hsts.enabled]`.
    pub why: String,
    /// The key that the value of the site comes from.
    pub key: KeyPath,
    /// Its name.
    pub name: &'static str,
    /// On which answers it stands.
    pub when: When,
    /// What it says on answers of services that say nothing of their own.
    pub says: Says,
    /// What it says on those of others, by the service's index, with its key.
    pub elsewhere: Vec<(usize, KeyPath, Says)>,
}

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// This.
    Value(String),
    /// Nothing: it is not there.
    Nothing,
    /// What the program says by itself.
    Own,
}

/// The share of a reverse proxy in a plan: what it is to do, demand by demand.
pub struct Proxy<'p> {
    /// The plan.
    pub plan: &'p Plan<'p>,
    /// Where TLS ends.
    pub transport: Transport<Encryption<'p>>,
    /// What it does with plain HTTP, where there is https.
    pub plain_http: PlainHttp,
    /// The host names that are served, each once.
    pub served: &'p [Host],
    /// The proxies before this one, and whether it can tell the client's address by their word.
    pub trusted: &'p [Cidr],
    /// Whether their word counts.
    pub believes: bool,
    /// What the app is told of the chain of addresses.
    pub forwarded_for: ForwardedFor,
    /// Who answers which paths.
    pub site: &'p Site<'p>,
    /// The response headers that it sends, in place of those that come with the answers.
    pub headers: Vec<Sent>,
    /// What the app may say of its own that the policy did not ask for: no client gets it.
    pub hide: Vec<&'static str>,
    /// Paths answered with `Cache-Control: no-store`; elsewhere the app's own value stands.
    pub no_store: Vec<Path>,
    /// Whether it keeps its version to itself.
    pub hide_version: bool,
    /// CORS, answered by the proxy alone: whatever the app says about it is hidden.
    pub cors: Option<&'p Cors<'p>>,
    /// The flags that it puts on the app's cookies.
    pub cookies: Vec<&'p CookieFlags<'p>>,
    /// The limits per client address. Their paths may overlap: every limit that fits counts.
    pub limits: Vec<Counted<'p>>,
    /// Paths answered with 404.
    pub hidden: Vec<Path>,
    /// Paths answered with 404 to all but some clients.
    pub guards: Vec<Guard<'p>>,
    /// The authorities whose certificates clients may show, each with its key; no two of them are the same file.
    pub client_ca: Vec<(KeyPath, &'p FilePath)>,
    /// A balancer's question, which is answered before all else.
    pub health: Option<Question<'p>>,
    /// Where the aliases lead, where they are not served.
    pub leads: Option<Leads<'p>>,
    /// The client networks that are turned away.
    pub denied: &'p [Cidr],
    /// Those that alone are let in; none: all.
    pub allowed: &'p [Cidr],
}

/// The methods that a limit counts, each once; none: all. An app answers HEAD as it answers GET.
pub fn counted<'p>(limit: &Limit<'p>) -> Vec<&'p str> {
    let mut counted: Vec<&'p str> = limit.methods.unwrap_or_default().iter().map(Method::as_str).collect();
    if counted.contains(&"*") {
        return Vec::new();
    }
    if counted.contains(&"GET") && !counted.contains(&"HEAD") {
        counted.push("HEAD");
    }
    counted
}

/// The sockets for one port, each once.
pub fn sockets(bind: &[Address], port: NonZeroU16) -> Vec<SocketAddr> {
    let mut sockets: Vec<SocketAddr> = Vec::new();
    for address in bind {
        let socket = SocketAddr::new(address.ip(), port.get());
        if !sockets.contains(&socket) {
            sockets.push(socket);
        }
    }
    sockets
}

/// Refuses one port for both: it speaks plain HTTP or TLS. `target` is the key of the proxy's own settings.
pub fn two_ports(target: &'static str, http: NonZeroU16, https: NonZeroU16) -> Result<(), Refused> {
    if http != https {
        return Ok(());
    }
    let reason = format!("is {http}, as is `{target}.https_port`: one port speaks plain HTTP or TLS");
    let help = "write two different ports, or leave both out for 80 and 443";
    Err(Refused::new(KeyPath::from(target).key("http_port"), reason).help(help))
}

impl<'p> Proxy<'p> {
    /// Takes a plan's demands apart. One that the plan gives to another layer is not the proxy's to meet.
    pub fn new(plan: &'p Plan<'p>) -> Self {
        let mut proxy = Self {
            plan,
            transport: Transport::Plain,
            plain_http: PlainHttp::Serve,
            served: &[],
            trusted: &[],
            believes: false,
            forwarded_for: ForwardedFor::Overwrite,
            site: &plan.site,
            headers: Vec::new(),
            hide: Vec::new(),
            no_store: Vec::new(),
            hide_version: false,
            cors: None,
            cookies: Vec::new(),
            limits: Vec::new(),
            hidden: Vec::new(),
            guards: Vec::new(),
            client_ca: Vec::new(),
            health: None,
            leads: None,
            denied: &[],
            allowed: &[],
        };
        for entry in &plan.entries {
            proxy.take(entry, entry.owner == Owner::Layer(plan.edge_layer()));
        }
        // What an entry names and lets some clients in to is no longer hidden from these.
        let guards = &proxy.guards;
        let is_named = |path: &Path| {
            let by = |guard: &Guard<'_>| guard.paths.iter().any(|own| plan::names(&own.path, &path.path));
            guards.iter().filter(|guard| guard.reach == Reach::Under).any(by)
        };
        proxy.hidden.retain(|path| !is_named(path));
        proxy.say_elsewhere();
        proxy.take_folders_too();
        proxy.hide.splice(0..0, ALWAYS_HIDDEN);
        let headers = &proxy.headers;
        let differs = |name: &&str| headers.iter().any(|sent| sent.name == *name);
        let hides = proxy.hide_version;
        proxy.hide.extend(plan::introductions().filter(|name| hides && !differs(name)));
        proxy
    }

    fn take(&mut self, Entry { control, demand, .. }: &'p Entry<'p>, is_mine: bool) {
        match demand {
            Demand::Tls(Tls::Upstream) => self.transport = Transport::Upstream,
            Demand::Tls(Tls::Here { lowest, groups, .. }) => {
                let is_modern = *lowest == TlsVersion::V1_3;
                self.transport = Transport::Tls(Encryption { is_modern, groups: *groups });
            }
            Demand::HttpsRedirect if is_mine => self.plain_http = PlainHttp::Redirect,
            Demand::PlainHttpRefused if is_mine => self.plain_http = PlainHttp::Refuse,
            Demand::HostNames { served, .. } => self.served = served,
            Demand::ClientAddress { trusted, forwarded_for } => {
                (self.trusted, self.forwarded_for) = (&trusted[..], *forwarded_for);
                self.believes = is_mine && !trusted.is_empty();
            }
            Demand::Hsts(Header { value: None, name, .. }) => self.hide.extend(is_mine.then_some(*name)),
            // The app's own passes, whatever stands beside it.
            Demand::Header(Header { from_app: true, .. }) => {}
            Demand::Hsts(header) | Demand::Header(header) => {
                self.headers.extend(is_mine.then(|| Sent::everywhere(*control, header)));
                // The policy's is the only one, whoever sends it.
                self.hide.extend(header.instead_of);
            }
            Demand::NoStore(paths) => self.no_store = self.paths(paths, is_mine),
            Demand::ServerVersion => self.hide_version = is_mine,
            Demand::Cors(cors) => self.cors = is_mine.then_some(cors),
            Demand::Cookie(cookie) => self.cookies.extend(is_mine.then_some(cookie)),
            Demand::RateLimit(limit) if is_mine => {
                let key = KeyPath::from("rate_limits.routes").key(limit.name.as_str());
                let why = format!("rate limit {}, {} [{key}]", limit.name, limit.rate);
                self.limits.push(Counted { limit, key, why, paths: self.paths(&limit.paths, true) });
            }
            Demand::ApiDocs(paths) | Demand::SetUp(paths) => self.hidden.extend(self.paths(paths, is_mine)),
            Demand::AliasesRedirect { aliases, to } => self.leads = is_mine.then_some(Leads { aliases, to }),
            Demand::Health(health) if is_mine => {
                self.health = Some(Question::of(health, self.site));
                self.guards.extend(Guard::of_question(health, control.why()));
            }
            Demand::Access(access) if is_mine => {
                let is_new = |file: &&FilePath| !self.client_ca.iter().any(|(_, known)| known == file);
                let authority = access.client_ca.filter(is_new);
                self.client_ca.extend(authority.map(|file| (control.key().key("client_ca"), file)));
                let paths = self.paths(&access.paths, true);
                self.guards.push(Guard::of(access, paths, control.why()));
            }
            Demand::IpFilter(filter) if is_mine => (self.denied, self.allowed) = (&filter.deny, &filter.allow),
            // Of the app, or of nobody. No body larger than the policy's default gets through, asked for or not.
            Demand::HttpsRedirect
            | Demand::PlainHttpRefused
            | Demand::RateLimit(_)
            | Demand::Health(_)
            | Demand::Access(_)
            | Demand::IpFilter(_)
            | Demand::BodySize(_)
            | Demand::Upstream(_)
            | Demand::Service(_)
            | Demand::Location { .. }
            | Demand::Lockout(_)
            | Demand::Passwords(_)
            | Demand::Sessions(_)
            | Demand::Tokens(_)
            | Demand::SharedState(_) => {}
        }
    }

    /// Where a folder is served, `/guide` is answered with what is in `/guide/`: what is said of all that begins so is said of
    /// it, too.
    fn take_folders_too(&mut self) {
        let site = self.site;
        let is_folder = |path: &str| {
            let answers = site.owner(path).map(|service| &service.answers);
            matches!(answers, Some(plan::Answers::Files { .. }))
        };
        let add = |paths: &mut Vec<Path>| {
            let begun = paths.iter().filter_map(|path| Some((path, path.path.strip_suffix('/')?)));
            let folders = begun.filter(|(_, folder)| !folder.is_empty() && is_folder(folder));
            let folders: Vec<Path> =
                folders.map(|(path, folder)| Path { key: path.key.clone(), path: folder.to_owned() }).collect();
            paths.extend(folders);
        };
        let guarded = self.guards.iter_mut().map(|guard| &mut guard.paths);
        let counted = self.limits.iter_mut().map(|limit| &mut limit.paths);
        [&mut self.hidden, &mut self.no_store].into_iter().chain(guarded).chain(counted).for_each(add);
    }

    /// The port that clients know for https, unless that is its own.
    pub fn public_port(&self, https_port: NonZeroU16) -> Option<u16> {
        let url = self.plan.policy.url();
        let port = if url.origin().is_https() { url.origin().port() } else { https_port.get() };
        Some(port).filter(|port| *port != 443)
    }

    /// The ports that clients know, by scheme, where they are not the scheme's own: an app makes links of its Host, and
    /// compares origins with it.
    pub fn told_ports(&self, https_port: NonZeroU16) -> impl Iterator<Item = (&'static str, u16)> {
        let url = self.plan.policy.url();
        // Where the URL is https, nobody says which port plain HTTP has for clients: what we listen on may be mapped.
        let plain = (self.plain_http == PlainHttp::Serve && !url.origin().is_https()).then(|| url.origin().port());
        let encrypted = match self.transport {
            Transport::Plain => None,
            Transport::Tls(_) | Transport::Upstream => self.public_port(https_port),
        };
        let ports = [("http", plain.filter(|port| *port != 80)), ("https", encrypted)];
        ports.into_iter().filter_map(|(scheme, port)| Some((scheme, port?)))
    }

    /// Each host that is served and its https origin, written out: what a request says would send people wherever it
    /// says.
    pub fn https_origins(&self, https_port: NonZeroU16) -> Vec<(Host, String)> {
        let port = self.public_port(https_port).map(|port| format!(":{port}")).unwrap_or_default();
        self.served.iter().map(|host| (host.clone(), format!("https://{host}{port}"))).collect()
    }

    /// The request headers that no app may see.
    pub fn dropped(&self) -> impl Iterator<Item = &'static str> {
        forged::headers(self.trusted.is_empty())
    }

    /// The same by families, each with what its headers say.
    pub fn dropped_by_family(&self) -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
        forged::families(self.trusted.is_empty())
    }

    /// The paths that no request may be mistaken for another's to get to: what is hidden, closed to some clients, counted, or
    /// kept from caches.
    pub fn guarded(&self) -> impl Iterator<Item = (Reach, &[Path])> {
        let counted = self.limits.iter().map(|counted| (Reach::Exact, &counted.paths[..]));
        let closed = self.guards.iter().map(|guard| (guard.reach, &guard.paths[..]));
        let whole = [(Reach::Under, &self.hidden[..]), (Reach::Under, &self.no_store[..])];
        whole.into_iter().chain(closed).chain(counted)
    }

    /// Whether one of them has a `*`, for which an app may take a segment that the proxy resolves.
    pub fn guards_patterns(&self) -> bool {
        self.guarded().any(|(_, paths)| paths.iter().any(|path| plan::has_placeholder(&path.path)))
    }

    pub(super) fn paths(&self, asked: &Paths<'_>, is_mine: bool) -> Vec<Path> {
        if is_mine { self.plan.facts().mounted(asked) } else { Vec::new() }
    }

    /// Which services say what they are made with, and others do not. Who answers to clients is the proxy in any case, whose
    /// own name and version are one matter for all of the site.
    fn name_elsewhere(&mut self) {
        let policy = self.plan.policy;
        let says = |hides: bool| if hides { Says::Nothing } else { Says::Own };
        let mut elsewhere = Vec::new();
        for (index, service) in self.site.services.iter().enumerate() {
            let Some((name, own)) = service.name.and_then(|name| Some((name, policy.services.get(name)?))) else {
                continue;
            };
            let hides = policy.hides_server(name, own);
            let key = service.key().key("headers").key("hide_server");
            elsewhere.extend((hides != self.hide_version).then(|| (index, key, says(hides))));
        }
        if !elsewhere.is_empty() {
            let key = KeyPath::from("headers.hide_server");
            let says = says(self.hide_version);
            self.headers.extend(plan::introductions().map(|name| Sent {
                why: format!("{name} [{key}]"),
                key: key.clone(),
                name,
                when: When::Always,
                says: says.clone(),
                elsewhere: elsewhere.clone(),
            }));
        }
    }

    /// What services say of their own. A header that only they say is the program's own elsewhere.
    fn say_elsewhere(&mut self) {
        for (index, service) in self.site.services.iter().enumerate() {
            let Some(own) = &service.headers else { continue };
            let unstored = service.name.and_then(|name| self.plan.policy.services.get(name));
            let list = unstored.map(|service| &service.headers.no_store[..]).unwrap_or_default();
            let key = service.key().key("headers").key("no_store");
            self.no_store.extend(self.plan.facts().mounted(&Paths { key, list }));
            let replaced: Vec<_> =
                own.iter().filter(|header| header.value.is_some()).filter_map(|header| header.instead_of).collect();
            for header in own.iter() {
                let key = KeyPath::from(header.key).below(service.key());
                let says = match &header.value {
                    Some(value) => Says::Value(value.clone()),
                    None if replaced.contains(&header.name) => Says::Nothing,
                    None => Says::Own,
                };
                let known = self.headers.iter_mut().find(|sent| sent.name == header.name);
                let usual = if self.hide.contains(&header.name) { Says::Nothing } else { Says::Own };
                match known {
                    Some(sent) if sent.says == says => {}
                    Some(sent) => sent.elsewhere.push((index, key, says)),
                    None if says == usual => {}
                    None => {
                        let why = format!("{} [{key}]", header.name);
                        let elsewhere = vec![(index, key.clone(), says)];
                        self.headers.push(Sent {
                            why,
                            key,
                            name: header.name,
                            when: header.when,
                            says: usual,
                            elsewhere,
                        });
                    }
                }
            }
        }
        self.name_elsewhere();
        let headers = &self.headers;
        self.hide.retain(|name| !headers.iter().any(|sent| sent.name == *name));
    }
}

impl Sent {
    /// What it says on answers of a service.
    pub fn said_by(&self, service: usize) -> &Says {
        self.elsewhere.iter().find(|(other, ..)| *other == service).map_or(&self.says, |(.., says)| says)
    }

    /// The key of what it says there.
    pub fn key_of(&self, service: usize) -> &KeyPath {
        self.elsewhere.iter().find(|(other, ..)| *other == service).map_or(&self.key, |(_, key, _)| key)
    }

    /// What every service says.
    fn everywhere(control: Control<'_>, header: &Header) -> Self {
        let says = header.value.clone().map_or(Says::Nothing, Says::Value);
        let Header { name, when, .. } = *header;
        Self { why: control.why(), key: control.key(), name, when, says, elsewhere: Vec::new() }
    }
}
