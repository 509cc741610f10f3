//! What mends a finding, as edits that an editor offers: each by itself, and all that are safe together.

use std::collections::HashMap;

use super::place::Encoding;
use super::protocol::{CodeAction, CodeActionKind, CodeActionParams, TextEdit, Uri, WorkspaceEdit};
use super::workspace::{Judged, Mended, Workspace};
use crate::check::Checked;
use crate::finding::{Finding, Fix, Safety};
use crate::fix;
use crate::source::{Source, Span};

/// The kind of the action that makes all safe edits: an editor may be told to do so whenever a file is saved.
pub const FIX_ALL: &str = "source.fixAll.seccfg";

/// What can be done at a place of a file.
pub fn at(workspace: &Workspace, judged: &Judged, params: &CodeActionParams, encoding: Encoding) -> Vec<CodeAction> {
    let path = super::place::path(&params.text_document.uri);
    let Some(index) = judged.checked.sources.iter().position(|source| source.path == path) else { return Vec::new() };
    let asked = Asked::new(params.context.only.as_deref());
    let mut actions = Vec::new();
    if asked.quick {
        let source = &judged.checked.sources[index];
        let span = lines(source, encoding.span(source, params.range));
        actions.extend(quick(workspace, judged, index, span, encoding));
    }
    if asked.all || (asked.quick && !actions.is_empty()) {
        let kind = if asked.all { CodeActionKind::Custom(FIX_ALL.into()) } else { CodeActionKind::QuickFix };
        actions.extend(all(workspace, judged, kind, encoding));
    }
    actions
}

/// The lines that a span touches: what mends a value is offered at its key, too.
fn lines(source: &Source, span: Span) -> Span {
    let line = |offset| source.line(source.position(offset).line);
    Span { start: line(span.start).start, end: line(span.end).end }
}

/// Which kinds of actions a client asks for.
struct Asked {
    quick: bool,
    all: bool,
}

impl Asked {
    fn new(only: Option<&[CodeActionKind]>) -> Self {
        let Some(only) = only else { return Self { quick: true, all: false } };
        // A kind means those below it, too: `source` means `source.fixAll.seccfg`.
        let names: Vec<String> = only.iter().map(name).collect();
        let means = |kind: &str| {
            names.iter().any(|name| name.is_empty() || kind == name || kind.starts_with(&format!("{name}.")))
        };
        Self { quick: means("quickfix"), all: means(FIX_ALL) }
    }
}

/// A kind, as the protocol writes it.
fn name(kind: &CodeActionKind) -> String {
    serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The fixes of the findings at a place.
fn quick(workspace: &Workspace, judged: &Judged, index: usize, span: Span, encoding: Encoding) -> Vec<CodeAction> {
    let is_here = |finding: &Finding| finding.place.source == index && finding.place.span.overlaps(span);
    let checked = &judged.checked;
    if !checked.findings.iter().any(|finding| is_here(finding) && !finding.fixes.is_empty()) {
        return Vec::new();
    }
    // The others stay: whether a fix does harm is judged by all that was found before.
    let findings = checked.findings.iter().cloned().map(|mut finding| {
        if !is_here(&finding) {
            finding.fixes.clear();
        }
        finding
    });
    let mut resolved = Checked { findings: findings.collect(), sources: checked.sources.clone(), ..unjudged() };
    fix::resolve(&mut resolved, &judged.options);
    let mut actions: Vec<CodeAction> = Vec::new();
    for finding in resolved.findings.iter().filter(|finding| is_here(finding)) {
        let diagnostics = super::diagnostics::of_finding(workspace, &resolved.sources, finding, encoding);
        for (place, fix) in finding.fixes.iter().enumerate() {
            actions.push(CodeAction {
                title: title(finding, fix),
                kind: Some(CodeActionKind::QuickFix),
                diagnostics: diagnostics.clone().map(|one| vec![one]),
                is_preferred: (place == 0 && fix.safety == Safety::Safe).then_some(true),
                edit: Some(edit(workspace, &resolved.sources, fix, encoding)),
                ..CodeAction::default()
            });
        }
    }
    actions
}

/// A check of which only its texts and findings matter.
fn unjudged() -> Checked {
    Checked::unread(Source::new("", ""), Vec::new())
}

/// What a fix does, for which finding, and whether it has a price.
fn title(finding: &Finding, fix: &Fix) -> String {
    let price = match fix.safety {
        Safety::Safe => "",
        Safety::Unsafe => "; changes how the service behaves",
    };
    format!("{} ({}{price})", fix.title, finding.code)
}

fn edit(workspace: &Workspace, sources: &[Source], fix: &Fix, encoding: Encoding) -> WorkspaceEdit {
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for edit in &fix.edits {
        let Some(source) = sources.get(edit.source) else { continue };
        let range = encoding.range(source, edit.span);
        changes.entry(workspace.uri(&source.path)).or_default().push(TextEdit { range, new_text: edit.text.clone() });
    }
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}

/// All edits that are safe, as one action; nothing where there is none.
fn all(workspace: &Workspace, judged: &Judged, kind: CodeActionKind, encoding: Encoding) -> Option<CodeAction> {
    let mended = judged.all_safe.get_or_init(|| mended(judged)).as_ref()?;
    let edit = |(old, new): &(Source, Source)| {
        let edits = differences(&old.text, &new.text)
            .into_iter()
            .map(|(span, text)| TextEdit { range: encoding.range(old, span), new_text: text.to_owned() });
        (workspace.uri(&old.path), edits.collect())
    };
    let changes = mended.texts.iter().map(edit).collect();
    let findings = if mended.gone == 1 { "finding" } else { "findings" };
    Some(CodeAction {
        title: format!("make all edits that are safe: {} {findings} less", mended.gone),
        kind: Some(kind),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    })
}

fn mended(judged: &Judged) -> Option<Mended> {
    let is_safe = |finding: &Finding| finding.fixes.iter().any(|fix| fix.safety == Safety::Safe);
    if !judged.checked.findings.iter().any(is_safe) {
        return None;
    }
    let (mut source, mut options) = (judged.source.clone(), judged.options.clone());
    let gone = fix::mend(&mut source, &mut options, false);
    let env_files = judged.options.env_files.iter().zip(options.env_files);
    let env_files = env_files.map(|(old, new)| (old.source.clone(), new.source));
    let texts = std::iter::once((judged.source.clone(), source)).chain(env_files);
    let texts: Vec<(Source, Source)> = texts.filter(|(old, new)| old.text != new.text).collect();
    (gone > 0 && !texts.is_empty()).then_some(Mended { gone, texts })
}

/// The parts of a text that are others in another, and what stands there. Where the lines are as many as before, the others
/// are told by themselves and without what stays of each: of a variable that gets another name, the value is not told.
fn differences<'n>(old: &str, new: &'n str) -> Vec<(Span, &'n str)> {
    if old.split('\n').count() != new.split('\n').count() {
        return vec![difference(old, new)];
    }
    let mut start = 0;
    let mut found = Vec::new();
    for (old, new) in old.split_inclusive('\n').zip(new.split_inclusive('\n')) {
        if old != new {
            let length = |pairs: &mut dyn Iterator<Item = (char, char)>| {
                pairs.take_while(|(old, new)| old == new).map(|(c, _)| c.len_utf8()).sum::<usize>()
            };
            let same = length(&mut old.chars().zip(new.chars()));
            let (olds, news) = (&old[same..], &new[same..]);
            let end = length(&mut olds.chars().rev().zip(news.chars().rev()));
            let span = Span { start: start + same, end: start + old.len() - end };
            found.push((span, &news[..news.len() - end]));
        }
        start += old.len();
    }
    found
}

