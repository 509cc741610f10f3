//! Whether a waiver's reason says anything.

use crate::rules::Rule;

/// What stands where somebody meant to write a reason later.
const MARKS: [&str; 5] = ["todo", "fixme", "tbd", "xxx", "wip"];

/// Whether any waiver's reason may have a word, because it is about waivers.
#[rustfmt::skip]
fn is_about_waivers(word: &str) -> bool {
    matches!(
        word,
        "a" | "accept" | "acceptable" | "accepted" | "an" | "and" | "any" | "applicable" | "are" | "as" | "be" | "because" | "by"
        | "deliberate" | "disable" | "disabled" | "do" | "does" | "done" | "error" | "exception" | "false" | "finding" | "fine" | "fix" | "fixed"
        | "for" | "given" | "here" | "i" | "ignore" | "ignored" | "in" | "intended" | "intentional" | "intentionally" | "is" | "issue"
        | "it" | "known" | "later" | "meant" | "need" | "needed" | "no" | "not" | "now" | "of" | "off" | "ok" | "okay" | "on"
        | "our" | "please" | "positive" | "reason" | "relevant" | "required" | "risk" | "risks" | "rule" | "skip" | "skipped" | "soon"
        | "suppress" | "suppressed" | "temporarily" | "temporary" | "that" | "the" | "this" | "to" | "us" | "waived"
        | "waiver" | "warning" | "we" | "will" | "won" | "wontfix"
    )
}

/// Whether a reason tells the next reader nothing: it has fewer than three words, it is still to be written, or it has no
/// word beyond the rule's own and those of any waiver.
pub(super) fn says_nothing(reason: &str, rule: &Rule) -> bool {
    const FEWEST: usize = 3;
    let reason = reason.to_lowercase();
    let (code, name) = (rule.code.to_lowercase(), rule.name);
    // A letter by itself is no word.
    let is_letter = |word: &str| word.len() == 1;
    let is_own = |word: &str| {
        is_letter(word) || word == code || name.split('-').any(|part| part == word) || is_about_waivers(word)
    };
    let may_have_a_mark = MARKS.iter().any(|mark| reason.contains(mark));
    let mut words: Vec<&str> = Vec::with_capacity(FEWEST);
    let mut says_more = false;
    for word in reason.split(|c: char| !c.is_alphanumeric()).flat_map(each_word) {
        if MARKS.contains(&word) {
            return true;
        }
        if words.len() < FEWEST && !words.contains(&word) && !is_letter(word) {
            words.push(word);
        }
        says_more = says_more || !is_own(word);
        if says_more && words.len() == FEWEST && !may_have_a_mark {
            return false;
        }
    }
    words.len() < FEWEST || !says_more
}

/// The words of a run of letters and digits. Scripts without blanks between words, such as Chinese and Japanese, write
/// about a word a character.
fn each_word(run: &str) -> impl Iterator<Item = &str> {
    let has_no_blanks = !run.is_ascii() && run.chars().any(|c| ('\u{2e80}'..='\u{d7ff}').contains(&c));
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
            "a b c d",
            "not applicable here",
            "we accept the risk",
            "false positive, ignore it",
            "known issue; won't fix",
            "this is intentional and fine for us",
            "to be done",
            "will fix soon",
            "no reason given",
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
