//! Debug mode, and the app's own documentation of its API.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::access::shown_by;
use super::reads::EDGES;
use super::rule::{Check, Findings, Severities, rules};
use super::runtimes::{self, Kind};
use super::sent::{KEY as CSP_KEY, SentCsp};
use super::words::and;
use crate::apps::{Ability, AppControl};
use crate::csp::{Csp, Expression, Host};
use crate::finding::Severity::{Error, Note, Warning};
use crate::plan::{Control, Facts, Heard};
use crate::profile::{AppKind, Mode, Name, Text, UrlPath};
use crate::source::Provenance;

/// Whether a path can be that of an OpenAPI document, which is JSON or YAML.
fn is_document(path: &UrlPath) -> bool {
    [".json", ".yaml", ".yml"].iter().any(|ending| path.as_str().ends_with(ending))
}

/// Whether one of the paths is this one, or has it below.
fn covers(paths: &[UrlPath], path: &UrlPath) -> bool {
    paths.iter().any(|known| {
        let below = |rest: &str| known.is_prefix() || rest.is_empty() || rest.starts_with('/');
        path.as_str().strip_prefix(known.as_str()).is_some_and(below)
    })
}

/// Whether the app takes a path of its documentation away without being told.
fn hides_by_itself(facts: &Facts<'_>, path: &UrlPath) -> bool {
    !facts.policy.app.debug && facts.app.docs.hidden_without_debug.contains(path)
}

/// Whether pages are shown that the pack knows. What stands in other places may be made by anything.
fn shows_known_pages(facts: &Facts<'_>) -> bool {
    let is_known = |path: &&UrlPath| !is_document(path) && facts.usual_docs().contains(path);
    facts.policy.api_docs.is_shown()
        && facts.docs_paths().iter().filter(is_known).any(|path| !hides_by_itself(facts, path))
}

/// Whether a policy lets in what an origin has. A source that names a folder there is taken to name the right one.
fn lets_in(csp: &Csp<'_>, name: &str, origin: &str) -> bool {
    let names_it = |source: Expression<'_>| {
        let (Expression::Host(host), Ok(wanted)) = (source, Expression::parse(origin)) else { return false };
        Expression::Host(Host { path: "", ..host }).covers(wanted)
    };
    csp.allows(name, origin) || csp.strictest(name).is_some_and(|directive| directive.sources().any(names_it))
}

/// Whether a policy runs the inline script that starts the pages: by `'unsafe-inline'`, or, as it may well be, by hash.
fn starts_pages(csp: &Csp<'_>) -> bool {
    csp.allows_inline("script-src-elem") || csp.lists_hashes("script-src-elem")
}

/// What stays open beside the documentation that the profile names as hidden, and whether that is sure.
fn open_paths(facts: &Facts<'_>) -> (Vec<UrlPath>, bool) {
    // The usual places count where none is written.
    let Some(hidden) = facts.policy.api_docs.paths.as_deref() else { return (Vec::new(), true) };
    let usual = facts.usual_docs();
    let is_unknown = facts.app.ability(AppControl::ApiDocs) == Ability::Unknown;
    if hidden.is_empty() && !is_unknown {
        // Such an app can be told to hide it, or the facts has a gap, of which DBG003 speaks.
        return (Vec::new(), true);
    }
    let stays_open = |path: &&UrlPath| !covers(hidden, path) && !hides_by_itself(facts, path);
    let open = usual.iter().filter(stays_open);
    if !is_unknown || hidden.is_empty() {
        return (open.cloned().collect(), true);
    }
    // What such an app serves is up to its author, who may have moved the document: only where nothing that is named could be
    // it, and its pages are in the usual places, it will be in its usual place, too; or beside them, where all were moved.
    if hidden.iter().any(|path| is_document(path) || path.is_prefix()) {
        return (Vec::new(), true);
    }
    if hidden.iter().any(|path| usual.contains(path)) {
        return (open.filter(|path| is_document(path)).cloned().collect(), true);
    }
    let known = &facts.app.docs.paths;
    let pages = known.iter().filter(|path| !is_document(path));
    let prefixes = pages.flat_map(|page| hidden.iter().filter_map(|path| path.as_str().strip_suffix(page.as_str())));
    // A pattern is no one place.
    let prefixes: BTreeSet<&str> = prefixes.filter(|prefix| !prefix.contains('*')).collect();
    // A framework that was told of one place keeps the others.
    let is_known = !matches!(facts.policy.app.kind, AppKind::Known("generic"));
    if prefixes.is_empty() && is_known {
        return (open.cloned().collect(), false);
    }
    let documents = || known.iter().filter(|path| is_document(path));
    let beside = |prefix: &&str| -> Vec<UrlPath> {
        documents().filter_map(|path| UrlPath::parse(&format!("{prefix}{path}")).ok()).collect()
    };
    (prefixes.iter().flat_map(beside).collect(), false)
}

