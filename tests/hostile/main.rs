//! Nothing that a profile can hold breaks out of a rendered file.
//!
//! Every string and every key of a profile that holds the whole vocabulary is replaced by hostile text, and has hostile
//! text put into it. Each time the profile is either refused, with a finding, or rendered: then nginx's grammar finds
//! the same directives as before, with that very value in the place of the old one, and every nginx loads it. What
//! nginx sends with such values is looked at byte for byte.
#![cfg(unix)]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/client.rs"]
mod client;
#[path = "../support/server.rs"]
mod server;

mod judge;
mod live;
mod places;
mod read;
#[path = "../../src/targets/nginx/escape/reader.rs"]
#[allow(dead_code, reason = "shared with the tests of the writer")]
mod reader;
mod strings;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use std::{fs, thread};

use judge::{Rendered, Verdict, judge, obeyed, reports};
use places::{Kind, Place, edited};
use seccfg::finding::Finding;
use seccfg::profile::{Mode, vocabulary};
use seccfg::source::Span;
use server::Server;
use tree::{Change, Tree, says_no_more};

/// The vocabulary, rendered for nginx as far as it can be.
const PROFILE: &str = include_str!("../fixtures/hostile.toml");

/// The rest of it: services, locations, and what only some apps and clusters have.
const SITE: &str = include_str!("../fixtures/hostile_site.toml");

/// How many glued strings each place gets as its value, and into it.
const GLUED: usize = 16;

/// How many loads each nginx is asked for: enough for every place and every piece, and few enough to wait for.
const LOADS: usize = 180;

/// How many there are for each one that the parser in Python reads, too.
const TWICE: usize = 8;

/// One string in one place.
struct Case<'a> {
    document: &'static str,
    place: &'a Place,
    takes: Takes,
    text: String,
}

impl Case<'_> {
    fn profile(&self) -> String {
        edited(self.document, [(self.place, self.text.as_str())])
    }

    /// Whether a finding is about this place, or shows it.
    fn is_told_by(&self, finding: &Finding) -> bool {
        let start = self.place.span.start;
        let own = Span::from(start..start + places::literal(&self.text).len());
        finding.place.span.overlaps(own) || finding.labels.iter().any(|label| label.span.overlaps(own))
    }

    fn told(&self, what: &str) -> String {
        let shown: String = self.text.chars().take(100).collect();
        format!("{:?} at {} ({:?}, {} bytes): {what}", self.place.path, self.place.span.start, shown, self.text.len())
    }
}

/// A case that was rendered, for one mode.
struct Shown<'a> {
    case: &'a Case<'a>,
    rendered: Rendered,
}

/// Does something to each of many, on all cores, and keeps what comes of it in order.
fn each<'i, T: Sync, R: Send>(items: &'i [T], work: impl Fn(usize, &'i T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(index, item);
                    done.lock().expect("no thread panics with the lock").push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("all threads are done");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn no_more_than_these(wrong: &[String]) {
    let first: Vec<_> = wrong.iter().take(30).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} cases are wrong, the first of them:\n{}", wrong.len(), first.join("\n"));
}

/// A profile as it stands, rendered for each of its modes.
fn baseline(document: &str) -> Vec<Rendered> {
    match judge(document) {
        Ok(Verdict::Rendered(rendered)) => rendered,
        Ok(Verdict::Refused(checked)) => panic!("the fixture is refused:\n{}", reports(&checked)[0]),
        Err(wrong) => panic!("the fixture: {wrong}"),
    }
}

/// What a place takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// A key that the vocabulary fixes.
    Key,
    /// One of a few words that the vocabulary fixes, or a version. Another one may choose other directives.
    Choice,
    /// A reference to a secret.
    Secret,
    /// Text of its author's.
    Text,
}

impl Takes {
    /// Found out by asking.
    fn of(document: &str, place: &Place) -> Self {
        let other = if place.kind == Kind::Key { "another_name" } else { "a-literal" };
        let findings = match judge(&edited(document, [(place, other)])) {
            Ok(Verdict::Rendered(_)) => return Self::Text,
            Ok(Verdict::Refused(checked)) => checked.findings,
            Err(wrong) => panic!("{}: {wrong}", place.path),
        };
        let found = |what: fn(&Finding) -> bool| findings.iter().any(what);
        match place.kind {
            Kind::Key => Self::Key,
            Kind::Value if found(|finding| finding.code == "SEC001") => Self::Secret,
            Kind::Value if found(|finding| finding.place.text == "unknown word") => Self::Choice,
            Kind::Value if place.path == "targets.nginx.version" => Self::Choice,
            Kind::Value => Self::Text,
        }
    }
}

