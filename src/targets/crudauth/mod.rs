//! CRUDAuth: from a plan to the Python module that its constructor is given.
//!
//! What CRUDAuth cannot be told is refused at its key, so that no module reads as if it did what it does not. What lives
//! here is the whole and what concerns all of it; the files beside it know a part each.

mod accounts;
pub mod context;
mod cookies;
mod limits;
pub mod python;
#[cfg(test)]
mod tests;

use self::context::{Context, Dialect, Secret, State};
use self::python::Notation;
use super::escape::Comment;
use super::refused::{at, whole};
use super::template::{File, Language, Template};
use super::{Artifact, Error, Refused, header, unenforced};
use crate::plan::{self, CookieFlags, Demand, Entry, Layer, Owner, Plan};
use crate::profile::{self, AppKind, Backend, CrudauthTarget, SecretPurpose, SecretRef, Version};
use crate::source::KeyPath;
use std::borrow::Cow;

const MODULE: [Template; 1] = [Template {
    name: "security_settings.py",
    text: Cow::Borrowed(include_str!("../../../templates/crudauth/security_settings.py.j2")),
}];

/// The oldest release that the module runs on.
const OLDEST: Version = Version::new(0, 6, 0);
/// Since when Redis and the lockout are arguments of `CRUDAuth`, and passwords have a policy and a second factor.
const SEVEN: Version = Version::new(0, 7, 0);
/// Since when cookies have names, and sessions an end.
const EIGHT: Version = Version::new(0, 8, 0);
/// Since when a database can hold what the processes share.
const DATABASE: Version = Version::new(0, 8, 1);

/// Renders the module of a plan.
pub fn render(plan: &Plan<'_>) -> Result<Vec<Artifact>, Error> {
    let header = at("app.name", Comment::new(&header(plan)))?;
    let context = Builder::new(plan).context(header)?;
    let files = Language::new(python::quote, &MODULE).and_then(|python| python.render(&[MODULE[0].name], &context));
    // In no folder: one of the library's name would be imported in its place.
    let artifact = |file: File| Artifact { path: file.name.into(), text: file.text };
    Ok(files.map_err(|error| Error::Template(error.to_string()))?.into_iter().map(artifact).collect())
}

/// What a plan says that CRUDAuth cannot be told.
pub fn refused(plan: &Plan<'_>) -> Option<Refused> {
    // The header holds nothing that could be refused.
    Builder::new(plan).context(Comment::new("").ok()?).err()
}

fn refuse<T>(key: impl Into<KeyPath>, reason: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::new(key, reason))
}

/// What the plan asks of CRUDAuth. What it gives to another layer, or to nobody, CRUDAuth is not told, but for cookies and
/// limits: there it has ways of its own in any case.
#[derive(Default)]
struct Share<'p> {
    sessions: Option<&'p profile::Sessions>,
    tokens: Option<&'p profile::Tokens>,
    lockout: Option<&'p profile::Lockout>,
    passwords: Option<&'p profile::Passwords>,
    cookies: Vec<(&'p CookieFlags<'p>, Owner)>,
    limits: Vec<(&'p plan::Limit<'p>, Owner)>,
}

