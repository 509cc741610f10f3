//! What runs: the app and the services beside it, their pods, their settings, and who may connect to whom.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::deployment::{
    Amounts, Container, ContainerSecurity, DeploymentSpec, EnvFrom, Listening, Mount, Name, PodSecurity, PodSpec,
    PodTemplate, Probe, Question, Resources, Spread, Strategy, ValueFrom, Variable, Volume,
};
use super::metadata::{Metadata, Selector, labels, pods_of};
use super::network::NetworkPolicySpec;
use super::object::{Body, Object};
use super::scale::{AutoscalerSpec, DisruptionBudgetSpec};
use super::secret::{ExternalSecretSpec, SecretKeyRef};
use super::service::{PORT, ServiceSpec};
use super::yaml::Quoted;
use super::{Builder, KEY, amount};
use crate::plan::{Answers, Service, Way};
use crate::profile::{
    Backend, Host, HostName, Image, Label, Name as ServiceName, Resources as Asked, Upstream, UrlPath,
};
use crate::source::KeyPath;
use crate::targets::env::Content;
use crate::targets::refused::{Refused, each};

/// The name of the port in a pod.
const HTTP: &str = "http";

/// Changes with the settings, so that new ones make new pods.
const SETTINGS: &str = "seccfg.dev/settings";

/// The longest name of a Service: it is a label of a DNS name.
const LONGEST: usize = 63;

/// A program that answers requests.
#[derive(Debug)]
pub struct Program<'p> {
    /// Its index among the services of the site.
    pub index: usize,
    /// What its objects are called.
    pub name: String,
    /// What its pods run; nothing, where somebody else's Deployment does.
    pub image: Option<&'p Image>,
    /// Where its pods listen.
    port: u16,
    /// A Service that is there already.
    existing: Option<&'p HostName>,
}

impl Program<'_> {
    /// The Service that requests go to, and its port.
    pub fn service(&self) -> (&str, u16) {
        self.existing.map_or((&self.name, PORT), |existing| (existing.as_str(), self.port))
    }
}

