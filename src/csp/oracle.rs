//! Servo's implementation answers the same questions in the same way.

use content_security_policy as servo;
use proptest::prelude::*;
use proptest::sample::select;
use servo::{CheckResult, CspList, Destination, InlineCheckType, Url};

use super::Csp;

const NAMES: &[&str] = &[
    "default-src",
    "script-src",
    "Script-Src",
    "script-src-elem",
    "script-src-attr",
    "style-src",
    "STYLE-SRC",
    "style-src-elem",
    "style-src-attr",
    "child-src",
    "frame-src",
    "img-src",
    "connect-src",
    "font-src",
    "object-src",
    "manifest-src",
    "media-src",
    "sandbox",
    "unknown",
];

/// Servo looks for 'none', 'strict-dynamic' and nonces in lower case alone.
const QUOTED: &[&str] = &[
    "'none'",
    "'self'",
    "'SELF'",
    "'unsafe-inline'",
    "'Unsafe-Inline'",
    "'strict-dynamic'",
    "'nonce-YWJj'",
    "'nonce-'",
    "'SHA256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'unheard-of'",
];

const UNQUOTED: &[&str] = &[
    "self",
    "*",
    "*:*",
    "*:8443",
    "https:",
    "HTTP:",
    "data:",
    "blob:",
    "wss:",
    "https://*",
    "http://*/lib/",
    "a.example",
    "A.example:8443",
    "a.example:443",
    "a.example:80",
    "*.example",
    "*.a.example",
    "http://a.example:80",
    "https://a.example:*/lib/",
    "https://a.example/lib",
    "a.example/lib/x.js",
    "a.example/%6Cib/x.js",
    "a.example/lib%2Fx.js",
    "a.example/",
    "192.0.2.1",
    "127.0.0.1",
    "a_b.example",
    "a..example",
    "https:/a.example",
    "a.example/x?y",
];

const URLS: &[&str] = &[
    "https://a.example",
    "https://a.example/lib",
    "https://a.example/lib/",
    "https://a.example/lib/x.js",
    "https://a.example:8443/lib/x.js",
    "http://a.example/lib/x.js",
    "http://a.example:8443/",
    "https://b.a.example/l%69b/x.js",
    "https://192.0.2.1/",
    "https://127.0.0.1/",
    "https://other.test/lib/y.js",
];

const REQUESTS: &[(&str, Destination)] = &[
    ("script-src", Destination::Script),
    ("style-src", Destination::Style),
    ("frame-src", Destination::IFrame),
    ("img-src", Destination::Image),
    ("connect-src", Destination::None),
    ("font-src", Destination::Font),
    ("object-src", Destination::Object),
    ("manifest-src", Destination::Manifest),
    ("media-src", Destination::Video),
];

const EDITED: &[&str] = &["script-src", "img-src", "frame-src", "base-uri"];

const INLINE: &[(&str, InlineCheckType)] = &[
    ("script-src-elem", InlineCheckType::Script),
    ("script-src-attr", InlineCheckType::ScriptAttribute),
    ("style-src-elem", InlineCheckType::Style),
    ("style-src-attr", InlineCheckType::StyleAttribute),
];

fn servo_reads(value: &str) -> CspList {
    CspList::parse(value, servo::PolicySource::Header, servo::PolicyDisposition::Enforce)
}

/// Headers with names that repeat, in any case, between odd blanks; half of the sources are quoted.
fn headers() -> impl Strategy<Value = String> {
    let blank = select(&[" ", "\t", "  ", " \n", "\x0c"][..]);
    let source =
        (blank, prop_oneof![select(QUOTED), select(UNQUOTED)]).prop_map(|(blank, source)| format!("{blank}{source}"));
    let directive = (select(&["", " ", "\r\n"][..]), select(NAMES), prop::collection::vec(source, 0..4))
        .prop_map(|(blank, name, sources)| format!("{blank}{name}{}", sources.concat()));
    let part = prop_oneof![9 => directive, 1 => select(&["", " ", "img-src é"][..]).prop_map(String::from)];
    let policy = prop::collection::vec(part, 0..5).prop_map(|parts| parts.join(";"));
    prop::collection::vec(policy, 1..3).prop_map(|policies| policies.join(","))
}

fn directives(value: &str) -> Vec<Vec<(String, Vec<&str>)>> {
    let csp = Csp::parse(value);
    let read = csp.policies().iter().map(|policy| {
        let mut read: Vec<(String, Vec<_>)> = Vec::new();
        for directive in &policy.directives {
            let first = policy.directive(directive.name()).expect("it is there");
            if !read.iter().any(|(name, _)| first.is(name)) {
                read.push((first.name().to_ascii_lowercase(), first.words().collect()));
            }
        }
        read
    });
    read.filter(|directives| !directives.is_empty()).collect()
}

