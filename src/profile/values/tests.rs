//! What each type takes, refuses, and offers in the place of what it refuses.

use proptest::prelude::*;

use super::*;
use crate::profile::{Instead, Text};

fn accepts<T: Text>(good: &[&str], bad: &[&str]) {
    for text in good {
        assert!(T::parse(text).is_ok(), "{text:?} is {}", T::WHAT);
    }
    for text in bad {
        assert!(T::parse(text).is_err(), "{text:?} is not {}", T::WHAT);
    }
    for text in T::EXAMPLES {
        assert!(T::parse(text).is_ok(), "the example {text:?} is {}", T::WHAT);
    }
}

#[test]
fn each_constructor_takes_its_own_and_nothing_else() {
    accepts::<Duration>(&["0s", "365d"], &["", "1", "1w", "-1s", "1.5h", "1 h", "99999999999999999999y", "s"]);
    accepts::<ByteSize>(&["1B"], &["0B", "10MB", "10", "MiB", "9999999999GiB"]);
    accepts::<Rate>(&["1/day"], &["0/min", "5/m", "5", "/min", "+5/min", "5/min/min"]);
    accepts::<Label>(&["a", "a-1"], &["", "-a", "a-", "A", "a_b", "a.b"]);
    accepts::<HostName>(
        &["localhost", "xn--e1afmkfd.xn--p1ai"],
        &["*.x", "X.y", "a b", "a..b", "1.2.3.4", "x:80", "https://x"],
    );
    accepts::<Origin>(
        &["http://[::1]:8080", "https://1.2.3.4"],
        &[
            "https://x/",
            "https://X",
            "https://x:443",
            "http://x:80",
            "null",
            "*",
            "https://*.x",
            "x",
            "ftp://x",
            "https://u@x",
            "https://x:0",
        ],
    );
    accepts::<Url>(
        &["https://x/a/b", "https://x:443"],
        &["https://x?q", "https://x#f", "https://u:p@x", "https://x/$a", "//x", "https://x//a", "https://x/a/../b"],
    );
    accepts::<Cidr>(&["10.0.0.1", "::/0"], &["10.0.0.1/8", "10.0.0.0/33", "10.0.0", "x"]);
    accepts::<Upstream>(
        &["app:8000", "[::1]:80"],
        &["app", "app:0", "app:99999", "unix:x", "unix:/a:b", "a b:1", "app:+80"],
    );
    let socket = |length| format!("unix:{}", "/".repeat(length));
    accepts::<Upstream>(&[&socket(107)], &[&socket(108)]);
    accepts::<HeaderValue>(&["a b", "$x \\ \""], &["", " a", "a ", "a\nb", "é", "a\u{0}"]);
    // Both are written with a backslash before them.
    accepts::<HeaderValue>(&[&"\"".repeat(2_000)], &[&"\\".repeat(2_001)]);
    accepts::<UrlPath>(
        &["/", "/a/", "/*/b"],
        &["a", "/a b", "/a%20", "/a?b", "//a", "/a/../b", "/a{x}", "/{}", "/{x", "/a;b", "/$x"],
    );
    accepts::<FilePath>(&["/a"], &["a", "/a b", "/$a", "/a\"", "/é"]);
    accepts::<SecretRef>(&["env:_A1"], &["", "hunter2", "env:", "env:1A", "env:A-B", "file:a", "file:", "ENV:A"]);
    accepts::<CookieName>(&["a.b-c_d"], &["", "~a", "a=b", "a b", "a;b"]);
    accepts::<Version>(&["1", "1.2.3"], &["", "1.2.3.4", "1.", "v1", "1.x", "+1"]);
    accepts::<EmailAddress>(&["a.b+c@x.example"], &["a", "@x", "a@", "a b@x", "a@X y"]);
    accepts::<Image>(&["a/b@sha256:00"], &["", "a b", "-a"]);
    accepts::<AppKind>(&["../packs/x.toml"], &["", "instacrd", "x.toml", "./x.json"]);
}

