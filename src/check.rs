//! One profile, from its text to everything that is to be told about it.

use std::borrow::Cow;
use std::cell::{LazyCell, OnceCell};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::apps::AppPack;
use crate::files::reason;
use crate::finding::{Edit, Finding, Severity};
use crate::plan::{Edge, Facts, Plan, Target};
use crate::policy::{Environment, Exposure, Policy};
use crate::profile::{AppKind, Date, Document, Instead, Load, Mode, Problem, Waiver};
use crate::rules;
use crate::source::{Change, KeyPath, Literal, Source, Span};

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
    /// The day on which waivers and other dates are judged; none: today in UTC.
    pub today: Option<Date>,
    /// Tell what the reader refused even where it is waived: nothing can be made of a value that is not there.
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
    /// How many findings were mended before.
    pub fixed: usize,
    /// Whether the rules were asked: not where there is no profile to ask about.
    pub judged: bool,
    /// Text that must not be shown, by source.
    pub secrets: Vec<(usize, Span)>,
}

impl Checked {
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

/// A profile that has been read, together with its app's pack.
pub struct Opened<'a> {
    document: Document<'a>,
    load: Load,
    app: Option<AppPack>,
    /// The pack's text, where it is a file of the user's own.
    pack: Option<Source>,
    /// What the readers refused.
    findings: Vec<Finding>,
    /// What references lead to, where that is given.
    environments: Vec<Environment<'a>>,
}

/// The key of the mode that a profile means where none is asked for.
const OWN_MODE: &str = "app.mode";

impl<'a> Opened<'a> {
    /// Reads a profile and the pack that it names. What it refers to is looked up in the `.env` files.
    pub fn read(source: &'a Source, env_files: &'a [EnvFile]) -> Self {
        let document = Document::parse(source);
        let load = document.read();
        let own = load.base.as_ref().map(|base| base.app.mode).filter(|_| !load.unknown.contains(&OWN_MODE.into()));
        // A file that is given for the mode by name goes before one that is not.
        let own = own.filter(|own| env_files.iter().all(|file| file.mode != Some(*own)));
        let environments = env_files.iter().enumerate();
        let environments = environments
            .map(|(index, file)| Environment::read(file.mode.or(own), &file.source, 1 + index, file.exposure))
            .collect();
        let findings = load.problems.iter().map(|problem| loader_finding(problem, 0)).collect();
        let mut opened = Self { document, load, app: None, pack: None, findings, environments };
        if let Some(profile) = &opened.load.base {
            let kind = profile.app.kind.clone();
            opened.read_app(&kind, &source.path);
        }
        opened
    }

