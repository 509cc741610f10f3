//! `seccfg rotate`: the next step of replacing a key, in the app's `.env` file and in the profile.

use std::path::{Path, PathBuf};

use super::env_files::read_there;
use super::words::word;
use super::{Failure, Outcome, Terminal, broken, complain, date, one, print};
use crate::check::{Modes, Opened, Options};
use crate::compose;
use crate::files::{self, Change};
use crate::profile::{Date, Mode};
use crate::rotate::{self, Refused, Rotation, Step};
use crate::source::{Source, apply};
use crate::{input, random};

#[derive(clap::Args)]
pub struct Args {
    /// The secret, as its table in the profile is named: `secret_key` for `[secrets.secret_key]`.
    #[arg(value_name = "NAME")]
    name: String,
    /// The profile, or its folder.
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// The app's `.env` file [default: .env beside the profile; .env.MODE for another mode than the profile's own].
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// In this mode instead of the profile's own: dev, test, staging or prod.
    #[arg(long, value_name = "MODE", value_parser = word::<Mode>(), hide_possible_values = true)]
    mode: Option<Mode>,
    /// Replace the key of an app that accepts one key at a time: everyone has to sign in again.
    #[arg(long)]
    sign_everyone_out: bool,
    /// Write nothing; say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// The day that counts as today (UTC).
    #[arg(long, value_name = "DATE", value_parser = date)]
    today: Option<Date>,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let path = one(args.path.as_deref())?;
    if path == Path::new("-") {
        return Err(Failure::Usage("a profile from standard input cannot be changed: name its file".to_owned()));
    }
    let source = match input::read(&path)? {
        Ok(source) => source,
        Err(checked) => return Ok(broken(&checked, terminal)),
    };
    let packs = input::packs();
    let opened = Opened::read(&source, &[], &packs);
    let modes = args.mode.map_or(Modes::Own, Modes::One);
    let mode = opened.modes(modes).first().copied().filter(|_| opened.is_sound());
    let Some(policy) = mode.and_then(|mode| opened.policy(mode)) else {
        let options = Options { modes, packs, to_render: true, ..Options::default() };
        return Ok(broken(&crate::check::check(source.clone(), &options), terminal));
    };
    let Some(facts) = opened.facts(&policy) else {
        return Err(Failure::Usage("the profile has no app pack".to_owned()));
    };
    // A name that does not exist is a wrong argument, as everywhere: nothing could be run.
    let secret = rotate::secret(&facts, &args.name).map_err(|reason| Failure::Usage(reason.to_string()))?;
    if policy.targets.kubernetes.is_some() && args.env_file.is_none() {
        return Ok(refused(&[in_a_cluster(&args.name)]));
    }
    let rotation = match Rotation::of(&facts, secret) {
        Ok(rotation) => rotation,
        Err(reasons) => return Ok(refused(&reasons)),
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let file_path = if let Some(path) = &args.env_file {
        path.clone()
    } else {
        let paths: Vec<PathBuf> = facts.env_files().iter().map(|name| folder.join(name)).collect();
        let files = match read_there(&paths)? {
            Ok(files) => files,
            Err(checked) => return Ok(broken(&checked, terminal)),
        };
        match rotate::holder(&rotation, &files) {
            Ok(Some(holder)) => holder.path.clone(),
            // Where none has it, that is told of the one that counts.
            Ok(None) => paths.last().cloned().unwrap_or_default(),
            Err(reason) => return Ok(refused(&[reason])),
        }
    };
    if compose::is_one(&file_path) {
        let message = format!(
            "{}: a rotation writes the new key, and a Compose file is yours alone: keep the key in a `.env` file that its \
             `env_file:` names",
            file_path.display()
        );
        return Err(Failure::Usage(message));
    }
    let file = match input::env_file(mode, &file_path)? {
        Ok(file) => file.source,
        Err(checked) => return Ok(broken(&checked, terminal)),
    };
    let later = match read_there(&rotation.counting_after(&file.path))? {
        Ok(later) => later,
        Err(checked) => return Ok(broken(&checked, terminal)),
    };
    if let Some(reason) = rotation.outranked(&file, &later) {
        return Ok(refused(&[reason]));
    }
    let today = args.today.unwrap_or_else(Date::today);
    let new_key = random::hex(rotation.bytes()).map_err(Failure::Usage)?;
    let step = rotation.next(&file, today, args.sign_everyone_out);
    let written = |step| rotation.file(step, &file.text, &new_key).map_err(|reason| vec![reason]);
    let planned = step.and_then(|step| Ok((step, written(step)?)));
    let (step, text) = match planned {
        Ok(planned) => planned,
        Err(reasons) => return Ok(refused(&reasons)),
    };
    let profile =
        rotation.profile(step, today).iter().try_fold(source.text.clone(), |text, change| apply(&text, change));
    let Some(profile) = profile else {
        let help = format!("write `rotated_at` of `[secrets.{}]` and its `previous` on lines of their own", args.name);
        return Ok(refused(&[Refused { why: "the profile's text cannot be changed there".to_owned(), help }]));
    };
    let told = Told { args, rotation: &rotation, file: &file, profile: &source, today };
    let copies = match step {
        Step::Replace | Step::ReplaceAlone => rotation.copies(&file),
        Step::Record | Step::Retire | Step::Forget => Vec::new(),
    };
    let copies = if copies.is_empty() {
        String::new()
    } else {
        let (name, copies) = (rotation.current(), copies.join(", "));
        format!("not replaced: {copies}. It holds the key that was in `{name}`, too: give it one of its own\n")
    };
    if args.dry_run {
        print(&format!("would {}{copies}", told.done(step, "")))?;
        return Ok(Outcome::Clean);
    }
    // The app's file first. Should the run end between the two, the file holds both keys, and the next run brings the
    // profile up to it.
    let mut changes = [(file_path, file.text.clone(), text, true), (path, source.text.clone(), profile, false)];
    if rotation.is_profile_first(step, &file) {
        changes.reverse();
    }
    let changes = changes.into_iter().filter(|(_, old, new, _)| old != new);
    files::write(changes.map(|(path, old, new, private)| Change { path, old: Some(old), new, private }).collect())?;
    print(&told.done(step, "d"))?;
    print(&(copies + &told.next(step)))?;
    Ok(Outcome::Clean)
}

/// What a step is told with.
struct Told<'a> {
    args: &'a Args,
    rotation: &'a Rotation<'a>,
    file: &'a Source,
    profile: &'a Source,
    today: Date,
}

