//! Findings that are known already: a team that begins with seccfg in the middle of a project writes them down, and from
//! then on only new ones fail.
//!
//! A baseline is a file of JSON beside the profile. It hides a finding that is the same (see [`Fingerprints`]), no worse
//! than it was, and in no mode and behind no target where it was not. It hides nothing of a profile that could not be
//! judged: what would be found there is not known. It names files from its own folder, so that it holds whatever folder
//! a run is in.

mod fingerprint;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use fingerprint::Fingerprints;

use crate::check::{Checked, Modes, Options};
use crate::finding::{Finding, Severity};
use crate::profile::Text;
use crate::rules::profile::PRF006;
use crate::source::{Source, portable};

/// The version of the format.
const VERSION: u64 = 1;

/// Why a text is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing in it.
    #[error("this file is empty, so it is no baseline: --write-baseline writes what is found now into it")]
    Empty,
    /// It is something else.
    #[error("this is no baseline that seccfg wrote ({0})")]
    Other(String),
    /// It is one of another format.
    #[error(
        "this baseline is of version {0} of its format, and this seccfg reads version {VERSION}: delete it, and \
         --write-baseline writes what is found now"
    )]
    Version(u64),
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Document {
    version: u64,
    findings: Vec<Known>,
}

/// The part of it that every version has.
#[derive(Deserialize)]
struct Head {
    version: u64,
}

/// A finding that is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// The file that it stands in, from the baseline's folder.
    pub file: String,
    /// Its rule.
    pub code: String,
    /// Its key.
    pub key: String,
    /// What is wrong.
    message: String,
    severity: String,
    /// The modes in which it is known; none: before modes come in.
    modes: Vec<String>,
    /// The targets behind which it is known; none: any.
    targets: Vec<String>,
    fingerprint: String,
}

impl Known {
    fn new(finding: &Finding, file: String) -> Self {
        Self {
            code: finding.code.to_owned(),
            key: finding.place.key.to_string(),
            message: finding.message.clone(),
            severity: finding.severity.to_string(),
            modes: finding.modes.iter().map(ToString::to_string).collect(),
            targets: finding.targets.iter().map(ToString::to_string).collect(),
            fingerprint: fingerprint::of(finding, &file),
            file,
        }
    }

    /// Whether a finding with the same fingerprint is no more than this.
    fn covers(&self, finding: &Finding) -> bool {
        let modes = finding.modes.iter().all(|mode| self.modes.iter().any(|known| known == mode.as_str()));
        let targets = finding.targets.iter().all(|target| self.targets.iter().any(|known| known == target.as_str()));
        // Before modes come in is in all of them, and behind any target is behind each.
        let everywhere = (self.modes.is_empty() || !finding.modes.is_empty())
            && (self.targets.is_empty() || !finding.targets.is_empty());
        let severity = Severity::parse(&self.severity).is_ok_and(|known| finding.severity <= known);
        severity && everywhere && (self.modes.is_empty() || modes) && (self.targets.is_empty() || targets)
    }
}

/// Whether a baseline may hide a finding. What it says of a waiver that has expired or names nothing is there to bring back
/// what that waiver hid, so that hiding it would leave the waiver in force for ever.
fn can_be_known(finding: &Finding) -> bool {
    finding.code != PRF006.code
}

/// Findings that are known, and which of them a run has found again.
#[derive(Debug, Default)]
pub struct Baseline {
    known: Vec<Known>,
    found: BTreeSet<usize>,
    /// The way from the baseline's folder to the one that the run's files are named from.
    way: PathBuf,
    /// These two folders from the root, where they are known: a file may be named from there.
    folders: Option<[PathBuf; 2]>,
}

impl Baseline {
    /// One in which nothing is known yet.
    pub fn new(way: PathBuf) -> Self {
        Self { way, ..Self::default() }
    }

