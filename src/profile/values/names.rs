//! Names: of apps, cookies, secrets, routes, files, images and versions, each with the characters that it may hold.

use std::fmt;
use std::path::PathBuf;

use super::{shown, text};
use crate::profile::text::{Refusal, quoted};
use crate::source::nearest;

/// A DNS label in lower case: names an app, a namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

impl Label {
    fn check(text: &str) -> Result<Self, Refusal> {
        let inner = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if inner && (1..=63).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-') {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} is not a DNS label", quoted(text)),
            "write 1 to 63 of a-z, 0-9 and -, with no - at either end, such as \"shop\"",
        ))
    }
}

shown!(Label);
text! {
    /// A DNS label: 1 to 63 of a-z, 0-9 and -, with no - at either end.
    Label, "a DNS label", ["shop"], "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
}

/// The name of an entry: a secret, a route, a provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    fn check(text: &str) -> Result<Self, Refusal> {
        let inner = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if inner && (1..=40).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} cannot name an entry", quoted(text)),
            "write a lower-case letter and at most 39 more of a-z, 0-9 and _, such as \"sign_in\"",
        ))
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

shown!(Name);
text! {
    /// The name of an entry: a lower-case letter, then at most 39 of a-z, 0-9 and _.
    Name, "a name", ["sign_in"], "^[a-z][a-z0-9_]{0,39}$"
}

/// The name of an app's release: a version, or a date.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseName(String);

impl ReleaseName {
    fn check(text: &str) -> Result<Self, Refusal> {
        let inner = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-+".contains(&b));
        if inner && (1..=40).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} cannot name a release", quoted(text)),
            "write 1 to 40 of a-z, 0-9, ., _, - and +, as the app's pack has it, such as \"2025-12\" or \"0.8.2\"",
        ))
    }
}

shown!(ReleaseName);
text! {
    /// The name of an app's release: 1 to 40 of a-z, 0-9, ., _, - and +, beginning with a letter or a digit.
    ReleaseName, "the name of a release", ["2025-12", "0.8.2"], "^[a-z0-9][a-z0-9._+-]{0,39}$"
}

/// The name of a cookie.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CookieName(String);

impl CookieName {
    fn check(text: &str) -> Result<Self, Refusal> {
        // RFC 6265 takes any token. These are the characters that apps really
        // use, and that no proxy reads as a pattern.
        let inner = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
        if inner && (1..=128).contains(&text.len()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} cannot name a cookie", quoted(text)),
            "write 1 to 128 of A-Z, a-z, 0-9, _, - and ., such as \"__Host-session\"",
        ))
    }
}

shown!(CookieName);
text! {
    /// The name of a cookie: 1 to 128 of A-Z, a-z, 0-9, _, - and the full stop.
    CookieName, "a cookie's name", ["session", "__Host-session"], "^[A-Za-z0-9_.-]{1,128}$"
}

/// A plugin that a program is built with. Few of them change what is written for it, so that any name will do but one
/// that such a plugin's is mistaken for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plugin(String);

impl Plugin {
    /// Counts requests, in Caddy: `http.handlers.rate_limit`.
    pub const RATE_LIMIT: &'static str = "rate_limit";

    fn check(text: &str) -> Result<Self, Refusal> {
        let name = Name::check(text)?;
        match nearest(text, [Self::RATE_LIMIT]) {
            Some(meant) if meant != text => Err(Refusal::new(
                format!("{} is no plugin that is known", quoted(text)),
                format!("did you mean \"{meant}\"?"),
            )),
            _ => Ok(Self(name.0)),
        }
    }
}

shown!(Plugin);
text! {
    /// The name of a plugin: a lower-case letter, then at most 39 of a-z, 0-9 and _.
    Plugin, "a plugin's name", ["rate_limit"], "^[a-z][a-z0-9_]{0,39}$"
}

/// A container image, with a tag or a digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Image(String);

impl Image {
    fn check(text: &str) -> Result<Self, Refusal> {
        let inner = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-:@".contains(&b));
        if inner && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.len() <= 512 {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} is not an image", quoted(text)),
            "write it as `docker pull` takes it, such as \"registry.example.com/shop@sha256:…\" with all 64 digits",
        ))
    }
}

shown!(Image);
text! {
    /// A container image as docker pull takes it.
    Image, "an image", ["registry.example.com/shop:1.2.3"], "^[A-Za-z0-9][A-Za-z0-9/._:@-]*$"
}

/// An address that mail is sent from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        let parts = text.rsplit_once('@');
        let local = |local: &str| {
            (1..=64).contains(&local.len())
                && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#%&'*+-/=?^_{|}~.".contains(&b))
        };
        match parts {
            Some((name, domain)) if local(name) && super::HostName::check(domain).is_ok() => Ok(Self(text.to_owned())),
            _ => Err(Refusal::new(
                format!("{} is not a mail address", quoted(text)),
                "write name@domain, such as \"noreply@shop.example.com\"",
            )),
        }
    }
}

shown!(EmailAddress);
text! {
    /// A mail address.
    EmailAddress, "a mail address", ["noreply@shop.example.com"], "^[^@\\s\"$`\\\\]+@[a-z0-9.-]+$"
}

/// A version of a program: up to three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    parts: [u32; 3],
    written: u8,
}

impl Image {
    /// Whether it is named by what is in it: the digests that registries take (OCI image specification, digests).
    pub fn is_pinned(&self) -> bool {
        let digest = self.as_str().split_once('@').and_then(|(_, digest)| digest.split_once(':'));
        let Some((algorithm, hex)) = digest else { return false };
        let is_hex = hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        is_hex && matches!((algorithm, hex.len()), ("sha256", 64) | ("sha512", 128))
    }
}

