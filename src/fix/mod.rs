//! Mending: the fixes that findings carry, made in the text, until there is nothing left that a fix can mend.
//!
//! The fixes of one check are made together, and what comes out is checked once. Where something is wrong then that was not
//! before, half of them are tried, and so on, until it is known which one was no good.

mod job;
mod layers;
mod texts;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use self::job::{Job, Taken};
use self::layers::Layers;
use self::texts::{Faults, Texts};
use crate::check::{Checked, Modes, Opened, Options};
use crate::finding::{Finding, Fix, Safety};
use crate::profile::Mode;
use crate::source::{Draft, KeyPath, Source};

/// What is mended may show what else can be. More rounds than this would be two rules that undo each other.
const ROUNDS: usize = 16;

/// Mends what can be mended in a profile and in the `.env` files of its check, `unsafe_too` including what changes how
/// the service behaves. Says how many findings are gone; where none is, the texts are as they were.
pub fn mend(source: &mut Source, options: &mut Options, unsafe_too: bool) -> usize {
    let first = Texts::of(source, options);
    let before = breaches(source, options);
    let mut seen = vec![first.clone()];
    for _ in 0..ROUNDS {
        let next = round(source, options, unsafe_too);
        if seen.contains(&next) {
            break;
        }
        next.clone().put(source, options);
        seen.push(next);
    }
    let after = breaches(source, options);
    // A finding of several modes that is gone in one of them counts: what is left of it is told.
    let gone: BTreeSet<(&str, &KeyPath)> = before.difference(&after).map(|(code, key, _)| (*code, key)).collect();
    let gone = gone.len();
    if gone == 0 {
        first.put(source, options);
    }
    gone
}

/// What is found, in each mode.
fn breaches(source: &Source, options: &Options) -> BTreeSet<(&'static str, KeyPath, Option<Mode>)> {
    let (findings, _) = Opened::read(source, &options.env_files, &options.packs).check(options);
    let breach = |finding: &Finding| {
        let (code, key) = (finding.code, finding.place.key.clone());
        let modes: Vec<Option<Mode>> = finding.modes.iter().copied().map(Some).collect();
        let modes = if modes.is_empty() { vec![None] } else { modes };
        modes.into_iter().map(move |mode| (code, key.clone(), mode))
    };
    findings.iter().flat_map(breach).collect()
}

/// The texts after the fixes of one check.
fn round(source: &Source, options: &Options, unsafe_too: bool) -> Texts {
    let opened = Opened::read(source, &options.env_files, &options.packs);
    let (findings, _) = opened.check(options);
    let may_be_made = |fix: &Fix| unsafe_too || fix.safety == Safety::Safe;
    // Of several ways to mend a finding, the best.
    let first = |at: &(usize, usize)| findings[at.0].fixes.iter().position(may_be_made) == Some(at.1);
    if !findings.iter().any(|finding| finding.fixes.iter().any(may_be_made)) {
        return Texts::of(source, options);
    }
    let workshop = Workshop::new(source, &opened, options, &findings);
    let mut jobs = workshop.jobs(&findings, first);
    // Two findings on one key are mended one after the other: what the second says of the key, the next round finds out.
    let mut taken = Taken::default();
    jobs.retain(|job| taken.take(job));
    workshop.made(&jobs).texts
}

/// Works out what the fixes of a check's findings do to the texts, for those who make them one by one: an editor, another
/// program. A fix that cannot be made is taken away.
pub fn resolve(checked: &mut Checked, options: &Options) {
    let Checked { sources, findings, .. } = checked;
    let Some(source) = sources.first().filter(|_| findings.iter().any(|one| !one.fixes.is_empty())) else { return };
    let opened = Opened::read(source, &options.env_files, &options.packs);
    let workshop = Workshop::new(source, &opened, options, findings);
    let draft = Draft::of(&source.text);
    let mut left = workshop.jobs(findings, |_| true);
    let mut resolved = Vec::new();
    while !left.is_empty() {
        // Of the fixes of one key, one at a time is tried.
        let mut taken = Taken::default();
        let (jobs, later): (Vec<Job<'_>>, Vec<Job<'_>>) = left.into_iter().partition(|job| taken.take(job));
        for (job, way) in jobs.iter().zip(workshop.made(&jobs).ways) {
            let edits = way.and_then(|way| job.edits(way, draft.as_ref(), options));
            resolved.extend(edits.map(|edits| (job.at, edits)));
        }
        left = later;
    }
    for ((finding, fix), edits) in resolved {
        findings[finding].fixes[fix].edits = edits;
    }
    for finding in findings {
        finding.fixes.retain(|fix| !fix.edits.is_empty());
    }
}

