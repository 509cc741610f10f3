//! Mail that the app sends.

use super::networks::is_certifiable;
use super::rule::{Check, Severities, rules};
use crate::finding::Severity::{Error, Warning};
use crate::plan::Facts;
use crate::policy::Policy;
use crate::profile::{App, Carrier, Host, HostName, Mode, Profile, SignIn, Smtp, SmtpSecurity, same_holder};

/// TLS from the first byte (RFC 8314 §3.3).
const SUBMISSIONS: u16 = 465;
/// Upgraded after connecting (RFC 6409, RFC 8314 §3.3).
const SUBMISSION: u16 = 587;

/// The SMTP server, where mail goes out over it.
fn smtp<'p>(policy: &'p Policy<'_>) -> Option<&'p Smtp> {
    let email = &policy.email;
    let carries = match email.carrier {
        None | Some(Carrier::Smtp) => true,
        Some(Carrier::File | Carrier::Gmail | Carrier::Brevo | Carrier::Api) => false,
    };
    email.smtp.as_ref().filter(|_| email.enabled && carries)
}

/// What to write in the place of a carrier that delivers nothing.
const DELIVERS: &str = "set `email.carrier` to \"smtp\" or \"gmail\", with `[email.smtp]`, or to \"brevo\" or \"api\", with `email.api_key`";

/// What nothing says of how mail leaves, neither the profile nor the app's pack, and what to write.
fn unsaid(facts: &Facts<'_>) -> Option<(String, String)> {
    let email = &facts.policy.email;
    let is_settled = |key| facts.app.settled(key).is_some();
    if email.smtp.is_some() || is_settled("email.smtp.host") || is_settled("email.carrier") {
        return None;
    }
    let (missing, wanted) = match email.carrier {
        None => ("what carries it", DELIVERS),
        Some(Carrier::Smtp) => ("which server takes it", "write `host` in `[email.smtp]`"),
        Some(Carrier::File | Carrier::Gmail | Carrier::Brevo | Carrier::Api) => return None,
    };
    let (sender, address) = match email.from {
        None if !is_settled("email.from") => {
            (", nor from which address it comes", "; and write the sender as `email.from`")
        }
        None | Some(_) => ("", ""),
    };
    Some((format!("mail is on, and nothing says {missing}{sender}"), format!("{wanted}{address}")))
}

/// Whether mail reaches the server without leaving the machine; while developing, the network of a machine's containers
/// counts as well: `mailpit` is such a host, and catchers of mail speak no TLS.
fn stays_here(smtp: &Smtp, mode: Mode) -> bool {
    let contained = match mode {
        Mode::Dev | Mode::Test => !smtp.host.as_str().contains('.'),
        Mode::Staging | Mode::Prod => false,
    };
    contained || smtp.host.is_loopback()
}

/// Whether it is a name that nobody can have (RFC 2606, RFC 6761).
fn is_reserved(domain: &str) -> bool {
    const RESERVED: [&str; 7] =
        ["example", "example.com", "example.net", "example.org", "invalid", "localhost", "test"];
    let is_below =
        |parent: &str| domain.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    RESERVED.into_iter().any(is_below)
}

/// Whether the app or its front end is served on a name of the domain's holder.
fn is_ours(app: &App, domain: &str) -> bool {
    let urls = [&app.url, &app.frontend_url].into_iter().flatten();
    let names = urls.filter_map(|url| match url.origin().host() {
        Host::Name(name) => Some(name),
        Host::Address(_) => None,
    });
    names.chain(&app.aliases).any(|name| same_holder(name.as_str(), domain))
}

/// Whether mail may come from a name of the app's: not where all of its names are of a private network, or were given to it
/// by who hosts it, `shop.fly.dev`.
fn may_send(app: &App) -> bool {
    let urls = [&app.url, &app.frontend_url].into_iter().flatten();
    let names = urls.filter_map(|url| match url.origin().host() {
        Host::Name(name) => Some(name),
        Host::Address(_) => None,
    });
    let is_hosted = |name: &HostName| {
        psl::suffix(name.as_str().as_bytes()).is_some_and(|suffix| suffix.typ() == Some(psl::Type::Private))
    };
    names.chain(&app.aliases).any(|name| is_certifiable(name) && !is_hosted(name))
}