/// The key of a place: its path without the numbers of elements.
fn key(place: &Place) -> String {
    place.path.split('.').map(|part| part.split('[').next().unwrap_or_default()).collect::<Vec<_>>().join(".")
}

/// The keys at which a document has text.
fn keys(document: &str) -> BTreeSet<String> {
    places::of(document).iter().filter(|place| place.kind == Kind::Value).map(key).collect()
}

/// Of the strings for a place where an author may write anything, one in so many is tried: some 30,000 in all, and all of
/// them with `SECCFG_STRINGS=all`, which takes five times as long.
const EVERY: usize = 6;

/// Strings for every place that no other profile has, each of them at some of the places.
fn cases<'a>(document: &'static str, places: &'a [Place]) -> Vec<Case<'a>> {
    let corpus = strings::corpus();
    let mut generated = strings::Generated::new();
    let mut cases = Vec::new();
    let every = if std::env::var_os("SECCFG_STRINGS").is_some_and(|which| which == "all") { 1 } else { EVERY };
    let elsewhere = if document == PROFILE { BTreeSet::new() } else { keys(PROFILE) };
    let own = places.iter().filter(|place| place.kind == Kind::Key || !elsewhere.contains(&key(place)));
    for (number, place) in own.enumerate() {
        let takes = Takes::of(document, place);
        let share = |every: usize| strings::PIECES.iter().skip(number % every).step_by(every);
        let mut texts: Vec<String> = Vec::new();
        match takes {
            Takes::Key => texts.extend(share(4).map(|piece| format!("{}{piece}", place.text))),
            Takes::Choice | Takes::Secret => {
                texts.extend(share(4).flat_map(|piece| strings::with(&place.text, piece)));
                texts.extend(corpus.iter().skip(number % 4).step_by(4).cloned());
            }
            Takes::Text => {
                texts.extend(corpus.iter().cloned());
                // At two of three positions, which change from place to place.
                for (index, piece) in strings::PIECES.iter().enumerate() {
                    let left_out = (number + index) % 3;
                    let texts_with = strings::with(&place.text, piece).into_iter().enumerate();
                    texts.extend(texts_with.filter(|(position, _)| *position != left_out).map(|(_, text)| text));
                }
                for _ in 0..GLUED {
                    texts.push(generated.next());
                    texts.extend(strings::with(&place.text, &generated.next()));
                }
            }
        }
        // As a method of a limit it stands for all of them, which is no text in a file.
        texts.retain(|text| text != "*" || !place.path.contains(".methods["));
        // And as an authority it is none.
        texts.retain(|text| text != "none" || !place.path.ends_with(".client_ca"));
        // All addresses are written as their two halves.
        texts.retain(|text| !matches!(text.as_str(), "0.0.0.0/0" | "::/0"));
        let mut seen = BTreeSet::from([place.text.clone()]);
        texts.retain(|text| seen.insert(text.clone()));
        if takes == Takes::Text {
            // Those of other places are others, and many places take the same kind of text.
            let mut index = number;
            texts.retain(|_| {
                index += 1;
                index.is_multiple_of(every)
            });
        }
        cases.extend(texts.into_iter().map(|text| Case { document, place, takes, text }));
    }
    cases
}

