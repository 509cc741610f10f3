//! Waivers: which of them count, and which findings they hide.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use super::reason::says_nothing;
use crate::finding::{Finding, Severity};
use crate::profile::vocabulary::{self, UnknownKey};
use crate::profile::{Date, Mode, Waiver};
use crate::rules::profile::{PRF006, PRF007, PRF008};
use crate::rules::{self, Rule};
use crate::source::{KeyPath, nearest};

/// The waivers of a profile. A finding's are looked up: neither may be few.
pub struct Waivers<'a> {
    judged: Vec<Judged<'a>>,
    /// Those that count, by rule, and by the key that they are about: the root for everything.
    by_rule: BTreeMap<&'a str, BTreeMap<KeyPath, Vec<usize>>>,
}

impl<'a> Waivers<'a> {
    /// Judges waivers on a day, for the modes that a run is about. Most profiles hold none, and none of them pays for the
    /// clock.
    pub fn new(waivers: &'a [Waiver], today: Option<Date>, modes: &[Mode]) -> Self {
        let today = LazyCell::new(|| today.unwrap_or_else(Date::today));
        let judged: Vec<Judged<'a>> = waivers.iter().map(|waiver| Judged::new(waiver, *today, modes)).collect();
        let mut by_rule: BTreeMap<&str, BTreeMap<KeyPath, Vec<usize>>> = BTreeMap::new();
        for (index, Judged { waiver, .. }) in judged.iter().enumerate().filter(|(_, one)| one.void.is_none()) {
            let key = waiver.key.as_ref().map_or_else(KeyPath::default, |key| KeyPath::dotted(key.as_str()));
            by_rule.entry(waiver.rule.as_str()).or_default().entry(key).or_default().push(index);
        }
        Self { judged, by_rule }
    }

    /// Every waiver, in the order of the profile.
    pub fn judged(&self) -> impl Iterator<Item = &Judged<'a>> {
        self.judged.iter()
    }

    /// Those that hide a finding.
    pub fn hiding(&self, finding: &Finding) -> impl Iterator<Item = usize> {
        let of_rule = self.by_rule.get(finding.code);
        let key = finding.place.key.segments();
        let above = (0..=key.len()).filter_map(move |end| of_rule?.get(&key[..end]));
        above.flatten().copied()
    }
}

/// A waiver, and whether it counts.
pub struct Judged<'a> {
    /// As it is written.
    pub waiver: &'a Waiver,
    /// The rule that it names, where there is one.
    pub rule: Option<&'static Rule>,
    /// Why it does not count.
    void: Option<Void>,
}

/// What is wrong with a waiver. One of another rule than PRF006 counts all the same.
#[derive(Clone)]
pub struct Void {
    /// The rule that it breaks.
    pub rule: &'static Rule,
    /// At which of its keys.
    pub field: &'static str,
    /// What, as the end of a sentence about it.
    pub message: String,
    /// A word or two for the place.
    pub label: &'static str,
    /// What to write.
    pub help: String,
}

impl<'a> Judged<'a> {
    fn new(waiver: &'a Waiver, today: Date, modes: &[Mode]) -> Self {
        let void = |field, message: &str, help: &str| {
            Some(Void {
                rule: &PRF006,
                field,
                message: message.to_owned(),
                label: "does not count",
                help: help.to_owned(),
            })
        };
        let reason = waiver.reason.as_deref().unwrap_or_default().trim();
        let rule = rules::by_code(waiver.rule.as_str());
        let void = match (rule, waiver.expires) {
            (None, _) => void("rule", "names no rule", "`seccfg rules` lists them"),
            (Some(rule), _) if rule.area() == "PRF" => void(
                "rule",
                "cannot count: a profile that does not say what it means cannot be judged",
                "mend the profile",
            ),
            (Some(_), Some(expires)) if expires < today => void(
                "expires",
                &format!("expired on {expires}"),
                "mend what it hid, or renew it with a new date and reason",
            ),
            (Some(_), _) if reason.is_empty() => {
                void("reason", "gives no reason", "write `reason = \"…\"`: why is this accepted, and until when?")
            }
            // What must not go live does so for a while at most.
            (Some(rule), expires)
                if modes.contains(&Mode::Prod)
                    && rule.severity.get(Mode::Prod) == Some(Severity::Error)
                    && expires.is_none_or(|expires| expires > today.a_year_later()) =>
            {
                let message = match expires {
                    Some(expires) => format!("of an error in prod expires on {expires}, more than a year ahead"),
                    None => "of an error in prod has no date on which it expires".to_owned(),
                };
                void("expires", &message, &format!("write `expires = {}`, or an earlier day", today.a_year_later()))
            }
            (Some(_), _) => None,
        };
        Self { waiver, rule, void }
    }

