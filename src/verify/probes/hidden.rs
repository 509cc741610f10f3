//! Paths that nobody gets, however they are spelled.

use super::super::client::{BROWSER, Body, Question};
use super::super::inquiry::Inquiry;
use super::super::outcome::{Outcome, told};
use super::super::wire::Answer;
use crate::plan::Paths;
use crate::profile::UrlPath;
use crate::rules::Rule;

/// So many spellings are asked for in all.
const MOST: usize = 18;
/// Of these, so many are spellings that are asked of each of several paths, beside one of each kind: a run has sixty connections.
const SPARE: usize = 3;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, paths: &Paths<'_>, rule: &'static Rule, key: &'static str) -> Outcome {
    if paths.list.is_empty() {
        return Outcome::unseen("no path is named for it");
    }
    let mut outcome = Outcome::default();
    let looked = look(inquiry, paths, &mut outcome);
    if !looked.shown.is_empty() {
        let shown: Vec<&str> = looked.shown.iter().map(String::as_str).collect();
        outcome.breach(rule, key, format!("{} is shown to everyone who asks", told(&shown)));
    }
    outcome.see(format!("hidden under {} spellings", looked.hidden));
    outcome
}

/// The API's documentation, which may also be shown to what is sent there: what may change something is sent with `--active`
/// alone. The first path is looked at at each address of the site.
pub(super) fn docs(inquiry: &mut Inquiry<'_>, paths: &Paths<'_>, rule: &'static Rule, key: &'static str) -> Outcome {
    let mut outcome = probe(inquiry, paths, rule, key);
    let Some(first) = paths.list.first().filter(|_| outcome.breaches.is_empty()) else { return outcome };
    let host = inquiry.site.host.clone();
    let (target, nowhere) = (inquiry.below(first), inquiry.nowhere());
    if inquiry.asked.active {
        let [question, of_nothing] = [&target, &nowhere].map(|target| {
            let body = Body::Text("application/json", "{}".to_owned());
            Question { method: "POST", body, ..inquiry.get(&host, target) }
        });
        let is_good = |answer: &Answer| (200..300).contains(&answer.status);
        // Whoever answers a path that is not there in the same way shows nothing by that.
        if inquiry.ask(&question).is_ok_and(|answer| is_good(&answer))
            && inquiry.ask(&of_nothing).is_ok_and(|answer| !is_good(&answer))
        {
            outcome.breach(rule, key, format!("{target} is shown to everyone who asks by POST"));
        }
    }
    for address in inquiry.answering() {
        let question = Question { headers: Vec::new(), ..inquiry.get(&host, &target) };
        if let (Ok(answer), _) = inquiry.at(address, |client| client.ask(&question))
            && is_shown(&answer, &target, inquiry)
        {
            outcome.breach_once(rule, key, format!("{target} is shown to everyone who asks at {address}"));
        }
    }
    outcome
}

/// What became of some paths that are not for this client.
pub(super) struct Looked {
    /// The targets that were answered as if they were.
    pub shown: Vec<String>,
    /// How many were not.
    pub hidden: usize,
}

/// Asks for paths in all their spellings.
pub(super) fn look(inquiry: &mut Inquiry<'_>, paths: &Paths<'_>, outcome: &mut Outcome) -> Looked {
    let host = inquiry.site.host.clone();
    let spelled: Vec<Vec<String>> = paths.list.iter().map(|path| spellings(path, &inquiry.unknown)).collect();
    let targets: Vec<String> = chosen(&spelled).into_iter().map(|path| inquiry.site.target(path)).collect();
    let mut looked = Looked { shown: Vec::new(), hidden: 0 };
    for target in targets {
        let question = inquiry.get(&host, &target);
        match inquiry.ask_or_recall(&question) {
            Ok(answer) if is_shown(&answer, &target, inquiry) && is_no_page_for_all(inquiry, &answer) => {
                looked.shown.push(target);
            }
            // Such an answer is the program's behind the proxy: another day it may be the page.
            Ok(answer) if matches!(answer.status, 300..=399 | 401 | 402 | 500..) => {
                outcome.miss(&format!("{target} is answered with {}, so that a program was asked", answer.status));
            }
            Ok(_) => looked.hidden += 1,
            Err(trouble) if trouble.is_refusal() => looked.hidden += 1,
            Err(trouble) => outcome.miss(&format!("{target}: {trouble}")),
        }
    }
    looked
}

