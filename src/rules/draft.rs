//! What a rule says it has found, before places are looked up: a message, labels, a help, and what mends it.

use crate::finding::{Fix, Intent, Safety, Severity, Shared};
use crate::plan::Evidence;
use crate::policy::Policy;
use crate::profile::{Mode, vocabulary};
use crate::source::{Change, KeyPath, Literal, Span};

/// What one rule has to say, before places are looked up.
#[derive(Debug)]
pub struct Draft {
    pub(super) key: KeyPath,
    /// Where it stands, if not at its key in the profile.
    pub(super) place: Option<(usize, Span)>,
    pub(super) severity: Option<Severity>,
    pub(super) message: String,
    pub(super) label: String,
    pub(super) also: Vec<(KeyPath, String)>,
    pub(super) places: Vec<((usize, Span), String)>,
    pub(super) help: String,
    pub(super) fixes: Vec<FixDraft>,
    pub(super) evidence: Option<Evidence>,
    pub(super) shared: Option<Shared>,
    /// Whether it is the same behind every edge.
    pub(super) is_of_any_edge: bool,
    /// The rule that may have told it already, and the part of the profile that it would have told it of.
    pub(super) teller: Option<(&'static str, KeyPath)>,
}

/// One way to mend it, as it is drafted.
#[derive(Debug, Default)]
pub(super) struct FixDraft {
    /// What it is called, if not by what it does.
    title: Option<String>,
    /// How safe it is, if not as safe as its rule says.
    safety: Option<Safety>,
    intents: Vec<Intent>,
}

impl Draft {
    pub(super) fn new(key: KeyPath, message: String) -> Self {
        Self {
            key,
            place: None,
            severity: None,
            message,
            label: String::new(),
            also: Vec::new(),
            places: Vec::new(),
            help: String::new(),
            fixes: Vec::new(),
            evidence: None,
            shared: None,
            is_of_any_edge: false,
            teller: None,
        }
    }

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

    /// A second place of the profile that matters, and what is to be seen there.
    pub fn also(&mut self, key: impl Into<KeyPath>, text: impl Into<String>) -> &mut Self {
        self.also.push((key.into(), text.into()));
        self
    }

    /// A further place in the files beside the profile, and what is to be seen there.
    pub fn also_in_file(&mut self, place: (usize, Span), text: impl Into<String>) -> &mut Self {
        self.places.push((place, text.into()));
        self
    }

    /// What to write.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.help = text.into();
        self
    }

    /// Adds to what is said to write.
    pub fn remark(&mut self, remark: &str) -> &mut Self {
        self.help.push_str("; ");
        self.help.push_str(remark);
        self
    }

    /// How it is known, where the key says nothing of that: it leads to no control that the profile asks for, as
    /// `app.kind` does. Of every other key, the plan says how it is known.
    pub fn known_by(&mut self, evidence: Evidence) -> &mut Self {
        self.evidence = Some(evidence);
        self
    }

    /// Is told together with the rule's other findings of the same cause, as one sentence: `before`, each one's `part`, and
    /// `after`. What is accepted under `[[waivers]]` is left out of it.
    pub fn shares(
        &mut self,
        cause: impl Into<String>,
        (before, part, after): (&str, impl Into<String>, &str),
    ) -> &mut Self {
        let (before, part, after) = (before.to_owned(), part.into(), after.to_owned());
        self.shared = Some(Shared { cause: cause.into(), before, part, after });
        self
    }

    /// Is the same behind every edge, although its rule is asked for each: then none is named.
    pub fn behind_any_edge(&mut self) -> &mut Self {
        self.is_of_any_edge = true;
        self
    }

    /// Says nothing where an earlier rule spoke of this part of the profile: it knows more about the same cause. Where that rule
    /// had nothing to say, this one tells it.
    pub fn unless_told_by(&mut self, code: &'static str, part: KeyPath) -> &mut Self {
        self.teller = Some((code, part));
        self
    }

