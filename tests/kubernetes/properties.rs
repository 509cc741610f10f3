//! Whatever a profile says, its objects are whole: every string reads back as the same string, no secret stands anywhere, and
//! names, selectors, labels and ports agree.
//!
//! `SECCFG_POLICIES` says how many profiles are made, `SECCFG_SEED` where to begin.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::{env, fs};

use seccfg::apps::Packs;
use seccfg::check::{Modes, Opened};
use seccfg::plan::Target;
use seccfg::source::Source;
use seccfg::targets::env::{Content, assignments};
use seccfg::targets::{Output, Style, render};
use seccfg::yaml;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::support::root;

/// Texts that one reader of YAML or another takes for something else than a text.
const TRICKY: [&str; 48] = [
    "yes",
    "No",
    "on",
    "OFF",
    "y",
    "n",
    "true",
    "False",
    "null",
    "~",
    "1",
    "-1",
    "+1",
    "0",
    "007",
    "0o14",
    "0x1f",
    "0b11",
    "1_000",
    "1:30",
    "190:20:30",
    "1e3",
    "1.5",
    ".5",
    "-.inf",
    ".NaN",
    "<<",
    "=",
    "-",
    "?",
    ":",
    "!x",
    "&a",
    "*a",
    "|",
    ">",
    "%YAML",
    "@x",
    "`x`",
    "{a}",
    "[a]",
    "a#b",
    "#a",
    "a:b",
    "2026-11-29",
    "'",
    "\"",
    "\\n",
];

/// What stands in the place of a secret, and must stand nowhere else.
const CANARY: &str = "made-up-canary-";

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

/// A setting that is no secret: printable, and as odd as the vocabulary takes it.
fn setting(dice: &mut Dice) -> String {
    if dice.once_in(2) {
        return dice.pick(&TRICKY).to_owned();
    }
    let length = 1 + dice.below(12);
    let printable: Vec<u8> = (b'!'..=b'~').collect();
    let text = dice.text(&printable, length);
    if text.starts_with("env:") || text.starts_with("file:") { "x".to_owned() } else { text }
}

fn label(dice: &mut Dice) -> String {
    let length = dice.below(20);
    format!("{}{}x", dice.text(b"abcxyz", 1), dice.text(b"abc019-", length))
}

fn path(dice: &mut Dice) -> String {
    let mut path = String::new();
    for _ in 0..=dice.below(3) {
        let length = 1 + dice.below(8);
        let segment = dice.text(b"abAB01.-_~&'()+,=@!", length);
        path.push('/');
        path.push_str(if segment.chars().all(|c| c == '.') { "dots" } else { &segment });
    }
    if dice.once_in(12) {
        path.push_str("/*");
    } else if dice.once_in(3) {
        path.push('/');
    }
    path
}

fn paths(dice: &mut Dice, most: usize) -> String {
    let paths: Vec<Value> = (0..=dice.below(most)).map(|_| path(dice).into()).collect();
    Value::from(paths).to_string()
}

