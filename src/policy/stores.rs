//! What keeps the app's data, as Compose files start it: which program it is, and for which password the words ask that it is
//! started with. `redis-server --requirepass x` asks for `x`, the image of Redis by itself for none.

use crate::command::file_name;
use crate::compose::{self, Container, Guard, Place, Service};
use crate::dotenv::Value;

/// A service of Compose files that keeps data for others.
#[derive(Clone, Debug)]
pub struct Store {
    /// Its name.
    pub service: String,
    /// What other services may call it beside that.
    pub also_called: Vec<String>,
    /// What its program is called.
    pub title: &'static str,
    /// What it asks for by the words that it is started with.
    pub asks: Asks,
    /// Where its command stands, or its image.
    pub place: Place,
}

/// What a program that keeps data asks of those who come.
#[derive(Clone, Debug)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// This password, which stands there.
    Password(Value<'static>, Place),
    /// What its variables say.
    ByVariables,
    /// That is not to be seen.
    Unknown,
}

/// The programs that `--requirepass` is an option of.
const WITH_PASSWORD: [&str; 4] = ["redis-server", "valkey-server", "keydb-server", "dragonfly"];

/// The option that has a password behind it.
const PASSWORD: &str = "--requirepass";

/// Options by which these programs may be told a password in another way.
const ELSEWHERE: [&str; 3] = ["--include", "--aclfile", "--user"];

/// The words that a service is started with.
pub(super) struct Start<'w> {
    /// With what their names stand for: what is not known is empty.
    pub(super) words: &'w [(&'w str, Place)],
    /// As they are written.
    pub(super) written: &'w [&'w str],
}

impl Store {
    /// The one that a service is, by the name of its image; nothing where it is another program, or not started with the rest.
    pub(super) fn of<'n>(
        service: &Service<'_>,
        image: &str,
        start: &Start<'_>,
        given: impl Iterator<Item = &'n str>,
    ) -> Option<Self> {
        let container = &service.container;
        let (_, image_place) = container.image.as_ref().filter(|_| !container.is_built)?;
        let title = compose::title_of(image).filter(|_| !container.is_optional())?;
        let place = start.words.first().map_or(*image_place, |(_, place)| *place);
        let guard = if container.is_partly_unread { Guard::Unknown } else { compose::guard(image, given) };
        let asks = asks(container, guard, start);
        let also_called = container.also_called.iter().map(|(name, _)| name.clone()).collect();
        Some(Self { service: service.name.clone(), also_called, title, asks, place })
    }
}

/// What a service asks for, by its words; by its image where those say nothing.
fn asks(container: &Container, guard: Guard, Start { words, written }: &Start<'_>) -> Asks {
    let is_program = |(word, _): &(&str, Place)| WITH_PASSWORD.contains(&file_name(word));
    // The image's own program is told options alone.
    let is_own = words.first().is_none_or(|(word, _)| word.starts_with('-')) && container.entrypoint.is_none();
    let start = words.iter().position(is_program).map(|at| at + 1).or(is_own.then_some(0));
    // A password that is written and empty is none; one that is not known is empty, too, and not written so.
    let is_none = start.is_some_and(|start| is_without(&written[start..]));
    let options = start.map(|start| &words[start..]);
    if let Some((value, place)) = options.and_then(given).filter(|_| !is_none) {
        return if value.is_empty() { Asks::Unknown } else { Asks::Password(Value::made(value.to_owned()), place) };
    }
    // A file of settings stands before the options, and what is not known is empty.
    let is_plain = |options: &[(&str, Place)]| {
        let is_option = options.first().is_none_or(|(word, _)| word.starts_with("--"));
        let behind = |at: usize| at.checked_sub(1).is_some_and(|before| options[before].0 == PASSWORD);
        let is_known = |at: usize, word: &str| !word.is_empty() || is_none && behind(at);
        is_option && options.iter().enumerate().all(|(at, (word, _))| is_known(at, word) && !ELSEWHERE.contains(word))
    };
    match guard {
        Guard::Variables => Asks::ByVariables,
        Guard::Nothing if options.is_some_and(is_plain) => Asks::Nothing,
        Guard::Nothing | Guard::Unknown => Asks::Unknown,
    }
}

/// The password behind the last `--requirepass`, and its place; empty where it is not known.
fn given<'w>(options: &[(&'w str, Place)]) -> Option<(&'w str, Place)> {
    let at = options.iter().rposition(|(word, _)| word.split('=').next() == Some(PASSWORD))?;
    let (word, place) = options[at];
    let joined = word.split_once('=').map(|(_, value)| (value, place));
    let (value, place) = joined.or_else(|| options.get(at + 1).copied()).unwrap_or(("", place));
    let value = value.trim_matches(['"', '\'']);
    // Behind it stands the next option, where the password is missing.
    Some((if value.starts_with("--") { "" } else { value }, place))
}

/// Whether the last password is written, and empty.
fn is_without(options: &[&str]) -> bool {
    let at = options.iter().rposition(|word| word.split('=').next() == Some(PASSWORD));
    let value = at.filter(|at| options[*at] == PASSWORD).and_then(|at| options.get(at + 1));
    value.is_some_and(|value| value.trim_matches(['"', '\'']).is_empty())
}
