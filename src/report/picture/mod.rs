//! A plan as a picture: each layer is a lane, and each control stands on the lane of the layer that enforces it.
//!
//! What nobody enforces stands on a lane of its own, `Nobody`, and is marked by its border and by the word GAP, so that it
//! can be told apart without colour.

mod mermaid;
mod svg;

pub use mermaid::mermaid;
pub use svg::{Look, STYLE as PICTURE_STYLE, svg};

use super::plan::shortened;
use crate::plan::{Entry, Evidence, Layer, Owner, Plan};

/// A plan, lane by lane.
#[derive(Debug)]
pub struct Picture {
    /// What it is of: `shop in prod, behind nginx 1.22.1`.
    title: String,
    /// The layers in the order in which a request meets them, and last what nobody enforces, if there is any.
    lanes: Vec<Lane>,
}

/// A layer and what it enforces.
#[derive(Debug)]
struct Lane {
    title: String,
    cards: Vec<Card>,
}

/// A control.
#[derive(Debug)]
struct Card {
    control: String,
    asked: String,
    mark: Mark,
    /// What the other layers do about it; why nobody enforces it, for a gap.
    beside: Vec<String>,
}

/// How sure it is that a control is enforced, as far as a picture tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// By a file, by the app's code, or by an answer.
    Shown(Evidence),
    /// By the word of the app alone.
    Word,
    /// Not at all.
    Gap,
}

impl Mark {
    /// The word that stands on the card.
    fn word(self) -> &'static str {
        match self {
            Self::Shown(evidence) => evidence.as_str(),
            Self::Word => Evidence::Delegated.as_str(),
            Self::Gap => "GAP",
        }
    }

    /// The class of a card.
    fn class(self) -> &'static str {
        match self {
            Self::Shown(_) => "shown",
            Self::Word => "word",
            Self::Gap => "gap",
        }
    }
}

impl Picture {
    /// The picture of a plan.
    pub fn new(plan: &Plan<'_>) -> Self {
        let edge = plan.edge.target().title();
        let lanes = [
            (Some(Layer::Balancer), "CDN or balancer"),
            (Some(Layer::Proxy), edge),
            (Some(Layer::Cluster), "Cluster"),
            (Some(Layer::App), plan.app.title.as_str()),
            (None, "Nobody"),
        ];
        let lane = |(layer, title): (Option<Layer>, &str)| Lane {
            title: title.to_owned(),
            cards: plan
                .entries
                .iter()
                .filter(|entry| lane_of(entry) == layer)
                .map(|entry| Card::new(plan, entry))
                .collect(),
        };
        Self {
            title: format!("{} in {}, behind {}", plan.policy.app.name, plan.policy.mode, plan.edge),
            lanes: lanes.into_iter().map(lane).filter(|lane| !lane.cards.is_empty()).collect(),
        }
    }

    /// What it shows, in one sentence.
    fn sum(&self) -> String {
        let cards = || self.lanes.iter().flat_map(|lane| &lane.cards);
        let gaps = cards().filter(|card| card.mark == Mark::Gap).count();
        let gaps = match gaps {
            0 => "no gaps".to_owned(),
            1 => "1 gap".to_owned(),
            gaps => format!("{gaps} gaps"),
        };
        format!("{} controls, {gaps}", cards().count())
    }
}

/// The layer on whose lane a control stands; none where nobody enforces it.
fn lane_of(entry: &Entry<'_>) -> Option<Layer> {
    match entry.owner {
        Owner::Layer(layer) => Some(layer),
        Owner::Delegated => Some(Layer::App),
        Owner::Gap => None,
    }
}

impl Card {
    fn new(plan: &Plan<'_>, entry: &Entry<'_>) -> Self {
        let mark = match (entry.owner, plan.evidence(entry)) {
            (Owner::Gap, _) | (_, None) => Mark::Gap,
            (Owner::Delegated, _) | (_, Some(Evidence::Delegated)) => Mark::Word,
            (Owner::Layer(_), Some(evidence)) => Mark::Shown(evidence),
        };
        let beside = if mark == Mark::Gap {
            entry.passed_over.clone()
        } else {
            entry.duties.iter().map(|duty| duty.words(&plan.app.title)).collect()
        };
        Self { control: entry.control.to_string(), asked: shortened(&entry.demand.to_string()), mark, beside }
    }
}
