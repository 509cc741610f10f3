//! Values in every encoding, there and back.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::profile::Field;

static NONE: BTreeMap<String, String> = BTreeMap::new();

fn shape(key: &str) -> Shape {
    Field::parse(key).expect("a key of the profile").shape()
}

fn code(key: &str, encoding: Encoding) -> Code<'static> {
    Code { shape: shape(key), encoding, values: &NONE, also_read: &NONE, entry: None }
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(word, own)| ((*word).to_owned(), (*own).to_owned())).collect()
}

/// A key, an encoding that holds it, and a value that the profile can have there.
fn held() -> impl Strategy<Value = (&'static str, Encoding, Value)> {
    let time = any::<u32>().prop_map(|seconds| json!(Duration::seconds(seconds.into()).to_string()));
    let timed = select(
        &[
            Encoding::Text,
            Encoding::Seconds,
            Encoding::Milliseconds,
            Encoding::Minutes,
            Encoding::Hours,
            Encoding::Days,
        ][..],
    );
    let header = proptest::collection::vec("[A-Za-z0-9_-]{1,9}|\\*", 0..4).prop_map(|names| json!(names));
    let path = proptest::collection::vec("/[a-z,\\[]{0,6}", 0..3).prop_map(|paths| json!(paths));
    let listed = select(&[Encoding::Csv, Encoding::Blanks, Encoding::Json, Encoding::Single][..]);
    prop_oneof![
        any::<bool>().prop_map(|truth| ("app.debug", Encoding::Bool, json!(truth))),
        any::<u16>().prop_map(|port| ("email.smtp.port", Encoding::Int, json!(port))),
        "[a-z]{1,9}(\\.[a-z]{1,9})?".prop_map(|host| ("email.smtp.host", Encoding::Text, json!(host))),
        (timed, time).prop_map(|(encoding, time)| ("tokens.access_ttl", encoding, time)),
        (listed.clone(), header).prop_map(|(encoding, list)| ("cors.headers", encoding, list)),
        (listed, path).prop_map(|(encoding, list)| ("headers.no_store", encoding, list)),
    ]
}

proptest! {
    /// What is written is read back, or it is not written.
    #[test]
    fn what_is_encoded_comes_back((key, encoding, value) in held()) {
        let code = code(key, encoding);
        prop_assert!(encoding.holds(code.shape));
        match code.encode(&value) {
            Ok(text) => prop_assert_eq!(code.decode(&text), Ok(vec![value])),
            Err(_) => prop_assert!(code.may_refuse(), "{key} as {encoding} refuses {value}"),
        }
    }

    #[test]
    fn no_text_is_too_odd_to_be_judged(text in any::<String>(), at in 0..Encoding::ALL.len()) {
        let encoding = Encoding::ALL[at];
        let keys = ["app.debug", "email.smtp.port", "tokens.access_ttl", "app.url", "cors.origins", "database.engine"];
        for key in keys.into_iter().filter(|key| encoding.holds(shape(key))) {
            let code = code(key, encoding);
            for value in code.decode(&text).into_iter().flatten() {
                if let Ok(text) = code.encode(&value) {
                    prop_assert_eq!(code.decode(&text), Ok(vec![value]));
                }
            }
        }
    }
}

#[test]
fn words_are_the_apps_own() {
    let values = map(&[("dev", "test"), ("prod", "prod"), ("staging", "prod")]);
    let also = map(&[("production", "prod")]);
    let code =
        Code { shape: shape("app.mode"), encoding: Encoding::Text, values: &values, also_read: &also, entry: None };
    assert!(code.may_refuse());
    assert_eq!(code.encode(&json!("staging")).as_deref(), Ok("prod"));
    assert_eq!(code.decode("prod"), Ok(vec![json!("prod"), json!("staging")]));
    assert_eq!(code.decode("production"), Ok(vec![json!("prod")]));
    let refused = code.encode(&json!("test")).map_err(|misfit| misfit.to_string());
    assert_eq!(refused.err().as_deref(), Some("one of `dev`, `prod`, `staging`"));
    let unread = code.decode("Prod").map_err(|misfit| misfit.to_string());
    assert_eq!(unread.err().as_deref(), Some("one of `prod`, `production`, `test`"));
}

