//! What routes, annotations and Secrets say against a profile.

use super::{CLASS, GATEWAY, Severity, deployment, found, ingress, profile, told};

const SERVICE: &str =
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 80}]}\n";

/// Secrets of every type are told for what nobody else may have in them, wherever they stand.
#[test]
fn secrets_are_told_for_what_they_hold() {
    let secret = |kind: &str, rest: &str| {
        format!("---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ntype: {kind}\n{rest}\n")
    };
    let within = |secret: &str| {
        let lines = secret.trim_start_matches("---\n").trim_end().replace('\n', "\n        ");
        format!(
            "---\napiVersion: work.open-cluster-management.io/v1\nkind: ManifestWork\nmetadata: {{name: w}}\nspec:\n  workload:\n    \
             manifests:\n      - {lines}\n"
        )
    };
    let tls = secret("kubernetes.io/tls", "data: {tls.crt: LS0tLS1C, tls.key: LS0tLS1C}");
    let registry =
        |config: &str| secret("kubernetes.io/dockerconfigjson", &format!("data: {{.dockerconfigjson: {config}}}"));
    let token = |rest: &str| secret("kubernetes.io/service-account-token", rest);
    let basic = |rest: &str| secret("kubernetes.io/basic-auth", &format!("stringData: {{{rest}}}"));
    for (manifest, expected) in [
        (secret("Opaque", "data: {password: c3dvcmRmaXNo}"), Some("what it holds")),
        // Somebody else puts it there: what fills in templates, SOPS, a plugin of Argo CD.
        (secret("Opaque", "stringData: {password: \"${PASSWORD}\"}"), None),
        (secret("Opaque", "stringData: {password: \"ENC[AES256_GCM,data:x,type:str]\"}"), None),
        (secret("Opaque", "data: {password: PHBhdGg6a3Yvc2hvcCNwYXNzPg==}"), None),
        (tls.clone(), Some("the private key of a certificate")),
        (within(&tls), Some("the private key of a certificate")),
        (secret("kubernetes.io/tls", "data: {tls.crt: LS0tLS1C, tls.key: \"\"}"), None),
        (basic("username: deploy, password: Xk39sLq02nvTT"), Some("a password")),
        (basic("username: deploy"), None),
        (
            secret("kubernetes.io/ssh-auth", "data: {ssh-privatekey: LS0tLS1C, known_hosts: Z2l0}"),
            Some("a private key of SSH"),
        ),
        // {"auths":{"r.example.com":{"auth":"ZGVwbG95OlhrMzlz"}}} and {"auths":{}}
        (
            registry("eyJhdXRocyI6eyJyLmV4YW1wbGUuY29tIjp7ImF1dGgiOiJaR1Z3Ykc5NU9saHJNemx6In19fQ=="),
            Some("the sign-in to a registry of images"),
        ),
        (registry("eyJhdXRocyI6e319"), None),
        (token("data: {ca.crt: LS0t, namespace: c2hvcA==, token: ZXlKaGJHYw==}"), Some("the token of an account")),
        (token(""), None),
    ] {
        let all = told(&profile(""), &format!("{}{manifest}", deployment("image: shop")), "K8S022");
        let messages: Vec<&str> = all.iter().map(|(_, message)| message.as_str()).collect();
        match expected {
            None => assert!(messages.is_empty(), "{manifest}: {messages:?}"),
            Some(what) => assert!(matches!(messages[..], [one] if one.ends_with(what)), "{manifest}: {messages:?}"),
        }
    }
}

