//! What was seen of a site, as evidence for what is said of its profile.

use super::seen::{Look, Otherwise, Seen, Step};
use crate::finding::{Finding, Label, Severity};
use crate::plan::{Evidence, Plan};
use crate::policy::Policy;
use crate::profile::{Date, Text as _};
use crate::rules;
use crate::source::{KeyPath, Provenance, Segment};

impl Seen {
    /// Reads the file of an earlier run.
    pub fn read(text: &str) -> Result<Self, String> {
        let seen: Self =
            serde_json::from_str(text).map_err(|error| format!("is not what `seccfg verify --out` writes: {error}"))?;
        if seen.version == 1 { Ok(seen) } else { Err("was written by another version of seccfg".to_owned()) }
    }

    /// Refuses what was seen of another profile, or before this one was changed.
    pub fn fits(&self, policy: &Policy<'_>) -> Result<(), String> {
        if self.fingerprint == policy.fingerprint() {
            return Ok(());
        }
        Err(format!(
            "was seen of another profile, of another mode, or before this one was changed (it says {}, and this is {} in \
             {}): run `seccfg verify --out` again",
            self.fingerprint,
            policy.fingerprint(),
            policy.mode
        ))
    }

    /// Notes in the plan of the same edge what the site was seen to do.
    pub fn witness(&self, plans: &mut [Plan<'_>]) {
        for plan in plans.iter_mut().filter(|plan| plan.edge.target().as_str() == self.target) {
            for entry in &mut plan.entries {
                let name = entry.control.to_string();
                if self.controls.iter().any(|one| one.control == name && one.look == Look::Seen) {
                    entry.witness(Evidence::Seen);
                }
            }
        }
    }

    /// What the site was seen to do otherwise, at the profile's lines.
    pub fn findings(&self, plans: &[Plan<'_>]) -> Result<Vec<Finding>, String> {
        let plan = plans.iter().find(|plan| plan.edge.target().as_str() == self.target);
        let plan = plan.ok_or_else(|| format!("was seen behind {}, which is not planned for here", self.target))?;
        self.findings.iter().map(|one| one.finding(plan)).collect()
    }

    /// When and where it was seen, and how long ago.
    pub fn told(&self, today: Date) -> String {
        let day: Option<Date> = self.at.get(..10).and_then(|day| day.parse().ok());
        let age = match day.map(|day| today.days_after(day)) {
            Some(0) => "on the same day".to_owned(),
            Some(1) => "a day before".to_owned(),
            Some(days) if days > 0 => format!("{days} days before"),
            Some(_) | None => "not before this report".to_owned(),
        };
        let limits = if self.active { "" } else { ", without --active" };
        format!("{} at {}, {age}{limits}", self.at, self.url)
    }
}

impl Otherwise {
    fn finding(&self, plan: &Plan<'_>) -> Result<Finding, String> {
        let rule = rules::by_code(&self.code)
            .ok_or_else(|| format!("tells of {}, which is no rule of this version of seccfg", self.code))?;
        let step = |step: &Step| match step {
            Step::Key(key) => Segment::Key(key.clone().into()),
            Step::Index(index) => Segment::Index(*index),
        };
        let key = KeyPath::new(self.key.iter().map(step).collect());
        let place = plan.policy.place(&key);
        let absent = place.provenance == Provenance::Default;
        let label = Label { source: 0, span: place.span, key, text: self.expected.clone(), absent };
        let found = super::seen_finding(plan, rule, label);
        let told = self.severity.as_deref().and_then(|severity| Severity::parse(severity).ok());
        let severity = told.unwrap_or(found.severity);
        Ok(Finding { severity, ..found }.saying(self.message.clone(), self.help.clone()))
    }
}
