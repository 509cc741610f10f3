//! The suite: what every server has to answer, as data.
//!
//! A file in `suite/` is about one control under one profile:
//!
//! ```toml
//! control = "CORS"                  # its row in docs/proxies.md
//! needs = "rate_limit"              # optional, or a list: what not every server has, `server.rs` knows which
//!
//! [profile]                         # over base.toml, key by key
//! cors.max_age = "10m"
//!
//! [second]                          # optional: a second profile in the same server, over the first
//! app.name = "blog"
//!
//! [request]                         # optional: what every request of the file has
//! [always]                          # optional: what every answer of the file has (keys as in `expect`)
//!
//! [[case]]
//! name = "a listed origin may read answers"
//! request = { method = "GET", target = "/", headers = [["Origin", "{origin}"]] }
//! expect = { status = 200, headers = { Access-Control-Allow-Origin = "{origin}" } }
//! each.origin = ["https://shop.example.com", "https://admin.example.com:8443"]
//! ```
//!
//! `each.NAME` is a list: the case stands for every combination of its lists, `{NAME}` being the value, which may be of
//! any type where it is the whole string. `rows` is a list of tables that belong together, `[{ host = …, to = … }]`.
//!
//! `before` is a list of requests that the same client sends first: what they change in `request`, with how many `times`
//! and the `status` of each answer. `differs.caddy = { note = …, expect = { … } }` says what a server (`caddy`, or one
//! version, `caddy 2.6`) truly does instead of `expect`; the note stands below the table.
//!
//! Every request has a client address of its own, so that no case meets another's limits. It stands for `{client}`;
//! `{guest}` is an address, and `{network}` the first half of an IPv6 address, that no other case uses either. `{4k}`,
//! `{20k}` and `{64k}` are texts of so many KiB, `{params}` is thousands of segments that are parameters alone.
//!
//! A case by https is asked by HTTP/1.1 and by HTTP/2, but for upgrades, which HTTP/2 does not have; `protocols =
//! ["http/1.1"]` leaves one out.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::clients::Shown;
use crate::fill::{fill, overlay, unfilled};

/// What a client asks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    pub method: String,
    /// Exactly as it is sent.
    pub target: String,
    pub scheme: Scheme,
    pub host: String,
    /// The name in the handshake; where it is absent, the host's, as browsers have it. An address is not sent.
    pub sni: Option<String>,
    /// Whether the server is asked at `[::1]`.
    pub via: Via,
    pub headers: Vec<(String, String)>,
    /// How many bytes the body has.
    pub body: usize,
    /// Whether the body's length is told first.
    pub chunked: bool,
    /// What is sent when the head of the answer has come.
    pub then: String,
    /// The only TLS version that is spoken.
    pub tls: Option<TlsVersion>,
    /// The certificate that the client shows, where it is asked for one.
    pub certificate: Option<Shown>,
    /// The protocols that are offered in the handshake, where it is all that happens.
    pub offer: Option<Vec<String>>,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            scheme: Scheme::Https,
            host: "shop.example.com".to_owned(),
            sni: None,
            via: Via::Ipv4,
            headers: Vec::new(),
            body: 0,
            chunked: false,
            then: String::new(),
            tls: None,
            certificate: None,
            offer: None,
        }
    }
}

