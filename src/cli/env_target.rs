//! `seccfg render --target env`: the app's `.env` file, into which its owner writes, too. What stands there is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Failure;
use super::env_files::read_there;
use crate::check::{Checked, EnvFile, Modes, Opened, Options, check};
use crate::dotenv::{self, Document, ProblemKind};
use crate::files::Change;
use crate::finding::{Finding, Label, Severity};
use crate::plan::Plan;
use crate::policy::{Environment, Exposure, Policy};
use crate::report::redact;
use crate::rules::secrets::committed::{Committed, committed};
use crate::rules::secrets::is_placeholder;
use crate::rules::secrets::keeping::{SEC008, SEC010};
use crate::rules::secrets::subject::live;
use crate::rules::variables::{RND001, RND002};
use crate::source::{Source, Span};
use crate::targets::Error;
use crate::targets::env::{self, Assignment, InUse, Origin, Way};
use crate::{input, random};

/// As many random bytes as a key of HMAC with SHA-256 needs (RFC 7518 §3.2).
const KEY_BYTES: usize = 32;

// What only the app's `.env` file is asked.
// (No doc comment: clap would take it for what the command says of itself.)
#[derive(clap::Args)]
pub struct EnvOptions {
    /// With --target env: make a file to be committed, in which secrets are named and left empty.
    #[arg(long)]
    pub(super) example: bool,
    /// With --target env: make the secrets that are missing and that chance can make, into the file alone.
    #[arg(long, conflicts_with_all = ["example", "stdout", "check", "diff"])]
    pub(super) generate_secrets: bool,
    /// With --target env: make new values for the secrets that are placeholders, such as `changeme`, and that chance can make.
    #[arg(long, conflicts_with_all = ["example", "stdout", "check", "diff"])]
    pub(super) replace_placeholders: bool,
}

/// The app's `.env` file, and what is to become of it.
pub(super) struct EnvTarget {
    path: PathBuf,
    /// What the app reads before it.
    before: Vec<Source>,
    old: Option<String>,
    new: String,
    /// Whether it is to be committed: then nothing in it is a secret.
    is_example: bool,
    /// The lines that hold nothing but what the profile says.
    public: BTreeSet<String>,
    /// What is to be told beside.
    notes: Vec<String>,
}

