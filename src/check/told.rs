//! What the app will really be told: the profile as the app's variables say it, judged by the same rules.
//!
//! A profile may be right and the `.env` file beside it wrong: `CORS_ALLOW_ORIGINS=*` opens the app to every origin, however
//! short the profile's list is. So the variables that the app's pack maps are read back into the profile's keys, where they
//! say something else; a variable that is not set means the default of the app's code. The rules are asked about the
//! profile that comes out, and what they find there and not in the profile itself is told at the variable.

use std::cell::LazyCell;

use crate::command;
use crate::dotenv;
use crate::finding::{Finding, Label};
use crate::plan::{Evidence, Facts, Part, Plan, public};
use crate::policy::{By as StartedBy, Environment, Says, Started};
use crate::profile::{Field, Shape, Text, same};
use crate::rules;
use crate::source::{Change, KeyPath, Literal, Source, Span, apply};

/// The key of the mode, which is asked for and not written: of what the app is told there, DBG004 speaks.
const MODE: &str = "app.mode";
/// The key of where visitors find the pages.
const FRONT_END: &str = "app.frontend_url";
/// What the keys begin with that are about the server which takes the app's mail.
const MAIL_SERVER: &str = "email.smtp.";

/// A key of which something beside the profile says something else.
struct Told<'p> {
    key: KeyPath,
    /// The value that the key gets there, as TOML.
    value: String,
    /// In which of the sources that stands, and where.
    place: (usize, Span),
    /// What says so.
    by: By<'p>,
}

impl Told<'_> {
    /// Whether it is that the app is started by a server for developers.
    fn is_server(&self) -> bool {
        matches!(&self.by, By::Start(Started { says: Says::ForDevelopers(_), .. }))
    }

    /// What the app takes without the variable that says so, where the profile says nothing.
    fn default(&self) -> Option<&(&str, String)> {
        match &self.by {
            By::Variables { default, .. } => default.as_ref(),
            By::Start(_) => None,
        }
    }

    /// Whether neither the profile nor a file says anything.
    const fn is_unsaid(&self) -> bool {
        matches!(self.by, By::Variables { is_unsaid: true, is_set: false, .. })
    }

    /// Whether a finding comes of it. A server for developers is one in itself, and what else debug does in an app is its own.
    fn is_cause(&self, finding: &Finding) -> bool {
        if self.is_server() { finding.place.key == self.key } else { is_about(finding, &self.key) }
    }
}

/// What says something else than the profile.
enum By<'p> {
    /// The app's variables.
    Variables {
        /// The one that is most to blame.
        name: &'p str,
        /// Whether that stands in the file; else the app's default counts.
        is_set: bool,
        /// The lines that say what the profile says.
        right: Vec<String>,
        /// Whether the profile says nothing.
        is_unsaid: bool,
        /// What the app then takes without the variable: as it is written there, and as TOML.
        default: Option<(&'p str, String)>,
    },
    /// What the app is started with.
    Start(Started),
}

