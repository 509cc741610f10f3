//! Text that nginx reads back exactly as it was meant.
//!
//! nginx's configuration language has two traps that no amount of quoting closes: `$` starts a
//! variable wherever a directive takes one and has no escape, and `\n`, `\r` and `\t` inside
//! quotes turn into control characters, which in a header value is a header of its own.
//!
//! | type | written as | for |
//! |---|---|---|
//! | [`Word`] | bare | names, addresses, numbers with a unit |
//! | [`Text`] | `"…"`, no `$` | paths, literal header values |
//! | [`Constant`] | `"…"`, `$` allowed | the one place that never interpolates: a `geo` block |
//! | [`MapKey`] | bare, `\` before a word of the map's own | a key of a `map` block that is a name |
//! | [`PathRegex`] | `"~*^…"` | a key of a `map $uri` block |
//! | [`Comment`] | behind `# ` | what made a block, and the profile key that asked for it |

pub use super::super::escape::{Comment, EscapeError, MAX_TOKEN, Word};
use super::super::escape::{printable, sized};
use super::super::path::{self, Reach};

/// A text that [`quote`] can write.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text(String);

impl Text {
    /// Checks that [`quote`] takes `text`.
    pub fn new(text: &str) -> Result<Self, EscapeError> {
        quote(text).map(|_| Self(text.to_owned()))
    }

    /// The text, not quoted.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text for the default of a `geo` block, the one place where nginx takes `$` literally.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Constant(String);

impl Constant {
    /// Checks and quotes `text`.
    pub fn new(text: &str) -> Result<Self, EscapeError> {
        double_quote(text).map(Self)
    }

    /// The constant as nginx reads it, quotes included.
    pub fn quoted(&self) -> &str {
        &self.0
    }
}

/// A word as a key of a `map` block. A map has parameters of its own, which stand where its keys do: `include x;` would
/// read a file there, and a second `default x;` keeps nginx from starting. Behind a backslash they are keys like others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MapKey(String);

impl MapKey {
    /// The parameters of a map.
    const PARAMETERS: [&str; 4] = ["default", "hostnames", "include", "volatile"];

    /// Checks that `text` is a word.
    pub fn new(text: &str) -> Result<Self, EscapeError> {
        let word = Word::new(text)?;
        let escape = if Self::PARAMETERS.contains(&text) { "\\" } else { "" };
        Ok(Self(format!("{escape}{}", word.as_str())))
    }

    /// The key as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A case-insensitive pattern over nginx's `$uri` (decoded, dots and double slashes resolved),
/// written as the key of a `map`.
///
/// It ends in `$`, not in `\z`, on purpose: PCRE's `$` also matches before a last line feed, and so
/// do the routes of Python frameworks, to which `/docs%0A` is `/docs`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PathRegex(String);

impl PathRegex {
    /// The path with everything under it: `/docs` also takes `/docs/`, `/docs/x` and `/docs;x`,
    /// not `/documents`. A path that ends in `/` is a plain prefix.
    pub fn under(path: &str) -> Result<Self, EscapeError> {
        Self::build(path, Reach::Under)
    }

    /// The path alone: `/signin` also takes `/signin/` and `/signin;x`, not `/signin/callback`.
    /// A path that ends in `/` is a plain prefix.
    pub fn exact(path: &str) -> Result<Self, EscapeError> {
        Self::build(path, Reach::Exact)
    }

    /// The path behind what a server may take for a host's name: `/x/docs` for `/docs`.
    pub fn behind_host(path: &str, reach: Reach) -> Result<Self, EscapeError> {
        double_quote(&format!("~*^{}{}", path::HOST, path::pattern(path, reach, "$")?)).map(Self)
    }

    /// What may have become of a request for a path with `*` that has an encoded slash; nothing, where there is no `*`.
    pub fn across(path: &str, reach: Reach) -> Result<Option<Self>, EscapeError> {
        path::across(path, reach, "$")?.map(|pattern| double_quote(&format!("~*^{pattern}")).map(Self)).transpose()
    }

    /// The targets with an encoded slash, over `$request_uri`.
    pub fn slash() -> Result<Self, EscapeError> {
        double_quote(&format!("~{}", path::SLASH)).map(Self)
    }

    /// The targets in which a server may find a host's name, over `$request_uri`.
    pub fn with_host() -> Result<Self, EscapeError> {
        double_quote(&format!("~^{}", path::HOST_BEFORE)).map(Self)
    }

    /// The targets that servers read as different paths, over `$request_uri`.
    pub fn ambiguous() -> Result<Self, EscapeError> {
        double_quote(&format!("~{}", path::AMBIGUOUS)).map(Self)
    }

