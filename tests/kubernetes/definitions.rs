//! The objects of gateways are what their definitions (CRDs) say: their schemas, closed as an API server closes them, and
//! their rules in CEL. No package brings definitions, and none are kept here: `SECCFG_CRDS` names folders that have some.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::{env, fs};

use cel::{Context, Program, Value as Cel, to_value};
use jsonschema::Validator;
use seccfg::yaml;
use serde_json::{Value, json};

use crate::server::traefik::objects;
use crate::support::{folder, root, run};
use crate::validate::OWN;

/// The version of a group's API, and the kind of an object.
type Name = (String, String);

/// What is known of a kind of object.
struct Definition {
    schema: Value,
    validator: Validator,
}

/// The name of an object.
fn name(object: &Value) -> Name {
    let text = |key: &str| object[key].as_str().expect("an object says what it is").to_owned();
    (text("apiVersion"), text("kind"))
}

/// Every definition in some folders, in each of its versions.
fn definitions(folders: impl Iterator<Item = PathBuf>) -> BTreeMap<Name, Definition> {
    let mut definitions = BTreeMap::new();
    let entries = folders
        .flat_map(|folder| fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())));
    let paths = entries.flatten().map(|entry| entry.path());
    for path in paths.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")) {
        let read = yaml::read(&fs::read_to_string(&path).expect("it is text"));
        assert!(read.problems.is_empty(), "{}: {:?}", path.display(), read.problems);
        let documents = read.documents.iter().map(yaml::Node::to_json);
        for definition in documents.filter(|document| document["kind"] == "CustomResourceDefinition") {
            let spec = &definition["spec"];
            for version in spec["versions"].as_array().expect("it has versions") {
                let text = |value: &Value| value.as_str().expect("it is a text").to_owned();
                let api = format!("{}/{}", text(&spec["group"]), text(&version["name"]));
                let schema = version["schema"]["openAPIV3Schema"].clone();
                let mut closed = schema.clone();
                close(&mut closed);
                let validator = jsonschema::draft7::new(&closed).unwrap_or_else(|error| panic!("{api}: {error}"));
                definitions.insert((api, text(&spec["names"]["kind"])), Definition { schema, validator });
            }
        }
    }
    definitions
}

/// An API server drops fields that a schema does not name, and `kubectl apply` refuses them: so no others may be there.
fn close(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    let keeps = schema.get("x-kubernetes-preserve-unknown-fields") == Some(&json!(true));
    if schema.contains_key("properties") && !schema.contains_key("additionalProperties") && !keeps {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
    for property in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        close(property.1);
    }
    for inner in ["items", "additionalProperties"] {
        schema.get_mut(inner).into_iter().for_each(close);
    }
}

/// Fills in what the schema says of fields that are absent, as an API server does before it asks the rules.
fn fill(schema: &Value, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, property) in schema["properties"].as_object().into_iter().flatten() {
                if let Some(default) = property.get("default") {
                    fields.entry(key.clone()).or_insert_with(|| default.clone());
                }
            }
            fields.iter_mut().for_each(|(key, value)| fill(inner(schema, key), value));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(&schema["items"], item)),
        _ => {}
    }
}

/// The schema of a field.
fn inner<'s>(schema: &'s Value, key: &str) -> &'s Value {
    schema["properties"].get(key).unwrap_or(&schema["additionalProperties"])
}

/// Asks every rule of a schema about a value and all within it; what does not hold is told. Rules that compare with the
/// object before are for changes.
fn ask(schema: &Value, value: &Value, place: &str, asked: &mut usize, broken: &mut Vec<String>) {
    for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
        let text = rule["rule"].as_str().expect("a rule is a text");
        if text.contains("oldSelf") {
            continue;
        }
        let mut context = Context::default();
        context.add_variable_from_value("self", to_value(value).expect("JSON is a value"));
        let program = Program::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        *asked += 1;
        match program.execute(&context) {
            Ok(Cel::Bool(true)) => {}
            said => broken.push(format!("{place}: {}: {said:?}", rule["message"].as_str().unwrap_or(text))),
        }
    }
    match value {
        Value::Object(fields) => {
            fields
                .iter()
                .for_each(|(key, value)| ask(inner(schema, key), value, &format!("{place}/{key}"), asked, broken));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                ask(&schema["items"], item, &format!("{place}/{index}"), asked, broken);
            }
        }
        _ => {}
    }
}

