//! What is said of a command line that cannot be read, beside what clap says: of an option without its value, what to write.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

/// A value that each option could have, by its name. Those with words of their own need none.
const EXAMPLES: [(&str, &str); 17] = [
    ("app", "fastcms"),
    ("baseline", "seccfg-baseline.json"),
    ("ca", "private-ca.pem"),
    ("cookie", "session=…"),
    ("env-file", ".env"),
    ("from", ".env"),
    ("header", "'Authorization: Bearer …'"),
    ("manifest", "k8s/"),
    ("min", "A"),
    ("out", "rendered"),
    ("path", "/login"),
    ("profile", "security.toml"),
    ("resolve", "shop.example.com:443:203.0.113.7"),
    ("seen", "seen.json"),
    ("stdin-filename", "security.toml"),
    ("timeout", "20s"),
    ("today", "2026-11-29"),
];

/// An error with what to write, where an option lacks its value; any other as it is. `words` is the command line.
pub(super) fn explained(mut error: clap::Error, mut root: Command, words: &[String]) -> clap::Error {
    let Some(ContextValue::String(named)) = error.get(ContextKind::InvalidArg) else { return error };
    let is_missing = error.kind() == ErrorKind::InvalidValue
        && matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty());
    // A command's options are there once it is asked for.
    root.build();
    let of = words.get(1).and_then(|command| root.find_subcommand(command));
    let option = of.and_then(|command| option(command, named));
    if let Some(option) = option.filter(|_| is_missing) {
        let tip = StyledStr::from(tip(option));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// The option that clap calls `--profile <PATH>`.
fn option<'c>(command: &'c Command, named: &str) -> Option<&'c Arg> {
    let name = named.split(' ').next()?.strip_prefix("--")?;
    command.get_arguments().find(|arg| arg.get_long() == Some(name))
}

/// What to write: the option with a value.
fn tip(option: &Arg) -> String {
    let name = option.get_long().unwrap_or_default();
    let example = example(option).unwrap_or_default();
    format!("write its value behind it, such as `--{name} {example}`")
}

fn example(option: &Arg) -> Option<String> {
    let name = option.get_long()?;
    let known = EXAMPLES.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
    known.or_else(|| option.get_possible_values().first().map(|value| value.get_name().to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_option_that_takes_a_value_has_an_example_that_it_takes() {
        let mut root = Cli::command();
        root.build();
        let mut count = 0;
        for command in root.get_subcommands() {
            for option in command.get_arguments().filter(|option| option.get_action().takes_values()) {
                let Some(name) = option.get_long() else { continue };
                count += 1;
                let example =
                    example(option).unwrap_or_else(|| panic!("{} --{name} has no example", command.get_name()));
                let value = example.trim_matches('\'').to_owned();
                let words = [command.get_name().to_owned(), format!("--{name}={value}")];
                let taken = command.clone().try_get_matches_from(words).map(|_| ());
                let is_about_it =
                    |error: &clap::Error| matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue);
                assert!(!taken.as_ref().is_err_and(is_about_it), "{option} {example}: {taken:?}");
            }
        }
        assert!(count > 40, "{count} options are asked for");
    }

    #[test]
    fn an_option_without_its_value_is_told_what_to_write() {
        let told = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            let root = Cli::command();
            let error = root.clone().try_get_matches_from(&words).expect_err("a value is missing");
            explained(error, root, &words).to_string()
        };
        let profile = told(&["seccfg", "score", "--profile"]);
        assert!(profile.contains("such as `--profile security.toml`"), "{profile}");
        assert!(told(&["seccfg", "check", "--mode"]).contains("such as `--mode dev`"));
        assert!(told(&["seccfg", "verify", "--resolve"]).contains("`--resolve shop.example.com:443:203.0.113.7`"));
        // A wrong value has its own words.
        assert!(!told(&["seccfg", "check", "--mode", "production"]).contains("such as"));
    }
}
