//! The Content-Security-Policy that browsers get: what the rules ask of it, and how it is mended.

use super::super::draft::Draft;
use super::super::sent::{self, KEY, NAME, SentCsp};
use super::senders::Sender;
use super::sent::STARTER;
use crate::csp::{Csp, Problem, Reach};
use crate::finding::Severity::{Note, Warning};
use crate::plan::{Facts, OwnPages};
use crate::profile::{FrameOptions, OwnHeader, Text};
use crate::rules::rule::Findings;
use crate::rules::words::and;

const REPORTS_KEY: &str = "headers.csp_report_only";
const REPORTS: &str = "headers.csp_report_only = false";
const OPTIONS: &str = "headers.frame_options";

/// X-Frame-Options: as the profile has it, else as the app sends it anyway.
fn frame_options(facts: &Facts<'_>) -> Option<FrameOptions> {
    let sent = || {
        FrameOptions::parse(&facts.app.sends("X-Frame-Options", facts.policy.mode)?.as_str().to_ascii_uppercase()).ok()
    };
    facts.policy.headers.frame_options.filter(|_| !sent::is_own(facts, OwnHeader::FrameOptions)).or_else(sent)
}

/// The X-Frame-Options that says the same as a `frame-ancestors`, where one does.
const fn counterpart(framing: Reach) -> Option<FrameOptions> {
    match framing {
        Reach::Nothing => Some(FrameOptions::Deny),
        Reach::SameOrigin => Some(FrameOptions::SameOrigin),
        Reach::Listed | Reach::Everything => None,
    }
}

/// The sources of the `frame-ancestors` that says the same as an X-Frame-Options.
const fn ancestors(options: FrameOptions) -> &'static str {
    match options {
        FrameOptions::Deny => "'none'",
        FrameOptions::SameOrigin => "'self'",
    }
}

/// HDR001.
pub fn is_enforced(facts: &Facts<'_>, out: &mut Findings<'_>) {
    let site = Sender::site(facts);
    let is_told = site.shows_pages && tell_of_the_site(&site, facts, out);
    for sender in Sender::services(facts).filter(|sender| sender.shows_pages) {
        tell_of_a_service(&sender, is_told, facts, out);
    }
}

/// Whether there was something to tell.
fn tell_of_the_site(site: &Sender<'_>, facts: &Facts<'_>, out: &mut Findings<'_>) -> bool {
    // The app's own counts only where the profile writes none: the proxy drops it otherwise, also for one that only
    // reports.
    if site.leaves(OwnHeader::ContentSecurityPolicy) {
        return false;
    }
    let own = facts.app.sends(NAME, facts.policy.mode).is_some();
    if site.headers.content_security_policy.is_none() {
        if own {
            return false;
        }
        begin(site, frame_options(facts), out);
    } else if site.headers.csp_report_only {
        let draft = only_reports(site, out);
        if own {
            let app = &facts.app.title;
            draft.also(KEY, format!("takes the place of the one that {app} sends")).help(format!(
                "set `{REPORTS}` once the reports are clean, or leave the policy out, so that what {app} sends is enforced"
            ));
        } else {
            draft.also(KEY, "not enforced");
        }
    } else {
        return false;
    }
    true
}

/// What the app sends by itself is not sent with what others answer. What is told of the site holds for those that write
/// nothing of their own.
fn tell_of_a_service(sender: &Sender<'_>, is_told: bool, facts: &Facts<'_>, out: &mut Findings<'_>) {
    let writes = |key: &str| sender.writes(key, facts);
    if sender.leaves(OwnHeader::ContentSecurityPolicy) || (is_told && !writes(KEY) && !writes(REPORTS_KEY)) {
        return;
    }
    if sender.headers.content_security_policy.is_none() {
        let draft = begin(sender, sender.headers.frame_options, out);
        if !sender.is_folder {
            let left = sender.key("headers.from_app");
            draft
                .at_most(Warning)
                .help(format!("write `{}`, or `{left} = [\"{NAME}\"]` if it sends one", sender.key(KEY)));
        }
    } else if sender.headers.csp_report_only {
        only_reports(sender, out).also(sender.key(KEY), "not enforced");
    }
}

