//! Envoy Gateway's objects: limits and bodies of a route, answers of its own, and whom it lets in.

use serde::Serialize;

use super::super::gateway_api::{ExtensionRef, Filter, RouteRef};
use crate::plan::Limit;
use crate::profile::{ByteSize, Cidr, Period};

/// The group of Envoy Gateway's objects.
const GROUP: &str = "gateway.envoyproxy.io";

/// What tells an app the address of the client, as Envoy sees it, and nothing that the client said.
pub const CLIENT: &str = "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%";

/// An `HTTPRouteFilter`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteFilterSpec {
    direct_response: DirectResponse,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DirectResponse {
    status_code: u16,
}

/// A `BackendTrafficPolicy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendTrafficSpec {
    target_refs: [RouteRef; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<RateLimit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_buffer: Option<RequestBuffer>,
}

#[derive(Debug, Serialize)]
struct RateLimit {
    r#type: &'static str,
    local: Local,
}

#[derive(Debug, Serialize)]
struct Local {
    rules: Vec<Counting>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counting {
    client_selectors: [Clients; 1],
    limit: Most,
}

#[derive(Debug, Serialize)]
struct Clients {
    #[serde(rename = "sourceCIDR")]
    source_cidr: Source,
}

#[derive(Debug, Serialize)]
struct Source {
    r#type: &'static str,
    value: &'static str,
}

#[derive(Debug, Serialize)]
struct Most {
    requests: u32,
    unit: &'static str,
}

#[derive(Debug, Serialize)]
struct RequestBuffer {
    limit: String,
}

/// A `SecurityPolicy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecuritySpec {
    target_refs: Vec<RouteRef>,
    authorization: Authorization,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Authorization {
    default_action: &'static str,
    rules: Vec<Access>,
}

#[derive(Debug, Serialize)]
struct Access {
    name: &'static str,
    action: &'static str,
    principal: Principal,
}

#[derive(Debug, Serialize)]
struct Principal {
    #[serde(rename = "clientCIDRs")]
    client_cidrs: Vec<String>,
}

impl RouteFilterSpec {
    /// Answers this.
    pub const fn answering(status_code: u16) -> Self {
        Self { direct_response: DirectResponse { status_code } }
    }
}

/// The step that a filter of Envoy Gateway's is.
pub const fn step(name: String) -> Filter {
    Filter::Extension(ExtensionRef { group: GROUP, kind: "HTTPRouteFilter", name })
}

impl BackendTrafficSpec {
    /// Counts the requests of a route by address, and refuses larger bodies.
    pub fn of(route: String, limits: &[&Limit<'_>], body: Option<ByteSize>) -> Self {
        // What it cannot count, the plan leaves to nobody.
        let single = limits.iter().filter_map(|limit| Some((limit.rate.count, limit.rate.single_period()?)));
        let rules = single.flat_map(|(requests, period)| {
            let unit = match period {
                Period::Second => "Second",
                Period::Minute => "Minute",
                Period::Hour => "Hour",
                Period::Day => "Day",
            };
            ["0.0.0.0/0", "::/0"].map(|value| Counting {
                client_selectors: [Clients { source_cidr: Source { r#type: "Distinct", value } }],
                limit: Most { requests, unit },
            })
        });
        let rate_limit =
            (!limits.is_empty()).then(|| RateLimit { r#type: "Local", local: Local { rules: rules.collect() } });
        let request_buffer = body.map(|most| RequestBuffer { limit: super::super::amount(most) });
        Self { target_refs: [RouteRef::to(route)], rate_limit, request_buffer }
    }
}

impl SecuritySpec {
    /// Turns some networks away from routes, and lets in some others alone, or all.
    pub fn of(routes: Vec<String>, denied: &[Cidr], allowed: &[Cidr]) -> Self {
        let access = |name, action, networks: &[Cidr]| {
            let client_cidrs: Vec<String> = networks.iter().map(ToString::to_string).collect();
            (!client_cidrs.is_empty()).then_some(Access { name, action, principal: Principal { client_cidrs } })
        };
        let rules = [access("denied", "Deny", denied), access("allowed", "Allow", allowed)];
        let default_action = if allowed.is_empty() { "Allow" } else { "Deny" };
        let authorization = Authorization { default_action, rules: rules.into_iter().flatten().collect() };
        Self { target_refs: routes.into_iter().map(RouteRef::to).collect(), authorization }
    }
}
