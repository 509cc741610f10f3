//! Kubernetes: from a plan to the objects around an app, each a file, in the order in which they are applied.
//!
//! Objects are typed structs and `yaml` writes them; nothing is glued from strings. What runs the app is in
//! `programs`, what lets requests in is in `routes`, and what an implementation of the Gateway API adds in `gateways`.

mod admission;
mod certificate;
mod deployment;
mod drift;
mod gateway_api;
mod gateways;
mod ingress;
mod kustomize;
mod metadata;
mod network;
mod object;
mod parts;
mod pattern;
mod policies;
mod programs;
mod responses;
mod routes;
mod scale;
mod secret;
mod service;
mod steps;
mod yaml;

use std::path::Path;

pub use self::drift::{is_same_object, left_over, taken_away};
use self::metadata::{Labels, Metadata};
use self::object::{Body, Object};
use self::programs::Program;
use super::env::{self, Assignment};
use super::proxy::Proxy;
use super::refused::{Refused, each, keep};
use super::{Artifact, Error, Unwritable, header};
use crate::plan::{GatewayKind, Plan};
use crate::profile::{ByteSize, KubernetesTarget, Label, Version};
use crate::source::KeyPath;

/// Where the profile says which cluster is meant.
const KEY: &str = "targets.kubernetes";

/// The folder of all files.
const FOLDER: &str = "kubernetes";

/// Renders the objects of a plan, and what kustomize has to know to build on them. A stream of objects has no use for that.
pub fn render(plan: &Plan<'_>, target: &KubernetesTarget, is_stream: bool) -> Result<Vec<Artifact>, Error> {
    let settings = env::assignments(std::slice::from_ref(plan))?;
    let objects = Builder::new(plan, target, &settings).objects()?;
    let header = header(plan);
    let written = |name: &Path, text: Result<String, _>| {
        let text = text.map_err(|error| Error::Template(format!("of {}: {error}", name.display())))?;
        Ok(Artifact { path: Path::new(FOLDER).join(name), text: format!("# {header}\n{text}") })
    };
    let object = |object: &Object| written(Path::new(&object.file_name()), yaml::document(object));
    // A stream is for whoever may apply what is the app's.
    let written_objects = objects.iter().filter(|object| !(is_stream && object.is_of_the_cluster()));
    let mut artifacts = written_objects.map(object).collect::<Result<Vec<_>, Error>>()?;
    if !is_stream {
        for (name, text) in kustomize::files(&objects) {
            artifacts.push(written(Path::new(name), text)?);
        }
    }
    Ok(artifacts)
}

/// What a plan says that no object has a form for.
pub fn refused(plan: &Plan<'_>, target: &KubernetesTarget) -> Option<Refused> {
    Builder::new(plan, target, &[]).objects().err()
}

/// A size as Kubernetes writes it.
fn amount(size: ByteSize) -> String {
    let units = [(1_u64 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];
    let bytes = size.as_bytes();
    let unit = units.iter().find(|(unit, _)| bytes.is_multiple_of(*unit));
    unit.map_or_else(|| bytes.to_string(), |(size, unit)| format!("{}{unit}", bytes / size))
}

/// The objects of one plan.
struct Builder<'p> {
    proxy: Proxy<'p>,
    target: &'p KubernetesTarget,
    /// What stands before the app; nothing where none is named.
    gateway: Option<GatewayKind>,
    app: &'p str,
    namespace: &'p str,
    /// What the app is told.
    settings: &'p [Assignment],
}

impl<'p> Builder<'p> {
    fn new(plan: &'p Plan<'p>, target: &'p KubernetesTarget, settings: &'p [Assignment]) -> Self {
        let app = plan.policy.app.name.as_str();
        Self {
            proxy: Proxy::new(plan),
            target,
            gateway: GatewayKind::of(target),
            app,
            namespace: target.namespace.as_ref().map_or(app, Label::as_str),
            settings,
        }
    }

