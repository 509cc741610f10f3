//! Who may read answers across origins (the Fetch standard's CORS protocol).

use super::networks::anybodys;
use super::reads::{EDGES, SIGN_IN};
use super::rule::{Check, Severities, rules};
use super::runtimes::{self, Kind};
use super::signed_in::sign_in;
use super::words::and;
use crate::apps::AppControl;
use crate::csp::is_handed_out;
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::Control;
use crate::policy::Policy;
use crate::profile::{CorsOrigin, Duration, EnforcedBy, HeaderName, Host, Method, Origin, Url};
use crate::source::{KeyPath, Literal};

/// How long Chromium keeps the answer to a preflight at most.
const LONGEST_PREFLIGHT: Duration = Duration::minutes(120);

/// What no script can send, in any browser (Fetch standard, forbidden methods).
const FORBIDDEN: [&str; 3] = ["CONNECT", "TRACE", "TRACK"];

/// Where `*` stands among the origins.
fn any_origin(policy: &Policy<'_>) -> Option<KeyPath> {
    let index = policy.cors.origins.iter().position(|origin| *origin == CorsOrigin::Any)?;
    Some(("cors.origins", index).into())
}

/// The origins that are listed by name, with their places.
fn listed<'p>(policy: &'p Policy<'_>) -> impl Iterator<Item = (KeyPath, &'p Origin)> {
    policy.cors.origins.iter().enumerate().filter_map(|(index, origin)| match origin {
        CorsOrigin::Exact(origin) => Some((("cors.origins", index).into(), origin)),
        CorsOrigin::Any => None,
    })
}

