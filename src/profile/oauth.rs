use super::section::section;
use super::values::{SecretRef, Setting, Url};

section! {
    /// Sign-in at a provider. The table's key is the provider.
    pub struct Oauth {
        /// The client's id at the provider.
        client_id: Setting = absent,
        /// The client's secret at the provider.
        client_secret: SecretRef = absent,
        /// Where the provider sends people back to.
        redirect_uri: Url = absent,
        /// Whether the code is bound to the client that asked for it (RFC 7636).
        pkce: bool = default(true),
    }
}
