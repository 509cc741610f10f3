//! Edits by key path, and what they leave as it was.

use super::*;

/// `waivers[0].expires`
pub fn path(written: &str) -> KeyPath {
    written.split('.').fold(KeyPath::default(), |path, part| match part.split_once('[') {
        Some((key, index)) => path.key(key).index(index.trim_end_matches(']').parse().expect("the test's own number")),
        None => path.key(part),
    })
}

fn set(key: &str, value: &str) -> Change {
    Change::Set { key: path(key), value: value.into() }
}

fn remove(key: &str) -> Change {
    Change::Remove { key: path(key) }
}

fn add(key: &str, value: &str) -> Change {
    Change::Add { key: path(key), value: value.into() }
}

/// Each text becomes the other, with either line ending.
#[track_caller]
fn becomes(rows: &[(&str, Change, &str)]) {
    for (before, change, after) in rows {
        assert_eq!(apply(before, change).as_deref(), Some(*after), "{change:?} in\n{before}");
        let (before, after) = (before.replace('\n', "\r\n"), after.replace('\n', "\r\n"));
        // Without a line there is no line ending to go by.
        if before.contains('\n') {
            assert_eq!(apply(&before, change), Some(after), "{change:?} with CRLF");
        }
    }
}

#[test]
fn a_value_is_replaced_in_any_form() {
    becomes(&[
        ("[a]\nb  =  1 # why\nc = 2\n", set("a.b", "3"), "[a]\nb  =  3 # why\nc = 2\n"),
        ("a.b = 1 # why", set("a.b", "3"), "a.b = 3 # why"),
        ("a = { b = \"}\", c = 2 } # why\n", set("a.b", "3"), "a = { b = 3, c = 2 } # why\n"),
        ("a = { b.c = 1 }\n", set("a.b.c", "3"), "a = { b.c = 3 }\n"),
        ("[modes.dev]\na.b = 1\n", set("modes.dev.a.b", "3"), "[modes.dev]\na.b = 3\n"),
        ("[a]\nb = [\n  1, # one\n  2, # two\n]\n", set("a.b[1]", "3"), "[a]\nb = [\n  1, # one\n  3, # two\n]\n"),
        ("[[a]]\nb = 1\n[[a]]\nb = 2\n", set("a[1].b", "3"), "[[a]]\nb = 1\n[[a]]\nb = 3\n"),
        ("a = [{ b = 1 }]\n", set("a[0].b", "3"), "a = [{ b = 3 }]\n"),
        ("a = { b = 1 }\n", set("a", "[3]"), "a = [3]\n"),
        ("[a]\n\"b c\" = 1\n", set("a.b c", "3"), "[a]\n\"b c\" = 3\n"),
        ("\u{feff}a = 1\n", set("a", "3"), "\u{feff}a = 3\n"),
    ]);
}

#[test]
fn an_absent_key_is_written_as_its_neighbours_are() {
    becomes(&[
        ("[a]\nb = 1 # one\n\n# next\n[c]\n", set("a.x", "3"), "[a]\nb = 1 # one\nx = 3\n\n# next\n[c]\n"),
        ("[a]\n  b = [\n    1\n  ]\n", set("a.x", "3"), "[a]\n  b = [\n    1\n  ]\n  x = 3\n"),
        ("[a] # empty\n\n[c]\n", set("a.x y", "3"), "[a] # empty\n\"x y\" = 3\n\n[c]\n"),
        ("[a]\nb = 1", set("a.x", "3"), "[a]\nb = 1\nx = 3\n"),
        ("[a]\nb = 1\n[a.c]\nd = 1\n", set("a.x", "3"), "[a]\nb = 1\nx = 3\n[a.c]\nd = 1\n"),
        ("[[a]]\nb = 1\n\n[[a]]\nb = 2\n", set("a[0].x", "3"), "[[a]]\nb = 1\nx = 3\n\n[[a]]\nb = 2\n"),
        ("[[a]]\nb = 1\n", set("a[0].x.y", "3"), "[[a]]\nb = 1\nx = { y = 3 }\n"),
        ("a.b = 1 # one\nc = 2\n", set("a.x", "3"), "a.b = 1 # one\na.x = 3\nc = 2\n"),
        ("[m]\na.b = 1\n[m.a.c]\nd = 1\n", set("m.a.x", "3"), "[m]\na.b = 1\na.x = 3\n[m.a.c]\nd = 1\n"),
        ("a = { b = 1 } # one\n", set("a.x", "3"), "a = { b = 1, x = 3 } # one\n"),
        ("a = { b = 1 }\n", set("a.x.y", "3"), "a = { b = 1, x = { y = 3 } }\n"),
        ("a = {}\n", set("a.x", "3"), "a = { x = 3 }\n"),
        ("a = { b.c = 1, d = 2 }\n", set("a.b.x", "3"), "a = { b.c = 1, d = 2, b.x = 3 }\n"),
        ("a = {\n  b = 1 # one\n}\n", set("a.x", "3"), "a = {\n  b = 1, # one\n  x = 3\n}\n"),
        ("a = {\n  b = 1, # one\n}\n", set("a.x", "3"), "a = {\n  b = 1, # one\n  x = 3,\n}\n"),
        ("[a]\nb = { c = 1 }\n", set("a.x.y", "3"), "[a]\nb = { c = 1 }\nx = { y = 3 }\n"),
    ]);
}

