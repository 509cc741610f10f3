//! A profile beside the manifests of its cluster.
//!
//! The variables of the app's container are an `.env` file in another form: they are written as one, in memory, and judged as
//! one, by the rules that read the pack; what is found in a line of it is told at the manifest's line. What the manifests say
//! of keys of the profile is the business of `applied.rs`, and everything else that of the rules of the area
//! ([`crate::rules::manifests`]).

#[cfg(test)]
mod tests;

use super::{Checked, EnvFile, Modes, Opened, Options, is_begun};
use crate::command;
use crate::dotenv;
use crate::finding::{Finding, Label};
use crate::manifest::{Container, Given, Manifests, Place, Variables};
use crate::plan::{Edge, Plan, Target};
use crate::policy::Policy;
use crate::profile::Mode;
use crate::random;
use crate::rules::manifests::K8S020;
use crate::rules::manifests::secrets::K8S022;
use crate::source::Source;
use crate::targets::env::{self, Content};

/// As long as a key that nobody finds too short.
const KEY_BYTES: usize = 32;

/// Checks one profile beside manifests.
pub(super) fn check(source: &Source, options: &Options) -> Checked {
    let mut manifests = Manifests::read(&options.manifests);
    let opened = Opened::read(source, &options.env_files, &options.packs);
    let own = opened.modes(Modes::Own).first().copied();
    let mut env_files = options.env_files.clone();
    let given = env_files.len();
    // A file without a mode is for the profile's own, as the one is that is made here.
    for file in &mut env_files {
        file.mode = file.mode.or(own);
    }
    let modes = opened.modes(options.modes);
    let parts = modes.iter().filter_map(|mode| Some(manifests.programs(opened.policy(*mode)?.app.name.as_str()).len()));
    // Of each program of the app its own variables, by mode: first those of the workload that is the app by its name.
    let mut told: Vec<Vec<Told>> = (0..parts.max().unwrap_or_default().max(1))
        .map(|part| {
            let told =
                modes.iter().filter_map(|mode| told(&opened, &opened.policy(*mode)?, &manifests, &env_files, part));
            told.collect()
        })
        .collect();
    let others = told.split_off(1);
    let told = told.pop().unwrap_or_default();

    // Their numbers among the sources: the profile, the files of variables, what should be a pack, and then the manifests.
    let first = 1 + given + told.len() + usize::from(opened.has_broken_pack());
    manifests.number_from(first);
    let with = |told: &[Told]| {
        let env_files = env_files.iter().cloned().chain(told.iter().map(Told::file)).collect();
        Options { env_files, ..options.clone() }
    };
    let options = with(&told);
    let opened = Opened::read(source, &options.env_files, &options.packs);
    let opened = opened.beside(&manifests);
    let (found, waived) = opened.check(&options);
    let (judged, is_begun) = (opened.is_whole(), is_begun(&opened, options.modes));
    let (mut secrets, pack) = opened.shown();
    secrets.extend(manifests.secrets());

    let move_all = |found: Vec<Finding>, told: &[Told]| -> Vec<(bool, Finding)> {
        found.into_iter().filter_map(|finding| moved(finding, told, (given, first))).collect()
    };
    let mut findings: Vec<Finding> = move_all(found, &told).into_iter().map(|(_, finding)| finding).collect();
    // Of the other parts, what is found in their variables alone is new.
    for told in &others {
        let options = with(told);
        let opened = Opened::read(source, &options.env_files, &options.packs).beside(&manifests);
        for (is_of_a_variable, finding) in move_all(opened.check(&options).0, told) {
            let is_known = |one: &Finding| {
                one.code == finding.code
                    && one.message == finding.message
                    && one.place.span == finding.place.span
                    && one.place.source == finding.place.source
            };
            // What a program beside the app is not given is no matter of the app's.
            let is_beside = told.iter().any(|one| !one.is_part && one.is_of_all(&finding.place, first));
            if is_of_a_variable && !is_beside && !findings.iter().any(is_known) {
                findings.push(finding);
            }
        }
    }
    // Beside a profile that cannot be judged, no rule is asked.
    let unheard = manifests.problems.iter().filter(|_| !judged);
    findings.extend(unheard.map(|one| {
        let label = |span, text: &str| Label { source: one.source, ..Label::of_text(span, text) };
        let place = Label { key: "targets.kubernetes".into(), ..label(one.problem.span, "here") };
        let labels = one.problem.also.iter().map(|(span, text)| label(*span, text)).collect();
        Finding { labels, ..K8S020.finding(place).saying(&*one.problem.message, &*one.problem.help) }
    }));
    // Wherever a secret is told, it is masked.
    let told = findings.iter().filter(|one| one.code == K8S022.code && one.place.source >= first);
    secrets.extend(told.map(|one| (one.place.source, one.place.span)));
    findings.sort_by(|a, b| a.order().cmp(&b.order()));

    let files = options.manifests.iter().map(|file| file.source.clone());
    let variables = options.env_files.iter().map(|file| file.source.clone());
    let sources = std::iter::once(source.clone()).chain(variables).chain(pack).chain(files).collect();
    Checked { sources, findings, waived, baselined: 0, fixed: 0, is_profile: true, judged, is_begun, own, secrets }
}

/// A finding where it is told, and whether it was found in a variable; nothing where what it is about was made up. `given`
/// files of variables were named, and the first of the manifests has the number `first`.
fn moved(mut finding: Finding, told: &[Told], (given, first): (usize, usize)) -> Option<(bool, Finding)> {
    let move_label = |label: Label| match label.source.checked_sub(1 + given).and_then(|number| told.get(number)) {
        Some(told) => told.moved(label, first),
        None => Some(label),
    };
    let is_of_a_variable = (1 + given..first).contains(&finding.place.source);
    finding.place = move_label(finding.place)?;
    finding.labels = finding.labels.into_iter().filter_map(move_label).collect();
    if is_of_a_variable {
        // What mends it is an edit of another file than the one that was made here.
        finding.fixes.clear();
    }
    if given == 0 {
        in_words_of_manifests(&mut finding);
    }
    Some((is_of_a_variable, finding))
}

