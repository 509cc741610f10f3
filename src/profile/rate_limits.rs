//! `[rate_limits]`: how often clients may ask.

use std::collections::BTreeMap;

use super::hsts::EnforcedBy;
use super::keyword::keywords;
use super::section::section;
use super::values::{Name, Rate, UrlPath};

keywords! {
    /// Whom a limit counts by.
    pub enum LimitKey ("what a limit counts by") {
        /// The client's address.
        Ip = "ip",
        /// The signed-in user.
        User = "user",
    }
}

section! {
    /// How often clients may ask.
    pub struct RateLimits {
        /// Whether limits are on.
        enabled: bool = default(true),
        /// Which layer counts.
        enforced_by: EnforcedBy = default(EnforcedBy::Auto),
        /// The limits by name: `sign_in`, `sign_up`, `password_reset`, and whatever else the app has.
        routes: BTreeMap<Name, Route> = default(BTreeMap::<Name, Route>::new()),
    }
}

section! {
    /// One limit.
    pub struct Route {
        /// How many requests in how long.
        limit: Rate = required,
        /// Whom it counts by.
        per: LimitKey = default(LimitKey::Ip),
        /// The paths that it covers. Where it is absent: the app pack's paths for a route of this name.
        paths: Vec<UrlPath> = absent,
    }
}
