//! `seccfg completions`: what a shell needs to complete the program's arguments.

use std::fmt::Write;

use clap::{Arg, Command, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Failure, Outcome, print};

#[derive(clap::Args)]
pub struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "seccfg", &mut script);
    let script = String::from_utf8_lossy(&script);
    print(&if args.shell == Shell::PowerShell { with_values(&script) } else { script.into_owned() })?;
    Ok(Outcome::Clean)
}

/// PowerShell's script with the words that arguments take, which clap writes for every other shell: `--mode` and a tab gives
/// `dev`. It knows an argument by the word before it, which is a flag, or the command whose first argument it is.
fn with_values(script: &str) -> String {
    const COMPLETIONS: &str = "    $completions = @(switch ($command) {\n";
    let mut cli = Cli::command();
    cli.build();
    let mut rows = String::new();
    list(&cli, "seccfg", &mut rows);
    let values = format!(
        "    $before = ($commandElements | Where-Object {{ $_.Extent.Text -ne $wordToComplete }} | Select-Object -Last 1).Extent.Text
    $values = @(switch (\"$command $before\") {{
{rows}    }})
    if ($values) {{
        return $values.Where{{ $_ -like \"$wordToComplete*\" }} | ForEach-Object {{
            [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, $_)
        }}
    }}

"
    );
    let (before, after) = script.split_once(COMPLETIONS).expect("clap lists completions by command");
    format!("{before}{values}{COMPLETIONS}{after}")
}

/// A row for each argument of a command, and of those below it, that takes one of a few words.
fn list(command: &Command, path: &str, rows: &mut String) {
    for arg in command.get_arguments() {
        let words: Vec<String> = words(arg).iter().map(|word| format!("'{word}'")).collect();
        if words.is_empty() {
            continue;
        }
        let flags = [arg.get_long().map(|long| format!("--{long}")), arg.get_short().map(|short| format!("-{short}"))];
        let first = (arg.get_index() == Some(1)).then(|| command.get_name().to_owned());
        for before in flags.into_iter().flatten().chain(first) {
            writeln!(rows, "        '{path} {before}' {{ {} }}", words.join("; ")).expect("a string takes everything");
        }
    }
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        list(below, &format!("{path};{}", below.get_name()), rows);
    }
}

/// The words that an argument takes, where it takes a value and these are all.
fn words(arg: &Arg) -> Vec<String> {
    if !arg.get_action().takes_values() {
        return Vec::new();
    }
    arg.get_possible_values().iter().map(|word| word.get_name().to_owned()).collect()
}
