//! A profile that has been opened: read once, asked in any mode.

mod void;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::known::say_how_known;
use super::refusals;
use super::together::together;
use super::waivers::Waivers;
use super::{Checked, EnvFile, Found, Modes, Options, applied, told};
use crate::apps::{AppPack, Packs, Unread};
use crate::dotenv::Reader;
use crate::finding::{Finding, Label, told_once};
use crate::manifest::Manifests;
use crate::plan::{Edge, Facts, Plan, Target, env_files, named_env_files, readers, readers_across};
use crate::policy::{Asked, Environment, Find, Policy};
use crate::profile::{
    AppKind, Date, Document, Load, Mode, Problem, SecretRef, Targets, Text, Upstream, VariableName, Waiver,
};
use crate::rules;
use crate::source::{KeyPath, Source, Span};

/// A profile that has been read, together with its app's pack.
pub struct Opened<'a> {
    source: &'a Source,
    document: Document<'a>,
    load: Load,
    app: Option<Arc<AppPack>>,
    /// The text of a file of the user's own that is no pack.
    pack: Option<Arc<Source>>,
    /// What the readers refused.
    findings: Vec<Finding>,
    /// What references lead to, where that is given.
    environments: Rc<Vec<Environment<'a>>>,
    /// What the cluster is given, where that is named.
    manifests: Option<&'a Manifests>,
}

/// The key of the mode that a profile means where none is asked for.
const OWN_MODE: &str = "app.mode";
/// The key of the release whose facts count.
const RELEASE: &str = "app.release";

impl<'a> Opened<'a> {
    /// Reads a profile, and takes the pack that it names from `packs`. What it refers to is looked up in the `.env` files.
    pub fn read(source: &'a Source, env_files: &'a [EnvFile], packs: &Packs) -> Self {
        let opened = Self::alone(source, env_files.len(), packs);
        Self { environments: Rc::new(opened.environments(env_files)), ..opened }
    }

    /// Reads another text of the profile, of which the same files are asked. They are read again only where it has them read
    /// otherwise.
    fn beside_files<'b>(&self, source: &'b Source, options: &'b Options) -> Opened<'b>
    where
        'a: 'b,
    {
        let opened = Opened::alone(source, options.env_files.len(), &options.packs);
        let modes: BTreeSet<Option<Mode>> = options.env_files.iter().map(|file| file.mode).collect();
        let is_same = modes.iter().all(|mode| self.asks(*mode) == opened.asks(*mode));
        let same = || -> Rc<Vec<Environment<'b>>> { Rc::clone(&self.environments) };
        let environments = if is_same { same() } else { Rc::new(opened.environments(&options.env_files)) };
        Opened { environments, ..opened }
    }

    /// The same without what it refers to, where so many `.env` files stand beside it.
    fn alone(source: &'a Source, env_files: usize, packs: &Packs) -> Self {
        let document = Document::parse(source);
        let load = document.read();
        let shown = |span: Span| {
            let is_secret = load.secrets.iter().any(|secret| secret.overlaps(span));
            source.text.get(span.start..span.end).filter(|_| !is_secret)
        };
        let refused = |problem: &Problem| refusals::finding(problem, 0, shown(problem.span));
        let findings = load.problems.iter().map(refused).collect();
        let (app, pack, environments, manifests) = (None, None, Rc::default(), None);
        let mut opened = Self { source, document, load, app, pack, findings, environments, manifests };
        // Where the release was refused, the facts of another one would be about another app.
        let is_known = !opened.load.unknown.contains(&RELEASE.into());
        if let Some(profile) = opened.load.base.as_ref().filter(|_| is_known) {
            let (kind, release) = (profile.app.kind.clone(), profile.app.release.clone());
            match packs.get(&kind, release.as_ref(), source.path.parent().unwrap_or(Path::new(""))) {
                Ok(app) => opened.app = Some(app),
                Err(unread) => opened.has_no_pack(&kind, unread, env_files),
            }
        }
        opened
    }

    /// Whether the file that should be the app's pack is none, so that its text is shown.
    pub(super) fn has_broken_pack(&self) -> bool {
        self.pack.is_some()
    }

