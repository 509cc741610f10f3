//! How many pods there are: budgets of those that may be away, and autoscalers.

use serde::Serialize;

use super::metadata::Selector;

/// A `PodDisruptionBudget`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DisruptionBudgetSpec {
    max_unavailable: u32,
    unhealthy_pod_eviction_policy: &'static str,
    selector: Selector,
}

impl DisruptionBudgetSpec {
    /// One pod at a time may be away; one that is ill does not count.
    pub const fn one_away(selector: Selector) -> Self {
        Self { max_unavailable: 1, unhealthy_pod_eviction_policy: "AlwaysAllow", selector }
    }
}

/// A `HorizontalPodAutoscaler`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AutoscalerSpec {
    scale_target_ref: Target,
    min_replicas: u32,
    max_replicas: u32,
    metrics: [Metric; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    api_version: &'static str,
    kind: &'static str,
    name: String,
}

#[derive(Debug, Serialize)]
struct Metric {
    r#type: &'static str,
    resource: Resource,
}

#[derive(Debug, Serialize)]
struct Resource {
    name: &'static str,
    target: Utilization,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Utilization {
    r#type: &'static str,
    average_utilization: u32,
}

impl AutoscalerSpec {
    /// From some pods to others, by the share of the processor time that they asked for.
    pub const fn by_cpu(deployment: String, (min_replicas, max_replicas): (u32, u32), percent: u32) -> Self {
        let target = Utilization { r#type: "Utilization", average_utilization: percent };
        Self {
            scale_target_ref: Target { api_version: "apps/v1", kind: "Deployment", name: deployment },
            min_replicas,
            max_replicas,
            metrics: [Metric { r#type: "Resource", resource: Resource { name: "cpu", target } }],
        }
    }
}
