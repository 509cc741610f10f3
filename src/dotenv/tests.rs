//! What is read of a `.env` text, and what edits leave as it was.

use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::source::Source;

/// Names and values, in order.
fn pairs(document: &Document<'_>) -> Vec<(String, String)> {
    document.entries().iter().map(|entry| (entry.name.to_owned(), entry.value.expose().to_owned())).collect()
}

/// Names and values as dotenvy reads them.
fn oracle(text: &str) -> Result<Vec<(String, String)>, dotenvy::Error> {
    dotenvy::from_read_iter(text.as_bytes()).collect()
}

fn kinds(document: &Document<'_>) -> Vec<ProblemKind> {
    document.problems().iter().map(|problem| problem.kind).collect()
}

#[test]
fn agreed_forms_are_read_without_a_problem() {
    let source = Source::new(
        ".env",
        "# a comment with a 'quote\n\n  \t\nA=1\nB='it # $is'\n\tC=\"it's\"\nD=\nE='two\nlines'\nF=a=b,c\nG=''",
    );
    let document = Document::parse(&source);
    let read: Vec<_> = document.entries().iter().map(|entry| (entry.name, entry.value.expose())).collect();
    let meant =
        [("A", "1"), ("B", "it # $is"), ("C", "it's"), ("D", ""), ("E", "two\nlines"), ("F", "a=b,c"), ("G", "")];
    assert_eq!((read, kinds(&document)), (meant.to_vec(), vec![]));
}

#[test]
fn spans_hold_names_and_values_as_written() {
    let source = Source::new(".env", "export A = \"é\" # c\nB=\nC= # c\nD=x # c\n");
    let document = Document::parse(&source);
    let written = |span: Span| &source.text[span.start..span.end];
    let spans: Vec<_> =
        document.entries().iter().map(|entry| (written(entry.name_span), written(entry.value_span))).collect();
    assert_eq!(spans, [("A", "\"é\""), ("B", ""), ("C", ""), ("D", "x")]);
    assert_eq!(document.entries()[2].value_span.start, source.text.find("C=").expect("it is there") + 2);
}

