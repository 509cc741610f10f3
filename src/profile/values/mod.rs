//! Checked values: strings that mean something, made only by a constructor
//! that knows what.
//!
//! What a constructor accepts is safe to hand to an artifact's writer, and
//! means the same everywhere it is read. Anything else is refused with words
//! that say what to write instead.

mod cores;
mod files;
mod names;
mod net;
mod networks;
mod phrase;
mod secret;
mod size;
mod time;
mod upstream;
mod web;

pub use cores::Cores;
pub use files::{ClientAuthority, EnvFileName, FileName, FilePath};
pub use names::{
    AppKind, CookieName, DottedKey, EmailAddress, Image, Label, Name, Plugin, ReleaseName, RuleCode, Version,
};
pub use net::{Address, Cidr, Host, HostName, same_holder};
pub use networks::{CDNS, Cdn, Peer, TrustedProxies};
pub use phrase::Phrase;
pub use secret::{SecretRef, Setting, VariableName, VariablePattern, VariableSuffix};
pub use size::{ByteSize, Period, Rate};
pub use time::{Date, Duration};
pub use upstream::{NameServer, Upstream, Upstreams};
pub use web::{AppOrigin, CorsOrigin, HeaderName, HeaderValue, Method, Origin, Url, UrlPath};

/// Gives a checked string its reader's trait, its schema and its written form.
/// The type brings a `Display` and `fn check(&str) -> Result<Self, Refusal>`.
macro_rules! text {
    ($(#[doc = $doc:literal])+ $name:ident, $what:literal, [$($example:literal),+], $pattern:literal
     $(, secret: $secret:literal)? $(, shape: $shape:ident)? $(, units: $units:expr)? $(, number: $number:expr)?) => {
        impl $crate::profile::Text for $name {
            const WHAT: &'static str = $what;
            const EXAMPLES: &'static [&'static str] = &[$($example),+];
            const PATTERN: &'static str = $pattern;
            $(const SECRET: bool = $secret;)?
            $(const UNITS: $crate::profile::bounds::Units = $units;)?
            $(const SHAPE: $crate::profile::Shape = $crate::profile::Shape::$shape;)?

            fn parse(text: &str) -> Result<Self, $crate::profile::Refusal> {
                Self::check(text)
            }

            $(fn of_number(number: u64) -> Option<String> {
                ($number)(number)
            })?
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::profile::described::text($pattern, &[$($example),+], concat!($($doc, "\n"),+))
            }
        }
    };
}

/// A newtype over a string that shows as it was written.
macro_rules! shown {
    ($name:ident) => {
        impl $name {
            /// The text as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

use {shown, text};

#[cfg(test)]
mod tests;
