//! What is said of each kind of step: what it does, why it has its place, how one sees that it is done, and how it is taken
//! back.

use super::Kind;

/// What is said of a kind.
pub(super) struct Texts {
    /// What the step does, in a few words.
    pub title: &'static str,
    /// Why it has its place in the order.
    pub why: &'static str,
    /// How one sees that it is done.
    pub done: &'static str,
    /// How it is taken back.
    pub back: &'static str,
}

/// What most steps are taken back by.
const BACK: &str = "write the old values again, render, reload";

impl Kind {
    /// What is said of it.
    #[allow(clippy::too_many_lines, reason = "a table, of which every row says one thing")]
    pub(super) const fn texts(self) -> Texts {
        match self {
            Self::Settings => Texts {
                title: "settings that nothing else waits for",
                why: "the other steps do not depend on them, so they go first and alone",
                done: "`seccfg check --env-file .env` finds nothing but what is open until a later step, and the app starts",
                back: "write the old values again, and restart the app",
            },
            Self::ProcessesFewer => Texts {
                title: "fewer processes",
                why: "processes that share nothing have to be one before their state moves into memory",
                done: "the server manager shows as many processes",
                back: "start the others again",
            },
            Self::SharedState => Texts {
                title: "where processes keep what they share",
                why: "limits, locks and sessions have to be shared before there are more processes and before they count",
                done: "after a restart of the app, whoever was signed in still is, or signs in once",
                back: "write the old values again, and restart the app; what was counted meanwhile is forgotten",
            },
            Self::ProcessesMore => Texts {
                title: "more processes",
                why: "they need a place for what they share first",
                done: "the server manager shows as many processes, and a sign-in at one of them counts at all",
                back: "stop the further ones",
            },
            Self::Programs => Texts {
                title: "programs and paths behind the site, and who gets there",
                why: "they have to answer before headers, limits and origins are set for what they answer",
                done: "`seccfg verify` shows ✓ at each service, location and at the body size",
                back: BACK,
            },
            Self::Proxies => Texts {
                title: "the proxies, and their count",
                why: "the count changes in the same moment as the proxies: one too many, and clients write their own address; one \
                      too few, and all clients share the address of a proxy. What counts by address waits for it",
                done: "`seccfg verify --active` shows ✓ at client address, and the app's log shows your own address",
                back: "write the old count again in the moment in which the old proxies are back",
            },
            Self::Names => Texts {
                title: "new host names beside the old ones",
                why: "certificates, redirects and origins name the hosts, so DNS and the certificate have to cover the new ones \
                      first, while the old ones go on answering",
                done: "`seccfg verify` shows ✓ at host names and TLS",
                back: "take the new names out again; nothing was taken from the old ones",
            },
            Self::KeyAdded => Texts {
                title: "a new key beside the old one",
                why: "tokens that the old key signed stay valid only while the app knows both keys",
                done: "`seccfg check --env-file .env` finds two keys that differ, and whoever was signed in still is",
                back: "exchange the two keys: tokens of both stay valid",
            },
            Self::KeyReplaced => Texts {
                title: "a new key in the place of the old one",
                why: "",
                done: "the app starts with the new key",
                back: "put the old key back; what the new one signed or encrypted meanwhile is lost",
            },
            Self::AlgorithmAdded => Texts {
                title: "another algorithm for tokens, beside the old one",
                why: "the app signs by the new one from then on, and tokens that are out stay valid only while it accepts the old \
                      one, too",
                done: "a new token's header names the new algorithm (`alg`), and whoever was signed in still is",
                back: "have the app sign by the old one again: tokens of both stay valid",
            },
            Self::AlgorithmReplaced => Texts {
                title: "another algorithm for tokens, in the place of the old one",
                why: "",
                done: "a new token's header names the new algorithm (`alg`), and one by the old one is refused",
                back: "write the old one again; the tokens that were signed meanwhile end",
            },
            Self::LimitsEased => Texts {
                title: "limits that let more through",
                why: "nobody is refused by them, so they wait for nothing",
                done: "`seccfg verify --active` shows ✓ at the rate limits",
                back: BACK,
            },
            Self::Accounts => Texts {
                title: "sign-in, passwords and lifetimes",
                why: "what fails is counted by address and by all processes, so the true address and shared state come first",
                done: "`seccfg check --env-file .env` finds nothing but what is open until a later step, and a sign-in works",
                back: "write the old values again, and restart the app",
            },
            Self::HstsEnded => Texts {
                title: "less HSTS",
                why: "browsers remember the old header for as long as it said, so this goes before anything that they would refuse",
                done: "`seccfg verify` shows ✓ at HSTS",
                back: "send the old header again: it counts at the next visit",
            },
            Self::CookiesEased => Texts {
                title: "cookies with fewer flags",
                why: "a cookie with Secure is not sent by plain HTTP, so that flag goes before TLS does",
                done: "`seccfg verify` shows ✓ at the cookies",
                back: BACK,
            },
            Self::PlainHttpServed => Texts {
                title: "plain HTTP is served",
                why: "whoever comes by http:// stays there; browsers that know HSTS go on coming by https, so nothing waits for it",
                done: "`curl -I http://HOST/` shows no redirect",
                back: BACK,
            },
            Self::TlsEnded => Texts {
                title: "TLS ends",
                why: "browsers that know HSTS refuse this host without TLS, and do not send cookies with Secure, so both go first",
                done: "`curl -I http://HOST/` is answered, and no browser asks for https any more",
                back: "write the old values again, render, reload: while the certificate is there, this takes a minute",
            },
            Self::Tls => Texts {
                title: "TLS",
                why: "redirects, HSTS and Secure cookies all rest on https that works, for every host name that is served",
                done: "`seccfg verify` shows ✓ at TLS, for each host",
                back: "write the old values again, render, reload; nothing remembers TLS until HSTS is sent",
            },
            Self::Redirect => Texts {
                title: "plain HTTP leads to https",
                why: "it sends everyone to https, which has to work by then; and only who was sent there learns of HSTS",
                done: "`seccfg verify` shows ✓ at HTTPS redirect",
                back: "write the old value again; browsers that keep a permanent redirect go on for a while",
            },
            Self::CookieAdded => Texts {
                title: "new cookies beside the old ones",
                why: "the app sets the new cookie and reads both, so that nobody is signed out; a Secure cookie needs https",
                done: "`seccfg verify --path PATH` shows ✓ at the new cookie, for a path that sets it",
                back: "have the app set the old cookie again: it still reads both",
            },
            Self::CookiesHardened => Texts {
                title: "cookies with more flags",
                why: "a cookie with Secure is not sent by plain HTTP, so everyone has to come by https before it has that flag",
                done: "`seccfg verify --path PATH` shows ✓ at the cookies, for a path that sets them",
                back: BACK,
            },
            Self::Headers => Texts {
                title: "headers that take effect at once",
                why: "browsers remember none of them, so they need no ramp",
                done: "`seccfg verify` shows ✓ at each header",
                back: BACK,
            },
            Self::CspReported => Texts {
                title: "a Content-Security-Policy that only reports",
                why: "a policy blocks what its author forgot: for two weeks browsers only report what it would block",
                done: "`seccfg verify` shows ✓ at Content-Security-Policy-Report-Only, and reports come in",
                back: BACK,
            },
            Self::CspEnforced => Texts {
                title: "the Content-Security-Policy blocks",
                why: "it does so once the reports are clean",
                done: "`seccfg verify` shows ✓ at Content-Security-Policy, and no page misses anything",
                back: "set `headers.csp_report_only = true`, render, reload: it counts at the next answer",
            },
            Self::CorsWidened => Texts {
                title: "further origins beside the old ones",
                why: "a front end can move to a new origin only when it is let in there, and the old one goes on meanwhile",
                done: "`seccfg verify` shows ✓ at CORS",
                back: BACK,
            },
            Self::CorsLooked => Texts {
                title: "a look at which origins ask",
                why: "an origin that is taken away while somebody uses it breaks a front end: move each front end, then read the log",
                done: "the `Origin` header is in the access log, and in two weeks none that is taken away has come",
                back: "nothing was changed",
            },
            Self::CorsNarrowed => Texts {
                title: "fewer origins may read answers",
                why: "every front end has moved to what stays, and the log shows that nobody uses what goes",
                done: "`seccfg verify` shows ✓ at CORS",
                back: BACK,
            },
            Self::LimitsBegun => Texts {
                title: "limits on what is new",
                why: "nobody asks for these paths yet, so no log can say how often honest people do; what counts is the true \
                      address, in a place that all processes share",
                done: "`seccfg verify --active` shows ✓ at the rate limits",
                back: BACK,
            },
            Self::LimitsCounted => Texts {
                title: "a look at how many requests come",
                why: "a limit that is tighter than what honest people do locks them out, and the access log says what they do",
                done: "for a week, no address of the access log has asked these paths more often than the limits will allow",
                back: "nothing was changed",
            },
            Self::Limits => Texts {
                title: "limits that let less through",
                why: "they count by the true address, in a place that all processes share, and the log shows that they are wide \
                      enough",
                done: "`seccfg verify --active` shows ✓ at the rate limits and at client address",
                back: BACK,
            },
            Self::Networks => Texts {
                title: "networks that are let in",
                why: "with a wrong count of proxies, this would let in everyone or nobody",
                done: "from a network that is let in the site answers, and from another one it does not",
                back: "from the machine itself: write the old values again, render, reload",
            },
            Self::DocsHidden => Texts {
                title: "the API's documentation is hidden",
                why: "whoever reads it there needs another place for it first",
                done: "`seccfg verify` shows ✓ at API docs",
                back: BACK,
            },
            Self::HstsBegun => Texts {
                title: "HSTS",
                why: "no edit takes it back before browsers have forgotten it, so it comes after TLS and the redirect, and begins \
                      with a short time",
                done: "`seccfg verify` shows ✓ at HSTS, and no host is missed",
                back: "`hsts.enabled = false` keeps new browsers free of it; those that know it do so for as long as it said",
            },
            Self::PlainHttpRefused => Texts {
                title: "plain HTTP gets no answer",
                why: "the redirect comes first, so that browsers and programs have learned the https address",
                done: "`seccfg verify` shows ✓ at refusal of plain HTTP",
                back: "set `tls.plain_http = \"redirect\"`, render, reload",
            },
            Self::HstsPreloaded => Texts {
                title: "the domain's place in the browsers' list",
                why: "leaving the list takes months, so the full HSTS has stood for a month by then",
                done: "`seccfg verify` shows ✓ at HSTS, and hstspreload.org takes the domain",
                back: "take `hsts.preload` away, and ask hstspreload.org to remove the domain: that takes months",
            },
            Self::KeyRetired => Texts {
                title: "the old key goes",
                why: "by then every token that it signed has ended",
                done: "`seccfg check --env-file .env` finds no previous key",
                back: "put the old key back into its variable",
            },
            Self::AlgorithmRetired => Texts {
                title: "the old algorithm for tokens goes",
                why: "by then every token that it signed has ended",
                done: "a token by the old one is refused",
                back: "write it beside the new one again",
            },
            Self::CookieRetired => Texts {
                title: "the old cookies go",
                why: "by then every browser has the new cookie, or its old one has ended",
                done: "the app does not read the old name any more",
                back: "have the app read the old name again",
            },
            Self::NamesRetired => Texts {
                title: "the old host names go",
                why: "until then people and programs find the site by its old name",
                done: "`seccfg verify` shows ✓ at host names",
                back: "name them in `app.aliases` again, render, reload",
            },
        }
    }
}
