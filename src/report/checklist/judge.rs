//! The verdict on each rule: what was found, what nobody could know, and what was not asked.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::check::Found;
use crate::finding::{Finding, Severity};
use crate::plan::{Evidence, Known};
use crate::policy::Policy;
use crate::profile::{Carrier, SecretRef, Waiver};
use crate::report::basis::{Bases, Basis};
use crate::report::verdict::Verdict;
use crate::rules::{self, Check, Rule};
use crate::source::KeyPath;

/// The invariants of an area.
#[derive(Debug, Serialize)]
pub struct Area {
    /// What people call it.
    pub title: &'static str,
    /// Those that are asked for in the mode.
    pub rules: Vec<Judged>,
}

/// An invariant, judged.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub statement: String,
    /// Where it comes from.
    pub source: &'static str,
    /// What becomes of it.
    pub verdict: Verdict,
    /// How bad it is to break it.
    #[serde(skip)]
    pub severity: Severity,
    /// How it is known, where it holds.
    pub known: Option<Evidence>,
    /// What the profile says.
    pub basis: Vec<Basis>,
    /// What breaks it.
    pub breaches: Vec<Breach>,
}

/// A finding as a report tells it.
#[derive(Debug, Serialize)]
pub struct Breach {
    /// Whether it is told or waived.
    pub verdict: Verdict,
    /// What is wrong.
    pub message: String,
    /// What to write; why it is accepted, where it is waived.
    pub help: String,
}

/// A waiver, and what it does.
#[derive(Debug, Serialize)]
pub struct Waived {
    /// The rule's code.
    pub rule: String,
    /// The key that it is about; none where it is about all.
    pub key: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: String,
    /// The findings that it hides; what is wrong with it, where it does not count.
    pub effects: Vec<String>,
}

/// What verdicts are made of.
pub(super) struct Judge<'a> {
    pub(super) policy: &'a Policy<'a>,
    pub(super) known: Known<'a>,
    pub(super) found: &'a [Found],
    /// How many edges there are.
    pub(super) edges: usize,
}

