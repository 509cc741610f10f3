//! Where an API's documentation is served.

use super::{Facts, covers};
use crate::apps::{Ability, AppControl};
use crate::profile::{Text, UrlPath};

impl<'p> Facts<'p> {
    /// Where the API's documentation is served: by the profile's word, or else in its usual places.
    pub fn docs_paths(&self) -> &'p [UrlPath] {
        self.policy.api_docs.paths.as_deref().unwrap_or_else(|| self.usual_docs())
    }

    /// Where it is served as long as nobody says otherwise: where the pack says. An app that gets some paths alone, and of
    /// which nobody knows where it serves it, has it below those: `/api/docs`, where the site's `/docs` is another program's.
    pub fn usual_docs(&self) -> &'p [UrlPath] {
        let known = &self.app.docs.paths;
        match self.policy.app.paths.as_deref() {
            Some(own) if self.app.ability(AppControl::ApiDocs) == Ability::Unknown => {
                let moved = self.policy.usual_docs.get_or_init(|| moved(known, own));
                if moved.is_empty() { known } else { moved }
            }
            Some(_) | None => known,
        }
    }
}

/// Paths as an app has them that gets `own` alone.
fn moved(known: &[UrlPath], own: &[UrlPath]) -> Vec<UrlPath> {
    let mut moved: Vec<UrlPath> = Vec::new();
    for path in known {
        let there: Vec<UrlPath> = if own.iter().any(|own| covers(own.as_str(), path.as_str())) {
            vec![path.clone()]
        } else {
            own.iter().filter_map(|own| below(own, path)).collect()
        };
        for path in there {
            if !moved.contains(&path) {
                moved.push(path);
            }
        }
    }
    moved
}

/// A path below another one, if that means what is below it: `/docs` below `/api/` is `/api/docs`.
fn below(above: &UrlPath, path: &UrlPath) -> Option<UrlPath> {
    let above = above.as_str().strip_suffix('/')?;
    UrlPath::parse(&format!("{above}{path}")).ok()
}