impl Version {
    /// A version of three numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { parts: [major, minor, patch], written: 3 }
    }

    /// Whether it is this version or a later one.
    pub fn at_least(self, other: Self) -> bool {
        self.parts >= other.parts
    }

    /// Its first two parts: `1.34` of `1.34.2`.
    #[must_use]
    pub fn minor(self) -> Self {
        let [major, minor, _] = self.parts;
        Self { parts: [major, minor, 0], written: 2 }
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        let mut version = Self { parts: [0; 3], written: 0 };
        let fits = text.split('.').all(|part| {
            let slot = version.parts.get_mut(usize::from(version.written));
            let number = part.parse().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()));
            version.written += u8::from(slot.is_some());
            slot.zip(number).map(|(slot, number)| *slot = number).is_some()
        });
        if fits && text.len() <= 20 {
            return Ok(version);
        }
        Err(Refusal::new(
            format!("{} is not a version", quoted(text)),
            "write up to three numbers: \"1.22.1\", \"3.0\"",
        ))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &self.parts[..usize::from(self.written.max(1))];
        let text: Vec<String> = parts.iter().map(u32::to_string).collect();
        out.write_str(&text.join("."))
    }
}

text! {
    /// A version: up to three numbers with full stops between.
    Version, "a version", ["1.22.1", "3.0"], "^[0-9]+(\\.[0-9]+){0,2}$"
}

/// The code of a rule, as a waiver names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleCode(String);

impl RuleCode {
    fn check(text: &str) -> Result<Self, Refusal> {
        let shape = text.len() == 6
            && text.bytes().take(3).all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && text.bytes().skip(3).all(|b| b.is_ascii_digit());
        if shape {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} is not a rule's code", quoted(text)),
            "write three letters and three digits, such as \"COR007\"; `seccfg rules` lists them",
        ))
    }
}

shown!(RuleCode);
text! {
    /// The code of a rule: three letters and three digits.
    RuleCode, "a rule's code", ["COR007"], "^[A-Z0-9]{3}[0-9]{3}$"
}

/// A key of the profile from its root, dotted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DottedKey(String);

impl DottedKey {
    fn check(text: &str) -> Result<Self, Refusal> {
        let bare =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if text.split('.').all(bare) {
            return Ok(Self(text.to_owned()));
        }
        // Findings name an element of a list by its place, which is another one as soon as the list changes.
        let parts: Vec<&str> = text.split('.').map(|part| part.split('[').next().unwrap_or(part)).collect();
        if text.contains('[') && parts.iter().all(|part| bare(part)) {
            return Err(Refusal::new(
                format!("{} is an element of a list, and a waiver is about all of it", quoted(text)),
                format!("write \"{}\"", parts.join(".")),
            ));
        }
        Err(Refusal::new(
            format!("{} is not a key", quoted(text)),
            "write it from the root and without quotes, as findings name it: \"cookies.session.secure\", or \"cookies\" for all below",
        ))
    }
}

shown!(DottedKey);
text! {
    /// A key of the profile from its root, dotted; it means all below it, too.
    DottedKey, "a key", ["cookies.session"], "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$"
}

/// Which app this is: one that seccfg knows, or a pack file of the user's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AppKind {
    /// The name of an embedded pack.
    Known(&'static str),
    /// A pack file, relative to the profile.
    File(PathBuf),
}

impl AppKind {
    /// The packs in the binary.
    pub const KNOWN: [&'static str; 4] = ["instacrud", "fastcms", "crudauth", Self::GENERIC];

    /// The pack that knows nothing about its app.
    const GENERIC: &'static str = "generic";

    fn check(text: &str) -> Result<Self, Refusal> {
        if let Some(known) = Self::KNOWN.iter().find(|known| **known == text) {
            return Ok(Self::Known(known));
        }
        let is_path =
            text.contains('/') && std::path::Path::new(text).extension().is_some_and(|ending| ending == "toml");
        if is_path && !text.chars().any(char::is_control) {
            return Ok(Self::File(text.into()));
        }
        let mut refusal = crate::profile::keyword::unknown(text, "an app that seccfg knows", &Self::KNOWN);
        refusal.help = if std::path::Path::new(text).extension().is_some_and(|ending| ending == "toml") {
            format!("write the pack's path with its folder: \"./{text}\"")
        } else if let Some(meant) = nearest(text, Self::KNOWN) {
            format!("did you mean \"{meant}\"? seccfg knows {}", Self::KNOWN.join(", "))
        } else {
            let known =
                Self::KNOWN.iter().filter(|known| **known != Self::GENERIC).copied().collect::<Vec<_>>().join(", ");
            format!(
                "write \"{}\", for any other app than {known}; or the path of a pack that describes yours, such as \"./my-app.toml\" (docs/app-packs.md)",
                Self::GENERIC
            )
        };
        Err(refusal)
    }
}

impl fmt::Display for AppKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(name) => out.write_str(name),
            Self::File(path) => write!(out, "{}", path.display()),
        }
    }
}

text! {
    /// Which app this is: instacrud, fastcms, crudauth, generic, or the path of an app pack, relative to the profile.
    AppKind, "an app", ["instacrud", "fastcms", "crudauth", "generic", "./my-app.toml"],
    "^(instacrud|fastcms|crudauth|generic|.*/.*\\.toml)$"
}
