//! From the file that an app begins with to a profile that is clean: `init --from` places what it says, its owner fills in what
//! is asked, and rendering has nothing to change.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use seccfg::apps::{AppPack, Packs};
use seccfg::profile::{AppKind, EnvFileName, Mode, Text};
use seccfg::random;
use seccfg::source::{Change, Source, apply};
use support::{folder, root, run};

/// The day on which rotations and waivers are judged.
const TODAY: [&str; 2] = ["--today", "2026-11-21"];

/// An app, and what its owner fills in.
struct App {
    /// An embedded pack's name, or the folder of an example.
    name: &'static str,
    /// What the `.env` file gets: `{key}` is a new random key.
    env: &'static [(&'static str, &'static str)],
    /// What the profile gets, as TOML.
    profile: &'static [(&'static str, &'static str)],
    /// The rules whose findings its owner accepts: what the app cannot do.
    waived: &'static [&'static str],
}

/// What every app's owner has to say.
const URL: (&str, &str) = ("app.url", "\"https://app.acme.dev\"");
const FROM: (&str, &str) = ("email.from", "\"noreply@acme.dev\"");
const SMTP: (&str, &str) = ("email.smtp.host", "\"smtp.acme.dev\"");
const ROTATED: (&str, &str) = ("secrets.secret_key.rotated_at", "2026-11-01");
const ROTATES: (&str, &str) = ("secrets.secret_key.rotate_every", "\"90d\"");
/// What takes a line away.
const GONE: &str = "{gone}";

const APPS: [App; 7] = [
    App {
        name: "instacrud",
        env: &[
            ("MODE", "prod"),
            ("BASE_URL", "https://app.acme.dev"),
            ("FRONTEND_BASE_URL", "https://app.acme.dev"),
            ("SECRET_KEY", "{key}"),
            ("MONGO_URL_SECRET_KEY", "{key}"),
            ("MONGO_URL", "mongodb://app:{key}@db.acme.dev/app?tls=true"),
            ("TOKEN_EXPIRATION_SECONDS", "900"),
            ("CORS_ALLOW_ORIGINS", ""),
            ("CORS_ALLOW_METHODS", "GET,POST"),
            ("CORS_ALLOW_HEADERS", "Authorization,Content-Type"),
            ("GOOGLE_CLIENT_ID", "acme.apps.googleusercontent.com"),
            ("GOOGLE_CLIENT_SECRET", "{key}"),
            ("MS_CLIENT_ID", "acme"),
            ("MS_CLIENT_SECRET", "{key}"),
            ("TURNSTILE_SITE_KEY", "0x4AAAAAAAacme"),
            ("TURNSTILE_SECRET_KEY", "{key}"),
            ("EMAIL_CARRIER", "brevo"),
            ("BREVO_API_KEY", "{key}"),
            ("EMAIL_FROM_ADDRESS", "noreply@acme.dev"),
            ("SMTP_HOST", GONE),
            ("SMTP_PORT", GONE),
            ("SMTP_USERNAME", GONE),
            ("SMTP_PASSWORD", GONE),
            ("SMTP_TLS", GONE),
            ("SMTP_SSL", GONE),
        ],
        profile: &[
            URL,
            FROM,
            ROTATED,
            ROTATES,
            ("cors.origins", "[]"),
            ("cors.methods", "[\"GET\", \"POST\"]"),
            ("cors.headers", "[\"Authorization\", \"Content-Type\"]"),
            ("tokens.access_ttl", "\"15m\""),
            (
                "headers.content_security_policy",
                "\"default-src 'self'; script-src 'self' https://challenges.cloudflare.com; frame-src \
                 https://challenges.cloudflare.com; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'\"",
            ),
            ("email.carrier", "\"brevo\""),
            ("email.api_key", "\"env:BREVO_API_KEY\""),
            ("email.smtp", ""),
        ],
        waived: &["LCK001", "PWD001", "PWD006", "PWD008"],
    },
    App {
        name: "fastcms",
        env: &[
            ("ENVIRONMENT", "production"),
            ("DEBUG", "false"),
            ("BASE_URL", "https://app.acme.dev"),
            ("DATABASE_URL", "postgresql+asyncpg://app:{key}@db.acme.dev/app?ssl=verify-full"),
            ("SECRET_KEY", "{key}"),
            ("CORS_ORIGINS", "'[]'"),
            ("SMTP_HOST", "localhost"),
            ("SMTP_PASSWORD", "{key}"),
            ("SMTP_FROM_EMAIL", "noreply@acme.dev"),
            ("ADMIN_EMAIL", GONE),
            ("ADMIN_PASSWORD", GONE),
            ("RATE_LIMIT_PER_MINUTE", GONE),
            ("RATE_LIMIT_PER_HOUR", GONE),
            ("MAX_FILE_SIZE", "10485760"),
        ],
        profile: &[URL, FROM, ROTATED, ROTATES, ("email.smtp.host", "\"localhost\"")],
        waived: &["HDR003", "LCK001", "PWD001", "PWD003", "PWD004", "PWD006"],
    },
    App {
        name: "crudauth",
        env: &[("SECRET_KEY", "{key}"), ("DATABASE_URL", "postgresql+asyncpg://app:{key}@localhost/app")],
        profile: &[URL, ROTATED, ROTATES],
        waived: &["COK005", "EML004"],
    },
    App {
        name: "fastapi-template",
        env: &[
            ("ENVIRONMENT", "production"),
            ("FRONTEND_HOST", "https://app.acme.dev"),
            ("BACKEND_CORS_ORIGINS", ""),
            ("SECRET_KEY", "{key}"),
            ("FIRST_SUPERUSER_PASSWORD", "{key}"),
            ("POSTGRES_PASSWORD", "{key}"),
            ("ACCESS_TOKEN_EXPIRE_MINUTES", "15"),
            ("EMAILS_FROM_EMAIL", "noreply@acme.dev"),
            ("SMTP_HOST", "smtp.acme.dev"),
        ],
        profile: &[URL, FROM, SMTP, ROTATED, ROTATES],
        waived: &["LCK001", "PWD001", "PWD002", "PWD006"],
    },
    App {
        name: "cookiecutter-django",
        env: &[
            ("DJANGO_SECRET_KEY", "{key}"),
            ("DJANGO_ADMIN_URL", "{key}/"),
            ("DJANGO_ALLOWED_HOSTS", ".acme.dev"),
            ("DJANGO_SECURE_SSL_REDIRECT", "True"),
            ("DJANGO_ACCOUNT_ALLOW_REGISTRATION", "False"),
            ("MAILGUN_API_KEY", "{key}"),
            ("MAILGUN_DOMAIN", "mg.acme.dev"),
            ("REDIS_URL", "rediss://:{key}@redis.acme.dev:6380/0"),
            ("POSTGRES_PASSWORD", "{key}"),
        ],
        profile: &[
            URL,
            FROM,
            ROTATED,
            ROTATES,
            ("app.open_registration", "false"),
            ("tls.redirect_http", "true"),
            ("email.enabled", "true"),
            ("email.carrier", "\"api\""),
            ("email.api_key", "\"env:MAILGUN_API_KEY\""),
        ],
        waived: &["LCK001", "PWD001"],
    },
    App {
        name: "next-auth",
        env: &[
            ("NODE_ENV", "production"),
            ("AUTH_URL", "https://app.acme.dev"),
            ("AUTH_SECRET", "{key}"),
            ("DATABASE_URL", "postgresql://app:{key}@localhost:5432/dashboard"),
        ],
        profile: &[URL, ("secrets.auth.rotated_at", "2026-11-01"), ("secrets.auth.rotate_every", "\"90d\"")],
        waived: &[],
    },
    App {
        name: "express",
        env: &[
            ("NODE_ENV", "production"),
            ("SESSION_SECRET", "{key}"),
            ("DATABASE_URL", "postgres://forum:{key}@localhost:5432/forum"),
            ("MAIL_FROM", "noreply@acme.dev"),
            ("SESSION_IDLE_MINUTES", "30"),
            ("SESSION_MAX_SECONDS", "43200"),
            ("LOCKOUT_ATTEMPTS", "10"),
            ("LOCKOUT_SECONDS", "3600"),
            ("PASSWORD_MIN_LENGTH", "15"),
        ],
        profile: &[
            URL,
            FROM,
            ("secrets.session.rotated_at", "2026-11-01"),
            ("secrets.session.rotate_every", "\"90d\""),
            ("passwords.blocklist", ""),
        ],
        waived: &["PWD006"],
    },
];