/// What an Ingress says against the profile is told, in the words of whatever controller; what agrees is not.
#[test]
fn annotations_against_the_profile_are_told() {
    let asks = profile(&format!(
        "max_body = \"8MiB\"\n{CLASS}[cors]\norigins = [\"https://app.example.com\"]\n[access.admin]\npaths = [\"/admin/\"]\nnetworks = \
         [\"10.0.0.0/8\"]\n[access.partners]\npaths = [\"/partners/\"]\nclient_ca = \"/etc/ssl/partners.pem\"\n[rate_limits.routes]\na = \
         {{ limit = \"5/min\", paths = [\"/a\"] }}\n[hsts]\nenabled = true\n[headers]\nframe_options = \"DENY\"\n"
    ));
    let all = |annotations: &str| {
        let manifest = format!("{}---\n{}{SERVICE}", deployment("image: shop"), ingress(annotations));
        let found = told(&asks, &manifest, "K8S026");
        found.into_iter().filter(|(_, message)| !message.contains("which the plan leaves")).collect::<Vec<_>>()
    };
    for (annotations, expected) in [
        ("nginx.ingress.kubernetes.io/ssl-redirect: \"false\"", "turns off"),
        ("nginx.ingress.kubernetes.io/ssl-redirect: \"true\"", ""),
        ("haproxy.org/ssl-redirect: \"false\"", "turns off"),
        ("alb.ingress.kubernetes.io/listen-ports: '[{\"HTTP\": 80}, {\"HTTPS\": 443}]'", "by plain HTTP"),
        ("alb.ingress.kubernetes.io/listen-ports: '[{\"HTTPS\": 443}]'", ""),
        ("nginx.ingress.kubernetes.io/auth-tls-verify-client: \"off\"", "no certificate"),
        ("nginx.ingress.kubernetes.io/auth-tls-verify-client: \"on\"", ""),
        ("nginx.ingress.kubernetes.io/whitelist-source-range: 0.0.0.0/0", "everyone in"),
        ("haproxy-ingress.github.io/allowlist-source-range: \"0.0.0.0/1, 128.0.0.0/1\"", "everyone in"),
        ("traefik.ingress.kubernetes.io/whitelist-source-range: 0.0.0.0/0", "everyone in"),
        ("nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8", ""),
        ("nginx.ingress.kubernetes.io/limit-whitelist: 0.0.0.0/0", "counts nobody"),
        ("nginx.ingress.kubernetes.io/enable-cors: \"true\"", "every origin"),
        (
            "nginx.ingress.kubernetes.io/enable-cors: \"true\", nginx.ingress.kubernetes.io/cors-allow-origin: \"https://app.example.com\"",
            "",
        ),
        ("nginx.ingress.kubernetes.io/cors-allow-origin: \"https://evil.example\"", "does not list"),
        ("nginx.ingress.kubernetes.io/proxy-body-size: \"0\"", "larger bodies"),
        ("nginx.org/client-max-body-size: 64m", "larger bodies"),
        ("nginx.ingress.kubernetes.io/proxy-body-size: 8m", ""),
        ("nginx.org/hsts: \"False\"", "turns HSTS off"),
        ("haproxy-ingress.github.io/hsts-max-age: \"60\"", "forget HSTS"),
        (
            "nginx.ingress.kubernetes.io/configuration-snippet: \"more_clear_headers X-Frame-Options;\"",
            "takes `X-Frame-Options` away",
        ),
        (
            "nginx.ingress.kubernetes.io/configuration-snippet: \"add_header X-Frame-Options SAMEORIGIN always;\"",
            "another value",
        ),
        ("nginx.ingress.kubernetes.io/configuration-snippet: \"proxy_buffering off;\"", "cannot be judged"),
    ] {
        let found = all(annotations);
        match expected {
            "" => assert!(found.is_empty(), "{annotations}: {found:#?}"),
            part => {
                assert!(!found.is_empty(), "{annotations}");
                assert!(found.iter().all(|(_, message)| message.contains(part)), "{annotations}: {found:#?}");
            }
        }
    }
}

