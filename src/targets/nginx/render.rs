//! From a [`Context`] to files.

use serde::{Serialize, Serializer};

use super::super::template::{Error, File, Language, Template, bare};
use super::context::{Context, Protocol, Rate, Variable};
use super::escape::{Constant, PathRegex, Text, Word, quote};

/// The files, in the order in which nginx must read them: `common.conf` sizes the tables that the
/// maps behind it are put into.
const INCLUDED: [Template; 3] = [
    Template { name: "common.conf", text: include_str!("../../../templates/nginx/common.conf.j2") },
    Template { name: "seccfg.conf", text: include_str!("../../../templates/nginx/seccfg.conf.j2") },
    Template { name: "site.conf", text: include_str!("../../../templates/nginx/site.conf.j2") },
];

const STANDALONE: Template =
    Template { name: "nginx.conf", text: include_str!("../../../templates/nginx/nginx.conf.j2") };

/// Renders the three files to be included, and `nginx.conf` where the context asks for it.
pub fn render(context: &Context) -> Result<Vec<File>, Error> {
    let nginx = Language::new(quote);
    let templates = INCLUDED.iter().chain(context.standalone.then_some(&STANDALONE));
    templates.map(|template| nginx.render(template, context)).collect()
}

bare! {
    Word => as_str,
    Constant => quoted,
    PathRegex => quoted,
    Protocol => as_str,
    Rate => as_str,
    Variable => as_str,
}

impl Serialize for Text {
    /// As plain text: the formatter quotes it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::num::{NonZeroU32, NonZeroU64};

    use minijinja::value::Serde;
    use minijinja::{Value, context};

    use super::super::super::proxy::Transport;
    use super::super::context::{
        Client, Cookie, Cors, Forward, Headers, IpFilter, Origins, RateLimit, Redirect, Tls, Upstream, prefix,
    };
    use super::super::escape::Comment;
    use super::*;
    use crate::plan::When;
    use crate::profile::SameSite;

    fn word(text: &str) -> Word {
        Word::new(text).expect("a word")
    }

    fn text(text: &str) -> Text {
        Text::new(text).expect("a text")
    }

    fn comment(text: &str) -> Comment {
        Comment::new(text).expect("a comment")
    }

    fn redirects() -> Vec<Redirect> {
        vec![Redirect { name: word("a.example"), to: word("https://a.example") }]
    }

    fn tls() -> Transport<Tls> {
        Transport::Tls(Tls {
            sockets: vec!["[::]:443".parse().expect("an address")],
            protocols: vec![Protocol::Tls12, Protocol::Tls13],
            ciphers: Some(word("ECDHE-RSA-AES128-GCM-SHA256")),
            curves: Some(word("X25519:prime256v1")),
            certificate: text("/etc/a b/cert.pem"),
            key: text("/etc/a b/key.pem"),
            stapling: true,
            http2_directive: false,
            acme_webroot: Some(text("/var/www/acme")),
        })
    }

    /// A context in which everything is asked for.
    fn everything(transport: Transport<Tls>, redirects: Vec<Redirect>, origins: Origins, forward: Forward) -> Context {
        let prefix = prefix("my-app").expect("a prefix");
        let mut headers = Headers::new(&prefix);
        for (name, value, when) in [
            ("X-A", "plain", When::Always),
            ("X-B", "$dollar", When::Always),
            ("X-C", "plain", When::Https),
            ("X-D", "$dollar", When::Https),
        ] {
            headers.add(comment("A header [headers]"), name, value, when).expect("a header");
        }
        Context {
            header: comment("seccfg"),
            unenforced: vec![comment("Not enforced, by waiver: lockout")],
            prefix,
            standalone: true,
            http: vec!["[::]:80".parse().expect("an address")],
            server_names: vec![word("a.example")],
            transport,
            redirects,
            hide_version: true,
            headers,
            hide: vec![word("X-Powered-By")],
            no_store: vec![PathRegex::under("/api/").expect("a path")],
            cors: Some(Cors {
                origins,
                allow_methods: text("GET"),
                allow_headers: text("Accept"),
                expose_headers: Some(text("X-Total")),
                max_age: 600,
            }),
            limits: vec![RateLimit {
                why: comment("Rate limit [rate_limits.routes.a]"),
                id: word("a"),
                rate: Rate::per_minute(NonZeroU32::MIN),
                burst: 4,
                retry_after: 60,
                paths: vec![PathRegex::exact("/a").expect("a path")],
            }],
            hidden: vec![PathRegex::under("/docs").expect("a path")],
            client: Client { trusted: vec![word("10.0.0.0/8")], forward, drop: vec![word("Forwarded")] },
            cookies: Vec::from_iter(Cookie::new("a", Some(true), Some(false), Some(SameSite::Lax)).expect("a cookie")),
            ip_filter: IpFilter { deny: vec![word("10.1.0.0/16")], allow: vec![word("10.0.0.0/8")] },
            max_body: NonZeroU64::new(1),
            upstream: Upstream {
                address: word("127.0.0.1:8000"),
                keepalive: NonZeroU32::MIN,
                timeout: NonZeroU64::MIN,
            },
        }
    }

