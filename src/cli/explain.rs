//! `seccfg explain HST005`: the documentation of a rule.

use super::words::Code;
use super::{Failure, Outcome, print, width};
use crate::report::wrap;
use crate::rules;

#[derive(clap::Args)]
pub struct Args {
    /// The rule's code, such as HST005.
    #[arg(value_name = "CODE", value_parser = Code, hide_possible_values = true)]
    code: String,
}

/// Lines longer than this are hard to read, on however wide a terminal.
const MOST: usize = 100;

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let rule = rules::by_code(&args.code).expect("the argument's parser knows the codes");
    let page = rules::page(rule);
    print(&match width(false) {
        Some(width) => wrap::markdown(&page, width.min(MOST)),
        None => page,
    })?;
    Ok(Outcome::Clean)
}