/// Where TLS is handed on as it is, nothing is enforced; a listener for others hands on what is theirs.
#[test]
fn what_is_handed_on_as_it_is_is_a_gap() {
    let listener = |host: &str, mode: &str| {
        format!(
            "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: edge}}\nspec: {{listeners: [{{name: tls, port: 443, \
             protocol: TLS{host}, tls: {{mode: {mode}}}}}]}}\n"
        )
    };
    let route = |host: &str| {
        format!(
            "---\napiVersion: gateway.networking.k8s.io/v1\nkind: TLSRoute\nmetadata: {{name: r}}\nspec: {{hostnames: [{host}], rules: \
             [{{backendRefs: [{{name: proxy, port: 443}}]}}]}}\n"
        )
    };
    let app = deployment("image: shop");
    for (manifest, is_told) in [
        (listener(", hostname: shop.example.com", "Passthrough"), true),
        (listener(", hostname: \"*.example.com\"", "Passthrough"), true),
        (listener(", hostname: mail.example.org", "Passthrough"), false),
        (listener(", hostname: shop.example.com", "Terminate"), false),
        (listener("", "Passthrough"), false),
        (listener("", "Passthrough") + &route("shop.example.com"), true),
        (listener(", hostname: shop.example.com", "Passthrough") + &route("shop.example.com"), true),
        (route("mail.example.org"), false),
    ] {
        let all = told(&profile(GATEWAY), &format!("{app}{manifest}"), "K8S026");
        assert_eq!(all.len(), usize::from(is_told), "{manifest}: {all:#?}");
        let is_it = |message: &str| message.contains("hands TLS on") && message.contains("HSTS");
        assert!(all.iter().all(|(_, message)| is_it(message)), "{all:#?}");
    }
    let annotation = "nginx.ingress.kubernetes.io/ssl-passthrough: \"true\"";
    let all = told(&profile(CLASS), &format!("{app}---\n{}{SERVICE}", ingress(annotation)), "K8S026");
    assert!(all.iter().any(|(_, message)| message.contains("hands TLS on")), "{all:#?}");
}

/// What routes do with requests beside handing them on.
#[test]
fn requests_that_are_led_elsewhere_are_told() {
    let app = deployment("image: shop") + SERVICE;
    let route = |host: &str, to: &str, filters: &str| {
        format!(
            "{app}---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: r}}\nspec: {{hostnames: [{host}], rules: \
             [{{backendRefs: [{{name: {to}, port: 80}}], filters: [{filters}]}}]}}\n"
        )
    };
    let of = |filters: &str| route("shop.example.com", "shop", filters);
    let traefik = |spec: &str| {
        format!(
            "{app}---\napiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {{name: r}}\nspec: {{tls: {{}}, routes: [{{match: \
             \"Host(`shop.example.com`)\", services: [{{name: both, kind: TraefikService}}], middlewares: [{{name: m}}]}}]}}\n---\napiVersion: \
             traefik.io/v1alpha1\nkind: TraefikService\nmetadata: {{name: both}}\nspec: {{mirroring: {{name: shop, port: 80{spec}}}}}\n"
        )
    };
    let middleware = |spec: &str| {
        format!("---\napiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {{name: m}}\nspec: {{{spec}}}\n")
    };
    let annotated = |annotation: &str| format!("{app}---\n{}", ingress(annotation));
    let plain = "{type: RequestRedirect, requestRedirect: {scheme: http}}";
    for (manifest, count, part) in [
        (of("{type: RequestMirror, requestMirror: {backendRef: {name: recorder, port: 80}}}"), 1, "copies"),
        (of("{type: RequestMirror, requestMirror: {backendRef: {name: shop, port: 80}}}"), 0, ""),
        (of("{type: URLRewrite, urlRewrite: {hostname: inner.example.com}}"), 1, "in place of the client's"),
        (of("{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}"), 0, ""),
        (
            of("{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: host, value: inner}]}}"),
            1,
            "in place of the client's",
        ),
        (of("{type: RequestRedirect, requestRedirect: {hostname: shop.example.com, scheme: https}}"), 0, ""),
        (
            of("{type: RequestRedirect, requestRedirect: {hostname: evil.example}}"),
            1,
            "sends clients to `evil.example`",
        ),
        (of(plain), 1, "by plain HTTP"),
        // Another app's steps are its own.
        (route("mail.example.org", "mail", plain), 0, ""),
        (traefik(", mirrors: [{name: recorder, port: 80}]"), 1, "copies"),
        (traefik("") + &middleware("headers: {customRequestHeaders: {Host: inner}}"), 1, "in place of the client's"),
        (traefik("") + &middleware("headers: {customRequestHeaders: {Host: \"shop.example.com:8443\"}}"), 0, ""),
        (
            traefik("") + &middleware("redirectRegex: {regex: x, replacement: \"http://evil.example/${1}\"}"),
            2,
            "plain HTTP",
        ),
        (traefik("") + &middleware("redirectRegex: {regex: x, replacement: \"https://${1}/\"}"), 0, ""),
        (
            annotated("nginx.ingress.kubernetes.io/mirror-target: https://recorder.example.net/$request_uri"),
            1,
            "copies",
        ),
        (annotated("nginx.ingress.kubernetes.io/upstream-vhost: $host"), 0, ""),
    ] {
        let all = told(&profile(""), &manifest, "K8S030");
        assert_eq!(all.len(), count, "{manifest}: {all:#?}");
        assert!(count == 0 || all.iter().any(|(_, message)| message.contains(part)), "{manifest}: {all:#?}");
    }
    // A further name of an Ingress is one of its names.
    let names =
        told(&profile(""), &annotated("nginx.ingress.kubernetes.io/server-alias: \"www.evil.example\""), "K8S023");
    assert!(matches!(&names[..], [(_, message)] if message.contains("not the app's")), "{names:#?}");
}

