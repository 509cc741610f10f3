//! The variables that an app reads, as a `.env` file gives them to it: from a plan to assignments.
//!
//! What a variable is called and how its value is written is the pack's business ([`crate::apps`]), how a file is quoted and
//! edited is [`crate::dotenv`]'s. No value of a secret comes from here: an assignment says where its value is to be had.

mod file;
mod in_use;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::Value;

pub use file::{example, example_name, file_names, has_to_stand, merge, missing, values};
pub use in_use::{InUse, Way, elsewhere, in_use};

use super::refused::{Refused, each};
use super::{Error, Output, behind_any};
use crate::apps::{Known, PackVariable, UnknownVariables};
use crate::dotenv;
use crate::plan::Plan;
use crate::policy::Policy;
use crate::profile::{Field, FilePath, SecretPurpose, SecretRef, Setting, Shape, Text, VariableName};

/// One variable that the profile has a say in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its name.
    pub name: String,
    /// The key of the profile that says so, dotted.
    pub key: String,
    /// Its value, or where that is to be had.
    pub content: Content,
}

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// What the policy says, as the app reads it.
    Public(String),
    /// What nobody may see.
    Secret(Origin),
}

/// Where a secret's value is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Random bytes do.
    Made,
    /// The other side of what it is for gives it out: a provider, a database.
    Given,
    /// It is what the current one was before.
    Before,
    /// A file, from which whatever starts the app takes it.
    File(FilePath),
    /// Whoever runs the app: the profile says nothing of it, and the app does not start without it.
    Yours,
}