    /// The paths with a character in more bytes than it has, over `$uri`.
    pub fn overlong() -> Result<Self, EscapeError> {
        double_quote(&format!("~{}", path::OVERLONG)).map(Self)
    }

    /// The targets with a segment that is `.` or `..`, over `$request_uri`.
    pub fn dots() -> Result<Self, EscapeError> {
        double_quote(&format!("~{}", path::DOTS)).map(Self)
    }

    /// The origins of previews: by https, and one label below a name.
    pub fn previews(below: &str) -> Result<Self, EscapeError> {
        double_quote(&format!("~{}", path::previews(below))).map(Self)
    }

    /// A request for this path alone, in this spelling, over the method and the path with a blank between them.
    pub fn question(path: &str) -> Result<Self, EscapeError> {
        let path: String = path.chars().map(path::literal).collect();
        double_quote(&format!("~^(?:GET|HEAD) {path}\\z")).map(Self)
    }

    fn build(path: &str, reach: Reach) -> Result<Self, EscapeError> {
        double_quote(&format!("~*^{}", path::pattern(path, reach, "$")?)).map(Self)
    }

    /// The pattern as a map's key, quotes included.
    pub fn quoted(&self) -> &str {
        &self.0
    }
}

/// A pattern over the same path that tells apart what clients tell apart, capitals and all: it says who answers, and no
/// program that is asked by another spelling is one that should not be.
///
/// It is one text in two notations, so that a location and a map never part: `~ "^…"` heads the one, `"~^…"` is a key of the
/// other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlaceRegex(String);

impl PlaceRegex {
    /// Some paths, each with everything under it, in as many patterns as nginx has room for.
    pub fn several(paths: &[impl AsRef<str>]) -> Result<Vec<Self>, EscapeError> {
        /// Half of what nginx reads as one value: escaping may double it.
        const ROOM: usize = MAX_TOKEN / 2;
        let mut patterns: Vec<String> = Vec::new();
        for path in paths {
            let pattern = path::pattern(path.as_ref(), Reach::Under, "$")?;
            match patterns.last_mut().filter(|last| last.len() + pattern.len() < ROOM) {
                Some(last) => last.extend(["|", &pattern]),
                None => patterns.push(pattern),
            }
        }
        let whole =
            |pattern: String| if pattern.contains('|') { format!("^(?:{pattern})") } else { format!("^{pattern}") };
        patterns.into_iter().map(|pattern| double_quote(&format!("~{}", whole(pattern))).map(Self)).collect()
    }

    /// The pattern as a map's key, quotes included.
    pub fn key(&self) -> &str {
        &self.0
    }

