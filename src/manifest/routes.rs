//! What leads requests to an app: routes of the Gateway API, Traefik's, and plain Ingresses, in one form.

use super::{Manifests, Object, Place};
use crate::yaml::Node;

/// An object that leads requests to services.
#[derive(Debug)]
pub struct Route<'m> {
    /// The object.
    pub object: &'m Object,
    /// The host names that it answers to; none: every name.
    pub hosts: Vec<Named<'m>>,
    /// Its rules.
    pub ways: Vec<Way<'m>>,
    /// Where it says that requests come by plain HTTP, too; nothing where they come by TLS alone, or where that is not said.
    pub plain: Option<Place>,
    /// The listeners that it names of a Gateway that is not among the manifests: by name, or else by port.
    pub listeners: Vec<Named<'m>>,
}

/// How many services of Traefik's may lead to each other.
const TRAEFIK_SERVICES: usize = 8;

/// The annotations by which an Ingress answers to further names.
const ALIASES: [&str; 2] = ["nginx.ingress.kubernetes.io/server-alias", "haproxy-ingress.github.io/server-alias"];

/// The annotations that do something else with requests. What a copy is sent to is a URL, and so is what a client is sent to.
const LEADING: [(Elsewhere, &[&str]); 3] = [
    (Elsewhere::Copy, &["nginx.ingress.kubernetes.io/mirror-target"]),
    (Elsewhere::Host, &["nginx.ingress.kubernetes.io/upstream-vhost"]),
    (
        Elsewhere::Redirect,
        &["nginx.ingress.kubernetes.io/permanent-redirect", "nginx.ingress.kubernetes.io/temporal-redirect"],
    ),
];

/// A text, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Named<'m> {
    /// The text.
    pub text: &'m str,
    /// Where it stands.
    pub place: Place,
}

/// A rule of a route.
#[derive(Debug)]
pub struct Way<'m> {
    /// Where it stands: its name, or all of it.
    pub place: Place,
    /// The services that it leads to.
    pub services: Vec<&'m str>,
    /// The paths that it is for, as they are written; none: every path.
    pub paths: Vec<&'m str>,
    /// Whether it answers with the way to https.
    pub redirects: bool,
    /// The headers that it sets in answers.
    pub headers: Vec<Written>,
    /// The objects that do more for it: Traefik's Middlewares, and policies that name the route.
    pub extensions: Vec<&'m Object>,
    /// What the Gateway API's filter for CORS says.
    pub cors: Option<(&'m Node, usize)>,
    /// What else it does with requests.
    pub elsewhere: Vec<(Elsewhere, Named<'m>)>,
    /// Whether it names an extension that is not among the manifests, of which nothing is known.
    pub may_be_more: bool,
}

/// What a rule does with a request beside handing it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// A copy goes to this Service.
    Copy,
    /// Who answers is told this host name in place of the client's.
    Host,
    /// The client is sent to this host.
    Redirect,
    /// The client is sent on by this scheme.
    Scheme,
}

/// A header as it is set.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where that stands.
    pub place: Place,
}