impl Asked {
    /// The name in the handshake.
    pub fn sni(&self) -> String {
        let of_host = || self.host.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
        self.sni.clone().unwrap_or_else(of_host)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    Http,
    Https,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    Ipv4,
    Ipv6,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum TlsVersion {
    /// Which curl alone speaks here.
    #[serde(rename = "1.1")]
    Tls11,
    #[serde(rename = "1.2")]
    Tls12,
    #[serde(rename = "1.3")]
    Tls13,
}

/// What may come back, and what else has to hold then. Where several endings are written, any of them will do.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// An answer with one of these.
    #[serde(deserialize_with = "one_or_many")]
    pub status: Vec<u16>,
    /// An end without an answer.
    pub closed: bool,
    /// A handshake that fails, for a reason that holds this text.
    pub refused: Option<String>,
    /// A handshake that ends in this protocol.
    pub alpn: Option<String>,
    /// Headers that stand once, with this value.
    pub headers: BTreeMap<String, String>,
    /// Headers that stand once, with a whole number from the first of these to the second.
    pub within: BTreeMap<String, [u64; 2]>,
    /// Headers that do not stand there; `access-control-*` are all that begin so.
    pub absent: Vec<String>,
    /// Text that no header's value holds.
    pub nowhere: Vec<String>,
    /// Headers that list exactly these, in one line or in several.
    pub lists: BTreeMap<String, Vec<String>>,
    /// What `Vary` lists, among others.
    pub vary: Vec<String>,
    /// The cookies that are set, with exactly these attributes.
    pub cookies: BTreeMap<String, Vec<String>>,
    pub body: Option<String>,
    /// How long the body takes to come, from its first byte to its last: from so many milliseconds to so many.
    pub lasts: Option<[u64; 2]>,
    /// The request as the app saw it.
    pub seen: Option<Saw>,
    /// Whether the app saw it.
    pub reached: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Saw {
    pub method: Option<String>,
    pub target: Option<String>,
    pub headers: BTreeMap<String, String>,
    pub absent: Vec<String>,
    /// Text that no header's value holds.
    pub nowhere: Vec<String>,
    /// The body's length in bytes.
    pub body: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Protocol {
    #[serde(rename = "http/1.1")]
    Http1,
    #[serde(rename = "h2")]
    Http2,
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        })
    }
}

/// What a server does otherwise, and why that is right.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    pub note: String,
    expect: Table,
}

/// One request of a client and what comes of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    #[serde(default)]
    request: Table,
    #[serde(default)]
    before: Vec<Table>,
    #[serde(default)]
    pub expect: Table,
    #[serde(default)]
    differs: BTreeMap<String, Difference>,
    protocols: Option<Vec<Protocol>>,
}

/// A request that comes before the one that matters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    #[serde(default = "once")]
    times: usize,
    status: u16,
}

fn once() -> usize {
    1
}

/// What is sent, in order: requests with the status of their answers, and the one that matters.
pub struct Exchange {
    pub before: Vec<(Asked, u16)>,
    pub asked: Asked,
    pub expect: Expect,
}

/// A file of the suite, with each of its cases written out.
pub struct Suite {
    pub path: PathBuf,
    pub control: String,
    pub needs: Vec<String>,
    pub profile: Table,
    pub second: Option<Table>,
    pub always: Expect,
    pub cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    control: String,
    #[serde(default, deserialize_with = "one_or_many")]
    needs: Vec<String>,
    #[serde(default)]
    profile: Table,
    second: Option<Table>,
    #[serde(default)]
    request: Table,
    #[serde(default)]
    always: Expect,
    case: Vec<Table>,
}

impl Suite {
    /// Reads a file, where `names` are those that a running server fills in. What is wrong with it is said in words.
    pub fn read(path: &Path, text: &str, names: &Table) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut cases = Vec::new();
        for table in &file.case {
            for mut case in variants(table)? {
                let mut request = file.request.clone();
                overlay(&mut request, std::mem::take(&mut case.request));
                case.request = request;
                // Told now, and not when it is sent.
                case.exchange(None, names)?;
                for difference in case.differs.values() {
                    case.expected(fill(difference.expect.clone(), names))?;
                }
                cases.push(case);
            }
        }
        let File { control, needs, profile, second, always, .. } = file;
        Ok(Self { path: path.to_owned(), control, needs, profile, second, always, cases })
    }
}

/// Whether `caddy` or `caddy 2.6` means the server that is labelled `Caddy 2.6`.
fn means(name: &str, label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    label.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',']))
}

impl Case {
    /// What a server does otherwise.
    pub fn difference(&self, label: &str) -> Option<&Difference> {
        self.differs.iter().find(|(name, _)| means(name, label)).map(|(_, difference)| difference)
    }

