//! How a value of the profile is written in a variable, both ways.
//!
//! Quotes and escapes of the file that a variable stands in are [`crate::dotenv`]'s business.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use crate::profile::keyword::keywords;
use crate::profile::{ByteSize, Duration, Shape, Text, Url};

keywords! {
    /// How a variable's text stands for a value.
    pub enum Encoding ("an encoding") {
        /// As it is.
        Text = "text",
        /// `true` or `false`; read in any capitals, and also as yes, no, on, off, y, n, t, f, 1 and 0.
        Bool = "bool",
        /// Of a URL, its host: `shop.example.com`. A list of hosts, with commas or blanks between them, is right where that is
        /// among them, by itself or as a part of a domain: `.example.com`.
        Host = "host",
        /// Of a URL, its origin: `https://shop.example.com`. A list of origins, with commas or blanks between them, is right
        /// where that is among them, by itself or as a part of a domain: `https://*.example.com`. Each has a scheme.
        Origin = "origin",
        /// A whole number.
        Int = "int",
        /// A length of time as a whole number of seconds.
        Seconds = "seconds",
        /// A length of time as a whole number of milliseconds.
        Milliseconds = "milliseconds",
        /// A length of time as a whole number of minutes.
        Minutes = "minutes",
        /// A length of time as a whole number of hours.
        Hours = "hours",
        /// A length of time as a whole number of days.
        Days = "days",
        /// A size as a whole number of bytes.
        Bytes = "bytes",
        /// A list with commas between its entries.
        Csv = "csv",
        /// A list with blanks between its entries.
        Blanks = "blanks",
        /// A list as JSON.
        Json = "json",
        /// The one entry of a list.
        Single = "single",
        /// Whether a list has the variable's `entry`, as `true` or `false`.
        Contains = "contains",
    }
}

impl Encoding {
    /// The one that is meant where none is said; none for a list, of which each app has its own idea.
    pub(super) const fn of(shape: Shape) -> Option<Self> {
        match shape {
            Shape::Boolean => Some(Self::Bool),
            Shape::Integer => Some(Self::Int),
            Shape::Duration | Shape::Size | Shape::Words(_) | Shape::Text(_) | Shape::Reference => Some(Self::Text),
            Shape::List(_) | Shape::Table => None,
        }
    }

    /// Whether it can hold what has this shape.
    pub(super) fn holds(self, shape: Shape) -> bool {
        match self {
            Self::Text => {
                matches!(shape, Shape::Duration | Shape::Size | Shape::Words(_) | Shape::Text(_) | Shape::Reference)
            }
            Self::Bool => matches!(shape, Shape::Boolean),
            // Of all texts, URLs alone have a host and an origin.
            Self::Host | Self::Origin => {
                let is_url = |canonical: fn(&str) -> Option<String>| {
                    canonical("https://a.example").is_some() && canonical("a.example").is_none()
                };
                matches!(shape, Shape::Text(canonical) if is_url(canonical))
            }
            Self::Int => matches!(shape, Shape::Integer),
            Self::Seconds | Self::Milliseconds | Self::Minutes | Self::Hours | Self::Days => {
                matches!(shape, Shape::Duration)
            }
            Self::Bytes => matches!(shape, Shape::Size),
            Self::Csv | Self::Blanks | Self::Json | Self::Single | Self::Contains => matches!(shape, Shape::List(_)),
        }
    }

    /// The seconds that it counts in, if it counts time.
    const fn unit(self) -> Option<u64> {
        match self {
            Self::Seconds => Some(1),
            Self::Minutes => Some(60),
            Self::Hours => Some(3_600),
            Self::Days => Some(86_400),
            Self::Text
            | Self::Bool
            | Self::Host
            | Self::Origin
            | Self::Int
            | Self::Bytes
            | Self::Milliseconds
            | Self::Blanks
            | Self::Csv
            | Self::Json
            | Self::Single
            | Self::Contains => None,
        }
    }

    /// Whether a variable says of its key no more than a part, and others may stand beside it there.
    pub const fn is_of_a_url(self) -> bool {
        matches!(self, Self::Host | Self::Origin)
    }

    /// What it takes, as a sentence says it.
    const fn takes(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Bool | Self::Contains => "`true` or `false`",
            Self::Host => "the host of a URL",
            Self::Origin => "the origin of a URL, with its scheme",
            Self::Int => "a whole number",
            Self::Seconds => "a whole number of seconds",
            Self::Milliseconds => "a whole number of milliseconds, of whole seconds",
            Self::Minutes => "a whole number of minutes",
            Self::Hours => "a whole number of hours",
            Self::Days => "a whole number of days",
            Self::Bytes => "a whole number of bytes",
            Self::Csv => "a list with commas between its entries, none within them and no brackets around",
            Self::Blanks => "a list with blanks between its entries, none within them and no brackets around",
            Self::Json => "a list in JSON",
            Self::Single => "exactly one entry",
        }
    }
}

