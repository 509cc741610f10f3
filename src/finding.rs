//! What is told about a profile: a rule broken, at a place, and what mends it.
//!
//! A rule drafts what it has to say by key path (`hsts.max_age`); what makes a [`Finding`] of it has found the places. A
//! finding carries everything that an output shows: no output asks the profile again.

use crate::plan::{Evidence, Target};
use crate::profile::Mode;
use crate::profile::keyword::keywords;
use crate::source::{Change, KeyPath, Segment, Span, is_obeyed};

keywords! {
    /// How bad a finding is.
    pub enum Severity ("a severity") {
        /// Worth knowing.
        Note = "note",
        /// Weaker than it should be.
        Warning = "warning",
        /// Must not go live.
        Error = "error",
    }
}

keywords! {
    /// Whether a fix may be made without a person who looks at it.
    pub enum Safety ("a safety") {
        /// It tightens a value to what the rule asks for, and takes no protection away.
        Safe = "safe",
        /// It changes how the service behaves.
        Unsafe = "unsafe",
    }
}

/// A place that a finding speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Which of the check's sources it is in: 0 is the profile.
    pub source: usize,
    /// Where it stands, or where an absent key would.
    pub span: Span,
    /// The key that it is about.
    pub key: KeyPath,
    /// What is to be seen there.
    pub text: String,
    /// Whether nothing is written there: then the span is the nearest header's.
    pub absent: bool,
}

/// A rule broken, at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code.
    pub code: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// How bad it is, in the worst of its modes.
    pub severity: Severity,
    /// The modes in which it holds, prod before dev; none where it holds before modes come in.
    pub modes: Vec<Mode>,
    /// The edges for which it holds; none where it holds for any.
    pub targets: Vec<Target>,
    /// What is wrong, as one sentence about this profile.
    pub message: String,
    /// What to write.
    pub help: String,
    /// The place itself.
    pub place: Label,
    /// Other places that matter.
    pub labels: Vec<Label>,
    /// What mends it, the best first; nothing where that takes a decision.
    pub fixes: Vec<Fix>,
    /// How it is known that what it speaks of is so in the service: of several edges, where that is known least. Nothing
    /// where it rests on the profile's text alone.
    pub evidence: Option<Evidence>,
    /// What it has in common with others of its rule, where one cause may have several of them.
    pub shared: Option<Shared>,
}

/// How findings of one rule are said in one sentence, where one cause has several: "no layer enforces HSTS and no-store, which
/// the profile asks for".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The cause, in words that tell it from others.
    pub cause: String,
    /// What the sentence begins with.
    pub before: String,
    /// What is said of this one.
    pub part: String,
    /// What it ends with.
    pub after: String,
}

/// One way to mend a finding. All of its edits are made, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does: "set `hsts.max_age = \"1y\"`".
    pub title: String,
    /// Whether it may be made unseen.
    pub safety: Safety,
    /// What it means, by key.
    pub intents: Vec<Intent>,
    /// What it does to the texts, where that was asked for ([`crate::fix::resolve`]); nothing where it cannot be made.
    pub edits: Vec<Edit>,
}

/// What one edit means. Where in the text that is done depends on which layer of the profile wrote the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A change of the profile, in whichever layer counts; in the base, for a finding without a mode.
    Profile(Change),
    /// A change of the profile, in the overlay of this mode.
    Overlay(Mode, Change),
    /// A change of the profile, in the overlay of each mode of the finding.
    Overlays(Change),
    /// A change of the `.env` file that the finding stands in: a variable gets another name.
    Rename {
        /// The name that it has.
        from: String,
        /// The name that it gets.
        to: String,
    },
}

/// An edit of one of the check's sources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// Which source.
    pub source: usize,
    /// The bytes that are replaced.
    pub span: Span,
    /// What stands in their place.
    pub text: String,
}

impl Label {
    /// A place in the first of the sources that no key leads to.
    pub fn of_text(span: impl Into<Span>, text: &str) -> Self {
        Self { source: 0, span: span.into(), key: KeyPath::default(), text: text.to_owned(), absent: false }
    }
}

