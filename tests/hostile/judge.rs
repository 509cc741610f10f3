//! What becomes of a profile: refused, and how that is told; or rendered, and to what.

#![allow(dead_code, reason = "each test uses its share")]

use seccfg::apps::Packs;
use seccfg::check::{Checked, Modes, Opened, Options};
use seccfg::finding::{Finding, Severity};
use seccfg::profile::Mode;
use seccfg::report::{Human, json::Report};
use seccfg::source::{Source, Span};
use seccfg::targets::{self, Form, Output};

/// How the first lines begin of what is rendered: a comment, or in JSON a name.
const BEGINS: [&str; 2] = ["# Made by seccfg ", "{ \"@id\": \"Made by seccfg "];

/// A profile's files for one mode.
#[derive(Debug, Clone)]
pub struct Rendered {
    pub mode: Mode,
    /// Names and texts, `nginx.conf` last.
    pub files: Vec<(String, String)>,
}

impl Rendered {
    /// What the files say to a server: all but each one's first line, which holds a hash of the profile.
    pub fn said(&self) -> Result<String, String> {
        let rest = self.files.iter().map(|(name, text)| match text.split_once('\n') {
            Some((first, rest)) if BEGINS.iter().any(|begin| first.starts_with(begin)) && !first.contains('\r') => {
                Ok(rest)
            }
            _ => Err(format!("{name} does not say first what it is made from")),
        });
        rest.collect()
    }
}

/// What becomes of a profile.
pub enum Verdict<T = Vec<Rendered>> {
    Refused(Checked),
    Rendered(T),
}

/// Checks a profile as it is for all its modes and, where nothing stands against it, renders it for each: for nginx.
pub fn judge(text: &str) -> Result<Verdict, String> {
    judge_for(text, Output::Nginx, targets::Style { standalone: true, ..targets::Style::default() })
}

/// The same for any edge.
pub fn judge_for(text: &str, output: Output, style: targets::Style) -> Result<Verdict, String> {
    let source = Source::new("security.toml", text);
    let opened = Opened::read(&source, &[], &Packs::default());
    let findings = findings(&opened, output, style);
    if findings.iter().any(stands_against) {
        return refused(&source, opened, findings);
    }
    rendered(&opened, output, style).map(Verdict::Rendered)
}

/// What a check finds in all modes of a profile that is to be rendered in this way.
pub fn findings(opened: &Opened<'_>, output: Output, style: targets::Style) -> Vec<Finding> {
    let edge = output.edge().expect("an edge's configuration");
    let today = Some("2026-11-21".parse().expect("a day"));
    // Nothing is refused of which the check has not spoken. It speaks of a Caddyfile, and JSON holds more.
    // What the reader refused cannot be rendered, waived or not.
    let to_render = style.form == Form::Json || !opened.is_sound();
    let options = Options { modes: Modes::All, targets: vec![edge], today, to_render, ..Options::default() };
    opened.check(&options).0
}

/// Whether nothing is rendered because of a finding.
pub fn stands_against(finding: &Finding) -> bool {
    // A policy that browsers misread is one that a waiver can let through, to the file that it must not break out of.
    finding.severity == Severity::Error && !matches!(finding.code, "HDR009" | "HDR012" | "HDR013" | "HDR014")
}

/// A refusal, as reports take it; or what is wrong with how it is told.
pub fn refused<T>(source: &Source, opened: Opened<'_>, findings: Vec<Finding>) -> Result<Verdict<T>, String> {
    let (judged, own) = (opened.is_whole(), opened.modes(Modes::Own).first().copied());
    let (secrets, pack) = opened.shown();
    let sources = std::iter::once(source.clone()).chain(pack).collect();
    let checked = Checked {
        sources,
        findings,
        waived: 0,
        baselined: 0,
        fixed: 0,
        is_profile: true,
        judged,
        is_begun: false,
        own,
        secrets,
    };
    well_told(&checked).map(|()| Verdict::Refused(checked))
}

/// A profile's files for each of its modes, whatever may be said against it.
pub fn rendered(opened: &Opened<'_>, output: Output, style: targets::Style) -> Result<Vec<Rendered>, String> {
    let edge = output.edge().expect("an edge's configuration");
    let mut rendered = Vec::new();
    for mode in opened.modes(Modes::All) {
        let policy = opened.policy(mode).ok_or_else(|| format!("no findings, and no policy for {mode}"))?;
        let files = targets::render(output, &opened.plans(&policy, &[edge]), style)
            .map_err(|error| format!("no findings, and cannot be rendered for {mode}: {error}"))?;
        let named = |file: targets::Artifact| {
            (file.path.file_name().expect("a file").to_string_lossy().into_owned(), file.text)
        };
        rendered.push(Rendered { mode, files: files.into_iter().map(named).collect() });
    }
    Ok(rendered)
}

/// Every finding says something, about places that the text has.
fn well_told(checked: &Checked) -> Result<(), String> {
    for finding in &checked.findings {
        let text = &checked.sources[finding.place.source].text;
        let within = |span: Span| span.start <= span.end && text.get(span.start..span.end).is_some();
        let spans = finding.labels.iter().map(|label| label.span).chain([finding.place.span]);
        if !spans.into_iter().all(within) {
            return Err(format!("{} at {:?} is beyond the text", finding.code, finding.place.span));
        }
        if finding.message.is_empty() || finding.help.is_empty() {
            return Err(format!("{} says nothing: {finding:?}", finding.code));
        }
    }
    Ok(())
}

/// The two reports of a profile with findings, as a terminal or a program gets them.
pub fn reports(checked: &Checked) -> [String; 2] {
    let checked = std::slice::from_ref(checked);
    [Human { color: false, links: false, width: 100, explain: false }.render(checked), Report::new(checked).render()]
}

/// The first character in a report that a terminal would obey, or that changes how the rest of it reads.
pub fn obeyed(report: &str) -> Option<char> {
    let turns =
        |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    report.chars().find(|&c| turns(c) || c.is_control() && !matches!(c, '\n' | '\t'))
}
