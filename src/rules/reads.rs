//! What a rule reads, and which of its findings say nothing where a part of that was refused.
//!
//! A value that the reader of profiles refused is unknown: in the policy stands a default, or nothing, which nobody wrote.
//! `workers = "4"` must not become "in the one process". So a rule is silent about what rests on such a key, and for that
//! it declares every key that it reads.
//!
//! In a declared key, `*` stands for an entry of a table, or an element of a list, that is judged by itself: with
//! `cookies.*.secure`, a refusal in `[cookies.a]` leaves what is found about `[cookies.b]`. `+` stands for entries that are
//! judged together: with `secrets.+.purpose`, "no secret is for encryption" is not said where one purpose is unknown. A
//! `*` at the root stands for each section by itself.

use super::{Check, Rule};
use crate::finding::Finding;
use crate::plan::Target;
use crate::profile::vocabulary::ANY;
use crate::source::{KeyPath, Segment};

/// The step of a declared key that stands for all entries of a table together.
pub const ALL: &str = "+";

/// What chooses the app's pack. Every rule gets its facts, so none has to declare these two.
const PACK: [&str; 2] = ["app.kind", "app.release"];

/// Whether a section is on, and which layer does it: of each section by itself.
pub(super) const SWITCHES: &[&str] = &["*.enabled", "*.enforced_by"];

/// What says where TLS ends.
pub(super) const TERMINATE: &[&str] = &["tls.terminate", "app.url"];

/// What says who signs in, and how.
pub(super) const WAYS: &[&str] = &["app.sign_in"];

/// What says whether browsers show pages of the app.
pub(super) const SERVES: &[&str] = &["app.serves"];

/// What an edge can do, beside which edges there are.
pub(super) const EDGES: &[&str] = &[
    "targets.nginx.version",
    "targets.nginx.openssl",
    "targets.caddy.version",
    "targets.caddy.plugins",
    "targets.kubernetes.gateway",
    "targets.kubernetes.ingress_class",
];

/// What says who counts a limit.
pub(super) const COUNTED: &[&str] = &[
    "rate_limits.enabled",
    "rate_limits.enforced_by",
    "rate_limits.routes.*.limit",
    "rate_limits.routes.*.per",
    "rate_limits.routes.*.paths",
    "rate_limits.exempt",
    "app.paths",
    "services.+.paths",
    "services.+.upstream",
    "services.+.root",
];

/// Where a profile refers to secrets, and what says that these are in use.
pub(super) const REFERENCES: &[&str] = &[
    "secrets.+.source",
    "secrets.+.previous",
    "secrets.+.purpose",
    "state.backend",
    "state.url",
    "database.url",
    "database.password",
    "email.enabled",
    "email.api_key",
    "email.smtp.password",
    "bot_protection.secret_key",
    "oauth.+.client_secret",
];

/// What shows that people sign in: what COR002's documentation lists.
pub(super) const SIGN_IN: &[&str] = &[
    "app.sign_in",
    "cors.credentials",
    "cookies.+.purpose",
    "secrets.+.purpose",
    "lockout.enabled",
    "app.open_registration",
    "rate_limits.routes.sign_in",
    "rate_limits.routes.sign_up",
    "rate_limits.routes.password_reset",
];

impl Rule {
    /// Every key that its check reads: those that it is about, and those that it takes into account.
    pub fn all_keys(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().chain(self.reads.iter().copied().flatten()).copied()
    }

    /// Whether what it found may rest on a key that was refused: on one that it declares, on one that chooses the app's
    /// pack, or on the edges.
    pub fn rests_on(&self, finding: &Finding, refused: &KeyPath) -> bool {
        let keys: Vec<&KeyPath> =
            std::iter::once(&finding.place.key).chain(finding.labels.iter().map(|label| &label.key)).collect();
        PACK.iter().any(|key| *refused == (*key).into())
            || self.reads_edges(refused)
            || is_of_its_edge(finding, refused) && self.all_keys().any(|declared| covers(declared, refused, &keys))
    }

    /// Whether what it would say of a part of the profile may rest on a key that was refused, so that it says nothing.
    pub(super) fn is_silenced_at(&self, part: &KeyPath, refused: &KeyPath) -> bool {
        self.all_keys().any(|declared| covers(declared, refused, &[part]))
    }

    /// Whether the refusal leaves unknown which edges there are, and the rule is asked for each of them.
    fn reads_edges(&self, refused: &KeyPath) -> bool {
        match self.check {
            Check::Plan(_) | Check::Told(_) | Check::Manifest(_) => {
                refused.segments().len() <= 2 && refused.is_within(&"targets".into())
            }
            Check::Loader
            | Check::Policy(_)
            | Check::Mixed(_)
            | Check::Values(_)
            | Check::Cluster(_)
            | Check::Folder(_) => false,
        }
    }
}

