//! What stands above a section: who enforces the profile behind each edge, in one line. At a click it is shown as
//! `seccfg plan` prints it.

use serde_json::{Value, json};

use super::key::layer;
use super::place::Encoding;
use super::protocol::{CodeLens, Command};
use super::workspace::{Judged, Text};
use crate::check::Modes;
use crate::plan::{Plan, Target};
use crate::profile::{Mode, Text as _};
use crate::report::{plan, plural};
use crate::source::{KeyPath, Span};

/// The command that shows a plan.
pub const PLAN: &str = "seccfg.plan";

/// A line above each section that a plan follows from: the targets, and the overlays of modes. Where no target is written,
/// above `[app]`.
pub fn of(text: &Text, judged: &Judged, encoding: Encoding) -> Vec<CodeLens> {
    let opened = judged.open();
    if !opened.is_whole() {
        return Vec::new();
    }
    let outline = text.outline();
    let header = |path: &KeyPath| outline.headed.iter().find(|one| one.path == *path).map(|one| one.header);
    let mut lenses = Vec::new();
    let own = opened.modes(Modes::Own);
    let overlaid = outline.headed.iter().filter_map(|one| layer(&one.path).0);
    let mut modes: Vec<Mode> = own.iter().copied().chain(overlaid).collect();
    modes.sort_unstable();
    modes.dedup();
    for mode in modes {
        let Some(policy) = opened.policy(mode) else { continue };
        for one in opened.plans(&policy, &[]) {
            let target = one.edge.target();
            let place = if own.contains(&mode) {
                header(&KeyPath::from("targets").key(target.as_str())).or_else(|| header(&"app".into()))
            } else {
                outline.headed.iter().find(|headed| layer(&headed.path).0 == Some(mode)).map(|headed| headed.header)
            };
            lenses.extend(place.map(|span| lens(text, &one, mode, span, encoding)));
        }
    }
    lenses
}

fn lens(text: &Text, plan: &Plan<'_>, mode: Mode, span: Span, encoding: Encoding) -> CodeLens {
    let (target, gaps) = (plan.edge.target(), plan.gaps().count());
    let gaps = if gaps == 0 { "no gaps".to_owned() } else { plural(gaps, "gap") };
    let title = format!("plan: {} in {mode}: {}, {gaps}", target.title(), plural(plan.entries.len(), "control"));
    let arguments = vec![json!(text.uri.0), json!(mode.as_str()), json!(target.as_str())];
    let command = Command { title, command: PLAN.to_owned(), arguments: Some(arguments), ..Command::default() };
    CodeLens { range: encoding.range(&text.source, span), command: Some(command), data: None }
}

/// What a click on a line asks for: the URI of a profile, a mode and a target.
pub fn asked(arguments: &[Value]) -> Option<(String, Mode, Target)> {
    let [uri, mode, target] = arguments else { return None };
    let target = Target::parse(target.as_str()?).ok()?;
    Some((uri.as_str()?.to_owned(), Mode::parse(mode.as_str()?).ok()?, target))
}

/// The plan, as `seccfg plan` prints it; nothing where the profile has none.
pub fn shown(judged: &Judged, mode: Mode, target: Target) -> Option<String> {
    let opened = judged.open();
    let policy = opened.policy(mode).filter(|_| opened.is_sound())?;
    opened.plans(&policy, &[target]).first().map(|one| plan::human(one, None))
}