/// Adds what is found in what the app is told and not in the profile itself to what was found there. Differences that
/// break a rule are no longer told as differences (RND003), because the rule says more, unless its finding is not told:
/// a waiver accepts what the profile says, not that the app hears something else. `judged` is what a text of the profile
/// gives in the same mode.
pub(super) fn judge(
    source: &Source,
    facts: &Facts<'_>,
    plans: &[Plan<'_>],
    (refused, found): (&[Finding], &mut Vec<Finding>),
    judged: impl Fn(&Source) -> Vec<Finding>,
    is_told: impl Fn(&Finding) -> bool,
) {
    let new = findings(source, facts, plans, (refused, found), judged);
    let mut causes: Vec<KeyPath> =
        new.iter().filter(|(finding, _)| is_told(finding)).map(|(_, cause)| cause.clone()).collect();
    found.extend(new.into_iter().map(|(finding, _)| finding));
    let of_the_mode = found.iter().any(|one| one.code == "DBG004" && one.place.source != 0 && is_told(one));
    causes.extend(of_the_mode.then(|| MODE.into()));
    found.retain(|one| one.code != "RND003" || !causes.contains(&one.place.key));
}

fn findings(
    source: &Source,
    facts: &Facts<'_>,
    plans: &[Plan<'_>],
    (refused, found): (&[Finding], &[Finding]),
    judged: impl Fn(&Source) -> Vec<Finding>,
) -> Vec<(Finding, KeyPath)> {
    let mode = facts.policy.mode;
    let Some(environment) = facts.policy.environment() else { return Vec::new() };
    let mut told = told(facts, plans, environment);
    // From a value that was refused nothing differs: it is not known.
    told.retain(|one| refused.iter().all(|finding| !finding.place.key.touches(&one.key)));
    let above = KeyPath::from("modes").key(mode.as_str());
    let heard = |value: &dyn Fn(&Told<'_>) -> String| {
        let change = |one: &Told<'_>| Change::Set { key: one.key.clone().below(above.clone()), value: value(one) };
        let text = told.iter().try_fold(source.text.clone(), |text, one| apply(&text, &change(one)));
        text.map(|text| judged(&Source::new(&source.path, text))).unwrap_or_default()
    };
    if told.is_empty() {
        return Vec::new();
    }
    let by_default = LazyCell::new(|| heard(&|one| one.default().map_or(&one.value, |(_, value)| value).clone()));
    let is_known = |one: &Finding| refused.iter().chain(found).any(|known| is_alike(known, one));
    let mut new = Vec::new();
    // Where a secret is found, no public variable says.
    let is_reference =
        |key: &KeyPath| Field::parse(&key.to_string()).is_ok_and(|field| matches!(field.shape(), Shape::Reference));
    let is_new = |one: &Finding| one.place.source == 0 && !is_known(one) && !is_reference(&one.place.key);
    for finding in heard(&|one| one.value.clone()).into_iter().filter(is_new) {
        let Some(cause) = told.iter().find(|one| one.is_cause(&finding)) else { continue };
        // Where the rule speaks of the key that is not written, what the app takes then is no more.
        if cause.is_unsaid()
            && found.iter().any(|known| (known.code, &known.place.key) == (finding.code, &finding.place.key))
        {
            continue;
        }
        let is_same = |one: &Finding| (one.code, &one.place.key) == (finding.code, &finding.place.key);
        let default = cause.default().filter(|_| !by_default.iter().any(is_same)).map(|(text, _)| *text);
        new.push((at_cause(finding, cause, default, facts), cause.key.clone()));
    }
    new
}

/// The keys of which the app's variables say something else than the profile, or leave the app to a default that does.
fn told<'p>(facts: &Facts<'p>, plans: &[Plan<'_>], environment: &Environment<'_>) -> Vec<Told<'p>> {
    let says = facts.policy.to_json();
    let readers = facts.readers();
    let mut found = started(facts, environment);
    // What an option of the server says, it does not ask its variable. Whom it believes is heard from both.
    let options = environment.started().into_iter();
    let options =
        options.filter(|one| matches!((&one.says, one.by), (Says::Count(_), StartedBy::Command | StartedBy::Replicas)));
    let settled: Vec<&str> = options.map(|one| one.key()).chain([MODE]).collect();
    for key in facts.heard_keys().into_iter().filter(|key| !settled.contains(&key.field.as_str())) {
        let (field, said) = (key.field, key.field.of(says));
        // A profile whose mail goes another way has no server, and what visitors open is no default of the app's.
        let is_unsaid = said.is_none() && key.parts.iter().all(|part| part.heard.variable.is_none());
        if is_unsaid && (field.as_str().starts_with(MAIL_SERVER) || field.as_str() == FRONT_END) {
            continue;
        }
        // A list that has the URL's host in it says nothing of the URL besides.
        if key.parts.iter().all(|part| part.code.encoding.is_of_a_url()) {
            continue;
        }
        // What the app cannot read, RND001 tells.
        let Ok(meant) = key.meant(said) else { continue };
        let off = plans.iter().find_map(|plan| plan.left_off(field));
        let agrees =
            |value| said.is_some_and(|said| same(value, said)) || off.as_ref().is_some_and(|off| same(value, off));
        let idle = !plans.is_empty() && plans.iter().all(|plan| plan.is_idle(field));
        if idle || meant.iter().any(agrees) {
            continue;
        }
        // One word of the app's for several of the profile's says none of them.
        let is_one = said.is_some() || meant.len() == 1;
        let value = meant.first().filter(|_| is_one).and_then(|value| public(field, value));
        let Some(value) = value else { continue };
        let asked = off.as_ref().or(said);
        let wrong: Vec<Part<'p>> = match asked {
            Some(asked) => key.against(asked).collect(),
            None => key.parts,
        };
        let is_set = |part: &&Part<'_>| part.heard.variable.is_some();
        let Some(worst) = wrong.iter().find(is_set).or(wrong.first()) else { continue };
        let line = |part: &Part<'_>| {
            let text = dotenv::encode_for(&part.code.encode(asked?).ok()?, &readers).ok()?;
            Some(format!("{}={text}", spelt(part).1))
        };
        let (name, is_set) = (spelt(worst).0, is_set(&worst));
        let row = facts.app.variables.all().get(worst.name);
        let default = || {
            let text = row?.default.as_deref().filter(|_| is_set)?;
            Some((text, Literal::from(&public(field, worst.code.decode(text).ok()?.first()?)?).to_string()))
        };
        let (last, end) = environment.end();
        found.push(Told {
            key: field.key(),
            value: Literal::from(&value).to_string(),
            place: worst
                .heard
                .variable
                .map_or_else(|| (last, (end..end).into()), |variable| (variable.source, variable.span)),
            by: By::Variables {
                name,
                is_set,
                right: wrong.iter().filter_map(line).collect(),
                is_unsaid: asked.is_none(),
                default: asked.is_none().then(default).flatten(),
            },
        });
    }
    found
}

