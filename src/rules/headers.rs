//! The security headers of answers.
//!
//! What an app sends by itself reaches browsers where the profile says nothing
//! about a header, so the rules that ask what browsers get look at both.

use super::rule::{Check, Severities, rules};
use crate::csp::{Csp, Reach};
use crate::finding::Severity::{Error, Warning};
use crate::plan::Plan;
use crate::profile::{FrameOptions, HeaderValue, ReferrerPolicy, Text};

const CSP: &str = "Content-Security-Policy";

/// A policy that is a good start for any app.
const STARTER: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The CSP that the profile asks for, else the one that the app sends anyway.
fn csp<'p>(plan: &Plan<'p>) -> Option<&'p HeaderValue> {
    plan.policy.headers.content_security_policy.as_ref().or_else(|| plan.app.sends(CSP, plan.policy.mode))
}

/// X-Frame-Options: as the profile has it, else as the app sends it anyway.
fn frame_options(plan: &Plan<'_>) -> Option<FrameOptions> {
    let sent = || {
        FrameOptions::parse(&plan.app.sends("X-Frame-Options", plan.policy.mode)?.as_str().to_ascii_uppercase()).ok()
    };
    plan.policy.headers.frame_options.or_else(sent)
}

/// Referrer-Policy: as the profile has it, else as the app sends it anyway. Of
/// several in one header, browsers take the last that they know.
fn referrer_policy(plan: &Plan<'_>) -> Option<ReferrerPolicy> {
    let sent = || {
        let sent = plan.app.sends("Referrer-Policy", plan.policy.mode)?.as_str().to_ascii_lowercase();
        sent.rsplit(',').find_map(|value| ReferrerPolicy::parse(value.trim()).ok())
    };
    plan.policy.headers.referrer_policy.or_else(sent)
}

/// The X-Frame-Options that says the same as a `frame-ancestors`, where one does.
const fn counterpart(framing: Reach) -> Option<FrameOptions> {
    match framing {
        Reach::Nothing => Some(FrameOptions::Deny),
        Reach::SameOrigin => Some(FrameOptions::SameOrigin),
        Reach::Listed | Reach::Everything => None,
    }
}

