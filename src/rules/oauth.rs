//! Sign-in at providers, over OAuth 2.0.

use super::access::shut;
use super::rule::{Check, Severities, rules};
use super::words::and;
use crate::finding::Severity::{Error, Warning};
use crate::plan::{Answers, Facts, covers};
use crate::profile::{App, Host, Name, OauthClient, Setting, Url};
use crate::source::{KeyPath, nearest};

/// Whether a URL is on a host of the app, or on its front end's. Where the app has no URL, TLS001 speaks of that, and
/// every host may be meant.
fn is_ours(app: &App, url: &Url) -> bool {
    let host = url.origin().host();
    let is_it = |known: &Option<Url>| known.as_ref().is_some_and(|known| known.origin().host() == host);
    let is_alias = || matches!(host, Host::Name(name) if app.aliases.contains(name));
    app.url.is_none() || is_it(&app.url) || is_it(&app.frontend_url) || is_alias()
}

/// Why nobody answers at an address of the app: for the label, and the key that says so, with what it says.
fn unanswered(facts: &Facts<'_>, uri: &Url) -> Option<(String, KeyPath, String)> {
    let policy = facts.policy;
    let own = policy.app.url.as_ref()?.origin();
    let is_front_end = policy.app.frontend_url.as_ref().is_some_and(|url| url.origin() == uri.origin());
    if is_front_end || !policy.hosts().contains(uri.origin().host()) {
        return None;
    }
    if own.port() != uri.origin().port() {
        let label = format!("the app answers at port {}", own.port());
        return Some((label, "app.url".into(), "the app is here".to_owned()));
    }
    let path = if uri.path().is_empty() { "/" } else { uri.path() };
    if let Some((key, closed)) = shut(facts).into_iter().find(|(_, closed)| covers(closed.as_str(), path)) {
        return Some(("answered with 404".to_owned(), key, format!("nobody gets to {closed}")));
    }
    let is_nobodys = facts.site.owner(path).is_none_or(|owner| matches!(owner.answers, Answers::Nothing));
    is_nobodys.then(|| ("answered with 404".to_owned(), "app.paths".into(), "the path is nobody's".to_owned()))
}

