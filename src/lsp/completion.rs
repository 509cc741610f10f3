//! What may be written at a cursor: keys and sections, words, codes of rules, variables, and what the app's pack knows.

use std::collections::BTreeSet;

use super::key::{Named, layer};
use super::place::Encoding;
use super::protocol::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, CompletionList, Documentation, Range, TextEdit,
    markdown,
};
use super::workspace::{Judged, Text, Workspace};
use crate::apps::AppPack;
use crate::profile::vocabulary::{self, Absent, Kind, TextKind, Word, prose};
use crate::profile::{AppKind, Mode, ReleaseName, RuleCode, Shape, Text as _, UrlPath, VariableName};
use crate::rules::{self, Rule};
use crate::source::{Here, KeyPath, Literal, Segment, Span, here};

/// The characters at which an editor asks by itself.
pub const TRIGGERS: [&str; 5] = ["\"", ".", "[", ":", "="];

/// Something that may be written.
struct Offer {
    label: String,
    /// What is written, if not the label.
    text: Option<String>,
    kind: CompletionItemKind,
    detail: String,
    documentation: String,
}

impl Offer {
    fn new(label: impl Into<String>, kind: CompletionItemKind) -> Self {
        Self { label: label.into(), text: None, kind, detail: String::new(), documentation: String::new() }
    }

    /// A text, which is written in quotes.
    fn quoted(text: &str, kind: CompletionItemKind) -> Self {
        Self { text: Some(Literal::from(text).to_string()), ..Self::new(text, kind) }
    }

    fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    fn documented(self, documentation: impl Into<String>) -> Self {
        Self { documentation: documentation.into(), ..self }
    }

    /// What is written.
    fn written(&self) -> &str {
        self.text.as_deref().unwrap_or(&self.label)
    }

    /// The same, where a list is to stand.
    fn listed(self) -> Self {
        Self { text: Some(format!("[{}]", self.written())), ..self }
    }
}

/// What may be written at a byte of a profile.
pub fn at(
    workspace: &Workspace,
    text: &Text,
    judged: Option<&Judged>,
    offset: usize,
    encoding: Encoding,
) -> CompletionList {
    let source = &text.source;
    let opened = judged.map(Judged::open);
    let app = opened.as_ref().and_then(|opened| opened.app());
    let context = Context { workspace, text, app };
    let (offers, written) = match here(&source.text, offset) {
        Here::Header { above, written } => (context.names(&above, written, true), written),
        Here::Key { table, written } => (context.names(&table, written, false), written),
        Here::Value { path, written } => (context.values(&path), value_span(&source.text, written, offset)),
        Here::Elsewhere => (Vec::new(), Span { start: offset, end: offset }),
    };
    let range = encoding.range(source, written);
    let quote = source.text[written.start..written.end].chars().next().filter(|c| ['"', '\''].contains(c));
    let item = |(place, offer): (usize, Offer)| item(place, offer, range, quote);
    CompletionList { items: offers.into_iter().enumerate().map(item).collect(), ..CompletionList::default() }
}

/// What of a value is replaced: all of it, or, where a text has no end yet, what is before the cursor. Behind a cursor may
/// stand what belongs to no value: a comment, the next key.
fn value_span(text: &str, written: Span, offset: usize) -> Span {
    let value = &text[written.start..written.end];
    let is_closed = |quote: char| value.len() > 1 && value.ends_with(quote);
    match value.chars().next().filter(|c| ['"', '\''].contains(c)) {
        Some(quote) if !is_closed(quote) => Span { start: written.start, end: offset },
        Some(_) | None => written,
    }
}

fn item(place: usize, offer: Offer, range: Range, quote: Option<char>) -> CompletionItem {
    let Offer { label, text, kind, detail, documentation } = offer;
    let new_text = text.unwrap_or_else(|| label.clone());
    // An editor compares what is written there with this: a quote is a part of it.
    let filter_text = quote.map(|quote| format!("{quote}{label}"));
    let some = |text: String| (!text.is_empty()).then_some(text);
    CompletionItem {
        label,
        kind: Some(kind),
        detail: some(detail),
        documentation: some(documentation).map(|text| Documentation::MarkupContent(markdown(text))),
        sort_text: Some(format!("{place:04}")),
        filter_text,
        text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text })),
        ..CompletionItem::default()
    }
}

/// What offers are made from.
struct Context<'c> {
    workspace: &'c Workspace,
    text: &'c Text,
    app: Option<&'c AppPack>,
}

