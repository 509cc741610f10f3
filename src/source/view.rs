//! A profile's values as one mode sees them, and where they stand in the text.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::{KeyPath, Literal, Segment, Span};

type Node<'a> = &'a Spanned<DeValue<'a>>;

/// Which part of a profile a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// Written in the profile proper.
    Base,
    /// Written in the overlay of the mode, `[modes.M]`.
    Overlay,
    /// Not written: the default counts.
    Default,
}

/// Where a key path stands in the text.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The value's text; for an absent key, the nearest header above it.
    pub span: Span,
    /// Who wrote it.
    pub provenance: Provenance,
}

/// A value of a profile as one mode sees it: the base with the mode's overlay
/// laid over it, without copying either.
///
/// Tables are seen through, key by key; anything else in the overlay hides what
/// is below it, so arrays replace.
#[derive(Clone, Copy)]
pub struct View<'a> {
    base: Option<Node<'a>>,
    overlay: Option<Node<'a>>,
}

/// A table as one mode sees it.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    base: Option<&'a DeTable<'a>>,
    overlay: Option<&'a DeTable<'a>>,
}

fn table(node: Option<Node<'_>>) -> Option<&DeTable<'_>> {
    node.and_then(|node| node.get_ref().as_table())
}

impl<'a> View<'a> {
    /// The value that counts. Where both layers hold a table, the overlay's.
    fn node(&self) -> Node<'a> {
        self.overlay.or(self.base).expect("a view holds at least one of its layers")
    }

    /// The value that counts.
    pub fn value(&self) -> &'a DeValue<'a> {
        self.node().get_ref()
    }

    /// The text of the value that counts. For a table: its header, or the key
    /// that made it.
    pub fn span(&self) -> Span {
        self.node().span().into()
    }

    /// The value as a table, if it is one.
    pub fn table(&self) -> Option<Table<'a>> {
        let overlay = table(self.overlay);
        // An overlay that is not a table hides the table below it.
        let base = if self.overlay.is_some() && overlay.is_none() { None } else { table(self.base) };
        (base.is_some() || overlay.is_some()).then_some(Table { base, overlay })
    }

    /// The values of an array, if it is one. They belong to the layer that wrote it.
    pub fn elements(&self) -> Option<impl ExactSizeIterator<Item = Self> + use<'a>> {
        let array: &DeArray<'a> = self.value().as_array()?;
        let overlaid = self.is_overlaid();
        Some(array.iter().map(move |node| {
            if overlaid { Self { base: None, overlay: Some(node) } } else { Self { base: Some(node), overlay: None } }
        }))
    }

    /// Whether the overlay has a say in it.
    pub fn is_overlaid(&self) -> bool {
        self.overlay.is_some()
    }

    fn provenance(&self) -> Provenance {
        if self.is_overlaid() { Provenance::Overlay } else { Provenance::Base }
    }
}

impl<'a> Table<'a> {
    /// A table in which nothing is written.
    pub const EMPTY: Self = Self { base: None, overlay: None };

    /// A root, and what a mode lays over it.
    pub fn new(base: &'a DeTable<'a>, overlay: Option<Self>) -> Self {
        Self { base: Some(base), overlay: overlay.and_then(|overlay| overlay.overlay.or(overlay.base)) }
    }