    fn read_app(&mut self, kind: &AppKind, profile: &Path) {
        let path = match kind {
            AppKind::Known(name) => {
                self.app = Some(AppPack::embedded(name).expect("every known kind has a pack"));
                return;
            }
            AppKind::File(path) => path,
        };
        // Shown as people would type it, without `./` in the middle.
        let path: PathBuf = profile.parent().unwrap_or(Path::new("")).join(path).components().collect();
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let source = Source::new(path, text);
                match AppPack::read(&source) {
                    Ok(app) => self.app = Some(app),
                    Err(problems) => {
                        let place = 1 + self.environments.len();
                        self.findings.extend(problems.iter().map(|problem| loader_finding(problem, place)));
                        self.pack = Some(source);
                    }
                }
            }
            Err(error) => {
                let key = KeyPath::from("app.kind");
                let mut finding = about("PRF003", self.document.table(None).locate(&key).span, key);
                finding.message = format!("the app pack {kind} cannot be read: {}", reason(&error));
                "write its path as seen from the profile, or the name of a pack that seccfg knows"
                    .clone_into(&mut finding.help);
                "no pack here".clone_into(&mut finding.label);
                self.findings.push(finding);
            }
        }
    }

    /// The profile's text.
    pub fn document(&self) -> &Document<'a> {
        &self.document
    }

    /// Whether nothing in it was refused, so that a plan of it says what its author meant.
    pub fn is_sound(&self) -> bool {
        self.is_whole() && self.findings.is_empty()
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
        Some(Facts { policy, app: self.app.as_ref()? })
    }

    /// The plans of a policy, one for each edge.
    pub fn plans<'p>(&'p self, policy: &'p Policy<'p>, targets: &[Target]) -> Vec<Plan<'p>> {
        let Some(app) = &self.app else { return Vec::new() };
        Edge::asked(policy, targets).into_iter().map(|edge| Plan::new(policy, app, edge)).collect()
    }

    /// What is found in one mode, waived or not. A refusal that is accepted counts as if nothing had been written, so
    /// that the rules still judge what is left.
    fn findings(&self, mode: Mode, targets: &[Target], run: &Run<'_>) -> Vec<Finding> {
        let Resolved { policy, unknown } = self.resolve(mode, run.options.today);
        let Some(policy) = policy else { return Vec::new() };
        let Some(facts) = self.facts(&policy) else { return Vec::new() };
        let mut findings = rules::run(&facts, &self.plans(&policy, targets));
        let unknown: Vec<&KeyPath> = unknown.iter().filter(|key| !run.accepted.contains(key)).collect();
        if !unknown.is_empty() {
            findings.retain(|finding| !depends_on(finding, &unknown));
        }
        findings
    }

    /// Everything that is to be told, and how many findings waivers hide.
    pub fn check(&self, options: &Options) -> (Vec<Finding>, usize) {
        let found = self.judge(options);
        let all = found.len();
        let told: Vec<Finding> =
            found.into_iter().filter(|one| one.hidden_by.is_none()).map(|one| one.finding).collect();
        let waived = all - told.len();
        (told, waived)
    }

    /// Everything that is found, in the order of the text, each with the waiver that hides it.
    pub fn judge(&self, options: &Options) -> Vec<Found> {
        let told = |finding| Found { finding, hidden_by: None };
        let mut found: Vec<Found> = self.findings.iter().cloned().map(told).collect();
        if self.is_whole() {
            let modes = self.modes(options.modes);
            let waivers = self.load.base.as_ref().map_or(&[][..], |base| &base.waivers);
            // Most profiles hold no waiver, and none of them pays for the clock.
            let today = LazyCell::new(|| options.today.unwrap_or_else(Date::today));
            let judged: Vec<Judged<'_>> = waivers.iter().map(|waiver| Judged::new(waiver, *today, &modes)).collect();
            let hide = |one: &mut Found| one.hidden_by = judged.iter().position(|waiver| waiver.hides(&one.finding));
            if !options.to_render {
                found.iter_mut().for_each(hide);
            }
            let accepted =
                found.iter().filter(|one| one.hidden_by.is_some()).map(|one| one.finding.key.clone()).collect();
            let run = Run { options, accepted };
            let wanted =
                |finding: &Finding| options.only.is_empty() || options.only.iter().any(|code| code == finding.code);
            let refused = found.len();
            let findings = modes.iter().flat_map(|mode| self.findings(*mode, &options.targets, &run));
            found.extend(findings.filter(wanted).map(told));
            found[refused..].iter_mut().for_each(hide);
            // What hides something here is of use; of the rest it is asked elsewhere.
            let used: BTreeSet<usize> = found.iter().filter_map(|one| one.hidden_by).collect();
            let void = self.waiver_findings(&judged, &used, &modes, &run);
            found.extend(void.into_iter().filter(wanted).map(told));
        }
        found.sort_by_key(|Found { finding, .. }| {
            (finding.source, finding.span, finding.code, finding.mode, finding.target)
        });
        found
    }

    /// What showing the findings takes: the texts' secrets, and the pack's text.
    pub fn shown(self) -> (Vec<(usize, Span)>, Option<Source>) {
        let literals = self.load.secrets.iter().map(|span| (0, *span));
        let values = self.environments.iter().flat_map(Environment::secrets);
        (literals.chain(values).collect(), self.pack)
    }

    /// What is wrong with the waivers themselves.
    fn waiver_findings(
        &self,
        judged: &[Judged<'_>],
        used: &BTreeSet<usize>,
        modes: &[Mode],
        run: &Run<'_>,
    ) -> Vec<Finding> {
        let elsewhere = OnceCell::new();
        let mut findings = Vec::new();
        for (index, waiver) in judged.iter().enumerate() {
            let key = KeyPath::from(("waivers", index));
            let elsewhere = || elsewhere.get_or_init(|| self.findings_elsewhere(run));
            let is_unused =
                || !used.contains(&index) && self.knows(waiver) && !elsewhere().iter().any(|one| waiver.hides(one));
            let (code, problem) = match &waiver.void {
                // A part of it was refused, which has been told.
                Some((field, ..)) if self.load.unknown.contains(&key.clone().key(field)) => continue,
                Some(problem) => ("PRF006", problem),
                None if is_unused() => ("PRF007", &unused(waiver.waiver)),
                None => continue,
            };
            let (field, message, help) = problem;
            let rule = rules::by_code(code).expect("the loader's codes are rules");
            let place = self.document.table(None).locate(&key.clone().key(field));
            // The worst of the modes that were asked for.
            let worst = modes.iter().filter_map(|mode| Some((rule.severity.get(*mode)?, *mode))).max();
            let Some((severity, mode)) = worst else { continue };
            findings.push(Finding {
                severity,
                mode: Some(mode),
                message: format!("the waiver for {} {message}", waiver.waiver.rule),
                help: help.clone(),
                label: if code == "PRF006" { "does not count" } else { "hides nothing" }.to_owned(),
                ..about(code, place.span, key.key(field))
            });
        }
        findings
    }

    /// Whether it can be known what a waiver hides: not beside a refused value, nor without the values that its rule
    /// judges, in every mode.
    fn knows(&self, waiver: &Judged<'_>) -> bool {
        let judges_values = |rule: &rules::Rule| rule.check.judges_values();
        let values = rules::by_code(waiver.waiver.rule.as_str()).is_some_and(judges_values);
        let has_values = || self.modes(Modes::All).into_iter().all(|mode| self.has_env_file(mode));
        self.findings.is_empty() && (!values || has_values())
    }

    /// What is found in every mode, behind the edges that a run is about and behind the profile's own.
    fn findings_elsewhere(&self, run: &Run<'_>) -> Vec<Finding> {
        let targets = [&run.options.targets[..], &[]];
        let each = |mode| targets.iter().flat_map(move |targets| self.findings(mode, targets, run));
        Mode::ALL.iter().copied().flat_map(each).collect()
    }
}

