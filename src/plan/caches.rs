//! What answers tell caches of their own.

/// What an app tells caches of their own, which they obey before `Cache-Control`; the most common first.
pub const TARGETED: [&str; 6] = [
    // RFC 9213: Cloudflare, Akamai, Netlify, Vercel and others.
    "CDN-Cache-Control",
    // The Edge Architecture of 2001: Fastly, Varnish, Akamai.
    "Surrogate-Control",
    // RFC 9213 under the names of single CDNs.
    "Cloudflare-CDN-Cache-Control",
    "Netlify-CDN-Cache-Control",
    "Vercel-CDN-Cache-Control",
    // Akamai.
    "Edge-Control",
];
