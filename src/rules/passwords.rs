//! What a password has to be, and how it is kept.

use serde_json::Value;

use super::reads::WAYS;
use super::rule::{Check, Severities, rules};
use super::words::and;
use crate::apps::AppControl;
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::Facts;
use crate::policy::Policy;
use crate::profile::{Mode, PasswordHash, SignIn};
use crate::source::Literal;

/// The least that guards an account by itself, in characters.
const LEAST_ALONE: u32 = 15;
/// The least beside a second factor, and the least of all.
const LEAST: u32 = 8;
/// The longest has to be this at least.
const LEAST_LONGEST: u32 = 64;
/// The longest that is offered.
const OFFERED_LONGEST: u32 = 128;
/// What bcrypt reads of a password, in bytes.
const BCRYPT_BYTES: u32 = 72;

/// Whether what an app does by itself is told: in production, and wherever the profile speaks of passwords.
fn is_judged(policy: &Policy<'_>) -> bool {
    policy.mode == Mode::Prod || policy.is_written("passwords")
}

/// How passwords are stored: what the app's pack says of it is fixed.
fn hash(facts: &Facts<'_>) -> Option<PasswordHash> {
    let fixed = facts.app.passwords.hash.filter(|_| is_judged(facts.policy));
    fixed.or(facts.policy.passwords.hash)
}

/// The longest password that is taken: what the app's pack says of it is fixed.
fn longest(facts: &Facts<'_>) -> Option<u32> {
    let fixed = facts.app.passwords.longest.filter(|_| is_judged(facts.policy));
    fixed.or(facts.policy.passwords.max_length)
}

/// The minimum that the app has whatever it is told, where no setting changes it: what most of its paths ask for. PWD008
/// speaks of those that ask for less.
fn settled_minimum(facts: &Facts<'_>) -> Option<u32> {
    let is_settled = !facts.app.ability(AppControl::Passwords).can_be_told();
    facts.app.passwords.shortest.values().max().copied().filter(|_| is_settled && is_judged(facts.policy))
}

/// What is left where an app does as it does.
fn accept(facts: &Facts<'_>) -> String {
    format!(
        "{} cannot be told otherwise: mend it there, or accept it with a reason and a date under `[[waivers]]`",
        facts.app.title
    )
}

/// Whether guessing a hash is about as fast as reading it.
fn is_fast(hash: PasswordHash) -> bool {
    match hash {
        PasswordHash::Argon2id | PasswordHash::Bcrypt | PasswordHash::Scrypt | PasswordHash::Pbkdf2Sha256 => false,
        PasswordHash::Sha256 | PasswordHash::Sha512 | PasswordHash::Sha1 | PasswordHash::Md5 | PasswordHash::Plain => {
            true
        }
    }
}

