//! The test of the Content-Security-Policy.
//!
//! It asks for words in lists, as Observatory does, and not what a browser lets in: `https:` among the styles is held
//! against a policy, `https://*.com` among the scripts is not.

mod read;

use super::{Answer, Graded, Outcome};
use read::{Directives, Reading, read};

/// Sources that let in every site.
const BROAD: [&str; 8] = ["ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"];

/// Sources that let in what stands in the page itself.
const INLINE: [&str; 2] = ["'unsafe-inline'", "data:"];

/// What counts only in a header.
const HEADER_ONLY: [&str; 3] = ["frame-ancestors", "report-uri", "sandbox"];

const STRICT_DYNAMIC: &str = "'strict-dynamic'";
const UNSAFE_INLINE: &str = "'unsafe-inline'";

/// What the policies of a page come to.
pub(super) struct Judged {
    /// The test's end.
    pub(super) graded: Graded,
    /// Whether they say who may frame the page.
    pub(super) limits_frames: bool,
}

/// Judges the policies of an answer: those of its header, and those of the page's markup.
pub(super) fn judge(answer: &Answer, by_https: bool, markup: &[String]) -> Judged {
    let alone = |graded: Graded| Judged { graded, limits_frames: false };
    let header = answer.header("Content-Security-Policy");
    let header: Vec<&str> = header.as_deref().into_iter().collect();
    let markup: Vec<&str> = markup.iter().map(String::as_str).collect();
    let Reading { mut directives, repeats_reports } = match read(&[header.clone(), markup.clone()].concat()) {
        Ok(reading) => reading,
        Err(reason) => return alone(Graded { outcome: Outcome::CspInvalid, because: Some(reason) }),
    };
    let counts = |policies: &[&str], all: bool| {
        let read = read(policies).unwrap_or_default();
        // That a policy repeats where reports go counts, even where reports do not.
        read.repeats_reports || read.directives.keys().any(|name| all || !HEADER_ONLY.contains(&name.as_str()))
    };
    if !counts(&header, true) && !counts(&markup, false) {
        let reports = answer.header("Content-Security-Policy-Report-Only").is_some_and(|value| !value.is_empty());
        return alone(if reports { Outcome::CspReportOnly } else { Outcome::CspAbsent }.into());
    }
    let limits_frames = directives.contains_key("frame-ancestors");
    let problem = problems(&mut directives, by_https).into_iter().next();
    let graded = problem.unwrap_or_else(|| {
        let alone = directives.get("default-src").is_some_and(|sources| sources.as_slice() == ["'none'"]);
        if alone { Outcome::CspDefaultNone } else { Outcome::CspSafe }.into()
    });
    let passes = matches!(
        graded.outcome,
        Outcome::CspDefaultNone | Outcome::CspSafe | Outcome::CspUnsafeStyles | Outcome::CspHttpImages
    );
    let graded = if passes && repeats_reports { Outcome::CspRepeatedReports.into() } else { graded };
    Judged { graded, limits_frames }
}

/// What is wrong with the policies of an answer, the worst first: all of it, where the test tells one.
pub(super) fn all_problems(answer: &Answer, by_https: bool, markup: &[String]) -> Vec<Graded> {
    let header = answer.header("Content-Security-Policy");
    let policies: Vec<&str> = header.as_deref().into_iter().chain(markup.iter().map(String::as_str)).collect();
    read(&policies).map_or_else(|_| Vec::new(), |mut reading| problems(&mut reading.directives, by_https))
}

/// The directive that a kind of resource is limited by, where one does.
fn in_effect<'n>(directives: &Directives, name: &'n str) -> Option<&'n str> {
    [name, "default-src"].into_iter().find(|name| directives.contains_key(*name))
}