impl Finding {
    /// A finding at a place, of which only that is known yet.
    pub fn new(code: &'static str, name: &'static str, severity: Severity, place: Label) -> Self {
        Self {
            code,
            name,
            severity,
            modes: Vec::new(),
            targets: Vec::new(),
            message: String::new(),
            help: String::new(),
            place,
            labels: Vec::new(),
            fixes: Vec::new(),
            evidence: None,
            shared: None,
        }
    }

    /// The same with what is wrong and what to write.
    #[must_use]
    pub fn saying(mut self, message: impl Into<String>, help: impl Into<String>) -> Self {
        self.message = message.into();
        self.help = help.into();
        self
    }

    /// The edges that it is behind, in words: "behind nginx and Caddy". Nothing where it holds for any.
    pub fn behind(&self) -> Option<String> {
        let (last, others) = self.targets.split_last()?;
        let others: Vec<&str> = others.iter().map(|target| target.title()).collect();
        let and = if others.is_empty() { "" } else { " and " };
        Some(format!("behind {}{and}{}", others.join(", "), last.title()))
    }

    /// Whether two are the same, in whatever modes, behind whatever edges, and however bad there.
    fn is_same(&self, other: &Self) -> bool {
        self.order() == other.order() && self.fixes == other.fixes
    }

    /// What findings are told in the order of: their places, and then whatever tells them apart.
    pub fn order(&self) -> (&Label, &str, &str, &str) {
        (&self.place, self.code, &self.message, &self.help)
    }
}

/// Puts findings in the order in which they are told, and tells once what was found in several modes or behind several
/// edges: as bad as in the worst of them.
pub fn told_once(findings: &mut Vec<Finding>) {
    // Edges first: of what is found behind other edges in other modes, neither is to be said of both.
    findings
        .sort_by(|a, b| a.order().cmp(&b.order()).then_with(|| (&b.modes, &a.targets).cmp(&(&a.modes, &b.targets))));
    merge(findings, |a, b| a.modes == b.modes);
    findings
        .sort_by(|a, b| a.order().cmp(&b.order()).then_with(|| (&a.targets, &b.modes).cmp(&(&b.targets, &a.modes))));
    merge(findings, |a, b| a.targets == b.targets);
}

fn merge(findings: &mut Vec<Finding>, is_alike: impl Fn(&Finding, &Finding) -> bool) {
    findings.dedup_by(|later, first| {
        let is_told = first.is_same(later) && is_alike(first, later);
        if is_told {
            first.severity = first.severity.max(later.severity);
            join(&mut first.modes, &mut later.modes);
            join(&mut first.targets, &mut later.targets);
            // What makes it so may differ by mode.
            join(&mut first.labels, &mut later.labels);
            first.evidence = first.evidence.into_iter().chain(later.evidence).min();
        }
        is_told
    });
}

fn join<T: PartialEq>(into: &mut Vec<T>, from: &mut Vec<T>) {
    for one in from.drain(..) {
        if !into.contains(&one) {
            into.push(one);
        }
    }
}

impl Fix {
    /// A fix that is called what it does. `element` gives what stands at an element of a list, as TOML, where anyone may
    /// see it: people know an element by its value and not by its number.
    pub fn new(safety: Safety, intents: Vec<Intent>, element: impl Fn(&KeyPath) -> Option<String>) -> Self {
        let titles: Vec<String> = intents.iter().map(|intent| intent.title(&element)).collect();
        Self { title: titles.join("; "), safety, intents, edits: Vec::new() }
    }
}

impl Intent {
    /// The key of the profile that it is about.
    pub fn key(&self) -> Option<&KeyPath> {
        match self {
            Self::Profile(change) | Self::Overlay(_, change) | Self::Overlays(change) => Some(change.key()),
            Self::Rename { .. } => None,
        }
    }

    /// The same, to be moved.
    pub fn key_mut(&mut self) -> Option<&mut KeyPath> {
        match self {
            Self::Profile(change) | Self::Overlay(_, change) | Self::Overlays(change) => Some(change.key_mut()),
            Self::Rename { .. } => None,
        }
    }

    fn title(&self, element: &impl Fn(&KeyPath) -> Option<String>) -> String {
        match self {
            Self::Profile(change) => title(change, element),
            Self::Overlays(change) => format!("{} under the mode's own table", title(change, element)),
            Self::Overlay(mode, change) => format!("{} under `[modes.{mode}]`", title(change, element)),
            Self::Rename { from, to } => format!("rename `{from}` to `{to}`"),
        }
    }
}

