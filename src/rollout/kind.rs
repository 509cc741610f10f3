//! The kinds of steps, in the order in which they go live, and what is to be said of each.
//!
//! The order of the variants is the order of the steps, and a kind waits for kinds before it alone, which the compiler
//! checks: so no two steps can wait for each other, whatever the profiles say.

use crate::profile::Duration;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Settings of the app and its neighbours that nothing else here waits for.
    Settings,
    /// Fewer processes.
    ProcessesFewer,
    /// Where processes keep what they share.
    SharedState,
    /// More processes.
    ProcessesMore,
    /// The API's documentation is hidden.
    DocsHidden,
    /// Programs, folders and paths behind the site, and who gets there.
    Programs,
    /// The chain of proxies before the app, and how many of them are counted.
    Proxies,
    /// Host names that are served, with the old ones beside the new.
    Names,
    /// A new key, with the old one beside it.
    KeyAdded,
    /// A new key in the place of the old one.
    KeyReplaced,
    /// Tokens are signed by another algorithm, and those of the old one still accepted.
    AlgorithmAdded,
    /// Tokens are signed by another algorithm, and by no other one accepted.
    AlgorithmReplaced,
    /// Limits that let more through.
    LimitsEased,
    /// Accounts: sign-in, passwords, sessions, tokens.
    Accounts,
    /// Less HSTS than before.
    HstsEnded,
    /// Cookies with fewer flags than before.
    CookiesEased,
    /// Plain HTTP is served again.
    PlainHttpServed,
    /// TLS ends.
    TlsEnded,
    /// TLS itself.
    Tls,
    /// Plain HTTP leads to https.
    Redirect,
    /// New cookies, with the old ones beside them.
    CookieAdded,
    /// Cookies with more flags than before.
    CookiesHardened,
    /// Response headers that take effect at once.
    Headers,
    /// A Content-Security-Policy that only reports.
    CspReported,
    /// A Content-Security-Policy that blocks.
    CspEnforced,
    /// Further origins, with the old ones beside them.
    CorsWidened,
    /// A look at which origins ask.
    CorsLooked,
    /// Fewer origins.
    CorsNarrowed,
    /// Limits on paths that nobody asks for yet.
    LimitsBegun,
    /// A look at how many requests come.
    LimitsCounted,
    /// Limits that let less through.
    Limits,
    /// Networks that are let in.
    Networks,
    /// More HSTS than before, in steps.
    HstsBegun,
    /// Plain HTTP gets no answer.
    PlainHttpRefused,
    /// The domain asks for its place in the browsers' list.
    HstsPreloaded,
    /// The old key goes.
    KeyRetired,
    /// The old algorithm of tokens goes.
    AlgorithmRetired,
    /// The old cookies go.
    CookieRetired,
    /// The old host names go.
    NamesRetired,
}

impl Kind {
    /// All of them, in their order.
    pub const ALL: [Self; 39] = [
        Self::Settings,
        Self::ProcessesFewer,
        Self::SharedState,
        Self::ProcessesMore,
        Self::DocsHidden,
        Self::Programs,
        Self::Proxies,
        Self::Names,
        Self::KeyAdded,
        Self::KeyReplaced,
        Self::AlgorithmAdded,
        Self::AlgorithmReplaced,
        Self::LimitsEased,
        Self::Accounts,
        Self::HstsEnded,
        Self::CookiesEased,
        Self::PlainHttpServed,
        Self::TlsEnded,
        Self::Tls,
        Self::Redirect,
        Self::CookieAdded,
        Self::CookiesHardened,
        Self::Headers,
        Self::CspReported,
        Self::CspEnforced,
        Self::CorsWidened,
        Self::CorsLooked,
        Self::CorsNarrowed,
        Self::LimitsBegun,
        Self::LimitsCounted,
        Self::Limits,
        Self::Networks,
        Self::HstsBegun,
        Self::PlainHttpRefused,
        Self::HstsPreloaded,
        Self::KeyRetired,
        Self::AlgorithmRetired,
        Self::CookieRetired,
        Self::NamesRetired,
    ];

