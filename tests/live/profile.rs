//! The profile that the scenarios start from.

use std::net::SocketAddr;
use std::path::Path;

/// `app.max_body` in bytes: not nginx's own limit of 1 MiB.
pub const MAX_BODY: usize = 2 << 20;

/// A shop in production (or, without TLS, in development), with the few values that scenarios change.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// The app's name, and the first label of its hosts.
    pub name: &'static str,
    /// The path of `app.url`.
    pub mount: &'static str,
    pub kind: &'static str,
    pub terminate: &'static str,
    pub guideline: &'static str,
    pub hops: u8,
    pub trusted: &'static [&'static str],
    pub forwarded_for: &'static str,
    /// `[cors] origins`; credentials go with a list, not with `*`.
    pub origins: &'static [&'static str],
    /// More TOML, at the end.
    pub more: &'static str,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            name: "shop",
            mount: "",
            kind: "instacrud",
            terminate: "proxy",
            guideline: "intermediate",
            hops: 1,
            trusted: &[],
            forwarded_for: "overwrite",
            origins: &[
                "https://shop.example.com",
                "https://admin.example.com:8443",
                // Longer than what nginx's map tables hold without being told.
                "https://a-preview-of-the-shop-with-a-rather-long-name.preview.example.com:8443",
            ],
            more: "",
        }
    }
}

/// Where a rendered profile runs.
pub struct Place<'a> {
    pub folder: &'a Path,
    pub http: u16,
    pub https: u16,
    pub app: SocketAddr,
    pub nginx_version: &'a str,
}

impl Profile {
    pub fn toml(&self, place: &Place) -> String {
        let Self { name, mount, kind, terminate, guideline, hops, trusted, forwarded_for, origins, more } = self;
        let Place { folder, http, https, app, nginx_version } = place;
        let folder = folder.display();
        let credentials = *origins != ["*"];
        // Without TLS it is a developer's machine: a profile for anything else would be refused.
        let tls = *terminate != "off";
        // And a wildcard is refused in production; a rehearsal only warns.
        let mode = if !tls {
            "dev"
        } else if credentials {
            "prod"
        } else {
            "staging"
        };
        format!(
            r#"version = 1

[app]
name = "{name}"
kind = "{kind}"
mode = "{mode}"
url = "https://{name}.example.com{mount}"
frontend_url = "https://{name}.example.com"
aliases = ["www.{name}.example.com"]
upstream = "{app}"
max_body = "2MiB"

[proxy]
hops = {hops}
trusted = {trusted:?}
forwarded_for = "{forwarded_for}"

[tls]
terminate = "{terminate}"
guideline = "{guideline}"

[tls.certificate]
issuer = "acme"
cert = "{folder}/cert.pem"
key = "{folder}/key.pem"
webroot = "{folder}/webroot"

[hsts]
enabled = {tls}
max_age = "2y"
include_subdomains = true

[cors]
origins = {origins:?}
methods = ["GET", "POST"]
headers = ["Authorization", "Content-Type"]
expose_headers = ["X-Total"]
credentials = {credentials}
max_age = "10m"

[cookies.session]
purpose = "session"
secure = true
http_only = true
same_site = "lax"

[cookies.csrf]
purpose = "csrf"
secure = true
http_only = false
same_site = "strict"

[rate_limits]
enabled = true
enforced_by = "proxy"

[rate_limits.routes.sign_in]
limit = "5/min"
per = "ip"
paths = ["/api/v1/signin"]

[rate_limits.routes.sign_up]
limit = "60/min"
paths = ["/api/v1/signup"]

[rate_limits.routes.password_reset]
limit = "60/min"
paths = ["/api/v1/forgotPassword"]

[api_docs]
exposed = false
paths = ["/docs", "/redoc", "/openapi.json"]

[headers]
content_security_policy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
frame_options = "DENY"
referrer_policy = "strict-origin-when-cross-origin"
permissions_policy = "camera=(), x-price=\"$5\""
content_type_options = true
hide_server = true
no_store = ["/api/"]

[targets.nginx]
version = "{nginx_version}"
bind = ["127.0.0.1"]
http_port = {http}
https_port = {https}

# InstaCRUD cannot lock; nothing here signs in.
[[waivers]]
rule = "LCK001"
reason = "a test of the proxy"
expires = 2026-12-31
{more}"#
        )
    }
}