/// Tells where the app's variable gives it another mode than the one that the file is for.
fn told_mode(facts: &Facts<'_>, out: &mut Findings<'_>) {
    let Some(environment) = facts.policy.environment() else { return };
    let rows = facts.app.variables.all().iter().filter_map(|(name, row)| Some((name, row, row.public()?)));
    for (name, row, (_, code)) in rows.filter(|(_, _, (field, _))| field.as_str() == "app.mode") {
        let Some(Heard { text, variable }) = facts.heard(name, row) else { continue };
        let (mode, app) = (facts.policy.mode, &facts.app.title);
        let Ok(meant) = code.decode(text) else { continue };
        let words: Vec<&str> = meant.iter().filter_map(Value::as_str).collect();
        if words.contains(&mode.as_str()) || words.is_empty() {
            continue;
        }
        let help = match code.encode(&mode.as_str().into()) {
            Ok(word) => format!("write `{name}={word}`"),
            Err(misfit) => format!("write {misfit} for `{name}`"),
        };
        let words = words.join(" or ");
        match variable {
            Some(variable) => out
                .at_variable(
                    variable,
                    "app.mode",
                    format!("{app} is told that this is {words}, and the file is for {mode}"),
                )
                .label(format!("{words} to {app}")),
            None => out
                .at_the_end(
                    environment,
                    "app.mode",
                    format!("{app} takes this for {words}, and the file is for {mode}"),
                )
                .label(format!("`{name}` is not set here, and {app} then takes `{text}`")),
        }
        .help(help);
    }
}