/// A value has no form here, or a text no value: what is taken in its place, as a sentence says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit(String);

impl Misfit {
    fn one_of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
        Self(if words.len() == 1 { words.concat() } else { format!("one of {}", words.join(", ")) })
    }
}

impl From<Encoding> for Misfit {
    fn from(encoding: Encoding) -> Self {
        Self(encoding.takes().to_owned())
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// How one variable is written: an encoding, and an app's own words for what the profile says.
#[derive(Clone, Copy, Debug)]
pub struct Code<'p> {
    /// What the profile holds.
    pub shape: Shape,
    /// How it is written.
    pub encoding: Encoding,
    /// The app's words for the profile's.
    pub values: &'p BTreeMap<String, String>,
    /// More words of the app's, and the profile's that they mean.
    pub also_read: &'p BTreeMap<String, String>,
    /// The entry of a list that a variable is about, where each entry has one of its own.
    pub entry: Option<&'p str>,
}

impl Code<'_> {
    /// Whether some value of the shape has no form.
    pub(super) fn may_refuse(&self) -> bool {
        match (self.shape, self.encoding) {
            (Shape::Words(words), _) => !self.values.is_empty() && self.values.len() < words.len(),
            (Shape::Boolean, _) => self.values.len() == 1,
            (
                _,
                Encoding::Text
                | Encoding::Bool
                | Encoding::Host
                | Encoding::Origin
                | Encoding::Int
                | Encoding::Seconds
                | Encoding::Milliseconds
                | Encoding::Bytes
                | Encoding::Json
                | Encoding::Contains,
            ) => false,
            // Of the types that lists are made of, only paths may hold a comma.
            (Shape::List(canonical), Encoding::Csv) => canonical("/,").is_some(),
            (Shape::List(canonical), Encoding::Blanks) => ["/ a", "a b"].iter().any(|entry| canonical(entry).is_some()),
            (
                _,
                Encoding::Minutes
                | Encoding::Hours
                | Encoding::Days
                | Encoding::Csv
                | Encoding::Blanks
                | Encoding::Single,
            ) => true,
        }
    }

    /// The text for a value of the profile, as [`crate::policy::Policy::to_json`] gives it.
    pub fn encode(&self, value: &Value) -> Result<String, Misfit> {
        if !self.values.is_empty() {
            return self.own_word(value).cloned().ok_or_else(|| Misfit::one_of(self.values.keys().map(String::as_str)));
        }
        let text = match self.encoding {
            Encoding::Text => value.as_str().map(str::to_owned),
            Encoding::Bool => value.as_bool().map(|truth| truth.to_string()),
            Encoding::Host => value.as_str().and_then(host),
            Encoding::Origin => value.as_str().and_then(origin),
            Encoding::Int => value.as_u64().map(|number| number.to_string()),
            Encoding::Seconds | Encoding::Minutes | Encoding::Hours | Encoding::Days => self.time(value),
            Encoding::Milliseconds => {
                let seconds = value.as_str().and_then(|text| Duration::parse(text).ok()).map(Duration::as_seconds);
                seconds.and_then(|seconds| seconds.checked_mul(MILLISECONDS)).map(|count| count.to_string())
            }
            Encoding::Bytes => {
                value.as_str().and_then(|text| ByteSize::parse(text).ok()).map(|size| size.as_bytes().to_string())
            }
            Encoding::Json => entries(value).map(|_| value.to_string()),
            Encoding::Csv => entries(value).filter(|entries| fit_between_commas(entries)).map(|list| list.join(",")),
            Encoding::Blanks => {
                let fit = |entries: &Vec<&str>| entries.iter().all(|entry| is_one_word(entry));
                let fit =
                    |entries: &Vec<&str>| fit(entries) && !entries.first().is_some_and(|first| first.starts_with('['));
                entries(value).filter(fit).map(|list| list.join(" "))
            }
            Encoding::Single => match entries(value).as_deref() {
                Some([one]) => Some((*one).to_owned()),
                _ => None,
            },
            Encoding::Contains => {
                entries(value).zip(self.entry).map(|(entries, entry)| entries.contains(&entry).to_string())
            }
        };
        text.ok_or_else(|| self.encoding.into())
    }

    fn own_word(&self, value: &Value) -> Option<&String> {
        match value {
            Value::Bool(truth) => self.values.get(if *truth { "true" } else { "false" }),
            other => self.values.get(other.as_str()?),
        }
    }

    fn time(&self, value: &Value) -> Option<String> {
        let (unit, seconds) = (self.encoding.unit()?, Duration::parse(value.as_str()?).ok()?.as_seconds());
        seconds.is_multiple_of(unit).then(|| (seconds / unit).to_string())
    }

