//! The production checklist as one HTML page: no scripts, nothing from elsewhere, and fit for paper.

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::checklist::{Checklist, Planned};
use super::markup::environment;
use super::picture::{Look, PICTURE_STYLE, svg};

const PAGE: &str = include_str!("../../templates/report/report.html.j2");
const STYLE: &str = include_str!("../../templates/report/report.css");

/// Writes a checklist.
pub fn render(checklist: &Checklist) -> String {
    let picture = |plan: &Planned| Value::from_safe_string(svg(std::slice::from_ref(&plan.picture), Look::InPage));
    let values = context! {
        // The page's own colours come last, and count.
        style => Value::from_safe_string(format!("{PICTURE_STYLE}{STYLE}")),
        pictures => checklist.plans.iter().map(picture).collect::<Vec<_>>(),
        ..Value::from(Serde(checklist))
    };
    environment().render_str(PAGE, values).expect("a test renders every part of the template")
}
