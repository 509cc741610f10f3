//! Request headers that only a proxy may say, by families, each with where its members come from.
//!
//! Some app behind some framework believes each of them. A proxy cannot know which, so that none of a client's gets through;
//! the few that it sets itself (`X-Forwarded-For` and the like) stand with the proxies. Underscores and dots for dashes are
//! the proxies' business, too: no header with one in its name reaches an app.

/// Headers that say the same thing.
struct Family {
    /// What they say.
    what: &'static str,
    /// Whose word they are.
    by: By,
    /// Each with the program, service or standard that reads or sends it.
    members: &'static [(&'static str, &'static [&'static str])],
}

/// Whose word a header is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// This proxy's, which says it otherwise or not at all.
    This,
    /// That of a proxy before this one, which knows its users. Where none is trusted, it is a client's claim.
    Before,
}

const FAMILIES: [Family; 5] = [
    Family {
        what: "the client's address",
        by: By::This,
        members: &[
            ("RFC 7239", &["Forwarded"]),
            (
                "PHP's lists of proxy headers",
                &["Forwarded-For", "X-Forwarded", "Client-IP", "X-Remote-Addr", "X-Remote-IP"],
            ),
            ("ASP.NET Core", &["X-Original-For"]),
            ("ingress-nginx", &["X-Original-Forwarded-For"]),
            ("Apache's mod_remoteip, Rails", &["X-Client-IP"]),
            ("Riverbed, Rackspace", &["X-Cluster-Client-IP"]),
            ("Akamai", &["True-Client-IP"]),
            ("Cloudflare", &["CF-Connecting-IP", "CF-Connecting-IPv6", "CF-Pseudo-IPv4"]),
            ("CloudFront", &["CloudFront-Viewer-Address"]),
            ("Fastly", &["Fastly-Client-IP"]),
            ("DigitalOcean", &["DO-Connecting-IP"]),
            ("Fly.io", &["Fly-Client-IP"]),
            ("Netlify", &["X-NF-Client-Connection-IP"]),
            ("Vercel", &["X-Vercel-Forwarded-For", "X-Vercel-Proxied-For"]),
            ("Azure Front Door", &["X-Azure-ClientIP", "X-Azure-SocketIP"]),
            ("Google App Engine", &["X-AppEngine-User-IP", "X-AppEngine-Remote-Addr"]),
            ("Google's crawlers", &["X-ProxyUser-IP"]),
            ("Imperva", &["Incap-Client-IP"]),
            ("Sucuri", &["X-Sucuri-ClientIP"]),
            ("Alibaba Cloud", &["Ali-CDN-Real-IP"]),
            ("WebLogic", &["Proxy-Client-IP", "WL-Proxy-Client-IP"]),
            ("Envoy", &["X-Envoy-External-Address", "X-Envoy-Internal"]),
            ("Microsoft's mail", &["X-Originating-IP"]),
        ],
    },
    Family {
        what: "how, at which host and for which path a client asked",
        by: By::This,
        members: &[
            (
                "proxies of all kinds",
                &[
                    "X-Forwarded-By",
                    "X-Forwarded-Path",
                    "X-Forwarded-Port",
                    "X-Forwarded-Prefix",
                    "X-Forwarded-Protocol",
                    "X-Forwarded-Scheme",
                    "X-Forwarded-Server",
                    "X-Forwarded-Ssl",
                    "X-Host",
                    "X-HTTPS",
                ],
            ),
            ("Traefik's and Caddy's forward authentication", &["X-Forwarded-Method", "X-Forwarded-Uri"]),
            ("Traefik", &["X-Replaced-Path"]),
            ("ASP.NET Core", &["X-Original-Host", "X-Original-Prefix", "X-Original-Proto"]),
            ("ingress-nginx", &["X-Original-Method", "X-Original-URI", "X-Scheme"]),
            ("IIS, Symfony, Zend", &["X-Original-URL", "X-Rewrite-URL"]),
            ("Microsoft's gateways", &["Front-End-Https"]),
            ("Azure App Service", &["Disguised-Host", "X-AppService-Proto", "X-ARR-SSL", "X-WAWS-Unencoded-URL"]),
            ("WSGI servers", &["Path-Info", "Script-Name", "X-Script-Name", "X-Url-Scheme"]),
            ("Home Assistant", &["X-Ingress-Path"]),
            ("Envoy", &["X-Envoy-Original-Host", "X-Envoy-Original-Path"]),
            ("Cloudflare", &["CF-Visitor"]),
            ("CloudFront", &["CloudFront-Forwarded-Proto"]),
            ("Fastly", &["Fastly-SSL"]),
            ("WebLogic", &["WL-Proxy-SSL"]),
            ("Go's httputil, PHP frameworks", &["X-HTTP-Host-Override"]),
        ],
    },
    Family {
        what: "what servers tell each other to do",
        by: By::This,
        members: &[
            ("CGI, CVE-2016-5385", &["Proxy"]),
            ("Rack, CVE-2025-61780", &["X-Accel-Mapping", "X-Sendfile-Type"]),
            ("Next.js, CVE-2025-29927", &["X-Middleware-Subrequest"]),
            ("Next.js, CVE-2024-46982", &["X-Matched-Path", "X-Now-Route-Matches"]),
            ("Next.js", &["X-Invoke-Path", "X-Invoke-Query", "X-Invoke-Status", "X-Middleware-Rewrite"]),
        ],
    },
    Family {
        what: "who the user is",
        by: By::Before,
        members: &[
            ("Authelia, CGI", &["Remote-Email", "Remote-Groups", "Remote-Name", "Remote-User"]),
            (
                "oauth2-proxy",
                &[
                    "X-Auth-Request-Access-Token",
                    "X-Auth-Request-Email",
                    "X-Auth-Request-Groups",
                    "X-Auth-Request-Preferred-Username",
                    "X-Auth-Request-Redirect",
                    "X-Auth-Request-User",
                    "X-Forwarded-Access-Token",
                    "X-Forwarded-Email",
                    "X-Forwarded-Groups",
                    "X-Forwarded-Preferred-Username",
                    "X-Forwarded-User",
                ],
            ),
            ("Kubernetes", &["X-Remote-Group", "X-Remote-Uid", "X-Remote-User"]),
            (
                "authentik",
                &[
                    "X-Authentik-Email",
                    "X-Authentik-Entitlements",
                    "X-Authentik-Groups",
                    "X-Authentik-Jwt",
                    "X-Authentik-Name",
                    "X-Authentik-Uid",
                    "X-Authentik-Username",
                ],
            ),
            (
                "Keycloak's gatekeeper",
                &[
                    "X-Auth-Email",
                    "X-Auth-Groups",
                    "X-Auth-Roles",
                    "X-Auth-Subject",
                    "X-Auth-Userid",
                    "X-Auth-Username",
                ],
            ),
            (
                "Kong",
                &[
                    "X-Anonymous-Consumer",
                    "X-Authenticated-Scope",
                    "X-Authenticated-Userid",
                    "X-Consumer-Custom-Id",
                    "X-Consumer-Groups",
                    "X-Consumer-Id",
                    "X-Consumer-Username",
                    "X-Credential-Identifier",
                    "X-Credential-Username",
                ],
            ),
            ("Grafana", &["X-WebAuth-Email", "X-WebAuth-Groups", "X-WebAuth-Name", "X-WebAuth-Role", "X-WebAuth-User"]),
            ("Apache's mod_auth_openidc", &["OIDC-Access-Token", "OIDC-Claim-Email", "OIDC-Claim-Sub"]),
            ("Shibboleth", &["Shib-Identity-Provider", "Shib-Session-ID"]),
            ("Vouch", &["X-Vouch-User"]),
            (
                "Pomerium",
                &[
                    "X-Pomerium-Claim-Email",
                    "X-Pomerium-Claim-Groups",
                    "X-Pomerium-Claim-Name",
                    "X-Pomerium-Claim-User",
                    "X-Pomerium-Jwt-Assertion",
                ],
            ),
            ("Tailscale", &["Tailscale-User-Login", "Tailscale-User-Name", "Tailscale-User-Profile-Pic"]),
            ("Cloudflare Access", &["CF-Access-Authenticated-User-Email", "CF-Access-Jwt-Assertion"]),
            (
                "Google's Identity-Aware Proxy",
                &["X-Goog-Authenticated-User-Email", "X-Goog-Authenticated-User-Id", "X-Goog-Iap-Jwt-Assertion"],
            ),
            ("Google Cloud Endpoints", &["X-Endpoint-API-UserInfo"]),
            ("AWS load balancers", &["X-Amzn-Oidc-Accesstoken", "X-Amzn-Oidc-Data", "X-Amzn-Oidc-Identity"]),
            (
                "Azure App Service",
                &[
                    "X-MS-Client-Principal",
                    "X-MS-Client-Principal-Id",
                    "X-MS-Client-Principal-Idp",
                    "X-MS-Client-Principal-Name",
                    "X-MS-Token-AAD-Access-Token",
                    "X-MS-Token-AAD-Id-Token",
                ],
            ),
        ],
    },
    Family {
        what: "which certificate a client showed",
        by: By::Before,
        members: &[
            ("RFC 9440", &["Client-Cert", "Client-Cert-Chain"]),
            (
                "ingress-nginx",
                &["SSL-Client-Cert", "SSL-Client-Issuer-DN", "SSL-Client-Subject-DN", "SSL-Client-Verify"],
            ),
            ("Apache's mod_ssl", &["SSL-Client-I-DN", "SSL-Client-M-Serial", "SSL-Client-S-DN", "SSL-Client-S-DN-CN"]),
            (
                "HAProxy",
                &[
                    "X-SSL-Client-Cert",
                    "X-SSL-Client-CN",
                    "X-SSL-Client-DN",
                    "X-SSL-Client-I-DN",
                    "X-SSL-Client-S-DN",
                    "X-SSL-Client-Serial",
                    "X-SSL-Client-SHA1",
                    "X-SSL-Client-Verify",
                    "X-SSL-Issuer",
                ],
            ),
            ("Puppet", &["X-Client-Cert", "X-Client-DN", "X-Client-Verify"]),
            ("Envoy", &["X-Forwarded-Client-Cert"]),
            ("Traefik", &["X-Forwarded-Tls-Client-Cert", "X-Forwarded-Tls-Client-Cert-Info"]),
            ("Azure", &["X-ARR-ClientCert"]),
            (
                "AWS load balancers",
                &[
                    "X-Amzn-Mtls-Clientcert",
                    "X-Amzn-Mtls-Clientcert-Issuer",
                    "X-Amzn-Mtls-Clientcert-Leaf",
                    "X-Amzn-Mtls-Clientcert-Serial-Number",
                    "X-Amzn-Mtls-Clientcert-Subject",
                ],
            ),
            (
                "Google's load balancers",
                &[
                    "X-Client-Cert-Chain-Verified",
                    "X-Client-Cert-Hash",
                    "X-Client-Cert-Present",
                    "X-Client-Cert-Serial-Number",
                    "X-Client-Cert-Spiffe",
                ],
            ),
        ],
    },
];

/// The request headers that no app may see. Where a proxy before this one is trusted, what it says of its users stays.
pub fn headers(is_alone: bool) -> impl Iterator<Item = &'static str> {
    families(is_alone).flat_map(|(_, names)| names)
}

/// The same by families, each with what its headers say.
pub fn families(is_alone: bool) -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
    let families = FAMILIES.iter().filter(move |family| is_alone || family.by == By::This);
    families.map(|family| (family.what, family.members.iter().flat_map(|(_, names)| names.iter().copied())))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_is_listed_once_with_its_source() {
        let names: Vec<String> = headers(true).map(str::to_ascii_lowercase).collect();
        let unique: BTreeSet<&String> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')));
        assert!(
            FAMILIES
                .iter()
                .flat_map(|family| family.members)
                .all(|(source, names)| { !source.is_empty() && !names.is_empty() })
        );
        assert!(headers(false).count() < names.len());
    }
}
