//! A starter with what an app's variables say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::kept::{database, leaves_open, redis};
use super::usual;
use crate::apps::{AppPack, Code, Encoding, Known, PackVariable};
use crate::compose::name_and_tag;
use crate::plan::Plan;
use crate::policy::{By, Environment, Reached, Says, Started, Variable};
use crate::profile::{Document, Engine, Field, Name, Profile, SecretPurpose, Shape, Text, Url, Version};
use crate::rules::secrets::purpose_of;
use crate::rules::secrets::subject::holds_a_secret;
use crate::source::{Change, KeyPath, Literal, Source, apply};

/// A profile's text, and the variables that have no place in it, by the reason why.
#[derive(Debug)]
pub struct Begun {
    /// The profile.
    pub text: String,
    /// The names of variables, by why they were left out.
    pub left_out: BTreeMap<String, Vec<String>>,
    /// The names of variables that hold for a developer's machine alone, and stand under `[modes.dev]`.
    pub for_dev: Vec<String>,
    /// How many lines look like assignments and may be pieces of a key, whose names nobody may see.
    pub nameless: usize,
    /// Where the proxy finds the app, as a sentence: what a Compose file says of it, or why that is not to be seen.
    pub upstream: Option<String>,
    /// Which proxy the profile is for, as a sentence, where a Compose file starts one.
    pub target: Option<String>,
}

/// Writes into a starter what an app's variables say; `plan` is the starter's own.
pub fn fill(starter: &str, plan: &Plan<'_>, environment: &Environment<'_>) -> Begun {
    let mut filling = Filling {
        plan,
        meant: BTreeMap::new(),
        secrets: Vec::new(),
        redis: redis(plan.app, environment),
        database: database(plan.app, environment),
        started: environment.started(),
        names: environment.variables().map(|variable| variable.name).chain(environment.open()).collect(),
        reached: environment.containers().reached.as_ref(),
        proxy: environment.containers().proxy_image.as_deref().and_then(proxy),
        left_out: BTreeMap::new(),
        nameless: 0,
    };
    let family = usual::family(environment);
    for variable in environment.variables() {
        let is_known = !matches!(plan.app.known(variable.name), Known::Nothing);
        if !is_known && !variable.is_plainly_named {
            filling.nameless += 1;
            continue;
        }
        // Where state is kept is a key of its own, and so is the database.
        let is_database = filling.database.is_some_and(|(name, _)| name == variable.name);
        if is_database || filling.redis == Some(variable.name) {
            continue;
        }
        // How many processes run is taken from whatever says it.
        if !is_known && filling.started.iter().any(|one| matches!(one.by, By::Variable(name) if name == variable.name))
        {
            continue;
        }
        if !is_known
            && !environment.is_ambiguous(variable)
            && let Some(said) = usual::said(family, environment, variable.name, variable.value.expose())
            && said.as_ref().map_or_else(|_| plan.app.variables.is_empty(), |(key, _)| leaves_open(plan.app, key))
        {
            if let Err(why) = said.and_then(|(key, value)| filling.say(key, value, variable.name)) {
                filling.leave_out(why, variable.name);
            }
            continue;
        }
        // What the starter refers to has its place there.
        if !is_known && plan.policy.refers_to(variable.name) {
            continue;
        }
        // A secret that no key of the profile is made for has a section of its own, whoever reads it.
        if let Some((section, purpose)) = filling.secret(variable, starter) {
            filling.secrets.push((section, variable.name, purpose));
            continue;
        }
        let is_certain = !environment.is_ambiguous(variable);
        if let Err(why) = filling.read(variable, is_certain) {
            filling.leave_out(why, variable.name);
        }
    }
    let own: BTreeSet<&str> = environment.variables().map(|variable| variable.name).chain(environment.open()).collect();
    for name in environment.open() {
        let is_there = filling.redis == Some(name) || plan.policy.refers_to(name);
        // What else it may be is a piece of a key.
        let is_plain = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        match (is_there, is_plain) {
            (true, _) => {}
            (false, true) => filling.leave_out("no file says its value".to_owned(), name),
            (false, false) => filling.nameless += 1,
        }
    }
    for variable in environment.others().filter(|variable| !own.contains(variable.name)) {
        let why = "of another service of the Compose file";
        if variable.is_plainly_named {
            filling.leave_out(why.to_owned(), variable.name);
        } else {
            filling.nameless += 1;
        }
    }
    filling.text(starter)
}

