//! The names in a value that Compose replaces: `${NAME}`, `$NAME` and `${NAME:-default}`.

use crate::dotenv;

/// A value in which Compose has replaced every name; nothing where a name stands for nothing that is known.
pub fn interpolated<'v>(text: &str, known: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
    let (mut made, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('$') {
        made.push_str(before);
        if let Some(behind) = behind.strip_prefix('$') {
            made.push('$');
            rest = behind;
            continue;
        }
        let (within, behind) = match behind.strip_prefix('{') {
            Some(braced) => braced.split_once('}')?,
            None => {
                behind.split_at(behind.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(behind.len()))
            }
        };
        let (name, how) = within.split_at(within.find([':', '-', '?', '+']).unwrap_or(within.len()));
        // What stands within a default in its turn is nothing that anybody writes for a secret.
        if !dotenv::is_name(name) || how.contains('$') {
            return None;
        }
        let value = known(name);
        let is_set = value.is_some_and(|value| !how.starts_with(':') || !value.is_empty());
        let how = how.strip_prefix(':').unwrap_or(how);
        made.push_str(match how.split_at_checked(1) {
            None => value?,
            // Where nobody sets the name, the default starts, and it stands in a file that many may read.
            Some(("-", default)) => {
                if is_set {
                    value?
                } else {
                    default
                }
            }
            Some(("?", _)) => value.filter(|_| is_set)?,
            Some(("+", other)) => {
                if is_set {
                    other
                } else {
                    value.map(|_| "")?
                }
            }
            Some(_) => return None,
        });
        rest = behind;
    }
    made.push_str(rest);
    Some(made)
}
