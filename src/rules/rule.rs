//! What a rule is, and how it says what it found.

use std::cell::OnceCell;
use std::path::Path;
use std::rc::Rc;

use super::draft::Draft;
use super::names::Names;
use super::secrets::subject::Secrets;
use super::sent::SentCsp;
use crate::dotenv::Problem;
use crate::files::Folder;
use crate::finding::{Finding, Label, Safety, Severity};
use crate::manifest::Manifests;
use crate::plan::{Facts, Plan, Target};
use crate::policy::{Environment, Variable};
use crate::profile::Mode;
use crate::source::{KeyPath, Provenance, Span};

/// One invariant.
#[derive(Debug)]
pub struct Rule {
    /// Its code, which never changes its meaning.
    pub code: &'static str,
    /// Its name, which reads well after "allow".
    pub name: &'static str,
    /// Its documentation: the statement as the first paragraph, then why it
    /// matters and what to write.
    pub docs: &'static str,
    /// How bad it is to break it, by mode.
    pub severity: Severities,
    /// Where the invariant comes from.
    pub source: &'static str,
    /// The keys that it is about: a report shows what stands there. How entries of tables are named, `reads.rs` says.
    pub keys: &'static [&'static str],
    /// The other keys that its check reads, in groups.
    pub reads: &'static [&'static [&'static str]],
    /// Whether an edit can mend it.
    pub fix: Mending,
    /// How it is found.
    pub check: Check,
}

impl Rule {
    /// The invariant as one sentence: the first paragraph of the documentation.
    pub fn statement(&self) -> String {
        let paragraph = self.docs.trim_start().split("\n\n").next().unwrap_or_default();
        paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" ")
    }

    /// Where its page is: at this release's state of the repository that the package names. Where it names none, the
    /// page's path in that repository, because an address that leads nowhere would be worse.
    pub fn url(&self) -> String {
        let page = format!("docs/rules/{}.md", self.code);
        match env!("CARGO_PKG_REPOSITORY") {
            "" => page,
            repository => format!("{repository}/blob/v{}/{page}", crate::VERSION),
        }
    }

    /// A finding of it at a place, of which only that is known yet: as bad as the rule is anywhere.
    pub fn finding(&self, place: Label) -> Finding {
        Finding::new(self.code, self.name, self.severity.worst(), place)
    }

    /// The area that its code names: `HST`.
    pub fn area(&self) -> &'static str {
        &self.code[..3]
    }
}

/// How bad it is to break a rule, by mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Severities {
    dev: Option<Severity>,
    test: Option<Severity>,
    staging: Option<Severity>,
    prod: Option<Severity>,
}

impl Severities {
    const NONE: Self = Self { dev: None, test: None, staging: None, prod: None };

    /// In every mode.
    pub const fn all(severity: Severity) -> Self {
        Self::local(severity).and_live(severity)
    }

    /// In dev and test.
    pub const fn local(severity: Severity) -> Self {
        Self { dev: Some(severity), test: Some(severity), ..Self::NONE }
    }

    /// In staging and prod.
    pub const fn live(severity: Severity) -> Self {
        Self::NONE.and_live(severity)
    }

    /// In prod.
    pub const fn prod(severity: Severity) -> Self {
        Self { prod: Some(severity), ..Self::NONE }
    }

    /// And so in staging and prod.
    #[must_use]
    pub const fn and_live(self, severity: Severity) -> Self {
        Self { staging: Some(severity), prod: Some(severity), ..self }
    }

    /// And so in staging.
    #[must_use]
    pub const fn and_staging(self, severity: Severity) -> Self {
        Self { staging: Some(severity), ..self }
    }

    /// And so in dev and test.
    #[must_use]
    pub const fn and_local(self, severity: Severity) -> Self {
        Self { dev: Some(severity), test: Some(severity), ..self }
    }

    /// In one mode; none where the rule does not apply.
    pub const fn get(self, mode: Mode) -> Option<Severity> {
        match mode {
            Mode::Dev => self.dev,
            Mode::Test => self.test,
            Mode::Staging => self.staging,
            Mode::Prod => self.prod,
        }
    }

    /// The worst of all modes.
    pub fn worst(self) -> Severity {
        Mode::ALL.iter().filter_map(|mode| self.get(*mode)).max().unwrap_or(Severity::Note)
    }
}

/// What edits can do about a rule's findings, as the catalogue says it. Of a finding, its fixes say it themselves: some of
/// a rule's may be less safe than this, and some findings have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mending {
    /// It takes a decision.
    None,
    /// An edit that tightens a value to what the rule asks for.
    Safe,
    /// An edit that changes how the service behaves.
    Unsafe,
}

impl Mending {
    /// How safe a fix is of which nothing else is said.
    pub const fn safety(self) -> Safety {
        match self {
            Self::Safe => Safety::Safe,
            Self::None | Self::Unsafe => Safety::Unsafe,
        }
    }
}

