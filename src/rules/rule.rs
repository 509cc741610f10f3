//! What a rule is, and how it says what it found.

use crate::dotenv::Problem;
use crate::finding::{Edit, Finding, Label, Severity};
use crate::plan::{Facts, Plan, Target};
use crate::policy::{Environment, Policy, Variable};
use crate::profile::{Mode, vocabulary};
use crate::source::{Change, KeyPath, Literal, Provenance, Span};

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
    /// The keys that it looks at; `*` stands for every entry of a table.
    pub keys: &'static [&'static str],
    /// Whether an edit can mend it.
    pub fix: Fix,
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

/// Whether an edit of the profile can mend a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fix {
    /// It takes a decision.
    None,
    /// An edit that tightens a value to what the rule asks for.
    Safe,
    /// An edit that changes how the service behaves.
    Unsafe,
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
}

impl Check {
    /// Whether it looks at what references lead to.
    pub const fn judges_values(&self) -> bool {
        match self {
            Self::Mixed(_) | Self::Values(_) | Self::Told(_) => true,
            Self::Loader | Self::Policy(_) | Self::Plan(_) => false,
        }
    }
}

/// What one rule has to say, before places are looked up.
#[derive(Debug)]
pub struct Draft {
    key: KeyPath,
    /// Where it stands, if not at its key in the profile.
    place: Option<(usize, Span)>,
    severity: Option<Severity>,
    message: String,
    label: String,
    also: Vec<(KeyPath, String)>,
    help: String,
    edits: Vec<Edit>,
}

impl Draft {
    /// Makes it less bad than the rule's worst in this mode: for a rule that has two thresholds.
    pub fn at_most(&mut self, severity: Severity) -> &mut Self {
        self.severity = Some(severity);
        self
    }

    /// A word or two for the place itself.
    pub fn label(&mut self, text: impl Into<String>) -> &mut Self {
        self.label = text.into();
        self
    }

    /// A second place of the profile that matters, and what is to be seen there. Not beside a variable's.
    pub fn also(&mut self, key: impl Into<KeyPath>, text: impl Into<String>) -> &mut Self {
        self.also.push((key.into(), text.into()));
        self
    }

    /// What to write.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.help = text.into();
        self
    }

    /// Mends it by giving a key this value.
    pub fn set(&mut self, key: impl Into<KeyPath>, value: impl Into<Literal>) -> &mut Self {
        self.edit(Change::Set { key: key.into(), value: value.into().to_string() })
    }

    /// Mends it by giving a key this value in the overlay of a mode.
    pub fn set_in(&mut self, mode: Mode, key: impl Into<KeyPath>, value: impl Into<Literal>) -> &mut Self {
        self.edits.push(Edit::Overlay(mode, Change::Set { key: key.into(), value: value.into().to_string() }));
        self
    }

    /// Mends it by giving a list one element more.
    pub fn add(&mut self, key: impl Into<KeyPath>, value: impl Into<Literal>) -> &mut Self {
        self.edit(Change::Add { key: key.into(), value: value.into().to_string() })
    }

    /// Mends it by taking away a key, or an element of a list.
    pub fn remove(&mut self, key: impl Into<KeyPath>) -> &mut Self {
        self.edit(Change::Remove { key: key.into() })
    }

    /// Mends it by giving a variable of the `.env` file another name.
    pub fn rename(&mut self, from: impl Into<String>, to: impl Into<String>) -> &mut Self {
        self.edits.push(Edit::Rename { from: from.into(), to: to.into() });
        self
    }

    /// A key that it names and that is none of the vocabulary's.
    fn unknown_key(&self) -> Option<&KeyPath> {
        let edited = self.edits.iter().filter_map(|edit| match edit {
            Edit::Profile(change) | Edit::Overlay(_, change) => Some(change.key()),
            Edit::Rename { .. } => None,
        });
        let named = std::iter::once(&self.key).chain(self.also.iter().map(|(key, _)| key)).chain(edited);
        named.into_iter().find(|key| vocabulary::at_key(key).is_err())
    }

    fn edit(&mut self, change: Change) -> &mut Self {
        self.edits.push(Edit::Profile(change));
        self
    }
}

