//! Where a site is, as visitors find it.

use crate::plan::{Edge, Plan};
use crate::profile::Terminate;

/// Where the site is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Whether it is visited by https.
    pub https: bool,
    /// The host that is asked.
    pub host: String,
    /// The other hosts that are served.
    pub aliases: Vec<String>,
    /// Whether the profile names the host.
    pub is_named: bool,
    /// The port.
    pub port: u16,
    /// The port of plain HTTP beside https, where that can be told.
    pub plain: Option<u16>,
    /// The path that leads to the app, which begins and ends with a slash.
    pub mount: String,
}

impl Site {
    /// The site of a plan, or the one that is asked for.
    pub fn new(plan: &Plan<'_>, asked: Option<&str>) -> Result<Self, String> {
        let policy = plan.policy;
        let hosts: Vec<String> = policy.hosts().iter().map(ToString::to_string).collect();
        let own = policy.url().to_string();
        let url = url::Url::parse(asked.unwrap_or(&own)).map_err(|error| {
            format!("the URL cannot be read ({error}): write it as https://host, with a port and a path if it has them")
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the URL holds credentials, which would end up in logs: give them with --header".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("the URL holds more than a host, a port and a path: leave out what follows the path".to_owned());
        }
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            other => return Err(format!("{other} is no scheme of a web site: write https://")),
        };
        let is_encrypted = policy.terminate() != Terminate::Off;
        if https != is_encrypted {
            let (says, is) = if is_encrypted { ("https", "http") } else { ("http", "https") };
            return Err(format!(
                "in mode {} the profile serves the site by {says}, and this URL is {is}: write {says}://, or choose \
                 another mode with --mode",
                policy.mode
            ));
        }
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
        let port = url.port_or_known_default().unwrap_or(443);
        let is_named = hosts.contains(&host);
        let aliases = if is_named { hosts.into_iter().filter(|other| *other != host).collect() } else { Vec::new() };
        let beside = match (https, port, &plan.edge) {
            (true, 443, _) => Some(80),
            (true, _, Edge::Nginx(target)) if target.https_port.get() == port => Some(target.http_port.get()),
            (true, _, Edge::Caddy(target)) if target.https_port.get() == port => Some(target.http_port.get()),
            (..) => None,
        };
        let mount = format!("{}/", url.path().trim_end_matches('/'));
        Ok(Self { https, host, aliases, is_named, port, plain: beside, mount })
    }

    /// Every host, the one that is asked first.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.host).chain(&self.aliases).map(String::as_str)
    }

    /// A path of the app as visitors ask for it.
    pub fn target(&self, path: &str) -> String {
        format!("{}{}", self.mount.trim_end_matches('/'), path)
    }

    /// The origin of a host, without the port that goes without saying.
    pub fn origin(&self, host: &str) -> String {
        match (self.https, self.port) {
            (true, 443) => format!("https://{host}"),
            (true, port) => format!("https://{host}:{port}"),
            (false, 80) => format!("http://{host}"),
            (false, port) => format!("http://{host}:{port}"),
        }
    }
}