    /// What is wrong with the file that should be the app's pack, told of that file alone; nothing where it could not be read.
    pub fn broken_pack(&self) -> Option<Checked> {
        let pack = self.pack.as_deref()?;
        let is_its = |finding: &&Finding| finding.place.source != 0;
        let of_itself = |finding: &Finding| Finding {
            place: Label { source: 0, ..finding.place.clone() },
            labels: finding.labels.iter().map(|label| Label { source: 0, ..label.clone() }).collect(),
            ..finding.clone()
        };
        Some(Checked::unread(pack.clone(), self.findings.iter().filter(is_its).map(of_itself).collect()))
    }

    /// What was refused of it, before any rule is asked.
    pub fn refusals(&self) -> &[Finding] {
        &self.findings
    }

    /// The same profile beside manifests.
    #[must_use]
    pub(super) fn beside(self, manifests: &'a Manifests) -> Self {
        Self { manifests: Some(manifests), ..self }
    }

    /// The mode that files are for which are given for none, where that is known.
    fn own_mode(&self) -> Option<Mode> {
        let own = self.load.base.as_ref().map(|base| base.app.mode);
        own.filter(|_| !self.load.unknown.contains(&OWN_MODE.into()))
    }

    /// The name of its app.
    fn name(&self) -> &str {
        self.load.base.as_ref().map_or("", |base| base.app.name.as_str())
    }

    /// What the machines are called where a proxy finds its app.
    fn upstreams(&self) -> Vec<String> {
        let upstreams = self.load.base.iter().flat_map(|base| base.app.upstream.iter());
        upstreams.filter_map(Upstream::host).map(ToString::to_string).collect()
    }

    /// All that it says of how the files of a mode are read.
    fn asks(&self, mode: Option<Mode>) -> impl PartialEq {
        let app = self.load.base.as_ref().map(|base| (base.app.kind.clone(), base.app.release.clone()));
        let mode = mode.or(self.own_mode());
        let texts = self.document.table(mode).texts();
        let references = texts.into_iter().filter(|text| text.starts_with("env:") || text.starts_with("file:"));
        let references: BTreeSet<String> = references.map(str::to_owned).collect();
        (
            mode,
            self.name().to_owned(),
            self.upstreams(),
            app,
            self.app.is_some(),
            self.readers(mode),
            self.across(mode),
            references,
        )
    }