impl<'p> Share<'p> {
    fn of(plan: &'p Plan<'p>) -> Self {
        let mut share = Self::default();
        for Entry { demand, owner, .. } in &plan.entries {
            let is_mine = is_the_apps(*owner);
            match demand {
                Demand::Sessions(sessions) => share.sessions = is_mine.then_some(sessions),
                Demand::Tokens(tokens) => share.tokens = is_mine.then_some(tokens),
                Demand::Lockout(lockout) => share.lockout = is_mine.then_some(lockout),
                Demand::Passwords(passwords) => share.passwords = is_mine.then_some(passwords),
                Demand::Cookie(cookie) => share.cookies.push((cookie, *owner)),
                Demand::RateLimit(limit) => share.limits.push((limit, *owner)),
                // What CRUDAuth knows nothing of: the app around it is told by other ways, if at all. Where state is kept
                // is told whoever else keeps some, and how many proxies are trusted, too.
                Demand::Tls(_)
                | Demand::HttpsRedirect
                | Demand::PlainHttpRefused
                | Demand::HostNames { .. }
                | Demand::ClientAddress { .. }
                | Demand::Hsts(_)
                | Demand::Header(_)
                | Demand::NoStore(_)
                | Demand::ServerVersion
                | Demand::Cors(_)
                | Demand::ApiDocs(_)
                | Demand::SetUp(_)
                | Demand::Upstream(_)
                | Demand::Service(_)
                | Demand::Location { .. }
                | Demand::AliasesRedirect { .. }
                | Demand::Health(_)
                | Demand::Access(_)
                | Demand::BodySize(_)
                | Demand::IpFilter(_)
                | Demand::SharedState(_) => {}
            }
        }
        share
    }
}

/// Whether the app is the one to do it.
fn is_the_apps(owner: Owner) -> bool {
    match owner {
        Owner::Layer(Layer::App) | Owner::Delegated => true,
        Owner::Layer(Layer::Proxy | Layer::Cluster | Layer::Balancer) | Owner::Gap => false,
    }
}

struct Builder<'p> {
    plan: &'p Plan<'p>,
    version: Version,
    share: Share<'p>,
}

impl<'p> Builder<'p> {
    fn new(plan: &'p Plan<'p>) -> Self {
        let target = &plan.policy.targets.crudauth;
        let version = target.as_ref().map_or_else(|| CrudauthTarget::assumed().version, |target| target.version);
        Self { plan, version, share: Share::of(plan) }
    }

    fn since(&self, needed: Version, key: impl Into<KeyPath>) -> Result<(), Refused> {
        if self.version.at_least(needed) {
            return Ok(());
        }
        let reason = format!("needs CRUDAuth {needed} or later, and `targets.crudauth.version` is {}", self.version);
        Err(Refused::new(key, reason).help(&format!(
            "set `targets.crudauth.version = \"{needed}\"`, or the later one that is installed; or take the key out"
        )))
    }

    fn context(&self, header: Comment) -> Result<Context, Refused> {
        let policy = self.plan.policy;
        if !matches!(policy.app.kind, AppKind::Known("crudauth")) {
            let reason = format!("is `{}`, and only an app of kind `crudauth` has CRUDAuth", policy.app.kind);
            return Err(Refused::new("app.kind", reason).help("render for another target, such as `--target nginx`"));
        }
        match policy.state.backend {
            Backend::Memory | Backend::Redis => {}
            Backend::Database => self.since(DATABASE, "state.backend")?,
            Backend::None => {
                let reason =
                    "is \"none\", and CRUDAuth keeps sessions and counts: in memory, in Redis or in a database";
                return refuse("state.backend", reason);
            }
        }
        if !self.version.at_least(OLDEST) {
            return refuse("targets.crudauth.version", format!("is {}, and the oldest is {OLDEST}", self.version));
        }
        let subject = format!("{} in {}", policy.app.name, policy.mode);
        let (redis, database) = (policy.state.backend == Backend::Redis, policy.state.backend == Backend::Database);
        let is_single = policy.state.accept_single_process && policy.processes() == 1;
        let dialect =
            Dialect { one_redis_url: self.version.at_least(SEVEN), cookie_names: self.version.at_least(EIGHT) };
        let context = whole!(Context {
            header: Ok(header),
            subject: at("app.name", Comment::new(&subject)),
            unenforced: unenforced(self.plan, Comment::new),
            dialect: Ok(dialect),
            reads_environment: Ok(false),
            reads_files: Ok(false),
            secrets: self.secrets(),
            hops: Ok(self.plan.app_hops()),
            state: Ok(State { redis, database, single_process: is_single }),
            cookies: self.cookies(),
            sessions: self.sessions(),
            plain_sessions: Ok(true),
            bearer: self.bearer(),
            algorithm: self.algorithm(),
            lockout: self.lockout(),
            limits: self.limits(),
            passwords: self.passwords(),
        })?;
        let Context { secrets, cookies, sessions, lockout, .. } = &context;
        let reads = |function| secrets.iter().any(|secret| secret.read == function);
        let session_arguments = [
            sessions.idle_minutes.is_some() || sessions.absolute_hours.is_some(),
            dialect.cookie_names && (cookies.session.is_some() || cookies.csrf.is_some()),
            !dialect.one_redis_url && (redis || lockout.is_some()),
        ];
        let (reads_environment, reads_files) = (reads(VARIABLE), reads(FILE));
        Ok(Context { reads_environment, reads_files, plain_sessions: !session_arguments.contains(&true), ..context })
    }

