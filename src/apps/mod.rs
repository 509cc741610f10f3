//! App packs: data about what an application does by itself, what it can be
//! told, and what it cannot do.
//!
//! A pack is a TOML file, read by the same reader as a profile. Those that
//! seccfg knows are in the binary; `app.kind = "./my-app.toml"` names one's own.
//! Beside some of them stands the checklist that the app's own pages give.

mod checklist;
mod encoding;
mod packs;
mod published;
mod variables;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

pub use checklist::{CodeFact, Condition, Demand, OwnChecklist};
pub use encoding::{Code, Encoding, Misfit};
pub use packs::{Packs, ReadText, Unread};
pub use published::{Published, PublishedBy, PublishedValues};
pub use variables::{Known, PackVariable, UnknownVariables, Variables};

use crate::profile::keyword::keywords;
use crate::profile::section::section;
use crate::profile::{
    CookieName, CookiePurpose, FormatVersion, HeaderName, HeaderValue, LimitKey, Mode, Name, Origin, PasswordHash,
    Problem, Rate, Reader, UrlPath, VariableName,
};
use crate::source::{Source, Span, Table};

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
        title: String = required,
        /// What these facts were read from, and when.
        read_from: String = absent,
        /// How it finds the client's address.
        client_address: ClientAddress = default(ClientAddress::Unknown),
        /// Whether its processes have to share what `[state]` keeps.
        keeps_state: bool = default(true),
        /// Its paths by route, for limits that name none of their own.
        routes: BTreeMap<Name, Vec<UrlPath>> = default(BTreeMap::<Name, Vec<UrlPath>>::new()),
        /// Its interactive API documentation.
        docs: Docs = section,
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
        /// Whether it goes on accepting the key before the current one.
        previous_keys: Ability = default(Ability::Unknown),
        /// What it encrypts with the key that signs, as long as it has no key of its own for that.
        signing_key_encrypts: String = absent,
        /// The providers that it can sign people in with. Where it is absent, any.
        oauth_providers: Vec<Name> = absent,
        /// The variables that it reads, by name.
        variables: Variables = default(Variables::default()),
        /// Names that its variables had, or are mistaken to have, and the right ones.
        former: BTreeMap<VariableName, VariableName> = default(BTreeMap::<VariableName, VariableName>::new()),
        /// What it does with variables of its `.env` file that it does not know.
        unknown_variables: UnknownVariables = default(UnknownVariables::Unknown),
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
        /// The routes on which it has none, and none can be set.
        none_on: Vec<Name> = default(Vec::<Name>::new()),
        /// Those that are fixed, by route.
        routes: BTreeMap<Name, FixedLimit> = default(BTreeMap::<Name, FixedLimit>::new()),
    }
}

section! {
    /// A rate limit that an app has and that cannot be set.
    pub struct FixedLimit {
        /// How many requests in how long.
        limit: Rate = required,
        /// Whom it counts by.
        per: LimitKey = default(LimitKey::Ip),
    }
}

/// Reads one of the files of this room as a whole.
fn read<T>(
    source: &Source,
    read_table: impl for<'a> FnOnce(Table<'a>, Span, &mut Reader<'a>) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    let (root, syntax) = crate::profile::parse(source);
    let mut reader = Reader::default();
    let whole = read_table(Table::new(root.get_ref(), None), Span::default(), &mut reader);
    let problems: Vec<Problem> = syntax.into_iter().chain(reader.problems).collect();
    whole.filter(|_| problems.is_empty()).ok_or(problems)
}

/// A pack in the binary: its name, what it says, and the variables that not every check asks for.
type Embedded = (&'static str, &'static str, Option<&'static str>);

const EMBEDDED: [Embedded; 4] = [
    ("instacrud", include_str!("../../apps/instacrud.toml"), Some(include_str!("../../apps/variables/instacrud.toml"))),
    ("fastcms", include_str!("../../apps/fastcms.toml"), Some(include_str!("../../apps/variables/fastcms.toml"))),
    ("crudauth", include_str!("../../apps/crudauth.toml"), None),
    ("generic", include_str!("../../apps/generic.toml"), None),
];

impl AppPack {
    /// A pack in the binary, read when it is first asked for.
    pub fn embedded(kind: &str) -> Option<Arc<Self>> {
        static READ: [OnceLock<Arc<AppPack>>; EMBEDDED.len()] = [const { OnceLock::new() }; EMBEDDED.len()];
        let index = EMBEDDED.iter().position(|(name, ..)| *name == kind)?;
        let read = || {
            let (_, text, variables) = EMBEDDED[index];
            let source = Source::new("", text);
            let (root, _) = crate::profile::parse(&source);
            let table = Table::new(root.get_ref(), None);
            let mut pack =
                Self::read_table(table, Span::default(), &mut Reader::default()).expect("a test reads every pack");
            if let Some(variables) = variables {
                pack.variables = pack.variables.beside(variables);
            }
            Arc::new(pack)
        };
        Some(Arc::clone(READ[index].get_or_init(read)))
    }

    /// Reads a pack, telling everything that is wrong with it.
    pub fn read(source: &Source) -> Result<Self, Vec<Problem>> {
        read(source, |table, header, reader| {
            let pack = Self::read_table(table, header, reader)?;
            reader.problems.extend(pack.variable_problems(table));
            Some(pack)
        })
    }

    /// How far the app can be made to enforce a control.
    pub fn ability(&self, control: AppControl) -> Ability {
        self.controls.get(&control).copied().unwrap_or(self.other_controls)
    }

    /// The value of a header that the app sends by itself in a mode.
    pub fn sends(&self, header: &str, mode: Mode) -> Option<&HeaderValue> {
        let sent = self.sends.iter().find(|(name, _)| name.as_str().eq_ignore_ascii_case(header))?.1;
        sent.modes.contains(&mode).then_some(&sent.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::AppKind;

    /// The files of a folder, parsed; what is wrong is told by the test, because these are part of the program.
    fn each(folder: &str, mut read: impl for<'a> FnMut(Table<'a>, &mut Reader<'a>)) {
        let files = std::fs::read_dir(folder).expect("the packs are there").flatten();
        for path in files.map(|file| file.path()).filter(|path| path.is_file()) {
            let source = Source::new(&path, std::fs::read_to_string(&path).expect("a pack is text"));
            let (root, syntax) = crate::profile::parse(&source);
            let mut reader = Reader::default();
            read(Table::new(root.get_ref(), None), &mut reader);
            let problems: Vec<Problem> = syntax.into_iter().chain(reader.problems).collect();
            assert!(problems.is_empty(), "{}: {problems:?}", path.display());
        }
    }

    #[test]
    fn the_packs_in_the_binary_are_sound() {
        each("apps", |table, reader| {
            assert!(AppPack::read_table(table, Span::default(), reader).is_some());
        });
        each("apps/variables", |table, reader| {
            let rows = table.get("variables").expect("the file holds variables");
            let rows: Option<BTreeMap<VariableName, PackVariable>> = reader.value("variables", rows);
            let limiting = rows.iter().flatten().find(|(_, variable)| variable.may_refuse());
            assert!(limiting.is_none(), "{limiting:?} belongs into the pack: every check asks for it");
        });
        for kind in AppKind::KNOWN {
            let pack = AppPack::embedded(kind).expect("a kind that is known");
            let problems = pack.variable_problems(Table::EMPTY);
            assert!(problems.is_empty(), "{kind}: {problems:?}");
        }
    }
}
