//! `[email]`: whether the app sends mail, and by whom.

use super::bounds::Bounds;
use super::keyword::keywords;
use super::section::section;
use super::values::{EmailAddress, HostName, SecretRef, Setting};

keywords! {
    /// What carries mail.
    pub enum Carrier ("a mail carrier") {
        /// A file on the disk: nothing is sent.
        File = "file",
        /// Any SMTP server.
        Smtp = "smtp",
        /// Gmail's SMTP server.
        Gmail = "gmail",
        /// Brevo's API.
        Brevo = "brevo",
        /// Another service's API: Mailgun, Postmark, Amazon SES and the like.
        Api = "api",
    }
}

keywords! {
    /// How a mail connection is secured.
    pub enum SmtpSecurity ("a kind of mail security") {
        /// Upgraded after connecting, usually on port 587.
        Starttls = "starttls",
        /// TLS from the first byte, usually on port 465.
        Implicit = "implicit",
        /// Not at all.
        None = "none",
    }
}

section! {
    /// Mail that the app sends.
    pub struct Email {
        /// Whether it sends any.
        enabled: bool = default(false),
        /// What carries it.
        carrier: Carrier = absent,
        /// The sender.
        from: EmailAddress = absent,
        /// The carrier's API key.
        api_key: SecretRef = absent,
        /// The SMTP server, for the carriers that use one.
        smtp: Smtp = absent,
    }
}

const PORTS: Bounds = Bounds::numbers(1, "no server listens on port 0", u16::MAX as u64, "ports end at 65535");

section! {
    /// An SMTP server.
    pub struct Smtp {
        /// Its host.
        host: HostName = required,
        /// Its port.
        port: u16 = default(587) within PORTS,
        /// How the connection is secured.
        security: SmtpSecurity = default(SmtpSecurity::Starttls),
        /// Whether the server's certificate is verified.
        verify_certificate: bool = default(true),
        /// The user.
        username: Setting = absent,
        /// The password.
        password: SecretRef = absent,
    }
}
