//! What is written, what is refused, how drift is told, and what kustomize makes of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use seccfg::apps::Packs;
use seccfg::check::{Modes, Opened};
use seccfg::plan::{Layer, Owner, Target};
use seccfg::source::Source;
use seccfg::{targets, yaml};
use serde_json::Value;

use crate::support::{Ran, folder, root, run};

const TODAY: [&str; 2] = ["--today", "2026-11-21"];
const APPS: [&str; 3] = ["crudauth", "fastcms", "instacrud"];

fn example(app: &str) -> String {
    let path = root().join("examples/kubernetes").join(app).join("security.toml");
    fs::read_to_string(path).expect("the example is there")
}

/// A folder with a profile in it.
fn with(profile: &str) -> tempfile::TempDir {
    let folder = folder();
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    folder
}

fn render(folder: &Path, args: &[&str]) -> Ran {
    run(folder, &[&["render", "--target", "kubernetes"], args, &TODAY].concat())
}

fn documents(text: &str) -> Vec<Value> {
    let read = yaml::read(text);
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    read.documents.iter().map(yaml::Node::to_json).collect()
}

fn texts<'v>(values: impl Iterator<Item = &'v Value>) -> Vec<&'v str> {
    values.map(|value| value.as_str().expect("it is a text")).collect()
}