rules! {
    /// Debug is off.
    ///
    /// An app in debug answers an error with a traceback: source, settings, pieces of requests, at times a console that
    /// runs what is typed into it. Frameworks also show their documentation then and leave checks out. In staging it is
    /// a warning, because a rehearsal may need a look inside; what is rehearsed is then another program, though.
    ///
    /// Of an app with a pack, `--env-file` shows what it is really told. Of any other, variables are known by the names that
    /// frameworks give them: `FLASK_DEBUG`, `APP_DEBUG`, `NODE_ENV=development`. A name that many apps use for what they like,
    /// as `DEBUG`, is a warning, and an app pack of one's own that knows the variable silences it.
    ///
    /// A server for developers shows as much, or runs what a debugger tells it, and is made for one person at a time. Where a Compose
    /// file or a manifest starts one, it is told there: `uvicorn --reload`, `flask run`, `npm run dev`, `node --inspect`.
    ///
    /// Write: `app.debug = false`, or leave the key out; `app = { debug = true }` has its place under `[modes.dev]`. In the
    /// `.env` file, `DEBUG=false`, or `NODE_ENV=production`.
    DBG001 = "debug-on" {
        severity: Severities::prod(Error).and_staging(Warning),
        source: "Django security.W018; OWASP ASVS 5.0 13.4.2",
        keys: &["app.debug"],
        fix: Safe,
        check: Check::Mixed(|facts, out| {
            runtimes::tell(Kind::Debug, facts, out);
            if facts.policy.app.debug {
                out.at("app.debug", "debug is on")
                    .label("errors show source and settings to whoever causes them")
                    .help("set `app.debug = false`; `app = { debug = true }` has its place under `[modes.dev]`")
                    .set("app.debug", false);
            }
        }),
    }

    /// The API's documentation is hidden in production, its OpenAPI document included.
    ///
    /// The pages list every route, parameter and type, those for administrators too, and let anyone try them out. The
    /// pages are drawn from the OpenAPI document, so hiding `/docs` and `/redoc` alone hides nothing from a program:
    /// `/openapi.json` says it all, and scanners ask for it first. Where the app's pack knows what is served,
    /// `api_docs.paths` names all of it but what `app.debug = false` takes away. Where the app is one that seccfg does
    /// not know, the document alone is missed, and only if the pages are in FastAPI's places and no path could be the
    /// document's; an empty list misses everything that the key, left out, would have hidden. Those places are below
    /// `app.paths`, where such an app gets some paths alone: `/api/docs`. Where all pages stand below another prefix, the
    /// document is likely beside them, which is a warning. Where an app's pack names the places, and none of them is named here, they
    /// are likely still there, which is a warning, too: FastAPI moves one page with `docs_url`, and leaves the others.
    ///
    /// An API for the public has its documentation shown, and meant to be: `api_docs.public = true` says so, and is a note. An entry of
    /// `[access]` that names such a path, and lets every network in, shows it to everyone without saying so.
    ///
    /// Write: `api_docs.exposed = false`, and `api_docs.paths` with the pages and the document in it, or without the
    /// key where the app's pack knows the paths; `api_docs.public = true` in place of `exposed`, if it is for everyone.
    DBG002 = "api-docs-exposed" {
        severity: Severities::prod(Error),
        source: "FastCMS's production page; OWASP ASVS 5.0 13.4.5, \"unless explicitly intended\"",
        keys: &["api_docs.exposed", "api_docs.public", "api_docs.paths", "access.+.paths", "access.+.networks"],
        reads: &[&["app.debug", "app.paths"]],
        fix: Safe,
        check: Check::Policy(|facts, out| {
            let (open, is_sure) = open_paths(facts);
            if facts.policy.api_docs.public {
                out.at("api_docs.public", "the API's documentation is shown to everyone, as it is meant to be")
                    .at_most(Note)
                    .label("lists every route and parameter, those for administrators too")
                    .help("nothing, if all that it lists is for the public; else `api_docs.public = false`");
            } else if facts.policy.api_docs.exposed {
                out.at("api_docs.exposed", "the API's documentation is open to everyone in production")
                    .label("lists every route and parameter")
                    .help("set `api_docs.exposed = false`; or `api_docs.public = true` in its place, if it is meant for everyone")
                    .set("api_docs.exposed", false);
            } else if !open.is_empty() {
                let names: Vec<String> = open.iter().map(|path| format!("`{path}`")).collect();
                let (what, is) = match &open[..] {
                    [path] if is_document(path) => ("its document ", "is"),
                    [_] => ("", "is"),
                    _ => ("", "are"),
                };
                let is = match (is_sure, is) {
                    (true, is) => is,
                    (false, "is") => "likely is",
                    (false, _) => "likely are",
                };
                let message = format!("the API's documentation is hidden, and {what}{} {is} not", and(&names));
                let label = if open.iter().any(is_document) {
                    "the document says all that the pages show"
                } else {
                    "what is not named here stays open"
                };
                let names: Vec<String> = open.iter().map(|path| format!("\"{path}\"")).collect();
                let draft = out.at("api_docs.paths", message);
                draft.label(label).help(format!("add {} to `api_docs.paths`", and(&names)));
                if !is_sure {
                    draft.at_most(Warning);
                }
                for path in &open {
                    draft.add("api_docs.paths", path.as_str());
                }
            }
            let mut shown: BTreeMap<&Name, Vec<String>> = BTreeMap::new();
            for path in facts.docs_paths().iter().filter(|_| !facts.policy.api_docs.is_shown()) {
                if let Some(entry) = shown_by(facts, path) {
                    shown.entry(entry).or_default().push(format!("`{path}`"));
                }
            }
            for (name, paths) in shown {
                out.at(("access", name.as_str(), "networks"), format!("`access.{name}` shows {} to everyone", and(&paths)))
                    .label("every client on the internet")
                    .also("api_docs.exposed", "the documentation is said to be hidden")
                    .help("list the networks that are meant; or write `api_docs.public = true`, if the API is for everyone");
            }
        }),
    }

    /// Documentation that an app cannot hide is blocked in front of it.
    ///
    /// InstaCRUD serves its documentation whatever its settings, and FastCMS takes the pages away and leaves the
    /// document. The proxy then answers their paths with 404. Where the edge cannot do that, or knows no path, what the
    /// profile asks for does not happen, and the plan has a gap.
    ///
    /// Write: `api_docs.paths` with every path, or no such key where the app's pack knows them; and an edge that can
    /// block a path, such as `[targets.nginx]`.
    DBG003 = "api-docs-not-blocked" {
        severity: Severities::prod(Error),
        source: "the packs of InstaCRUD and FastCMS",
        keys: &["api_docs.exposed", "api_docs.paths"],
        reads: &[EDGES, &["app.debug", "api_docs.public"]],
        fix: None,
        check: Check::Plan(|plan, out| {
            // Of a gateway that is not named, K8S006 speaks.
            let gap = plan.gaps().find(|(entry, _)| entry.control == Control::ApiDocs && entry.unnamed().is_none());
            let Some((entry, reasons)) = gap else { return };
            let (key, help) = match (plan.facts().docs_paths().is_empty(), plan.app.docs.paths.is_empty()) {
                (false, _) => (
                    entry.control.key(),
                    "compile for an edge that can answer a path with 404, such as `[targets.nginx]`",
                ),
                (true, true) => (
                    "api_docs.paths".into(),
                    "name the paths of the documentation and of the OpenAPI document in `api_docs.paths`",
                ),
                (true, false) => ("api_docs.paths".into(), "leave `api_docs.paths` out: the app's pack knows them"),
            };
            out.at(key, format!("no layer hides the API's documentation of {}", plan.app.title))
                .label(reasons)
                .help(help);
        }),
    }

    /// Mode and debug agree: debug is for dev, and what switches it on there does not reach production.
    ///
    /// An app in debug is another program: errors are answered with tracebacks in place of its own words, documentation
    /// comes up, checks stay out. Tests that ran against that program say little about the one that goes live, so
    /// Django's test runner switches debug off whatever the settings say, and mode `test` should, too.
    ///
    /// Mode and debug are also two settings in the apps, `ENVIRONMENT` and `DEBUG`, and one does not follow the other:
    /// `debug = true` under `[app]` counts for every mode that does not take it back, so a profile that was written for
    /// dev goes live with it on the day on which `[modes.prod]` is used. DBG001 speaks when staging or prod is checked;
    /// this rule already speaks while everyone looks at dev.
    ///
    /// With `--env-file` the app's own variable is read, too: an InstaCRUD with `MODE=test` in production has neither
    /// rate limits nor HSTS of its own, whatever the profile says. Where the variable is not set, the default of the
    /// app's code counts.
    ///
    /// Write: `app = { debug = true }` under `[modes.dev]`, and nothing under `[app]`; or `app = { debug = false }`
    /// under `[modes.test]` and `[modes.prod]`.
    DBG004 = "debug-beyond-dev" {
        severity: Severities::all(Error),
        source: "derived: FastCMS's ENVIRONMENT and DEBUG; Django's DiscoverRunner, which forces DEBUG = False",
        keys: &["app.debug", "app.mode"],
        fix: Safe,
        check: Check::Mixed(|facts, out| {
            let policy = facts.policy;
            told_mode(facts, out);
            if !policy.app.debug {
                return;
            }
            let inherited = policy.place(&"app.debug".into()).provenance == Provenance::Base;
            let own = policy.app.mode == Mode::Prod;
            let has_prod = own || policy.modes.declared().contains(&Mode::Prod);
            match policy.mode {
                Mode::Test => {
                    out.at("app.debug", "debug is on in test")
                        .label("the tests run another program than the one that goes live")
                        .help("write `app = { debug = false }` under `[modes.test]`")
                        .set("app.debug", false);
                }
                Mode::Dev | Mode::Staging if inherited && has_prod && !policy.is_written("modes.prod.app.debug") => {
                    let (key, text) = if own {
                        ("app.mode", "prod is the profile's own mode")
                    } else {
                        ("modes.prod", "does not take it back")
                    };
                    let draft = out.at("app.debug", "debug is on, and prod inherits it");
                    draft
                        .label("counts for every mode")
                        .also(key, text)
                        .help(
                            "write `app = { debug = true }` under `[modes.dev]` instead, \
                             or `app = { debug = false }` under `[modes.prod]`",
                        );
                    // In prod's own profile, what mends DBG001 there mends this, too.
                    if !own {
                        draft.set_in(Mode::Prod, "app.debug", false);
                    }
                }
                // Of themselves, DBG001 speaks.
                Mode::Dev | Mode::Staging | Mode::Prod => {}
            }
        }),
    }

    /// Documentation that is shown works under the CSP.
    ///
    /// FastAPI's pages are a few lines that load Swagger UI or Redoc from a CDN, and an inline script that starts it. A
    /// policy that lets in only what is the app's own leaves them blank, without a message but in the console. What
    /// people then do is to loosen the policy for every page, in every mode.
    ///
    /// The rule knows the pages in their usual places, and what they load from the app's pack. In production DBG002 asks
    /// whether they are to be seen at all; this rule says that nobody sees them.
    ///
    /// Write: `api_docs.exposed = false`; or, under `[modes.dev]`, `headers = { content_security_policy = "…" }` with
    /// `https://cdn.jsdelivr.net` in `script-src` and `style-src`, and the script's hash or `'unsafe-inline'` in
    /// `script-src`. An app can also serve these files itself, which FastAPI describes under "Custom Docs UI Static
    /// Assets".
    DBG005 = "csp-blocks-the-docs" {
        severity: Severities::all(Warning),
        source: "derived: what FastAPI's pages load, `fastapi.openapi.docs`",
        keys: &[
            "api_docs.exposed",
            "api_docs.public",
            "api_docs.paths",
            "app.debug",
            "headers.content_security_policy",
            "headers.csp_report_only",
        ],
        fix: None,
        check: Check::Policy(|facts, out| {
            const LISTS: [&str; 2] = ["script-src", "style-src"];
            let load_from = &facts.app.docs.load_from;
            if load_from.is_empty() || !shows_known_pages(facts) {
                return;
            }
            // Of lists that browsers misread, HDR009 speaks.
            let is_read = |sent: &&SentCsp<'_>| !LISTS.iter().any(|name| sent.is_misread(name));
            let Some(sent) = out.enforced_csp().filter(is_read) else { return };
            let is_blocked = |origin: &String| LISTS.iter().any(|name| !lets_in(&sent.csp, name, origin));
            let origins = load_from.iter().map(ToString::to_string).filter(is_blocked);
            let mut blocked: Vec<String> = origins.map(|origin| format!("`{origin}`")).collect();
            if !starts_pages(&sent.csp) {
                blocked.push("their inline script".to_owned());
            }
            if blocked.is_empty() {
                return;
            }
            let whose = sent.app.map_or_else(String::new, |app| format!(" that {app} sends"));
            out.at("api_docs.exposed", "the API's documentation is shown, and its pages stay blank")
                .label(format!("the Content-Security-Policy{whose} blocks {}", and(&blocked)))
                .also(CSP_KEY, "counts for these pages, too")
                .help(format!(
                    "set `api_docs.exposed = false`, or give this mode a policy that lets in {}",
                    and(&blocked)
                ));
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Options, check};
    use crate::source::Source;

    #[test]
    fn blank_pages_are_told_of_whoever_accepts_them() {
        let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\n[api_docs]\nexposed = true\n\
                       [headers]\ncontent_security_policy = \"default-src 'self'\"\n";
        let accepted = "[[waivers]]\nrule = \"DBG002\"\nreason = \"the API is for everyone\"\nexpires = 2027-06-30\n";
        for (waiver, expected) in [("", &["DBG002", "DBG005"][..]), (accepted, &["DBG005"])] {
            let options = Options { today: "2026-11-21".parse().ok(), ..Options::default() };
            let found = check(Source::new("security.toml", format!("{profile}{waiver}")), &options).findings;
            let told: Vec<&str> =
                found.iter().map(|finding| finding.code).filter(|code| code.starts_with("DBG")).collect();
            assert_eq!(told, expected);
        }
    }
}
