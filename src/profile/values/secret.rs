//! References to secrets: `env:SECRET_KEY` and `file:/run/secrets/key`. A literal in their place is refused.

use std::fmt;

use super::{FilePath, shown};
use crate::profile::text::{Refusal, quoted};

/// Where a secret is found when it is needed. Never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretRef {
    /// The environment variable of this name.
    Env(String),
    /// The file at this absolute path.
    File(FilePath),
}

/// Whether a text is a name that every shell and `.env` reader takes.
fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The name of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VariableName(String);

impl VariableName {
    fn check(text: &str) -> Result<Self, Refusal> {
        if is_variable(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} cannot name a variable", quoted(text)),
            "write letters, digits and _, not beginning with a digit, such as \"SECRET_KEY\"",
        ))
    }
}

impl std::borrow::Borrow<str> for VariableName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

shown!(VariableName);
super::text! {
    /// The name of an environment variable: letters, digits and _, not beginning with a digit.
    VariableName, "a variable's name", ["SECRET_KEY"], "^[A-Za-z_][A-Za-z0-9_]*$"
}

/// What stands behind a variable's name in the name of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VariableSuffix(String);

impl VariableSuffix {
    fn check(text: &str) -> Result<Self, Refusal> {
        // Behind a letter, digits are part of a name, too.
        if !text.is_empty() && is_variable(&format!("A{text}")) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} cannot end a variable's name", quoted(text)),
            "write letters, digits and _, such as \"_FILE\"",
        ))
    }
}

shown!(VariableSuffix);
super::text! {
    /// The end of an environment variable's name: letters, digits and _.
    VariableSuffix, "the end of a variable's name", ["_FILE"], "^[A-Za-z0-9_]+$"
}

/// The names of environment variables that are alike but for one part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VariablePattern(String);

impl VariablePattern {
    fn check(text: &str) -> Result<Self, Refusal> {
        let without = text.replacen('*', "", 1);
        if text.contains('*') && is_variable(&without) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            format!("{} is no pattern of variables' names", quoted(text)),
            "write a name with one `*` for what differs, such as \"AWS_*\"",
        ))
    }

    /// Whether a name is like it.
    pub fn takes(&self, name: &str) -> bool {
        let (start, end) = self.0.split_once('*').unwrap_or((&self.0, ""));
        name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
    }
}

shown!(VariablePattern);
super::text! {
    /// Names of environment variables that are alike but for one part, for which a `*` stands.
    VariablePattern, "a pattern of variables' names", ["AWS_*"], "^[A-Za-z0-9_]*\\*[A-Za-z0-9_]*$"
}

/// Whether a text is a variable's name, by itself or as `${NAME}`: several words of capitals, as in `NEXTAUTH_SECRET`. What chance
/// made has digits or small letters, too.
fn is_a_name_by_itself(text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let words = name.split('_');
    words.clone().count() > 1
        && words.clone().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase()))
}

impl SecretRef {
    fn check(text: &str) -> Result<Self, Refusal> {
        let refusal = |message: &str| {
            let mut refusal = Refusal::new(
                message,
                "keep the value in the environment or in a file and write \"env:NAME\" or \"file:/absolute/path\"; \
                 a literal that was ever committed has to be replaced",
            )
            .code("SEC001");
            refusal.label = "not a reference";
            refusal
        };
        // The text is never repeated: it may be the secret.
        match text.split_once(':') {
            Some(("env", name)) if is_variable(name) => Ok(Self::Env(name.to_owned())),
            Some(("env", _)) => Err(refusal("after `env:` stands no name of an environment variable")),
            Some(("file", path)) => {
                FilePath::check(path).map(Self::File).map_err(|_| refusal("after `file:` stands no absolute path"))
            }
            _ if is_a_name_by_itself(text) => {
                let mut refusal = refusal("a variable's name stands here by itself");
                refusal.help = "write \"env:\" before it: the value is then looked up in the environment".into();
                Err(refusal)
            }
            _ => Err(refusal("a secret stands here as a literal")),
        }
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(out, "env:{name}"),
            Self::File(path) => write!(out, "file:{path}"),
        }
    }
}

super::text! {
    /// Where a secret is found: env:NAME or file:/absolute/path. Never the secret itself.
    SecretRef, "a secret's reference", ["env:SECRET_KEY", "file:/run/secrets/key"],
    "^(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)$", secret: true, shape: Reference
}

/// A value that is no secret and yet often kept in the environment: written
/// out, or referred to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// `env:NAME` or `file:/path`.
    Reference(SecretRef),
    /// The value itself.
    Literal(String),
}

impl Setting {
    fn check(text: &str) -> Result<Self, Refusal> {
        if text.starts_with("env:") || text.starts_with("file:") {
            return SecretRef::check(text)
                .map(Self::Reference)
                .map_err(|refusal| Refusal { code: "PRF003", ..refusal });
        }
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Refusal::new(
                format!("{} is not a plain value", quoted(text)),
                "write visible ASCII without spaces, or a reference such as \"env:NAME\"",
            ));
        }
        Ok(Self::Literal(text.to_owned()))
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(reference) => reference.fmt(out),
            Self::Literal(text) => out.write_str(text),
        }
    }
}

super::text! {
    /// A public value, written out or as a reference: env:NAME or file:/absolute/path.
    Setting, "a value or a reference", ["env:GOOGLE_CLIENT_ID"], "^[!-~]+$", shape: Reference
}