fn servo_directives<'a>(csp: &'a CspList) -> Vec<Vec<(String, Vec<&'a str>)>> {
    let read = |directive: &'a servo::Directive| {
        (directive.name.clone(), directive.value.iter().map(String::as_str).collect())
    };
    csp.0.iter().map(|policy| policy.directive_set.iter().map(read).collect()).collect()
}

fn servo_allows(csp: &CspList, destination: Destination, url: &str) -> bool {
    let url = Url::parse(url).expect("a URL");
    let page = Url::parse("https://page.test").expect("a URL");
    let request = servo::Request {
        current_url: url.clone(),
        url,
        origin: page.origin(),
        redirect_count: 0,
        destination,
        initiator: servo::Initiator::None,
        nonce: String::new(),
        integrity_metadata: String::new(),
        parser_metadata: servo::ParserMetadata::ParserInserted,
    };
    csp.should_request_be_blocked(&request).0 == CheckResult::Allowed
}

fn servo_allows_inline(csp: &CspList, kind: InlineCheckType) -> bool {
    let element = servo::Element { nonce: None };
    csp.should_elements_inline_type_behavior_be_blocked(&element, kind, "alert()").0 == CheckResult::Allowed
}

proptest! {
    #[test]
    fn directives_are_read_alike(value in prop_oneof![headers(), "[a-cA-C' \t\n\r\x0b\x0c;,é]{0,40}"]) {
        let expected = servo_reads(&value);
        prop_assert_eq!(directives(&value), servo_directives(&expected));
    }

    #[test]
    fn requests_are_allowed_alike(value in headers()) {
        let (csp, expected) = (Csp::parse(&value), servo_reads(&value));
        for &(name, destination) in REQUESTS {
            for url in URLS {
                prop_assert_eq!(csp.allows(name, url), servo_allows(&expected, destination, url), "{} {}", name, url);
            }
            for (scheme, url) in [("data:", "data:text/css,x"), ("blob:", "blob:https://page.test/1")] {
                let expected = servo_allows(&expected, destination, url);
                prop_assert_eq!(csp.allows(name, scheme), expected, "{} {}", name, url);
            }
        }
    }

    #[test]
    fn inline_code_is_allowed_alike(value in headers()) {
        let (csp, expected) = (Csp::parse(&value), servo_reads(&value));
        for &(name, kind) in INLINE {
            prop_assert_eq!(csp.allows_inline(name), servo_allows_inline(&expected, kind), "{}", name);
        }
        prop_assert_eq!(csp.allows_eval(), expected.is_js_evaluation_allowed("").0 == CheckResult::Allowed);
    }

    #[test]
    fn nothing_panics(value in prop_oneof![any::<String>(), headers(), "[-a.*:/%'=;, ]{0,30}"]) {
        let csp = Csp::parse(&value);
        for problem in csp.problems() {
            prop_assert!(!problem.to_string().is_empty());
        }
        for name in NAMES {
            let _ = (csp.reach(name), csp.allows(name, &value), csp.allows_inline(name), csp.allows_eval());
            let _ = (csp.with_source(name, &["https://cdn.test"]), csp.with_directive(name, "'none'"));
        }
    }

    /// An edit does what it says, once, and no more.
    #[test]
    fn edits_change_one_directive(value in headers(), name in select(EDITED)) {
        let csp = Csp::parse(&value);
        let added = csp.with_source(name, &["https://cdn.test"]);
        let edited = Csp::parse(&added);
        let strict = csp.policies().iter().any(|policy| {
            policy.in_effect("script-src-elem").is_some_and(|directive| directive.has(super::Keyword::StrictDynamic))
        });
        prop_assert!(edited.allows(name, "https://cdn.test/x.js") || (name == "script-src" && strict));
        prop_assert_eq!(edited.with_source(name, &["https://cdn.test"]), added.clone());
        prop_assert_eq!(edited.reach("font-src"), csp.reach("font-src"));

        let replaced = csp.with_directive(name, "'none'");
        let edited = Csp::parse(&replaced);
        prop_assert_eq!(edited.policies().len(), csp.policies().len());
        prop_assert_eq!(edited.reach(name), super::Reach::Nothing);
        prop_assert_eq!(edited.with_directive(name, "'none'"), replaced.clone());
    }
}
