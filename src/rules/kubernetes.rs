//! The cluster around the app.

use super::manifests::images::{Unpinned, unpinned};
use super::manifests::retired::{self, Whose};
use super::reads::{COUNTED, TERMINATE};
use super::rendering::is_written;
use super::rule::{Check, Severities, rules};
use super::state::{is_about_pods, show_processes};
use super::words::and;
use crate::finding::Severity::{Error, Note, Warning};
use crate::manifest::Manifests;
use crate::plan::{Entry, Owner};
use crate::profile::{Backend, Image, Implementation, Label};
use crate::source::KeyPath;

/// What is to be known of a class that two programs answer to.
const UNKNOWN: &str = "F5's NGINX Ingress Controller, which is maintained, answers to it, too";

rules! {
    /// The gateway is not ingress-nginx, which is retired.
    ///
    /// Since March 2026 nobody mends it: no releases, no fixes for holes that are found. It had one in 2025 with which
    /// anyone on the pods' network read every secret of the cluster (CVE-2025-1974). What stands between the network and
    /// everything else is the last place for a program like that.
    ///
    /// With `--manifest` it is known by its `IngressClass` (`controller: k8s.io/ingress-nginx`), by its annotations
    /// (`nginx.ingress.kubernetes.io/…`) and by its image. The class `nginx` alone says less: F5's NGINX Ingress Controller
    /// answers to it, too, and is maintained. So that is a note, until the `IngressClass` is among the manifests, or an
    /// annotation of either program (`nginx.org/…` is F5's).
    ///
    /// Write: another `targets.kubernetes.gateway.implementation`, such as `"envoy-gateway"`, once the cluster runs it.
    K8S003 = "retired-ingress" {
        severity: Severities::live(Warning),
        source: "Kubernetes blog, Ingress NGINX Retirement (2025-11-11); Kubescape C-0292",
        keys: &["targets.kubernetes.gateway.implementation", "targets.kubernetes.ingress_class"],
        reads: &[&["targets.kubernetes.gateway"]],
        fix: None,
        check: Check::Cluster(|facts, manifests, out| {
            const MOVE: &str = "move to an implementation of the Gateway API that is maintained, such as \"envoy-gateway\"";
            const ASK: &str = "ask the cluster, as by `kubectl get ingressclass nginx -o yaml`: where `controller` is \
                               `k8s.io/ingress-nginx`, move to another gateway; and name that manifest with `--manifest`";
            let target = facts.policy.targets.kubernetes.as_ref();
            let gateway = target.and_then(|target| target.gateway.as_ref());
            if gateway.and_then(|gateway| gateway.implementation) == Some(Implementation::IngressNginx) {
                out.at("targets.kubernetes.gateway.implementation", "the gateway is ingress-nginx, which is retired")
                    .label("gets no fixes since March 2026")
                    .help(MOVE);
            }
            let asking = manifests.map(retired::asking).unwrap_or_default();
            let class = target.filter(|target| target.gateway.is_none()).and_then(|target| target.ingress_class.as_ref());
            let key = if class.is_some() { "targets.kubernetes.ingress_class" } else { "targets.kubernetes.gateway" };
            for (whose, message, label, help) in [
                (Whose::Retired, "is written for ingress-nginx, which is retired", "gets no fixes since March 2026", MOVE),
                (Whose::Unknown, "asks for the class `nginx`, which may be that of ingress-nginx, which is retired", UNKNOWN, ASK),
            ] {
                let mut of_it = asking.iter().filter(|one| one.whose == whose);
                let Some(first) = of_it.next() else { continue };
                let draft = out.at_file(first.place, key, format!("{} {message}", first.title));
                draft.label(label).help(help);
                for other in of_it {
                    draft.also_in_file(other.place, format!("{}, too", other.title));
                }
                if whose == Whose::Unknown {
                    draft.at_most(Note);
                }
            }
            // What the manifests ask for is told there.
            let Some(class) = class.map(Label::as_str).filter(|_| asking.is_empty()) else { return };
            let whose = manifests.map_or_else(|| retired::of_class(class, &Manifests::default()), |all| retired::of_class(class, all));
            let (message, label, help) = match whose {
                Whose::Others => return,
                Whose::Retired => ("the class of the Ingress is that of ingress-nginx, which is retired", "gets no fixes since March 2026", MOVE),
                Whose::Unknown => ("the class `nginx` may be that of ingress-nginx, which is retired", UNKNOWN, ASK),
            };
            let draft = out.at("targets.kubernetes.ingress_class", message);
            draft.label(label).help(help);
            if whose == Whose::Unknown {
                draft.at_most(Note);
            }
        }),
    }

    /// The image is pinned by its digest.
    ///
    /// A tag is a name that can be given to something else tomorrow: whoever gets at the registry, or at the account of
    /// the one who pushes, moves it, and the next pod that starts runs their program. Two pods of one version can run
    /// two programs. A digest is the content itself. A tag beside it may stay, for people to read.
    ///
    /// With `--manifest`, that is asked of every container that starts in the app's pods, and of whatever else is started from
    /// the app's image. A digest that a kustomization among the files puts there counts.
    ///
    /// Write: `targets.kubernetes.image = "registry.example.com/shop@sha256:…"` with all 64 digits, which
    /// `docker buildx imagetools inspect` prints; in a manifest, the same behind `image:`.
    K8S004 = "image-without-digest" {
        severity: Severities::prod(Warning),
        source: "kube-linter, latest-tag; Kubernetes documentation, Images: pin by digest",
        keys: &["targets.kubernetes.image", "targets.kubernetes.images.*"],
        reads: &[&["app.name"]],
        fix: None,
        check: Check::Cluster(|facts, manifests, out| {
            const HELP: &str = "write it as \"registry.example.com/shop@sha256:…\", with all 64 digits in lower case";
            let label = |is_cut| if is_cut { "no whole digest" } else { "what it names can change" };
            if let Some(cluster) = &facts.policy.targets.kubernetes {
                let own = cluster.image.iter().map(|image| ("targets.kubernetes.image".into(), "the app's image".to_owned(), image));
                let services = cluster.images.iter().map(|(name, image)| {
                    (KeyPath::from("targets.kubernetes.images").key(name.as_str()), format!("the image of `{name}`"), image)
                });
                let all: Vec<(KeyPath, String, &Image)> = own.chain(services).collect();
                for (key, what, image) in all.into_iter().filter(|(.., image)| !image.is_pinned()) {
                    out.at(key, format!("{what} is not pinned by its digest"))
                        .label(label(image.as_str().contains('@')))
                        .help(HELP);
                }
            }
            for Unpinned { whose, is_cut, place, others } in manifests.map(|all| unpinned(facts, all)).unwrap_or_default() {
                let draft = out.at_file(place, "targets.kubernetes.image", format!("{whose} is not pinned by its digest"));
                draft.label(label(is_cut)).help(HELP);
                for other in others {
                    draft.also_in_file(other, "the same image");
                }
            }
        }),
    }

    /// A cluster's gateway is named, with its implementation where a control needs it.
    ///
    /// The gateway is what stands before the app: it ends TLS, answers for the host names, sends the headers. Without
    /// one, nothing of that happens, however much of it the profile asks for. And some of it the Gateway API has no word
    /// for: rate limits are each implementation's own, so its name decides whether anyone counts. That an app of which nothing
    /// is known may count by itself is no reason to leave it out, in staging and production.
    ///
    /// Write: `targets.kubernetes.gateway = { name = "edge", implementation = "envoy-gateway" }` with the cluster's own;
    /// or `[targets.nginx]` or `[targets.caddy]` alone, where one of these stands before the app.
    K8S006 = "unnamed-gateway" {
        severity: Severities::all(Error),
        source: "Gateway API: HTTPRoute's parentRefs name a Gateway; rate limits are no part of it",
        keys: &["targets.kubernetes.gateway", "targets.kubernetes.gateway.implementation"],
        reads: &[&["cors.enforced_by", "hsts.enforced_by", "headers.hide_server", "headers.no_store", "tls.redirect_http", "tls.plain_http", "targets.kubernetes.ingress_class", "locations.*.max_body", "locations.*.timeout", "app.max_body", "app.timeout", "api_docs.exposed", "api_docs.public", "api_docs.paths", "app.debug", "ip_filter.enabled", "ip_filter.allow", "ip_filter.deny"], TERMINATE, COUNTED],
        fix: None,
        check: Check::Plan(|plan, out| {
            const GATEWAY: &str = "targets.kubernetes.gateway";
            const IMPLEMENTATION: &str = "targets.kubernetes.gateway.implementation";
            let kinds = [
                (GATEWAY, "no gateway is named", "name the cluster's, such as `{ name = \"edge\", implementation = \"envoy-gateway\" }`"),
                (IMPLEMENTATION, "the gateway's implementation is not named", "name it, such as \"envoy-gateway\""),
            ];
            for (key, message, help) in kinds {
                let gaps = plan.gaps().filter(|(entry, _)| entry.unnamed() == Some(key));
                let controls: Vec<String> = gaps.map(|(entry, _)| entry.control.to_string()).collect();
                if !controls.is_empty() {
                    out.at(key, format!("{message}, and nobody enforces {}", and(&controls))).help(help);
                    continue;
                }
                // An app of which nothing is known may do it, or not: where the service is live, that is no reason to leave the
                // gateway unnamed.
                if !plan.policy.mode.is_live() {
                    continue;
                }
                let is_left = |entry: &&Entry<'_>| entry.owner == Owner::Delegated && entry.unnamed() == Some(key);
                let left = plan.entries.iter().filter(is_left).filter(|entry| is_written(entry, plan));
                let controls: Vec<String> = left.map(|entry| entry.control.to_string()).collect();
                if !controls.is_empty() {
                    out.at(key, format!("{message}, and nobody is known to enforce {}", and(&controls))).help(help);
                }
            }
        }),
    }

    /// Where several pods serve the app, its state is kept outside of them.
    ///
    /// Each pod knows only what it did itself, and the service before them hands each request to another one. People are
    /// signed out at random; a lockout after 5 failures comes after 5 in each pod; a token that is good for one use is
    /// good for one in each. And pods come and go with every deployment, and take what they know with them.
    ///
    /// STA001 says the same of processes, and is silent where this rule speaks.
    ///
    /// Write: `state.backend = "redis"` and `state.url = "env:REDIS_URL"`; or `app.replicas = 1`.
    K8S007 = "memory-state-over-pods" {
        severity: Severities::live(Error),
        source: "CRUDAuth's production page, on several workers and pods",
        keys: &["state.backend", "app.replicas", "app.workers"],
        reads: &[&["targets.kubernetes"], super::reads::WAYS],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            if policy.state.backend == Backend::Memory && is_about_pods(facts) && facts.is_to_keep_state() {
                let pods = policy.instances();
                let draft =
                    out.at("state.backend", format!("state is kept in memory, which the {pods} pods of the app do not share"));
                draft.label("each pod has its own sessions, locks and one-time tokens");
                show_processes(draft, policy);
                draft.help("set `state.backend = \"redis\"` and `state.url = \"env:REDIS_URL\"`, or `app.replicas = 1`");
            }
        }),
    }

    /// A cluster's network policy knows the port of the app's database.
    ///
    /// What is rendered lets the pods out to DNS, to the stores that the profile names, and to nobody else. Where the profile
    /// says that there is a database and not which one, no port is opened for it: the app starts and finds nobody. Whoever
    /// is woken by that takes the policy away, and then the pods may connect anywhere.
    ///
    /// Write: `database.engine`, such as `"postgresql"`.
    K8S008 = "database-behind-policy" {
        severity: Severities::all(Warning),
        source: "what `seccfg render --target kubernetes` writes: ports by the engine, as each has by default",
        keys: &["database.engine", "database.url", "database.password"],
        reads: &[&["targets.kubernetes"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let database = &policy.database;
            let named = [("database.url", &database.url), ("database.password", &database.password)];
            let Some((key, _)) = named.into_iter().find(|(_, one)| one.is_some()) else { return };
            if policy.targets.kubernetes.is_some() && database.engine.is_none() {
                out.at("database.engine", "the pods may not connect to the database: no port is opened for it")
                    .label("says which port")
                    .also(key, "there is one")
                    .help("set `database.engine`, such as \"postgresql\"");
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::{Image, Text as _};

    #[test]
    fn a_whole_digest_pins() {
        let pinned = |image: &str| Image::parse(image).expect("it is an image").is_pinned();
        let (whole, long) = ("0a".repeat(32), "0a".repeat(64));
        assert!(pinned(&format!("shop@sha256:{whole}")) && pinned(&format!("example.com:5000/shop:1.2@sha512:{long}")));
        assert!(!pinned("shop") && !pinned("shop:1.2") && !pinned("example.com:5000/shop"));
        assert!(!pinned("shop@sha256:0a") && !pinned(&format!("shop@sha512:{whole}")));
        assert!(!pinned(&format!("shop@sha256:{}", "0A".repeat(32))) && !pinned(&format!("shop@{whole}")));
    }
}
