//! One profile, from its text to everything that is to be told about it.
//!
//! Nothing here touches the disk: texts, and the packs that profiles name, come from [`crate::input`].

mod applied;
mod known;
mod manifests;
mod opened;
mod reason;
mod refusals;
mod staged;
mod together;
mod told;
mod waivers;

pub use opened::Opened;
pub use staged::staged;
pub use together::together;

use crate::apps::Packs;
use crate::dotenv::Problem;
use crate::finding::{Finding, Severity};
use crate::manifest;
use crate::plan::Target;
use crate::policy::{Exposure, Find, Given};
use crate::profile::{Date, Mode, is_starters_url};
use crate::rules::Look;
use crate::source::{Source, Span};

/// The modes that a run is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Modes {
    /// The one that the profile means when none is asked for.
    #[default]
    Own,
    /// This one.
    One(Mode),
    /// The profile's own and every one with an overlay.
    All,
}

/// A `.env` file that a check may read values from.
#[derive(Clone, Debug)]
pub struct EnvFile {
    /// The mode that it is for; none: the profile's own.
    pub mode: Option<Mode>,
    /// Its text.
    pub source: Source,
    /// Who else may come to read it.
    pub exposure: Exposure,
    /// Of a Compose file, the service that is the app; none: the one that sets most of what the app and the profile know.
    pub service: Option<String>,
    /// The services of a Compose file that are started with what stands in this file; none: the app reads it itself.
    pub services: Vec<String>,
    /// Whether it is the `.env` beside a Compose file, of which Compose takes what names in that file stand for.
    pub is_beside: bool,
    /// What is wrong with the files that a Compose file names.
    pub problems: Vec<Problem>,
    /// The services of a Compose file that name a file which is not looked at.
    pub unread: Vec<String>,
    /// The services of a Compose file that name files, and where each file is named.
    pub named: Vec<(String, Span)>,
    /// The services of a Compose file whose files count in place of those that an earlier one names for them.
    pub anew: Vec<String>,
    /// How the files of secrets are found that it and the profile name; nothing where they are not looked at.
    pub find: Option<Find>,
}

impl EnvFile {
    /// A text by itself, of which nobody asks where it stands.
    pub fn of(mode: Option<Mode>, source: Source) -> Self {
        Self {
            mode,
            source,
            exposure: Exposure::default(),
            service: None,
            services: Vec::new(),
            is_beside: false,
            problems: Vec::new(),
            unread: Vec::new(),
            named: Vec::new(),
            anew: Vec::new(),
            find: None,
        }
    }

    /// The same as the environment is read from, with its number among the check's sources.
    pub fn given(&self, number: usize) -> Given<'_> {
        Given {
            number,
            source: &self.source,
            exposure: self.exposure,
            service: self.service.as_deref(),
            services: &self.services,
            is_beside: self.is_beside,
            problems: &self.problems,
            unread: &self.unread,
        }
    }

    /// Takes away what is said of the files of some services, because a later file names others in their place.
    pub fn forget_files_of(&mut self, services: &[String]) {
        let is_one = |name: &String| services.contains(name);
        self.services.retain(|name| !is_one(name));
        self.unread.retain(|name| !is_one(name));
        let before: Vec<Span> = self.named.iter().map(|(_, span)| *span).collect();
        self.named.retain(|(name, _)| !is_one(name));
        let is_left = |span: Span| !before.contains(&span) || self.named.iter().any(|(_, named)| *named == span);
        self.problems.retain(|problem| is_left(problem.span));
    }
}

/// What a check is about.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// In which modes.
    pub modes: Modes,
    /// Behind which edges; none: those that the profile declares.
    pub targets: Vec<Target>,
    /// Only these rules; none: all. What the reader finds is always told.
    pub only: Vec<String>,
    /// What references lead to, by mode.
    pub env_files: Vec<EnvFile>,
    /// What the cluster is given, or is to be given.
    pub manifests: Vec<manifest::File>,
    /// Where the packs come from that profiles name.
    pub packs: Packs,
    /// How the folders are looked at whose files are served; none: they are not.
    pub folders: Option<Look>,
    /// The day on which waivers and other dates are judged; none: today in UTC.
    pub today: Option<Date>,
    /// Tell what the reader refused even where it is waived: nothing can be made of a value that is not there. What no
    /// output has a form for is told by rendering itself.
    pub to_render: bool,
}

/// What is to be told about one profile.
#[derive(Debug)]
pub struct Checked {
    /// The texts that findings stand in, the profile's first.
    pub sources: Vec<Source>,
    /// The findings, in the order of the text.
    pub findings: Vec<Finding>,
    /// How many findings waivers hide.
    pub waived: usize,
    /// How many findings a baseline hides.
    pub baselined: usize,
    /// How many findings were mended before.
    pub fixed: usize,
    /// Whether it was taken for a profile, and not for a file that git is about to commit.
    pub is_profile: bool,
    /// Whether the rules were asked: not where there is no profile to ask about.
    pub judged: bool,
    /// Whether the address still is the starter's in a mode that goes live: nobody has said where the service is.
    pub is_begun: bool,
    /// The mode that the profile means where none is asked for, where that is known.
    pub own: Option<Mode>,
    /// Text that must not be shown, by source.
    pub secrets: Vec<(usize, Span)>,
}

impl Checked {
    /// What is to be told of a text that could not be judged.
    pub fn unread(source: Source, findings: Vec<Finding>) -> Self {
        let (secrets, own) = (Vec::new(), None);
        Self {
            sources: vec![source],
            findings,
            waived: 0,
            baselined: 0,
            fixed: 0,
            is_profile: true,
            judged: false,
            is_begun: false,
            own,
            secrets,
        }
    }

    /// How many findings are as bad as this.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// A finding, and what becomes of it.
#[derive(Debug)]
pub struct Found {
    /// What was found.
    pub finding: Finding,
    /// Which of the profile's waivers hides it; none where it is to be told.
    pub hidden_by: Option<usize>,
}

/// Checks one profile's text.
pub fn check(source: Source, options: &Options) -> Checked {
    if !options.manifests.is_empty() {
        return manifests::check(&source, options);
    }
    let opened = Opened::read(&source, &options.env_files, &options.packs);
    let (findings, waived) = opened.check(options);
    let (judged, is_begun) = (opened.is_whole(), is_begun(&opened, options.modes));
    let own = opened.modes(Modes::Own).first().copied();
    let (secrets, pack) = opened.shown();
    let env_files = options.env_files.iter().map(|file| file.source.clone());
    let sources = std::iter::once(source).chain(env_files).chain(pack).collect();
    Checked { sources, findings, waived, baselined: 0, fixed: 0, is_profile: true, judged, is_begun, own, secrets }
}

/// Whether the address still is the starter's in one of the modes that a run is about and that go live.
fn is_begun(opened: &Opened<'_>, asked: Modes) -> bool {
    let is_starters = |mode| {
        let table = opened.document().table(Some(mode));
        table.at(&"app.url".into()).and_then(|url| url.value().as_str()).is_some_and(is_starters_url)
    };
    opened.modes(asked).into_iter().any(|mode| mode.is_live() && is_starters(mode))
}
