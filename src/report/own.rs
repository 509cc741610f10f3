//! The checklist that an app's own pages give, line by line: what each line asks, what the profile and the app make of it,
//! and how that is known.
//!
//! A line's verdict is that of its own words. InstaCRUD's "sign-in takes 5 requests a minute" is not met by a profile
//! that lets 30 through, although no rule is broken by it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::basis::{Bases, Found};

use super::verdict::Verdict;
use crate::apps::{Ability, CodeFact, Condition, Demand, OwnChecklist, PackVariable};
use crate::plan::{Evidence, Known, Plan};
use crate::profile::{AppKind, Field, SecretRef, Text, VariableName};
use crate::rules;
use crate::rules::secrets::subject::engine_of;
use crate::source::KeyPath;

/// An app's own checklist.
#[derive(Debug, Serialize)]
pub struct Own {
    /// The app.
    pub title: String,
    /// Where it was read.
    pub read_from: String,
    /// Line by line.
    pub lines: Vec<Answered>,
}

/// A line of an app's own checklist.
#[derive(Debug, Serialize)]
pub struct Answered {
    /// The verdict of its words, and the worst of its rules.
    pub verdict: Verdict,
    /// How it is known, where it holds: what the weakest part of it rests on.
    pub known: Option<Evidence>,
    /// What is asked for.
    pub says: String,
    /// Its conditions that are not met or not declared, in words.
    pub lacks: Vec<String>,
    /// Its rules, each with its verdict.
    pub rules: Vec<(String, Verdict)>,
    /// What else answers it.
    pub means: Vec<String>,
}

/// What becomes of one condition.
struct Judged {
    verdict: Verdict,
    known: Option<Evidence>,
    /// What is lacking, where something is.
    lacks: Option<String>,
}

impl Judged {
    fn holds(known: Option<Evidence>) -> Self {
        Self { verdict: Verdict::Holds, known, lacks: None }
    }

    fn lacking(verdict: Verdict, lacks: String) -> Self {
        Self { verdict, known: None, lacks: Some(lacks) }
    }
}

/// The checklist of the app's own pages, if it has one, judged for the policy of a plan, with what is known behind all edges.
pub(super) fn judge(
    plan: &Plan<'_>,
    known: &Known<'_>,
    bases: &Bases<'_>,
    verdicts: &BTreeMap<&str, Verdict>,
) -> Option<Own> {
    let AppKind::Known(system) = plan.policy.app.kind else { return None };
    let OwnChecklist { title, read_from, lines } = OwnChecklist::of(system)?;
    let lines = lines.into_iter().map(|line| answered(line, plan, known, bases, verdicts)).collect();
    Some(Own { title, read_from, lines })
}

fn answered(
    line: Demand,
    plan: &Plan<'_>,
    known: &Known<'_>,
    bases: &Bases<'_>,
    verdicts: &BTreeMap<&str, Verdict>,
) -> Answered {
    let verdict = |code: &str| verdicts.get(code).copied().unwrap_or(Verdict::NoRule);
    let rules: Vec<(String, Verdict)> =
        line.rules.iter().map(|code| (code.to_string(), verdict(code.as_str()))).collect();
    let says = plan.policy.to_json();
    let is_given = |(key, value): (&String, &String)| {
        let said = Field::parse(key).ok().and_then(|field| field.of(says).cloned());
        said.is_some_and(|said| text(&said) == *value)
    };
    let of_mode = || line.asks.iter().filter(|condition| condition.modes.contains(&plan.policy.mode));
    let asked = || of_mode().filter(|condition| condition.given.iter().all(is_given));
    // What is asked of another mode alone, a report of this one does not answer.
    let is_of_another_mode = rules.is_empty() && !line.asks.is_empty() && of_mode().next().is_none();
    // That a reference is there says nothing of what it leads to, which no rule asks in this mode.
    let is_silent = !rules.is_empty()
        && rules.iter().all(|(_, verdict)| *verdict == Verdict::NotAsked)
        && asked().all(|condition| condition.key.is_some() && condition.is_met_by_any());
    let asked: Vec<Judged> = asked().map(|condition| judged(condition, plan, known, bases)).collect();
    let by_rules = rules.iter().map(|(_, verdict)| *verdict).max().unwrap_or(Verdict::NoRule);
    let by_words = asked.iter().map(|judged| judged.verdict).max().unwrap_or(Verdict::NoRule);
    // What is not declared holds nowhere, however well its rules think of what is there.
    let is_undeclared = asked.iter().any(|judged| judged.verdict == Verdict::Undeclared);
    let worst = by_rules.max(by_words);
    let verdict = match worst {
        worst if is_undeclared && worst <= Verdict::Unchecked => Verdict::Undeclared,
        Verdict::Holds if is_silent => Verdict::NotAsked,
        Verdict::NoRule if is_of_another_mode => Verdict::NotAsked,
        worst => worst,
    };
    let of_rules = rules.iter().filter(|(_, verdict)| *verdict == Verdict::Holds).filter_map(|(code, _)| {
        let keys = bases.of(rules::by_code(code)?).into_iter().filter(|basis| basis.value.is_some());
        known.of(&keys.map(|basis| KeyPath::dotted(&basis.key)).collect::<Vec<_>>())
    });
    let weakest = asked.iter().filter_map(|judged| judged.known).chain(of_rules).min();
    Answered {
        verdict,
        known: weakest.filter(|_| verdict == Verdict::Holds),
        lacks: asked.into_iter().filter_map(|judged| judged.lacks).collect(),
        rules,
        means: line.means(),
        says: line.says,
    }
}

