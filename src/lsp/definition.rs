//! Where else something is said: a key in the other layers of its profile, a reference in the `.env` file, an app's pack.

use std::path::Path;

use super::key::{in_overlay, layer};
use super::place::Encoding;
use super::protocol::{Location, Range};
use super::workspace::{Judged, Text, Workspace};
use crate::check::EnvFile;
use crate::policy::Environment;
use crate::profile::Mode;
use crate::source::{KeyPath, Outline, Span, What};

/// The places that the word at a byte leads to.
pub fn of(
    workspace: &Workspace,
    text: &Text,
    judged: Option<&Judged>,
    offset: usize,
    encoding: Encoding,
) -> Vec<Location> {
    let outline = text.outline();
    let Some(spot) = outline.at(offset) else { return Vec::new() };
    if spot.what == What::Value
        && let Some(judged) = judged
    {
        let written = text.source.text[spot.span.start..spot.span.end].trim_matches(['"', '\'']);
        if let Some(name) = written.strip_prefix("env:") {
            return variables(workspace, judged, name, encoding);
        }
        if spot.path == KeyPath::from("app.kind") {
            let folder = text.source.path.parent().unwrap_or(Path::new(""));
            let pack = judged.open().pack_file(folder);
            return pack
                .into_iter()
                .map(|path| Location { uri: workspace.uri(&path), range: Range::default() })
                .collect();
        }
    }
    let places = others(outline, &spot.path);
    let location = |span| Location { uri: text.uri.clone(), range: encoding.range(&text.source, span) };
    places.into_iter().map(location).collect()
}

/// Where the other layers of a profile write a key: from the profile proper the overlays, and from an overlay the profile
/// proper.
fn others(outline: &Outline, path: &KeyPath) -> Vec<Span> {
    let (mode, key) = layer(&path.without_index());
    if key.is_root() {
        return Vec::new();
    }
    let paths: Vec<KeyPath> = match mode {
        Some(_) => vec![key],
        None => Mode::ALL.iter().map(|mode| in_overlay(*mode, &key)).collect(),
    };
    let is_name = |what| matches!(what, What::Key | What::Header);
    let named = outline.spots.iter().filter(|spot| is_name(spot.what) && paths.contains(&spot.path));
    named.map(|spot| spot.span).collect()
}

/// Where a variable stands in the `.env` files that the profile is judged with.
fn variables(workspace: &Workspace, judged: &Judged, name: &str, encoding: Encoding) -> Vec<Location> {
    let of_file = |file: &EnvFile| {
        let environment = Environment::alone(&file.source, &[]);
        let variable = environment.get(name)?;
        let range = encoding.range(&file.source, variable.name_span);
        Some(Location { uri: workspace.uri(&file.source.path), range })
    };
    judged.options.env_files.iter().filter_map(of_file).collect()
}
