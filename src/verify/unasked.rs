//! Cookies that the site sets and the profile does not list: no demand speaks of them, and browsers keep them all the same.

use std::collections::BTreeSet;

use super::inquiry::Inquiry;
use super::outcome::shown;
use super::seen_finding;
use crate::finding::{Finding, Label, Severity};
use crate::rules::Rule;
use crate::rules::cookies::flags::{COK001, COK002};
use crate::source::KeyPath;

/// What stands in the names of cookies that keep somebody signed in.
const SIGNED_IN: [&str; 8] = ["sess", "sid", "auth", "token", "jwt", "login", "remember", "identity"];
/// What stands in the names of those that scripts are meant to read, and that sign nobody in.
const FOR_SCRIPTS: [&str; 2] = ["csrf", "xsrf"];

/// One line of `Set-Cookie`.
struct Set<'l> {
    name: &'l str,
    attributes: Vec<&'l str>,
}

impl<'l> Set<'l> {
    /// Nothing where the line takes a cookie back: then there is nothing to steal.
    fn read(line: &'l str) -> Option<Self> {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let attributes: Vec<&str> = parts.collect();
        let is_over = attributes.iter().any(|own| {
            own.split_once('=')
                .is_some_and(|(own, age)| own.trim().eq_ignore_ascii_case("Max-Age") && age.trim() == "0")
        });
        (!is_over && !matches!(value.trim(), "" | "\"\"")).then_some(Self { name: name.trim(), attributes })
    }

    fn has(&self, flag: &str) -> bool {
        self.attributes.iter().any(|own| own.eq_ignore_ascii_case(flag))
    }

    fn signs_in(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        let holds = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        holds(&SIGNED_IN) && !holds(&FOR_SCRIPTS)
    }
}

/// The findings, one for each cookie and flag. What a cookie is for is guessed by its name: where it keeps nobody signed in, a
/// finding is a warning.
pub(super) fn cookies(inquiry: &Inquiry<'_>) -> Vec<Finding> {
    let plan = inquiry.plan;
    let mut findings = Vec::new();
    if !inquiry.site.https {
        return findings;
    }
    let mut told = BTreeSet::new();
    for shot in &inquiry.shots {
        for set in shot.answer.lines("Set-Cookie").filter_map(Set::read) {
            let is_listed = plan.policy.cookies.keys().any(|own| own.as_str() == set.name);
            if is_listed || !told.insert(set.name) {
                continue;
            }
            let name = shown(set.name);
            let mut wrong = |rule: &Rule, flag: &str| {
                let label = Label {
                    source: 0,
                    span: plan.policy.place(&KeyPath::from("cookies")).span,
                    key: "cookies".into(),
                    text: format!("does not list `{name}`"),
                    absent: !plan.policy.is_written("cookies"),
                };
                let finding = seen_finding(plan, rule, label).saying(
                    format!("{} sets the cookie {name} without {flag}, and the profile does not list it", shot.what),
                    format!(
                        "have the app set {flag}, or list the cookie as `[{}]`, so that {} adds it",
                        KeyPath::from("cookies").key(&name),
                        plan.edge
                    ),
                );
                let severity = if set.signs_in() { finding.severity } else { Severity::Warning };
                findings.push(Finding { severity, ..finding });
            };
            if !set.has("Secure") {
                wrong(&COK001, "Secure");
            }
            if set.signs_in() && !set.has("HttpOnly") {
                wrong(&COK002, "HttpOnly");
            }
        }
    }
    findings
}
