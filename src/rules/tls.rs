//! Encryption between clients and the service.

use super::connection::{Connection, Encryption};
use super::data::{Encrypted, database};
use super::networks::{Whereabouts, is_everyone, is_private};
use super::reads::TERMINATE;
use super::rule::{Check, Severities, rules};
use super::runtimes::{self, Kind};
use super::words::and;
use crate::finding::Safety::{Safe, Unsafe};
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::{Edge, Facts, Layer};
use crate::policy::Variable;
use crate::profile::{
    Backend, Carrier, Cidr, DatabaseTls, Engine, Group, Guideline, PlainHttp, SmtpSecurity, Terminate, TlsVersion,
    Upstream, Url,
};
use crate::source::{KeyPath, Literal};

/// How a database or a Redis on another machine is reached.
struct Reached<'p> {
    encryption: Encryption,
    /// The key that refers to its URL.
    key: &'static str,
    /// What asks for the encryption, and where.
    variable: Variable<'p>,
    by: &'static str,
    /// What to write there.
    write: String,
}

/// How both are reached, as far as something says it.
fn reached<'p>(facts: &'p Facts<'p>) -> impl Iterator<Item = Reached<'p>> {
    let state = &facts.policy.state;
    let redis = Some(state).filter(|state| state.backend == Backend::Redis).and_then(|_| redis(facts));
    let database = database(facts).filter(|(_, url)| url.leaves_the_machine());
    let database = database.and_then(|(variable, url)| {
        let Encrypted { encryption, variable, by, write, .. } = Encrypted::of(facts, variable, &url)?;
        Some(Reached { encryption, key: "database.url", variable, by, write })
    });
    let redis = redis.filter(|(_, url)| url.leaves_the_machine()).and_then(|(variable, url)| {
        let (by, write) = ("the URL of Redis", url.verified().to_owned());
        Some(Reached { encryption: url.encryption()?, key: "state.url", variable, by, write })
    });
    database.into_iter().chain(redis)
}

/// The URL of Redis, where it is known.
fn redis<'p>(facts: &'p Facts<'_>) -> Option<(Variable<'p>, Connection<'p>)> {
    let variable = facts.policy.value(facts.policy.state.url.as_ref()?)?;
    Some((variable, Connection::read(variable.value.expose())?))
}

/// Whether a URL is known to lead to this machine itself: to a server here, or to a relay, whose own way on no URL tells.
fn is_here(url: Option<(Variable<'_>, Connection<'_>)>) -> bool {
    url.is_some_and(|(_, url)| !url.leaves_the_machine())
}

