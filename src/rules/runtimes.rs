//! Variables by which frameworks and runtimes give a protection up, for apps of which nobody knows which variables they read.

use super::lifetimes::{LONGEST, Unit};
use super::networks::{everyone, is_certifiable, wide};
use super::rule::Findings;
use crate::apps::{Known, UnknownVariables};
use crate::command::FURTHER;
use crate::finding::Severity::Warning;
use crate::plan::Facts;
use crate::policy::Variable;
use crate::profile::{Cidr, Origin, Text as _, Url};

/// What a variable has to say so that it does harm.
#[derive(Clone, Copy, Debug)]
enum On {
    /// A word for "yes", as frameworks read it.
    Truth,
    /// One of the first words, also as one of several between commas, or as the last part of a module's name; and what it says
    /// in production.
    Word(&'static [&'static str], &'static str),
    /// This word, alone or in a list.
    Among(&'static str),
    /// An option that begins so, among others.
    Switch(&'static str),
    /// This very option, among others.
    Flag(&'static str),
    /// A word for "no".
    Falsity,
    /// A list, as JSON or between commas, in which a star is, or a pattern that means the same.
    Everyone,
    /// The same, or a word for "yes": of proxies that are believed.
    Anyone,
    /// A list of origins, one of which comes by plain HTTP, or from the visitor's own machine.
    Insecure,
    /// More than an hour, in this unit.
    Lasting(Unit),
    /// The URL of a page that comes by plain HTTP, or from the visitor's own machine.
    Astray,
}

/// What happens then.
#[derive(Clone, Copy, Debug)]
enum Harm {
    /// This framework shows the insides of the app on errors.
    Insides(&'static str),
    /// The same, most likely: a name that many apps give their own switch. What it does in this one is not known.
    LikelyInsides(&'static str),
    /// This runtime has a debugger listen, which runs what it is told.
    Debugged(&'static str),
    /// This runtime believes any certificate, whoever the app calls.
    Unverified(&'static str),
    /// Most likely something of this kind.
    Likely(Kind),
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
    /// An origin may that comes by plain HTTP, or from the visitor's own machine.
    InsecureOrigin,
    /// Its cookies are sent in plain text, too.
    BareCookies,
    /// Scripts can read its sessions' cookies.
    ReadableCookies,
    /// It answers to every host name.
    AnyHost,
    /// It believes whoever says who the client is.
    AnyProxy,
    /// It takes tokens without a signature.
    Unsigned,
    /// Its access tokens live for more than an hour.
    LongTokens,
    /// It leads people to a page that comes by plain HTTP, or from their own machine.
    PlainUrl,
}

impl Harm {
    const fn kind(self) -> Kind {
        match self {
            Self::Insides(_) | Self::LikelyInsides(_) | Self::Debugged(_) => Kind::Debug,
            Self::Unverified(_) => Kind::Unverified,
            Self::Likely(kind) => kind,
        }
    }
}

impl Kind {
    /// Of what a variable's name tells alone: the key that says the same, what an app likely does, and what to put into the
    /// variable where that is no word.
    const fn by_name(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Debug => ("app.debug", "switches debug on", ""),
            Self::Unverified => ("database.tls", "has the app believe any certificate", ""),
            Self::AnyOrigin => {
                ("cors.origins", "lets every origin read the app's answers", "list the origins that are meant")
            }
            Self::InsecureOrigin => (
                "app.kind",
                "lets in an origin that comes by plain HTTP, or from the visitor's own machine",
                "list the `https://` origins that are meant, and those of development in the file of that mode,",
            ),
            Self::BareCookies => ("app.kind", "lets the app's cookies go by plain HTTP", ""),
            Self::ReadableCookies => ("app.kind", "lets scripts read the app's session cookies", ""),
            Self::AnyHost => {
                ("app.url", "has the app answer to every host name", "list the host names that are served")
            }
            Self::AnyProxy => (
                "app.kind",
                "has the app believe whoever says who the client is",
                "list the addresses from which the proxy connects, or say how many proxies stand in front (`1`),",
            ),
            Self::Unsigned => (
                "tokens.algorithms",
                "has the app accept tokens without a signature",
                "name the algorithm that the app signs with in place of `none`",
            ),
            Self::LongTokens => {
                ("tokens.access_ttl", "lets a stolen access token be good for more than an hour", "put an hour at most")
            }
            Self::PlainUrl => (
                "app.frontend_url",
                "leads people to a page by plain HTTP, or on their own machine",
                "write the `https://` URL that people come to",
            ),
        }
    }
}

use Harm::{Debugged, Insides, Likely, LikelyInsides, Unverified};
use Kind::{
    AnyHost, AnyOrigin, AnyProxy, BareCookies, InsecureOrigin, LongTokens, PlainUrl, ReadableCookies, Unsigned,
};
use On::{Among, Anyone, Astray, Everyone, Falsity, Flag, Insecure, Lasting, Switch, Truth, Word};

/// In place of a word: only the author knows what a module is called.
const SETTINGS: &str = "…";

/// What a server does that is told to.
const RELOADS: &str = "a server that starts again whenever a file changes is for developers";

/// What frameworks call a developer's machine.
const DEVELOPMENT: &[&str] = &["development", "dev", "local", "debug"];

/// What most apps call the list of the origins that may read their answers.
const ORIGINS: &[&str] = &[
    "CORS_ORIGINS",
    "CORS_ORIGIN",
    "CORS_ALLOW_ORIGIN",
    "CORS_ALLOWED_ORIGIN",
    "CORS_ORIGIN_WHITELIST",
    "DJANGO_CORS_ALLOWED_ORIGINS",
    "APP_CORS_ORIGINS",
    "ALLOWED_ORIGIN",
    "CORS_ALLOWED_ORIGINS",
    "CORS_ALLOW_ORIGINS",
    "ALLOWED_ORIGINS",
    "BACKEND_CORS_ORIGINS",
];

/// The variables. Sources: the documentation of each framework on its environment, as of November 2026.
const VARIABLES: &[(&[&str], On, Harm)] = &[
    (&["FLASK_DEBUG"], Truth, Insides("Flask")),
    (&["QUART_DEBUG"], Truth, Insides("Quart")),
    (&["LITESTAR_DEBUG"], Truth, Insides("Litestar")),
    (&["WP_DEBUG"], Truth, Insides("WordPress")),
    (&["YII_DEBUG"], Truth, Insides("Yii")),
    (&["APP_DEBUG"], Truth, Insides("Laravel or Symfony")),
    (&["NODE_ENV"], Word(DEVELOPMENT, "production"), Insides("Express")),
    (
        &["NODE_ENV"],
        Word(&["prod", "test"], "production"),
        Insides("Express, which knows no other word than `production`,"),
    ),
    (&["RAILS_ENV"], Word(&["development"], "production"), Insides("Rails")),
    (&["RACK_ENV"], Word(&["development"], "production"), Insides("Rack or Sinatra")),
    (&["APP_ENV"], Word(&["local"], "production"), Insides("Laravel")),
    (&["APP_ENV"], Word(&["dev", "development"], "prod"), Insides("Symfony or Laravel")),
    (&["CI_ENVIRONMENT"], Word(&["development"], "production"), Insides("CodeIgniter")),
    (&["YII_ENV"], Word(&["dev"], "prod"), Insides("Yii")),
    (&["ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"], Word(&["development"], "Production"), Insides("ASP.NET Core")),
    (&["SERVER_ERROR_INCLUDE_STACKTRACE"], Word(&["always"], "never"), Insides("Spring Boot")),
    (ORIGINS, Everyone, Likely(AnyOrigin)),
    (&["CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"], Truth, Likely(AnyOrigin)),
    (ORIGINS, Insecure, Likely(InsecureOrigin)),
    (
        &[
            "SESSION_COOKIE_SECURE",
            "SESSION_SECURE_COOKIE",
            "CSRF_COOKIE_SECURE",
            "COOKIE_SECURE",
            "COOKIES_SECURE",
            "SECURE_COOKIES",
            "JWT_COOKIE_SECURE",
            "AUTH_COOKIE_SECURE",
            "DJANGO_SESSION_COOKIE_SECURE",
        ],
        Falsity,
        Likely(BareCookies),
    ),
    (
        &[
            "SESSION_COOKIE_HTTPONLY",
            "SESSION_HTTP_ONLY",
            "COOKIE_HTTPONLY",
            "COOKIE_HTTP_ONLY",
            "SESSION_COOKIE_HTTP_ONLY",
            "SESSION_HTTPONLY",
        ],
        Falsity,
        Likely(ReadableCookies),
    ),
    (
        &[
            "ALLOWED_HOSTS",
            "ALLOWED_HOST",
            "DJANGO_ALLOWED_HOSTS",
            "APP_ALLOWED_HOSTS",
            "BACKEND_ALLOWED_HOSTS",
            "TRUSTED_HOSTS",
            "TRUSTED_HOST",
            "AllowedHosts",
            "NEXTCLOUD_TRUSTED_DOMAINS",
        ],
        Everyone,
        Likely(AnyHost),
    ),
    (
        &[
            "TRUST_PROXY",
            "TRUST_PROXIES",
            "TRUSTED_PROXY",
            "TRUSTED_PROXIES",
            "TRUSTED_PROXY_IPS",
            "PROXY_TRUSTED_IPS",
            "EXPRESS_TRUST_PROXY",
            "APP_TRUSTED_PROXIES",
        ],
        Anyone,
        Likely(AnyProxy),
    ),
    (
        &[
            "JWT_ALGORITHM",
            "JWT_ALGORITHMS",
            "JWT_ALG",
            "JWT_ALGO",
            "JWT_SIGNING_ALGORITHM",
            "TOKEN_ALGORITHM",
            "TOKEN_ALG",
            "ALGORITHM",
        ],
        Among("none"),
        Likely(Unsigned),
    ),
    (
        &[
            "ACCESS_TOKEN_EXPIRE_MINUTES",
            "ACCESS_TOKEN_LIFETIME_MINUTES",
            "JWT_ACCESS_TOKEN_EXPIRE_MINUTES",
            "TOKEN_EXPIRE_MINUTES",
            "JWT_EXPIRE_MINUTES",
            "JWT_EXPIRATION_MINUTES",
        ],
        Lasting(Unit::Minutes),
        Likely(LongTokens),
    ),
    (
        &["ACCESS_TOKEN_EXPIRE_HOURS", "JWT_EXPIRATION_HOURS", "JWT_EXPIRE_HOURS"],
        Lasting(Unit::Hours),
        Likely(LongTokens),
    ),
    (&["ACCESS_TOKEN_EXPIRE_DAYS"], Lasting(Unit::Days), Likely(LongTokens)),
    (&["JWT_ACCESS_TOKEN_EXPIRES", "ACCESS_TOKEN_EXPIRE_SECONDS"], Lasting(Unit::Seconds), Likely(LongTokens)),
    (
        &[
            "JWT_EXPIRES_IN",
            "JWT_EXPIRES",
            "JWT_EXPIRE",
            "JWT_EXPIRATION",
            "JWT_EXPIRATION_TIME",
            "JWT_EXPIRY",
            "JWT_LIFETIME",
            "JWT_ACCESS_EXPIRES_IN",
            "JWT_ACCESS_EXPIRATION",
            "JWT_ACCESS_TOKEN_EXPIRES_IN",
            "JWT_ACCESS_TOKEN_EXPIRATION",
            "ACCESS_TOKEN_EXPIRES_IN",
            "ACCESS_TOKEN_EXPIRATION",
            "ACCESS_TOKEN_EXPIRY",
            "ACCESS_TOKEN_LIFETIME",
            "ACCESS_TOKEN_TTL",
            "TOKEN_EXPIRES_IN",
        ],
        Lasting(Unit::Written),
        Likely(LongTokens),
    ),
    (
        &["FRONTEND_URL", "FRONTEND_HOST", "FRONTEND_BASE_URL", "CLIENT_URL", "APP_URL", "SITE_URL", "NEXTAUTH_URL"],
        Astray,
        Likely(PlainUrl),
    ),
    (&["NODE_TLS_REJECT_UNAUTHORIZED"], Word(&["0"], "1"), Unverified("Node.js")),
    (&["NODE_OPTIONS"], Switch("--inspect"), Debugged("Node.js")),
    (&["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS"], Switch("-agentlib:jdwp"), Debugged("Java")),
    (&["UVICORN_RELOAD", "UVICORN_DEBUG"], Truth, LikelyInsides(RELOADS)),
    (&[FURTHER], Flag("--reload"), LikelyInsides(RELOADS)),
    (&["GIN_MODE"], Word(&["debug"], "release"), LikelyInsides("Gin prints its routes and requests then")),
    (
        &["DJANGO_CONFIGURATION"],
        Word(DEVELOPMENT, "Production"),
        LikelyInsides("a configuration of this name has `DEBUG` on in most projects"),
    ),
    (&["DJANGO_DEBUG"], Truth, LikelyInsides("projects of Django read it as `DEBUG`")),
    (&["DEBUG", "DEBUG_MODE"], Truth, LikelyInsides("most apps that read it show their insides on errors then")),
    (&["FLASK_ENV"], Word(&["development"], "production"), LikelyInsides("Flask before 2.3 is in debug then")),
    (
        &["DJANGO_SETTINGS_MODULE"],
        Word(DEVELOPMENT, SETTINGS),
        LikelyInsides("settings of this name have `DEBUG` on in most projects"),
    ),
    (
        &["SPRING_PROFILES_ACTIVE"],
        Word(DEVELOPMENT, "prod"),
        LikelyInsides("what a profile of this name switches on is for developers"),
    ),
    (&["MIX_ENV"], Word(&["dev"], "prod"), LikelyInsides("Phoenix built like this shows its debugger on errors")),
    (
        &["ENVIRONMENT", "ENV", "APP_ENVIRONMENT"],
        Word(DEVELOPMENT, "production"),
        LikelyInsides("most apps that read it are on a developer's machine then"),
    ),
];

/// What stands in a list, as JSON or between commas or blanks.
fn elements(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ' ']).map(|one| one.trim_matches(['[', ']', '"', '\'']))
}

impl On {
    fn is(self, value: &str) -> bool {
        let value = value.trim().to_ascii_lowercase();
        match self {
            Truth => ["1", "true", "yes", "on", "y", "t"].contains(&value.as_str()),
            Falsity => ["0", "false", "no", "off", "n", "f"].contains(&value.as_str()),
            Among(word) | Flag(word) => elements(&value).any(|one| one == word),
            Switch(option) => elements(&value).any(|one| one.starts_with(option)),
            Everyone => elements(&value).any(|one| ["*", ".*", "^.*$"].contains(&one)),
            Anyone => {
                let is_one = |one| {
                    ["*", "**", "0.0.0.0/0", "::/0", "remote_addr", "true", "yes", "on", "all", "any"].contains(&one)
                };
                let networks: Vec<Cidr> = elements(&value).filter_map(|one| Cidr::parse(one).ok()).collect();
                elements(&value).any(is_one) || !everyone(&networks).is_empty() || !wide(&networks).is_empty()
            }
            Insecure => elements(&value).any(|one| match Origin::parse(one.trim_end_matches('/')) {
                Ok(origin) => !origin.is_https() || origin.host().is_loopback(),
                // Some apps put the scheme before it.
                Err(_) => Origin::parse(&format!("http://{one}")).is_ok_and(|origin| origin.host().is_loopback()),
            }),
            Lasting(unit) => unit.is_long(&value),
            Astray => Url::parse(&value).is_ok_and(|url| {
                let origin = url.origin();
                let is_public = origin.host().name().is_some_and(is_certifiable);
                origin.host().is_loopback() || (!origin.is_https() && is_public)
            }),
            Word(words, _) => elements(&value).filter_map(|one| one.rsplit('.').next()).any(|one| words.contains(&one)),
        }
    }
}

/// The variables that likely say how long access tokens live, and for how many seconds: those that are called so.
pub(super) fn access_tokens<'p>(facts: &'p Facts<'_>) -> Vec<(Variable<'p>, u64)> {
    let Some(environment) = facts.policy.environment() else { return Vec::new() };
    if facts.app.unknown_variables != UnknownVariables::Unknown {
        return Vec::new();
    }
    let rows = VARIABLES.iter().filter_map(|(names, on, _)| match on {
        Lasting(unit) => Some((names, *unit)),
        _ => None,
    });
    let named = rows.flat_map(|(names, unit)| names.iter().map(move |name| (*name, unit)));
    let set = named.filter(|(name, _)| name.contains("ACCESS")).flat_map(|(name, unit)| {
        environment.alike(std::iter::once(name)).into_iter().map(move |variable| (variable, unit))
    });
    let is_unknown = |one: &Variable<'_>| !matches!(facts.app.known(one.name), Known::Variable(..) | Known::Former(_));
    let clear = set.filter(|(one, _)| one.is_plainly_named && is_unknown(one) && !environment.is_ambiguous(*one));
    clear.filter_map(|(one, unit)| Some((one, unit.read(one.value.expose())?))).collect()
}

/// Speaks of the variables that do this harm, where nobody knows which variables the app reads.
pub(super) fn tell(kind: Kind, facts: &Facts<'_>, out: &mut Findings<'_>) {
    let Some(environment) = facts.policy.environment() else { return };
    if facts.app.unknown_variables != UnknownVariables::Unknown {
        return;
    }
    // What is likely is no matter on a developer's machine.
    if !facts.policy.mode.is_live() && !matches!(kind, Kind::Debug | Kind::Unverified) {
        return;
    }
    let rows = VARIABLES.iter().filter(|(.., harm)| harm.kind() == kind);
    for (name, on, harm) in rows.flat_map(|(names, on, harm)| names.iter().map(move |name| (*name, *on, *harm))) {
        for variable in environment.alike(std::iter::once(name)) {
            // What the pack knows is judged as what it is, and `{}` there says that it is nothing.
            let is_unknown = !matches!(facts.app.known(variable.name), Known::Variable(..) | Known::Former(_));
            // What stands in a list stands there however a reader takes the quotes around it.
            let is_list = matches!(on, Everyone | Anyone | Insecure | Among(..));
            let is_clear = is_list || !environment.is_ambiguous(variable);
            if is_unknown && is_clear && on.is(variable.value.expose()) {
                let name = if variable.is_plainly_named { variable.name } else { name };
                tell_of(variable, name, (on, harm), facts, out);
            }
        }
    }
}

/// What to do where a variable that is judged by its name means something else, for the end of a help.
pub(super) fn unless(name: &str, key: &str) -> String {
    format!(
        "; if it means something else, say so with `{name} = {{}}` under `[variables]` of an app pack (docs/app-packs.md), or waive \
         this, with `key = \"{key}\"`"
    )
}

fn tell_of(variable: Variable<'_>, name: &str, (on, harm): (On, Harm), facts: &Facts<'_>, out: &mut Findings<'_>) {
    let write = match on {
        Truth => format!("write `{name}=false`"),
        Falsity => format!("write `{name}=true`"),
        Word(_, SETTINGS) => format!("let `{name}` name the settings for production"),
        Word(_, meant) => format!("write `{name}={meant}`"),
        Switch(option) | Flag(option) => format!("take `{option}` out of `{name}`"),
        Everyone | Anyone | Insecure | Among(_) | Lasting(_) | Astray => {
            format!("{} in `{name}`", harm.kind().by_name().2)
        }
    };
    match harm {
        Insides(framework) => {
            out.at_variable(variable, "app.debug", format!("`{name}` switches debug on"))
                .label(format!("{framework} shows its insides to whoever causes an error"))
                .help(write);
        }
        Debugged(runtime) => {
            out.at_variable(variable, "app.debug", format!("`{name}` has the debugger of {runtime} listen"))
                .label("whoever reaches its port runs code in the app")
                .help(write);
        }
        LikelyInsides(why) => {
            let (key, does, _) = Kind::Debug.by_name();
            out.at_variable(variable, key, format!("`{name}` likely {does}: {why}"))
                .label("by its name")
                .help(write + &unless(name, key))
                .at_most(Warning);
        }
        Likely(kind) => {
            let (key, does, _) = kind.by_name();
            let said = facts.policy.tokens.access_ttl.filter(|said| kind == LongTokens && *said <= LONGEST);
            let write = said.map_or(write, |said| format!("put {} in `{name}`, as the profile says", said.in_words()));
            let draft = out.at_variable(variable, key, format!("`{name}` likely {does}"));
            draft.label("by its name").help(write + &unless(name, key)).at_most(Warning);
            if kind == AnyHost {
                draft.behind_any_edge();
            }
            if kind == LongTokens && facts.policy.is_written(key) {
                draft.also(key, "what the profile says");
            }
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