/// A profile by chance, for a cluster. What it asks for may well be more than its gateway can: that is left out.
fn profile(dice: &mut Dice) -> String {
    let mut text = "version = 1\n".to_owned();
    let mut line = |line: String| writeln!(text, "{line}").expect("a string takes everything");
    let kind = dice.pick(&["generic", "instacrud", "fastcms", "crudauth"]);
    line(format!("[app]\nname = \"{}\"\nkind = \"{kind}\"", label(dice)));
    line(format!("url = \"{}://shop.example.com\"", dice.pick(&["https", "https", "https", "http"])));
    line(format!("replicas = {}\nworkers = {}", dice.pick(&[1, 1, 3, 40]), dice.pick(&[1, 4])));
    line(format!("upstream = \"{}\"", dice.pick(&["127.0.0.1:8000", "app:65535", "10.0.0.1:1"])));
    if dice.once_in(2) {
        line(format!("paths = {}", paths(dice, 2)));
    }
    if dice.once_in(3) {
        line(format!("max_body = \"{}\"", dice.pick(&["1B", "10MiB", "3GiB"])));
    }
    if dice.once_in(4) {
        let names = (0..dice.below(40)).map(|index| format!("\"{index}.example.com\"")).collect::<Vec<_>>();
        line(format!("aliases = [{}]", names.join(", ")));
    }
    for service in ["frontend", "a_"].into_iter().take(dice.below(3)) {
        line(format!("[services.{service}]\nupstream = \"web:3000\"\npaths = {}", paths(dice, 2)));
    }
    for location in 0..dice.below(3) {
        line(format!("[locations.l{location}]\npaths = {}\nstream = {}", paths(dice, 3), dice.once_in(2)));
    }
    line("[rate_limits.routes]".to_owned());
    for limit in 0..dice.below(5) {
        let methods = dice.pick(&["", ", methods = [\"POST\"]", ", methods = [\"GET\", \"PUT\"]"]);
        let rate = dice.pick(&["5/min", "1/s", "90/h"]);
        line(format!("limit_{limit} = {{ limit = \"{rate}\", paths = {}{methods} }}", paths(dice, 4)));
    }
    line("[tls]".to_owned());
    line(format!("plain_http = \"{}\"", dice.pick(&["redirect", "refuse", "serve"])));
    if dice.once_in(5) {
        line("terminate = \"upstream\"".to_owned());
    }
    if dice.once_in(2) {
        line(format!("[proxy]\nforwarded_for = \"{}\"", dice.pick(&["append", "overwrite"])));
        line(format!("trusted = {}", dice.pick(&["[]", "[\"10.0.0.0/8\", \"2001:db8::/32\"]"])));
    }
    if dice.once_in(3) {
        line(format!("[access.inside]\npaths = {}\nnetworks = [\"10.0.0.0/8\"]", paths(dice, 2)));
    }
    if dice.once_in(2) {
        line(format!("[api_docs]\npaths = {}", paths(dice, 4)));
    }
    line(format!("[headers]\nframe_options = \"DENY\"\nno_store = {}", paths(dice, 3)));
    line("[cors]".to_owned());
    let origins: Vec<Value> = (0..dice.below(5)).map(|index| format!("https://{index}.example.com").into()).collect();
    line(format!("origins = {}\ncredentials = {}", Value::from(origins), dice.once_in(2)));
    line("[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\npurpose = \"signing\"".to_owned());
    line("[state]\nbackend = \"redis\"\nurl = \"env:REDIS_URL\"".to_owned());
    line("[database]\nurl = \"env:DATABASE_URL\"\nengine = \"postgresql\"".to_owned());
    line("[email]\nenabled = true\ncarrier = \"smtp\"".to_owned());
    let user = Value::from(setting(dice));
    line(format!("[email.smtp]\nhost = \"mail.example.com\"\nusername = {user}\npassword = \"env:SMTP_PASSWORD\""));
    let id = Value::from(setting(dice));
    line(format!("[oauth.google]\nclient_id = {id}\nclient_secret = \"env:GOOGLE_CLIENT_SECRET\""));
    let key = Value::from(setting(dice));
    line(format!("[bot_protection]\nsite_key = {key}\nsecret_key = \"env:TURNSTILE_SECRET_KEY\""));
    line("[targets.kubernetes]".to_owned());
    if dice.once_in(2) {
        line(format!("image = \"example.com/shop@sha256:{}\"", "0a".repeat(32)));
        line(format!("images = {{ frontend = \"example.com/web@sha256:{}\" }}", "0b".repeat(32)));
    }
    if dice.once_in(4) {
        line("autoscale = { max = 50 }\ncertificate = { issuer = \"letsencrypt\" }".to_owned());
        line("external_secrets = { store = \"vault\" }\nuser_namespaces = true".to_owned());
    }
    if dice.once_in(8) {
        line("ingress_class = \"traefik\"".to_owned());
    } else {
        let kind = dice.pick(&["traefik", "traefik", "envoy-gateway", "nginx-gateway-fabric", "standard"]);
        let place = dice.pick(&["", ", namespace = \"gateway-system\""]);
        line(format!("gateway = {{ name = \"edge\", implementation = \"{kind}\", api_version = \"1.5\"{place} }}"));
    }
    text
}

/// Files, by their names.
type Files = Vec<(String, String)>;

