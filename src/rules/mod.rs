//! The invariants, one file per area. This is the only list of them.

pub mod access;
mod believed;
pub mod bots;
pub mod certificates;
mod connection;
pub mod cookies;
pub mod cors;
pub mod data;
pub mod docs;
mod draft;
mod drift;
pub mod email;
pub mod exposed;
pub mod headers;
pub mod hsts;
pub mod ip_filter;
pub mod kubernetes;
mod lifetimes;
pub mod lockout;
pub mod manifests;
mod names;
pub(crate) mod networks;
pub mod oauth;
mod page;
pub mod passwords;
pub mod profile;
pub mod proxy;
pub mod rate_limits;
mod reads;
mod reference;
pub mod rendering;
pub mod rotation;
mod rule;
mod runtimes;
pub mod secrets;
mod sent;
pub mod services;
mod signed_in;
pub mod state;
mod stores;
pub mod tls;
pub mod unsaid;
mod upstreams;
pub mod variables;
mod words;

pub use draft::Draft;
pub(crate) use networks::is_private;
pub use page::{LEGEND, index, modes, page};
pub use reads::ALL;
pub use reference::{about, on, reference};
pub use rule::{Check, Findings, Look, Mending, Rule, Severities};
pub(crate) use words::and;

use crate::finding::Finding;
use crate::manifest::Manifests;
use crate::plan::{Facts, Plan};
use crate::source::KeyPath;

/// The areas, in the order of the catalogue. Each lists its rules by declaring them.
static AREAS: &[&[&Rule]] = &[
    profile::RULES,
    tls::RULES,
    certificates::RULES,
    hsts::RULES,
    cors::RULES,
    cookies::flags::RULES,
    cookies::sign_in::RULES,
    cookies::sessions::RULES,
    secrets::values::RULES,
    secrets::shared::RULES,
    secrets::tokens::RULES,
    secrets::keeping::RULES,
    secrets::file::RULES,
    rotation::RULES,
    state::RULES,
    proxy::RULES,
    services::RULES,
    upstreams::RULES,
    access::RULES,
    rate_limits::RULES,
    rate_limits::limit::RULES,
    lockout::RULES,
    passwords::RULES,
    docs::RULES,
    exposed::RULES,
    headers::RULES,
    headers::sources::RULES,
    oauth::RULES,
    email::RULES,
    bots::RULES,
    data::RULES,
    ip_filter::RULES,
    kubernetes::RULES,
    manifests::RULES,
    manifests::secrets::RULES,
    manifests::routes::RULES,
    manifests::pods::RULES,
    manifests::controls::RULES,
    manifests::around::RULES,
    manifests::fit::RULES,
    manifests::form::RULES,
    manifests::elsewhere::RULES,
    variables::RULES,
    rendering::RULES,
];

/// Every rule, by area, in the order of the catalogue.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    AREAS.iter().copied().flatten().copied()
}

/// What people call an area, by the letters that its rules' codes begin with.
pub fn area_title(area: &str) -> Option<&'static str> {
    const TITLES: [(&str, &str); 22] = [
        ("PRF", "The profile itself"),
        ("TLS", "Encryption (TLS)"),
        ("HST", "HTTPS only (HSTS)"),
        ("COR", "Other origins (CORS)"),
        ("COK", "Cookies and sessions"),
        ("SEC", "Secrets and tokens"),
        ("ROT", "Rotation of keys"),
        ("STA", "Shared state"),
        ("PRX", "Proxies and client addresses"),
        ("SRV", "Services and paths"),
        ("RAT", "Rate limits"),
        ("LCK", "Lockout"),
        ("PWD", "Passwords"),
        ("DBG", "Debugging and API docs"),
        ("HDR", "Security headers"),
        ("OAU", "Sign-in at providers (OAuth)"),
        ("EML", "Email"),
        ("BOT", "Bot protection"),
        ("DAT", "Database"),
        ("IPF", "IP filter"),
        ("K8S", "Kubernetes"),
        ("RND", "What is rendered"),
    ];
    TITLES.iter().find(|(code, _)| *code == area).map(|(_, title)| *title)
}

