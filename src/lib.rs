//! seccfg.
pub mod apps;
pub mod check;
pub mod finding;
pub mod plan;
pub mod policy;
pub mod profile;
pub mod rules;
pub mod source;
/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
