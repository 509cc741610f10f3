//! What holds for any text whatever. Each function panics where it does not.
//!
//! `fuzz_targets` hands them what libFuzzer comes up with; `tests/fuzz.rs` hands them a few thousand texts on every run
//! of the tests, which keeps them honest where there is no libFuzzer.

pub mod caddy;
#[path = "../../src/targets/nginx/escape/reader.rs"]
pub mod reader;

use seccfg::apps::Packs;
use seccfg::check::{Checked, Modes, Opened, Options, check};
use seccfg::dotenv::{self, Document};
use seccfg::finding::Severity;
use seccfg::fix::mend;
use seccfg::plan::Target;
use seccfg::profile::Mode;
use seccfg::source::{Source, Span};
use seccfg::targets::caddy::escape;
use seccfg::targets::escape::MAX_TOKEN;
use seccfg::targets::nginx::escape::{Comment, Constant, EscapeError, PathRegex, Word, quote};
use seccfg::targets::{self, Form, Output, Style};

/// A text is refused, or nginx reads it back as it is.
pub fn nginx_quote(text: &str) {
    let read = |written: &str| reader::words(&format!("x {written} y;")).expect("nginx reads what was written");
    let between = |text: &str| ["x".to_owned(), text.to_owned(), "y".to_owned()];
    if let Ok(quoted) = quote(text) {
        assert!(!text.contains('$'));
        assert_eq!(read(&quoted), between(text));
    }
    if let Ok(constant) = Constant::new(text) {
        assert_eq!(read(constant.quoted()), between(text));
    }
    if let Ok(word) = Word::new(text) {
        assert_eq!(read(word.as_str()), between(text));
    }
    if let Ok(comment) = Comment::new(text) {
        assert_eq!(reader::words(&format!("# {}\nx;", comment.as_str())), Ok(vec!["x".to_owned()]));
    }
    for build in [PathRegex::under, PathRegex::exact] {
        path(text, build);
    }
}

/// A text is refused, or Caddy reads it back as it is: from a Caddyfile, or from JSON. No text is refused that has a form.
pub fn caddy_quote(text: &str) {
    let has_form = escape::printable(text).is_ok();
    let tokens = |written: &str| caddy::tokens(&format!("x {written} y")).expect("Caddy reads what was written");
    let plain = |text: &str, quoted| (text.to_owned(), quoted);
    let quoted = escape::quote(text);
    assert_eq!(quoted.is_ok(), has_form && !text.contains(['{', '}', '`']));
    if let Ok(quoted) = quoted {
        assert_eq!(tokens(&quoted), [plain("x", false), plain(text, true), plain("y", false)]);
        // Neither a variable nor a placeholder, nor what could pass for a block's brace.
        assert!(!quoted.contains(['{', '}']));
    }
    let token = escape::token(text);
    assert_eq!(token.is_ok(), has_form && !text.contains('`'));
    if let Ok(token) = token {
        assert_eq!(tokens(&token), [plain("x", false), plain(text, token != text), plain("y", false)]);
    }
    if has_form {
        assert_eq!(caddy::replaced(&escape::unreplaced(text)).as_deref(), Some(text));
    }
    let comment = escape::comment(text);
    assert_eq!(comment.is_ok(), has_form && text.len() <= MAX_TOKEN && !text.contains(['{', '}']));
    if let Ok(comment) = comment {
        assert_eq!(caddy::lines(&format!("# {}\nx", comment.as_str())), Ok(vec![vec![], vec![plain("x", false)]]));
    }
}

/// A path is refused, or its pattern takes that path and no other.
fn path(text: &str, build: fn(&str) -> Result<PathRegex, EscapeError>) {
    let Ok(regex) = build(text) else { return };
    let words = reader::words(&format!("{} 1;", regex.quoted())).expect("nginx reads what was written");
    let pattern = reader::path_pattern(&words[0]).unwrap_or_else(|| panic!("{words:?} takes more than one path"));
    assert_eq!(pattern.path, text);
    assert_eq!(pattern.tail.is_empty(), text.ends_with('/'));
}

