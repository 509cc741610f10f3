//! A plan's table, for whatever terminal it is shown on.
//!
//! Where it fits, a control is one line of four columns. Where it does not, what is asked is broken within its column,
//! and what the others do stands below:
//!
//! ```text
//!   control                     asked                     owner
//!   HSTS                        max-age=31536000;         nginx
//!                               includeSubDomains
//!       drops InstaCRUD's own: max-age=31536000; includeSubDomains
//! ```

use serde::Serialize;

use super::wrap;

/// Between two columns.
const GAP: usize = 2;

/// One control of a plan, in words.
#[derive(Debug, Serialize)]
pub struct Line {
    /// What is controlled.
    pub control: String,
    /// What the policy asks.
    pub asked: String,
    /// Who enforces it and how that is known, as in `nginx (rendered)`: `GAP` where nobody does.
    pub owner: String,
    /// What the others do.
    pub others: Vec<String>,
    /// The layers that could not, and why.
    pub passed_over: Vec<String>,
}

/// Draws the table within so many columns.
pub(super) fn draw(rows: &[Line], width: Option<usize>) -> String {
    let control = widest(rows, "control", |row| &row.control);
    let asked = widest(rows, "asked", |row| &row.asked);
    let owner = widest(rows, "owner", |row| &row.owner);
    let others = rows.iter().map(|row| count(&row.others.join("; "))).max().unwrap_or_default();
    match width {
        Some(width) if GAP + control + GAP + asked + GAP + owner + GAP + others > width => {
            // What is asked gives way first, then the owner, neither below its longest word.
            let rest = width.saturating_sub(GAP + control + GAP + GAP);
            let asked = asked.min(rest.saturating_sub(owner).max(longest(rows, |row| &row.asked)));
            let owner = owner.min(rest.saturating_sub(asked).max(longest(rows, |row| &row.owner)));
            narrow(rows, [control, asked, owner], width)
        }
        Some(_) | None => {
            let widths = [control, asked, owner];
            let row = |row: &Line| line([&row.control, &row.asked, &row.owner, &row.others.join("; ")], widths);
            line(["control", "asked", "owner", "the others"], widths) + &rows.iter().map(row).collect::<String>()
        }
    }
}

/// A row of cells, the last as long as it is.
fn line(cells: [&str; 4], widths: [usize; 3]) -> String {
    let line = format!(
        "  {0:3$}  {1:4$}  {2:5$}  {6}",
        cells[0], cells[1], cells[2], widths[0], widths[1], widths[2], cells[3]
    );
    line.trim_end().to_owned() + "\n"
}

/// The table with its cells broken, and what the others do below each row.
fn narrow(rows: &[Line], widths: [usize; 3], width: usize) -> String {
    let mut text = line(["control", "asked", "owner", ""], widths);
    for row in rows {
        let (asked, owner) = (wrap::lines(&row.asked, widths[1], ""), wrap::lines(&row.owner, widths[2], ""));
        for at in 0..asked.len().max(owner.len()) {
            let control = if at == 0 { row.control.as_str() } else { "" };
            let cell = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
            text.push_str(&line([control, &cell(&asked), &cell(&owner), ""], widths));
        }
        for duty in &row.others {
            text.extend(wrap::lines(&format!("      {duty}"), width, "        ").into_iter().map(|line| line + "\n"));
        }
    }
    text
}

fn count(text: &str) -> usize {
    text.chars().count()
}

/// How wide a column is by itself.
fn widest(rows: &[Line], heading: &str, cell: fn(&Line) -> &str) -> usize {
    rows.iter().map(|row| count(cell(row))).chain([count(heading)]).max().unwrap_or_default()
}

/// The longest word in a column, which is never broken.
fn longest(rows: &[Line], cell: fn(&Line) -> &str) -> usize {
    rows.iter().flat_map(|row| cell(row).split(' ')).map(count).max().unwrap_or_default()
}
