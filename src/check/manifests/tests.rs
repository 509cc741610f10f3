//! What is found in manifests beside a profile: kinds of inputs for which a fixture of one rule is too narrow.

mod routes;

use crate::check::{Modes, Options, check};
use crate::finding::{Finding, Severity};
use crate::manifest::File;
use crate::profile::Mode;
use crate::source::Source;

/// A profile for production that names an app, and what is written behind that.
fn profile(more: &str) -> String {
    format!("version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nurl = \"https://shop.example.com\"\n{more}")
}

/// A Deployment whose one container has this, in lines of two blanks of indentation.
fn deployment(container: &str) -> String {
    let lines = format!("          {container}\n").replace('\n', "\n          ").trim_end().to_owned() + "\n";
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: shop}}\nspec:\n  selector: {{matchLabels: {{app: shop}}}}\n  \
         template:\n    metadata: {{labels: {{app: shop}}}}\n    spec:\n      containers:\n        - name: shop\n{lines}"
    )
}

fn found(profile: &str, manifest: &str) -> Vec<Finding> {
    let file = File { source: Source::new("all.yaml", manifest), is_named: true };
    let options = Options { modes: Modes::One(Mode::Prod), manifests: vec![file], ..Options::default() };
    check(Source::new("security.toml", profile), &options).findings
}

/// What one rule finds: how bad, and the message.
fn told(profile: &str, manifest: &str, code: &str) -> Vec<(Severity, String)> {
    let of_rule = found(profile, manifest).into_iter().filter(|finding| finding.code == code);
    of_rule.map(|finding| (finding.severity, finding.message)).collect()
}

const CLASS: &str = "[targets.kubernetes]\ningress_class = \"nginx\"\n";

fn ingress(annotations: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: shop, annotations: {{{annotations}}}}}\nspec:\n  \
         ingressClassName: nginx\n  tls: [{{hosts: [shop.example.com]}}]\n  rules:\n    - host: shop.example.com\n      http:\n        \
         paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: shop, port: {{number: 80}}}}}}}}]\n"
    )
}

fn class_of(controller: &str) -> String {
    format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {{name: nginx}}\nspec: {{controller: {controller}}}\n"
    )
}

/// Two programs answer to the class `nginx`, and one of them is retired.
#[test]
fn a_class_is_judged_by_whose_it_is_known_to_be() {
    let severities =
        |manifest: &str| told(&profile(CLASS), manifest, "K8S003").into_iter().map(|(severity, _)| severity);
    for (manifest, expected) in [
        (deployment("image: shop"), vec![Severity::Note]),
        (ingress(""), vec![Severity::Note]),
        (ingress("nginx.ingress.kubernetes.io/rewrite-target: /"), vec![Severity::Warning]),
        (ingress("nginx.org/hsts: \"true\""), vec![]),
        (ingress("") + &class_of("k8s.io/ingress-nginx"), vec![Severity::Warning]),
        (ingress("") + &class_of("k8s.io/internal-ingress-nginx"), vec![Severity::Warning]),
        (ingress("") + &class_of("nginx.org/ingress-controller"), vec![]),
        (
            ingress("nginx.ingress.kubernetes.io/ssl-redirect: \"true\"") + &class_of("nginx.org/ingress-controller"),
            vec![],
        ),
    ] {
        assert_eq!(severities(&manifest).collect::<Vec<_>>(), expected, "{manifest}");
    }
    let options = Options { modes: Modes::One(Mode::Prod), ..Options::default() };
    let alone = |class: &str| {
        let text = profile(&CLASS.replace("nginx", class));
        let found = check(Source::new("security.toml", text), &options).findings;
        found.into_iter().filter(|finding| finding.code == "K8S003").map(|finding| finding.severity).collect::<Vec<_>>()
    };
    assert_eq!((alone("nginx"), alone("traefik")), (vec![Severity::Note], vec![]));
}