/// What a file says of one key.
struct Meant<'a> {
    field: Field,
    /// The values that would do.
    values: Vec<Value>,
    /// The variables that say so.
    names: Vec<&'a str>,
}

struct Filling<'a> {
    plan: &'a Plan<'a>,
    meant: BTreeMap<String, Meant<'a>>,
    /// The secrets that get sections of their own: the section, the variable, and what it is for.
    secrets: Vec<(String, &'a str, SecretPurpose)>,
    /// The variable with the URL of the Redis that keeps state, where no pack says which that is.
    redis: Option<&'a str>,
    /// The variable with the URL of the app's database, where no pack says which that is, and which database it is.
    database: Option<(&'a str, Engine)>,
    /// How much of the app is started, by the command that starts it and the number of its containers.
    started: Vec<Started>,
    /// Every name that a file sets, or that is set by whoever starts the app.
    names: BTreeSet<&'a str>,
    /// Where a proxy finds it.
    reached: Option<&'a Reached>,
    /// The target that is the proxy beside it, and its version.
    proxy: Option<(&'static str, &'a str)>,
    left_out: BTreeMap<String, Vec<String>>,
    nameless: usize,
}

impl<'a> Filling<'a> {
    fn leave_out(&mut self, why: String, name: &str) {
        let names = self.left_out.entry(why).or_default();
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }

    /// The section that a secret gets for which the profile has no key, and what it is for; nothing where a variable is none.
    fn secret(&self, variable: Variable<'_>, starter: &str) -> Option<(String, SecretPurpose)> {
        let purpose = match self.plan.app.known(variable.name) {
            Known::Variable(_, row) if row.field.is_none() && row.ignored.is_none() && row.read_by.is_none() => {
                row.is_secret().then(|| row.purpose.unwrap_or_else(|| purpose_of(variable.name)))
            }
            Known::Nothing => holds_a_secret(variable),
            Known::Variable(..) | Known::Former(_) | Known::Slip(_) => None,
        }?;
        let section = variable.name.to_ascii_lowercase();
        let is_new = !starter.contains(&format!("[secrets.{section}]")) && Name::parse(&section).is_ok();
        (is_new && !variable.value.expose().trim().is_empty()).then_some((section, purpose))
    }

    /// Takes in what a variable says, or tells why it cannot.
    fn read(&mut self, variable: Variable<'a>, is_certain: bool) -> Result<(), String> {
        let app: &'a AppPack = self.plan.app;
        let (name, row) = match app.known(variable.name) {
            Known::Variable(name, row) => (name, row),
            Known::Former(right) | Known::Slip(right) => {
                return Err(format!("not a variable of {}, which reads `{right}`", app.title));
            }
            Known::Nothing => return Err(format!("not known of {}", app.title)),
        };
        if row.ignored.is_some() {
            return Err(format!("{} does nothing with it", app.title));
        }
        let Some(field) = &row.field else { return Err("nothing that a profile says".to_owned()) };
        let text = variable.value.expose();
        if text.is_empty() && !matches!(field.shape(), Shape::List(_)) {
            return Ok(());
        }
        let values = if row.is_secret() {
            vec![Value::String(format!("env:{name}"))]
        } else if is_certain {
            let before = self.meant.get(field.as_str()).map(|meant| &meant.values[..]);
            decoded(row, text, before)?
        } else {
            return Err("its readers see different values".to_owned());
        };
        let meant = self.meant.entry(field.to_string());
        let meant = meant.or_insert_with(|| Meant { field: field.clone(), values: Vec::new(), names: Vec::new() });
        meant.values = values;
        meant.names.push(variable.name);
        Ok(())
    }

    /// Takes in what a variable says by a name that many apps share. Of several that say something else, none counts.
    fn say(&mut self, key: &str, value: Value, name: &'a str) -> Result<(), String> {
        if value.as_str().is_some_and(str::is_empty) {
            return Ok(());
        }
        let field = Field::parse(key).map_err(|refusal| refusal.message)?;
        let is_reference = matches!(field.shape(), Shape::Reference);
        match self.meant.get_mut(key) {
            None => {
                self.meant.insert(key.to_owned(), Meant { field, values: vec![value], names: vec![name] });
            }
            Some(_) if is_reference => return Err("another variable has its place in the profile".to_owned()),
            Some(meant) => {
                meant.values.retain(|other| *other == value);
                meant.names.push(name);
            }
        }
        Ok(())
    }

    /// The starter with everything that was meant in it.
    fn text(mut self, starter: &str) -> Begun {
        let says = self.plan.policy.to_json();
        let mut text = starter.to_owned();
        let meant = std::mem::take(&mut self.meant);
        let mut for_dev = Vec::new();
        for Meant { field, values, names } in meant.values() {
            let values = &self.with_defaults(field, values, names);
            if field.of(says).is_some_and(|said| values.contains(said)) {
                continue;
            }
            let (prod, dev) = values.first().map_or((None, None), |value| parted(field, value));
            if let Some(dev) = &dev {
                text = set(&text, field.key().below(DEV.into()), dev).unwrap_or(text);
                for_dev.extend(names.iter().map(|name| (*name).to_owned()));
            }
            let filled = match prod {
                None if dev.is_some() => continue,
                None => Err("they contradict each other"),
                // One file is for one mode, and a profile is for all.
                Some(_) if field.as_str() == MODE => Err("the profile is about production"),
                Some(value) => set(&text, field.key(), &value).ok_or("no value that the profile can hold"),
            };
            match filled {
                Ok(filled) => text = filled,
                Err(why) => {
                    for name in names {
                        self.leave_out(why.to_owned(), name);
                    }
                }
            }
        }
        for (section, name, purpose) in self.secrets.clone() {
            let at = |key: &'static str| KeyPath::from(("secrets", section.as_str(), key));
            let source = set(&text, at("source"), &format!("env:{name}").into());
            let filled = source.and_then(|text| set(&text, at("purpose"), &purpose.as_str().into()));
            match filled {
                Some(filled) => text = filled,
                None => self.leave_out("no name that the profile can hold".to_owned(), name),
            }
        }
        text = self.without_the_starters_key(text, starter);
        if let Some((name, engine)) = self.database {
            let url = set(&text, "database.url".into(), &format!("env:{name}").into());
            let both = url.and_then(|text| set(&text, "database.engine".into(), &engine.as_str().into()));
            match both {
                Some(both) => text = both,
                None => self.leave_out("no name that the profile can hold".to_owned(), name),
            }
        }
        for started in self.started.iter().filter(|started| !meant.contains_key(started.key())) {
            // Whom its server believes is judged, and no wish.
            if let Says::Count(count) = started.says {
                text = set(&text, started.key().into(), &count.into()).unwrap_or(text);
            }
        }
        text = alone(self.state(self.mail(text, &meant), &meant));
        let upstream;
        (text, upstream) = self.upstream(text);
        let target;
        (text, target) = self.target(text);
        Begun { text, left_out: self.left_out, for_dev, nameless: self.nameless, upstream, target }
    }

    /// The text for the proxy that is there, in its version, and what is to be told of it.
    fn target(&self, text: String) -> (String, Option<String>) {
        const STARTERS: &str = "targets.nginx";
        let Some((name, version)) = self.proxy else { return (text, None) };
        let key = KeyPath::from(("targets", name, "version"));
        let removed = if name == "nginx" { None } else { apply(&text, &Change::Remove { key: STARTERS.into() }) };
        match set(removed.as_deref().unwrap_or(&text), key, &version.into()) {
            Some(filled) => {
                let told =
                    format!("`targets.{name}.version` is \"{version}\", by the image of the proxy beside the app");
                (filled, Some(told))
            }
            None => (text, None),
        }
    }

    /// The text without the starter's own signing key, where the file has none of its name and no pack asks for it.
    fn without_the_starters_key(&self, text: String, starter: &str) -> String {
        const KEY: &str = "secrets.secret_key";
        const NAME: &str = "SECRET_KEY";
        let is_asked = !matches!(self.plan.app.known(NAME), Known::Nothing);
        if self.names.contains(NAME) || is_asked || !starter.contains(&format!("source = \"env:{NAME}\"")) {
            return text;
        }
        apply(&text, &Change::Remove { key: KEY.into() }).unwrap_or(text)
    }

    /// The text with the place where a proxy finds the app, and what is to be told of it.
    fn upstream(&self, text: String) -> (String, Option<String>) {
        match self.reached {
            None => (text, None),
            Some(Reached::At(upstream, why)) => {
                let place = upstream.to_string();
                let filled = set(&text, "app.upstream".into(), &place.as_str().into()).unwrap_or(text);
                (filled, Some(format!("`app.upstream` is \"{place}\": {why}")))
            }
            Some(Reached::Unknown(why)) => {
                let what = "`app.upstream` is still the starter's, and has to be where your proxy reaches the app";
                (text, Some(format!("{what}: {why}")))
            }
        }
    }

    /// What several variables mean together, those that are not set by what the app takes then: InstaCRUD's `SMTP_TLS=false`
    /// is no TLS at all, as long as `SMTP_SSL` is not set.
    fn with_defaults(&self, field: &Field, values: &[Value], names: &[&str]) -> Vec<Value> {
        let rows = self.plan.app.variables.all().iter();
        let same = rows.filter(|(_, row)| row.field.as_ref().is_some_and(|own| own.as_str() == field.as_str()));
        let unset = same.filter(|(name, _)| !names.iter().any(|set| self.plan.app.is_same(set, name.as_str())));
        let mut values = values.to_vec();
        for (_, row) in unset {
            let Some((code, default)) = row.code().zip(row.default.as_deref()) else { continue };
            if let Ok(meant) = code.decode_after(Some(&values), default)
                && !meant.is_empty()
                && values.len() > 1
            {
                values = meant;
            }
        }
        values
    }

    /// The URL of a Redis says that state is kept there, unless a variable says where it is. One that is not set means what the
    /// app takes then.
    fn state(&self, text: String, meant: &BTreeMap<String, Meant<'_>>) -> String {
        let rows = self.plan.app.variables.all().values().filter(|row| row.ignored.is_none());
        let mut switches = rows.filter(|row| row.field.as_ref().is_some_and(|field| field.as_str() == "state.backend"));
        let is_on = |row: &PackVariable| {
            let taken = row.code().zip(row.default.as_deref()).map(|(code, text)| code.decode(text));
            taken.and_then(Result::ok).is_some_and(|taken| taken.contains(&"redis".into()))
        };
        let is_off = meant.contains_key("state.backend") || switches.any(|row| !is_on(row));
        if is_off || !(meant.contains_key("state.url") || self.redis.is_some()) {
            return text;
        }
        let url = self.redis.and_then(|name| set(&text, "state.url".into(), &format!("env:{name}").into()));
        let on = set(url.as_ref().unwrap_or(&text), "state.backend".into(), &"redis".into());
        let key = "state.accept_single_process".into();
        on.and_then(|text| apply(&text, &Change::Remove { key })).unwrap_or(text)
    }

    /// Where an app has no variable that switches mail on, its server says that mail is sent, and how.
    fn mail(&self, text: String, meant: &BTreeMap<String, Meant<'_>>) -> String {
        let switch = ["email.enabled", "email.carrier"];
        let has_switch = self.plan.app.variables.all().values().filter_map(|row| row.field.as_ref());
        let has_switch = has_switch.map(Field::as_str).any(|key| switch.contains(&key));
        let has_server = meant.keys().any(|key| key.starts_with("email.smtp."));
        if has_switch || !has_server {
            return text;
        }
        // Port 465 is for TLS from the first byte (RFC 8314).
        let says = |key: &str, value: Value| meant.get(key).is_some_and(|meant| meant.values.contains(&value));
        let is_implicit = says("email.smtp.port", 465.into()) && !meant.contains_key("email.smtp.security");
        let on = set(&text, "email.enabled".into(), &true.into());
        let on = on.and_then(|text| set(&text, "email.carrier".into(), &"smtp".into())).unwrap_or(text);
        let implicit = is_implicit.then(|| set(&on, "email.smtp.security".into(), &"implicit".into())).flatten();
        implicit.unwrap_or(on)
    }
}

/// The text without the word that one process is meant, where there are several.
fn alone(text: String) -> String {
    let source = Source::new("", text.as_str());
    let profile = Document::parse(&source).read().base;
    let is_said = |profile: Profile| {
        u64::from(profile.app.workers.get()) * u64::from(profile.app.replicas.get()) > 1
            && profile.state.accept_single_process
    };
    if !profile.is_some_and(is_said) {
        return text;
    }
    apply(&text, &Change::Remove { key: "state.accept_single_process".into() }).unwrap_or(text)
}

/// The target and the version that the image of a proxy has, where its name says both: `nginx:1.27-alpine`.
fn proxy(image: &str) -> Option<(&'static str, &str)> {
    let (name, tag) = name_and_tag(image);
    let target = match name {
        "nginx" | "nginx-unprivileged" => "nginx",
        "caddy" => "caddy",
        _ => return None,
    };
    let tag = tag?;
    let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
    let version = &tag[..end];
    // `nginx:1` is any of a hundred.
    (version.contains('.') && Version::parse(version).is_ok()).then_some((target, version))
}

/// The key that says which mode a profile is for.
const MODE: &str = "app.mode";

/// The overlay of a developer's machine.
const DEV: &str = "modes.dev";

/// What of a value holds in production, and what on a developer's machine alone: debugging, and an address of this very
/// machine, such as `http://localhost:3000`, where no visitor gets to.
fn parted(field: &Field, value: &Value) -> (Option<Value>, Option<Value>) {
    let is_local = |text: &str| Url::parse(text).is_ok_and(|url| url.origin().host().is_loopback());
    let is_for_dev = match value {
        Value::Bool(truth) => *truth && field.as_str() == "app.debug",
        Value::String(text) => is_local(text),
        Value::Array(entries) => {
            let is_local = |entry: &Value| entry.as_str().is_some_and(is_local);
            let public: Vec<Value> = entries.iter().filter(|entry| !is_local(entry)).cloned().collect();
            let dev = (public.len() < entries.len()).then(|| value.clone());
            // A list of which nothing is left leaves the starter's own.
            let prod = (dev.is_none() || !public.is_empty()).then_some(Value::Array(public));
            return (prod, dev);
        }
        Value::Null | Value::Number(_) | Value::Object(_) => false,
    };
    if is_for_dev { (None, Some(value.clone())) } else { (Some(value.clone()), None) }
}

/// The values that a text stands for, where the variables before it stand for these.
fn decoded(row: &PackVariable, text: &str, before: Option<&[Value]>) -> Result<Vec<Value>, String> {
    let code = row.code().ok_or("nothing that a profile says")?;
    code.decode_after(before, text).or_else(|misfit| {
        // What was meant is clear, though the app cannot read it: a check of the file says so.
        let other = match code.encoding {
            Encoding::Json => Encoding::Csv,
            Encoding::Csv => Encoding::Json,
            Encoding::Text
            | Encoding::Bool
            | Encoding::Host
            | Encoding::Origin
            | Encoding::Int
            | Encoding::Seconds
            | Encoding::Milliseconds
            | Encoding::Minutes
            | Encoding::Hours
            | Encoding::Blanks
            | Encoding::Days
            | Encoding::Bytes
            | Encoding::Single
            | Encoding::Contains => return Err(format!("not {misfit}")),
        };
        Code { encoding: other, ..code }.decode_after(before, text).map_err(|_| format!("not {misfit}"))
    })
}

/// The text with a value at a key, if the key's type takes it.
pub(super) fn set(text: &str, key: KeyPath, value: &Value) -> Option<String> {
    let value = literal(value)?.to_string();
    let text = apply(text, &Change::Set { key, value })?;
    Document::parse(&Source::new("", text.as_str())).read().problems.is_empty().then_some(text)
}

fn literal(value: &Value) -> Option<Literal> {
    match value {
        Value::Bool(truth) => Some((*truth).into()),
        Value::Number(number) => Some(u32::try_from(number.as_u64()?).ok()?.into()),
        Value::String(text) => Some(text.as_str().into()),
        Value::Array(entries) => entries.iter().map(Value::as_str).collect::<Option<Vec<_>>>().map(Literal::from_iter),
        Value::Null | Value::Object(_) => None,
    }
}