rules! {
    /// Mail is really sent in production.
    ///
    /// The carrier `file` writes mail to the disk, for a developer to look at. In production nobody looks: people who
    /// forgot their password wait for a letter that lies on the server, the address of a new account is never
    /// confirmed, and the links in that file let whoever reads it into any account.
    ///
    /// So it is where mail is on and nothing says what carries it: the profile names neither a carrier nor an SMTP server,
    /// and the app's pack settles neither. The app then does what it does by default, which may be to send nothing.
    ///
    /// Write: `email.carrier = "smtp"` with `[email.smtp]`, or another carrier that delivers, and `email.from`; `"file"`
    /// has its place under `[modes.dev]`.
    EML001 = "mail-to-a-file" {
        severity: Severities::prod(Error),
        source: "InstaCRUD's production page: `brevo`, not `file`",
        keys: &["email.carrier", "email.enabled"],
        reads: &[&["email.smtp", "email.from", "app.kind", "app.release"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            let email = &facts.policy.email;
            if let Some((message, help)) = unsaid(facts).filter(|_| email.enabled) {
                out.at("email.carrier", message).label("the app may send nothing").also("email.enabled", "mail is on").help(help);
            }
            if email.enabled && email.carrier == Some(Carrier::File) {
                out.at("email.carrier", "mail is written to a file in production, and sent to nobody")
                    .label("for a developer to look at")
                    .help(format!("{DELIVERS}; `email = {{ carrier = \"file\" }}` has its place under `[modes.dev]`"));
            }
        }),
    }

    /// Mail goes to its server under TLS, in the way that the port has.
    ///
    /// Letters that let people reset a password are worth reading, and so is the password with which the app signs in
    /// at the server; without TLS both cross the network in plain text. Port 465 speaks TLS from the first byte and
    /// port 587 is upgraded by STARTTLS. The one spoken to in the way of the other does not answer: the app waits until
    /// it gives up, and no mail goes out.
    ///
    /// A server on the machine itself, `localhost`, needs no TLS. In dev and test nor does one whose name has no dot,
    /// the container of a catcher such as Mailpit.
    ///
    /// Write: `security = "starttls"` in `[email.smtp]` for port 587, `"implicit"` for 465, and never `"none"`.
    EML002 = "unprotected-mail" {
        severity: Severities::all(Error),
        source: "RFC 8314 §3: implicit TLS on 465, STARTTLS on 587, clear text is obsolete",
        keys: &["email.smtp.security", "email.smtp.port", "email.smtp.host"],
        reads: &[&["email.enabled", "email.carrier"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            const KEY: &str = "email.smtp.security";
            const PORT: &str = "email.smtp.port";
            let policy = facts.policy;
            let Some(smtp) = smtp(policy) else { return };
            let wanted = match (smtp.security, smtp.port) {
                (SmtpSecurity::None, _) if stays_here(smtp, policy.mode) => return,
                (SmtpSecurity::None | SmtpSecurity::Starttls, SUBMISSIONS) => SmtpSecurity::Implicit,
                (SmtpSecurity::None, _) | (SmtpSecurity::Implicit, SUBMISSION) => SmtpSecurity::Starttls,
                (SmtpSecurity::Starttls | SmtpSecurity::Implicit, _) => return,
            };
            let (message, label) = match smtp.security {
                SmtpSecurity::None => {
                    (format!("mail goes to {} in plain text", smtp.host), "read on the way, password and all")
                }
                SmtpSecurity::Starttls => ("STARTTLS is not spoken on port 465".to_owned(), "no mail goes out"),
                SmtpSecurity::Implicit => {
                    ("port 587 begins without TLS, and is upgraded".to_owned(), "no mail goes out")
                }
            };
            let draft = out.at(KEY, message);
            draft.label(label).also(PORT, format!("port {}", smtp.port));
            if smtp.security == SmtpSecurity::Implicit {
                // Who chose TLS from the first byte means that, and may have forgotten the port.
                draft.set(PORT, u32::from(SUBMISSIONS));
                if policy.is_written(PORT) {
                    draft.or().set(KEY, wanted.as_str());
                    draft.help(format!("set `{PORT} = {SUBMISSIONS}`, or `{KEY} = \"{wanted}\"` if the server has no such port"));
                } else {
                    draft.help(format!("set `{PORT} = {SUBMISSIONS}`"));
                }
            } else {
                draft.help(format!("set `{KEY} = \"{wanted}\"`")).set(KEY, wanted.as_str());
            }
        }),
    }

    /// The app verifies the mail server's certificate.
    ///
    /// TLS that believes any certificate keeps a letter from those who only listen. Whoever can answer in the server's
    /// place (a forged DNS answer, a router on the way) is handed the password and every link that resets one. Python's
    /// `smtplib` believes any certificate unless it is given a context, and the apps that seccfg knows give it none: the
    /// profile's `verify_certificate = true` is then a wish.
    ///
    /// A relay on the machine itself is no way for anyone to stand in, and an API such as Brevo's is reached by https.
    ///
    /// Write: `host = "localhost"` in `[email.smtp]`, with a relay there that verifies; or a carrier that is no SMTP
    /// server, where the app has one.
    EML005 = "mail-to-whoever-answers" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 12.3.2; the packs of InstaCRUD and FastCMS: smtplib without a context (measured: mail \
                 and password go to a server with a certificate that nobody trusts)",
        keys: &[
            "email.enabled",
            "email.carrier",
            "email.smtp.host",
            "email.smtp.security",
            "email.smtp.verify_certificate",
            "app.kind",
            "app.release",
        ],
        fix: None,
        check: Check::Policy(|facts, out| {
            const KEY: &str = "email.smtp.verify_certificate";
            let email = &facts.policy.email;
            let app = &facts.app.title;
            if !email.enabled || facts.app.settled(KEY).as_deref() != Some(&false.into()) {
                return;
            }
            let (key, server) = match (email.carrier, smtp(facts.policy)) {
                (Some(Carrier::Gmail), _) => ("email.carrier", "Gmail"),
                // Of one without TLS EML002 speaks, and of one that the profile does not verify TLS008.
                (_, Some(smtp)) if smtp.host.is_loopback() || smtp.security == SmtpSecurity::None => return,
                (_, Some(smtp)) if !smtp.verify_certificate => return,
                (_, Some(smtp)) => (KEY, smtp.host.as_str()),
                (_, None) => return,
            };
            out.at(key, format!("{app} hands mail and its password to whoever answers for {server}"))
                .label(format!("{app} believes any certificate"))
                .also("app.kind", "whatever it is told")
                .help(
                    "send through a relay on the machine itself, `host = \"localhost\"` in `[email.smtp]`; or by a carrier \
                     with an API, where the app has one; or accept it with a reason and a date under `[[waivers]]`",
                );
        }),
    }

    /// Mail comes from the app's own domain, and that is a real one.
    ///
    /// Whoever takes mail in asks the sender's domain which servers may send for it (SPF, DKIM, DMARC). A domain that
    /// is not one's own says "not these", and the letters that reset passwords land among the spam or nowhere; people
    /// who do get them learn to trust letters about the service that come from elsewhere. The names that are reserved
    /// for examples belong to nobody, so everything from there is refused, and so are the answers.
    ///
    /// The app's own is every name below the domain that somebody registered for one of its hosts or its front end's:
    /// for `shop.example.co.uk` that is `example.co.uk`, as the Public Suffix List has it. With the carrier `gmail`
    /// an address there is its own. Where no mail can come from the app's names, as they are of a private network or were given
    /// to it by who hosts it (`tool.corp.internal`, `shop.fly.dev`), any real domain will do.
    ///
    /// Write: `email.from = "noreply@…"` with the domain that `app.url` has.
    EML003 = "foreign-sender" {
        severity: Severities::prod(Error),
        source: "InstaCRUD's production page: a verified from-domain; RFC 7489 §3.1 (alignment); RFC 2606, RFC 6761",
        keys: &["email.from", "email.enabled", "email.carrier", "app.url", "app.aliases", "app.frontend_url"],
        fix: None,
        check: Check::Policy(|facts, out| {
            let Profile { app, email, .. } = &**facts.policy;
            let Some(from) = email.from.as_ref().filter(|_| email.enabled) else { return };
            // Without a public URL there is nothing to compare with: TLS001 speaks of that.
            let Some(host) = app.url.as_ref().map(|url| url.origin().host()).filter(|host| !host.is_loopback()) else {
                return;
            };
            let domain = from.domain();
            let gmail = email.carrier == Some(Carrier::Gmail) && matches!(domain, "gmail.com" | "googlemail.com");
            if gmail || is_ours(app, domain) || (!is_reserved(domain) && !may_send(app)) {
                return;
            }
            let (message, label) = if is_reserved(domain) {
                (format!("mail comes from {domain}, which is reserved for examples"), "refused wherever it arrives")
            } else {
                (format!("mail comes from {domain}, which is not the app's domain"), "likely to be taken for spam")
            };
            out.at("email.from", message)
                .label(label)
                .also("app.url", format!("the app is at {host}"))
                .help("write an address of the app's own domain");
        }),
    }

    /// Mail is on where a password reset needs it.
    ///
    /// A reset proves who asks by a letter to the address of the account. Without mail people who forgot their password
    /// are locked out for good, or write to whoever runs the service, who then has to believe them; and nobody hears of
    /// a sign-in or a change that was not theirs.
    ///
    /// seccfg knows that an app resets passwords from its pack, or from a limit of the name `password_reset`. The
    /// latter counts only where the profile speaks of mail at all, because an app without a pack may be told of mail
    /// elsewhere. Where nobody signs in with a password, as `app.sign_in` says, there is none to reset.
    ///
    /// Write: `email.enabled = true`, with a carrier and a sender.
    EML004 = "reset-without-mail" {
        severity: Severities::prod(Warning),
        source: "FastCMS's production page: SMTP for security mail; OWASP ASVS 5.0 6.4.3",
        keys: &["email.enabled", "rate_limits.routes.password_reset", "app.kind"],
        reads: &[super::reads::WAYS, &["email.carrier", "email.smtp", "email.from", "app.release"]],
        fix: None,
        check: Check::Policy(|facts, out| {
            const RESET: &str = "password_reset";
            const LIMIT: &str = "rate_limits.routes.password_reset";
            const ON: &str = "set `email.enabled = true`";
            let policy = facts.policy;
            if policy.email.enabled || !facts.may_sign_in_by(SignIn::Password) {
                return;
            }
            let known = facts.app.routes.contains_key(RESET);
            if known || (policy.is_written("email") && policy.is_written(LIMIT)) {
                let draft = out.at("email.enabled", "mail is off, and password resets need it");
                draft.label("who forgets a password is locked out for good");
                if known {
                    draft.also("app.kind", format!("{} resets passwords by mail", facts.app.title));
                } else {
                    draft.also(LIMIT, "passwords can be reset");
                }
                // What EML001 would say next.
                let next = match policy.email.carrier {
                    Some(Carrier::File) => Some(DELIVERS.to_owned()),
                    Some(Carrier::Smtp | Carrier::Gmail | Carrier::Brevo | Carrier::Api) | None => {
                        unsaid(facts).map(|(_, help)| help)
                    }
                };
                draft.help(next.map_or_else(|| ON.to_owned(), |next| format!("{ON}; {next}")));
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::is_reserved;

    #[test]
    fn names_for_examples_are_known_with_all_below_them() {
        for domain in ["example", "example.com", "mail.example.org", "shop.example", "a.test", "localhost"] {
            assert!(is_reserved(domain), "{domain}");
        }
        for domain in ["counterexample.com", "example.shop", "test.dev", "contest"] {
            assert!(!is_reserved(domain), "{domain}");
        }
    }
}
