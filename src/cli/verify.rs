//! `seccfg verify`: whether the running site does what the profile says.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use super::check::outcome;
use super::format::{Program, ReportFormat};
use super::network::Network;
use super::words::{out_path, word};
use super::{Failure, Outcome, Terminal, broken, complain, one, print, width};
use crate::check::{Checked, Modes, Opened, Options, check};
use crate::files::{self, Change};
use crate::input;
use crate::plan::Target;
use crate::profile::{HeaderName, HeaderValue, Mode, Text, UrlPath};
use crate::report::Counts;
use crate::report::json::Report;
use crate::report::seen;
use crate::verify::seen::Seen;
use crate::verify::{Asked, Site, verify};

#[derive(clap::Args)]
pub struct Args {
    /// The site, such as `https://shop.example.com` [default: app.url].
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// The profile, or a folder that holds one. Without it, the security.toml of this folder or of one above it.
    #[arg(long, value_name = "PATH")]
    profile: Option<PathBuf>,
    /// In this mode instead of the profile's own: dev, test, staging or prod.
    #[arg(long, value_name = "MODE", value_parser = word::<Mode>(), hide_possible_values = true)]
    mode: Option<Mode>,
    /// Behind this target instead of the first that the profile declares: nginx, caddy or kubernetes.
    #[arg(long, value_name = "TARGET", value_parser = word::<Target>(), hide_possible_values = true)]
    target: Option<Target>,
    /// Also use up rate limits with a wrong password, with made-up addresses too, and send a body that is too large. Only at
    /// a host of the profile.
    #[arg(long)]
    active: bool,
    #[command(flatten)]
    network: Network,
    /// Send this header to the site, once its certificate has shown that it is the site: `Name: value`. May be repeated. Its
    /// value is never shown.
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// Send this cookie, likewise: `name=value`. May be repeated.
    #[arg(long = "cookie", value_name = "COOKIE")]
    cookies: Vec<String>,
    /// Look at this path, too, as the app names it: one that sets a cookie, for example. May be repeated.
    #[arg(long = "path", value_name = "PATH", value_parser = word::<UrlPath>(), hide_possible_values = true)]
    paths: Vec<UrlPath>,
    /// How to tell it. JSON is that of `check`, and beside it what was seen.
    #[arg(long, default_value = "auto")]
    format: ReportFormat,
    /// Exit with 1 on warnings, too.
    #[arg(long)]
    deny_warnings: bool,
    /// Write what was seen to this file, as `report --seen` takes it. A file that holds something else is never replaced.
    #[arg(long, value_name = "FILE", value_parser = out_path())]
    out: Option<PathBuf>,
}

/// All that a run may cost beside the limits that it uses up.
const CONNECTIONS: usize = 200;
/// The most that limits may cost.
const ACTIVE: usize = 2_000;

pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let path = one(args.profile.as_deref())?;
    let source = match input::read(&path)? {
        Ok(source) => source,
        Err(checked) => return Ok(broken(&checked, terminal)),
    };
    let modes = args.mode.map_or(Modes::Own, Modes::One);
    let packs = input::packs();
    let opened = Opened::read(&source, &[], &packs);
    let mode = opened.modes(modes).first().copied().filter(|_| opened.is_sound());
    let Some(policy) = mode.and_then(|mode| opened.policy(mode)) else {
        let options = Options { modes, packs, to_render: true, ..Options::default() };
        return Ok(broken(&check(source.clone(), &options), terminal));
    };
    let plans = opened.plans(&policy, args.target.as_slice());
    let Some(plan) = plans.first() else { return Ok(Outcome::Clean) };
    let site = Site::new(plan, args.url.as_deref()).map_err(Failure::Usage)?;
    let asked = Asked {
        active: args.active,
        headers: headers(args)?,
        paths: args.paths.iter().map(ToString::to_string).collect(),
        authorities: if site.https { Some(args.network.authorities()?) } else { None },
        now: jiff::Timestamp::now().as_second(),
    };
    let settings = args.network.settings(if args.active { CONNECTIONS + ACTIVE } else { CONNECTIONS });
    // The same in each run, so that a finding is known again.
    let unknown = format!("seccfg-verify-{}", policy.fingerprint());
    let shows = io::stderr().is_terminal();
    let tell = |what: &str| {
        if shows {
            complain(&format!("\r\x1b[Klooking at {what} …"));
        }
    };
    let verified = verify(plan, site, &asked, settings, unknown, tell);
    if shows {
        complain("\r\x1b[K");
    }
    let verified = verified.map_err(|error| Failure::Usage(error.to_string()))?;
    let seen = verified.seen;
    let findings = verified.findings;
    let judged = Checked { judged: true, own: Some(policy.mode), ..Checked::unread(source.clone(), findings) };
    let checked = [judged];
    if let Some(out) = &args.out {
        write(out, &seen)?;
    }
    match args.format.for_programs() {
        None => print(&(seen::human(&seen, width(false)) + "\n" + &terminal.human(false).render(&checked)))?,
        Some(Program::Json) => print(&seen::json(&seen, &checked))?,
        Some(format) => format.tell(&Report::new(&checked), args.deny_warnings)?,
    }
    Ok(outcome(Counts::of(&checked), args.deny_warnings))
}

/// The header lines for the site. What is wrong with one is told without its value.
fn headers(args: &Args) -> Result<Vec<(String, String)>, Failure> {
    let mut headers = Vec::new();
    for line in &args.headers {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let (name, value) = (HeaderName::parse(name.trim()), HeaderValue::parse(value.trim()));
        let (Ok(name), Ok(value)) = (name, value) else {
            let why = "a --header is no header: write `Name: value`, one line of visible ASCII";
            return Err(Failure::Usage(why.to_owned()));
        };
        let own = ["host", "connection", "content-length", "transfer-encoding", "expect", "user-agent"];
        if own.contains(&name.as_str().to_ascii_lowercase().as_str()) {
            return Err(Failure::Usage(format!("a --header names {name}, which every request has already")));
        }
        headers.push((name.to_string(), value.to_string()));
    }
    if !args.cookies.is_empty() {
        let is_cookie = |cookie: &String| cookie.contains('=') && !cookie.contains(';');
        let line = args.cookies.join("; ");
        let line = HeaderValue::parse(&line).ok().filter(|_| args.cookies.iter().all(is_cookie)).ok_or_else(|| {
            Failure::Usage("a --cookie is no cookie: write `name=value`, of visible ASCII and without `;`".to_owned())
        })?;
        headers.push(("Cookie".to_owned(), line.to_string()));
    }
    Ok(headers)
}

/// Reads what was seen by an earlier run.
pub(super) fn read(path: &Path) -> Result<Seen, Failure> {
    let text = String::from_utf8(input::own_bytes(path)?);
    let text = text.map_err(|_| Failure::Usage(format!("{} is not UTF-8", path.display())))?;
    Seen::read(&text).map_err(|why| Failure::Usage(format!("{} {why}", path.display())))
}

/// Writes what was seen, over what was seen before.
fn write(path: &Path, seen: &Seen) -> Result<(), Failure> {
    let new = serde_json::to_string_pretty(seen).expect("what was seen is text and numbers") + "\n";
    let old = match input::own_bytes(path) {
        Ok(old) => Some(String::from_utf8_lossy(&old).into_owned()),
        Err(error) if error.is_missing() => None,
        Err(error) => return Err(error.into()),
    };
    if old.as_ref().is_some_and(|old| !old.trim().is_empty() && serde_json::from_str::<Seen>(old).is_err()) {
        let why = "holds something other than what was seen before, and is not replaced: name another file with --out";
        return Err(Failure::Usage(format!("{} {why}", path.display())));
    }
    Ok(files::write(vec![Change { path: path.to_owned(), old, new, private: false }])?)
}