impl Context<'_> {
    /// The names that may stand in a table: in a header those of tables, before a `=` all.
    fn names(&self, table: &KeyPath, written: Span, is_header: bool) -> Vec<Offer> {
        let (overlay, key) = layer(table);
        let Ok(place) = vocabulary::at_key(&key) else { return Vec::new() };
        // The one that is being written is not there yet.
        let at_cursor = self.text.outline().spots.iter().filter(|spot| spot.span == written).map(|spot| &spot.path);
        let at_cursor: BTreeSet<&KeyPath> = at_cursor.collect();
        let is_written = |name: &str| {
            let path = table.clone().key(name);
            self.text.outline().names_in(table).any(|one| *one == path && !at_cursor.contains(&path))
        };
        match place.kind {
            Kind::Section(section) => {
                let is_asked = |key: &&vocabulary::Key| {
                    let is_table = is_table(key.kind);
                    // What only the profile proper may say.
                    let is_fixed = overlay.is_some() && is_fixed(table, key.name);
                    !is_fixed && if is_header { is_table } else { !is_written(key.name) }
                };
                section.keys.iter().filter(is_asked).map(of_key).collect()
            }
            Kind::Overlays => {
                let modes = Mode::ALL.iter().map(|mode| Offer::new(mode.as_str(), CompletionItemKind::Module));
                modes.collect()
            }
            Kind::Entries { .. } => {
                let names = self.entries(&key).into_iter().filter(|name| !is_written(name));
                names.map(|name| Offer::new(name, CompletionItemKind::Field)).collect()
            }
            Kind::List(each @ Kind::Section(_)) if !is_header => each.keys().iter().map(of_key).collect(),
            Kind::Boolean
            | Kind::Integer { .. }
            | Kind::Date
            | Kind::Text(_)
            | Kind::List(_)
            | Kind::OneOrMany(_)
            | Kind::Other(_) => Vec::new(),
        }
    }

    /// The names that the app's pack knows for entries of a table.
    fn entries(&self, table: &KeyPath) -> Vec<String> {
        let Some(app) = self.app else { return Vec::new() };
        let second = |field: &str, section: &str| {
            let rest = field.strip_prefix(section)?.strip_prefix('.')?;
            rest.split('.').next().map(str::to_owned)
        };
        let of_variables = |section: &str| {
            let fields = app.variables.all().values().filter_map(|row| row.field.as_ref());
            fields.filter_map(|field| second(field.as_str(), section)).collect::<BTreeSet<String>>()
        };
        let names: BTreeSet<String> = match table.to_string().as_str() {
            "rate_limits.routes" => {
                let named = app.routes.keys().chain(app.limits.routes.keys()).map(ToString::to_string);
                named.chain(["sign_in", "sign_up", "password_reset"].map(str::to_owned)).collect()
            }
            "cookies" => app.cookies.keys().map(ToString::to_string).collect(),
            "oauth" => {
                let named = app.oauth_providers.iter().flatten().map(ToString::to_string);
                named.chain(of_variables("oauth")).collect()
            }
            section @ "secrets" => of_variables(section),
            _ => BTreeSet::new(),
        };
        names.into_iter().collect()
    }

    /// The values that may stand at a path.
    fn values(&self, path: &KeyPath) -> Vec<Offer> {
        let Some(Named { place, key, .. }) = Named::at(path) else { return Vec::new() };
        let (kind, is_element) = match place.kind {
            Kind::List(each) => (*each, false),
            kind => (kind, matches!(path.segments().last(), Some(Segment::Index(_)))),
        };
        let mut offers = self.values_of(kind, &key);
        if matches!(place.kind, Kind::List(_)) {
            offers = offers.into_iter().map(Offer::listed).collect();
        }
        let default = place.key.filter(|_| !is_element).and_then(|key| match key.absent {
            Absent::Default(value) => Some(Literal::from(&value()).to_string()),
            Absent::Required | Absent::Nothing | Absent::Section => None,
        });
        if let Some(default) = default {
            // It comes first.
            let known = offers.iter().position(|offer| offer.written() == default).map(|place| offers.remove(place));
            let offer = known.unwrap_or_else(|| {
                let label = default.trim_matches('"');
                Offer { text: Some(default.clone()), ..Offer::new(label, CompletionItemKind::Value) }
            });
            offers.insert(0, offer.detail("the default"));
        }
        offers
    }

    fn values_of(&self, kind: &'static Kind, key: &KeyPath) -> Vec<Offer> {
        match kind {
            Kind::Boolean => ["true", "false"].map(|word| Offer::new(word, CompletionItemKind::Keyword)).into(),
            Kind::Text(text) => self.texts_of(text, key),
            Kind::OneOrMany(each) => self.values_of(each, key),
            Kind::Other(_) if *key == KeyPath::from("version") => vec![Offer::new("1", CompletionItemKind::Value)],
            Kind::Integer { .. }
            | Kind::Date
            | Kind::List(_)
            | Kind::Entries { .. }
            | Kind::Section(_)
            | Kind::Overlays
            | Kind::Other(_) => Vec::new(),
        }
    }

    /// The texts of a kind: all words where it is one of a few, else what the pack and the files know, else examples.
    fn texts_of(&self, text: &TextKind, key: &KeyPath) -> Vec<Offer> {
        let all = |texts: Vec<String>, kind: CompletionItemKind| {
            texts.iter().map(|text| Offer::quoted(text, kind)).collect::<Vec<Offer>>()
        };
        if !text.words.is_empty() {
            let word =
                |word: &Word| Offer::quoted(word.word, CompletionItemKind::EnumMember).documented(prose(word.doc));
            return text.words.iter().map(word).collect();
        }
        if matches!(text.shape, Shape::Reference) {
            let names = self.variables(key).into_iter();
            return all(names.map(|name| format!("env:{name}")).collect(), CompletionItemKind::Variable);
        }
        match text.what {
            what if what == VariableName::WHAT => {
                let names = self.workspace.variables(&self.text.source.path);
                all(names.into_iter().collect(), CompletionItemKind::Variable)
            }
            what if what == RuleCode::WHAT => {
                let rule = |rule: &Rule| {
                    Offer::quoted(rule.code, CompletionItemKind::Reference)
                        .detail(rule.name)
                        .documented(rule.statement())
                };
                rules::all().map(rule).collect()
            }
            what if what == AppKind::WHAT => {
                text.examples.iter().map(|name| Offer::quoted(name, CompletionItemKind::Module)).collect()
            }
            what if what == ReleaseName::WHAT => {
                let releases = self.app.map(|app| app.releases.all()).unwrap_or_default();
                all(releases.iter().map(|one| one.name.to_string()).collect(), CompletionItemKind::Value)
            }
            what if what == UrlPath::WHAT => all(self.paths(key), CompletionItemKind::Value),
            _ if text.secret => Vec::new(),
            _ => {
                let example = |text: &&str| Offer::quoted(text, CompletionItemKind::Value).detail("an example");
                text.examples.iter().map(example).collect()
            }
        }
    }

    /// The variables that a reference at a key may lead to: first what the app's pack has for the key, then what is set.
    fn variables(&self, key: &KeyPath) -> Vec<String> {
        let pattern = key.to_string();
        let rows = self.app.map(|app| app.variables.all()).into_iter().flatten();
        let rows: Vec<_> = rows.filter(|(_, row)| row.is_secret()).collect();
        let says_it = rows.iter().filter(|(_, row)| row.field.as_ref().is_some_and(|field| field.as_str() == pattern));
        let mut names: Vec<String> = says_it.map(|(name, _)| name.to_string()).collect();
        names.extend(self.workspace.variables(&self.text.source.path));
        names.extend(rows.iter().map(|(name, _)| name.to_string()));
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    /// The paths of the app that a key may name: those of its route, or those of its documentation, or all.
    fn paths(&self, key: &KeyPath) -> Vec<String> {
        let Some(app) = self.app else { return Vec::new() };
        let key = key.without_index();
        let route = match key.segments() {
            [Segment::Key(section), Segment::Key(routes), Segment::Key(name), ..]
                if **section == *"rate_limits" && **routes == *"routes" =>
            {
                app.routes.get(&**name)
            }
            _ => None,
        };
        let paths: BTreeSet<String> = match route {
            Some(paths) => paths.iter().map(ToString::to_string).collect(),
            None if key == KeyPath::from("api_docs.paths") => app.docs.paths.iter().map(ToString::to_string).collect(),
            None => app.routes.values().flatten().map(ToString::to_string).collect(),
        };
        paths.into_iter().collect()
    }
}

