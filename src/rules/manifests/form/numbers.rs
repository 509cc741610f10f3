//! Numbers, amounts, and words for yes or no.

use super::{Refused, each, is_known};
use crate::manifest::{Object, Workload};
use crate::yaml::{Kind, Node};

/// The longest name of a port of a container (RFC 6335).
const PORT: usize = 15;

/// Fields that are whole numbers from 0 on.
const NUMBERS: [&str; 17] = [
    "replicas",
    "minReplicas",
    "maxReplicas",
    "containerPort",
    "hostPort",
    "nodePort",
    "endPort",
    "runAsUser",
    "runAsGroup",
    "fsGroup",
    "terminationGracePeriodSeconds",
    "periodSeconds",
    "timeoutSeconds",
    "failureThreshold",
    "initialDelaySeconds",
    "revisionHistoryLimit",
    "backoffLimit",
];

/// Fields that say yes or no.
const SWITCHES: [&str; 13] = [
    "privileged",
    "allowPrivilegeEscalation",
    "readOnlyRootFilesystem",
    "runAsNonRoot",
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "hostUsers",
    "automountServiceAccountToken",
    "enableServiceLinks",
    "shareProcessNamespace",
    "optional",
    "immutable",
];

pub(super) fn refused(object: &Object) -> Vec<Refused> {
    let mut found = Vec::new();
    if !is_known(object) {
        return found;
    }
    let source = object.source;
    each(&object.node, "", &mut |above, entry| {
        let (key, node) = (entry.key.as_str(), &entry.value);
        let place = (source, node.span);
        // A tag says what it is.
        if node.tag.is_some() {
            return;
        }
        // A port of a Service and of a backend is a number; others may be named.
        let is_number = NUMBERS.contains(&key)
            || key == "port" && (above == "backendRefs" || (above == "ports" && object.kind == "Service"));
        match node.kind() {
            Some(Kind::Text) if is_number => {
                let message = format!("`{key}` is a text, where a number has to stand");
                found.push(Refused::at(place, message, "take the quotes away"));
            }
            Some(Kind::Text | Kind::Number) if SWITCHES.contains(&key) => {
                let message = format!("`{key}` is a text or a number, where yes or no has to stand");
                found.push(Refused::at(place, message, "write `true` or `false`, without quotes"));
            }
            Some(Kind::Number) if is_number && node.text().is_some_and(|text| text.starts_with('-')) => {
                found.push(Refused::at(place, format!("`{key}` is below 0"), "write 0 or more"));
            }
            Some(Kind::Number) if is_port(key) => {
                let least = u64::from(key != "hostPort");
                if node.as_u64().is_none_or(|port| !(least..=65_535).contains(&port)) {
                    let message = format!("`{key}` is no port");
                    found.push(Refused::at(place, message, "write a number from 1 to 65535"));
                }
            }
            _ => {}
        }
        let is_amount = matches!(above, "limits" | "requests") || key == "sizeLimit";
        if let Some(text) = node.text().filter(|text| is_amount && !is_quantity(text) && !text.contains("{{")) {
            let message = format!("`{text}` is no amount (`{key}`)");
            found.push(Refused::at(place, message, "write such as `100m` for processors, and `512Mi` for bytes"));
        }
    });
    for container in Workload::of(object).into_iter().flat_map(|workload| workload.containers()) {
        for port in container.node.get("ports").map(Node::items).unwrap_or_default() {
            let Some(name) = port.get("name") else { continue };
            let Some(text) = name.text().filter(|text| !is_port_name(text)) else { continue };
            let message = format!("`{text}` is no name of a port");
            let help = format!("write small letters, digits and `-`, {PORT} at most, with a letter among them");
            found.push(Refused::at((source, name.span), message, help));
        }
    }
    found
}

fn is_port(key: &str) -> bool {
    matches!(key, "port" | "targetPort" | "containerPort" | "hostPort" | "nodePort" | "endPort")
}

fn is_port_name(text: &str) -> bool {
    (1..=PORT).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

/// Whether it is an amount: a number with a suffix for thousands, for thousandths, or for powers of 1024.
fn is_quantity(text: &str) -> bool {
    const SUFFIXES: [&str; 16] = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let split = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(split);
    let is_number = number.bytes().any(|byte| byte.is_ascii_digit()) && number.matches('.').count() < 2;
    let power = suffix.strip_prefix(['e', 'E']).map(|power| power.strip_prefix(['+', '-']).unwrap_or(power));
    let is_power = power.is_some_and(|power| !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit()));
    is_number && (is_power || SUFFIXES.contains(&suffix))
}
