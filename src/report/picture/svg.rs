//! Where everything stands on the picture. Its letters are those of a typewriter, so that widths can be counted.

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use textwrap::core::display_width;

use super::{Card, Lane, Mark, Picture};
use crate::report::markup::environment;

const PAGE: &str = include_str!("../../../templates/report/plan.svg.j2");
/// How a picture looks by itself. A page may say other colours.
pub const STYLE: &str = include_str!("../../../templates/report/plan.css");

/// How the picture looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// By itself: it has a background and colours of its own.
    Alone,
    /// In a page whose style sheet says how it looks.
    InPage,
}

/// The width of a card, in pixels like all that follows.
const CARD: usize = 280;
/// Between a border and what stands in it.
const PAD: usize = 10;
/// Between two cards.
const GAP: usize = 10;
/// From one line of text to the next.
const LINE: usize = 16;
/// How many letters fit a card: one is 0.6 of its size wide, 11 pixels, or 12 where it is bold.
const LETTERS: usize = (CARD - 2 * PAD) * 10 / 67;
const BOLD_LETTERS: usize = (CARD - 2 * PAD) * 10 / 73;
/// A lane with more cards becomes broader.
const MOST_IN_COLUMN: usize = 9;
/// What a picture's or a lane's title takes.
const TITLE: usize = 28;

/// A picture with places.
#[derive(Serialize)]
struct Placed {
    title: String,
    y: usize,
    lanes: Vec<PlacedLane>,
}

#[derive(Serialize)]
struct PlacedLane {
    title: String,
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    cards: Vec<PlacedCard>,
}

#[derive(Serialize)]
struct PlacedCard {
    class: &'static str,
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    lines: Vec<Line>,
    /// What a pointer that rests on it is told.
    beside: String,
}

#[derive(Serialize)]
struct Line {
    class: &'static str,
    x: usize,
    y: usize,
    text: String,
}

/// Plans as one SVG document, below each other.
pub fn svg(pictures: &[Picture], look: Look) -> String {
    let mut y = GAP;
    let mut width = 0;
    let mut placed = Vec::with_capacity(pictures.len());
    for picture in pictures {
        let (one, right, bottom) = place(picture, y);
        placed.push(one);
        (width, y) = (width.max(right), bottom + 2 * GAP);
    }
    let label: Vec<String> = pictures.iter().map(|one| format!("{}: {}", one.title, one.sum())).collect();
    let values = context! {
        width => width + GAP,
        height => y,
        label => label.join("; "),
        style => (look == Look::Alone).then(|| Value::from_safe_string(STYLE.to_owned())),
        pictures => Value::from(Serde(placed)),
        title_baseline => TITLE - GAP,
    };
    environment().render_str(PAGE, values).expect("a test renders every part of the template")
}

/// A picture with its places, and where it ends at the right and below.
fn place(picture: &Picture, top: usize) -> (Placed, usize, usize) {
    let mut lanes: Vec<PlacedLane> = Vec::with_capacity(picture.lanes.len());
    let mut x = GAP;
    for lane in &picture.lanes {
        let placed = place_lane(lane, x, top + TITLE);
        x += placed.width + GAP;
        lanes.push(placed);
    }
    // Lanes are of one height, as those of a pool are.
    let height = lanes.iter().map(|lane| lane.height).max().unwrap_or_default();
    for lane in &mut lanes {
        lane.height = height;
    }
    let title = format!("{}: {}", picture.title, picture.sum());
    let right = x.max(GAP + title.len() * 9);
    (Placed { title, y: top, lanes }, right, top + TITLE + height)
}

fn place_lane(lane: &Lane, left: usize, top: usize) -> PlacedLane {
    let columns = lane.cards.len().div_ceil(MOST_IN_COLUMN).max(1);
    let in_column = lane.cards.len().div_ceil(columns).max(1);
    let mut cards = Vec::with_capacity(lane.cards.len());
    let mut bottom = 0;
    for (column, in_it) in lane.cards.chunks(in_column).enumerate() {
        let x = left + GAP + column * (CARD + GAP);
        let mut y = top + TITLE;
        for card in in_it {
            let placed = place_card(card, x, y);
            y += placed.height + GAP;
            cards.push(placed);
        }
        bottom = bottom.max(y);
    }
    let width = GAP + columns * (CARD + GAP);
    PlacedLane { title: cut(&lane.title, BOLD_LETTERS), x: left, y: top, width, height: bottom - top, cards }
}

fn place_card(card: &Card, x: usize, y: usize) -> PlacedCard {
    let mark = match card.mark {
        Mark::Shown(_) | Mark::Word => ("how", format!("({})", card.mark.word())),
        Mark::Gap => ("how", format!("{}: nobody enforces it", card.mark.word())),
    };
    let mut texts: Vec<(&'static str, String)> =
        wrapped(&card.control, BOLD_LETTERS).map(|line| ("control", line)).collect();
    texts.extend(wrapped(&card.asked, LETTERS).map(|line| ("asked", line)));
    texts.push(mark);
    if card.mark == Mark::Gap {
        texts.extend(card.beside.iter().flat_map(|why| wrapped(why, LETTERS)).map(|line| ("why", line)));
    }
    let height = 2 * PAD + texts.len() * LINE;
    let line = |(index, (class, text)): (usize, (&'static str, String))| Line {
        class,
        x: x + PAD,
        y: y + PAD + (index + 1) * LINE - 4,
        text,
    };
    PlacedCard {
        class: card.mark.class(),
        x,
        y,
        width: CARD,
        height,
        lines: texts.into_iter().enumerate().map(line).collect(),
        beside: card.beside.join("; "),
    }
}

/// A text in lines of so many letters, within words where one is longer.
fn wrapped(text: &str, letters: usize) -> impl Iterator<Item = String> {
    textwrap::wrap(text, textwrap::Options::new(letters).break_words(true))
        .into_iter()
        .map(std::borrow::Cow::into_owned)
}

/// What fits one line.
fn cut(text: &str, letters: usize) -> String {
    if display_width(text) <= letters {
        return text.to_owned();
    }
    wrapped(text, letters - 1).next().unwrap_or_default() + "…"
}
