//! Where secrets are kept, whether they are there at all, and who lets administrators in.

use super::subject::NO_SECRET;
use super::uses::{Use, references, resolved, values};
use super::values::{SEC002, secret};
use super::weak::{Flaw, flaw};
use super::written;
use crate::apps::PackVariable;
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::Facts;
use crate::policy::{Environment, Found, Kept, Policy, Variable};
use crate::profile::{AppKind, Backend, Carrier, Engine, SecretPurpose, SecretRef, Setting, VariableName};
use crate::rules::certificates::{is_below, misplaced};
use crate::rules::names::is_stranger_refused;
use crate::rules::reads::REFERENCES;
use crate::rules::rotation::{ROT002, without_previous};
use crate::rules::rule::{Check, Severities, rules};
use crate::source::KeyPath;

rules! {
    /// A file with secrets is readable by its owner alone, and ignored by git.
    ///
    /// On a shared machine every account, and every service that someone breaks into, reads what is readable by all.
    /// And one `git add .` sends the file to every clone and every fork, where it stays in the history.
    ///
    /// Asked of the files that `--env-file` names, if they hold a secret that the profile refers to, and of those that hold one
    /// secret, which `file:` or a variable such as `DB_PASSWORD_FILE` names: by their permissions, and by the repository's
    /// `.gitignore` files. Who reads what lies below `/run` is the business of what hands it over. A link that leads out of the
    /// folder that is named is a warning: whoever may write there says what the secret is. A file that was committed before it was ignored is not
    /// found out. A file that `file:` names is asked for its place, too, in staging and production: not below a folder that web
    /// servers hand out, nor where every program writes. What a Compose file takes out of `${NAME}` is held by the file that sets `NAME`. `seccfg check --staged .env`, which the hook of pre-commit runs, asks whether a commit would hold a secret,
    /// whatever is ignored: in the text that git has taken in, and in whatever line of it. `seccfg render --target env --example` asks the
    /// same of the example.
    ///
    /// Write: `chmod 600 .env`, and `.env` in `.gitignore`.
    SEC008 = "exposed-env-file" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 13.3.1",
        keys: &["secrets.*.source", "secrets.*.previous", "state.url", "database.url", "database.password", "email.api_key", "email.smtp.password", "oauth.*.client_secret", "bot_protection.secret_key"],
        reads: &[REFERENCES, &["tls.certificate.webroot"]],
        fix: None,
        check: Check::Mixed(|facts, out| {
            for place in references(facts.policy).filter(|_| facts.policy.mode.is_live()) {
                let SecretRef::File(path) = place.reference else { continue };
                let (file, webroot) = (path.resolved(), &facts.policy.tls.certificate.webroot);
                let Some(why) = misplaced(&file, webroot) else { continue };
                let draft = out.at(place.key(), format!("a secret is kept in {path}"));
                draft.label(why).help("keep it below /run/secrets, or in a folder that the app alone reads");
                if is_below(&file, &webroot.resolved()) {
                    draft.also("tls.certificate.webroot", "the folder that is handed out");
                }
            }
            let exposures = facts.policy.environment().into_iter().flat_map(Environment::exposures);
            for (source, exposure) in exposures {
                let ways = [
                    (
                        exposure.readable,
                        "others than its owner may read the file that holds",
                        "run `chmod 600` on the file",
                    ),
                    (
                        exposure.committable,
                        "git would commit the file that holds",
                        "add the file to `.gitignore`; if it was ever committed, replace every secret in it",
                    ),
                ];
                for (_, message, help) in ways.into_iter().filter(|(exposed, _, _)| *exposed) {
                    let mut held = values(facts).flat_map(|(place, variable)| {
                        holding(facts.policy.environment(), variable).into_iter().map(move |holds| (place, holds))
                    });
                    if let Some((place, variable)) = held.find(|(_, variable)| variable.source == source) {
                        let is_in_compose =
                            facts.policy.environment().is_some_and(|files| files.is_in_compose(&variable));
                        let draft = out.at_variable(variable, place.key(), format!("{message} `{}`", variable.name));
                        draft.label("a secret");
                        if is_in_compose {
                            draft.help(format!(
                                "keep the secret in the `.env` beside this file, for its owner alone and ignored by git, and write \
                                 `${{NAME}}` here in its place; or {help}"
                            ));
                        } else {
                            draft.help(help);
                        }
                    }
                }
            }
            for (kept, key) in kept_secrets(facts) {
                let Found::Secret { exposure, leads_away, .. } = kept.found else { continue };
                let variable = kept.variable();
                let called = called(kept);
                if exposure.readable && !kept.is_handed_over() {
                    out.at_variable(variable, key.clone(), format!("others than its owner may read {called}"))
                        .label("names the file")
                        .help("run `chmod 600` on the file");
                }
                if exposure.committable {
                    out.at_variable(variable, key.clone(), format!("git would commit {called}"))
                        .label("names the file")
                        .help("add the file to `.gitignore`; if it was ever committed, replace the secret in it");
                }
                if leads_away && !kept.is_handed_over() {
                    out.at_variable(variable, key, format!("{called} is a link that leads out of its folder"))
                        .at_most(Warning)
                        .label("names the link")
                        .help("name the file itself, or keep it in this folder");
                }
            }
        }),
    }

    /// An administrator's password is none of those that are tried first.
    ///
    /// `admin`, `password` and the service's own name are the first that programs try, on every service that they
    /// find, within minutes of its first day. What they open is everything.
    ///
    /// Asked where `--env-file` gives the password: it has to be worth 44 bits, by its shortest description in words, names,
    /// dates and rows of keys; 64 bits that chance made are, but for once in a million.
    ///
    /// Write: what `openssl rand -base64 24` prints, where the reference leads.
    SEC009 = "default-administrator" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 6.3.2",
        keys: &["secrets.*.source", "secrets.*.purpose"],
        fix: None,
        check: Check::Values(|facts, out| {
            let secrets = out.secrets();
            for (place, variable) in values(facts).filter(|(place, _)| place.purpose == SecretPurpose::Admin) {
                let password = resolved(facts, variable);
                let names = secrets.known.beside(variable.name);
                // SEC010 speaks of what is empty.
                if password.trim().is_empty() {
                    continue;
                }
                let what = match flaw(password, SecretPurpose::Admin, &names) {
                    Some(Flaw::TriedFirst) => "a password that everyone tries",
                    Some(Flaw::Weak(_)) => "a password that can be guessed",
                    // SEC003 speaks of placeholders, SEC014 of what is published.
                    Some(Flaw::Placeholder | Flaw::Published | Flaw::ForTests) | None => continue,
                };
                let key = place.key();
                let draft = out.at_variable(variable, key.clone(), format!("`{key}` leads to {what}"));
                draft.label("lets an administrator in").help("put what `openssl rand -base64 24` prints there");
                written::show(draft, facts, variable);
            }
        }),
    }

    /// Everything that is in use has the secret that it needs.
    ///
    /// What has no secret does not fail when it is deployed but when it is first used: the mail of the first person who
    /// forgot a password, the first request that looks for its session. Some apps fall back to a default instead, and
    /// work, unprotected.
    ///
    /// Asked are the state in Redis, mail that is on, and the database; the pairs of sign-in providers and of bot
    /// protection have rules of their own. With `--env-file`, every variable that is referred to has to be in the file
    /// and hold something, or to stand in a file that `…_FILE` names, and so has the app's own variable for what `file:` refers to; such a file, and one that `file:` names, has to be one. What
    /// is not on this machine is a note, and below `/run` nothing; and every secret of the app that is in the file has to be referred to, because no rule
    /// can ask what a secret is for, and how old it is, that the profile does not know. Of an empty signing key SEC002
    /// speaks, and of one before it ROT002, in the modes in which they are asked. Before the first rotation `previous` only
    /// names a variable, which need not be there.
    ///
    /// Write: the reference, such as `state.url = "env:REDIS_URL"`; and the variable in the `.env` file.
    SEC010 = "missing-secret" {
        severity: Severities::all(Error),
        source: "the packs of InstaCRUD, FastCMS and CRUDAuth: what each reads when a feature is on",
        keys: &["state.backend", "state.url", "email.enabled", "email.carrier", "email.api_key", "email.smtp.username", "email.smtp.password", "bot_protection.site_key", "oauth.*.client_id", "database.engine", "database.url", "database.password", "secrets.+.source", "secrets.+.previous", "oauth.*.client_secret", "bot_protection.secret_key"],
        reads: &[&["secrets.*.purpose", "secrets.*.rotated_at", "secrets.*.rotate_every"], &["tokens.access_ttl", "tokens.refresh_ttl"]],
        fix: None,
        check: Check::Mixed(|facts, out| {
            let policy = facts.policy;
            for (missing, key, needed_by, why, example) in needs(policy) {
                if missing {
                    // Without a host, the table that holds the password is none.
                    let is_without_a_host = key == "email.smtp.password" && policy.email.smtp.is_none();
                    let host = if is_without_a_host { " and `email.smtp.host = \"smtp.gmail.com\"`" } else { "" };
                    out.at(key, why)
                        .label("needed, and not there")
                        .also(needed_by, "needs it")
                        .help(format!("write `{key} = \"{example}\"`{host}, and keep the value in the environment"));
                }
            }
            let Some(environment) = policy.environment() else { return };
            for place in references(policy) {
                let name = match place.reference {
                    SecretRef::Env(name) => name,
                    SecretRef::File(path) => {
                        let is_empty = |variable: Variable<'_>| variable.value.expose().trim().is_empty();
                        if policy.value(place.reference).is_some_and(is_empty) && !place.awaits_rotation(policy) {
                            out.at(place.key(), format!("the file `{path}` is empty"))
                                .label("nothing there")
                                .help("put the secret there");
                        }
                        if let Some(name) = read_in_its_place(facts, &place).filter(|_| !place.awaits_rotation(policy)) {
                            let (app, title) = (&facts.app.title, environment.title());
                            out.at(place.key(), format!("{app} reads `{name}`, and no file; the {title} has no variable `{name}`"))
                                .label("the app does not look there")
                                .help(format!("write `{} = \"env:{name}\"`, and {}", place.key(), environment.how_to_add(name)));
                        }
                        continue;
                    }
                };
                match environment.get(name) {
                    // RND002 speaks of the name under which it is there.
                    None if out.names().meant().contains(name.as_str()) => {}
                    // What is wrong with the file is told below.
                    None if environment.kept().any(|kept| kept.is_named_by(place.reference)) => {}
                    // Whoever starts the app has the value.
                    None if environment.leaves_open(name) => {}
                    None if place.awaits_rotation(policy) => {}
                    None if is_stranger_refused(facts) && facts.app.variable(name).is_none() => {
                        let app = &facts.app.title;
                        out.at(place.key(), format!("{app} has no variable `{name}`, and does not start with one in its file"))
                            .label("no secret of the app")
                            .help(format!(
                                "take `{}` out of the profile; another program's secret is kept in a file of that one, which \
                                 `--env-file` may name as well",
                                place.key()
                            ));
                    }
                    None => {
                        let add = || environment.how_to_add(name.as_str());
                        out.at(place.key(), format!("the {} has no variable `{name}`", environment.title()))
                            .label("leads to nothing")
                            .help(place.successor().map_or_else(add, without_previous));
                    }
                    Some(variable) if variable.is_others && !place.is_anybodys() => {
                        out.at_variable(variable, place.key(), format!("the app is not given `{name}`: another service of the Compose file is"))
                            .label("not the app's")
                            .help(format!("add `{name}` to the service that is the app"));
                    }
                    Some(variable) if variable.value.expose().trim().is_empty() && !is_told_as_weak(&place, policy) && !place.awaits_rotation(policy) => {
                        let what = if variable.is_kept { "the file of" } else { "the variable" };
                        let put = || "put the secret there".to_owned();
                        out.at_variable(variable, place.key(), format!("{what} `{name}` is empty"))
                            .label("nothing here")
                            .help(place.successor().map_or_else(put, without_previous));
                    }
                    Some(_) => {}
                }
            }
            for (key, setting) in settings(policy) {
                let Setting::Reference(SecretRef::Env(name)) = setting else { continue };
                match environment.get(name) {
                    None if environment.leaves_open(name) || environment.keeps(name) => {}
                    None => {
                        out.at(key, format!("the {} has no variable `{name}`", environment.title()))
                            .label("leads to nothing")
                            .help(environment.how_to_add(name.as_str()));
                    }
                    Some(variable) if variable.value.expose().trim().is_empty() => {
                        out.at_variable(variable, key, format!("the variable `{name}` is empty"))
                            .label("nothing here")
                            .help("put there what the service gave you");
                    }
                    Some(_) => {}
                }
            }
            for (kept, key) in kept_secrets(facts) {
                let called = called(kept);
                match &kept.found {
                    Found::Secret { .. } => {}
                    Found::Unfit(what, help) => {
                        out.at_variable(kept.variable(), key, format!("{called} {what}"))
                            .label("names no secret's file")
                            .help(*help);
                    }
                    Found::Unseen(_) if kept.is_handed_over() => {}
                    Found::Unseen(why) => {
                        out.at_variable(kept.variable(), key, format!("{called} {why}, so that it is not judged"))
                            .at_most(Note)
                            .label("names the file")
                            .help("run the check where the app runs, or as the user that it runs as");
                    }
                }
            }
            for (name, row) in facts.app.variables.all().iter().filter(|(_, row)| row.is_needed() && row.is_secret()) {
                // Of a reference that leads nowhere the lines above tell, and of one to another name RND002.
                if is_set(facts, environment, name, row) || row.field.as_ref().is_some_and(|field| policy.is_written(field.as_str())) {
                    continue;
                }
                let message = format!("{} needs `{name}`, and the {} has none", facts.app.title, environment.title());
                let add = environment.how_to_add(name.as_str());
                match &row.field {
                    Some(field) => out
                        .at(field.key(), message)
                        .label("refers to nothing")
                        .help(format!("write `{} = \"env:{name}\"`, and {add}", field.as_str())),
                    None => out
                        .at_the_end(environment, "app.kind", message)
                        .label("not set")
                        .help(add + &row.remark()),
                };
            }
            // Of what the profile does not refer to, only the value can be judged, by SEC014 and SEC015.
            let is_asked = |row: &PackVariable| row.holds_a_secret() && row.ignored.is_none();
            for (variable, name, row) in facts.read_variables().filter(|(_, _, row)| is_asked(row)) {
                let Some(field) = &row.field else { continue };
                // What is no secret may stand in the profile itself: RND003 compares the two.
                let is_written_out = settings(policy)
                    .any(|(key, setting)| key == field.key() && matches!(setting, Setting::Literal(_)));
                if !is_written_out && !policy.refers_to(variable.name) && !variable.value.expose().trim().is_empty() {
                    let message =
                        format!("the profile does not refer to `{name}`, so that nothing is known of its purpose and its age");
                    out.at_variable(variable, field.key(), message)
                        .label("a secret of the app")
                        .help(format!("write `{} = \"env:{}\"` in the profile", field.as_str(), variable.name));
                }
            }
        }),
    }
}

