//! Replacing a key in use, step by step: what `seccfg rotate` does next, and the texts after it.
//!
//! A rotation has two steps. First a new key takes the place of the current one, which the app goes on accepting from a
//! second variable: `SECRET_KEY` moves to `SECRET_KEY_PREVIOUS`. Once every token that the old key signed has ended, the
//! old key goes. Which step is next follows from the profile, the app's `.env` file and the day, so that the same command
//! is run twice. A profile may name the second variable before there is a key in it: then a key that is to be replaced is
//! replaced, and no rotation is taken for one that has ended. Nothing here reads or writes a file, and no text of an error holds a value.

mod files;
mod secret;
mod text;

use std::fmt;

pub use self::files::holder;
pub use self::secret::secret;
use self::secret::{encrypted, of_pack, previous, variable};
use self::text::{is_double, is_open, line, of_problem, open_quotes, takes_in, without_comment};
use crate::apps::Ability;
use crate::dotenv::{Document, Edit, Entry, Problem, apply};
use crate::plan::Facts;
use crate::profile::{Date, Name, Secret};
use crate::source::{Change, KeyPath, Literal, Provenance, Source};
use crate::targets::env::elsewhere;

/// Why nothing was done, and what to do: two sentences for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What stands in the way.
    pub why: String,
    /// What to do about it.
    pub help: String,
}

impl Refused {
    fn new(why: impl Into<String>, help: impl Into<String>) -> Self {
        Self { why: why.into(), help: help.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\n  help: {}", self.why, self.help)
    }
}

/// The next step of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A new key takes the place of the current one, which stays as the previous one.
    Replace,
    /// A new key takes the place of the current one, which is lost: everyone is signed out.
    ReplaceAlone,
    /// The file holds both keys already, and the profile is to say so: a run before this one did not come to its end.
    Record,
    /// The previous key goes: every token that it signed has ended.
    Retire,
    /// The previous key has left the file already, and the profile is to say so.
    Forget,
}

/// What the variable of the key before the current one holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Nothing,
    /// A key that a rotation moved there.
    ByRotation,
    /// A key that somebody wrote there.
    ByHand,
}

/// Replacing one secret of a profile in one mode.
pub struct Rotation<'p> {
    facts: &'p Facts<'p>,
    name: &'p Name,
    secret: &'p Secret,
    /// The variable of the current key.
    current: &'p str,
    /// The variable of the one before it, where the app reads one.
    previous: Option<String>,
}

impl<'p> Rotation<'p> {
    /// Replacing a secret of the profile, if `seccfg` can make a key for it; else everything that stands in the way.
    pub fn of(facts: &'p Facts<'p>, (name, secret): (&'p Name, &'p Secret)) -> Result<Self, Vec<Refused>> {
        let mut refused = Vec::new();
        if let Some(lost) = encrypted(facts, secret) {
            refused.push(Refused::new(
                format!("`{name}` encrypts {lost}: with a new key they could not be read any more"),
                "encrypt them again under a key of their own first; `seccfg explain ROT004` says more",
            ));
        }
        if let Some(algorithm) = facts.policy.tokens.algorithms.iter().find(|one| one.hash_bytes().is_none()) {
            refused.push(Refused::new(
                format!("`{name}` signs by {algorithm}, for which no random bytes make a key"),
                format!(
                    "1. make a key pair; 2. publish its public key beside the old one; 3. sign with the new one, and deploy; 4. take \
                     the old public key away when its last token has ended; 5. set `rotated_at` of `[secrets.{name}]`"
                ),
            ));
        }
        let current = told(variable(name, secret), &mut refused);
        let previous = told(previous(facts, name, secret), &mut refused);
        match (current, previous) {
            (Some(current), Some(previous)) if refused.is_empty() => {
                Ok(Self { facts, name, secret, current, previous })
            }
            (_, _) => Err(refused),
        }
    }

    /// The variable of the current key.
    pub fn current(&self) -> &str {
        self.current
    }

    /// The variable of the key before it, where the app reads one.
    pub fn previous(&self) -> Option<&str> {
        self.previous.as_deref()
    }

    /// The day until which a key has to stay that is replaced on another, if the profile says how long tokens live.
    pub fn end(&self, replaced: Date) -> Option<Date> {
        self.facts.policy.tokens.longest().map(|longest| replaced.after(longest))
    }

    /// How many random bytes a new key has: as many as the longest hash of the token algorithms (RFC 7518 §3.2), else 32.
    pub fn bytes(&self) -> usize {
        let algorithms = self.facts.policy.tokens.algorithms.iter();
        algorithms.filter_map(|algorithm| algorithm.hash_bytes()).max().unwrap_or(32)
    }

