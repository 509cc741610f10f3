//! What a profile means in one mode: overlay applied, every value concrete.
//!
//! The overlay is applied by reading the two layers as one
//! ([`crate::source::View`]); constant defaults are part of the sections'
//! declarations. What is left are the defaults that follow from other values,
//! and the question who wrote a value.

mod chosen;
mod composed;
mod containers;
mod environment;
mod follow;
mod given;
mod kept;
mod names;
mod reached;
mod reading;
mod services;
mod started;
mod stores;
mod together;
mod variable;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Deref;
use std::sync::OnceLock;

use serde_json::Value;
use sha2::{Digest, Sha256};
use toml::de::DeValue;

use crate::profile::{
    Certificate, Date, Field, FilePath, Headers, Host, Issuer, Mode, Name, PlainHttp, Profile, Resolve, Secret,
    SecretRef, Service, Terminate, TlsVersion, Upstream, Upstreams, Url, UrlPath,
};
use crate::source::{KeyPath, Literal, Place, Table, View};

pub use containers::Containers;
pub use environment::{Environment, PutTogether};
pub use given::{Asked, Given};
pub use kept::{FILES, Find, Found, Kept, secret_of};
pub use reached::Reached;
pub use started::{By, EVERYONE, OpenPort, Says, Started, networks};
pub use stores::{Asks, Store};
pub use together::Handed;
pub use variable::{Exposure, Variable};

/// A profile resolved for one mode.
///
/// It reads like the profile it was made from (`policy.hsts.enabled`), whose
/// constant defaults are in place already; the methods are for the values that
/// follow from others.
pub struct Policy<'a> {
    /// The mode that it is for.
    pub mode: Mode,
    profile: Cow<'a, Profile>,
    text: Table<'a>,
    environments: &'a [Environment<'a>],
    today: Option<Date>,
    json: OnceLock<Value>,
    /// The variables that the profile refers to: looked for when somebody asks.
    referred: OnceLock<HashSet<String>>,
    /// Where its app has the API's documentation, which gets some paths alone: worked out when somebody asks.
    pub(crate) usual_docs: OnceLock<Vec<UrlPath>>,
}

impl Deref for Policy<'_> {
    type Target = Profile;

    fn deref(&self) -> &Profile {
        &self.profile
    }
}