    /// Every transport, the first with TLS.
    fn every_kind() -> Vec<Context> {
        let listed = Origins::Listed { origins: vec![text("https://a.example")], credentials: true };
        vec![
            everything(tls(), redirects(), listed.clone(), Forward::Overwrite),
            everything(tls(), Vec::new(), Origins::Any, Forward::Append),
            everything(Transport::Upstream, redirects(), listed.clone(), Forward::Append),
            everything(Transport::Upstream, Vec::new(), listed, Forward::Overwrite),
            everything(Transport::Plain, Vec::new(), Origins::Any, Forward::Overwrite),
        ]
    }

    /// The names behind `$seccfg_my__app_`, in order.
    fn variables(text: &str) -> impl Iterator<Item = &str> {
        text.split('$').skip(1).filter_map(|text| {
            let name = text.strip_prefix("seccfg_my__app_")?;
            name.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next()
        })
    }

    #[test]
    fn what_is_looked_up_is_defined_once() {
        for context in every_kind() {
            let files = render(&context).expect("everything is writable");
            let [_, maps, site, _] = files.as_slice() else { panic!("four files") };
            // `map $what_is_looked_up $what_is_defined {`
            let heads = maps.text.lines().filter(|line| line.ends_with(" {") && line.contains('$'));
            let defined: Vec<_> = heads.filter_map(|line| variables(line).last()).collect();
            let unique: BTreeSet<_> = defined.iter().copied().collect();
            assert_eq!(unique.len(), defined.len(), "defined twice: {defined:?}");
            let used: BTreeSet<_> = variables(&maps.text).chain(variables(&site.text)).collect();
            assert_eq!(used, unique);
        }
    }

    #[test]
    fn nothing_below_a_server_stops_what_it_inherits() {
        let inherited = ["add_header", "proxy_hide_header", "proxy_set_header", "limit_req", "proxy_cookie_flags"];
        for context in every_kind() {
            let files = render(&context).expect("everything is writable");
            for line in files[2].text.lines().filter(|line| line.starts_with("        ")) {
                let directive = line.split_whitespace().next().expect("an indented line has words");
                assert!(!inherited.contains(&directive), "{line}");
            }
        }
    }

    #[test]
    fn the_default_server_speaks_tls_as_the_site_does() {
        let with_tls = every_kind().swap_remove(0);
        let files = render(&with_tls).expect("everything is writable");
        let settings = |file: &File| -> Vec<String> {
            let own = ["ssl_certificate", "ssl_stapling", "ssl_reject_handshake"];
            let lines = file.text.lines().map(str::trim).filter(|line| line.starts_with("ssl_"));
            lines.filter(|line| !own.iter().any(|own| line.starts_with(own))).map(str::to_owned).collect()
        };
        assert_eq!(settings(&files[0]), settings(&files[2]));
        assert!(settings(&files[2]).contains(&"ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256;".to_owned()));
        assert!(files[2].text.contains("ssl_certificate \"/etc/a b/cert.pem\";"));
    }

    #[test]
    fn files_are_made_the_same_each_time_and_say_by_what() {
        for context in every_kind() {
            let files = render(&context).expect("everything is writable");
            assert_eq!(render(&context).as_ref(), Ok(&files));
            assert_eq!(files.len(), 4);
            for File { name, text } in files {
                assert!(text.starts_with("# seccfg\n"), "{name}");
                assert!(text.ends_with("}\n"), "{name}");
                assert!(!text.contains("\n\n\n") && !text.contains(" \n"), "{name}:\n{text}");
            }
        }
    }

    fn write(template: &'static str, value: impl Into<Value>) -> Result<String, Error> {
        let template = Template { name: "test.conf", text: template };
        let values = context! { value => value.into() };
        Language::new(quote).render(&template, &values).map(|file| file.text)
    }

    #[test]
    fn text_is_quoted_words_and_numbers_are_bare() {
        assert_eq!(write("a {{ value }};\n", "b c\"").as_deref(), Ok("a \"b c\\\"\";\n"));
        assert_eq!(write("a {{ value }};", 7).as_deref(), Ok("a 7;"));
        let bare = Value::from(Serde(word("a.b")));
        assert_eq!(write("a {{ value }};", bare).as_deref(), Ok("a a.b;"));
    }

    #[test]
    fn all_else_is_refused_and_the_place_named() {
        let refused = [
            Value::from("a\nb"),
            Value::from("$host"),
            Value::from("é"),
            Value::from("x".repeat(5000)),
            Value::from(true),
            Value::from(1.5),
            Value::from(()),
            Value::from(vec![1]),
            Value::UNDEFINED,
        ];
        for value in refused {
            let error = write("server {\n    a {{ value }};\n}\n", value).expect_err("not writable");
            let text = error.to_string();
            assert!(text.starts_with("test.conf, line 2 `a {{ value }};`: "), "{text}");
        }
    }

    #[test]
    fn nothing_comes_between_a_value_and_the_formatter() {
        for template in [
            "{{ value|safe }}",
            "{{ value|escape }}",
            "{{ value|upper }}",
            "{{ value|tojson }}",
            "{% filter upper %}{{ value }}{% endfilter %}",
            "{{ value is defined }}",
            "{{ range(3) }}",
            "{% include value %}",
            "{% macro m() %}{% endmacro %}",
            "{{ nothing }}",
            "{% if nothing %}{% endif %}",
        ] {
            assert!(write(template, "x").is_err(), "{template}");
        }
        // Joined text is text, whatever it was joined from.
        let bare = Value::from(Serde(word("a")));
        assert_eq!(write("{{ value ~ ';' }}", bare).as_deref(), Ok("\"a;\""));
    }
}
