//! The modes, for each of which a profile may say something else.

use super::keyword::keywords;

keywords! {
    /// What a run of the service is for.
    pub enum Mode ("a mode") {
        /// A developer's own machine.
        Dev = "dev",
        /// Automated tests.
        Test = "test",
        /// A rehearsal of production.
        Staging = "staging",
        /// The real thing.
        Prod = "prod",
    }
}

impl Mode {
    /// Whether people other than its makers come to it.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Staging | Self::Prod => true,
            Self::Dev | Self::Test => false,
        }
    }
}