/// What is refused of one edge says nothing of what is found behind another.
fn is_of_its_edge(finding: &Finding, refused: &KeyPath) -> bool {
    let edges = KeyPath::from("targets");
    let is_about = |target: &Target| refused.is_within(&edges.clone().key(target.as_str()));
    let is_of_an_edge = Target::ALL.iter().any(is_about);
    finding.targets.is_empty() || !is_of_an_edge || finding.targets.iter().any(is_about)
}

/// Whether a declared key is the refused one, holds it, or stands in it; where it speaks of entries one by one, only if
/// the finding is not about another entry alone.
fn covers(declared: &str, refused: &KeyPath, found: &[&KeyPath]) -> bool {
    let steps: Vec<&str> = declared.split('.').collect();
    let shared = steps.len().min(refused.segments().len());
    let is_read = leads_along(&steps[..shared], refused);
    let Some(last) = steps[..shared].iter().rposition(|step| *step == ANY) else { return is_read };
    let entry = KeyPath::new(refused.segments()[..=last].to_vec());
    let is_about_it = || found.iter().any(|key| !key.is_root() && key.touches(&entry));
    // What is about no key of the profile, such as a line of an `.env` file, is about no entry either.
    let is_another = |key: &KeyPath| key.is_root() || key.segments().len() > last && leads_along(&steps[..=last], key);
    let is_about_another = || found.iter().any(|key| is_another(key));
    is_read && (is_about_the_app(found) || is_about_it() || !is_about_another())
}

/// Whether a finding is about the app as a whole: such a finding may sum up what is said in any entry.
fn is_about_the_app(found: &[&KeyPath]) -> bool {
    found.first().is_some_and(|key| **key == "app.kind".into())
}

/// Whether the steps lead along the beginning of a path.
fn leads_along(steps: &[&str], path: &KeyPath) -> bool {
    steps.iter().zip(path.segments()).all(|(step, segment)| match segment {
        Segment::Key(key) => [ANY, ALL, key].contains(step),
        Segment::Index(_) => [ANY, ALL].contains(step),
    })
}

#[cfg(test)]
mod tests {
    use super::covers;
    use crate::source::KeyPath;

    fn is_silenced(declared: &str, refused: impl Into<KeyPath>, found: &[&'static str]) -> bool {
        let found: Vec<KeyPath> = found.iter().map(|key| KeyPath::from(*key)).collect();
        covers(declared, &refused.into(), &found.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_key_covers_what_it_holds_and_what_holds_it() {
        for refused in ["tls", "tls.certificate", "tls.certificate.issuer"] {
            assert!(is_silenced("tls.certificate.issuer", refused, &["hsts.enabled"]), "{refused}");
        }
        assert!(is_silenced("tls.certificate", "tls.certificate.cert", &["hsts.enabled"]));
        assert!(!is_silenced("tls.certificate.issuer", "tls.certificate.cert", &["tls.certificate.issuer"]));
        assert!(is_silenced("cors.origins", ("cors.origins", 1), &["cors.credentials"]));
    }

    #[test]
    fn an_entry_by_itself_says_nothing_of_another() {
        let refused = "cookies.a.secure";
        assert!(is_silenced("cookies.*.secure", refused, &["cookies.a.http_only"]));
        assert!(!is_silenced("cookies.*.secure", refused, &["cookies.b.secure"]));
        assert!(is_silenced("cookies.*.secure", refused, &["cookies.b.secure", "cookies.a.secure"]));
        // What names no entry may be about this one.
        assert!(is_silenced("cookies.*.secure", refused, &["app.url"]));
        assert!(is_silenced("cookies.*.secure", "cookies", &["cookies.b.secure"]));
        assert!(is_silenced("cookies.+.secure", refused, &["cookies.b.secure"]));
    }

    #[test]
    fn a_section_by_itself_says_nothing_of_another() {
        assert!(is_silenced("*", "lockout.attempts", &["lockout.enabled"]));
        assert!(!is_silenced("*", "cors.max_age", &["lockout.enabled"]));
        assert!(!is_silenced("*.*", "app.workers", &["app.url"]));
        assert!(is_silenced("*", "cors.max_age", &["app.kind"]));
        // What is wrong in an `.env` file by itself is wrong whatever the profile says.
        assert!(!is_silenced("*.*", "app.workers", &[""]));
    }
}