    /// What is to be done next, given the text of the app's `.env` file; else everything that stands in the way.
    pub fn next(&self, file: &Source, today: Date, sign_everyone_out: bool) -> Result<Step, Vec<Refused>> {
        let document = Document::parse(file);
        let mut refused = open_quotes(&document, file);
        let current = self.value(&document, file, self.current).map_err(|more| refused.extend(more)).ok();
        if current == Some(None) {
            refused.push(Refused::new(
                format!("{} has no value for `{}`, so there is nothing to replace", file.name(), self.current),
                "`seccfg render --target env --generate-secrets` makes a first key",
            ));
        }
        // A day in the future would have the old key wait for longer than any token lives. (Somewhere it is tomorrow already.)
        if let Some(day) = self.secret.rotated_at.filter(|day| day.days_after(today) > 1) {
            refused.push(Refused::new(
                format!("`rotated_at` of `[secrets.{}]` is {day}, a day that is still to come", self.name),
                "set it to the day on which the current key was made",
            ));
            return Err(refused);
        }
        let step = match &self.previous {
            None if sign_everyone_out => Some(Step::ReplaceAlone),
            None => told(Err(self.signs_everyone_out()), &mut refused),
            Some(variable) => {
                let previous = self.value(&document, file, variable).map_err(|more| refused.extend(more)).ok();
                let other = previous.map(|previous| previous.filter(|_| Some(previous) != current));
                let kept = other.map(|other| match other {
                    None => Kept::Nothing,
                    // A rotation writes where the key belongs above it.
                    Some(_) if without_comment(&file.text, variable, &self.about()).is_some() => Kept::ByRotation,
                    Some(_) => Kept::ByHand,
                });
                kept.and_then(|kept| told(self.step(variable, kept, today), &mut refused))
            }
        };
        if matches!(step, Some(Step::Replace | Step::ReplaceAlone)) {
            refused.extend(self.made_of_it(&document, file));
        }
        step.filter(|_| refused.is_empty()).ok_or(refused)
    }