/// The variables in whose files the text of a secret stands: what a Compose file puts in the place of a name stands in the file
/// that sets the name.
fn holding<'e>(environment: Option<&'e Environment<'_>>, variable: Variable<'e>) -> Vec<Variable<'e>> {
    let Some(secret) = secret(&variable).filter(|_| !variable.is_kept) else { return Vec::new() };
    match environment.and_then(|environment| environment.put_together(variable)) {
        Some(put) if !put.written.contains(secret) => {
            // The host of a URL is no secret, and the password may be one part of several.
            let is_part = |value: &str| !value.is_empty() && (secret.contains(value) || value.contains(secret));
            put.from.into_iter().filter(|from| is_part(from.value.expose())).collect()
        }
        Some(_) | None => vec![variable],
    }
}

/// What is public and may be a reference all the same, of what is in use: the name that mail is sent under, and the ids that
/// providers and bot protections give.
pub(in crate::rules) fn settings<'p>(policy: &'p Policy<'_>) -> impl Iterator<Item = (KeyPath, &'p Setting)> {
    let smtp = policy.email.smtp.as_ref().filter(|_| policy.email.enabled);
    let smtp = smtp.and_then(|smtp| Some(("email.smtp.username".into(), smtp.username.as_ref()?)));
    let bots = policy.bot_protection.as_ref();
    let bots = bots.and_then(|bots| Some(("bot_protection.site_key".into(), bots.site_key.as_ref()?)));
    let providers = policy.oauth.iter().filter_map(|(name, provider)| {
        Some((("oauth", name.as_str(), "client_id").into(), provider.client_id.as_ref()?))
    });
    smtp.into_iter().chain(bots).chain(providers)
}