/// Takes sources out that others overrule, and tells what is wrong, the worst first.
fn problems(directives: &mut Directives, by_https: bool) -> Vec<Graded> {
    let mut problems = Vec::new();
    let mut tell = |outcome, because: String| problems.push(Graded { outcome, because: Some(because) });
    let scripts = in_effect(directives, "script-src");
    let styles = in_effect(directives, "style-src");
    let objects = in_effect(directives, "object-src");

    // One list may serve several kinds: what is taken out of `default-src` for scripts is gone for styles, too.
    for name in [scripts, styles].into_iter().flatten() {
        retain(directives, name, |sources, source| source != UNSAFE_INLINE || !has_nonce_or_hash(sources));
    }
    if let Some(name) = scripts.filter(|name| directives[*name].iter().any(|source| source == STRICT_DYNAMIC)) {
        if has_nonce_or_hash(&directives[name]) {
            retain(directives, name, |_, source| {
                let overruled = BROAD.iter().any(|broad| source.starts_with(broad)) || source == "'self'";
                !overruled && source != UNSAFE_INLINE
            });
        } else {
            tell(Outcome::CspInvalid, format!("`{STRICT_DYNAMIC}` stands in `{name}` without a nonce or a hash"));
        }
    }

    let everything = vec!["*".to_owned()];
    let list = |name: Option<&str>| name.map_or(&everything, |name| &directives[name]);
    let lets_in = |name: Option<&str>, kind: &str, source: &str| match name {
        Some(name) => format!("`{name}` has `{source}`"),
        None => format!("nothing limits `{kind}`"),
    };
    let open = list(scripts).iter().find(|source| is_in(&BROAD, source) || is_in(&INLINE, source));
    let open = open.map(|source| lets_in(scripts, "script-src", source));
    let open_objects = || list(objects).iter().find(|source| is_in(&BROAD, source));
    if let Some(because) = open.or_else(|| open_objects().map(|source| lets_in(objects, "object-src", source))) {
        tell(Outcome::CspUnsafeInline, because);
    }

    let by_http = |source: &&String| by_https && (source.starts_with("http:") || source.starts_with("ftp:"));
    let active = directives.iter().filter(|(name, _)| !matches!(name.as_str(), "img-src" | "media-src"));
    let plain = active.flat_map(|(name, sources)| sources.iter().filter(by_http).map(move |source| (name, source)));
    if let Some((name, source)) = plain.into_iter().next() {
        tell(Outcome::CspHttp, format!("`{name}` has `{source}`"));
    }

    let evaluates = |name: Option<&str>| list(name).iter().any(|source| source == "'unsafe-eval'");
    if let Some(name) = [scripts, styles].into_iter().flatten().find(|name| evaluates(Some(name))) {
        tell(Outcome::CspUnsafeEval, format!("`{name}` has `'unsafe-eval'`"));
    }

    for name in ["img-src", "media-src"].into_iter().filter_map(|name| in_effect(directives, name)) {
        if let Some(source) = directives[name].iter().find(by_http) {
            tell(Outcome::CspHttpImages, format!("`{name}` has `{source}`"));
            break;
        }
    }

    let free = list(styles).iter().find(|source| is_in(&BROAD, source) || is_in(&INLINE, source));
    if let Some(source) = free {
        tell(Outcome::CspUnsafeStyles, lets_in(styles, "style-src", source));
    }
    problems
}

fn is_in(list: &[&str], source: &str) -> bool {
    list.contains(&source)
}

fn has_nonce_or_hash(sources: &[String]) -> bool {
    let starts = ["'sha256-", "'sha384-", "'sha512-", "'nonce-"];
    sources.iter().any(|source| starts.iter().any(|start| source.starts_with(start)))
}

/// Keeps the sources of a directive that a question about all of them and one of them answers with yes.
fn retain(directives: &mut Directives, name: &str, keep: impl Fn(&[String], &str) -> bool) {
    if let Some(sources) = directives.get_mut(name) {
        let all = sources.clone();
        sources.retain(|source| keep(&all, source));
    }
}