    /// Mends it by giving a key this value.
    pub fn set(&mut self, key: impl Into<KeyPath>, value: impl Into<Literal>) -> &mut Self {
        self.intend(Intent::Profile(Change::Set { key: key.into(), value: value.into().to_string() }))
    }

    /// Mends it by giving a key this value in the overlay of a mode.
    pub fn set_in(&mut self, mode: Mode, key: impl Into<KeyPath>, value: impl Into<Literal>) -> &mut Self {
        self.intend(Intent::Overlay(mode, Change::Set { key: key.into(), value: value.into().to_string() }))
    }

    /// Mends it by giving a key this value in the overlay of the mode itself: what the base says is right for others.
    pub fn set_here(&mut self, key: impl Into<KeyPath>, value: impl Into<Literal>) -> &mut Self {
        self.intend(Intent::Overlays(Change::Set { key: key.into(), value: value.into().to_string() }))
    }

    /// Mends it by giving a list one element more.
    pub fn add(&mut self, key: impl Into<KeyPath>, value: impl Into<Literal>) -> &mut Self {
        self.intend(Intent::Profile(Change::Add { key: key.into(), value: value.into().to_string() }))
    }

    /// Mends it by taking away a key, or an element of a list.
    pub fn remove(&mut self, key: impl Into<KeyPath>) -> &mut Self {
        self.intend(Intent::Profile(Change::Remove { key: key.into() }))
    }

    /// Mends it by giving a variable of the `.env` file another name.
    pub fn rename(&mut self, from: impl Into<String>, to: impl Into<String>) -> &mut Self {
        self.intend(Intent::Rename { from: from.into(), to: to.into() })
    }

    /// What is said next (`set`, `remove` …) is another way to mend it, in place of those before: the best comes first.
    pub fn or(&mut self) -> &mut Self {
        self.fixes.push(FixDraft::default());
        self
    }

    /// A key that it names and that is none of the vocabulary's.
    pub(super) fn unknown_key(&self) -> Option<&KeyPath> {
        let edited = self.fixes.iter().flat_map(|fix| &fix.intents).filter_map(Intent::key);
        let named = std::iter::once(&self.key).chain(self.also.iter().map(|(key, _)| key)).chain(edited);
        named.into_iter().find(|key| vocabulary::at_key(key).is_err())
    }

    /// Counts the refused elements of lists in, which are in the text and not in the policy.
    pub(super) fn step_over(&mut self, refused: &[KeyPath]) {
        let intents = self.fixes.iter_mut().flat_map(|fix| &mut fix.intents);
        let edited = intents.filter_map(Intent::key_mut);
        let named = std::iter::once(&mut self.key).chain(self.also.iter_mut().map(|(key, _)| key)).chain(edited);
        named.into_iter().for_each(|key| key.step_over(refused));
    }

    /// A name for the fix that is being said, where what it does says too little.
    pub fn titled(&mut self, title: impl Into<String>) -> &mut Self {
        self.fix().title = Some(title.into());
        self
    }

    /// How safe the fix is that is being said, where that is not what its rule says.
    pub fn safety(&mut self, safety: Safety) -> &mut Self {
        self.fix().safety = Some(safety);
        self
    }

    fn intend(&mut self, intent: Intent) -> &mut Self {
        self.fix().intents.push(intent);
        self
    }

    fn fix(&mut self) -> &mut FixDraft {
        if self.fixes.is_empty() {
            self.or();
        }
        self.fixes.last_mut().expect("one was just pushed")
    }
}

impl FixDraft {
    /// The fix with its places; `safety` is its rule's.
    pub(super) fn finish(self, safety: Safety, policy: &Policy<'_>) -> Fix {
        let element = |key: &KeyPath| policy.leaf(key).map(|value| Literal::from(&value).to_string());
        let mut fix = Fix::new(self.safety.unwrap_or(safety), self.intents, element);
        if let Some(title) = self.title {
            fix.title = title;
        }
        fix
    }
}
