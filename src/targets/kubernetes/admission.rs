//! Policies of admission, as the API has them. What they refuse is said in `policies.rs`.

use serde::Serialize;

use super::metadata::Selector;

/// A policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AdmissionPolicySpec {
    failure_policy: &'static str,
    match_constraints: Constraints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    match_conditions: Vec<Condition>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variables: Vec<Variable>,
    pub validations: Vec<Validation>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Constraints {
    match_policy: &'static str,
    resource_rules: Vec<ResourceRule>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceRule {
    api_groups: [&'static str; 1],
    api_versions: [&'static str; 1],
    operations: &'static [&'static str],
    resources: &'static [&'static str],
    scope: &'static str,
}

/// When a policy is asked.
#[derive(Debug, Serialize)]
pub struct Condition {
    pub name: &'static str,
    pub expression: &'static str,
}

#[derive(Debug, Serialize)]
pub struct Variable {
    name: &'static str,
    expression: String,
}

/// What has to hold.
#[derive(Debug, Serialize)]
pub struct Validation {
    pub expression: String,
    pub message: String,
    pub reason: &'static str,
}

/// Where a policy counts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BindingSpec {
    pub policy_name: String,
    pub validation_actions: [&'static str; 2],
    pub match_resources: Resources,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    pub match_policy: &'static str,
    pub namespace_selector: Selector,
}

/// All containers of a pod, those that run before and those that are put in later, too.
const CONTAINERS: &str = "variables.pod.containers \
    + (has(variables.pod.initContainers) ? variables.pod.initContainers : []) \
    + (has(variables.pod.ephemeralContainers) ? variables.pod.ephemeralContainers : [])";

pub const CHANGES: &[&str] = &["CREATE", "UPDATE"];

pub const fn rule(
    group: &'static str,
    operations: &'static [&'static str],
    resources: &'static [&'static str],
) -> ResourceRule {
    ResourceRule { api_groups: [group], api_versions: ["v1"], operations, resources, scope: "Namespaced" }
}

pub fn validation(expression: impl Into<String>, message: impl Into<String>) -> Validation {
    Validation { expression: expression.into(), message: message.into(), reason: "Invalid" }
}

impl AdmissionPolicySpec {
    /// One that asks this of what these rules name, where that is so; `pod` says where its pod's `spec` is.
    pub fn of(
        resource_rules: Vec<ResourceRule>,
        match_conditions: Vec<Condition>,
        pod: &str,
        validations: Vec<Validation>,
    ) -> Self {
        let variables = vec![
            Variable { name: "pod", expression: pod.to_owned() },
            Variable { name: "containers", expression: CONTAINERS.to_owned() },
        ];
        Self { match_conditions, variables, ..Self::of_settings(resource_rules, validations) }
    }

    /// One that asks this of what runs no pods.
    pub fn of_settings(resource_rules: Vec<ResourceRule>, validations: Vec<Validation>) -> Self {
        let match_constraints = Constraints { match_policy: "Equivalent", resource_rules };
        let (match_conditions, variables) = (Vec::new(), Vec::new());
        Self { failure_policy: "Fail", match_constraints, match_conditions, variables, validations }
    }
}
