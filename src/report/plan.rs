//! A plan as people and programs read it.

use std::borrow::Cow;
use std::fmt::Write;

use serde::Serialize;

use crate::plan::{Duty, Entry, Layer, Owner, Plan};
use crate::source::Provenance;

/// A plan for programs: part of `seccfg plan --format json`, version 1.
#[derive(Serialize)]
pub struct Listed {
    target: &'static str,
    app: String,
    controls: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    control: &'static str,
    /// Which cookie, route or header; null where there is one of its kind.
    subject: Option<String>,
    asked: String,
    /// app, proxy, cluster or balancer; null for a gap.
    owner: Option<&'static str>,
    /// Whether the owner's word is all there is.
    delegated: bool,
    /// Why nobody enforces it; null where somebody does.
    gap: Option<String>,
    /// What the other layers do.
    others: Vec<String>,
    /// What is to be known of how the target enforces it.
    notes: Vec<Cow<'static, str>>,
    /// The key that asks for it, and who wrote that.
    key: String,
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
            gap: entry.gap(),
            others: entry.duties.iter().map(|duty| duty.words(&plan.app.title)).collect(),
            notes: plan.notes(entry),
            key: entry.control.key().to_string(),
            written: plan.policy.place(&entry.control.key()).provenance,
        };
        Self {
            target: plan.edge.target().as_str(),
            app: plan.app.title.clone(),
            controls: plan.entries.iter().map(row).collect(),
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
    fn words(&self, app: &str) -> String {
        match self {
            Self::Drop(value) => format!("drops {app}'s own: {value}"),
            Self::LeaveOff { what, .. } => format!("{app}'s own {what} stays off"),
            Self::TrustHops(hops) => format!("{app} trusts {hops} hop{}", if *hops == 1 { "" } else { "s" }),
            Self::Behind(limit) => format!("{app}'s own {} per {} stays behind it", limit.limit, limit.per),
        }
    }
}

/// One control of a plan, in words.
#[derive(Debug, Serialize)]
pub struct Line {
    /// What is controlled.
    pub control: String,
    /// What the policy asks.
    pub asked: String,
    /// Who enforces it: `GAP` where nobody does.
    pub owner: String,
    /// What the others do.
    pub others: Vec<String>,
    /// The layers that could not, and why.
    pub passed_over: Vec<String>,
}

/// A plan, control by control.
pub fn lines(plan: &Plan<'_>) -> Vec<Line> {
    let line = |entry: &Entry<'_>| Line {
        control: entry.control.to_string(),
        asked: entry.demand.to_string(),
        owner: match entry.owner {
            Owner::Layer(Layer::App) => plan.app.title.clone(),
            Owner::Layer(Layer::Proxy | Layer::Cluster) => plan.edge.target().to_string(),
            Owner::Layer(Layer::Balancer) => "balancer".to_owned(),
            Owner::Delegated => format!("{} (delegated)", plan.app.title),
            Owner::Gap => "GAP".to_owned(),
        },
        others: entry.duties.iter().map(|duty| duty.words(&plan.app.title)).collect(),
        passed_over: entry.passed_over.clone(),
    };
    plan.entries.iter().map(line).collect()
}

/// The plan as a table that a person can read at a glance.
pub fn human(plan: &Plan<'_>) -> String {
    let heading = format!("{} in {}, behind {}", plan.policy.app.name, plan.policy.mode, plan.edge);
    let mut rows = vec![["control".to_owned(), "asked".to_owned(), "owner".to_owned(), "the others".to_owned()]];
    let row = |line: Line| [line.control, shortened(&line.asked), line.owner, line.others.join("; ")];
    rows.extend(lines(plan).into_iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2)];
    let mut text = format!("{heading}\n\n");
    for row in &rows {
        let [control, asked, owner, others] = row;
        let line = format!("  {control:0$}  {asked:1$}  {owner:2$}  {others}", widths[0], widths[1], widths[2]);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let gaps = plan.gaps().count();
    let sum = match gaps {
        0 => "no gaps".to_owned(),
        1 => "1 gap: `seccfg check` says what to write".to_owned(),
        gaps => format!("{gaps} gaps: `seccfg check` says what to write"),
    };
    writeln!(text, "\n  {} controls, {sum}", plan.entries.len()).expect("a string takes everything");
    for entry in plan.entries.iter().filter(|entry| !entry.passed_over.is_empty()) {
        let who = match entry.owner {
            Owner::Gap => "nobody enforces it",
            Owner::Delegated => "the app's own word is all there is",
            Owner::Layer(_) => "the app does it",
        };
        writeln!(text, "\n  {}: {who}", entry.control).expect("a string takes everything");
        for reason in &entry.passed_over {
            writeln!(text, "    {reason}").expect("a string takes everything");
        }
    }
    let told = |entry: &Entry<'_>| {
        let note = |note| format!("  {}: {note}\n", entry.control);
        plan.notes(entry).into_iter().map(note).collect::<String>()
    };
    let notes: String = plan.entries.iter().map(told).collect();
    if !notes.is_empty() {
        text.extend(["\n", &notes]);
    }
    text
}

/// What fits a column; a policy in a header may be long.
fn shortened(text: &str) -> String {
    const MOST: usize = 52;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}
