//! Telling people from programs.

use super::rule::{Check, Severities, rules};
use super::sent::SentCsp;
use super::words::and;
use crate::apps::Ability;
use crate::csp::{Csp, Expression, Keyword};
use crate::finding::Severity::{Error, Warning};
use crate::plan::Facts;
use crate::policy::Policy;
use crate::profile::{OwnHeader, Service, Setting};

/// Where Turnstile's script and frames come from.
const TURNSTILE: &str = "https://challenges.cloudflare.com";

/// Whether a key is one of those that Turnstile has for tests, which begin with `1x`, `2x` or `3x` and are zeros but
/// for the last two characters: 20 of them in a site key, 31 in a secret one.
fn is_for_tests(key: &str) -> bool {
    match key.trim().as_bytes() {
        [b'1'..=b'3', b'x', zeros @ .., _, _] => zeros.len() >= 20 && zeros.iter().all(|byte| *byte == b'0'),
        _ => false,
    }
}

/// Whether the widget stands in pages that this profile's headers go with.
fn serves_pages(policy: &Policy<'_>) -> bool {
    policy.app.frontend_url.as_ref().is_none_or(|front_end| front_end.origin() == policy.url().origin())
}

/// Whether scripts are let in by nonce, or by those that were: then the widget's can be, and its host does not count.
fn by_nonce(csp: &Csp<'_>) -> bool {
    csp.strictest("script-src-elem").is_some_and(|directive| {
        directive.sources().any(|source| match source {
            Expression::Nonce(_) | Expression::Keyword(Keyword::StrictDynamic) => true,
            Expression::Keyword(_) | Expression::Hash { .. } | Expression::Scheme(_) | Expression::Host(_) => false,
        })
    })
}

