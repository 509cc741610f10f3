//! Deployments: the pods of a program, with no more rights than it needs.

use serde::Serialize;

use super::metadata::{Labels, Metadata, Selector};
use super::secret::SecretKeyRef;

/// A Deployment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentSpec {
    /// How many pods; nothing, where an autoscaler says that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// How many old ones are kept to go back to.
    pub revision_history_limit: u32,
    /// Its pods.
    pub selector: Selector,
    /// How pods are replaced.
    pub strategy: Strategy,
    /// What a pod is like.
    pub template: PodTemplate,
}

/// How pods are replaced.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Strategy {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rolling_update: Option<RollingUpdate>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RollingUpdate {
    max_surge: u32,
    max_unavailable: u32,
}

impl Strategy {
    /// One by one, the new one first.
    pub const ONE_BY_ONE: Self =
        Self { r#type: "RollingUpdate", rolling_update: Some(RollingUpdate { max_surge: 1, max_unavailable: 0 }) };

    /// The old one ends before the new one starts: two at once would not know what the other does.
    pub const ONE_AT_A_TIME: Self = Self { r#type: "Recreate", rolling_update: None };
}

/// What a pod is like.
#[derive(Debug, Serialize)]
pub struct PodTemplate {
    /// Its labels, and a note that changes with the settings, so that new settings make new pods.
    pub metadata: Metadata,
    /// The pod.
    pub spec: PodSpec,
}

/// A pod.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSpec {
    pub service_account_name: String,
    pub automount_service_account_token: bool,
    pub enable_service_links: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_users: Option<bool>,
    pub termination_grace_period_seconds: u32,
    pub security_context: PodSecurity,
    pub topology_spread_constraints: [Spread; 1],
    pub containers: [Container; 1],
    pub volumes: [Volume; 1],
}

/// Who the processes of a pod are.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSecurity {
    run_as_non_root: bool,
    run_as_user: u32,
    run_as_group: u32,
    fs_group: u32,
    fs_group_change_policy: &'static str,
    seccomp_profile: Seccomp,
}

impl PodSecurity {
    /// Everything as one user.
    pub const fn of(user: u32) -> Self {
        Self {
            run_as_non_root: true,
            run_as_user: user,
            run_as_group: user,
            fs_group: user,
            fs_group_change_policy: "OnRootMismatch",
            seccomp_profile: Seccomp { r#type: "RuntimeDefault" },
        }
    }
}

#[derive(Debug, Serialize)]
struct Seccomp {
    r#type: &'static str,
}

/// How pods are spread over nodes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spread {
    max_skew: u32,
    topology_key: &'static str,
    when_unsatisfiable: &'static str,
    label_selector: Selector,
}

impl Spread {
    /// Evenly, where there are nodes enough.
    pub const fn evenly(pods: Labels) -> Self {
        Self {
            max_skew: 1,
            topology_key: "kubernetes.io/hostname",
            when_unsatisfiable: "ScheduleAnyway",
            label_selector: Selector::of(pods),
        }
    }
}

/// A container.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    pub name: String,
    pub image: String,
    pub image_pull_policy: &'static str,
    pub ports: [Listening; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env_from: Vec<EnvFrom>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<Variable>,
    pub startup_probe: Probe,
    pub readiness_probe: Probe,
    pub liveness_probe: Probe,
    pub resources: Resources,
    pub security_context: ContainerSecurity,
    pub volume_mounts: [Mount; 1],
}

/// Where a program listens.
#[derive(Debug, Serialize)]
pub struct Listening {
    pub name: &'static str,
    #[serde(rename = "containerPort")]
    pub port: u16,
    pub protocol: &'static str,
}

/// Variables out of a `ConfigMap`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvFrom {
    pub config_map_ref: Name,
}

/// The name of another object.
#[derive(Debug, Serialize)]
pub struct Name {
    pub name: String,
}

/// A variable whose value stands in a Secret. There is no other kind: no value is ever written here.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    pub name: String,
    pub value_from: ValueFrom,
}

/// Where a value stands.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueFrom {
    pub secret_key_ref: SecretKeyRef,
}

/// How a pod says that it is well.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    #[serde(flatten)]
    question: Question,
    period_seconds: u32,
    timeout_seconds: u32,
    failure_threshold: u32,
}

/// What is asked.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Question {
    /// A path has an answer.
    HttpGet {
        /// The path.
        path: String,
        /// The name of the port.
        port: &'static str,
        /// Never https: the pod is asked by its node.
        scheme: &'static str,
    },
    /// The port is open.
    TcpSocket {
        /// The name of the port.
        port: &'static str,
    },
}

impl Probe {
    /// A question that is asked every few seconds, and may be answered wrong so many times.
    pub const fn new(question: Question, period_seconds: u32, failure_threshold: u32) -> Self {
        Self { question, period_seconds, timeout_seconds: 3, failure_threshold }
    }
}

/// What a container gets.
#[derive(Debug, Serialize)]
pub struct Resources {
    pub requests: Amounts,
    pub limits: Amounts,
}

/// How much of each.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Amounts {
    pub cpu: String,
    pub memory: String,
    pub ephemeral_storage: &'static str,
}

/// What a container must not do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerSecurity {
    allow_privilege_escalation: bool,
    privileged: bool,
    read_only_root_filesystem: bool,
    run_as_non_root: bool,
    capabilities: Capabilities,
    seccomp_profile: Seccomp,
}

#[derive(Debug, Serialize)]
struct Capabilities {
    drop: [&'static str; 1],
}

impl ContainerSecurity {
    /// As the profile `restricted` of the Pod Security Standards asks, and nothing is written but to `/tmp`.
    pub const RESTRICTED: Self = Self {
        allow_privilege_escalation: false,
        privileged: false,
        read_only_root_filesystem: true,
        run_as_non_root: true,
        capabilities: Capabilities { drop: ["ALL"] },
        seccomp_profile: Seccomp { r#type: "RuntimeDefault" },
    };
}

/// Where a volume is seen.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mount {
    name: &'static str,
    mount_path: &'static str,
}

impl Mount {
    /// For temporary files.
    pub const TMP: Self = Self { name: "tmp", mount_path: "/tmp" };
}

/// A volume.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    name: &'static str,
    empty_dir: EmptyDir,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EmptyDir {
    medium: &'static str,
    size_limit: &'static str,
}

impl Volume {
    /// For temporary files, in memory.
    pub const TMP: Self = Self { name: "tmp", empty_dir: EmptyDir { medium: "Memory", size_limit: "64Mi" } };
}