/// One cause is one finding, whatever it leaves without protection; what is waived is left out of it.
#[test]
fn findings_of_one_cause_are_told_as_one() {
    let asks = "[targets.kubernetes.gateway]\nname = \"edge\"\nimplementation = \"traefik\"\n[headers]\nframe_options = \"DENY\"\n";
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 80}]}\n";
    let manifest = deployment("image: shop") + "---\n" + &ingress("") + service;
    let lacking = told(&profile(asks), &manifest, "K8S026");
    let [(Severity::Error, message)] = &lacking[..] else { panic!("{lacking:#?}") };
    assert!(message.contains("X-Frame-Options") && message.contains("HTTPS redirect"), "{message}");
    let waiver = "[[waivers]]\nrule = \"K8S026\"\nkey = \"headers.frame_options\"\nreason = \"the app sends it by itself\"\n\
                  expires = 2027-01-01\n";
    let today = crate::profile::Date::new(2026, 12, 1);
    let file = File { source: Source::new("all.yaml", &*manifest), is_named: true };
    let options = Options { manifests: vec![file], today: Some(today), ..Options::default() };
    let checked = check(Source::new("security.toml", profile(asks) + waiver), &options);
    let left: Vec<_> = checked.findings.iter().filter(|finding| finding.code == "K8S026").collect();
    assert!(matches!(left[..], [one] if !one.message.contains("X-Frame-Options")), "{left:#?}");
    assert_eq!(checked.waived, 1);
}

/// A plain Ingress has no word for most of what a profile asks for: that is one finding for each way in which it is told.
#[test]
fn gaps_of_one_reason_are_told_as_one() {
    let text = profile(&format!(
        "{CLASS}[rate_limits.routes]\na = {{ limit = \"5/min\", paths = [\"/a\"] }}\nb = {{ limit = \"6/min\", paths = [\"/b\"] }}\n"
    ));
    let options = Options { modes: Modes::One(Mode::Prod), ..Options::default() };
    let found = check(Source::new("security.toml", text), &options).findings;
    let gaps: Vec<&Finding> =
        found.iter().filter(|one| one.code == "RND004" && one.severity == Severity::Error).collect();
    assert!(
        matches!(gaps[..], [one] if one.message.contains("client address") && one.message.contains("HTTPS redirect")),
        "{gaps:#?}"
    );
    let limits: Vec<&Finding> = found.iter().filter(|one| one.code == "RAT003").collect();
    assert!(matches!(limits[..], [one] if one.message.contains("`a`") && one.message.contains("`b`")), "{limits:#?}");
}

/// What a shell or `env` sets before the server is what the app is told.
#[test]
fn what_a_command_sets_is_judged_as_a_variable() {
    for (command, code) in [
        ("command: [sh, -c, \"WEB_CONCURRENCY=4 exec gunicorn shop.wsgi\"]", "K8S021"),
        ("command: [env, WEB_CONCURRENCY=4, gunicorn, shop.wsgi]", "K8S021"),
        (
            "command: [sh, -c]\nargs: [\"exec gunicorn -w $COUNT shop.wsgi\"]\nenv: [{name: COUNT, value: \"4\"}]",
            "K8S021",
        ),
        ("args: [gunicorn, -w, $(COUNT), shop.wsgi]\nenv: [{name: COUNT, value: \"4\"}]", "K8S021"),
        ("args: [shop, --database, \"postgres://shop:Yc0nEeHbs2@db/shop\"]", "K8S022"),
        ("command: [sh, -c, \"SECRET_KEY=Yc0nEeHbs2kLwq3T exec gunicorn shop.wsgi\"]", "K8S022"),
    ] {
        let profile =
            if code == "K8S021" { profile("workers = 2\n[state]\nbackend = \"none\"\n") } else { profile("") };
        let manifest = deployment(&format!("image: shop\n{command}"));
        assert_eq!(told(&profile, &manifest, code).len(), 1, "{command}");
    }
    let by_option =
        told(&profile(""), &deployment("args: [shop, --database, \"postgres://shop:Yc0nEeHbs2@db/shop\"]"), "K8S022");
    assert!(by_option[0].1.contains("`--database`") && by_option[0].1.contains("`args[2]`"), "{by_option:?}");
    // A short option may have a secret joined to it.
    let joined = deployment("args: [shop, -pYc0nEeHbs2, \"postgres://shop:Yc0nEeHbs2@db/shop\"]");
    let joined = told(&profile(""), &joined, "K8S022");
    assert!(!joined.is_empty() && joined.iter().all(|(_, message)| !message.contains("Yc0n")), "{joined:?}");
}

