//! What an app is told in its variables, against what it can be told and against the profile.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use serde_json::Value;

use super::connection::Misspelt;
use super::data::database;
use super::drift::{Said, assignment, compare_engines, compare_lifetimes, compare_settings};
use super::names::{Meant, Names, is_stranger_refused};
use super::proxy::PRX011;
use super::reads::{EDGES, SWITCHES, TERMINATE};
use super::rule::{Check, Findings, Severities, rules};
use super::words::and;
use crate::apps::{Encoding, PackVariable};
use crate::dotenv::{self, Verdict};
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::{Facts, HeardKey, Part, Plan, wanted};
use crate::policy::{By, Environment, Says, Variable};
use crate::profile::{Field, Text, VariableName, quoted, same};
use crate::source::{KeyPath, Literal};

/// What opens a list to everyone.
const EVERYONE: &str = "*";

/// Values of the profile that the app's variables cannot hold.
fn untellable(facts: &Facts<'_>, out: &mut Findings<'_>) {
    for (name, variable) in facts.app.variables.limiting() {
        let Some((field, code)) = variable.public() else { continue };
        let Some(Err(misfit)) = facts.policy.written(field).map(|value| code.encode(&value)) else { continue };
        let app = &facts.app.title;
        out.at(field.key(), format!("{app} cannot be told this `{field}`: its `{name}` holds {misfit}"))
            .label("cannot be told to the app")
            .help(format!("set `{field}` to {misfit}{}", variable.remark()));
    }
}

/// What the app's code has settled in another way than the profile asks for. Of controls the plan has a gap instead.
fn settled_otherwise(plan: &Plan<'_>, out: &mut Findings<'_>) {
    /// EML005 speaks of it.
    const BELIEVES: &str = "email.smtp.verify_certificate";
    let policy = plan.policy;
    let is_controls = |key: &str| plan.entries.iter().any(|entry| entry.control.is_asked_by(&KeyPath::dotted(key)));
    for (key, settled) in plan.app.fixed.iter().filter(|(key, _)| *key != BELIEVES && !is_controls(key)) {
        let Some(field) = Field::parse(key).ok().filter(|field| !plan.is_idle(field)) else { continue };
        // Of switches a default is asked for, too: nobody means an app to be in debug mode because its code says so.
        let is_asked = settled.is_boolean() && policy.mode.is_live();
        let switch = || is_asked.then(|| field.of(policy.to_json()).cloned()).flatten();
        // Gmail is reached as any other server.
        let is_same = |asked: &Value| same(asked, settled) || (asked == "gmail" && settled == "smtp");
        if policy.written(&field).or_else(switch).is_some_and(|asked| !is_same(&asked)) {
            let (app, settled) = (&plan.app.title, Literal::from(settled));
            out.at(field.key(), format!("{app} cannot be told this `{field}`: in its code it is {settled}"))
                .label("cannot be told to the app")
                .help(if key.starts_with("email.") {
                    format!("set `{field} = {settled}`, and what else goes with that; or send by another way")
                } else {
                    format!(
                        "change that in the code of {app}, and then `[fixed]` in its pack; or write `{field} = {settled}`, so that it \
                         is judged as it is"
                    )
                });
        }
    }
}

/// A URL with a parameter that its driver does not know.
fn misspelt(facts: &Facts<'_>, out: &mut Findings<'_>) {
    let Some((variable, url)) = database(facts) else { return };
    let (what, help) = match url.misspelt() {
        Some(Misspelt::Name(name)) => (format!("no `{name}`"), format!("{}, and take `{name}` out", url.verified())),
        Some(Misspelt::Value(name)) => (format!("no such value of `{name}`"), url.verified().to_owned()),
        None => return,
    };
    let message = format!("the database's driver knows {what}, and {} does not start with it", facts.app.title);
    out.at_variable(variable, "database.url", message).label("unknown to the driver").help(help);
}

