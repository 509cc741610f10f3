//! `seccfg schema`: the JSON Schemas of profiles, app packs, and of what commands print for programs.

use clap::ValueEnum;

use super::{Failure, Outcome, print};

#[derive(clap::Args)]
pub struct Args {
    /// Of what.
    #[arg(default_value = "profile")]
    of: Of,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    /// security.toml.
    Profile,
    /// An app pack.
    App,
    /// What `seccfg check --format json` prints.
    Report,
    /// What `seccfg score --format json` prints.
    Score,
    /// What `seccfg plan --format json` prints.
    Plan,
    /// What `seccfg verify --out` writes.
    Seen,
    /// What `seccfg plan --from OLD --format json` prints.
    Rollout,
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    // As they are committed, and held fresh by a test: making one takes longer
    // than everything else in a run.
    print(match args.of {
        Of::Profile => include_str!("../../schemas/security.schema.json"),
        Of::App => include_str!("../../schemas/app.schema.json"),
        Of::Report => include_str!("../../schemas/report.schema.json"),
        Of::Score => include_str!("../../schemas/score.schema.json"),
        Of::Plan => include_str!("../../schemas/plan.schema.json"),
        Of::Seen => include_str!("../../schemas/seen.schema.json"),
        Of::Rollout => include_str!("../../schemas/rollout.schema.json"),
    })?;
    Ok(Outcome::Clean)
}
