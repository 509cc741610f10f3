//! What holds for any change of any document.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::layout::Found;
use super::tests::path;
use super::*;

/// Chances, from bytes that can be made smaller when a test fails.
struct Dice(std::vec::IntoIter<u8>);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % sides
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }
}

const VALUES: [&str; 8] =
    ["1", "\"# no\"", "[1, 2]", "[ \"a\", ]", "[]", "{ p = 1, q.r = 2 }", "{}", "[{ p = 1 }, { q = [1] }]"];
const LONG_VALUES: [&str; 5] = [
    "\"\"\"\n[no]\n# no\"\"\"",
    "[\n    1, #@\n    #@\n    2 #@\n  ]",
    "[\n  1, 2, #@\n]",
    "{\n  p = 1, #@\n  q.r = 2,\n}",
    "[#@\n  { p = 1 } #@\n  , 2]",
];

/// A document of many forms. Every comment in it has a number.
fn document(dice: &mut Dice) -> String {
    let mut out = String::new();
    let mut headers = Vec::new();
    line(dice, &mut out, "version = 1");
    for table in ["a", "b", "c"] {
        // `[a.s]` could not be below an inline table.
        match dice.roll(if table == "a" { 3 } else { 4 }) {
            0 => {}
            1 => headers.push(format!("[{table}]")),
            2 => keys(dice, &mut out, &format!("{table}.")),
            _ => value(dice, &mut out, table, &VALUES),
        }
    }
    let more = ["[a.s]", "[d.s]", "[modes.dev]", "[modes.test.a]", "[[w]]", "[[w]]", "[w.s]", "[e]"];
    headers.extend(more.into_iter().filter(|_| dice.roll(2) == 0).map(str::to_owned));
    for header in headers {
        line(dice, &mut out, &header);
        keys(dice, &mut out, "");
    }
    let mut numbered = out.clone();
    for number in 1..=out.matches("#@").count() {
        numbered = numbered.replacen("#@", &format!("#{number}@"), 1);
    }
    if dice.roll(4) == 0 {
        numbered.truncate(numbered.trim_end().len());
    }
    if dice.roll(2) == 0 { numbered.replace('\n', "\r\n") } else { numbered }
}

fn keys(dice: &mut Dice, out: &mut String, prefix: &str) {
    for key in ["x", "y", "z"] {
        match dice.roll(4) {
            0 => {}
            1 => value(dice, out, &format!("{prefix}{key}"), &LONG_VALUES),
            2 => line(dice, out, &format!("{prefix}{key}.p = 1")),
            _ => value(dice, out, &format!("{prefix}{key}"), &VALUES),
        }
    }
}

fn value(dice: &mut Dice, out: &mut String, key: &str, values: &[&str]) {
    let value = dice.pick(values);
    line(dice, out, &format!("{key} = {value}"));
}

fn line(dice: &mut Dice, out: &mut String, written: &str) {
    *out += dice.pick(&["", "", "\n", "#@\n", "\n#@\n", "#@\n\n"]);
    *out += dice.pick(&["", "", "  "]);
    *out += written;
    *out += dice.pick(&["\n", "\n", " #@\n"]);
}

/// Something that is written, or something that may not be.
fn key(dice: &mut Dice, root: &Node<'_>) -> KeyPath {
    if dice.roll(3) == 0 {
        let table =
            dice.pick(&["a", "b", "c", "d", "d.s", "modes.dev", "modes.test.a", "modes.new", "w", "w[1].s", "n"]);
        return path(&format!("{table}{}", dice.pick(&["", ".x[1]", ".y.p", ".y.q.n", ".s.x", ".n", ".n.m.o"])));
    }
    let (mut path, mut node) = (KeyPath::default(), root);
    loop {
        let below: Vec<_> = match node.get_ref() {
            DeValue::Table(table) => table.iter().map(|(key, node)| (path.clone().key(key.get_ref()), node)).collect(),
            DeValue::Array(array) => {
                array.iter().enumerate().map(|(at, node)| (path.clone().index(at), node)).collect()
            }
            _ => return path,
        };
        if below.is_empty() || dice.roll(6) == 0 {
            return if dice.roll(2) == 0 { path } else { path.key("n") };
        }
        let at = dice.roll(below.len());
        (path, node) = below[at].clone();
    }
}

