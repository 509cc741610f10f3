//! From a plan to files. The plan decided; nothing is decided here.
//!
//! Rendering is pure: the same plan gives the same bytes, and nothing is
//! written. What there is to write is [`mod@write`]'s business.

pub mod escape;
pub mod nginx;
pub mod write;

use std::path::PathBuf;

use crate::plan::{Edge, Plan};
use crate::source::KeyPath;

/// One rendered file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Where it belongs, below the folder that is written to.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// Why there are no artifacts.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value has no safe form in the target's language.
    #[error("`{key}` {reason}")]
    Value {
        /// Where the value comes from.
        key: KeyPath,
        /// What is wrong with it, as the end of a sentence.
        reason: String,
    },
    /// A template of ours is wrong.
    #[error("the template {0}; this is a bug in seccfg")]
    Template(String),
    /// The target has no renderer.
    #[error("this seccfg renders nginx; {0} can be planned for and not rendered")]
    NotRendered(String),
    /// A file is in the way that somebody else wrote.
    #[error("{0} was not made by seccfg: move it away, or name another place with --out")]
    Foreign(String),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] crate::files::Error),
}

/// Renders a plan's edge, `standalone` with everything around it that makes it run by itself.
pub fn render(plan: &Plan<'_>, standalone: bool) -> Result<Vec<Artifact>, Error> {
    match &plan.edge {
        Edge::Nginx(target) => nginx::render(plan, target, standalone),
        Edge::Caddy(_) | Edge::Kubernetes(_) => Err(Error::NotRendered(plan.edge.target().to_string())),
    }
}

/// How the first line of every artifact begins, behind the comment's sign.
pub const MADE_BY: &str = "Made by seccfg";

/// The first line of every artifact, without the comment's sign.
fn header(plan: &Plan<'_>) -> String {
    let policy = plan.policy;
    format!(
        "{MADE_BY} {} for {} in {}, from policy {}. Change security.toml instead.",
        crate::VERSION,
        policy.app.name,
        policy.mode,
        policy.fingerprint()
    )
}
