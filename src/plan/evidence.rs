//! How it is known that a control is enforced, from an app's word to an answer on the wire.
//!
//! For example, a header that nginx sends is *rendered*: it stands in a file that seccfg writes. A lockout that an app of
//! kind `generic` is asked for is *delegated*: whether that app locks, only its author can say.

use serde_json::Value;

use super::{Edge, Entry, Layer, Owner, Plan, platform};
use crate::profile::keyword::keywords;
use crate::profile::{AppKind, EnforcedBy};
use crate::source::{KeyPath, Provenance, Segment};

keywords! {
    /// How something is known, the weakest first.
    pub enum Evidence ("evidence") {
        /// By the word of a layer that seccfg neither knows nor writes for.
        Delegated = "delegated",
        /// By a fact of the app's pack, which was read in the app's code.
        Known = "known",
        /// By a file that seccfg writes.
        Rendered = "rendered",
        /// By the file that the app is started with, which says the same.
        Held = "held",
        /// By an answer of the running service.
        Seen = "seen",
    }
}

impl Evidence {
    /// What it means, for whoever reads a plan or a report.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Delegated => "by the word of the app, or of another layer, of which nothing is known",
            Self::Known => "by a fact that was read in the app's code",
            Self::Rendered => "by a file that seccfg writes",
            Self::Held => "by the file of the app's variables, which says the same",
            Self::Seen => "by an answer of the running site",
        }
    }
}

impl Entry<'_> {
    /// Notes how it is known that the control is enforced. Of several ways, the strongest counts.
    pub fn witness(&mut self, evidence: Evidence) {
        self.evidence = self.evidence.max(evidence);
    }

    /// How it is known that nobody enforces the control, where that is so: by the app's code, where the app was asked, or
    /// else by the edge's files, in which it is missing.
    pub(super) fn known_as_gap(&self) -> Evidence {
        match self.by {
            EnforcedBy::Auto | EnforcedBy::App => Evidence::Known,
            EnforcedBy::Proxy => Evidence::Rendered,
        }
    }
}

impl Plan<'_> {
    /// How it is known that a control is enforced; nothing where nobody enforces it.
    pub fn evidence(&self, entry: &Entry<'_>) -> Option<Evidence> {
        let by_files = match entry.owner {
            Owner::Gap => return None,
            Owner::Layer(Layer::Proxy) => Evidence::Rendered,
            // A fact of the code is nothing that the app is told.
            Owner::Layer(Layer::App) if entry.evidence < Evidence::Known => self.by_the_apps_file(entry),
            Owner::Layer(Layer::Cluster) if !self.is_the_platforms(entry) => Evidence::Rendered,
            // No file is written for a balancer, nor for those who run a cluster.
            Owner::Layer(Layer::App | Layer::Cluster | Layer::Balancer) | Owner::Delegated => Evidence::Delegated,
        };
        Some(entry.evidence.max(by_files))
    }

    /// Whether it falls to those who run the cluster: no manifest of the app's says it.
    fn is_the_platforms(&self, entry: &Entry<'_>) -> bool {
        match &self.edge {
            Edge::Nginx(_) | Edge::Caddy(_) => false,
            Edge::Kubernetes(cluster) => platform::is_the_platforms(cluster, &entry.demand),
        }
    }

    /// What is known where a file that seccfg writes for the app says all that the profile says of a control: CRUDAuth's
    /// module, or the app's variables; and where the `.env` file that is there says the same.
    fn by_the_apps_file(&self, entry: &Entry<'_>) -> Evidence {
        if matches!(self.policy.app.kind, AppKind::Known("crudauth")) {
            return Evidence::Rendered;
        }
        let Some(scope) = entry.control.scope() else { return Evidence::Delegated };
        let asked = scope.segments().iter().fold(self.policy.to_json(), |below, step| match step {
            Segment::Key(key) => &below[&**key],
            Segment::Index(index) => &below[*index],
        });
        let mut written = Vec::new();
        leaves(scope, asked, &mut written);
        written.retain(|key| self.policy.place(key).provenance != Provenance::Default);
        let mut written: Vec<String> = written.iter().map(ToString::to_string).collect();
        // What it says to seccfg alone is not for the app, and what is settled in the app's code is told by nobody.
        written.retain(|key| !key.ends_with(".enforced_by") && self.app.settled(key).is_none());
        if written.is_empty() || !written.iter().all(|key| self.app.variables.tell(key)) {
            return Evidence::Delegated;
        }
        let is_held = || written.iter().all(|key| self.is_held(key));
        if self.policy.environment().is_some() && is_held() { Evidence::Held } else { Evidence::Rendered }
    }
}

