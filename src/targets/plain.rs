//! What a proxy surely has a form for, seen without writing it.

use super::escape::MAX_TOKEN;
use super::path;
use crate::plan::{Demand, Edge, Entry, Paths, Plan, Service};
use crate::profile::{Access, FilePath, HeaderName, Method, Url};

/// Whether nothing that a plan holds could be too long for a proxy, whatever has to be escaped, or have no form in its
/// language. This is a look at lengths and characters, so that a check of a valid profile writes nothing to learn that it
/// could. What is not plain may still have a form: only writing it tells.
pub fn is_plain(plan: &Plan<'_>) -> bool {
    /// Escaping at most doubles a text.
    const TEXT: usize = MAX_TOKEN / 2;
    /// A path may stand below another, each with its own half of a pattern.
    const PATH: usize = MAX_TOKEN / 2;
    let is_text = |text: &str| text.len() <= TEXT && !text.bytes().any(|byte| matches!(byte, b'{' | b'}' | b'`'));
    let is_path = |path: &str| path::longest_pattern(path) <= PATH && is_text(path);
    // Where patterns cross, what is said of both stands at a path that is made of them, and that may cross others again.
    let policy = plan.policy;
    let of_site = || {
        let services = policy.services.values().flat_map(|service| service.paths.iter());
        let locations = policy.locations.values().flat_map(|location| location.paths.iter());
        policy.app.paths.iter().flat_map(|paths| paths.iter()).chain(services).chain(locations)
    };
    let most = if of_site().any(|path| path.as_str().contains('*')) { PATH / 4 } else { PATH };
    let is_site = || of_site().all(|path| path::longest_pattern(path.as_str()) <= most);
    let is_unstored =
        || policy.services.values().flat_map(|service| &service.headers.no_store).all(|path| is_path(path.as_str()));
    let are_paths = |paths: &Paths<'_>| paths.list.iter().all(|path| is_path(path.as_str()));
    let authority = plan.policy.access.values().find_map(Access::authority);
    let is_mount = |url: &Url| path::longest_pattern(url.path()) <= PATH;
    let is_plain = |entry: &Entry<'_>| match &entry.demand {
        Demand::Hsts(header) | Demand::Header(header) => header.value.as_deref().is_none_or(is_text),
        Demand::NoStore(paths) | Demand::ApiDocs(paths) | Demand::SetUp(paths) => are_paths(paths),
        Demand::Service(Service { paths, headers, .. }) => {
            let values = headers.as_deref().into_iter().flatten().filter_map(|header| header.value.as_deref());
            are_paths(paths) && values.into_iter().all(is_text)
        }
        Demand::Location { asked, .. } => asked.paths.iter().all(|path| is_path(path.as_str())),
        Demand::Access(access) => {
            let is_known = |file: &FilePath| authority.is_none_or(|known| known == file) && is_text(file.as_str());
            are_paths(&access.paths) && access.client_ca.is_none_or(is_known)
        }
        Demand::Health(health) => is_path(health.path.as_str()),
        Demand::RateLimit(limit) => are_paths(&limit.paths) && limit.rate.per_minute_or_second().is_some(),
        Demand::Cors(cors) => {
            let methods = cors.methods.iter().map(Method::as_str);
            let names = cors.headers.iter().chain(cors.expose).map(HeaderName::as_str);
            let length: usize = methods.clone().chain(names.clone()).map(|name| name.len() + ", ".len()).sum();
            length <= TEXT && methods.chain(names).all(is_text)
        }
        // What these hold is of types that every proxy has a form for.
        Demand::Tls(_)
        | Demand::HttpsRedirect
        | Demand::PlainHttpRefused
        | Demand::HostNames { .. }
        | Demand::ClientAddress { .. }
        | Demand::ServerVersion
        | Demand::Cookie(_)
        | Demand::BodySize(_)
        | Demand::Upstream(_)
        | Demand::AliasesRedirect { .. }
        | Demand::IpFilter(_)
        | Demand::Lockout(_)
        | Demand::Passwords(_)
        | Demand::Sessions(_)
        | Demand::Tokens(_)
        | Demand::SharedState(_) => true,
    };
    let has_two_ports = match &plan.edge {
        Edge::Nginx(target) => target.http_port != target.https_port,
        Edge::Caddy(target) => target.http_port != target.https_port,
        Edge::Kubernetes(_) => true,
    };
    has_two_ports
        && policy.app.url.as_ref().is_none_or(is_mount)
        && is_site()
        && is_unstored()
        && plan.entries.iter().all(is_plain)
}
