use serde::Serialize;

use super::{Failure, Format, Outcome, print, width};
use crate::profile::Mode;
use crate::report::wrap;
use crate::rules::{self, Mending, Rule};

#[derive(clap::Args)]
pub struct Args {
    /// How to list them.
    #[arg(long, default_value = "human")]
    format: Format,
}

/// What `seccfg rules --format json` prints, version 1.
#[derive(Serialize)]
struct Listing {
    version: u8,
    rules: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    code: &'static str,
    name: &'static str,
    statement: String,
    /// How bad it is by mode; a mode in which it does not apply is left out.
    severity: serde_json::Map<String, serde_json::Value>,
    source: &'static str,
    fix: &'static str,
    url: String,
}

impl Row {
    fn new(rule: &Rule) -> Self {
        let severity = |mode: &Mode| Some((mode.to_string(), rule.severity.get(*mode)?.as_str().into()));
        Self {
            code: rule.code,
            name: rule.name,
            statement: rule.statement(),
            severity: Mode::ALL.iter().filter_map(severity).collect(),
            source: rule.source,
            fix: match rule.fix {
                Mending::None => "none",
                Mending::Safe => "safe",
                Mending::Unsafe => "unsafe",
            },
            url: rule.url(),
        }
    }
}

/// The list for people: a rule's statement is broken where the terminal ends, below where it begins.
fn list(width: Option<usize>) -> String {
    let row = |rule: &Rule| {
        let row = format!("{}  {:9}  {}", rule.code, rules::modes(rule.severity), rule.statement());
        width.map_or(row.clone(), |width| wrap::lines(&row, width, &" ".repeat(19)).join("\n"))
    };
    let legend = width.map_or(rules::LEGEND.to_owned(), |width| wrap::lines(rules::LEGEND, width, "").join("\n"));
    rules::all().map(row).fold(legend + "\n", |list, row| format!("{list}\n{row}")) + "\n"
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let text = match args.format {
        Format::Human => list(width(false)),
        Format::Json => {
            let listing = Listing { version: 1, rules: rules::all().map(Row::new).collect() };
            serde_json::to_string_pretty(&listing).expect("rules are text") + "\n"
        }
    };
    print(&text)?;
    Ok(Outcome::Clean)
}
