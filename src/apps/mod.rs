//! App packs: data about what an application does by itself, what it can be
//! told, and what it cannot do.
//!
//! A pack is a TOML file, read by the same reader as a profile. Those that
//! seccfg knows are in the binary; `app.kind = "./my-app.toml"` names one's own.
//! Beside some of them stands the checklist that the app's own pages give.

mod checklist;
mod encoding;
mod fixed;
mod packs;
mod problems;
mod published;
mod reading;
mod release;
pub mod schema;
mod short;
mod variables;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

pub use checklist::{CodeFact, Condition, Demand, OwnChecklist};
pub use encoding::{Code, Encoding, Misfit};
pub use fixed::Fixed;
pub use packs::{Packs, ReadText, Unread};
pub use published::{Published, PublishedBy, PublishedValues};
pub use reading::Unreadable;
pub use release::{Release, Releases};
pub use variables::{Known, PackVariable, UnknownVariables, Variables};

use crate::profile::keyword::keywords;
use crate::profile::section::section;
use crate::profile::{
    Cidr, CookieName, CookiePurpose, EnvFileName, EnvReader, FormatVersion, HeaderName, HeaderValue, LimitKey, Mode,
    Name, Origin, PasswordHash, Phrase, Rate, SignIn, UrlPath, VariableName, VariablePattern, VariableSuffix,
    vocabulary,
};

keywords! {
    /// How far an app can be made to enforce something.
    pub enum Ability ("an ability") {
        /// It can be told to.
        Setting = "setting",
        /// It does it its own way and cannot be told otherwise.
        Fixed = "fixed",
        /// It cannot.
        Nothing = "nothing",
        /// The pack does not know: the app's own word counts.
        Unknown = "unknown",
    }
}

impl Ability {
    /// Whether the app can be told, as far as is known.
    pub const fn can_be_told(self) -> bool {
        match self {
            Self::Setting | Self::Unknown => true,
            Self::Fixed | Self::Nothing => false,
        }
    }
}

keywords! {
    /// A control that an app may be able to enforce.
    pub enum AppControl ("a control that an app can enforce") {
        /// Strict-Transport-Security.
        Hsts = "hsts",
        /// The other security headers.
        Headers = "headers",
        /// CORS.
        Cors = "cors",
        /// The flags of cookies.
        Cookies = "cookies",
        /// Locking after failed sign-ins.
        Lockout = "lockout",
        /// What a password has to be.
        Passwords = "passwords",
        /// How long sessions last.
        Sessions = "sessions",
        /// How long tokens live.
        Tokens = "tokens",
        /// Hiding its API documentation.
        ApiDocs = "api_docs",
        /// Refusing large bodies.
        BodySize = "body_size",
        /// Filtering by address.
        IpFilter = "ip_filter",
    }
}

keywords! {
    /// How an app finds the client's address.
    pub enum ClientAddress ("a way to find the client's address") {
        /// It believes the leftmost entry of X-Forwarded-For, which the client writes.
        Leftmost = "leftmost",
        /// It counts trusted hops from the right of X-Forwarded-For.
        Hops = "hops",
        /// It takes the connection's.
        Peer = "peer",
        /// The pack does not know.
        Unknown = "unknown",
    }
}

keywords! {
    /// Where an app counts for its own rate limits.
    pub enum LimitStore ("where limits are counted") {
        /// In each process by itself.
        Process = "process",
        /// Where the profile's `[state]` says.
        State = "state",
        /// The pack does not know.
        Unknown = "unknown",
    }
}

