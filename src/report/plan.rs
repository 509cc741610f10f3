//! A plan as people and programs read it.

use std::borrow::Cow;
use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::table::Line;
use super::{table, wrap};
use crate::plan::{Duty, Entry, Evidence, Layer, Owner, Plan};
use crate::source::Provenance;

/// What `seccfg plan --format json` prints, version 1.
#[derive(Serialize, JsonSchema)]
pub struct Listing {
    /// The version of this format: 1.
    pub version: u8,
    /// The profile.
    pub file: String,
    /// The mode in which it was read: dev, test, staging or prod.
    pub mode: &'static str,
    /// A plan for each target.
    pub plans: Vec<Listed>,
}

/// The plan behind one target.
#[derive(Serialize, JsonSchema)]
pub struct Listed {
    /// The target: nginx, caddy or kubernetes.
    target: &'static str,
    /// What people call the app.
    app: String,
    /// The release of the app that its pack's facts hold for; null where the pack lists none.
    release: Option<String>,
    /// Every control that the profile asks for, in the order of the table.
    controls: Vec<Row>,
    /// The limits that the app has by itself where the profile asks for none.
    own_limits: Vec<OwnLimit>,
}

/// A limit that the app has by itself.
#[derive(Serialize, JsonSchema)]
struct OwnLimit {
    /// What it limits, such as `sign_in`.
    route: String,
    /// How much of it.
    limit: String,
}

/// A control, and who enforces it.
#[derive(Serialize, JsonSchema)]
struct Row {
    /// Which control it is, such as `hsts`.
    control: &'static str,
    /// Which cookie, route or header; null where there is one of its kind.
    subject: Option<String>,
    /// What the profile asks, in words.
    asked: String,
    /// app, proxy, cluster or balancer; null for a gap.
    owner: Option<&'static str>,
    /// Whether the owner's word is all there is.
    delegated: bool,
    /// How it is known: delegated, known, rendered, held or seen; null for a gap.
    evidence: Option<Evidence>,
    /// Why nobody enforces it; null where somebody does.
    gap: Option<String>,
    /// What the other layers do.
    others: Vec<String>,
    /// What is to be known of how the target enforces it.
    notes: Vec<Cow<'static, str>>,
    /// The key that asks for it.
    key: String,
    /// Who wrote that.
    written: Provenance,
}

impl Listed {
    /// The plan, for programs.
    pub fn new(plan: &Plan<'_>) -> Self {
        let row = |entry: &Entry<'_>| Row {
            control: entry.control.id(),
            subject: entry.control.subject().map(str::to_owned),
            asked: entry.demand.to_string(),
            owner: match entry.owner {
                Owner::Layer(layer) => Some(layer.as_str()),
                Owner::Delegated => Some(Layer::App.as_str()),
                Owner::Gap => None,
            },
            delegated: entry.owner == Owner::Delegated,
            evidence: plan.evidence(entry),
            gap: entry.gap(),
            others: entry.duties.iter().map(|duty| duty.words(&plan.app.title)).collect(),
            notes: plan.notes(entry),
            key: entry.control.key().to_string(),
            written: plan.policy.place(&entry.control.key()).provenance,
        };
        Self {
            target: plan.edge.target().as_str(),
            app: plan.app.title.to_string(),
            release: plan.app.releases.chosen().map(|release| release.name.to_string()),
            controls: plan.entries.iter().map(row).collect(),
            own_limits: own_limits(plan),
        }
    }
}

impl Layer {
    /// Its name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Proxy => "proxy",
            Self::Cluster => "cluster",
            Self::Balancer => "balancer",
        }
    }
}

impl Duty {
    pub(super) fn words(&self, app: &str) -> String {
        match self {
            Self::Drop(value) => format!("drops {app}'s own: {value}"),
            Self::LeaveOff { what, .. } => format!("{app}'s own {what} stays off"),
            Self::TrustHops(hops) => format!("{app} trusts {hops} hop{}", if *hops == 1 { "" } else { "s" }),
            Self::Believe { server, addresses: Some(addresses) } => {
                format!("{server} is told to believe {}", addresses.join(", "))
            }
            Self::Believe { server, addresses: None } => {
                format!("{server} does not believe it: `seccfg explain PRX011`")
            }
            Self::Behind(limit) => format!("{app}'s own {limit} stays behind it"),
        }
    }
}