rules! {
    /// Credentials never go along to any origin that asks.
    ///
    /// With both, a page of any site could read this service's answers as the visitor who is signed in here. Browsers
    /// refuse `*` together with credentials, so nothing works; and because nothing works, many frameworks (Starlette
    /// among them) answer with the asking origin in its place, which browsers believe. Then every site reads
    /// everything.
    ///
    /// Write: `cors.origins` with each origin that is meant, or `cors.credentials = false`.
    COR001 = "any-origin-with-credentials" {
        severity: Severities::all(Error),
        source: "Fetch standard, CORS protocol and credentials",
        keys: &["cors.origins.*", "cors.credentials"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            if let Some(any) = any_origin(facts.policy).filter(|_| facts.policy.cors.credentials) {
                out.at(any, "every origin may ask with the visitor's credentials")
                    .label("any site")
                    .also("cors.credentials", "cookies and Authorization go along")
                    .help("list the origins that are meant in `cors.origins`, or set `cors.credentials = false`")
                    .set("cors.credentials", false);
            }
        }),
    }

    /// A service with sign-in names the origins that may read its answers.
    ///
    /// Without credentials `*` gives away what anyone could fetch by themselves, which is right for public data. It is
    /// more than that where people sign in: any page can drive the sign-in from its visitors' addresses and read what
    /// comes back, so guesses spread over as many clients as it has visitors and no limit by address holds; and a token
    /// that a script got hold of can be used from any page.
    ///
    /// Of an app without a pack, a variable that likely says so is a warning: `CORS_ORIGINS=*` in its `.env` file.
    ///
    /// `app.sign_in` says how people sign in, and `[]` that nobody does. Where the key is absent, every service counts as one
    /// with sign-in unless neither its app's pack nor its profile speaks of any: no `cors.credentials`, no cookie but preferences, no secret for signing or administrators, no `[oauth]`,
    /// `[tokens]`, `[sessions]` or `[passwords]`, no lockout, no open registration, and no rate limit for `sign_in`,
    /// `sign_up` or `password_reset`.
    ///
    /// Write: `cors.origins` with each origin that is meant; an empty list is right where the front end is served from
    /// `app.url`.
    COR002 = "any-origin-on-sign-in" {
        severity: Severities::prod(Error).and_staging(Warning),
        source: "OWASP ASVS 5.0 3.4.2",
        keys: &["cors.origins", "cors.origins.*"],
        reads: &[SIGN_IN],
        fix: None,
        check: Check::Mixed(|facts, out| {
            // What the profile itself says is judged there, with who signs in.
            if any_origin(facts.policy).is_none() {
                runtimes::tell(Kind::AnyOrigin, facts, out);
            }
            if let (Some(any), Some((place, text))) = (any_origin(facts.policy), sign_in(facts)) {
                out.at(any, "every origin may read the answers of a service that people sign in to")
                    .label("any site")
                    .also(place, text)
                    .help("list the origins that are meant in `cors.origins`; a front end on `app.url` needs none");
            }
        }),
    }

    /// The origin `null` is not let in.
    ///
    /// It is not nobody's origin but everybody's: a sandboxed frame on any site has it, and so has a file opened from a
    /// disk or a `data:` address. Whoever lists it to make a local test work lets every site in that knows the trick.
    ///
    /// Write: `cors.origins` without `"null"`; for a test, the origin of the development server in `[modes.dev]`.
    COR003 = "null-origin" {
        severity: Severities::all(Error),
        source: "Fetch standard, Origin header; W3C CORS for developers",
        keys: &["cors.origins"],
        fix: Safe,
        check: Check::Loader,
    }

    /// An origin is written as browsers send it: scheme, host and port, in lower case, with nothing behind them.
    ///
    /// Origins are compared byte for byte. `https://shop.example.com/` with its slash, `https://Shop.example.com` with
    /// its capital, and `https://shop.example.com:443` with a port that browsers leave out look right and never match,
    /// and what is then tried to make it work is `*`.
    ///
    /// Write: `scheme://host[:port]`, such as `"https://shop.example.com"` or `"http://localhost:3000"`; a name in
    /// another script as `xn--…`. What an installed app sends, `capacitor://localhost` or `chrome-extension://…`, stands in
    /// `cors.app_origins`.
    COR004 = "malformed-origin" {
        severity: Severities::all(Error),
        source: "RFC 6454 §6.2; Fetch standard, Origin header",
        keys: &["cors.origins", "cors.app_origins"],
        fix: Safe,
        check: Check::Loader,
    }

    /// No origin is let in that comes by plain HTTP or from the visitor's own machine.
    ///
    /// Whoever sits between a visitor and an `http://` page writes that page, and so speaks in the name of its origin:
    /// the encryption of this service ends at theirs. A loopback origin is whatever program happens to listen on the
    /// visitor's machine, down to a tutorial's server that serves any file. Both are left over from development.
    ///
    /// Of an app without a pack, a variable that likely says so is a warning: `CORS_ORIGINS=http://localhost:3000` in its `.env`
    /// file.
    ///
    /// Write: the `https://` origin; and `"http://localhost:3000"` under `[modes.dev]`, as `cors = { origins =
    /// ["http://localhost:3000"] }`.
    COR005 = "insecure-origin" {
        severity: Severities::prod(Error).and_staging(Warning),
        source: "OWASP ASVS 5.0 12.2.1",
        keys: &["cors.origins.*", "app.kind"],
        fix: Unsafe,
        check: Check::Mixed(|facts, out| {
            runtimes::tell(Kind::InsecureOrigin, facts, out);
            for (place, origin) in listed(facts.policy) {
                // Systems take 0.0.0.0 for the machine itself.
                let is_unspecified = matches!(origin.host(), Host::Address(address) if address.is_unspecified());
                if origin.host().is_loopback() || is_unspecified {
                    out.at(place.clone(), format!("{origin} is let in, which is on each visitor's own machine"))
                        .label("any program that listens there")
                        .help(if origin.host().name().is_some_and(|name| name.as_str() == "localhost") && origin.is_https() && origin.port() == 443 {
                            "take it out here, and list it under `[modes.dev]`, or in `cors.app_origins` if it is an app for Android"
                        } else {
                            "take it out here, and list it under `[modes.dev]`"
                        })
                        .remove(place);
                } else if !origin.is_https() {
                    let https = origin.to_string().replacen("http://", "https://", 1);
                    let draft = out.at(place.clone(), format!("{origin} is let in, which comes by plain HTTP"));
                    draft.label("whoever is on the way speaks in its name");
                    // A port for plain HTTP says nothing of the one for https.
                    let has_counterpart = origin.port() == 80;
                    if has_counterpart && listed(facts.policy).any(|(_, other)| other.to_string() == https) {
                        draft.help(format!("take it out: \"{https}\" is listed as well")).remove(place);
                        continue;
                    }
                    draft.help(format!("write \"{https}\", once it answers by https"));
                    if has_counterpart {
                        draft.set(place, https);
                    }
                }
            }
        }),
    }

    /// Origins are listed, not matched.
    ///
    /// `https://*.example.com` lets in every name that anyone can get below `example.com`, with a forgotten host that
    /// was taken over among them; a regular expression lets in what its author did not think of, such as
    /// `https://shopXexample.com` for a full stop without its backslash, or `https://shop.example.com.evil.test`
    /// without an end. nginx, Caddy and apps also read patterns differently.
    ///
    /// Previews of a front end have names that nobody can list before they are there. `cors.preview_suffix` is the one
    /// exception for them: exactly one label below a name that is nobody else's, by https, and never in production. Below a
    /// name where anyone may publish, such as `vercel.app`, every stranger's page would be let in.
    ///
    /// Write: each origin by itself. Where there are too many to list, one that hands requests on is the better design.
    /// `cors.preview_suffix` under `[modes.staging]`, with a name of your own.
    COR006 = "origin-pattern" {
        severity: Severities::all(Error),
        source: "gixy, origins; RFC 6454; the Public Suffix List",
        keys: &["cors.origins", "cors.preview_suffix"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            const KEY: &str = "cors.preview_suffix";
            let Some(suffix) = &facts.policy.cors.preview_suffix else { return };
            if is_handed_out(suffix.as_str()) {
                out.at(KEY, format!("anyone can have a name below {suffix}, and would be let in"))
                    .label("a public suffix")
                    .help("write a name of your own, such as \"preview.example.dev\", and serve the previews below it")
                    .remove(KEY);
            } else if facts.policy.mode == crate::profile::Mode::Prod {
                out.at(KEY, format!("every name below {suffix} is let in in production"))
                    .label("whoever gets a preview published reads what people see who are signed in")
                    .help("write it under `[modes.staging]`; in production list the origins in `cors.origins`")
                    .remove(KEY);
            }
        }),
    }

    /// With credentials, methods and headers are named.
    ///
    /// Where cookies go along, browsers take `*` for a method or a header of that name, so each request that needs a
    /// preflight fails; and frameworks that mend this by answering with whatever is asked for let in every method and
    /// header that some route understands, such as one that overrides the method or names another host. `Authorization`
    /// is never covered by `*`, credentials or not.
    ///
    /// Write: `cors.methods` and `cors.headers` with what the front end sends, such as `["GET", "POST"]` and
    /// `["Authorization", "Content-Type"]`.
    COR007 = "any-method-or-header" {
        severity: Severities::prod(Warning),
        source: "Fetch standard, CORS protocol and credentials",
        keys: &["cors.methods", "cors.headers", "cors.expose_headers", "cors.credentials"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let cors = &facts.policy.cors;
            if !cors.credentials {
                return;
            }
            let method = cors.methods.iter().position(|method| method.as_str() == "*");
            let header = cors.headers.iter().position(|header| header.as_str() == "*");
            let exposed = cors.expose_headers.iter().position(|header| header.as_str() == "*");
            if let Some(index) = exposed {
                out.at(("cors.expose_headers", index), "credentials go along, and every header of an answer is shown")
                    .label("browsers take it for a header of that name, and show none")
                    .also("cors.credentials", "ends the meaning of `*`")
                    .help("name the headers that the front end reads, such as `cors.expose_headers = [\"X-Request-Id\"]`")
                    .remove(("cors.expose_headers", index));
            }
            // What browsers make of `*` here is what the edit leaves.
            if let Some(index) = method {
                let draft = out.at(("cors.methods", index), "credentials go along, and every method is let in");
                draft
                    .label("browsers take it for a method of that name")
                    .also("cors.credentials", "ends the meaning of `*`")
                    .help("name the methods that the front end uses, such as `cors.methods = [\"GET\", \"POST\"]`");
                if cors.methods.len() > 1 {
                    draft.remove(("cors.methods", index));
                } else {
                    // The methods that need no preflight.
                    draft.set("cors.methods", ["GET", "HEAD", "POST"].into_iter().collect::<Literal>());
                }
            }
            if let Some(index) = header {
                out.at(("cors.headers", index), "credentials go along, and every request header is let in")
                    .label("browsers take it for a header of that name")
                    .also("cors.credentials", "ends the meaning of `*`")
                    .help("name the headers that the front end sends, such as `cors.headers = [\"Content-Type\"]`")
                    .remove(("cors.headers", index));
            }
        }),
    }

    /// The answer to a preflight is kept no longer than browsers keep it.
    ///
    /// Chromium forgets it after 2 hours whatever the header says, Firefox after 24, and Safari sooner. A longer
    /// `max_age` saves no request there, and where it counts it works against its author: an origin or a method that was
    /// taken out stays let in, in every browser that asked before, until the time is over.
    ///
    /// Write: `cors.max_age = "2h"` or less; without the key it is 10 minutes.
    COR008 = "long-preflight-cache" {
        severity: Severities::all(Note),
        source: "Chromium's cap of 7,200 seconds; MDN, Access-Control-Max-Age",
        keys: &["cors.max_age"],
        reads: &[&["cors.origins"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let cors = &facts.policy.cors;
            // Where nobody is let in, no preflight is answered.
            if cors.max_age > LONGEST_PREFLIGHT && !cors.origins.is_empty() {
                let message = format!("browsers are told to keep a preflight's answer for {}", cors.max_age.in_words());
                out.at("cors.max_age", message)
                    .label("Chromium stops at 2 hours")
                    .help("set `cors.max_age = \"2h\"` or less")
                    .set("cors.max_age", "2h");
            }
        }),
    }

    /// Exactly one layer answers CORS.
    ///
    /// Two layers that both answer make two `Access-Control-Allow-Origin` headers, and browsers take that for none: the
    /// front end stops working, in a way that looks right in each layer by itself. Where no layer answers it stops,
    /// too. The plan gives CORS to one layer and keeps the other silent; this rule speaks where the profile, or what
    /// the edge and the app are able to do, leaves it to a layer that does not answer as asked.
    ///
    /// Write: `cors.enforced_by = "proxy"`, or leave the key out. On Kubernetes, an HTTPRoute can answer from Gateway
    /// API 1.5 on: `targets.kubernetes.gateway.api_version`.
    COR009 = "cors-without-one-owner" {
        severity: Severities::live(Error),
        source: "Fetch standard, CORS check: two Access-Control-Allow-Origin headers are none",
        keys: &["cors.enforced_by"],
        reads: &[&["cors.origins", "cors.methods", "cors.headers", "cors.expose_headers", "cors.credentials", "cors.max_age", "cors.app_origins", "cors.preview_suffix"], EDGES],
        fix: Safe,
        check: Check::Plan(|plan, out| {
            // K8S006 speaks where a cluster's gateway is not named.
            let entry = plan.entry(Control::Cors).filter(|entry| entry.unnamed().is_none());
            let Some((entry, reasons)) = entry.and_then(|entry| Some((entry, entry.gap()?))) else { return };
            let message = "no layer answers CORS as the profile asks";
            if plan.policy.cors.enforced_by == EnforcedBy::Auto {
                out.at("cors.origins", message)
                    .label(reasons)
                    .help("give the edge what it lacks, or compile for one that can under `[targets]`");
            } else {
                let draft = out.at("cors.enforced_by", message);
                draft.label(reasons).also("cors.origins", "asked for here");
                draft.help("leave `cors.enforced_by` out, so that the layer answers that can");
                let app_can = plan.app.ability(AppControl::Cors).can_be_told();
                if app_can || entry.at_edge.is_ok() {
                    draft.remove("cors.enforced_by");
                }
            }
        }),
    }

    /// A front end on another origin is let in.
    ///
    /// The page comes from `app.frontend_url` and asks `app.url`. Where their scheme, host or port differ, the browser
    /// shows the page no answer unless its origin is listed. That shows up at the first sign-in after going live, and
    /// what is then written in a hurry is `*`.
    ///
    /// A front end on plain HTTP or on the visitor's own machine has no place among the origins of staging and prod
    /// (COR005): there it is `app.frontend_url` that is wrong.
    ///
    /// Write: the front end's origin in `cors.origins`, without path or slash; or one URL for both.
    COR010 = "front-end-not-let-in" {
        severity: Severities::all(Error),
        source: "derived: app.frontend_url and app.url on two origins (RFC 6454)",
        keys: &["cors.origins", "app.frontend_url"],
        reads: &[&["app.url"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let Some(front) = policy.app.frontend_url.as_ref().map(Url::origin) else { return };
            let service = policy.url();
            let let_in = any_origin(policy).is_some() || listed(policy).any(|(_, origin)| origin == front);
            if front == service.origin() || let_in {
                return;
            }
            let message = format!("the front end {front} may not read the answers of {}", service.origin());
            if policy.mode.is_live() && (front.host().is_loopback() || !front.is_https()) {
                out.at("app.frontend_url", message)
                    .label("no place to let in")
                    .also("app.url", "the origin that it asks")
                    .help(
                        "write the https:// address that visitors open in `app.frontend_url`, and list its origin in \
                         `cors.origins` if it is another than `app.url`'s",
                    );
            } else {
                let nobody = policy.cors.origins.is_empty();
                out.at("cors.origins", message)
                    .label(if nobody { "no other origin is let in" } else { "not among these" })
                    .also("app.frontend_url", "the page's origin")
                    .also("app.url", "the origin that it asks")
                    .help(format!("add \"{front}\" to `cors.origins`"))
                    .add("cors.origins", front.to_string());
            }
        }),
    }

    /// No method is let in that browsers never send, and no origin that changes its owner.
    ///
    /// `CONNECT`, `TRACE` and `TRACK` are forbidden to scripts in every browser, so that to let them in helps nobody; where
    /// a server answers `TRACE`, it sends back what it was sent, cookies and all. They are in a list because somebody
    /// listed everything.
    ///
    /// A public suffix such as `https://github.io` is nobody's own page. And the names below a tunnel's domain, such as
    /// `https://a1b2.ngrok-free.app`, are handed out again: the one that belonged to a developer yesterday is a stranger's
    /// tomorrow, and reads this service's answers from there.
    ///
    /// Write: `cors.methods` with what the front end uses; and the front end's own origin, or a tunnel's name that was
    /// reserved, under a domain of your own.
    COR011 = "method-or-origin-for-nobody" {
        severity: Severities::all(Error),
        source: "Fetch standard, forbidden methods; OWASP ASVS 5.0 13.4.4; the Public Suffix List; the tunnels' own pages",
        keys: &["cors.methods.*", "cors.origins.*"],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let methods = &facts.policy.cors.methods;
            let is_forbidden = |method: &Method| FORBIDDEN.contains(&method.as_str());
            let is_empty_then = methods.iter().all(is_forbidden);
            for (index, method) in methods.iter().enumerate().filter(|(_, method)| is_forbidden(method)) {
                let place = KeyPath::from(("cors.methods", index));
                let draft = out.at(place.clone(), format!("{method} is let in, which no browser lets a script send"));
                draft.label("of no use, and a risk where something answers it").help("take it out of `cors.methods`");
                if is_empty_then {
                    draft.set("cors.methods", ["GET", "HEAD", "POST"].into_iter().collect::<Literal>());
                } else {
                    draft.remove(place);
                }
            }
            for (place, origin) in listed(facts.policy) {
                let Some((message, label)) = anybodys(origin) else { continue };
                out.at(place.clone(), format!("{origin} is let in, {message}"))
                    .label(label)
                    .help("take it out, and list the front end's own origin")
                    .remove(place);
            }
        }),
    }

    /// The headers that the app's own front end sends are let in.
    ///
    /// A front end on another origin asks before it sends a header of its own, and the browser drops the request where the
    /// answer does not name it: InstaCRUD's sends `CF-Turnstile-Token` where bot protection is on, and without it nobody
    /// can sign up. It works in development, where both are one origin, and what is then written in a hurry is `*`.
    ///
    /// The app's pack says what its front end sends; of an app without one nothing is known.
    ///
    /// Write: the header's name in `cors.headers`.
    COR012 = "front-end-header-not-let-in" {
        severity: Severities::all(Error),
        source: "Fetch standard, CORS-preflight fetch; the pack of InstaCRUD: CF-Turnstile-Token",
        keys: &["cors.headers", "app.frontend_url"],
        reads: &[&["app.url", "cors.credentials", "cors.enforced_by", "cors.origins", "bot_protection"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let cors = &policy.cors;
            let front = policy.app.frontend_url.as_ref().map(Url::origin);
            // COR010 speaks of a front end that is not let in at all.
            let is_elsewhere = front.is_some_and(|front| {
                front != policy.url().origin() && (any_origin(policy).is_some() || listed(policy).any(|(_, one)| one == front))
            });
            let is_settled = cors.enforced_by == EnforcedBy::App && facts.app.settled("cors.headers").is_some();
            if !is_elsewhere || is_settled {
                return;
            }
            let sends = &facts.app.front_end;
            let token = sends.bot_token.iter().filter(|_| policy.bot_protection.is_some());
            // Without credentials `*` is every header but one.
            let all = !cors.credentials && cors.headers.iter().any(|header| header.as_str() == "*");
            let is_let_in = |name: &HeaderName| {
                cors.headers.iter().any(|header| header.as_str().eq_ignore_ascii_case(name.as_str()))
                    || (all && !name.as_str().eq_ignore_ascii_case("Authorization"))
            };
            let missing: Vec<&HeaderName> = sends.sends.iter().chain(token).filter(|name| !is_let_in(name)).collect();
            if missing.is_empty() {
                return;
            }
            let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("the front end of {} may not send {}", facts.app.title, and(&names));
            let draft = out.at("cors.headers", message);
            draft
                .label("browsers drop its requests")
                .also("app.frontend_url", "on another origin")
                .help(format!("add {} to `cors.headers`", and(&names)));
            for name in missing {
                draft.add("cors.headers", name.as_str());
            }
        }),
    }
}
