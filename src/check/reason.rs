//! Whether a waiver's reason says anything.

use crate::rules::Rule;

/// What stands where somebody meant to write a reason later.
const MARKS: [&str; 5] = ["todo", "fixme", "tbd", "xxx", "wip"];

/// Words that any waiver's reason may have, because they are about waivers.
#[rustfmt::skip]
const ABOUT_WAIVERS: [&str; 43] = [
    "a", "accept", "accepted", "an", "and", "are", "as", "be", "because", "by", "disable", "disabled", "error", "exception",
    "finding", "fix", "for", "here", "ignore", "ignored", "in", "is", "it", "later", "not", "now", "of", "off", "on",
    "please", "reason", "rule", "skip", "skipped", "temporarily", "temporary", "the", "this", "to", "waived", "waiver",
    "warning", "will",
];

/// Whether a reason tells the next reader nothing: it has fewer than three words, it is still to be written, or it has no
/// word beyond the rule's own and those of any waiver.
pub(super) fn says_nothing(reason: &str, rule: &Rule) -> bool {
    const FEWEST: usize = 3;
    let reason = reason.to_lowercase();
    let (code, name) = (rule.code.to_lowercase(), rule.name);
    let is_own = |word: &str| word == code || name.split('-').any(|part| part == word) || ABOUT_WAIVERS.contains(&word);
    let mut words: Vec<&str> = Vec::with_capacity(FEWEST);
    let mut says_more = false;
    for word in reason.split(|c: char| !c.is_alphanumeric()).flat_map(each_word) {
        if MARKS.contains(&word) {
            return true;
        }
        if words.len() < FEWEST && !words.contains(&word) {
            words.push(word);
        }
        says_more = says_more || !is_own(word);
    }
    words.len() < FEWEST || !says_more
}

/// The words of a run of letters and digits. Scripts without blanks between words, such as Chinese and Japanese, write
/// about a word a character.
fn each_word(run: &str) -> impl Iterator<Item = &str> {
    let has_no_blanks = run.chars().any(|c| ('\u{2e80}'..='\u{d7ff}').contains(&c));
    run.split_inclusive(move |_| has_no_blanks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::by_code;

    #[test]
    fn a_reason_is_more_than_a_mark_or_the_rules_name() {
        let rule = by_code("HST001").expect("a rule");
        for nothing in [
            "TODO",
            "todo: ask the team who owns it",
            "TBD",
            "n/a",
            "-",
            "???",
            "ok",
            "accepted risk",
            "fix it later",
            "weak-hsts",
            "Weak HSTS (HST001)",
            "HST001 is waived here for now",
            "no no no no",
            "asdf asdf asdf",
            "待办",
        ] {
            assert!(says_nothing(nothing, rule), "{nothing}");
        }
        for something in [
            "the first month of HTTPS",
            "the same URL",
            "HSTS comes with the move to the new balancer",
            "nginx locks nobody; until the next release",
            "uralte Clients sprechen kein TLS",
            "旧い端末のため来春まで",
        ] {
            assert!(!says_nothing(something, rule), "{something}");
        }
    }
}
