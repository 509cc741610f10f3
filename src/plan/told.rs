//! What an app is to be told of a key, where the plan has a say in it; and what its `.env` file really tells it.

use std::path::Path;

use serde_json::{Value, json};

use super::{Duty, Edge, Facts, Plan};
use crate::apps::{AppPack, Code, Misfit, PackVariable, Server};
use crate::dotenv::Reader;
use crate::policy::{By, Environment, Says, Started, Variable};
use crate::profile::{Backend, Cidr, Field, Host, Mode, Targets, Text, Upstream, VariableName, same};

/// From where Docker takes the first networks that it makes.
pub const DOCKERS: &str = "172.16.0.0/12";

/// The key of the addresses that the app's server has to believe.
const ADDRESSES: &str = "proxy.addresses";

/// What an app takes for one of its variables.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'p> {
    /// The text.
    pub text: &'p str,
    /// Where it stands; nothing where the variable is not set, and the app takes the default of its code.
    pub variable: Option<Variable<'p>>,
}

/// What an app takes for a key of the profile that anyone may see, by all the variables that hold it. For example,
/// InstaCRUD takes `email.smtp.security` from `SMTP_TLS` and `SMTP_SSL` together.
#[derive(Debug)]
pub struct HeardKey<'p> {
    /// The key.
    pub field: &'p Field,
    /// What each variable says of it, in the order of their names: at least one.
    pub parts: Vec<Part<'p>>,
}

/// What one variable says of a key.
#[derive(Clone, Copy, Debug)]
pub struct Part<'p> {
    /// The app's own name for the variable.
    pub name: &'p VariableName,
    /// How its value is written.
    pub code: Code<'p>,
    /// What the app takes for it.
    pub heard: Heard<'p>,
}

/// A server of the app that does not believe the proxy.
#[derive(Clone, Debug)]
pub struct Unbelieved<'p> {
    /// The server.
    pub server: &'p Server,
    /// What says whom it believes.
    pub name: &'p str,
    /// Where that stands; nothing where it is not set, and the default counts.
    pub variable: Option<Variable<'p>>,
    /// From where the proxy comes; none where that is a socket, which has no address.
    pub needed: Vec<Cidr>,
}

impl<'p> HeardKey<'p> {
    /// The values that the variables together may mean, which is one value unless the app has one word for several of the
    /// profile's; none where they contradict each other. Of a list, the entries without a variable are as `said`, and so is
    /// what a URL says beside its host.
    pub fn meant(&self, said: Option<&Value>) -> Result<Vec<Value>, Misfit> {
        let leaves_open = |part: &Part<'_>| part.code.entry.is_some() || part.code.encoding.is_of_a_url();
        let is_by_entry = self.parts.iter().any(leaves_open);
        let start = said.filter(|_| is_by_entry).map(|said| vec![said.clone()]);
        let after = |before: Option<Vec<Value>>, part: &Part<'_>| {
            part.code.decode_after(before.as_deref(), part.heard.text).map(Some)
        };
        Ok(self.parts.iter().try_fold(start, after)?.unwrap_or_default())
    }

    /// The variables that stand in the way of a value.
    pub fn against(&self, value: &Value) -> impl Iterator<Item = Part<'p>> {
        let agrees = |part: &Part<'_>| {
            part.code.decode_beside(part.heard.text, value).is_ok_and(|meant| meant.iter().any(|one| same(one, value)))
        };
        self.parts.iter().copied().filter(move |part| !agrees(part))
    }
}

/// Who reads an app's `.env` file: the profile's word, or else the pack's.
pub fn readers(targets: &Targets, app: &AppPack) -> Vec<Reader> {
    let said = targets.env.as_ref().map(|env| &env.readers).filter(|readers| !readers.is_empty());
    let mut readers: Vec<Reader> = said.unwrap_or(&app.readers).iter().map(|reader| reader.reads_as()).collect();
    readers.sort_unstable();
    readers.dedup();
    readers
}

/// Those of them that put in a name's place what a file says that they read before.
pub fn readers_across(targets: &Targets, app: &AppPack) -> Vec<Reader> {
    let said = targets.env.as_ref().map(|env| &env.readers).filter(|readers| !readers.is_empty());
    let all = said.unwrap_or(&app.readers);
    // Two of them may read alike, and one look at what came before.
    let is_alone = |reader: Reader| all.iter().any(|one| one.reads_as() == reader && !one.looks_at_files_before());
    let mut readers: Vec<Reader> = all.iter().map(|reader| reader.reads_as()).filter(|one| !is_alone(*one)).collect();
    readers.sort_unstable();
    readers.dedup();
    readers
}