/// Whatever stands in the place of a profile, a check ends, speaks of places that the text has, and what is then rendered
/// is what nginx and Caddy can read.
pub fn profile(text: &str) {
    // A pack file of the author's own would make the outcome depend on the disk.
    if text.contains(".toml") {
        return;
    }
    let options = Options {
        modes: Modes::All,
        targets: Target::ALL.to_vec(),
        today: Some("2026-11-21".parse().expect("a day")),
        to_render: true,
        ..Options::default()
    };
    let checked = check(Source::new("security.toml", text), &options);
    well_told(&checked);
    for mode in Mode::ALL {
        well_told(&check(Source::new("security.toml", text), &Options { modes: Modes::One(*mode), ..options.clone() }));
    }
    let opened = Opened::read(&checked.sources[0], &[], &Packs::default());
    if !opened.is_sound() {
        assert!(checked.count(Severity::Error) > 0, "refused without a word");
        return;
    }
    for mode in opened.modes(Modes::All) {
        let Some(policy) = opened.policy(mode) else { continue };
        let render = |output: Output, form| {
            let plans = opened.plans(&policy, &[output.edge().expect("an edge's configuration")]);
            targets::render(output, &plans, Style { standalone: true, form, ..Style::default() }).unwrap_or_default()
        };
        let nginx =
            render(Output::Nginx, Form::Caddyfile).into_iter().map(|file| (reader::read(&file.text).err(), file));
        let caddyfile =
            render(Output::Caddy, Form::Caddyfile).into_iter().map(|file| (caddy::lines(&file.text).err(), file));
        for (what, file) in nginx.chain(caddyfile) {
            assert!(what.is_none(), "{}: {what:?}\n{}", file.path.display(), file.text);
        }
        for file in render(Output::Caddy, Form::Json) {
            assert!(serde_json::from_str::<serde_json::Value>(&file.text).is_ok(), "{}", file.text);
        }
    }
}

/// Findings say something, about places that their texts have.
fn well_told(checked: &Checked) {
    for finding in &checked.findings {
        let text = &checked.sources[finding.place.source].text;
        let spans = finding.labels.iter().map(|label| label.span).chain([finding.place.span]);
        for span in spans {
            assert!(within(text, span), "{} at {span:?} is beyond the text", finding.code);
        }
        assert!(!finding.message.is_empty() && !finding.help.is_empty(), "{} says nothing", finding.code);
    }
}

fn within(text: &str, span: Span) -> bool {
    span.start <= span.end && text.get(span.start..span.end).is_some()
}

/// A `.env` is read without a loss, and what is written is read back.
pub fn dotenv(text: &str) {
    let source = Source::new(".env", text);
    let document = Document::parse(&source);
    let mut end = 0;
    for entry in document.entries() {
        assert!(within(text, entry.name_span) && within(text, entry.value_span));
        assert_eq!(&text[entry.name_span.start..entry.name_span.end], entry.name);
        assert!(end <= entry.name_span.start && entry.name_span.end < entry.value_span.start, "in order");
        end = entry.value_span.end;
    }
    assert!(document.problems().iter().all(|problem| within(text, problem.span)));
    // As a value, by itself and in the place of every other.
    if let Ok(encoded) = dotenv::encode(text) {
        let written = Source::new(".env", format!("A=1\nNAME={encoded}\nB=2\n"));
        let read = Document::parse(&written);
        assert_eq!(read.problems(), [], "{encoded:?}");
        assert_eq!(read.entries().len(), 3);
        assert_eq!(read.get("NAME").map(|entry| entry.value.expose()), Some(text));
    }
    for name in document.entries().iter().map(|entry| entry.name) {
        replaced(&document, text, name);
    }
}

/// Another value for a variable changes what is written of that variable and of no other. (What a reader makes of another
/// may change, because `${NAME}` stands for the value.)
fn replaced(document: &Document<'_>, text: &str, name: &str) {
    let Ok(changed) = dotenv::apply(text, dotenv::Edit::SetValue { name, value: "another 'value" }) else { return };
    let source = Source::new(".env", changed.clone());
    let after = Document::parse(&source);
    assert_eq!(after.entries().len(), document.entries().len());
    let written = |text: &str, span: Span| text[span.start..span.end].to_owned();
    for (before, after) in document.entries().iter().zip(after.entries()) {
        assert_eq!(before.name, after.name);
        if before.name == name {
            assert_eq!(after.value.expose(), "another 'value", "{name}");
        } else {
            assert_eq!(written(&changed, after.value_span), written(text, before.value_span), "{name}");
        }
    }
}

/// Mending ends, loses no comment that stands by itself, and leaves nothing that it could mend.
pub fn fix(text: &str) {
    if text.contains(".toml") {
        return;
    }
    let mut source = Source::new("security.toml", text);
    let today = Some("2026-11-21".parse().expect("a day"));
    let mut options = Options { modes: Modes::All, today, ..Options::default() };
    let mended = mend(&mut source, &mut options, true);
    if mended == 0 {
        assert_eq!(source.text, text);
        return;
    }
    let is_toml =
        |text: &str| Opened::read(&Source::new("security.toml", text), &[], &Packs::default()).document().is_toml();
    assert!(!is_toml(text) || is_toml(&source.text), "{}", source.text);
    let mut left = source.text.lines();
    for comment in text.lines().filter(|line| line.starts_with('#')) {
        assert!(left.any(|line| line == comment), "{comment:?} is gone from\n{}", source.text);
    }
}