    /// What is wrong with it: at which of its keys, what, and what to write. Whether it is of no use is asked only where
    /// nothing else is wrong.
    pub fn problem(&self, is_unused: impl FnOnce() -> bool, found_at: impl FnOnce() -> Vec<String>) -> Option<Void> {
        match &self.void {
            Some(void) => Some(void.clone()),
            None => {
                self.nowhere().or_else(|| if is_unused() { Some(self.unused(&found_at())) } else { self.unreasoned() })
            }
        }
    }

    /// Its key is none that a finding could be about.
    fn nowhere(&self) -> Option<Void> {
        let key = self.waiver.key.as_ref()?.as_str();
        let steps: Vec<&str> = key.split('.').collect();
        let (message, help) = match &steps[..] {
            ["modes", _, own @ ..] if !own.is_empty() => (
                format!("is about `{key}`, and no finding is about an overlay"),
                format!("write `key = \"{}\"`: findings name a key as if there were no overlays", own.join(".")),
            ),
            _ => {
                let UnknownKey { left, known } = vocabulary::at(&steps).err()?;
                let (right, rest) = steps.split_at(steps.len() - left);
                let meant = rest.first().and_then(|step| nearest(step, known.iter().copied()));
                let meant = meant.map(|meant| [right, &[meant], &rest[1..]].concat().join("."));
                let help = match meant {
                    Some(meant) => format!("did you mean `key = \"{meant}\"`?"),
                    None => "write the key that the finding names, as `--format json` shows it; or leave `key` out"
                        .to_owned(),
                };
                (format!("is about `{key}`, which is no key of a profile"), help)
            }
        };
        Some(Void { rule: &PRF007, field: "key", message, label: "hides nothing", help })
    }

    /// A reason that says nothing. The waiver counts: somebody decided, and did not say why.
    fn unreasoned(&self) -> Option<Void> {
        let reason = self.waiver.reason.as_deref()?;
        says_nothing(reason, self.rule?).then(|| Void {
            rule: &PRF008,
            field: "reason",
            message: "does not say why".to_owned(),
            label: "says nothing to the next reader",
            help: "write what makes the finding acceptable here, and what has to happen before it is mended, such as \
                   `reason = \"old scanners speak no TLS; they are replaced in spring\"`"
                .to_owned(),
        })
    }

    /// `found_at` are the keys at which its rule finds something all the same.
    fn unused(&self, found_at: &[String]) -> Void {
        let found: Vec<String> = found_at.iter().map(|key| format!("`{key}`")).collect();
        let help = match &self.waiver.key {
            Some(key) if found.is_empty() => {
                format!("remove the waiver, or mend its `key`: nothing is found at `{key}` or below")
            }
            Some(key) => format!(
                "nothing is found at `{key}` or below, and something at {}: write that as its `key`, if it is what is accepted, \
                 or remove the waiver",
                found.join(" and ")
            ),
            None => "remove the waiver".to_owned(),
        };
        Void {
            rule: &PRF007,
            field: "rule",
            message: "hides nothing in any mode".to_owned(),
            label: "hides nothing",
            help,
        }
    }
}