/// The files of variables that an app reads in a mode, as seen from the profile's folder, in the order in which they count: by the
/// profile's word, or else the pack's, or else by the names that seccfg gives them. `own` is the mode that the profile means.
pub fn env_files(targets: &Targets, app: &AppPack, mode: Mode, own: Mode) -> Vec<String> {
    match named_env_files(targets, app, mode) {
        Some(files) => files,
        None if mode == own => vec![".env".to_owned()],
        None => vec![format!(".env.{mode}")],
    }
}

/// Those of them that the profile or the app's pack names.
pub fn named_env_files(targets: &Targets, app: &AppPack, mode: Mode) -> Option<Vec<String>> {
    let said = targets.env.as_ref().map(|env| &env.files).filter(|files| !files.is_empty());
    let files = said.or_else(|| app.env_files.get(&mode).filter(|files| !files.is_empty()))?;
    Some(files.iter().map(ToString::to_string).collect())
}

/// The files beside one that count after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    /// Those of the list that the app reads.
    Listed(Vec<String>),
    /// Where nobody says what it reads, the one that many readers take before it: `.env.local` before `.env`.
    Perhaps(String),
}

impl<'p> Facts<'p> {
    /// The files that count after the one of this name in the same folder.
    pub fn env_files_after(&self, name: &str) -> After {
        let Some(listed) = named_env_files(&self.policy.targets, self.app, self.policy.mode) else {
            return After::Perhaps(format!("{name}.local"));
        };
        let names = listed.iter().map(|file| file.rsplit('/').next().unwrap_or(file).to_owned());
        After::Listed(names.skip_while(|own| own != name).skip(1).collect())
    }

    /// The files of variables that the app reads, in the order in which they count. There is one at least.
    pub fn env_files(&self) -> Vec<String> {
        env_files(&self.policy.targets, self.app, self.policy.mode, self.policy.app.mode)
    }

    /// Whether the app reads a file of variables itself in another mode as in this one: whichever of the two a machine is for.
    pub fn is_read_in_both(&self, path: &Path, other: Mode) -> bool {
        let reads = |mode| env_files(&self.policy.targets, self.app, mode, self.policy.app.mode);
        [self.policy.mode, other].into_iter().all(|mode| reads(mode).iter().any(|name| path.ends_with(name)))
    }

    /// Who reads the app's `.env` file: the profile's word, or else the pack's. None where nobody said.
    pub fn readers(&self) -> Vec<Reader> {
        readers(&self.policy.targets, self.app)
    }

    /// What the app takes for a variable, by its `.env` file. Nothing without a file, where readers of the file see different
    /// values, or where the variable is not set and the pack knows no default.
    pub fn heard(&self, name: &VariableName, row: &'p PackVariable) -> Option<Heard<'p>> {
        let environment = self.policy.environment()?;
        let is_addresses = row.field.as_ref().is_some_and(|field| field.as_str() == ADDRESSES);
        if let Some((text, variable)) = environment.believed().filter(|_| is_addresses && self.app.server.is_some()) {
            return Some(Heard { text, variable: Some(variable) });
        }
        match self.spellings(name).pop() {
            Some(variable) if environment.is_ambiguous(variable) => None,
            Some(variable) => Some(Heard { text: variable.value.expose(), variable: Some(variable) }),
            None if environment.leaves_open(name.as_str()) => None,
            None => Some(Heard { text: row.default.as_deref()?, variable: None }),
        }
    }

    /// How the app is started, where its files say something else than the profile. A variable of which the pack knows what
    /// it says is asked as such, and so is the server that it names.
    pub fn started_otherwise(&self, environment: &Environment<'_>) -> Vec<Started> {
        let policy = self.policy;
        let is_said = |started: &Started| match (&started.says, started.by) {
            (Says::Count(count), By::Command | By::Variable(_)) => *count == policy.app.workers.get(),
            (Says::Count(count), By::Replicas) => *count == policy.app.replicas.get(),
            (Says::ForDevelopers(_), _) => policy.app.debug,
            (Says::Believes(networks), by) => {
                let is_asked_as_a_variable = self.app.server.is_some() && !matches!(by, By::Command);
                is_asked_as_a_variable || policy.proxy.addresses.as_ref().is_some_and(|own| own == networks)
            }
        };
        let is_known = |started: &Started| {
            let By::Variable(name) = started.by else { return false };
            self.app.variable(name).is_some_and(|(_, row)| row.field.is_some())
        };
        let mut started = environment.started();
        started.retain(|one| !is_said(one) && !is_known(one));
        started
    }

    /// The variables that its `.env` file sets.
    pub fn set_variables(&self) -> impl Iterator<Item = Variable<'p>> + use<'p> {
        self.policy.environment().into_iter().flat_map(Environment::variables)
    }

    /// Those that the app reads, with its own names for them.
    pub fn read_variables(&self) -> impl Iterator<Item = (Variable<'p>, &'p VariableName, &'p PackVariable)> + use<'p> {
        let app = self.app;
        // Without a file, nobody asks for all variables of the app.
        let names = self.policy.environment().map(|_| app.variables.read_names()).unwrap_or_default();
        let read = self.set_as(names.iter().map(|(read, _)| read.as_str())).into_iter();
        read.filter_map(|variable| app.variable(variable.name).map(|(name, row)| (variable, name, row)))
    }

    /// The variables that its `.env` file sets under some names, as the app has it: in these very capitals, or in any.
    pub fn set_as<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<Variable<'p>> {
        let Some(environment) = self.policy.environment() else { return Vec::new() };
        if self.app.case_sensitive { environment.among(names) } else { environment.alike(names) }
    }

    /// The variables of the `.env` file that are one to the app, in the order of the file: the last one counts. There are
    /// several where capitals do not count.
    pub fn spellings(&self, name: &VariableName) -> Vec<Variable<'p>> {
        let aliases = self.app.variables.all().get(name).map(|row| row.aliases.as_slice()).unwrap_or_default();
        self.set_as(std::iter::once(name).chain(aliases).map(VariableName::as_str))
    }

