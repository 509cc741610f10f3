//! `seccfg man`: the manual pages, made from what `--help` is made from.

use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::words::out_path;
use super::{Cli, Failure, Outcome, print};
use crate::files::{self, Change};
use crate::profile::quoted;
use crate::source::nearest;

#[derive(clap::Args)]
pub struct Args {
    /// The command, such as check.
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    command: Option<String>,
    /// Write the pages of all commands into this folder.
    #[arg(long, value_name = "FOLDER", value_parser = out_path())]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let mut cli = Cli::command();
    cli.build();
    if let Some(folder) = &args.out {
        let is_ours = |command: &&Command| command.get_name() != "help";
        let commands = std::iter::once(&cli).chain(cli.get_subcommands().filter(is_ours));
        let pages = commands.map(|command| {
            let path = folder.join(format!("{}.1", name(command)));
            Ok(Change { path, old: None, new: page(command)?, private: false })
        });
        files::write(pages.collect::<Result<_, Failure>>()?)?;
        return Ok(Outcome::Clean);
    }
    let command = match &args.command {
        None => &cli,
        Some(word) => cli.find_subcommand(word).ok_or_else(|| unknown(&cli, word))?,
    };
    print(&page(command)?)?;
    Ok(Outcome::Clean)
}

/// What a page is called: `seccfg-check`.
fn name(command: &Command) -> String {
    command.get_display_name().unwrap_or(command.get_name()).to_owned()
}

fn page(command: &Command) -> Result<String, Failure> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page).map_err(Failure::Output)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn unknown(cli: &Command, word: &str) -> Failure {
    let names = cli.get_subcommands().map(Command::get_name);
    let meant = nearest(word, names).map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
    Failure::Usage(format!("no command is called {}{meant}", quoted(word)))
}
