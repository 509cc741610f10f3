//! What is wrong with the profile as a text, found while it is read.

use super::rule::{Check, Severities, rules};
use crate::finding::Severity::{Error, Warning};

rules! {
    /// The profile is TOML.
    ///
    /// The parser goes on after an error, so several are told in one run, one for each line at most: a missing quote
    /// makes it stumble more than once. While there are syntax errors the invariants are not checked, because a
    /// section that was meant may not have been seen.
    ///
    /// Write: what the message says is expected. The syntax is TOML 1.1, <https://toml.io>.
    PRF001 = "syntax" {
        severity: Severities::all(Error),
        source: "TOML 1.1",
        keys: &[],
        fix: None,
        check: Check::Loader,
    }

    /// Every key is one that seccfg knows.
    ///
    /// A key that nobody reads is a protection that its author believes in and that does not exist: `enabld = true`
    /// under `[hsts]` would switch on nothing. So an unknown key is an error, and the nearest known one is offered.
    ///
    /// Write: the key as `seccfg schema profile` has it; an editor with that schema completes it.
    PRF002 = "unknown-key" {
        severity: Severities::all(Error),
        source: "the schema of profiles",
        keys: &[],
        fix: None,
        check: Check::Loader,
    }

    /// Every value is of its key's type.
    ///
    /// Strings that reach an artifact are checked by the constructor of what they mean: a duration, a network, a host
    /// name. What it refuses could be read differently by nginx, Caddy, Kubernetes and the app, or break out of the file
    /// that it is written to.
    ///
    /// Write: what the message asks for; it names the form and an example.
    PRF003 = "wrong-value" {
        severity: Severities::all(Error),
        source: "the schema of profiles",
        keys: &[],
        fix: None,
        check: Check::Loader,
    }

    /// Every key that has to be there is there.
    ///
    /// Few are: `version`, `app.name`, `app.kind`, and what an entry is nothing without, such as a secret's `source` or
    /// a route's `limit`. Everything else has a default, which `seccfg schema profile` states.
    ///
    /// Write: the key, in the section that the message points to.
    PRF004 = "missing-key" {
        severity: Severities::all(Error),
        source: "the schema of profiles",
        keys: &[],
        fix: None,
        check: Check::Loader,
    }

    /// The profile's `version` is one that this seccfg reads.
    ///
    /// The number changes only when old profiles would be read differently. Guessing what a newer one means could
    /// switch a protection off.
    ///
    /// Write: `version = 1`, or install the seccfg that the profile was written for.
    PRF005 = "unsupported-version" {
        severity: Severities::all(Error),
        source: "the schema of profiles",
        keys: &["version"],
        fix: None,
        check: Check::Loader,
    }

    /// A waiver says why, names a rule that can be waived, and has not expired.
    ///
    /// A waiver is a debt. One without a reason cannot be judged by the next person, one for a rule that does not exist
    /// hides nothing, and one past its date has been forgotten: it stops counting, and the finding that it hid comes
    /// back. What is found while a profile is read cannot be waived, because there is no value to go on with.
    ///
    /// Write: `rule`, `reason` and `expires` under `[[waivers]]`, or remove the waiver.
    PRF006 = "void-waiver" {
        severity: Severities::prod(Error).and_staging(Warning).and_local(Warning),
        source: "the schema of profiles",
        keys: &["waivers"],
        fix: None,
        check: Check::Loader,
    }

    /// A waiver hides something.
    ///
    /// One that hides nothing in any mode is left over from a finding that has been mended, or its `key` is one that no
    /// finding is about. It does no harm today; but if
    /// the finding ever comes back, the waiver hides it under a reason that was given for something else, and nobody
    /// sees it.
    ///
    /// Write: remove the waiver.
    PRF007 = "unused-waiver" {
        severity: Severities::all(Warning),
        source: "the schema of profiles",
        keys: &["waivers"],
        fix: None,
        check: Check::Loader,
    }

    /// A waiver's reason says why.
    ///
    /// A waiver hides a finding from everyone who comes later. They have its reason and nothing else to decide whether it
    /// still holds. "TODO", two words, or the name of the rule tell them that somebody wanted the finding gone.
    ///
    /// Such a waiver counts: the finding that it hides stays hidden, and this one is told in its place.
    ///
    /// Write: in `reason`, what makes the finding acceptable here, and what has to happen before it is mended.
    PRF008 = "waiver-without-a-why" {
        severity: Severities::all(Warning),
        source: "the schema of profiles",
        keys: &["waivers"],
        fix: None,
        check: Check::Loader,
    }
}
