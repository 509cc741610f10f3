//! A Compose file with the files that its services are started with.

use std::path::{Path, PathBuf};

use super::{env_file, kept};
use crate::check::{Checked, EnvFile};
use crate::compose::{self, DefinedBy};
use crate::dotenv::{Problem, ProblemKind, Verdict};
use crate::finding::Label;
use crate::profile::quoted;
use crate::rules::variables::RND001;
use crate::source::{Source, Span};

/// The files that `env_file:` of any service names, in the order in which they are read first, the `.env` that Compose takes
/// values from, and behind them the Compose file. What cannot be read of them is told where it is named.
///
/// Of a file that cannot be read nothing is known, so that nothing is judged: what is wrong in it is told alone.
pub(super) fn files(mut file: EnvFile, service: Option<&str>, has_others: bool) -> Result<Vec<EnvFile>, Box<Checked>> {
    let mut files: Vec<EnvFile> = Vec::new();
    let mut problems = Vec::new();
    let mut compose = compose::read(0, &file.source);
    if let Some(problem) = compose.has_no_services.take().filter(|_| !has_others) {
        return Err(Box::new(unreadable(&file.source, &[problem])));
    }
    if compose.is_unreadable {
        return Err(Box::new(unreadable(&file.source, &compose.problems)));
    }
    let services = compose.services;
    let folder = file.source.path.parent().unwrap_or(Path::new(""));
    let named = services.iter().flat_map(|service| service.files.iter().map(move |named| (&service.name, named)));
    for (service, named) in named {
        let path = folder.join(&named.path);
        if let Some(known) = files.iter_mut().find(|known| known.source.path == path) {
            known.services.push(service.clone());
            continue;
        }
        let mut tell = |verdict, message: &str, help: &str| {
            let is_told = |problem: &Problem| problem.span == named.span;
            if !problems.iter().any(is_told) {
                problems.push(problem(verdict, named.span, message, help));
            }
        };
        if named.path.contains('$') {
            tell(
                Verdict::Elsewhere,
                "which file this is depends on a variable, so that it is not looked at",
                "name the file with an `--env-file` of its own, before this one",
            );
            file.unread.push(service.clone());
            continue;
        }
        if kept::leads_away(&path) {
            tell(
                Verdict::Unsure,
                "this file is a link that leads out of its folder",
                "name the file itself: whoever may write where the link lies says what the service is started with",
            );
        }
        match env_file(file.mode, &path) {
            Ok(Ok(read)) => {
                files.push(EnvFile { services: vec![service.clone()], ..read });
                continue;
            }
            Ok(Err(broken)) => {
                let told = broken.findings.first().map_or("this file cannot be read", |first| first.message.as_str());
                tell(Verdict::Misread, told, "name a file of variables, in UTF-8");
            }
            Err(error) if error.is_missing() && !named.is_required => continue,
            Err(error) if error.is_missing() => tell(
                Verdict::Unsure,
                "this file is not there, and Compose does not start without it",
                "make it; or write `required: false` beside its `path`, where it may be missing",
            ),
            Err(error) => tell(
                Verdict::Misread,
                &format!("this file cannot be read: {}", error.words()),
                "name a file of variables",
            ),
        }
        file.unread.push(service.clone());
    }
    let path = folder.join(".env");
    match files.iter_mut().find(|known| known.source.path == path) {
        Some(known) => known.is_beside = true,
        None => match env_file(file.mode, &path) {
            Ok(Ok(read)) => files.push(EnvFile { is_beside: true, ..read }),
            Err(error) if error.is_missing() => {}
            // Compose does not start with it.
            Ok(Err(_)) | Err(_) => problems.push(problem(
                Verdict::Misread,
                (0..0).into(),
                "the `.env` beside this file, which Compose takes values from, is no text that can be read",
                "save it as UTF-8, or take it away",
            )),
        },
    }
    if let Some(missing) = service.filter(|asked| services.iter().all(|service| service.name != *asked)) {
        let mut known: Vec<&str> = services.iter().map(|service| &*service.name).collect();
        known.dedup();
        let start = (0..0).into();
        let message = format!("there is no service {} in this file", quoted(missing));
        problems.push(problem(Verdict::Misread, start, &message, &format!("name one of {}", known.join(", "))));
    }
    file.service = service.map(str::to_owned);
    let each = services.iter().flat_map(|service| service.files.iter().map(|named| (service.name.clone(), named.span)));
    file.named = each.collect();
    file.anew = services.iter().filter(|service| service.has_files_anew).map(|service| service.name.clone()).collect();
    file.problems = problems;
    files.push(file);
    Ok(files)
}

/// What is wrong in a Compose file of which nothing else is known. Whatever stands in it may be a secret.
fn unreadable(source: &Source, problems: &[Problem]) -> Checked {
    let told = problems.iter().filter(|problem| problem.verdict == Verdict::Misread).map(|problem| {
        let place = Label::of_text(problem.span.start..problem.span.end, "here");
        RND001.finding(place).saying(problem.message.as_str(), problem.help.as_str())
    });
    let secrets = vec![(0, (0..source.text.len()).into())];
    Checked { secrets, ..Checked::unread(source.clone(), told.collect()) }
}

/// The other files that a Compose file makes its services of: the `.env` beside it, those of `env_file:`, and those of
/// secrets.
pub(super) fn named(path: &Path) -> Vec<PathBuf> {
    let Ok(Ok(file)) = env_file(None, path) else { return Vec::new() };
    let folder = path.parent().unwrap_or(Path::new(""));
    let compose = compose::read(0, &file.source);
    let files = compose.services.iter().flat_map(|service| &service.files).map(|named| named.path.as_str());
    let files = std::iter::once(".env").chain(files);
    let secrets = compose.secrets.iter().filter_map(|secret| match secret.by.as_ref()? {
        DefinedBy::File(path, _) => Some(path.as_str()),
        DefinedBy::Variable(..) => None,
    });
    files.chain(secrets).map(|named| folder.join(named)).collect()
}

fn problem(verdict: Verdict, span: Span, message: &str, help: &str) -> Problem {
    let (message, help) = (message.to_owned(), help.to_owned());
    Problem { span, kind: ProblemKind::OtherKind, message, help, verdict }
}
