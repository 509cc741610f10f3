//! The secrets in a text that is to be committed, as far as it tells by itself: in its variables, and in lines of whatever other
//! form, such as comments, commands and objects of JSON.

use super::issuers::is_for_servers;
use super::names::purpose;
use super::subject::{is_a_value, kept_in};
use super::uses::reference;
use super::weak::{Flaw, flaw};
use crate::policy::Environment;
use crate::profile::SecretPurpose;
use crate::rules::connection::Connection;
use crate::source::{Source, Span, webhooks};
use crate::strength;

/// A secret that would be committed.
pub struct Committed {
    /// The variable that holds it, where one does that may be named.
    pub name: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// Every variable that holds a secret, and of each other line the first secret. `is_public` says which variables are none.
pub fn committed(source: &Source, is_public: impl Fn(&str) -> bool) -> Vec<Committed> {
    let environment = Environment::alone(source, &[]);
    let mut told = Vec::new();
    let mut read = |environment: &Environment<'_>, start: usize| {
        told.extend(kept_in(environment).map(|variable| Committed {
            name: variable.is_plainly_named.then(|| variable.name.to_owned()),
            span: behind(start, variable.span),
        }));
    };
    read(&environment, 0);
    for (start, text) in comments(&source.text) {
        read(&Environment::alone(&Source::new(&source.path, text), &[]), start);
    }
    let public: Vec<Span> =
        environment.written().filter(|one| is_public(one.name)).map(|variable| variable.span).collect();
    let is_within = |span: Span, line: Span| span.start < line.end && line.start <= span.end;
    told.retain(|one| !public.iter().any(|span| is_within(one.span, *span)));
    for (start, line) in lines(&source.text) {
        let whole = Span::from(start..start + line.len());
        let is_told =
            || told.iter().any(|one| is_within(one.span, whole)) || public.iter().any(|one| is_within(*one, whole));
        if let Some(span) = in_a_line(line).filter(|_| !is_told()) {
            told.push(Committed { name: None, span: behind(start, span) });
        }
    }
    told.sort_by_key(|one| one.span);
    told
}

fn behind(start: usize, span: Span) -> Span {
    (start + span.start..start + span.end).into()
}

/// Lines that are comments, without their mark, and where each begins.
fn comments(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        end += line.len();
        let comment = line.trim_start().strip_prefix('#')?;
        Some((end - comment.len(), comment))
    })
}

/// The lines of a text, each with those that a backslash joins to it, and where each begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        while let Some(end) = text[at..].find('\n') {
            at += end + 1;
            if !text[start..at].trim_end().ends_with('\\') {
                return Some((start, &text[start..at]));
            }
        }
        at = text.len();
        (start < at).then(|| (start, &text[start..]))
    })
}

/// What stands around the words of a line.
const AROUND: &str = "\"'`,;()[]{}<>|\\";
/// What parts a name from its value, and the parts of an address.
const BETWEEN: &str = "=:?&#";

/// The first secret of a line: what an issuer or the form of a URL tells, whatever it is called; or what chance made, in a line
/// that names a secret.
fn in_a_line(line: &str) -> Option<Span> {
    let whole = |found: &str| {
        let start = found.as_ptr().addr() - line.as_ptr().addr();
        Span::from(start..start + found.len())
    };
    let webhook = webhooks(line).map(|span| &line[span.start..span.end]).find(|path| path.split('/').any(is_live_key));
    if let Some(path) = webhook {
        return Some(whole(path));
    }
    let is_around = |c: char| c.is_whitespace() || AROUND.contains(c);
    let words = || line.split(is_around);
    let values = || words().flat_map(|word| [Some(word), word.split_once('=').map(|(_, behind)| behind)]).flatten();
    let pieces = || words().flat_map(|word| word.split(|c: char| BETWEEN.contains(c) || "/@".contains(c)));
    let by_itself = values().find(|value| opens_a_server(value) || is_issued(value));
    if let Some(found) = by_itself.or_else(|| pieces().find(|piece| is_issued(piece))).or_else(|| private_key(line)) {
        return Some(whole(found));
    }
    // Of an address, what is asked of the page may be a secret, and what leads to it is none.
    let asked = |word| if str::contains(word, "://") { word.split_once('?').unwrap_or_default().1 } else { word };
    let parts = || {
        words()
            .filter(|word| !is_a_name(word, line))
            .map(asked)
            .flat_map(|word| word.split(|c: char| BETWEEN.contains(c)))
    };
    let names_one = |word: &str| purpose(word).is_some() || word.eq_ignore_ascii_case("bearer");
    if !parts().any(|part| names_one(part.trim_matches(|c: char| !c.is_ascii_alphanumeric()))) {
        return None;
    }
    parts().find(|part| is_live_key(part)).or_else(|| named(line)).map(whole)
}