    /// The variables of each mode that has files.
    fn environments(&self, env_files: &'a [EnvFile]) -> Vec<Environment<'a>> {
        let own = self.own_mode();
        let files = || env_files.iter().enumerate();
        let named = |mode: Option<Mode>| files().any(|(_, file)| file.mode == mode);
        let modes = std::iter::once(None).chain(Mode::ALL.iter().copied().map(Some)).filter(|mode| named(*mode));
        let environment = |mode: Option<Mode>| {
            let files = files().filter(|(_, file)| file.mode == mode);
            let files = files.map(|(index, file)| file.given(1 + index));
            // A file that is given for the mode by name goes before one that is not.
            let mode = mode.or(own.filter(|own| !named(Some(*own))));
            let readers = self.readers(mode);
            let across = self.across(mode);
            let is_known = |name: &str| self.knows(mode, name);
            let upstreams = self.upstreams();
            let name = self.name();
            let asked = Asked { name, upstreams: &upstreams, readers: &readers, across: &across, is_known: &is_known };
            let environment = self.respelt(Environment::read(mode, files, &asked), mode);
            match env_files.iter().find_map(|file| file.find) {
                Some(find) => self.following(environment, mode, find),
                None => environment,
            }
        };
        modes.map(environment).collect()
    }

    /// The same, with the other names under which the app reads what the profile refers to.
    fn respelt(&self, environment: Environment<'a>, mode: Option<Mode>) -> Environment<'a> {
        let Some(app) = &self.app else { return environment };
        let texts = self.document.table(mode).texts();
        let names = texts.into_iter().filter_map(|text| text.strip_prefix("env:"));
        let spellings = names.filter_map(|name| {
            let (own, row) = app.variable(name)?;
            Some((name, std::iter::once(own).chain(&row.aliases).map(VariableName::as_str).collect()))
        });
        environment.respelt(spellings.collect::<Vec<_>>(), app.case_sensitive)
    }

    /// Whether the app or the profile knows a variable of this name.
    fn knows(&self, mode: Option<Mode>, name: &str) -> bool {
        let refers = |text: &str| text.strip_prefix("env:") == Some(name);
        self.app.as_ref().is_some_and(|app| app.variable(name).is_some())
            || self.document.table(mode).texts().into_iter().any(refers)
    }

    /// The same, with the secrets in files of their own: those that the profile refers to, and those that a variable names.
    fn following(&self, environment: Environment<'a>, mode: Option<Mode>, find: Find) -> Environment<'a> {
        let texts = self.document.table(mode).texts();
        let paths: BTreeSet<SecretRef> = texts
            .iter()
            .filter(|text| text.starts_with("file:"))
            .filter_map(|text| SecretRef::parse(text).ok())
            .collect();
        let paths = paths.into_iter().filter_map(|reference| match reference {
            SecretRef::File(path) => Some(path),
            SecretRef::Env(_) => None,
        });
        let refers = |name: &str| texts.iter().any(|text| text.strip_prefix("env:") == Some(name));
        let knows = |name: &str| {
            self.app.as_ref().is_some_and(|app| app.variable(name).is_some_and(|(_, row)| row.is_secret()))
        };
        environment.follow(paths, |name| refers(name) || knows(name) || rules::secrets::is_secrets_name(name), find)
    }

    /// Who reads the app's `.env` file in a mode.
    fn readers(&self, mode: Option<Mode>) -> Vec<Reader> {
        let Some(app) = &self.app else { return Vec::new() };
        self.targets(mode).map(|targets| readers(&targets, app)).unwrap_or_default()
    }

    /// Those of them that put in a name's place what they read in a file before.
    fn across(&self, mode: Option<Mode>) -> Vec<Reader> {
        let Some(app) = &self.app else { return Vec::new() };
        self.targets(mode).map(|targets| readers_across(&targets, app)).unwrap_or_default()
    }

    /// What the profile says of its targets in a mode.
    fn targets(&self, mode: Option<Mode>) -> Option<Cow<'_, Targets>> {
        let overlaid = mode.and_then(|mode| self.document.overlaid(mode)).and_then(|overlaid| overlaid.profile);
        let base = || Some(Cow::Borrowed(&self.load.base.as_ref()?.targets));
        overlaid.map(|profile| Cow::Owned(profile.targets)).or_else(base)
    }

    /// The files of variables that the app reads in each of the modes that a run is about, as seen from the profile's folder and
    /// in the order in which they count. Nothing where the profile or its pack cannot be read.
    pub fn env_files(&self, asked: Modes) -> Vec<(Mode, Vec<String>)> {
        let (Some(base), Some(app)) = (&self.load.base, &self.app) else { return Vec::new() };
        let of = |mode: Mode| Some((mode, env_files(&*self.targets(Some(mode))?, app, mode, base.app.mode)));
        self.modes(asked).into_iter().filter_map(of).collect()
    }

    /// Those of them that the profile or its pack names, by mode: what nobody names may be anybody's.
    pub fn named_env_files(&self, asked: Modes) -> Vec<(Mode, Vec<String>)> {
        let Some(app) = &self.app else { return Vec::new() };
        let of = |mode: Mode| Some((mode, named_env_files(&*self.targets(Some(mode))?, app, mode)?));
        self.modes(asked).into_iter().filter_map(of).collect()
    }

    fn has_no_pack(&mut self, kind: &AppKind, unread: Unread, env_files: usize) {
        match unread {
            Unread::Text(source, problems) => {
                let place = 1 + env_files;
                self.findings.extend(problems.iter().map(|problem| refusals::finding(problem, place, None)));
                self.pack = Some(source);
            }
            Unread::File(error) => self.refuse(
                "app.kind",
                "no pack here",
                &format!("the app pack {kind} cannot be read: {error}"),
                "write its path as seen from the profile, or the name of a pack that seccfg knows",
            ),
            Unread::Release(refusal) => {
                self.refuse(RELEASE, "no release of the app", &refusal.message, &refusal.help);
            }
        }
    }

    /// Refuses a value that the pack does not bear out.
    fn refuse(&mut self, key: &'static str, label: &str, message: &str, help: &str) {
        let key = KeyPath::from(key);
        let span = self.document.table(None).locate(&key).span;
        let place = Label { source: 0, span, key, text: label.to_owned(), absent: false };
        self.findings.push(rules::profile::PRF003.finding(place).saying(message, help));
    }

    /// The pack of its app, where that could be read.
    pub fn app(&self) -> Option<&AppPack> {
        self.app.as_deref()
    }

    /// The profile's text.
    pub fn document(&self) -> &Document<'a> {
        &self.document
    }

    /// The file of its app's pack, where that is one of the user's own; `folder` is the profile's.
    pub fn pack_file(&self, folder: &Path) -> Option<PathBuf> {
        match &self.load.base.as_ref()?.app.kind {
            AppKind::Known(_) => None,
            AppKind::File(path) => Some(folder.join(path).components().collect()),
        }
    }

    /// Whether nothing in it was refused, so that a plan of it says what its author meant.
    pub fn is_sound(&self) -> bool {
        self.is_whole() && self.findings.is_empty()
    }

    /// How much of the profile itself the reader refused.
    pub fn refused(&self) -> usize {
        self.load.problems.len()
    }

    /// Whether the text holds what modes and rules can be asked about.
    pub fn is_whole(&self) -> bool {
        self.document.is_toml() && self.load.base.is_some() && self.app.is_some()
    }

    /// The modes that a run is about.
    pub fn modes(&self, asked: Modes) -> Vec<Mode> {
        let Some(base) = &self.load.base else { return Vec::new() };
        let own_is_unknown = self.load.unknown.contains(&OWN_MODE.into());
        match asked {
            // Guessing one would tell a developer what production demands.
            Modes::Own if own_is_unknown => Vec::new(),
            Modes::Own => {
                // Whoever gives a mode's file asks about the mode.
                let asked = |mode: &&Mode| base.app.mode == **mode || self.has_env_file(**mode);
                Mode::ALL.iter().filter(asked).copied().collect()
            }
            Modes::One(mode) => vec![mode],
            Modes::All => {
                let own = (!own_is_unknown).then_some(base.app.mode);
                let asked = |mode: &&Mode| {
                    own == Some(**mode) || base.modes.declared().contains(mode) || self.has_env_file(**mode)
                };
                Mode::ALL.iter().filter(asked).copied().collect()
            }
        }
    }

    fn has_env_file(&self, mode: Mode) -> bool {
        self.environments.iter().any(|environment| environment.mode() == Some(mode))
    }

    /// The policy of a mode, where there is one.
    pub fn policy(&self, mode: Mode) -> Option<Policy<'_>> {
        self.resolve(mode, None).policy
    }