/// The objects of a profile, and what its app is told that anyone may see; nothing where it is refused.
fn rendered(text: &str) -> Option<(Files, BTreeMap<String, String>)> {
    let source = Source::new("security.toml", text);
    let opened = Opened::read(&source, &[], &Packs::default());
    let policy = opened.policy(opened.modes(Modes::Own)[0]).filter(|_| opened.is_sound())?;
    let plans = opened.plans(&policy, &[Target::Kubernetes]);
    let files = render(Output::Kubernetes, &plans, Style { stream: true, ..Style::default() }).ok()?;
    let public = assignments(&plans).ok()?.into_iter().filter_map(|one| match one.content {
        Content::Public(text) => Some((one.name, text)),
        Content::Secret(_) => None,
    });
    let files = files.into_iter().map(|file| (file.path.display().to_string(), file.text)).collect();
    Some((files, public.collect()))
}

/// The objects in some files, as Kubernetes reads them.
fn objects(files: &[(String, String)]) -> Vec<Value> {
    let read = |(name, text): &(String, String)| {
        let read = yaml::read(text);
        assert!(read.problems.is_empty() && read.unread.is_empty(), "{name}: {:?}\n{text}", read.problems);
        assert_eq!(read.documents.len(), 1, "{name}");
        read.documents[0].to_json()
    };
    files.iter().map(read).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Whether labels have all of a selector's.
fn chosen(selector: &Value, labels: &Value) -> bool {
    selector.as_object().into_iter().flatten().all(|(key, value)| labels[key] == *value)
}

/// What has to agree in the objects of one profile.
fn agree(objects: &[Value]) {
    let of = |kind: &'static str| objects.iter().filter(move |object| object["kind"] == kind);
    let names = |kind: &str| {
        let of_kind = objects.iter().filter(|object| object["kind"] == kind);
        of_kind.map(|object| text(&object["metadata"]["name"])).collect::<BTreeSet<_>>()
    };
    let mut seen = BTreeSet::new();
    for object in objects {
        let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
        assert!(seen.insert((kind, name)), "{kind} {name} is there twice");
        let is_name = name.len() <= 253
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.ends_with(|c: char| c.is_ascii_alphanumeric());
        assert!(is_name, "{name} is no name");
        let labels = object["metadata"]["labels"].as_object().expect("all have labels");
        assert!(labels.values().all(|value| text(value).len() <= 63), "{labels:?}");
    }
    let accounts = names("ServiceAccount");
    for deployment in of("Deployment") {
        let spec = &deployment["spec"];
        let pod = &spec["template"];
        assert!(chosen(&spec["selector"]["matchLabels"], &pod["metadata"]["labels"]));
        assert!(accounts.contains(text(&pod["spec"]["serviceAccountName"])));
        let container = &pod["spec"]["containers"][0];
        let port = &container["ports"][0]["containerPort"];
        let mut services =
            of("Service").filter(|service| chosen(&service["spec"]["selector"], &pod["metadata"]["labels"]));
        let service = services.next().expect("a Service leads to the pods");
        assert_eq!((&service["spec"]["ports"][0]["targetPort"], services.next()), (port, None));
        for variable in list(&container["env"]) {
            assert!(variable["value"].is_null(), "{variable}");
            assert_eq!(variable["valueFrom"]["secretKeyRef"]["key"], variable["name"]);
        }
        for source in list(&container["envFrom"]) {
            assert!(names("ConfigMap").contains(text(&source["configMapRef"]["name"])));
        }
        let has_replicas = spec["replicas"].is_u64();
        let scaled = of("HorizontalPodAutoscaler")
            .any(|scaler| scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]);
        assert!(has_replicas != scaled);
    }
    let policies = of("NetworkPolicy").map(|policy| &policy["spec"]);
    let lets_in = |port: &Value| {
        let mut rules = policies.clone().flat_map(|policy| list(&policy["ingress"]));
        rules.any(|rule| list(&rule["ports"]).iter().any(|open| open["port"] == *port))
    };
    for service in of("Service") {
        let port = &service["spec"]["ports"][0];
        assert_eq!(port["port"], 80);
        let is_served = of("HTTPRoute").chain(of("Ingress")).next().is_some();
        assert!(!is_served || lets_in(&port["targetPort"]), "nobody gets to {service}");
    }
    // What is there already is called as the profile calls it.
    let backends: BTreeSet<&str> = names("Service").into_iter().chain(["app", "web"]).collect();
    for route in of("HTTPRoute") {
        let spec = &route["spec"];
        let rules = list(&spec["rules"]);
        let matches = || rules.iter().flat_map(|rule| list(&rule["matches"]));
        assert!((1..=16).contains(&rules.len()) && matches().count() < 128, "{route}");
        assert!((1..=16).contains(&list(&spec["hostnames"]).len()));
        assert!(matches().all(|one| text(&one["path"]["value"]).len() <= 1024));
        for rule in rules {
            assert!((1..=64).contains(&list(&rule["matches"]).len()));
            for backend in list(&rule["backendRefs"]) {
                assert!(backends.contains(text(&backend["name"])), "{backend} leads nowhere");
            }
            let filters = list(&rule["filters"]);
            assert!(filters.len() <= 16);
            for filter in filters.iter().filter(|filter| filter["type"] == "ExtensionRef") {
                let extension = &filter["extensionRef"];
                assert!(
                    names(text(&extension["kind"])).contains(text(&extension["name"])),
                    "{extension} leads nowhere"
                );
            }
            let standard = filters.iter().map(|filter| text(&filter["type"])).filter(|kind| *kind != "ExtensionRef");
            let mut kinds = BTreeSet::new();
            assert!(standard.into_iter().all(|kind| kinds.insert(kind)), "a step of the standard stands twice: {rule}");
            for headers in
                filters.iter().flat_map(|filter| [&filter["responseHeaderModifier"], &filter["requestHeaderModifier"]])
            {
                assert!(["set", "add", "remove"].iter().all(|what| list(&headers[*what]).len() <= 16), "{headers}");
            }
        }
    }
    for policy in objects.iter().filter(|object| text(&object["kind"]).ends_with("Policy")) {
        let targets = list(&policy["spec"]["targetRefs"]).iter().chain(policy["spec"].get("targetRef"));
        for target in targets {
            assert!(names("HTTPRoute").contains(text(&target["name"])), "{target} leads nowhere");
        }
    }
    for budget in of("PodDisruptionBudget") {
        let selector = &budget["spec"]["selector"]["matchLabels"];
        assert!(
            of("Deployment").any(|deployment| chosen(selector, &deployment["spec"]["template"]["metadata"]["labels"]))
        );
    }
}

