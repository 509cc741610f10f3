//! Text that is read back exactly as it was meant, in every language that is written here.
//!
//! Every type is a checked constructor: what a reader could take for something else is refused, never mended. Each
//! language has its own literals beside its templates.

use std::fmt;
use std::net::SocketAddr;

/// The longest token nginx accepts, without its quotes: its read buffer holds 4,096 bytes and must
/// not be full before the next token starts, and the closing quote and a blank behind it take one
/// each. (A token before a `;` may be longer by one.)
pub const MAX_TOKEN: usize = 4093;

/// Why a text can't be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EscapeError {
    /// Nothing to write where a word must stand.
    Empty,
    /// More bytes, once escaped, than nginx reads as one token.
    TooLong(usize),
    /// A character that would be read as something else, or that has no safe form.
    Character(char),
    /// A character that Caddy's JSON can hold and a Caddyfile can't.
    Caddyfile(char),
    /// A path that no proxy would ever see, so that a rule for it would silently do nothing.
    Path(&'static str),
}

impl fmt::Display for EscapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong(bytes) => {
                write!(f, "takes {bytes} bytes, and nginx reads at most {MAX_TOKEN} as one value")
            }
            Self::Character('$') => f.write_str("contains `$`, which nginx reads as the start of a variable"),
            Self::Character(c) if c.is_control() => {
                write!(f, "contains the control character U+{:04X}", u32::from(*c))
            }
            Self::Character(c) => write!(f, "contains `{c}`, which can't be written safely here"),
            Self::Caddyfile('`') => f.write_str("contains a backtick, which has no safe form in a Caddyfile"),
            Self::Caddyfile(c) => write!(f, "contains `{c}`, which has no safe form in a Caddyfile"),
            Self::Path(why) => f.write_str(why),
        }
    }
}

impl EscapeError {
    /// What to do, where another value is not the only way out.
    pub const fn help(&self) -> Option<&'static str> {
        match self {
            Self::Caddyfile(_) => Some(
                "render it with --form json, which can hold every value; or write another one \
                 (`targets.caddy.form = \"json\"` says for good what is rendered)",
            ),
            Self::Empty | Self::TooLong(_) | Self::Character(_) | Self::Path(_) => None,
        }
    }
}

impl std::error::Error for EscapeError {}

/// A word that is read the same with and without quotes: a name, an address, a number with its unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Word(String);

impl Word {
    /// Checks `text` against the characters that mean nothing to nginx and Caddy: letters, digits and
    /// `_.:/@*+=,-[]%~` (the brackets for IPv6 addresses). A word that starts with `~` would be a
    /// pattern.
    pub fn new(text: &str) -> Result<Self, EscapeError> {
        if text.is_empty() {
            return Err(EscapeError::Empty);
        }
        let bare = |c: char| c.is_ascii_alphanumeric() || "_.:/@*+=,-[]%~".contains(c);
        match text.chars().find(|&c| !bare(c) || text.starts_with('~')) {
            Some(c) => Err(EscapeError::Character(c)),
            None => sized(text.to_owned()).map(Self),
        }
    }

    /// A part of a variable's or a zone's name: lower case, with `_` for `-`, as a variable ends
    /// at the first character that is no letter, digit or underscore.
    pub fn identifier(text: &str) -> Result<Self, EscapeError> {
        match text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))) {
            Some(c) => Err(EscapeError::Character(c)),
            None => Self::new(&text.replace('-', "_").to_ascii_lowercase()),
        }
    }

    /// The word as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<SocketAddr> for Word {
    /// Infallible: an address prints as digits, letters, dots, colons and brackets. A zone
    /// (`fe80::1%2`) is dropped, as nginx doesn't listen on one.
    fn from(address: SocketAddr) -> Self {
        Self(SocketAddr::new(address.ip(), address.port()).to_string())
    }
}

/// A comment's text: one line of printable ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Comment(String);

impl Comment {
    /// Checks `text`. Its length counts too: nginx refuses a comment line that outgrows its buffer.
    pub fn new(text: &str) -> Result<Self, EscapeError> {
        match text.chars().find(|c| !printable(*c)) {
            Some(c) => Err(EscapeError::Character(c)),
            None => sized(text.to_owned()).map(Self),
        }
    }

    /// The comment's text, without `# `.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that nginx reads as one token.
pub(super) fn sized(text: String) -> Result<String, EscapeError> {
    if text.len() > MAX_TOKEN { Err(EscapeError::TooLong(text.len())) } else { Ok(text) }
}

/// Whether a character is one of a line of ASCII.
pub(super) fn printable(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic()
}