    /// All objects in the order in which they are applied, or all that is wrong.
    fn objects(&self) -> Result<Vec<Object>, Refused> {
        let mut refused: Vec<Unwritable> = Vec::new();
        let mut objects = vec![self.namespace()];
        keep(self.versions(), &mut refused);
        let programs = keep(self.programs(), &mut refused).unwrap_or_default();
        objects.extend(self.policies(&programs));
        objects.extend(keep(self.workloads(&programs), &mut refused).unwrap_or_default());
        objects.extend(self.certificate());
        objects.extend(self.admission(&programs));
        objects.extend(keep(self.routes(&programs), &mut refused).unwrap_or_default());
        if !refused.is_empty() {
            return Err(Refused(refused));
        }
        objects.sort_by_key(Object::order);
        Ok(objects)
    }

    /// The objects are of versions that a cluster has to know, as far as it is said which one it is.
    fn versions(&self) -> Result<(), Refused> {
        let gateway = self.target.gateway.as_ref().and_then(|gateway| gateway.api_version);
        let declared = [
            // PodDisruptionBudget's unhealthyPodEvictionPolicy (Kubernetes 1.27, release notes).
            ("kubernetes_version", self.target.kubernetes_version, Version::new(1, 27, 0)),
            // HTTPRoute's v1 (Gateway API 1.0, release notes).
            ("gateway.api_version", gateway, Version::new(1, 0, 0)),
        ];
        let older = declared.into_iter().filter(|(_, version, least)| version.is_some_and(|it| !it.at_least(*least)));
        each(older, |(key, _, least)| {
            let reason = format!("is older than {}, from which on there is all that is rendered", least.minor());
            let help = format!("write the version that the cluster has, once that is {} or later", least.minor());
            Err::<(), _>(Refused::new(KeyPath::dotted(&format!("{KEY}.{key}")), reason).help(&help))
        })
        .map(drop)
    }

    /// The name of something of a program's.
    fn metadata(&self, name: &str, program: &Program<'_>) -> Metadata {
        Metadata::new(name, self.app, &program.name, Some(self.namespace))
    }

    /// The name of something of the whole app's.
    fn own(&self, name: &str) -> Metadata {
        Metadata::new(name, self.app, self.app, Some(self.namespace))
    }

    /// The namespace, in which no pod runs that could get at its node.
    fn namespace(&self) -> Object {
        // The admission of pods knows no patches of a version.
        let version = self.target.kubernetes_version.map(|version| format!("v{}", version.minor()));
        let version = version.unwrap_or_else(|| "latest".to_owned());
        let mut metadata = Metadata::new(self.namespace, self.app, self.app, None);
        metadata.labels.extend(Labels::from([
            ("pod-security.kubernetes.io/enforce", "restricted".to_owned()),
            ("pod-security.kubernetes.io/enforce-version", version.clone()),
            ("pod-security.kubernetes.io/audit", "restricted".to_owned()),
            ("pod-security.kubernetes.io/audit-version", version.clone()),
            ("pod-security.kubernetes.io/warn", "restricted".to_owned()),
            ("pod-security.kubernetes.io/warn-version", version),
        ]));
        Object::new(metadata, Body::Namespace {})
    }

    fn certificate(&self) -> Option<Object> {
        let issuer = self.target.certificate.as_ref()?;
        let name = format!("{}-tls", self.app);
        let gateway = self.target.gateway.as_ref().and_then(|gateway| gateway.namespace.as_ref());
        let metadata = Metadata::new(&name, self.app, self.app, Some(gateway.map_or(self.namespace, Label::as_str)));
        let secret = issuer.secret.as_ref().map_or(name, Label::to_string);
        let names = self.proxy.served.iter().map(ToString::to_string).collect();
        Some(Object::new(metadata, Body::Certificate { spec: certificate::CertificateSpec::of(issuer, secret, names) }))
    }
}
