//! The images of the app's pods in manifests: whether each is named by what is in it.

use crate::manifest::{Container, Manifests, Part, Place, repository};
use crate::plan::Facts;
use crate::profile::{Image, Text as _};
use crate::yaml::Node;

/// An image that a tag names, or nothing.
pub(in crate::rules) struct Unpinned {
    /// What it is the image of.
    pub whose: String,
    /// Whether it names a digest that is not whole.
    pub is_cut: bool,
    /// Where it stands first.
    pub place: Place,
    /// Where it stands, too.
    pub others: Vec<Place>,
}

/// Whether a text names an image by its digest.
fn is_pinned(text: &str) -> bool {
    Image::parse(text).is_ok_and(|image| image.is_pinned())
}

/// What a kustomization among the files makes of an image.
enum Made {
    /// One of this digest.
    Pinned,
    /// One of this tag, which takes a digest away.
    Tagged(Place),
}

fn made(text: &str, manifests: &Manifests) -> Option<Made> {
    let name = repository(text);
    manifests.kustomized("images").find_map(|(source, image)| {
        let said = |key: &str| image.get(key).and_then(Node::text);
        if said("name") != Some(name) {
            return None;
        }
        if said("digest").is_some_and(|digest| is_pinned(&format!("{name}@{digest}"))) {
            return Some(Made::Pinned);
        }
        image.get("newTag").map(|tag| Made::Tagged((source, tag.span)))
    })
}

/// The images of the app's pods, and of whatever else runs its code, that no digest names: each once. Of the one that the
/// profile names itself, the profile is told.
pub(in crate::rules) fn unpinned(facts: &Facts<'_>, manifests: &Manifests) -> Vec<Unpinned> {
    let app = facts.policy.app.name.as_str();
    let target = facts.policy.targets.kubernetes.as_ref();
    let own = target.and_then(|target| target.image.as_ref()).map(Image::as_str);
    let mut found: Vec<(&str, Unpinned)> = Vec::new();
    let main = manifests.app(app).and_then(|workload| workload.app(app)).map(|container| container.place());
    for workload in manifests.programs(app) {
        let lasting = |container: &Container<'_>| container.part != Part::Ephemeral;
        for container in workload.containers().filter(lasting) {
            let Some((text, place)) = container.image() else { continue };
            let place = match (made(text, manifests), is_pinned(text)) {
                (Some(Made::Pinned), _) | (None, true) => continue,
                (Some(Made::Tagged(place)), true) => place,
                (Some(Made::Tagged(_)) | None, false) if Some(text) == own => continue,
                (Some(Made::Tagged(_)) | None, false) => place,
            };
            if let Some((_, known)) = found.iter_mut().find(|(known, _)| *known == text) {
                known.others.push(place);
                continue;
            }
            let whose = if Some(container.place()) == main {
                "the app's image".to_owned()
            } else {
                format!("the image of {} of {}", container.title(), workload.object.title())
            };
            let is_cut = text.contains('@') && !is_pinned(text);
            found.push((text, Unpinned { whose, is_cut, place, others: Vec::new() }));
        }
    }
    let mut found: Vec<Unpinned> = found.into_iter().map(|(_, one)| one).collect();
    found.sort_by_key(|one| one.place);
    for one in &mut found {
        // What an alias leads to is written once.
        one.others.retain(|other| *other != one.place);
        one.others.dedup();
    }
    found
}
