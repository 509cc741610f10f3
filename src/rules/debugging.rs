//! Variables that switch debug on in frameworks, for apps of which nobody knows which variables they read.

use super::rule::Findings;
use crate::apps::{Known, UnknownVariables};
use crate::finding::Severity::Warning;
use crate::plan::Facts;
use crate::policy::Variable;

/// What a variable has to say so that debug is on.
#[derive(Clone, Copy, Debug)]
enum On {
    /// A word for "yes", as frameworks read it.
    Truth,
    /// One of the first words, also as one of several between commas, or as the last part of a module's name; and what it says
    /// in production.
    Word(&'static [&'static str], &'static str),
}

/// Whose variable it is.
#[derive(Clone, Copy, Debug)]
enum Whose {
    /// This framework reads it, and shows the insides of the app on errors then.
    Framework(&'static str),
    /// A name that many apps give their own switch: what it does in this one is not known.
    Custom(&'static str),
}

use On::{Truth, Word};
use Whose::{Custom, Framework};

/// In place of a word: only the author knows what a module is called.
const SETTINGS: &str = "…";

/// What frameworks call a developer's machine.
const DEVELOPMENT: &[&str] = &["development", "dev", "local", "debug"];

/// The variables. Sources: the documentation of each framework on its environment, as of November 2026.
const VARIABLES: &[(&str, On, Whose)] = &[
    ("FLASK_DEBUG", Truth, Framework("Flask")),
    ("QUART_DEBUG", Truth, Framework("Quart")),
    ("LITESTAR_DEBUG", Truth, Framework("Litestar")),
    ("WP_DEBUG", Truth, Framework("WordPress")),
    ("YII_DEBUG", Truth, Framework("Yii")),
    ("APP_DEBUG", Truth, Framework("Laravel or Symfony")),
    ("NODE_ENV", Word(&["development", "dev"], "production"), Framework("Express")),
    ("RAILS_ENV", Word(&["development"], "production"), Framework("Rails")),
    ("RACK_ENV", Word(&["development"], "production"), Framework("Rack or Sinatra")),
    ("APP_ENV", Word(&["dev", "development", "local"], "prod"), Framework("Symfony or Laravel")),
    ("CI_ENVIRONMENT", Word(&["development"], "production"), Framework("CodeIgniter")),
    ("YII_ENV", Word(&["dev"], "prod"), Framework("Yii")),
    ("ASPNETCORE_ENVIRONMENT", Word(&["development"], "Production"), Framework("ASP.NET Core")),
    ("DOTNET_ENVIRONMENT", Word(&["development"], "Production"), Framework("ASP.NET Core")),
    ("SERVER_ERROR_INCLUDE_STACKTRACE", Word(&["always"], "never"), Framework("Spring Boot")),
    ("DJANGO_DEBUG", Truth, Custom("projects of Django read it as `DEBUG`")),
    ("DEBUG", Truth, Custom("most apps that read it show their insides on errors then")),
    ("FLASK_ENV", Word(&["development"], "production"), Custom("Flask before 2.3 is in debug then")),
    (
        "DJANGO_SETTINGS_MODULE",
        Word(DEVELOPMENT, SETTINGS),
        Custom("settings of this name have `DEBUG` on in most projects"),
    ),
    (
        "SPRING_PROFILES_ACTIVE",
        Word(DEVELOPMENT, "prod"),
        Custom("what a profile of this name switches on is for developers"),
    ),
    ("MIX_ENV", Word(&["dev"], "prod"), Custom("Phoenix built like this shows its debugger on errors")),
    (
        "ENVIRONMENT",
        Word(DEVELOPMENT, "production"),
        Custom("most apps that read it are on a developer's machine then"),
    ),
];

impl On {
    fn is(self, value: &str) -> bool {
        let value = value.trim().to_ascii_lowercase();
        match self {
            Truth => ["1", "true", "yes", "on", "y", "t"].contains(&value.as_str()),
            Word(words, _) => value
                .split(',')
                .filter_map(|one| one.trim().rsplit('.').next().map(str::to_owned))
                .any(|one| words.contains(&one.as_str())),
        }
    }
}

/// Speaks of variables that switch debug on, where nobody knows which variables the app reads.
pub(super) fn tell_of_switches(facts: &Facts<'_>, out: &mut Findings<'_>) {
    let Some(environment) = facts.policy.environment() else { return };
    if facts.app.unknown_variables != UnknownVariables::Unknown {
        return;
    }
    let is_listed = |name: &str| VARIABLES.iter().any(|(own, ..)| own.eq_ignore_ascii_case(name));
    for variable in environment.named(is_listed) {
        // What the pack knows is judged as what it is, and `{}` there says that it is nothing.
        let is_unknown = !matches!(facts.app.known(variable.name), Known::Variable(..) | Known::Former(_));
        let listed = VARIABLES.iter().find(|(own, ..)| own.eq_ignore_ascii_case(variable.name));
        if let Some((name, on, whose)) = listed
            && is_unknown
            && !environment.is_ambiguous(variable)
            && on.is(variable.value.expose())
        {
            tell(variable, name, *on, *whose, out);
        }
    }
}

fn tell(variable: Variable<'_>, name: &str, on: On, whose: Whose, out: &mut Findings<'_>) {
    let write = match on {
        Truth => format!("write `{name}=false`"),
        Word(_, SETTINGS) => format!("let `{name}` name the settings for production"),
        Word(_, meant) => format!("write `{name}={meant}`"),
    };
    match whose {
        Framework(framework) => {
            out.at_variable(variable, "app.debug", format!("`{name}` switches debug on"))
                .label(format!("{framework} shows its insides to whoever causes an error"))
                .help(write);
        }
        Custom(why) => {
            out.at_variable(variable, "app.debug", format!("`{name}` likely switches debug on: {why}"))
                .label("by its name")
                .help(format!("{write}; if it means something else, say so with `{name} = {{}}` in an app pack (docs/app-packs.md), or waive this"))
                .at_most(Warning);
        }
    }
}
