//! What may be written in `security.toml`: its sections, their keys, their
//! checked values and their defaults.
//!
//! A section is declared once, with `section!`; its type, its reader
//! and its JSON Schema come from that declaration and cannot part. What a
//! profile *means* in a mode is the next room's business ([`crate::policy`]).

mod access;
mod api_docs;
mod app;
mod bot_protection;
mod bounds;
mod cookies;
mod cors;
mod database;
pub(crate) mod described;
mod document;
mod email;
mod field;
mod filled;
mod foreign;
mod headers;
mod hsts;
mod ip_filter;
pub(crate) mod keyword;
mod kind;
mod kubernetes;
mod locations;
mod lockout;
mod meant;
mod mode;
mod oauth;
mod open;
mod passwords;
mod proxy;
mod rate_limits;
pub(crate) mod read;
pub mod schema;
mod secrets;
pub(crate) mod section;
mod services;
mod sessions;
mod shape;
mod state;
mod syntax;
mod targets;
mod text;
mod tls;
mod values;
pub mod vocabulary;
mod waivers;

use std::collections::BTreeMap;

use toml::de::DeValue;

pub use access::{Access, Health};
pub use api_docs::ApiDocs;
pub use app::{App, Resolve, Serves, SignIn, is_starters_url};
pub use bot_protection::{BotProtection, BotProvider};
pub use bounds::Bounds;
pub use cookies::{Cookie, CookiePurpose, SameSite};
pub use cors::Cors;
pub use database::{Database, DatabaseTls, Engine};
pub(crate) use document::parse;
pub use document::{Document, Load, Overlaid};
pub use email::{Carrier, Email, Smtp, SmtpSecurity};
pub use field::{Field, KeyPattern, same};
pub use filled::Filled;
pub use headers::{EmbedderPolicy, FrameOptions, Headers, OpenerPolicy, OwnHeader, ReferrerPolicy, ResourcePolicy};
pub use hsts::{EnforcedBy, Hsts};
pub use ip_filter::IpFilter;
pub use kubernetes::{
    Autoscale, CertificateIssuer, Egress, Gateway, Implementation, IssuerKind, KubernetesTarget, Resources,
    SecretStore, StoreKind,
};
pub use locations::Location;
pub use lockout::{Lockout, LockoutKey};
pub use meant::known_route;
pub use mode::Mode;
pub use oauth::{Oauth, OauthClient, ResponseMode};
pub use passwords::{CharacterClass, PasswordHash, Passwords};
pub use proxy::{ForwardedFor, Proxy};
pub use rate_limits::{LimitKey, RateLimits, Route};
pub use read::{Problem, Read, Reader};
pub use secrets::{Secret, SecretPurpose};
pub use services::Service;
pub use sessions::{Algorithm, Sessions, Tokens};
pub use shape::Shape;
pub use state::{Backend, State};
pub use targets::{CaddyTarget, CrudauthTarget, EnvFileTarget, EnvReader, Form, NginxTarget, Targets};
pub use text::{Instead, Refusal, Text, quoted};
pub use tls::{Certificate, Group, Guideline, Issuer, PlainHttp, Terminate, Tls, TlsVersion};
pub use values::*;
pub use waivers::Waiver;

use crate::source::View;
use kind::Kind;
use section::section;