/// What each of many cases says where it says another thing than the profile as it stands, or what is wrong with it.
fn judged<'a>(
    cases: &'a [Case<'a>],
    baseline: &[Rendered],
    trees: &BTreeMap<Mode, Tree>,
    places: &[Place],
) -> (Vec<Shown<'a>>, Vec<String>, usize) {
    let before: BTreeMap<Mode, String> =
        baseline.iter().map(|one| (one.mode, one.said().expect("the baseline's comments"))).collect();
    let results = each(cases, |index, case| -> Result<Option<Vec<Shown<'a>>>, String> {
        match judge(&case.profile())? {
            Verdict::Refused(checked) => {
                if !checked.findings.iter().any(|finding| case.is_told_by(finding)) {
                    return Err(format!("told elsewhere: {:?}", checked.findings));
                }
                // Drawing reports takes longer than all else.
                let drawn = (obeyed(&case.text).is_some() && index % 3 == 0).then(|| reports(&checked));
                let told = drawn.iter().flatten().find_map(|report| obeyed(report));
                told.map_or(Ok(None), |c| Err(format!("a report holds {c:?}")))
            }
            Verdict::Rendered(rendered) => {
                let mut shown = Vec::new();
                for rendered in rendered.into_iter().rev() {
                    let same = before.get(&rendered.mode) == Some(&rendered.said()?);
                    if same
                        && trees
                            .get(&rendered.mode)
                            .is_some_and(|tree| change(case.place, &case.text, places).is_shown(tree))
                    {
                        return Err(format!("not shown in {}", rendered.mode));
                    }
                    // The two modes have much in common: one in three is enough of what both show.
                    if !same && (shown.is_empty() || index % 3 == 0) {
                        shown.push(Shown { case, rendered });
                    }
                }
                Ok(Some(shown))
            }
        }
    });
    let (mut shown, mut wrong, mut accepted) = (Vec::new(), Vec::new(), 0);
    for (case, result) in cases.iter().zip(results) {
        match result {
            Ok(Some(rendered)) => {
                accepted += 1;
                shown.extend(rendered);
            }
            Ok(None) => {}
            Err(what) => wrong.push(case.told(&what)),
        }
    }
    (shown, wrong, accepted)
}

fn change<'a>(place: &'a Place, new: &'a str, places: &[Place]) -> Change<'a> {
    let elsewhere = places.iter().any(|other| other.span != place.span && other.text.contains(&place.text));
    Change { old: &place.text, new, certain: !elsewhere }
}

/// Reads what was rendered, and some of it a second time by the parser in Python, half of that on each of two processes.
fn trees(folder: &Path, rendered: &[&Rendered], twice: impl Fn(usize) -> bool) -> Vec<Result<Tree, String>> {
    let mut trees = each(rendered, |_, rendered| read::read(&rendered.files));
    let again: Vec<usize> = (0..trees.len()).filter(|index| twice(*index)).collect();
    let halves: Vec<&[usize]> = again.chunks(again.len().div_ceil(2)).collect();
    let differ = each(&halves, |_, half| {
        let folders: Vec<PathBuf> = half.iter().map(|index| folder.join(index.to_string())).collect();
        half.iter().zip(&folders).for_each(|(index, folder)| read::write(folder, &rendered[*index].files));
        read::parse_again(&folders, &half.iter().map(|index| &trees[*index]).collect::<Vec<_>>())
    });
    for (index, same) in again.into_iter().zip(differ.into_iter().flatten()) {
        if let Err(what) = same {
            trees[index] = Err(what);
        }
    }
    trees
}

/// A profile's text for one nginx, rendered for one mode, with a certificate that is there.
fn for_nginx(
    case: &Case<'_>,
    version: &Place,
    nginx: &Server,
    mode: Mode,
    certificate: &Path,
) -> Result<Rendered, String> {
    let profile = edited(case.document, [(version, nginx.version.as_str()), (case.place, case.text.as_str())]);
    let Verdict::Rendered(rendered) = judge(&profile)? else {
        return Err(format!("refused for nginx {}", nginx.version));
    };
    let mut rendered = rendered.into_iter().find(|rendered| rendered.mode == mode).ok_or("not rendered")?;
    for (_, text) in &mut rendered.files {
        let line = |line: &str| {
            let name = line.trim_start().split(' ').next().unwrap_or_default().to_owned();
            match name.as_str() {
                "ssl_certificate" | "ssl_client_certificate" | "proxy_ssl_trusted_certificate" => {
                    format!("    {name} {}/cert.pem;\n", certificate.display())
                }
                "ssl_certificate_key" => format!("    {name} {}/key.pem;\n", certificate.display()),
                _ => format!("{line}\n"),
            }
        };
        *text = text.lines().map(line).collect();
    }
    Ok(rendered)
}

/// That an nginx loads a folder's configuration and has nothing to say about it.
fn loads(nginx: &Server, folder: &Path) -> Result<(), String> {
    let output = nginx.test(folder);
    let said = String::from_utf8_lossy(&output.stderr);
    // A host that nobody has is looked for when all else is read and found good.
    let unknown_host = said.contains("host not found in upstream");
    let fine = (output.status.success() || unknown_host) && !said.contains("[warn]");
    if fine { Ok(()) } else { Err(format!("nginx {}: {said}", nginx.version)) }
}

/// A certificate of the test's own.
fn certificate(folder: &Path) {
    let pair =
        rcgen::generate_simple_self_signed(["site.hostile.example".to_owned()]).expect("a certificate can be made");
    fs::write(folder.join("cert.pem"), pair.cert.pem()).expect("a file can be written");
    fs::write(folder.join("key.pem"), pair.signing_key.serialize_pem()).expect("a file can be written");
}

