use std::collections::BTreeMap;

use super::hsts::EnforcedBy;
use super::keyword::keywords;
use super::section::section;
use super::values::{Name, Rate, UrlPath};
use crate::source::{KeyPath, Segment};

/// The name under which seccfg knows a route of this key, where it likely is one: `sign_in` for
/// `rate_limits.routes.login`.
pub fn known_route(key: &KeyPath) -> Option<&'static str> {
    const ROUTES: &str = "rate_limits.routes";
    let [.., Segment::Key(name)] = key.segments() else { return None };
    if *key != KeyPath::from(ROUTES).key(name) {
        return None;
    }
    match name.replace(['-', '_'], "").as_str() {
        "login" | "signin" | "logon" | "auth" | "authenticate" | "session" | "sessions" | "token" => Some("sign_in"),
        "signup" | "register" | "registration" | "createaccount" | "join" => Some("sign_up"),
        "passwordreset" | "resetpassword" | "reset" | "forgot" | "forgotpassword" | "passwordforgot" | "recover"
        | "recovery" => Some("password_reset"),
        _ => None,
    }
    .filter(|known| **known != **name)
}

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