/// What the app is told, by section of the profile: one thing, whichever of the plans' edges a request comes through.
pub fn assignments(plans: &[Plan<'_>]) -> Result<Vec<Assignment>, Error> {
    behind_any(Output::Env, plans, |plan| Ok(of(plan)?))
}

/// What a plan says that the app's variables cannot hold.
pub fn refused(plan: &Plan<'_>) -> Option<Refused> {
    if is_plain(plan) { None } else { of(plan).err() }
}

/// Whether nothing that a plan says could be refused: a look at the profile's texts, so that a check of a valid profile
/// reads no more of the pack than it needs. (RND001 asks the rows that cannot hold each value.)
fn is_plain(plan: &Plan<'_>) -> bool {
    let variables = &plan.app.variables;
    let is_special = |byte| matches!(byte, b'\'' | b'"' | b'\\' | b'$' | b'`' | b'\0' | b'\r');
    let is_plain = |keys: &[&str], text: &str| {
        let name = text.strip_prefix("env:");
        // Alone, most texts without these have a form; beside others they may have none.
        let has_a_form = name.is_none() && !text.bytes().any(is_special);
        let surely_holds = || name.is_some_and(|name| variables.surely_holds(name, &keys.join(".")));
        has_a_form || surely_holds() || !variables.may_hold(&keys.join("."))
    };
    // Docker has no quotes, so that a blank may be too much.
    let has_quotes = || !plan.facts().readers().contains(&dotenv::Reader::Docker);
    variables.is_empty() || has_quotes() && plan.policy.texts_are(&is_plain)
}

fn of(plan: &Plan<'_>) -> Result<Vec<Assignment>, Refused> {
    let says = plan.policy.to_json();
    let assignments = each(plan.app.variables.all(), |(name, row)| {
        let key = row.field.as_ref().map_or("app", Field::as_str).to_owned();
        let yours = || {
            let content = Content::Secret(Origin::Yours);
            row.is_needed().then(|| Assignment { name: name.to_string(), key, content })
        };
        let Some(field) = row.field.as_ref().filter(|_| row.ignored.is_none()) else { return Ok(yours()) };
        let off = plan.left_off(field);
        let Some(value) = off.as_ref().or(field.of(says)) else { return Ok(yours()) };
        let content = match field.shape() {
            Shape::Reference => referred(plan, name, field, value)?,
            Shape::Boolean
            | Shape::Integer
            | Shape::Duration
            | Shape::Size
            | Shape::Words(_)
            | Shape::Text(_)
            | Shape::List(_)
            | Shape::Table => told(plan, name, (field, row), value)?,
        };
        Ok(content.map(|content| Assignment { name: name.to_string(), key: field.to_string(), content }))
    })?;
    let mut assignments: Vec<Assignment> = assignments.into_iter().flatten().collect();
    let mut found = Vec::new();
    references(says, "", &mut found);
    assignments.extend(found.into_iter().filter_map(|(field, reference)| unlisted(plan, &field, reference)));
    let mut seen = BTreeSet::new();
    // One secret may serve two keys.
    assignments.retain(|one| seen.insert(one.name.clone()));
    let sections: Vec<&String> = says.as_object().into_iter().flat_map(|says| says.keys()).collect();
    let place = |one: &Assignment| sections.iter().position(|section| *section == one.section());
    assignments.sort_by_cached_key(|one| (place(one), one.name.clone()));
    Ok(assignments)
}

/// What a variable holds of a key that anyone may see; nothing where it is left to the app.
fn told(
    plan: &Plan<'_>,
    name: &VariableName,
    (field, row): (&Field, &PackVariable),
    value: &Value,
) -> Result<Option<Content>, Refused> {
    let refused = |reason| Refused::new(field.key(), reason);
    let readers = plan.facts().readers();
    let Some(code) = row.code() else { return Ok(None) };
    match code.encode(value) {
        Ok(text) => {
            dotenv::encode_for(&text, &readers)
                .map_err(|error| refused(format!("cannot stand in `{name}`: {error}")))?;
            Ok(Some(Content::Public(text)))
        }
        Err(misfit) if plan.policy.is_written(field.as_str()) => {
            let reason = format!("cannot be told to {}: its `{name}` holds {misfit}", plan.app.title);
            Err(refused(reason).told_by("RND001"))
        }
        // A default that nobody wrote.
        Err(_) => Ok(None),
    }
}

/// What a variable holds of a key that says where its value is found.
fn referred(plan: &Plan<'_>, name: &VariableName, field: &Field, value: &Value) -> Result<Option<Content>, Refused> {
    let refused = |reason| Refused::new(field.key(), reason);
    let readers = plan.facts().readers();
    let reference = value.as_str().and_then(|text| Setting::parse(text).ok());
    let origin = match reference {
        None => return Ok(None),
        _ if plan.is_idle(field) => return Ok(None),
        Some(Setting::Literal(text)) => {
            dotenv::encode_for(&text, &readers)
                .map_err(|error| refused(format!("cannot stand in `{name}`: {error}")))?;
            return Ok(Some(Content::Public(text)));
        }
        Some(Setting::Reference(SecretRef::File(path))) => Origin::File(path),
        Some(Setting::Reference(SecretRef::Env(other))) if plan.app.is_same(name.as_str(), &other) => {
            origin(plan.policy, field)
        }
        Some(Setting::Reference(SecretRef::Env(other))) => {
            let reason = format!("leads to `{other}`, which {} does not read: it reads `{name}`", plan.app.title);
            return Err(refused(reason).help(&format!("write `{field} = \"env:{name}\"`")).told_by("RND002"));
        }
    };
    Ok(Some(Content::Secret(origin)))
}

/// The variable that a reference names, where the pack has none for its key. One that the app would refuse, or do nothing
/// with, is not for its file.
fn unlisted(plan: &Plan<'_>, field: &Field, reference: SecretRef) -> Option<Assignment> {
    let SecretRef::Env(name) = reference else { return None };
    let rows = plan.app.variables.all();
    let has_row = rows.values().any(|row| row.field.as_ref().is_some_and(|known| known.as_str() == field.as_str()));
    let name = match plan.app.known(&name) {
        Known::Variable(_, row) if row.ignored.is_some() || row.read_by.is_some() => return None,
        Known::Variable(known, _) => known.to_string(),
        Known::Former(_) | Known::Slip(_) | Known::Nothing => match plan.app.unknown_variables {
            UnknownVariables::Refused => return None,
            UnknownVariables::Ignored | UnknownVariables::Unknown => name,
        },
    };
    let content = Content::Secret(origin(plan.policy, field));
    (!has_row && !plan.is_idle(field)).then(|| Assignment { name, key: field.to_string(), content })
}

/// Every reference in a policy's values, with its key.
fn references(values: &Value, path: &str, found: &mut Vec<(Field, SecretRef)>) {
    match values {
        Value::Object(below) => {
            for (key, values) in below {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                references(values, &path, found);
            }
        }
        Value::String(text) => {
            let field = Field::parse(path).ok().filter(|field| matches!(field.shape(), Shape::Reference));
            found.extend(field.zip(SecretRef::parse(text).ok()));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
    }
}

fn origin(policy: &Policy<'_>, field: &Field) -> Origin {
    let secret = field.as_str().strip_prefix("secrets.").and_then(|rest| rest.split_once('.'));
    match secret {
        Some((_, "previous")) => Origin::Before,
        Some((name, _)) => match policy.secrets.get(name).map(|secret| secret.purpose) {
            Some(SecretPurpose::Signing | SecretPurpose::Encryption | SecretPurpose::Admin) => Origin::Made,
            Some(SecretPurpose::Api | SecretPurpose::Database) | None => Origin::Given,
        },
        None => Origin::Given,
    }
}