impl Manifests {
    /// Every route.
    pub fn routes(&self) -> Vec<Route<'_>> {
        self.objects.iter().filter_map(|object| self.route(object)).collect()
    }

    fn route<'m>(&'m self, object: &'m Object) -> Option<Route<'m>> {
        match (object.group.as_str(), object.kind.as_str()) {
            ("gateway.networking.k8s.io", "HTTPRoute") => Some(self.gateway_route(object)),
            ("traefik.io" | "traefik.containo.us", "IngressRoute") => Some(self.traefik_route(object)),
            ("networking.k8s.io" | "extensions", "Ingress") => Some(self.ingress(object)),
            _ => None,
        }
    }

    fn gateway_route<'m>(&'m self, object: &'m Object) -> Route<'m> {
        let source = object.source;
        let spec = |key: &str| object.node.at(&["spec", key]).map(Node::items).unwrap_or_default();
        let hosts = spec("hostnames").iter().filter_map(|node| named(node, source)).collect();
        let way = |rule: &'m Node| {
            let mut way = Way::at((source, rule.get("name").map_or(rule.span, |name| name.span)));
            let items = |key: &str| rule.get(key).map(Node::items).unwrap_or_default();
            way.services = items("backendRefs").iter().filter_map(|node| node.get("name")?.text()).collect();
            way.paths = items("matches").iter().filter_map(|node| node.at(&["path", "value"])?.text()).collect();
            // A filter of one backend is asked for what goes there.
            let of_backends = items("backendRefs").iter().filter_map(|node| node.get("filters")).flat_map(Node::items);
            for filter in items("filters") {
                self.filter(filter, object, &mut way);
            }
            for filter in items("filters").iter().chain(of_backends) {
                way.lead(filter, source);
            }
            way.extensions.extend(self.policies(object));
            way
        };
        // A route that names no listener is attached to each of the Gateway's.
        let parents = spec("parentRefs");
        let is_open = |node: &&Node| node.get("sectionName").is_none() && node.get("port").is_none();
        let open =
            parents.iter().find(is_open).map(|node| (source, node.get("name").map_or(node.span, |name| name.span)));
        let (mut plain, mut listeners) = (None, Vec::new());
        for parent in parents {
            let Some(listener) = parent.get("sectionName").or(parent.get("port")) else { continue };
            match self.gateway_of(parent, object) {
                Some(gateway) if is_plain_listener(parent, gateway) => plain = plain.or(Some((source, listener.span))),
                Some(_) => {}
                None => listeners.extend(named(listener, source)),
            }
        }
        let ways = spec("rules").iter().map(way).collect();
        Route { object, hosts, ways, plain: plain.or(open), listeners }
    }

    /// The Gateway that a route is attached to, where it is among the manifests.
    fn gateway_of(&self, parent: &Node, route: &Object) -> Option<&Object> {
        let text = |key: &str| parent.get(key).and_then(Node::text);
        self.named("Gateway", text("name")?, text("namespace").or(route.namespace()))
    }

    fn filter<'m>(&'m self, filter: &'m Node, object: &'m Object, way: &mut Way<'m>) {
        let source = object.source;
        match filter.get("type").and_then(Node::text) {
            Some("ResponseHeaderModifier") => {
                for key in ["set", "add"] {
                    for header in filter.at(&["responseHeaderModifier", key]).map(Node::items).unwrap_or_default() {
                        let text = |key: &str| header.get(key).and_then(Node::text);
                        if let (Some(name), Some(value)) = (text("name"), header.get("value")) {
                            way.set(name, value.text().unwrap_or_default(), (source, value.span));
                        }
                    }
                }
            }
            Some("RequestRedirect") => {
                way.redirects |= filter.at(&["requestRedirect", "scheme"]).and_then(Node::text) == Some("https");
            }
            Some("CORS") => way.cors = filter.get("cors").map(|cors| (cors, source)),
            Some("ExtensionRef") => {
                let text = |key: &str| filter.at(&["extensionRef", key]).and_then(Node::text);
                match (text("kind"), text("name")) {
                    (Some(kind), Some(name)) => self.extend(kind, name, object.namespace(), way),
                    _ => way.may_be_more = true,
                }
            }
            Some(_) | None => {}
        }
    }

    /// Takes in what an object that a rule names does for it.
    fn extend<'m>(&'m self, kind: &str, name: &str, namespace: Option<&str>, way: &mut Way<'m>) {
        let Some(object) = self.named(kind, name, namespace) else {
            way.may_be_more = true;
            return;
        };
        // Chains may name each other.
        if way.extensions.iter().any(|known| std::ptr::eq(*known, object)) {
            return;
        }
        way.extensions.push(object);
        let Some(spec) = object.node.get("spec") else { return };
        for one in spec.at(&["chain", "middlewares"]).map(Node::items).unwrap_or_default() {
            if let Some(name) = one.get("name").and_then(Node::text) {
                self.extend(kind, name, one.get("namespace").and_then(Node::text).or(namespace), way);
            }
        }
        let scheme = spec.at(&["redirectScheme", "scheme"]);
        way.redirects |= scheme.and_then(Node::text) == Some("https");
        way.led(Elsewhere::Scheme, scheme, object.source);
        let replacement = spec.at(&["redirectRegex", "replacement"]);
        let to = replacement.and_then(Node::text).unwrap_or_default();
        way.redirects |= to.starts_with("https://");
        if let (Some(replacement), Some((scheme, rest))) = (replacement, to.split_once("://")) {
            let place = (object.source, replacement.span);
            let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
            // What the pattern found is put there.
            let host = Some(host).filter(|host| !host.contains('$')).map(|text| (Elsewhere::Redirect, text));
            let both = host.into_iter().chain([(Elsewhere::Scheme, scheme)]);
            way.elsewhere.extend(both.map(|(how, text)| (how, Named { text, place })));
        }
        let host = spec.at(&["headers", "customRequestHeaders"]).and_then(|headers| headers.get("Host"));
        way.led(Elsewhere::Host, host, object.source);
        if let Some(headers) = spec.get("headers") {
            way.set_all(headers, object.source);
        }
    }

    /// The policies that name a route.
    fn policies<'m>(&'m self, route: &'m Object) -> impl Iterator<Item = &'m Object> {
        let names = move |node: &Node| {
            let text = |key: &str| node.get(key).and_then(Node::text);
            text("kind") == Some(&route.kind) && text("name") == route.name()
        };
        self.objects.iter().filter(move |object| {
            let Some(spec) = object.node.get("spec") else { return false };
            let many = spec.get("targetRefs").map(Node::items).unwrap_or_default();
            many.iter().chain(spec.get("targetRef")).any(names)
        })
    }

    fn traefik_route<'m>(&'m self, object: &'m Object) -> Route<'m> {
        let source = object.source;
        let mut hosts = Vec::new();
        let mut ways = Vec::new();
        for route in object.node.at(&["spec", "routes"]).map(Node::items).unwrap_or_default() {
            let rule = route.get("match");
            let place = (source, rule.map_or(route.span, |rule| rule.span));
            let text = rule.and_then(Node::text).unwrap_or_default();
            hosts.extend(arguments(text, "Host(").into_iter().map(|text| Named { text, place }));
            let mut way = Way::at(place);
            let items = |key: &str| route.get(key).map(Node::items).unwrap_or_default();
            for service in items("services") {
                self.services(service, object.namespace(), &mut way, TRAEFIK_SERVICES);
            }
            way.paths = ["Path(", "PathPrefix(", "PathRegexp("].iter().flat_map(|word| arguments(text, word)).collect();
            for one in items("middlewares") {
                match one.get("name").and_then(Node::text) {
                    Some(name) => {
                        let namespace = one.get("namespace").and_then(Node::text).or(object.namespace());
                        self.extend("Middleware", name, namespace, &mut way);
                    }
                    None => way.may_be_more = true,
                }
            }
            ways.push(way);
        }
        let plain = object.node.at(&["spec", "tls"]).is_none().then(|| object.place());
        Route { object, hosts, ways, plain, listeners: Vec::new() }
    }

    /// Takes in the Services that one of Traefik's own leads to: some by their weights, others for a copy.
    fn services<'m>(&'m self, node: &'m Node, namespace: Option<&str>, way: &mut Way<'m>, deepest: usize) {
        let Some(name) = node.get("name").and_then(Node::text) else { return };
        let namespace = node.get("namespace").and_then(Node::text).or(namespace);
        let is_traefiks = node.get("kind").and_then(Node::text) == Some("TraefikService");
        let own = self.named("TraefikService", name, namespace).filter(|_| is_traefiks).zip(deepest.checked_sub(1));
        match own.and_then(|(own, deepest)| Some((own.node.get("spec")?, own.source, deepest))) {
            Some((spec, source, deepest)) => {
                let items = |way: &[&str]| spec.at(way).map(Node::items).unwrap_or_default();
                let mirrored = spec.get("mirroring").into_iter();
                for one in items(&["mirroring", "mirrors"]) {
                    way.led(Elsewhere::Copy, one.get("name"), source);
                }
                for one in
                    items(&["weighted", "services"]).iter().chain(items(&["mirroring", "mirrors"])).chain(mirrored)
                {
                    self.services(one, namespace, way, deepest);
                }
            }
            None => way.services.push(name),
        }
    }

    fn ingress<'m>(&'m self, object: &'m Object) -> Route<'m> {
        let source = object.source;
        let spec = |key: &str| object.node.at(&["spec", key]).map(Node::items).unwrap_or_default();
        let rules = spec("rules");
        let mut hosts: Vec<Named<'m>> = rules.iter().filter_map(|rule| named(rule.get("host")?, source)).collect();
        for aliases in ALIASES.iter().filter_map(|name| object.annotation(name)) {
            let names = aliases.text().unwrap_or_default().split([',', ' ']).filter(|name| !name.is_empty());
            hosts.extend(names.map(|text| Named { text, place: (source, aliases.span) }));
        }
        let paths = |rule: &'m Node| rule.at(&["http", "paths"]).map(Node::items).unwrap_or_default();
        let mut ways: Vec<Way<'m>> = Vec::new();
        for path in rules.iter().flat_map(paths) {
            let mut way = Way::at((source, path.get("path").map_or(path.span, |path| path.span)));
            // The second is how it was written before Kubernetes 1.19.
            let names: [&[&str]; 2] = [&["backend", "service", "name"], &["backend", "serviceName"]];
            way.services.extend(names.iter().find_map(|name| path.at(name)?.text()));
            way.paths.extend(path.get("path").and_then(Node::text));
            ways.push(way);
        }
        if let Some(default) = object.node.at(&["spec", "defaultBackend", "service", "name"]) {
            let mut way = Way::at((source, default.span));
            way.services.extend(default.text());
            ways.push(way);
        }
        for way in &mut ways {
            self.annotations(object, way);
        }
        let plain = object.node.at(&["spec", "tls"]).is_none_or(|tls| tls.items().is_empty()).then(|| object.place());
        Route { object, hosts, ways, plain, listeners: Vec::new() }
    }

    /// What an Ingress says in its annotations: Traefik's Middlewares by name, and lines of other programs' languages, of
    /// which nothing is known.
    fn annotations<'m>(&'m self, object: &'m Object, way: &mut Way<'m>) {
        const MIDDLEWARES: &str = "traefik.ingress.kubernetes.io/router.middlewares";
        let annotations = object.node.at(&["metadata", "annotations"]).map(Node::entries).unwrap_or_default();
        for entry in annotations {
            let text = entry.value.text().unwrap_or_default();
            if let Some((how, _)) = LEADING.iter().find(|(_, names)| names.contains(&entry.key.as_str())) {
                way.led_to(*how, text, (object.source, entry.value.span));
            }
            if entry.key == MIDDLEWARES {
                for name in text.split(',') {
                    // `NAMESPACE-NAME@kubernetescrd`
                    let name = name.trim().trim_end_matches("@kubernetescrd");
                    let own = object.namespace().and_then(|space| name.strip_prefix(space)?.strip_prefix('-'));
                    self.extend("Middleware", own.unwrap_or(name), object.namespace(), way);
                }
            } else if entry.key.contains(".kubernetes.io/")
                || entry.key.contains("nginx.org/")
                || entry.key.contains("haproxy")
            {
                way.may_be_more = true;
            }
        }
    }
}