    /// Reads a baseline's text. `way` leads from the baseline's folder to the one that the run's files are named from.
    pub fn read(text: &str, way: PathBuf) -> Result<Self, Error> {
        if text.trim().is_empty() {
            return Err(Error::Empty);
        }
        let other = |error: serde_json::Error| Error::Other(error.to_string());
        let Head { version } = serde_json::from_str(text).map_err(other)?;
        if version != VERSION {
            return Err(Error::Version(version));
        }
        let Document { findings, .. } = serde_json::from_str(text).map_err(other)?;
        Ok(Self { known: findings, found: BTreeSet::new(), way, folders: None })
    }

    /// The same, for files that are named from the root, too: `folder` is the baseline's, and `here` the working folder.
    #[must_use]
    pub fn between(mut self, folder: PathBuf, here: PathBuf) -> Self {
        self.folders = Some([folder, here]);
        self
    }

    /// The way from the baseline's folder to a run's file. One that lies in neither folder keeps its name from the root.
    fn way_to(&self, name: &Path) -> PathBuf {
        let Some([folder, here]) = &self.folders else { return self.way.join(name) };
        // A name from the root stays one. The folder may lie below the working folder: `deploy/security.toml`, of `deploy`.
        match here.join(name).strip_prefix(folder) {
            Ok(below) => below.to_owned(),
            Err(_) => self.way.join(name.strip_prefix(here).unwrap_or(name)),
        }
    }

