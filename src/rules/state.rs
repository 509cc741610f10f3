//! State that processes have to share.

use super::connection::{Connection, is_by_itself, is_elsewhere};
use super::draft::Draft;
use super::reads::{COUNTED, EDGES, WAYS};
use super::rule::{Check, Findings, Severities, rules};
use super::secrets::written;
use super::stores;
use crate::finding::Severity::{Error, Warning};
use crate::plan::{Demand, Facts, Layer, Limit, Owner};
use crate::policy::{Asks, Policy, Store, Variable};
use crate::profile::{Backend, SecretRef, quoted};

/// Whether K8S007 speaks of state in memory, in place of STA001: where several pods go live.
pub(super) fn is_about_pods(facts: &Facts<'_>) -> bool {
    let policy = facts.policy;
    policy.mode.is_live() && policy.targets.kubernetes.is_some() && policy.instances() > 1
}

/// Shows what makes several processes of an app.
pub(super) fn show_processes(draft: &mut Draft, policy: &Policy<'_>) {
    let counts = [
        ("app.workers", policy.app.workers.get(), "processes in each instance"),
        ("app.replicas", policy.app.replicas.get(), "instances"),
    ];
    for (key, count, what) in counts.into_iter().filter(|(_, count, _)| *count > 1) {
        draft.also(key, format!("{count} {what}"));
    }
    let autoscale = policy.targets.kubernetes.as_ref().and_then(|cluster| cluster.autoscale.as_ref());
    if let Some(autoscale) = autoscale {
        draft.also("targets.kubernetes.autoscale.max", format!("{} instances under load", autoscale.max));
    }
}

/// Moves state to a Redis.
fn move_to_redis(draft: &mut Draft, policy: &Policy<'_>) {
    draft.titled("keep state in Redis").set("state.backend", "redis");
    if policy.state.url.is_none() {
        draft.set("state.url", "env:REDIS_URL");
    }
}

fn has_password(url: &Connection<'_>) -> bool {
    url.password().is_some_and(|password| !password.is_empty())
}

/// What is wrong with the way to a Redis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Exposed {
    /// Nothing asks for a password.
    is_open: bool,
    /// Everyone on the way can read along.
    is_plain: bool,
    /// The text leaves open whether they can.
    is_unsaid: bool,
}

impl Exposed {
    /// Nothing where it is on this machine, and where the text is a URL of something else.
    fn of(text: &str) -> Self {
        let Some(url) = Connection::read(text) else {
            // Some clients take a host and a port by themselves, and the rest from elsewhere.
            let is_unsaid = is_by_itself(text) && is_elsewhere(text.trim());
            return Self { is_unsaid, ..Self::default() };
        };
        // `rediss-sentinel`, and the same of its successor. No client is told by a parameter of the URL.
        let is_encrypted = ["rediss", "valkeys"].iter().any(|start| url.kind().starts_with(start));
        // A socket, or something of which nothing is known.
        if !url.is_redis() || !url.leaves_the_machine() {
            return Self::default();
        }
        Self { is_open: !has_password(&url), is_plain: !is_encrypted, is_unsaid: false }
    }
}

/// What passes on the way to a Redis.
const PASSING: &str = "sessions and one-time tokens pass here";

/// Speaks of what is wrong with the way to a Redis. What is missing is told at a key for each, so that a waiver of one does
/// not hide the other.
fn tell_exposed(exposed: Exposed, facts: &Facts<'_>, variable: Variable<'_>, out: &mut Findings<'_>) {
    const BEFORE: &str = "Redis on another host is reached ";
    let Exposed { is_open, is_plain, is_unsaid } = exposed;
    let name = variable.name;
    let url = Connection::read(variable.value.expose());
    if is_open {
        const MISSING: &str = "without a password";
        // A password that stands in a Compose file is read by everyone who reads that file, as SEC008 says.
        let help = if facts.policy.environment().is_some_and(|files| files.is_in_compose(&variable)) {
            format!(
                "give Redis a password: write `:${{REDIS_PASSWORD}}@` before the host in {name}, and `REDIS_PASSWORD=` with the \
                 password in the `.env` beside this file"
            )
        } else {
            format!("give Redis a password, and write `:PASSWORD@` before the host in {name}")
        };
        let draft = out.at_variable(variable, "state.backend", format!("{BEFORE}{MISSING}"));
        draft.shares("", (BEFORE, MISSING, "")).label(PASSING).help(help);
        if let Some(url) = &url {
            stores::show_password(draft, facts, url);
        }
    }
    if is_plain {
        const MISSING: &str = "without TLS";
        let draft = out.at_variable(variable, WAY, format!("{BEFORE}{MISSING}"));
        draft
            .shares("", (BEFORE, MISSING, ""))
            .label(PASSING)
            .help(format!("write {name} with `rediss://` at its beginning, and let Redis speak TLS on that port"));
        if let Some(url) = &url {
            written::show_neighbour(draft, facts, variable, (url, WAY));
        }
    }
    if is_unsaid {
        out.at_variable(variable, WAY, "nothing says that Redis on another host is reached through TLS")
            .at_most(Warning)
            .label(PASSING)
            .help(format!("write {name}=rediss://:PASSWORD@HOST:6380/0, with the password that Redis asks for"));
    }
}