/// The rule with a code, or with a name.
pub fn by_code(code: &str) -> Option<&'static Rule> {
    // Each waiver of each profile asks for its code: it is compared with those of its area alone.
    let is_area = |rules: &&&[&Rule]| {
        let area = rules.first().map(|rule| rule.area());
        code.get(..3).zip(area).is_some_and(|(begin, area)| area.eq_ignore_ascii_case(begin))
    };
    let mut of_area = AREAS.iter().filter(is_area).copied().flatten().copied();
    of_area.find(|rule| rule.code.eq_ignore_ascii_case(code)).or_else(|| all().find(|rule| rule.name == code))
}

/// Everything that the rules find in a policy and in its plans, one for each edge. What rests on a value that was refused is
/// not told: that value is unknown. Folders are looked at where it is said how.
pub fn run(facts: &Facts<'_>, plans: &[Plan<'_>], refused: &[KeyPath], look: Option<Look>) -> Vec<Finding> {
    run_those(facts, plans, refused, look, Whose::Profile)
}

/// The same where manifests are named: what those are asked, too, [`run_on_manifests`] finds in both.
pub fn run_beside_manifests(
    facts: &Facts<'_>,
    plans: &[Plan<'_>],
    refused: &[KeyPath],
    look: Option<Look>,
) -> Vec<Finding> {
    run_those(facts, plans, refused, look, Whose::ProfileBesideManifests)
}

/// The same of a profile that says what the app is told, without what is found in values and names by themselves: that was found
/// where the profile itself was judged, and is the longest work.
pub fn run_on_heard(facts: &Facts<'_>, plans: &[Plan<'_>], refused: &[KeyPath]) -> Vec<Finding> {
    run_those(facts, plans, refused, None, Whose::Heard)
}

/// The area of the rules about files that are rendered, and about those that are read.
const OF_FILES: &str = "RND";

/// What the rules are asked about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// What a profile says.
    Profile,
    /// The same, where the manifests of its cluster are asked by themselves.
    ProfileBesideManifests,
    /// What the app or the cluster is told in its place.
    Heard,
}

fn run_those(
    facts: &Facts<'_>,
    plans: &[Plan<'_>],
    refused: &[KeyPath],
    look: Option<Look>,
    whose: Whose,
) -> Vec<Finding> {
    let has_values = whose != Whose::Heard && facts.policy.environment().is_some();
    let mut found: Vec<Finding> = Vec::new();
    let csps = sent::SentCsp::all(facts);
    let mut findings = Findings::new(facts, refused);
    findings.csps = &csps;
    // What the file says, and how, is no other in what is made of it.
    let is_asked = |rule: &&Rule| whose != Whose::Heard || rule.area() != OF_FILES;
    for rule in all().filter(is_asked) {
        let Some(severity) = rule.severity.get(facts.policy.mode) else { continue };
        match rule.check {
            // Those are asked where there are manifests.
            Check::Loader | Check::Manifest(_) => {}
            Check::Folder(check) => {
                if let Some(look) = look {
                    check(facts, look, &mut findings);
                    findings.finish(rule, severity, None, &mut found);
                }
            }
            Check::Values(_) if !has_values => {}
            Check::Policy(check) | Check::Mixed(check) | Check::Values(check) => {
                check(facts, &mut findings);
                findings.finish(rule, severity, None, &mut found);
            }
            Check::Cluster(check) => {
                if whose == Whose::Profile {
                    check(facts, None, &mut findings);
                    findings.finish(rule, severity, None, &mut found);
                }
            }
            Check::Plan(check) | Check::Told(check) => {
                for plan in plans {
                    check(plan, &mut findings);
                    findings.finish(rule, severity, Some(plan.edge.target()), &mut found);
                }
            }
        }
    }
    found
}

/// Everything that the rules find in manifests, beside the plan of the cluster that they are for.
pub fn run_on_manifests(plan: &Plan<'_>, manifests: &Manifests, refused: &[KeyPath]) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut findings = Findings::new(plan.facts(), refused);
    for rule in all() {
        let Some(severity) = rule.severity.get(plan.policy.mode) else { continue };
        match rule.check {
            Check::Manifest(check) => check(plan, manifests, &mut findings),
            Check::Cluster(check) => check(plan.facts(), Some(manifests), &mut findings),
            Check::Loader
            | Check::Folder(_)
            | Check::Values(_)
            | Check::Policy(_)
            | Check::Mixed(_)
            | Check::Plan(_)
            | Check::Told(_) => continue,
        }
        findings.finish(rule, severity, Some(plan.edge.target()), &mut found);
    }
    found
}