#[test]
fn the_host_of_a_url_may_stand_among_others() {
    let (code, url) = (code("app.url", Encoding::Host), json!("https://shop.example.com:8443"));
    assert_eq!(code.encode(&url).as_deref(), Ok("shop.example.com"));
    for right in ["shop.example.com", "a.example, shop.example.com", ".example.com", "[\"*.example.com\"]", "*"] {
        assert_eq!(code.decode_beside(right, &url), Ok(vec![url.clone()]), "{right}");
    }
    for wrong in ["example.com", "a.shop.example.com", ".xample.com", "shop.example.com.evil.example"] {
        assert_ne!(code.decode_beside(wrong, &url), Ok(vec![url.clone()]), "{wrong}");
    }
    assert!(code.decode(" ").is_err());
}

#[test]
fn the_origin_of_a_url_may_stand_among_others_and_has_a_scheme() {
    let (code, url) = (code("app.url", Encoding::Origin), json!("https://shop.example.com"));
    assert_eq!(code.encode(&url).as_deref(), Ok("https://shop.example.com"));
    for right in ["https://shop.example.com", "http://a.example,https://shop.example.com", "https://*.example.com"] {
        assert_eq!(code.decode_beside(right, &url), Ok(vec![url.clone()]), "{right}");
    }
    for wrong in
        ["http://shop.example.com", "https://example.com", "https://*.a.example", "https://shop.example.com:8443"]
    {
        assert_ne!(code.decode_beside(wrong, &url), Ok(vec![url.clone()]), "{wrong}");
    }
    for refused in ["shop.example.com", "https://shop.example.com, a.example", "*.example.com", " "] {
        assert!(code.decode_beside(refused, &url).is_err(), "{refused}");
    }
}

#[test]
fn a_truth_can_stand_for_a_word() {
    let values = map(&[("memory", "false"), ("redis", "true")]);
    let code = Code {
        shape: shape("state.backend"),
        encoding: Encoding::Bool,
        values: &values,
        also_read: &NONE,
        entry: None,
    };
    assert_eq!(code.encode(&json!("redis")).as_deref(), Ok("true"));
    assert_eq!(code.decode("Yes"), Ok(vec![json!("redis")]));
    assert!(code.decode("redis").is_err());
    let values = map(&[("false", "0"), ("true", "1")]);
    let code =
        Code { shape: shape("app.debug"), encoding: Encoding::Bool, values: &values, also_read: &NONE, entry: None };
    assert_eq!(code.encode(&json!(true)).as_deref(), Ok("1"));
    assert_eq!(code.decode("True"), Ok(vec![json!(true)]));
}

#[test]
fn each_encoding_refuses_what_it_would_misread() {
    let refused = [
        ("tokens.access_ttl", Encoding::Minutes, "15m"),
        ("tokens.access_ttl", Encoding::Seconds, "-1"),
        ("tokens.access_ttl", Encoding::Milliseconds, "1500"),
        ("cors.origins", Encoding::Blanks, "[\"https://a.example\"]"),
        ("tokens.refresh_ttl", Encoding::Days, "99999999999999999999"),
        ("app.debug", Encoding::Bool, "ture"),
        ("email.smtp.port", Encoding::Int, "+587"),
        ("cors.origins", Encoding::Json, "https://a.example,https://b.example"),
        ("cors.origins", Encoding::Json, "[1]"),
        ("cors.origins", Encoding::Csv, "[\"https://a.example\"]"),
        ("database.engine", Encoding::Text, "postgres"),
    ];
    for (key, encoding, text) in refused {
        assert!(code(key, encoding).decode(text).is_err(), "{key} as {encoding}: {text}");
    }
    let taken = [
        ("app.debug", Encoding::Bool, "True", json!(true)),
        ("tokens.access_ttl", Encoding::Minutes, " 90", json!("90m")),
        ("tokens.access_ttl", Encoding::Hours, "12", json!("12h")),
        ("tokens.access_ttl", Encoding::Milliseconds, "900000", json!("15m")),
        ("cors.methods", Encoding::Blanks, " GET  POST", json!(["GET", "POST"])),
        ("app.url", Encoding::Host, "a.example", json!("https://a.example")),
        (
            "cors.origins",
            Encoding::Csv,
            "https://a.example, https://b.example,",
            json!(["https://a.example", "https://b.example"]),
        ),
        ("cors.origins", Encoding::Csv, "", json!([])),
        ("app.url", Encoding::Text, "https://a.example:443", json!("https://a.example")),
        ("app.url", Encoding::Text, "not a URL", json!("not a URL")),
    ];
    for (key, encoding, text, value) in taken {
        assert_eq!(code(key, encoding).decode(text), Ok(vec![value]), "{key} as {encoding}: {text}");
    }
}
