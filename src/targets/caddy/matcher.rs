//! What a request has to be like, for a route to be its route.

use std::slice;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::value::{Named, Value};

/// Conditions that hold together, under a name: a Caddyfile writes them once and refers to them as `@seccfg_name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// The name, without `@seccfg_`.
    pub name: Value,
    /// What has to hold. One kind of condition stands here once at most.
    pub all: Vec<Condition>,
}

/// One thing that is asked of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Its host is one of these.
    Host(Vec<Value>),
    /// Its path is this one, with `*` for whatever follows.
    Path(Value),
    /// Its path, decoded and resolved, fits the pattern.
    PathRegexp(Value),
    /// Its method is one of these.
    Method(Vec<Value>),
    /// It has this header.
    Header(&'static str),
    /// It has one of these headers.
    HasAny(Vec<Value>),
    /// A header of this name fits the pattern.
    HeaderRegexp(&'static str, Value),
    /// What is kept in a variable, or stands behind a placeholder, is one of these.
    Vars(&'static str, Vec<Value>),
    /// An expression in Google's CEL is true.
    Expression(Value),
    /// Its peer is in one of these networks.
    RemoteIp(Vec<Value>),
    /// Its client, by the word of trusted proxies, is in one of these networks.
    ClientIp(Vec<Value>),
    /// There is one of these files, the first of which is kept for a rewrite.
    File(Vec<Value>),
    /// This does not hold.
    Not(Box<Condition>),
}

impl Condition {
    /// What is kept in a variable, or stands behind a placeholder, is this.
    pub fn is(name: &'static str, value: impl Into<Value>) -> Self {
        Self::Vars(name, vec![value.into()])
    }
}

impl<N: Into<Value>, const C: usize> From<(N, [Condition; C])> for Matcher {
    fn from((name, all): (N, [Condition; C])) -> Self {
        Self { name: name.into(), all: all.into() }
    }
}

impl Serialize for Matcher {
    /// As a list of sets of conditions, one of which has to hold: there is one.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [Set(&self.all)].serialize(serializer)
    }
}

/// Hosts as Caddy compares them: an IPv6 address without its brackets.
pub fn compared(hosts: &[Value]) -> Vec<String> {
    hosts.iter().map(|host| host.as_str().trim_matches(['[', ']']).to_owned()).collect()
}

/// Headers of which a request has none.
struct Absent<'m>(&'m [Value]);

impl Serialize for Absent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|name| (name.as_str(), ())))
    }
}

struct Set<'m>(&'m [Condition]);

impl Serialize for Set<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let regexp = |pattern: &str| Named::new("pattern", pattern.to_owned());
        let mut set = serializer.serialize_map(Some(self.0.len()))?;
        for condition in self.0 {
            match condition {
                Condition::Host(hosts) => set.serialize_entry("host", &compared(hosts)),
                Condition::Path(path) => set.serialize_entry("path", &[path]),
                Condition::PathRegexp(pattern) => set.serialize_entry("path_regexp", &regexp(pattern.as_str())),
                Condition::Method(methods) => set.serialize_entry("method", methods),
                Condition::Header(name) => set.serialize_entry("header", &Named::new(*name, ["*"])),
                Condition::HasAny(names) => set.serialize_entry("not", &[Named::new("header", Absent(names))]),
                Condition::HeaderRegexp(name, pattern) => {
                    set.serialize_entry("header_regexp", &Named::new(*name, regexp(pattern.as_str())))
                }
                Condition::Vars(name, values) => set.serialize_entry("vars", &Named::new(*name, values)),
                Condition::Expression(expression) => set.serialize_entry("expression", expression),
                Condition::RemoteIp(networks) => set.serialize_entry("remote_ip", &Named::new("ranges", networks)),
                Condition::ClientIp(networks) => set.serialize_entry("client_ip", &Named::new("ranges", networks)),
                Condition::File(files) => set.serialize_entry("file", &Named::new("try_files", files)),
                Condition::Not(condition) => set.serialize_entry("not", &[Set(slice::from_ref(&**condition))]),
            }?;
        }
        set.end()
    }
}