/// A Service without labels leads where its endpoints are.
#[test]
fn a_port_to_the_outside_is_found_behind_endpoints() {
    let asks = profile("[targets.kubernetes.gateway]\nname = \"edge\"\nimplementation = \"traefik\"\n");
    let slice = |endpoint: &str, port: u16| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: direct}}\nspec: {{type: LoadBalancer, ports: [{{port: 80}}]}}\n---\n\
             apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{name: direct-1, labels: {{kubernetes.io/service-name: direct}}}}\n\
             addressType: IPv4\nports: [{{port: {port}}}]\nendpoints: [{{addresses: [10.1.2.3]{endpoint}}}]\n"
        )
    };
    let app = deployment("image: shop\nports: [{containerPort: 8000}]");
    let own = "---\napiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {clusterIP: 10.1.2.3, selector: {app: shop}, ports: [{port: 80}]}\n";
    let pod = ", targetRef: {kind: Pod, name: shop-7d9c-x2}";
    for (manifest, expected) in [
        (slice(pod, 5432), Some(Severity::Error)),
        (slice("", 5432) + own, Some(Severity::Error)),
        (slice("", 8000), Some(Severity::Warning)),
        (slice("", 5432), None),
        (slice(", targetRef: {kind: Pod, name: shopping-7d9c-x2}", 5432), None),
    ] {
        let all = told(&asks, &format!("{app}{manifest}"), "K8S027");
        let direct = all.into_iter().find(|(_, message)| message.contains("`direct`")).map(|(severity, _)| severity);
        assert_eq!(direct, expected, "{manifest}");
    }
}

const GATEWAY: &str = "[targets.kubernetes]\nimage = \"shop@sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\"\n\
                       [targets.kubernetes.gateway]\nname = \"edge\"\nimplementation = \"traefik\"\n";

/// Whatever language a policy of the network is in, one that lets everyone in is told; one that is for others is not.
#[test]
fn a_policy_that_lets_everyone_in_is_told() {
    let kubernetes = |from: &str| {
        format!(
            "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p}}\nspec: {{podSelector: {{}}, ingress: [{{from: [{from}]}}]}}\n"
        )
    };
    let calico = |spec: &str| {
        format!(
            "---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {{name: p}}\nspec: {{{spec}}}\n"
        )
    };
    for (policy, is_told) in [
        (kubernetes("{ipBlock: {cidr: 0.0.0.0/0}}"), true),
        (kubernetes("{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}"), true),
        (kubernetes("{ipBlock: {cidr: 0.0.0.0/0, except: [0.0.0.0/1]}}"), false),
        (kubernetes("{namespaceSelector: {matchLabels: {a: b}}}"), false),
        (calico("selector: all(), ingress: [{action: Allow}]"), true),
        (calico("selector: app == 'shop', ingress: [{action: Allow, source: {nets: [0.0.0.0/0]}}]"), true),
        (calico("selector: app == 'mail', ingress: [{action: Allow}]"), false),
        (calico("selector: all(), ingress: [{action: Deny}]"), false),
        (calico("ingress: [{action: Allow, source: {namespaceSelector: name == 'gateways'}}]"), false),
    ] {
        let all = told(&profile(GATEWAY), &format!("{}{policy}", deployment("image: shop")), "K8S027");
        assert_eq!(all.iter().any(|(_, message)| message.contains("everyone")), is_told, "{policy}");
    }
}