/// The secrets in files of their own, each with the key that is about it.
fn kept_secrets<'p>(facts: &Facts<'p>) -> impl Iterator<Item = (&'p Kept<'p>, KeyPath)> {
    let policy = facts.policy;
    let kept = policy.environment().into_iter().flat_map(Environment::kept);
    kept.map(move |kept| {
        let place = references(policy).find(|place| kept.is_named_by(place.reference));
        (kept, place.map_or_else(|| NO_SECRET.into(), |place| place.key()))
    })
}

/// What a message calls a secret's file. What a variable says may be the secret itself.
fn called(kept: &Kept<'_>) -> String {
    let variable = kept.variable();
    match variable.name {
        "" => format!("the file `{}`", kept.path.display()),
        name if variable.is_plainly_named => format!("the file of `{name}`"),
        _ => "a secret's file".to_owned(),
    }
}

/// The variable in which the app looks for what the profile has in a file of its own, where it has none of that name, and none
/// that names a file. The module that is rendered for CRUDAuth reads files.
fn read_in_its_place<'p>(facts: &Facts<'p>, place: &Use<'_>) -> Option<&'p str> {
    let environment = facts.policy.environment().filter(|_| facts.policy.targets.crudauth.is_none())?;
    // A pack of one's own cannot say that its app reads files, as pydantic-settings does with `secrets_dir`.
    if !matches!(facts.policy.app.kind, AppKind::Known(_)) {
        return None;
    }
    let is_its = |row: &PackVariable| row.field.as_ref().is_some_and(|field| field.key() == place.key());
    let (name, row) = facts.app.variables.all().iter().find(|(_, row)| is_its(row))?;
    let is_there = is_set(facts, environment, name, row) || environment.keeps(name.as_str());
    (!is_there && row.ignored.is_none() && row.read_by.is_none()).then_some(name.as_str())
}