/// What other readers make of documents, each as JSON: a reader of YAML 1.1, and one of 1.2.
fn read_by_python(documents: &str) -> Vec<[Value; 2]> {
    const PROGRAM: &str = "\
import json, sys, yaml
from ruamel.yaml import YAML
text = sys.stdin.read()
old = yaml.load_all(text, Loader=getattr(yaml, 'CSafeLoader', yaml.SafeLoader))
new = YAML(typ='safe', pure=True).load_all(text)
for one, other in zip(old, new, strict=True):
    print(json.dumps([one, other], default=str))
";
    let python = root().join("target/venv/bin/python");
    let mut python = Command::new(python);
    let mut python =
        python.args(["-c", PROGRAM]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
    let mut input = python.stdin.take().expect("it has one");
    let documents = documents.to_owned();
    let writer = std::thread::spawn(move || input.write_all(documents.as_bytes()));
    let ran = python.wait_with_output().expect("Python ends");
    writer.join().expect("nothing panics").expect("Python reads all");
    assert!(ran.status.success());
    let lines = String::from_utf8(ran.stdout).expect("JSON is UTF-8");
    lines.lines().map(|line| serde_json::from_str(line).expect("Python writes JSON")).collect()
}

/// What came of some seeds.
#[derive(Default)]
struct Tally {
    rendered: u64,
    settings: usize,
    /// The settings that other readers are asked about, and what they have to find, by seed.
    documents: String,
    meant: Vec<(u64, Value)>,
}

fn tally(seeds: impl Iterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let text = profile(&mut Dice::new(seed));
        let Some((files, public)) = rendered(&text) else { continue };
        tally.rendered += 1;
        let objects = objects(&files);
        assert!(std::panic::catch_unwind(|| agree(&objects)).is_ok(), "seed {seed} of\n{text}");
        let config = objects.iter().position(|object| object["kind"] == "ConfigMap");
        let data = config.map_or_else(|| json!({}), |index| objects[index]["data"].clone());
        assert_eq!(data, json!(public), "seed {seed}");
        tally.settings += public.len();
        // Those readers are slow: they get some of all, and most of the odd ones.
        let is_odd = public.values().any(|value| TRICKY.contains(&value.as_str()));
        if let Some(index) = config.filter(|_| seed % 20 == 0 || is_odd && seed % 4 == 0) {
            tally.documents.push_str(&files[index].1);
            tally.meant.push((seed, data));
        }
    }
    tally
}