/// What is wrong with a waiver that hides nothing: at which of its keys, what, and what to write.
fn unused(waiver: &Waiver) -> (&'static str, String, String) {
    let help = match &waiver.key {
        Some(key) => format!("remove the waiver, or mend its `key`: nothing is found at `{key}` or below"),
        None => "remove the waiver".to_owned(),
    };
    ("rule", "hides nothing in any mode".to_owned(), help)
}

/// What one run is about.
struct Run<'o> {
    options: &'o Options,
    /// The keys whose refusal a waiver accepts.
    accepted: BTreeSet<KeyPath>,
}

/// One mode's view of a profile.
struct Resolved<'a> {
    policy: Option<Policy<'a>>,
    unknown: Cow<'a, [KeyPath]>,
}

/// Whether a finding reasons with a value that was refused, or whose name was: it would take the default in its stead.
fn depends_on(finding: &Finding, unknown: &[&KeyPath]) -> bool {
    /// Values that follow from others where they are not written.
    const DERIVED: [(&str, &str); 3] =
        [("app.url", "tls.terminate"), ("app.url", "app.frontend_url"), ("app.kind", "api_docs.paths")];
    let keys = || std::iter::once(&finding.key).chain(finding.labels.iter().map(|label| &label.key));
    let touched = |key: &KeyPath| unknown.iter().any(|unknown| unknown.touches(key));
    keys().any(|key| {
        touched(key)
            || DERIVED.iter().any(|(from, to)| key.touches(&KeyPath::from(*to)) && touched(&KeyPath::from(*from)))
    })
}

/// Checks one profile's text.
pub fn check(source: Source, options: &Options) -> Checked {
    let opened = Opened::read(&source, &options.env_files);
    let (findings, waived) = opened.check(options);
    let judged = opened.is_whole();
    let (secrets, pack) = opened.shown();
    let env_files = options.env_files.iter().map(|file| file.source.clone());
    let sources = std::iter::once(source).chain(env_files).chain(pack).collect();
    Checked { sources, findings, waived, fixed: 0, judged, secrets }
}

/// A waiver, and whether it counts.
struct Judged<'a> {
    waiver: &'a Waiver,
    /// What is wrong with it: at which of its keys, what, and what to write.
    void: Option<(&'static str, String, String)>,
}

