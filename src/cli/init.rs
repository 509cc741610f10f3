use std::io::{BufRead, ErrorKind, IsTerminal};
use std::path::{Path, PathBuf};

use super::env_files::{join, read_all};
use super::words::{out_path, told, word};
use super::{Failure, Outcome, Terminal, broken, check, complain, print};
use crate::check::{Checked, Modes, Opened, Options};
use crate::init::ServiceKind;
use crate::profile::vocabulary::prose;
use crate::profile::{AppKind, Mode, Text};
use crate::report::Counts;
use crate::source::Source;
use crate::{files, init, input};

#[derive(clap::Args)]
pub struct Args {
    /// The app: instacrud, fastcms, crudauth, generic, or an app pack's path as seen from the profile.
    #[arg(long, value_name = "APP", default_value = "generic", value_parser = word::<AppKind>(), hide_possible_values = true)]
    app: AppKind,
    /// What kind of service it is, for an app of which nothing is known: accounts, api, static, sso, passkeys, hobby or
    /// webhook. Without it, a terminal is asked, and everywhere else it is accounts.
    #[arg(long, value_name = "KIND", value_parser = word::<ServiceKind>(), hide_possible_values = true)]
    kind: Option<ServiceKind>,
    /// The `.env` file that the app reads today, or the Compose file that starts it (`compose.yaml#web` to say which service is
    /// the app). May be repeated: of a variable that several set, the last counts.
    #[arg(long, value_name = "FILE")]
    from: Vec<PathBuf>,
    /// Where to write the profile.
    #[arg(long, value_name = "FILE", default_value = input::PROFILE, value_parser = out_path())]
    out: PathBuf,
}

/// What kind of service it is: as said, or as somebody at the terminal answers.
fn kind(args: &Args) -> Result<ServiceKind, Failure> {
    let is_known = init::is_known(&args.app);
    if let Some(kind) = args.kind {
        if is_known {
            let message =
                format!("--kind is for an app of which nothing is known, and {} has a starter of its own", args.app);
            return Err(Failure::Usage(message));
        }
        return Ok(kind);
    }
    let somebody_is_there = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if is_known || !args.from.is_empty() || !somebody_is_there {
        return Ok(ServiceKind::Accounts);
    }
    let lines = ServiceKind::WORDS.iter().enumerate();
    let lines = lines.map(|(index, word)| format!("  {}  {:9} {}\n", index + 1, word.word, prose(word.doc)));
    complain(&format!(
        "What kind of service is it?\n{}Number or word, enter for the first: ",
        lines.collect::<String>()
    ));
    let mut line = String::new();
    // Whoever ends the input has chosen nothing, and gets what everyone got before.
    std::io::stdin().lock().read_line(&mut line).map_err(|error| Failure::Usage(format!("no answer: {error}")))?;
    answered(&line).map_err(Failure::Usage)
}

/// The kind that an answer names, by its number or its word; the first where it names none.
fn answered(line: &str) -> Result<ServiceKind, String> {
    let line = line.trim();
    if line.is_empty() {
        return Ok(ServiceKind::Accounts);
    }
    let by_number = line.parse::<usize>().ok().and_then(|number| ServiceKind::ALL.get(number.checked_sub(1)?));
    by_number.copied().map_or_else(|| ServiceKind::parse(line).map_err(|refusal| told(&refusal)), Ok)
}

