//! `seccfg completions`: what a shell needs to complete the program's arguments.

use clap::CommandFactory;
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
    print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Clean)
}