fn begin<'o>(sender: &Sender<'_>, options: Option<FrameOptions>, out: &'o mut Findings<'_>) -> &'o mut Draft {
    let key = sender.key(KEY);
    let framing = ancestors(options.unwrap_or(FrameOptions::Deny));
    let starter = Csp::parse(STARTER).with_directive("frame-ancestors", framing);
    out.at(key.clone(), format!("no {NAME} is sent{}", sender.with()))
        .label("browsers run whatever script gets into a page")
        .help(format!("begin with `{key} = \"{starter}\"`"))
        .titled("begin with a policy for any app")
        .set(key, starter)
}

fn only_reports<'o>(sender: &Sender<'_>, out: &'o mut Findings<'_>) -> &'o mut Draft {
    let key = sender.key(REPORTS_KEY);
    out.at(key.clone(), format!("the {NAME} only reports, and blocks nothing"))
        .label("browsers run what the policy forbids")
        .help(format!("set `{key} = false` once the reports are clean"))
        .set(key, false)
}

/// HDR002.
pub fn closes_object_and_base(_: &Facts<'_>, out: &mut Findings<'_>) {
    const WHAT: [(&str, &str); 2] = [
        ("object-src", "an injected `<object>` is loaded"),
        ("base-uri", "an injected `<base>` moves every relative address"),
    ];
    for sent in out.csps {
        let is_open = |name: &str| sent.csp.reach(name) > Reach::Nothing && !sent.is_misread(name);
        let open: Vec<(&str, &str)> = WHAT.into_iter().filter(|(name, _)| is_open(name)).collect();
        if open.is_empty() {
            continue;
        }
        let names: Vec<String> = open.iter().map(|(name, _)| format!("`{name}`")).collect();
        let closed: Vec<String> = open.iter().map(|(name, _)| format!("`{name} 'none'`")).collect();
        let harm: Vec<String> = open.iter().map(|(_, harm)| (*harm).to_owned()).collect();
        let message = format!("the Content-Security-Policy does not say `'none'` for {}", and(&names));
        let draft = sent.tell(out, message, and(&harm), format!("write {}", and(&closed)));
        if sent.app.is_none() {
            let close = |text: String, (name, _): &(&str, &str)| Csp::parse(&text).with_directive(name, "'none'");
            draft
                .titled(format!("write {} in the policy", and(&closed)))
                .set(sent.key(), open.iter().fold(sent.text.to_owned(), close));
        }
    }
}

/// HDR003.
pub fn limits_scripts(facts: &Facts<'_>, out: &mut Findings<'_>) {
    out.csps.iter().for_each(|sent| limits_scripts_in(sent, facts, out));
}

fn limits_scripts_in(sent: &SentCsp<'_>, facts: &Facts<'_>, out: &mut Findings<'_>) {
    const HELP: &str = "list in `script-src` where scripts come from, such as `'self'`; let inline ones in by hash, do \
                        without `eval`, and list `blob:` in `worker-src` if workers need it";
    /// Of their addresses, a page makes the content itself.
    const MADE_HERE: [&str; 3] = ["data:", "blob:", "filesystem:"];
    let csp = &sent.csp;
    let made_here: Vec<&str> = MADE_HERE.into_iter().filter(|scheme| csp.allows("script-src", scheme)).collect();
    let every_site = csp.allows("script-src", "https:");
    let open = [
        (csp.allows_inline("script-src"), "inline scripts"),
        (csp.allows_eval(), "scripts made from strings"),
        (every_site, "scripts of every site"),
        (!every_site && csp.allows_strangers("script-src"), "scripts of sites that anyone can have"),
    ];
    let nothing_open = open.iter().all(|(is_open, _)| !is_open) && made_here.is_empty();
    if nothing_open || sent.is_misread("script-src") || sent.is_misread("script-src-elem") {
        return;
    }
    let mut open: Vec<String> =
        open.iter().filter(|(is_open, _)| *is_open).map(|(_, what)| (*what).to_owned()).collect();
    open.extend(made_here.iter().map(|scheme| format!("scripts in `{scheme}` addresses")));
    let label = if csp.strictest("script-src").is_none() {
        "neither `script-src` nor `default-src` is there"
    } else {
        "whoever gets markup into a page gets a script to run"
    };
    let message = format!("the Content-Security-Policy lets in {}", and(&open));
    let needs_inline = |pages: &OwnPages<'_>| Csp::parse(&pages.known.needs).allows_inline("script-src");
    let pages = facts.pages_under(sent.service).into_iter().find(needs_inline);
    let help = pages.map_or_else(
        || HELP.to_owned(),
        |pages| {
            let (whose, why) = (&pages.whose, &pages.known.why);
            let accept = "accept that with a reason under `[[waivers]]`, and no more";
            match pages.apart().filter(|_| sent.service.is_none()) {
                Some(paths) => format!(
                    "{whose} needs inline scripts at {paths} alone ({why}): give these paths a policy of their own, in a service \
                     under `[services]` with the app's upstream, and {accept}"
                ),
                None => format!("{whose} needs inline scripts ({why}): {accept}"),
            }
        },
    );
    sent.tell(out, message, label.to_owned(), help);
}

