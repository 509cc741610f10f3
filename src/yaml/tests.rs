//! What is read, where it stands, and what is refused.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// The only document of a text in which nothing is wrong.
fn document(text: &str) -> Node {
    let Read { documents, problems, unread } = read(text);
    assert!(problems.is_empty() && unread.is_empty(), "{text:?}: {problems:?}");
    let [document] = &documents[..] else { panic!("{text:?}: {documents:?}") };
    document.clone()
}

/// What is told of a text, each with what stands at its place.
fn problems(text: &str) -> Vec<(String, &str)> {
    let told = read(text).problems.into_iter();
    told.map(|problem| (problem.message, &text[problem.span.start..problem.span.end])).collect()
}

fn assert_told(text: &str, message: &str, at: &str) {
    let told = problems(text);
    assert!(told.len() == 1 && told[0].0.contains(message) && told[0].1 == at, "{text:?}: {told:?}");
}

#[test]
fn places_are_bytes_of_the_text() {
    let text =
        "# é\nmetadata:\n  name: \"shöp\" # ü\n  labels: {a: b, c: [1, zwei]}\nitems:\n- x\n- y: |\n    ä\n    b\n";
    let document = document(text);
    let shown = |way: &[&str]| document.at(way).map(|node| &text[node.span.start..node.span.end]);
    assert_eq!(shown(&["metadata", "name"]), Some("\"shöp\""));
    assert_eq!(document.at(&["metadata", "name"]).and_then(Node::text), Some("shöp"));
    assert_eq!(shown(&["metadata", "labels"]), Some("{a: b, c: [1, zwei]}"));
    assert_eq!(shown(&["metadata", "labels", "c"]), Some("[1, zwei]"));
    let entry = document.at(&["metadata"]).and_then(|node| node.entry("name")).expect("it is there");
    assert_eq!(&text[entry.span().start..entry.span().end], "name: \"shöp\"");
    let items = document.get("items").expect("it is there").items();
    assert_eq!(&text[items[0].span.start..items[0].span.end], "x");
    assert_eq!(items[1].get("y").and_then(Node::text), Some("ä\nb\n"));
}

#[test]
fn every_document_is_read_and_empty_ones_are_none() {
    let read = read("---\na: 1\n---\n# nothing\n---\n~\n---\nb: 2\n...\n---\nc: 3\n");
    assert_eq!(
        read.documents.iter().map(Node::to_json).collect::<Vec<_>>(),
        [json!({"a": 1}), json!({"b": 2}), json!({"c": 3})]
    );
    assert_eq!(super::read("").documents.len(), 0);
}

#[test]
fn what_is_behind_a_broken_document_is_read() {
    let text = "a: 1\n---\nb: [1, 2\nc: 3\n--- # next\nd: &x 4\ne: *x\n---\nf: *x\n";
    let read = read(text);
    let documents: Vec<_> = read.documents.iter().map(Node::to_json).collect();
    assert_eq!(documents, [json!({"a": 1}), json!({"d": 4, "e": 4})]);
    let lines: Vec<usize> =
        read.problems.iter().map(|problem| text[..problem.span.start].matches('\n').count() + 1).collect();
    assert_eq!(lines, [4, 9], "{:?}", read.problems);
    let unread: Vec<&str> = read.unread.iter().map(|span| &text[span.start..span.end]).collect();
    assert!(unread[0].contains("b: [1, 2") && !unread[0].contains("d:") && unread[1].contains("f: *x"), "{unread:?}");
}

#[test]
fn aliases_and_merge_keys_are_resolved_and_know_where_they_are_used() {
    let text = "base: &base\n  a: 1\n  b: 2\nmore: &more {b: 3, c: 4}\nuse:\n  <<: [*base, *more]\n  a: 9\nlist: [*base]\n\"<<\": x\n";
    let document = document(text);
    assert_eq!(document.get("use").map(Node::to_json), Some(json!({"a": 9, "b": 2, "c": 4})));
    assert_eq!(document.get("<<").and_then(Node::text), Some("x"), "a key with quotes merges nothing");
    let alias = &document.get("list").expect("it is there").items()[0];
    assert_eq!(alias.alias.map(|span| &text[span.start..span.end]), Some("*base"));
    let b = document.at(&["use", "b"]).expect("it is merged");
    assert_eq!(&text[..b.span.start].matches('\n').count() + 1, 3, "it keeps its place");
}

