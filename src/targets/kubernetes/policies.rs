//! What a cluster refuses, whoever applies it: the invariants that make sense there, as `ValidatingAdmissionPolicy` objects.
//!
//! A rendered Deployment is right on the day on which it is applied. Later somebody scales it, edits an image, adds a container
//! to look around; no check of a file sees that, and the cluster's own rules do. They are written in CEL, and only with what every
//! evaluator agrees on (`has`, `all`, `filter`, `in`, `matches`, `+`); what they compare with stands in them as literals, each
//! of an alphabet without quotes and backslashes.

use super::admission::{AdmissionPolicySpec, BindingSpec, CHANGES, Condition, Resources, Validation, rule, validation};
use super::metadata::{Labels, NAME, Selector};
use super::programs::Program;
use super::{Body, Builder, Object};
use crate::profile::{Image, Version};
use crate::targets::env::Content;

/// Since when clusters have these objects, without a switch (Kubernetes 1.30, release notes).
const SINCE: Version = Version::new(1, 30, 0);

impl Builder<'_> {
    /// The policies of the app's namespace with their bindings: one for what makes pods and how many, one for the
    /// pods, and one for settings.
    pub fn admission(&self, programs: &[Program<'_>]) -> Vec<Object> {
        if self.target.kubernetes_version.is_some_and(|version| !version.at_least(SINCE)) {
            return Vec::new();
        }
        // What makes no pods has no pod, and a guard comes before it: variables are evaluated where they are used.
        let guarded = |validation: Validation| Validation {
            expression: format!("object.kind == 'Scale' || ({})", validation.expression),
            ..validation
        };
        let mut of_workloads: Vec<Validation> = self.of_containers(programs).into_iter().map(guarded).collect();
        of_workloads.extend(self.of_replicas());
        let workloads = vec![
            rule("apps", CHANGES, &["deployments", "statefulsets", "daemonsets"]),
            // A Deployment that is mended scales the old one down, which has to be let through.
            rule("apps", &["CREATE"], &["replicasets"]),
            rule("batch", CHANGES, &["jobs"]),
            // `kubectl scale` changes nothing else.
            rule("apps", &["UPDATE"], &["deployments/scale", "statefulsets/scale", "replicasets/scale"]),
        ];
        let pods = vec![rule("", CHANGES, &["pods"]), rule("", &["UPDATE"], &["pods/ephemeralcontainers"])];
        // Whatever a pod is, it has to be let go: controllers take marks off it, and change nothing that it runs.
        let is_changed =
            Condition { name: "changed", expression: "request.operation != 'UPDATE' || object.spec != oldObject.spec" };
        let of_pods = self.of_containers(programs);
        let specs = [
            ("workloads", AdmissionPolicySpec::of(workloads, Vec::new(), "object.spec.template.spec", of_workloads)),
            ("pods", AdmissionPolicySpec::of(pods, vec![is_changed], "object.spec", of_pods)),
            (
                "settings",
                AdmissionPolicySpec::of_settings(vec![rule("", CHANGES, &["configmaps"])], self.of_settings()),
            ),
        ];
        let specs = specs.into_iter().filter(|(_, spec)| !spec.validations.is_empty());
        specs.flat_map(|(what, spec)| self.bound(what, spec)).collect()
    }

    /// A policy, and where it counts. Their names are the whole cluster's.
    fn bound(&self, what: &str, spec: AdmissionPolicySpec) -> [Object; 2] {
        let policy_name = format!("seccfg-{}-{}-{what}", self.namespace, self.app);
        let mut metadata = self.own(&policy_name);
        metadata.namespace = None;
        let mut binding = self.own(&policy_name);
        binding.namespace = None;
        let here = Labels::from([("kubernetes.io/metadata.name", self.namespace.to_owned())]);
        let match_resources = Resources { match_policy: "Equivalent", namespace_selector: Selector::of(here) };
        let bound = BindingSpec { policy_name, validation_actions: ["Deny", "Audit"], match_resources };
        [
            Object::new(metadata, Body::ValidatingAdmissionPolicy { spec }),
            Object::new(binding, Body::ValidatingAdmissionPolicyBinding { spec: bound }),
        ]
    }

    /// The names of the app's secrets, as a list of CEL's.
    fn secret_variables(&self) -> String {
        let secrets = self.settings.iter().filter(|one| matches!(one.content, Content::Secret(_)));
        secrets.map(|one| format!("'{}'", one.name)).collect::<Vec<_>>().join(", ")
    }

    /// That no secret stands among the settings.
    fn of_settings(&self) -> Vec<Validation> {
        let secrets = self.secret_variables();
        if secrets.is_empty() {
            return Vec::new();
        }
        vec![validation(
            format!("!has(object.data) || object.data.all(k, !(k in [{secrets}]) || object.data[k] == '')"),
            "K8S022: a secret stands in a ConfigMap: write it into a Secret, and make a new one",
        )]
    }

    /// What every pod of the namespace has to be like.
    fn of_containers(&self, programs: &[Program<'_>]) -> Vec<Validation> {
        let mut validations = vec![
            validation(
                "variables.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) \
                 || !c.securityContext.privileged)",
                "K8S025: a container is privileged, which makes whoever breaks into it the root of its machine",
            ),
            validation(
                "variables.containers.all(c, has(c.securityContext) && has(c.securityContext.allowPrivilegeEscalation) \
                 && !c.securityContext.allowPrivilegeEscalation)",
                "K8S025: a container may gain privileges: write securityContext.allowPrivilegeEscalation: false",
            ),
            validation(
                // What a container says counts for it, whatever the pod says.
                "variables.containers.all(c, has(c.securityContext) && has(c.securityContext.runAsNonRoot) \
                 ? c.securityContext.runAsNonRoot : has(variables.pod.securityContext) \
                 && has(variables.pod.securityContext.runAsNonRoot) && variables.pod.securityContext.runAsNonRoot)",
                "K8S025: a container may run as root: write securityContext.runAsNonRoot: true",
            ),
            validation(
                "(!has(variables.pod.hostNetwork) || !variables.pod.hostNetwork) \
                 && (!has(variables.pod.hostPID) || !variables.pod.hostPID) \
                 && (!has(variables.pod.hostIPC) || !variables.pod.hostIPC) \
                 && (!has(variables.pod.volumes) || variables.pod.volumes.all(v, !has(v.hostPath)))",
                "K8S025: a pod has the network, the processes or a folder of its machine",
            ),
        ];
        validations.push(validation(
            "(!has(variables.pod.securityContext) || !has(variables.pod.securityContext.runAsUser) \
             || variables.pod.securityContext.runAsUser != 0) \
             && variables.containers.all(c, !has(c.securityContext) || !has(c.securityContext.runAsUser) \
             || c.securityContext.runAsUser != 0)",
            "K8S025: a container runs as root: write another securityContext.runAsUser than 0",
        ));
        validations.push(validation(
            "variables.containers.all(c, !has(c.securityContext) || ((!has(c.securityContext.procMount) \
             || c.securityContext.procMount == 'Default') && (!has(c.securityContext.capabilities) \
             || !has(c.securityContext.capabilities.add) \
             || c.securityContext.capabilities.add.all(a, a == 'NET_BIND_SERVICE'))))",
            "K8S025: a container has a capability of root's, or sees what its machine hides in /proc",
        ));
        validations.extend(self.of_processes());
        // A cluster that refuses what was just rendered would help nobody.
        if programs.iter().filter_map(|program| program.image).all(Image::is_pinned) {
            validations.push(validation(
                "variables.containers.all(c, c.image.matches('^[^@]+@sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$'))",
                "K8S004: an image is not pinned by its digest: write registry/name@sha256: and all 64 digits",
            ));
        }
        let secrets = self.secret_variables();
        if !secrets.is_empty() {
            validations.push(validation(
                format!(
                    "variables.containers.all(c, !has(c.env) || c.env.all(e, !(e.name in [{secrets}]) || !has(e.value) || e.value == ''))"
                ),
                "K8S022: a secret stands as a text in env: write valueFrom.secretKeyRef, and make a new secret",
            ));
        }
        validations
    }

    /// How many pods there may be of an app that keeps its state in memory, and how they are replaced.
    fn of_replicas(&self) -> Vec<Validation> {
        if !self.is_alone() {
            return Vec::new();
        }
        let app = self.app;
        // What an overlay of kustomize does to names, it does not do to labels.
        let is_labelled =
            |labels: &str| format!("(has({labels}) && '{NAME}' in {labels} && {labels}['{NAME}'] == '{app}')");
        // The Service chooses pods by the labels of their template.
        let is_app = format!(
            "({} || (has(object.spec.template) && has(object.spec.template.metadata) && {}))",
            is_labelled("object.metadata.labels"),
            is_labelled("object.spec.template.metadata.labels")
        );
        let is_scaled = format!(
            "(has(object.status) && has(object.status.selector) \
             && object.status.selector.matches('(^|,){}={app}(,|$)'))",
            NAME.replace('.', "[.]")
        );
        let is_it = format!("(object.kind == 'Scale' ? (object.metadata.name == '{app}' || {is_scaled}) : {is_app})");
        let makes_more = "(object.kind == 'DaemonSet' || (object.kind in ['Deployment', 'StatefulSet', 'ReplicaSet', 'Scale'] \
                          && has(object.spec.replicas) && object.spec.replicas > 1))";
        let surges = "(object.kind == 'Deployment' && (!has(object.spec.strategy) || !has(object.spec.strategy.type) \
                      || object.spec.strategy.type != 'Recreate'))";
        vec![
            validation(
                format!("!({is_it} && {makes_more})"),
                "K8S007: the app keeps its state in memory, which several pods do not share: keep it in Redis first",
            ),
            validation(
                format!("!({surges} && {is_app})"),
                "K8S007: the app keeps its state in memory, and a new pod would run beside the old one: write strategy.type: \
                 Recreate",
            ),
        ]
    }

    /// How many processes there may be in a pod of such an app.
    fn of_processes(&self) -> Option<Validation> {
        self.is_alone().then(|| {
            validation(
                "variables.containers.all(c, !has(c.env) || c.env.all(e, !(e.name in ['WEB_CONCURRENCY', 'UVICORN_WORKERS', \
                 'GRANIAN_WORKERS']) || !has(e.value) || e.value in ['', '1']))",
                "STA001: the app keeps its state in memory, which several processes do not share: keep it in Redis first",
            )
        })
    }
}
