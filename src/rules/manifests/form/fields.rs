//! Fields whose names are a slip away from known ones.
//!
//! The lists hold what Kubernetes 1.37, the Gateway API 1.5 and Traefik 3.7 have. A field that is in none of them may be of
//! another version, and nothing is said of it where it is like no other.

use super::Refused;
use crate::manifest::{Object, Workload};
use crate::source::is_slip;
use crate::yaml::Node;

const POD: &str = "activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy enableServiceLinks \
                   ephemeralContainers hostAliases hostIPC hostNetwork hostPID hostUsers hostname hostnameOverride \
                   imagePullSecrets initContainers nodeName nodeSelector os overhead preemptionPolicy priority \
                   priorityClassName readinessGates resourceClaims resources restartPolicy runtimeClassName schedulerName \
                   schedulingGates securityContext serviceAccount serviceAccountName setHostnameAsFQDN \
                   shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations topologySpreadConstraints \
                   volumes workloadRef schedulingGroup";
const CONTAINER: &str = "args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports readinessProbe \
                         resizePolicy resources restartPolicy restartPolicyRules securityContext startupProbe stdin \
                         stdinOnce targetContainerName terminationMessagePath terminationMessagePolicy tty volumeDevices \
                         volumeMounts workingDir";
const CONTEXT: &str = "allowPrivilegeEscalation appArmorProfile capabilities privileged procMount readOnlyRootFilesystem \
                       runAsGroup runAsNonRoot runAsUser seLinuxOptions seccompProfile windowsOptions fsGroup \
                       fsGroupChangePolicy seLinuxChangePolicy supplementalGroups supplementalGroupsPolicy sysctls";
const VARIABLE: &str = "name value valueFrom";
const FROM: &str = "configMapRef prefix secretRef";
const SOURCE: &str = "configMapKeyRef fieldRef fileKeyRef resourceFieldRef secretKeyRef";
const DEPLOYMENT: &str =
    "minReadySeconds paused progressDeadlineSeconds replicas revisionHistoryLimit selector strategy template";
const SERVICE: &str = "allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName externalTrafficPolicy \
                       healthCheckNodePort internalTrafficPolicy ipFamilies ipFamilyPolicy loadBalancerClass \
                       loadBalancerIP loadBalancerSourceRanges ports publishNotReadyAddresses selector sessionAffinity \
                       sessionAffinityConfig trafficDistribution type";
const NETWORK: &str = "egress ingress podSelector policyTypes";
const INGRESS: &str = "from ports";
const EGRESS: &str = "ports to";
const PEER: &str = "ipBlock namespaceSelector podSelector";
const ROUTE: &str = "hostnames parentRefs rules useDefaultGateways";
const RULE: &str = "backendRefs filters matches name retry sessionPersistence timeouts";
const MIDDLEWARE: &str = "addPrefix basicAuth buffering chain circuitBreaker compress contentType digestAuth errors forwardAuth \
                          grpcWeb headers inFlightReq ipAllowList ipWhiteList passTLSClientCert plugin rateLimit \
                          redirectRegex redirectScheme replacePath replacePathRegex retry stripPrefix stripPrefixRegex \
                          encodedCharacters";
const LIMIT: &str = "average burst period redis sourceCriterion";
const BUFFERING: &str =
    "maxRequestBodyBytes maxResponseBodyBytes memRequestBodyBytes memResponseBodyBytes retryExpression";
const ALLOWED: &str = "ipStrategy rejectStatusCode sourceRange";

/// What is looked at: what it is called, where it is from the object on (`*` is each element of a list), and its fields.
type Known = (&'static str, &'static [&'static str], &'static str);

const OF_NETWORKS: [Known; 5] = [
    ("a NetworkPolicy", &["spec"], NETWORK),
    ("what a NetworkPolicy lets in", &["spec", "ingress", "*"], INGRESS),
    ("what a NetworkPolicy lets out", &["spec", "egress", "*"], EGRESS),
    ("a peer of a NetworkPolicy", &["spec", "ingress", "*", "from", "*"], PEER),
    ("a peer of a NetworkPolicy", &["spec", "egress", "*", "to", "*"], PEER),
];
const OF_ROUTES: [Known; 2] =
    [("an HTTPRoute", &["spec"], ROUTE), ("a rule of an HTTPRoute", &["spec", "rules", "*"], RULE)];
const OF_MIDDLEWARES: [Known; 4] = [
    ("a Middleware", &["spec"], MIDDLEWARE),
    ("a limit of Traefik's", &["spec", "rateLimit"], LIMIT),
    ("a limit of Traefik's", &["spec", "buffering"], BUFFERING),
    ("a list of addresses of Traefik's", &["spec", "ipAllowList"], ALLOWED),
];
const OF_CONTAINERS: [Known; 5] = [
    ("a container", &[], CONTAINER),
    ("a `securityContext`", &["securityContext"], CONTEXT),
    ("a variable", &["env", "*"], VARIABLE),
    ("where a variable comes from", &["env", "*", "valueFrom"], SOURCE),
    ("`envFrom`", &["envFrom", "*"], FROM),
];
const OF_PODS: [Known; 2] = [("a pod", &[], POD), ("a `securityContext`", &["securityContext"], CONTEXT)];
const OF_DEPLOYMENTS: [Known; 1] = [("a Deployment", &["spec"], DEPLOYMENT)];
const OF_SERVICES: [Known; 1] = [("a Service", &["spec"], SERVICE)];

pub(super) fn refused(object: &Object) -> Vec<Refused> {
    let mut found = Vec::new();
    let known: &[Known] = match (object.group.as_str(), object.kind.as_str()) {
        ("networking.k8s.io", "NetworkPolicy") => &OF_NETWORKS,
        ("gateway.networking.k8s.io", "HTTPRoute") => &OF_ROUTES,
        ("traefik.io" | "traefik.containo.us", "Middleware") => &OF_MIDDLEWARES,
        ("apps", "Deployment") => &OF_DEPLOYMENTS,
        ("", "Service") => &OF_SERVICES,
        _ => &[],
    };
    let mut look = |node: &Node, known: &[Known]| {
        for (what, way, fields) in known {
            along(node, way, &mut |node| slips(node, what, fields, object.source, &mut found));
        }
    };
    look(&object.node, known);
    // What others define may have fields of its own.
    let is_own = matches!(object.group.as_str(), "" | "apps" | "batch");
    if let Some(workload) = Workload::of(object).filter(|_| is_own) {
        look(workload.pod, &OF_PODS);
        workload.containers().for_each(|container| look(container.node, &OF_CONTAINERS));
    }
    found
}

/// Hands on what is at the end of a way.
fn along<'n>(node: &'n Node, way: &[&str], take: &mut impl FnMut(&'n Node)) {
    match way {
        [] => take(node),
        ["*", rest @ ..] => node.items().iter().for_each(|item| along(item, rest, take)),
        [key, rest @ ..] => node.get(key).into_iter().for_each(|inner| along(inner, rest, take)),
    }
}

fn slips(node: &Node, what: &str, fields: &str, source: usize, found: &mut Vec<Refused>) {
    for entry in node.entries() {
        let mut known = fields.split_whitespace();
        if known.clone().any(|field| field == entry.key) {
            continue;
        }
        if let Some(meant) = known.find(|field| is_slip(&entry.key, field)) {
            let message = format!("{what} has no field `{}`", entry.key);
            found.push(Refused::at((source, entry.key_span), message, format!("`{meant}` is near to it")));
        }
    }
}