/// A difference is one that changes what runs, and is told as what the cluster is made of.
#[test]
fn differences_are_told_for_what_they_are() {
    let digest = "0a".repeat(32);
    let of = |manifest: &str| told(&profile(GATEWAY), manifest, "K8S021");
    assert_eq!(of(&deployment(&format!("image: shop:1.2@sha256:{digest}"))), [], "a tag beside a digest says nothing");
    assert_eq!(of(&deployment(&format!("image: other@sha256:{digest}"))).len(), 1);
    let image = format!("image: shop@sha256:{digest}");
    let paused = deployment(&image).replace("spec:\n  selector", "spec:\n  replicas: 0\n  selector");
    assert!(matches!(&of(&paused)[..], [(_, message)] if message.contains("0 pods")), "{:?}", of(&paused));
    assert!(found(&profile(GATEWAY), &paused).iter().all(|one| !one.code.starts_with("PRF")));
    let class = |controller: &str| {
        format!(
            "{}---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: edge}}\nspec: {{gatewayClassName: c}}\n---\n\
             apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {{name: c}}\nspec: {{controllerName: {controller}}}\n",
            deployment(&image)
        )
    };
    assert!(of(&class("istio.io/gateway-controller"))[0].1.contains("istio"));
    // One that nobody here knows may be Traefik's by another name.
    assert_eq!((of(&class("traefik.io/gateway-controller")), of(&class("example.org/c"))), (vec![], vec![]));
}

/// An autoscaler that names no limit has its own; a job's image is the job's; a token comes in a volume, too.
#[test]
fn what_stands_beside_the_app_is_read_as_the_cluster_does() {
    let keda = "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: shop}\nspec: {scaleTargetRef: {name: shop}}\n";
    let state = told(&profile(GATEWAY), &format!("{}{keda}", deployment("image: shop")), "K8S007");
    assert!(matches!(&state[..], [(_, message)] if message.contains("100 pods")), "{state:?}");
    let job = "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly}\nspec: {jobTemplate: {spec: {template: {spec: {containers: \
               [{name: nightly, image: \"shop:latest\"}]}}}}}\n";
    let digest = "0a".repeat(32);
    let images = told(&profile(""), &format!("{}{job}", deployment(&format!("image: shop@sha256:{digest}"))), "K8S004");
    assert!(matches!(&images[..], [(_, message)] if message.contains("`nightly`")), "{images:?}");
    let volume = |token: &str| {
        deployment("image: shop").replace("      containers:", &format!("      volumes: [{{name: t, projected: {{sources: [{{serviceAccountToken: {token}}}]}}}}]\n      containers:"))
    };
    let tokens = |token: &str| {
        let all = told(&profile(""), &volume(token), "K8S025");
        all.iter().filter(|(_, message)| message.contains("token")).count()
    };
    assert_eq!((tokens("{path: token}"), tokens("{path: token, audience: vault}")), (1, 0));
}

/// A limit of Traefik's counts what the profile asks for, and by what it asks for.
#[test]
fn a_limit_counts_as_it_is_asked() {
    let asks = format!("{GATEWAY}[rate_limits.routes]\nsearch = {{ limit = \"30/min\", paths = [\"/search\"] }}\n");
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 80}]}\n";
    let limited = |limit: &str| {
        format!(
            "{}{service}---\napiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {{name: shop}}\nspec:\n  tls: {{}}\n  routes:\n    \
             - {{match: \"Host(`shop.example.com`) && PathPrefix(`/search`)\", services: [{{name: shop}}], middlewares: [{{name: few}}]}}\n---\n\
             apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {{name: few}}\nspec: {{rateLimit: {{average: 30, period: 1m, {limit}}}}}\n",
            deployment("image: shop")
        )
    };
    let contradictions = |limit: &str| {
        let all = told(&profile(&asks), &limited(limit), "K8S026");
        all.iter().filter(|(_, message)| message.contains("`few`")).count()
    };
    for (limit, count) in [
        ("burst: 30", 0),
        ("burst: 31", 1),
        ("burst: 30, sourceCriterion: {ipStrategy: {ipv6Subnet: 64}}", 0),
        ("burst: 30, sourceCriterion: {requestHost: true}", 1),
        ("burst: 30, sourceCriterion: {requestHeaderName: X-Real-IP}", 1),
    ] {
        assert_eq!(contradictions(limit), count, "{limit}");
    }
}

