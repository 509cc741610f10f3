//! State that processes have to share.

use super::rule::{Check, Draft, Severities, rules};
use crate::finding::Severity::{Error, Warning};
use crate::plan::{Control, Layer, Owner, Plan};
use crate::policy::Policy;
use crate::profile::Backend;

/// Whether the app keeps anything that its processes would have to share: its
/// pack's word, unless the profile names a backend itself.
fn keeps_state(plan: &Plan<'_>) -> bool {
    plan.app.keeps_state || plan.policy.is_written("state.backend")
}

/// Shows what makes several processes of an app.
fn show_processes(draft: &mut Draft, policy: &Policy<'_>) {
    let counts = [
        ("app.workers", policy.app.workers.get(), "processes in each instance"),
        ("app.replicas", policy.app.replicas.get(), "instances"),
    ];
    for (key, count, what) in counts.into_iter().filter(|(_, count, _)| *count > 1) {
        draft.also(key, format!("{count} {what}"));
    }
}

rules! {
    /// Where several processes serve the app, its state is kept outside of them.
    ///
    /// With `state.backend = "memory"` each process knows only what it did itself. A session made in one is unknown to
    /// the next, and people are signed out at random. What guards the sign-in weakens without a word in any log: a
    /// lockout after 5 failures comes after 5 in each process, and a token that is good for one use is good for one in
    /// each. `state.accept_single_process` changes nothing about that: it speaks of one process.
    ///
    /// An app whose pack says that its processes share nothing is left alone until the profile names a backend. The
    /// limits that such an app counts in each process are STA002's business.
    ///
    /// Write: `state.backend = "redis"` and `state.url = "env:REDIS_URL"`; or `app.workers = 1` and `app.replicas = 1`.
    STA001 = "memory-state-over-processes" {
        severity: Severities::live(Error).and_local(Warning),
        source: "CRUDAuth's production page, on several workers and pods",
        keys: &["state.backend", "app.workers", "app.replicas"],
        fix: Unsafe,
        check: Check::Policy(|plan, out| {
            let policy = plan.policy;
            let processes = policy.app.processes();
            if policy.state.backend == Backend::Memory && processes > 1 && keeps_state(plan) {
                let message =
                    format!("state is kept in memory, which the {processes} processes of the app do not share");
                let draft = out.at("state.backend", message);
                draft.label("each process has its own sessions, locks and one-time tokens");
                show_processes(draft, policy);
                if policy.state.accept_single_process {
                    draft.also("state.accept_single_process", "speaks of one process");
                }
                draft.help(
                    "set `state.backend = \"redis\"` and `state.url = \"env:REDIS_URL\"`, \
                     or `app.workers = 1` and `app.replicas = 1`",
                );
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
        fix: None,
        check: Check::Plan(|plan, out| {
            if !plan.counts_per_process() {
                return;
            }
            let policy = plan.policy;
            let processes = policy.app.processes();
            for entry in plan.entries.iter().filter(|entry| entry.owner == Owner::Layer(Layer::App)) {
                let Control::RateLimit(name) = entry.control else { continue };
                let Some(route) = policy.rate_limits.routes.get(name) else { continue };
                let limit = plan.app.limits.routes.get(name).map_or(route.limit, |fixed| fixed.limit);
                let app = &plan.app.title;
                let message = format!("{app} counts the limit `{name}` in each of its {processes} processes by itself");
                let draft = out.at(entry.control.key(), message);
                let through = u64::from(limit.count).saturating_mul(processes);
                draft.label(format!("up to {through}/{} get through", limit.period));
                show_processes(draft, policy);
                let one = "set `app.workers = 1` and `app.replicas = 1`";
                match plan.edge_can(entry.control) {
                    Ok(()) => draft
                        .also("rate_limits.enforced_by", "keeps the proxy from counting")
                        .help(format!("leave `rate_limits.enforced_by` out, so that the proxy counts; or {one}")),
                    Err(reason) => draft.help(format!("{one}; {} cannot count instead: {reason}", plan.edge)),
                };
            }
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
        fix: Unsafe,
        check: Check::Policy(|plan, out| {
            let policy = plan.policy;
            let state = &policy.state;
            let alone = policy.app.processes() == 1 && !state.accept_single_process;
            if state.backend == Backend::Memory && alone && keeps_state(plan) {
                const KEY: &str = "state.accept_single_process";
                let draft = out.at(KEY, "state is kept in memory, and nothing says that this is meant");
                draft.label("a restart forgets sessions and locks, a second process splits them").help(
                    "set `state.accept_single_process = true` if one process is meant, \
                     or `state.backend = \"redis\"` and `state.url = \"env:REDIS_URL\"`",
                );
                if policy.is_written("state.backend") {
                    draft.also("state.backend", "in the one process");
                }
            }
        }),
    }
}