fn who<'p>(plan: &'p Plan<'_>, entry: &Entry<'_>) -> Cow<'p, str> {
    match entry.owner {
        Owner::Layer(Layer::App) | Owner::Delegated => plan.behind(&entry.demand),
        Owner::Layer(Layer::Proxy | Layer::Cluster) => plan.edge.target().as_str().into(),
        Owner::Layer(Layer::Balancer) => "balancer".into(),
        Owner::Gap => "nobody".into(),
    }
}

/// A plan, control by control.
pub fn lines(plan: &Plan<'_>) -> Vec<Line> {
    let line = |entry: &Entry<'_>| Line {
        control: entry.control.to_string(),
        asked: entry.demand.to_string(),
        owner: plan
            .evidence(entry)
            .map_or_else(|| "GAP".to_owned(), |evidence| format!("{} ({evidence})", who(plan, entry))),
        others: entry.duties.iter().map(|duty| duty.words(&plan.app.title)).collect(),
        passed_over: entry.passed_over.clone(),
    };
    plan.entries.iter().map(line).collect()
}

fn own_limits(plan: &Plan<'_>) -> Vec<OwnLimit> {
    plan.own_limits().map(|(route, limit)| OwnLimit { route: route.to_string(), limit: limit.to_string() }).collect()
}

/// The plan as a table that a person can read at a glance, within so many columns.
pub fn human(plan: &Plan<'_>, width: Option<usize>) -> String {
    let app = plan.app.releases.chosen().map(|_| format!("; {}", plan.app.named())).unwrap_or_default();
    let heading = format!("{} in {}, behind {}{app}", plan.policy.app.name, plan.policy.mode, plan.edge);
    let row = |line: Line| Line { asked: shortened(&line.asked), ..line };
    let rows: Vec<Line> = lines(plan).into_iter().map(row).collect();
    let mut text = format!("{heading}\n\n{}", table::draw(&rows, width));
    let gaps = plan.gaps().count();
    let sum = match gaps {
        0 => "no gaps".to_owned(),
        1 => "1 gap: `seccfg check` says what to write".to_owned(),
        gaps => format!("{gaps} gaps: `seccfg check` says what to write"),
    };
    writeln!(text, "\n  {} controls, {sum}", plan.entries.len()).expect("a string takes everything");
    let mut tell = |line: &str, hanging: &str| {
        let lines = width.map_or(vec![line.to_owned()], |width| wrap::lines(line, width, hanging));
        writeln!(text, "{}", lines.join("\n")).expect("a string takes everything");
    };
    for entry in plan.entries.iter().filter(|entry| !entry.passed_over.is_empty()) {
        let who = match entry.owner {
            Owner::Gap => "nobody enforces it".to_owned(),
            Owner::Delegated => format!("the word of {} is all there is", plan.behind(&entry.demand)),
            Owner::Layer(_) => "the app does it".to_owned(),
        };
        tell("", "");
        tell(&format!("  {}: {who}", entry.control), "    ");
        for reason in &entry.passed_over {
            tell(&format!("    {reason}"), "      ");
        }
    }
    let notes = plan.entries.iter().flat_map(|entry| plan.notes(entry).into_iter().map(move |note| (entry, note)));
    for (index, (entry, note)) in notes.enumerate() {
        if index == 0 {
            tell("", "");
        }
        tell(&format!("  {}: {note}", entry.control), "    ");
    }
    let own: Vec<String> = own_limits(plan).iter().map(|own| format!("{} {}", own.route, own.limit)).collect();
    if !own.is_empty() {
        tell("", "");
        tell(&format!("  {} also counts by itself: {}", plan.app.title, own.join(", ")), "    ");
    }
    text
}

/// What fits a column; a policy in a header may be long.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 52;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}