    /// The pattern behind a location's `~`, quotes included.
    pub fn location(&self) -> String {
        self.0.replacen('~', "", 1)
    }
}

/// Writes `text` as one double-quoted token that holds exactly `text`.
pub fn quote(text: &str) -> Result<String, EscapeError> {
    if text.contains('$') {
        return Err(EscapeError::Character('$'));
    }
    double_quote(text)
}

/// As [`quote`], for the places where nginx takes `$` literally.
fn double_quote(text: &str) -> Result<String, EscapeError> {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if !printable(c) {
            return Err(EscapeError::Character(c));
        }
        if matches!(c, '"' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    sized(escaped).map(|escaped| format!("\"{escaped}\""))
}

#[cfg(test)]
mod reader;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<String> {
        reader::words(text).expect("nginx reads what was written")
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_read_back(text in "\\PC*|[ -~\\x00-\\x1f]*") {
            if let Ok(quoted) = quote(&text) {
                prop_assert!(!text.contains('$'));
                prop_assert_eq!(read(&format!("{quoted};")), [text]);
            }
        }

        #[test]
        fn printable_text_is_quoted(text in "[ -#%-~]{0,200}") {
            let quoted = quote(&text).expect("printable ASCII without `$`");
            prop_assert_eq!(read(&format!("x {quoted} y;")), ["x".into(), text, "y".into()]);
        }

        #[test]
        fn constants_keep_dollars(text in "[ -~]{0,200}") {
            let constant = Constant::new(&text).expect("printable ASCII");
            prop_assert_eq!(read(&format!("{};", constant.quoted())), [text]);
        }

        #[test]
        fn any_word_is_refused_or_read_back(text in "\\PC*|[!-~]{1,8}") {
            if let Ok(word) = Word::new(&text) {
                prop_assert_eq!(read(&format!("{};", word.as_str())), [text]);
            }
        }

        #[test]
        fn comments_hide_themselves_and_nothing_more(text in "\\PC*|[ -~\\n\\r]*") {
            if let Ok(comment) = Comment::new(&text) {
                prop_assert_eq!(read(&format!("# {}\nnext;", comment.as_str())), ["next"]);
            }
        }

        #[test]
        fn a_path_is_refused_or_the_one_that_its_pattern_takes(path in "/([!-~]|[*/.a]){0,40}") {
            let behind_host = |path: &str| PathRegex::behind_host(path, Reach::Exact);
            for build in [PathRegex::under, PathRegex::exact, behind_host] {
                if let Ok(regex) = build(&path) {
                    let read = read(&format!("{};", regex.quoted()));
                    let taken = reader::path_pattern(&read[0]).map(|pattern| pattern.path);
                    prop_assert_eq!(taken, Some(path.clone()));
                }
            }
        }
    }

    #[test]
    fn what_nginx_would_misread_is_refused() {
        for (text, refused) in [("a\nX-Evil: 1", '\n'), ("\0", '\0'), ("\u{7f}", '\u{7f}'), ("é", 'é'), ("$host", '$')]
        {
            assert_eq!(quote(text), Err(EscapeError::Character(refused)), "{text:?}");
        }
        assert!(Word::new("unix:/a%b~").is_ok());
        for text in ["a b", "a;", "a\"", "{", "#", "~x", "$x", "a\\"] {
            assert!(Word::new(text).is_err(), "{text:?}");
        }
        assert_eq!(Word::new(""), Err(EscapeError::Empty));
    }

    #[test]
    fn backslashes_come_back_as_written() {
        for text in [r"\n", r"\\n", r"a\", r"\", r#"\""#, r"\t\r", r"\'"] {
            let quoted = quote(text).expect("printable");
            assert_eq!(read(&format!("{quoted};")), [text]);
        }
    }

    #[test]
    fn the_size_counts_after_escaping() {
        assert!(quote(&"x".repeat(MAX_TOKEN)).is_ok());
        assert_eq!(quote(&"x".repeat(MAX_TOKEN + 1)), Err(EscapeError::TooLong(MAX_TOKEN + 1)));
        assert_eq!(quote(&"\"".repeat(2048)), Err(EscapeError::TooLong(4096)));
        assert!(Word::new(&"x".repeat(MAX_TOKEN + 1)).is_err());
        assert!(Comment::new(&"x".repeat(MAX_TOKEN + 1)).is_err());
    }

    #[test]
    fn words_from_addresses_and_names() {
        let socket: std::net::SocketAddr = "[::1]:8443".parse().expect("an address");
        assert_eq!(Word::from(socket).as_str(), "[::1]:8443");
        assert_eq!(Word::identifier("Sign-In"), Word::new("sign_in"));
        assert_eq!(Word::identifier("a.b"), Err(EscapeError::Character('.')));
    }

    #[test]
    fn a_maps_own_words_are_keys_behind_a_backslash() {
        let written = |text| MapKey::new(text).map(|key| read(&format!("{};", key.as_str())));
        for own in MapKey::PARAMETERS {
            assert_eq!(written(own), Ok(vec![format!("\\{own}")]));
        }
        assert_eq!(written("defaults"), Ok(vec!["defaults".to_owned()]));
        assert!(MapKey::new("a b").is_err());
    }

    #[test]
    fn paths_become_patterns() {
        let under = |path| PathRegex::under(path).map(|regex| regex.quoted().to_owned());
        let between = path::BETWEEN.replace('\\', r"\\");
        // Segments, with what stands between them before each.
        let written = |segments: &[&str], tail: &str| {
            let segments: String = segments.iter().flat_map(|segment| [&between, *segment]).collect();
            Ok(format!("\"~*^{segments}{tail}\""))
        };
        let (below, any) = (r"(?:[;/\\x5c]|$)", r"[^/]+");
        assert_eq!(under("/openapi.json"), written(&["openapi[.]json"], below));
        assert_eq!(under("/internal/"), written(&["internal", ""], ""));
        assert_eq!(under("/a+$"), written(&[r"a\\x2b\\x24"], below));
        assert_eq!(under("/c/*/login"), written(&["c", any, "login"], below));
        assert_eq!(under("/c/*"), written(&["c", any], below));
        assert_eq!(
            PathRegex::exact("/signin").map(|regex| regex.quoted().to_owned()),
            written(&["signin"], r"(?:[/\\x5c]|;[^;/\\x5c]*)*$")
        );
        for path in ["docs", "", "/a//b", "/a/../b", "/a/.", "/a%20b", "/a?b", "/a b", "/é"] {
            assert!(PathRegex::under(path).is_err(), "{path:?}");
        }
    }
}