    /// What the module reads when it is imported.
    fn secrets(&self) -> Result<Vec<Secret>, Refused> {
        let (key, signing) = self.one_secret(SecretPurpose::Signing)?.unwrap_or_else(|| {
            // What everything about CRUDAuth calls it.
            ("secrets".into(), SecretRef::Env("SECRET_KEY".to_owned()))
        });
        let mut secrets = vec![secret("signing key", &key, "SECRET_KEY", &signing)?];
        let state = &self.plan.policy.state;
        if state.backend == Backend::Redis {
            let Some(url) = &state.url else {
                let reason = "is absent, and CRUDAuth has to know where Redis is";
                return Err(Refused::new("state.url", reason).told_by("SEC010"));
            };
            if !state.verify_certificate {
                let reason = "is false, and the module always has the certificate verified";
                return Err(Refused::new("state.verify_certificate", reason).told_by("TLS008"));
            }
            secrets.push(secret("Redis", &"state.url".into(), "REDIS_URL", url)?);
        }
        if self.share.passwords.is_some_and(|passwords| passwords.mfa) {
            let Some((key, encryption)) = self.one_secret(SecretPurpose::Encryption)? else {
                let reason = "is true, and no secret of purpose `encryption` keeps the second factors";
                return refuse("passwords.mfa", reason);
            };
            secrets.push(secret("second factors' key", &key, "MFA_ENCRYPTION_KEY", &encryption)?);
        }
        Ok(secrets)
    }

    /// The only secret of a purpose.
    fn one_secret(&self, purpose: SecretPurpose) -> Result<Option<(KeyPath, SecretRef)>, Refused> {
        let secrets = self.plan.policy.secrets.iter().filter(|(_, secret)| secret.purpose == purpose);
        let mut keyed = secrets.map(|(name, secret)| (KeyPath::from("secrets").key(name.as_str()), &secret.source));
        let Some((key, source)) = keyed.next() else { return Ok(None) };
        match keyed.next() {
            Some((second, _)) => refuse(
                second,
                format!("is a second secret of purpose `{purpose}` beside `{key}`, and CRUDAuth takes one"),
            ),
            None => Ok(Some((key, source.clone()))),
        }
    }
}

/// How long a line may be before formatters break it.
const LINE: usize = 88;

/// The module's functions that read a secret.
const VARIABLE: Notation = Notation::name("_read_variable");
const FILE: Notation = Notation::name("_read_file");

fn secret(what: &str, key: &KeyPath, name: &'static str, source: &SecretRef) -> Result<Secret, Refused> {
    let (read, place) = match source {
        SecretRef::Env(variable) => (VARIABLE, variable.clone()),
        SecretRef::File(path) => (FILE, path.to_string()),
    };
    let why = at(key.clone(), Comment::new(&format!("{what} [{key}]")))?;
    // `NAME = read("place")`, in places that no character of is escaped.
    let width = name.len() + read.as_str().len() + place.len() + " = (\"\")".len();
    Ok(Secret { why, name: Notation::name(name), read, place, short: width <= LINE })
}