rules! {
    /// The public URL is https, and TLS ends somewhere.
    ///
    /// Whoever sits between a visitor and a service without TLS (the café, the provider, a hijacked router) reads the
    /// passwords and changes the pages. The URL and the place where TLS ends have to agree, because each is believed by
    /// itself: links, redirects and the app's idea of itself come from `app.url`, and what listens on port 443 comes
    /// from `tls.terminate`. Where no URL is written the service is taken for `http://localhost`.
    ///
    /// Of an app without a pack, a variable that likely leads people to a page by plain HTTP, or on their own machine, is a
    /// warning: `FRONTEND_URL=http://localhost:3000` in its `.env` file.
    ///
    /// Write: `app.url = "https://…"`; and `tls.terminate = "proxy"`, or `"upstream"` where a CDN or balancer ends TLS.
    /// For an https URL, `"proxy"` is the default.
    TLS001 = "plain-http" {
        severity: Severities::live(Error),
        source: "OWASP ASVS 5.0 12.2.1; Django security.W008",
        keys: &["app.url", "app.frontend_url", "tls.terminate"],
        fix: Unsafe,
        check: Check::Mixed(|facts, out| {
            runtimes::tell(Kind::PlainUrl, facts, out);
            let policy = facts.policy;
            let off = policy.terminate() == Terminate::Off;
            match &policy.app.url {
                None => {
                    out.at("app.url", "no public URL is written")
                        .label("the service is taken for http://localhost")
                        .help("write `app.url`, such as \"https://shop.example.com\"");
                }
                Some(url) if !url.origin().is_https() => {
                    let origin = url.origin();
                    let draft = out.at("app.url", "the public URL is plain HTTP");
                    draft.label("read and changed by whoever is on the way").also(
                        "tls.terminate",
                        if off { "nothing terminates TLS" } else { "TLS is terminated all the same" },
                    );
                    if origin.host().is_loopback() {
                        draft.help("write the public URL, such as \"https://shop.example.com\"");
                        return;
                    }
                    let https = |url: &Url| url.to_string().replacen("http://", "https://", 1);
                    let mut values = vec![("app.url", https(url))];
                    // A front end on the same origin moves along.
                    let front = policy.app.frontend_url.as_ref().filter(|front| front.origin() == origin);
                    values.extend(front.map(|front| ("app.frontend_url", https(front))));
                    if off && policy.tls.terminate.is_some() {
                        values.push(("tls.terminate", "proxy".to_owned()));
                    }
                    let words: Vec<String> = values.iter().map(|(key, value)| format!("`{key} = \"{value}\"`")).collect();
                    draft.help(format!("set {}", and(&words)));
                    // A port for plain HTTP says nothing of the one for https.
                    if origin.port() == 80 {
                        for (key, value) in values {
                            draft.set(key, value);
                        }
                    }
                }
                Some(url) if off => {
                    out.at("tls.terminate", "the public URL is https, but nothing terminates TLS")
                        .label("plain HTTP here")
                        .also("app.url", format!("{url} would not answer"))
                        .help("set `tls.terminate = \"proxy\"`, or `\"upstream\"` where a CDN or balancer ends TLS")
                        .set("tls.terminate", "proxy");
                }
                Some(_) => {}
            }
        }),
    }

    /// No version of TLS before 1.2 is let in.
    ///
    /// TLS 1.0 and 1.1 sign their handshakes with MD5 and SHA-1 and know none of the ciphers that are still trusted.
    /// RFC 8996 retired them in 2021, and every browser had dropped them the year before. A client that speaks nothing
    /// later has had no update in a decade: it is safer to hear of it than to serve it.
    ///
    /// Write: nothing, so that `tls.guideline` decides (`"intermediate"`: 1.2 and 1.3; `"modern"`: 1.3 alone); or
    /// `tls.min_version = "1.2"`.
    TLS002 = "old-tls-version" {
        severity: Severities::all(Error),
        source: "OWASP ASVS 5.0 12.1.1; RFC 8996",
        keys: &["tls.min_version"],
        reads: &[&["tls.guideline"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            if let Some(version) = facts.policy.tls.min_version.filter(|version| *version < TlsVersion::V1_2) {
                // What the guideline has anyway.
                let least = facts.policy.tls.guideline.min_version().as_str();
                out.at("tls.min_version", format!("TLS {version} is let in"))
                    .label("retired by RFC 8996")
                    .help(format!("set `tls.min_version = \"{least}\"`, or leave it out"))
                    .set("tls.min_version", least);
            }
        }),
    }

    /// The proxy follows the guideline without an exception that weakens it.
    ///
    /// `tls.guideline` names one of two sets that Mozilla keeps, and an override takes a part of it back. With the modern
    /// guideline and `min_version = "1.2"`, clients get in that know nothing newer: their handshakes send the
    /// certificate in the open and leave a list of ciphers to get wrong, on a service that says it has left all that
    /// behind. A group that the guideline leaves out is slower or offered by no browser, and fewer people have looked
    /// for mistakes in its code.
    ///
    /// The groups of version 6.0 are X25519MLKEM768, X25519, prime256v1 and secp384r1, for both sets. A version before
    /// 1.2 is the business of TLS002. Where TLS ends before this proxy, the keys change nothing and nothing is told.
    ///
    /// Write: nothing but `tls.guideline`; `"intermediate"`, where TLS 1.2 is meant. Groups of one's own are for leaving
    /// some of the guideline's out.
    TLS003 = "weakened-tls-guideline" {
        severity: Severities::live(Warning),
        source: "Mozilla Server Side TLS guideline 6.0, intermediate and modern",
        keys: &["tls.guideline", "tls.min_version", "tls.groups"],
        reads: &[TERMINATE],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            let tls = &policy.tls;
            if policy.terminate() != Terminate::Proxy {
                return;
            }
            let least = tls.guideline.min_version();
            // TLS002 speaks of what is older than 1.2.
            if let Some(version) = tls.min_version.filter(|version| (TlsVersion::V1_2..least).contains(version)) {
                out.at("tls.min_version", format!("TLS {version} is let in, against the {} guideline", tls.guideline))
                    .label(format!("the guideline begins at {least}"))
                    .also("tls.guideline", "taken back in part")
                    .help("leave `tls.min_version` out; or set `tls.guideline = \"intermediate\"`, if TLS 1.2 is meant")
                    .remove("tls.min_version");
            }
            let groups = tls.groups.as_deref().unwrap_or_default();
            let foreign = |group: &Group| !Guideline::GROUPS.contains(group);
            let mut strangers = groups.iter().enumerate().filter(|(_, group)| foreign(group));
            if let Some((index, first)) = strangers.next() {
                let draft = out.at(("tls.groups", index), format!("the key exchange group {first} is in no guideline"));
                draft.label("not one of guideline 6.0");
                for (index, _) in strangers {
                    draft.also(("tls.groups", index), "nor this one");
                }
                draft.help("leave `tls.groups` out, or name X25519MLKEM768, X25519, prime256v1 or secp384r1 alone");
                let kept: Vec<&str> = groups.iter().filter(|group| !foreign(group)).map(|group| group.as_str()).collect();
                if kept.is_empty() {
                    draft.remove("tls.groups");
                } else {
                    draft.set("tls.groups", kept.into_iter().collect::<Literal>());
                }
            }
        }),
    }

    /// A group with ML-KEM is named only for an OpenSSL that has it.
    ///
    /// nginx hands the names of groups to OpenSSL and stops where one of them is unknown. X25519MLKEM768 came with
    /// OpenSSL 3.5, in April 2025; Debian 12 has 3.0. The file looks right wherever the newer one is installed, and the
    /// server does not come back from its next restart.
    ///
    /// Where `targets.nginx.openssl` is not written, the version is not known, and taken for older.
    ///
    /// Write: `targets.nginx.openssl`, the version that `nginx -V` prints, if it is 3.5 or later; else `tls.groups`
    /// without X25519MLKEM768, or no `tls.groups` at all.
    TLS004 = "ml-kem-without-openssl" {
        severity: Severities::all(Error),
        source: "OpenSSL 3.5 release notes; Mozilla SSL Configuration Generator, guideline 6.0",
        keys: &["tls.groups.*", "targets.nginx.openssl"],
        reads: &[TERMINATE],
        fix: Unsafe,
        check: Check::Plan(|plan, out| {
            let policy = plan.policy;
            let Edge::Nginx(nginx) = &plan.edge else { return };
            let groups = policy.tls.groups.as_deref().unwrap_or_default();
            let Some(index) = groups.iter().position(|group| *group == Group::X25519MlKem768) else { return };
            // Where TLS ends elsewhere, no group is written.
            if nginx.has_ml_kem() || policy.terminate() != Terminate::Proxy {
                return;
            }
            let message = match nginx.openssl {
                Some(version) => format!("nginx does not start with X25519MLKEM768 under its OpenSSL {version}"),
                None => "nginx does not start with X25519MLKEM768 unless its OpenSSL is 3.5 or later".to_owned(),
            };
            let draft = out.at(("tls.groups", index), message);
            draft.label("needs OpenSSL 3.5").also("targets.nginx.openssl", "taken for an older one");
            draft.help("write `targets.nginx.openssl` if it is 3.5 or later, else take the group out");
            if groups.iter().all(|group| *group == Group::X25519MlKem768) {
                draft.remove("tls.groups");
            } else {
                draft.remove(("tls.groups", index));
            }
            // A server that does not start loses nothing by it; of one that may well start, it takes the best group away.
            draft.safety(if nginx.openssl.is_some() { Safe } else { Unsafe });
        }),
    }

    /// Towards database, mail server and Redis, certificates are verified.
    ///
    /// TLS without that check hides the traffic from those who only listen, and hands it to whoever answers: one wrong
    /// DNS entry, one address taken over in the same network, and the app gives that machine its password and its
    /// queries. It is switched off on the day on which a certificate does not fit, and nothing ever reminds of it.
    ///
    /// `database.tls = "require"` is such a connection: encrypted, with whoever answers. `"off"` is DAT003's business,
    /// mail without TLS that of EML002. A database in a file has nobody to verify. Where `--env-file` gives the URLs,
    /// these are looked at, too: `sslmode=require`, `tlsAllowInvalidCertificates=true` and `ssl_cert_reqs=none` say the
    /// same there, and drivers believe the URL; where it is silent, libpq takes `PGSSLMODE`. `sslmode=verify-ca` looks at who
    /// signed the certificate, and not at whose it is: any machine with a certificate of that authority may answer. That is a
    /// warning, as an authority of one's own may have signed no other. Of an app without a pack,
    /// `NODE_TLS_REJECT_UNAUTHORIZED=0` is told as well: with it Node.js verifies nobody.
    ///
    /// Nobody can take the place of a server on the machine itself, so nothing is asked of a URL or a mail server at `localhost`, a
    /// loopback address or a socket. That may be a relay: the Cloud SQL Auth Proxy, stunnel, socat, PgBouncer. What a relay does on
    /// its own way to the server is said in its settings alone, which seccfg does not read. The Cloud SQL Auth Proxy verifies the
    /// server always; stunnel does with `verifyChain = yes` and `checkHost`, PgBouncer with `server_tls_sslmode = verify-full`, and
    /// without these they connect to whoever answers. A relay in a container of its own (`pgbouncer:6432`) is another machine.
    ///
    /// Write: `database.tls = "verify-full"`, and no `verify_certificate = false` under `[email.smtp]` and `[state]`; in
    /// URLs, `sslmode=verify-full`. For an authority of one's own, give its certificate to the app instead.
    TLS008 = "unverified-certificate" {
        severity: Severities::live(Error),
        source: "OWASP ASVS 5.0 12.3.2",
        keys: &[
            "database.tls",
            "database.url",
            "email.smtp.verify_certificate",
            "state.verify_certificate",
            "state.url",
        ],
        reads: &[&[
            "database.engine",
            "email.enabled",
            "email.carrier",
            "email.smtp.host",
            "email.smtp.security",
            "state.backend",
        ]],
        fix: Unsafe,
        check: Check::Mixed(|facts, out| {
            let policy = facts.policy;
            let database = &policy.database;
            let is_required = database.tls == Some(DatabaseTls::Require) && database.engine != Some(Engine::Sqlite);
            if is_required && !is_here(self::database(facts)) {
                out.at("database.tls", "the connection to the database is encrypted with whoever answers")
                    .label("nobody checks the certificate")
                    .help("set `database.tls = \"verify-full\"`")
                    .set("database.tls", "verify-full");
            }
            let by_smtp = match policy.email.carrier {
                Some(Carrier::File | Carrier::Brevo | Carrier::Api) => false,
                Some(Carrier::Smtp | Carrier::Gmail) | None => policy.email.enabled,
            };
            let smtp = policy.email.smtp.as_ref().filter(|smtp| by_smtp && !smtp.host.is_loopback());
            if smtp.is_some_and(|smtp| !smtp.verify_certificate && smtp.security != SmtpSecurity::None) {
                out.at("email.smtp.verify_certificate", "mail and its password go to whoever answers")
                    .label("nobody checks the certificate")
                    .help("set `verify_certificate = true` under `[email.smtp]`, or leave the key out")
                    .set("email.smtp.verify_certificate", true);
            }
            if policy.state.backend == Backend::Redis && !policy.state.verify_certificate && !is_here(redis(facts)) {
                out.at("state.verify_certificate", "the app's state goes to whoever answers in Redis's place")
                    .label("nobody checks the certificate")
                    .help("set `verify_certificate = true` under `[state]`, or leave the key out")
                    .set("state.verify_certificate", true);
            }
            runtimes::tell(Kind::Unverified, facts, out);
            for Reached { encryption, key, variable, by, write } in reached(facts) {
                match encryption {
                    Encryption::Unverified => {
                        out.at_variable(variable, key, format!("{by} trusts whoever answers"))
                            .label("nobody checks the certificate")
                            .help(format!("{write}, and take out whatever lets invalid certificates pass"));
                    }
                    Encryption::AnyName => {
                        out.at_variable(variable, key, format!("{by} trusts a certificate of any name"))
                            .at_most(Warning)
                            .label("the authority is checked, and not whose certificate it is")
                            .help(format!("{write}, and take the weaker word out"));
                    }
                    // DAT003 and STA003 speak of those.
                    Encryption::Off | Encryption::Optional | Encryption::Verified => {}
                }
            }
        }),
    }

    /// Plain HTTP is redirected to https on the same host, or gets no answer.
    ///
    /// Links, bookmarks and addresses typed by hand still begin in plain HTTP. Without the redirect these visitors stay
    /// there, with their passwords, beside a certificate that protects the others. It goes to the same host first and
    /// anywhere else after that: only then do browsers see the HSTS header of the name that they were asked for.
    ///
    /// For an API that no browser calls, a redirect hides a mistake: a program with an `http://` address sends its token in
    /// plain text with every request, is redirected, and works. With `plain_http = "refuse"` it fails on its first day. ACME's
    /// challenges are answered all the same.
    ///
    /// Write: `tls.plain_http = "redirect"`, or `"refuse"` for an API; or neither key, which redirects. `redirect_http = true`
    /// and `false` are short for `"redirect"` and `"serve"`, and the two keys must not contradict each other.
    TLS006 = "no-https-redirect" {
        severity: Severities::live(Error),
        source: "MDN HTTP Observatory, redirection; OWASP ASVS 5.0 4.1.2 and 12.2.1",
        keys: &["tls.redirect_http", "tls.plain_http"],
        reads: &[TERMINATE, &["app.serves"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            const SHORT: &str = "tls.redirect_http";
            const KEY: &str = "tls.plain_http";
            let policy = facts.policy;
            // Where TLS is off there is nowhere to redirect to: TLS001 speaks.
            if policy.terminate() == Terminate::Off {
                return;
            }
            let written = policy.tls.plain_http;
            let short = policy.is_written(SHORT).then_some(policy.tls.redirect_http);
            match (policy.plain_http(), written, short) {
                (PlainHttp::Serve, None, _) => {
                    out.at(SHORT, "plain HTTP is served beside https")
                        .label("who comes by http:// stays there")
                        .help("set `tls.redirect_http = true`; or `tls.plain_http = \"refuse\"` for an API that no browser calls")
                        .set(SHORT, true);
                }
                (PlainHttp::Serve, Some(_), short) => {
                    let draft = out.at(KEY, "plain HTTP is served beside https");
                    draft
                        .label("who comes by http:// stays there")
                        .help("set `tls.plain_http = \"redirect\"`, or `\"refuse\"` for an API that no browser calls")
                        .set(KEY, PlainHttp::Redirect.as_str());
                    if short == Some(false) {
                        draft
                            .also(SHORT, "says the same")
                            .set(SHORT, true)
                            .remark(&format!("and take `{SHORT}` out, which is short for what stands there now"));
                    }
                }
                (counts @ (PlainHttp::Redirect | PlainHttp::Refuse), Some(_), Some(redirects))
                    if redirects != (counts == PlainHttp::Redirect) =>
                {
                    let message = format!("`{SHORT} = {redirects}` and `{KEY} = \"{counts}\"` contradict each other");
                    out.at(SHORT, message)
                        .label("does not count")
                        .also(KEY, "counts")
                        .help(format!("take `{SHORT}` out: it is short for what `{KEY}` says in full"))
                        .remove(SHORT)
                        .safety(Unsafe);
                }
                (PlainHttp::Refuse, ..) if policy.is_written("app.serves") && facts.may_serve_pages() => {
                    out.at(KEY, "visitors who come by plain HTTP get no answer")
                        .at_most(Note)
                        .label("an address that is typed by hand begins there in older browsers")
                        .also("app.serves", "pages, which people visit")
                        .help("set `tls.plain_http = \"redirect\"`, if people are to find the pages")
                        .set(KEY, PlainHttp::Redirect.as_str());
                }
                (PlainHttp::Redirect | PlainHttp::Refuse, ..) => {}
            }
        }),
    }

    /// Where TLS ends before this proxy, the way from there to here crosses no public network.
    ///
    /// `terminate = "upstream"` says that a CDN or a balancer speaks TLS with the clients, and plain HTTP with this proxy.
    /// Within one data centre that is a decision. From a CDN it goes over the Internet: the page says https, and every
    /// password crosses a dozen networks in plain text. What `proxy.trusted` names is where these connections come from;
    /// a public network there is such a way.
    ///
    /// PRX002 speaks of networks that are everyone.
    ///
    /// Write: `tls.terminate = "proxy"` with a certificate of this proxy's own, which a CDN checks in its strict mode; or in
    /// `proxy.trusted` the private networks in which the balancer stands.
    TLS011 = "plain-http-from-the-cdn" {
        severity: Severities::live(Error),
        source: "OWASP ASVS 5.0 12.3.1: no unencrypted connection, inbound or outbound",
        keys: &["proxy.trusted", "tls.terminate"],
        reads: &[TERMINATE],
        fix: Unsafe,
        check: Check::Policy(|facts, out| {
            let policy = facts.policy;
            if policy.terminate() != Terminate::Upstream {
                return;
            }
            let trusted = &policy.proxy.trusted;
            let is_public = |(_, network): &(usize, &Cidr)| !is_private(**network) && !is_everyone(**network);
            let mut elements: Vec<(usize, &Cidr)> = trusted.iter().enumerate().filter(is_public).collect();
            elements.dedup_by_key(|(place, _)| trusted.element(*place));
            let Some(((first, network), others)) = elements.split_first() else { return };
            let element = trusted.element(*first);
            let name = trusted.names().nth(element).map_or_else(|| network.to_string(), str::to_owned);
            let message = format!("clients' requests come from {name} in plain HTTP, over public networks");
            let draft = out.at(("proxy.trusted", element), message);
            draft.label("a public network").also("tls.terminate", "TLS ends before this proxy");
            for (place, _) in others {
                draft.also(("proxy.trusted", trusted.element(*place)), "this one, too");
            }
            draft
                .help("set `tls.terminate = \"proxy\"`, so that TLS ends here again; or trust private networks alone")
                .set("tls.terminate", "proxy");
        }),
    }

    /// An app on another machine is reached through TLS.
    ///
    /// The proxy ends TLS, and behind it everything is readable again: what people sign in with, and every answer. On the
    /// machine itself nobody is between the two. To another machine there is a network with others in it, and with a public
    /// address or name it may be any network: that is an error. A private address or name is a warning, because some who
    /// run a network of their own decide so.
    ///
    /// A name without a dot, such as `app:8000`, is one of a container network or of the machine itself, and left alone.
    /// In a cluster the upstream is the cluster's business.
    ///
    /// Write: `app.upstream = "https://app.internal:8443"`, with a certificate for that name (`app.upstream_ca` names an
    /// authority of your own); or the app on this machine, `"127.0.0.1:8000"` or a socket.
    TLS012 = "plain-http-to-the-app" {
        severity: Severities::prod(Error),
        source: "OWASP ASVS 5.0 12.3.3: TLS between internal services",
        keys: &["app.upstream", "services.*.upstream"],
        fix: None,
        check: Check::Plan(|plan, out| {
            let policy = plan.policy;
            if plan.edge_layer() != Layer::Proxy {
                return;
            }
            let beside = policy.services.iter().filter_map(|(name, service)| {
                Some((KeyPath::from(("services", name.as_str(), "upstream")), service.upstream.as_ref()?))
            });
            for (key, upstreams) in std::iter::once(("app.upstream".into(), &policy.app.upstream)).chain(beside) {
                let plain = upstreams.iter().filter(|upstream| !upstream.is_encrypted()).filter_map(Upstream::host);
                let Some(host) = plain.max_by_key(|host| Whereabouts::of(host)) else { continue };
                let (label, is_error) = match Whereabouts::of(host) {
                    Whereabouts::Here | Whereabouts::Neighbour => continue,
                    Whereabouts::Private => ("on a private network, which others are on, too", false),
                    Whereabouts::Public => ("a public address or name: any network may be on the way", true),
                };
                let draft = out.at(key, format!("the program on {host} is reached in plain HTTP"));
                if !is_error {
                    draft.at_most(Warning);
                }
                draft.label(label).help(
                    "write `https://` before the host, and have the program show a certificate for it; or run it on this \
                     machine; or accept a network of your own with a reason and a date under `[[waivers]]`",
                );
            }
        }),
    }
}