/// That the folder is there in which the profile is to be written: one that is made unasked is mostly a slip.
fn has_folder(out: &Path) -> Result<(), Failure> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = || format!("{}: there is no folder {}", out.display(), folder.display());
    if folder.is_dir() { Ok(()) } else { Err(Failure::Usage(format!("{}: make it, or name another --out", place()))) }
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    has_folder(&args.out)?;
    let mut options = Options { modes: Modes::Own, packs: input::packs(), ..Options::default() };
    let mut starter = Source::new(&args.out, init::starter(&args.app, kind(args)?));
    let mut told = String::new();
    if let AppKind::File(_) = &args.app
        && let Some(app) = Opened::read(&starter, &[], &options.packs).app()
    {
        starter = Source::new(&args.out, init::fitted(&starter.text, app));
    }
    for path in &args.from {
        match read_all(None, path, args.from.iter())? {
            Ok(files) => join(&mut options.env_files, files),
            Err(checked) => return Ok(broken(&checked, terminal)),
        }
    }
    let mut text = starter.text.clone();
    // A pack that cannot be read is told before anything is written.
    let opened = Opened::read(&starter, &options.env_files, &options.packs);
    let policy = opened.policy(Mode::Prod).filter(|_| opened.is_sound());
    let plans = policy.as_ref().map(|policy| opened.plans(policy, &[])).unwrap_or_default();
    let Some(plan) = plans.first() else {
        // The profile was not written, so that its lines would tell the user nothing.
        if let Some(pack) = opened.broken_pack() {
            broken(&pack, terminal);
        } else {
            for refused in opened.refusals() {
                complain(&format!("seccfg: --app {}: {}\n  help: {}\n", args.app, refused.message, refused.help));
            }
        }
        complain("nothing was written: name another --app, or mend this one\n");
        return Ok(Outcome::Found);
    };
    if let Some(environment) = plan.policy.environment() {
        let begun = init::fill(&starter.text, plan, environment);
        let left_out = begun.left_out.iter();
        let line =
            |(why, names): (&String, &Vec<String>)| format!("not in the profile: {} ({why})\n", names.join(", "));
        let nameless = match begun.nameless {
            0 => None,
            1 => Some("not in the profile: a line that is no name\n".to_owned()),
            count => Some(format!("not in the profile: {count} lines that are no names\n")),
        };
        let for_dev = (!begun.for_dev.is_empty()).then(|| {
            let names = begun.for_dev.join(", ");
            format!("under `[modes.dev]`: {names} (right on a developer's machine, and no value for production)\n")
        });
        let is_unknown = matches!(args.app, AppKind::Known("generic")) && !begun.left_out.is_empty();
        let pack = is_unknown.then(|| {
            "what your app reads can be said once, in an app pack (docs/app-packs.md): `init --app your-pack.toml` takes it then\n"
                .to_owned()
        });
        let upstream = begun.upstream.as_ref().map(|upstream| format!("{upstream}\n"));
        let target = begun.target.as_ref().map(|target| format!("{target}\n"));
        told = upstream
            .into_iter()
            .chain(target)
            .chain(left_out.map(line))
            .chain(nameless)
            .chain(for_dev)
            .chain(pack)
            .collect();
        text = begun.text;
    }
    files::create(&args.out, &text).map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::Usage(format!("{} is there already: name another place with --out", args.out.display()))
        }
        _ => error.into(),
    })?;
    // What stands in a file that nobody named is not in the profile.
    let beside = args.out.with_file_name(".env");
    let unread = if args.from.is_empty() && beside.is_file() {
        let file = beside.display();
        format!("not looked at: {file}; `init --from {file}` begins with what it says\n")
    } else {
        String::new()
    };
    print(&format!("wrote {}\n{told}{unread}", args.out.display()))?;
    let written = Source::new(&args.out, text);
    let examples = init::placeholders(&written).join(", ");
    // What is still the starter's is told below.
    let checked = [Checked { is_begun: false, ..crate::check::check(written, &options) }];
    print(&format!("\n{}", terminal.human(false).render(&checked)))?;
    if !examples.is_empty() {
        print(&format!("\nstill examples, to be replaced by what is yours: {examples}\n"))?;
    }
    Ok(check::outcome(Counts::of(&checked), false))
}

#[cfg(test)]
mod tests {
    use super::{ServiceKind, answered};

    #[test]
    fn an_answer_is_a_number_or_a_word() {
        for (line, kind) in [
            ("\n", "accounts"),
            ("", "accounts"),
            ("2\n", "api"),
            (" webhook ", "webhook"),
            ("7", "webhook"),
            ("1", "accounts"),
        ] {
            assert_eq!(answered(line).map(ServiceKind::as_str), Ok(kind), "{line:?}");
        }
        for line in ["0", "8", "-1", "apis"] {
            assert!(answered(line).is_err(), "{line:?}");
        }
    }
}
