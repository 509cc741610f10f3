//! `[rate_limits]`: how often clients may ask.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use super::bounds::Bounds;
use super::filled::{Filled, Needed};
use super::hsts::EnforcedBy;
use super::keyword::keywords;
use super::section::section;
use super::values::{Cidr, Method, Name, Rate, UrlPath};

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
        /// Networks whose requests no limit counts, such as those of one's own monitoring.
        exempt: Vec<Cidr> = default(Vec::<Cidr>::new()),
        /// The limits by name: `sign_in`, `sign_up`, `password_reset`, and whatever else the app has.
        routes: BTreeMap<Name, Route> = default(BTreeMap::<Name, Route>::new()),
    }
}

impl Needed for Method {
    const WITHOUT: &'static str = "no request would be counted";
}

const BURST: Bounds = Bounds::numbers(
    1,
    "no request would be let through",
    10_000,
    "so many at once are no burst: raise the limit itself, or take it away",
);

section! {
    /// One limit.
    pub struct Route {
        /// How many requests in how long.
        limit: Rate = required,
        /// Whom it counts by.
        per: LimitKey = default(LimitKey::Ip),
        /// The paths that it covers. Where it is absent: the app pack's paths for a route of this name.
        paths: Vec<UrlPath> = absent,
        /// The methods that it counts; HEAD counts as GET. Where it is absent, all of them.
        methods: Filled<Method> = absent,
        /// How many requests may come at once, up to 10,000. Where it is absent, as many as the limit says.
        burst: NonZeroU32 = absent within BURST,
    }
}
