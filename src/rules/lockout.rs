//! Locking after failed sign-ins.

mod budget;

use budget::Lock;

use super::draft::Draft;
use super::reads::{COUNTED, EDGES, WAYS};
use super::rule::{Check, Severities, rules};
use super::words::{and, thousands};
use crate::apps::{Ability, AppControl};
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::Plan;
use crate::profile::{Duration, LimitKey, Lockout, LockoutKey, SignIn};

/// What NIST lets an account take in a row.
const MOST_FAILURES: u32 = 100;
/// What PCI DSS does; written where a figure has to be offered.
const OFFERED_FAILURES: u32 = 10;
/// The fewest that are offered: a lock after one slip or two keeps out the owner.
const FEWEST_ATTEMPTS: u32 = 3;
/// The lock's length that is offered where there is none.
const OFFERED_LENGTH: Duration = Duration::minutes(30);
/// What LCK002 lets an account take in a day.
const MOST_GUESSES: u64 = 1_000;

const DAY: u64 = Duration::days(1).as_seconds();

/// Longer windows and locks to offer, the shortest that is enough first.
const LONGER: [Duration; 6] = [
    Duration::minutes(15),
    Duration::minutes(30),
    Duration::minutes(60),
    Duration::minutes(180),
    Duration::minutes(720),
    Duration::days(1),
];

/// Times to offer with fewer attempts, the nearest first.
const SHORTER: [Duration; 5] =
    [Duration::minutes(0), Duration::minutes(1), Duration::minutes(2), Duration::minutes(5), Duration::minutes(10)];

/// The lock, as whoever guesses meets it.
fn lock(lockout: &Lockout) -> Lock {
    let first = lockout.duration.as_seconds();
    let longest = lockout.max_duration.map_or(first, Duration::as_seconds);
    Lock { attempts: lockout.attempts, window: lockout.window.as_seconds(), first, longest }
}

/// The name of the limit of sign-ins.
const SIGN_IN: &str = "sign_in";

/// How many sign-ins a day one address gets at all, where that bounds what it can guess: a lock of the account counts
/// the guesses of all addresses. An edge that forgets who pauses lets more through than the rate says.
fn sign_ins(plan: &Plan<'_>) -> Option<u64> {
    let limits = &plan.policy.rate_limits;
    let route = limits.routes.get(SIGN_IN).filter(|route| limits.enabled && route.per == LimitKey::Ip)?;
    let by_rate = route.limit.in_a_day();
    match plan.policy.lockout.key {
        LockoutKey::Account => None,
        LockoutKey::Ip | LockoutKey::Both => {
            Some(plan.pauses(SIGN_IN).map_or(by_rate, |pauses| pauses.within(DAY).max(by_rate)))
        }
    }
}

/// The most guesses in a day that a lock and the limit of sign-ins leave; none where there is no end to them.
fn guesses(lock: Lock, sign_ins: Option<u64>) -> Option<u64> {
    match (lock.guesses(DAY), sign_ins) {
        (Some(guesses), Some(most)) => Some(guesses.min(most)),
        (guesses, most) => guesses.or(most),
    }
}

/// The lock with a window and a length of so many seconds at least.
fn lengthened(lock: Lock, length: u64) -> Lock {
    let (window, first, longest) = (lock.window.max(length), lock.first.max(length), lock.longest.max(length));
    Lock { window, first, longest, ..lock }
}

/// Whether guesses stay within the budget.
fn is_enough(lock: Lock, sign_ins: Option<u64>) -> bool {
    guesses(lock, sign_ins).is_some_and(|guesses| guesses <= MOST_GUESSES)
}

/// The shortest longer window and lock that are enough: both, where both are shorter.
fn longer(lock: Lock, sign_ins: Option<u64>) -> Option<Lock> {
    let mut candidates = LONGER.iter().map(|length| lengthened(lock, length.as_seconds()));
    candidates.find(|lock| is_enough(*lock, sign_ins))
}

