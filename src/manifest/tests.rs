//! What is read of manifests.

use super::*;

fn manifests(text: &str) -> Manifests {
    Manifests::read(&[File { source: Source::new("m.yaml", text), is_named: true }])
}

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: prod-shop-v2, namespace: shop}
spec:
  template:
    metadata: {labels: {app.kubernetes.io/name: shop}}
    spec:
      initContainers: [{name: migrate}]
      containers:
        - {name: log}
        - name: shop
          args: [\"--workers=3\"]
          envFrom:
            - configMapRef: {name: settings}
          env:
            - {name: A, value: from-env}
            - {name: B, valueFrom: {configMapKeyRef: {name: settings, key: of_b}}}
            - {name: C, valueFrom: {secretKeyRef: {name: shop, key: C}}}
            - {name: D, value: $(A)-x}
            - {name: E}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {A: from-map, of_b: \"yes\", F: yes}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: other}
data: {A: of-another-namespace}
";

#[test]
fn the_variables_of_the_apps_container_are_read_with_their_maps() {
    let manifests = manifests(DEPLOYMENT);
    let app = manifests.app("shop").expect("it is the only one");
    let container = app.app("shop").expect("it has the name");
    assert_eq!(container.name(), Some("shop"));
    assert_eq!(container.workers(&[]).map(|(_, workers, _)| workers), Some(3));
    let Variables { list, may_be_more } = container.variables(&manifests, app.object.namespace());
    assert!(!may_be_more);
    let given: Vec<_> = list.iter().map(|one| (&*one.name, one.given)).collect();
    let expected = [
        ("A", Given::Text("from-env")),
        ("B", Given::Text("yes")),
        ("C", Given::Secret),
        ("D", Given::Elsewhere),
        ("E", Given::Text("")),
        ("F", Given::NoText("yes")),
        ("of_b", Given::Text("yes")),
    ];
    assert_eq!(given, expected);
}

#[test]
fn names_of_a_map_have_what_a_container_puts_before_them() {
    let manifests = manifests(&DEPLOYMENT.replace("- configMapRef:", "- prefix: APP_\n              configMapRef:"));
    let app = manifests.app("shop").expect("it is the only one");
    let variables = app.app("shop").expect("it is there").variables(&manifests, app.object.namespace());
    assert!(!variables.may_be_more && variables.list.iter().any(|one| one.name == "APP_of_b"), "{:?}", variables.list);
}

/// A comment may hold a secret that somebody took out, and is shown as little.
#[test]
fn comments_are_hidden() {
    let text = "apiVersion: v1 # one\nkind: ConfigMap\nmetadata: {name: \"a#b\"} # two\n# three\ndata:\n  x: |\n    # kept apart\n  y: c#d\n";
    let read = manifests(text);
    let mut shown = text.to_owned();
    for (_, span) in read.unread {
        shown.replace_range(span.start..span.end, &"*".repeat(span.end - span.start));
    }
    for hidden in ["one", "two", "three"] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
    assert!(shown.contains("a#b") && shown.contains("c#d"), "{shown}");
}

#[test]
fn a_map_that_is_not_there_may_hold_more() {
    let manifests =
        manifests(&DEPLOYMENT.replace("{name: settings, namespace: shop}", "{name: others, namespace: shop}"));
    let app = manifests.app("shop").expect("it is the only one");
    let variables = app.app("shop").expect("it is there").variables(&manifests, Some("shop"));
    assert!(variables.may_be_more && variables.list.iter().all(|one| one.name != "F"));
}

#[test]
fn the_app_is_found_among_others() {
    let another = DEPLOYMENT.replace("prod-shop-v2", "worker").replace("app.kubernetes.io/name: shop", "app: worker");
    let both = manifests(&format!("{another}---{DEPLOYMENT}"));
    assert_eq!(both.app("shop").and_then(|app| app.object.name()), Some("prod-shop-v2"));
    assert_eq!(both.app("worker").and_then(|app| app.object.name()), Some("worker"));
    assert!(both.app("nobody").is_none(), "several, and none of them is it");
}

#[test]
fn what_is_no_object_is_told_where_it_was_named() {
    for text in ["name: x\n", "kind: Pod\n", "- 1\n", "apiVersion: v1\nkind: List\nitems: [{a: 1}]\n"] {
        assert_eq!(manifests(text).problems.len(), 1, "{text}");
    }
    let beside = [File { source: Source::new("values.yaml", "image: x\n"), is_named: false }];
    assert!(Manifests::read(&beside).problems.is_empty());
}

/// Values that may be secrets are hidden, names and images are not.
#[test]
fn values_are_hidden() {
    let text = DEPLOYMENT.replace("metadata: {name: prod", "metadata: {annotations: {last: of-annotation}, name: prod");
    let mut shown = text.clone();
    let broken = "---\nkey: [of-broken\n";
    shown.push_str(broken);
    for (_, span) in manifests(&shown.clone()).secrets() {
        shown.replace_range(span.start..span.end, &"*".repeat(span.end - span.start));
    }
    for hidden in ["from-env", "from-map", "\"yes\"", "--workers", "of-annotation", "of-broken"] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
    for kept in ["name: A", "prod-shop-v2", "key: of_b", "configMapRef"] {
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
}

#[test]
fn routes_of_every_kind_have_one_form() {
    let text = "
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: a}
spec:
  entryPoints: [websecure]
  routes:
    - match: Host(`shop.example.com`, `www.example.com`) && PathPrefix(`/api`)
      middlewares: [{name: all}]
      services: [{name: web}]
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: all}
spec: {chain: {middlewares: [{name: headers}, {name: all}]}}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: headers}
spec: {headers: {stsSeconds: 100, stsPreload: true, frameDeny: true, customResponseHeaders: {X-A: b, Server: \"\"}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: b, annotations: {traefik.ingress.kubernetes.io/router.middlewares: default-all@kubernetescrd}}
spec:
  tls: [{hosts: [b.example.com]}]
  rules:
    - host: b.example.com
      http: {paths: [{path: /x, backend: {service: {name: web}}}]}
";
    let manifests = manifests(text);
    let [traefik, ingress] = &manifests.routes()[..] else { panic!("two routes") };
    let hosts = |route: &Route<'_>| route.hosts.iter().map(|host| host.text.to_owned()).collect::<Vec<_>>();
    assert_eq!(hosts(traefik), ["shop.example.com", "www.example.com"]);
    assert_eq!((traefik.ways[0].paths.as_slice(), traefik.ways[0].services.as_slice()), (&["/api"][..], &["web"][..]));
    let headers: Vec<_> = traefik.ways[0].headers.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect();
    let expected = [("X-A", "b"), ("X-Frame-Options", "DENY"), ("Strict-Transport-Security", "max-age=100; preload")];
    assert_eq!(headers, expected, "through a chain that names itself");
    assert!(traefik.plain.is_some() && !traefik.ways[0].may_be_more);
    assert_eq!((hosts(ingress), ingress.plain.is_none()), (vec!["b.example.com".to_owned()], true));
    assert_eq!(ingress.ways[0].headers.len(), 0, "`default-` is no namespace here, so the name is unknown");
    assert!(ingress.ways[0].may_be_more);
}
