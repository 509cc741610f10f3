//! Words from a fixed list.

/// Declares an enum whose variants are words in a profile.
macro_rules! keywords {
    (
        $(#[doc = $doc:literal])+
        pub enum $name:ident ($what:literal) {
            $($(#[doc = $variant_doc:literal])+ $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[doc = $variant_doc])+ $variant,)+
        }

        impl $name {
            /// Every word, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it is written.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl $crate::profile::Text for $name {
            const WHAT: &'static str = $what;
            const EXAMPLES: &'static [&'static str] = &[$($word),+];
            const PATTERN: &'static str = "";
            const WORDS: &'static [$crate::profile::vocabulary::Word] =
                &[$($crate::profile::vocabulary::Word { word: $word, doc: concat!($($variant_doc, "\n"),+) }),+];
            const SHAPE: $crate::profile::Shape = $crate::profile::Shape::Words(&[$($word),+]);

            fn parse(text: &str) -> Result<Self, $crate::profile::Refusal> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    other => Err($crate::profile::keyword::unknown(other, $what, &[$($word),+])),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::profile::described::words(concat!($($doc, "\n"),+), <Self as $crate::profile::Text>::WORDS)
            }
        }
    };
}

pub(crate) use keywords;

use super::Refusal;
use super::foreign::{self, Meant};
use super::text::quoted;
use crate::source::nearest;

/// The refusal of a word that is not in the list.
pub fn unknown(word: &str, what: &str, words: &[&'static str]) -> Refusal {
    let list = words.join(", ");
    let meant = foreign::word(word, what, words).or_else(|| nearest(word, words.iter().copied()).map(Meant::Word));
    let help = match meant {
        Some(Meant::Word(meant)) => format!("did you mean \"{meant}\"? One of: {list}"),
        Some(Meant::Say(what)) => format!("{what}. One of: {list}"),
        None => format!("one of: {list}"),
    };
    let mut refusal = Refusal::new(format!("{} is not {what}", quoted(word)), help);
    refusal.label = "unknown word";
    refusal
}
