use std::io::ErrorKind;
use std::path::PathBuf;

use super::words::word;
use super::{Failure, Outcome, Terminal, check, complain, plan, print};
use crate::check::{Modes, Opened, Options};
use crate::profile::{AppKind, Mode};
use crate::report::Counts;
use crate::source::Source;
use crate::{files, init, input};

#[derive(clap::Args)]
pub struct Args {
    /// The app: instacrud, fastcms, crudauth, generic, or an app pack's path as seen from the profile.
    #[arg(long, value_name = "APP", default_value = "generic", value_parser = word::<AppKind>(), hide_possible_values = true)]
    app: AppKind,
    /// The `.env` file that the app reads today.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Where to write the profile.
    #[arg(long, value_name = "FILE", default_value = input::PROFILE)]
    out: PathBuf,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut options = Options { modes: Modes::Own, packs: input::packs(), ..Options::default() };
    let starter = Source::new(&args.out, init::starter(&args.app));
    let mut text = starter.text.clone();
    let mut told = String::new();
    // A pack that cannot be read is told before anything is written.
    let opened = Opened::read(&starter, &[], &options.packs);
    let policy = opened.policy(Mode::Prod).filter(|_| opened.is_sound());
    let plans = policy.as_ref().map(|policy| opened.plans(policy, &[])).unwrap_or_default();
    let Some(plan) = plans.first() else {
        let outcome = plan::broken(&crate::check::check(starter.clone(), &options), terminal);
        complain("nothing was written: name another --app, or mend this one\n");
        return Ok(outcome);
    };
    if let Some(path) = &args.from {
        let file = match input::env_file(None, path)? {
            Ok(file) => file,
            Err(broken) => return Ok(plan::broken(&broken, terminal)),
        };
        let begun = init::fill(&starter.text, plan, &file.source);
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
        told = left_out.map(line).chain(nameless).chain(for_dev).collect();
        text = begun.text;
        options.env_files = vec![file];
    }
    files::create(&args.out, &text).map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::Usage(format!("{} is there already: name another place with --out", args.out.display()))
        }
        _ => error.into(),
    })?;
    print(&format!("wrote {}\n{told}", args.out.display()))?;
    let written = Source::new(&args.out, text);
    let examples = init::placeholders(&written).join(", ");
    let checked = [crate::check::check(written, &options)];
    print(&format!("\n{}", terminal.human(false).render(&checked)))?;
    if !examples.is_empty() {
        print(&format!("\nstill examples, to be replaced by what is yours: {examples}\n"))?;
    }
    Ok(check::outcome(Counts::of(&checked), false))
}