impl<'a> Policy<'a> {
    /// Resolves a profile that was read for a mode out of a text, to be judged on a day; none: on the day it is asked.
    pub fn new(
        mode: Mode,
        profile: Cow<'a, Profile>,
        text: Table<'a>,
        environments: &'a [Environment<'a>],
        today: Option<Date>,
    ) -> Self {
        let (json, referred, usual_docs) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { mode, profile, text, environments, today, json, referred, usual_docs }
    }

    /// The day on which it is judged, in UTC. For rules about dates alone: what is rendered is the same on every day.
    pub fn today(&self) -> Date {
        // Most profiles hold no date, and none of them pays for the clock.
        self.today.unwrap_or_else(Date::today)
    }

    /// The variables that the app is started with in this mode, where they are given.
    pub fn environment(&self) -> Option<&'a Environment<'a>> {
        Environment::of(self.environments, self.mode)
    }

    /// The variables of another mode, where they have a file of their own.
    pub fn environment_of(&self, mode: Mode) -> Option<&'a Environment<'a>> {
        Environment::of(self.environments, mode)
    }

    /// What a reference leads to in this mode, where that is given.
    pub fn value(&self, reference: &SecretRef) -> Option<Variable<'a>> {
        self.environment()?.resolve(reference)
    }

    /// Whether the profile refers to a variable, in this mode or in another; by whatever name the app reads the same.
    pub fn refers_to(&self, variable: &str) -> bool {
        let spelt =
            |name: &str| self.environment().and_then(|environment| Some(environment.get(name)?.name.to_owned()));
        let names = |text: &str| {
            let name = text.strip_prefix("env:")?;
            Some([Some(name.to_owned()), spelt(name)].into_iter().flatten())
        };
        let referred = || self.text.texts().into_iter().filter_map(names).flatten().collect();
        self.referred.get_or_init(referred).contains(variable)
    }

    /// Whether a test takes every text that is written in this mode. It is given the keys that lead there.
    pub fn texts_are(&self, test: &impl Fn(&[&str], &str) -> bool) -> bool {
        self.text.texts_are(&SAYS_NOTHING, test)
    }

    /// Where a key stands, and who wrote it.
    pub fn place(&self, key: &KeyPath) -> Place {
        self.text.locate(key)
    }

    /// Whether a key is written at all, in the base or in the mode's overlay.
    pub fn is_written(&self, key: &str) -> bool {
        self.text.holds(key)
    }

    /// Whether somebody asks for what stands at a key: it is written, or it is the mode.
    pub fn is_asked(&self, field: &Field) -> bool {
        field.as_str() == MODE || self.is_written(field.as_str())
    }

    /// What is written at the key of a field, or, for the mode, what was asked for; nothing where the default counts.
    /// As [`Self::to_json`] has it, but for a text's form, and at the cost of one look.
    pub fn written(&self, field: &Field) -> Option<Value> {
        if field.as_str() == MODE {
            return Some(self.mode.as_str().into());
        }
        field
            .as_str()
            .split('.')
            .try_fold(None, |below: Option<View<'_>>, key| {
                let table = below.map_or(Some(self.text), |view| view.table())?;
                Some(Some(table.get(key)?))
            })?
            .and_then(leaf)
    }

    /// What is written at a key, if that is no table. The elements of a list are counted as the text has them.
    pub fn leaf(&self, key: &KeyPath) -> Option<Value> {
        self.text.at(key).and_then(leaf)
    }

    /// What is written at a key for every mode, whatever the overlay of this one says, if that is no table.
    pub fn leaf_of_base(&self, key: &KeyPath) -> Option<Value> {
        self.text.base().at(key).and_then(leaf)
    }

    /// What is written in this mode, key by key: the mode is the one that was asked for, and overlays are laid over the base.
    pub fn leaves(&self) -> Vec<(KeyPath, Literal)> {
        let says_something = |(key, _): &(KeyPath, Literal)| {
            !SAYS_NOTHING.iter().any(|section| key.is_within(&KeyPath::from(*section))) && *key != MODE.into()
        };
        let mode = (KeyPath::from(MODE), Literal::from(self.mode.as_str()));
        self.text.leaves().into_iter().filter(says_something).chain([mode]).collect()
    }

    /// Everything that it says, defaults included, for those who look a key up by its name. It is made once.
    pub fn to_json(&self) -> &Value {
        self.json.get_or_init(|| {
            let mut policy = self.values();
            policy["app"]["mode"] = self.mode.as_str().into();
            // Where people are sent is where the app is, unless it says otherwise.
            if self.app.frontend_url.is_none() {
                policy["app"]["frontend_url"] = policy["app"]["url"].clone();
            }
            policy
        })
    }

    /// The public base URL.
    pub fn url(&self) -> &Url {
        self.app.url.as_ref().unwrap_or_else(|| Url::localhost())
    }

    /// Every host name that is served, the URL's first.
    pub fn hosts(&self) -> Vec<Host> {
        let mut hosts = vec![self.url().origin().host().clone()];
        for alias in &self.app.aliases {
            let alias = Host::Name(alias.clone());
            if !hosts.contains(&alias) {
                hosts.push(alias);
            }
        }
        hosts
    }

    /// Whether the proxy looks the names of a program's machines up again and again: as written, or where one of them is
    /// called as containers are.
    pub fn follows(upstreams: &Upstreams, resolve: Option<Resolve>) -> bool {
        let names = || upstreams.iter().filter_map(Upstream::host).filter_map(Host::name);
        match resolve {
            Some(resolve) => resolve == Resolve::Always && names().next().is_some(),
            None => names().any(|name| name.is_bare() && !name.is_loopback()),
        }
    }

    /// What a service's answers say: what is written for it, over what is written for all. Each key of `[headers]` is
    /// named, so that a new one does not compile before it is here.
    pub fn headers_of(&self, name: &Name, service: &Service) -> Headers {
        let is_written = |key: &str| self.is_written(&format!("services.{name}.headers.{key}"));
        let (own, all) = (service.headers.clone(), self.headers.clone());
        // What is left to programs everywhere, and has a value here, has that.
        let left = all.from_app.into_iter().filter(|header| !is_written(header.key()));
        let from_app = left.chain(own.from_app).collect();
        let no_store = all.no_store.into_iter().chain(own.no_store).collect();
        Headers {
            content_security_policy: own.content_security_policy.or(all.content_security_policy),
            csp_report_only: self.only_reports(name, service),
            frame_options: own.frame_options.or(all.frame_options),
            referrer_policy: own.referrer_policy.or(all.referrer_policy),
            permissions_policy: own.permissions_policy.or(all.permissions_policy),
            cross_origin_opener_policy: own.cross_origin_opener_policy.or(all.cross_origin_opener_policy),
            cross_origin_resource_policy: own.cross_origin_resource_policy.or(all.cross_origin_resource_policy),
            cross_origin_embedder_policy: own.cross_origin_embedder_policy.or(all.cross_origin_embedder_policy),
            content_type_options: self
                .has(name, service, "content_type_options", |headers| headers.content_type_options),
            hide_server: self.hides_server(name, service),
            from_app,
            no_store,
        }
    }

    /// Whether a service's Content-Security-Policy only reports.
    pub fn only_reports(&self, name: &Name, service: &Service) -> bool {
        self.has(name, service, "csp_report_only", |headers| headers.csp_report_only)
    }

    /// Whether a service's answers keep the server's name and version back.
    pub fn hides_server(&self, name: &Name, service: &Service) -> bool {
        self.has(name, service, "hide_server", |headers| headers.hide_server)
    }

    /// What a service's answers have where every profile says something: its own word where that is written, else the one
    /// for all.
    fn has(&self, name: &Name, service: &Service, key: &str, of: impl Fn(&Headers) -> bool) -> bool {
        of(if self.is_written(&format!("services.{name}.headers.{key}")) { &service.headers } else { &self.headers })
    }

    /// Whether tokens of a key before this one may still be about.
    pub fn needs_previous(&self, secret: &Secret) -> bool {
        secret.needs_previous(self.tokens.longest(), self.today())
    }

    /// How many instances of the app there may be: those that run, or as many as a cluster may start under load.
    pub fn instances(&self) -> u32 {
        let autoscale = self.targets.kubernetes.as_ref().and_then(|cluster| cluster.autoscale.as_ref());
        self.app.replicas.get().max(autoscale.map_or(1, |autoscale| autoscale.max.get()))
    }

    /// How many processes of the app there may be, over all instances.
    pub fn processes(&self) -> u64 {
        u64::from(self.app.workers.get()) * u64::from(self.instances())
    }

    /// Where TLS ends: as written, or at the proxy where the URL is https.
    pub fn terminate(&self) -> Terminate {
        let https = || self.app.url.as_ref().is_some_and(|url| url.origin().is_https());
        self.tls.terminate.unwrap_or_else(|| if https() { Terminate::Proxy } else { Terminate::Off })
    }

    /// What becomes of requests by plain HTTP: as written, or as the short form says.
    pub fn plain_http(&self) -> PlainHttp {
        let short = if self.tls.redirect_http { PlainHttp::Redirect } else { PlainHttp::Serve };
        self.tls.plain_http.unwrap_or(short)
    }

    /// The lowest version of TLS that is let in: what the profile says, but never less than 1.2, because no target writes
    /// an older one.
    pub fn lowest_tls(&self) -> TlsVersion {
        self.tls.min_version.unwrap_or(self.tls.guideline.min_version()).max(TlsVersion::V1_2)
    }

    /// The certificate's chain and key on the proxy: as written, or where
    /// certbot (for ACME) or Debian (for the rest) keep them.
    pub fn certificate_files(&self) -> (FilePath, FilePath) {
        let Certificate { issuer, cert, key, .. } = &self.tls.certificate;
        let host = match self.url().origin().host() {
            Host::Name(name) => name.to_string(),
            // A colon would be legal in a path and odd in a file's name.
            Host::Address(address) => address.to_string().replace(':', "_"),
        };
        let (chain, private) = match issuer {
            Issuer::Acme => (
                format!("/etc/letsencrypt/live/{host}/fullchain.pem"),
                format!("/etc/letsencrypt/live/{host}/privkey.pem"),
            ),
            Issuer::Ca | Issuer::Cloud | Issuer::Private | Issuer::SelfSigned => {
                (format!("/etc/ssl/certs/{host}.pem"), format!("/etc/ssl/private/{host}.key"))
            }
        };
        (cert.clone().unwrap_or_else(|| FilePath::made(chain)), key.clone().unwrap_or_else(|| FilePath::made(private)))
    }

    /// Its values by section, those with constant defaults included: nothing where a key is absent and has none.
    pub fn values(&self) -> Value {
        let mut values =
            serde_json::to_value(&*self.profile).expect("a profile's values are text, numbers, lists and tables");
        if let Some(sections) = values.as_object_mut() {
            for section in SAYS_NOTHING {
                sections.remove(section);
            }
        }
        values
    }

    /// What the policy is, as one short word: artifacts carry it, so that a
    /// changed comment in the profile is no drift and a changed value is.
    pub fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.mode.as_str());
        hasher.update(self.values().to_string());
        let digest = hasher.finalize();
        let (start, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
        format!("{:016x}", u64::from_be_bytes(*start))
    }
}

/// Neither says what the service is like in this mode.
const SAYS_NOTHING: [&str; 2] = ["waivers", "modes"];

/// The key of the mode, which a run may have been asked for instead.
const MODE: &str = "app.mode";

/// A value that is written, if it is not a table.
fn leaf(view: View<'_>) -> Option<Value> {
    if let Some(elements) = view.elements() {
        return elements.map(leaf).collect();
    }
    match view.value() {
        DeValue::String(text) => Some(text.as_ref().into()),
        DeValue::Boolean(truth) => Some((*truth).into()),
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::from),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