section! {
    /// One application, as data.
    pub struct AppPack {
        /// The version of this vocabulary.
        version: FormatVersion = required,
        /// What people call it.
        title: Phrase = required,
        /// What these facts were read from, and when. Where releases are listed, each says so of itself.
        read_from: String = absent,
        /// The releases of the app that facts are known of, the oldest first. Then every fact says with `from` in which
        /// file it was read, and with `since` and `until` for which of them it holds, where that is not all.
        releases: Releases = default(Releases::default()),
        /// How it finds the client's address.
        client_address: ClientAddress = default(ClientAddress::Unknown),
        /// The server program that it runs in, where that reads the client's address and scheme for it.
        server: Server = absent,
        /// Whether its processes have to share what `[state]` keeps.
        keeps_state: bool = default(true),
        /// Its paths by route, for limits that name none of their own.
        routes: BTreeMap<Name, Vec<UrlPath>> = default(BTreeMap::<Name, Vec<UrlPath>>::new()),
        /// Its interactive API documentation.
        docs: Docs = section,
        /// The paths on which whoever comes first sets it up.
        set_up: SetUp = section,
        /// What its own pages need of a Content-Security-Policy.
        pages: Pages = absent,
        /// What its own front end sends.
        front_end: FrontEnd = section,
        /// The path by which it says that it is well: any answer of 2xx or 3xx, without a sign-in and at little cost.
        health: UrlPath = absent,
        /// How people sign in to it. Where it is absent, the profile says that.
        sign_in: Vec<SignIn> = absent,
        /// The headers that it sends by itself.
        sends: BTreeMap<HeaderName, Sent> = default(BTreeMap::<HeaderName, Sent>::new()),
        /// The rate limits that it has by itself.
        limits: Limits = section,
        /// How far it can be made to enforce a control, by the control's name.
        controls: BTreeMap<AppControl, Ability> = default(BTreeMap::<AppControl, Ability>::new()),
        /// What holds for the controls that are not listed.
        other_controls: Ability = default(Ability::Nothing),
        /// The cookies that it sets, by name.
        cookies: BTreeMap<CookieName, PackCookie> = default(BTreeMap::<CookieName, PackCookie>::new()),
        /// Whether its cookies can be given other names.
        cookie_names: Ability = default(Ability::Unknown),
        /// What it does with passwords, whatever it is told.
        passwords: PackPasswords = section,
        /// Keys of the profile that are settled in its code, whatever it is told.
        fixed: Fixed = default(Fixed::default()),
        /// Whether it goes on accepting the key before the current one.
        previous_keys: Ability = default(Ability::Unknown),
        /// What it encrypts with the key that signs, as long as it has no key of its own for that.
        signing_key_encrypts: Phrase = absent,
        /// The providers that it can sign people in with. Where it is absent, any.
        oauth_providers: Vec<Name> = absent,
        /// The variables that it reads, by name.
        variables: Variables = default(Variables::default()),
        /// What stands behind a variable's name where the app takes its value out of a file that the variable names: `_FILE`.
        file_suffix: VariableSuffix = absent,
        /// Names of further variables that it reads and that no row is for, with a `*` for what differs: `AWS_*`.
        name_patterns: Vec<VariablePattern> = default(Vec::<VariablePattern>::new()),
        /// Names that its variables had, or are mistaken to have, and the right ones.
        former: BTreeMap<VariableName, VariableName> = default(BTreeMap::<VariableName, VariableName>::new()),
        /// What it does with variables of its `.env` file that it does not know.
        unknown_variables: UnknownVariables = default(UnknownVariables::Unknown),
        /// The `.env` files that it reads, by mode, as seen from the profile's folder and in the order in which it reads them:
        /// what stands in a later one counts. What seccfg renders stands in the last.
        env_files: BTreeMap<Mode, Vec<EnvFileName>> = default(BTreeMap::<Mode, Vec<EnvFileName>>::new()),
        /// What reads its `.env` file.
        readers: Vec<EnvReader> = default(Vec::<EnvReader>::new()),
        /// Whether capitals count in the names of its variables.
        case_sensitive: bool = default(true),
    }
}

section! {
    /// A cookie that an app sets.
    pub struct PackCookie {
        /// What it is for.
        purpose: CookiePurpose = required,
        /// Whether the app's own scripts read it.
        read_by_scripts: bool = default(false),
        /// Whether the app sets it without Secure, in production, too.
        without_secure: bool = default(false),
        /// Whether its name is fixed where that of others can be set.
        fixed_name: bool = default(false),
        /// Whether the app's scripts set it in the browser, where no proxy can give it flags.
        set_by_scripts: bool = default(false),
    }
}