/// Values of the file that the app would misread, or stop at.
fn misread(plan: &Plan<'_>, environment: &Environment<'_>, out: &mut Findings<'_>) {
    let app = &plan.app.title;
    // It splits at commas, and does no more.
    let splits_alone = plan.facts().readers().contains(&dotenv::Reader::DjangoEnviron);
    for key in plan.facts().heard_keys() {
        let off = plan.left_off(key.field);
        let asked = off.as_ref().or(key.field.of(plan.policy.to_json()));
        let right = |part: &Part<'_>| assignment(part.name, &part.code.encode(asked?).ok()?, plan.facts());
        for part in &key.parts {
            let Some(variable) = part.heard.variable else { continue };
            let name = part.name;
            let has_blanks = || part.heard.text.split(',').any(|entry| entry.trim() != entry);
            let is_split = part.code.encoding == Encoding::Csv || part.code.encoding.is_of_a_url();
            if is_split && splits_alone && has_blanks() {
                let message = format!(
                    "django-environ keeps the blanks around the entries of `{name}`, so that they match nothing"
                );
                // Of a list that holds more than the profile's part, the rest stays.
                let line = right(part).filter(|_| part.code.encoding == Encoding::Csv);
                let help = line.unwrap_or_else(|| "the entries with commas alone between them".to_owned());
                out.at_variable(variable, key.field.key(), message).label("blanks").help(format!("write {help}"));
                continue;
            }
            let meant = part.code.decode(part.heard.text);
            // What the app takes, and nobody can mean: with `ALGORITHM=HS1` it stops at the first sign-in.
            let strange = meant.iter().flatten().find_map(|value| wanted(key.field, value));
            if let Some(what) = strange.filter(|_| !plan.is_idle(key.field)) {
                let help = right(part).unwrap_or_else(|| what.to_owned());
                out.at_variable(variable, key.field.key(), format!("`{name}` holds something that is not {what}"))
                    .label(format!("not {what}"))
                    .help(format!("write {help}{}", remark(plan, name)));
                continue;
            }
            let Err(misfit) = meant else { continue };
            let help = right(part).unwrap_or_else(|| misfit.to_string());
            let message = format!("{app} cannot read the value of `{name}`: it takes {misfit}");
            out.at_variable(variable, key.field.key(), message)
                .label("misread")
                .help(format!("write {help}{}", remark(plan, name)));
        }
        let set = key.parts.iter().filter_map(|part| part.heard.variable);
        if let Some(last) = set.max_by_key(|variable| variable.span).filter(|_| is_contradiction(&key)) {
            let names: Vec<String> = key.parts.iter().map(|part| format!("`{}`", part.name)).collect();
            let lines: Vec<String> = key.parts.iter().filter_map(right).collect();
            out.at_variable(
                last,
                key.field.key(),
                format!("{} contradict each other: {app} cannot do what all of them say", and(&names)),
            )
            .label("says another thing than the others")
            .help(format!("write {}", and(&lines)));
        }
    }
    spelt_twice(plan, environment, out);
}

/// Whether each variable of a key can be read by itself, and together they mean nothing.
fn is_contradiction(key: &HeardKey<'_>) -> bool {
    key.meant(None).is_ok_and(|meant| meant.is_empty())
}

/// One variable in several spellings with several values, where capitals do not count to the app.
fn spelt_twice(plan: &Plan<'_>, environment: &Environment<'_>, out: &mut Findings<'_>) {
    let facts = plan.facts();
    for (name, row) in plan.app.variables.all().iter().filter(|_| !plan.app.case_sensitive) {
        let spellings = facts.spellings(name);
        let Some((counts, others)) = spellings.split_last() else { continue };
        let differs = |other: &&Variable<'_>| other.value != counts.value && !environment.is_ambiguous(**other);
        for other in others.iter().filter(differs) {
            let key = row.field.as_ref().map(Field::key).unwrap_or_default();
            let message = format!(
                "`{}` and `{}` are one variable to {}, and have two values",
                other.name, counts.name, plan.app.title
            );
            out.at_name(*other, key, message)
                .label("does not count: the later one does")
                .help(format!("keep one of the two, under the name `{name}`"));
        }
    }
}

/// What people should know of a variable besides, for the end of a sentence.
fn remark(plan: &Plan<'_>, name: &VariableName) -> String {
    plan.app.variables.all().get(name).map(PackVariable::remark).unwrap_or_default()
}

