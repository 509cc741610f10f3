//! A cluster's API server, just real enough for a gateway's controller: it lists, watches and takes status, over objects that
//! are read from manifests. It listens on loopback alone, and ends with its test.

#![allow(dead_code, reason = "each test uses its share")]

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What a kind is called where its objects are asked for, and whether they stand in a namespace.
const KINDS: [(&str, &str, bool); 33] = [
    ("Namespace", "namespaces", false),
    ("Node", "nodes", false),
    ("Service", "services", true),
    ("Secret", "secrets", true),
    ("ConfigMap", "configmaps", true),
    ("ServiceAccount", "serviceaccounts", true),
    ("Endpoints", "endpoints", true),
    ("EndpointSlice", "endpointslices", true),
    ("Deployment", "deployments", true),
    ("NetworkPolicy", "networkpolicies", true),
    ("PodDisruptionBudget", "poddisruptionbudgets", true),
    ("Ingress", "ingresses", true),
    ("IngressClass", "ingressclasses", false),
    ("GatewayClass", "gatewayclasses", false),
    ("Gateway", "gateways", true),
    ("HTTPRoute", "httproutes", true),
    ("GRPCRoute", "grpcroutes", true),
    ("TCPRoute", "tcproutes", true),
    ("TLSRoute", "tlsroutes", true),
    ("ReferenceGrant", "referencegrants", true),
    ("BackendTLSPolicy", "backendtlspolicies", true),
    ("Middleware", "middlewares", true),
    ("MiddlewareTCP", "middlewaretcps", true),
    ("IngressRoute", "ingressroutes", true),
    ("IngressRouteTCP", "ingressroutetcps", true),
    ("IngressRouteUDP", "ingressrouteudps", true),
    ("TLSOption", "tlsoptions", true),
    ("TLSStore", "tlsstores", true),
    ("ServersTransport", "serverstransports", true),
    ("ServersTransportTCP", "serverstransporttcps", true),
    ("TraefikService", "traefikservices", true),
    ("UDPRoute", "udproutes", true),
    ("ListenerSet", "listenersets", true),
];

/// How often a watch looks whether it is over.
const TICK: Duration = Duration::from_millis(50);

/// An object by what it is asked for by: `apps/v1`, `deployments`, its namespace, its name.
type Key = (String, String, String, String);

struct State {
    objects: Mutex<BTreeMap<Key, Value>>,
    ending: AtomicBool,
}

/// The running server; dropping it ends it.
pub struct Cluster {
    pub address: SocketAddr,
    state: Arc<State>,
}

impl Cluster {
    /// Starts it with objects in it.
    pub fn start(objects: Vec<Value>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let objects = objects.into_iter().enumerate().filter_map(|(number, object)| kept(number, object)).collect();
        let state = Arc::new(State { objects: Mutex::new(objects), ending: AtomicBool::new(false) });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.ending.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&shared);
                // A connection that breaks is the client's affair.
                thread::spawn(move || serve(&stream, &state).ok());
            }
        });
        Ok(Self { address, state })
    }

    /// What a controller says of an object.
    pub fn status(&self, kind: &str, name: &str) -> Option<Value> {
        let plural = plural(kind)?.0;
        let objects = self.state.objects.lock().expect("no thread panics with the lock");
        let found = objects.iter().find(|((_, what, _, own), _)| what == plural && own == name);
        found.and_then(|(_, object)| object.get("status").cloned())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.state.ending.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

fn plural(kind: &str) -> Option<(&'static str, bool)> {
    KINDS.iter().find(|(name, _, _)| *name == kind).map(|(_, plural, is_spaced)| (*plural, *is_spaced))
}

/// An object as an API server keeps it, with what it adds by itself; nothing for a kind that no controller here asks for.
fn kept(number: usize, mut object: Value) -> Option<(Key, Value)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let (version, kind) = (text(&object["apiVersion"])?, text(&object["kind"])?);
    let (plural, is_spaced) = plural(&kind)?;
    let name = text(&object["metadata"]["name"])?;
    let metadata = object["metadata"].as_object_mut()?;
    let namespace = metadata.get("namespace").and_then(text_of).unwrap_or_else(|| "default".to_owned());
    if is_spaced {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    metadata.insert("uid".to_owned(), json!(format!("00000000-0000-4000-8000-{number:012}")));
    metadata.insert("resourceVersion".to_owned(), json!((1000 + number).to_string()));
    metadata.insert("generation".to_owned(), json!(1));
    metadata.insert("creationTimestamp".to_owned(), json!("2026-01-01T00:00:00Z"));
    if kind == "Namespace" {
        object["metadata"]["labels"]["kubernetes.io/metadata.name"] = json!(name);
    }
    if kind == "Service" && object["spec"].get("clusterIP").is_none() {
        object["spec"]["clusterIP"] = json!("10.96.0.10");
    }
    let namespace = if is_spaced { namespace } else { String::new() };
    Some(((version, plural.to_owned(), namespace, name), object))
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// What is asked for: of which group and version, of which kind, where, which one, and what of it.
struct Asked {
    version: String,
    plural: String,
    namespace: String,
    name: Option<String>,
    query: String,
}

impl Asked {
    /// `/apis/GROUP/VERSION/namespaces/NAMESPACE/KIND/NAME/status?query`, or `/api/v1/…` for the core.
    fn read(target: &str) -> Option<Self> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (version, rest) = match &parts[..] {
            ["api", version, rest @ ..] => ((*version).to_owned(), rest),
            ["apis", group, version, rest @ ..] => (format!("{group}/{version}"), rest),
            _ => return None,
        };
        let (namespace, rest) = match rest {
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
            _ => ("", rest),
        };
        let (plural, rest) = rest.split_first()?;
        Some(Self {
            version,
            plural: (*plural).to_owned(),
            namespace: namespace.to_owned(),
            name: rest.first().map(|name| (*name).to_owned()),
            query: query.to_owned(),
        })
    }

    fn says(&self, name: &str) -> bool {
        self.query.split('&').any(|pair| pair == format!("{name}=true") || pair == format!("{name}=1"))
    }

    fn is_of(&self, (version, plural, namespace, _): &Key) -> bool {
        *version == self.version
            && *plural == self.plural
            && (self.namespace.is_empty() || *namespace == self.namespace)
    }

    fn kind(&self) -> &str {
        KINDS.iter().find(|(_, plural, _)| *plural == self.plural).map_or(self.plural.as_str(), |(kind, _, _)| kind)
    }
}

/// Answers requests on one connection until the other side has no more.
fn serve(stream: &TcpStream, state: &State) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_mins(2)))?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut words = line.split_whitespace();
        let (method, target) =
            (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let Some((name, value)) = header.trim().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or_default();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        match (method.as_str(), Asked::read(&target)) {
            (_, None) if target.starts_with("/version") => {
                answer(
                    &mut writer,
                    200,
                    &json!({ "major": "1", "minor": "34", "gitVersion": "v1.34.0", "platform": "linux/amd64" }),
                )?;
            }
            (_, None) => {
                answer(&mut writer, 200, &json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": [] }))?;
            }
            ("GET", Some(asked)) if asked.says("watch") => return watch(&mut writer, &asked, state),
            ("GET", Some(asked)) => read(&mut writer, &asked, state)?,
            (_, Some(asked)) => written(&mut writer, &asked, &body, state)?,
        }
    }
}