/// The variables of the app's container as a file.
struct Told {
    mode: Mode,
    text: String,
    lines: Vec<Line>,
    /// The container: where it is told what is not set.
    container: Place,
    /// Whether it answers as the app.
    is_part: bool,
}

/// A line of that file.
struct Line {
    start: usize,
    /// Where the value begins in it.
    value: usize,
    /// Where the name stands in the manifests; nothing where no manifest has it.
    name_place: Option<Place>,
    /// Where the value does; nothing where it is not known.
    value_place: Option<Place>,
}

impl Told {
    fn add(&mut self, name: &str, text: &str, name_place: Option<Place>, value_place: Option<Place>) {
        let Ok(encoded) = dotenv::encode(text) else { return };
        let start = self.text.len();
        self.lines.push(Line { start, value: start + name.len() + 1, name_place, value_place });
        self.text.extend([name, "=", &encoded, "\n"]);
    }

    /// Whether a place, among manifests which are numbered from `first` on, is that of all of the container.
    fn is_of_all(&self, place: &Label, first: usize) -> bool {
        (place.source, place.span) == (self.container.0 + first, self.container.1)
    }

    fn file(&self) -> EnvFile {
        let source = Source::new("the variables of the app's container", self.text.as_str());
        // The app does not read it: Kubernetes starts it with these, and other names are no matter of the app's.
        let service = "app".to_owned();
        EnvFile { service: Some(service.clone()), services: vec![service], ..EnvFile::of(Some(self.mode), source) }
    }

    /// A place of the file as a place of the manifests, which are numbered from `first` on; nothing where what stands there
    /// was made up.
    fn moved(&self, label: Label, first: usize) -> Option<Label> {
        let at = label.span.start;
        let line = self.lines.iter().rfind(|line| line.start <= at).filter(|_| at < self.text.len());
        let (source, span) = match line {
            None => self.container,
            Some(line) if at < line.value => line.name_place?,
            Some(line) => line.value_place?,
        };
        Some(Label { source: source + first, span, ..label })
    }
}

/// What the container of a part of the app is told in one mode; nothing where no manifest has one. A mode whose app has fewer
/// parts has its first in their place, so that each part has as many files.
fn told(
    opened: &Opened<'_>,
    policy: &Policy<'_>,
    manifests: &Manifests,
    given: &[EnvFile],
    part: usize,
) -> Option<Told> {
    let name = policy.app.name.as_str();
    let programs = manifests.programs(name);
    let part = Some(part).filter(|part| *part < programs.len()).unwrap_or_default();
    let workload = *programs.get(part)?;
    let is_part = part < manifests.parts(name).len();
    let container: Container<'_> = workload.app(name)?;
    let facts = opened.facts(policy)?;
    let app = facts.app;
    let plans = [Plan::new(facts, Edge::of(policy, Target::Kubernetes))];
    let asked = env::assignments(&plans).unwrap_or_default();
    let Variables { list, may_be_more } = container.variables(manifests, workload.object.namespace());
    let mut told =
        Told { mode: policy.mode, text: String::new(), lines: Vec::new(), container: container.place(), is_part };
    let of_mode = given.iter().filter(|file| file.mode == Some(policy.mode));
    let of_mode: Vec<dotenv::Document<'_>> = of_mode.map(|file| dotenv::Document::parse(&file.source)).collect();
    let is_given = |name: &str| of_mode.iter().any(|document| document.get(name).is_some());
    // What a Secret holds is nobody's to judge here: what the profile asks for, or what nobody would guess.
    let unknown = |name: &str| match asked.iter().find(|one| one.name == name).map(|one| &one.content) {
        Some(Content::Public(text)) => Some(text.clone()),
        Some(Content::Secret(_)) | None => random::hex(KEY_BYTES).ok(),
    };
    for variable in list.iter().filter(|variable| dotenv::is_name(&variable.name)) {
        // How many processes it starts is told of the container, and whom its server believes, unless that is for the pack.
        let is_believing = command::BELIEVING.contains(&&*variable.name) && app.variable(&variable.name).is_none();
        if command::COUNTS.contains(&&*variable.name) || variable.name == command::FURTHER || is_believing {
            continue;
        }
        let (name, name_place) = (&*variable.name, Some(variable.name_place));
        match variable.given {
            Given::Text(text) | Given::NoText(text) => told.add(name, text, name_place, Some(variable.place)),
            Given::Secret | Given::Elsewhere if is_given(name) => {}
            Given::Secret | Given::Elsewhere => {
                if let Some(text) = unknown(name) {
                    told.add(name, &text, name_place, None);
                }
            }
        }
    }
    for one in &asked {
        let is_set = list.iter().any(|variable| app.is_same(&variable.name, &one.name)) || is_given(&one.name);
        // Of a secret that is missing, K8S021 tells.
        let is_open = may_be_more || matches!(one.content, Content::Secret(_));
        if let Some(text) = unknown(&one.name).filter(|_| !is_set && is_open) {
            told.add(&one.name, &text, None, None);
        }
    }
    Some(told)
}

/// The rules of variables speak of the `.env` file that they know.
fn in_words_of_manifests(finding: &mut Finding) {
    for text in [&mut finding.message, &mut finding.help, &mut finding.place.text] {
        if text.contains(".env` file") {
            *text = text.replace("`.env` file", "manifest");
        }
    }
}
