//! The names in a value that Compose replaces: `${NAME}`, `$NAME` and `${NAME:-default}`, in which a default may hold further ones.

use crate::dotenv;

/// How many names may stand in each other's defaults.
const DEEPEST: usize = 16;

/// A value in which Compose has replaced every name; nothing where a name stands for nothing that is known.
pub fn interpolated<'v>(text: &str, known: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
    replaced(text, &known, DEEPEST)
}

fn replaced<'v>(text: &str, known: &dyn Fn(&str) -> Option<&'v str>, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let (mut made, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('$') {
        made.push_str(before);
        if let Some(behind) = behind.strip_prefix('$') {
            made.push('$');
            rest = behind;
            continue;
        }
        let (within, behind) = match behind.strip_prefix('{') {
            Some(braced) => dotenv::split_at_end(braced)?,
            None => {
                behind.split_at(behind.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(behind.len()))
            }
        };
        let (name, how) = within.split_at(within.find([':', '-', '?', '+']).unwrap_or(within.len()));
        if !dotenv::is_name(name) {
            return None;
        }
        let value = known(name);
        let is_set = value.is_some_and(|value| !how.starts_with(':') || !value.is_empty());
        let how = how.strip_prefix(':').unwrap_or(how);
        match how.split_at_checked(1) {
            None => made.push_str(value?),
            // Where nobody sets the name, the default starts, and it stands in a file that many may read.
            Some(("-", _)) if is_set => made.push_str(value?),
            Some(("-", default)) => made.push_str(&replaced(default, known, depth)?),
            Some(("?", _)) => made.push_str(value.filter(|_| is_set)?),
            Some(("+", other)) if is_set => made.push_str(&replaced(other, known, depth)?),
            Some(("+", _)) => made.push_str(value.map(|_| "")?),
            Some(_) => return None,
        }
        rest = behind;
    }
    made.push_str(rest);
    Some(made)
}