/// Variables without which the app does not start, and that the file does not have. SEC010 speaks of secrets.
fn lacking(facts: &Facts<'_>, environment: &Environment<'_>, out: &mut Findings<'_>) {
    let needed = facts.app.variables.all().iter().filter(|(_, row)| row.is_needed() && !row.is_secret());
    for (name, row) in needed {
        if !facts.set_as(std::iter::once(name.as_str())).is_empty() || environment.leaves_open(name.as_str()) {
            continue;
        }
        let key = row.field.as_ref().map_or_else(|| "app.kind".into(), Field::key);
        out.at_the_end(environment, key, format!("{} does not start without `{name}`", facts.app.title))
            .label("not set")
            .help(format!("add `{name}` to the file{}", row.remark()));
    }
}

/// Speaks of a variable that the app does not know.
fn tell_of_stranger(
    stranger: Variable<'_>,
    meant: Option<Meant<'_>>,
    names: &Names<'_>,
    facts: &Facts<'_>,
    out: &mut Findings<'_>,
) {
    let refused = is_stranger_refused(facts) && !stranger.is_handed;
    let is_needed = LazyCell::new(|| facts.policy.refers_to(stranger.name));
    let is_set = |right: &VariableName| names.own.contains_key(right.as_str());
    match meant {
        Some(Meant::Surely(_)) => {}
        // What else would its name be for?
        Some(Meant::Perhaps(right)) if !*is_needed && !is_set(right) => {}
        None if refused => {}
        Some(Meant::Perhaps(_)) | None => return,
    }
    let right = meant.map(Meant::name);
    let app = &facts.app.title;
    let is_shown = right.is_some() || stranger.is_plainly_named || *is_needed;
    let name = if is_shown { quoted(stranger.name) } else { "of this name".to_owned() };
    let then = if refused { "does not start with it" } else { "goes on without it" };
    let row = right.and_then(|right| facts.app.variables.all().get(right));
    let key = row.and_then(|row| row.field.as_ref()).map(Field::key).unwrap_or_default();
    let draft = out.at_name(stranger, key, format!("{app} has no variable {name}, and {then}"));
    draft.label("unknown to the app");
    match meant {
        Some(Meant::Perhaps(right)) => {
            draft.at_most(Note).help(format!("write `{right}` if that is meant; another program's variable may stay"));
        }
        Some(Meant::Surely(right)) if *is_needed => {
            draft.help(format!("write `{right}`, here and in the profile, which refers to the other name"));
        }
        Some(Meant::Surely(right)) if is_set(right) => {
            draft.help(format!("take it away: `{right}` is set, which is what {app} reads"));
        }
        Some(Meant::Surely(right)) => {
            draft.help(format!("write `{right}`"));
            // Where strangers are refused the file is the app's alone. Elsewhere another program may read the name.
            if refused {
                draft.rename(stranger.name, right.to_string());
            }
        }
        None if is_shown => {
            let near = facts.app.variables.nearest(stranger.name);
            let near = near.map(|near| format!("; or did you mean `{near}`?")).unwrap_or_default();
            draft.help(format!("take it out of the file that {app} reads{near}"));
        }
        None => {
            draft.help("take it out of the file; a value of several lines goes in quotes");
        }
    }
}

