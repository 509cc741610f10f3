//! What a page may load, send and do: sources of scripts, where forms go, features of the browser, and who embeds its files.

use super::super::cookies::site::is_one_site;
use super::super::reads::SERVES;
use super::super::rule::{Check, Severities, rules};
use super::super::sent::KEY;
use super::super::words::and;
use super::OWN;
use super::permissions::{self, Flaw};
use super::senders::{Said, said};
use crate::csp::{Csp, Expression, Host, Keyword, Policy, Reach};
use crate::finding::Severity::{Error, Note, Warning};
use crate::profile::{Mode, OwnHeader, ResourcePolicy};
use crate::rules::networks::is_loopback_name;
use crate::source::KeyPath;

/// Hosts that serve what anyone publishes: packages of public registries, files of public repositories, buckets.
const ANYBODYS: [&str; 23] = [
    "cdn.jsdelivr.net",
    "fastly.jsdelivr.net",
    "unpkg.com",
    "cdnjs.cloudflare.com",
    "ajax.googleapis.com",
    "esm.sh",
    "esm.run",
    "cdn.skypack.dev",
    "ga.jspm.io",
    "raw.githubusercontent.com",
    "gist.githubusercontent.com",
    "jspm.dev",
    "cdn.statically.io",
    "raw.githack.com",
    "rawcdn.githack.com",
    "rawgit.com",
    "cdn.rawgit.com",
    "codepen.io",
    "cdpn.io",
    "jsfiddle.net",
    "s3.amazonaws.com",
    "storage.googleapis.com",
    "pastebin.com",
];

/// Folders of these that still hold what everyone publishes: all packages of a registry, all repositories.
const SHELVES: [&str; 7] = ["/npm/", "/gh/", "/wp/", "/combine/", "/ajax/", "/ajax/libs/", "/jsr/"];

/// Whether a source lets in the whole of a host that serves what anyone publishes. One with a folder names what is meant.
fn is_anybodys(host: Host<'_>) -> bool {
    let name = host.name.to_ascii_lowercase();
    let is_it = |known: &str| match name.strip_prefix("*.") {
        // Of all names below a public suffix, HDR003 speaks.
        Some(domain) => {
            let is_below = known.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
            is_below && psl::suffix_str(domain) != Some(domain)
        }
        None => known == name,
    };
    (matches!(host.path, "" | "/") || SHELVES.contains(&host.path)) && ANYBODYS.iter().any(|known| is_it(known))
}

/// Why a source of scripts is none to be trusted: for the label, and whether that is an error.
fn distrust(source: Expression<'_>) -> Option<(&'static str, bool)> {
    const PLAIN: (&str, bool) = ("by plain HTTP: whoever is on the way writes the script", true);
    let host = match source {
        Expression::Host(host) => host,
        Expression::Scheme(scheme) => return scheme.eq_ignore_ascii_case("http").then_some(PLAIN),
        Expression::Keyword(_) | Expression::Nonce(_) | Expression::Hash { .. } => return None,
    };
    // The page is https, so that a host without a scheme is https, too.
    if host.scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http")) {
        Some(PLAIN)
    } else if is_loopback_name(host.name) {
        Some(("each visitor's own machine: whatever program listens there", true))
    } else if is_anybodys(host) {
        Some(("serves what anyone publishes there", false))
    } else {
        None
    }
}

