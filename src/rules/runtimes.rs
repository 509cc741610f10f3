//! Variables by which frameworks and runtimes give a protection up, for apps of which nobody knows which variables they read.

use super::rule::Findings;
use crate::apps::{Known, UnknownVariables};
use crate::finding::Severity::Warning;
use crate::plan::Facts;
use crate::policy::Variable;

/// What a variable has to say so that it does harm.
#[derive(Clone, Copy, Debug)]
enum On {
    /// A word for "yes", as frameworks read it.
    Truth,
    /// One of the first words, also as one of several between commas, or as the last part of a module's name; and what it says
    /// in production.
    Word(&'static [&'static str], &'static str),
    /// A word for "no".
    Falsity,
    /// A list, as JSON or between commas, in which a star is, or a pattern that means the same.
    Everyone,
}

/// What happens then.
#[derive(Clone, Copy, Debug)]
enum Harm {
    /// This framework shows the insides of the app on errors.
    Insides(&'static str),
    /// The same, most likely: a name that many apps give their own switch. What it does in this one is not known.
    LikelyInsides(&'static str),
    /// This runtime believes any certificate, whoever the app calls.
    Unverified(&'static str),
    /// Most likely every origin may read the app's answers.
    AnyOrigin,
    /// Most likely the app's cookies go without `Secure`.
    BareCookies,
    /// Most likely the app answers to every host name.
    AnyHost,
}

/// The kinds of harm, each of which a rule tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The app shows its insides.
    Debug,
    /// It believes any certificate.
    Unverified,
    /// Every origin may read its answers.
    AnyOrigin,
    /// Its cookies are sent in plain text, too.
    BareCookies,
    /// It answers to every host name.
    AnyHost,
}

impl Harm {
    const fn kind(self) -> Kind {
        match self {
            Self::Insides(_) | Self::LikelyInsides(_) => Kind::Debug,
            Self::Unverified(_) => Kind::Unverified,
            Self::AnyOrigin => Kind::AnyOrigin,
            Self::BareCookies => Kind::BareCookies,
            Self::AnyHost => Kind::AnyHost,
        }
    }
}

use Harm::{AnyHost, AnyOrigin, BareCookies, Insides, LikelyInsides, Unverified};
use On::{Everyone, Falsity, Truth, Word};

/// In place of a word: only the author knows what a module is called.
const SETTINGS: &str = "…";

/// What frameworks call a developer's machine.
const DEVELOPMENT: &[&str] = &["development", "dev", "local", "debug"];

/// The variables. Sources: the documentation of each framework on its environment, as of November 2026.
const VARIABLES: &[(&str, On, Harm)] = &[
    ("FLASK_DEBUG", Truth, Insides("Flask")),
    ("QUART_DEBUG", Truth, Insides("Quart")),
    ("LITESTAR_DEBUG", Truth, Insides("Litestar")),
    ("WP_DEBUG", Truth, Insides("WordPress")),
    ("YII_DEBUG", Truth, Insides("Yii")),
    ("APP_DEBUG", Truth, Insides("Laravel or Symfony")),
    ("NODE_ENV", Word(&["development", "dev"], "production"), Insides("Express")),
    ("RAILS_ENV", Word(&["development"], "production"), Insides("Rails")),
    ("RACK_ENV", Word(&["development"], "production"), Insides("Rack or Sinatra")),
    ("APP_ENV", Word(&["dev", "development", "local"], "prod"), Insides("Symfony or Laravel")),
    ("CI_ENVIRONMENT", Word(&["development"], "production"), Insides("CodeIgniter")),
    ("YII_ENV", Word(&["dev"], "prod"), Insides("Yii")),
    ("ASPNETCORE_ENVIRONMENT", Word(&["development"], "Production"), Insides("ASP.NET Core")),
    ("DOTNET_ENVIRONMENT", Word(&["development"], "Production"), Insides("ASP.NET Core")),
    ("SERVER_ERROR_INCLUDE_STACKTRACE", Word(&["always"], "never"), Insides("Spring Boot")),
    ("CORS_ORIGINS", Everyone, AnyOrigin),
    ("CORS_ORIGIN", Everyone, AnyOrigin),
    ("CORS_ALLOWED_ORIGINS", Everyone, AnyOrigin),
    ("CORS_ALLOW_ORIGINS", Everyone, AnyOrigin),
    ("ALLOWED_ORIGINS", Everyone, AnyOrigin),
    ("BACKEND_CORS_ORIGINS", Everyone, AnyOrigin),
    ("CORS_ALLOW_ALL_ORIGINS", Truth, AnyOrigin),
    ("CORS_ORIGIN_ALLOW_ALL", Truth, AnyOrigin),
    ("SESSION_COOKIE_SECURE", Falsity, BareCookies),
    ("SESSION_SECURE_COOKIE", Falsity, BareCookies),
    ("CSRF_COOKIE_SECURE", Falsity, BareCookies),
    ("COOKIE_SECURE", Falsity, BareCookies),
    ("COOKIES_SECURE", Falsity, BareCookies),
    ("SECURE_COOKIES", Falsity, BareCookies),
    ("ALLOWED_HOSTS", Everyone, AnyHost),
    ("ALLOWED_HOST", Everyone, AnyHost),
    ("DJANGO_ALLOWED_HOSTS", Everyone, AnyHost),
    ("APP_ALLOWED_HOSTS", Everyone, AnyHost),
    ("BACKEND_ALLOWED_HOSTS", Everyone, AnyHost),
    ("TRUSTED_HOSTS", Everyone, AnyHost),
    ("TRUSTED_HOST", Everyone, AnyHost),
    ("AllowedHosts", Everyone, AnyHost),
    ("NEXTCLOUD_TRUSTED_DOMAINS", Everyone, AnyHost),
    ("NODE_TLS_REJECT_UNAUTHORIZED", Word(&["0"], "1"), Unverified("Node.js")),
    ("DJANGO_DEBUG", Truth, LikelyInsides("projects of Django read it as `DEBUG`")),
    ("DEBUG", Truth, LikelyInsides("most apps that read it show their insides on errors then")),
    ("FLASK_ENV", Word(&["development"], "production"), LikelyInsides("Flask before 2.3 is in debug then")),
    (
        "DJANGO_SETTINGS_MODULE",
        Word(DEVELOPMENT, SETTINGS),
        LikelyInsides("settings of this name have `DEBUG` on in most projects"),
    ),
    (
        "SPRING_PROFILES_ACTIVE",
        Word(DEVELOPMENT, "prod"),
        LikelyInsides("what a profile of this name switches on is for developers"),
    ),
    ("MIX_ENV", Word(&["dev"], "prod"), LikelyInsides("Phoenix built like this shows its debugger on errors")),
    (
        "ENVIRONMENT",
        Word(DEVELOPMENT, "production"),
        LikelyInsides("most apps that read it are on a developer's machine then"),
    ),
];

impl On {
    fn is(self, value: &str) -> bool {
        let value = value.trim().to_ascii_lowercase();
        match self {
            Truth => ["1", "true", "yes", "on", "y", "t"].contains(&value.as_str()),
            Falsity => ["0", "false", "no", "off", "n", "f"].contains(&value.as_str()),
            Everyone => value
                .split([',', ' '])
                .any(|one| ["*", ".*", "^.*$"].contains(&one.trim_matches(['[', ']', '"', '\'']))),
            Word(words, _) => value
                .split(',')
                .filter_map(|one| one.trim().rsplit('.').next().map(str::to_owned))
                .any(|one| words.contains(&one.as_str())),
        }
    }
}

/// Speaks of the variables that do this harm, where nobody knows which variables the app reads.
pub(super) fn tell(kind: Kind, facts: &Facts<'_>, out: &mut Findings<'_>) {
    let Some(environment) = facts.policy.environment() else { return };
    if facts.app.unknown_variables != UnknownVariables::Unknown {
        return;
    }
    for (name, on, harm) in VARIABLES.iter().filter(|(.., harm)| harm.kind() == kind) {
        for variable in environment.alike(std::iter::once(*name)) {
            // What the pack knows is judged as what it is, and `{}` there says that it is nothing.
            let is_unknown = !matches!(facts.app.known(variable.name), Known::Variable(..) | Known::Former(_));
            // A star in a list is one however a reader takes the quotes around it.
            let is_clear = matches!(on, Everyone) || !environment.is_ambiguous(variable);
            if is_unknown && is_clear && on.is(variable.value.expose()) {
                tell_of(variable, name, *on, *harm, out);
            }
        }
    }
}

fn tell_of(variable: Variable<'_>, name: &str, on: On, harm: Harm, out: &mut Findings<'_>) {
    let write = match on {
        Truth => format!("write `{name}=false`"),
        Falsity => format!("write `{name}=true`"),
        Everyone if harm.kind() == Kind::AnyHost => format!("list the host names that are served in `{name}`"),
        Everyone => format!("list the origins that are meant in `{name}`"),
        Word(_, SETTINGS) => format!("let `{name}` name the settings for production"),
        Word(_, meant) => format!("write `{name}={meant}`"),
    };
    let unless = format!(
        "; if it means something else, say so with `{name} = {{}}` in an app pack (docs/app-packs.md), or waive this"
    );
    match harm {
        Insides(framework) => {
            out.at_variable(variable, "app.debug", format!("`{name}` switches debug on"))
                .label(format!("{framework} shows its insides to whoever causes an error"))
                .help(write);
        }
        LikelyInsides(why) => {
            out.at_variable(variable, "app.debug", format!("`{name}` likely switches debug on: {why}"))
                .label("by its name")
                .help(write + &unless)
                .at_most(Warning);
        }
        AnyOrigin => {
            let message = format!("`{name}` likely lets every origin read the app's answers");
            out.at_variable(variable, "cors.origins", message)
                .label("by its name")
                .help(write + &unless)
                .at_most(Warning);
        }
        AnyHost => {
            let message = format!("`{name}` likely has the app answer to every host name");
            out.at_variable(variable, "app.url", message)
                .label("by its name")
                .help(write + &unless)
                .at_most(Warning)
                .behind_any_edge();
        }
        BareCookies => {
            let message = format!("`{name}` likely lets the app's cookies go by plain HTTP");
            out.at_variable(variable, "app.kind", message).label("by its name").help(write + &unless).at_most(Warning);
        }
        Unverified(runtime) => {
            let message = format!("`{name}` lets {runtime} believe any certificate, whoever the app calls");
            out.at_variable(variable, "database.tls", message)
                .label("mail, databases and other services: whoever answers is believed")
                .help(format!(
                    "take `{name}` out; for an authority of your own, name its certificate in `NODE_EXTRA_CA_CERTS`"
                ));
        }
    }
}
