//! Caddy: from a plan to one list of sites and their routes, and from that to a Caddyfile or to JSON.
//!
//! | files | what they say |
//! |---|---|
//! | `site`, `app`, `answer`, `upstream` | what a plan asks of Caddy, as routes: a route or a header is added here, once |
//! | `config`, `handler` (and routes), `matcher`, `headers`, `value` | what a configuration is made of, serialised as Caddy's JSON |
//! | `json`; `caddyfile` with its `writer` | the two ways to write a configuration |

mod answer;
mod app;
mod caddyfile;
mod config;
mod cookie;
pub mod escape;
mod handler;
mod headers;
mod json;
mod matcher;
mod places;
mod site;
mod upstream;
mod value;
mod writer;

use std::collections::HashSet;

use self::config::Config;
use self::value::Value;
use super::escape::EscapeError;
use super::path::{self, Reach};
use super::proxy::{Path, Proxy};
use super::refused::{at, each};
use super::{Artifact, Error, Refused, Style};
use crate::plan::Plan;
use crate::profile::{CaddyTarget, Form};

/// Where the profile says which Caddy is meant.
const KEY: &str = "targets.caddy";

/// Renders a plan for Caddy: `standalone`, with the Caddyfile that includes the others. The JSON form is always whole.
pub fn render(plan: &Plan<'_>, target: &CaddyTarget, style: Style) -> Result<Vec<Artifact>, Error> {
    let config = Builder { proxy: Proxy::new(plan), target }.config()?;
    let caddyfiles = caddyfile::render(&config, style)?;
    let files = match style.form {
        Form::Caddyfile => caddyfiles,
        Form::Json => vec![("caddy.json", json::render(&config))],
    };
    Ok(files.into_iter().map(|(name, text)| Artifact { path: ["caddy", name].iter().collect(), text }).collect())
}

/// What a plan says that Caddy has no form for.
pub fn refused(plan: &Plan<'_>, target: &CaddyTarget) -> Option<Refused> {
    let write = |config: Config| caddyfile::render(&config, Style { form: target.form, ..Style::default() }).map(drop);
    Builder { proxy: Proxy::new(plan), target }.config().and_then(write).err()
}

/// What the sites of a plan are made from.
struct Builder<'p> {
    proxy: Proxy<'p>,
    target: &'p CaddyTarget,
}

/// Words that the profile has at a key, each once.
fn words<T: ToString>(key: &'static str, values: impl IntoIterator<Item = T>) -> Vec<Value> {
    let mut words = Vec::new();
    for value in values {
        let word = Value::word(key, value.to_string());
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// One pattern for several paths, whatever their case; nothing, where there are none.
fn pattern(paths: &[Path], reach: Reach) -> Option<Value> {
    one_of(paths, reach, "(?i)^")
}

/// The same behind what a server may take for a host's name: `/x/docs` for `/docs`.
fn behind_host(paths: &[Path], reach: Reach) -> Option<Value> {
    one_of(paths, reach, &format!("(?i)^{}", path::HOST))
}

/// What may have become of requests for paths with `*` that have an encoded slash.
fn across(paths: &[Path], reach: Reach) -> Option<Value> {
    joined(paths, "(?i)^", |path| path::across(path, reach, END))
}

/// One pattern for several paths with everything under them, where clients tell capitals apart.
fn case_sensitive(paths: &[Path]) -> Option<Value> {
    one_of(paths, Reach::Under, "^")
}

fn one_of(paths: &[Path], reach: Reach, before: &str) -> Option<Value> {
    joined(paths, before, |path| path::pattern(path, reach, END).map(Some))
}

/// RE2's `$` is the very end.
const END: &str = "\\n?$";

/// One pattern for those of several paths that have one.
fn joined(paths: &[Path], before: &str, write: impl Fn(&str) -> Result<Option<String>, EscapeError>) -> Option<Value> {
    let first = paths.first()?;
    let patterns = each(paths, |Path { key, path }| at(key.clone(), write(path)));
    match patterns.map(|patterns| patterns.into_iter().flatten().collect::<Vec<String>>()) {
        Ok(patterns) if patterns.is_empty() => None,
        Ok(mut patterns) => {
            let mut seen = HashSet::new();
            patterns.retain(|pattern| seen.insert(pattern.clone()));
            Some(Value::given(first.key.clone(), format!("{before}(?:{})", patterns.join("|"))))
        }
        Err(refused) => Some(Value::refused(refused)),
    }
}
