//! What differs between objects that were rendered and files that are there: what they say counts, and not how it is laid
//! out, nor the comments.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::FOLDER;
use crate::targets::Artifact;
use crate::yaml;

/// What stands in the file of an object that is rendered no more.
const TAKEN_AWAY: &str = "# This object is not rendered any more. Delete it from the cluster, and then this file.\n";

/// Whether two texts of an object's file say the same, order and layout aside.
pub fn is_same_object(path: &Path, one: &str, other: &str) -> bool {
    let read = |text: &str| -> Option<Vec<Value>> {
        let read = yaml::read(text);
        let is_whole = read.problems.is_empty() && read.unread.is_empty();
        is_whole.then(|| read.documents.iter().map(yaml::Node::to_json).collect())
    };
    path.starts_with(FOLDER) && read(one).is_some_and(|one| Some(one) == read(other))
}

/// The files of objects that are rendered no more, with their texts: whoever applies the folder would apply them, too.
pub fn left_over(folder: &Path, artifacts: &[Artifact], is_ours: fn(&str) -> bool) -> Vec<(PathBuf, String)> {
    let is_here = |artifact: &Artifact| artifact.path.starts_with(FOLDER);
    let entries = artifacts.iter().any(is_here).then(|| fs::read_dir(folder.join(FOLDER)).ok()).flatten();
    let mut found: Vec<(PathBuf, String)> = Vec::new();
    for path in entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
        let is_rendered = artifacts.iter().any(|artifact| folder.join(&artifact.path) == path);
        if is_rendered || path.extension().is_none_or(|ending| ending != "yaml") {
            continue;
        }
        // To read a pipe would be to wait until somebody writes into it.
        let text = path
            .is_file()
            .then(|| fs::read_to_string(&path).ok())
            .flatten()
            .filter(|text| is_ours(text) && !text.ends_with(TAKEN_AWAY));
        found.extend(text.map(|text| (path, text)));
    }
    found.sort();
    found
}

/// What is written into such a file: its first line, by which it is known as ours, and what to do.
pub fn taken_away(old: &str) -> String {
    format!("{}\n{TAKEN_AWAY}", old.lines().next().unwrap_or_default())
}
