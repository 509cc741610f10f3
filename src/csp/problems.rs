//! What is wrong in a policy: all of it is read without a word by browsers, and means less or other than it says.

use std::fmt;

use super::names::{self, Takes};
use super::source::hash_bits;
use super::{Csp, Directive, Expression, Keyword, Malformed, Policy};
use crate::source::nearest;

/// A mistake, with the words as they are written. Shown, it is one sentence without its full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem<'a> {
    /// No directive at all.
    Empty,
    /// A directive that holds other characters than ASCII's.
    NotAscii {
        /// The whole directive.
        directive: &'a str,
    },
    /// A directive that does not exist.
    UnknownDirective {
        /// Its name.
        name: &'a str,
        /// The known one that it resembles.
        meant: Option<&'static str>,
    },
    /// A directive that browsers no longer obey.
    ObsoleteDirective {
        /// Its name.
        name: &'a str,
        /// What does its work.
        instead: &'static str,
    },
    /// A directive that the same policy already has.
    Duplicate {
        /// Its name.
        name: &'a str,
    },
    /// A value behind a directive that takes none.
    UnexpectedValue {
        /// The directive's name.
        name: &'a str,
        /// What stands behind it.
        value: &'a str,
    },
    /// A directive's name among the sources of another.
    MissingSemicolon {
        /// The directive that it became a part of.
        directive: &'a str,
        /// The name.
        name: &'a str,
    },
    /// `'none'`, and something else.
    NoneBesideOthers {
        /// The directive's name.
        directive: &'a str,
    },
    /// A keyword, a nonce or a hash without its quotes, which is the name of a host.
    Unquoted {
        /// The directive's name.
        directive: &'a str,
        /// The word.
        word: &'a str,
    },
    /// A word in quotes that is no keyword.
    UnknownKeyword {
        /// The directive's name.
        directive: &'a str,
        /// The word, quotes included.
        word: &'a str,
        /// The known one that it resembles, without quotes.
        meant: Option<&'static str>,
    },
    /// A word that a directive does not have, of those that are its own.
    UnknownWord {
        /// The directive's name.
        directive: &'a str,
        /// The word.
        word: &'a str,
        /// The known one that it resembles.
        meant: Option<&'static str>,
    },
    /// A word that is no source, or none for this directive.
    NoSource {
        /// The directive's name.
        directive: &'a str,
        /// The word.
        word: &'a str,
        /// Why it is none.
        why: Malformed,
    },
}

impl Problem<'_> {
    /// Whether it decides what a directive says, or whether it is there at all.
    pub fn is_about(&self, directive: &str) -> bool {
        let is = |name: &str| name.eq_ignore_ascii_case(directive);
        match self {
            Self::Empty | Self::NotAscii { .. } => true,
            Self::ObsoleteDirective { .. } | Self::UnexpectedValue { .. } => false,
            Self::UnknownDirective { meant, .. } => meant.is_some_and(is),
            Self::MissingSemicolon { directive, name } => is(directive) || is(name),
            Self::Duplicate { name: directive }
            | Self::NoneBesideOthers { directive }
            | Self::Unquoted { directive, .. }
            | Self::UnknownKeyword { directive, .. }
            | Self::UnknownWord { directive, .. }
            | Self::NoSource { directive, .. } => is(directive),
        }
    }
}

impl<'a> Csp<'a> {
    /// What is wrong, by policy.
    pub fn problems(&self) -> Vec<Problem<'a>> {
        let problems: Vec<_> = self.policies.iter().flat_map(Policy::problems).collect();
        // An empty element of the header's list is no policy, and no mistake (RFC 9110 §5.6.1).
        let empty = problems.is_empty() && self.policies.iter().all(|policy| policy.directives.is_empty());
        if empty { vec![Problem::Empty] } else { problems }
    }
}

impl<'a> Policy<'a> {
    fn problems(&self) -> Vec<Problem<'a>> {
        let skipped = self.text.split(';').map(str::trim_ascii).filter(|text| !text.is_ascii());
        let mut problems: Vec<_> = skipped.map(|directive| Problem::NotAscii { directive }).collect();
        for (index, directive) in self.directives.iter().enumerate() {
            // Nobody reads a duplicate, so its value is not looked at.
            if self.directives[..index].iter().any(|earlier| earlier.is(directive.name)) {
                problems.push(Problem::Duplicate { name: directive.name });
            } else {
                directive.problems(&mut problems);
            }
        }
        problems
    }
}

