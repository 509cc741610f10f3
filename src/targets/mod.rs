//! From a plan to files. The plan decided; nothing is decided here.
//!
//! Rendering is pure: the same plan gives the same bytes, and nothing is
//! written. What there is to write is [`mod@write`]'s business.

pub mod caddy;
mod closed;
pub mod crudauth;
pub mod env;
pub mod escape;
mod forged;
pub mod kubernetes;
pub mod nginx;
pub mod path;
mod plain;
mod proxy;
mod refused;
pub(crate) mod template;
mod transport;
pub mod write;

use std::collections::HashSet;
use std::fmt::Display;
use std::path::PathBuf;

use self::escape::{Comment, EscapeError, Word};
pub use self::refused::{Refused, Unwritable};
use self::refused::{at, each};
use crate::plan::{Edge, Plan, Target};
pub use crate::profile::Form;
use crate::profile::keyword::keywords;
use crate::source::KeyPath;

keywords! {
    /// What can be rendered: an edge that is planned for, or the app behind it.
    pub enum Output ("what can be rendered") {
        /// nginx's configuration.
        Nginx = "nginx",
        /// Caddy's configuration.
        Caddy = "caddy",
        /// The objects around an app in a Kubernetes cluster.
        Kubernetes = "kubernetes",
        /// The Python module that CRUDAuth is configured by.
        Crudauth = "crudauth",
        /// The variables that the app reads.
        Env = "env",
    }
}

impl Output {
    /// The edge that it configures. None: it is the app's, and is rendered from the plan of whatever edge stands before
    /// the app.
    pub const fn edge(self) -> Option<Target> {
        match self {
            Self::Nginx => Some(Target::Nginx),
            Self::Caddy => Some(Target::Caddy),
            Self::Kubernetes => Some(Target::Kubernetes),
            Self::Crudauth | Self::Env => None,
        }
    }
}

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
    /// Values have no safe form in the target's language.
    #[error("{0}")]
    Refused(Refused),
    /// A template of ours is wrong.
    #[error("the template {0}; this is a bug in seccfg")]
    Template(String),
    /// The app is to be told one thing behind one edge and another behind another.
    #[error("{output} is told one thing behind {} and another behind {}: say which is meant with --target", .edges.0, .edges.1)]
    Edges {
        /// What was to be rendered.
        output: Output,
        /// The edges that part.
        edges: (Target, Target),
    },
    /// A file is in the way that somebody else wrote.
    #[error("{0} was not made by seccfg: move it away, or name another place with --out")]
    Foreign(String),
    /// What stands there is a folder, a pipe or a device.
    #[error("{0} is a folder, a pipe or a device: move it away, or name another place with --out")]
    NoFile(String),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] crate::files::Error),
}

/// How an output is wanted, where there is more than one way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// With everything around it that makes it run by itself.
    pub standalone: bool,
    /// What Caddy is told in.
    pub form: Form,
    /// As one stream, of which each document is applied: without files that are read by something else.
    pub stream: bool,
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// Renders one output from the plans of one policy.
pub fn render(output: Output, plans: &[Plan<'_>], style: Style) -> Result<Vec<Artifact>, Error> {
    match output {
        Output::Nginx | Output::Caddy | Output::Kubernetes => {
            let mut artifacts = Vec::new();
            for plan in plans {
                artifacts.extend(match &plan.edge {
                    Edge::Nginx(target) if output == Output::Nginx => nginx::render(plan, target, style.standalone)?,
                    Edge::Caddy(target) if output == Output::Caddy => caddy::render(plan, target, style)?,
                    Edge::Kubernetes(target) if output == Output::Kubernetes => {
                        kubernetes::render(plan, target, style.stream)?
                    }
                    Edge::Nginx(_) | Edge::Caddy(_) | Edge::Kubernetes(_) => Vec::new(),
                });
            }
            Ok(artifacts)
        }
        Output::Crudauth => behind_any(output, plans, crudauth::render),
        Output::Env => {
            let Some(plan) = plans.first() else { return Ok(Vec::new()) };
            let text = env::example(plan, &env::assignments(plans)?, "").expect("each value has a form");
            Ok(vec![Artifact { path: env::example_name(plan.policy).into(), text }])
        }
    }
}

/// What a plan says that an output has no form for: all that rendering would refuse, behind this edge.
pub fn refused(plan: &Plan<'_>) -> Vec<(Output, Unwritable)> {
    let edge = match &plan.edge {
        Edge::Nginx(_) | Edge::Caddy(_) if plain::is_plain(plan) => None,
        Edge::Nginx(target) => nginx::refused(plan, target).map(|refused| (Output::Nginx, refused)),
        Edge::Caddy(target) => caddy::refused(plan, target).map(|refused| (Output::Caddy, refused)),
        Edge::Kubernetes(target) => kubernetes::refused(plan, target).map(|refused| (Output::Kubernetes, refused)),
    };
    // Many an app around CRUDAuth is configured by hand: it is asked where the profile says that it is not.
    let crudauth = plan.policy.targets.crudauth.as_ref().and_then(|_| crudauth::refused(plan));
    let app = [(Output::Crudauth, crudauth), (Output::Env, env::refused(plan))];
    let told = app.into_iter().filter_map(|(output, refused)| Some((output, refused?)));
    edge.into_iter()
        .chain(told)
        .flat_map(|(output, Refused(all))| all.into_iter().map(move |one| (output, one)))
        .collect()
}

/// What an app is told: one thing, whichever of the plans' edges a request comes through.
fn behind_any<T: PartialEq + Default>(
    output: Output,
    plans: &[Plan<'_>],
    render: impl Fn(&Plan<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let Some((first, others)) = plans.split_first() else { return Ok(T::default()) };
    let told = render(first)?;
    for other in others {
        if render(other)? != told {
            return Err(Error::Edges { output, edges: (first.edge.target(), other.edge.target()) });
        }
    }
    Ok(told)
}

/// Words from values, each once: proxies warn of repetitions, or refuse them.
fn words<T: Display>(key: impl Into<KeyPath>, values: impl IntoIterator<Item = T>) -> Result<Vec<Word>, Refused> {
    let key = key.into();
    let mut words = each(values, |value| at(key.clone(), Word::new(&value.to_string())))?;
    let mut seen = HashSet::new();
    words.retain(|word| seen.insert(word.clone()));
    Ok(words)
}

/// Values in a row, as a header lists them.
fn row(values: &[impl Display]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The controls without an owner, in lines that nginx's buffer holds however many they are.
fn unenforced(plan: &Plan<'_>, comment: fn(&str) -> Result<Comment, EscapeError>) -> Result<Vec<Comment>, Refused> {
    const WIDTH: usize = 84;
    let mut lines: Vec<String> = Vec::new();
    for (entry, _) in plan.gaps() {
        let control = entry.control.to_string();
        match lines.last_mut() {
            None => lines.push(format!("Not enforced, by waiver: {control}")),
            Some(line) => {
                line.push(',');
                if line.len() + control.len() < WIDTH {
                    line.extend([" ", &control]);
                } else {
                    lines.push(format!("  {control}"));
                }
            }
        }
    }
    each(&lines, |line| at("app.name", comment(line)))
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