/// Whether a route's parent is a listener of the Gateway's without TLS.
fn is_plain_listener(parent: &Node, gateway: &Object) -> bool {
    let listeners = gateway.node.at(&["spec", "listeners"]).map(Node::items);
    listeners.unwrap_or_default().iter().any(|listener| {
        let text = |key: &str| listener.get(key).and_then(Node::text);
        let is = |asked: &str, own: &str| {
            parent.get(asked).and_then(Node::text).is_none_or(|asked| text(own) == Some(asked))
        };
        is("sectionName", "name") && is("port", "port") && text("protocol") == Some("HTTP")
    })
}

impl<'m> Way<'m> {
    /// What a filter of the Gateway API does with requests beside handing them on.
    fn lead(&mut self, filter: &'m Node, source: usize) {
        let at = |way: &[&str]| filter.at(way);
        match filter.get("type").and_then(Node::text) {
            Some("RequestMirror") => self.led(Elsewhere::Copy, at(&["requestMirror", "backendRef", "name"]), source),
            Some("URLRewrite") => self.led(Elsewhere::Host, at(&["urlRewrite", "hostname"]), source),
            Some("RequestRedirect") => {
                self.led(Elsewhere::Redirect, at(&["requestRedirect", "hostname"]), source);
                self.led(Elsewhere::Scheme, at(&["requestRedirect", "scheme"]), source);
            }
            Some("RequestHeaderModifier") => {
                let written = ["set", "add"].iter().filter_map(|key| at(&["requestHeaderModifier", key]));
                for header in written.flat_map(Node::items) {
                    let name = header.get("name").and_then(Node::text).unwrap_or_default();
                    if name.eq_ignore_ascii_case("Host") {
                        self.led(Elsewhere::Host, header.get("value"), source);
                    }
                }
            }
            Some(_) | None => {}
        }
    }