/// Where fixes are tried.
struct Workshop<'a> {
    source: &'a Source,
    options: &'a Options,
    layers: Layers<'a>,
    texts: Texts,
    faults: Faults,
}

/// What became of jobs.
struct Made {
    texts: Texts,
    faults: Faults,
    /// In which of its ways each was done.
    ways: Vec<Option<usize>>,
}

impl<'a> Workshop<'a> {
    /// For what was found in a run.
    fn new(source: &'a Source, opened: &'a Opened<'a>, options: &'a Options, findings: &[Finding]) -> Self {
        let texts = Texts::of(source, options);
        let is_all = options.only.is_empty() && opened.modes(options.modes) == opened.modes(Modes::All);
        let faults = if is_all { Faults::among(opened, findings) } else { Faults::of(opened, options) };
        let own = opened.modes(Modes::Own).first().copied();
        let wrong = own.map(|own| faults.in_mode(own)).unwrap_or_default();
        let layers = Layers::new(source, opened.document(), own, wrong);
        Self { source, options, layers, texts, faults }
    }

    /// The fixes of findings as jobs, in the order in which they are done: what is wrong in the profile's own mode first,
    /// in the base, because that may be all that others need. Of a list's elements the last goes first, so that the others
    /// stay where they are.
    fn jobs<'f>(&self, findings: &'f [Finding], wanted: impl Fn(&(usize, usize)) -> bool) -> Vec<Job<'f>> {
        let mut jobs: Vec<Job<'f>> = Vec::new();
        for (index, finding) in findings.iter().enumerate() {
            for (way, fix) in finding.fixes.iter().enumerate().filter(|(way, _)| wanted(&(index, *way))) {
                jobs.push(Job { at: (index, way), finding, fix, ways: self.layers.ways(finding, fix) });
            }
        }
        jobs.sort_by_key(|job| {
            let is_unsafe = job.fix.safety == Safety::Unsafe;
            (!self.layers.is_of_base(job.finding), is_unsafe, Reverse(&job.finding.place.key))
        });
        jobs
    }

    /// Does jobs, as many as can be done.
    fn made(&self, jobs: &[Job<'_>]) -> Made {
        let (texts, faults) = (self.texts.clone(), self.faults.clone());
        let mut made = Made { texts, faults, ways: Vec::with_capacity(jobs.len()) };
        self.make(jobs, &mut made);
        made
    }

    fn make(&self, jobs: &[Job<'_>], made: &mut Made) {
        if jobs.is_empty() {
            return;
        }
        let first_ways = jobs.iter().map(|job| (job, 0));
        let together = made.texts.with(first_ways).filter(|texts| *texts != made.texts);
        if let Some(texts) = together {
            let faults = texts.faults(self.source, self.options);
            // In their own modes, fixes may show what else is wrong: each would by itself.
            let is_for_all = |mode: &Mode| jobs.iter().all(|job| job.is_for(*mode));
            let modes: Vec<Mode> = Mode::ALL.iter().copied().filter(is_for_all).collect();
            if faults.are_no_more_than(&made.faults, &modes) {
                made.ways.extend(jobs.iter().map(|_| Some(0)));
                (made.texts, made.faults) = (texts, faults);
                return;
            }
        }
        let [job] = jobs else {
            let (some, others) = jobs.split_at(jobs.len() / 2);
            self.make(some, made);
            self.make(others, made);
            return;
        };
        // By itself, a fix has to spare the other modes.
        let suits = |way: usize| {
            let texts = made.texts.with(std::iter::once((job, way))).filter(|texts| *texts != made.texts)?;
            let faults = texts.faults(self.source, self.options);
            faults.spare_others(&made.faults, |mode| job.is_for(mode)).then_some((way, texts, faults))
        };
        let found = (0..job.ways.len()).find_map(suits);
        made.ways.push(found.as_ref().map(|(way, ..)| *way));
        if let Some((_, texts, faults)) = found {
            (made.texts, made.faults) = (texts, faults);
        }
    }
}