/// HDR004.
pub fn agrees_on_framing(facts: &Facts<'_>, out: &mut Findings<'_>) {
    // Of one that only reports HDR001 speaks: it forbids nothing that X-Frame-Options would have to agree with.
    let site = out.enforced_csp();
    if let Some(sent) = site {
        let options = frame_options(facts);
        let is_written = facts.policy.headers.frame_options.is_some();
        tell_of_framing(&Framing { sender: &Sender::site(facts), sent, options, is_written }, facts, out);
    }
    // What a service writes for itself takes the site's place, and with it what that says of frames.
    let csps = out.csps;
    for sender in Sender::services(facts).filter(|sender| !sender.headers.csp_report_only) {
        let is_own = |key: &str| sender.writes(key, facts);
        let own = csps.iter().find(|sent| sent.service.is_some() && sent.service == sender.service);
        // The app's own policy is not sent with what others answer.
        let sites = site.filter(|sent| sent.app.is_none() && is_own(OPTIONS));
        let Some(sent) = own.or(sites) else { continue };
        let options = sender.headers.frame_options.filter(|_| !sender.leaves(OwnHeader::FrameOptions));
        let framing = Framing { sender: &sender, sent, options, is_written: is_own(OPTIONS) };
        tell_of_framing(&framing, facts, out);
    }
}

/// What one says of frames, in two headers.
struct Framing<'a, 'p> {
    sender: &'a Sender<'p>,
    sent: &'a SentCsp<'p>,
    options: Option<FrameOptions>,
    /// Whether it writes its X-Frame-Options itself.
    is_written: bool,
}