/// Whether the file has one of the app's variables; of one that the profile cannot refer to, whether that holds anything.
fn is_set(facts: &Facts<'_>, environment: &Environment<'_>, name: &VariableName, row: &PackVariable) -> bool {
    let set = facts.spellings(name);
    set.iter().any(|variable| row.field.is_some() || !variable.value.expose().trim().is_empty())
        || environment.get(name.as_str()).is_some_and(|variable| variable.is_kept)
        || environment.leaves_open(name.as_str())
}

/// Whether another rule tells of an empty key as it does of a weak one, in this mode.
fn is_told_as_weak(place: &Use<'_>, policy: &Policy<'_>) -> bool {
    let rule = if place.is_previous() { &ROT002 } else { &SEC002 };
    place.purpose == SecretPurpose::Signing && rule.severity.get(policy.mode).is_some()
}

/// What needs a secret: whether it is missing, its key, the key that makes it needed, what is wrong then, and a reference
/// to write.
fn needs(policy: &Policy<'_>) -> [(bool, &'static str, &'static str, &'static str, &'static str); 4] {
    let (state, email, database) = (&policy.state, &policy.email, &policy.database);
    let carrier = email.carrier.filter(|_| email.enabled);
    let smtp = email.smtp.as_ref();
    let has_password = smtp.is_some_and(|smtp| smtp.password.is_some());
    // Other SMTP servers may let in whom they know by address.
    let signs_in = match carrier {
        Some(Carrier::Gmail) => true,
        Some(Carrier::Smtp) => smtp.is_some_and(|smtp| smtp.username.is_some()),
        Some(Carrier::File | Carrier::Brevo | Carrier::Api) | None => false,
    };
    // Firestore is reached by the service account of the machine, SQLite by a path.
    let has_url = match database.engine {
        Some(Engine::Postgresql | Engine::Mysql | Engine::Mongodb) => {
            database.url.is_some() || database.password.is_some()
        }
        Some(Engine::Sqlite | Engine::Firestore) | None => true,
    };
    [
        (
            state.backend == Backend::Redis && state.url.is_none(),
            "state.url",
            "state.backend",
            "state is kept in Redis, and nothing says how that is reached",
            "env:REDIS_URL",
        ),
        (
            matches!(carrier, Some(Carrier::Brevo | Carrier::Api)) && email.api_key.is_none(),
            "email.api_key",
            "email.carrier",
            if carrier == Some(Carrier::Brevo) {
                "Brevo carries the mail, and there is no key for its API"
            } else {
                "a service's API carries the mail, and there is no key for it"
            },
            if carrier == Some(Carrier::Brevo) { "env:BREVO_API_KEY" } else { "env:MAIL_API_KEY" },
        ),
        (
            signs_in && !has_password,
            "email.smtp.password",
            "email.carrier",
            "the app signs in at the mail server, and there is no password for that",
            "env:SMTP_PASSWORD",
        ),
        (
            !has_url,
            "database.url",
            "database.engine",
            "the database is a server, and nothing says how that is reached",
            "env:DATABASE_URL",
        ),
    ]
}