impl EnvTarget {
    /// Merges what the app is told into the file that is there; or the finding that it cannot be merged into. Beside the
    /// profile, the file has the name that the app reads it by, and what stands in the others that it reads is left to those.
    pub(super) fn merge(
        options: &EnvOptions,
        plans: &[Plan<'_>],
        (folder, is_beside): (&Path, bool),
    ) -> Result<Result<Self, Checked>, Failure> {
        let Some(plan) = plans.first() else {
            return Err(Failure::Usage("the profile has no plan".to_owned()));
        };
        let (policy, app) = (plan.policy, plan.app);
        let is_example = options.example;
        let (path, before) = if is_example {
            (folder.join(env::example_name(policy)), Vec::new())
        } else {
            places(plan, folder, is_beside)?
        };
        // What is written takes the place of what is there: a device must not be lost.
        if fs::metadata(&path).is_ok_and(|data| !data.is_file()) {
            return Err(Failure::Artifact(Error::NoFile(path.display().to_string())));
        }
        let old = match input::env_file(None, &path) {
            Ok(Ok(EnvFile { source, .. })) => Some(source.text),
            Ok(Err(broken)) => return Ok(Err(*broken)),
            Err(input::Error::Io { error, .. }) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let before = match read_there(&before)? {
            Ok(before) => before,
            Err(broken) => return Ok(Err(*broken)),
        };
        let text = old.as_deref().unwrap_or_default();
        let mut told = env::assignments(plans)?;
        if is_example {
            return Ok(match env::example(plan, &told, text) {
                Ok(new) => {
                    let own = env::example(plan, &told, "").unwrap_or_default();
                    let public = own.lines().map(str::to_owned).collect();
                    Ok(Self { path, before, old, new, is_example, public, notes: Vec::new() })
                }
                Err(refused) => Err(unmerged(&path, text, &refused)),
            });
        }
        let source = Source::new(&path, text);
        let placeholders = if options.replace_placeholders {
            placeholders(plan, &told, before.iter().chain([&source]))
        } else {
            BTreeSet::new()
        };
        told.retain(|one| placeholders.contains(&one.name) || env::has_to_stand(plan, one, text, &before));
        let mut missing = env::missing(plan, &told, text);
        missing.retain(|(one, _)| !placeholders.contains(&one.name));
        let mut made = BTreeMap::new();
        for name in &placeholders {
            made.insert(name.as_str(), random::hex(KEY_BYTES).map_err(Failure::Usage)?);
        }
        let replaced: Vec<&str> = made.keys().copied().collect();
        let lacking = missing.iter().filter(|(_, origin)| **origin == Origin::Made).map(|(one, _)| *one);
        let anew: Vec<&str> = replaced.iter().copied().chain(lacking.clone().map(|one| one.name.as_str())).collect();
        let used = |one: &Assignment| {
            let mut files = [&source].into_iter().chain(&before);
            files.find_map(|file| Some((file, env::in_use(plan, one, file, &anew)?)))
        };
        let in_use: Vec<(&str, (&Source, InUse))> =
            lacking.filter_map(|one| Some((one.name.as_str(), used(one)?))).collect();
        if options.generate_secrets {
            if let Some((_, (first, _))) = in_use.first() {
                // One file is shown at a time.
                let first = *first;
                let of_first = in_use.into_iter().filter(|(_, (file, _))| file.path == first.path);
                return Ok(Err(superseding(first.clone(), of_first.map(|(_, (_, one))| one))));
            }
            for (one, _) in missing.extract_if(.., |(_, origin)| **origin == Origin::Made) {
                made.insert(one.name.as_str(), random::hex(KEY_BYTES).map_err(Failure::Usage)?);
            }
        }
        let new = match env::merge(plan, &told, text, &made) {
            Ok(new) => new,
            Err(refused) => return Ok(Err(unmerged(&path, text, &refused))),
        };
        let named = told.iter().map(|one| (one.name.as_str(), String::new())).collect();
        let public = env::merge(plan, &told, "", &named).unwrap_or_default().lines().map(str::to_owned).collect();
        let note = |name: &&str| {
            let was = if replaced.contains(name) { ", which was a placeholder" } else { "" };
            format!("made a value for {name}{was}")
        };
        let mut notes: Vec<String> = made.keys().map(note).collect();
        notes.extend(missing.into_iter().map(|(one, origin)| {
            if let Some((_, (file, used))) = in_use.iter().find(|(name, _)| *name == one.name) {
                let line = file.position(used.span.start).line;
                return format!("missing: {} ({}): {} line {line}: {}", one.name, one.key, file.name(), used.message);
            }
            let or_made = if *origin == Origin::Made { ", or run again with --generate-secrets" } else { "" };
            // Before the first rotation there is no such key.
            let secret = one.key.strip_prefix("secrets.").and_then(|key| key.strip_suffix(".previous"));
            let or_none = secret
                .map(|name| format!("; before the first rotation there is none, and `seccfg rotate {name}` writes it"));
            let or_none = or_none.filter(|_| *origin == Origin::Before).unwrap_or_default();
            format!("missing: {} ({}): write {}{or_made}{or_none}", one.name, one.key, origin.in_words())
        }));
        if app.variables.all().is_empty() {
            notes.push(format!(
                "{} is not known to seccfg: only the secrets that the profile refers to are looked after",
                app.title
            ));
        }
        drop(in_use);
        Ok(Ok(Self { path, before, old, new, is_example, public, notes }))
    }

    /// What is to be written, if anything: a file that others may read, too, even if it is right.
    pub(super) fn change(&self) -> Option<Change> {
        let private = !self.is_example;
        let is_exposed = private && input::exposure(&self.path).readable;
        let is_right = self.old.as_deref().unwrap_or_default() == self.new && !is_exposed;
        let (path, old, new) = (self.path.clone(), self.old.clone(), self.new.clone());
        (!is_right).then_some(Change { path, old, new, private })
    }

    /// The same as a terminal may show it: what the profile says, and of everything else the variables' names.
    pub(super) fn shown(&self) -> Change {
        let (old, new) = (self.old.as_deref().map(|old| self.masked(old)), self.masked(&self.new));
        Change { path: self.path.clone(), old, new, private: true }
    }

    fn masked(&self, text: &str) -> String {
        let masked = redact::env_file(&Source::new(&self.path, text));
        let lines = text.split_inclusive('\n').zip(masked.split_inclusive('\n'));
        lines.map(|(line, masked)| if self.public.contains(line.trim_end()) { line } else { masked }).collect()
    }

    /// What is to be committed and holds a secret that nobody could guess: nothing is written then.
    pub(super) fn exposing(&self, profile: &Source, policy: &Policy<'_>, options: &Options) -> Option<Checked> {
        let source = Source::new(&self.path, &*self.new);
        let files = [EnvFile::of(Some(policy.mode), source.clone())];
        let opened = Opened::read(profile, &files, &options.packs);
        let policy = opened.policy(policy.mode).filter(|_| self.is_example)?;
        let is_public = |name: &str| policy.app.public_variables.iter().any(|public| public.as_str() == name);
        let mut held = committed(&source, is_public);
        let line = |span: Span| source.line(source.position(span.start).line);
        held.retain(|one| !self.public.contains(source.text[line(one.span).start..line(one.span).end].trim_end()));
        for variable in live(&opened.facts(&policy)?) {
            let name = variable.is_plainly_named.then(|| variable.name.to_owned());
            held.retain(|one| one.span.start < variable.name_span.start || variable.span.end < one.span.start);
            held.push(Committed { name, span: variable.span });
        }
        held.sort_by_key(|one| one.span);
        let finding = |one: Committed| {
            let name = one.name.map_or_else(|| "a line".to_owned(), |name| format!("`{name}`"));
            SEC008.finding(Label::of_text(one.span, "a live secret")).saying(
                format!(
                    "this file is made to be committed, and {name} has a value that nobody would give as an example"
                ),
                "empty it here; if it was ever committed, make a new one where the secret is kept",
            )
        };
        let findings: Vec<Finding> = held.into_iter().map(finding).collect();
        (!findings.is_empty()).then(|| masked(source, findings))
    }

    /// Notes what no rendering mends: lines that readers differ on, and values that are not the profile's to say. `options`
    /// are those that the profile was judged by.
    pub(super) fn judge(&mut self, profile: &Source, policy: &Policy<'_>, options: &Options) {
        let only = ["RND001", "RND002", "SEC003"].map(str::to_owned).to_vec();
        let source = Source::new(&self.path, &*self.new);
        let files = self.before.iter().cloned().chain([source]);
        let env_files: Vec<EnvFile> = files.map(|file| EnvFile::of(Some(policy.mode), file)).collect();
        let modes = Modes::One(policy.mode);
        let options = Options { modes, only, env_files, ..options.clone() };
        let is_of_a_file = |finding: &Finding| (1..=options.env_files.len()).contains(&finding.place.source);
        let is_wrong = check(profile.clone(), &options)
            .findings
            .iter()
            .any(|finding| is_of_a_file(finding) && finding.severity > Severity::Note);
        if is_wrong && !self.is_example {
            let is_own = policy.mode == policy.app.mode;
            let (path, profile) = (self.path.display(), profile.name());
            let how = match (self.before.is_empty(), is_own) {
                (true, true) => format!("--env-file {path}"),
                (true, false) => format!("--env-file {}={path}", policy.mode),
                (false, true) => "--env-files".to_owned(),
                (false, false) => format!("--mode {} --env-files", policy.mode),
            };
            self.notes.push(format!("`seccfg check {profile} {how}` says what is wrong with the rest"));
        }
    }

    /// Whether it is there, or what the app reads before it says everything, and all stays as it is.
    pub(super) fn is_unchanged(&self) -> bool {
        (self.old.is_some() || !self.before.is_empty()) && self.change().is_none()
    }

    /// What there is to know about the file.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        let exposure = if self.is_example { Exposure::default() } else { input::exposure(&self.path) };
        let Exposure { readable, committable } = exposure;
        let path = self.path.display();
        let readable = readable.then(|| format!("others than its owner may read {path}: run `chmod 600` on it"));
        let committable = committable.then(|| format!("git would commit {path}: add it to .gitignore"));
        self.notes.iter().cloned().chain(readable).chain(committable)
    }
}

/// Where the file is that is written, and where those are that the app reads before it.
fn places(plan: &Plan<'_>, folder: &Path, is_beside: bool) -> Result<(PathBuf, Vec<PathBuf>), Failure> {
    let Some((name, before)) = env::file_names(plan.facts()) else {
        let why = "`targets.env.files` names Compose files alone, which are their owner's: name a `.env` file, too";
        return Err(Failure::Usage(why.to_owned()));
    };
    let name = Path::new(&name);
    Ok(if is_beside {
        (folder.join(name), before.iter().map(|name| folder.join(name)).collect())
    } else {
        (folder.join(name.file_name().unwrap_or(name.as_os_str())), Vec::new())
    })
}

/// The secrets that are placeholders in the last of the files that sets them, and that chance can make.
fn placeholders<'f>(plan: &Plan<'_>, told: &[Assignment], files: impl Iterator<Item = &'f Source>) -> BTreeSet<String> {
    let mut placeholders = BTreeSet::new();
    for file in files {
        for (one, values) in env::values(plan, told, &Document::parse(file)) {
            placeholders.remove(&one.name);
            if values.iter().all(|value| is_placeholder(value)) {
                placeholders.insert(one.name.clone());
            }
        }
    }
    placeholders
}