fn change(dice: &mut Dice, text: &str) -> Change {
    let root = Layout::of(text).map_or_else(|| Spanned::new(0..0, DeValue::Boolean(true)), |layout| layout.root);
    let (key, value) = (key(dice, &root), dice.pick(&VALUES).to_owned());
    match dice.roll(3) {
        0 => Change::Set { key, value },
        1 => Change::Remove { key },
        _ => Change::Add { key, value },
    }
}

/// What a document says, by key. A list is one value, as what is behind an element moves up when that goes.
fn values(text: &str) -> BTreeMap<String, String> {
    let layout = Layout::of(text).expect("a document is TOML");
    let mut values = BTreeMap::new();
    collect(&layout.root, &KeyPath::default(), &mut values);
    values
}

fn collect(node: &Node<'_>, path: &KeyPath, out: &mut BTreeMap<String, String>) {
    match node.get_ref() {
        DeValue::Table(table) => {
            for (key, node) in table {
                collect(node, &path.clone().key(key.get_ref()), out);
            }
        }
        _ => drop(out.insert(path.to_string(), said(node))),
    }
}

fn said(node: &Node<'_>) -> String {
    match node.get_ref() {
        DeValue::Array(array) => format!("{:?}", array.iter().map(said).collect::<Vec<_>>()),
        DeValue::Table(table) => {
            format!("{:?}", table.iter().map(|(key, node)| (key.get_ref().to_string(), said(node))).collect::<Vec<_>>())
        }
        value => format!("{value:?}"),
    }
}

/// The numbers of the comments in a text.
fn comments(text: &str) -> Vec<&str> {
    text.split('#').filter_map(|part| part.split_once('@')).map(|(number, _)| number).collect()
}

fn is_subsequence(part: &[&str], whole: &[&str]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|one| whole.any(|other| one == other))
}

/// Whether a change can be made, by what its documentation says.
fn can(change: &Change, found: &Found<'_, '_>) -> bool {
    let is_there = |key: &KeyPath| found.depth == key.segments().len();
    let can_be_made = |key: &KeyPath| !is_in_list(&key.segments()[found.depth..]);
    match change {
        Change::Remove { key } => !key.is_root(),
        Change::Set { key, .. } if is_there(key) => matches!(found.form, Form::Brackets | Form::Scalar),
        Change::Add { key, value } if is_there(key) => {
            found.node.get_ref().is_array() && (found.form == Form::Brackets || value.starts_with('{'))
        }
        Change::Set { key, .. } | Change::Add { key, .. } => can_be_made(key),
    }
}

/// Whether two changes are those that [`apply_all`] takes: of other keys, and not of places in one list.
fn are_apart(one: &Change, other: &Change) -> bool {
    let list = |change: &Change| {
        let last = change.key().segments().iter().rposition(|segment| matches!(segment, Segment::Index(_)));
        KeyPath::new(change.key().segments()[..last.unwrap_or(change.key().segments().len())].to_vec())
    };
    !list(one).touches(&list(other))
}