/// What is asked for: each path in the likeliest spellings, as many as there is room for, and every other spelling of one
/// path, of each in turn, because whoever hides several paths hides them by the same means.
fn chosen(spelled: &[Vec<String>]) -> Vec<&str> {
    let kinds = spelled.iter().map(Vec::len).max().unwrap_or_default();
    // Each kind that is asked for of all costs as many spellings more as there are further paths.
    let of_all = match spelled.len() {
        0 | 1 => kinds,
        several => (SPARE / (several - 1)).max(1),
    };
    let all = (0..of_all).flat_map(|kind| spelled.iter().filter_map(move |path| path.get(kind)));
    let one = (of_all..kinds).filter_map(|kind| spelled[kind % spelled.len()].get(kind));
    all.chain(one).take(MOST).map(String::as_str).collect()
}

/// The ways in which a path can be written that some server or framework takes for it, the path itself first.
/// Of a path that means what is below it alone, that is something below.
pub(super) fn spellings(path: &UrlPath, unknown: &str) -> Vec<String> {
    let any = |segment| if segment == "*" { "1" } else { segment };
    let mut segments: Vec<&str> = path.as_str().split('/').map(any).collect();
    if let Some(last) = segments.last_mut().filter(|last| last.is_empty()) {
        *last = unknown;
    }
    let path = segments.join("/");
    let mut letters = path.chars();
    let (_, first) = (letters.next(), letters.next());
    let rest = letters.as_str();
    let encoded = first.filter(char::is_ascii).map(|first| format!("/%{:02x}{rest}", u32::from(first)));
    let mut all = vec![path.clone(), format!("{path}/"), format!("/{path}"), path.to_ascii_uppercase()];
    all.extend(encoded);
    all.extend([
        format!("{path};a"),
        format!("/seccfg/..{path}"),
        format!("/.{path}"),
        format!("{path}%2f"),
        format!("/seccfg%2f..{path}"),
        format!("/seccfg;x/..{path}"),
        format!("/;a{path}"),
        format!("/%5c{}", path.trim_start_matches('/')),
        format!("{path}%0a"),
    ]);
    all
}

/// Whether an answer is no page that browsers get for every path. The first path of documentation is asked for as a browser does,
/// and some sites answer one with the same page wherever it asks: so a path that is not there is asked for in that way, too.
fn is_no_page_for_all(inquiry: &mut Inquiry<'_>, answer: &Answer) -> bool {
    let (host, nowhere) = (inquiry.site.host.clone(), inquiry.nowhere());
    let question = inquiry.get(&host, &nowhere).with("Accept", BROWSER);
    inquiry.ask(&question).map_or(true, |missing| missing.status != answer.status || missing.body != answer.body)
}

/// Whether an answer shows what should be hidden. A site that answers every unknown path with one page shows nothing by that.
fn is_shown(answer: &Answer, target: &str, inquiry: &Inquiry<'_>) -> bool {
    let same = |missing: &Answer| {
        let without = |answer: &Answer, target: &str| String::from_utf8_lossy(&answer.body).replace(target, "");
        missing.status == answer.status && without(missing, &inquiry.nowhere()) == without(answer, target)
    };
    (200..300).contains(&answer.status) && !inquiry.missing.as_ref().is_some_and(same)
}

#[cfg(test)]
mod tests {
    use super::{MOST, UrlPath, chosen, spellings};
    use crate::profile::Text;

    fn spelled(path: &str) -> Vec<String> {
        spellings(&UrlPath::parse(path).expect("it is a path"), "nobody")
    }

    #[test]
    fn a_path_is_spelled_in_several_ways() {
        let all = spelled("/docs");
        for spelling in ["/docs", "/docs/", "//docs", "/DOCS", "/%64ocs", "/docs;a", "/seccfg/../docs", "/./docs"] {
            assert!(all.iter().any(|one| one == spelling), "{spelling} in {all:?}");
        }
        assert_eq!(spelled("/api/*/docs")[0], "/api/1/docs");
        assert_eq!(spelled("/admin/")[0], "/admin/nobody");
    }

    #[test]
    fn every_way_is_asked_for_however_many_paths_there_are() {
        let paths = ["/docs", "/redoc", "/openapi.json", "/a", "/b"].map(spelled);
        for several in 1..=paths.len() {
            let paths = &paths[..several];
            let asked = chosen(paths);
            assert!(asked.len() <= MOST, "{asked:?}");
            assert!(paths.iter().zip(&asked).all(|(path, asked)| path[0] == *asked), "{asked:?}");
            let is_asked = |kind: usize| paths.iter().any(|path| asked.contains(&path[kind].as_str()));
            assert!((0..paths[0].len()).all(is_asked), "{asked:?}");
        }
        let many: Vec<Vec<String>> = (0..40).map(|nth| spelled(&format!("/a{nth}"))).collect();
        assert_eq!(chosen(&many).len(), MOST);
        assert_eq!(chosen(&[]), Vec::<&str>::new());
    }
}
