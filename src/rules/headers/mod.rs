//! The security headers of answers.
//!
//! What an app sends by itself reaches browsers where the profile says nothing
//! about a header, so the rules that ask what browsers get look at both. The
//! one header that is a language of its own has a file of its own, `csp.rs`.

mod csp;
mod permissions;
mod senders;
mod sent;
pub mod sources;

use self::senders::{Said, Sender, said};
use super::reads::{EDGES, SERVES, SIGN_IN, WAYS};
use super::rule::{Check, Severities, rules};
use super::signed_in::sign_in;
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::{Evidence, Facts, Header, overlap};
use crate::profile::{CookiePurpose, OpenerPolicy, OwnHeader, ReferrerPolicy, Text};
use crate::source::KeyPath;

/// The folder that holds every path that the app's pack knows: `/api/`.
fn api(facts: &Facts<'_>) -> Option<String> {
    let mut folders =
        facts.app.routes.values().flatten().map(|path| Some(path.as_str().strip_prefix('/')?.split_once('/')?.0));
    let first = folders.next()??;
    folders.all(|other| other == Some(first)).then(|| format!("/{first}/"))
}

/// What the site and its services say of each header.
const VALUES: &[&str] = &[
    "headers.content_security_policy",
    "headers.csp_report_only",
    "headers.frame_options",
    "headers.referrer_policy",
    "headers.permissions_policy",
    "headers.cross_origin_opener_policy",
    "headers.cross_origin_resource_policy",
    "headers.cross_origin_embedder_policy",
    "headers.content_type_options",
    "services.*.headers.content_security_policy",
    "services.*.headers.csp_report_only",
    "services.*.headers.frame_options",
    "services.*.headers.referrer_policy",
    "services.*.headers.permissions_policy",
    "services.*.headers.cross_origin_opener_policy",
    "services.*.headers.cross_origin_resource_policy",
    "services.*.headers.cross_origin_embedder_policy",
    "services.*.headers.content_type_options",
];

/// Which headers are left to programs, and which services are programs.
const OWN: &[&str] = &["headers.from_app", "services.*.headers.from_app", "services.*.root"];

