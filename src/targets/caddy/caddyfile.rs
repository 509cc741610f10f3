//! From a [`Context`] to a Caddyfile, in parts that people import into theirs.

use serde::{Serialize, Serializer};

use super::super::template::{Error, File, Language, Template, bare};
use super::context::{Context, List};
use super::escape::{Text, quote};

const INCLUDED: [Template; 3] = [
    Template { name: "options.caddy", text: include_str!("../../../templates/caddy/options.caddy.j2") },
    Template { name: "common.caddy", text: include_str!("../../../templates/caddy/common.caddy.j2") },
    Template { name: "site.caddy", text: include_str!("../../../templates/caddy/site.caddy.j2") },
];

const STANDALONE: Template =
    Template { name: "Caddyfile", text: include_str!("../../../templates/caddy/Caddyfile.j2") };

/// Renders the three files to be imported, and the `Caddyfile` that does so where that is asked for.
pub fn render(context: &Context, standalone: bool) -> Result<Vec<File>, Error> {
    let caddyfile = Language::new(quote);
    let templates = INCLUDED.iter().chain(standalone.then_some(&STANDALONE));
    templates.map(|template| caddyfile.render(template, context)).collect()
}

bare! {
    List => as_str,
}

impl Serialize for Text {
    /// As plain text: the formatter quotes it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