/// What a kustomization among the files makes of objects is what runs.
#[test]
fn what_kustomize_changes_counts() {
    let digest = "0a".repeat(32);
    let image = format!("image: shop:1.2@sha256:{digest}");
    let with = |change: &str| {
        format!(
            "{}---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n{change}\n",
            deployment(&image)
        )
    };
    let images = |change: &str| told(&profile(""), &with(change), "K8S004").len();
    assert_eq!(images("images: [{name: shop, newTag: v2}]"), 1, "a tag takes the digest away");
    assert_eq!(images("images: [{name: shop, newName: registry.example.com/shop}]"), 0);
    assert_eq!(images(&format!("images: [{{name: shop, digest: \"sha256:{digest}\"}}]")), 0);
    assert_eq!(images("images: [{name: mail, newTag: v2}]"), 0);
    let state = |change: &str| told(&profile(GATEWAY), &with(change), "K8S007");
    let three = state("replicas: [{name: shop, count: 3}]");
    assert!(matches!(&three[..], [(_, message)] if message.contains("3 pods")), "{three:?}");
    assert!(state("replicas: [{name: mail, count: 3}]").iter().all(|(_, message)| !message.contains("kustomization")));
}

/// Where a source of manifests is, may be said with a password.
#[test]
fn a_password_in_the_address_of_a_source_is_told() {
    let application = |url: &str| {
        format!(
            "{}---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec: {{source: {{repoURL: \"{url}\", path: k}}}}\n",
            deployment("image: shop")
        )
    };
    let count = |url: &str| told(&profile(""), &application(url), "K8S022").len();
    assert_eq!((count("https://ci:Xk39sLq02nvTT@git.example.com/x"), count("https://git.example.com/x")), (1, 0));
}