/// The same with fewer attempts, and with times that are nearer to those of the lock: as many attempts as are possible.
fn fewer(lock: Lock, longer: Option<Lock>, sign_ins: Option<u64>) -> Option<Lock> {
    let lengths = SHORTER.iter().map(|length| lengthened(lock, length.as_seconds()));
    let nearer = lengths.take_while(|lock| longer.is_none_or(|longer| *lock != longer));
    let mut candidates =
        nearer.flat_map(|lock| (FEWEST_ATTEMPTS..lock.attempts).rev().map(move |attempts| Lock { attempts, ..lock }));
    candidates.find(|lock| is_enough(*lock, sign_ins))
}

/// Sets what makes one lock of another, and says so.
fn set(draft: &mut Draft, lockout: &Lockout, now: Lock, then: Lock) -> String {
    let mut words = Vec::new();
    if now.attempts != then.attempts {
        words.push(format!("`lockout.attempts = {}`", then.attempts));
        draft.set("lockout.attempts", then.attempts);
    }
    // Where the longest is not written it follows the first.
    let longest = lockout.max_duration.map_or(then.longest, Duration::as_seconds);
    let times = [
        ("lockout.window", now.window, then.window),
        ("lockout.duration", now.first, then.first),
        ("lockout.max_duration", longest, then.longest),
    ];
    for (key, _, length) in times.into_iter().filter(|(_, now, then)| now != then) {
        let length = Duration::seconds(length).to_string();
        words.push(format!("`{key} = \"{length}\"`"));
        draft.set(key, length);
    }
    and(&words)
}