    /// The values that a text stands for: one, unless the app has one word for several of the profile's.
    ///
    /// What the encoding takes and the profile would not, such as a mistyped origin, is given back as it stands. A variable
    /// that is about one entry of a list stands for a list of that entry alone, or for an empty one.
    pub fn decode(&self, text: &str) -> Result<Vec<Value>, Misfit> {
        self.decode_beside(text, &Value::Null)
    }

    /// The values that a text stands for where the variables before it, which hold the same key, stand for these: of words,
    /// what all of them may mean; of a list of which each entry has a variable, the list so far with this entry or without.
    pub fn decode_after(&self, before: Option<&[Value]>, text: &str) -> Result<Vec<Value>, Misfit> {
        if self.entry.is_some() || self.encoding.is_of_a_url() {
            return self.decode_beside(text, before.and_then(<[_]>::first).unwrap_or(&Value::Null));
        }
        let mut meant = self.decode(text)?;
        meant.retain(|value| before.is_none_or(|before| before.contains(value)));
        Ok(meant)
    }

    /// The same, where other variables say the rest of a list: the list that they make, with this one's entry or without.
    pub fn decode_beside(&self, text: &str, list: &Value) -> Result<Vec<Value>, Misfit> {
        if matches!(self.shape, Shape::Words(_)) || !self.values.is_empty() {
            return self.words(text);
        }
        let (canonical, misfit) = (|text: &str| self.canonical(text), || Misfit::from(self.encoding));
        let value = match self.encoding {
            Encoding::Text => json!(canonical(text)),
            Encoding::Bool => json!(truth(text).ok_or_else(misfit)?),
            // Who knows the URL knows whether its host is among these; else the first of them is all that is known of it.
            Encoding::Host => {
                let mut hosts = parts(text);
                let is_among = |host: &str| hosts.clone().any(|entry| covers(entry, host));
                if list.as_str().and_then(host).is_some_and(|host| is_among(&host)) {
                    list.clone()
                } else {
                    let first = hosts.next().ok_or_else(misfit)?;
                    let name = first.strip_prefix("*.").or_else(|| first.strip_prefix('.')).unwrap_or(first);
                    json!(format!("https://{name}"))
                }
            }
            Encoding::Origin => {
                let origins = parts(text);
                let first = origins.clone().next().ok_or_else(misfit)?;
                if !origins.clone().all(|entry| entry.contains("://")) {
                    return Err(misfit());
                }
                let is_among = |own: &str| origins.clone().any(|entry| covers_origin(entry, own));
                if list.as_str().and_then(origin).is_some_and(|own| is_among(&own)) {
                    list.clone()
                } else {
                    json!(first.replacen("://*.", "://", 1))
                }
            }
            Encoding::Int => json!(number(text).ok_or_else(misfit)?),
            Encoding::Milliseconds => {
                let whole = |count: &u64| count.is_multiple_of(MILLISECONDS);
                let count = number(text).filter(whole).ok_or_else(misfit)?;
                json!(Duration::seconds(count / MILLISECONDS).to_string())
            }
            Encoding::Seconds | Encoding::Minutes | Encoding::Hours | Encoding::Days => {
                let unit = self.encoding.unit().unwrap_or(1);
                let seconds = number(text).and_then(|count| count.checked_mul(unit)).ok_or_else(misfit)?;
                json!(Duration::seconds(seconds).to_string())
            }
            Encoding::Csv | Encoding::Blanks if text.trim_start().starts_with('[') => return Err(misfit()),
            Encoding::Blanks => text.split_ascii_whitespace().map(canonical).collect(),
            Encoding::Csv => text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(canonical).collect(),
            Encoding::Json => {
                let entries: Vec<String> = serde_json::from_str(text).map_err(|_| misfit())?;
                entries.iter().map(|entry| canonical(entry)).collect()
            }
            Encoding::Single => json!([canonical(text)]),
            Encoding::Bytes => {
                let size = number(text).and_then(ByteSize::bytes).ok_or_else(misfit)?;
                json!(size.to_string())
            }
            Encoding::Contains => {
                let (is_there, entry) = (truth(text).ok_or_else(misfit)?, self.entry.unwrap_or_default());
                let others = entries(list).unwrap_or_default().into_iter().filter(|other| *other != entry);
                others.chain(is_there.then_some(entry)).map(Value::from).collect()
            }
        };
        Ok(vec![value])
    }

    /// Whether a list of which the profile says a part, of hosts or of origins, lets in names that anybody can have.
    pub fn lets_everyone_in(&self, text: &str) -> bool {
        self.encoding.is_of_a_url() && parts(text).any(is_everyones)
    }