/// Whoever runs the cluster has policies that are asked before the app's own, or where there are none.
#[test]
fn policies_of_the_cluster_are_told_for_what_they_do() {
    use Severity::{Note, Warning};
    let own = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}, ingress: \
               [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateways}}}]}]}\n";
    let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {tier: front}}\n";
    let of = |kind: &str, spec: &str| {
        format!(
            "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {kind}}}\nspec: {{{spec}}}\n"
        )
    };
    let admin = |spec: &str| own.to_owned() + &of("AdminNetworkPolicy", spec);
    let every = "subject: {namespaces: {}}, priority: 5, ingress: ";
    let named = |label: &str| format!("subject: {{namespaces: {{matchLabels: {{{label}}}}}}}, priority: 5, ingress: ");
    let allow = "[{action: Allow, from: [{namespaces: {}}]}]";
    let some = "[{action: Allow, from: [{namespaces: {matchLabels: {team: metrics}}}]}]";
    let gateway = "[{action: Allow, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: gateways}}}]}]";
    let deny = "[{action: Deny, from: [{namespaces: {}}]}]";
    for (manifest, expected) in [
        (own.to_owned(), vec![]),
        (admin(&format!("{every}{allow}")), vec![(Warning, "every pod of the cluster")]),
        (admin(&format!("{every}{some}")), vec![(Note, "lets some pods connect")]),
        (admin(&format!("{every}{gateway}")), vec![]),
        (admin(&format!("{every}{deny}")), vec![(Note, "keeps away")]),
        // The first rule that is about a pod decides.
        (admin(&format!("{every}[{{action: Pass, from: [{{namespaces: {{}}}}]}}, {}", &allow[1..])), vec![]),
        (
            admin(&format!("{every}{deny}"))
                + &of(
                    "ClusterNetworkPolicy",
                    &format!(
                        "tier: Admin, subject: {{namespaces: {{}}}}, priority: 9, ingress: {}",
                        allow.replace("Allow", "Accept")
                    ),
                ),
            vec![(Note, "keeps away")],
        ),
        // Other ports, other pods, other namespaces.
        (
            admin(&format!(
                "{every}[{{action: Allow, from: [{{namespaces: {{}}}}], ports: [{{portNumber: {{port: 9090, protocol: TCP}}}}]}}]"
            )),
            vec![],
        ),
        (
            admin(&format!(
                "{every}[{{action: Allow, from: [{{namespaces: {{}}}}], ports: [{{portRange: {{start: 8000, end: 8080, protocol: TCP}}}}]}}]"
            )),
            vec![(Warning, "every pod of the cluster")],
        ),
        (
            admin(&format!(
                "subject: {{pods: {{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: mail}}}}}}}}, ingress: {allow}"
            )),
            vec![],
        ),
        (admin(&format!("{}{allow}", named("kubernetes.io/metadata.name: mail"))), vec![]),
        (
            admin(&format!("{}{allow}", named("kubernetes.io/metadata.name: shop"))),
            vec![(Warning, "every pod of the cluster")],
        ),
        (admin(&format!("{}{allow}", named("tier: front"))), vec![(Note, "no manifest says")]),
        (admin(&format!("{}{allow}", named("tier: front"))) + namespace, vec![(Warning, "every pod of the cluster")]),
        (admin(&format!("{}{allow}", named("tier: back"))) + namespace, vec![]),
        // The base is asked where no NetworkPolicy is for the pods.
        (own.to_owned() + &of("BaselineAdminNetworkPolicy", &format!("{every}{allow}")), vec![]),
        (
            of("BaselineAdminNetworkPolicy", &format!("{every}{allow}")),
            vec![(Warning, "as no NetworkPolicy is for them")],
        ),
        (of("BaselineAdminNetworkPolicy", &format!("{every}{deny}")), vec![(Note, "keeps away")]),
        (
            of("AdminNetworkPolicy", &format!("{every}{some}")),
            vec![(Note, "lets some"), (Warning, "no NetworkPolicy is for the pods")],
        ),
    ] {
        let text = profile(
            &GATEWAY
                .replace("name = \"edge\"", "name = \"edge\"\nnamespace = \"gateways\"")
                .replace("[targets.kubernetes]", "[targets.kubernetes]\nnamespace = \"shop\""),
        );
        let route = "---\napiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 80}]}\n---\n\
                     apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: shop}\nspec: {hostnames: [shop.example.com], \
                     parentRefs: [{name: edge, namespace: gateways, sectionName: https}], rules: [{backendRefs: [{name: shop, port: 80}]}]}\n";
        let app = deployment("image: shop\nports: [{containerPort: 8000}]");
        let mut all = told(&text, &format!("{app}{route}{manifest}"), "K8S027");
        all.sort();
        let is_it = |((severity, message), (own, part)): (&(Severity, String), &(Severity, &str))| {
            severity == own && message.contains(part)
        };
        let mut expected = expected;
        expected.sort();
        assert!(all.len() == expected.len() && all.iter().zip(&expected).all(is_it), "{manifest}: {all:#?}");
    }
}