#[test]
fn what_is_nowhere_gets_a_section() {
    becomes(&[
        ("", set("a.x", "3"), "[a]\nx = 3\n"),
        ("v = 1", set("a.x", "3"), "v = 1\n\n[a]\nx = 3\n"),
        ("a = { b = 1 }\n", set("c.x", "3"), "a = { b = 1 }\n\n[c]\nx = 3\n"),
        ("[a]\nb = 1\n\n# end\n", set("c.x", "3"), "[a]\nb = 1\n\n# end\n\n[c]\nx = 3\n"),
        (
            "[a]\nb = 1\n\n# Tests\n# run free.\n[modes.test]\nc = 1\n",
            set("d.x", "3"),
            "[a]\nb = 1\n\n[d]\nx = 3\n\n# Tests\n# run free.\n[modes.test]\nc = 1\n",
        ),
        ("[a]\n[[waivers]]\nb = 1\n", set("d.x", "3"), "[a]\n\n[d]\nx = 3\n\n[[waivers]]\nb = 1\n"),
        (
            "[a]\nb = \"\"\"\n# no comment\"\"\"\n[modes.x]\n",
            set("d.x", "3"),
            "[a]\nb = \"\"\"\n# no comment\"\"\"\n\n[d]\nx = 3\n\n[modes.x]\n",
        ),
        (
            "[tls]\nb = 1\n\n# HSTS\n[hsts]\n",
            set("tls.certificate.x", "3"),
            "[tls]\nb = 1\n\n[tls.certificate]\nx = 3\n\n# HSTS\n[hsts]\n",
        ),
        ("[tls.certificate]\nb = 1\n", set("tls.x", "3"), "[tls]\nx = 3\n\n[tls.certificate]\nb = 1\n"),
        ("[c.one]\nb = 1\n\n[d]\n", set("c.two.x", "3"), "[c.one]\nb = 1\n\n[c.two]\nx = 3\n\n[d]\n"),
    ]);
}

#[test]
fn a_key_of_the_root_stands_before_all_headers() {
    becomes(&[
        ("", set("x", "3"), "x = 3\n"),
        ("a = 1\n\n[b]\n", set("x", "3"), "a = 1\nx = 3\n\n[b]\n"),
        ("# About\n\n# b\n[b]\n", set("x", "3"), "# About\n\nx = 3\n\n# b\n[b]\n"),
        ("\u{feff}[b]\nc = 1\n", set("x", "3"), "\u{feff}x = 3\n\n[b]\nc = 1\n"),
    ]);
}

#[test]
fn an_overlay_is_one_section() {
    let hsts = || set("modes.dev.hsts.enabled", "false");
    becomes(&[
        ("[a]\nb = 1\n", hsts(), "[a]\nb = 1\n\n[modes.dev]\nhsts = { enabled = false }\n"),
        (
            "[modes.dev]\na = { b = 1 }\n\n[[waivers]]\nc = 1\n",
            hsts(),
            "[modes.dev]\na = { b = 1 }\nhsts = { enabled = false }\n\n[[waivers]]\nc = 1\n",
        ),
        ("[modes.dev]\nhsts.max_age = 1\n", hsts(), "[modes.dev]\nhsts.max_age = 1\nhsts.enabled = false\n"),
        ("[modes.dev]\na.b = 1\n", hsts(), "[modes.dev]\na.b = 1\nhsts = { enabled = false }\n"),
        ("[modes.dev.hsts]\nmax_age = 1\n", hsts(), "[modes.dev.hsts]\nmax_age = 1\nenabled = false\n"),
        ("[modes.dev.a]\nb = 1\n", hsts(), "[modes.dev.a]\nb = 1\n\n[modes.dev.hsts]\nenabled = false\n"),
        (
            "[modes.test]\na = 1\n\n[[waivers]]\nc = 1\n",
            hsts(),
            "[modes.test]\na = 1\n\n[modes.dev]\nhsts = { enabled = false }\n\n[[waivers]]\nc = 1\n",
        ),
        ("[a]\n", set("modes.dev.c.d.e", "3"), "[a]\n\n[modes.dev]\nc.d = { e = 3 }\n"),
    ]);
}