    /// The profile's words for one of the app's.
    fn words(&self, text: &str) -> Result<Vec<Value>, Misfit> {
        // An app that reads a truth reads it in any spelling.
        let read = if self.encoding == Encoding::Bool { truth(text) } else { None };
        let is = |own: &str| own == text || (read.is_some() && truth(own) == read);
        let mapped = self.values.iter().filter(|(_, own)| is(own)).map(|(word, _)| word);
        let also = self.also_read.iter().filter(|(own, _)| is(own)).map(|(_, word)| word);
        let mut meant: Vec<&str> = mapped.chain(also).map(String::as_str).collect();
        if let Shape::Words(words) = self.shape
            && self.values.is_empty()
        {
            meant.extend(words.iter().find(|word| **word == text));
        }
        if meant.is_empty() {
            return Err(self.unknown_word());
        }
        let boolean = matches!(self.shape, Shape::Boolean);
        Ok(meant.into_iter().map(|word| if boolean { json!(word == "true") } else { json!(word) }).collect())
    }

    fn unknown_word(&self) -> Misfit {
        let own = self.values.values().chain(self.also_read.keys()).map(String::as_str);
        let mut words: Vec<&str> = match self.shape {
            Shape::Words(words) if self.values.is_empty() => own.chain(words.iter().copied()).collect(),
            _ => own.collect(),
        };
        words.sort_unstable();
        words.dedup();
        Misfit::one_of(words.into_iter())
    }

    fn canonical(&self, text: &str) -> String {
        match self.shape {
            Shape::Text(canonical) | Shape::List(canonical) => canonical(text),
            Shape::Duration => Duration::parse(text).ok().map(|duration| duration.to_string()),
            Shape::Size => ByteSize::parse(text).ok().map(|size| size.to_string()),
            Shape::Boolean | Shape::Integer | Shape::Words(_) | Shape::Reference | Shape::Table => None,
        }
        .unwrap_or_else(|| text.to_owned())
    }
}

/// Whether an entry of a list of hosts or origins lets in what anybody can have: everything, or all below a public suffix.
fn is_everyones(entry: &str) -> bool {
    let name = entry.split_once("://").map_or(entry, |(_, host)| host);
    let below = name.strip_prefix("*.").or_else(|| name.strip_prefix('.'));
    name == "*" || below.is_some_and(|domain| psl::suffix_str(domain) == Some(domain))
}

/// The host of a URL.
fn host(url: &str) -> Option<String> {
    Url::parse(url).ok().map(|url| url.origin().host().to_string())
}

/// The origin of a URL.
fn origin(url: &str) -> Option<String> {
    Url::parse(url).ok().map(|url| url.origin().to_string())
}

/// The entries of a list, in whatever form that an app takes.
fn parts(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split([',', ' ', '[', ']', '"', '\'']).filter(|entry| !entry.is_empty())
}

/// Whether an entry of a list of origins lets an origin in: by itself, or what is below a domain with the same scheme.
fn covers_origin(entry: &str, origin: &str) -> bool {
    let split = |origin: &str| origin.split_once("://").map(|(scheme, host)| (scheme.to_owned(), host.to_owned()));
    let (Some((scheme, entry)), Some((own, host))) = (split(entry), split(origin)) else { return false };
    scheme.eq_ignore_ascii_case(&own)
        && (entry.eq_ignore_ascii_case(&host) || (entry.starts_with("*.") && covers(&entry, &host)))
}

/// Whether an entry of a list of hosts lets a host in: itself, everything below a domain, everything.
fn covers(entry: &str, host: &str) -> bool {
    let below = entry.strip_prefix("*.").or_else(|| entry.strip_prefix('.'));
    let is_below = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    entry == "*" || entry.eq_ignore_ascii_case(host) || below.is_some_and(is_below)
}

/// The texts of a list.
fn entries(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

/// How many of them make a second.
const MILLISECONDS: u64 = 1_000;

/// Whether blanks around a text are all that ends it.
fn is_one_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_ascii_whitespace())
}

/// Whether the entries come back from between commas as they were.
fn fit_between_commas(entries: &[&str]) -> bool {
    entries.iter().all(|entry| !entry.is_empty() && entry.trim() == *entry && !entry.contains(','))
        && !entries.first().is_some_and(|first| first.starts_with('['))
}

/// A truth in the spellings that pydantic takes, and with it most apps.
fn truth(text: &str) -> Option<bool> {
    const TRUE: [&str; 6] = ["true", "1", "yes", "on", "t", "y"];
    const FALSE: [&str; 6] = ["false", "0", "no", "off", "f", "n"];
    let is_one_of = |words: [&str; 6]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(TRUE) { Some(true) } else { is_one_of(FALSE).then_some(false) }
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
