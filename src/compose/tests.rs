//! What a Compose file gives its services, and what is wrong in one.

use super::*;
use crate::source::Source;

fn told(text: &str) -> Vec<String> {
    let source = Source::new("compose.yaml", text);
    let compose = read(0, &source);
    let services = compose.services.iter().flat_map(|service| {
        let entries = service.entries.iter().map(|entry| {
            let at = |span: Span| &source.text[span.start..span.end];
            assert_eq!(at(entry.name_span), entry.name);
            format!("{} {}={}", service.name, entry.name, entry.value.expose())
        });
        let open = service.open.iter().map(|open| format!("{} {}", service.name, open.name));
        let files = service.files.iter().map(|file| format!("{} < {} {}", service.name, file.path, file.is_required));
        entries.chain(open).chain(files).collect::<Vec<_>>()
    });
    let problems = compose
        .problems
        .iter()
        .map(|problem| format!("{:?} {}", &source.text[problem.span.start..problem.span.end], problem.message));
    services.chain(problems).collect()
}

#[test]
fn every_form_of_a_variable_is_read() {
    let text = "x-env: &env\n  SHARED: yes\n  A: base\nservices:\n  web:\n    environment:\n      <<: *env\n      A: own\n      \
                'B': \"quoted \\\" text\"\n      C: 1\n      D:\n      E: ''\n    env_file:\n      - .env\n      - path: more.env\n        \
                required: false\n  list:\n    environment: [A=1, 'B=two words', C, D=]\n    env_file: one.env\n  same:\n    environment: *env\n  \
                more:\n    extends: list\n    environment:\n      A: 2\n  none:\n    image: x\n";
    assert_eq!(
        told(text),
        [
            "web A=own",
            "web B=quoted \" text",
            "web C=1",
            "web E=",
            "web SHARED=yes",
            "web D",
            "web < .env true",
            "web < more.env false",
            "list A=1",
            "list B=two words",
            "list D=",
            "list C",
            "list < one.env true",
            "same SHARED=yes",
            "same A=base",
            "more A=1",
            "more B=two words",
            "more D=",
            "more A=2",
            "more C",
            "more < one.env true",
        ]
    );
}

/// Docker hands on names that no shell has; what has no name, or no sign behind it, is told.
#[test]
fn a_setting_under_a_name_that_no_shell_has_is_no_mistake() {
    for (environment, expected) in [
        ("[discovery.type=single-node, xpack.security.enabled=false, bootstrap-memory=x, 'a.b[0]=c']", &[][..]),
        ("{discovery.type: single-node, some-name: 1, 2A: x}", &[]),
        ("[discovery.type, =x]", &["\"discovery.type\" this sets no variable", "\"=x\" this sets no variable"]),
        ("['A: x']", &["\"'A: x'\" this sets no variable"]),
        ("{-x: 1}", &["\"-x\" this sets no variable"]),
    ] {
        assert_eq!(told(&format!("services:\n  a:\n    environment: {environment}\n")), expected, "{environment}");
    }
}

#[test]
fn what_is_no_compose_file_or_takes_from_others_is_told() {
    for (text, message) in [
        ("services:\n  a:\n    environment: 5\n", "\"5\" this sets no variable"),
        ("services:\n  a:\n    environment:\n      not a name: 5\n", "\"not a name\" this sets no variable"),
        ("services:\n  a:\n    environment:\n      A: [1]\n", "\"[1]\" this sets no variable"),
        ("services:\n  a:\n    extends: b\n", "\"extends\" `extends` names no service of this file"),
        (
            "services:\n  a:\n    extends:\n      file: other.yaml\n      service: b\n",
            "\"extends\" `extends` takes variables from another file, which is not looked at",
        ),
        (
            "services:\n  a:\n    extends: b\n  b:\n    extends: a\n",
            "\"extends\" these services extend each other without an end",
        ),
        (
            "services:\n  a:\n    env_file: []\ninclude: [b.yaml]\n",
            "\"include\" `include` takes services from other files, which are not looked at",
        ),
        (
            "services:\n  a:\n    environment:\n      A: 0123\n",
            "\"0123\" Compose takes this for a number, and hands it on in another form",
        ),
        (
            "services:\n  a:\n    environment:\n      - A=\"x\"\n",
            "\"A=\\\"x\\\"\" the quotes are a part of the value: Compose takes all behind the `=` in a list as it stands",
        ),
        ("apiVersion: v1\nkind: Secret\n", "\"kind\" this is a manifest of Kubernetes, and no Compose file"),
        ("A: 1\n", "\"\" this file has no `services`, so that it is no Compose file"),
        ("services: [a]\n", "\"services\" `services` is no map here"),
    ] {
        let told = told(text);
        assert!(told.iter().any(|one| one == message), "{text}{told:#?}");
    }
}

#[test]
fn a_billion_laughs_are_refused() {
    let mut text = "a: &a [l,l,l,l,l,l,l,l,l,l]\n".to_owned();
    for (letter, before) in ('b'..='j').zip('a'..) {
        let nine = vec![format!("*{before}"); 10].join(",");
        text.extend([format!("{letter}: &{letter} [{nine}]\n")]);
    }
    text += "services:\n  a:\n    environment:\n      A: *j\n";
    assert!(told(&text).iter().any(|one| one.contains("stand for more than")), "{:#?}", told(&text));
}

#[test]
fn names_are_replaced_as_compose_does() {
    let known = |name: &str| match name {
        "A" => Some("one"),
        "EMPTY" => Some(""),
        _ => None,
    };
    for (text, value) in [
        ("plain", Some("plain")),
        ("$$A", Some("$A")),
        ("x${A}y$A", Some("xoneyone")),
        ("${A:-two}${EMPTY:-two}${EMPTY-two}", Some("onetwo")),
        ("${A:?no}", Some("one")),
        ("${EMPTY:?no}", None),
        ("${A:+yes}${EMPTY:+yes}", Some("yes")),
        ("${B}", None),
        ("${B:-two}", Some("two")),
        ("${A", None),
        ("a $ b", None),
        ("${A:-${B}}", Some("one")),
        ("${B:-${B}}", None),
        ("${B:-${C:-two}}!", Some("two!")),
        ("${B-x${A}y${C:-}}", Some("xoney")),
        ("${A:+${B:-two}}", Some("two")),
        ("${B:-${C:-two}", None),
        ("${B:-$${A}", Some("${A")),
        (&format!("{}two{}", "${B:-".repeat(9), "}".repeat(9)), Some("two")),
        (&format!("{}two{}", "${B:-".repeat(9999), "}".repeat(9999)), None),
    ] {
        assert_eq!(interpolated(text, known).as_deref(), value, "{text}");
    }
}