/// What of the widget a policy keeps out, by directive.
fn kept_out(csp: &Csp<'_>) -> impl Iterator<Item = &'static str> {
    let script = csp.allows("script-src", "https://challenges.cloudflare.com/turnstile/v0/api.js") || by_nonce(csp);
    let frame = csp.allows("frame-src", TURNSTILE);
    [(script, "script-src"), (frame, "frame-src")].into_iter().filter(|(allowed, _)| !allowed).map(|(_, name)| name)
}

/// Whether it is known of the app's code that it has no bot protection: it reads no such key, and does nothing that its pack
/// leaves open.
fn is_asked_in_vain(facts: &Facts<'_>) -> bool {
    let keys = ["bot_protection.site_key", "bot_protection.secret_key"];
    facts.app.other_controls == Ability::Nothing && !keys.iter().any(|key| facts.app.variables.may_hold(key))
}

rules! {
    /// Bot protection has a site key and a secret key.
    ///
    /// The site key makes the widget appear, the secret key asks Cloudflare whether its answer is genuine. Without the
    /// first nobody can sign up, without the second every answer is refused, or, in an app that then leaves the
    /// question out, every program gets in.
    ///
    /// Write: `site_key` and `secret_key` in `[bot_protection]`, both of them as `"env:…"`; or no such table.
    BOT001 = "half-a-bot-protection" {
        severity: Severities::all(Error),
        source: "InstaCRUD's production page; Cloudflare Turnstile, server-side validation",
        keys: &["bot_protection.site_key", "bot_protection.secret_key"],
        fix: None,
        check: Check::Policy(|facts, out| {
            const SITE: &str = "bot_protection.site_key";
            const SECRET: &str = "bot_protection.secret_key";
            let Some(bots) = &facts.policy.bot_protection else { return };
            let (message, key, there) = match (&bots.site_key, &bots.secret_key) {
                (Some(site), Some(secret)) => {
                    if matches!(site, Setting::Reference(site) if site == secret) {
                        out.at(SITE, "the site key and the secret key of bot protection are one")
                            .label("stands in every page")
                            .also(SECRET, "the same variable")
                            .help("write the variable of each: a secret key that is shown to everyone protects nothing");
                    }
                    return;
                }
                (Some(_), None) => ("bot protection has a site key and no secret key", SECRET, Some(SITE)),
                (None, Some(_)) => ("bot protection has a secret key and no site key", SITE, Some(SECRET)),
                (None, None) => ("bot protection has no keys", SITE, None),
            };
            let draft = out.at(key, message);
            draft.label("protects nothing, or lets nobody in").help(
                "write `site_key` and `secret_key` in `[bot_protection]`, such as \"env:TURNSTILE_SITE_KEY\", \
                 or remove it",
            );
            if let Some(there) = there {
                draft.also(there, "one of the two");
            }
        }),
    }

    /// The keys of bot protection are not those for tests.
    ///
    /// Turnstile has keys for tests that everyone knows: with the secret ones that begin with `1x` every answer is
    /// genuine, whoever gives it, so that a widget is to be seen and protects nothing; with `2x` and `3x` nobody gets
    /// in. A site key can be written in the profile and is seen there; where references lead is seen with `--env-file`.
    ///
    /// Write: the keys of a widget that was made for the site, in Cloudflare's dashboard; those for tests have their
    /// place under `[modes.test]`, or in the `.env` of that mode.
    BOT002 = "bot-test-keys" {
        severity: Severities::prod(Error),
        source: "Cloudflare Turnstile, testing: the dummy site keys and secret keys",
        keys: &["bot_protection.site_key", "bot_protection.secret_key"],
        fix: None,
        check: Check::Mixed(|facts, out| {
            const LABEL: &str = "for tests: everyone knows how it answers";
            const HELP: &str = "take the key of the site's own widget from Cloudflare's dashboard";
            let policy = facts.policy;
            let Some(bots) = &policy.bot_protection else { return };
            let site = match &bots.site_key {
                Some(Setting::Literal(key)) if is_for_tests(key) => {
                    out.at("bot_protection.site_key", "the site key of Turnstile is one for tests")
                        .label(LABEL)
                        .help(HELP);
                    None
                }
                Some(Setting::Reference(reference)) => Some(reference),
                Some(Setting::Literal(_)) | None => None,
            };
            let keys = [
                (site, "bot_protection.site_key", "site key"),
                (bots.secret_key.as_ref(), "bot_protection.secret_key", "secret key"),
            ];
            for (reference, key, what) in keys {
                let variable = reference.and_then(|reference| policy.value(reference));
                if let Some(variable) = variable.filter(|variable| is_for_tests(variable.value.expose())) {
                    out.at_variable(variable, key, format!("the {what} of Turnstile is one for tests"))
                        .label(LABEL)
                        .help(HELP);
                }
            }
        }),
    }

    /// The CSP lets the widget of bot protection in.
    ///
    /// Turnstile is a script and a frame from `challenges.cloudflare.com`. A policy that does not list them leaves an
    /// empty place in the form, and a form without an answer is refused: nobody can sign up any more, and the reason
    /// stands in the visitors' consoles alone.
    ///
    /// The rule looks at a policy that the profile writes and enforces, for pages on the app's own origin. A front end
    /// on another one sends its own, and an app with a policy of its own was made with its own widget in mind. Where
    /// `script-src` has a nonce or `'strict-dynamic'`, the script is let in by that.
    ///
    /// Write: `https://challenges.cloudflare.com` in `script-src` and in `frame-src` of
    /// `headers.content_security_policy`.
    BOT003 = "csp-blocks-the-widget" {
        severity: Severities::all(Error),
        source: "Cloudflare Turnstile, Content Security Policy",
        keys: &[
            "bot_protection",
            "headers.content_security_policy",
            "services.+.headers.content_security_policy",
            "headers.csp_report_only",
            "app.frontend_url",
        ],
        reads: &[&["app.url", "headers.from_app", "services.+.headers.from_app"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            // Where no code asks for a proof there is no widget to let in, and BOT004 says so.
            if policy.bot_protection.is_none() || !serves_pages(policy) || is_asked_in_vain(facts) {
                return;
            }
            // What a service's program sends by itself is not known here, and its pages may be those with the widget.
            let sends_own = |service: &Service| service.headers.from_app.contains(&OwnHeader::ContentSecurityPolicy);
            if policy.services.values().any(sends_own) {
                return;
            }
            let is_written = |sent: &SentCsp<'_>| sent.app.is_none();
            if !out.enforced_csp().is_some_and(is_written) {
                return;
            }
            // Of a list that browsers misread, HDR009 speaks. Of several policies on one site, the pages with the widget
            // have the one that lets the most of it in.
            let blocked = out.csps.iter().filter(|sent| is_written(sent)).map(|sent| {
                let blocked = kept_out(&sent.csp).filter(|name| !sent.is_misread(name));
                (sent, blocked.collect::<Vec<&str>>())
            });
            let least = blocked.min_by_key(|(_, blocked)| blocked.len());
            let Some((sent, blocked)) = least.filter(|(_, blocked)| !blocked.is_empty()) else { return };
            let names: Vec<String> = blocked.iter().map(|name| format!("`{name}`")).collect();
            let add = |text: String, name: &&str| Csp::parse(&text).with_source(name, &[TURNSTILE]);
            let mended = blocked.iter().fold(sent.text.to_owned(), add);
            out.at(sent.key(), "the Content-Security-Policy keeps the widget of bot protection out")
                .label(format!("{TURNSTILE} is missing from {}", and(&names)))
                .also("bot_protection", "nobody gets past a widget that is not there")
                .help(format!("add `{TURNSTILE}` to {}", and(&names)))
                .titled(format!("let {TURNSTILE} into {}", and(&names)))
                .set(sent.key(), mended);
        }),
    }

    /// Where anyone may make an account, programs are told from people.
    ///
    /// An open sign-up is found by programs within days. They make accounts by the thousand, to send spam through the
    /// service, to use up what is given to new accounts, or to try out stolen cards and addresses. Limits by address do
    /// not stop those that have many; a widget that asks for a browser stops most.
    ///
    /// Keys of such a widget protect nothing where it is known of the app's code that it reads none, whoever may sign up.
    ///
    /// Write: `[bot_protection]` with the keys of a Turnstile widget, or `app.open_registration = false`.
    BOT004 = "open-to-bots" {
        severity: Severities::prod(Warning),
        source: "OWASP ASVS 5.0 6.1.1; OWASP Automated Threats, OAT-019 Account Creation",
        keys: &["app.open_registration", "bot_protection"],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let (app, is_open) = (&facts.app.title, policy.app.open_registration);
            if policy.bot_protection.is_some() && is_asked_in_vain(facts) {
                let message = format!("{app} asks for no proof, whatever keys of bot protection there are");
                let draft = out.at("bot_protection", message);
                draft.label("the app does not read these keys");
                if is_open {
                    draft.also("app.open_registration", "sign-up is open").help(format!(
                        "set `app.open_registration = false`, as {app} knows no bot protection; or accept it with a reason and a date under \
                         `[[waivers]]`"
                    ));
                } else {
                    draft.help("take `[bot_protection]` out");
                }
            } else if policy.bot_protection.is_none() && is_open {
                out.at("bot_protection", "anyone may make an account, programs too")
                    .label("nothing tells them from people")
                    .also("app.open_registration", "sign-up is open")
                    .help(
                        "write `[bot_protection]` with `site_key` and `secret_key`, \
                         or set `app.open_registration = false`",
                    );
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::is_for_tests;

    #[test]
    fn keys_for_tests_are_told_from_real_ones() {
        let zeros = |count: usize| "0".repeat(count);
        for (start, count, end) in
            [("1x", 20, "AA"), ("2x", 20, "AB"), ("3x", 20, "FF"), ("1x", 31, "AA"), ("3x", 31, "AA")]
        {
            assert!(is_for_tests(&format!("{start}{}{end}", zeros(count))), "{start}…{end}");
        }
        assert!(!is_for_tests(&format!("0x4AAAAAAA{}", zeros(20))));
        assert!(!is_for_tests("1x00AA") && !is_for_tests(""));
    }
}