impl App {
    fn is_embedded(&self) -> bool {
        AppKind::KNOWN.contains(&self.name)
    }

    /// Its pack as `init` is told it, where the folder has what that takes.
    fn prepared(&self, folder: &Path) -> String {
        let example = root().join("examples/packs").join(self.name);
        let (own, kind) = if self.is_embedded() {
            (root().join("tests/fixtures/adopt").join(format!("{}.env", self.name)), self.name.to_owned())
        } else {
            fs::copy(example.join("my-app.toml"), folder.join("my-app.toml")).expect("the example is there");
            (example.join("env.example"), "./my-app.toml".to_owned())
        };
        fs::copy(own, folder.join(".env")).expect("the app's own file is there");
        protect(&folder.join(".env"));
        kind
    }
}

fn protect(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("it is ours");
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The text with a variable's line replaced or taken away, or with one more.
fn filled(text: &str, name: &str, value: &str) -> String {
    let line = format!("{name}={value}");
    let is_it = |old: &str| old.split_once('=').is_some_and(|(old, _)| old == name);
    let has_it = text.lines().any(is_it);
    let kept = |old: &&str| value != GONE || !is_it(old);
    let lines = text.lines().filter(kept).map(|old| if is_it(old) { line.as_str() } else { old });
    let more = if has_it { None } else { Some(line.as_str()) };
    lines.chain(more).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn what_an_app_begins_with_becomes_a_clean_profile_that_changes_nothing() {
    let mut wrong = Vec::new();
    for app in APPS {
        let folder = folder();
        let path = folder.path();
        let kind = app.prepared(path);
        let begun = run(path, &["init", "--app", &kind, "--from", ".env"]);
        assert!(begun.out.starts_with("wrote security.toml"), "{}: {}{}", app.name, begun.out, begun.err);

        let mut env = read(path, ".env");
        for (name, value) in app.env {
            let key = random::hex(32).expect("the system gives random bytes");
            env = filled(&env, name, &value.replace("{key}", &key));
        }
        fs::write(path.join(".env"), &env).expect("a file can be written");
        let mut profile = read(path, "security.toml");
        for (key, value) in app.profile {
            let change = match *value {
                "" => Change::Remove { key: (*key).into() },
                value => Change::Set { key: (*key).into(), value: value.to_owned() },
            };
            profile = apply(&profile, &change).unwrap_or_else(|| panic!("{}: {key} in {profile}", app.name));
        }
        profile.extend(app.waived.iter().map(|rule| {
            format!("\n[[waivers]]\nrule = \"{rule}\"\nreason = \"the app cannot do otherwise until it is changed\"\nexpires = 2027-05-31\n")
        }));
        fs::write(path.join("security.toml"), profile).expect("a file can be written");

        let checked = run(path, &[&["check", "--env-file", ".env"], &TODAY[..]].concat());
        if checked.code != Some(0) || !checked.out.starts_with("security.toml: no findings") {
            wrong.push(format!("{} is not clean: {}{}", app.name, checked.out, checked.err));
        }
        // Where the app reads it under another name, it has that.
        let files = pack(&app).env_files;
        let name = files.get(&Mode::Prod).and_then(|files| files.last()).map_or(".env", EnvFileName::as_str);
        if name != ".env" {
            fs::create_dir_all(path.join(name).parent().expect("it has one")).expect("a folder can be made");
            fs::rename(path.join(".env"), path.join(name)).expect("it is ours");
        }
        let checked = run(path, &[&["check", "--env-files"], &TODAY[..]].concat());
        if checked.code != Some(0) || !checked.out.starts_with("security.toml: no findings") {
            wrong.push(format!("{} is not clean by its own files: {}{}", app.name, checked.out, checked.err));
        }
        let rendered = run(path, &[&["render", "--target", "env", "--check"], &TODAY[..]].concat());
        if rendered.code != Some(0) {
            wrong.push(format!("{} would be changed: {}{}", app.name, rendered.out, rendered.err));
        }
        let rendered = run(path, &[&["render", "--target", "env"], &TODAY[..]].concat());
        if rendered.code != Some(0) || read(path, name) != env {
            wrong.push(format!("{} was changed: {}{}", app.name, rendered.out, rendered.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Of the variables of each app's own file that say something about security, nearly all are placed, and of each of the others
/// it is said why not.
#[test]
fn nearly_everything_about_security_is_placed_and_the_rest_is_told() {
    for app in APPS {
        let folder = folder();
        let path = folder.path();
        let kind = app.prepared(path);
        // What is empty says nothing yet.
        let mut env = String::new();
        for line in read(path, ".env").lines() {
            env += line.strip_suffix('=').map_or_else(|| line.to_owned(), |name| format!("{name}=made-up")).as_str();
            env += "\n";
        }
        fs::write(path.join(".env"), &env).expect("a file can be written");
        let begun = run(path, &["init", "--app", &kind, "--from", ".env"]);
        let profile = read(path, "security.toml");
        let pack = pack(&app);
        let told: BTreeSet<&str> = begun
            .out
            .lines()
            .filter_map(|line| line.strip_prefix("not in the profile: ")?.rsplit_once(" ("))
            .flat_map(|(names, _)| names.split(", "))
            .collect();
        let names = env.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name);
        let names: Vec<&str> = names.filter(|name| !name.starts_with('#')).collect();
        let (mut about, mut placed) = (0, 0);
        for name in names {
            let row = pack.variable(name).map(|(_, row)| row);
            let is_about = row.is_some_and(|row| row.field.is_some() || row.is_secret());
            let is_told = told.contains(name);
            // Where several say one key, the key stands there by its value.
            let is_placed = !is_told && (row.is_some() || profile.contains(name));
            assert!(is_placed || is_told, "{}: nothing is said of {name}\n{}", app.name, begun.out);
            about += usize::from(is_about);
            placed += usize::from(is_about && is_placed);
        }
        println!("{}: {placed} of {about}", app.name);
        // Of the systems that seccfg has packs for; the mode that a developer's file is for is not the profile's.
        let least = if app.is_embedded() { 90 } else { 85 };
        assert!(100 * placed >= least * about, "{}: {placed} of {about}\n{}", app.name, begun.out);
    }
}

fn pack(app: &App) -> AppPack {
    if app.is_embedded() {
        let kind = AppKind::parse(app.name).expect("it is known");
        return (*Packs::default().get(&kind, None, Path::new("")).expect("it is in the binary")).clone();
    }
    let path = root().join("examples/packs").join(app.name).join("my-app.toml");
    AppPack::read(&Source::new("my-app.toml", fs::read_to_string(path).expect("the example is there")))
        .expect("it is sound")
}
