//! What is wrong with a profile's waivers themselves: those that do not count, and those that hide nothing.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::Opened;
use crate::check::waivers::{Judged, Waivers};
use crate::check::{Modes, Options};
use crate::finding::{Finding, Label};
use crate::profile::Mode;
use crate::source::{KeyPath, Provenance};

impl Opened<'_> {
    /// What is wrong with the waivers themselves.
    pub(super) fn waiver_findings(
        &self,
        waivers: &Waivers<'_>,
        (used, told): (&BTreeSet<usize>, &[&Finding]),
        modes: &[Mode],
        options: &Options,
    ) -> Vec<Finding> {
        let used_elsewhere = OnceCell::new();
        let used_elsewhere = || {
            used_elsewhere.get_or_init(|| {
                let findings = self.findings_elsewhere(waivers, options);
                findings.iter().flat_map(|finding| waivers.hiding(finding)).collect::<BTreeSet<usize>>()
            })
        };
        let mut findings = Vec::new();
        for (index, waiver) in waivers.judged().enumerate() {
            let is_unused =
                || !used.contains(&index) && self.knows_what_hides(waiver) && !used_elsewhere().contains(&index);
            let found_at = || {
                let of_rule = told.iter().filter(|one| one.code == waiver.waiver.rule.as_str());
                let keys: BTreeSet<String> = of_rule.map(|one| one.place.key.without_index().to_string()).collect();
                keys.into_iter().filter(|key| !key.is_empty()).collect()
            };
            let Some(void) = waiver.problem(is_unused, found_at) else { continue };
            let mut key = KeyPath::from(("waivers", index)).key(void.field);
            key.step_over(&self.load.unknown);
            // A part of it was refused, which has been told.
            if self.load.unknown.contains(&key) {
                continue;
            }
            let rule = void.rule;
            // The worst of the modes that were asked for.
            let worst = modes.iter().filter_map(|mode| Some((rule.severity.get(*mode)?, *mode))).max();
            let Some((severity, mode)) = worst else { continue };
            let place = self.document.table(None).locate(&key);
            let absent = place.provenance == Provenance::Default;
            let place = Label { source: 0, span: place.span, key, text: void.label.to_owned(), absent };
            findings.push(Finding {
                severity,
                modes: vec![mode],
                ..rule
                    .finding(place)
                    .saying(format!("the waiver for {} {}", waiver.waiver.rule, void.message), void.help)
            });
        }
        findings
    }

    /// Whether it can be known what a waiver hides: not beside a refused value, nor without the values that its rule
    /// judges, in every mode.
    fn knows_what_hides(&self, waiver: &Judged<'_>) -> bool {
        let values = waiver.rule.is_some_and(|rule| rule.check.judges_values());
        let has_values = || self.modes(Modes::All).into_iter().all(|mode| self.has_env_file(mode));
        self.findings.is_empty() && (!values || has_values())
    }

    /// What is found in every mode, behind the edges that a run is about and behind the profile's own.
    fn findings_elsewhere(&self, waivers: &Waivers<'_>, options: &Options) -> Vec<Finding> {
        let targets = [&options.targets[..], &[]];
        let is_told = |finding: &Finding| waivers.hiding(finding).next().is_none();
        let each = |mode| targets.iter().flat_map(move |targets| self.findings((mode, targets), options, is_told));
        Mode::ALL.iter().copied().flat_map(each).collect()
    }
}
