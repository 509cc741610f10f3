//! `[bot_protection]`: telling people from programs at sign-up.

use super::keyword::keywords;
use super::section::section;
use super::values::{SecretRef, Setting};

keywords! {
    /// Who tells people from programs.
    pub enum BotProvider ("a provider of bot protection") {
        /// Cloudflare Turnstile.
        Turnstile = "turnstile",
    }
}

section! {
    /// Telling people from programs at sign-up.
    pub struct BotProtection {
        /// Who does it.
        provider: BotProvider = default(BotProvider::Turnstile),
        /// The public key.
        site_key: Setting = absent,
        /// The secret key.
        secret_key: SecretRef = absent,
    }
}