/// Whether a word is the name of something that chance made, and no secret: of a resource at Amazon's, a key's or a file's
/// fingerprint, an account of a block chain, a commit of git, a public id.
fn is_a_name(word: &str, line: &str) -> bool {
    const BEGINNINGS: [&str; 6] = ["arn:", "sha256:", "sha256-", "sha512:", "sha512-", "client_id="];
    let word = word.split_once('=').filter(|(_, behind)| behind.starts_with("arn:")).map_or(word, |(_, behind)| behind);
    let lower = word.to_ascii_lowercase();
    let digits = lower.strip_prefix("0x").or_else(|| line.contains("commit").then_some(&lower));
    BEGINNINGS.iter().any(|one| lower.starts_with(one))
        || digits.is_some_and(|digits| digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a word is the URL of a server with a password that is in use.
fn opens_a_server(word: &str) -> bool {
    let Some(url) = Connection::read(word).filter(|_| word.contains("://")) else { return false };
    let names = [url.user().unwrap_or_default(), url.database()];
    url.password().is_some_and(|password| {
        let is_written = !password.is_empty() && reference(password).is_none();
        is_written && matches!(flaw(password, SecretPurpose::Database, &names), None | Some(Flaw::Weak(_)))
    })
}

/// Whether a word is a key in the form in which its issuer makes those that no page shows: also Google's, which a page may show
/// and an example need not, and those of Telegram's bots.
fn is_issued(word: &str) -> bool {
    const GOOGLES: usize = 39;
    let is_telegrams = || {
        let (bot, token) = word.strip_prefix("bot").unwrap_or(word).split_once(':').unwrap_or_default();
        (8..=10).contains(&bot.len()) && bot.bytes().all(|byte| byte.is_ascii_digit()) && token.len() == 35
    };
    let is_one = is_for_servers(word) || (word.starts_with("AIzaSy") && word.len() == GOOGLES) || is_telegrams();
    is_one && is_live(word)
}

/// A private key in a line: what stands between its marks.
fn private_key(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("-----BEGIN ")?;
    let (kind, rest) = rest.split_once("-----")?;
    let body = rest.split("-----").next().filter(|_| kind.ends_with("PRIVATE KEY"))?;
    body.split(['\\', ' ']).any(|part| is_live_key(part.trim_start_matches(['n', 'r']))).then_some(body)
}

/// The value behind a secret's name, whatever signs chance put into it.
fn named(line: &str) -> Option<&str> {
    line.match_indices(['=', ':']).find_map(|(at, _)| {
        let before = line[..at].trim_end();
        // The parts of an address have no such signs.
        if before.rsplit(char::is_whitespace).next().is_some_and(|word| word.contains("://")) {
            return None;
        }
        let name = before
            .trim_end_matches(['"', '\''])
            .rsplit(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
            .next()?;
        let value = line[at + 1..].trim_start();
        let quote = value.chars().next().filter(|first| "\"'`".contains(*first));
        let value = match quote {
            Some(quote) => value[1..].split(quote).next()?,
            None => value.split_whitespace().next()?,
        };
        // Where more names follow, the value ends before them, as in `Password=…;Encrypt=true`.
        let end = value.find([';', '&']).filter(|end| value[*end..].contains('='));
        let value = &value[..end.unwrap_or(value.len())];
        let may_be_one =
            !value.contains("://") && !is_a_name(value, line) && is_a_value(value) && reference(value).is_none();
        (purpose(name).is_some() && may_be_one && is_live(value)).then_some(value)
    })
}

/// Whether a part of a line is what chance made, and stands nowhere in public.
fn is_live_key(part: &str) -> bool {
    strength::is_of_chance(part) && is_a_value(part) && is_live(part)
}

fn is_live(value: &str) -> bool {
    flaw(value, SecretPurpose::Database, &[]).is_none()
}