#[test]
fn documents_that_stand_for_too_much_are_refused_once() {
    let mut laughs = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n".to_owned();
    for level in 1..10 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(laughs, "a{level}: &a{level} [{below}]").expect("a string takes everything");
    }
    let told = problems(&laughs);
    assert!(matches!(&told[..], [(message, _)] if message.contains("100000 values")), "{told:?}");
    // As deep as a stack may not be.
    let mut deep = "a0: &a0 x\n".to_owned();
    for level in 1..2000 {
        writeln!(deep, "a{level}: &a{level} [[[[*a{}]]]]", level - 1).expect("a string takes everything");
    }
    let told = problems(&deep);
    assert!(matches!(&told[..], [(message, _)] if message.contains("128 levels")), "{told:?}");
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), "[".repeat(200) + &"]".repeat(200)]
    {
        assert_eq!(read(&text).problems.len(), 1, "{}", &text[..4]);
    }
    assert_told("a: &a [*a]\n", "stands within what it names", "*a");
    assert_told("a: *b\n", "names an anchor that is not written before it", "*b");
}

#[test]
fn repeated_keys_are_told_with_both_places() {
    let text = "a: 1\nb: 2\n\"a\": 3\n";
    assert_told(text, "stands twice", "\"a\"");
    let also = read(text).problems[0].also.clone().expect("the first one");
    assert_eq!(also.0, (0..1).into());
    assert_told("x: {a: 1, a: 1}", "stands twice", "a");
}

#[test]
fn templates_are_told_once_wherever_they_stand() {
    let more = "this is a template that has not been rendered (and 1 more such places)";
    assert_told("a: {{ .Values.x }}\nb: {{ .Values.y }}\n", more, "{{ .Values.x }}");
    assert_told("a: shop-{{ .Release.Name }}\n", "not been rendered:", "shop-{{ .Release.Name }}");
    assert_told("a: 1\n{{- if .Values.x }}\nb: 2\n{{- end }}\n", "not been rendered", "{{- if .Values.x }}");
    assert_told("{{ .Values.key }}: 1\n", "not been rendered", "{{ .Values.key }}");
    // What has quotes is a text: alerts and workflows hold templates of their own.
    let alert = document("a: \"{{ $labels.instance }}\"\nb: |\n  {{ .x }}\nc: '{{workflow.name}}'\n");
    assert_eq!(alert.get("a").and_then(Node::text), Some("{{ $labels.instance }}"));
}

#[test]
fn what_is_no_key_and_no_merge_is_told() {
    assert_told("[a, b]: 1\n", "a key is a list or a map", "[a, b]");
    assert_told("<<: 1\n", "the merge key", "<<");
    assert_told("a:\n\t- 1\n", "a tab indents this line", "\t");
}

#[test]
fn scalars_mean_what_kubernetes_takes_them_for() {
    let text = "[yes, On, y, true, No, off, ~, null, Null, 1, -7, 0777, 0o17, 0x1F, 1_000, 1.5, 1e3, .5, .inf, 1:30, 2026-11-29, 0.0.0.0, 08, 1e, .., \"yes\", '1', \"\", !!str 5]";
    let read = document(text).to_json();
    let expected = json!([
        true,
        true,
        true,
        true,
        false,
        false,
        null,
        null,
        null,
        1,
        -7,
        511,
        15,
        31,
        1000,
        1.5,
        1000.0,
        0.5,
        null,
        "1:30",
        "2026-11-29",
        "0.0.0.0",
        8.0,
        "1e",
        "..",
        "yes",
        "1",
        "",
        "5"
    ]);
    assert_eq!(read, expected);
    let empty = document("a:\nb: x\n");
    assert!(empty.get("a").is_some_and(Node::is_null));
    assert_eq!(document("[.inf]").items()[0].kind(), Some(Kind::Number));
}

/// Whether the places of everything in a node are such.
fn places(node: &Node, within: &dyn Fn(Span) -> bool) -> bool {
    let is_entry = |entry: &Entry| within(entry.key_span) && within(entry.span()) && places(&entry.value, within);
    within(node.span) && node.items().iter().all(|item| places(item, within)) && node.entries().iter().all(is_entry)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
    /// Whatever a text is, it is read or told, and every place lies within it.
    #[test]
    fn any_text_is_read_or_told(parts in prop::collection::vec("[ab]|[:{}\\[\\],&*<#|>'\"?!%~-]|\\n|  |: |- |---\\n|é|&a |\\*a|<<: |\\{\\{|\\t", 0..40)) {
        let text = parts.concat();
        let read = read(&text);
        let within = |span: Span| text.get(span.start..span.end).is_some();
        for problem in &read.problems {
            prop_assert!(within(problem.span), "{problem:?}");
        }
        prop_assert!(read.documents.iter().all(|node| places(node, &within)));
    }
}