    fn resolve(&self, mode: Mode, today: Option<Date>) -> Resolved<'_> {
        let (profile, unknown) = match self.document.overlaid(mode) {
            Some(overlaid) => (overlaid.profile.map(Cow::Owned), Cow::Owned(overlaid.unknown)),
            None => (self.load.base.as_ref().map(Cow::Borrowed), Cow::Borrowed(&self.load.unknown[..])),
        };
        let text = self.document.table(Some(mode));
        let policy = profile.map(|profile| Policy::new(mode, profile, text, &self.environments, today));
        Resolved { policy, unknown }
    }

    /// What is known of the service before anything is said of its edge; nothing where its app's pack was refused.
    pub fn facts<'p>(&'p self, policy: &'p Policy<'p>) -> Option<Facts<'p>> {
        Some(Facts::new(policy, self.app.as_ref()?))
    }

    /// The plans of a policy, one for each edge.
    pub fn plans<'p>(&'p self, policy: &'p Policy<'p>, targets: &[Target]) -> Vec<Plan<'p>> {
        self.facts(policy).map(|facts| plans(&facts, targets)).unwrap_or_default()
    }

    /// What is found in one mode, waived or not. `is_told` says whether a finding will be told.
    fn findings(
        &self,
        (mode, targets): (Mode, &[Target]),
        options: &Options,
        is_told: impl Fn(&Finding) -> bool,
    ) -> Vec<Finding> {
        let Resolved { policy, unknown } = self.resolve(mode, options.today);
        let Some(policy) = policy else { return Vec::new() };
        let Some(facts) = self.facts(&policy) else { return Vec::new() };
        let plans = plans(&facts, targets);
        let run = if self.manifests.is_some() { rules::run_beside_manifests } else { rules::run };
        let mut findings = run(&facts, &plans, &unknown, options.folders);
        let judged = |heard: &Source| self.beside_files(heard, options).as_heard(mode, options);
        told::judge(self.source, &facts, &plans, (&self.findings, &mut findings), judged, &is_told);
        if let Some(manifests) = self.manifests {
            // The cluster that they are for may be another edge than those that the profile declares.
            let plan = Plan::new(facts.clone(), Edge::of(&policy, Target::Kubernetes));
            findings.extend(rules::run_on_manifests(&plan, manifests, &unknown));
            applied::judge(self.source, (&plan, manifests), (&self.findings, &mut findings), judged, &is_told);
        }
        // Whoever renders asks by doing so, for what is rendered alone.
        if !options.to_render {
            let unwritable = rules::rendering::unwritable_values(&plans, &findings, &unknown);
            findings.extend(unwritable);
        }
        say_how_known(&mut findings, &plans, is_told);
        findings
    }

    /// What is found in one mode where the profile says what the app is told: by its reader, and by the rules. Of what is
    /// rendered nothing is asked, as the app's file is there.
    fn as_heard(&self, mode: Mode, options: &Options) -> Vec<Finding> {
        let mut found = self.findings.clone();
        let Resolved { policy, unknown } = self.resolve(mode, options.today);
        if let Some(policy) = policy
            && let Some(facts) = self.facts(&policy)
        {
            found.extend(rules::run_on_heard(&facts, &plans(&facts, &options.targets), &unknown));
        }
        found
    }

    /// The profile's waivers, as they are written.
    pub fn waivers(&self) -> &[Waiver] {
        self.load.base.as_ref().map_or(&[], |base| &base.waivers)
    }

    /// Everything that is to be told, and how many findings waivers hide.
    pub fn check(&self, options: &Options) -> (Vec<Finding>, usize) {
        let found = self.judge(options);
        let all = found.len();
        let told: Vec<Finding> =
            found.into_iter().filter(|one| one.hidden_by.is_none()).map(|one| one.finding).collect();
        let waived = all - told.len();
        (together(told), waived)
    }

    /// Everything that is found, in the order of the text, each with the waiver that hides it.
    pub fn judge(&self, options: &Options) -> Vec<Found> {
        let told = |finding| Found { finding, hidden_by: None };
        let mut found: Vec<Found> = self.findings.iter().cloned().map(told).collect();
        if self.is_whole() {
            let modes = self.modes(options.modes);
            let waivers = Waivers::new(self.waivers(), options.today, &modes);
            let hide = |one: &mut Found| one.hidden_by = waivers.hiding(&one.finding).min();
            if !options.to_render {
                found.iter_mut().for_each(hide);
            }
            let wanted =
                |finding: &Finding| options.only.is_empty() || options.only.iter().any(|code| code == finding.code);
            let refused = found.len();
            let is_told = |finding: &Finding| wanted(finding) && waivers.hiding(finding).next().is_none();
            let in_mode = |mode: &Mode| self.findings((*mode, &options.targets), options, is_told);
            let mut findings: Vec<Finding> = modes.iter().flat_map(in_mode).filter(wanted).collect();
            told_once(&mut findings);
            found.extend(findings.into_iter().map(told));
            found[refused..].iter_mut().for_each(hide);
            // What hides something here is of use; of the rest it is asked elsewhere.
            let used: BTreeSet<usize> = found.iter().filter_map(|one| one.hidden_by).collect();
            let open: Vec<&Finding> =
                found.iter().filter(|one| one.hidden_by.is_none()).map(|one| &one.finding).collect();
            let void = self.waiver_findings(&waivers, (&used, &open), &modes, options);
            found.extend(void.into_iter().filter(wanted).map(told));
        }
        found.sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
        found
    }

    /// What showing the findings takes: the texts' secrets, and the pack's text.
    pub fn shown(self) -> (Vec<(usize, Span)>, Option<Source>) {
        let literals = self.load.secrets.iter().map(|span| (0, *span));
        let values = self.environments.iter().flat_map(Environment::secrets);
        (literals.chain(values).collect(), self.pack.map(Arc::unwrap_or_clone))
    }
}

/// The plans of what is known, one for each edge.
fn plans<'p>(facts: &Facts<'p>, targets: &[Target]) -> Vec<Plan<'p>> {
    Edge::asked(facts.policy, targets).into_iter().map(|edge| Plan::new(facts.clone(), edge)).collect()
}

/// One mode's view of a profile.
struct Resolved<'a> {
    /// What the profile means in it.
    policy: Option<Policy<'a>>,
    /// The keys that were refused.
    unknown: Cow<'a, [KeyPath]>,
}