/// How breaches of a rule are found.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// While the profile is read, before there is a policy.
    Loader,
    /// In the policy: the same behind every edge.
    Policy(fn(&Facts<'_>, &mut Findings<'_>)),
    /// In the plan for one edge: asked for each of them.
    Plan(fn(&Plan<'_>, &mut Findings<'_>)),
    /// In the policy, and in what references lead to where `--env-file` gives the values: without them, in part.
    Mixed(fn(&Facts<'_>, &mut Findings<'_>)),
    /// In what references lead to, as in [`Check::Policy`]: asked only where `--env-file` gives the values.
    Values(fn(&Facts<'_>, &mut Findings<'_>)),
    /// In what the app is told behind one edge: asked for each of them. As in [`Check::Mixed`], `--env-file` shows more.
    Told(fn(&Plan<'_>, &mut Findings<'_>)),
    /// In the policy, as in [`Check::Policy`], and in the manifests that `--manifest` names: of one invariant the profile and
    /// the cluster may both be asked, and what a manifest says may settle what the profile leaves open.
    Cluster(fn(&Facts<'_>, Option<&Manifests>, &mut Findings<'_>)),
    /// In manifests, beside the plan of the cluster that they are for: asked only where `--manifest` names them.
    Manifest(fn(&Plan<'_>, &Manifests, &mut Findings<'_>)),
    /// In the folders of this machine that the policy names: asked only where the check may look at them.
    Folder(fn(&Facts<'_>, Look, &mut Findings<'_>)),
}

/// Looks at a folder of this machine.
pub type Look = fn(&Path) -> Option<Folder>;

impl Check {
    /// Whether it looks at what references lead to.
    pub const fn judges_values(&self) -> bool {
        match self {
            Self::Mixed(_) | Self::Values(_) | Self::Told(_) => true,
            Self::Loader | Self::Policy(_) | Self::Plan(_) | Self::Cluster(_) | Self::Manifest(_) | Self::Folder(_) => {
                false
            }
        }
    }
}

/// Collects what the rules find in one policy, and in the plans of it.
pub struct Findings<'p> {
    pub(super) facts: &'p Facts<'p>,
    secrets: OnceCell<Rc<Secrets<'p>>>,
    names: OnceCell<Rc<Names<'p>>>,
    /// The keys whose value was refused.
    refused: &'p [KeyPath],
    /// The Content Security Policies that browsers get, the site's first: of rules about a policy alone.
    pub(super) csps: &'p [SentCsp<'p>],
    drafts: Vec<Draft>,
}

impl<'p> Findings<'p> {
    pub(super) fn new(facts: &'p Facts<'p>, refused: &'p [KeyPath]) -> Self {
        let (secrets, names) = (OnceCell::new(), OnceCell::new());
        Self { facts, secrets, names, refused, csps: &[], drafts: Vec::new() }
    }