#[test]
fn what_readers_disagree_on_is_told_at_its_place() {
    use ProblemKind::*;
    // A text, what is wrong with it, and the value that is read in spite of it.
    for (text, kind, place, value) in [
        ("\u{feff}A=1", ByteOrderMark, "\u{feff}", Some("1")),
        ("A", NotAnAssignment, "A", None),
        ("export A", NotAnAssignment, "export A", None),
        (". other.env", Sourced, ". other.env", None),
        ("  source\tother.env", Sourced, "  source\tother.env", None),
        ("A.B=1", BadName, "A.B", None),
        ("export =1", BlanksAroundEquals, " =", Some("1")),
        ("export A=1", Export, "export", Some("1")),
        ("A =1", BlanksAroundEquals, " =", Some("1")),
        ("A= '1'", BlanksAroundEquals, "= ", Some("1")),
        ("A='1\nB=2", UnbalancedQuote, "'", Some("'1")),
        ("A=\"1\\\"\nB=2", UnbalancedQuote, "\"", Some("\"1\\\"")),
        ("A='1'2 ", TextAfterQuote, "2 ", Some("'1'2")),
        ("A='1'#2", TextAfterQuote, "#2", Some("'1'#2")),
        ("A='1' # 2\nB=3", CommentAfterQuote, "# 2", Some("1")),
        ("A='1\n2'\"3\"\nB=4", TextAfterQuote, "\"3\"", Some("'1\n2'\"3\"")),
        ("A=1 2", UnquotedBlank, " ", Some("1 2")),
        ("A=\u{feff}", UnquotedBlank, "\u{feff}", Some("\u{feff}")),
        ("A=1&2&3", NeedsQuotes, "&", Some("1&2&3")),
        ("A=1 # 2", Comment, "#", Some("1")),
        ("A=#2", LeadingHash, "#", Some("#2")),
        ("A=1#2", UnquotedHash, "#", Some("1#2")),
        ("A=$B", Substitution, "$", Some("$B")),
        ("A=\"`b`\"", Command, "`", Some("`b`")),
        ("A='${B}'", Substitution, "$", Some("${B}")),
        (r#"A="1\n2""#, Escape('n'), "\\n", Some("1\n2")),
        (r#"A="1\"\"""#, Escape('"'), "\\\"", Some("1\"\"")),
        (r#"A="\\2""#, Escape('\\'), "\\\\", Some("\\2")),
        (r#"A="\'2""#, Escape('\''), "\\'", Some("'2")),
        (r#"A="\$2""#, Escape('$'), "\\$", Some("$2")),
        (r#"A="\t2""#, Escape('t'), "\\t", Some("\t2")),
        ("A=1  \n", BlanksBehind, "  ", Some("1")),
        ("A='1' \n", BlanksBehind, " ", Some("1")),
        ("A= \n", BlanksBehind, " ", Some("")),
        ("A=`1`", Backticks, "`", Some("`1`")),
        (r#"A="\é""#, Escape('é'), "\\é", Some("\\é")),
        (r"A='1\\2'", QuotedBackslash, "\\", Some(r"1\\2")),
        (r"A='1\'", LastBackslash, "\\", Some(r"1\")),
        (r"A=1\2", UnquotedBackslash, "\\", Some(r"1\2")),
        ("A=[\"1\"]", UnquotedQuote, "\"", Some("[\"1\"]")),
        ("A=1\rB=2", CarriageReturn, "\r", Some("1\rB=2")),
        ("A=1\r\n\r\nB=2\r\n", LineEnds, "\r", Some("1")),
        ("A='1\r\n2'\n", CarriageReturn, "\r", Some("1\r\n2")),
        ("# 1\rA=2", CarriageReturn, "\r", None),
        ("A='1\0'", Nul, "\0", Some("1\0")),
    ] {
        let source = Source::new(".env", text);
        let document = Document::parse(&source);
        let told: Vec<_> = document
            .problems()
            .iter()
            .map(|problem| (problem.kind, &text[problem.span.start..problem.span.end]))
            .collect();
        assert_eq!(told, [(kind, place)], "{text:?}");
        assert_eq!(document.entries().first().map(|entry| entry.value.expose()), value, "{text:?}");
    }
}

/// What only some take for an assignment, a comment or a name is read where one of them reads the file.
#[test]
fn a_form_of_one_reader_is_read_where_that_reads_the_file() {
    use ProblemKind::*;
    use Reader::*;
    for (text, readers, kind, verdict, value) in [
        ("A: 1", &[NodeDotenv][..], Colon, Verdict::Elsewhere, Some("1")),
        ("export A: 'b=2'", &[Compose, Node], Colon, Verdict::Misread, Some("b=2")),
        ("A: 1", &[PythonDotenv], NotAnAssignment, Verdict::Misread, None),
        ("; A=1", &[Systemd], Semicolon, Verdict::Elsewhere, None),
        ("; A=1", &[Systemd, Bash], Semicolon, Verdict::Misread, None),
        ("; A", &[Bash], NotAnAssignment, Verdict::Misread, None),
        ("A=\"ab\"'c d'ef ", &[Bash], Joined, Verdict::Elsewhere, Some("abc def")),
        ("A=\"ab\"cd", &[Systemd, Docker], Joined, Verdict::Misread, Some("abcd")),
        ("A=\"ab\"cd", &[Node], TextAfterQuote, Verdict::Misread, Some("\"ab\"cd")),
        ("A=\"a$b\"cd", &[Bash], TextAfterQuote, Verdict::Misread, Some("\"a$b\"cd")),
        ("A.B-C=1", &[NodeDotenv], DottedName, Verdict::Elsewhere, None),
        ("A.B-C=1", &[NodeDotenv, Bash], DottedName, Verdict::Misread, None),
        ("A.B=1", &[Bash], BadName, Verdict::Misread, None),
        ("test -f x && . ./x", &[], Sourced, Verdict::Misread, None),
    ] {
        let source = Source::new(".env", text);
        let document = Document::read_by(&source, readers);
        let told: Vec<_> = document.problems().iter().map(|problem| (problem.kind, problem.verdict)).collect();
        assert!(told.contains(&(kind, verdict)), "{text:?}: {told:?}");
        assert!(
            told.iter().all(|(one, _)| one == &kind || matches!(one, Export | Quotes | BlanksBehind)),
            "{text:?}: {told:?}"
        );
        assert_eq!(document.entries().first().map(|entry| entry.value.expose()), value, "{text:?}");
    }
}

#[test]
fn of_duplicates_the_last_counts_and_both_places_are_told() {
    let source = Source::new(".env", "A=1\nB=2\nA=3\n");
    let document = Document::parse(&source);
    assert_eq!(document.get("A").map(|entry| entry.value.expose()), Some("3"));
    assert_eq!(document.get("C"), None);
    assert_eq!(kinds(&document), [ProblemKind::DuplicateName { earlier: (0..1).into() }]);
    assert_eq!(document.problems()[0].span, (8..9).into());
}

#[test]
fn no_value_is_shown() {
    let text = "A=hunter2\nhunter2\nhunter-2=1\nB=\"hunter2\nC='hunter2'hunter2\nD=$hunter2 # hunter2\nD=\\hunter2\n";
    let source = Source::new(".env", text);
    let document = Document::parse(&source);
    assert_eq!(document.entries().len(), 5);
    assert!(!format!("{document:?}").contains("hunter"), "{document:?}");
}

#[test]
fn a_megabyte_is_read_in_one_pass() {
    // One pass over each takes less than a second, reading that is quadratic in one of them would take many minutes.
    let began = Instant::now();
    for unit in ["\"", "\\", "$", " #", "\n", "A=\"\\\n", "A='\n", "'\"\n"] {
        for start in ["A=", "A=\"", "A='"] {
            let source = Source::new(".env", format!("{start}{}", unit.repeat((1 << 20) / unit.len())));
            Document::parse(&source);
        }
    }
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}

#[test]
fn values_are_written_in_the_first_form_that_all_readers_agree_on() {
    for (value, written) in [
        ("", Ok("")),
        ("https://a.example:8443/x_y?", Ok("'https://a.example:8443/x_y?'")),
        ("aZ0_./:@%+,=-", Ok("aZ0_./:@%+,=-")),
        ("[\"https://a.example\"]", Ok("'[\"https://a.example\"]'")),
        ("two\nlines", Ok("'two\nlines'")),
        ("$a\\b`", Ok("'$a\\b`'")),
        ("it's", Ok("\"it's\"")),
        ("it's \"so\"", Err('"')),
        ("it's $5", Err('$')),
        ("${a}", Err('$')),
        ("C:\\", Err('\\')),
        ("a\\\\b", Err('\\')),
        ("it's `so`", Err('`')),
        ("a\rb", Err('\r')),
        ("a\0b", Err('\0')),
    ] {
        let encoded = encode(value).map_err(|unwritable| unwritable.character);
        assert_eq!(encoded.as_deref(), written.as_ref().map(|written| *written), "{value:?}");
    }
}

#[test]
fn edits_leave_everything_else_as_it_was() {
    let text = "# A=0\r\nexport A = '1' # one\r\n\r\nB=2\r\nA=3";
    for (edit, edited) in [
        (Edit::Rename { from: "A", to: "C" }, Ok("# A=0\r\nexport C = '1' # one\r\n\r\nB=2\r\nC=3")),
        (Edit::Rename { from: "A", to: "B" }, Err(Refused::Taken)),
        (Edit::Rename { from: "C", to: "D" }, Err(Refused::Missing)),
        (Edit::Rename { from: "A", to: "1" }, Err(Refused::BadName)),
        (Edit::SetValue { name: "A", value: "4 5" }, Ok("# A=0\r\n# one\r\nA='4 5'\r\n\r\nB=2\r\nA='4 5'")),
        (Edit::SetValue { name: "C", value: "4" }, Err(Refused::Missing)),
        (Edit::SetValue { name: "A", value: "\0" }, Err(encode("\0").expect_err("a NUL").into())),
        (
            Edit::Append { above: &[], name: "C", value: "4\n5" },
            Ok("# A=0\r\nexport A = '1' # one\r\n\r\nB=2\r\nA=3\r\nC='4\n5'"),
        ),
        (Edit::Append { above: &[], name: "A", value: "4" }, Err(Refused::Taken)),
        (Edit::Append { above: &[], name: "", value: "4" }, Err(Refused::BadName)),
    ] {
        assert_eq!(apply(text, edit), edited.map(str::to_owned));
    }
    let append = Edit::Append { above: &[], name: "A", value: "1" };
    assert_eq!(apply("", append).as_deref(), Ok("A=1\n"));
    assert_eq!(apply("B=2\n", append).as_deref(), Ok("B=2\nA=1\n"));
    assert_eq!(apply("B=2", append).as_deref(), Ok("B=2\nA=1"));
    // What is open would end at the quote of the new value.
    assert_eq!(apply("B=\"2\n", append), Err(Refused::UnbalancedQuote));
    // An empty value and a broken one are replaced as a whole.
    let set = Edit::SetValue { name: "A", value: "1" };
    assert_eq!(apply("A= # c\n", set).as_deref(), Ok("# c\nA=1\n"));
    assert_eq!(apply("A=#c\n", set).as_deref(), Ok("A=1\n"));
    assert_eq!(apply("A='2'#3\n", set).as_deref(), Ok("A=1\n"));
    // A shell goes on in the next line; who reads no shell's way does not, unless that line is nothing by itself.
    for (text, of_python) in [("A=it's\nB=2\n", Ok("A=1\nB=2\n")), ("A=2\\\n3\n", Err(())), ("A=[\n2]\n", Err(()))] {
        assert!(matches!(apply(text, set), Err(Refused::Endless(_))), "{text:?}");
        let edited = apply_for(text, set, &[Reader::PythonDotenv]).map_err(|_| ());
        assert_eq!(edited.as_deref(), of_python.as_ref().map(|text| *text), "{text:?}");
    }
    assert_eq!(apply(" export  A = '2' # c\nB=3", set).as_deref(), Ok(" # c\nA=1\nB=3"));
    let commented = Edit::Append { above: &["", "why"], name: "A", value: "1" };
    assert_eq!(apply("B=2\r\n", commented).as_deref(), Ok("B=2\r\n\r\n# why\r\nA=1\r\n"));
}

/// What `.env` files are made of, in pieces that mostly don't fit.
const FRAGMENTS: &[&str] = &[
    "A", "B", "export", "=", "=", " ", "\t", "\n", "\n", "\r\n", "\r", "'", "\"", "\\", "#", "$", "{", "}", "`", "n",
    "é", "\u{feff}", "\u{a0}", "\0", "&", "1", ".", "A=", "B=", "\nA='", "\nB=\"", "' ", "\" ",
];

fn fragments() -> impl Strategy<Value = String> {
    vec(select(FRAGMENTS), 0..12).prop_map(|fragments| fragments.concat())
}

/// Lines in the forms that all readers agree on, and the line ending between them.
fn agreed() -> impl Strategy<Value = String> {
    // One blank before the comment behind a value, and no quote in it: dotenvy 0.15 looks for the end of quotes in a
    // comment behind an even number of blanks.
    let assignment = (
        select(&["", "export ", "  ", "\texport  "][..]),
        "[A-C]|[A-Za-z_][A-Za-z0-9_]{0,8}",
        "[^\0\r]{0,12}|[ -~\n]{0,24}",
        select(&["", " ", " # why", "\t#why"][..]),
    )
        .prop_filter_map("a value without a form", |(before, name, value, behind)| {
            let encoded = encode(&value).ok()?;
            let behind = if encoded.ends_with(['\'', '"']) { behind } else { "" };
            Some(format!("{before}{name}={encoded}{behind}"))
        });
    let line = prop_oneof![4 => assignment, 1 => "[ \t]{0,3}", 1 => " {0,2}# ?[ -~é]{0,12}"];
    (vec(line, 0..8), select(&["\n", "\r\n"][..]))
        .prop_map(|(lines, ending)| lines.iter().fold(String::new(), |text, line| text + line + ending))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// Agreed forms have no problem but duplicates and what others mind, and dotenvy reads the same.
    #[test]
    fn agreed_forms_are_read_as_dotenvy_reads_them(text in agreed()) {
        let source = Source::new(".env", text.as_str());
        let document = Document::parse(&source);
        let is_expected = |kind: &ProblemKind| {
            use ProblemKind::{BlanksBehind, CommentAfterQuote, DuplicateName, Export, LineEnds};
            matches!(kind, DuplicateName { .. } | Export | BlanksBehind | CommentAfterQuote | LineEnds)
        };
        prop_assert!(kinds(&document).iter().all(is_expected), "{document:?}");
        prop_assert_eq!(pairs(&document), oracle(&text).expect("dotenvy reads agreed forms"));
    }

    /// Where dotenvy refuses a text or reads something else, there is a problem.
    #[test]
    fn what_dotenvy_reads_differently_is_a_problem(text in fragments()) {
        let text = format!("A={text}\nB=1\n");
        let source = Source::new(".env", text.as_str());
        let document = Document::parse(&source);
        let comments = text.contains(" #") || text.contains("\t#");
        if document.problems().is_empty() && !comments {
            prop_assert_eq!(pairs(&document), oracle(&text).expect("dotenvy reads what has no problem"));
        }
    }

    /// What is written is read back by us and by dotenvy.
    #[test]
    fn written_values_are_read_back(value in prop_oneof![any::<String>(), "[ab '\"$\\\\`#{}\n]{0,8}"]) {
        if let Ok(encoded) = encode(&value) {
            let source = Source::new(".env", format!("A={encoded}\n"));
            let document = Document::parse(&source);
            prop_assert_eq!(kinds(&document), []);
            let meant = vec![("A".to_owned(), value)];
            prop_assert_eq!(oracle(&source.text).expect("dotenvy reads agreed forms"), meant.clone());
            prop_assert_eq!(pairs(&document), meant);
        }
    }

    /// Whatever the text, every span is a part of it.
    #[test]
    fn any_text_can_be_parsed(text in prop_oneof![any::<String>(), fragments()]) {
        let source = Source::new(".env", text.as_str());
        let document = Document::parse(&source);
        for problem in document.problems() {
            prop_assert!(text.get(problem.span.start..problem.span.end).is_some());
        }
        for entry in document.entries() {
            prop_assert_eq!(text.get(entry.name_span.start..entry.name_span.end), Some(entry.name));
            prop_assert!(text.get(entry.value_span.start..entry.value_span.end).is_some());
        }
    }

    /// What is set means the same to all readers, whatever stood there before.
    #[test]
    fn a_value_that_is_set_has_no_problem(text in fragments(), value in "[ab '#\n]{0,4}") {
        let set = Edit::SetValue { name: "A", value: &value };
        if let Ok(edited) = apply(&format!("A={text}\n"), set) {
            let source = Source::new(".env", edited);
            let document = Document::parse(&source);
            let first = document.entries().first().expect("it was there").value_span;
            let elsewhere = |kind| matches!(kind, ProblemKind::DuplicateName { .. });
            let wrong = document.problems().iter().find(|one| one.is_about(first) && !elsewhere(one.kind));
            prop_assert!(wrong.is_none(), "{wrong:?} in {:?}", source.text);
        }
    }

    /// A made edit does what it says, and the document is otherwise what it was.
    #[test]
    fn edits_do_what_they_say(text in prop_oneof![agreed(), fragments()], value in "[ab '#\n]{0,4}") {
        // A carriage return at the very end becomes a part of the line ending that comes behind it.
        prop_assume!(!text.ends_with('\r'));
        // What `$A` stands for is another value, too, once A has one.
        prop_assume!(!text.contains('$'));
        let source = Source::new(".env", text.as_str());
        let before = pairs(&Document::parse(&source));
        let changed = |change: &dyn Fn(&mut (String, String))| {
            let mut pairs = before.clone();
            pairs.iter_mut().filter(|pair| pair.0 == "A").for_each(change);
            pairs
        };
        let mut appended = before.clone();
        appended.push(("NEW".to_owned(), value.clone()));
        for (edit, meant) in [
            (Edit::Rename { from: "A", to: "NEW" }, changed(&|pair| pair.0 = "NEW".to_owned())),
            (Edit::SetValue { name: "A", value: &value }, changed(&|pair| pair.1.clone_from(&value))),
            (Edit::Append { above: &[], name: "NEW", value: &value }, appended),
        ] {
            if let Ok(edited) = apply(&text, edit) {
                prop_assert_eq!(pairs(&Document::parse(&Source::new(".env", edited))), meant);
            }
        }
        if let Ok(renamed) = apply(&text, Edit::Rename { from: "A", to: "NEW" }) {
            let back = apply(&renamed, Edit::Rename { from: "NEW", to: "A" });
            prop_assert_eq!(back, Ok(text));
        }
    }
}
