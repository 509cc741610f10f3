//! What became of a demand, once the site was asked.

use std::fmt::Display;

use crate::rules::Rule;
use crate::source::{KeyPath, is_obeyed};

/// What became of one demand.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was seen, in a few words each.
    pub seen: Vec<String>,
    /// Why it could not be seen.
    pub unseen: Option<String>,
    /// Where the site does otherwise.
    pub breaches: Vec<Breach>,
}

/// One way in which a site does otherwise than the profile says.
#[derive(Debug)]
pub struct Breach {
    /// The rule that is broken on the wire.
    pub rule: &'static Rule,
    /// The line of the profile.
    pub key: KeyPath,
    /// What the site does.
    pub message: String,
    /// What to do, where that is not a matter of who is responsible.
    pub help: Option<String>,
    /// Whether nobody gets to the site by it, so that it is an error whatever the rule says of what is planned.
    pub is_outage: bool,
}

impl Outcome {
    /// What can't be seen from here, and why.
    pub fn unseen(why: impl Into<String>) -> Self {
        Self { unseen: Some(why.into()), ..Self::default() }
    }

    /// Notes what was seen.
    pub fn see(&mut self, what: impl Into<String>) {
        self.seen.push(what.into());
    }

    /// Notes where the site does otherwise.
    pub fn breach(&mut self, rule: &'static Rule, key: impl Into<KeyPath>, message: impl Into<String>) {
        self.breaches.push(Breach { rule, key: key.into(), message: message.into(), help: None, is_outage: false });
    }

    /// Notes it where no breach of the same line by the same rule is noted yet: what shows on several answers is told of the
    /// first.
    pub fn breach_once(&mut self, rule: &'static Rule, key: impl Into<KeyPath>, message: impl Into<String>) {
        self.breach_once_with(rule, key, message, None);
    }

    /// The same, with what to do about it.
    pub fn breach_once_with(
        &mut self,
        rule: &'static Rule,
        key: impl Into<KeyPath>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let key = key.into();
        if self.breaches.iter().all(|breach| breach.rule.code != rule.code || breach.key != key) {
            self.breaches.push(Breach { rule, key, message: message.into(), help, is_outage: false });
        }
    }

    /// Says of what was noted last that nobody gets to the site by it.
    pub fn is_outage(&mut self) {
        if let Some(last) = self.breaches.last_mut() {
            last.is_outage = true;
        }
    }

    /// Notes why something could not be seen. What was seen besides does not count then: a part is not the whole.
    pub fn miss(&mut self, why: &dyn Display) {
        self.unseen.get_or_insert_with(|| why.to_string());
    }
}

/// A text that came from a server, as it may be shown: short, and without what a terminal obeys.
pub fn shown(text: &str) -> String {
    const MOST: usize = 120;
    let visible = |c| if is_obeyed(c) { char::REPLACEMENT_CHARACTER } else { c };
    let mut short: String = text.chars().take(MOST).map(visible).collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    short
}

/// Some answers, by what was asked: the first, and how many others there are.
pub fn told(whats: &[&str]) -> String {
    match whats {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, other] => format!("{one} and {other}"),
        [one, others @ ..] => format!("{one} and {} other answers", others.len()),
    }
}