/// The part of a text that is another one in the other, in whole lines, and what stands there.
fn difference<'n>(old: &str, new: &'n str) -> (Span, &'n str) {
    let same = |olds: &mut dyn Iterator<Item = &str>, news: &mut dyn Iterator<Item = &str>| {
        olds.zip(news).take_while(|(old, new)| old == new).map(|(old, _)| old.len()).sum::<usize>()
    };
    let start = same(&mut old.split_inclusive('\n'), &mut new.split_inclusive('\n'));
    let (old, new) = (&old[start..], &new[start..]);
    let end = same(&mut old.split_inclusive('\n').rev(), &mut new.split_inclusive('\n').rev());
    (Span { start, end: start + old.len() - end }, &new[..new.len() - end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_stay_are_not_written_anew() {
        for (old, new, part, text) in [
            ("a\nb\nc\n", "a\nx\nc\n", "b\n", "x\n"),
            ("a\nb\n", "a\nb\nc\n", "", "c\n"),
            ("a\na\n", "a\n", "a\n", ""),
            ("a", "a\nb", "a", "a\nb"),
            ("", "a\n", "", "a\n"),
        ] {
            let (span, written) = difference(old, new);
            assert_eq!((&old[span.start..span.end], written), (part, text), "{old:?} {new:?}");
            assert_eq!([&old[..span.start], written, &old[span.end..]].concat(), new);
        }
    }

    #[test]
    fn of_lines_that_change_what_stays_is_not_told() {
        let (old, new) = ("a = 1\nSERCET=ünsaid\nb\n", "a = 2\nSECRET=ünsaid\nb\n");
        let found = differences(old, new);
        assert_eq!(found.iter().map(|(_, text)| *text).collect::<Vec<_>>(), ["2", "CR"]);
        let mut mended = old.to_owned();
        for (span, text) in found.iter().rev() {
            mended.replace_range(span.start..span.end, text);
        }
        assert_eq!(mended, new);
        assert_eq!(differences("a\n", "a\nb\n"), [(Span { start: 2, end: 2 }, "b\n")]);
        assert_eq!(differences("aa\n", "a\n"), [(Span { start: 1, end: 2 }, "")]);
    }

    #[test]
    fn a_kind_means_those_below_it() {
        let asked = |kinds: &[&'static str]| {
            let kinds: Vec<CodeActionKind> = kinds.iter().map(|kind| CodeActionKind::Custom((*kind).into())).collect();
            let asked = Asked::new(Some(&kinds));
            (asked.quick, asked.all)
        };
        assert_eq!(asked(&["quickfix"]), (true, false));
        assert_eq!(asked(&["source"]), (false, true));
        assert_eq!(asked(&["source.fixAll"]), (false, true));
        assert_eq!(asked(&["source.organizeImports", "refactor"]), (false, false));
        assert_eq!(asked(&[""]), (true, true));
    }
}