    /// What is known of the secrets of its `.env` file: found once for all rules that ask.
    pub(super) fn secrets(&self) -> Rc<Secrets<'p>> {
        Rc::clone(self.secrets.get_or_init(|| Rc::new(Secrets::of(self.facts))))
    }

    /// What the app makes of the names in its `.env` file: found once, too.
    pub(super) fn names(&self) -> Rc<Names<'p>> {
        Rc::clone(self.names.get_or_init(|| Rc::new(Names::of(self.facts))))
    }

    /// A breach at a key, written or not: what is wrong, as one sentence about
    /// this profile.
    pub fn at(&mut self, key: impl Into<KeyPath>, message: impl Into<String>) -> &mut Draft {
        self.drafts.push(Draft::new(key.into(), message.into()));
        self.drafts.last_mut().expect("one was just pushed")
    }

    /// A breach in the value that a key refers to, at its place in the `.env` file, or at the key, where the profile names the
    /// file that holds it.
    pub fn at_variable(
        &mut self,
        variable: Variable<'_>,
        key: impl Into<KeyPath>,
        message: impl Into<String>,
    ) -> &mut Draft {
        if variable.source == 0 {
            return self.at(key, message);
        }
        self.at_place((variable.source, variable.span), key, message)
    }

    /// A breach by a variable that is not set, at the end of the `.env` file.
    pub fn at_the_end(
        &mut self,
        environment: &Environment<'_>,
        key: impl Into<KeyPath>,
        message: impl Into<String>,
    ) -> &mut Draft {
        let (source, end) = environment.end();
        self.at_place((source, (end..end).into()), key, message)
    }

    /// A breach in the name of a variable, at its place in the `.env` file.
    pub fn at_name(
        &mut self,
        variable: Variable<'_>,
        key: impl Into<KeyPath>,
        message: impl Into<String>,
    ) -> &mut Draft {
        self.at_place((variable.source, variable.name_span), key, message)
    }

    /// A breach in what a file says of a key of the profile: a manifest, or a Compose file without a variable.
    pub fn at_file(&mut self, place: (usize, Span), key: impl Into<KeyPath>, message: impl Into<String>) -> &mut Draft {
        self.at_place(place, key, message)
    }

    /// A breach in what readers of the `.env` file see differently, or cannot read.
    pub fn at_problem(&mut self, source: usize, problem: &Problem) -> &mut Draft {
        let place = (source, problem.span);
        self.at_place(place, KeyPath::default(), problem.message.as_str()).help(problem.help.as_str())
    }

    fn at_place(&mut self, place: (usize, Span), key: impl Into<KeyPath>, message: impl Into<String>) -> &mut Draft {
        let draft = self.at(key, message);
        draft.place = Some(place);
        draft
    }

    /// Turns what a rule said, behind one edge or behind any, into findings with places. What rests on a refused value is
    /// dropped.
    pub(super) fn finish(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        target: Option<Target>,
        out: &mut Vec<Finding>,
    ) {
        if self.drafts.is_empty() {
            return;
        }
        let policy = self.facts.policy;
        // Where nothing is written, the label says so: a squiggle under a
        // header would else seem to complain about the header.
        let label = |key: KeyPath, text: String| {
            let place = policy.place(&key);
            let absent = place.provenance == Provenance::Default;
            let text = match (absent, text.is_empty()) {
                (true, true) => format!("`{key}` is not written"),
                (true, false) => format!("`{key}` is not written: {text}"),
                (false, _) => text,
            };
            Label { source: 0, span: place.span, key, text, absent }
        };
        let is_told = |draft: &Draft| {
            let Some((code, part)) = &draft.teller else { return false };
            let is_behind =
                |one: &Finding| one.targets.is_empty() || target.is_none_or(|edge| one.targets.contains(&edge));
            // Of the same cause, a rule that is silent for what it does not know is not spoken for by one that knows less.
            let is_silenced = super::by_code(code)
                .is_some_and(|teller| self.refused.iter().any(|refused| teller.is_silenced_at(part, refused)));
            is_silenced || out.iter().any(|one| one.code == *code && is_behind(one) && part.touches(&one.place.key))
        };
        self.drafts.retain(|draft| !is_told(draft));
        let found = self.drafts.drain(..).map(|mut draft| {
            debug_assert_eq!(draft.unknown_key(), None, "{}: a profile has no such key", rule.code);
            draft.step_over(self.refused);
            let further = draft.places.into_iter().map(|((source, span), text)| {
                let key = draft.key.clone();
                Label { source, span, key, text, absent: false }
            });
            let further: Vec<Label> = further.collect();
            let place = match draft.place {
                Some((source, span)) => Label { source, span, key: draft.key, text: draft.label, absent: false },
                None => label(draft.key, draft.label),
            };
            Finding {
                severity: draft.severity.map_or(severity, |most| most.min(severity)),
                modes: vec![policy.mode],
                targets: target.filter(|_| !draft.is_of_any_edge).into_iter().collect(),
                labels: further.into_iter().chain(draft.also.into_iter().map(|(key, text)| label(key, text))).collect(),
                fixes: draft.fixes.into_iter().map(|fix| fix.finish(rule.fix.safety(), policy)).collect(),
                evidence: draft.evidence,
                shared: draft.shared,
                ..rule.finding(place).saying(draft.message, draft.help)
            }
        });
        out.extend(found.filter(|finding| !self.refused.iter().any(|key| rule.rests_on(finding, key))));
    }
}

/// Declares rules. The doc comment is the documentation: `seccfg explain`,
/// docs/rules and every other surface print it.
macro_rules! rules {
    (@reads) => { &[] };
    (@reads $reads:expr) => { $reads };
    ($(
        $(#[doc = $doc:literal])+
        $code:ident = $name:literal {
            severity: $severity:expr,
            source: $source:literal,
            keys: $keys:expr,
            $(reads: $reads:expr,)?
            fix: $fix:ident,
            check: $check:expr $(,)?
        }
    )+) => {
        $(
        $(#[doc = $doc])+
        pub static $code: $crate::rules::Rule = $crate::rules::Rule {
            code: stringify!($code),
            name: $name,
            docs: concat!($($doc, "\n"),+),
            severity: $severity,
            source: $source,
            keys: $keys,
            reads: $crate::rules::rule::rules!(@reads $($reads)?),
            fix: $crate::rules::Mending::$fix,
            check: $check,
        };
    )+
        /// The rules of this area, in the order of the catalogue.
        pub(in crate::rules) static RULES: &[&$crate::rules::Rule] = &[$(&$code),+];
    };
}

pub(super) use rules;