fn check(before: &str, change: &Change) -> Result<(), TestCaseError> {
    let layout = Layout::of(before).expect("a document is TOML");
    let (Change::Set { key, .. } | Change::Remove { key } | Change::Add { key, .. }) = change;
    let found = layout.find(key.segments());
    let after = apply(before, change);
    prop_assert_eq!(after.is_some(), found.as_ref().is_some_and(|found| can(change, found)), "can it be made?");
    let (Some(after), Some(found)) = (after, found) else { return Ok(()) };

    let list = key.segments().iter().position(|segment| matches!(segment, Segment::Index(_)));
    let changed = KeyPath::new(key.segments()[..list.unwrap_or(key.segments().len())].to_vec()).to_string();
    let others = |text: &str| {
        let mut values = values(text);
        values.retain(|key, _| key != &changed && !key.starts_with(&format!("{changed}.")));
        values
    };
    prop_assert_eq!(others(before), others(&after), "all else says what it said");

    let is_there = found.depth == key.segments().len();
    let gone = if is_there { &before[found.node.span()] } else { "" };
    let (had, has) = (comments(before), comments(&after));
    prop_assert!(is_subsequence(&has, &had));
    let again = apply(&after, change);
    match change {
        Change::Set { value, .. } => {
            prop_assert_eq!(has.len() + comments(gone).len(), had.len(), "comments stay");
            prop_assert_eq!(again.as_ref(), Some(&after), "twice is once");
            let after = Layout::of(&after).expect("it has been read");
            let found = after.find(key.segments()).expect("it has been set");
            prop_assert_eq!(said(found.node), said(&meaning::value(value).expect("a value")));
        }
        Change::Add { .. } => {
            prop_assert_eq!(has.len(), had.len(), "comments stay");
            prop_assert_eq!(again.as_ref(), Some(&after), "twice is once");
        }
        Change::Remove { .. } => {
            if matches!(found.form, Form::Scalar | Form::Brackets) {
                prop_assert!(has.len() + comments(gone).len() + 1 >= had.len(), "only the comment on its line goes");
            }
        }
    }
    let line_feeds = |text: &str| (text.matches('\n').count(), text.matches("\r\n").count());
    let (all, crlf) = line_feeds(&after);
    prop_assert!(crlf == 0 || crlf == all, "lines end as they did");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_change_changes_what_it_says_and_nothing_else(
        written in prop::collection::vec(any::<u8>(), 0..200),
        changed in prop::collection::vec(any::<u8>(), 12),
    ) {
        let before = document(&mut Dice(written.into_iter()));
        let change = change(&mut Dice(changed.into_iter()), &before);
        check(&before, &change).map_err(|error| TestCaseError::fail(format!("{error}\n{change:?} in\n{before}")))?;
    }

    /// Changes that are made together come to what they come to one after the other, and to edits of the text as it was.
    #[test]
    fn changes_go_together(
        written in prop::collection::vec(any::<u8>(), 0..200),
        changed in prop::collection::vec(prop::collection::vec(any::<u8>(), 12), 1..6),
    ) {
        let before = document(&mut Dice(written.into_iter()));
        let mut changes: Vec<Change> = Vec::new();
        for changed in changed {
            let change = change(&mut Dice(changed.into_iter()), &before);
            if apply(&before, &change).is_some() && changes.iter().all(|other| are_apart(other, &change)) {
                changes.push(change);
            }
        }
        let one_by_one = changes.iter().try_fold(before.clone(), |text, change| apply(&text, change));
        let together = apply_all(&before, &changes);
        prop_assert_eq!(together.as_deref().map(values), one_by_one.as_deref().map(values), "{:?} in\n{}", changes, before);
        let edits = Draft::of(&before).and_then(|draft| draft.splices(&changes));
        let edited = edits.filter(|_| together.is_some()).map(|edits| spliced(&before, &edits));
        prop_assert_eq!(edited, together);
    }

    #[test]
    fn no_text_is_too_strange(
        text in "\\PC*|([\\[\\]{}=.,#\"'\n\r a-c1]|\"\"\"|\r\n){0,60}",
        changed in prop::collection::vec(any::<u8>(), 12),
    ) {
        let change = change(&mut Dice(changed.into_iter()), &text);
        let _ = apply(&text, &change);
    }
}

/// Every key of the whole vocabulary can go, and can come back.
#[test]
fn keys_go_and_come_back() {
    let before = include_str!("../../../tests/fixtures/everything.toml");
    let layout = Layout::of(before).expect("the fixture is TOML");
    for statement in layout.statements.iter().filter(|statement| !statement.is_header) {
        let key = statement.path.clone();
        let node = layout.find(key.segments()).expect("it is there").node;
        let without = apply(before, &Change::Remove { key: key.clone() }).expect("a key can go");
        let again = apply(&without, &Change::Set { key, value: before[node.span()].to_owned() });
        assert_eq!(values(&again.expect("a key can come back")), values(before));
    }
}
