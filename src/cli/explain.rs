use super::words::Code;
use super::{Failure, Outcome, print};
use crate::rules;

/// Prints a rule's documentation: what it demands, why, and what to write.
#[derive(clap::Args)]
pub struct Args {
    /// The rule's code, such as HST005.
    #[arg(value_name = "CODE", value_parser = Code, hide_possible_values = true)]
    code: String,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let rule = rules::by_code(&args.code).expect("the argument's parser knows the codes");
    print(&rules::page(rule))?;
    Ok(Outcome::Clean)
}
