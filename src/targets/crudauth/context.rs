//! Everything that the module's template needs, decided by the caller.
//!
//! Text is written as a Python literal by the formatter; what stands bare is a number, a [`Comment`] or [`Notation`].

use serde::Serialize;

use super::super::escape::Comment;
use super::python::Notation;

/// One app's CRUDAuth.
#[derive(Debug, Serialize)]
pub struct Context {
    /// The first line, without `# `: what made it, and from which policy.
    pub header: Comment,
    /// The app and the mode, as a docstring names them.
    pub subject: Comment,
    /// What the policy asks for and nobody enforces, as lines; empty where there is no such control.
    pub unenforced: Vec<Comment>,
    /// What this version's constructors take.
    pub dialect: Dialect,
    /// What is read when the module is imported.
    pub secrets: Vec<Secret>,
    /// Whether one of them is in the environment.
    pub reads_environment: bool,
    /// Whether one of them is in a file.
    pub reads_files: bool,
    /// Hops of X-Forwarded-For to believe.
    pub hops: u16,
    /// Where state is kept.
    pub state: State,
    /// The cookies' flags and names.
    pub cookies: Cookies,
    /// How long sessions last.
    pub sessions: Sessions,
    /// Whether nothing at all is said to the sessions' transport.
    pub plain_sessions: bool,
    /// Bearer tokens, where the profile asks for any.
    pub bearer: Option<Bearer>,
    /// How tokens are signed, where the profile says.
    pub algorithm: Option<String>,
    /// Locking after failed sign-ins; none leaves CRUDAuth's own, which cannot be switched off.
    pub lockout: Option<Lockout>,
    /// Rate limits.
    pub limits: Limits,
    /// What a password has to be, where the profile says.
    pub passwords: Option<Passwords>,
}

/// What the constructors of a version take.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Dialect {
    /// One `redis_url` moves every store, and the lockout is an argument of its own: since 0.7.
    pub one_redis_url: bool,
    /// Cookies can be given names: since 0.8.
    pub cookie_names: bool,
}

/// A secret, and where the module finds it.
#[derive(Debug, Serialize)]
pub struct Secret {
    /// Which key of the profile says so.
    pub why: Comment,
    /// The module's name for it.
    pub name: Notation,
    /// The module's function that reads it.
    pub read: Notation,
    /// The variable, or the path.
    pub place: String,
    /// Whether the statement fits on a line.
    pub short: bool,
}

/// Where state is kept.
#[derive(Debug, Serialize)]
pub struct State {
    /// In Redis.
    pub redis: bool,
    /// In a database, which the app brings; otherwise, and where it is not in Redis, in each process by itself.
    pub database: bool,
    /// Memory on one process is meant: nothing to warn of.
    pub single_process: bool,
}

/// What is said about the cookies. Absent flags are CRUDAuth's own.
#[derive(Debug, Default, Serialize)]
pub struct Cookies {
    /// The keys that ask for them.
    pub why: Vec<Comment>,
    /// Whether a flag is told at all.
    pub flags: bool,
    /// Over https only.
    pub secure: Option<Notation>,
    /// `lax` or `strict`.
    pub same_site: Option<String>,
    /// The paths they are sent to.
    pub path: Option<String>,
    /// The session cookie's name.
    pub session: Option<String>,
    /// The CSRF cookie's name.
    pub csrf: Option<String>,
}

/// How long sessions last. Absent limits are CRUDAuth's own.
#[derive(Debug, Default, Serialize)]
pub struct Sessions {
    /// Minutes without a request.
    pub idle_minutes: Option<u64>,
    /// Hours in all.
    pub absolute_hours: Option<u64>,
}

/// How long tokens live. Absent limits are CRUDAuth's own.
#[derive(Debug, Serialize)]
pub struct Bearer {
    /// Seconds of an access token.
    pub access_seconds: Option<u64>,
    /// Days of a refresh token.
    pub refresh_days: Option<u64>,
}

/// Locking after failed sign-ins.
#[derive(Debug, Serialize)]
pub struct Lockout {
    /// Failures before it locks.
    pub attempts: u32,
    /// Seconds in which they count.
    pub window: u64,
    /// Seconds of the first lock.
    pub base: u64,
    /// Seconds of the longest.
    pub max: u64,
}

/// Rate limits.
#[derive(Debug, Default, Serialize)]
pub struct Limits {
    /// All of CRUDAuth's own are switched off.
    pub off: bool,
    /// What others count, as comments.
    pub elsewhere: Vec<Comment>,
    /// Those of CRUDAuth's own routes.
    pub actions: Vec<Limit>,
    /// Those of the app's routes.
    pub routes: Vec<Limit>,
}

/// One rate limit.
#[derive(Debug, Serialize)]
pub struct Limit {
    /// Which key of the profile asks for it.
    pub why: Comment,
    /// CRUDAuth's action, or the route's name.
    pub name: String,
    /// So many requests …
    pub times: u32,
    /// … in so many seconds.
    pub seconds: u64,
    /// The member of `KeyBy` that it counts by.
    pub per: Notation,
}

/// What a password has to be.
#[derive(Debug, Default, Serialize)]
pub struct Passwords {
    /// Whether any of the next rules is there.
    pub policy: bool,
    /// The shortest, in characters.
    pub min_length: Option<u32>,
    /// The longest, in characters.
    pub max_length: Option<u32>,
    /// The rules that are on: arguments of `PasswordPolicy`.
    pub require: Vec<Notation>,
    /// Whether the app brings a list of passwords to refuse.
    pub blocklist: bool,
    /// What an authenticator shows beside the account, where a second factor is asked for.
    pub mfa_issuer: Option<String>,
}