    /// The name of a run's file, from the baseline's folder.
    fn file(&self, name: &str) -> String {
        let mut path = PathBuf::new();
        for part in self.way_to(Path::new(name)).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir if matches!(path.components().next_back(), Some(Component::Normal(_))) => {
                    path.pop();
                }
                part => path.push(part),
            }
        }
        portable(&path.to_string_lossy())
    }

    /// The file that a finding stands in.
    fn file_of(&self, finding: &Finding, checked: &Checked) -> String {
        self.file(&checked.sources[finding.place.source].name())
    }

    /// Takes out of what was found all that is known.
    pub fn hide(&mut self, checked: &mut [Checked]) {
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, known) in self.known.iter().enumerate() {
            places.entry(known.fingerprint.clone()).or_default().push(index);
        }
        for one in checked.iter_mut().filter(|one| one.judged) {
            let mut findings = std::mem::take(&mut one.findings);
            let before = findings.len();
            findings.retain(|finding| {
                if !can_be_known(finding) {
                    return true;
                }
                let fingerprint = fingerprint::of(finding, &self.file_of(finding, one));
                let same = places.get(&fingerprint).map(Vec::as_slice).unwrap_or_default();
                let is_free = |index: &&usize| !self.found.contains(*index) && self.known[**index].covers(finding);
                same.iter().find(is_free).is_none_or(|index| !self.found.insert(*index))
            });
            one.baselined += before - findings.len();
            one.findings = findings;
        }
    }

    /// What is known and was not found again, though a run asked for it: it is mended, and nothing keeps it from coming
    /// back unseen but taking it out. So is what stands in a file that `is_there` does not find.
    pub fn mended<'b>(
        &'b self,
        checked: &'b [Checked],
        options: &'b Options,
        is_there: impl Fn(&str) -> bool + 'b,
    ) -> impl Iterator<Item = &'b Known> {
        let unfound = self.known.iter().enumerate().filter(|(index, _)| !self.found.contains(index));
        unfound
            .map(|(_, known)| known)
            .filter(move |known| self.was_asked(known, checked, options) || !is_there(&known.file))
    }

    /// The text of the baseline after a run from which it has hidden what was known: without what is mended, and with
    /// what was found besides. What the run did not ask for stays.
    pub fn renewed(&self, checked: &[Checked], options: &Options, is_there: impl Fn(&str) -> bool) -> String {
        let mended: BTreeSet<&Known> = self.mended(checked, options, is_there).collect();
        let mut findings: Vec<Known> = self
            .known
            .iter()
            .enumerate()
            .filter(|(index, known)| self.found.contains(index) || !mended.contains(known))
            .map(|(_, known)| known.clone())
            .collect();
        for one in checked {
            let known = one.findings.iter().filter(|finding| can_be_known(finding));
            findings.extend(known.map(|finding| Known::new(finding, self.file_of(finding, one))));
        }
        // In an order that does not follow the lines of a profile, so that a moved line changes nothing here.
        findings.sort();
        let document = Document { version: VERSION, findings };
        serde_json::to_string_pretty(&document).expect("a baseline is text") + "\n"
    }

    /// Whether a run would have found what is known, if it were still so.
    fn was_asked(&self, known: &Known, checked: &[Checked], options: &Options) -> bool {
        let has = |words: &[String], word: &str| words.is_empty() || words.iter().any(|known| known == word);
        let rule = options.only.is_empty() || options.only.contains(&known.code);
        let target =
            options.targets.is_empty() || options.targets.iter().any(|target| has(&known.targets, target.as_str()));
        let mode = |one: &Checked| match options.modes {
            Modes::All => true,
            Modes::One(mode) => has(&known.modes, mode.as_str()),
            Modes::Own => one.own.is_none_or(|mode| has(&known.modes, mode.as_str())),
        };
        let in_file = |one: &&Checked| one.sources.iter().map(Source::name).any(|name| self.file(&name) == known.file);
        rule && target && checked.iter().filter(|one| one.judged).filter(in_file).any(mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::profile::Mode;

    const APP: &str =
        "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\nurl = \"http://localhost\"\n";

    fn checked(text: &str) -> [Checked; 1] {
        [check(Source::new("./security.toml", text), &Options::default())]
    }

    /// Everything that is found in a text, as the run after `--write-baseline` reads it.
    fn baseline(text: &str) -> Baseline {
        let written = Baseline::default().renewed(&checked(text), &Options::default(), |_| true);
        Baseline::read(&written, PathBuf::new()).expect("what is written can be read")
    }

    fn origins(origins: &[&str]) -> String {
        let list: Vec<String> = origins.iter().map(|origin| format!("\"{origin}\"")).collect();
        format!("{APP}[cors]\norigins = [{}]\n", list.join(", "))
    }

    #[test]
    fn moved_lines_and_another_order_hide_the_same() {
        let mut known = baseline(&origins(&["http://a.example.com/x", "http://b.example.com/x"]));
        assert!(known.known.len() >= 2, "{known:?}");
        let moved = origins(&["https://new.example.com", "http://b.example.com/x", "http://a.example.com/x"]);
        let mut now = checked(&moved.replace("[cors]", "\n# Moved.\n\n[cors]"));
        known.hide(&mut now);
        assert!(now[0].findings.is_empty() && now[0].baselined >= 2, "{:#?}", now[0].findings);
        assert_eq!(known.mended(&now, &Options::default(), |_| true).count(), 0);
    }

    #[test]
    fn what_is_new_is_told_and_what_is_mended_too() {
        let mut known = baseline(&origins(&["http://a.example.com/x"]));
        let mut now = checked(&origins(&["http://c.example.com/x"]));
        known.hide(&mut now);
        assert_eq!(now[0].findings.len(), 1, "{:#?}", now[0].findings);
        let options = Options::default();
        let mended: Vec<&Known> = known.mended(&now, &options, |_| true).collect();
        assert!(matches!(mended[..], [one] if one.message.contains("a.example.com")), "{mended:?}");
        // A second one of the same kind is new, too.
        let mut known = baseline(&origins(&["http://a1.example.com/x"]));
        let mut now = checked(&origins(&["http://a1.example.com/x", "http://a2.example.com/x"]));
        known.hide(&mut now);
        assert_eq!((now[0].findings.len(), now[0].baselined), (1, 1));
    }

    #[test]
    fn a_void_waiver_stays_to_be_seen() {
        let waived = format!(
            "{}[[waivers]]\nrule = \"COR001\"\nreason = \"the partner moves in spring\"\nexpires = \"2020-01-01\"\n",
            origins(&["http://a.example.com/x"]),
        );
        let mut now = checked(&waived);
        let mut known = baseline(&waived);
        known.hide(&mut now);
        let codes: Vec<&str> = now[0].findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["PRF006"], "{:#?}", now[0].findings);
        assert!(now[0].baselined >= 1);
    }

    #[test]
    fn what_has_become_worse_or_holds_elsewhere_is_new() {
        let [one] = checked(&origins(&["http://a.example.com/x"]));
        let finding = &one.findings[0];
        let known = Known::new(finding, "security.toml".to_owned());
        assert!(known.covers(finding));
        let with = |severity, modes: &[Mode]| Finding { severity, modes: modes.to_vec(), ..finding.clone() };
        let known = |severity, modes: &[Mode]| Known::new(&with(severity, modes), "security.toml".to_owned());
        let prod = with(Severity::Error, &[Mode::Prod]);
        assert!(known(Severity::Error, &[Mode::Prod, Mode::Staging]).covers(&prod));
        assert!(known(Severity::Error, &[]).covers(&prod));
        assert!(!known(Severity::Warning, &[Mode::Prod]).covers(&prod));
        assert!(!known(Severity::Error, &[Mode::Staging]).covers(&prod));
        assert!(!known(Severity::Error, &[Mode::Staging]).covers(&with(Severity::Error, &[])));
    }

    #[test]
    fn what_a_run_did_not_ask_for_stays_in_the_baseline() {
        let mut known = baseline(&origins(&["http://a.example.com/x"]));
        let mut now = checked(APP);
        known.hide(&mut now);
        let other = Options { only: vec!["HST001".to_owned()], ..Options::default() };
        assert_eq!(known.mended(&now, &other, |_| true).count(), 0);
        assert!(known.renewed(&now, &other, |_| true).contains("a.example.com"));
        assert!(!known.renewed(&now, &Options::default(), |_| true).contains("a.example.com"));
        // A profile that could not be judged tells nothing of what was mended in it.
        assert_eq!(known.mended(&checked("["), &Options::default(), |_| true).count(), 0);
        assert_eq!(known.mended(&[], &Options::default(), |_| false).count(), 1);
    }

    #[test]
    fn a_file_is_named_from_the_baselines_folder() {
        for (way, name, file) in [
            ("", "./security.toml", "security.toml"),
            ("", "a/./security.toml", "a/security.toml"),
            ("shop", "security.toml", "shop/security.toml"),
            ("shop/deploy", "../security.toml", "shop/security.toml"),
            ("../api", "security.toml", "../api/security.toml"),
            ("../api", "../../security.toml", "../../security.toml"),
            ("..", "/etc/shop/security.toml", "/etc/shop/security.toml"),
        ] {
            assert_eq!(Baseline::new(way.into()).file(name), file, "{way} {name}");
        }
        // The baseline is in /work/ci, and the run in /work.
        let baseline = || Baseline::new("..".into()).between("/work/ci".into(), "/work".into());
        for (name, file) in [
            ("security.toml", "../security.toml"),
            ("/work/security.toml", "../security.toml"),
            ("/work/./a/security.toml", "../a/security.toml"),
            ("/work/ci/security.toml", "security.toml"),
            ("/works/security.toml", "/works/security.toml"),
            ("ci/security.toml", "security.toml"),
            ("./ci/a/security.toml", "a/security.toml"),
        ] {
            assert_eq!(baseline().file(name), file, "{name}");
        }
    }

    #[test]
    fn what_is_no_baseline_is_said_to_be_none() {
        let told = |text: &str| Baseline::read(text, PathBuf::new()).expect_err("it is none").to_string();
        assert!(told(" \n").contains("empty"));
        assert!(told("{\"version\": 2}").contains("version 2"));
        for text in ["[]", "{}", "nothing", "{\"version\": 1}", "{\"version\": 1, \"findings\": [{}]}"] {
            assert!(told(text).contains("no baseline"), "{text}");
        }
    }
}
