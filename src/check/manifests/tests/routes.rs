//! What routes, annotations and Secrets say against a profile.

use super::{deployment, profile, told};

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
