use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::check::{Checked, EnvFile, Modes, Options, check};
use crate::dotenv::{Document, ProblemKind};
use crate::files::Change;
use crate::finding::Label;
use crate::plan::Plan;
use crate::policy::{Environment, Exposure, Policy};
use crate::report::redact;
use crate::rules::variables::RND001;
use crate::source::Source;
use crate::targets::Error;
use crate::targets::env::{self, Origin};
use crate::{input, random};

/// As many random bytes as a key of HMAC with SHA-256 needs (RFC 7518 §3.2).
const KEY_BYTES: usize = 32;

/// What only the app's `.env` file is asked.
#[derive(clap::Args)]
pub struct EnvOptions {
    /// With --target env: make a file to be committed, in which secrets are named and left empty.
    #[arg(long)]
    pub(super) example: bool,
    /// With --target env: make the secrets that are missing and that chance can make, into the file alone.
    #[arg(long, conflicts_with_all = ["example", "stdout", "check", "diff"])]
    pub(super) generate_secrets: bool,
}

/// The app's `.env` file, and what is to become of it.
pub(super) struct EnvTarget {
    path: PathBuf,
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
    /// Merges what the app is told into the file that is there; or the finding that it cannot be merged into.
    pub(super) fn merge(
        options: &EnvOptions,
        plans: &[Plan<'_>],
        folder: &Path,
    ) -> Result<Result<Self, Checked>, Failure> {
        let Some(plan @ Plan { policy, app, .. }) = plans.first() else {
            return Err(Failure::Usage("the profile has no plan".to_owned()));
        };
        let is_example = options.example;
        let path = folder.join(if is_example { env::example_name(policy) } else { env::file_name(policy) });
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
        let text = old.as_deref().unwrap_or_default();
        let told = env::assignments(plans)?;
        if is_example {
            return Ok(match env::example(plan, &told, text) {
                Ok(new) => Ok(Self { path, old, new, is_example, public: BTreeSet::new(), notes: Vec::new() }),
                Err(_) => Err(open_quote(&path, text)),
            });
        }
        let mut missing = env::missing(app, &told, text);
        let mut made = BTreeMap::new();
        if options.generate_secrets {
            for (one, _) in missing.extract_if(.., |(_, origin)| **origin == Origin::Made) {
                made.insert(one.name.as_str(), random::hex(KEY_BYTES).map_err(Failure::Usage)?);
            }
        }
        let Ok(new) = env::merge(app, &told, text, &made) else { return Ok(Err(open_quote(&path, text))) };
        let named = told.iter().map(|one| (one.name.as_str(), String::new())).collect();
        let public = env::merge(app, &told, "", &named).unwrap_or_default().lines().map(str::to_owned).collect();
        let mut notes: Vec<String> = made.keys().map(|name| format!("made a value for {name}")).collect();
        notes.extend(missing.into_iter().map(|(one, origin)| {
            let or_made = if *origin == Origin::Made { ", or run again with --generate-secrets" } else { "" };
            format!("missing: {} ({}): write {}{or_made}", one.name, one.key, origin.in_words())
        }));
        if app.variables.all().is_empty() {
            notes.push(format!(
                "{} is not known to seccfg: only the secrets that the profile refers to are looked after",
                app.title
            ));
        }
        Ok(Ok(Self { path, old, new, is_example, public, notes }))
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
        if self.is_example {
            return text.to_owned();
        }
        let masked = redact::env_file(&Source::new(&self.path, text));
        let lines = text.split_inclusive('\n').zip(masked.split_inclusive('\n'));
        lines.map(|(line, masked)| if self.public.contains(line.trim_end()) { line } else { masked }).collect()
    }

    /// Notes what no rendering mends: lines that readers differ on, and values that are not the profile's to say. `options`
    /// are those that the profile was judged by.
    pub(super) fn judge(&mut self, profile: &Source, policy: &Policy<'_>, options: &Options) {
        let only = ["RND001", "RND002", "SEC003"].map(str::to_owned).to_vec();
        let source = Source::new(&self.path, &*self.new);
        let file = EnvFile { mode: Some(policy.mode), source, exposure: Exposure::default() };
        let modes = Modes::One(policy.mode);
        let options = Options { modes, only, env_files: vec![file], ..options.clone() };
        let is_wrong = check(profile.clone(), &options).findings.iter().any(|finding| finding.place.source == 1);
        if is_wrong && !self.is_example {
            let mode = if policy.mode == policy.app.mode { String::new() } else { format!("{}=", policy.mode) };
            let (path, profile) = (self.path.display(), profile.name());
            self.notes
                .push(format!("`seccfg check {profile} --env-file {mode}{path}` says what is wrong with the rest"));
        }
    }

    /// Whether it is there, and stays as it is.
    pub(super) fn is_unchanged(&self) -> bool {
        self.old.is_some() && self.change().is_none()
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

/// What is open would end within whatever is written behind it.
fn open_quote(path: &Path, text: &str) -> Checked {
    let source = Source::new(path, text);
    let document = Document::parse(&source);
    let quotes = document.problems().iter().filter(|problem| problem.kind == ProblemKind::UnbalancedQuote);
    let findings = quotes
        .map(|problem| RND001.finding(Label::of_text(problem.span, "here")).saying(&*problem.message, &*problem.help));
    let findings = findings.collect();
    let secrets = Environment::alone(&source).secrets().collect();
    Checked { secrets, ..Checked::unread(source, findings) }
}