impl Builder<'_> {
    /// The programs of the site: the app, and behind it the services that are programs.
    pub fn programs(&self) -> Result<Vec<Program<'_>>, Refused> {
        let programs = self.proxy.site.services.iter().enumerate().filter_map(|(index, service)| {
            let Answers::Program(way) = &service.answers else { return None };
            Some((index, service, way))
        });
        each(programs, |(index, service, way)| self.program(index, service, way))
    }

    fn program<'s>(&'s self, index: usize, service: &Service<'s>, way: &Way<'s>) -> Result<Program<'s>, Refused> {
        let key = way.key.clone();
        let image = match service.name {
            None => self.target.image.as_ref(),
            Some(name) => self.target.images.get(name),
        };
        let (port, host) = match way.upstreams.first() {
            Upstream::Tcp { host, port, .. } => (*port, Some(host)),
            Upstream::Unix(_) => {
                let reason = "is a socket, and what runs in a pod is reached by a port";
                return Err(
                    Refused::new(key.key("upstream"), reason).help("write a host and a port: \"127.0.0.1:8000\"")
                );
            }
        };
        let existing =
            host.and_then(Host::name).filter(|name| image.is_none() && name.is_bare() && !name.is_loopback());
        let name = service.name.map_or_else(|| self.app.to_owned(), |name| format!("{}-{}", self.app, dashed(name)));
        if existing.is_none() {
            can_name_a_service(&name, if service.name.is_some() { key } else { "app.name".into() })?;
        }
        Ok(Program { index, name, image, port, existing })
    }

    /// Who may connect to whom: nobody, but as is said for each program.
    pub fn policies(&self, programs: &[Program<'_>]) -> Vec<Object> {
        let names: Vec<String> = programs.iter().map(|program| program.name.clone()).collect();
        // Where others are in the namespace, the gateway may be one of them.
        let gateway = self.target.gateway.as_ref();
        let shared = gateway.is_some_and(|gateway| {
            let proxies = gateway.proxy_namespace.as_ref().or(gateway.namespace.as_ref());
            proxies.is_none_or(|proxies| proxies.as_str() == self.namespace)
        });
        let all = if shared { Selector::pods_of(names.clone()) } else { Selector::default() };
        let denying = Body::NetworkPolicy { spec: NetworkPolicySpec::deny(all) };
        let mut objects = vec![Object::new(self.own(&format!("{}-deny", self.app)), denying)];
        objects.extend(programs.iter().filter(|program| program.existing.is_none()).map(|program| {
            let pods = (program.name.as_str(), program.port);
            let spec = NetworkPolicySpec::allow(self.proxy.plan, self.target, pods, &names);
            Object::new(self.metadata(&format!("{}-allow", program.name), program), Body::NetworkPolicy { spec })
        }));
        objects
    }

    /// The pods of each program, and what they need.
    pub fn workloads(&self, programs: &[Program<'_>]) -> Result<Vec<Object>, Refused> {
        let mut objects = Vec::new();
        for program in programs {
            if program.existing.is_none() {
                let spec = ServiceSpec::of(pods_of(&program.name), program.port);
                objects.push(Object::new(self.metadata(&program.name, program), Body::Service { spec }));
            }
            objects.extend(program.image.map(|image| self.deployment(program, image)));
        }
        objects.extend(self.settings());
        objects.extend(self.secrets());
        let runs: Vec<&Program<'_>> = programs.iter().filter(|program| program.image.is_some()).collect();
        let (least, most) = self.replicas()?;
        if !runs.is_empty() {
            within_limits(&self.target.resources)?;
            let account = Body::ServiceAccount { automount_service_account_token: false };
            objects.push(Object::new(self.own(self.app), account));
        }
        for program in runs {
            if most > 1 {
                let spec = DisruptionBudgetSpec::one_away(Selector::of(pods_of(&program.name)));
                objects.push(Object::new(self.metadata(&program.name, program), Body::PodDisruptionBudget { spec }));
            }
            objects.extend(self.target.autoscale.as_ref().map(|autoscale| {
                let spec = AutoscalerSpec::by_cpu(program.name.clone(), (least, most), autoscale.cpu.get());
                Object::new(self.metadata(&program.name, program), Body::HorizontalPodAutoscaler { spec })
            }));
        }
        Ok(objects)
    }

    /// The fewest and the most pods of a program.
    fn replicas(&self) -> Result<(u32, u32), Refused> {
        let least = self.proxy.plan.policy.app.replicas.get();
        let most = self.target.autoscale.as_ref().map_or(least, |autoscale| autoscale.max.get());
        if most < least {
            let reason = format!("is {most}, and `app.replicas` asks for {least} at least");
            return Err(Refused::new(KeyPath::from(KEY).key("autoscale").key("max"), reason));
        }
        Ok((least, most))
    }

    /// The variables that anyone may see, by their names.
    fn public(&self) -> BTreeMap<String, Quoted> {
        let public = |one: &crate::targets::env::Assignment| match &one.content {
            Content::Public(text) => Some((one.name.clone(), Quoted(text.clone()))),
            Content::Secret(_) => None,
        };
        self.settings.iter().filter_map(public).collect()
    }

    /// The names of those that nobody may see.
    fn secret_names(&self) -> impl Iterator<Item = &str> {
        self.settings.iter().filter_map(|one| match one.content {
            Content::Secret(_) => Some(one.name.as_str()),
            Content::Public(_) => None,
        })
    }

    fn secret_name(&self) -> String {
        self.target.secret.as_ref().map_or_else(|| format!("{}-secrets", self.app), Label::to_string)
    }

    fn settings(&self) -> Option<Object> {
        let data = self.public();
        (!data.is_empty()).then(|| Object::new(self.own(self.app), Body::ConfigMap { data }))
    }

    fn secrets(&self) -> Option<Object> {
        let store = self.target.external_secrets.as_ref()?;
        let name = self.secret_name();
        let spec = ExternalSecretSpec::of(store, self.app, &name, self.secret_names());
        self.secret_names().next()?;
        Some(Object::new(self.own(&name), Body::ExternalSecret { spec }))
    }

    fn deployment(&self, program: &Program<'_>, image: &Image) -> Object {
        // The app is the first of the services.
        let is_app = program.index == 0;
        let public = if is_app { self.public() } else { BTreeMap::new() };
        let secret = self.secret_name();
        let variable = |name: &str| Variable {
            name: name.to_owned(),
            value_from: ValueFrom { secret_key_ref: SecretKeyRef { name: secret.clone(), key: name.to_owned() } },
        };
        let env: Vec<Variable> = if is_app { self.secret_names().map(variable).collect() } else { Vec::new() };
        let mut metadata = self.metadata(&program.name, program);
        if !env.is_empty() {
            let why = "CKV_K8S_35=the app reads its secrets from variables, and from no files";
            metadata.annotations.insert("checkov.io/skip1", why.to_owned());
        }
        let mut template = Metadata { labels: labels(self.app, &program.name), ..Metadata::default() };
        if !public.is_empty() {
            template.annotations.insert(SETTINGS, fingerprint(&public));
        }
        let pods = pods_of(&program.name);
        let question = self.question(is_app);
        let asked = &self.target.resources;
        let container = Container {
            name: program.name.clone(),
            image: image.to_string(),
            image_pull_policy: "Always",
            ports: [Listening { name: HTTP, port: program.port, protocol: "TCP" }],
            env_from: if public.is_empty() {
                Vec::new()
            } else {
                vec![EnvFrom { config_map_ref: Name { name: self.app.to_owned() } }]
            },
            env,
            // A minute to start in.
            startup_probe: Probe::new(question.clone(), 2, 30),
            readiness_probe: Probe::new(question.clone(), 5, 3),
            liveness_probe: Probe::new(question, 10, 3),
            resources: Resources {
                requests: Amounts {
                    cpu: asked.cpu.to_string(),
                    memory: amount(asked.memory),
                    ephemeral_storage: "64Mi",
                },
                limits: Amounts {
                    cpu: asked.max_cpu.to_string(),
                    memory: amount(asked.max_memory),
                    ephemeral_storage: "256Mi",
                },
            },
            security_context: ContainerSecurity::RESTRICTED,
            volume_mounts: [Mount::TMP],
        };
        let pod = PodSpec {
            service_account_name: self.app.to_owned(),
            automount_service_account_token: false,
            enable_service_links: false,
            host_users: self.target.user_namespaces.then_some(false),
            termination_grace_period_seconds: 30,
            security_context: PodSecurity::of(self.target.user.get()),
            topology_spread_constraints: [Spread::evenly(pods.clone())],
            containers: [container],
            volumes: [Volume::TMP],
        };
        let replicas = self.proxy.plan.policy.app.replicas.get();
        let spec = DeploymentSpec {
            replicas: self.target.autoscale.is_none().then_some(replicas),
            revision_history_limit: 5,
            selector: Selector::of(pods),
            strategy: if is_app && self.is_alone() { Strategy::ONE_AT_A_TIME } else { Strategy::ONE_BY_ONE },
            template: PodTemplate { metadata: template, spec: pod },
        };
        Object::new(metadata, Body::Deployment { spec: Box::new(spec) })
    }

    /// Whether the app keeps its state in memory, so that there may be one pod of it, and never two.
    pub fn is_alone(&self) -> bool {
        let policy = self.proxy.plan.policy;
        policy.state.backend == Backend::Memory
            && self.proxy.plan.facts().keeps_state()
            && policy.app.replicas.get() == 1
    }

    /// How a program says that it is well.
    fn question(&self, is_app: bool) -> Question {
        let plan = self.proxy.plan;
        let asked = self.target.health.as_ref().or(plan.policy.health.as_ref().map(|health| &health.path));
        let known = asked.or(plan.app.health.as_ref());
        match known.map(UrlPath::as_str).filter(|_| is_app) {
            Some(path) => Question::HttpGet { path: path.to_owned(), port: HTTP, scheme: "HTTP" },
            None => Question::TcpSocket { port: HTTP },
        }
    }
}

/// A name of the profile's as Kubernetes writes names.
pub fn dashed(name: &ServiceName) -> String {
    name.as_str().replace('_', "-")
}

/// What is set aside for a pod is no more than it may use: an API server takes no pod that asks for more.
fn within_limits(asked: &Asked) -> Result<(), Refused> {
    let amounts = [
        ("cpu", asked.cpu > asked.max_cpu, asked.cpu.to_string(), asked.max_cpu.to_string()),
        ("memory", asked.memory > asked.max_memory, asked.memory.to_string(), asked.max_memory.to_string()),
    ];
    let beyond = amounts.into_iter().filter(|(_, is_beyond, ..)| *is_beyond);
    each(beyond, |(name, _, amount, most)| {
        let reason = format!("sets {amount} aside, and `max_{name}` lets a pod use {most} at most");
        let help = format!("set `{name}` to {most} or less, or `max_{name}` to {amount} or more");
        Err::<(), _>(Refused::new(KeyPath::from(KEY).key("resources").key(name), reason).help(&help))
    })
    .map(drop)
}

/// Refuses what no Service can be called (RFC 1035).
fn can_name_a_service(name: &str, key: KeyPath) -> Result<(), Refused> {
    if name.len() > LONGEST {
        let reason =
            format!("makes the name `{name}`, which has {} characters: a Service's has {LONGEST} at most", name.len());
        return Err(Refused::new(key, reason).help("write a shorter name"));
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        let reason = format!("makes the name `{name}`: a Service's begins with a letter");
        return Err(Refused::new(key, reason).help("write a name that begins with a letter"));
    }
    if name.ends_with('-') {
        let reason = format!("makes the name `{name}`: a Service's ends with a letter or a digit");
        return Err(Refused::new(key, reason).help("write a name that ends with a letter or a digit"));
    }
    Ok(())
}

fn fingerprint(settings: &BTreeMap<String, Quoted>) -> String {
    let mut hasher = Sha256::new();
    for (name, Quoted(value)) in settings {
        hasher.update(name);
        hasher.update([0]);
        hasher.update(value);
        hasher.update([0]);
    }
    let digest = hasher.finalize();
    let (start, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
    format!("{:016x}", u64::from_be_bytes(*start))
}
