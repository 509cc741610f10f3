//! Plans as a flowchart of Mermaid's.

use std::fmt::Write;

use super::{Card, Mark, Picture};
use crate::report::prose::visible;

/// Plans as one flowchart of Mermaid's, which repositories' pages draw.
pub fn mermaid(pictures: &[Picture]) -> String {
    // Without arrows between them, controls need no room for arrows.
    let mut text = "%%{init: {\"flowchart\": {\"rankSpacing\": 16}}}%%\nflowchart LR\n".to_owned();
    let mut line = |depth: usize, line: std::fmt::Arguments<'_>| {
        writeln!(text, "{}{line}", "  ".repeat(depth)).expect("a string takes everything");
    };
    let mut marked: [(Mark, Vec<String>); 2] = [(Mark::Word, Vec::new()), (Mark::Gap, Vec::new())];
    for (plan, picture) in pictures.iter().enumerate() {
        let title = format!("{}: {}", picture.title, picture.sum());
        line(1, format_args!("subgraph plan{plan}[\"{}\"]", escape(&title)));
        line(2, format_args!("direction LR"));
        for (lane, shown) in picture.lanes.iter().enumerate() {
            line(2, format_args!("subgraph plan{plan}lane{lane}[\"{}\"]", escape(&shown.title)));
            line(3, format_args!("direction TB"));
            for (index, card) in shown.cards.iter().enumerate() {
                let node = format!("plan{plan}lane{lane}card{index}");
                line(3, format_args!("{node}[\"{}\"]", label(card)));
                if let Some((_, nodes)) = marked.iter_mut().find(|(mark, _)| *mark == card.mark) {
                    nodes.push(node);
                }
            }
            // Invisible links put the controls below each other.
            for index in 1..shown.cards.len() {
                let card = format!("plan{plan}lane{lane}card");
                line(3, format_args!("{card}{} ~~~ {card}{index}", index - 1));
            }
            line(2, format_args!("end"));
        }
        // In the order in which a request meets them.
        for lane in 1..picture.lanes.len() {
            line(2, format_args!("plan{plan}lane{} ~~~ plan{plan}lane{lane}", lane - 1));
        }
        line(1, format_args!("end"));
    }
    line(1, format_args!("classDef word stroke-dasharray:2 3"));
    line(1, format_args!("classDef gap stroke:#b3261e,stroke-width:3px,stroke-dasharray:8 4"));
    for (mark, nodes) in marked.iter().filter(|(_, nodes)| !nodes.is_empty()) {
        line(1, format_args!("class {} {}", nodes.join(","), mark.class()));
    }
    text
}

fn label(card: &Card) -> String {
    let mut lines = vec![format!("<b>{}</b>", escape(&card.control)), escape(&card.asked)];
    match card.mark {
        Mark::Shown(_) | Mark::Word => lines.push(format!("({})", card.mark.word())),
        Mark::Gap => {
            lines[0] = format!("<b>{}: {}</b>", card.mark.word(), escape(&card.control));
            lines.extend(card.beside.iter().map(|why| escape(why)));
        }
    }
    lines.join("<br>")
}

/// Text that means nothing but itself in a quoted label. Mermaid reads Markdown, HTML and its own marks there, so that
/// every sign which may begin one is written by its number.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().map(visible) {
        if c.is_alphanumeric() || !c.is_ascii() || " ,.:=()/".contains(c) {
            out.push(c);
        } else {
            write!(out, "#{};", u32::from(c)).expect("a string takes everything");
        }
    }
    out
}