    /// What stands under a key.
    pub fn get(&self, key: &str) -> Option<View<'a>> {
        let base = self.base.and_then(|table| table.get(key));
        let overlay = self.overlay.and_then(|table| table.get(key));
        (base.is_some() || overlay.is_some()).then_some(View { base, overlay })
    }

    /// Every key that is written, with the place of the key itself and what stands under it; `overlaid` for those alone
    /// in which the overlay has a say.
    pub fn entries(&self, overlaid: bool) -> impl Iterator<Item = (&'a str, Span, View<'a>)> + use<'a> {
        let (base, overlay) = (self.base, self.overlay);
        let under = |table: Option<&'a DeTable<'a>>, key: &str| table.and_then(|table| table.get(key));
        let own = base.filter(|_| !overlaid).into_iter().flatten().map(move |(key, node)| {
            let name = key.get_ref().as_ref();
            (name, key.span().into(), View { base: Some(node), overlay: under(overlay, name) })
        });
        let over = overlay.into_iter().flatten().filter_map(move |(key, node)| {
            let name = key.get_ref().as_ref();
            let below = under(base, name);
            (overlaid || below.is_none()).then(|| (name, key.span().into(), View { base: below, overlay: Some(node) }))
        });
        own.chain(over)
    }

    /// The same without an overlay.
    #[must_use]
    pub fn base(self) -> Self {
        Self { overlay: None, ..self }
    }

    /// What is written at a key path.
    pub fn at(&self, path: &KeyPath) -> Option<View<'a>> {
        let (first, rest) = path.segments().split_first()?;
        let step = |view: Option<View<'a>>, segment: &Segment| match segment {
            Segment::Key(key) => view?.table()?.get(key),
            Segment::Index(index) => view?.elements()?.nth(*index),
        };
        match first {
            Segment::Key(key) => rest.iter().fold(self.get(key), step),
            Segment::Index(_) => None,
        }
    }

    /// Whether a dotted key is written. Asked on every run, so it makes no path of it.
    pub fn holds(&self, dotted: &str) -> bool {
        match dotted.split_once('.') {
            None => self.get(dotted).is_some(),
            Some((section, rest)) => {
                self.get(section).and_then(|view| view.table()).is_some_and(|table| table.holds(rest))
            }
        }
    }

    /// Everything that counts, key by key: tables are gone through, and one without keys stands for itself.
    pub fn leaves(&self) -> Vec<(KeyPath, Literal)> {
        fn collect(table: &Table<'_>, above: &KeyPath, leaves: &mut Vec<(KeyPath, Literal)>) {
            for (key, _, view) in table.entries(false) {
                let key = above.clone().key(key);
                match view.table() {
                    Some(table) if table.entries(false).next().is_some() => collect(&table, &key, leaves),
                    Some(_) | None => leaves.push((key, Literal::from(view.value()))),
                }
            }
        }
        let mut leaves = Vec::new();
        collect(self, &KeyPath::default(), &mut leaves);
        leaves
    }

    /// Every text that is written as a value in either layer.
    pub fn texts(&self) -> Vec<&'a str> {
        fn collect<'a>(value: &'a DeValue<'a>, texts: &mut Vec<&'a str>) {
            match value {
                DeValue::String(string) => texts.push(string),
                DeValue::Array(array) => array.iter().for_each(|node| collect(node.get_ref(), texts)),
                DeValue::Table(table) => table.values().for_each(|node| collect(node.get_ref(), texts)),
                DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
            }
        }
        let mut texts = Vec::new();
        let layers = [self.base, self.overlay].into_iter().flatten();
        layers.flat_map(|table| table.values()).for_each(|node| collect(node.get_ref(), &mut texts));
        texts
    }

    /// Whether a test takes every text that is written as a value in either layer. It is given the keys that lead there,
    /// and is not asked below those that stand in `but` at the root.
    pub fn texts_are(&self, but: &[&str], test: &impl Fn(&[&str], &str) -> bool) -> bool {
        fn are<'t>(value: &'t DeValue<'_>, keys: &mut Vec<&'t str>, test: &impl Fn(&[&str], &str) -> bool) -> bool {
            match value {
                DeValue::String(string) => test(keys, string),
                DeValue::Array(array) => array.iter().all(|node| are(node.get_ref(), keys, test)),
                DeValue::Table(table) => table.iter().all(|(key, node)| {
                    keys.push(key.get_ref());
                    let are = are(node.get_ref(), keys, test);
                    keys.pop();
                    are
                }),
                DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => true,
            }
        }
        let entries = [self.base, self.overlay].into_iter().flatten().flat_map(|table| table.iter());
        let mut asked = entries.map(|(key, node)| (&**key.get_ref(), node)).filter(|(key, _)| !but.contains(key));
        let mut keys = Vec::with_capacity(8);
        asked.all(|(key, node)| {
            keys.clear();
            keys.push(key);
            are(node.get_ref(), &mut keys, test)
        })
    }

    /// Finds the place of a key path in the text.
    pub fn locate(&self, path: &KeyPath) -> Place {
        // Where nothing of the path is written, `[app]` is the one section that
        // every profile has; in the base, even where the overlay writes to it.
        let start = self
            .get("app")
            .and_then(|app| app.base.or(app.overlay))
            .map_or_else(Span::default, |app| app.span().into());
        let mut place = Place { span: start, provenance: Provenance::Default };
        let mut here = Some(*self);
        let mut view: Option<View<'a>> = None;
        for segment in path.segments() {
            let next = match segment {
                Segment::Key(key) => here.and_then(|table| table.get(key)),
                Segment::Index(index) => view.and_then(|view| view.elements()?.nth(*index)),
            };
            let Some(next) = next else { return place };
            here = next.table();
            // A header stands in the base rather than in an overlay, when a
            // default is shown under it.
            place.span = match (here, next.base) {
                (Some(_), Some(base)) => base.span().into(),
                _ => next.span(),
            };
            view = Some(next);
        }
        if let Some(view) = view {
            place = Place { span: view.span(), provenance: view.provenance() };
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[app]\nname = \"x\"\n[hsts]\nenabled = true\nmax_age = \"1y\"\n[cors]\norigins = [\"a\", \"b\"]\n\
                        [modes.test]\nhsts = { enabled = false }\ncors.origins = [\"c\"]\napp.debug = true\n";

    fn shown(path: &'static str, mode: bool) -> (&'static str, Provenance) {
        let root = DeTable::parse(TEXT).expect("the test's text is TOML");
        let overlay = root.get_ref().get("modes").and_then(|modes| modes.get_ref().get("test"));
        let overlay = overlay.filter(|_| mode).and_then(|node| node.get_ref().as_table());
        let table = Table::new(root.get_ref(), overlay.map(|overlay| Table::new(overlay, None)));
        let path = path.strip_suffix("[0]").map_or_else(|| path.into(), |list| KeyPath::from(list).index(0));
        let place = table.locate(&path);
        (&TEXT[place.span.start..place.span.end], place.provenance)
    }

    #[test]
    fn a_path_is_found_in_the_layer_that_counts() {
        assert_eq!(shown("hsts.enabled", false), ("true", Provenance::Base));
        assert_eq!(shown("hsts.enabled", true), ("false", Provenance::Overlay));
        assert_eq!(shown("hsts.max_age", true), ("\"1y\"", Provenance::Base));
        assert_eq!(shown("cors.origins[0]", false), ("\"a\"", Provenance::Base));
        assert_eq!(shown("cors.origins[0]", true), ("\"c\"", Provenance::Overlay));
    }

    #[test]
    fn what_is_written_is_found_in_every_layer() {
        let root = DeTable::parse(TEXT).expect("the test's text is TOML");
        let texts = Table::new(root.get_ref(), None).texts();
        assert!(["x", "1y", "b", "c"].iter().all(|text| texts.contains(text)));
        assert!(!["app", "true", "1"].iter().any(|text| texts.contains(text)));
    }

    #[test]
    fn an_absent_key_is_shown_at_the_nearest_header() {
        assert_eq!(shown("hsts.preload", true), ("[hsts]", Provenance::Default));
        assert_eq!(shown("cookies.session.secure", false), ("[app]", Provenance::Default));
        assert_eq!(shown("cookies.session.secure", true), ("[app]", Provenance::Default));
    }
}
