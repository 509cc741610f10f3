//! What each implementation of the Gateway API adds to a route by objects of its own.

pub mod envoy;
pub mod nginx;
pub mod traefik;

/// Headers by which others say what only the gateway says, the most believed first: a filter of the standard takes 16.
pub const MOST_BELIEVED: [&str; 32] = [
    "Forwarded",
    "X-Forwarded-Ssl",
    "X-Forwarded-Scheme",
    "X-Original-URL",
    "X-Rewrite-URL",
    "True-Client-IP",
    "CF-Connecting-IP",
    "X-Client-IP",
    "Remote-User",
    "X-Forwarded-User",
    "Proxy",
    "X-Cluster-Client-IP",
    "Fastly-Client-IP",
    "X-Host",
    "X-Forwarded-Path",
    "X-Forwarded-By",
    "X-Remote-User",
    "X-Auth-Request-User",
    "X-Auth-Request-Email",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Prefix",
    "X-Forwarded-Server",
    "X-Original-For",
    "X-Original-Host",
    "X-HTTP-Host-Override",
    "Client-IP",
    "X-Middleware-Subrequest",
    "X-Consumer-Username",
    "X-WebAuth-User",
    "X-Authentik-Username",
    "Client-Cert",
];