    fn led(&mut self, how: Elsewhere, to: Option<&'m Node>, source: usize) {
        let to = to.and_then(|node| named(node, source));
        self.elsewhere.extend(to.map(|to| (how, to)));
    }

    /// The same of an annotation, which may be a URL.
    fn led_to(&mut self, how: Elsewhere, text: &'m str, place: Place) {
        let (scheme, rest) = text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
        let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
        // `$host` and the like are the client's own.
        if !host.is_empty() && !host.contains('$') {
            self.elsewhere.push((how, Named { text: host, place }));
        }
        if let (Elsewhere::Redirect, Some(text)) = (how, scheme) {
            self.elsewhere.push((Elsewhere::Scheme, Named { text, place }));
        }
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            services: Vec::new(),
            paths: Vec::new(),
            redirects: false,
            headers: Vec::new(),
            extensions: Vec::new(),
            cors: None,
            elsewhere: Vec::new(),
            may_be_more: false,
        }
    }

    fn set(&mut self, name: &str, value: &str, place: Place) {
        self.headers.push(Written { name: name.to_owned(), value: value.to_owned(), place });
    }

    /// The headers that a Middleware of Traefik sets in answers.
    fn set_all(&mut self, headers: &Node, source: usize) {
        const OWN: [(&str, &str); 4] = [
            ("contentSecurityPolicy", "Content-Security-Policy"),
            ("referrerPolicy", "Referrer-Policy"),
            ("permissionsPolicy", "Permissions-Policy"),
            ("customFrameOptionsValue", "X-Frame-Options"),
        ];
        let at = |node: &Node| (source, node.span);
        for entry in headers.get("customResponseHeaders").map(Node::entries).unwrap_or_default() {
            // An empty value takes the header out.
            if let Some(value) = entry.value.text().filter(|value| !value.is_empty()) {
                self.set(&entry.key, value, at(&entry.value));
            }
        }
        for (key, name) in OWN {
            if let Some(node) = headers.get(key) {
                self.set(name, node.text().unwrap_or_default(), at(node));
            }
        }
        let is_on = |key: &str| headers.get(key).filter(|node| node.as_bool() == Some(true));
        if let Some(node) = is_on("frameDeny") {
            self.set("X-Frame-Options", "DENY", at(node));
        }
        if let Some(node) = is_on("contentTypeNosniff") {
            self.set("X-Content-Type-Options", "nosniff", at(node));
        }
        if let Some(node) = headers.get("stsSeconds") {
            let mut value = format!("max-age={}", node.text().unwrap_or_default());
            for (key, directive) in [("stsIncludeSubdomains", "includeSubDomains"), ("stsPreload", "preload")] {
                if is_on(key).is_some() {
                    value = format!("{value}; {directive}");
                }
            }
            self.set("Strict-Transport-Security", &value, at(node));
        }
    }
}

fn named(node: &Node, source: usize) -> Option<Named<'_>> {
    Some(Named { text: node.text()?, place: (source, node.span) })
}

/// The arguments of a matcher in one of Traefik's rules: "Host(`a`) || Host(`b`)", in backticks or double quotes.
fn arguments<'t>(rule: &'t str, matcher: &str) -> Vec<&'t str> {
    let calls = rule.match_indices(matcher).filter(|(at, _)| !rule[..*at].ends_with(|c: char| c.is_alphanumeric()));
    let inside = calls.filter_map(|(at, _)| rule[at + matcher.len()..].split_once(')').map(|(inside, _)| inside));
    inside.flat_map(|inside| inside.split(',')).map(|one| one.trim().trim_matches(['`', '"'])).collect()
}
