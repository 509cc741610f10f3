//! Strings with a meaning, and how they are refused.

use super::bounds::Units;
use super::shape::Shape;
use crate::source::{credentials, is_obeyed};

/// Why a text is not a value of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code of the rule that it breaks.
    pub code: &'static str,
    /// What is wrong, as one sentence.
    pub message: String,
    /// What to write.
    pub help: String,
    /// A word or two for the place itself.
    pub label: &'static str,
    /// What is beyond doubt meant in its place, where anything is.
    pub instead: Option<Instead>,
}

/// What is meant in the place of a refused text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// This text.
    Text(String),
    /// Nothing: the key, or the element of a list, goes.
    Nothing,
}

impl Refusal {
    /// A refusal that no rule has a code for: PRF003.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code: "PRF003", message: message.into(), help: help.into(), label: "refused", instead: None }
    }

    /// The same under a rule's own code.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// The same with what is meant in its place.
    #[must_use]
    pub fn instead(mut self, instead: impl Into<Option<Instead>>) -> Self {
        self.instead = instead.into();
        self
    }
}

/// A string with a meaning, made only by its checked constructor.
pub trait Text: Sized + serde::Serialize + 'static {
    /// With its article: "a duration".
    const WHAT: &'static str;
    /// Values to show in messages and in the editor.
    const EXAMPLES: &'static [&'static str];
    /// What editors check. The constructor decides; this may let more through.
    const PATTERN: &'static str;

    /// The checked constructor.
    fn parse(text: &str) -> Result<Self, Refusal>;

    /// All that it may be, where it is one of a few words.
    const WORDS: &'static [Word] = &[];

    /// Whether a refused text may be a secret, never to be shown.
    const SECRET: bool = false;

    /// What to write for a bare number, as a help says it, where it has a meaning.
    fn of_number(_: u64) -> Option<String> {
        None
    }

    /// The units in which an amount is written, each with its size, the largest first; none where it is no amount.
    const UNITS: Units = &[];

    /// What a variable can hold of it.
    const SHAPE: Shape = Shape::Text(canonical::<Self>);

    /// What a variable can hold of a list of it.
    const LISTED: Shape = Shape::List(canonical::<Self>);
}

/// A text as its type writes it.
fn canonical<T: Text>(text: &str) -> Option<String> {
    let value = serde_json::to_value(T::parse(text).ok()?).ok()?;
    value.as_str().map(str::to_owned)
}

/// One of the few words that a text may be.
#[derive(Debug)]
pub struct Word {
    /// The word.
    pub word: &'static str,
    /// Its documentation, line by line.
    pub doc: &'static str,
}

/// Words for people, of which nothing is asked.
impl Text for String {
    const WHAT: &'static str = "a text";
    const EXAMPLES: &'static [&'static str] = &[];
    const PATTERN: &'static str = "";

    fn parse(text: &str) -> Result<Self, Refusal> {
        Ok(text.to_owned())
    }
}

/// Text from a profile, fit to stand in a message: short, and without anything
/// that a terminal would obey.
///
/// What stands before an @ may be a password, as in a URL, and is not shown then.
pub fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    // As names are, of which a file may have thousands.
    if text.len() <= MOST && text.as_bytes().iter().all(|byte| byte.is_ascii_graphic() && *byte != b'@') {
        return ["`", text, "`"].concat();
    }
    let masked = |at: usize| {
        let start = credentials(&text[..at], &text[at + 1..])?;
        Some(format!("{}***{}", &text[..start], &text[at..]))
    };
    let safe = text.rfind('@').and_then(masked);
    let text = safe.as_deref().unwrap_or(text);
    let mut shown = String::new();
    for c in text.chars().take(MOST) {
        if is_obeyed(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}