fn tell_of_framing(framing: &Framing<'_, '_>, facts: &Facts<'_>, out: &mut Findings<'_>) {
    let Framing { sender, sent, options, is_written } = *framing;
    let is_service = sender.service.is_some();
    let what = if is_service { "the service's pages" } else { "the app" };
    // All policies have to be met, so the strictest decides.
    let strictest = sent.csp.strictest("frame-ancestors");
    let agrees = |reach: Reach| {
        let wanted = counterpart(reach);
        // What an app sends by itself can be replaced by something that says the same as the CSP, not by nothing; and no
        // service can take back what the site says.
        let is_same = |options| wanted == Some(options) || (wanted.is_none() && !is_written);
        reach != Reach::Everything && options.is_none_or(is_same)
    };
    // Mistakes are looked for only where there is something to tell.
    if strictest.is_some_and(|directive| agrees(directive.reach())) || sent.is_misread("frame-ancestors") {
        return;
    }
    let Some(directive) = strictest else {
        // Of the site's policy that is told at the site.
        if is_service && sent.service.is_none() {
            return;
        }
        let help = if is_service {
            "add `frame-ancestors 'none'`, or the origins that have to frame it"
        } else {
            "add `frame-ancestors 'none'`, or `frame-ancestors 'self'` if the app frames itself"
        };
        let draft = sent.tell(
            out,
            format!("the Content-Security-Policy does not say who may frame {what}"),
            "no `frame-ancestors`, and `default-src` does not stand in for it".to_owned(),
            help.to_owned(),
        );
        // Without X-Frame-Options nobody has decided who may; for a service, the site has.
        if let (Some(options), None, false) = (options, sent.app, is_service) {
            let ancestors = ancestors(options);
            draft
                .titled(format!("add `frame-ancestors {ancestors}` to the policy"))
                .set(KEY, sent.csp.with_directive("frame-ancestors", ancestors));
        }
        return;
    };
    let reach = directive.reach();
    if reach == Reach::Everything {
        if is_service && sent.service.is_none() {
            return;
        }
        out.at(sent.key(), format!("the Content-Security-Policy lets everyone frame {what}"))
            .label(format!("`{directive}`"))
            .help("write `frame-ancestors 'none'`, or list the origins that have to frame it");
        return;
    }
    let (Some(options), wanted) = (options, counterpart(reach)) else { return };
    let label = if is_written {
        "older browsers read this alone".to_owned()
    } else if is_service {
        format!("the site says {options}, and older browsers read this alone")
    } else {
        format!("{} sends {options}", facts.app.title)
    };
    let key = sender.key(OPTIONS);
    let message = format!("X-Frame-Options is {options}, and the CSP says `{directive}`");
    let draft = out.at(key.clone(), message);
    draft.label(label).also(sent.key(), "newer browsers read this alone");
    match wanted {
        Some(wanted) => draft.help(format!("set `{key} = \"{wanted}\"`, or change `frame-ancestors`")),
        None => draft.help(format!("leave `{key}` out, which cannot name origins, or change `frame-ancestors`")),
    };
    // Where the CSP is the looser of the two, which one is meant is a decision.
    if let Some(stricter @ FrameOptions::Deny) = wanted {
        draft.set(key, stricter.as_str());
    }
}

/// HDR009.
pub fn parses(_: &Facts<'_>, out: &mut Findings<'_>) {
    for sent in out.csps {
        for problem in &sent.problems {
            let message = format!("the Content-Security-Policy has a mistake: {problem}");
            let draft = sent.tell(out, message, "browsers read on without a word".to_owned(), correction(problem));
            // What browsers no longer obey takes nothing from the rest.
            if let Problem::ObsoleteDirective { .. } = problem {
                draft.at_most(Note);
            }
        }
    }
}

fn correction(problem: &Problem<'_>) -> String {
    match problem {
        Problem::Empty => format!("write directives, to begin with \"{STARTER}\""),
        Problem::NotAscii { .. } => "write ASCII alone, and names beyond it as their `xn--` form".to_owned(),
        Problem::UnknownDirective { meant: Some(meant), .. } | Problem::UnknownWord { meant: Some(meant), .. } => {
            format!("write `{meant}`")
        }
        Problem::UnknownDirective { name, meant: None } | Problem::ObsoleteDirective { name, .. } => {
            format!("take `{name}` out")
        }
        Problem::Duplicate { name } => format!("write one `{name}` with all of its sources"),
        Problem::UnexpectedValue { name, .. } => format!("write `{name}` alone"),
        Problem::MissingSemicolon { name, .. } => format!("write a semicolon before `{name}`"),
        Problem::NoneBesideOthers { directive } => {
            format!("take `'none'` out of `{directive}`, or all the other sources")
        }
        Problem::Unquoted { word, .. } => format!("write `'{word}'`"),
        Problem::UnknownKeyword { meant: Some(meant), .. } => format!("write `'{meant}'`"),
        Problem::UnknownWord { directive, word, meant: None } => format!("take `{word}` out of `{directive}`"),
        Problem::UnknownKeyword { directive, word, meant: None } | Problem::NoSource { directive, word, .. } => {
            format!(
                "take `{word}` out of `{directive}`, or write a source, such as `'self'` or `https://cdn.example.com`"
            )
        }
    }
}