/// The key of the way to a Redis.
const WAY: &str = "state.url";

/// The services that ask for no password although a URL of the app leads there and brings one, each with the name of a variable
/// that does: of the state's first.
fn open_to_all<'p>(facts: &Facts<'p>, reference: Option<&'p SecretRef>) -> Vec<(&'p str, &'p Store)> {
    let Some(environment) = facts.policy.environment() else { return Vec::new() };
    let of_state = reference.and_then(|reference| match reference {
        SecretRef::Env(name) => Some(name.as_str()),
        SecretRef::File(_) => None,
    });
    let own = environment.variables().filter(|variable| variable.is_plainly_named).map(|variable| variable.name);
    let mut open: Vec<(&str, &Store)> = Vec::new();
    for name in of_state.into_iter().chain(own).chain(environment.open()) {
        let known = || environment.get(name).map(|variable| variable.value.expose());
        let url = environment.untold(name).or_else(known).and_then(Connection::read).filter(has_password);
        let store = url.and_then(|url| stores::store(facts, &url)).filter(|store| matches!(store.asks, Asks::Nothing));
        if let Some(store) = store.filter(|store| open.iter().all(|(_, known)| known.service != store.service)) {
            open.push((name, store));
        }
    }
    open
}

rules! {
    /// Where several processes serve the app, its state is kept outside of them.
    ///
    /// With `state.backend = "memory"` each process knows only what it did itself. A session made in one is unknown to
    /// the next, and people are signed out at random. What guards the sign-in weakens without a word in any log: a
    /// lockout after 5 failures comes after 5 in each process, and a token that is good for one use is good for one in
    /// each. `state.accept_single_process` changes nothing about that: it speaks of one process.
    ///
    /// An app whose pack says that its processes share nothing is left alone until the profile names a backend, and so is
    /// one at which nobody signs in (`app.sign_in`): each request brings its own proof there, or needs none. The
    /// limits that such an app counts in each process are STA002's business, and several pods are K8S007's.
    ///
    /// Write: `state.backend = "redis"` and `state.url = "env:REDIS_URL"`; `"database"`, if the app keeps it in its database;
    /// `"none"`, if it keeps nothing from one request to the next; or `app.workers = 1` and `app.replicas = 1`.
    STA001 = "memory-state-over-processes" {
        severity: Severities::live(Error).and_local(Warning),
        source: "CRUDAuth's production page, on several workers and pods",
        keys: &["state.backend", "app.workers", "app.replicas"],
        reads: &[&["state.accept_single_process", "state.url", "targets.kubernetes"], WAYS],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let processes = policy.processes();
            // Of pods, K8S007 speaks.
            if is_about_pods(facts) {
                return;
            }
            if policy.state.backend == Backend::Memory && processes > 1 && facts.is_to_keep_state() {
                let message =
                    format!("state is kept in memory, which the {processes} processes of the app do not share");
                let draft = out.at("state.backend", message);
                draft.label("each process has its own sessions, locks and one-time tokens");
                show_processes(draft, policy);
                if policy.state.accept_single_process {
                    draft.also("state.accept_single_process", "speaks of one process");
                }
                if facts.can_be_told_of_state() {
                    draft.help(
                        "set `state.backend = \"redis\"` and `state.url = \"env:REDIS_URL\"`, or `\"database\"` or `\"none\"`, if \
                         that is what the app does; or `app.workers = 1` and `app.replicas = 1`",
                    );
                    move_to_redis(draft, policy);
                } else {
                    draft.help(format!(
                        "{} cannot be told of another place: set `app.workers = 1` and `app.replicas = 1`, or `state.backend = \
                         \"none\"`, if it keeps nothing",
                        facts.app.title
                    ));
                }
            }
        }),
    }

    /// A limit is never left to several processes that count it each by itself.
    ///
    /// An app that counts in its own memory lets through its limit once for each process: 5 a minute over 4 workers and
    /// 2 replicas are up to 40 a minute, and how many depends on which process a request happens to meet. What the
    /// profile says about guessing passwords is then wrong by that factor. The proxy counts in one place.
    ///
    /// Write: leave `rate_limits.enforced_by` out, so that the proxy counts; or run one process, `app.workers = 1` and
    /// `app.replicas = 1`.
    STA002 = "limits-counted-per-process" {
        severity: Severities::prod(Error),
        source: "the packs of InstaCRUD (slowapi in memory, 4 workers) and FastCMS (a dictionary in each process)",
        keys: &["rate_limits.enforced_by", "app.workers", "app.replicas"],
        reads: &[&["targets.kubernetes.autoscale"], COUNTED, EDGES],
        fix: None,
        check: Check::Plan(|plan, out| {
            if !plan.counts_per_process() {
                return;
            }
            let policy = plan.policy;
            let processes = policy.processes();
            for entry in plan.entries.iter().filter(|entry| entry.owner == Owner::Layer(Layer::App)) {
                let Demand::RateLimit(Limit { name, rate, .. }) = &entry.demand else { continue };
                let limit = plan.app.limits.routes.get(*name).map_or(*rate, |fixed| fixed.limit);
                let app = &plan.app.title;
                let message = format!("{app} counts the limit `{name}` in each of its {processes} processes by itself");
                let draft = out.at(entry.control.key(), message);
                let through = u64::from(limit.count).saturating_mul(processes);
                draft.label(format!("up to {through} in each {} get through", limit.time_in_words()));
                show_processes(draft, policy);
                let one = "set `app.workers = 1` and `app.replicas = 1`";
                match &entry.at_edge {
                    Ok(()) => draft
                        .also("rate_limits.enforced_by", "keeps the proxy from counting")
                        .help(format!("leave `rate_limits.enforced_by` out, so that the proxy counts; or {one}")),
                    Err(reason) => draft.help(format!("{one}; {} cannot count instead: {reason}", plan.edge)),
                };
            }
        }),
    }

    /// A Redis on another machine is reached through TLS and asks for a password.
    ///
    /// Whoever reads along on the way sees session ids and one-time tokens, and signs in with them; whoever can send to
    /// an open Redis writes sessions of their own, resets every counter, and in older versions runs commands on its
    /// machine. Scanners find an open Redis within hours. On this machine, nobody is on the way.
    ///
    /// A name without a dot, such as `redis` in a Compose file, counts as another machine: whether its containers share one
    /// is not to be seen in it. Where they do, on a network of theirs that no other machine is on, nobody is on the way:
    /// give that Redis a password all the same, publish no port of it, and accept the missing TLS with that reason under
    /// `[[waivers]]`, with `key = "state.url"`. A missing password is told at `state.backend`, so that this waiver does not
    /// hide it; one without `key` hides both.
    ///
    /// A password in a URL alone keeps nobody out. Where any URL of the app leads to a service of the same Compose file that has the
    /// image of Redis or Valkey, and is started without `--requirepass`, that service is told.
    ///
    /// Asked only where `--env-file` gives the value. A host and a port by themselves, as some clients take them, leave open whether
    /// TLS is spoken: that is a warning.
    ///
    /// Write: in the environment, not in the profile: `REDIS_URL=rediss://:PASSWORD@HOST:6380/0`.
    STA003 = "exposed-redis" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 12.3.1; Redis documentation, Security: TLS and authentication",
        keys: &["state.backend", "state.url"],
        fix: None,
        check: Check::Values(|facts, out| {
            let policy = facts.policy;
            let reference = policy.state.url.as_ref().filter(|_| policy.state.backend == Backend::Redis);
            for (name, store) in open_to_all(facts, reference) {
                let is_state = |reference: &SecretRef| matches!(reference, SecretRef::Env(own) if own.as_str() == name);
                let service = quoted(&store.service);
                let message = format!("{} in the service {service} asks for no password, although `{name}` brings one", store.title);
                out.at_file(store.place, "state.backend", message)
                    .label(if reference.is_some_and(is_state) {
                        "whoever reaches it reads sessions and writes their own"
                    } else {
                        "whoever reaches it reads what stands there and writes its own"
                    })
                    .help(format!(
                        "start it with the password that `{name}` has, as by `command: {}-server --requirepass \
                         ${{REDIS_PASSWORD}}` in the service {service}",
                        store.title.to_ascii_lowercase()
                    ));
            }
            let Some(variable) = reference.and_then(|reference| policy.value(reference)) else { return };
            tell_exposed(Exposed::of(variable.value.expose()), facts, variable, out);
        }),
    }

    /// Memory on a single process is there because someone means it.
    ///
    /// One process with its state in memory is sound until it restarts, which signs everyone out and forgets every
    /// lock, and until the day on which a second one is added to carry the load: then it weakens as STA001 says.
    /// Whoever raises `app.workers` should find here that it was a decision.
    ///
    /// Write: `state.accept_single_process = true` if one process is meant; or `state.backend = "redis"` and
    /// `state.url = "env:REDIS_URL"`.
    STA004 = "unacknowledged-memory-state" {
        severity: Severities::prod(Warning),
        source: "CRUDAuth's production page: warn_on_memory_backend=False only for a deliberate single worker",
        keys: &["state.accept_single_process", "state.backend"],
        reads: &[&["app.workers", "app.replicas", "targets.kubernetes.autoscale.max"], WAYS],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let state = &policy.state;
            let alone = policy.processes() == 1 && !state.accept_single_process;
            if state.backend == Backend::Memory && alone && facts.is_to_keep_state() {
                const KEY: &str = "state.accept_single_process";
                let draft = out.at(KEY, "state is kept in memory, and nothing says that this is meant");
                draft.label("a restart forgets sessions and locks, a second process splits them").help(
                    "set `state.accept_single_process = true` if one process is meant, \
                     or `state.backend = \"redis\"` and `state.url = \"env:REDIS_URL\"`; \"none\", if the app keeps nothing",
                );
                if policy.is_written("state.backend") {
                    draft.also("state.backend", "in the one process");
                }
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::Exposed;

    const OPEN: Exposed = Exposed { is_open: true, ..NOTHING };
    const PLAIN: Exposed = Exposed { is_plain: true, ..NOTHING };
    const BOTH: Exposed = Exposed { is_open: true, ..PLAIN };
    const UNSAID: Exposed = Exposed { is_unsaid: true, ..NOTHING };
    const NOTHING: Exposed = Exposed { is_open: false, is_plain: false, is_unsaid: false };

    #[test]
    fn a_redis_elsewhere_needs_tls_and_a_password() {
        for (url, exposed) in [
            ("redis://:secret@cache.internal", PLAIN),
            ("rediss://cache.internal", OPEN),
            ("redis://cache:6379/0", BOTH),
            ("redis://10.0.0.5", BOTH),
            ("redis://user@[2001:db8::5]:6379", BOTH),
            ("rediss://:@cache.internal", OPEN),
            ("rediss://:secret@cache.internal:6380/0", NOTHING),
            ("rediss://cache.internal?password=secret", NOTHING),
            ("valkey://cache.internal", BOTH),
            ("valkeys://:secret@cache.internal", NOTHING),
            ("redis+cluster://:secret@cache.internal", PLAIN),
            // No client takes that from a URL.
            ("redis://:secret@cache.internal?ssl=true", PLAIN),
            // What does not say how it is reached may be reached in plain text.
            ("cache:6379", UNSAID),
            ("10.0.0.5", UNSAID),
        ] {
            assert_eq!(Exposed::of(url), exposed, "{url}");
        }
    }

    #[test]
    fn a_redis_here_needs_neither() {
        for url in [
            "redis://localhost:6379/0",
            "redis://127.0.0.1",
            "redis://[::1]:6379",
            "redis:///0",
            "unix:///run/redis.sock",
            "/run/redis.sock",
            "localhost:6379",
            "127.0.0.1",
        ] {
            assert_eq!(Exposed::of(url), NOTHING, "{url}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_redis_is_left_alone() {
        for text in ["", "amqp://cache", "\u{0}", "a secret"] {
            assert_eq!(Exposed::of(text), NOTHING, "{text}");
        }
    }
}