section! {
    /// What an app does with passwords, whatever it is told.
    pub struct PackPasswords {
        /// The shortest that each of its paths takes, by route, where that is fixed.
        shortest: BTreeMap<Name, u32> = default(BTreeMap::<Name, u32>::new()),
        /// The longest that it takes, in characters, where that is fixed.
        longest: u32 = absent,
        /// How it stores them, where that is fixed.
        hash: PasswordHash = absent,
    }
}

section! {
    /// The interactive API documentation of an app.
    pub struct Docs {
        /// Where it is served, the OpenAPI document included.
        paths: Vec<UrlPath> = default(Vec::<UrlPath>::new()),
        /// Of these, the ones that app.debug = false hides.
        hidden_without_debug: Vec<UrlPath> = default(Vec::<UrlPath>::new()),
        /// Where its pages load their scripts and styles from.
        load_from: Vec<Origin> = default(Vec::<Origin>::new()),
    }
}

section! {
    /// A server program that an app runs in.
    pub struct Server {
        /// What people call it.
        name: Phrase = required,
        /// The addresses whose word on the client's it takes where it is told of no others.
        believes: Vec<Cidr> = required,
    }
}

section! {
    /// The paths on which whoever comes first sets an app up. They are for the machine itself: the edge answers 404.
    pub struct SetUp {
        /// The paths, and what is below them.
        paths: Vec<UrlPath> = default(Vec::<UrlPath>::new()),
        /// What whoever comes first can do there, as in "the first visitor may become administrator".
        lets: Phrase = absent,
    }
}

section! {
    /// What pages that come with an app need of a Content-Security-Policy.
    pub struct Pages {
        /// Where they are, with all below. Where it is absent, any answer may be one: of the app's own pages all that the app
        /// answers, of its front end's all that the front end does.
        paths: Vec<UrlPath> = absent,
        /// What has to be let in, written as a policy: `script-src 'unsafe-inline' https://cdn.example; font-src data:`.
        needs: String = required,
        /// What stops without them.
        why: Phrase = required,
        /// What would have to change in their code for a stricter policy.
        mend: Phrase = absent,
        /// What they would still need of a policy after that.
        needs_after: String = absent,
    }
}

section! {
    /// The front end that comes with an app.
    pub struct FrontEnd {
        /// The request headers that it sends to the app, and that CORS has to let in where it is on another origin.
        sends: Vec<HeaderName> = default(Vec::<HeaderName>::new()),
        /// The request header in which it sends a bot protection's answer.
        bot_token: HeaderName = absent,
        /// What its pages need.
        pages: Pages = absent,
    }
}

section! {
    /// A header that an app sends by itself.
    pub struct Sent {
        /// Its value.
        value: HeaderValue = required,
        /// The modes in which it does.
        modes: Vec<Mode> = default(Mode::ALL.to_vec()),
    }
}

section! {
    /// The rate limits that an app has by itself.
    pub struct Limits {
        /// Where it counts.
        store: LimitStore = default(LimitStore::Unknown),
        /// Whether they can be set.
        ability: Ability = default(Ability::Unknown),
        /// The modes in which they are on.
        modes: Vec<Mode> = default(Mode::ALL.to_vec()),
        /// The routes on which it has none, and none can be set.
        none_on: Vec<Name> = default(Vec::<Name>::new()),
        /// Those that it has by itself, by route: fixed ones, or what counts where nobody sets another.
        routes: BTreeMap<Name, FixedLimit> = default(BTreeMap::<Name, FixedLimit>::new()),
    }
}

