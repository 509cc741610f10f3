//! Files on the server: paths from its root, and names below a folder.

use std::fmt;

use super::{shown, text};
use crate::profile::text::{Refusal, quoted};

/// An absolute path of a file on the server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(String);

impl FilePath {
    pub(super) fn check(text: &str) -> Result<Self, Refusal> {
        // Without blanks, quotes, `$` and braces a path means the same in every
        // configuration language and shell.
        let inner = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-+@%=:,~".contains(&b));
        if inner && text.starts_with('/') && text.len() <= 1024 {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} is not an absolute path", quoted(text)),
            "write a path from /, of A-Z, a-z, 0-9 and / . _ - + @ % = : , ~ only",
        ))
    }

    /// The file that it leads to, with one name for each step: without `.`, `..`, doubled slashes and one at its end.
    pub fn resolved(&self) -> String {
        let mut steps = Vec::new();
        for step in self.0.split('/') {
            match step {
                "" | "." => {}
                ".." => {
                    steps.pop();
                }
                step => steps.push(step),
            }
        }
        steps.iter().flat_map(|step| ["/", step]).collect()
    }

    /// A path that the code itself makes from checked parts.
    pub(crate) fn made(path: String) -> Self {
        debug_assert!(Self::check(&path).is_ok());
        Self(path)
    }
}

shown!(FilePath);
text! {
    /// An absolute path on the server, without blanks, quotes or $.
    FilePath, "an absolute path", ["/etc/letsencrypt/live/shop.example.com/fullchain.pem"], "^/[A-Za-z0-9/._+@%=:,~-]*$"
}

/// The name of a file below a folder, with the folders between.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

impl FileName {
    fn check(text: &str) -> Result<Self, Refusal> {
        let part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        };
        if text.len() <= 255 && text.split('/').all(part) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} is not a file below a folder", quoted(text)),
            "write its name as it stands in the folder, such as \"index.html\": of A-Z, a-z, 0-9, _ . - and /, and no part \
             begins with a dot",
        ))
    }
}

shown!(FileName);
text! {
    /// The name of a file below a folder, such as index.html.
    FileName, "a file's name", ["index.html"], "^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$"
}

/// A file of variables: seen from the profile's folder, or from `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvFileName(String);

impl EnvFileName {
    fn check(text: &str) -> Result<Self, Refusal> {
        let part =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._@+-".contains(&b));
        // What ends with a dot is a folder, such as `..`.
        let below = text.strip_prefix('/').unwrap_or(text);
        if text.len() <= 255 && below.split('/').all(part) && !text.ends_with('.') {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} is not the name of a file of variables", quoted(text)),
            "write its path as seen from the profile's folder, such as \".env.production\": of A-Z, a-z, 0-9 and . _ @ + - /",
        ))
    }
}

shown!(EnvFileName);
text! {
    /// A file of variables, as seen from the profile's folder.
    EnvFileName, "a file of variables", [".env", ".env.production", ".envs/.production/.django"], "^/?([A-Za-z0-9._@+-]+/)*[A-Za-z0-9._@+-]*[A-Za-z0-9_@+-]$"
}

/// The authority whose certificates clients may show, or that none of theirs counts: an overlay cannot take a key away, and
/// where TLS ends elsewhere, as on a developer's machine, nobody shows one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientAuthority {
    /// No certificate lets anyone in.
    None,
    /// The file with the authority's own certificate.
    File(FilePath),
}

impl ClientAuthority {
    fn check(text: &str) -> Result<Self, Refusal> {
        if text == "none" {
            return Ok(Self::None);
        }
        FilePath::check(text).map(Self::File)
    }

    /// The file, where there is an authority.
    pub const fn file(&self) -> Option<&FilePath> {
        match self {
            Self::None => None,
            Self::File(file) => Some(file),
        }
    }
}

impl fmt::Display for ClientAuthority {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => out.write_str("none"),
            Self::File(file) => write!(out, "{file}"),
        }
    }
}

text! {
    /// An absolute path on the server, without blanks, quotes or $; or none.
    ClientAuthority, "an absolute path, or `none`", ["/etc/ssl/partners.pem", "none"], "^(none|/[A-Za-z0-9/._+@%=:,~-]*)$"
}