/// Collects what the rules find in one policy, and in the plans of it.
pub struct Findings<'p> {
    policy: &'p Policy<'p>,
    drafts: Vec<Draft>,
}

impl<'p> Findings<'p> {
    pub(super) fn new(policy: &'p Policy<'p>) -> Self {
        Self { policy, drafts: Vec::new() }
    }

    /// A breach at a key, written or not: what is wrong, as one sentence about
    /// this profile.
    pub fn at(&mut self, key: impl Into<KeyPath>, message: impl Into<String>) -> &mut Draft {
        self.drafts.push(Draft {
            key: key.into(),
            place: None,
            severity: None,
            message: message.into(),
            label: String::new(),
            also: Vec::new(),
            help: String::new(),
            edits: Vec::new(),
        });
        self.drafts.last_mut().expect("one was just pushed")
    }

    /// A breach in the value that a key refers to, at its place in the `.env` file.
    pub fn at_variable(
        &mut self,
        variable: Variable<'_>,
        key: impl Into<KeyPath>,
        message: impl Into<String>,
    ) -> &mut Draft {
        self.at_place((variable.source, variable.span), key, message)
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

    /// A breach in what readers of the `.env` file see differently, or cannot read.
    pub fn at_problem(&mut self, environment: &Environment<'_>, problem: &Problem) -> &mut Draft {
        let place = (environment.source(), problem.span);
        self.at_place(place, KeyPath::default(), problem.message.as_str()).help(problem.help.as_str())
    }

    fn at_place(&mut self, place: (usize, Span), key: impl Into<KeyPath>, message: impl Into<String>) -> &mut Draft {
        let draft = self.at(key, message);
        draft.place = Some(place);
        draft
    }

    /// Turns what a rule said, behind one edge or behind any, into findings with places.
    pub(super) fn finish(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        target: Option<Target>,
        out: &mut Vec<Finding>,
    ) {
        let policy = self.policy;
        // Where nothing is written, the label says so: a squiggle under a
        // header would else seem to complain about the header.
        let labelled = |key: &KeyPath, text: String| {
            let place = policy.place(key);
            let text = match (place.provenance, text.is_empty()) {
                (Provenance::Default, true) => format!("`{key}` is not written"),
                (Provenance::Default, false) => format!("`{key}` is not written: {text}"),
                (Provenance::Base | Provenance::Overlay, _) => text,
            };
            (place.span, text)
        };
        out.extend(self.drafts.drain(..).map(|draft| {
            debug_assert_eq!(draft.unknown_key(), None, "{}: a profile has no such key", rule.code);
            let (source, (span, label)) = match draft.place {
                Some((source, span)) => (source, (span, draft.label)),
                None => (0, labelled(&draft.key, draft.label)),
            };
            debug_assert!(source == 0 || draft.also.is_empty(), "{}: labels stand in the profile", rule.code);
            let labels = draft.also.into_iter().map(|(key, text)| {
                let (span, text) = labelled(&key, text);
                Label { key, span, text }
            });
            Finding {
                code: rule.code,
                name: rule.name,
                severity: draft.severity.map_or(severity, |most| most.min(severity)),
                mode: Some(policy.mode),
                target,
                message: draft.message,
                help: draft.help,
                source,
                span,
                label,
                labels: labels.collect(),
                edits: draft.edits,
                key: draft.key,
            }
        }));
    }
}

/// Declares rules. The doc comment is the documentation: `seccfg explain`,
/// docs/rules and every other surface print it.
macro_rules! rules {
    ($(
        $(#[doc = $doc:literal])+
        $code:ident = $name:literal {
            severity: $severity:expr,
            source: $source:literal,
            keys: $keys:expr,
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
            fix: $crate::rules::Fix::$fix,
            check: $check,
        };
    )+
        /// The rules of this area, in the order of the catalogue.
        pub(in crate::rules) static RULES: &[&$crate::rules::Rule] = &[$(&$code),+];
    };
}

pub(super) use rules;