rules! {
    /// Failed sign-ins lock, after 100 in a row at most.
    ///
    /// Where nothing counts failures, a program goes through the list of common passwords for an account in a night. A
    /// limit by address does not stop it: it asks from a thousand addresses, each well below the limit. What counts is
    /// the account, and NIST lets it take 100 failures in a row and no more; PCI DSS lets it take 10 (8.3.4).
    ///
    /// A lock by `ip` counts what one address does to all accounts: of what an account takes it knows nothing. One by
    /// `both` counts the failures of an account for each address by itself. That keeps strangers from locking people out
    /// (LCK005) and leaves more guesses to whoever has many addresses; it is a decision that can be made.
    ///
    /// Write: `[lockout]` with `enabled = true`, `attempts = 10`, `window = "1h"` and `key = "account"` or `"both"`.
    /// Where the app cannot lock, a reason and a date under `[[waivers]]`, and a second factor if it has one. Where nobody signs
    /// in with a password, `app.sign_in` says so, and nothing is asked.
    LCK001 = "unlocked-accounts" {
        severity: Severities::prod(Error),
        source: "NIST SP 800-63B-4 §3.2.2: no more than 100 consecutive failed attempts on an account",
        keys: &["lockout.enabled", "lockout.attempts", "lockout.key"],
        reads: &[&["lockout.window"], WAYS],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let lockout = &policy.lockout;
            let attempts = lockout.attempts;
            if !facts.may_sign_in_by(SignIn::Password) {
                return;
            }
            if !lockout.enabled {
                let draft = out.at("lockout.enabled", "nothing asks for a lock after failed sign-ins");
                draft.label("an account may take any number of guesses");
                if !facts.app.ability(AppControl::Lockout).can_be_told() {
                    // An edit would ask the app for what it cannot do.
                    draft.help(format!(
                        "{} cannot lock: accept that under `[[waivers]]`, with a reason and a date, until it can",
                        facts.app.title
                    ));
                    return;
                }
                draft.set("lockout.enabled", true);
                if policy.is_written("lockout.window") {
                    draft.help("set `lockout.enabled = true`");
                } else {
                    // The default forgets failures after a minute, which is LCK002's business.
                    draft.set("lockout.window", "1h");
                    draft.help("set `lockout.enabled = true` and `lockout.window = \"1h\"`");
                }
            } else if facts.app.ability(AppControl::Lockout) == Ability::Nothing {
                let app = &facts.app.title;
                out.at("lockout.enabled", format!("{app} cannot lock, and the profile relies on it"))
                    .label("an account takes any number of guesses all the same")
                    .help("take `[lockout]` out, and accept that under `[[waivers]]`, with a reason and a date, until it can");
            } else if attempts == 0 || attempts > MOST_FAILURES {
                let draft = out.at("lockout.attempts", format!("an account is locked after {attempts} failures"));
                draft
                    .label(if attempts == 0 { "always, or never: that is up to the app" } else { "more than 100" })
                    .help(format!("set `lockout.attempts = {OFFERED_FAILURES}`"))
                    .set("lockout.attempts", OFFERED_FAILURES);
            } else if lockout.key == LockoutKey::Ip {
                let draft = out.at("lockout.key", "failures are counted for each address, and for no account");
                draft.label("a thousand addresses guess on in peace");
                // An app that sees one address for all would lock all of them: PRX005 speaks of that.
                if facts.app.sees_one_address() {
                    draft.help("set `lockout.key = \"account\"`").set("lockout.key", "account");
                } else {
                    draft
                        .help("set `lockout.key = \"both\"`, which also keeps strangers from locking people out; or `\"account\"`")
                        .set("lockout.key", "both");
                }
            }
        }),
    }

    /// An account takes no more than 1,000 guesses a day.
    ///
    /// A lock after 5 failures in a minute looks strict and is not: failures are forgotten when the minute has passed,
    /// so whoever makes 4 a minute is never locked, and makes 5,760 a day. A short lock is the same thing: 5 guesses,
    /// a minute's lock, 5 more. seccfg adds up the best mix of both: bursts that stop short of the lock and wait for the
    /// window, and bursts that lock and wait for the lock, each twice as long as the one before up to `max_duration`.
    ///
    /// With `key = "account"` that is what an account takes from everyone together. With `"ip"` or `"both"` it is what
    /// one address makes against one account, and the limit `sign_in` by address bounds it as well: by its rate, or by what the
    /// plan says of a gateway that forgets an address which pauses, as Traefik does. The threshold is
    /// seccfg's own: at 1,000 a day, the 10,000 most common passwords take ten days, in which someone can notice.
    ///
    /// Write: a longer `lockout.window`, such as `"1h"`, and a `lockout.duration` that is not much shorter; or fewer
    /// `lockout.attempts`, where three or more are enough.
    LCK002 = "slow-guessing" {
        severity: Severities::prod(Warning),
        source: "derived: CRUDAuth's defaults (5 a minute in a fixed window) let slow guessing through",
        keys: &[
            "lockout.attempts",
            "lockout.window",
            "lockout.duration",
            "lockout.max_duration",
            "lockout.key",
            "rate_limits.enabled",
            "rate_limits.routes.sign_in.limit",
            "rate_limits.routes.sign_in.per",
        ],
        reads: &[&["lockout.enabled", "rate_limits.routes.sign_in.burst", "app.kind", "app.release"], COUNTED, EDGES],
        fix: Unsafe,
        check: Check::Plan(|plan, out| {
            let lockout = &plan.policy.lockout;
            // LCK001 speaks of too many attempts, LCK004 of a longest lock that is shorter than the first, and LCK007 of a
            // lock that ends when it begins.
            let is_sound = (1..=MOST_FAILURES).contains(&lockout.attempts)
                && lockout.duration.as_seconds() > 0
                && lockout.max_duration.is_none_or(|longest| longest >= lockout.duration);
            if !lockout.enabled || !is_sound {
                return;
            }
            let lock = lock(lockout);
            let sign_ins = sign_ins(plan);
            let guesses = guesses(lock, sign_ins);
            if guesses.is_some_and(|guesses| guesses <= MOST_GUESSES) {
                return;
            }
            let many = guesses.map_or_else(|| "any number of".to_owned(), |guesses| format!("up to {}", thousands(guesses)));
            let message = match lockout.key {
                LockoutKey::Account => format!("an account takes {many} guesses a day"),
                LockoutKey::Ip | LockoutKey::Both => format!("an account takes {many} guesses a day from each address"),
            };
            // The arithmetic, of the half that is enough to break it.
            let never_locked = lock.unlocked_guesses(DAY).is_none_or(|guesses| guesses > MOST_GUESSES);
            let draft = if never_locked {
                let (few, window) = (lockout.attempts - 1, lockout.window.in_words());
                let times = DAY.checked_div(lock.window).map_or_else(|| "without end".to_owned(), thousands);
                out.at("lockout.window", message).label(format!("{few} in {window} never lock, × {times} a day"))
            } else {
                let (attempts, duration) = (lockout.attempts, lockout.duration.in_words());
                let times = DAY.checked_div(lock.first).map_or_else(|| "without end".to_owned(), thousands);
                let most = if lock.longest > lock.first { "at first" } else { "a day" };
                out.at("lockout.duration", message).label(format!("{attempts} and a lock of {duration}, × {times} {most}"))
            };
            let longer = longer(lock, sign_ins);
            let ways = longer.into_iter().chain(fewer(lock, longer, sign_ins));
            let ways: Vec<String> = ways.map(|then| set(draft.or(), lockout, lock, then)).collect();
            let mut help = ways.join("; or, with fewer attempts, ");
            match plan.pauses(SIGN_IN).filter(|_| sign_ins.is_some()) {
                Some(pauses) => {
                    let (seconds, many) = (pauses.seconds, thousands(pauses.within(DAY)));
                    draft.also(
                        "rate_limits.routes.sign_in.limit",
                        format!("Traefik forgets an address that pauses for {seconds} seconds: {many} a day get through"),
                    );
                    let by_rate = plan.policy.rate_limits.routes.get(SIGN_IN).map(|route| route.limit.in_a_day());
                    if by_rate.is_some_and(|by_rate| by_rate <= MOST_GUESSES) {
                        draft.or().set("rate_limits.routes.sign_in.burst", 1_u32);
                        help.push_str(if help.is_empty() { "" } else { "; or " });
                        help.push_str("`rate_limits.routes.sign_in.burst = 1`, which holds Traefik to the rate");
                    }
                }
                // Behind every edge the same.
                None => _ = draft.behind_any_edge(),
            }
            if !help.is_empty() {
                draft.help(format!("set {help}"));
            }
        }),
    }

    /// The first lock is no longer than the longest.
    ///
    /// `duration` is the first lock, and locks double up to `max_duration`. Where that is less, the two contradict each
    /// other, and which one counts is up to the app: mostly the smaller, so that nobody is ever locked for as long as
    /// `duration` promises.
    ///
    /// Write: `lockout.max_duration` of `lockout.duration` or more, or leave it out where locks do not grow.
    LCK004 = "longest-lock-below-the-first" {
        severity: Severities::all(Error),
        source: "CRUDAuth, LockoutConfig: lockout_base_seconds and lockout_max_seconds",
        keys: &["lockout.duration", "lockout.max_duration"],
        reads: &[&["lockout.enabled"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let lockout = &facts.policy.lockout;
            let Some(longest) = lockout.max_duration.filter(|longest| *longest < lockout.duration) else { return };
            if lockout.enabled {
                let first = lockout.duration;
                out.at("lockout.max_duration", format!("the longest lock, {longest}, is shorter than the first, {first}"))
                    .label("cuts every lock short")
                    .also("lockout.duration", "the first lock")
                    .help(format!("set `lockout.max_duration = \"{first}\"`, or more where locks grow"))
                    .set("lockout.max_duration", first.to_string());
            }
        }),
    }

    /// A lock is not by account alone, so that nobody can lock out someone else.
    ///
    /// Who knows a user's name types wrong passwords for it until the account locks, and again when the lock ends: the
    /// owner is kept out for as long as someone cares to. With `both`, the lock is for that account from that address,
    /// and its owner gets in from everywhere else. It has a price: whoever has many addresses gets the attempts once
    /// with each of them. Where that weighs more, keep `"account"`.
    ///
    /// Write: `lockout.key = "both"`.
    LCK005 = "locked-out-by-strangers" {
        severity: Severities::prod(Note),
        source: "OWASP ASVS 5.0 6.1.1: malicious account lockout is prevented",
        keys: &["lockout.key"],
        reads: &[&["lockout.enabled"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let lockout = &facts.policy.lockout;
            // An app that sees one address for all cannot count by it, of which PRX005 speaks.
            if lockout.enabled && lockout.key == LockoutKey::Account && !facts.app.sees_one_address() {
                out.at("lockout.key", "whoever knows a user's name can lock that account")
                    .label("counts by account, whoever fails")
                    .help("set `lockout.key = \"both\"`, if locking people out is the worse danger for this service");
            }
        }),
    }

    /// Where failures cannot be counted, sign-in waits.
    ///
    /// The counter is another machine, and whoever can flood it switches the lock off with it: then every account takes
    /// as many guesses as the service can answer, in the hour in which nobody looks at the logs. Sign-in that waits for
    /// the counter is down for as long; sign-in without it may be broken for good.
    ///
    /// Write: `lockout.fail_open = false`, or leave the key out.
    LCK006 = "lock-that-fails-open" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 16.5.3: the application fails securely",
        keys: &["lockout.fail_open"],
        reads: &[&["lockout.enabled"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let lockout = &facts.policy.lockout;
            if lockout.enabled && lockout.fail_open {
                out.at("lockout.fail_open", "accounts are open to guessing whenever the counter cannot be reached")
                    .label("sign-in goes on without the lock")
                    .help("set `lockout.fail_open = false`")
                    .set("lockout.fail_open", false);
            }
        }),
    }

    /// A lock locks: it lasts for some time, and does not come after the first slip.
    ///
    /// `duration = "0s"` is a lock that is over when it begins. It reads like a protection, and an account takes as many
    /// guesses as the app can answer. `attempts = 1` is the other end: whoever mistypes a password once is locked out, and
    /// so is everyone whose name a stranger types; people then choose passwords that are easy to type.
    ///
    /// Write: `lockout.duration = "30m"`, or what suits; `lockout.attempts = 5`, and no fewer than 3.
    LCK007 = "lock-that-does-not-lock" {
        severity: Severities::all(Error),
        source: "derived: a lock of no length, or after one slip; NIST SP 800-63B-4 §3.2.2 allows up to 100 failures",
        keys: &["lockout.duration", "lockout.attempts"],
        reads: &[&["lockout.enabled", "lockout.max_duration"]],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            const DURATION: &str = "lockout.duration";
            const ATTEMPTS: &str = "lockout.attempts";
            let lockout = &facts.policy.lockout;
            if !lockout.enabled {
                return;
            }
            if lockout.duration.as_seconds() == 0 {
                const LONGEST: &str = "lockout.max_duration";
                let draft = out.at(DURATION, "a lock ends when it begins");
                draft.label("an account takes any number of guesses").set(DURATION, OFFERED_LENGTH.to_string());
                // A lock that is shorter than the first one is LCK004's.
                if lockout.max_duration.is_some_and(|longest| longest < OFFERED_LENGTH) {
                    draft
                        .help(format!("set `{DURATION} = \"{OFFERED_LENGTH}\"` and `{LONGEST} = \"{OFFERED_LENGTH}\"`, or what suits"))
                        .set(LONGEST, OFFERED_LENGTH.to_string());
                } else {
                    draft.help(format!("set `{DURATION} = \"{OFFERED_LENGTH}\"`, or what suits"));
                }
            }
            // Of none, LCK001 speaks: what an app makes of that is up to the app.
            if (1..FEWEST_ATTEMPTS).contains(&lockout.attempts) {
                let slips = if lockout.attempts == 1 { "the first slip" } else { "the second slip" };
                out.at(ATTEMPTS, format!("an account is locked after {slips}"))
                    .at_most(Warning)
                    .label("keeps out those who mistype, and whomever a stranger names")
                    .help(format!("set `{ATTEMPTS} = {FEWEST_ATTEMPTS}`, or more"))
                    .set(ATTEMPTS, FEWEST_ATTEMPTS);
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!([7, 999, 1_000, 5_762, 1_234_567].map(thousands), ["7", "999", "1,000", "5,762", "1,234,567"]);
    }
}