#[test]
fn a_key_goes_with_its_line() {
    becomes(&[
        ("[a]\n# above\nb = 1 # beside\nc = 2\n", remove("a.b"), "[a]\n# above\nc = 2\n"),
        ("[a]\nb = [\n  1,\n] # beside\nc = 2", remove("a.b"), "[a]\nc = 2"),
        ("[a]\nc = 2\nb = 1", remove("a.b"), "[a]\nc = 2\n"),
        ("a = 1\nb.c = 1\nb.d = 2\n", remove("b.c"), "a = 1\nb.d = 2\n"),
        ("a = 1\nb.c = 1\n", remove("b.c"), "a = 1\n"),
        ("a = 1\n", remove("b"), "a = 1\n"),
        ("\u{feff}a = 1\nb.c = 1", remove("a"), "\u{feff}b.c = 1"),
        ("\u{feff}b.c = 1\na = 1", remove("b"), "\u{feff}a = 1"),
    ]);
}

#[test]
fn an_item_goes_with_its_comma() {
    becomes(&[
        ("a = { b = 1, c = 2 }\n", remove("a.b"), "a = { c = 2 }\n"),
        ("a = { b = 1, c = 2 }\n", remove("a.c"), "a = { b = 1 }\n"),
        ("a = { b = 1 }\n", remove("a.b"), "a = {}\n"),
        ("a = { b.c = 1, d = 2, b.e = 3 }\n", remove("a.b"), "a = { d = 2 }\n"),
        ("a = [1, 2, 3]\n", remove("a[0]"), "a = [2, 3]\n"),
        ("a = [1, 2, 3]\n", remove("a[1]"), "a = [1, 3]\n"),
        ("a = [1, 2, 3]\n", remove("a[2]"), "a = [1, 2]\n"),
        ("a = [ 1, 2, ]\n", remove("a[1]"), "a = [ 1, ]\n"),
        ("a = [\n  1,\n]\n", remove("a[0]"), "a = []\n"),
        ("a = [\n  # none\n  1\n]\n", remove("a[0]"), "a = [\n  # none\n]\n"),
        ("a = [\n  1, # one\n  2, # two\n]\n", remove("a[0]"), "a = [\n  2, # two\n]\n"),
        ("a = [\n  1, # one\n  # above\n  2 # two\n]\n", remove("a[1]"), "a = [\n  1, # one\n  # above\n]\n"),
        ("a = [\n  1, 2, # two\n  3,\n]\n", remove("a[1]"), "a = [\n  1, # two\n  3,\n]\n"),
        ("a = [\n  1, # one\n  2, 3,\n]\n", remove("a[1]"), "a = [\n  1, # one\n  3,\n]\n"),
        ("a = [\n  1, 2,\n  3,\n]\n", remove("a[0]"), "a = [\n  2,\n  3,\n]\n"),
        ("a = [\n  1 # one\n  , 2\n]\n", remove("a[0]"), "a = [\n  # one\n  2\n]\n"),
        ("a = [1, 2]\n", remove("a[7]"), "a = [1, 2]\n"),
    ]);
}

#[test]
fn a_table_goes_with_its_lines() {
    becomes(&[
        ("[a]\n\n# b\n[b]\nc = 1\n# d = 1\n\n# c\n[c]\n", remove("b"), "[a]\n\n# b\n\n# c\n[c]\n"),
        ("[a]\n\n[b]\nc = 1\n\n[b.d]\ne = 1\n\n[c]\n", remove("b"), "[a]\n\n[c]\n"),
        ("[a]\n\n[b]\nc = { d = 1 }\n", remove("b"), "[a]\n"),
        ("[b]\n\n[b.c]\nd = 1\n\n[b.e]\n", remove("b.c"), "[b]\n\n[b.e]\n"),
        ("b.c = 1\na = 1\nb.d.e = 2\n[b.f]\n", remove("b"), "a = 1\n"),
        ("[[w]]\na = 1\n\n[[w]]\na = 2\n\n[[w]]\na = 3\n", remove("w[1]"), "[[w]]\na = 1\n\n[[w]]\na = 3\n"),
        ("[x]\n\n[[w]]\na = 1\n\n[[w]]\na = 2\n", remove("w"), "[x]\n"),
        ("[x]\n\n[[w]]\na = 1\n", remove("w[0]"), "[x]\n"),
    ]);
}