#[test]
fn files_stand_in_the_order_in_which_they_are_applied_and_make_the_same_stream() {
    for app in APPS {
        let folder = with(&example(app));
        let ran = render(folder.path(), &[]);
        assert_eq!(ran.code, Some(0), "{app}: {}", ran.err);
        let mut names: Vec<_> = fs::read_dir(folder.path().join("kubernetes"))
            .expect("there is a folder")
            .map(|entry| entry.expect("it can be read").path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
            .collect();
        names.sort();
        let files: Vec<String> = names.iter().map(|path| fs::read_to_string(path).expect("it is text")).collect();
        assert!(files.iter().all(|text| text.starts_with("# Made by seccfg ")));
        let mut one_by_one: Vec<Value> = files.iter().flat_map(|text| documents(text)).collect();
        assert_eq!(one_by_one.len(), files.len());
        let kinds = texts(one_by_one.iter().map(|object| &object["kind"]));
        let place =
            |kind: &str| kinds.iter().position(|other| *other == kind).unwrap_or_else(|| panic!("{app} has no {kind}"));
        let order =
            ["Namespace", "NetworkPolicy", "ServiceAccount", "Service", "Deployment", "Middleware", "HTTPRoute"];
        assert!(order.windows(2).all(|two| place(two[0]) < place(two[1])), "{kinds:?}");
        let stream = render(folder.path(), &["--stdout"]);
        let mut streamed = documents(&stream.out);
        let key = |object: &Value| (object["kind"].to_string(), object["metadata"]["name"].to_string());
        one_by_one.sort_by_key(key);
        streamed.sort_by_key(key);
        assert_eq!(one_by_one, streamed, "{app}");
    }
}

#[test]
fn drift_is_what_an_object_says_and_not_how_it_is_laid_out() {
    let without = example("crudauth");
    let search = "[rate_limits.routes]\nsearch = { limit = \"5/min\", paths = [\"/search\"] }\n";
    let profile = without.replace("[rate_limits.routes]\n", search);
    assert_ne!(without, profile);
    let folder = with(&profile);
    assert_eq!(render(folder.path(), &[]).code, Some(0));
    let file = |name: &str| folder.path().join("kubernetes").join(name);
    let deployment = file("50-deployment-shop.yaml");
    let text = fs::read_to_string(&deployment).expect("it is there");
    let first = text.lines().next().expect("it has lines");
    // JSON is YAML, and here its keys are in another order.
    let mut object = documents(&text).swap_remove(0);
    let spec = object.as_object_mut().and_then(|object| object.shift_remove("spec")).expect("it has one");
    let turned = format!("{first}\n# A comment\n{{\"spec\": {spec}, {}", &object.to_string()[1..]);
    fs::write(&deployment, turned).expect("a file can be written");
    let ran = render(folder.path(), &["--check"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));

    fs::write(&deployment, text.replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"))
        .expect("written");
    let ran = render(folder.path(), &["--check"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("50-deployment-shop.yaml") && ran.out.contains("readOnlyRootFilesystem"), "{}", ran.out);
    assert!(!ran.out.contains("service-shop") && !ran.out.contains("httproute"), "{}", ran.out);

    // A limit is taken out of the profile: who applies the folder would apply its object for ever.
    assert_eq!(render(folder.path(), &[]).code, Some(0));
    fs::write(folder.path().join("security.toml"), without).expect("a file can be written");
    let left = "60-middleware-shop-search-limit.yaml";
    let ran = render(folder.path(), &["--check"]);
    assert!(ran.code == Some(1) && ran.out.contains(left), "{}", ran.out);
    assert_eq!(render(folder.path(), &[]).code, Some(0));
    let text = fs::read_to_string(file(left)).expect("it is there");
    assert!(documents(&text).is_empty() && text.contains("Delete it from the cluster"), "{text}");
    assert_eq!(render(folder.path(), &["--check"]).code, Some(0));
}

/// What is refused: lines to be added, the text that they take the place of, the key, and words of the reason.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    ("name = \"shop\"", "name = \"1shop\"", "app.name", "begins with a letter"),
    (
        "[lockout]",
        "[services.front_]\nupstream = \"127.0.0.1:3000\"\npaths = [\"/front/\"]\n[lockout]",
        "services.front_",
        "ends with a letter or a digit",
    ),
    ("upstream = \"127.0.0.1:8000\"", "upstream = \"unix:/run/shop.sock\"", "app.upstream", "reached by a port"),
    ("autoscale = { max = 10 }", "autoscale = { max = 2 }", "targets.kubernetes.autoscale.max", "asks for 3 at least"),
    (
        "kubernetes_version = \"1.34\"",
        "kubernetes_version = \"1.26.4\"",
        "targets.kubernetes.kubernetes_version",
        "is older than 1.27",
    ),
    ("api_version = \"1.5\"", "api_version = \"0.8\"", "targets.kubernetes.gateway.api_version", "is older than 1.0"),
    (
        "autoscale = { max = 10 }",
        "autoscale = { max = 10 }\nresources = { memory = \"1GiB\" }",
        "targets.kubernetes.resources.memory",
        "use 512MiB at most",
    ),
    (
        "autoscale = { max = 10 }",
        "autoscale = { max = 10 }\nresources = { max_cpu = \"50m\" }",
        "targets.kubernetes.resources.cpu",
        "use 50m at most",
    ),
];

/// The same for another gateway than Traefik.
const REFUSED_BY: &[(&str, &str, &str, &str, &str)] = &[(
    "nginx-gateway-fabric",
    "permissions_policy = \"camera=()",
    "permissions_policy = \"camera=(\\\"https://a.example.com\\\")",
    "headers.permissions_policy",
    "NGINX Gateway Fabric reads",
)];

#[test]
fn what_no_object_can_say_is_refused_at_its_key_and_check_says_so_too() {
    let traefik = REFUSED.iter().map(|(old, new, key, words)| ("traefik", *old, *new, *key, *words));
    for (gateway, old, new, key, words) in traefik.chain(REFUSED_BY.iter().copied()) {
        let profile =
            example("crudauth").replace("implementation = \"traefik\"", &format!("implementation = \"{gateway}\""));
        let changed = profile.replacen(old, new, 1);
        assert_ne!(changed, profile, "{old}");
        let folder = with(&changed);
        let ran = render(folder.path(), &[]);
        let told = ran.err.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(ran.code, Some(1), "{key}");
        assert!(told.contains(key) && told.contains(words), "{key}: {}", ran.err);
        assert!(!folder.path().join("kubernetes").exists());
        let checked = run(folder.path(), &[&["check"], &TODAY[..]].concat());
        assert!(checked.code == Some(1) && checked.out.contains("RND001"), "{key}: {}", checked.out);
    }
}

/// A version may have a patch, and the admission of pods takes none: a namespace whose label has one is refused.
#[test]
fn the_namespace_asks_for_a_version_without_its_patch() {
    for (written, label) in [("1.34.2", "v1.34"), ("1.34", "v1.34"), ("1.34.0", "v1.34")] {
        let profile = example("crudauth").replace("\"1.34\"", &format!("\"{written}\""));
        let ran = render(with(&profile).path(), &["--stdout"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let objects = documents(&ran.out);
        let namespace = objects.iter().find(|object| object["kind"] == "Namespace").expect("there is one");
        let labels = &namespace["metadata"]["labels"];
        for kind in ["enforce", "audit", "warn"] {
            assert_eq!(labels[format!("pod-security.kubernetes.io/{kind}-version")], *label, "{written}: {labels}");
        }
    }
}

#[test]
fn long_header_values_are_refused_and_variables_in_them_mean_themselves() {
    let profile = example("crudauth");
    let policy = "permissions_policy = \"camera=(), geolocation=(), microphone=()\"";
    // Doubled, these are more than a route takes; and no header of a profile is longer.
    for (sign, count, words) in [("%", 3000, "4096 at most"), ("a", 64 << 10, "longer than 4,000 bytes")] {
        let long = format!("permissions_policy = \"camera=(), x=\\\"{}\\\"\"", sign.repeat(count));
        let profile = profile.replace("implementation = \"traefik\"", "implementation = \"envoy-gateway\"");
        let folder = with(&profile.replace(policy, &long));
        let ran = render(folder.path(), &[]);
        // A frame stands between the lines of a message.
        let told = ran.err.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(ran.code == Some(1) && told.contains(words), "{}", ran.err);
    }

    let percent = "permissions_policy = \"camera=(), x=\\\"%REQ(Cookie)%\\\"\"";
    for (gateway, written) in [("traefik", "%REQ(Cookie)%"), ("envoy-gateway", "%%REQ(Cookie)%%")] {
        let profile = profile.replace("implementation = \"traefik\"", &format!("implementation = \"{gateway}\""));
        let folder = with(&profile.replace(policy, percent));
        let ran = render(folder.path(), &["--stdout"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let objects = documents(&ran.out);
        let routes =
            objects.iter().filter(|object| object["kind"] == "HTTPRoute").map(Value::to_string).collect::<String>();
        let is_read = routes.replace("%%REQ(Cookie)%%", "").contains("%REQ(Cookie)%");
        assert!(routes.contains(written) && (gateway == "traefik") == is_read, "{gateway}: {routes}");
    }
}

/// More origins than a filter of the standard takes: Traefik's own object takes them, and for the others it is a gap.
#[test]
fn three_hundred_origins_are_for_traefik_alone() {
    let origins: Vec<String> = (0..300).map(|index| format!("\"https://{index}.example.com\"")).collect();
    let cors = format!("[cors]\nenforced_by = \"proxy\"\norigins = [{}]\n\n[lockout]", origins.join(", "));
    for (gateway, code) in [("traefik", 0), ("envoy-gateway", 1)] {
        let profile =
            example("crudauth").replace("implementation = \"traefik\"", &format!("implementation = \"{gateway}\""));
        let folder = with(&profile.replacen("[lockout]", &cors, 1));
        let ran = render(folder.path(), &["--stdout"]);
        assert_eq!(ran.code, Some(code), "{}", ran.err);
        let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(code == 0 || told.contains("takes 64 of them at most, and here are 300"), "{}", ran.err);
    }
}

#[test]
fn the_plan_says_who_does_what_and_what_the_platform_has_to_set() {
    for app in APPS {
        let text = example(app);
        let source = Source::new("security.toml", &text);
        let opened = Opened::read(&source, &[], &Packs::default());
        let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("the example is a profile");
        let plan = opened.plans(&policy, &[Target::Kubernetes]).swap_remove(0);
        let mut owners = BTreeSet::new();
        for entry in &plan.entries {
            owners.insert(match entry.owner {
                Owner::Layer(Layer::Cluster) => "cluster",
                Owner::Layer(Layer::App) => "app",
                Owner::Layer(Layer::Proxy | Layer::Balancer) => panic!("{app}: {} is nobody's here", entry.control),
                Owner::Delegated => "the app's word",
                Owner::Gap => "gap",
            });
        }
        assert!(owners.contains("cluster") && owners.contains("app") || app == "instacrud", "{app}: {owners:?}");
        let ran = run(with(&text).path(), &["plan", "--target", "kubernetes"]);
        let told = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in ["who runs the gateway sets TLS 1.2 as the lowest version", "`forwardedHeaders.trustedIPs`"] {
            assert!(told.contains(words), "{app}: {words} is not in {}", ran.out);
        }
    }
}

/// What Traefik answers otherwise than nginx and Caddy (`live.rs` measures it) stands in the plan, where there is CORS at all.
#[test]
fn the_plan_says_how_traefik_answers_preflights() {
    let with_cors = example("fastcms");
    let without_credentials = with_cors.replace("\"]\ncredentials = true", "\"]\ncredentials = false");
    assert_ne!(with_cors, without_credentials);
    let others = with_cors.replace("implementation = \"traefik\"", "implementation = \"envoy-gateway\"");
    for (profile, status, credentials) in [
        (with_cors, true, true),
        (without_credentials, true, false),
        (others, false, false),
        (example("crudauth"), false, false),
    ] {
        let ran = run(with(&profile).path(), &["plan", "--target", "kubernetes"]);
        let told = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("CORS"), "{}", ran.out);
        assert_eq!(told.contains("a preflight is answered with 200"), status, "{}", ran.out);
        assert_eq!(told.contains("also say `Access-Control-Allow-Credentials`"), credentials, "{}", ran.out);
    }
}

/// A platform's team puts its own names around a base, moves it to its namespace, and sets its image.
#[test]
fn an_overlay_of_kustomize_keeps_every_reference() {
    for gateway in ["traefik", "envoy-gateway", "nginx-gateway-fabric"] {
        let profile =
            example("crudauth").replace("implementation = \"traefik\"", &format!("implementation = \"{gateway}\""));
        let folder = with(&profile);
        assert_eq!(render(folder.path(), &[]).code, Some(0));
        let digest = format!("sha256:{}", "0c".repeat(32));
        let overlay = folder.path().join("overlay");
        fs::create_dir(&overlay).expect("a folder can be made");
        let text = format!(
            "resources: [../kubernetes]\nnamePrefix: eu-\nnameSuffix: -blue\nnamespace: shop-eu\n\
             images: [{{name: registry.example.com/shop, newName: mirror.example.com/shop, digest: \"{digest}\"}}]\n"
        );
        fs::write(overlay.join("kustomization.yaml"), text).expect("a file can be written");
        let mut kubectl = Command::new(root().join("target/venv/bin/kubectl"));
        let ran: Ran = kubectl.arg("kustomize").arg(&overlay).output().expect("kubectl starts").into();
        assert_eq!(ran.code, Some(0), "{gateway}: {}", ran.err);
        let objects = documents(&ran.out);
        let names = |kind: &str| -> BTreeSet<&str> {
            texts(objects.iter().filter(|object| object["kind"] == kind).map(|object| &object["metadata"]["name"]))
                .into_iter()
                .collect()
        };
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let mut references = 0;
        let mut leads = |kind: &str, name: &Value| {
            assert!(names(kind).contains(name.as_str().expect("a name")), "{gateway}: {kind} {name} is not there");
            references += 1;
        };
        for object in &objects {
            let spec = &object["spec"];
            match object["kind"].as_str().expect("a kind") {
                "HTTPRoute" => {
                    for rule in list(&spec["rules"]) {
                        for backend in list(&rule["backendRefs"]) {
                            leads("Service", &backend["name"]);
                        }
                        for filter in list(&rule["filters"]).iter().filter(|filter| filter["type"] == "ExtensionRef") {
                            leads(
                                filter["extensionRef"]["kind"].as_str().expect("a kind"),
                                &filter["extensionRef"]["name"],
                            );
                        }
                    }
                }
                "BackendTrafficPolicy" | "RateLimitPolicy" => {
                    for target in list(&spec["targetRefs"]) {
                        leads("HTTPRoute", &target["name"]);
                    }
                }
                "HorizontalPodAutoscaler" => leads("Deployment", &spec["scaleTargetRef"]["name"]),
                "Deployment" => {
                    let pod = &spec["template"]["spec"];
                    leads("ServiceAccount", &pod["serviceAccountName"]);
                    assert_eq!(pod["containers"][0]["image"], format!("mirror.example.com/shop@{digest}"));
                }
                _ => {}
            }
            if object["kind"] != "Namespace" {
                assert_eq!(object["metadata"]["namespace"], "shop-eu");
            }
        }
        assert!(references > 8, "{gateway}: {references}");
    }
}

/// What is rendered is the same, whichever way its parts are asked for, and does not depend on the day.
#[test]
fn rendering_is_pure() {
    let text = example("instacrud");
    let source = Source::new("security.toml", &text);
    let opened = Opened::read(&source, &[], &Packs::default());
    let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("the example is a profile");
    let once = || {
        let plans = opened.plans(&policy, &[Target::Kubernetes]);
        targets::render(targets::Output::Kubernetes, &plans, targets::Style::default()).expect("it renders")
    };
    assert_eq!(once(), once());
}

/// The section that the documentation shows, as it is written there, behind the profile of a newcomer.
#[test]
fn the_section_of_the_documentation_is_enough() {
    let page = fs::read_to_string(root().join("docs/kubernetes.md")).expect("the page is there");
    let (_, rest) = page.split_once("```toml\n").expect("it shows a section");
    let (section, _) = rest.split_once("```").expect("the section ends");
    let section = section.replace('…', &"0a".repeat(32));
    for (app, stops) in [("generic", &[][..]), ("fastcms", &["RND004", "PRX011"]), ("instacrud", &["RND004"])] {
        let folder = folder();
        let path = folder.path();
        let begun = run(path, &["init", "--app", app]);
        let profile = fs::read_to_string(path.join("security.toml")).unwrap_or_else(|_| panic!("{app}: {}", begun.err));
        fs::write(path.join("security.toml"), format!("{profile}\n{section}")).expect("a file can be written");
        let ran = run(path, &[&["render", "--target", "kubernetes"], &TODAY[..]].concat());
        assert_eq!(ran.code == Some(0), stops.is_empty(), "{app}: {}{}", ran.out, ran.err);
        // What else has to be said of an app stands beside the section.
        for code in stops {
            assert!(format!("{}{}", ran.out, ran.err).contains(code), "{app}: {code}: {}{}", ran.out, ran.err);
        }
    }
    assert!(page.contains("`RND004`") && page.contains("`proxy.addresses`"));
}

/// Pods get out by https where the profile names somebody there, and nowhere else.
#[test]
fn pods_reach_the_services_that_the_profile_names() {
    const PROFILE: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"test\"\nurl = \"https://shop.example.com\"\n";
    const CLUSTER: &str = "[targets.kubernetes]\nnamespace = \"shop\"\nimage = \"registry.example.com/shop@sha256:\
                           2222222222222222222222222222222222222222222222222222222222222222\"\n\
                           gateway = { name = \"edge\", namespace = \"edge\", implementation = \"envoy-gateway\" }\n";
    let secret = |purpose: &str| format!("[secrets.stripe]\nsource = \"env:STRIPE_KEY\"\npurpose = \"{purpose}\"\n");
    for (more, is_open) in [
        (String::new(), false),
        (secret("signing"), false),
        (secret("api"), true),
        (secret("api") + "[targets.kubernetes.egress]\nhttps = false\n", false),
        ("[targets.kubernetes.egress]\nhttps = true\n".to_owned(), true),
        ("[oauth.google]\nclient_id = \"env:ID\"\nclient_secret = \"env:SECRET\"\n".to_owned(), true),
        (
            "[email]\nenabled = true\ncarrier = \"api\"\napi_key = \"env:KEY\"\nfrom = \"a@shop.example.com\"\n"
                .to_owned(),
            true,
        ),
        ("app.sign_in = [\"external\"]\n".to_owned(), true),
        ("app.sign_in = [\"password\"]\n".to_owned(), false),
    ] {
        // What stands in a section of the profile goes into it.
        let (own, below) =
            if more.starts_with("app.") { (more.replace("app.", ""), String::new()) } else { (String::new(), more) };
        let folder = with(&format!("{PROFILE}{own}{CLUSTER}{below}"));
        let ran = render(folder.path(), &["--stdout"]);
        assert_eq!(ran.code, Some(0), "{own}{below}{}", ran.err);
        let policies = documents(&ran.out).into_iter().filter(|object| object["kind"] == "NetworkPolicy");
        let out = policies.flat_map(|policy| policy["spec"]["egress"].as_array().cloned().unwrap_or_default());
        let ports = out.flat_map(|rule| rule["ports"].as_array().cloned().unwrap_or_default());
        assert_eq!(ports.clone().any(|port| port["port"] == 443), is_open, "{own}{below}");
    }
}

/// What is rendered for a gateway does what the plan leaves to it, also where another service has the paths of a limit.
#[test]
fn what_is_rendered_passes_the_check_of_manifests() {
    const PROFILE: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"staging\"\nurl = \"https://shop.example.com\"\n";
    const REST: &str = "[hsts]\nenabled = true\n[rate_limits.routes]\nsign_in = { limit = \"30/min\", paths = [\"/login\"] }\n\
                        [targets.kubernetes]\nnamespace = \"shop\"\nimage = \"registry.example.com/shop@sha256:\
                        2222222222222222222222222222222222222222222222222222222222222222\"\n";
    const WEB: &str = "[services.web]\npaths = [\"/\"]\nupstream = \"127.0.0.1:3000\"\n";
    for gateway in ["traefik", "envoy-gateway", "nginx-gateway-fabric"] {
        for (paths, service) in [("", ""), ("paths = [\"/api/\"]\n", WEB)] {
            let implementation =
                format!("gateway = {{ name = \"edge\", namespace = \"edge\", implementation = \"{gateway}\" }}\n");
            let folder = with(&format!("{PROFILE}{paths}{REST}{implementation}{service}"));
            let ran = render(folder.path(), &["--out", "out"]);
            assert_eq!(ran.code, Some(0), "{gateway}: {}", ran.err);
            let ran = run(folder.path(), &["check", "--manifest", "out", "--only", "K8S026", "--only", "K8S021"]);
            assert!(!ran.out.contains("K8S0"), "{gateway}, {service}: {}{}", ran.out, ran.err);
        }
    }
}
