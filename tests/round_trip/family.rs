//! Families of generated profiles, one plain twin and its hostile ones, as far as they render.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use seccfg::check::Checked;
use seccfg::finding::{Finding, Severity};
use seccfg::source::Span;

use crate::dice::Dice;
use crate::judge::{Rendered, Verdict, judge};
use crate::places;
use crate::policy::Policy;
use crate::values::Kind;

/// How many hostile twins each plain one gets: half of the work is the plain one's.
pub const TWINS: u64 = 8;

/// One hostile twin in so many has a text in it that no kind takes.
const BROKEN: usize = 20;

/// A hostile twin.
pub struct Twin {
    pub seed: u64,
    pub values: Vec<String>,
    pub profile: String,
    pub rendered: Vec<Rendered>,
}

/// A plain twin and its hostile ones.
pub struct Family {
    /// The first of its seeds.
    pub seed: u64,
    pub policy: Policy,
    pub plain: Vec<Rendered>,
    pub twins: Vec<Twin>,
}

/// What many families came to.
#[derive(Default)]
pub struct Tally {
    pub rendered: usize,
    pub refused: usize,
    pub broken: usize,
    pub directives: usize,
    pub codes: BTreeMap<&'static str, usize>,
    pub places: BTreeSet<(&'static str, &'static str)>,
    pub wrong: Vec<String>,
}

impl Tally {
    /// Counts a profile that is refused.
    pub fn refuse(&mut self, checked: &Checked) {
        self.refused += 1;
        for code in errors(checked) {
            *self.codes.entry(code).or_default() += 1;
        }
    }

    pub fn add(&mut self, other: Self) {
        self.rendered += other.rendered;
        self.refused += other.refused;
        self.broken += other.broken;
        self.directives += other.directives;
        for (code, count) in other.codes {
            *self.codes.entry(code).or_default() += count;
        }
        self.places.extend(other.places);
        self.wrong.extend(other.wrong);
    }
}

/// What becomes of a profile that accepts whatever a rule may say of it: most of what is generated nobody should run.
/// What has been waived is remembered, as a twin will want the same.
pub fn accepted(
    profile: &str,
    waived: &mut BTreeSet<&'static str>,
    judge: &dyn Fn(&str) -> Result<Verdict, String>,
) -> Result<Verdict, String> {
    loop {
        let waivers = waived.iter().map(|code| {
            format!("\n[[waivers]]\nrule = \"{code}\"\nreason = \"made for this test\"\nexpires = 2027-01-31\n")
        });
        let verdict = judge(&format!("{profile}{}", waivers.collect::<String>()))?;
        let Verdict::Refused(checked) = &verdict else { return Ok(verdict) };
        let codes = errors(checked);
        if codes.iter().any(|code| code.starts_with("PRF") || waived.contains(code)) {
            return Ok(verdict);
        }
        waived.extend(codes);
    }
}

/// The codes of a check's errors.
fn errors(checked: &Checked) -> BTreeSet<&'static str> {
    let errors = checked.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.code).collect()
}

/// That a finding is about the text that no kind takes, or shows it.
fn told(checked: &Checked, profile: &str, text: &str) -> Result<(), String> {
    let literal = places::literal(text);
    let start = profile.find(&literal[1..literal.len() - 1]).ok_or("the text is not in the profile")?;
    let place = Span::from(start..start + literal.len() - 2);
    let about = |span: Span| span.overlaps(place);
    let is_about =
        |finding: &Finding| about(finding.place.span) || finding.labels.iter().any(|label| about(label.span));
    if checked.findings.iter().any(is_about) { Ok(()) } else { Err(format!("told elsewhere: {:?}", checked.findings)) }
}

/// The families of some seeds, those that render.
pub fn families(seeds: Range<u64>, tally: &mut Tally) -> Vec<Family> {
    let mut families = Vec::new();
    let mut start = seeds.start;
    while start < seeds.end {
        let end = (start - start % TWINS + TWINS).min(seeds.end);
        families.extend(family(start..end, tally));
        start = end;
    }
    families
}

/// The family of some seeds, where its plain twin renders.
fn family(seeds: Range<u64>, tally: &mut Tally) -> Option<Family> {
    let seed = seeds.start;
    let policy = Policy::generate(&mut Dice::new(seed / TWINS));
    let mut waived = BTreeSet::new();
    let plain = match accepted(&policy.profile, &mut waived, &judge) {
        Ok(Verdict::Rendered(plain)) => plain,
        Ok(Verdict::Refused(checked)) => {
            // Nothing to compare with: the hostile ones are refused for the same.
            seeds.for_each(|_| tally.refuse(&checked));
            return None;
        }
        Err(what) => {
            tally.wrong.push(format!("seed {seed}: the plain twin: {what}, in\n{}", policy.profile));
            return None;
        }
    };
    let mut twins = Vec::new();
    for seed in seeds {
        let mut dice = Dice::new(!seed);
        let mut values = policy.values(&mut dice);
        let broken = dice.once_in(BROKEN).then(|| dice.below(values.len()));
        if let Some(broken) = broken {
            values[broken] = Kind::refused(&mut dice);
        }
        let profile = policy.with(&values);
        let wrong = match (accepted(&profile, &mut waived.clone(), &judge), broken) {
            (Ok(Verdict::Rendered(rendered)), None) => {
                tally.rendered += 1;
                twins.push(Twin { seed, values, profile, rendered });
                continue;
            }
            (Ok(Verdict::Refused(checked)), None) => {
                tally.refuse(&checked);
                continue;
            }
            (Ok(Verdict::Rendered(_)), Some(broken)) => Some(format!("{:?} is taken", values[broken])),
            (Ok(Verdict::Refused(checked)), Some(broken)) => {
                tally.broken += 1;
                told(&checked, &profile, &values[broken]).err()
            }
            (Err(what), _) => Some(what),
        };
        tally.wrong.extend(wrong.map(|what| format!("seed {seed}: {what}, in\n{profile}")));
    }
    Some(Family { seed, policy, plain, twins })
}