impl<'a> Judged<'a> {
    fn new(waiver: &'a Waiver, today: Date, modes: &[Mode]) -> Self {
        let void = |field, message: &str, help: &str| Some((field, message.to_owned(), help.to_owned()));
        let reason = waiver.reason.as_deref().unwrap_or_default().trim();
        let void = match (rules::by_code(waiver.rule.as_str()), waiver.expires) {
            (None, _) => void("rule", "names no rule", "`seccfg rules` lists them"),
            (Some(rule), _) if rule.area() == "PRF" => void(
                "rule",
                "cannot count: a profile that does not say what it means cannot be judged",
                "mend the profile",
            ),
            (Some(_), Some(expires)) if expires < today => void(
                "expires",
                &format!("expired on {expires}"),
                "mend what it hid, or renew it with a new date and reason",
            ),
            (Some(_), _) if reason.is_empty() => {
                void("reason", "gives no reason", "write `reason = \"…\"`: why is this accepted, and until when?")
            }
            // What must not go live does so for a while at most.
            (Some(rule), expires)
                if modes.contains(&Mode::Prod)
                    && rule.severity.get(Mode::Prod) == Some(Severity::Error)
                    && expires.is_none_or(|expires| expires > today.a_year_later()) =>
            {
                let message = match expires {
                    Some(expires) => format!("of an error in prod expires on {expires}, more than a year ahead"),
                    None => "of an error in prod has no date on which it expires".to_owned(),
                };
                void("expires", &message, &format!("write `expires = {}`, or an earlier day", today.a_year_later()))
            }
            (Some(_), _) => None,
        };
        Self { waiver, void }
    }

    fn hides(&self, finding: &Finding) -> bool {
        let about = self.waiver.key.as_ref().map(|key| KeyPath::from(key.as_str()));
        self.void.is_none()
            && self.waiver.rule.as_str() == finding.code
            && about.is_none_or(|key| finding.key.is_within(&key))
    }
}

fn loader_finding(problem: &Problem, source: usize) -> Finding {
    let refusal = &problem.refusal;
    Finding {
        source,
        message: refusal.message.clone(),
        help: refusal.help.clone(),
        label: refusal.label.to_owned(),
        // A pack is not ours to mend.
        edits: if source == 0 { mended(problem).into_iter().collect() } else { Vec::new() },
        ..about(refusal.code, problem.span, problem.key.clone())
    }
}

/// The edit that writes what was meant, where its text stands: no mode says which layer counts.
fn mended(problem: &Problem) -> Option<Edit> {
    let key = problem.key.clone();
    let change = match problem.refusal.instead.as_ref()? {
        Instead::Text(text) => Change::Set { key, value: Literal::from(text.as_str()).to_string() },
        Instead::Nothing => Change::Remove { key },
    };
    Some(problem.overlay.map_or(Edit::Profile(change.clone()), |mode| Edit::Overlay(mode, change)))
}

/// A finding of a rule at a place in the profile, of which nothing is said yet.
pub(crate) fn about(code: &'static str, span: Span, key: KeyPath) -> Finding {
    let rule = rules::by_code(code);
    Finding {
        code,
        name: rule.map_or("", |rule| rule.name),
        severity: rule.map_or(Severity::Error, |rule| rule.severity.worst()),
        mode: None,
        target: None,
        message: String::new(),
        help: String::new(),
        source: 0,
        key,
        span,
        label: String::new(),
        labels: Vec::new(),
        edits: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_mended_where_it_stands() {
        let app = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n";
        let origins =
            "[cors]\norigins = [\"null\"]\n[modes.test]\ncors.origins = [\"http://localhost\", \"http://Shop\"]\n";
        let checked = check(Source::new("security.toml", format!("{app}{origins}")), &Options::default());
        let edits: Vec<&Edit> = checked.findings.iter().flat_map(|finding| &finding.edits).collect();
        let null = Change::Remove { key: ("cors.origins", 0).into() };
        let shop = Change::Set { key: ("cors.origins", 1).into(), value: "\"http://shop\"".to_owned() };
        assert_eq!(edits, [&Edit::Profile(null), &Edit::Overlay(Mode::Test, shop)]);
    }
}