rules! {
    /// A Content Security Policy is sent, and enforced.
    ///
    /// It is the second line against injected scripts: where one slipped through an app's escaping, the policy keeps
    /// browsers from running it, and from sending what it finds elsewhere. With `csp_report_only` browsers report what
    /// they would have blocked and run it all the same; that is a way to try a policy out, and no protection.
    ///
    /// An app that sends an enforced policy by itself, as InstaCRUD does, meets this rule without the key. With it the
    /// app's own is dropped, so that a policy that only reports takes the place of one that protects.
    ///
    /// Write: `headers.content_security_policy`, to begin with
    /// `"default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"`, and no `csp_report_only`.
    HDR001 = "no-enforced-csp" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 3.4.3; MDN HTTP Observatory, csp-not-implemented",
        keys: &["headers.content_security_policy", "headers.csp_report_only"],
        fix: Unsafe,
        check: Check::Policy(|plan, out| {
            let headers = &plan.policy.headers;
            // The app's own counts only where the profile writes none: the
            // proxy drops it otherwise, also for one that only reports.
            let own = plan.app.sends(CSP, plan.policy.mode).is_some();
            if headers.content_security_policy.is_none() {
                if own {
                    return;
                }
                out.at("headers.content_security_policy", "no Content-Security-Policy is sent")
                    .label("browsers run whatever script gets into a page")
                    .help(format!("begin with `headers.content_security_policy = \"{STARTER}\"`"));
            } else if headers.csp_report_only {
                const HELP: &str = "set `headers.csp_report_only = false` once the reports are clean";
                let draft =
                    out.at("headers.csp_report_only", "the Content-Security-Policy only reports, and blocks nothing");
                draft.label("browsers run what the policy forbids");
                if own {
                    let app = &plan.app.title;
                    draft
                        .also("headers.content_security_policy", format!("takes the place of the one that {app} sends"))
                        .help(format!("{HELP}, or leave the policy out, so that what {app} sends is enforced"));
                } else {
                    draft.also("headers.content_security_policy", "not enforced").help(HELP);
                }
            }
        }),
    }

    /// The CSP says who may frame the app, and X-Frame-Options says the same.
    ///
    /// A page that can be framed is laid invisibly under a game or a prize, and the visitor clicks what is below.
    /// `frame-ancestors` forbids that; no other directive stands in for it, not even `default-src`. Browsers that know
    /// it ignore X-Frame-Options, older ones and scanners read that alone, so where the two differ the app is framed or
    /// broken depending on who looks: `DENY` is `'none'`, `SAMEORIGIN` is `'self'`, and a list of origins has no
    /// counterpart. `https:`, `*:*` and `https://*` are no list either, they let everyone in. A comma ends a policy and
    /// begins another; of several that name `frame-ancestors` the strictest counts here. Where the CSP is missing
    /// altogether, HDR001 speaks.
    ///
    /// Write: `frame-ancestors 'none'` in `headers.content_security_policy` and `headers.frame_options = "DENY"`; or
    /// `frame-ancestors 'self'` and `"SAMEORIGIN"`; or the origins that may frame it, and no `frame_options`.
    HDR004 = "framing" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 3.4.6; Django security.W019",
        keys: &["headers.content_security_policy", "headers.frame_options"],
        fix: Safe,
        check: Check::Policy(|plan, out| {
            const KEY: &str = "headers.content_security_policy";
            let Some(text) = csp(plan) else { return };
            let own = plan.policy.headers.content_security_policy.is_none();
            // All policies have to be met, so the strictest decides.
            let Some(ancestors) = Csp::parse(text.as_str()).strictest("frame-ancestors") else {
                let draft = out.at(KEY, "the Content-Security-Policy does not say who may frame the app");
                if own {
                    draft.label(format!("{} sends `{text}`", plan.app.title));
                    draft.help(format!("write a policy of your own in its place, such as \"{STARTER}\""));
                } else {
                    draft.label("no `frame-ancestors`, and `default-src` does not stand in for it");
                    draft.help("add `frame-ancestors 'none'`, or `frame-ancestors 'self'` if the app frames itself");
                }
                return;
            };
            let framing = ancestors.reach();
            if framing == Reach::Everything {
                out.at(KEY, "the Content-Security-Policy lets everyone frame the app")
                    .label(format!("`{ancestors}`"))
                    .help("write `frame-ancestors 'none'`, or list the origins that have to frame it");
                return;
            }
            let (Some(sent), wanted) = (frame_options(plan), counterpart(framing)) else { return };
            let written = plan.policy.headers.frame_options.is_some();
            // What an app sends by itself can be replaced by something that
            // says the same as the CSP, not by nothing.
            if wanted == Some(sent) || (wanted.is_none() && !written) {
                return;
            }
            let help = match wanted {
                Some(wanted) => format!("set `headers.frame_options = \"{wanted}\"`, or change `frame-ancestors`"),
                None => "leave `headers.frame_options` out: it cannot name origins".to_owned(),
            };
            let label = if written {
                "older browsers read this alone".to_owned()
            } else {
                format!("{} sends {sent}", plan.app.title)
            };
            out.at("headers.frame_options", format!("X-Frame-Options is {sent}, and the CSP says `{ancestors}`"))
                .label(label)
                .also(KEY, "newer browsers read this alone")
                .help(help);
        }),
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
        keys: &["headers.content_type_options"],
        fix: Safe,
        check: Check::Policy(|plan, out| {
            if !plan.policy.headers.content_type_options {
                out.at("headers.content_type_options", "`X-Content-Type-Options: nosniff` is switched off")
                    .label("browsers may run an upload as a page or a script")
                    .help("set `headers.content_type_options = true`, or leave the key out");
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
    /// Write: `headers.referrer_policy = "strict-origin-when-cross-origin"`, or `"same-origin"`, `"strict-origin"` or
    /// `"no-referrer"`, which say less.
    HDR006 = "unsafe-referrer-policy" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 3.4.5; MDN HTTP Observatory, referrer-policy-unsafe; Django security.W022",
        keys: &["headers.referrer_policy"],
        fix: Safe,
        check: Check::Policy(|plan, out| {
            let sent = |value: ReferrerPolicy| match plan.policy.headers.referrer_policy {
                Some(_) => format!("the Referrer-Policy is {value}"),
                None => format!("the Referrer-Policy that {} sends is {value}", plan.app.title),
            };
            let (message, label) = match referrer_policy(plan) {
                None => ("no Referrer-Policy is sent".to_owned(), "what other sites learn is up to each browser"),
                Some(value @ (ReferrerPolicy::UnsafeUrl | ReferrerPolicy::NoReferrerWhenDowngrade)) => {
                    (sent(value), "other sites learn whole addresses, queries included")
                }
                Some(value @ (ReferrerPolicy::Origin | ReferrerPolicy::OriginWhenCrossOrigin)) => {
                    (sent(value), "the origin goes out over plain HTTP, too")
                }
                Some(
                    ReferrerPolicy::NoReferrer
                    | ReferrerPolicy::SameOrigin
                    | ReferrerPolicy::StrictOrigin
                    | ReferrerPolicy::StrictOriginWhenCrossOrigin,
                ) => return,
            };
            out.at("headers.referrer_policy", message)
                .label(label)
                .help("set `headers.referrer_policy = \"strict-origin-when-cross-origin\"`");
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
}