rules! {
    /// A Permissions-Policy is written as browsers read it, and gives nothing powerful to everyone.
    ///
    /// The header is a list in a syntax of its own, `camera=(), geolocation=(self)`. Feature-Policy, which came before it,
    /// was written `camera 'none'; geolocation 'self'`; a browser that finds that in the new header throws all of it away,
    /// without a word. An origin without its double quotes is skipped. And `camera=*` lets every frame of every site ask for
    /// the camera in this site's name.
    ///
    /// Write: `headers.permissions_policy = "camera=(), geolocation=(self), payment=(self \"https://pay.example.com\")"`.
    HDR012 = "misread-permissions-policy" {
        severity: Severities::all(Error),
        source: "Permissions Policy §5.1, a structured field (RFC 9651 §3.2); OWASP Secure Headers Project",
        keys: &["headers.permissions_policy", "services.*.headers.permissions_policy"],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let services = facts.policy.services.iter().map(|(name, service)| (Some(name), &service.headers));
            for (service, headers) in [(None, &facts.policy.headers)].into_iter().chain(services) {
            let Some(written) = &headers.permissions_policy else { continue };
            let mut key = KeyPath::from("headers.permissions_policy");
            if let Some(name) = service {
                key = key.below(KeyPath::from("services").key(name.as_str()));
            }
            let text = written.as_str();
            match permissions::flaw(text) {
                None => {}
                // Whom it is given to matters where there are strangers.
                Some(Flaw::ForEveryone(_)) if facts.policy.mode != Mode::Prod => {}
                Some(Flaw::Unreadable { at }) => {
                    let draft = out.at(key.clone(), "browsers cannot read the Permissions-Policy, and ignore all of it");
                    draft.label(if at.is_empty() { "it ends too early".to_owned() } else { format!("they stop at `{at}`") });
                    match permissions::translated(text) {
                        Some(meant) => {
                            draft
                                .help(format!("write `{meant}`: commas part the features, and parentheses hold who may use one"))
                                .titled("write it as browsers read it")
                                .set(key, meant);
                        }
                        None => {
                            draft.help("write `feature=(…)`, parted by commas, such as `camera=(), geolocation=(self)`");
                        }
                    }
                }
                Some(Flaw::Skipped { feature, word }) => {
                    out.at(key.clone(), format!("browsers skip `{word}` in the Permissions-Policy for `{feature}`"))
                        .at_most(Warning)
                        .label("neither `self` nor `*`, nor an origin in double quotes")
                        .help(format!("write `{feature}=(self \"https://…\")`, or `{feature}=()` for nobody"));
                }
                Some(Flaw::Valueless { feature }) => {
                    out.at(key.clone(), format!("the Permissions-Policy does not say who may use `{feature}`, and browsers skip it"))
                        .at_most(Warning)
                        .label(format!("`{feature}` is not restricted"))
                        .help(format!("write `{feature}=()` for nobody, or `{feature}=(self)`"));
                }
                Some(Flaw::Misspelt { feature, meant }) => {
                    out.at(key.clone(), format!("browsers know no feature `{feature}`, and skip it in the Permissions-Policy"))
                        .at_most(Warning)
                        .label(format!("`{meant}` is not restricted"))
                        .help(format!("did you mean `{meant}`?"));
                }
                Some(Flaw::ForEveryone(features)) => {
                    let names: Vec<String> = features.iter().map(|feature| format!("`{feature}`")).collect();
                    out.at(key.clone(), format!("the Permissions-Policy gives {} to every site that is framed", and(&names)))
                        .at_most(Warning)
                        .label("asked for in this site's name")
                        .help(format!("write `(self)` or `()` for {}", and(&names)))
                        .titled("keep them for this site")
                        .set(key, permissions::narrowed(text, &features));
                }
            }
            }
        }),
    }

    /// There is no nonce in a policy that is the same for everyone.
    ///
    /// A nonce is a number that an attacker cannot know, because each answer has another one. A profile's policy is one
    /// text: whoever reads it once, in any answer, writes the nonce beside the script that he injects. It is worse than none,
    /// because beside a nonce browsers ignore `'unsafe-inline'`, and everyone takes the site for protected. Only the app can
    /// make nonces, in the policy and in the page alike.
    ///
    /// Write: hashes for inline scripts that do not change (`'sha256-…'`, which browsers' consoles print), or files in their
    /// place.
    HDR013 = "fixed-nonce" {
        severity: Severities::all(Error),
        source: "CSP level 3 §7.1: a nonce is unique for each answer",
        keys: &[KEY],
        fix: None,
        check: Check::Policy(|facts, out| {
            let Some(written) = &facts.policy.headers.content_security_policy else { return };
            let csp = Csp::parse(written.as_str());
            let directives = csp.policies().iter().flat_map(Policy::directives);
            let has_nonce = |source: Expression<'_>| matches!(source, Expression::Nonce(_));
            let names: Vec<String> = directives
                .filter(|directive| directive.sources().any(has_nonce))
                .map(|directive| format!("`{}`", directive.name()))
                .collect();
            if !names.is_empty() {
                out.at(KEY, format!("the Content-Security-Policy has the same nonce for everyone, in {}", and(&names)))
                    .label("whoever reads one answer knows it")
                    .help("let inline scripts in by hash, or leave the policy to the app, which makes a nonce for each answer");
            }
        }),
    }

    /// Scripts come from hosts that can be trusted.
    ///
    /// A policy is as good as the worst host in it. A script that comes by `http://` is written by whoever is on the way. On
    /// `localhost` any program of the visitor's may listen. A public CDN such as `cdn.jsdelivr.net` serves every package that
    /// anyone published, so that an injected `<script src>` needs no more than an upload there; a list with it lets in everyone.
    /// With the folder of a package and its version, `https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.17.14/`, it names
    /// what is meant.
    ///
    /// `'strict-dynamic'` trusts what scripts with a nonce or a hash load, and makes browsers ignore the hosts: alone, it
    /// lets no script in at all.
    ///
    /// HDR003 speaks of schemes and wildcards that are every site.
    ///
    /// Write: `script-src 'self'`, and files of others served by the app itself; or the folder of the one package.
    HDR014 = "untrusted-script-source" {
        severity: Severities::prod(Error),
        source: "CSP level 3 §6.7.2 and §8.2; MDN HTTP Observatory; PCI DSS 4.0.1 6.4.3; \"CSP Is Dead, Long Live CSP!\" (2016)",
        keys: &[KEY, "services.*.headers.content_security_policy"],
        reads: &[&["headers.from_app"]],
        fix: None,
        check: Check::Policy(|_, out| {
            out.csps.iter().for_each(|sent| {
            if sent.is_misread("script-src") || sent.is_misread("script-src-elem") {
                return;
            }
            let Some(directive) = sent.csp.strictest("script-src-elem") else { return };
            if directive.has(Keyword::StrictDynamic) {
                let is_proof = |source: Expression<'_>| matches!(source, Expression::Nonce(_) | Expression::Hash { .. });
                if !directive.sources().any(is_proof) {
                    sent.tell(
                        out,
                        "the Content-Security-Policy lets no script in: `'strict-dynamic'` stands alone".to_owned(),
                        "browsers ignore the hosts beside it".to_owned(),
                        "list the hashes of the first scripts, or take `'strict-dynamic'` out".to_owned(),
                    );
                }
                return;
            }
            for word in directive.words() {
                let Some((why, is_error)) = Expression::parse(word).ok().and_then(distrust) else { continue };
                let message = format!("the Content-Security-Policy lets in scripts of `{word}`");
                let help = "serve the file yourself, from `'self'`; or name the folder of the one package and version";
                let draft = sent.tell(out, message, why.to_owned(), help.to_owned());
                if !is_error {
                    draft.at_most(Warning);
                }
            }
            });
        }),
    }

    /// The CSP says where forms go.
    ///
    /// A form that an attacker gets into a page needs no script: "your session has ended, sign in again", and the password
    /// goes to another site. The browser's own password manager fills it in. `form-action` forbids that; `default-src`
    /// does not stand in for it.
    ///
    /// Write: `form-action 'self'` in `headers.content_security_policy`, and the origins of other sites to which forms of the
    /// app really go, such as a payment provider's.
    HDR015 = "forms-go-anywhere" {
        severity: Severities::prod(Note),
        source: "OWASP ASVS 5.0 3.4.3; CSP level 3 §6.4.1",
        keys: &[KEY, "headers.csp_report_only", "services.*.headers.content_security_policy", "services.*.headers.csp_report_only"],
        reads: &[&["headers.from_app"], SERVES],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            // Without one that is enforced, HDR001 speaks.
            for sent in out.enforced_csps().filter(|sent| !sent.is_misread("form-action")) {
            // A service is said to have a policy of its own because it shows pages.
            let shows_pages = facts.may_serve_pages() || sent.service.is_some();
            if !shows_pages || sent.csp.reach("form-action") < Reach::Everything {
                continue;
            }
            let label = match sent.csp.strictest("form-action") {
                Some(directive) => format!("`{directive}`"),
                None => "no `form-action`, and `default-src` does not stand in for it".to_owned(),
            };
            let message = "the Content-Security-Policy lets forms go to every site".to_owned();
            let draft = sent.tell(out, message, label, "add `form-action 'self'`".to_owned());
            if sent.app.is_none() {
                draft
                    .titled("add `form-action 'self'` to the policy")
                    .set(sent.key(), sent.csp.with_directive("form-action", "'self'"));
            }
            }
        }),
    }

    /// Other sites do not embed what the site serves.
    ///
    /// A page of any site can load this one's images, scripts and documents into itself. It does not see what is in them,
    /// but it can measure them, and they lie in its process, which is where Spectre reads. `Cross-Origin-Resource-Policy`
    /// has browsers keep them back. What is fetched with CORS is no matter of it.
    ///
    /// Nothing is asked of a site without pages, nor where the front end is on another site.
    ///
    /// Write: `headers.cross_origin_resource_policy = "same-origin"`, or `"same-site"` where hosts below the same domain
    /// embed it.
    HDR016 = "embedded-by-everyone" {
        severity: Severities::prod(Note),
        source: "OWASP ASVS 5.0 3.5.8; MDN HTTP Observatory, cross-origin-resource-policy",
        keys: &["headers.cross_origin_resource_policy", "services.*.headers.cross_origin_resource_policy"],
        reads: &[&["app.frontend_url", "app.url"], OWN, SERVES],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            const KEY: &str = "headers.cross_origin_resource_policy";
            const NAME: &str = "Cross-Origin-Resource-Policy";
            let policy = facts.policy;
            let front = policy.app.frontend_url.as_ref();
            if front.is_some_and(|front| !is_one_site(front, policy.url())) {
                return;
            }
            // What is not everyone's is not this rule's business, whatever it is.
            let sent = |text: &str| {
                let is_everyones = text.eq_ignore_ascii_case("cross-origin");
                Some(if is_everyones { ResourcePolicy::CrossOrigin } else { ResourcePolicy::SameSite })
            };
            for said in said(facts, OwnHeader::ResourcePolicy, |headers| headers.cross_origin_resource_policy, sent) {
                let Said { sender, value, is_left, .. } = said;
                if (is_left && value.is_none()) || !sender.shows_pages {
                    continue;
                }
                let message = match value {
                    Some(ResourcePolicy::SameOrigin | ResourcePolicy::SameSite) => continue,
                    Some(ResourcePolicy::CrossOrigin) => format!("the {NAME} lets every site embed what is served"),
                    None => format!("no {NAME} keeps other sites from embedding what is served{}", sender.with()),
                };
                let is_apart = front.is_some_and(|front| front.origin() != policy.url().origin());
                let value = if is_apart { ResourcePolicy::SameSite } else { ResourcePolicy::SameOrigin };
                let key = sender.key(KEY);
                out.at(key.clone(), message)
                    .label("measured by any page, and read in its process")
                    .help(format!("set `{key} = \"{value}\"`, unless other sites embed files of this one on purpose"))
                    .set(key, value.as_str());
            }
        }),
    }

    /// The CSP lets in what the app's own pages need.
    ///
    /// Pages that come with an app load what their authors chose. FastCMS's administrator signs in by an inline script, which
    /// `default-src 'self'` keeps out: the form stands there and does nothing, and the reason is in the browser's console
    /// alone. What people then do is to loosen the policy for every page.
    ///
    /// What the pages need is a fact of the app's pack, read in the code of a release. A service with the paths of these pages
    /// may have a policy of its own, and the site's stays strict.
    ///
    /// Write: what the help names, in the policy that these pages get.
    HDR018 = "csp-blocks-own-pages" {
        severity: Severities::all(Note),
        source: "the packs: what InstaCRUD's and FastCMS's pages load",
        // Of a profile without one, a report does not claim that the pages work: mostly nobody knows them.
        keys: &["app.release"],
        reads: &[
            &[KEY, "headers.csp_report_only", "services.*.headers.content_security_policy", "services.*.headers.csp_report_only"],
            &["headers.from_app", "services.*.headers.from_app", "app.paths", "services.*.paths", "services.*.root"],
        ],
        fix: None,
        check: Check::Policy(|facts, out| {
            // One that the app sends by itself lets its own pages work.
            for sent in out.enforced_csps().filter(|sent| sent.app.is_none() && sent.problems.is_empty()) {
                for pages in facts.pages_under(sent.service) {
                    let Some(blocked) = pages.kept_out_by(sent.text) else { continue };
                    let apart = pages.apart().filter(|_| sent.service.is_none());
                    let apart = apart.map_or_else(String::new, |paths| {
                        format!("; or give {paths} a policy of their own, by a service with these paths and the app's upstream")
                    });
                    out.at(sent.key(), format!("the Content-Security-Policy keeps {}'s pages from working", pages.whose))
                        .label(pages.known.why.to_string())
                        .also("app.kind", "comes with these pages")
                        .help(format!("let in {blocked}{apart}"));
                }
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_everyone_are_known_by_name_and_by_wildcard() {
        let why = |source: &str| distrust(Expression::parse(source).expect("a source")).map(|(_, is_error)| is_error);
        for source in [
            "https://cdn.jsdelivr.net",
            "https://cdn.jsdelivr.net/npm/",
            "https://cdn.jsdelivr.net/gh/",
            "unpkg.com/",
            "https://*.jsdelivr.net",
            "*.amazonaws.com",
            "UNPKG.com",
        ] {
            assert_eq!(why(source), Some(false), "{source}");
        }
        for source in [
            "http://cdn.example.com",
            "http:",
            "http://localhost:3000",
            "localhost:*",
            "https://app.localhost",
            "127.0.0.1:5173",
        ] {
            assert_eq!(why(source), Some(true), "{source}");
        }
        for source in [
            "'self'",
            "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/",
            "https://cdn.jsdelivr.net/gh/someone/",
            "https://challenges.cloudflare.com",
            "cdn.example.com",
            "https://unpkg.com.example.com",
        ] {
            assert_eq!(why(source), None, "{source}");
        }
    }
}
