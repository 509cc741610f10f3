//! `[cookies.*]`: the cookies that the app sets, by name.

use super::keyword::keywords;
use super::section::section;
use super::values::{Duration, HostName, UrlPath};

keywords! {
    /// What a cookie is for.
    pub enum CookiePurpose ("a cookie's purpose") {
        /// Carries a signed-in session.
        Session = "session",
        /// Carries a token against cross-site requests.
        Csrf = "csrf",
        /// Carries the state of a sign-in at a provider.
        OauthState = "oauth-state",
        /// Carries a choice of the user's, nothing secret.
        Preference = "preference",
    }
}

keywords! {
    /// When a cookie is sent with requests that other sites start.
    pub enum SameSite ("a SameSite value") {
        /// Never.
        Strict = "strict",
        /// With links and redirects.
        Lax = "lax",
        /// Always.
        None = "none",
    }
}

section! {
    /// A cookie that the app sets. The table's key is its name.
    pub struct Cookie {
        /// What it is for.
        purpose: CookiePurpose = default(CookiePurpose::Session),
        /// Whether it goes over https only.
        secure: bool = default(false),
        /// Whether scripts are kept from reading it.
        http_only: bool = default(false),
        /// When it goes along with requests that other sites start.
        same_site: SameSite = absent,
        /// The paths that it is sent to.
        path: UrlPath = absent,
        /// The host and all below it that it is sent to. Absent: this host alone.
        domain: HostName = absent,
        /// How long it lives. Absent: until the browser closes.
        max_age: Duration = absent,
        /// Whether each embedding site has its own (CHIPS).
        partitioned: bool = default(false),
    }
}