impl Told<'_> {
    /// What a step does, or did: `past` is the end of a regular verb's past.
    fn done(&self, step: Step, past: &str) -> String {
        let (file, profile, name) = (self.file.name(), self.profile.name(), &self.args.name);
        let (current, previous) = (self.rotation.current(), self.rotation.previous().unwrap_or_default());
        match step {
            Step::Replace => format!(
                "replace{past} {name}: a new key in `{current}` of {file}, the one before it in `{previous}`; {profile} says so\n"
            ),
            Step::ReplaceAlone => format!(
                "replace{past} {name}: a new key in `{current}` of {file}, the one before it is gone; {profile} has the day\n"
            ),
            Step::Record => format!(
                "complete{past} a rotation that was interrupted: {file} holds both keys, and {profile} says so\n"
            ),
            Step::Retire => format!("remove{past} `{previous}` from {file}, and `previous` of {name} from {profile}\n"),
            Step::Forget => {
                format!("remove{past} `previous` of {name} from {profile}: {file} has no `{previous}` any more\n")
            }
        }
    }

    /// What a person does next.
    fn next(&self, step: Step) -> String {
        let again = format!("seccfg rotate {}", self.args.name);
        match step {
            Step::Replace | Step::Record => {
                let until = self.rotation.end(self.today).map(|end| end.to_string()).unwrap_or_default();
                format!(
                    "next: deploy both keys now. The old one has to stay until {until}, when the last token that it signed has \
                     ended; after that day, run `{again}` again\n"
                )
            }
            Step::ReplaceAlone => "next: deploy the new key; everyone has to sign in again\n".to_owned(),
            Step::Retire => "next: deploy; the rotation is complete\n".to_owned(),
            Step::Forget => {
                let (made, due) = self.rotation.days();
                let made = made.map(|made| format!(", which was made on {made}")).unwrap_or_default();
                let due = due.map(|due| format!("; it is to be replaced by {due}")).unwrap_or_default();
                format!(
                    "no key was changed: the app accepts the current one alone{made}{due}. To make a new one now, run `{again}` \
                     again\n"
                )
            }
        }
    }
}

/// A cluster's secrets are not in a file of this machine.
fn in_a_cluster(name: &str) -> Refused {
    Refused {
        why: "the profile's target is Kubernetes, whose secrets are kept in the cluster or in a store behind it"
            .to_owned(),
        help: format!(
            "1. make a key: `openssl rand -hex 32`; 2. where the cluster's Secret comes from, move the current value to the \
             previous key's entry and write the new one; 3. restart the Deployment; 4. set `previous` and `rotated_at` of \
             `[secrets.{name}]`; 5. remove the previous key when its longest token has ended. For a `.env` file, name it with \
             --env-file"
        ),
    }
}

/// Says why nothing was done: all that stands in the way.
fn refused(reasons: &[Refused]) -> Outcome {
    let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    complain(&format!("{}\nnothing was changed\n", reasons.join("\n")));
    Outcome::Found
}
