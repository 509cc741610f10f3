//! Families of generated profiles, one plain twin and its hostile ones, as far as they render.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use seccfg::apps::Packs;
use seccfg::check::{Checked, Opened};
use seccfg::finding::{Finding, Severity};
use seccfg::source::{Source, Span};
use seccfg::targets::{Output, Style};

use crate::dice::Dice;
use crate::judge::{self, Rendered, Verdict, judge_for};
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
    /// How many seeds they were made of.
    pub seeds: u64,
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
        for code in errors(&checked.findings) {
            *self.codes.entry(code).or_default() += 1;
        }
    }

    pub fn add(&mut self, other: Self) {
        self.seeds += other.seeds;
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

/// A profile's files for each of some ways to render it, or why it has none in that way.
pub type Forms = Vec<Result<Vec<Rendered>, String>>;

/// What becomes of a profile that accepts whatever a rule may say of it, rendered in some ways: most of what is generated
/// nobody should run. `waived` holds what waivers are known to hide in its twins, where they change nothing else.
pub fn accepted(
    profile: &str,
    waived: &mut BTreeSet<&'static str>,
    output: Output,
    styles: &[Style],
) -> Result<Verdict<Forms>, String> {
    let source = Source::new("security.toml", profile);
    let opened = Opened::read(&source, &[], &Packs::default());
    let findings = judge::findings(&opened, output, styles[0]);
    let codes = errors(&findings);
    let has_errors = findings.iter().any(judge::stands_against);
    if codes.iter().any(|code| code.starts_with("PRF")) {
        return judge::refused(&source, opened, findings);
    }
    // Nothing is made of what the reader refused, and no waiver hides it.
    let is_sound = opened.is_sound();
    let rendered = styles.iter().filter(|_| is_sound).map(|style| judge::rendered(&opened, output, *style));
    let rendered: Vec<_> = rendered.collect();
    if has_errors && !(is_sound && codes.is_subset(waived)) {
        let waivers = codes.iter().map(|code| {
            format!("\n[[waivers]]\nrule = \"{code}\"\nreason = \"made for this test\"\nexpires = 2027-01-31\n")
        });
        match judge_for(&format!("{profile}{}", waivers.collect::<String>()), output, styles[0])? {
            Verdict::Refused(checked) => return Ok(Verdict::Refused(checked)),
            Verdict::Rendered(with_waivers) => {
                let said = |all: &[Rendered]| all.iter().map(Rendered::said).collect::<Result<Vec<_>, _>>();
                if said(&with_waivers)? != said(rendered[0].as_deref().map_err(Clone::clone)?)? {
                    return Err("a waiver changes more than a comment".to_owned());
                }
            }
        }
        waived.extend(codes);
    }
    Ok(Verdict::Rendered(rendered))
}

/// The codes of a check's errors.
fn errors(findings: &[Finding]) -> BTreeSet<&'static str> {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
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

/// What becomes of a profile that accepts whatever a rule may say of it: nginx's files.
fn for_nginx(profile: &str, waived: &mut BTreeSet<&'static str>) -> Result<Verdict, String> {
    let style = Style { standalone: true, ..Style::default() };
    Ok(match accepted(profile, waived, Output::Nginx, &[style])? {
        Verdict::Refused(checked) => Verdict::Refused(checked),
        Verdict::Rendered(mut rendered) => Verdict::Rendered(rendered.remove(0)?),
    })
}

/// The family of some seeds, where its plain twin renders.
fn family(seeds: Range<u64>, tally: &mut Tally) -> Option<Family> {
    let seed = seeds.start;
    let policy = Policy::generate(&mut Dice::new(seed / TWINS));
    let mut waived = BTreeSet::new();
    let plain = match for_nginx(&policy.profile, &mut waived) {
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
        let wrong = match (for_nginx(&profile, &mut waived), broken) {
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