/// Of no origin, there is nothing to list.
#[test]
fn what_lets_every_origin_in_is_taken_out_where_none_is_meant() {
    const ON: &str = "nginx.ingress.kubernetes.io/enable-cors: \"true\"";
    const ORIGIN: &str = "nginx.ingress.kubernetes.io/cors-allow-origin: \"https://other.example\"";
    let helps = |cors: &str, annotations: &str| {
        let found = found(
            &profile(&format!("{CLASS}{cors}")),
            &format!("{}---\n{}", deployment("image: shop"), ingress(annotations)),
        );
        let told =
            found.into_iter().filter(|one| one.code == "K8S026" && one.message.contains("ingress.kubernetes.io/"));
        told.map(|one| one.help).collect::<Vec<_>>()
    };
    for annotations in [ON, ORIGIN] {
        let none = helps("", annotations);
        assert!(matches!(&none[..], [help] if help.starts_with("take out")), "{annotations} {none:?}");
        let some = helps("[cors]\norigins = [\"https://front.example.com\"]\n", annotations);
        assert!(matches!(&some[..], [help] if help.starts_with("list the origins")), "{annotations} {some:?}");
    }
    let off = format!("nginx.ingress.kubernetes.io/enable-cors: \"false\", {ORIGIN}");
    assert_eq!(helps("", &off), [""; 0], "no origin is answered");
}

/// A Service that opens the app to everyone goes around whatever proxy the profile has.
#[test]
fn a_port_to_the_outside_goes_around_a_proxy_too() {
    let service = |metadata: &str, spec: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: shop{metadata}}}\nspec: {{selector: {{app: shop}}, ports: [{{port: \
             80}}]{spec}}}\n"
        )
    };
    let balancer = |metadata: &str, spec: &str| service(metadata, &format!(", type: LoadBalancer{spec}"));
    let app = deployment("image: shop");
    let beside_nginx = format!("{app}        - {{name: nginx, image: nginx}}\n");
    for (manifest, expected) in [
        (format!("{app}{}", balancer("", "")), vec![Severity::Warning]),
        (format!("{app}{}", service("", ", type: NodePort")), vec![Severity::Note]),
        (format!("{app}{}", service("", "")), vec![]),
        (format!("{app}{}", balancer("", ", loadBalancerSourceRanges: [10.0.0.0/8]")), vec![]),
        (format!("{app}{}", balancer(", annotations: {networking.gke.io/load-balancer-type: Internal}", "")), vec![]),
        (format!("{beside_nginx}{}", balancer("", "")), vec![]),
    ] {
        let found = told(&profile(""), &manifest, "K8S027");
        assert_eq!(found.iter().map(|(severity, _)| *severity).collect::<Vec<_>>(), expected, "{manifest}");
    }
}
