//! The texts that are mended, what a fix does to them, and whether they are the better for it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::job::{Job, env_file};
use super::layers::Breach;
use crate::check::{EnvFile, Modes, Opened, Options};
use crate::dotenv;
use crate::finding::{Finding, Severity};
use crate::profile::Mode;
use crate::source::{Change, Source, apply_all};

/// The profile, and the `.env` files of its check.
#[derive(Clone, PartialEq, Eq)]
pub struct Texts {
    profile: String,
    env_files: Vec<String>,
}

impl Texts {
    pub fn of(source: &Source, options: &Options) -> Self {
        let env_files = options.env_files.iter().map(|file| file.source.text.clone()).collect();
        Self { profile: source.text.clone(), env_files }
    }

    pub fn put(self, source: &mut Source, options: &mut Options) {
        *source = Source::new(&source.path, self.profile);
        for (file, text) in options.env_files.iter_mut().zip(self.env_files) {
            file.source = Source::new(&file.source.path, text);
        }
    }

    /// The texts with jobs done, each in one of its ways; nothing where one cannot be.
    pub fn with<'f>(&self, jobs: impl Iterator<Item = (&'f Job<'f>, usize)>) -> Option<Self> {
        let mut texts = self.clone();
        let mut changes: Vec<Change> = Vec::new();
        for (job, way) in jobs {
            changes.extend_from_slice(job.ways.get(way)?);
            for (source, rename) in job.renames() {
                let text = texts.env_files.get_mut(env_file(source)?)?;
                *text = dotenv::apply(text, rename).ok()?;
            }
        }
        texts.profile = apply_all(&texts.profile, &changes)?;
        Some(texts)
    }

    /// What is wrong in them.
    pub fn faults(&self, source: &Source, options: &Options) -> Faults {
        let source = Source::new(&source.path, self.profile.as_str());
        let env_files: Cow<'_, [EnvFile]> =
            if options.env_files.iter().zip(&self.env_files).all(|(file, text)| file.source.text == *text) {
                Cow::Borrowed(&options.env_files)
            } else {
                let texts = options.env_files.iter().zip(&self.env_files);
                texts
                    .map(|(file, text)| EnvFile { source: Source::new(&file.source.path, &**text), ..file.clone() })
                    .collect()
            };
        Faults::of(&Opened::read(&source, &env_files, &options.packs), options)
    }
}

/// What is wrong in the texts.
#[derive(Clone)]
pub struct Faults {
    /// How much of the profile the reader refuses.
    refused: usize,
    modes: BTreeMap<Mode, BTreeMap<Breach, Severity>>,
}

impl Faults {
    /// What is wrong in every mode that a profile says something about, whatever the run was asked for.
    pub fn of(opened: &Opened<'_>, options: &Options) -> Self {
        // The values have been read: their texts may be long.
        let all = Options {
            modes: Modes::All,
            targets: options.targets.clone(),
            only: Vec::new(),
            env_files: Vec::new(),
            manifests: Vec::new(),
            folders: None,
            packs: options.packs.clone(),
            today: options.today,
            to_render: options.to_render,
        };
        Self::among(opened, &opened.check(&all).0)
    }

    /// What is wrong, among what was found.
    pub fn among(opened: &Opened<'_>, findings: &[Finding]) -> Self {
        let mut modes: BTreeMap<Mode, BTreeMap<Breach, Severity>> = BTreeMap::new();
        for finding in findings {
            for mode in &finding.modes {
                let breach = (finding.code, finding.place.key.clone());
                let worst = modes.entry(*mode).or_default().entry(breach).or_insert(finding.severity);
                *worst = finding.severity.max(*worst);
            }
        }
        Self { refused: opened.refused(), modes }
    }

    /// What is wrong in a mode.
    pub fn in_mode(&self, mode: Mode) -> BTreeSet<Breach> {
        self.modes.get(&mode).into_iter().flat_map(BTreeMap::keys).cloned().collect()
    }

    /// Whether fixes that are all for some modes leave the profile as readable as it was, and nothing wrong in any other
    /// mode that was not wrong before. Notes do not count.
    pub fn are_no_more_than(&self, before: &Self, modes: &[Mode]) -> bool {
        let was = |mode: &Mode, breach: &Breach, severity: &Severity| {
            before.modes.get(mode).and_then(|breaches| breaches.get(breach)).is_some_and(|was| was >= severity)
        };
        self.refused <= before.refused
            && self.modes.iter().filter(|(mode, _)| !modes.contains(mode)).all(|(mode, breaches)| {
                breaches.iter().all(|(breach, severity)| *severity == Severity::Note || was(mode, breach, severity))
            })
    }

    /// Whether a fix for some modes leaves the profile as readable as it was, and no other mode worse off: what the base
    /// says is for all that do not say otherwise.
    pub fn spare_others(&self, before: &Self, is_for: impl Fn(Mode) -> bool) -> bool {
        let others = self.modes.keys().filter(|mode| !is_for(**mode));
        self.refused <= before.refused && others.into_iter().all(|mode| self.count(*mode) <= before.count(*mode))
    }

    /// How many errors and warnings a mode has.
    fn count(&self, mode: Mode) -> (usize, usize) {
        let severities = || self.modes.get(&mode).into_iter().flat_map(BTreeMap::values);
        let count = |severity| severities().filter(|other| **other == severity).count();
        (count(Severity::Error), count(Severity::Warning))
    }
}