#[test]
fn every_generated_policy_gives_whole_objects() {
    let (first, count) = (number("SECCFG_SEED", 0), number("SECCFG_POLICIES", 10_000));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let share = |thread: usize| tally((first..first + count).skip(thread).step_by(threads));
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || share(thread))).collect();
        running.into_iter().map(|thread| thread.join().expect("a thread fails with its seed")).collect()
    });
    let rendered: u64 = tallies.iter().map(|tally| tally.rendered).sum();
    assert!(rendered * 2 > count || count < 100, "of {count}, only {rendered} render");
    let mut asked = 0;
    for tally in &tallies {
        let read = read_by_python(&tally.documents);
        assert_eq!(read.len(), tally.meant.len());
        asked += read.len();
        for ((seed, meant), read) in tally.meant.iter().zip(&read) {
            for reader in read {
                assert_eq!(&reader["data"], meant, "seed {seed}");
            }
        }
    }
    let settings: usize = tallies.iter().map(|tally| tally.settings).sum();
    eprintln!("{rendered} of {count} render, with {settings} settings; {asked} ConfigMaps are read by Python");
}

/// kubectl reads as the API server does.
#[test]
fn go_reads_each_tricky_value_as_the_same_text() {
    let example = root().join("examples/kubernetes/instacrud/security.toml");
    let example = fs::read_to_string(example).expect("the example is there");
    let folder = crate::support::folder();
    let kubectl = root().join("target/venv/bin/kubectl");
    let mut files = Vec::new();
    for (index, value) in TRICKY.iter().enumerate() {
        let id = format!("client_id = {}", Value::from(*value));
        let Some((rendered, public)) = rendered(&example.replace("client_id = \"env:GOOGLE_CLIENT_ID\"", &id)) else {
            continue;
        };
        assert_eq!(public.get("GOOGLE_CLIENT_ID").map(String::as_str), Some(*value));
        let config = rendered.iter().find(|(name, _)| name.contains("configmap")).expect("it has settings");
        let file = folder.path().join(format!("{index}.yaml"));
        fs::write(&file, &config.1).expect("a file can be written");
        files.push((file, *value));
    }
    assert!(files.len() * 10 > TRICKY.len() * 8, "only {} values render", files.len());
    for (file, value) in files {
        let mut kubectl = Command::new(&kubectl);
        kubectl.args(["label", "--local", "--filename"]).arg(&file).args(["seen=yes", "--output", "json"]);
        let ran = kubectl.env_clear().output().expect("kubectl starts");
        assert!(ran.status.success(), "{value}: {}", String::from_utf8_lossy(&ran.stderr));
        let read: Value = serde_json::from_slice(&ran.stdout).expect("kubectl writes JSON");
        assert_eq!(read["data"]["GOOGLE_CLIENT_ID"], *value);
    }
}

/// What an app's variables hold is in no object, and in no file beside them.
#[test]
fn no_value_of_a_secret_stands_anywhere() {
    let folder = crate::support::folder();
    for seed in 0..20 {
        let text = profile(&mut Dice::new(seed));
        fs::write(folder.path().join("security.toml"), &text).expect("a file can be written");
        let names = [
            "SECRET_KEY",
            "REDIS_URL",
            "DATABASE_URL",
            "SMTP_PASSWORD",
            "GOOGLE_CLIENT_SECRET",
            "TURNSTILE_SECRET_KEY",
        ];
        let variables = names.map(|name| format!("{name}={CANARY}{name}")).join("\n");
        fs::write(folder.path().join(".env"), variables).expect("a file can be written");
        let ran = crate::support::run(
            folder.path(),
            &["render", "--target", "kubernetes", "--stdout", "--today", "2026-11-21"],
        );
        assert!(!ran.out.contains(CANARY) && !ran.err.contains(CANARY), "seed {seed}");
    }
}
