//! NGINX Gateway Fabric's objects: limits and bodies of a route.

use serde::Serialize;

use super::super::gateway_api::RouteRef;
use crate::plan::Limit;
use crate::profile::{ByteSize, Period};

/// What tells an app the address of the client, as nginx sees it, and nothing that the client said.
pub const CLIENT: &str = "$remote_addr";

/// A path that no app has, for which one answers 404.
pub const NOWHERE: &str = "/.seccfg-hidden";

/// A `RateLimitPolicy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitSpec {
    target_refs: [RouteRef; 1],
    rate_limit: RateLimit,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RateLimit {
    local: Local,
    reject_code: u16,
}

#[derive(Debug, Serialize)]
struct Local {
    rules: Vec<Counting>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counting {
    rate: String,
    key: &'static str,
    burst: u32,
    no_delay: bool,
    zone_size: &'static str,
}

/// A `ClientSettingsPolicy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientSettingsSpec {
    target_ref: RouteRef,
    body: Body,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    max_size: String,
}

impl RateLimitSpec {
    /// Counts the requests of a route by address: the bucket holds one less than may come at once, because the first is none
    /// of it.
    pub fn of(route: String, limits: &[&Limit<'_>]) -> Self {
        let rule = |limit: &&Limit<'_>| {
            let (count, period) = limit.rate.per_minute_or_second()?;
            let unit = match period {
                Period::Second => 's',
                Period::Minute | Period::Hour | Period::Day => 'm',
            };
            Some(Counting {
                rate: format!("{count}r/{unit}"),
                key: "$binary_remote_addr",
                burst: limit.at_once().saturating_sub(1),
                no_delay: true,
                zone_size: "10m",
            })
        };
        let local = Local { rules: limits.iter().filter_map(rule).collect() };
        Self { target_refs: [RouteRef::to(route)], rate_limit: RateLimit { local, reject_code: 429 } }
    }
}

impl ClientSettingsSpec {
    /// Refuses larger bodies on a route; nothing where the size has no form: four digits and a unit.
    pub fn of(route: String, most: ByteSize) -> Option<Self> {
        let units = [(1_u64 << 30, "g"), (1 << 20, "m"), (1 << 10, "k"), (1, "")];
        let written = units.iter().find_map(|(size, unit)| {
            let count = most.as_bytes() / size;
            (count * size == most.as_bytes() && (1..=9999).contains(&count)).then(|| format!("{count}{unit}"))
        });
        written.map(|max_size| Self { target_ref: RouteRef::to(route), body: Body { max_size } })
    }
}
