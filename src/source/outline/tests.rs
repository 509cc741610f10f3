//! Where a cursor stands, in whole texts and in broken ones.

use proptest::prelude::*;

use super::*;

/// What is at the `|` of a text, which is taken out of it: `key hsts.enab`, `value cors.origins[1] `.
fn at(text: &str) -> String {
    let offset = text.find('|').expect("the test says where");
    let text = text.replacen('|', "", 1);
    let written = |span: Span| &text[span.start..span.end];
    match here(&text, offset) {
        Here::Header { above, written: span } => format!("header {above}: {}", written(span)),
        Here::Key { table, written: span } => format!("key {table}: {}", written(span)),
        Here::Value { path, written: span } => format!("value {path}: {}", written(span)),
        Here::Elsewhere => "elsewhere".to_owned(),
    }
}

#[test]
fn a_cursor_is_found_in_texts_that_are_no_toml_yet() {
    for (text, expected) in [
        ("|", "key : "),
        ("ver|", "key : ver"),
        ("version = |", "value version: "),
        ("version =|\n[app]\n", "value version: "),
        ("version = 1|\n", "value version: 1"),
        ("version = 1 |\n", "elsewhere"),
        ("version |\n", "elsewhere"),
        ("# a com|ment\n", "elsewhere"),
        ("[|", "header : "),
        ("[hs|", "header : hs"),
        ("[hs|\n\n[app]\n", "header : hs"),
        ("[cookies.|]\n", "header cookies: "),
        ("[cookies.ses|sion]\n", "header cookies: session"),
        ("[hsts]|\n", "elsewhere"),
        ("[hsts]\n|", "key hsts: "),
        ("[hsts]\nmax_age = \"1y\"\n|\n[cors]\n", "key hsts: "),
        ("[hsts]\nen|\n[cors]\n", "key hsts: en"),
        ("[hsts]\nmax_age = \"1|", "value hsts.max_age: \"1"),
        ("[hsts]\nmax_age = \"|\"\n", "value hsts.max_age: \"\""),
        ("tls.certificate.|\n", "key tls.certificate: "),
        ("tls.certificate.iss|uer = 1\n", "key tls.certificate: issuer"),
        ("[cors]\norigins = [|\n", "value cors.origins[0]: "),
        ("[cors]\norigins = [\"a\", |]\n", "value cors.origins[1]: "),
        ("[cors]\norigins = [\"a\", \"b|\"]\n", "value cors.origins[1]: \"b\""),
        ("[cors]\norigins = [\n  \"a\",\n  |\n]\n", "value cors.origins[1]: "),
        ("[modes.dev]\nhsts = { |\n", "key modes.dev.hsts: "),
        ("[modes.dev]\nhsts = { enabled = |}\n", "value modes.dev.hsts.enabled: "),
        ("[modes.dev]\nhsts = { enabled = true, m|", "key modes.dev.hsts: m"),
        ("[[waivers]]\nrule = \"A\"\n[[waivers]]\nrule = \"|\"\n", "value waivers[1].rule: \"\""),
        // What is not closed hides nothing of the next section.
        ("[cors]\norigins = [\"a\",\n\n[hsts]\nen|\n", "key hsts: en"),
        ("a = \"\"\"\n[hsts]\nen|", "key hsts: en"),
        ("\u{feff}[hsts]\nen|\n", "key hsts: en"),
        ("[cookies.\"a b\"]\nsec|\n", "key cookies.\"a b\": sec"),
    ] {
        assert_eq!(at(text), expected, "{text:?}");
    }
}

#[test]
fn names_and_values_have_their_paths() {
    let text = "version = 1\n[cors]\norigins = [\"a\", \"b\"]\n[modes.dev]\nhsts = { enabled = true }\n";
    let outline = Outline::of(text);
    let spots: Vec<String> =
        outline.spots.iter().map(|spot| format!("{}={}", spot.path, &text[spot.span.start..spot.span.end])).collect();
    assert_eq!(
        spots,
        [
            "version=version",
            "version=1",
            "cors=cors",
            "cors.origins=origins",
            "cors.origins[0]=\"a\"",
            "cors.origins[1]=\"b\"",
            "modes=modes",
            "modes.dev=dev",
            "modes.dev.hsts=hsts",
            "modes.dev.hsts.enabled=enabled",
            "modes.dev.hsts.enabled=true",
        ]
    );
    let headed: Vec<&str> = outline.headed.iter().map(|one| &text[one.header.start..one.end]).collect();
    assert_eq!(headed, ["[cors]\norigins = [\"a\", \"b\"]\n", "[modes.dev]\nhsts = { enabled = true }\n"]);
    let names: Vec<String> = outline.names_in(&KeyPath::from("cors")).map(ToString::to_string).collect();
    assert_eq!(names, ["cors.origins"]);
}

proptest! {
    /// Whatever a text is, a cursor is somewhere in it, and what is written there is a part of it.
    #[test]
    fn any_text_has_an_outline(text in "[\\[\\]{}=,.#\"'a-z\n \u{e9}\u{1f511}]{0,80}", at in 0_usize..80) {
        let offset = text.floor_char_boundary(at.min(text.len()));
        for spot in Outline::of(&text).spots {
            prop_assert!(text.get(spot.span.start..spot.span.end).is_some());
        }
        match here(&text, offset) {
            Here::Header { written, .. } | Here::Key { written, .. } | Here::Value { written, .. } => {
                prop_assert!(text.get(written.start..written.end).is_some());
                prop_assert!(written.start <= offset && offset <= written.end);
            }
            Here::Elsewhere => {}
        }
    }
}

#[test]
fn brackets_without_end_are_left_at_some_depth() {
    for bracket in ["[", "{a=", "["] {
        let text = format!("a = {}", bracket.repeat(100_000));
        assert!(Outline::of(&text).spots.len() < 100);
    }
}