rules! {
    /// A password has 15 characters or more, or 8 where a second factor is asked for.
    ///
    /// Length is what makes guessing expensive, once the hashes are stolen: people choose 8 characters so that rented
    /// graphics cards find most of them in days, whatever the rules on capitals and digits. NIST asks for 15 where the
    /// password is all that guards an account, and for 8 beside a second factor. Fewer than 8 is an error in every
    /// mode; 8 to 14 without a second factor, or no word about it, is a warning in production. Where an app has a minimum
    /// that no setting changes, that is judged, whatever the profile asks for.
    ///
    /// Where nobody signs in with a password, `app.sign_in` says so, and nothing is asked.
    ///
    /// Write: `passwords.min_length = 15`; or 8 and more with `passwords.mfa = true`, if every account has a second
    /// factor.
    PWD001 = "short-passwords" {
        severity: Severities::all(Error),
        source: "NIST SP 800-63B-4 §3.1.1.2: 15 characters, 8 with a second factor; OWASP ASVS 5.0 6.2.1",
        keys: &["passwords.min_length", "passwords.mfa"],
        reads: &[WAYS],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            const KEY: &str = "passwords.min_length";
            if !facts.may_sign_in_by(SignIn::Password) {
                return;
            }
            let passwords = &facts.policy.passwords;
            let needed = if passwords.mfa { LEAST } else { LEAST_ALONE };
            let is_prod = facts.policy.mode == Mode::Prod;
            if let Some(length) = settled_minimum(facts).filter(|length| *length < LEAST || (is_prod && *length < needed))
            {
                let app = &facts.app.title;
                let draft = out.at(KEY, format!("{app} takes a password of {length} characters, whatever is asked for"));
                let label = if passwords.mfa { "fewer than 8" } else { "fewer than 15, and no second factor is asked for" };
                draft.label(label).help(accept(facts));
                if length >= LEAST {
                    draft.at_most(Warning);
                }
                return;
            }
            let draft = match passwords.min_length {
                Some(length) if length < LEAST => {
                    out.at(KEY, format!("passwords of {length} characters are taken")).label("fewer than 8")
                }
                Some(length) if length < needed && is_prod => out
                    .at(KEY, format!("a password of {length} characters is all that guards an account"))
                    .label("fewer than 15, and no second factor is asked for")
                    .at_most(Warning),
                // Where the pack knows what the app does by itself, PWD008 judges that.
                None if is_prod && facts.app.passwords.shortest.is_empty() => {
                    out.at(KEY, "nothing says how long a password has to be").at_most(Warning)
                }
                Some(_) | None => return,
            };
            let or = if passwords.mfa { "" } else { ", or 8 with `passwords.mfa = true` if every account has a second factor" };
            draft.help(format!("set `passwords.min_length = {needed}`{or}")).set(KEY, needed);
        }),
    }

    /// Passwords of 64 characters are taken.
    ///
    /// Password managers make long ones, and people write sentences. A limit below 64 turns away the best passwords
    /// and lets the short ones in, and is often a sign that they are stored in a column and not as a hash. Some limit
    /// there has to be, because hashing takes time: 128 is a usual one.
    ///
    /// Write: `passwords.max_length = 64` or more, or leave it out.
    PWD002 = "long-passwords-refused" {
        severity: Severities::all(Warning),
        source: "OWASP ASVS 5.0 6.2.9; NIST SP 800-63B-4 §3.1.1.2",
        keys: &["passwords.max_length"],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let Some(longest) = longest(facts).filter(|longest| *longest < LEAST_LONGEST) else { return };
            let message = format!("passwords of more than {longest} characters are refused");
            let draft = out.at("passwords.max_length", message);
            if facts.policy.passwords.max_length == Some(longest) {
                draft
                    .label("fewer than 64")
                    .help(format!("set `passwords.max_length = {LEAST_LONGEST}`, or more"))
                    .set("passwords.max_length", LEAST_LONGEST);
            } else {
                draft.label(format!("{} takes no more", facts.app.title)).help(accept(facts));
            }
        }),
    }

    /// Nothing of a password is cut off before it is hashed.
    ///
    /// bcrypt reads 72 bytes. Many of its libraries ignore the rest without a word: of a long sentence, only the beginning
    /// counts, and two passwords that begin alike are one. Others refuse it, as Go's does and Python's `bcrypt` from 5.0 on,
    /// and then a sign-up fails with an error that nobody foresaw. Where an app puts something before the password (a user's name, as a cache of Okta's did),
    /// nothing of the password may be left. 72 bytes are 72 letters of English, 36 of Greek and 18 emoji; so a limit
    /// of 72 characters keeps most passwords whole, and a check for 72 bytes in the app keeps all.
    ///
    /// What is right is that the app itself refuses more, with a word on why, or hashes the password once before bcrypt
    /// (base64 of SHA-384, say). A profile cannot say the latter: it is for a waiver.
    ///
    /// Write: `passwords.hash = "argon2id"`, which reads everything; or a `passwords.max_length` of 64 to 72.
    PWD003 = "cut-off-passwords" {
        severity: Severities::all(Warning),
        source: "OWASP ASVS 5.0 6.2.8; bcrypt of PyPI 5.0 and golang.org/x/crypto/bcrypt refuse more than 72 bytes; the pack of \
                 FastCMS: 100 characters, handed to bcrypt as they are",
        keys: &["passwords.hash", "passwords.max_length"],
        fix: None,
        check: Check::Policy(|facts, out| {
            if hash(facts) != Some(PasswordHash::Bcrypt) {
                return;
            }
            let message = match longest(facts) {
                Some(longest) if longest <= BCRYPT_BYTES => return,
                Some(longest) => format!("passwords may have {longest} characters, and bcrypt reads 72 bytes"),
                None => "nothing keeps passwords to the 72 bytes that bcrypt reads".to_owned(),
            };
            let draft = out.at("passwords.hash", message);
            if facts.app.passwords.hash.is_some() {
                draft.label(format!("{} always uses bcrypt", facts.app.title)).help(accept(facts));
            } else {
                draft
                    .label("what follows 72 bytes is cut off, or fails: that is up to the library")
                    .also("passwords.max_length", "more than that")
                    .help("set `passwords.hash = \"argon2id\"`; or `passwords.max_length = 72`, and refuse more than 72 bytes");
            }
        }),
    }

    /// No kinds of characters are asked for.
    ///
    /// Who has to have a capital, a digit and a special character writes `Password1!`, and guessing programs try that
    /// first. Length and a list of known passwords do what such rules were meant to do. NIST and OWASP forbid them; PCI
    /// DSS 8.3.6 asks for letters and digits in every password. Who is bound by that keeps them, with a waiver that
    /// names it.
    ///
    /// Write: `passwords.require = []`, or leave the key out; with `passwords.min_length = 15` and
    /// `passwords.blocklist = true`.
    PWD004 = "composition-rules" {
        severity: Severities::all(Note),
        source: "NIST SP 800-63B-4 §3.1.1.2 and OWASP ASVS 5.0 6.2.5 forbid them; PCI DSS 4.0 8.3.6 asks for them",
        keys: &["passwords.require"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let require = &facts.policy.passwords.require;
            let settled = facts.app.fixed.get("passwords.require").filter(|_| is_judged(facts.policy));
            let settled = settled.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            let settled: Vec<String> = settled.map(str::to_owned).collect();
            if !settled.is_empty() {
                let app = &facts.app.title;
                out.at("passwords.require", format!("{app} takes no password without characters of kind {}", and(&settled)))
                    .label("NIST and OWASP forbid such rules, PCI DSS asks for them")
                    .help(accept(facts));
            } else if !require.is_empty() {
                let kinds: Vec<String> = require.iter().map(ToString::to_string).collect();
                out.at("passwords.require", format!("every password has to have characters of kind {}", and(&kinds)))
                    .label("NIST and OWASP forbid such rules, PCI DSS asks for them")
                    .help("set `passwords.require = []`, unless PCI DSS binds this service")
                    .set("passwords.require", std::iter::empty::<&str>().collect::<Literal>());
            }
        }),
    }

    /// Passwords do not expire.
    ///
    /// Who has to find a new password every quarter counts up the last one: `Spring2026!` becomes `Summer2026!`, and
    /// whoever knows one knows the next. NIST asks for a change when there is reason to think that a password is known,
    /// and for none by the calendar. PCI DSS 8.3.9 asks for 90 days only where a password is all there is.
    ///
    /// Write: no `passwords.expire_after`.
    PWD005 = "expiring-passwords" {
        severity: Severities::all(Warning),
        source: "NIST SP 800-63B-4 §3.1.1.2: no periodic change",
        keys: &["passwords.expire_after"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            if let Some(after) = facts.policy.passwords.expire_after {
                out.at("passwords.expire_after", format!("everyone has to change the password after {}", after.in_words()))
                    .label("the next one is mostly the last one, counted up")
                    .help("take `passwords.expire_after` out, unless PCI DSS binds this service and no second factor is asked for")
                    .remove("passwords.expire_after");
            }
        }),
    }

    /// Common and breached passwords are refused.
    ///
    /// Guessing starts with what others have chosen: lists of passwords from earlier breaches, the most common first. An
    /// account with one of them is open to anyone who is patient, whatever its length. OWASP asks to refuse the 3,000
    /// most common at least; services such as Have I Been Pwned know hundreds of millions.
    ///
    /// Write: `passwords.blocklist = true`, and a list in the app.
    PWD006 = "common-passwords-taken" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 6.2.4: at least the top 3,000; NIST SP 800-63B-4 §3.1.1.2",
        keys: &["passwords.blocklist"],
        reads: &[WAYS],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            if facts.policy.passwords.blocklist || !facts.may_sign_in_by(SignIn::Password) {
                return;
            }
            let draft = out.at("passwords.blocklist", "passwords that everyone knows are taken");
            draft.label("no list of common and breached ones");
            if facts.app.ability(AppControl::Passwords).can_be_told() {
                draft.help("set `passwords.blocklist = true`, and give the app a list").set("passwords.blocklist", true);
            } else {
                // An edit would ask the app for what it cannot do.
                draft.help(accept(facts));
            }
        }),
    }

    /// Passwords are stored with a hash that is slow to guess.
    ///
    /// A stolen table of fast hashes is a table of passwords: one graphics card tries billions of SHA-256 a second, and
    /// there is nothing slow about a salt. Argon2id, scrypt, bcrypt and PBKDF2 are made so that each guess costs time,
    /// the first two memory as well.
    ///
    /// Write: `passwords.hash = "argon2id"`. Old hashes are replaced at each person's next sign-in.
    PWD007 = "fast-password-hash" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 appendix C, password storage, and 11.4.2",
        keys: &["passwords.hash"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let Some(hash) = hash(facts).filter(|hash| is_fast(*hash)) else { return };
            let message = match hash {
                PasswordHash::Plain => "passwords are stored as they are".to_owned(),
                hash => format!("passwords are stored as {hash}, which is fast to guess"),
            };
            let draft = out.at("passwords.hash", message);
            if facts.app.passwords.hash.is_some() {
                draft.label(format!("{} always stores them so", facts.app.title)).help(accept(facts));
            } else {
                draft
                    .label("whoever gets the table has the passwords")
                    .help("set `passwords.hash = \"argon2id\"`, and replace the old ones at each sign-in")
                    .set("passwords.hash", "argon2id");
            }
        }),
    }

    /// The app enforces the shortest password on every path.
    ///
    /// A minimum that holds at sign-up and not where passwords are changed or reset is none: people come by the lax path
    /// sooner or later, and so does whoever took over a session. InstaCRUD asks for 8 characters at sign-up, and for 6
    /// where an administrator gives a user a new one. Where the profile names no minimum, 8 is taken for it, in production.
    ///
    /// Write: the app's code; no key of the profile changes what the app's pack says is fixed.
    PWD008 = "minimum-not-on-every-path" {
        severity: Severities::all(Warning),
        source: "the pack of InstaCRUD: 8 characters for users, 6 for its administrators",
        keys: &["passwords.min_length"],
        fix: None,
        check: Check::Policy(|facts, out| {
            let asked = facts.policy.passwords.min_length;
            // Where all paths have one minimum that no setting changes, the plan has a gap for what is asked beyond it.
            let mut minima = facts.app.passwords.shortest.values();
            let is_one = minima.next().is_none_or(|first| minima.all(|other| other == first));
            if is_one && asked.is_some() && !facts.app.ability(AppControl::Passwords).can_be_told() {
                return;
            }
            let Some(least) = asked.or((facts.policy.mode == Mode::Prod).then_some(LEAST)) else { return };
            let lax = facts.app.passwords.shortest.iter().filter(|(_, shortest)| **shortest < least);
            let lax: Vec<String> = lax.map(|(path, shortest)| format!("{shortest} characters at `{path}`")).collect();
            if !lax.is_empty() {
                let message = format!("{} takes passwords of {}", facts.app.title, and(&lax));
                out.at("passwords.min_length", message)
                    .label(if asked.is_some() { "not everywhere" } else { "fewer than 8 are too few anywhere" })
                    .help(accept(facts));
            }
        }),
    }

    /// The shortest password that is taken is no longer than the longest.
    ///
    /// With `min_length = 100` and `max_length = 80` no password can be set: the app refuses each of them as too short or as
    /// too long, and whoever notices first is somebody who wants to sign up. The same comes of a minimum beyond what the
    /// app's own code takes.
    ///
    /// Write: `passwords.min_length = 15` and `passwords.max_length = 128`, or what suits, the first below the second.
    PWD009 = "no-password-fits" {
        severity: Severities::all(Error),
        source: "derived: an empty range",
        keys: &["passwords.min_length", "passwords.max_length"],
        reads: &[&["passwords.hash"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            const SHORTEST: &str = "passwords.min_length";
            const LONGEST: &str = "passwords.max_length";
            let (Some(shortest), Some(longest)) = (facts.policy.passwords.min_length, longest(facts)) else { return };
            if shortest <= longest {
                return;
            }
            let message = format!("a password has {shortest} characters or more, and {longest} at most");
            let draft = out.at(SHORTEST, message);
            draft.label("no password fits");
            let is_own = facts.policy.passwords.max_length == Some(longest);
            // What bcrypt does not read is PWD003's.
            let most = if hash(facts) == Some(PasswordHash::Bcrypt) { BCRYPT_BYTES } else { u32::MAX };
            if is_own && shortest <= most {
                let wide = OFFERED_LONGEST.max(shortest).min(most);
                draft
                    .also(LONGEST, "shorter than that")
                    .help(format!("set `{LONGEST} = {wide}`, or a lower `{SHORTEST}`, such as {LEAST_ALONE}"))
                    .set(LONGEST, wide);
            } else if is_own {
                draft
                    .also("passwords.hash", format!("reads {most} bytes, and no password fits into those"))
                    .help(format!("set `{SHORTEST} = {LEAST_ALONE}`, or another hash, such as \"argon2id\""))
                    .set(SHORTEST, most);
            } else {
                draft
                    .also("app.kind", format!("{} takes {longest} characters at most", facts.app.title))
                    .help(format!("set `{SHORTEST} = {}`, or less", LEAST_ALONE.min(longest)))
                    .set(SHORTEST, LEAST_ALONE.min(longest));
            }
        }),
    }
}
