//! Cookies that the site sets and the profile does not list: no demand speaks of them, and browsers keep them all the same.

use std::collections::BTreeSet;

use jiff::fmt::rfc2822;

use super::inquiry::Inquiry;
use super::outcome::shown;
use super::seen_finding;
use crate::finding::{Finding, Label, Severity};
use crate::rules::Rule;
use crate::rules::cookies::flags::{COK001, COK002};
use crate::rules::secrets::spelled;
use crate::source::KeyPath;

/// The words in the names of cookies that keep somebody signed in, and how the names of frameworks' own end.
const SIGNED_IN: [&str; 10] =
    ["SESSION", "SESS", "SID", "AUTH", "TOKEN", "JWT", "LOGIN", "REMEMBER", "IDENTITY", "AUTHORIZATION"];
const ENDINGS: [&str; 4] = ["SESSIONID", "SESSID", "SESSIONTOKEN", "AUTHTOKEN"];
/// What stands in the names of those that scripts are meant to read, and that sign nobody in.
const FOR_SCRIPTS: [&str; 2] = ["CSRF", "XSRF"];

/// One line of `Set-Cookie`.
struct Set<'l> {
    name: &'l str,
    attributes: Vec<&'l str>,
}

impl<'l> Set<'l> {
    /// Nothing where the line takes a cookie back, by an age or by a date before this moment: then there is nothing to steal.
    fn read(line: &'l str, now: i64) -> Option<Self> {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let attributes: Vec<&str> = parts.collect();
        let is_end = |(own, value): (&str, &str)| {
            let (own, value) = (own.trim(), value.trim());
            // Dates have dashes, too: `Thu, 01-Jan-1970 00:00:00 GMT`.
            let is_past = || rfc2822::parse(&value.replace('-', " ")).is_ok_and(|at| at.timestamp().as_second() <= now);
            own.eq_ignore_ascii_case("Max-Age") && value.parse::<i64>().is_ok_and(|age| age <= 0)
                || own.eq_ignore_ascii_case("Expires") && is_past()
        };
        let is_over = attributes.iter().filter_map(|own| own.split_once('=')).any(is_end);
        (!is_over && !matches!(value.trim(), "" | "\"\"")).then_some(Self { name: name.trim(), attributes })
    }

    fn has(&self, flag: &str) -> bool {
        self.attributes.iter().any(|own| own.eq_ignore_ascii_case(flag))
    }

    /// Whether it keeps somebody signed in, by the words of its name: `connect.sid`, `__Host-session`, `authToken`, `PHPSESSID`.
    fn signs_in(&self) -> bool {
        let name = spelled(self.name);
        let has_word = || name.split('_').any(|word| SIGNED_IN.contains(&word));
        let is_for_scripts = FOR_SCRIPTS.iter().any(|part| name.contains(part));
        !is_for_scripts && (has_word() || ENDINGS.iter().any(|end| name.ends_with(end)))
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
        for set in shot.answer.lines("Set-Cookie").filter_map(|line| Set::read(line, inquiry.asked.now)) {
            let is_listed = plan.policy.cookies.keys().any(|own| own.as_str() == set.name);
            if is_listed {
                continue;
            }
            let name = shown(set.name);
            let mut wrong = |rule: &Rule, flag: &str| {
                if !told.insert((set.name, rule.code)) {
                    return;
                }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cookie_is_for_is_guessed_by_the_words_of_its_name() {
        let signs_in = |name: &str| Set { name, attributes: Vec::new() }.signs_in();
        for name in "session sessionid PHPSESSID JSESSIONID connect.sid __Host-session authToken sid jwt".split(' ') {
            assert!(signs_in(name), "{name}");
        }
        for name in "sidebar author_tab csrf_token XSRF-TOKEN theme inside obsession _ga".split(' ') {
            assert!(!signs_in(name), "{name}");
        }
    }

    #[test]
    fn a_cookie_that_is_taken_back_is_none() {
        const NOW: i64 = 1_790_000_000;
        let ended = ["a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=x; Expires=Thu, 01-Jan-1970 00:00:00 GMT"];
        for line in ["a=; Path=/", "a=x; Max-Age=0", "a=x; max-age=-1", "a"].into_iter().chain(ended) {
            assert!(Set::read(line, NOW).is_none(), "{line}");
        }
        for line in ["a=x", "a=x; Max-Age=60", "a=x; Expires=Fri, 01 Jan 2100 00:00:00 GMT", "a=x; Expires=never"] {
            assert!(Set::read(line, NOW).is_some(), "{line}");
        }
    }
}