fn title(change: &Change, element: &impl Fn(&KeyPath) -> Option<String>) -> String {
    /// A longer value is not repeated: a policy in a header may have some thousand characters. One with a character that a
    /// terminal or an editor would obey is not repeated either.
    const MOST: usize = 60;
    let is_short = |text: &str| text.chars().count() <= MOST && !text.chars().any(is_obeyed);
    let key = change.key();
    // Of an element, its list and its value.
    let (list, old) = match key.segments().last() {
        Some(Segment::Index(_)) => (Some(key.without_index()), element(key).filter(|old| is_short(old))),
        Some(Segment::Key(_)) | None => (None, None),
    };
    match (change, list, old) {
        (Change::Set { value, .. }, ..) if !is_short(value) => format!("write `{key}` anew"),
        (Change::Set { value, .. }, Some(list), Some(old)) => {
            format!("write `{value}` in place of `{old}` in `{list}`")
        }
        (Change::Set { value, .. }, Some(list), None) => format!("write `{value}` in `{list}`"),
        (Change::Set { value, .. }, None, _) => format!("set `{key} = {value}`"),
        (Change::Add { value, .. }, ..) => format!("add `{value}` to `{key}`"),
        (Change::Remove { .. }, Some(list), Some(old)) => format!("take `{old}` out of `{list}`"),
        (Change::Remove { .. }, ..) => format!("take `{key}` out"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(mode: Mode, target: Target, severity: Severity) -> Finding {
        let place = Label { source: 0, span: Span::default(), key: "hsts".into(), text: String::new(), absent: false };
        Finding { modes: vec![mode], targets: vec![target], ..Finding::new("HST001", "weak-hsts", severity, place) }
    }

    #[test]
    fn a_finding_of_several_modes_and_edges_is_told_once_as_bad_as_the_worst() {
        let mut findings = vec![
            finding(Mode::Staging, Target::Caddy, Severity::Warning),
            finding(Mode::Prod, Target::Nginx, Severity::Error),
            finding(Mode::Staging, Target::Nginx, Severity::Warning),
            finding(Mode::Prod, Target::Caddy, Severity::Error),
        ];
        told_once(&mut findings);
        let [one] = &findings[..] else { panic!("{findings:#?}") };
        assert_eq!(one.modes, [Mode::Prod, Mode::Staging]);
        assert_eq!(one.targets.len(), 2);
        assert_eq!(one.severity, Severity::Error);
    }

    #[test]
    fn what_is_behind_other_edges_in_other_modes_stays_apart() {
        let mut findings = vec![
            finding(Mode::Prod, Target::Nginx, Severity::Error),
            finding(Mode::Dev, Target::Caddy, Severity::Error),
        ];
        told_once(&mut findings);
        assert_eq!(findings.len(), 2);
    }

    #[test]
    fn a_fix_is_called_what_it_does() {
        let set =
            |key: &'static str, value: &str| Intent::Profile(Change::Set { key: key.into(), value: value.into() });
        let fix = Fix::new(Safety::Safe, vec![set("hsts.enabled", "true"), set("hsts.max_age", "\"1y\"")], |_| None);
        assert_eq!(fix.title, "set `hsts.enabled = true`; set `hsts.max_age = \"1y\"`");
        let out = Intent::Overlay(Mode::Test, Change::Remove { key: ("cors.origins", 0).into() });
        assert_eq!(out.title(&|_| None), "take `cors.origins[0]` out under `[modes.test]`");
        let known = |key: &KeyPath| Some(format!("\"http://{key}\""));
        assert_eq!(out.title(&known), "take `\"http://cors.origins[0]\"` out of `cors.origins` under `[modes.test]`");
        let other = Intent::Profile(Change::Set { key: ("tls.groups", 1).into(), value: "\"x25519\"".to_owned() });
        assert_eq!(
            other.title(&|_| Some("\"x448\"".to_owned())),
            "write `\"x25519\"` in place of `\"x448\"` in `tls.groups`"
        );
        // What is too long to be read is known by its number.
        assert_eq!(out.title(&|_| Some("x".repeat(61))), "take `cors.origins[0]` out under `[modes.test]`");
    }
}
