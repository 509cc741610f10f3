//! What stands at a key, as far as a variable of an app could hold the same: of `tokens.access_ttl`, a duration.

/// What stands at a key, as far as a variable of an app could hold the same.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A length of time.
    Duration,
    /// A size in bytes.
    Size,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A text, and how its type would write it; nothing where its type refuses it.
    Text(fn(&str) -> Option<String>),
    /// Where a value is found, which is not the value.
    Reference,
    /// A list of texts, and how their type would write one.
    List(fn(&str) -> Option<String>),
    /// More than one variable can hold.
    Table,
}