    /// What the app takes for every key that its variables hold and that anyone may see.
    pub fn heard_keys(&self) -> Vec<HeardKey<'p>> {
        let mut keys: Vec<HeardKey<'p>> = Vec::new();
        for (name, row) in self.app.variables.all() {
            let Some((field, code)) = row.public() else { continue };
            let Some(heard) = self.heard(name, row) else { continue };
            let part = Part { name, code, heard };
            match keys.iter_mut().find(|key| key.field.as_str() == field.as_str()) {
                Some(key) => key.parts.push(part),
                None => keys.push(HeardKey { field, parts: vec![part] }),
            }
        }
        keys
    }
}

impl Plan<'_> {
    /// What the app is told instead of what the policy says: its own setting stays empty or off where the edge does the
    /// work. Behind a socket, where there is no address, its server is told to believe whoever has the socket.
    pub fn left_off(&self, field: &Field) -> Option<Value> {
        let is_for_a_socket = field.as_str() == ADDRESSES && self.has_socket() && self.app.server.is_some();
        self.off(field.as_str()).cloned().or_else(|| is_for_a_socket.then(|| json!(["*"])))
    }

    fn has_socket(&self) -> bool {
        self.policy.app.upstream.iter().any(|upstream| matches!(upstream, Upstream::Unix(_)))
            && !matches!(self.edge, Edge::Kubernetes(_))
    }

    /// Whether the app's server believes, untold, a proxy that reaches it here.
    pub fn is_believed_at(&self, upstream: &Upstream) -> bool {
        match upstream {
            // Who connects to `::1` comes from there.
            Upstream::Tcp { host: Host::Address(address), .. } if address.is_loopback() => {
                let believed = self.app.server.iter().flat_map(|server| &server.believes);
                believed.into_iter().any(|network| network.net().contains(address))
            }
            Upstream::Tcp { host, .. } => host.is_loopback(),
            Upstream::Unix(_) => self.app.variables.may_hold(ADDRESSES),
        }
    }

    /// The app's server, where it would not believe the edge: that comes from another machine, and the server is told of no
    /// such address.
    pub fn doubting_server(&self) -> Option<&Server> {
        let server = self.app.server.as_ref()?;
        let is_believed = match &self.edge {
            // The gateway's pods are no part of the app's.
            Edge::Kubernetes(_) => false,
            Edge::Nginx(_) | Edge::Caddy(_) => {
                self.policy.app.upstream.iter().all(|upstream| self.is_believed_at(upstream))
            }
        };
        let is_told = self.policy.proxy.addresses.is_some() && self.app.variables.may_hold(ADDRESSES);
        let by_command = self.policy.environment().and_then(Environment::believed_by_command);
        let is_started_with_others = by_command.iter().flatten().any(|network| !server.believes.contains(network));
        Some(server).filter(|_| !is_believed && !is_told && !is_started_with_others)
    }

    /// What a file says of whom the app's server believes, where that leaves the proxy out: what is set, or the default of a variable
    /// that is not. Nothing where nobody knows from where the proxy comes, because [`Self::doubting_server`] tells that.
    pub fn unbelieved(&self) -> Option<Unbelieved<'_>> {
        let (server, policy) = (self.app.server.as_ref()?, self.policy);
        let keys = policy.environment().map(|_| self.facts().heard_keys()).unwrap_or_default();
        let key = keys.into_iter().find(|key| key.field.as_str() == ADDRESSES)?;
        let said = key.meant(None).ok()?.first()?.clone();
        let said: Vec<&str> = said.as_array()?.iter().filter_map(Value::as_str).collect();
        let networks: Vec<Cidr> = said.iter().filter_map(|text| Cidr::parse(text).ok()).collect();
        let leaves_out = |one: &&Cidr| !networks.iter().any(|network| network.net().contains(&one.net()));
        let is_dockers = |one: &Cidr| Cidr::parse(DOCKERS).is_ok_and(|dockers| dockers.net().contains(&one.net()));
        // A container sees another address than the machine's own, where the proxy is on the machine.
        let is_in_a_container = || policy.environment().is_some_and(Environment::is_composed);
        let needed: &[Cidr] = match &policy.proxy.addresses {
            _ if self.has_socket() => &[],
            Some(addresses) => addresses,
            None if self.doubting_server().is_some() || is_in_a_container() => return None,
            // Who names one of Docker's networks has the app in a container, too.
            None if networks.iter().any(is_dockers) => return None,
            None => &server.believes,
        };
        let is_left_out = self.has_socket() || needed.iter().any(|one| leaves_out(&one));
        let Part { name, heard, .. } = *key.parts.first()?;
        let name = heard.variable.map_or(name.as_str(), |variable| variable.name);
        (is_left_out && !said.contains(&"*")).then(|| Unbelieved {
            server,
            name,
            variable: heard.variable,
            needed: needed.to_vec(),
        })
    }

    /// What the app's server has to believe, where that is not this machine.
    pub(super) fn belief(&self) -> Option<Duty> {
        let server = self.app.server.as_ref()?;
        let named = self.policy.proxy.addresses.as_ref().map(|all| all.iter().map(ToString::to_string).collect());
        let addresses = if self.has_socket() { Some(vec!["*".to_owned()]) } else { named };
        let is_doubted = self.doubting_server().is_some();
        (is_doubted || addresses.is_some())
            .then(|| Duty::Believe { server: server.name.to_string(), addresses: addresses.filter(|_| !is_doubted) })
    }

    /// Whether a key says nothing, because what it is about is off.
    pub fn is_idle(&self, field: &Field) -> bool {
        let policy = self.policy;
        match field.as_str().split_once('.') {
            Some(("cors", "origins" | "app_origins" | "preview_suffix") | (_, "enabled")) => false,
            Some(("cors", _)) => policy.cors.origins.is_empty() || self.off("cors.origins").is_some(),
            Some(("email", _)) => !policy.email.enabled,
            Some(("lockout", _)) => !policy.lockout.enabled,
            Some(("state", "url")) => policy.state.backend != Backend::Redis,
            _ => false,
        }
    }

    /// Whether the app's `.env` file says of a key what the profile says, or what the plan would have it say.
    pub fn is_held(&self, key: &str) -> bool {
        let held = self.held.get_or_init(|| {
            let heard = self.facts().heard_keys();
            heard.iter().filter(|key| self.agrees(key)).map(|key| key.field.to_string()).collect()
        });
        held.contains(key)
    }

    fn agrees(&self, key: &HeardKey<'_>) -> bool {
        let said = key.field.of(self.policy.to_json());
        key.meant(said).unwrap_or_default().iter().any(|value| self.takes(key.field, value))
    }

    /// Whether an app may be told a value of a key: what the plan would have it told, or what the profile says where the edge
    /// does the work, because the edge drops what the app sends of it.
    pub fn takes(&self, field: &Field, value: &Value) -> bool {
        let said = field.of(self.policy.to_json());
        let is_said = |asked: Option<&Value>| asked.is_some_and(|asked| same(value, asked));
        match self.left_off(field) {
            None => is_said(said),
            Some(instead) => is_said(Some(&instead)) || self.off(field.as_str()).is_some() && is_said(said),
        }
    }

    fn off(&self, key: &str) -> Option<&Value> {
        self.entries.iter().flat_map(|entry| &entry.duties).find_map(|duty| match duty {
            Duty::LeaveOff { field, off, .. } => (*field == key).then_some(off),
            Duty::Drop(_) | Duty::TrustHops(_) | Duty::Believe { .. } | Duty::Behind(_) => None,
        })
    }
}
