//! seccfg checks one `security.toml` and compiles it.
//!
//! ```text
//! security.toml --load--> Profile --resolve(mode)--> Policy --plan(app pack, edge)--> Plan --+-- rules   --> Findings --> report
//!                                                                                            +-- targets --> Artifacts --> write
//! ```
//!
//! Data runs one way, left to right, and nothing to the left knows anything to its right. [`check::check`] is the whole
//! upper row for one profile; `cli::render` is the lower one.

pub mod apps;
pub mod baseline;
pub mod check;
pub mod cli;
pub mod command;
pub mod compose;
pub mod csp;
pub mod dotenv;
pub mod files;
pub mod finding;
pub mod fix;
pub mod init;
pub mod input;
pub mod lsp;
pub mod manifest;
pub mod plan;
pub mod policy;
pub mod profile;
pub mod random;
pub mod report;
pub mod rollout;
pub mod rotate;
pub mod rules;
pub mod score;
pub mod source;
pub mod strength;
pub mod targets;
pub mod verify;
pub mod yaml;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