/// Whether a place says whose a path is, or what some paths need otherwise.
fn is_of_site(place: &Place) -> bool {
    place.path.contains(".paths[") && ["app.", "services.", "locations."].iter().any(|own| place.path.starts_with(own))
}

#[test]
fn every_string_is_refused_or_shown_exactly() {
    let [verbatim, cases, shown] = exactly(PROFILE);
    // Fewer would prove less than this test is for.
    assert!(verbatim > 35 && cases > 15_000 && shown > 400);
}

#[test]
fn every_string_of_a_site_is_refused_or_shown_exactly() {
    let [verbatim, cases, shown] = exactly(SITE);
    assert!(verbatim > 20 && cases > 10_000 && shown > 250);
}

/// The keys that hold text, at a path of the vocabulary.
fn holding_text(path: String, kind: &vocabulary::Kind) -> Vec<String> {
    match kind {
        vocabulary::Kind::Text(_) => vec![path],
        vocabulary::Kind::List(each) | vocabulary::Kind::OneOrMany(each) => holding_text(path, each),
        vocabulary::Kind::Entries { each, .. } => holding_text(format!("{path}.*"), each),
        vocabulary::Kind::Boolean
        | vocabulary::Kind::Integer { .. }
        | vocabulary::Kind::Date
        | vocabulary::Kind::Section(_)
        | vocabulary::Kind::Overlays
        | vocabulary::Kind::Other(_) => Vec::new(),
    }
}

#[test]
fn every_key_that_holds_text_has_hostile_strings() {
    let written: BTreeSet<String> = [PROFILE, SITE].into_iter().flat_map(keys).collect();
    let is_at = |own: &String, key: &str| {
        let (own, parts): (Vec<&str>, Vec<&str>) = (own.split('.').collect(), key.split('.').collect());
        own.len() == parts.len() && own.iter().zip(parts).all(|(own, part)| part == "*" || *own == part)
    };
    let keys = vocabulary::all().into_iter().flat_map(|(path, key)| holding_text(path, key.kind));
    // Waivers are a list, which has no names.
    let keys = keys.map(|key| key.replace("waivers.*.", "waivers."));
    let missing: Vec<String> = keys.filter(|key| !written.iter().any(|own| is_at(own, key))).collect();
    assert!(missing.is_empty(), "neither tests/fixtures/hostile.toml nor hostile_site.toml has {missing:?}");
}

/// Does all of it with one profile: how many places stand in its files as they are, how many strings were tried, and how
/// many of them changed a file.
fn exactly(document: &'static str) -> [usize; 3] {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let start = Instant::now();
    let nginxes = server::installed(server::Kind::Nginx);
    let places = places::of(document);
    let baseline = baseline(document);
    let before = trees(&folder.path().join("baseline"), &baseline.iter().collect::<Vec<_>>(), |_| true);
    let before: BTreeMap<Mode, Tree> = baseline
        .iter()
        .map(|one| one.mode)
        .zip(before.into_iter().map(|tree| tree.expect("the fixture parses")))
        .collect();
    let cases = cases(document, &places);
    let stands = |place: &&Place| change(place, "", &places).is_shown(&before[&Mode::Staging]);
    let verbatim = places.iter().filter(stands).count();
    eprintln!("{verbatim} places stand in the rendered files as they are");
    eprintln!("{:?}: {} places, {} cases", start.elapsed(), places.len(), cases.len());

    let (shown, mut wrong, accepted) = judged(&cases, &baseline, &before, &places);
    eprintln!("{:?}: {accepted} accepted, {} rendered to something else", start.elapsed(), shown.len());

    // Another word of few may choose other directives. All else has those of the profile as it stands.
    let twice = |index: usize| index.is_multiple_of(TWICE) || shown[index].case.takes == Takes::Choice;
    let files: Vec<_> = shown.iter().map(|shown| &shown.rendered).collect();
    let parsed = trees(&folder.path().join("parsed"), &files, twice);
    for (shown, tree) in shown.iter().zip(parsed) {
        let explained = tree.and_then(|tree| match shown.case.takes {
            Takes::Choice => Ok(()),
            Takes::Text if is_of_site(shown.case.place) => says_no_more(&before[&shown.rendered.mode], &tree),
            Takes::Key | Takes::Secret | Takes::Text => {
                change(shown.case.place, &shown.case.text, &places).explains(&before[&shown.rendered.mode], &tree)
            }
        });
        wrong.extend(explained.err().map(|what| shown.case.told(&format!("{}: {what}", shown.rendered.mode))));
    }
    eprintln!("{:?}: parsed", start.elapsed());

    certificate(folder.path());
    let version = places
        .iter()
        .find(|place| place.path == "targets.nginx.version" && place.kind == Kind::Value)
        .expect("a version");
    // A share of all, and of the first profile each long one once, as nginx's buffers end somewhere.
    let long_ones_too = document == PROFILE;
    let step = shown.len().div_ceil(LOADS).max(1);
    let mut long = BTreeSet::new();
    let mut sample: Vec<&Shown<'_>> = Vec::new();
    for (index, shown) in shown.iter().enumerate().filter(|(_, shown)| shown.case.place.span != version.span) {
        let text = shown.case.text.as_str();
        if index % step == 0 || long_ones_too && text.len() > 100 && long.insert(text) {
            sample.push(shown);
        }
    }
    let failed = each(&sample, |index, shown| -> Result<(), String> {
        for nginx in &nginxes {
            let rendered = for_nginx(shown.case, version, nginx, shown.rendered.mode, folder.path())?;
            let own = folder.path().join(format!("loaded/{index}-{}", nginx.version));
            read::write(&own, &rendered.files);
            loads(nginx, &own)?;
            fs::remove_dir_all(&own).map_err(|error| error.to_string())?;
        }
        Ok(())
    });
    wrong.extend(sample.iter().zip(failed).filter_map(|(shown, result)| Some(shown.case.told(&result.err()?))));
    eprintln!("{:?}: {} loaded by each nginx", start.elapsed(), sample.len());
    no_more_than_these(&wrong);
    [verbatim, cases.len(), shown.len()]
}

