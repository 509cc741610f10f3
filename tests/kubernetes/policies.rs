//! The cluster's own rules, evaluated as an API server does: what is rendered is admitted, and what breaks an invariant is
//! refused with our code.

use std::fs;
use std::path::Path;

use cel::{Context, Program, Value as Cel, to_value};
use serde_json::{Value, json};

use crate::google;
use crate::server::traefik::objects;
use crate::support::{folder, root, run};

const DIGEST: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";

/// A shop that keeps its state in memory, for which one pod is right.
fn profile() -> String {
    format!(
        "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\nsign_in = [\"password\"]\n\
         [secrets.secret_key]\nsource = \"env:SECRET_KEY\"\npurpose = \"signing\"\n[state]\nbackend = \"memory\"\n\
         [targets.kubernetes]\nimage = \"registry.example.com/shop@sha256:{DIGEST}\"\n\
         gateway = {{ name = \"edge\", namespace = \"gateways\", implementation = \"traefik\" }}\n"
    )
}

/// The objects that a profile is rendered to.
fn rendered(profile: &str) -> Vec<Value> {
    let folder = folder();
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    let ran = run(folder.path(), &["render", "--target", "kubernetes", "--today", "2026-11-21"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    objects(&folder.path().join("kubernetes"))
}

/// Whether a policy is asked about an object that is created or changed.
fn matches(policy: &Value, object: &Value, resource: &str) -> bool {
    let (group, _) = object["apiVersion"].as_str().and_then(|version| version.split_once('/')).unwrap_or(("", ""));
    // A Scale is asked about under the group of what it scales.
    let group = if object["kind"] == "Scale" { "apps" } else { group };
    let rules = policy["spec"]["matchConstraints"]["resourceRules"].as_array().into_iter().flatten();
    let has = |list: &Value, text: &str| list.as_array().into_iter().flatten().any(|one| one == text);
    let mut rules = rules.filter(|rule| has(&rule["apiGroups"], group));
    // A ReplicaSet is asked about once, so that a Deployment can take it away again.
    let operation = if resource == "replicasets" { "CREATE" } else { "UPDATE" };
    rules.any(|rule| has(&rule["resources"], resource) && has(&rule["operations"], operation))
}

/// What an expression is among these values, if it is anything.
fn evaluate(expression: &str, values: &Value) -> Option<Cel> {
    let program = Program::compile(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let mut context = Context::default();
    for (name, value) in values.as_object().expect("values have names") {
        context.add_variable_from_value(name.clone(), to_value(value).expect("JSON is a value"));
    }
    program.execute(&context).ok()
}

/// What the policies among some objects say against an object; an expression that fails counts as one that does not hold, as
/// `failurePolicy: Fail` has it.
fn refused(policies: &[Value], object: &Value, resource: &str) -> Vec<String> {
    refused_instead(policies, None, object, resource)
}

/// The same where an object takes the place of an old one.
fn refused_instead(policies: &[Value], old: Option<&Value>, object: &Value, resource: &str) -> Vec<String> {
    let mut refused = Vec::new();
    let policies = policies.iter().filter(|policy| policy["kind"] == "ValidatingAdmissionPolicy");
    for policy in policies.filter(|policy| matches(policy, object, resource)) {
        let spec = &policy["spec"];
        assert_eq!(spec["failurePolicy"], "Fail");
        let request = json!({ "operation": if old.is_some() { "UPDATE" } else { "CREATE" } });
        let values = json!({ "object": object, "oldObject": old, "request": request });
        let said = asked(spec, &values);
        assert_eq!(google::holds(spec, &values), Ok(said.clone()), "two evaluators, one object: {spec:#} {values:#}");
        let validations = spec["validations"].as_array().expect("something has to hold");
        for (validation, holds) in validations.iter().zip(said.into_iter().flatten()) {
            let message = validation["message"].as_str().expect("a text");
            match holds {
                Some(true) => {}
                Some(false) => refused.push(message.to_owned()),
                None => refused.push(format!("{message}: it has no value")),
            }
        }
    }
    refused
}

/// Which validations of a policy hold for these values, where its conditions let it be asked at all. One without a value is
/// nothing.
fn asked(spec: &Value, values: &Value) -> Option<Vec<Option<bool>>> {
    let mut values = values.clone();
    let of = |key: &str| spec[key].as_array().into_iter().flatten();
    let holds = |one: &Value, values: &Value| match evaluate(one["expression"].as_str().expect("a text"), values) {
        Some(Cel::Bool(holds)) => Some(holds),
        Some(_) | None => None,
    };
    if of("matchConditions").any(|one| holds(one, &values) == Some(false)) {
        return None;
    }
    values["variables"] = json!({});
    for variable in of("variables") {
        let text = |key: &str| variable[key].as_str().expect("a text");
        // They are lazy: one that has no value harms where it is used.
        if let Some(value) = evaluate(text("expression"), &values).and_then(|value| as_json(&value)) {
            values["variables"][text("name")] = value;
        }
    }
    Some(of("validations").map(|one| holds(one, &values)).collect())
}

/// What a variable holds, for the next expression.
fn as_json(value: &Cel) -> Option<Value> {
    Some(match value {
        Cel::List(items) => Value::Array(items.iter().map(as_json).collect::<Option<_>>()?),
        Cel::Map(map) => {
            let entries = map.map.iter().map(|(key, value)| Some((key.to_string(), as_json(value)?)));
            Value::Object(entries.collect::<Option<_>>()?)
        }
        Cel::Int(number) => json!(number),
        Cel::UInt(number) => json!(number),
        Cel::Float(number) => json!(number),
        Cel::String(text) => json!(text.as_str()),
        Cel::Bool(is) => json!(is),
        Cel::Null => Value::Null,
        _ => return None,
    })
}

fn deployment(objects: &[Value]) -> Value {
    let found = objects.iter().find(|object| object["kind"] == "Deployment" && object["metadata"]["name"] == "shop");
    found.expect("the app is rendered").clone()
}

/// A pod of a Deployment.
fn pod(deployment: &Value) -> Value {
    let template = &deployment["spec"]["template"];
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": template["metadata"], "spec": template["spec"] })
}

#[test]
fn all_that_is_rendered_is_admitted() {
    let examples = ["crudauth", "fastcms", "instacrud"].map(|app| {
        let path = root().join("examples/kubernetes").join(app).join("security.toml");
        fs::read_to_string(path).expect("the example is there")
    });
    for profile in examples.into_iter().chain([profile()]) {
        let objects = rendered(&profile);
        let mut asked = 0;
        for deployment in objects.iter().filter(|object| object["kind"] == "Deployment") {
            for (object, resource) in [(deployment.clone(), "deployments"), (pod(deployment), "pods")] {
                assert!(objects.iter().any(|policy| matches(policy, &object, resource)), "{resource} are asked about");
                assert_eq!(refused(&objects, &object, resource), [""; 0]);
                asked += 1;
            }
        }
        assert!(asked > 0);
        let bindings: Vec<&Value> =
            objects.iter().filter(|object| object["kind"] == "ValidatingAdmissionPolicyBinding").collect();
        assert_eq!(bindings.len(), 3);
        for binding in bindings {
            let policy = &binding["spec"]["policyName"];
            assert!(
                objects
                    .iter()
                    .any(|one| one["kind"] == "ValidatingAdmissionPolicy" && one["metadata"]["name"] == *policy)
            );
            assert_eq!(binding["spec"]["validationActions"], json!(["Deny", "Audit"]));
            assert!(binding["metadata"].get("namespace").is_none(), "it is the cluster's");
        }
    }
}

/// What somebody does to a pod's `spec`.
type Change = fn(&mut Value);

/// Each change breaks one invariant, and is refused with its code: the Deployment, and the pod that somebody makes of it.
#[test]
fn what_breaks_an_invariant_is_refused_with_its_code() {
    let objects = rendered(&profile());
    let sound = deployment(&objects);
    let of_pods: [(&str, &str, Change); 14] = [
        ("K8S022", "a literal secret", |pod| {
            let env = json!([{ "name": "SECRET_KEY", "value": format!("{:x}", std::process::id()) }]);
            pod["containers"][0]["env"] = env;
        }),
        ("K8S022", "a literal secret in a second container", |pod| {
            let mut second = pod["containers"][0].clone();
            second["env"] = json!([{ "name": "SECRET_KEY", "value": "x" }]);
            pod["containers"].as_array_mut().expect("a list").push(second);
        }),
        ("K8S004", "an image by tag", |pod| pod["containers"][0]["image"] = json!("registry.example.com/shop:1.2")),
        ("K8S004", "an image by half a digest", |pod| {
            pod["containers"][0]["image"] = json!("registry.example.com/shop@sha256:0a0a");
        }),
        ("K8S025", "a privileged init container", |pod| {
            let mut init = pod["containers"][0].clone();
            init["securityContext"]["privileged"] = json!(true);
            pod["initContainers"] = json!([init]);
        }),
        ("K8S025", "an ephemeral container without limits to its privileges", |pod| {
            let mut later = pod["containers"][0].clone();
            later["securityContext"] = json!({});
            pod["ephemeralContainers"] = json!([later]);
        }),
        ("K8S025", "root by its number", |pod| pod["containers"][0]["securityContext"]["runAsUser"] = json!(0)),
        ("K8S025", "all of /proc", |pod| pod["containers"][0]["securityContext"]["procMount"] = json!("Unmasked")),
        ("K8S025", "a capability of root's", |pod| {
            pod["containers"][0]["securityContext"]["capabilities"]["add"] = json!(["SYS_ADMIN"]);
        }),
        ("STA001", "several processes", |pod| {
            pod["containers"][0]["env"] = json!([{ "name": "WEB_CONCURRENCY", "value": "4" }]);
        }),
        ("K8S025", "the machine's network", |pod| pod["hostNetwork"] = json!(true)),
        ("K8S025", "a folder of the machine", |pod| {
            pod["volumes"] = json!([{ "name": "machine", "hostPath": { "path": "/" } }]);
        }),
        ("K8S025", "root by a container's own word", |pod| {
            pod["containers"][0]["securityContext"]["runAsNonRoot"] = json!(false);
        }),
        ("K8S025", "root", |pod| {
            pod["securityContext"]["runAsNonRoot"] = json!(false);
            pod["containers"][0]["securityContext"]["runAsNonRoot"] = json!(false);
        }),
    ];
    for (code, what, change) in of_pods {
        let mut changed = sound.clone();
        change(&mut changed["spec"]["template"]["spec"]);
        for (object, resource) in [(changed.clone(), "deployments"), (pod(&changed), "pods")] {
            let refused = refused(&objects, &object, resource);
            assert!(
                matches!(&refused[..], [one] if one.starts_with(code) && !one.contains("variables.")),
                "{what} in {resource}: {refused:?}"
            );
        }
    }
    let mut side_by_side = sound.clone();
    side_by_side["spec"]["strategy"] = json!({ "type": "RollingUpdate" });
    let said = refused(&objects, &side_by_side, "deployments");
    assert!(matches!(&said[..], [one] if one.starts_with("K8S007")), "{said:?}");
    let settings = |data: Value| json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": data });
    assert_eq!(refused(&objects, &settings(json!({ "DEBUG": "false" })), "configmaps"), [""; 0]);
    let said = refused(&objects, &settings(json!({ "SECRET_KEY": format!("{:x}", std::process::id()) })), "configmaps");
    assert!(matches!(&said[..], [one] if one.starts_with("K8S022")), "{said:?}");
    // What runs already may be let go of, and not become something else.
    let mut unsound = pod(&sound);
    unsound["spec"]["containers"][0]["image"] = json!("registry.example.com/shop:1.2");
    let mut marked = unsound.clone();
    marked["metadata"]["finalizers"] = json!([]);
    assert_eq!(refused_instead(&objects, Some(&unsound), &marked, "pods"), [""; 0]);
    let became = refused_instead(&objects, Some(&pod(&sound)), &unsound, "pods");
    assert!(matches!(&became[..], [one] if one.starts_with("K8S004")), "{became:?}");
    let mut stateful = sound.clone();
    stateful["kind"] = json!("StatefulSet");
    for (mut object, resource) in [(sound.clone(), "deployments"), (stateful, "statefulsets")] {
        object["spec"]["replicas"] = json!(3);
        // The labels of its pods are enough to be the app's.
        object["metadata"]["labels"] = json!({});
        assert!(matches!(&refused(&objects, &object, resource)[..], [one] if one.starts_with("K8S007")), "{resource}");
        // Another app of the namespace may have three.
        for labels in ["/metadata/labels", "/spec/template/metadata/labels"] {
            object.pointer_mut(labels).expect("labels")["app.kubernetes.io/name"] = json!("shop-search");
        }
        assert_eq!(refused(&objects, &object, resource), [""; 0]);
    }
}

/// `kubectl scale` writes no Deployment, and a suffix of kustomize's changes the name.
#[test]
fn an_app_with_its_state_in_memory_is_not_scaled() {
    let objects = rendered(&profile());
    let scale = |name: &str, labels: &str, replicas: u64| {
        json!({
            "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": { "name": name, "namespace": "shop" },
            "spec": { "replicas": replicas }, "status": { "replicas": 1, "selector": labels },
        })
    };
    let own = "app.kubernetes.io/name=shop";
    for (name, labels, replicas, is_refused) in [
        ("shop", own, 3, true),
        ("shop", own, 1, false),
        ("shop", own, 0, false),
        ("shop-eu", "app.kubernetes.io/name=shop,app.kubernetes.io/part-of=shop", 2, true),
        ("search", "app.kubernetes.io/name=shop-search", 3, false),
    ] {
        let refused = refused(&objects, &scale(name, labels, replicas), "deployments/scale");
        assert_eq!(refused.iter().any(|one| one.starts_with("K8S007")), is_refused, "{name} {replicas}: {refused:?}");
        assert_eq!(refused.len(), usize::from(is_refused), "{refused:?}");
    }
    // Where the state is elsewhere, nothing is said of scaling.
    let shared = profile().replace("\"memory\"", "\"redis\"\nurl = \"env:REDIS_URL\"");
    assert_eq!(refused(&rendered(&shared), &scale("shop", own, 3), "deployments/scale"), [""; 0]);
}

/// What an API server would note as a wrong type is refused here, too: the second evaluator looks at all of an expression, also
/// at what no object of a test leads it to.
#[test]
fn types_are_checked() {
    let objects = rendered(&profile());
    let policy =
        objects.iter().find(|object| object["spec"]["matchConditions"].is_array()).expect("one has conditions");
    let values =
        json!({ "object": pod(&deployment(&objects)), "oldObject": null, "request": { "operation": "CREATE" } });
    assert!(matches!(google::holds(&policy["spec"], &values), Ok(Some(_))));
    for (place, expression, why) in [
        ("/spec/validations/0/expression", "true || variables.container.all(c, true)", "variables.container"),
        ("/spec/validations/0/expression", "true || 'a' + 1 == 'b'", "no matching overload"),
        ("/spec/validations/0/expression", "true || namespace.metadata.name == 'a'", "namespace"),
        ("/spec/validations/0/expression", "size(variables.containers)", "BOOL has to stand"),
        ("/spec/variables/0/expression", "object.spec.al(c, c)", "al"),
        ("/spec/matchConditions/0/expression", "variables.pod.hostNetwork", "variables.pod"),
    ] {
        let mut spoiled = policy.clone();
        *spoiled.pointer_mut(place).expect("it is there") = json!(expression);
        let said = google::holds(&spoiled["spec"], &values);
        assert!(said.as_ref().is_err_and(|error| error.contains(why)), "{expression}: {said:?}");
    }
}

/// Clusters before 1.30 do not have them, and a file for each stands apart from what is the app's.
#[test]
fn policies_stand_apart_and_only_where_clusters_have_them() {
    let folder = folder();
    fs::write(folder.path().join("security.toml"), profile()).expect("a file can be written");
    let ran = run(folder.path(), &["render", "--target", "kubernetes", "--today", "2026-11-21"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let cluster: &Path = &folder.path().join("kubernetes/cluster");
    assert_eq!(fs::read_dir(cluster).expect("there is a folder").count(), 6);
    let kustomization = fs::read_to_string(folder.path().join("kubernetes/Kustomization")).expect("it is there");
    assert!(!kustomization.contains("cluster/"));
    let old = profile().replace("[targets.kubernetes]\n", "[targets.kubernetes]\nkubernetes_version = \"1.29\"\n");
    assert!(rendered(&old).iter().all(|object| object["kind"] != "ValidatingAdmissionPolicy"));
}