rules! {
    /// Every value has a form in which the app reads it as it is meant.
    ///
    /// A variable is a text, and each app has its own idea of what a text means. FastCMS reads its list of origins as JSON:
    /// separated by commas, as its page shows them, they stop it at start. It counts tokens' lives in minutes, so 90
    /// seconds would become one minute or two. The file around the variables is read differently, too: what python-dotenv
    /// takes for a value, bash may take for a command, and of two lines with the same name one reader takes the first and
    /// another the last.
    ///
    /// A database's URL is read by its driver: asyncpg's word for a verified connection is `ssl=verify-full`, and libpq's
    /// `sslmode=` stops it at start. And some things no variable says, because the app's code has settled them: FastCMS
    /// speaks STARTTLS to a mail server, and nothing else.
    ///
    /// Who reads the file, the pack says, or `targets.env.readers`. What one of those misreads is an error, what only others
    /// would misread a note; where nobody said, a warning, unless no reader gets anything out of the line. `${NAME}` is
    /// replaced as those readers do.
    ///
    /// So these things are told: a value of the profile that the app's variable cannot hold; with `--env-file`, a value in
    /// the file that the app would not read, or that is none, such as `ALGORITHM=HS1`; and a line of the file that its readers
    /// see differently.
    ///
    /// It is the same with every other file that is rendered, and what `render` would refuse is told here: nginx reads at
    /// most 4,093 bytes as one value, a Caddyfile has no safe form for a brace, CRUDAuth counts sessions in whole minutes.
    /// That is asked behind each edge under `[targets]`, for CRUDAuth where `[targets.crudauth]` stands, and for the
    /// variables that the app's pack knows.
    ///
    /// Write: what the help says; in the profile a value that the app can be told, in the `.env` file the form that the app
    /// reads, in single quotes where it holds anything but letters, digits and `_./:@%+,=-`.
    RND001 = "unreadable-value" {
        severity: Severities::all(Error),
        source: "the packs: FastCMS's CORS_ORIGINS is decoded as JSON by pydantic-settings; dotenvy, python-dotenv, Node, Compose, bash and systemd on `.env` files",
        keys: &[
            "app.mode",
            "tokens.access_ttl",
            "tokens.refresh_ttl",
            "tokens.algorithms",
            "database.engine",
            "database.url",
            "cors.origins",
            "email.enabled",
            "email.smtp.security",
        ],
        reads: &[
            &["*.*", "cookies.+.purpose", "cookies.+.path", "services.*.headers.content_security_policy", "targets.caddy.form", "targets.env.readers"],
            SWITCHES,
            TERMINATE,
            EDGES,
        ],
        fix: None,
        check: Check::Told(|plan, out| {
            untellable(plan.facts(), out);
            settled_otherwise(plan, out);
            misspelt(plan.facts(), out);
            if let Some(environment) = plan.policy.environment() {
                for (source, problem) in environment.problems() {
                    let worst = match problem.verdict {
                        Verdict::Misread => Error,
                        Verdict::Unsure => Warning,
                        Verdict::Elsewhere => Note,
                    };
                    out.at_problem(source, problem).label("here").at_most(worst);
                }
                misread(plan, environment, out);
                lacking(plan.facts(), environment, out);
            }
        }),
    }

    /// A `.env` file holds no variable that the app refuses, and none under a mistaken name.
    ///
    /// InstaCRUD does not start while its file holds a name that it does not know, and its own page calls `EMAIL_CARRIER`
    /// by such a name, `EMAIL_DRIVER`. Other apps go on without a word: a slip in `RATE_LIMIT_ENABLED`, and the limits are
    /// what they were before, while the file reads as if they were set.
    ///
    /// Where an app ignores what it does not know, the file may be other programs', too: a name that is one slip from one
    /// of the app's is a note then, and only where neither the app's is set nor the profile refers to the other. A variable
    /// that the profile refers to is never renamed.
    ///
    /// Write: the name that the help offers; or take the variable out of the file.
    RND002 = "unknown-variable" {
        severity: Severities::all(Error),
        source: "the packs: InstaCRUD's settings forbid extra keys (measured: `extra_forbidden`), FastCMS's ignore them",
        keys: &[],
        reads: &[&["secrets.+.source", "secrets.+.previous"]],
        fix: Safe,
        check: Check::Values(|facts, out| {
            let names = out.names();
            for (stranger, meant) in &names.others {
                tell_of_stranger(*stranger, *meant, &names, facts, out);
            }
        }),
    }

    /// A `.env` file says what the profile says.
    ///
    /// What runs is what the app is told. A profile for production beside a file with `MODE=test` describes a service that
    /// does not exist: InstaCRUD then has its rate limits off and sends no HSTS. A variable that is not set counts as well,
    /// because the app's own default stands in for it, and InstaCRUD's default for `MODE` is `test`, for CORS everyone. Of a
    /// release of which no code was read, nobody knows what the app then takes, and what the profile asks for is not told to it.
    /// Secrets are left out, and so is what belongs to something that is off; where the plan leaves CORS to the edge, the
    /// app's own list may be empty. Of the database's URL the scheme alone is compared, with `database.engine`; a SQLite
    /// file in production is DAT001's and DAT005's. Of an app without a pack, a variable that by its name says how long access
    /// tokens live (`ACCESS_TOKEN_EXPIRE_MINUTES`) is compared with `tokens.access_ttl`.
    ///
    /// Write: the line that the help shows; or change the profile, if the file is right.
    RND003 = "drifted-variable" {
        severity: Severities::all(Warning),
        source: "the packs, which say what each variable means to the app, and what it takes where one is not set",
        keys: &[],
        reads: &[&["*.*"], &["app.url", "app.frontend_url"], &["cors.origins", "cors.credentials", "state.backend", "database.engine"], SWITCHES, EDGES],
        fix: None,
        check: Check::Told(|plan, out| {
            compare_engines(plan.facts(), out);
            compare_settings(plan, out);
            compare_lifetimes(plan.facts(), out);
            let Some(environment) = plan.policy.environment() else { return };
            for started in plan.facts().started_otherwise(environment) {
                let key = started.key();
                let said = match (&started.says, started.by) {
                    (Says::Count(_), By::Command | By::Variable(_)) => plan.policy.app.workers.to_string(),
                    (Says::Count(_), By::Replicas) => plan.policy.app.replicas.to_string(),
                    (Says::Believes(_), _) => match &plan.policy.proxy.addresses {
                        Some(own) => and(&own.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>()),
                        None => continue,
                    },
                    // For developers it may be one; elsewhere DBG001 tells.
                    (Says::ForDevelopers(_), _) => continue,
                };
                out.at_file(started.place, key, format!("{}, where the profile says {said}", started.in_words()))
                    .label("differs from the profile")
                    .help(format!("set `{key} = {}` in the profile, or mend it here", started.value()));
            }
            let says = plan.policy.to_json();
            let names = out.names();
            let meant = names.meant();
            let is_told_by_command = environment.believed_by_command().is_some();
            let is_of_unread_code = plan.app.releases.chosen().is_some_and(|release| !release.code);
            // PRX011 speaks of a server that does not believe the proxy.
            let is_unbelieved = PRX011.severity.get(plan.policy.mode).is_some() && plan.unbelieved().is_some();
            let heard = plan.facts().heard_keys();
            let contradictory: BTreeSet<&str> =
                heard.iter().filter(|key| is_contradiction(key)).map(|key| key.field.as_str()).collect();
            for (name, row) in plan.app.variables.all() {
                let Some((field, code)) = row.public().filter(|(field, _)| !plan.is_idle(field)) else { continue };
                // RND001 speaks of those; and what the command of a Compose file says counts before the variable, and is asked below.
                if contradictory.contains(field.as_str()) || field.as_str() == "proxy.addresses" && (is_told_by_command || is_unbelieved) {
                    continue;
                }
                let off = plan.left_off(field);
                // What the profile leaves out, the plan may ask for all the same.
                let Some(value) = field.of(says).or(off.as_ref()) else { continue };
                // RND001 speaks where the app cannot be told.
                let Ok(text) = code.encode(off.as_ref().unwrap_or(value)) else { continue };
                let said = Said { name, row, field, code, value, text, is_left_off: off.is_some() };
                match (names.own.get(name.as_str()), row.default.as_deref()) {
                    // RND001 speaks where readers differ.
                    (Some(variable), _) if environment.is_ambiguous(*variable) => {}
                    (Some(variable), _) => said.compare_set(*variable, plan, out),
                    // RND002 speaks of the mistaken name.
                    (None, Some(_)) if meant.contains(name.as_str()) => {}
                    // Whoever starts the app has the value.
                    (None, Some(_)) if environment.leaves_open(name.as_str()) => {}
                    // Two defaults that nobody wrote may differ, unless the app's lets everyone in.
                    (None, Some(default)) if default != EVERYONE && !plan.policy.is_asked(field) => {}
                    (None, Some(default)) => said.compare_unset(default, plan, out),
                    // What another pack leaves out, its author may know.
                    (None, None) if !is_of_unread_code || !plan.policy.mode.is_live() => {}
                    // That nothing is on, nobody has to be told.
                    (None, None) if said.is_off() || meant.contains(name.as_str()) => {}
                    (None, None) if environment.leaves_open(name.as_str()) || !plan.policy.is_asked(field) => {}
                    (None, None) => said.tell_unset(plan, out),
                }
            }
        }),
    }
}