/// A text that stands nowhere by chance.
const CANARY: &str = "Tr0ub4dor";

#[test]
fn what_may_be_a_secret_is_never_told() {
    let places = places::of(PROFILE);
    let secrets: Vec<&Place> = places.iter().filter(|place| Takes::of(PROFILE, place) == Takes::Secret).collect();
    assert!(secrets.len() > 8, "{secrets:?}");
    let texts = |number: usize, place: &Place| -> Vec<String> {
        let around = |piece: String| {
            [format!("{CANARY}{piece}"), format!("{}{piece}{CANARY}", place.text), format!("{piece}{CANARY}{piece}")]
        };
        let share = strings::corpus().into_iter().skip(number % 3).step_by(3).filter(|piece| piece.len() < 200);
        share.flat_map(around).chain([format!("redis://user:{CANARY}@host/0")]).collect()
    };
    let cases: Vec<Case<'_>> = secrets
        .iter()
        .enumerate()
        .flat_map(|(number, place)| {
            texts(number, place).into_iter().map(move |text| Case {
                document: PROFILE,
                place,
                takes: Takes::Secret,
                text,
            })
        })
        .collect();
    let told = |text: &str| -> Result<bool, String> {
        match judge(text)? {
            Verdict::Refused(checked) => match reports(&checked).iter().find(|report| report.contains(CANARY)) {
                Some(report) => Err(format!("told in\n{report}")),
                None => Ok(true),
            },
            Verdict::Rendered(files)
                if files.iter().flat_map(|one| &one.files).any(|(_, text)| text.contains(CANARY)) =>
            {
                Err("rendered".to_owned())
            }
            Verdict::Rendered(_) => Ok(false),
        }
    };
    let results = each(&cases, |_, case| told(&case.profile()));
    let refused = results.iter().filter(|result| **result == Ok(true)).count();
    let mut wrong: Vec<String> =
        cases.iter().zip(results).filter_map(|(case, result)| Some(case.told(&result.err()?))).collect();
    // All of them at once, so that each is in sight of the others' findings; and in a text that is no TOML.
    for literal in [CANARY.to_owned(), format!("{CANARY}é\u{202e}日本{CANARY}"), format!("\"{CANARY}\n{CANARY}'")] {
        let all = edited(PROFILE, secrets.iter().map(|place| (*place, literal.as_str())));
        wrong.extend(told(&all).err());
        wrong.extend(told(&all.replacen("version = 1", "version = = 1", 1)).err());
    }
    eprintln!("{} cases, {refused} refused", cases.len());
    no_more_than_these(&wrong);
    assert!(refused > cases.len() / 2);
}