rules! {
    /// A provider's client has an id, and what it proves with that it is this client.
    ///
    /// The id says which app asks, the secret proves it. With one of them alone the sign-in fails at its last step,
    /// when the app asks the provider for the token: after the visitor has signed in there, with an error that names
    /// neither. Some apps leave the provider out then, without a word.
    ///
    /// A client that proves itself by a key of its own, `client = "private-key-jwt"` or `"mtls"`, has no secret, which is the
    /// better way: there is nothing to steal at the provider. A public client, such as an installed app, has none because it
    /// could keep none: everyone who has the app has what is in it. A secret there is a secret that is published.
    ///
    /// Write: `client_id = "env:…"` and `client_secret = "env:…"` in the provider's table; without a secret, `client` with
    /// the way in which it proves itself; or no such table.
    OAU001 = "half-an-oauth-client" {
        severity: Severities::all(Error),
        source: "InstaCRUD's production page; RFC 6749 §2.3.1; RFC 9700 §2.5; RFC 8252 §8.5 (secrets in installed apps)",
        keys: &["oauth.*.client_id", "oauth.*.client_secret", "oauth.*.client"],
        fix: None,
        check: Check::Policy(|facts, out| {
            for (provider, client) in &facts.policy.oauth {
                let provider = provider.as_str();
                let at = |key| KeyPath::from(("oauth", provider, key));
                let needs_secret = client.client == OauthClient::Confidential;
                let (message, key, there) = match (&client.client_id, &client.client_secret) {
                    (Some(_), Some(_)) if client.client == OauthClient::Public => {
                        out.at(at("client_secret"), format!("the client at {provider} is public, and has a secret"))
                            .label("everyone who has the app has this, too")
                            .also(at("client"), "keeps no secret")
                            .help("take `client_secret` out; or `client`, if the app runs on a server of yours alone");
                        continue;
                    }
                    (Some(Setting::Reference(id)), Some(secret)) if id == secret => {
                        out.at(at("client_id"), format!("the id and the secret of the client at {provider} are one"))
                            .label("stands in the address of every sign-in")
                            .also(at("client_secret"), "the same variable")
                            .help("write the variable of each: everyone who signs in is shown the id");
                        continue;
                    }
                    (Some(_), Some(_)) => continue,
                    (Some(_), None) if !needs_secret => continue,
                    (Some(_), None) => ("an id and no secret", "client_secret", Some("client_id")),
                    (None, Some(_)) => ("a secret and no id", "client_id", Some("client_secret")),
                    (None, None) if needs_secret => ("neither an id nor a secret", "client_id", None),
                    (None, None) => ("no id", "client_id", Some("client")),
                };
                let draft = out.at(at(key), format!("the client at {provider} has {message}"));
                draft.label("the provider would refuse the sign-in at its last step");
                if let Some(there) = there {
                    draft.also(at(there), if there == "client" { "needs no secret, but an id" } else { "one of the two" });
                }
                let what = if needs_secret { "`client_id` and `client_secret`" } else { "`client_id`" };
                let keyed = if client.client_id.is_some() {
                    "; or `client = \"public\"`, `\"private-key-jwt\"` or `\"mtls\"`, if it has no secret"
                } else {
                    ""
                };
                draft.help(format!("write {what} in `[oauth.{provider}]`, or remove it{keyed}"));
            }
        }),
    }

    /// Providers send people back over https, to a host of the app.
    ///
    /// The address carries the code that becomes a session. Over plain HTTP whoever is on the way reads it; on a host
    /// that is not the app's, a test server or a domain that has since been sold, whoever runs that gets it, and with
    /// it the account. A provider compares the address letter by letter with those that are registered, so it is
    /// written in full: patterns, fragments and queries are refused wherever a URL stands.
    ///
    /// Hosts of the app are those of `app.url`, `app.aliases` and `app.frontend_url`. There, somebody has to answer: the sign-in ends in
    /// nothing where the path is hidden, closed to everyone or nobody's, or the port is another one than `app.url` has. Where the key is absent the app
    /// makes the address from its own URL, and there is nothing to say.
    ///
    /// Write: `redirect_uri = "https://…"`, on a host of the app, as it is registered with the provider.
    OAU002 = "oauth-redirect-elsewhere" {
        severity: Severities::prod(Error),
        source: "RFC 9700 §2.1: exact redirect URIs; §2.6: no plain HTTP",
        keys: &["oauth.*.redirect_uri", "app.url", "app.aliases", "app.frontend_url"],
        reads: &[&["access.+.paths", "access.+.networks", "access.+.client_ca", "api_docs.paths", "api_docs.exposed", "api_docs.public", "app.paths", "services.+.paths", "services.+.upstream", "services.+.root"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            for (provider, client) in &policy.oauth {
                let Some(uri) = &client.redirect_uri else { continue };
                let ours = is_ours(&policy.app, uri);
                let label = match (uri.origin().is_https(), ours) {
                    (true, true) => {
                        let Some((why, key, says)) = unanswered(facts, uri) else { continue };
                        out.at(
                            ("oauth", provider.as_str(), "redirect_uri"),
                            format!("{provider} sends people who signed in back to {uri}, where nobody answers"),
                        )
                        .label(why)
                        .also(key, says)
                        .help(format!("write the address that is registered with {provider}, at which the app answers everyone"));
                        continue;
                    }
                    (true, false) => "not a host of the app",
                    (false, true) => "the code goes out in plain text",
                    (false, false) => "not a host of the app, and plain HTTP",
                };
                let provider = provider.as_str();
                let draft = out.at(
                    ("oauth", provider, "redirect_uri"),
                    format!("{provider} sends people who signed in back to {uri}"),
                );
                draft.label(label).help(format!(
                    "write the address that is registered with {provider}: https, and on {}",
                    policy.url().origin().host()
                ));
                if !ours {
                    draft.also("app.url", "the app is here");
                }
            }
        }),
    }

    /// Sign-in at a provider uses PKCE.
    ///
    /// PKCE binds a code to the browser that asked for it. Without it a code that leaks (in a log, a Referer header, an
    /// open redirect) can be redeemed, and an attacker can slip a code of their own into somebody else's sign-in, so
    /// that what the victim then types is stored in the attacker's account. It costs one hash, and providers that do
    /// not know it ignore it.
    ///
    /// For a public client it is all that there is: without a secret, whoever intercepts a code has the sign-in. There it is
    /// an error; where the client proves itself, by a secret or a key, a warning.
    ///
    /// Write: `pkce = true` in the provider's table, or leave the key out.
    OAU003 = "no-pkce" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 10.2.1 and 10.4.6; RFC 9700 §2.1.1",
        keys: &["oauth.*.pkce", "oauth.*.client"],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            for (provider, client) in facts.policy.oauth.iter().filter(|(_, client)| !client.pkce) {
                let key = KeyPath::from(("oauth", provider.as_str(), "pkce"));
                let draft = out.at(key.clone(), format!("the sign-in at {provider} does without PKCE"));
                match client.client {
                    OauthClient::Public => {
                        draft
                            .label("whoever intercepts a code has the sign-in")
                            .also(("oauth", provider.as_str(), "client"), "proves itself by nothing else");
                    }
                    OauthClient::Confidential | OauthClient::PrivateKeyJwt | OauthClient::Mtls => {
                        draft.at_most(Warning).label("a code that leaks can be slipped into another sign-in");
                    }
                }
                draft
                    .help(format!("set `{key} = true`, or leave the key out"))
                    .set(key, true);
            }
        }),
    }

    /// The app knows the provider.
    ///
    /// An app reads the variables of the providers that it was written for. A table for another one, or for a name that
    /// is misspelt, configures nothing: the button is not there, and the secret that somebody registered and stored
    /// lies about unused. seccfg knows this of the apps that it has a pack for; a pack without `oauth_providers` takes
    /// any.
    ///
    /// Write: one of the providers that the finding names, as the table's key.
    OAU004 = "unknown-oauth-provider" {
        severity: Severities::all(Error),
        source: "the packs of InstaCRUD and FastCMS",
        keys: &["oauth.*", "app.kind"],
        fix: None,
        check: Check::Policy(|facts, out| {
            let Some(known) = &facts.app.oauth_providers else { return };
            for provider in facts.policy.oauth.keys().filter(|provider| !known.contains(provider)) {
                let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                let app = &facts.app.title;
                let help = match nearest(provider.as_str(), known.iter().map(Name::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`? {app} knows {}", and(&names)),
                    None if names.is_empty() => format!("remove it: {app} knows no provider"),
                    None => format!("{app} knows {}", and(&names)),
                };
                out.at(
                    KeyPath::from("oauth").key(provider.as_str()),
                    format!("{app} has no sign-in at {provider}"),
                )
                .label("configures nothing")
                .help(help);
            }
        }),
    }
}
