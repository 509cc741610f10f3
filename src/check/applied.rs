//! What the cluster will really run: the profile as manifests say it, judged by the same rules.
//!
//! A profile may say two workers and one replica, and the Deployment beside it three. So what manifests say of keys of the
//! profile is written into the profile, the rules are asked about what comes out, and what they find there and not in the
//! profile itself is told at the manifest's line, with the profile's beside it. (What an `.env` file says is judged likewise,
//! in `told.rs`.)

use super::told::{is_about, is_alike};
use crate::finding::{Finding, Label};
use crate::manifest::Manifests;
use crate::plan::{Evidence, Plan};
use crate::rules::manifests::{Said, said};
use crate::source::{Change, KeyPath, Source, apply};

/// The rule that tells differences which break no other one.
const DIFFERENCE: &str = "K8S021";

/// Adds what is found in what the manifests say and not in the profile itself. Differences that break a rule are no longer
/// told as differences, unless the rule's finding is not told. `judged` is what a text of the profile gives in the same mode.
pub(super) fn judge(
    source: &Source,
    (plan, manifests): (&Plan<'_>, &Manifests),
    (refused, found): (&[Finding], &mut Vec<Finding>),
    judged: impl Fn(&Source) -> Vec<Finding>,
    is_told: impl Fn(&Finding) -> bool,
) {
    let is_known = |key: &KeyPath| refused.iter().all(|finding| !finding.place.key.touches(key));
    let said: Vec<Said> = said(plan, manifests).into_iter().filter(|one| is_known(&one.key.into())).collect();
    let above = KeyPath::from("modes").key(plan.policy.mode.as_str());
    let change =
        |one: &Said| Change::Set { key: KeyPath::from(one.key).below(above.clone()), value: one.value.clone() };
    // Each by itself where all together are no profile: a platform's gateway may lack what the others need.
    let text = said.iter().try_fold(source.text.clone(), |text, one| apply(&text, &change(one)));
    let Some(text) = text.filter(|_| !said.is_empty()) else { return };
    let heard = judged(&Source::new(&source.path, text));
    let mut causes = Vec::new();
    let mut new = Vec::new();
    for finding in heard {
        let is_new = |one: &&Finding| !is_alike(one, &finding);
        // That a profile cannot say it, such as that no pod runs, is no fault of the manifest's: it differs.
        let is_no_profile = finding.code.starts_with("PRF");
        if is_no_profile || finding.place.source != 0 || !refused.iter().chain(found.iter()).all(|one| is_new(&one)) {
            continue;
        }
        // A server for developers is one in itself, and what else debug does in an app is its own.
        let is_cause = |one: &&Said| match one.instead {
            Some(_) => finding.place.key == one.key.into(),
            None => is_about(&finding, &one.key.into()),
        };
        let Some(cause) = said.iter().find(is_cause) else { continue };
        let finding = at_manifest(finding, cause, plan);
        if is_told(&finding) {
            causes.push(cause.key);
        }
        new.push(finding);
    }
    found.extend(new);
    // What is wrong with a value, whatever the profile says, is told at its place.
    let is_at = |one: &Finding| (one.place.key.clone(), one.place.source, one.place.span);
    let others = found.iter().filter(|one| one.code != DIFFERENCE && one.place.source != 0 && is_told(one));
    let wrong: Vec<_> = others.map(is_at).collect();
    let is_cause = |one: &Finding| causes.iter().any(|cause| KeyPath::from(*cause) == one.place.key);
    found.retain(|one| one.code != DIFFERENCE || !(is_cause(one) || wrong.contains(&is_at(one))));
}

/// The same finding where its cause is: in the manifest, with the profile's line beside it.
fn at_manifest(finding: Finding, cause: &Said, plan: &Plan<'_>) -> Finding {
    let (source, span) = cause.place;
    let mut labels: Vec<Label> = Vec::new();
    if plan.policy.is_written(cause.key) {
        let place = plan.policy.place(&cause.key.into());
        let text = "what the profile says".to_owned();
        labels.push(Label { source: 0, span: place.span, key: cause.key.into(), text, absent: false });
    }
    // The profile's own line that is broken together with it, such as `state.backend`.
    let other = Label { text: "what the profile says of this".to_owned(), ..finding.place.clone() };
    if !other.absent
        && labels.iter().all(|label| label.key != other.key)
        && plan.policy.is_written(&other.key.to_string())
    {
        let place = plan.policy.place(&other.key);
        labels.push(Label { span: place.span, ..other });
    }
    let message = match cause.instead {
        Some(_) => cause.what.clone(),
        None => format!("{} ({})", finding.message, cause.what),
    };
    Finding {
        message,
        place: Label { source, span, text: "what the cluster is told".to_owned(), absent: false, ..finding.place },
        labels,
        fixes: Vec::new(),
        targets: vec![plan.edge.target()],
        evidence: Some(Evidence::Held),
        help: cause.instead.map_or(finding.help, str::to_owned),
        ..finding
    }
}
