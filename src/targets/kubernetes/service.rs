//! Services: the name of a program's pods in the cluster.

use serde::Serialize;

use super::metadata::Labels;

/// The port that a Service has, whichever its pods have.
pub const PORT: u16 = 80;

/// A Service.
#[derive(Debug, Serialize)]
pub struct ServiceSpec {
    r#type: &'static str,
    selector: Labels,
    ports: [ServicePort; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServicePort {
    name: &'static str,
    port: u16,
    target_port: u16,
    protocol: &'static str,
}

impl ServiceSpec {
    /// Of pods that listen on a port.
    pub const fn of(selector: Labels, target_port: u16) -> Self {
        Self {
            r#type: "ClusterIP",
            selector,
            ports: [ServicePort { name: "http", port: PORT, target_port, protocol: "TCP" }],
        }
    }
}
