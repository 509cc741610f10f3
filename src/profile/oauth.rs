//! `[oauth.*]`: sign-in at providers.

use super::keyword::keywords;
use super::section::section;
use super::values::{SecretRef, Setting, Url};

keywords! {
    /// How a client proves who it is (RFC 6749 §2.1, RFC 7523, RFC 8705).
    pub enum OauthClient ("a kind of client") {
        /// By a secret that it shares with the provider.
        Confidential = "confidential",
        /// Not at all: whoever has the app has all that is in it, as with an installed one.
        Public = "public",
        /// By a token that it signs with its private key.
        PrivateKeyJwt = "private-key-jwt",
        /// By its certificate, in the TLS handshake.
        Mtls = "mtls",
    }
}

keywords! {
    /// How the provider sends people back.
    pub enum ResponseMode ("a way to send people back") {
        /// By a link, with the code in its query.
        Query = "query",
        /// By a form that the provider's page posts.
        FormPost = "form_post",
    }
}

section! {
    /// Sign-in at a provider. The table's key is the provider.
    pub struct Oauth {
        /// The client's id at the provider.
        client_id: Setting = absent,
        /// The client's secret at the provider.
        client_secret: SecretRef = absent,
        /// How the client proves to the provider who it is.
        client: OauthClient = default(OauthClient::Confidential),
        /// Where the provider sends people back to.
        redirect_uri: Url = absent,
        /// Whether the code is bound to the client that asked for it (RFC 7636).
        pkce: bool = default(true),
        /// How the provider sends people back.
        response_mode: ResponseMode = default(ResponseMode::Query),
    }
}