impl Definition {
    /// What is wrong with an object, after how many rules were asked.
    fn wrong(&self, object: &Value) -> (usize, Vec<String>) {
        let wrong = self.validator.iter_errors(object).map(|error| format!("{}: {error}", error.instance_path()));
        let (mut wrong, mut asked) = (wrong.collect(), 0);
        let mut filled = object.clone();
        fill(&self.schema, &mut filled);
        ask(&self.schema, &filled, "", &mut asked, &mut wrong);
        (asked, wrong)
    }
}

/// The examples' objects for each gateway. What one cannot do is waived: what is there has to be well formed.
fn rendered() -> Vec<Value> {
    let waiver = |rule: &str| {
        let reason = "here the form of objects is judged, and not what they lack";
        format!("\n[[waivers]]\nrule = \"{rule}\"\nreason = \"{reason}\"\nexpires = 2027-05-31\n")
    };
    let waivers: String = ["DBG003", "PRX003", "RAT003", "RND004"].map(waiver).concat();
    let mut all = Vec::new();
    for app in ["crudauth", "fastcms", "instacrud"] {
        let path = root().join("examples/kubernetes").join(app).join("security.toml");
        // With all that adds an object.
        let more = "certificate = { issuer = \"acme\" }\nexternal_secrets = { store = \"vault\" }";
        let profile = fs::read_to_string(path)
            .expect("the example is there")
            .replace("replicas = 3 ", "max_body = \"10MiB\"\nreplicas = 3 ")
            .replace("autoscale = ", &format!("{more}\nautoscale = "));
        for gateway in ["traefik", "envoy-gateway", "nginx-gateway-fabric", "standard"] {
            let folder = folder();
            let named = format!("implementation = \"{gateway}\"");
            let profile = profile.replace("implementation = \"traefik\"", &named) + &waivers;
            fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
            let ran = run(folder.path(), &["render", "--target", "kubernetes", "--today", "2026-11-21"]);
            assert_eq!(ran.code, Some(0), "{app} for {gateway}: {}{}", ran.out, ran.err);
            // What is for kustomize is no object.
            let objects = objects(&folder.path().join("kubernetes")).into_iter();
            all.extend(objects.filter(|object| object.get("apiVersion").is_some()));
        }
    }
    all
}

#[test]
fn objects_of_gateways_are_what_their_definitions_say() {
    // Said where people see it: what a test that passes prints is kept back.
    let skipped = |what: &str, why: &str| {
        let _ = writeln!(std::io::stderr(), "skipped: {what}, because {why}");
    };
    let Some(folders) = env::var_os("SECCFG_CRDS") else {
        return skipped("the definitions of gateways' objects", "SECCFG_CRDS names no folder that has them");
    };
    let definitions = definitions(env::split_paths(&folders));
    let objects = rendered();
    let (mut judged, mut rules, mut unknown) = (BTreeMap::<Name, usize>::new(), 0, BTreeSet::new());
    let mut route = None;
    for object in objects.iter().filter(|object| !OWN.iter().any(|own| object["apiVersion"] == *own)) {
        let name = name(object);
        let Some(definition) = definitions.get(&name) else {
            unknown.insert(name);
            continue;
        };
        let (asked, wrong) = definition.wrong(object);
        assert_eq!(wrong, [""; 0], "{object:#}");
        rules += asked;
        if name.1 == "HTTPRoute" && object["spec"]["rules"][0]["backendRefs"].is_array() {
            route = Some((definition, object));
        }
        *judged.entry(name).or_default() += 1;
    }
    for (api, kind) in unknown {
        skipped(&format!("objects {kind} of {api}"), "SECCFG_CRDS has no definition of them");
    }
    eprintln!("{judged:?}, {rules} rules asked");

    // What is wrong is found: by the schema, by what it does not name, and by a rule.
    let (definition, route) = route.expect("HTTPRoutes are defined");
    let spoil = |change: fn(&mut Value)| {
        let mut spoiled = route.clone();
        change(&mut spoiled["spec"]);
        definition.wrong(&spoiled).1.join("\n")
    };
    assert!(spoil(|spec| spec["hostnames"] = json!(["Shop_1"])).contains("/spec/hostnames/0"));
    assert!(spoil(|spec| spec["hostname"] = json!("shop.example.com")).contains("hostname"));
    let relative = spoil(|spec| spec["rules"][0]["matches"] = json!([{ "path": { "type": "Exact", "value": "a" } }]));
    assert!(relative.contains("/spec/rules/0/matches/0/path"), "{relative}");
}