#[test]
fn durations_and_sizes_show_in_the_largest_unit_they_fill() {
    assert_eq!(Duration::seconds(365 * 86_400).to_string(), "1y");
    assert_eq!(Duration::seconds(90).to_string(), "90s");
    assert_eq!(Duration::seconds(0).to_string(), "0s");
    assert_eq!(
        ["1y", "1h", "30d", "90s"].map(|text| Duration::parse(text).expect("a duration").in_words()),
        ["a year", "an hour", "30 days", "90 seconds"]
    );
    assert_eq!(ByteSize::mebibytes(10).to_string(), "10MiB");
}

#[test]
fn rates_are_whole_per_minute_or_second_or_neither() {
    let whole =
        |text| Rate::parse(text).expect("a rate").per_minute_or_second().map(|(count, period)| (count.get(), period));
    assert_eq!(whole("5/min"), Some((5, Period::Minute)));
    assert_eq!(whole("60/h"), Some((1, Period::Minute)));
    assert_eq!(whole("10/s"), Some((600, Period::Minute)));
    assert_eq!(whole("1000000/s"), Some((60_000_000, Period::Minute)));
    assert_eq!(whole("20/h"), None);
    assert_eq!(whole("100/h"), None);
    assert_eq!(whole("1/day"), None);
    assert_eq!(whole("30/15min"), Some((2, Period::Minute)));
    assert_eq!(whole("20/15min"), None);
}

#[test]
fn a_rate_may_count_over_several_periods() {
    let rate = |text| Rate::parse(text).expect("a rate");
    for (text, shown, seconds, in_a_day) in [
        ("20/15min", "20/15min", 900, 1_920),
        ("20/60s", "20/min", 60, 28_800),
        ("20/1min", "20/min", 60, 28_800),
        ("5/90min", "5/90min", 5_400, 80),
        ("5/24h", "5/day", 86_400, 5),
        ("20/7day", "20/7day", 604_800, 20),
    ] {
        let rate = rate(text);
        assert_eq!((rate.to_string().as_str(), rate.seconds(), rate.in_a_day()), (shown, seconds, in_a_day), "{text}");
    }
    assert!(rate("20/15min").at_most(rate("20/min")) && !rate("20/15min").at_most(rate("20/30min")));
    assert_eq!([rate("20/15min"), rate("20/min")].map(Rate::time_in_words), ["15 minutes", "minute"]);
    let help = |text| Rate::parse(text).expect_err("no rate").help;
    assert_eq!(help("20/15m"), "write \"20/15min\"");
    assert_eq!(help("20 per 15 minutes"), "write \"20/15min\"");
    accepts::<Rate>(&["1/9999day"], &["20/0min", "20/015min", "20/10000s", "20/-1s", "20/1.5h", "20/15", "20/15 min"]);
}

#[test]
fn a_refused_secret_is_never_repeated() {
    for text in ["hunter2-not-real", "env:hunter2 not real", "file:hunter2-not-real"] {
        let refusal = SecretRef::parse(text).expect_err("a literal");
        assert_eq!(refusal.code, "SEC001");
        assert!(!refusal.message.contains("hunter2") && !refusal.help.contains("hunter2"));
    }
}

#[test]
fn a_wrong_origin_is_told_the_one_that_was_meant() {
    let help = |text| Origin::parse(text).expect_err("no origin").help;
    assert_eq!(help("https://Shop.example.com:443/"), "write \"https://shop.example.com\"");
    assert_eq!(help("https://shop.example.com@evil.example"), "write \"https://evil.example\"");
    assert_eq!(Origin::parse("null").expect_err("null").code, "COR003");
    assert_eq!(Origin::parse("https://*.example.com").expect_err("a pattern").code, "COR006");
    for octal in ["010.0.0.0/8", "10.00.0.0/8", "10.0.0.0/08", "10.0.0.0/+8", "010.0.0.1", "10.0.0.0/", "/8"] {
        assert!(Cidr::parse(octal).is_err(), "{octal}");
    }
    assert!(["10.0.0.0/8", "0.0.0.0/0", "::/0", "::ffff:10.0.0.1"].iter().all(|text| Cidr::parse(text).is_ok()));
    assert_eq!(Origin::parse("https://a.example/").expect_err("a slash").code, "COR004");
}