/// The keys of everything that is no table, at a key and below.
fn leaves(key: KeyPath, value: &Value, found: &mut Vec<KeyPath>) {
    match value {
        Value::Object(table) => table.iter().for_each(|(name, value)| leaves(key.clone().key(name), value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => found.push(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::Packs;
    use crate::check::{Modes, Opened};
    use crate::plan::Target;
    use crate::source::Source;

    /// How each control is known that an app of a kind is asked for.
    fn known(kind: &str, sections: &str, target: Target) -> impl Fn(&str) -> Option<Evidence> {
        let app = format!("version = 1\n[app]\nname = \"shop\"\nkind = \"{kind}\"\nurl = \"https://a.example\"\n");
        let source = Source::new("security.toml", app + sections);
        let opened = Opened::read(&source, &[], &Packs::default());
        assert!(opened.is_sound(), "{}", source.text);
        let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("a profile");
        let plans = opened.plans(&policy, &[target]);
        let known = |entry: &Entry<'_>| (entry.control.to_string(), plans[0].evidence(entry));
        let all: Vec<_> = plans[0].entries.iter().map(known).collect();
        move |control| all.iter().find(|(name, _)| name == control).expect("it is asked for").1
    }

    #[test]
    fn what_is_written_into_a_file_is_rendered() {
        let tokens = "[tokens]\naccess_ttl = \"15m\"\n";
        let fastcms = known("fastcms", tokens, Target::Nginx);
        assert_eq!(fastcms("HSTS"), Some(Evidence::Rendered));
        assert_eq!(fastcms("token lifetime"), Some(Evidence::Rendered));
        let generic = known("generic", tokens, Target::Caddy);
        assert_eq!((generic("CORS"), generic("token lifetime")), (Some(Evidence::Rendered), Some(Evidence::Delegated)));
        // The module says what no variable holds.
        let sessions = "[sessions]\nidle_timeout = \"30m\"\n";
        assert_eq!(known("crudauth", sessions, Target::Nginx)("session lifetime"), Some(Evidence::Rendered));
    }

    #[test]
    fn what_an_app_cannot_be_told_in_full_is_known_of_nobody() {
        let cors = "[cors]\nenforced_by = \"app\"\norigins = [\"https://b.example\"]\n";
        assert_eq!(known("fastcms", cors, Target::Nginx)("CORS"), Some(Evidence::Rendered));
        let more = format!("{cors}max_age = \"5m\"\n");
        assert_eq!(known("fastcms", &more, Target::Nginx)("CORS"), None);
    }

    #[test]
    fn facts_of_the_code_are_known_and_gaps_are_nothing() {
        let limit = "[rate_limits.routes.sign_in]\nlimit = \"20/min\"\n[targets.kubernetes.gateway]\nname = \"edge\"\n";
        let instacrud = known("instacrud", limit, Target::Kubernetes);
        assert_eq!(instacrud("rate limit sign_in"), Some(Evidence::Known));
        assert_eq!(instacrud("API docs"), None);
        // Which versions a gateway takes is said where it is run.
        assert_eq!(instacrud("TLS"), Some(Evidence::Delegated));
        let upstream = known("instacrud", "[tls]\nterminate = \"upstream\"\n", Target::Nginx);
        assert_eq!(upstream("TLS"), Some(Evidence::Delegated));
    }

    #[test]
    fn of_several_ways_the_strongest_counts() {
        let source = Source::new("security.toml", "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\n");
        let opened = Opened::read(&source, &[], &Packs::default());
        let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("a profile");
        let mut plan = opened.plans(&policy, &[Target::Nginx]).swap_remove(0);
        for (more, known) in
            [(Evidence::Known, Evidence::Rendered), (Evidence::Seen, Evidence::Seen), (Evidence::Held, Evidence::Seen)]
        {
            plan.entries[0].witness(more);
            assert_eq!(plan.evidence(&plan.entries[0]), Some(known));
        }
    }
}