/// What cannot be read is accepted by a waiver as everything else is.
#[test]
fn a_manifest_that_cannot_be_read_may_be_accepted() {
    let broken = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: one, a: two}\n";
    let waiver = "[[waivers]]\nrule = \"K8S020\"\nreason = \"another team's file, which is mended in spring\"\nexpires = 2027-01-01\n";
    for (waiver, told, waived) in [("", 1, 0), (waiver, 0, 1)] {
        let file = File { source: Source::new("all.yaml", broken), is_named: true };
        let today = Some(crate::profile::Date::new(2026, 12, 1));
        let options = Options { modes: Modes::One(Mode::Dev), manifests: vec![file], today, ..Options::default() };
        let checked = check(Source::new("security.toml", profile("") + waiver), &options);
        let codes: Vec<&str> = checked.findings.iter().map(|finding| finding.code).collect();
        let of_rule = codes.iter().filter(|code| **code == "K8S020").count();
        assert!((of_rule, checked.waived) == (told, waived) && !codes.contains(&"PRF007"), "{codes:?}");
    }
}

/// The profile refers to the URL of a Redis as it does to secrets. Without a password there is none in it.
#[test]
fn an_address_without_a_password_is_no_secret() {
    let profile = profile(
        "[state]\nbackend = \"redis\"\nurl = \"env:REDIS_URL\"\n[secrets.hook]\nsource = \"env:CHAT_HOOK\"\npurpose = \"api\"\n",
    );
    for (name, value, is_secret) in [
        ("REDIS_URL", "redis://redis:6379/0", false),
        ("REDIS_URL", "rediss://redis:6379/0", false),
        ("REDIS_URL", "redis:6379", false),
        ("REDIS_URL", "redis://:Yc0nEeHbs2@redis:6379/0", true),
        // What tools put in the place of such a value is not there yet.
        ("CHAT_HOOK", "${CHAT_HOOK}", false),
        ("CHAT_HOOK", "vault:secret/data/shop#hook", false),
        ("CHAT_HOOK", "ref+vault://secret/data/shop#/hook", false),
        ("REDIS_URL", "redis://:${REDIS_PASSWORD}@redis:6379/0", false),
        // What is secret of such a URL is its path.
        ("CHAT_HOOK", "https://hooks.example.com/services/Yc0nEeHbs2", true),
    ] {
        let variable = format!("[{{name: {name}, value: \"{value}\"}}]");
        let by_variable = deployment(&format!("image: shop\nenv: {variable}"));
        let map =
            format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: shop}}\ndata: {{{name}: \"{value}\"}}\n");
        let by_word = deployment(&format!("image: shop\nargs: [\"{name}={value}\"]"));
        for manifest in [by_variable, deployment("image: shop") + &map, by_word] {
            assert_eq!(!told(&profile, &manifest, "K8S022").is_empty(), is_secret, "{manifest}");
        }
    }
}

/// Where nginx or Caddy is the proxy, a balancer of the cluster goes around it, unless strangers do not reach it.
#[test]
fn a_balancer_beside_the_proxy_is_told_where_strangers_reach_it() {
    let nginx = profile("upstream = \"shop:8000\"\n[targets.nginx]\nversion = \"1.28\"\n");
    for (spec, is_open) in [
        ("", true),
        (", loadBalancerSourceRanges: [203.0.113.0/24]", false),
        (", loadBalancerSourceRanges: [0.0.0.0/0]", true),
        (", loadBalancerSourceRanges: [0.0.0.0/1, 128.0.0.0/1]", true),
        (", loadBalancerSourceRanges: [10.0.0.0/8, '::/0']", true),
        (", loadBalancerIP: 10.0.0.50", false),
        (", loadBalancerIP: 203.0.113.50", true),
        (", loadBalancerClass: tailscale", false),
    ] {
        let service = format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: shop}}\nspec: {{type: LoadBalancer, selector: {{app: shop}}, \
             ports: [{{port: 80}}]{spec}}}\n"
        );
        let found = told(&nginx, &(deployment("image: shop") + &service), "K8S027");
        assert_eq!(found.len(), usize::from(is_open), "{spec}: {found:?}");
    }
}
