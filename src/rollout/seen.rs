//! What was seen of the running site, as the side that a rollout begins at.
//!
//! A site that was seen to send no HSTS is as one whose profile says `hsts.enabled = false`, whatever its files say.

use super::split::Draft;
use super::{Kind, State};
use crate::plan::{Control, Plan};
use crate::source::{KeyPath, Literal};
use crate::verify::seen::{Look, Seen};

/// What the site was seen to do otherwise, where no key of a profile says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The kind of the step that mends it.
    pub kind: Kind,
    /// The control.
    pub control: String,
    /// What the site does.
    pub message: String,
}

/// What is live, by what was seen.
#[derive(Debug)]
pub struct Before {
    /// A profile that says so, as far as one can.
    pub state: State,
    /// What no profile says.
    pub live: Vec<Live>,
    /// The controls of which nothing was seen: they are taken to be as asked.
    pub unseen: Vec<String>,
}

impl Before {
    /// What is live where the profile of a plan is to be.
    pub fn of(plan: &Plan<'_>, seen: &Seen) -> Self {
        let mut before = Self { state: State::of(plan.policy), live: Vec::new(), unseen: Vec::new() };
        for one in &seen.controls {
            let entry = plan.entries.iter().find(|entry| entry.control.to_string() == one.control);
            let Some(entry) = entry else { continue };
            match one.look {
                Look::Seen => {}
                Look::Unseen => before.unseen.push(one.control.clone()),
                Look::Broken => match without(plan, entry.control) {
                    Without::Keys(sets) => sets.iter().for_each(|(key, value)| {
                        before.state.set(key, value.as_ref());
                    }),
                    Without::Below(above) => {
                        let keys: Vec<KeyPath> =
                            before.state.keys().filter(|key| key.is_within(&above)).cloned().collect();
                        for key in &keys {
                            before.state.set(key, None);
                        }
                    }
                    Without::Flags(above) => {
                        for flag in ["secure", "http_only", "same_site", "partitioned"] {
                            before.state.set(&above.clone().key(flag), None);
                        }
                        // The cookie itself is there.
                        if !before.state.holds_below(&above) {
                            before.state.set(&above, Some(&State::empty_table()));
                        }
                    }
                    Without::Nothing(kind) => {
                        let live = Live { kind, control: one.control.clone(), message: one.seen.clone() };
                        before.live.push(live);
                    }
                },
            }
        }
        before
    }
}

/// What a profile says that does not ask for a control.
enum Without {
    /// These keys, with these values.
    Keys(Vec<(KeyPath, Option<Literal>)>),
    /// No flags of the cookie at a key.
    Flags(KeyPath),
    /// Nothing at a key and below it.
    Below(KeyPath),
    /// No profile says it; a step of this kind mends the site.
    Nothing(Kind),
}

/// What a profile says that does not ask for a control of a plan.
fn without(plan: &Plan<'_>, control: Control<'_>) -> Without {
    let key = |key: &'static str, value: Literal| Without::Keys(vec![(key.into(), Some(value))]);
    match control {
        Control::HttpsRedirect => {
            Without::Keys(vec![("tls.plain_http".into(), Some("serve".into())), ("tls.redirect_http".into(), None)])
        }
        Control::PlainHttpRefused => key("tls.plain_http", "redirect".into()),
        Control::Hsts if plan.policy.hsts.enabled => key("hsts.enabled", false.into()),
        Control::Header { key: "headers.content_type_options", .. } => {
            key("headers.content_type_options", false.into())
        }
        Control::ServerVersion => key("headers.hide_server", false.into()),
        Control::ApiDocs => key("api_docs.exposed", true.into()),
        Control::IpFilter => key("ip_filter.enabled", false.into()),
        Control::AliasesRedirect => key("app.aliases_redirect", false.into()),
        Control::Header { .. }
        | Control::NoStore
        | Control::BodySize
        | Control::Service(_)
        | Control::Location(_)
        | Control::Health
        | Control::Access(_) => Without::Below(control.key()),
        Control::Cookie(name) => Without::Flags(KeyPath::from("cookies").key(name.as_str())),
        Control::RateLimit(name) => Without::Below(KeyPath::from("rate_limits.routes").key(name.as_str())),
        Control::Tls => Without::Nothing(Kind::Tls),
        Control::HostNames => Without::Nothing(Kind::Names),
        Control::ClientAddress => Without::Nothing(Kind::Proxies),
        Control::Hsts => Without::Nothing(Kind::HstsEnded),
        Control::Cors => Without::Nothing(Kind::CorsNarrowed),
        Control::SetUp => Without::Nothing(Kind::DocsHidden),
        Control::Upstream => Without::Nothing(Kind::Programs),
        Control::Lockout | Control::Passwords | Control::Sessions | Control::Tokens => Without::Nothing(Kind::Accounts),
        Control::SharedState => Without::Nothing(Kind::SharedState),
    }
}

/// The parts of a rollout, and beside them what the site has to be mended of.
pub(super) fn with_what_is_live(mut drafts: Vec<Draft>, live: &[Live]) -> Vec<Draft> {
    for one in live {
        let mend = (one.control.clone(), one.message.clone());
        if let Some(draft) = drafts.iter_mut().find(|draft| draft.kind == one.kind) {
            draft.mends.push(mend);
        } else {
            let draft = Draft { mends: vec![mend], ..Draft::new(one.kind, Vec::new()) };
            let at = drafts.partition_point(|other| other.kind <= one.kind);
            drafts.insert(at, draft);
        }
    }
    drafts
}
