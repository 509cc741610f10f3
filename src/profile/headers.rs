//! `[headers]`: the security headers of every answer.

use super::keyword::keywords;
use super::section::section;
use super::values::{HeaderValue, UrlPath};

keywords! {
    /// Who may show the app in a frame.
    pub enum FrameOptions ("an X-Frame-Options value") {
        /// Nobody.
        Deny = "DENY",
        /// Pages of the same origin.
        SameOrigin = "SAMEORIGIN",
    }
}

keywords! {
    /// How much of the address goes along with a request.
    pub enum ReferrerPolicy ("a Referrer-Policy") {
        /// Nothing.
        NoReferrer = "no-referrer",
        /// All of it, but not from https to http.
        NoReferrerWhenDowngrade = "no-referrer-when-downgrade",
        /// The origin.
        Origin = "origin",
        /// All of it within the origin, else the origin.
        OriginWhenCrossOrigin = "origin-when-cross-origin",
        /// All of it within the origin, else nothing.
        SameOrigin = "same-origin",
        /// The origin, but not from https to http.
        StrictOrigin = "strict-origin",
        /// All of it within the origin, else the origin, but not from https to http.
        StrictOriginWhenCrossOrigin = "strict-origin-when-cross-origin",
        /// All of it, always.
        UnsafeUrl = "unsafe-url",
    }
}

keywords! {
    /// Which windows share a browsing context group.
    pub enum OpenerPolicy ("a Cross-Origin-Opener-Policy") {
        /// Those of every origin.
        UnsafeNone = "unsafe-none",
        /// Those of this origin, and pop-ups that it opens.
        SameOriginAllowPopups = "same-origin-allow-popups",
        /// Those of this origin.
        SameOrigin = "same-origin",
        /// None that another document opened.
        NoopenerAllowPopups = "noopener-allow-popups",
    }
}

keywords! {
    /// Who may embed the app's answers.
    pub enum ResourcePolicy ("a Cross-Origin-Resource-Policy") {
        /// Pages of the same origin.
        SameOrigin = "same-origin",
        /// Pages of the same site.
        SameSite = "same-site",
        /// Everyone.
        CrossOrigin = "cross-origin",
    }
}

keywords! {
    /// What the app's pages may embed.
    pub enum EmbedderPolicy ("a Cross-Origin-Embedder-Policy") {
        /// Everything.
        UnsafeNone = "unsafe-none",
        /// What says that it may be embedded.
        RequireCorp = "require-corp",
        /// Everything, without cookies where it says nothing.
        Credentialless = "credentialless",
    }
}

keywords! {
    /// A security header that an app can send itself.
    pub enum OwnHeader ("a security header") {
        /// With nonces, say, which only the app can make.
        ContentSecurityPolicy = "Content-Security-Policy",
        /// A policy that is tried out.
        ContentSecurityPolicyReportOnly = "Content-Security-Policy-Report-Only",
        /// Framing that differs from page to page.
        FrameOptions = "X-Frame-Options",
        /// `nosniff`.
        ContentTypeOptions = "X-Content-Type-Options",
        /// How much of the address goes along.
        ReferrerPolicy = "Referrer-Policy",
        /// What pages may use of a browser.
        PermissionsPolicy = "Permissions-Policy",
        /// Which windows share a browsing context group.
        OpenerPolicy = "Cross-Origin-Opener-Policy",
        /// Which sites may load what is served.
        ResourcePolicy = "Cross-Origin-Resource-Policy",
        /// What pages may load.
        EmbedderPolicy = "Cross-Origin-Embedder-Policy",
    }
}

impl OwnHeader {
    /// The key of `[headers]` that has its value, where the proxy sends it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ContentSecurityPolicy | Self::ContentSecurityPolicyReportOnly => "content_security_policy",
            Self::FrameOptions => "frame_options",
            Self::ContentTypeOptions => "content_type_options",
            Self::ReferrerPolicy => "referrer_policy",
            Self::PermissionsPolicy => "permissions_policy",
            Self::OpenerPolicy => "cross_origin_opener_policy",
            Self::ResourcePolicy => "cross_origin_resource_policy",
            Self::EmbedderPolicy => "cross_origin_embedder_policy",
        }
    }
}

section! {
    /// The security headers of every answer.
    pub struct Headers {
        /// Content-Security-Policy.
        content_security_policy: HeaderValue = absent,
        /// Whether the CSP only reports what it would block.
        csp_report_only: bool = default(false),
        /// X-Frame-Options.
        frame_options: FrameOptions = absent,
        /// Referrer-Policy.
        referrer_policy: ReferrerPolicy = absent,
        /// Permissions-Policy.
        permissions_policy: HeaderValue = absent,
        /// Cross-Origin-Opener-Policy.
        cross_origin_opener_policy: OpenerPolicy = absent,
        /// Cross-Origin-Resource-Policy.
        cross_origin_resource_policy: ResourcePolicy = absent,
        /// Cross-Origin-Embedder-Policy.
        cross_origin_embedder_policy: EmbedderPolicy = absent,
        /// X-Content-Type-Options: nosniff.
        content_type_options: bool = default(true),
        /// Whether the server's name and version are kept back.
        hide_server: bool = default(true),
        /// The headers that the app sends itself, such as a Content-Security-Policy with nonces: the proxy leaves them alone.
        from_app: Vec<OwnHeader> = default(Vec::<OwnHeader>::new()),
        /// Paths that are answered with Cache-Control: no-store, and without what the app tells single caches
        /// (CDN-Cache-Control, Surrogate-Control).
        no_store: Vec<UrlPath> = default(Vec::<UrlPath>::new()),
    }
}