    /// The variables that take the key's value in, and would change with it, unseen.
    fn made_of_it(&self, document: &Document<'_>, file: &Source) -> Vec<Refused> {
        let is_other = |entry: &&Entry<'_>| ![Some(self.current), self.previous()].contains(&Some(entry.name));
        let takes_it_in = |entry: &&Entry<'_>| {
            let written = &file.text[entry.value_span.start..entry.value_span.end];
            takes_in(written, self.current)
        };
        let entries = document.entries().iter().filter(is_other).filter(takes_it_in);
        let refused = |entry: &Entry<'_>| {
            let (name, place) = (entry.name, line(file, entry.name_span.start));
            Refused::new(
                format!("`{name}` in {place} is made of `{}`, and would change with it", self.current),
                format!("write into `{name}` what it is to hold, without the other variable"),
            )
        };
        entries.map(refused).collect()
    }

    /// The other variables that hold the same key, with their places: a new one in its own variable leaves them as they are.
    pub fn copies(&self, file: &Source) -> Vec<String> {
        let document = Document::parse(file);
        let key = document.get(self.current).map(|entry| entry.value.expose()).filter(|key| !key.is_empty());
        let is_copy = |entry: &&Entry<'_>| {
            let is_other = ![Some(self.current), self.previous()].contains(&Some(entry.name));
            is_other && Some(entry.value.expose()) == key
        };
        let told = |entry: &Entry<'_>| format!("`{}` in {}", entry.name, line(file, entry.name_span.start));
        document.entries().iter().filter(is_copy).map(told).collect()
    }

    /// What a key of the profile is called that says where the previous key is, in a comment of the file.
    fn about(&self) -> String {
        format!("secrets.{}.previous", self.name)
    }

    /// The step after a state: what the variable of the key before holds, and what the profile says of it.
    fn step(&self, variable: &str, kept: Kept, today: Date) -> Result<Step, Refused> {
        let is_kept = kept != Kept::Nothing;
        let recorded = self.secret.previous.is_some();
        let end = self.secret.rotated_at.map(|replaced| self.end(replaced).ok_or_else(|| self.endless()));
        match (is_kept, recorded, end) {
            // A `previous` that nobody has dated and that has no value yet only names the variable.
            (false, false, _) | (false, true, None) => {
                self.end(today).map(|_| Step::Replace).ok_or_else(|| self.endless())
            }
            (false, true, Some(Ok(end))) if self.begins(end, today) => Ok(Step::Replace),
            (true, false, _) if kept == Kept::ByRotation => Ok(Step::Record),
            (true, false, _) => Err(Refused::new(
                format!("`{variable}` holds a key, and the profile says nothing of it"),
                format!(
                    "if it was in use before the one in `{}`, write `previous = \"env:{variable}\"` in `[secrets.{}]`, with \
                     `rotated_at`, the day on which that one was made; else take `{variable}` out of the file",
                    self.current, self.name
                ),
            )),
            (true, true, None) => Err(Refused::new(
                format!("`[secrets.{}]` has a `previous` and no `rotated_at`: nothing says since when", self.name),
                "set `rotated_at` to the day on which the current key was made",
            )),
            (_, true, Some(Err(refused))) => Err(refused),
            (true, true, Some(Ok(end))) if end < today => Ok(Step::Retire),
            (false, true, Some(Ok(end))) if end < today => Ok(Step::Forget),
            (true, true, Some(Ok(end))) => Err(Refused::new(
                format!(
                    "the key before `{}` has to stay until {end}: until then it is needed for tokens that it signed",
                    self.name
                ),
                format!("run this again after {end}: then the old key goes, and the time after a new one can be made"),
            )),
            (false, true, Some(Ok(end))) => Err(Refused::new(
                format!(
                    "the profile says that the key before `{}` is accepted until {end}, and `{variable}` has no value",
                    self.name
                ),
                format!(
                    "if a key was replaced on the day that `rotated_at` says, put it back into `{variable}`. If the current key is \
                     the first one, or the old one is lost, take `rotated_at` away and run this again: that makes a new key, and \
                     writes the day"
                ),
            )),
        }
    }

    /// Whether a rotation begins where the profile has a `previous`, its variable holds no key, and the tokens of a key before
    /// the current one have ended by `end`. Else the end of a rotation was interrupted, which the same state is left by.
    fn begins(&self, end: Date, today: Date) -> bool {
        let is_due = self.secret.due().is_some_and(|due| due <= today);
        // The profile was written first, and the run ended before the file was (`Rotation::is_profile_first`); or a first key
        // was made today.
        let is_of_today = self.secret.rotated_at == Some(today);
        // Nothing but the profile names the variable: without `previous`, no rotation could begin.
        let is_named_here_alone = end < today && of_pack(self.facts, self.name).is_none();
        is_due || is_of_today || is_named_here_alone
    }

    /// Whether the profile has to be written before the file. With a `previous` that is there already, a run that ends
    /// between the two would otherwise leave a date of which the next run could only think that the old key may go; and with a
    /// place for the key in the file, nothing there would tell an interrupted run from a key that somebody left.
    pub fn is_profile_first(&self, step: Step, file: &Source) -> bool {
        let has_place = |name: &String| Document::parse(file).get(name).is_some();
        step == Step::Replace && (self.secret.previous.is_some() || self.previous.as_ref().is_some_and(has_place))
    }

    /// The day on which the current key was made, and the one by which it is to be replaced, as far as the profile says.
    pub fn days(&self) -> (Option<Date>, Option<Date>) {
        (self.secret.rotated_at, self.secret.due())
    }

    /// The `.env` file's text after a step; `made` is the new key.
    pub fn file(&self, step: Step, text: &str, made: &str) -> Result<String, Refused> {
        let source = Source::new("", text);
        let document = Document::parse(&source);
        let is_there = |name: &str| document.get(name).is_some();
        let previous = self.previous.as_deref().unwrap_or_default();
        let about = self.about();
        let edited = match step {
            Step::Record | Step::Forget => Ok(text.to_owned()),
            Step::ReplaceAlone => apply(text, Edit::SetValue { name: self.current, value: made }),
            Step::Retire => {
                let shorter = without_comment(text, previous, &about);
                apply(shorter.as_deref().unwrap_or(text), Edit::Remove { name: previous })
            }
            Step::Replace => {
                let old = document.get(self.current).map(|entry| entry.value.expose()).unwrap_or_default();
                let above = ["", about.as_str()];
                let keep = if is_there(previous) {
                    Edit::SetValue { name: previous, value: old }
                } else {
                    Edit::Append { above: &above, name: previous, value: old }
                };
                apply(text, keep).and_then(|text| apply(&text, Edit::SetValue { name: self.current, value: made }))
            }
        };
        edited.map_err(|refused| {
            Refused::new(
                format!("the file cannot be changed: {refused}"),
                "mend that by hand; `seccfg check --env-file` shows the line",
            )
        })
    }

    /// The profile's changes of a step, in the layer that says where the secret is found.
    pub fn profile(&self, step: Step, today: Date) -> Vec<Change> {
        let key = |key| KeyPath::from(("secrets", self.name.as_str(), key));
        let rotated = || Change::Set { key: key("rotated_at"), value: today.to_string() };
        let previous = || {
            let reference = format!("env:{}", self.previous.as_deref().unwrap_or_default());
            Change::Set { key: key("previous"), value: Literal::from(reference).to_string() }
        };
        let changes = match step {
            Step::Replace | Step::Record => vec![previous(), rotated()],
            Step::ReplaceAlone => vec![rotated()],
            Step::Retire | Step::Forget => vec![Change::Remove { key: key("previous") }],
        };
        let policy = self.facts.policy;
        let overlay = |changed: &Change| {
            let written = match step {
                Step::Retire | Step::Forget => policy.place(changed.key()),
                Step::Replace | Step::ReplaceAlone | Step::Record => policy.place(&key("source")),
            };
            written.provenance == Provenance::Overlay
        };
        let above = KeyPath::from("modes").key(policy.mode.as_str());
        changes.into_iter().map(|change| if overlay(&change) { change.below(&above) } else { change }).collect()
    }

    /// The value of a variable, where all readers see the same one; nothing where it is absent or empty.
    fn value<'d>(
        &self,
        document: &'d Document<'_>,
        file: &Source,
        name: &str,
    ) -> Result<Option<&'d str>, Vec<Refused>> {
        let mut refused = Vec::new();
        let is_it = |other: &str| self.facts.app.is_same(other, name);
        let entries: Vec<_> = document.entries().iter().filter(|entry| is_it(entry.name)).collect();
        let place = |entry: &Entry<'_>| line(file, entry.name_span.start);
        let values: Vec<&str> = entries.iter().map(|entry| entry.value.expose()).collect();
        let differ = values.windows(2).any(|pair| pair[0] != pair[1]);
        if let Some(last) = entries.last().filter(|_| differ) {
            refused.push(Refused::new(
                format!("`{name}` has several values, the last one in {}", place(last)),
                "keep the one that is in use: readers differ in which one counts",
            ));
        }
        for other in entries.iter().filter(|entry| entry.name != name) {
            refused.push(Refused::new(
                format!("{} writes `{}` in other capitals than `{name}`", place(other), other.name),
                format!("write it as `{name}`"),
            ));
        }
        if let Some((span, other)) = elsewhere(file, name) {
            let place = line(file, span.start);
            refused.push(match other {
                None => Refused::new(
                    format!("some readers take {place} for a value of `{name}`, too"),
                    format!("write `{name}=` with the value that is in use, and take the other line away"),
                ),
                Some(other) => Refused::new(
                    format!("`{other}` in {place} says in which file `{name}` is"),
                    format!("replace the key in that file; or write it to `{name}`, and take `{other}` away"),
                ),
            });
        }
        let text = &file.text;
        for entry in &entries {
            let start = text[..entry.name_span.start].rfind('\n').map_or(0, |end| end + 1);
            let end =
                text[entry.value_span.end..].find('\n').map_or(text.len(), |length| entry.value_span.end + length);
            let is_told = |problem: &Problem| is_open(problem) || (differ && is_double(problem));
            let about = |problem: &&Problem| !is_told(problem) && problem.is_about((start..end).into());
            refused.extend(document.problems().iter().filter(about).map(|problem| of_problem(problem, &place(entry))));
        }
        if refused.is_empty() { Ok(values.last().copied().filter(|value| !value.is_empty())) } else { Err(refused) }
    }

    fn signs_everyone_out(&self) -> Refused {
        let (name, app) = (self.name, &self.facts.app.title);
        let why = match self.facts.app.previous_keys {
            Ability::Nothing => format!("{app} accepts one key at a time"),
            Ability::Setting | Ability::Fixed | Ability::Unknown => {
                format!("nothing says where {app} reads the key before `{name}`")
            }
        };
        let instead = match self.facts.app.previous_keys {
            Ability::Nothing => String::new(),
            Ability::Setting | Ability::Fixed | Ability::Unknown => {
                format!("; if it reads one, write `previous = \"env:…\"` in `[secrets.{name}]`, and run this again")
            }
        };
        Refused::new(
            format!("{why}: a new one signs everyone out, and ends every link in a mail that was sent before"),
            format!("run this again with --sign-everyone-out, when few are signed in{instead}"),
        )
    }

    fn endless(&self) -> Refused {
        Refused::new(
            format!(
                "nothing says how long the tokens live that `{}` signs, so nobody knows how long the old key has to stay",
                self.name
            ),
            "write `tokens.refresh_ttl`, or `tokens.access_ttl` where there are no refresh tokens",
        )
    }
}

/// What there is, or nothing, and then it is told why.
fn told<T>(result: Result<T, Refused>, refused: &mut Vec<Refused>) -> Option<T> {
    result.map_err(|reason| refused.push(reason)).ok()
}