/// Why a file cannot be merged into: what is open would end within whatever is written behind it, and of what ends nobody
/// knows where, a part would be left behind.
fn unmerged(path: &Path, text: &str, refused: &dotenv::Refused) -> Checked {
    let source = Source::new(path, text);
    let document = Document::parse(&source);
    let quotes = document.problems().iter().filter(|problem| problem.kind == ProblemKind::UnbalancedQuote);
    let finding = |span, message: &str, help: &str| RND001.finding(Label::of_text(span, "here")).saying(message, help);
    let findings = match refused {
        dotenv::Refused::Endless(span) => vec![finding(
            *span,
            "readers differ in where this value ends, so that a part of it would stay behind the new one",
            "write the value on one line, without a backslash before a quote and without backticks; or take it away",
        )],
        dotenv::Refused::BadName
        | dotenv::Refused::Missing
        | dotenv::Refused::Taken
        | dotenv::Refused::UnbalancedQuote
        | dotenv::Refused::Unwritable(_) => {
            quotes.map(|problem| finding(problem.span, &problem.message, &problem.help)).collect()
        }
    };
    masked(source, findings)
}

/// Why no secret is made: one that is in use would lose its place.
fn superseding(source: Source, in_use: impl Iterator<Item = InUse>) -> Checked {
    let finding = |one: InUse| {
        let rule = match one.way {
            Way::Spelling => &RND001,
            Way::OtherName => &RND002,
            Way::Elsewhere => &SEC010,
        };
        rule.finding(Label::of_text(one.span, "in use")).saying(one.message, one.help)
    };
    masked(source, in_use.map(finding).collect())
}

/// What was found in a `.env` file, with nothing to be shown but the names in it.
fn masked(source: Source, findings: Vec<Finding>) -> Checked {
    let secrets = Environment::alone(&source, &[]).secrets().collect();
    Checked { secrets, ..Checked::unread(source, findings) }
}
