//! What is known of a service before anything is said of its edge: a policy, and the pack of its app.
//!
//! A plan is made of this and one edge. A rule that is the same behind every edge gets the facts alone, so that it cannot
//! reach what differs from one edge to the next.

use crate::apps::AppPack;
use crate::policy::Policy;
use crate::profile::{Route, UrlPath};

/// A policy and the app that it is for.
#[derive(Clone, Copy)]
pub struct Facts<'p> {
    /// What the profile means in one mode.
    pub policy: &'p Policy<'p>,
    /// The pack of the app.
    pub app: &'p AppPack,
}

impl<'p> Facts<'p> {
    /// The paths that a limit covers: its own, or the app's for its name.
    pub fn route_paths(&self, name: &str, route: &'p Route) -> &'p [UrlPath] {
        route.paths.as_deref().unwrap_or_else(|| self.app.routes.get(name).map_or(&[], Vec::as_slice))
    }

    /// Where the API's documentation is served.
    pub fn docs_paths(&self) -> &'p [UrlPath] {
        self.policy.api_docs.paths.as_deref().unwrap_or(&self.app.docs.paths)
    }
}
