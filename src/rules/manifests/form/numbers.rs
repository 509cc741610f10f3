//! Numbers, amounts, and words for yes or no.

use super::{Refused, each, is_known};
use crate::manifest::{Object, Workload};
use crate::source::Span;
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
        found.extend(beyond_limits(container.node).map(|(span, message)| {
            Refused::at((source, span), message, "ask for no more than the limit, or raise that")
        }));
    }
    let replicas = |key| object.node.get("spec").and_then(|spec| spec.get(key));
    if let (Some(least), Some(most)) = (replicas("minReplicas"), replicas("maxReplicas"))
        && let (Some(fewest), Some(limit)) = (least.as_u64(), most.as_u64())
        && fewest > limit
    {
        let message = format!("`minReplicas` is {fewest}, and `maxReplicas` {limit}");
        found.push(Refused::at((source, least.span), message, "write no more than `maxReplicas`, or raise that"));
    }
    found
}

/// What a container asks for beyond its own limits.
fn beyond_limits(container: &Node) -> impl Iterator<Item = (Span, String)> {
    let resources = container.get("resources");
    let part = |name| resources.and_then(|resources| resources.get(name));
    let (requests, limits) = (part("requests"), part("limits"));
    requests.map(Node::entries).unwrap_or_default().iter().filter_map(move |asked| {
        let (amount, most) = (asked.value.text()?, limits?.get(&asked.key)?.text()?);
        let message = || format!("`{}` asks for {amount}, and the limit is {most}", asked.key);
        // `1000m` is 1, and no float is a thousand thousandths for certain.
        (quantity(amount)? > quantity(most)? * (1.0 + 1e-9)).then(|| (asked.value.span, message()))
    })
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

/// What each suffix of an amount stands for: thousandths, thousands, and powers of 1024.
const SUFFIXES: [(&str, f64); 16] = [
    ("", 1.0),
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("E", 1e18),
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("Ei", 1_152_921_504_606_846_976.0),
];

/// Whether it is an amount.
fn is_quantity(text: &str) -> bool {
    quantity(text).is_some()
}

/// An amount: a number with a suffix, or with a power of ten.
fn quantity(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let split = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = text.split_at(text.len() - unsigned.len() + split);
    let factor = match suffix.strip_prefix(['e', 'E']).filter(|power| !power.is_empty() && *power != "i") {
        Some(power) => 10_f64.powi(power.parse().ok()?),
        None => SUFFIXES.iter().find(|(known, _)| *known == suffix)?.1,
    };
    number.parse::<f64>().ok().map(|number| number * factor)
}