rules! {
    /// A Content Security Policy is sent, and enforced.
    ///
    /// It is the second line against injected scripts: where one slipped through an app's escaping, the policy keeps
    /// browsers from running it, and from sending what it finds elsewhere. With `csp_report_only` browsers report what
    /// they would have blocked and run it all the same; that is a way to try a policy out, and no protection.
    ///
    /// A site that serves no pages (`app.serves = ["api"]`) has nothing that a policy could guard.
    ///
    /// An app that sends an enforced policy by itself, as InstaCRUD does, meets this rule without the key. With it the
    /// app's own is dropped, so that a policy that only reports takes the place of one that protects. An app that makes a
    /// nonce for each answer has to send the policy itself: `headers.from_app = ["Content-Security-Policy"]` says so, and its
    /// word is what is known then.
    ///
    /// What the app sends reaches its own answers alone. A folder under `[services]` has pages of its own, whatever
    /// `app.serves` says of the app, and needs a policy in the profile. Of another program nothing is known, and where it gets
    /// none from the profile, that is a warning.
    ///
    /// Write: `headers.content_security_policy`, to begin with
    /// `"default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"`, and no `csp_report_only`.
    HDR001 = "no-enforced-csp" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 3.4.3; MDN HTTP Observatory, csp-not-implemented",
        keys: &[
            "headers.content_security_policy",
            "headers.csp_report_only",
            "services.*.headers.content_security_policy",
            "services.*.headers.csp_report_only",
        ],
        reads: &[&["headers.frame_options", "services.*.headers.frame_options"], OWN, SERVES],
        fix: Unsafe,
        check: Check::Policy(csp::is_enforced),
    }

    /// The CSP lets no plug-in in and no `<base>`: `object-src` and `base-uri` are `'none'`.
    ///
    /// Both are ways around a careful `script-src`. Who gets `<base href="https://evil.example/">` into a page makes
    /// every script with a relative address come from there, where the policy lets hosts in by scheme or trusts scripts
    /// by nonce; `base-uri` has no fallback, so a policy that does not name it allows that. An `<object>` or `<embed>`
    /// loads a document, in old browsers a plug-in that runs in the page's own name; `default-src 'none'` forbids it,
    /// too. Where the CSP is missing altogether, HDR001 speaks, and of one that browsers misread HDR009.
    ///
    /// Write: `object-src 'none'; base-uri 'none'` in `headers.content_security_policy`. Pages that have a `<base>` of
    /// their own, as Angular's do, need `base-uri 'self'`: a waiver says so.
    HDR002 = "open-object-src-or-base-uri" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 3.4.3: at least `object-src 'none'` and `base-uri 'none'`",
        keys: &["headers.content_security_policy", "services.*.headers.content_security_policy"],
        reads: &[&["headers.from_app"]],
        fix: Unsafe,
        check: Check::Policy(csp::closes_object_and_base),
    }

    /// The CSP limits scripts: no inline ones, no compiled strings, no `data:` or `blob:`, and not those of every site.
    ///
    /// An attacker who gets markup into a page, by a comment or a name that is not escaped, writes `<script>…</script>`
    /// or `<script src="https://evil.example/x.js">` and acts in the visitor's name. `'unsafe-inline'` lets the first
    /// one run, `https:`, `http:` and `*` the second, and so does `https://*.com`, where anyone can have a name. `data:`
    /// is inline by another name, and `'unsafe-eval'` makes code of the strings that reach `eval`, `blob:` and
    /// `filesystem:` of those that reach a file made by the page. What browsers ignore is not held against a policy: `'unsafe-inline'` beside a
    /// nonce or a hash, hosts and schemes beside `'strict-dynamic'`, both of them there for older browsers.
    ///
    /// Write: `script-src` with `'self'` and the few origins that scripts come from; hashes for inline ones that have
    /// to stay. Nonces need an app that makes a new one for each answer, and sends the policy itself.
    HDR003 = "unlimited-scripts" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 3.4.3; MDN HTTP Observatory, csp-implemented-with-unsafe-inline; \
                 CSP level 2, security considerations for GUID URL schemes",
        keys: &["headers.content_security_policy", "services.*.headers.content_security_policy"],
        reads: &[&["headers.from_app", "app.paths", "services.+.paths"]],
        fix: None,
        check: Check::Policy(csp::limits_scripts),
    }

    /// The CSP says who may frame the app, and X-Frame-Options says the same.
    ///
    /// A page that can be framed is laid invisibly under a game or a prize, and the visitor clicks what is below.
    /// `frame-ancestors` forbids that; no other directive stands in for it, not even `default-src`. Browsers that know
    /// it ignore X-Frame-Options, older ones and scanners read that alone, so where the two differ the app is framed or
    /// broken depending on who looks: `DENY` is `'none'`, `SAMEORIGIN` is `'self'`, and a list of origins has no
    /// counterpart. `https:`, `*:*`, `https://*` and `*.com` are no list either, they let everyone in. A comma ends a policy and
    /// begins another; of several that name `frame-ancestors` the strictest counts here. Where no CSP is enforced, HDR001
    /// speaks, and HDR009 where browsers misread the directive.
    ///
    /// Write: `frame-ancestors 'none'` in `headers.content_security_policy` and `headers.frame_options = "DENY"`; or
    /// `frame-ancestors 'self'` and `"SAMEORIGIN"`; or the origins that may frame it, and no `frame_options`.
    HDR004 = "framing" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 3.4.6; Django security.W019",
        keys: &[
            "headers.content_security_policy",
            "services.*.headers.content_security_policy",
            "headers.csp_report_only",
            "services.*.headers.csp_report_only",
            "headers.frame_options",
            "services.*.headers.frame_options",
        ],
        reads: &[OWN],
        fix: Safe,
        check: Check::Policy(csp::agrees_on_framing),
    }

    /// `X-Content-Type-Options: nosniff` is sent.
    ///
    /// Without it browsers look into an answer and decide by themselves what it is. An avatar or an attachment that a
    /// user uploaded, and that begins like HTML or like a script, then runs in the service's own origin with the
    /// visitor's session.
    ///
    /// Write: `headers.content_type_options = true`, or leave the key out.
    HDR005 = "no-nosniff" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 3.4.4; Django security.W006",
        keys: &["headers.content_type_options", "services.*.headers.content_type_options"],
        reads: &[OWN],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            const KEY: &str = "headers.content_type_options";
            let site = Sender::site(facts);
            let is_off = |sender: &Sender<'_>| {
                !sender.headers.content_type_options && !sender.leaves(OwnHeader::ContentTypeOptions)
            };
            // What a service takes over from the site is told once.
            let is_told = is_off(&site);
            let services = Sender::services(facts).filter(|sender| !is_told || sender.writes(KEY, facts));
            for sender in std::iter::once(site).chain(services).filter(is_off) {
                let key = sender.key(KEY);
                out.at(key.clone(), "`X-Content-Type-Options: nosniff` is switched off")
                    .label("browsers may run an upload as a page or a script")
                    .help(format!("set `{key} = true`, or leave the key out"))
                    .set(key, true);
            }
        }),
    }

    /// A Referrer-Policy keeps addresses from other sites.
    ///
    /// A link that is followed, an image or a font of another site: with each request browsers say where it came from.
    /// The paths and queries of an app hold names, searches, and the tokens of reset links. Recent browsers hold all
    /// but the origin back by themselves; older ones and embedded ones do not, so it is said. `unsafe-url` and
    /// `no-referrer-when-downgrade` send the whole address to any other site, `origin` and `origin-when-cross-origin`
    /// send the origin over plain HTTP, too.
    ///
    /// A site without pages has no links to follow; and where nobody signs in, and the profile says nothing, what browsers
    /// hold back by themselves is enough.
    ///
    /// Write: `headers.referrer_policy = "strict-origin-when-cross-origin"`, or `"same-origin"`, `"strict-origin"` or
    /// `"no-referrer"`, which say less.
    HDR006 = "unsafe-referrer-policy" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 3.4.5; MDN HTTP Observatory, referrer-policy-unsafe; Django security.W022",
        keys: &["headers.referrer_policy", "services.*.headers.referrer_policy"],
        reads: &[OWN, SERVES, WAYS],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            // Of several in one header, browsers take the last that they know.
            let sent = |text: &str| text.rsplit(',').find_map(|value| ReferrerPolicy::parse(&value.trim().to_ascii_lowercase()).ok());
            for said in said(facts, OwnHeader::ReferrerPolicy, |headers| headers.referrer_policy, sent) {
                let Said { sender, value, is_apps, is_left } = said;
                let is_silent = value.is_none() && facts.nobody_signs_in();
                let is_left = is_left && value.is_none();
                if is_silent || is_left || !sender.shows_pages {
                    continue;
                }
                let is = |value: ReferrerPolicy| {
                    if is_apps {
                        format!("the Referrer-Policy that {} sends is {value}", facts.app.title)
                    } else {
                        format!("the Referrer-Policy is {value}")
                    }
                };
                let (message, label) = match value {
                    None => {
                        let message = format!("no Referrer-Policy is sent{}", sender.with());
                        (message, "what other sites learn is up to each browser")
                    }
                    Some(value @ (ReferrerPolicy::UnsafeUrl | ReferrerPolicy::NoReferrerWhenDowngrade)) => {
                        (is(value), "other sites learn whole addresses, queries included")
                    }
                    Some(value @ (ReferrerPolicy::Origin | ReferrerPolicy::OriginWhenCrossOrigin)) => {
                        (is(value), "the origin goes out over plain HTTP, too")
                    }
                    Some(
                        ReferrerPolicy::NoReferrer
                        | ReferrerPolicy::SameOrigin
                        | ReferrerPolicy::StrictOrigin
                        | ReferrerPolicy::StrictOriginWhenCrossOrigin,
                    ) => continue,
                };
                // The nearest that is safe: who told nobody more than the origin goes on to.
                let nearest = match value {
                    Some(ReferrerPolicy::Origin) => ReferrerPolicy::StrictOrigin,
                    Some(_) | None => ReferrerPolicy::StrictOriginWhenCrossOrigin,
                };
                let key = sender.key("headers.referrer_policy");
                out.at(key.clone(), message)
                    .label(label)
                    .help(format!("set `{key} = \"{nearest}\"`"))
                    .set(key, nearest.as_str());
            }
        }),
    }

    /// A Cross-Origin-Opener-Policy keeps other sites' windows apart.
    ///
    /// Without it a page of another site that opens this one, or is opened by it, holds a handle on its window: it can
    /// send it elsewhere while the visitor looks away (to a copy of the sign-in, say), count its frames to learn what
    /// is on it, and share a process with it, which is what Spectre needs.
    ///
    /// `same-origin` also cuts off the pop-ups that this site opens itself. Sign-in at a provider by redirect does not
    /// mind; a sign-in that happens in a pop-up and reports back to its opener needs `same-origin-allow-popups`. A
    /// profile does not say which of the two it is, so both are right here.
    ///
    /// Nothing is asked of a site without pages, nor of one at which nobody signs in: there is nothing to learn from its
    /// windows.
    ///
    /// Write: `headers.cross_origin_opener_policy = "same-origin"`, or `"same-origin-allow-popups"` where people sign
    /// in by pop-up.
    HDR007 = "no-opener-policy" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 3.4.8; Django security.E024 knows the values",
        keys: &["headers.cross_origin_opener_policy", "services.*.headers.cross_origin_opener_policy", "oauth"],
        reads: &[OWN, SERVES, WAYS],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            if facts.nobody_signs_in() {
                return;
            }
            let sent = |text: &str| OpenerPolicy::parse(text).ok();
            for said in said(facts, OwnHeader::OpenerPolicy, |headers| headers.cross_origin_opener_policy, sent) {
                let Said { sender, value: opener, is_left, .. } = said;
                if (is_left && opener.is_none()) || !sender.shows_pages {
                    continue;
                }
                let message = match opener {
                    None => format!("no Cross-Origin-Opener-Policy is sent{}", sender.with()),
                    Some(OpenerPolicy::UnsafeNone) => "the Cross-Origin-Opener-Policy is unsafe-none".to_owned(),
                    Some(
                        OpenerPolicy::SameOriginAllowPopups
                        | OpenerPolicy::SameOrigin
                        | OpenerPolicy::NoopenerAllowPopups,
                    ) => continue,
                };
                // Of the two that are right, the one that breaks no sign-in.
                let (value, why) = if facts.policy.oauth.is_empty() {
                    (OpenerPolicy::SameOrigin, "")
                } else {
                    (OpenerPolicy::SameOriginAllowPopups, ", which lets a sign-in in a pop-up report back")
                };
                let key = sender.key("headers.cross_origin_opener_policy");
                out.at(key.clone(), message)
                    .label("sites that open this one hold on to its window")
                    .help(format!("set `{key} = \"{value}\"`{why}"))
                    .set(key, value.as_str());
            }
        }),
    }

    /// `X-XSS-Protection` is not sent, or is `0`.
    ///
    /// It steers a filter that browsers no longer have. Those that still do, old ones, can be made to break a page's
    /// own scripts with it, or to tell what is on the page: an address that quotes a script of the page makes the
    /// filter take it for an attack. Some apps send `1; mode=block` all the same. nginx and Caddy, as seccfg writes
    /// them, drop it; what a cluster's gateway takes away is up to the gateway.
    ///
    /// Write: nothing in the profile. Switch the header off in the app, or have it send `0`.
    HDR008 = "xss-filter" {
        severity: Severities::all(Note),
        source: "OWASP HTTP Headers Cheat Sheet, X-XSS-Protection; OWASP Secure Headers Project",
        keys: &["app.kind"],
        reads: &[EDGES],
        fix: None,
        check: Check::Plan(|plan, out| {
            let sent = plan.app.sends("X-XSS-Protection", plan.policy.mode);
            let Some(sent) = sent.filter(|sent| sent.as_str() != "0" && !plan.edge.drops_xss_protection()) else {
                return;
            };
            let app = &plan.app.title;
            out.at("app.kind", format!("{app} sends `X-XSS-Protection: {sent}`, and nothing is known to drop it"))
                .label("steers a filter that did harm, and that browsers no longer have")
                .known_by(Evidence::Known)
                .help(format!("make {app} send `X-XSS-Protection: 0`, or nothing; or have the gateway remove it"));
        }),
    }

    /// A CSP means what it says: its directives exist, stand there once, and quote their keywords.
    ///
    /// Browsers refuse no policy. They skip the directive that they do not know, the second one of a name, and the word
    /// that is no source, and say so in a console that nobody looks at. `self` without quotes is a host of that name,
    /// `'none'` beside another source means nothing, and behind a forgotten semicolon a directive is a source of the
    /// one before. What is left protects less, or blocks more, than whoever wrote it believes. A policy that only
    /// reports is read in the same way. A directive that browsers once obeyed takes nothing from the others, and is a note.
    ///
    /// Write: what the finding says. `default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'`
    /// is a policy without mistakes.
    HDR009 = "misread-csp" {
        severity: Severities::all(Error),
        source: "CSP level 3 §2.2.1, §2.3.1 and §6.7.2: unknown, repeated and malformed parts are ignored",
        keys: &["headers.content_security_policy", "services.*.headers.content_security_policy"],
        reads: &[&["headers.from_app"]],
        fix: None,
        check: Check::Policy(csp::parses),
    }

    /// Answers to people who are signed in are not stored.
    ///
    /// What a browser stored can be seen with the back button after signing out, and on a shared machine by whoever
    /// comes next. A CDN or proxy that stores an answer without knowing whose it is hands one person's account to
    /// another. `no-store` forbids both. An app without sign-in has nothing to hide, so the rule asks for a sign of it,
    /// as COR002 does; and it cannot tell which paths are meant, so one that is named is enough.
    ///
    /// An API without pages whose clients show a bearer token with each request is left alone: no shared cache may store such
    /// an answer (RFC 9111 §3.5), and no back button leads to it. A cookie, or `cors.credentials`, makes browsers its
    /// clients.
    ///
    /// Write: `headers.no_store = ["/api/"]`, with the paths whose answers depend on who asks; `"/"` is everything, and
    /// costs the caching of scripts and images.
    HDR010 = "stored-answers" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 14.3.2",
        keys: &["headers.no_store"],
        reads: &[SIGN_IN, SERVES],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            const KEY: &str = "headers.no_store";
            let has_session = facts.policy.cookies.values().any(|cookie| cookie.purpose == CookiePurpose::Session);
            let is_for_browsers = facts.may_serve_pages() || has_session || facts.policy.cors.credentials;
            let named = &facts.policy.headers.no_store;
            // Where the pack knows the folder of the API, other paths say nothing about its answers. Pages are in folders, too.
            let folder = api(facts).filter(|folder| named.is_empty() || folder == "/api/");
            let is_said = folder.as_ref().map_or(!named.is_empty(), |api| named.iter().any(|path| overlap(path.as_str(), api)));
            if is_said || !is_for_browsers {
                return;
            }
            let own = facts.app.sends("Cache-Control", facts.policy.mode);
            if own.is_some_and(|value| value.as_str().to_ascii_lowercase().contains("no-store")) {
                return;
            }
            let Some((key, sign)) = sign_in(facts) else { return };
            let draft = out.at(KEY, "answers to people who are signed in may be stored");
            let label = if named.is_empty() {
                "no path is answered with `Cache-Control: no-store`"
            } else {
                "none of these paths is one of the app's API"
            };
            draft.label(label).also(key, sign);
            match folder {
                Some(api) => draft.help(format!("add \"{api}\" to `headers.no_store`")).add(KEY, api),
                None => draft.help("name the paths whose answers depend on who asks: `headers.no_store = [\"/api/\"]`"),
            };
        }),
    }

    /// A header's value is one line of visible ASCII, at most 4,000 bytes long.
    ///
    /// A line break in a value ends the header and begins another, which is how headers are smuggled in. Other bytes
    /// than visible ASCII are read differently by browsers, proxies and logs, and a blank at either end is cut off by
    /// some of them. The longest value that nginx's configuration and the Gateway API both take is a little over 4,000
    /// bytes.
    ///
    /// Write: the value on one line; in TOML a long one can be broken with a backslash at the end of the line inside
    /// `"""…"""`. Names beyond ASCII are written as their `xn--` form.
    HDR011 = "unsafe-header-value" {
        severity: Severities::all(Error),
        source: "RFC 9110 §5.5; nginx's tokens hold 4,093 bytes, the Gateway API's values 4,096",
        keys: &["headers.content_security_policy", "headers.permissions_policy"],
        fix: None,
        check: Check::Loader,
    }

    /// A header has one sender: the app, or the proxy.
    ///
    /// `headers.from_app` leaves a header to the app, which can say something else on every page; a value beside it in the
    /// profile is then sent by nobody. Who reads the profile later takes it for what browsers get.
    ///
    /// Write: the header's own key, and the proxy sends it; or its name in `headers.from_app`, and the app does.
    HDR017 = "header-of-two-senders" {
        severity: Severities::all(Error),
        source: "derived: the proxy leaves alone what the app is to send",
        keys: &["headers.from_app", "services.*.headers.from_app"],
        reads: &[VALUES],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let written = [(None, &facts.policy.headers)].into_iter();
            let written = written.chain(facts.policy.services.iter().map(|(name, service)| (Some(name), &service.headers)));
            for (service, headers) in written.filter(|(_, headers)| !headers.from_app.is_empty()) {
                let mut headers = headers.clone();
                let own = std::mem::take(&mut headers.from_app);
                let at = |key: KeyPath| match service {
                    Some(name) => key.below(KeyPath::from("services").key(name.as_str())),
                    None => key,
                };
                for header in Header::all(&headers) {
                    let key = at(header.key.into());
                    let place = own.iter().position(|own| own.as_str() == header.name);
                    let is_written = || facts.policy.is_written(&key.to_string());
                    let Some(place) = place.filter(|_| header.value.is_some() && is_written()) else { continue };
                    let left = at("headers.from_app".into());
                    let name = header.name;
                    let whom = if service.is_some() { "the program" } else { "the app" };
                    out.at(left.clone().index(place), format!("{name} is left to {whom}, and has a value here"))
                        .label(format!("{whom}'s word is what is sent"))
                        .also(key.clone(), "is sent by nobody")
                        .help(format!("leave `{key}` out, or take the name out of `{left}`"))
                        .remove(key)
                        .or()
                        .remove(left.index(place));
                }
            }
        }),
    }
}
