//! `seccfg lsp`: the language server, for editors.

use super::{Failure, Outcome};
use crate::lsp::{self, Ended};

#[derive(clap::Args)]
pub struct Args {
    /// Speak over standard input and output, as always: some editors ask for it by name.
    #[arg(long)]
    stdio: bool,
}

pub(super) fn run(_: &Args) -> Result<Outcome, Failure> {
    match lsp::serve(std::io::stdin(), std::io::stdout()) {
        Ok(Ended::InOrder) => Ok(Outcome::Clean),
        // The protocol has 1 for this.
        Ok(Ended::Abruptly) => Ok(Outcome::Found),
        Err(lsp::Error::Output(error)) => Err(Failure::Output(error)),
        Err(lsp::Error::Input(why)) => Err(Failure::Usage(format!(
            "{why}; `seccfg lsp` is started by an editor, which speaks the Language Server Protocol with it"
        ))),
    }
}