#[test]
fn a_list_gets_an_element_once() {
    becomes(&[
        ("a = []\n", add("a", "3"), "a = [3]\n"),
        ("a = [1, 2] # why\n", add("a", "3"), "a = [1, 2, 3] # why\n"),
        ("a = [1, 2,]\n", add("a", "3"), "a = [1, 2, 3,]\n"),
        ("a = [1, 3]\n", add("a", "3"), "a = [1, 3]\n"),
        ("a = [\"x\"]\n", add("a", "'x'"), "a = [\"x\"]\n"),
        ("a = [\n  # none\n]\n", add("a", "3"), "a = [\n  # none\n  3\n]\n"),
        ("a = [\n  1, # one\n  # end\n]\n", add("a", "3"), "a = [\n  1, # one\n  3,\n  # end\n]\n"),
        ("a = [\n  1 # one\n]\n", add("a", "3"), "a = [\n  1, # one\n  3\n]\n"),
        ("a = [\n  1,\n  2 ]\n", add("a", "3"), "a = [\n  1,\n  2, 3 ]\n"),
        ("[a]\n", add("a.b", "3"), "[a]\nb = [3]\n"),
        ("", add("a.b", "3"), "[a]\nb = [3]\n"),
        ("[a]\n", add("a.b", "{ c = 1 }"), "[a]\nb = [{ c = 1 }]\n"),
        ("v = 1\n", add("w", "{ a = 1, b.c = [2] }"), "v = 1\n\n[[w]]\na = 1\nb.c = [2]\n"),
        ("[[w]]\na = 1\n\n[x]\n", add("w", "{ a = 2 }"), "[[w]]\na = 1\n\n[[w]]\na = 2\n\n[x]\n"),
        ("[[w]]\na = 2\n", add("w", "{ a = 2 }"), "[[w]]\na = 2\n"),
    ]);
}

#[test]
fn what_cannot_be_done_is_not_done() {
    for (text, change) in [
        ("a =", set("a", "3")),
        ("\u{feff}\u{feff}a = 1", set("b", "3")),
        ("a = 1", set("a", "")),
        ("a = 1", set("a", "3 # why")),
        ("a = 1", set("a", "3\nb = 4")),
        ("a = 1", set("a.b", "3")),
        ("a = 1", remove("a.b")),
        ("a = 1", add("a", "3")),
        ("a = [1]", set("a[1]", "3")),
        ("a = [1]", set("a.b", "3")),
        ("[a]\n", set("a", "3")),
        ("a.b = 1", set("a", "3")),
        ("[[a]]\n", set("a", "[]")),
        ("[[a]]\n", add("a", "3")),
        ("", set("\u{7f}", "3")),
        ("a = 1", Change::Remove { key: KeyPath::default() }),
        ("a = 1", Change::Set { key: KeyPath::default(), value: "3".into() }),
        ("a = 1", Change::Set { key: KeyPath::default().index(0), value: "3".into() }),
    ] {
        assert_eq!(apply(text, &change), None, "{change:?} in {text}");
    }
}

#[test]
fn values_are_the_same_if_they_say_the_same() {
    let same = |one, other| {
        let value = |written| meaning::value(written).expect("the test's own value");
        meaning::same(&value(one), &value(other))
    };
    for (one, other) in [("'a'", "\"a\""), ("[1,2]", "[ 1, 2, ]"), ("{ a = 1, b.c = 2 }", "{ b = { c = 2 }, a = 1 }")] {
        assert!(same(one, other), "{one} {other}");
    }
    for (one, other) in [
        ("1", "2"),
        ("1", "0x1"),
        ("1", "1.0"),
        ("true", "false"),
        ("'1'", "1"),
        ("2027-01-31", "2027-02-01"),
        ("[1]", "[1, 2]"),
        ("[1, 2]", "[2, 1]"),
        ("{ a = 1 }", "{ a = 2 }"),
        ("{ a = 1 }", "{ b = 1 }"),
        ("{}", "{ a = 1 }"),
    ] {
        assert!(!same(one, other) && !same(other, one), "{one} {other}");
    }
}