    /// The kinds that have to be live before this one. Where a plan has no such step, nothing is waited for.
    pub const fn after(self) -> &'static [Self] {
        match self {
            Self::Settings
            | Self::ProcessesFewer
            // What a new program must not show is hidden before it is there.
            | Self::DocsHidden
            | Self::Programs
            | Self::Proxies
            | Self::Names
            | Self::KeyAdded
            | Self::KeyReplaced
            // A longer hash asks for a longer key, which comes before it in the order.
            | Self::AlgorithmAdded
            | Self::AlgorithmReplaced
            | Self::LimitsEased
            | Self::HstsEnded
            | Self::CookiesEased
            | Self::PlainHttpServed => &[],
            Self::SharedState => &[Self::ProcessesFewer],
            Self::ProcessesMore => &[Self::SharedState],
            // Failures are counted by address, too. A limit on what is new may stand before that is there.
            Self::Accounts | Self::LimitsBegun => &[Self::SharedState, Self::Proxies],
            // Browsers that still know HSTS do not come by plain HTTP, and cookies with Secure do not go there.
            Self::TlsEnded => &[Self::HstsEnded, Self::CookiesEased, Self::PlainHttpServed],
            Self::Tls => &[Self::Names, Self::Proxies],
            Self::Redirect | Self::CorsWidened => &[Self::Names, Self::Tls],
            Self::CookieAdded | Self::CookiesHardened => &[Self::Tls, Self::Redirect],
            Self::Headers => &[Self::Programs],
            Self::CspReported => &[Self::Programs, Self::Names, Self::Headers],
            Self::CspEnforced => &[Self::Programs, Self::Names, Self::CspReported],
            // Front ends move to the new origins first.
            Self::CorsLooked => &[Self::Names, Self::CorsWidened],
            Self::CorsNarrowed => &[Self::Names, Self::CorsWidened, Self::CorsLooked],
            Self::LimitsCounted | Self::Networks => &[Self::Proxies],
            Self::Limits => &[Self::SharedState, Self::Programs, Self::Proxies, Self::LimitsCounted],
            Self::HstsBegun => &[Self::Names, Self::Tls, Self::Redirect],
            Self::PlainHttpRefused => &[Self::Tls, Self::Redirect, Self::HstsBegun],
            Self::HstsPreloaded => &[Self::Redirect, Self::HstsBegun],
            Self::KeyRetired => &[Self::KeyAdded],
            Self::AlgorithmRetired => &[Self::AlgorithmAdded],
            Self::CookieRetired => &[Self::CookieAdded],
            Self::NamesRetired => &[Self::Names, Self::Tls, Self::Redirect, Self::CorsNarrowed],
        }
    }

    /// How long a step of this kind stands before what waits for it, where the profiles do not say.
    pub(super) const fn stands(self) -> Duration {
        match self {
            // A day of traffic shows what fails.
            Self::Names | Self::Proxies | Self::Programs | Self::Tls | Self::Redirect | Self::ProcessesMore => {
                Duration::days(1)
            }
            // A week has every day of the week in it.
            Self::LimitsCounted => Duration::days(7),
            // Two weeks have most of the pages in them that people use.
            Self::CspReported | Self::CorsLooked => Duration::days(14),
            Self::Settings
            | Self::ProcessesFewer
            | Self::SharedState
            | Self::KeyAdded
            | Self::KeyReplaced
            | Self::AlgorithmAdded
            | Self::AlgorithmReplaced
            | Self::LimitsEased
            | Self::Accounts
            | Self::HstsEnded
            | Self::CookiesEased
            | Self::PlainHttpServed
            | Self::TlsEnded
            | Self::CookieAdded
            | Self::CookiesHardened
            | Self::Headers
            | Self::CspEnforced
            | Self::CorsWidened
            | Self::CorsNarrowed
            | Self::LimitsBegun
            | Self::Limits
            | Self::Networks
            | Self::DocsHidden
            | Self::HstsBegun
            | Self::PlainHttpRefused
            | Self::HstsPreloaded
            | Self::KeyRetired
            | Self::AlgorithmRetired
            | Self::CookieRetired
            | Self::NamesRetired => Duration::days(0),
        }
    }

    /// How long whatever a step of this kind waits for stands at least before it.
    pub(super) const fn holds(self) -> Duration {
        // hstspreload.org would have the full HSTS stand for a month. Links, bookmarks and programs go on for longer, but
        // most people have come by within a month.
        let month = matches!(self, Self::HstsPreloaded | Self::PlainHttpRefused | Self::NamesRetired);
        if month { Duration::days(30) } else { Duration::days(0) }
    }

    /// Whether it looks at the running site and changes nothing.
    pub const fn is_look(self) -> bool {
        matches!(self, Self::CorsLooked | Self::LimitsCounted)
    }

    /// Its name for programs.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::ProcessesFewer => "processes_fewer",
            Self::SharedState => "shared_state",
            Self::ProcessesMore => "processes_more",
            Self::Programs => "programs",
            Self::Proxies => "proxies",
            Self::Names => "names",
            Self::KeyAdded => "key_added",
            Self::KeyReplaced => "key_replaced",
            Self::AlgorithmAdded => "algorithm_added",
            Self::AlgorithmReplaced => "algorithm_replaced",
            Self::LimitsEased => "limits_eased",
            Self::Accounts => "accounts",
            Self::HstsEnded => "hsts_ended",
            Self::CookiesEased => "cookies_eased",
            Self::PlainHttpServed => "plain_http_served",
            Self::TlsEnded => "tls_ended",
            Self::Tls => "tls",
            Self::Redirect => "redirect",
            Self::CookieAdded => "cookie_added",
            Self::CookiesHardened => "cookies_hardened",
            Self::Headers => "headers",
            Self::CspReported => "csp_reported",
            Self::CspEnforced => "csp_enforced",
            Self::CorsWidened => "cors_widened",
            Self::CorsLooked => "cors_looked",
            Self::CorsNarrowed => "cors_narrowed",
            Self::LimitsBegun => "limits_begun",
            Self::LimitsCounted => "limits_counted",
            Self::Limits => "limits",
            Self::Networks => "networks",
            Self::DocsHidden => "docs_hidden",
            Self::HstsBegun => "hsts_begun",
            Self::PlainHttpRefused => "plain_http_refused",
            Self::HstsPreloaded => "hsts_preloaded",
            Self::KeyRetired => "key_retired",
            Self::AlgorithmRetired => "algorithm_retired",
            Self::CookieRetired => "cookie_retired",
            Self::NamesRetired => "names_retired",
        }
    }
}

/// A kind waits for kinds before it alone, so the order that sorts by kind keeps every wait.
const _: () = {
    let mut at = 0;
    while at < Kind::ALL.len() {
        let kind = Kind::ALL[at];
        assert!(kind as usize == at, "the kinds are listed in their order");
        let mut nth = 0;
        while nth < kind.after().len() {
            assert!((kind.after()[nth] as usize) < at, "a kind waits for a later one");
            nth += 1;
        }
        at += 1;
    }
};