section! {
    /// How a web service is protected: checked by seccfg, and compiled into the configuration of the app, the proxy in
    /// front of it and the cluster around it.
    pub struct Profile {
        /// The version of this vocabulary.
        version: FormatVersion = required,
        /// The application and where it is served.
        app: App = required,
        /// Further programs and folders behind the same site, by name.
        services: BTreeMap<Name, Service> = default(BTreeMap::<Name, Service>::new()),
        /// What some paths need otherwise, by name.
        locations: BTreeMap<Name, Location> = default(BTreeMap::<Name, Location>::new()),
        /// Who gets to some paths, by name.
        access: BTreeMap<Name, Access> = default(BTreeMap::<Name, Access>::new()),
        /// What a balancer asks.
        health: Health = absent,
        /// The chain of reverse proxies between client and app.
        proxy: Proxy = section,
        /// Encryption between client and service.
        tls: Tls = section,
        /// HTTP Strict Transport Security.
        hsts: Hsts = section,
        /// Who may read answers across origins.
        cors: Cors = section,
        /// The cookies that the app sets, by name.
        cookies: BTreeMap<CookieName, Cookie> = default(BTreeMap::<CookieName, Cookie>::new()),
        /// How long a sign-in lasts.
        sessions: Sessions = section,
        /// The tokens that the app signs.
        tokens: Tokens = section,
        /// The app's secrets, by name and by reference.
        secrets: BTreeMap<Name, Secret> = default(BTreeMap::<Name, Secret>::new()),
        /// State that processes have to share.
        state: State = section,
        /// How often clients may ask.
        rate_limits: RateLimits = section,
        /// Locking after failed sign-ins.
        lockout: Lockout = section,
        /// What a password has to be.
        passwords: Passwords = section,
        /// The app's own interactive API documentation.
        api_docs: ApiDocs = section,
        /// The security headers of every answer.
        headers: Headers = section,
        /// Sign-in at providers, by provider.
        oauth: BTreeMap<Name, Oauth> = default(BTreeMap::<Name, Oauth>::new()),
        /// Mail that the app sends.
        email: Email = section,
        /// Telling people from programs at sign-up.
        bot_protection: BotProtection = absent,
        /// The app's database.
        database: Database = section,
        /// Who may reach the app at all, by address.
        ip_filter: IpFilter = section,
        /// What the profile is compiled to.
        targets: Targets = section,
        /// The sections again, partially, for one mode.
        modes: Modes = default(Modes::default()),
        /// Findings that are accepted for a while.
        waivers: Vec<Waiver> = default(Vec::<Waiver>::new()),
    }
}

/// The version of the vocabulary: 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FormatVersion(u8);

impl Read for FormatVersion {
    const KIND: Kind = Kind::Other("the number 1");

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        if let DeValue::Integer(number) = view.value()
            && number.as_str() == "1"
            && number.radix() == 10
        {
            return Some(Self(1));
        }
        let mut refusal = Refusal::new(
            "this version of the format is not known",
            format!(
                "write `version = 1`, the one that seccfg {} reads; a newer profile needs a newer seccfg",
                crate::VERSION
            ),
        )
        .code("PRF005");
        refusal.label = "not 1";
        reader.refuse(view.span(), refusal);
        None
    }
}

impl schemars::JsonSchema for FormatVersion {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FormatVersion".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "const": 1, "type": "integer", "description": "The version of this vocabulary: 1." })
    }
}

/// The modes that the profile has overlays for. What the overlays say is read
/// through the policy of their mode.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Modes(Vec<Mode>);

impl Modes {
    /// The modes with an overlay.
    pub fn declared(&self) -> &[Mode] {
        &self.0
    }
}

impl Read for Modes {
    const KIND: Kind = Kind::Overlays;

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let table = reader.table(view)?;
        let mut declared = Vec::new();
        for (key, span, view) in reader.entries(table) {
            match Mode::ALL.iter().find(|mode| mode.as_str() == key) {
                Some(mode) => declared.push(*mode),
                None => reader.unknown_key(key, span, view, &Self::KIND),
            }
        }
        declared.sort_unstable();
        Some(Self(declared))
    }
}

impl schemars::JsonSchema for Modes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Modes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let overlay = serde_json::json!({ "$ref": "#/definitions/Overlay" });
        schemars::json_schema!({
            "type": "object",
            "description": "The sections again, partially, by mode.",
            "properties": { "dev": overlay, "test": overlay, "staging": overlay, "prod": overlay },
            "additionalProperties": false,
        })
    }
}