impl Judge<'_> {
    pub(super) fn breaking(&self, rule: &Rule) -> impl Iterator<Item = &Found> {
        let code = rule.code;
        self.found.iter().filter(move |one| one.finding.code == code)
    }

    pub(super) fn verdict(&self, rule: &Rule, basis: &[Basis]) -> Verdict {
        let worst = self.breaking(rule).map(Verdict::from).max();
        let declared = rule.keys.is_empty() || basis.iter().any(|one| one.value.is_some());
        let declared =
            declared && !basis.iter().any(|one| self.is_off(&one.key) || self.is_without_mail(rule, &one.key));
        match (worst, rule.severity.get(self.policy.mode)) {
            (Some(worst), _) => worst,
            (None, None) => Verdict::NotAsked,
            // A report is given no manifests.
            (None, Some(_)) if matches!(rule.check, Check::Manifest(_)) => Verdict::NotAsked,
            (None, Some(_)) if !declared => Verdict::Undeclared,
            (None, Some(_)) if self.lacks_values(rule, basis) => Verdict::Unchecked,
            (None, Some(_)) => Verdict::Holds,
        }
    }

    /// Whether a key stands in a section that is switched off, so that a rule which looks at it judged nothing there.
    pub(super) fn is_off(&self, key: &str) -> bool {
        let policy = self.policy;
        match key.split_once('.') {
            None | Some((_, "enabled")) => false,
            Some(("lockout", _)) => !policy.lockout.enabled,
            Some(("ip_filter", _)) => !policy.ip_filter.enabled,
            Some(("hsts", _)) => !policy.hsts.enabled,
            Some(_) => false,
        }
    }

    /// Whether a key of a rule about mail is one of which there is nothing to judge: mail is off, it has no sender, or it goes
    /// to no server. Rules about more than mail have the rest.
    pub(super) fn is_without_mail(&self, rule: &Rule, key: &str) -> bool {
        let email = &self.policy.email;
        let goes_to_a_server = match email.carrier {
            None | Some(Carrier::Smtp | Carrier::File) => email.smtp.is_some(),
            Some(Carrier::Gmail | Carrier::Brevo | Carrier::Api) => true,
        };
        let Some(key) = key.strip_prefix("email.").filter(|key| rule.area() == "EML" && *key != "enabled") else {
            return false;
        };
        !email.enabled || (key == "from" && email.from.is_none()) || (key.starts_with("smtp.") && !goes_to_a_server)
    }

    /// Whether a rule that judges what references lead to was not shown all of it.
    pub(super) fn lacks_values(&self, rule: &Rule, basis: &[Basis]) -> bool {
        if self.policy.environment().is_none() {
            let refers = basis.iter().any(|one| one.reference().is_some());
            return match rule.check {
                Check::Values(_) => true,
                Check::Mixed(_) | Check::Told(_) => refers || rule.keys.is_empty(),
                Check::Loader
                | Check::Policy(_)
                | Check::Plan(_)
                | Check::Cluster(_)
                | Check::Manifest(_)
                | Check::Folder(_) => false,
            };
        }
        rule.check.judges_values() && !self.unread(basis).is_empty()
    }

    /// The keys whose references lead to nothing that `--env-file` gives.
    pub(super) fn unread(&self, basis: &[Basis]) -> Vec<String> {
        let Some(environment) = self.policy.environment() else { return Vec::new() };
        let leads_nowhere = |reference: SecretRef| environment.resolve(&reference).is_none();
        basis.iter().filter(|one| one.reference().is_some_and(leads_nowhere)).map(|one| one.key.clone()).collect()
    }

    /// Whether a reference leads to a variable that is there and whose value nobody here knows: `SECRET_KEY: ${SECRET_KEY}`.
    pub(super) fn depends_on_unknown(&self, basis: &[Basis]) -> bool {
        let Some(environment) = self.policy.environment() else { return false };
        let is_open = |reference: SecretRef| match reference {
            SecretRef::Env(name) => environment.leaves_open(&name),
            SecretRef::File(_) => false,
        };
        basis.iter().filter_map(Basis::reference).any(is_open)
    }

    /// How it is known that a rule holds, which nobody broke.
    pub(super) fn known(&self, rule: &Rule, basis: &[Basis]) -> Option<Evidence> {
        if rule.check.judges_values() && self.policy.environment().is_some() {
            return Some(Evidence::Held);
        }
        let written = || basis.iter().filter(|one| one.value.is_some());
        let paths =
            |keys: &mut dyn Iterator<Item = &Basis>| keys.map(|one| KeyPath::dotted(&one.key)).collect::<Vec<_>>();
        // Of a reference, the profile alone shows that it is one.
        let by_its_word = || self.known.by_its_word(&paths(&mut written().filter(|one| one.reference().is_none())));
        self.known.of(&paths(&mut written())).or_else(by_its_word)
    }

    pub(super) fn areas(&self, lookup: &Bases<'_>, verdicts: &BTreeMap<&str, Verdict>) -> Vec<Area> {
        let mut areas: Vec<Area> = Vec::new();
        // The service first, and then how it is written down.
        let (profile, service): (Vec<&Rule>, Vec<&Rule>) = rules::all().partition(|rule| rule.area() == "PRF");
        for rule in service.into_iter().chain(profile) {
            let verdict = verdicts[rule.code];
            if verdict == Verdict::NotAsked {
                continue;
            }
            let title = rules::area_title(rule.area()).unwrap_or(rule.area());
            if areas.last().is_none_or(|area| area.title != title) {
                areas.push(Area { title, rules: Vec::new() });
            }
            let basis = lookup.of(rule);
            let judged = Judged {
                code: rule.code,
                name: rule.name,
                statement: rule.statement(),
                source: rule.source,
                verdict,
                severity: rule.severity.get(self.policy.mode).unwrap_or(Severity::Note),
                known: self.known(rule, &basis).filter(|_| verdict == Verdict::Holds),
                basis,
                breaches: self.breaking(rule).map(|one| self.breach(one)).collect(),
            };
            areas.last_mut().expect("one was just pushed").rules.push(judged);
        }
        areas
    }

    pub(super) fn breach(&self, one: &Found) -> Breach {
        let waiver = one.hidden_by.and_then(|index| self.policy.waivers.get(index));
        let help = match waiver {
            Some(waiver) => format!("accepted until {}: {}", expiry(waiver), reason(waiver)),
            None => one.finding.help.clone(),
        };
        Breach { verdict: one.into(), message: told(&one.finding, self.edges), help }
    }

    pub(super) fn waivers(&self) -> Vec<Waived> {
        let waived = |(index, waiver): (usize, &Waiver)| {
            let own = KeyPath::from(("waivers", index));
            let touched = |one: &&Found| one.hidden_by == Some(index) || one.finding.place.key.is_within(&own);
            let mut effects: Vec<String> =
                self.found.iter().filter(touched).map(|one| told(&one.finding, self.edges)).collect();
            if effects.is_empty() {
                effects.push("nothing in this mode".to_owned());
            }
            Waived {
                rule: waiver.rule.to_string(),
                key: waiver.key.as_ref().map(ToString::to_string),
                reason: reason(waiver),
                expires: expiry(waiver),
                effects,
            }
        };
        self.policy.waivers.iter().enumerate().map(waived).collect()
    }
}

/// What is wrong, and behind which edge where it is not wrong behind all.
fn told(finding: &Finding, edges: usize) -> String {
    match finding.behind().filter(|_| finding.targets.len() < edges) {
        Some(behind) => format!("{} ({behind})", finding.message),
        None => finding.message.clone(),
    }
}

fn reason(waiver: &Waiver) -> String {
    waiver.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).unwrap_or("no reason given").to_owned()
}

fn expiry(waiver: &Waiver) -> String {
    waiver.expires.map_or_else(|| "it is removed".to_owned(), |expires| expires.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::Packs;
    use crate::check::Opened;
    use crate::profile::Mode;
    use crate::rules::{Mending, Severities};
    use crate::source::Source;

    static NEEDS_VALUES: Rule = Rule {
        code: "XYZ001",
        name: "weak-value",
        docs: "",
        severity: Severities::prod(Severity::Error),
        source: "",
        keys: &["app.name"],
        reads: &[],
        fix: Mending::None,
        check: Check::Values(|_, _| {}),
    };

    #[test]
    fn what_only_values_show_is_not_said_to_hold() {
        let source = Source::new("security.toml", "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\n");
        let opened = Opened::read(&source, &[], &Packs::default());
        for (mode, verdict) in [(Mode::Prod, Verdict::Unchecked), (Mode::Dev, Verdict::NotAsked)] {
            let policy = opened.policy(mode).expect("it is a profile");
            let basis = [Basis { key: String::new(), value: Some("\"env:KEY\"".to_owned()), origin: String::new() }];
            let judge = Judge { policy: &policy, known: Known::new(&[]), found: &[], edges: 1 };
            assert_eq!(judge.verdict(&NEEDS_VALUES, &basis), verdict);
        }
    }
}