impl<'a> Directive<'a> {
    fn problems(self, problems: &mut Vec<Problem<'a>>) {
        let name = self.name;
        match names::takes(name) {
            Some(takes @ (Takes::Sources | Takes::Ancestors)) => {
                if self.has(Keyword::None) && self.words().nth(1).is_some() {
                    problems.push(Problem::NoneBesideOthers { directive: name });
                }
                problems.extend(self.words().filter_map(|word| problem_of(name, takes, word)));
            }
            Some(Takes::Words) => {}
            Some(Takes::OneOf(known)) => {
                let is_known = |word: &str| known.iter().any(|known| known.eq_ignore_ascii_case(word));
                let bare = |word: &'static str| word.trim_matches('\'');
                problems.extend(self.words().filter(|word| !is_known(word)).map(|word| {
                    let meant = nearest(word.trim_matches('\''), known.iter().map(|known| bare(known)));
                    let meant = meant.and_then(|meant| known.iter().find(|known| bare(known) == meant).copied());
                    Problem::UnknownWord { directive: name, word, meant }
                }));
            }
            Some(Takes::Nothing) => {
                let value = self.value.trim_ascii();
                problems.extend((!value.is_empty()).then_some(Problem::UnexpectedValue { name, value }));
            }
            Some(Takes::Obsolete(instead)) => problems.push(Problem::ObsoleteDirective { name, instead }),
            None => problems.push(Problem::UnknownDirective { name, meant: names::meant_by(name) }),
        }
    }
}

fn problem_of<'a>(directive: &'a str, takes: Takes, word: &'a str) -> Option<Problem<'a>> {
    // All of these can be hosts by their form, so they are looked for first.
    if !word.starts_with('\'') {
        if word.contains('-') && names::takes(word).is_some() {
            return Some(Problem::MissingSemicolon { directive, name: word });
        }
        if is_unquoted(word) {
            return Some(Problem::Unquoted { directive, word });
        }
    }
    let why = match Expression::parse(word) {
        Ok(Expression::Keyword(Keyword::None | Keyword::SameOrigin) | Expression::Scheme(_) | Expression::Host(_)) => {
            return None;
        }
        Ok(Expression::Keyword(_) | Expression::Nonce(_) | Expression::Hash { .. }) if takes == Takes::Ancestors => {
            Malformed::Host
        }
        // A digit of base64 holds six bits.
        Ok(Expression::Hash { bits, digest }) if digest.trim_end_matches('=').len() != bits.div_ceil(6) => {
            Malformed::Hash
        }
        Ok(Expression::Keyword(_) | Expression::Nonce(_) | Expression::Hash { .. }) => return None,
        Err(Malformed::Keyword) => {
            let known = Keyword::ALL.iter().map(|keyword| keyword.as_str());
            return Some(Problem::UnknownKeyword { directive, word, meant: nearest(word.trim_matches('\''), known) });
        }
        Err(why @ (Malformed::Nonce | Malformed::Hash | Malformed::Host)) => why,
    };
    Some(Problem::NoSource { directive, word, why })
}

fn is_unquoted(word: &str) -> bool {
    // A dot is in no keyword, nonce or hash: `nonce-1.example` is a host.
    let prefixed = |(kind, rest): (&str, &str)| {
        (kind.eq_ignore_ascii_case("nonce") || hash_bits(kind).is_some()) && !rest.contains('.')
    };
    Keyword::find(word).is_some() || word.split_once('-').is_some_and(prefixed)
}

impl fmt::Display for Problem<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => out.write_str("the policy has no directive"),
            Self::NotAscii { directive } => {
                write!(out, "browsers skip `{directive}`: other characters than ASCII's are in it")
            }
            Self::UnknownDirective { name, meant: None } => write!(out, "there is no directive `{name}`"),
            Self::UnknownDirective { name, meant: Some(meant) } => {
                write!(out, "there is no directive `{name}`; did you mean `{meant}`?")
            }
            Self::ObsoleteDirective { name, instead } => write!(out, "browsers no longer obey `{name}`: {instead}"),
            Self::Duplicate { name } => write!(out, "`{name}` is there twice, and the first alone counts"),
            Self::UnexpectedValue { name, value } => write!(out, "`{name}` takes no value, and `{value}` follows it"),
            Self::MissingSemicolon { directive, name } => {
                write!(out, "`{name}` stands among the sources of `{directive}`: a semicolon is missing before it")
            }
            Self::NoneBesideOthers { directive } => {
                write!(out, "`'none'` means nothing in `{directive}`, as other sources stand beside it")
            }
            Self::Unquoted { directive, word } => {
                write!(out, "`{word}` in `{directive}` is the name of a host; write `'{word}'`")
            }
            Self::UnknownKeyword { directive, word, meant: None } => {
                write!(out, "there is no keyword `{word}`, and browsers skip it in `{directive}`")
            }
            Self::UnknownKeyword { directive, word, meant: Some(meant) } => {
                write!(
                    out,
                    "there is no keyword `{word}`, and browsers skip it in `{directive}`; did you mean `'{meant}'`?"
                )
            }
            Self::UnknownWord { directive, word, meant } => {
                write!(out, "browsers skip `{word}` in `{directive}`")?;
                meant.map_or(Ok(()), |meant| write!(out, "; did you mean `{meant}`?"))
            }
            Self::NoSource { directive, word, why: Malformed::Nonce } => {
                write!(out, "`{word}` in `{directive}` is no nonce: its value has to be base64")
            }
            Self::NoSource { directive, word, why: Malformed::Hash } => {
                write!(out, "`{word}` in `{directive}` matches nothing: it is no digest of this length in base64")
            }
            Self::NoSource { directive, word, why: Malformed::Keyword | Malformed::Host } => {
                write!(out, "`{word}` is no source for `{directive}`")
            }
        }
    }
}