section! {
    /// A rate limit that an app has by itself.
    pub struct FixedLimit {
        /// How many requests in how long.
        limit: Rate = required,
        /// Longer spans that count besides.
        also: Vec<Rate> = default(Vec::<Rate>::new()),
        /// Paths of the route with a stricter limit.
        stricter: BTreeMap<UrlPath, Rate> = default(BTreeMap::<UrlPath, Rate>::new()),
        /// Whom it counts by.
        per: LimitKey = default(LimitKey::Ip),
    }
}

impl FixedLimit {
    /// Every rate that holds, each on a request of its own: the plainest first.
    fn rates(&self) -> impl Iterator<Item = String> {
        let spans = std::iter::once(&self.limit).chain(&self.also).map(ToString::to_string);
        spans.chain(self.stricter.iter().map(|(path, rate)| format!("{rate} at {path}")))
    }
}

/// As a sentence has it: `10/min and 50/h per ip`.
impl fmt::Display for FixedLimit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rates: Vec<String> = self.rates().collect();
        write!(out, "{} per {}", rates.join(" and "), self.per)
    }
}

impl AppPack {
    /// Whether every client has the proxy's address to it: it takes the connection's, and no server program reads
    /// X-Forwarded-For for it.
    pub fn sees_one_address(&self) -> bool {
        self.client_address == ClientAddress::Peer && self.server.is_none()
    }

    /// What people call it, with its release where the pack lists any: `FastCMS 2025-12`.
    pub fn named(&self) -> String {
        match self.releases.chosen() {
            Some(release) => format!("{} {}", self.title, release.name),
            None => self.title.to_string(),
        }
    }

    /// Whether it reads a variable of this name that no row is for: one that a pattern is for, or the one that says in which
    /// file another's value is.
    pub fn reads_besides(&self, name: &str) -> bool {
        let is_file = || {
            let secret = self.file_suffix.as_ref().and_then(|suffix| name.strip_suffix(suffix.as_str()));
            secret.is_some_and(|secret| self.variable(secret).is_some())
        };
        is_file() || self.name_patterns.iter().any(|pattern| pattern.takes(name))
    }

    /// How far the app can be made to enforce a control.
    pub fn ability(&self, control: AppControl) -> Ability {
        self.controls.get(&control).copied().unwrap_or(self.other_controls)
    }

    /// Whether the app has variables for keys of a section, so that it is told key by key.
    pub fn is_told_by_key(&self, section: &str) -> bool {
        let keys = vocabulary::at(&[section]).map(|place| place.kind.keys()).unwrap_or_default();
        keys.iter().any(|key| self.variables.may_hold(&format!("{section}.{}", key.name)))
    }

    /// Whether a key of a control's section can say something to the app, or says what its code does in any case.
    pub fn takes(&self, control: AppControl, key: &str) -> bool {
        let section = key.split('.').next().unwrap_or_default();
        match self.ability(control) {
            _ if self.settled(key).is_some() => true,
            Ability::Unknown => true,
            Ability::Setting => {
                key.ends_with(".enabled") || self.variables.may_hold(key) || !self.is_told_by_key(section)
            }
            Ability::Fixed | Ability::Nothing => false,
        }
    }

    /// What stands at a key of the profile in the app's code, whatever it is told.
    pub fn settled(&self, key: &str) -> Option<Cow<'_, Value>> {
        let passwords = &self.passwords;
        let own = match key {
            "passwords.min_length" => passwords.shortest.values().min().map(|length| json!(length)),
            "passwords.max_length" => passwords.longest.map(|length| json!(length)),
            "passwords.hash" => passwords.hash.map(|hash| json!(hash)),
            _ => None,
        };
        own.map(Cow::Owned).or_else(|| self.fixed.get(key).map(Cow::Borrowed))
    }

    /// The value of a header that the app sends by itself in a mode.
    pub fn sends(&self, header: &str, mode: Mode) -> Option<&HeaderValue> {
        let sent = self.sends.iter().find(|(name, _)| name.as_str().eq_ignore_ascii_case(header))?.1;
        sent.modes.contains(&mode).then_some(&sent.value)
    }
}
