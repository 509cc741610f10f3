//! A key of the profile by its name, as app packs write it: `tokens.access_ttl` is one that holds a duration.

use std::fmt;

use serde_json::Value;

use super::described;
use super::kind::{Kind, Place, UnknownKey};
use super::shape::Shape;
use super::text::{Refusal, Text, quoted};
use super::values::{DottedKey, Duration};
use super::vocabulary;
use crate::source::{KeyPath, nearest};

/// A key of the profile that holds one value.
#[derive(Clone, Debug)]
pub struct Field {
    path: String,
    shape: Shape,
    is_secret: bool,
}

impl Field {
    /// The key, dotted.
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// The key.
    pub fn key(&self) -> KeyPath {
        KeyPath::dotted(self.as_str())
    }

    /// What stands there.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether a secret is kept where it leads. The id of a client may be a reference as well, and is public.
    pub fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// What a policy's values have there, if anything.
    pub fn of<'v>(&self, values: &'v Value) -> Option<&'v Value> {
        self.path.split('.').try_fold(values, |values, key| values.get(key)).filter(|value| !value.is_null())
    }

    fn check(text: &str) -> Result<Self, Refusal> {
        let parts: Vec<&str> = text.split('.').collect();
        // `*` stands for many keys, and what an overlay holds is written for one mode alone.
        let is_one = !parts.contains(&vocabulary::ANY) && parts.first() != Some(&"modes");
        let is_of_a_secret = |place: &Place| matches!(place.kind, Kind::Text(text) if text.secret);
        let holds = |place: Place| (if is_one { place.kind.shape() } else { Shape::Table }, is_of_a_secret(&place));
        match vocabulary::at(&parts).map(holds) {
            Ok((Shape::Table, _)) => Err(Refusal::new(
                format!("{} holds more than one value", quoted(text)),
                "name one of the keys below it, such as \"secrets.secret_key.source\"",
            )),
            Ok((shape, is_secret)) => Ok(Self { path: text.to_owned(), shape, is_secret }),
            Err(unknown) => Err(refusal(text, &parts, unknown)),
        }
    }
}

/// Whether two values of a key say the same. Lists are sets, capitals do not count in what they hold of names, and a length
/// of time may be written in other units.
pub fn same(one: &Value, other: &Value) -> bool {
    let (Some(list), Some(other_list)) = (one.as_array(), other.as_array()) else {
        let time = |value: &Value| value.as_str().and_then(|text| Duration::parse(text).ok());
        return one == other || time(one).is_some_and(|length| time(other) == Some(length));
    };
    let equal = |a: &Value, b: &Value| match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    };
    let within = |part: &[Value], whole: &[Value]| part.iter().all(|one| whole.iter().any(|other| equal(one, other)));
    within(list, other_list) && within(other_list, list)
}

fn refusal(text: &str, parts: &[&str], UnknownKey { left, known }: UnknownKey) -> Refusal {
    let (before, rest) = parts.split_at(parts.len() - left);
    let meant = rest.first().and_then(|part| nearest(part, known.iter().copied()));
    let help = match meant {
        Some(meant) => {
            let path = [before, &[meant], &rest[1..]].concat().join(".");
            format!("did you mean \"{path}\"?")
        }
        None if known.is_empty() => "`seccfg schema` describes every key".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    };
    let mut refusal = Refusal::new(format!("a profile has no key {}", quoted(text)), help);
    refusal.label = "unknown key";
    refusal
}

impl fmt::Display for Field {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.path)
    }
}

impl serde::Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Text for Field {
    const WHAT: &'static str = "a key of the profile";
    const EXAMPLES: &'static [&'static str] = &["cors.origins"];
    const PATTERN: &'static str = DottedKey::PATTERN;

    fn parse(text: &str) -> Result<Self, Refusal> {
        Self::check(text)
    }
}

impl schemars::JsonSchema for Field {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Field".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        described::text(
            Self::PATTERN,
            Self::EXAMPLES,
            "A key of the profile that holds one value, from its root, dotted.",
        )
    }
}

/// A key of the profile, or each of several: in its path, `*` stands for every entry of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPattern(String);

impl KeyPattern {
    /// Its steps, from the profile's root.
    pub fn steps(&self) -> Vec<&str> {
        self.0.split('.').collect()
    }

    /// What stands there.
    pub fn kind(&self) -> &'static Kind {
        vocabulary::at(&self.steps()).map_or(&Kind::Other("nothing"), |place| place.kind)
    }
}

impl fmt::Display for KeyPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl serde::Serialize for KeyPattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Text for KeyPattern {
    const WHAT: &'static str = "a key of the profile";
    const EXAMPLES: &'static [&'static str] = &["hsts.max_age", "cookies.*.secure"];
    const PATTERN: &'static str = "^[A-Za-z0-9_*-]+(\\.[A-Za-z0-9_*-]+)*$";

    fn parse(text: &str) -> Result<Self, Refusal> {
        let parts: Vec<&str> = text.split('.').collect();
        vocabulary::at(&parts).map(|_| Self(text.to_owned())).map_err(|unknown| refusal(text, &parts, unknown))
    }
}

impl schemars::JsonSchema for KeyPattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KeyPattern".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        described::text(
            Self::PATTERN,
            Self::EXAMPLES,
            "A key of the profile from its root, dotted; `*` is every entry of a table.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_and_a_mistyped_one_is_offered_the_nearest() {
        for key in
            ["app.mode", "cors.origins", "secrets.any_name.previous", "email.smtp.port", "oauth.google.client_id"]
        {
            assert!(Field::check(key).is_ok(), "{key}");
        }
        let offered = [
            ("tokens.acces_ttl", "did you mean \"tokens.access_ttl\"?"),
            ("secret.key.source", "did you mean \"secrets.key.source\"?"),
            ("email.smtp.prot", "did you mean \"email.smtp.port\"?"),
        ];
        for (key, help) in offered {
            assert_eq!(Field::check(key).map_err(|refusal| refusal.help).err().as_deref(), Some(help), "{key}");
        }
        for key in ["", "hsts", "secrets.key", "hsts.enabled.more", "secrets.Not A Name.source", "waivers", "modes"]
            .into_iter()
            .chain(["secrets.*.source", "modes.prod.hsts.enabled", "cors.origins.0", "waivers.*.reason"])
        {
            assert!(Field::check(key).is_err(), "{key}");
        }
    }

    #[test]
    fn a_field_knows_what_it_holds() {
        let shape = |key| Field::check(key).map(|field| field.shape());
        assert!(matches!(shape("hsts.enabled"), Ok(Shape::Boolean)));
        assert!(matches!(shape("email.smtp.port"), Ok(Shape::Integer)));
        assert!(matches!(shape("tokens.access_ttl"), Ok(Shape::Duration)));
        assert!(matches!(shape("database.engine"), Ok(Shape::Words(words)) if words.contains(&"mongodb")));
        assert!(matches!(shape("database.url"), Ok(Shape::Reference)));
        assert!(matches!(shape("app.url"), Ok(Shape::Text(canonical))
            if canonical("https://shop.example.com:443").as_deref() == Some("https://shop.example.com")));
        assert!(matches!(shape("cors.origins"), Ok(Shape::List(_))));
    }
}