/// Whether a key has a header of its own.
fn is_table(kind: &Kind) -> bool {
    matches!(kind, Kind::Section(_) | Kind::Entries { .. } | Kind::Overlays | Kind::List(Kind::Section(_)))
}

/// Whether a key cannot stand in an overlay.
fn is_fixed(table: &KeyPath, name: &str) -> bool {
    let (_, key) = layer(table);
    match key.segments() {
        [] => ["version", "modes", "waivers"].contains(&name),
        [Segment::Key(section)] => **section == *"app" && ["kind", "release", "mode"].contains(&name),
        _ => false,
    }
}

/// A key, before which nothing is written: with its `=`, but for a section, which is written in several ways.
fn of_key(key: &vocabulary::Key) -> Offer {
    if is_table(key.kind) {
        return Offer::new(key.name, CompletionItemKind::Module).detail("a section").documented(prose(key.doc));
    }
    let default = match key.absent {
        Absent::Default(value) => format!("\n\nDefault: `{}`.", Literal::from(&value())),
        Absent::Required => "\n\nHas to be written.".to_owned(),
        Absent::Nothing | Absent::Section => String::new(),
    };
    let offer = Offer::new(key.name, CompletionItemKind::Property).detail(key.in_words());
    Offer { text: Some(format!("{} = ", key.name)), ..offer.documented(prose(key.doc) + &default) }
}
