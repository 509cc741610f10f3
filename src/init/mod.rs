//! A profile to begin with: a starter for an app, and in it what the app's variables say today.
//!
//! Nothing of a file is pasted: what a variable says goes through the pack's encoding and the type of its key, and of a
//! secret only the name is taken.

mod filling;
mod fitted;
mod kept;
mod usual;

pub use filling::{Begun, fill};
pub use fitted::fitted;

use crate::profile::keyword::keywords;
use crate::profile::{AppKind, Document};
use crate::source::{Change, KeyPath, Literal, Source, apply};

keywords! {
    /// What kind of service a profile is begun for.
    pub enum ServiceKind ("a kind of service") {
        /// A site with accounts and passwords, and an API.
        Accounts = "accounts",
        /// An API that takes bearer tokens of another service, for programs.
        Api = "api",
        /// Pages for everyone: nobody signs in.
        Static = "static",
        /// A site where people sign in at a provider alone.
        Sso = "sso",
        /// A site where people sign in with passkeys alone.
        Passkeys = "passkeys",
        /// A small app with passwords, on one machine, with SQLite.
        Hobby = "hobby",
        /// A receiver of webhooks: senders sign what they send.
        Webhook = "webhook",
    }
}

/// Whether a starter of its own is there for an app, so that nobody has to say what kind of service it is.
pub fn is_known(app: &AppKind) -> bool {
    matches!(app, AppKind::Known(name) if *name != "generic")
}

/// A profile for an app with what production takes, and overlays for dev and test: the app's own, or that of a kind of
/// service.
pub fn starter(app: &AppKind, kind: ServiceKind) -> String {
    let text = match app {
        AppKind::Known("instacrud") => include_str!("../../templates/init/instacrud.toml"),
        AppKind::Known("fastcms") => include_str!("../../templates/init/fastcms.toml"),
        AppKind::Known("crudauth") => include_str!("../../templates/init/crudauth.toml"),
        AppKind::Known(_) | AppKind::File(_) => match kind {
            ServiceKind::Accounts => include_str!("../../templates/init/generic.toml"),
            ServiceKind::Api => include_str!("../../templates/init/kinds/api.toml"),
            ServiceKind::Static => include_str!("../../templates/init/kinds/static.toml"),
            ServiceKind::Sso => include_str!("../../templates/init/kinds/sso.toml"),
            ServiceKind::Passkeys => include_str!("../../templates/init/kinds/passkeys.toml"),
            ServiceKind::Hobby => include_str!("../../templates/init/kinds/hobby.toml"),
            ServiceKind::Webhook => include_str!("../../templates/init/kinds/webhook.toml"),
        },
    };
    let app = Literal::from(app.to_string()).to_string();
    apply(text, &Change::Set { key: "app.kind".into(), value: app }).expect("every starter has the key")
}

/// The keys whose value still is the starters' example. That of a host is reserved (RFC 2606): nobody is there.
pub fn placeholders(profile: &Source) -> Vec<&'static str> {
    const KEYS: [&str; 4] = ["app.url", "cors.origins", "email.from", "email.smtp.host"];
    const HOST: &str = "example.com";
    let document = Document::parse(profile);
    let table = document.table(None);
    let is_example = |key: &&'static str| {
        let span = table.locate(&KeyPath::from(*key)).span;
        table.holds(key) && profile.text[span.start..span.end].contains(HOST)
    };
    KEYS.into_iter().filter(is_example).collect()
}