fn judged(condition: &Condition, plan: &Plan<'_>, known: &Known<'_>, bases: &Bases<'_>) -> Judged {
    let app = plan.app;
    if let Some(fact) = condition.app {
        let (ability, lacks) = match fact {
            CodeFact::PreviousKeys => (app.previous_keys, format!("{} accepts one key at a time", app.title)),
        };
        return match ability {
            Ability::Setting | Ability::Fixed => Judged::holds(Some(Evidence::Known)),
            Ability::Unknown => Judged::holds(Some(Evidence::Delegated)),
            Ability::Nothing => Judged::lacking(Verdict::Unmet, lacks),
        };
    }
    if let Some(name) = &condition.variable {
        let row = app.variable(name.as_str()).map(|(_, row)| row.ignored.as_deref());
        return match row {
            Some(None) => Judged::holds(Some(Evidence::Known)),
            Some(Some(why)) => {
                Judged::lacking(Verdict::Unmet, format!("{} does nothing with `{name}`: {why}", app.title))
            }
            None => Judged::lacking(Verdict::Unmet, format!("{} does not read `{name}`", app.title)),
        };
    }
    let Some(pattern) = &condition.key else { return Judged::holds(None) };
    let found = bases.at(&pattern.steps());
    let counts = |one: &Found| if condition.is_met_by_any() { one.is_chosen } else { one.basis.value.is_some() };
    if !found.iter().any(counts) {
        if condition.if_written {
            return Judged::holds(None);
        }
        return Judged::lacking(Verdict::Undeclared, format!("`{pattern}` is not written"));
    }
    for one in &found {
        let Some(value) = one.basis.value.as_deref() else { continue };
        if !condition.is_met(&one.texts()) {
            let (key, origin, asked) = (&one.basis.key, &one.basis.origin, condition.in_words());
            return Judged::lacking(Verdict::Unmet, format!("`{key} = {value}` ({origin}), asked for: {asked}"));
        }
    }
    if let Some(lacks) = found.iter().find_map(|one| told_otherwise(condition, one, plan)) {
        return Judged::lacking(Verdict::Unmet, lacks);
    }
    let keys: Vec<KeyPath> = found.iter().map(|one| one.key.clone()).collect();
    if let Some(gap) = known.gap(&keys) {
        return Judged::lacking(Verdict::Unmet, gap);
    }
    let sent = found.iter().filter(|one| one.is_sent_by_app).map(|_| Evidence::Known);
    Judged::holds(known.of(&keys).into_iter().chain(sent).min())
}

/// What the files beside the profile say of a key, where the line does not hold by that: a reference leads to nothing, a variable is
/// empty or says something else, or a URL is of another database than the profile names.
fn told_otherwise(condition: &Condition, one: &Found, plan: &Plan<'_>) -> Option<String> {
    const ENGINE: &str = "database.engine";
    let environment = plan.policy.environment()?;
    let key = &one.basis.key;
    if let Some(SecretRef::Env(name)) = one.basis.reference() {
        return match environment.get(&name) {
            None if environment.leaves_open(&name) || environment.keeps(&name) => None,
            None => Some(format!("`{key}` leads to `{name}`, which is not set")),
            Some(variable) => {
                variable.value.expose().trim().is_empty().then(|| format!("`{key}` leads to `{name}`, which is empty"))
            }
        };
    }
    let url = plan.policy.database.url.as_ref().filter(|_| key == ENGINE).and_then(|url| plan.policy.value(url));
    if let Some(engine) = url.and_then(|url| engine_of(url.value.expose()))
        && !condition.is_met(&[engine.as_str()])
    {
        return Some(format!("the URL of the database is of a {engine} database"));
    }
    let holds = |row: &PackVariable| {
        row.public()
            .is_some_and(|(field, code)| field.as_str() == key && !plan.is_idle(field) && !code.encoding.is_of_a_url())
    };
    let rows = plan.app.variables.all().iter().filter(|(_, row)| holds(row) && row.default.is_none());
    let is_unset =
        |name: &VariableName| plan.facts().spellings(name).is_empty() && !environment.leaves_open(name.as_str());
    let is_left_off = |row: &PackVariable| row.field.as_ref().is_some_and(|field| plan.left_off(field).is_some());
    if let Some((name, _)) = rows.into_iter().find(|(name, row)| is_unset(name) && !is_left_off(row)) {
        return Some(format!("`{name}` is not set"));
    }
    let heard = plan.facts().heard_keys().into_iter().find(|heard| heard.field.as_str() == key)?;
    let said = heard.field.of(plan.policy.to_json());
    let meant = heard.meant(said).ok().filter(|_| !plan.is_held(key) && !plan.is_idle(heard.field))?;
    let texts = |value: &Value| match value {
        Value::Array(entries) => entries.iter().map(text).collect(),
        value => vec![text(value)],
    };
    let holds = |value: &Value| {
        let texts: Vec<String> = texts(value);
        condition.is_met(&texts) && texts.iter().all(|text| !text.is_empty())
    };
    let name = heard.parts.first()?.name;
    (!meant.iter().any(holds)).then(|| format!("`{name}` says otherwise than `{key}`"))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
