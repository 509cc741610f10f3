//! What is known of a service before anything is said of its edge: a policy, and the pack of its app.
//!
//! A plan is made of this and one edge. A rule that is the same behind every edge gets the facts alone, so that it cannot
//! reach what differs from one edge to the next.

use std::sync::Arc;

use serde_json::Value;

use super::Site;
use crate::apps::{AppPack, UnknownVariables};
use crate::policy::Policy;
use crate::profile::{Backend, Field, Route, Serves, SignIn, Text, UrlPath, vocabulary};

/// A policy and the app that it is for.
#[derive(Clone)]
pub struct Facts<'p> {
    /// What the profile means in one mode.
    pub policy: &'p Policy<'p>,
    /// The pack of the app.
    pub app: &'p AppPack,
    /// The site as clients see it, which all plans and rules share.
    pub site: Arc<Site<'p>>,
}

impl<'p> Facts<'p> {
    /// Those of a policy and its app.
    pub fn new(policy: &'p Policy<'p>, app: &'p AppPack) -> Self {
        Self { policy, app, site: Arc::new(Site::of(policy)) }
    }

    /// The paths that a limit covers: its own, or the app's for its name.
    pub fn route_paths(&self, name: &str, route: &'p Route) -> &'p [UrlPath] {
        route.paths.as_deref().unwrap_or_else(|| self.app.routes.get(name).map_or(&[], Vec::as_slice))
    }

    /// Whether people may sign in this way: by the profile's word, or by the pack's, which read it in the app's code. Where
    /// neither says anything, they may sign in in any way; and a provider under `[oauth]` is one that they sign in by.
    pub fn may_sign_in_by(&self, way: SignIn) -> bool {
        let said = [&self.policy.app.sign_in, &self.app.sign_in];
        said.iter().all(|ways| ways.is_none())
            || said.into_iter().flatten().flatten().any(|said| *said == way)
            || (way == SignIn::Oauth && !self.policy.oauth.is_empty())
    }

    /// Whether it is said that nobody signs in.
    pub fn nobody_signs_in(&self) -> bool {
        !SignIn::ALL.iter().any(|way| self.may_sign_in_by(*way))
    }

    /// Whether people sign in at the app itself, if at all, so that it has to know them again: where they do so elsewhere
    /// alone, each request brings its own proof.
    pub fn may_keep_sign_ins(&self) -> bool {
        [SignIn::Password, SignIn::Passkey, SignIn::Oauth].iter().any(|way| self.may_sign_in_by(*way))
    }

    /// Whether the app keeps what its processes have to share: its pack's word, unless the profile says that it keeps nothing,
    /// or that nobody signs in at it.
    pub fn keeps_state(&self) -> bool {
        self.app.keeps_state && self.policy.state.backend != Backend::None && self.may_keep_sign_ins()
    }

    /// Whether the app can be told where to keep it; one of which nobody knows how it is told anything may be.
    pub fn can_be_told_of_state(&self) -> bool {
        let is_told = |key| self.app.variables.tell(key) || self.app.settled(key).is_some();
        let is_unknown = self.app.unknown_variables == UnknownVariables::Unknown;
        is_unknown || ["state.backend", "state.url"].into_iter().any(is_told)
    }

    /// Whether the app keeps what its processes have to share, also where its pack says that it keeps nothing and the profile
    /// names a place for that.
    pub fn is_to_keep_state(&self) -> bool {
        let is_named = self.policy.is_written("state.backend") && self.policy.state.backend != Backend::None;
        self.keeps_state() || is_named
    }

    /// Whether browsers may show pages of the app.
    pub fn may_serve_pages(&self) -> bool {
        self.policy.app.serves.as_ref().is_none_or(|serves| serves.contains(&Serves::Pages))
    }

    /// What is written in a section and asks for something, by its dotted key.
    pub(super) fn asked(&self, section: &str) -> impl Iterator<Item = (String, Value)> {
        let keys = vocabulary::at(&[section]).map(|place| place.kind.keys()).unwrap_or_default();
        let policy = self.policy;
        keys.iter().filter_map(move |key| {
            let key = format!("{section}.{}", key.name);
            let value = policy.written(&Field::parse(&key).ok()?)?;
            let asks = match &value {
                // That no credentials go along is asked of whoever sends them whatever it is told.
                Value::Bool(asks) => *asks || (key == "cors.credentials" && self.app.settled(&key).is_some()),
                Value::Number(number) => number.as_u64() != Some(0),
                // Who lets no header in says so; who asks for no kind of character asks for nothing.
                Value::Array(list) => !list.is_empty() || key.starts_with("cors."),
                Value::Null | Value::String(_) | Value::Object(_) => true,
            };
            // Which layer is to do it is no part of what is to be done.
            (asks && !key.ends_with(".enforced_by")).then_some((key, value))
        })
    }
}