    /// Which of the server's addresses is asked.
    pub fn via(&self) -> Via {
        let via = self.request.get("via").and_then(Value::as_str);
        if via == Some("ipv6") { Via::Ipv6 } else { Via::Ipv4 }
    }

    /// The protocols that it is asked by.
    pub fn protocols(&self) -> Result<Vec<Protocol>, String> {
        let asked: Asked = self.request.clone().try_into().map_err(|error| format!("{:?}: {error}", self.name))?;
        let upgrades = asked.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("upgrade"));
        Ok(match &self.protocols {
            Some(protocols) => protocols.clone(),
            None if asked.scheme == Scheme::Http || upgrades || asked.offer.is_some() => vec![Protocol::Http1],
            None => vec![Protocol::Http1, Protocol::Http2],
        })
    }

    /// What is to be sent to a server (none: to any), with the names of the moment in their places.
    pub fn exchange(&self, label: Option<&str>, names: &Table) -> Result<Exchange, String> {
        let differs = label.and_then(|label| self.difference(label));
        let expect = differs.map_or(&self.expect, |difference| &difference.expect);
        let mut before = Vec::new();
        for step in &self.before {
            let (mut request, mut step) = (self.request.clone(), step.clone());
            let counts = ["times", "status"].iter().filter_map(|key| step.remove_entry(*key)).collect();
            let Before { times, status } = self.typed(counts)?;
            overlay(&mut request, step);
            let asked: Asked = self.typed(fill(request, names))?;
            before.extend(std::iter::repeat_n((asked, status), times));
        }
        let asked = self.typed(fill(self.request.clone(), names))?;
        let expect = self.expected(fill(expect.clone(), names))?;
        Ok(Exchange { before, asked, expect })
    }

    /// An expectation, which has to expect an end.
    fn expected(&self, table: Table) -> Result<Expect, String> {
        let expect: Expect = self.typed(table)?;
        let ends = !expect.status.is_empty() || expect.closed || expect.refused.is_some() || expect.alpn.is_some();
        if ends { Ok(expect) } else { Err(format!("{:?} expects no end", self.name)) }
    }

    fn typed<T: DeserializeOwned>(&self, table: Table) -> Result<T, String> {
        let value = Value::Table(table);
        if let Some(name) = unfilled(&value) {
            return Err(format!("{:?}: nothing is called {{{name}}}", self.name));
        }
        value.try_into().map_err(|error| format!("{:?}: {error}", self.name))
    }
}

/// A case for every combination of its lists and rows, which its name tells.
fn variants(table: &Table) -> Result<Vec<Case>, String> {
    let mut table = table.clone();
    let each: BTreeMap<String, Vec<Value>> = taken(&mut table, "each")?;
    let rows: Vec<Table> = taken(&mut table, "rows")?;
    let mut variants = if rows.is_empty() { vec![Table::new()] } else { rows };
    for (name, values) in each {
        let with = |variant: &Table, value: &Value| {
            let mut variant = variant.clone();
            variant.insert(name.clone(), value.clone());
            variant
        };
        variants = variants.iter().flat_map(|variant| values.iter().map(move |value| with(variant, value))).collect();
    }
    let cases = variants.into_iter().map(|variant| {
        let told: Vec<String> = variant.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let mut case: Case = fill(table.clone(), &variant).try_into().map_err(|error| format!("{table}: {error}"))?;
        if !told.is_empty() {
            case.name = format!("{} [{}]", case.name, told.join(", "));
        }
        Ok(case)
    });
    cases.collect()
}

fn taken<T: DeserializeOwned + Default>(table: &mut Table, key: &str) -> Result<T, String> {
    let Some(value) = table.remove(key) else { return Ok(T::default()) };
    value.try_into().map_err(|error| format!("{key}: {error}"))
}

fn one_or_many<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany<T> {
        One(T),
        Many(Vec<T>),
    }
    Ok(match OneOrMany::deserialize(from)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}
