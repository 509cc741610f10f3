//! What the readers refused, as findings. That no other finding reasons with it is the rules' business.

use crate::finding::{Finding, Fix, Intent, Label};
use crate::profile::{Instead, Problem};
use crate::rules;
use crate::source::{Change, KeyPath, Literal};

/// A refusal as a finding in one of the check's sources. `text` is what stands at its place, where anyone may see it.
pub fn finding(problem: &Problem, source: usize, text: Option<&str>) -> Finding {
    let refusal = &problem.refusal;
    let rule = rules::by_code(refusal.code).expect("what refuses names a rule");
    let place = Label {
        source,
        span: problem.span,
        key: problem.key.clone(),
        text: refusal.label.to_owned(),
        absent: refusal.code == MISSING,
    };
    // A pack is not ours to mend.
    let mended = mended(problem).filter(|_| source == 0);
    let element = |_: &KeyPath| text.map(str::to_owned);
    Finding {
        fixes: mended.map(|intent| Fix::new(rule.fix.safety(), vec![intent], element)).into_iter().collect(),
        ..rule.finding(place).saying(&*refusal.message, &*refusal.help)
    }
}

/// The code of a key that has to be there.
const MISSING: &str = "PRF004";

/// The edit that writes what was meant, where its text stands: no mode says which layer counts.
fn mended(problem: &Problem) -> Option<Intent> {
    let key = problem.key.clone();
    let change = match problem.refusal.instead.as_ref()? {
        Instead::Text(text) => Change::Set { key, value: Literal::from(text.as_str()).to_string() },
        Instead::Nothing => Change::Remove { key },
    };
    Some(match problem.overlay {
        Some(mode) => Intent::Overlay(mode, change),
        None => Intent::Profile(change),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Options, check};
    use crate::profile::Mode;
    use crate::source::Source;

    #[test]
    fn what_was_refused_is_mended_where_it_stands() {
        let app = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n";
        let origins =
            "[cors]\norigins = [\"null\"]\n[modes.test]\ncors.origins = [\"http://localhost\", \"http://Shop\"]\n";
        let checked = check(Source::new("security.toml", format!("{app}{origins}")), &Options::default());
        let fixes = checked.findings.iter().flat_map(|finding| &finding.fixes);
        let intents: Vec<&Intent> = fixes.flat_map(|fix| &fix.intents).collect();
        let null = Change::Remove { key: ("cors.origins", 0).into() };
        let shop = Change::Set { key: ("cors.origins", 1).into(), value: "\"http://shop\"".to_owned() };
        assert_eq!(intents, [&Intent::Profile(null), &Intent::Overlay(Mode::Test, shop)]);
    }
}