fn answer(writer: &mut impl Write, status: u16, body: &Value) -> io::Result<()> {
    let body = body.to_string();
    write!(
        writer,
        "HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    writer.flush()
}

fn read(writer: &mut impl Write, asked: &Asked, state: &State) -> io::Result<()> {
    let objects = state.objects.lock().expect("no thread panics with the lock").clone();
    if let Some(name) = &asked.name {
        let found = objects.iter().find(|(key, _)| asked.is_of(key) && key.3 == *name);
        return match found {
            Some((_, object)) => answer(writer, 200, object),
            None => answer(
                writer,
                404,
                &json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404 }),
            ),
        };
    }
    let items: Vec<&Value> = objects.iter().filter(|(key, _)| asked.is_of(key)).map(|(_, object)| object).collect();
    let list = json!({
        "kind": format!("{}List", asked.kind()), "apiVersion": asked.version,
        "metadata": { "resourceVersion": version(&objects).to_string() }, "items": items,
    });
    answer(writer, 200, &list)
}

/// The version of the newest object.
fn version(objects: &BTreeMap<Key, Value>) -> u64 {
    objects.values().map(version_of).max().unwrap_or(1000)
}

fn version_of(object: &Value) -> u64 {
    object["metadata"]["resourceVersion"].as_str().and_then(|version| version.parse().ok()).unwrap_or_default()
}

/// Tells what there is, where that is asked for, and then what changes.
fn watch(writer: &mut impl Write, asked: &Asked, state: &State) -> io::Result<()> {
    write!(writer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")?;
    let mut send = |event: &Value| {
        let text = format!("{event}\n");
        write!(writer, "{:x}\r\n{text}\r\n", text.len())?;
        writer.flush()
    };
    let snapshot = || state.objects.lock().expect("no thread panics with the lock").clone();
    let mut told = version(&snapshot());
    if asked.says("sendInitialEvents") {
        let objects = snapshot();
        for (_, object) in objects.iter().filter(|(key, _)| asked.is_of(key)) {
            send(&json!({ "type": "ADDED", "object": object }))?;
        }
        let metadata = json!({
            "resourceVersion": told.to_string(), "annotations": { "k8s.io/initial-events-end": "true" },
        });
        let bookmark = json!({ "kind": asked.kind(), "apiVersion": asked.version, "metadata": metadata });
        send(&json!({ "type": "BOOKMARK", "object": bookmark }))?;
    }
    while !state.ending.load(Ordering::SeqCst) {
        thread::sleep(TICK);
        let objects = snapshot();
        for (_, object) in objects.iter().filter(|(key, object)| asked.is_of(key) && version_of(object) > told) {
            send(&json!({ "type": "MODIFIED", "object": object }))?;
        }
        told = version(&objects);
    }
    Ok(())
}

/// Takes what a controller writes: of an object that is there, its status.
fn written(writer: &mut impl Write, asked: &Asked, body: &Value, state: &State) -> io::Result<()> {
    let mut objects = state.objects.lock().expect("no thread panics with the lock");
    let next = version(&objects) + 1;
    let own = objects.iter_mut().find(|(key, _)| asked.is_of(key) && asked.name.as_ref() == Some(&key.3));
    let Some((_, object)) = own else {
        drop(objects);
        return answer(writer, 201, body);
    };
    if let Some(status) = body.get("status") {
        object["status"] = status.clone();
        object["metadata"]["resourceVersion"] = json!(next.to_string());
    }
    let object = object.clone();
    drop(objects);
    answer(writer, 200, &object)
}