/// What says what a part of a key says, and what begins the text that says it: a variable, or an option of the app's server.
fn spelt<'p>(part: &Part<'p>) -> (&'p str, &'p str) {
    match part.heard.variable.map(|variable| variable.name) {
        Some(command::FURTHER) => (command::FURTHER, command::BELIEVES),
        Some(name) if [command::BELIEVES, command::BELIEVED].contains(&name) => (name, name),
        Some(_) | None => (part.name.as_str(), part.name.as_str()),
    }
}

/// How the app is started, where that is not what the profile says. Of a variable that the app's pack knows, that is asked.
fn started<'p>(facts: &Facts<'p>, environment: &Environment<'_>) -> Vec<Told<'p>> {
    let started = facts.started_otherwise(environment).into_iter();
    started
        .map(|one| Told { key: one.key().into(), value: one.value(), place: one.place, by: By::Start(one) })
        .collect()
}

/// Whether two findings say the same, wherever they stand.
pub(super) fn is_alike(one: &Finding, other: &Finding) -> bool {
    (one.code, &one.message, &one.place.key) == (other.code, &other.message, &other.place.key)
}

/// Whether a finding has to do with a key: by its places, or because its rule looks there.
pub(super) fn is_about(finding: &Finding, key: &KeyPath) -> bool {
    let looks = |pattern: &&str| key.to_string() == **pattern;
    let places = std::iter::once(&finding.place).chain(&finding.labels);
    places.map(|label| &label.key).any(|place| place.touches(key) || place.is_within(key))
        || rules::by_code(finding.code).is_some_and(|rule| rule.keys.iter().any(looks))
}

/// The same finding where its cause is: at the variable, or at the command. `default` is what the app takes without the variable,
/// where that mends it.
fn at_cause(finding: Finding, cause: &Told<'_>, default: Option<&str>, facts: &Facts<'_>) -> Finding {
    let (app, key) = (&facts.app.title, &cause.key);
    let is_server = cause.is_server();
    let (text, help, why, is_set) = match &cause.by {
        By::Variables { name, is_set, right, is_unsaid, default: _ } => {
            let help = match (is_unsaid, right.join("` and `")) {
                (true, _) => match default {
                    Some(default) => format!(
                        "take `{name}` away, so that {app} takes `{default}`; or set `{key}` in the profile, and the same here"
                    ),
                    None => format!("{}; and tell {app} the same by `{name}`", finding.help),
                },
                (false, none) if none.is_empty() => format!("give `{name}` the value that the profile has at `{key}`"),
                (false, right) => format!("write `{right}`, as the profile says"),
            };
            let (text, why) = if *is_set {
                (format!("{app} reads it so, whatever the profile says"), format!("told by `{name}`"))
            } else {
                let text = format!("`{name}` is not set here, and {app} then takes its own default");
                (text, format!("by {app}'s default for `{name}`"))
            };
            (text, help, why, *is_set)
        }
        By::Start(started) => {
            let text = format!("{app} is started so, whatever the profile says");
            let help = match &started.says {
                Says::Count(_) => format!("write here what the profile has at `{key}`; or {}", finding.help),
                Says::ForDevelopers(server) => server.instead.to_owned(),
                Says::Believes(_) => {
                    "name the addresses from which the rendered proxy connects to the app, such as `10.0.0.5`"
                        .to_owned()
                }
            };
            (text, help, started.in_words(), true)
        }
    };
    // A server for developers is told as what it is: the app itself may have no debug to switch off.
    let message = if is_server { why } else { format!("{} ({why})", finding.message) };
    let (source, span) = cause.place;
    let place = Label { source, span, text, absent: false, ..finding.place };
    // What an app takes where nothing is set was read in its code.
    let evidence = Some(if is_set { Evidence::Held } else { Evidence::Known });
    Finding { place, labels: Vec::new(), fixes: Vec::new(), message, help, evidence, ..finding }
}