#[test]
fn only_what_is_beyond_doubt_is_written_instead() {
    let instead = |text| match Origin::parse(text).expect_err("no origin").instead {
        Some(Instead::Text(text)) => Some(text),
        Some(Instead::Nothing) => Some(String::new()),
        None => None,
    };
    let sure = [
        ("https://Shop.example.com:443/api?a#b", "https://shop.example.com"),
        ("HTTP://localhost:3000/", "http://localhost:3000"),
        ("http://[::1]:80", "http://[::1]"),
        ("null", ""),
    ];
    for (text, meant) in sure {
        assert_eq!(instead(text).as_deref(), Some(meant), "{text}");
    }
    let unsure = [
        "shop.example.com",
        "https:/shop.example.com",
        "https://user:secret@shop.example.com",
        "https://shop.example.com@evil.example",
        "https://shop.example.com\\api",
        "https://shöp.example.com",
        "https://*.example.com",
        "ftp://shop.example.com/",
    ];
    for text in unsure {
        assert_eq!(instead(text), None, "{text}");
    }
}

#[test]
fn a_route_is_written_as_the_path_that_it_means() {
    let instead = |text| match UrlPath::parse(text).expect_err("no path").instead {
        Some(Instead::Text(text)) => Some(text),
        Some(Instead::Nothing) | None => None,
    };
    for (route, meant) in [
        ("/users/:id/reset", Some("/users/*/reset")),
        ("/users/<int:id>", Some("/users/*")),
        ("/files/{path:path}", Some("/files/")),
        ("/files/<path:rest>", Some("/files/")),
        ("/docs/[...slug]", Some("/docs/")),
        ("/teams/[team]/[...slug]", Some("/teams/*/")),
        // Two paths each, or everything.
        ("/users/:id?", None),
        ("/docs/[[...slug]]", None),
        ("/files/:rest*", None),
        ("/{path:path}/edit", None),
        ("/{path:path}", None),
    ] {
        assert_eq!(instead(route).as_deref(), meant, "{route}");
    }
}

proptest! {
    /// What a value shows as is a value again, and the same one.
    #[test]
    fn written_values_read_back(seconds in 0_u64..1 << 40, bytes in 1_u64..1 << 40, count in 1_u32..=1_000_000, period in 0_usize..4) {
        let duration = Duration::seconds(seconds);
        prop_assert_eq!(Duration::parse(&duration.to_string()).ok(), Some(duration));
        let size = ByteSize::parse(&format!("{bytes}B")).expect("bytes");
        prop_assert_eq!(ByteSize::parse(&size.to_string()).ok(), Some(size));
        let rate = Rate::new(count, Period::ALL[period]);
        prop_assert_eq!(Rate::parse(&rate.to_string()).ok(), Some(rate));
    }

    /// No constructor panics, and what it takes it shows unchanged.
    #[test]
    fn any_text_is_taken_as_it_is_or_refused(text in any::<String>()) {
        fn unchanged<T: Text + std::fmt::Display>(text: &str) {
            if let Ok(value) = T::parse(text) {
                assert_eq!(value.to_string(), text);
            }
        }
        unchanged::<Origin>(&text);
        unchanged::<HeaderValue>(&text);
        unchanged::<HostName>(&text);
        unchanged::<UrlPath>(&text);
        unchanged::<FilePath>(&text);
        unchanged::<Upstream>(&text);
        unchanged::<SecretRef>(&text);
        unchanged::<CookieName>(&text);
        let _ = (Duration::parse(&text), ByteSize::parse(&text), Rate::parse(&text), Cidr::parse(&text), Url::parse(&text));
    }

    /// An accepted origin is what the URL parser of browsers makes of it.
    #[test]
    fn origins_agree_with_the_url_standard(text in "https?://[a-z0-9.-]{1,20}(:[0-9]{1,5})?") {
        if let Ok(origin) = Origin::parse(&text) {
            let url = url::Url::parse(&text).expect("an origin is a URL");
            prop_assert_eq!(url.origin().ascii_serialization(), origin.to_string());
        }
    }
}
