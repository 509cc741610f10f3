//! `seccfg rules`: every rule, for people or for programs.

use std::fmt::Write;

use serde::Serialize;

use super::words::{About, Area, about, word};
use super::{Failure, Format, Outcome, print, width};
use crate::finding::Severity;
use crate::profile::Mode;
use crate::report::{plural, wrap};
use crate::rules::{self, Mending, Rule};

#[derive(clap::Args)]
pub struct Args {
    /// Only those about this: an area, by its letters, or a key of the profile, such as `hsts.max_age` or cookies.
    #[arg(value_name = "ABOUT", value_parser = about)]
    about: Option<About>,
    /// Only those of these areas, by the letters that their codes begin with, such as HST or HST,TLS.
    #[arg(long = "area", value_name = "AREA", value_delimiter = ',', value_parser = Area, hide_possible_values = true)]
    areas: Vec<String>,
    /// Only those that are asked for in this mode: dev, test, staging or prod.
    #[arg(long, value_name = "MODE", value_parser = word::<Mode>(), hide_possible_values = true)]
    mode: Option<Mode>,
    /// Only those as bad as this, in the mode that is asked for or else in any: error, warning or note.
    #[arg(long, value_name = "SEVERITY", value_parser = word::<Severity>(), hide_possible_values = true)]
    severity: Option<Severity>,
    /// Only those that an edit can mend.
    #[arg(long)]
    fixable: bool,
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
    area: Option<&'static str>,
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
            area: rules::area_title(rule.area()),
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

impl Args {
    /// The rules that are asked for.
    fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        rules::all().filter(|rule| {
            let mut modes = Mode::ALL.iter().filter(|mode| self.mode.is_none_or(|asked| asked == **mode));
            let mut severities = modes.by_ref().filter_map(|mode| rule.severity.get(*mode));
            let is_asked = severities.any(|severity| self.severity.is_none_or(|asked| asked == severity));
            is_asked
                && self.about.as_ref().is_none_or(|about| about.rules.iter().any(|one| one.code == rule.code))
                && (self.areas.is_empty() || self.areas.iter().any(|area| area == rule.area()))
                && (!self.fixable || rule.fix != Mending::None)
        })
    }
}

/// The list for people: a rule's statement is broken where the terminal ends, below where it begins.
fn list(rules: impl Iterator<Item = &'static Rule>, width: Option<usize>) -> String {
    let fitted = |line: &str, hanging: usize| {
        width.map_or(line.to_owned(), |width| wrap::lines(line, width, &" ".repeat(hanging)).join("\n"))
    };
    let mut list = fitted(rules::LEGEND, 0) + "\n";
    let mut area = "";
    let mut count = 0;
    for rule in rules {
        if rule.area() != area {
            area = rule.area();
            writeln!(list, "\n{area}: {}", rules::area_title(area).unwrap_or(area)).expect("a string takes everything");
        }
        let row = format!("{}  {:9}  {}", rule.code, rules::modes(rule.severity), rule.statement());
        writeln!(list, "{}", fitted(&row, 19)).expect("a string takes everything");
        count += 1;
    }
    writeln!(list, "\n{}; `seccfg explain CODE` prints one", plural(count, "rule")).expect("a string takes everything");
    list
}

pub(super) fn run(args: &Args) -> Result<Outcome, Failure> {
    let text = match (args.format, args.about.as_ref().and_then(About::without_rules)) {
        (Format::Human, Some(told)) => {
            let broken =
                |line: &str| width(false).map_or(line.to_owned(), |width| wrap::lines(line, width, "").join("\n"));
            told.lines().map(|line| broken(line) + "\n").collect()
        }
        (Format::Human, None) => list(args.rules(), width(false)),
        (Format::Json, _) => {
            let listing = Listing { version: 1, rules: args.rules().map(Row::new).collect() };
            serde_json::to_string_pretty(&listing).expect("rules are text") + "\n"
        }
    };
    print(&text)?;
    Ok(Outcome::Clean)
}
