//! A cookie's flags, as what has to be replaced in the `Set-Cookie` header that the app sends.

use super::super::path::literal;
use crate::plan::CookieFlags;
use crate::profile::SameSite;

/// What to look for and what to write instead, in this order. Of each flag that is written the app's own goes first, so
/// that it stands there once or not at all; what else the app says of the cookie stays.
pub fn replacements(cookie: &CookieFlags<'_>) -> Vec<(String, String)> {
    let name: String = cookie.name.as_str().chars().map(literal).collect();
    let mut replacements = Vec::new();
    let mut added = String::new();
    let flags = [
        (cookie.secure, "secure(?:=[^;]*)?", "; Secure"),
        (cookie.http_only, "httponly(?:=[^;]*)?", "; HttpOnly"),
        (
            cookie.same_site.map(|_| true),
            "samesite(?:=[^;]*)?",
            cookie.same_site.map_or("", |same_site| match same_site {
                SameSite::Strict => "; SameSite=Strict",
                SameSite::Lax => "; SameSite=Lax",
                SameSite::None => "; SameSite=None",
            }),
        ),
    ];
    for (on, own, flag) in flags {
        let Some(on) = on else { continue };
        let find = format!("^({name}[ \\t]*=[^;]*(?:;[^;]*)*?);[ \\t]*(?i:{own})[ \\t]*((?:;.*)?)$");
        // Browsers go by the last: one that the app says twice is taken away twice.
        replacements.extend([(find.clone(), "$1$2".to_owned()), (find, "$1$2".to_owned())]);
        if on {
            added.push_str(flag);
        }
    }
    if !added.is_empty() {
        replacements.push((format!("^({name}[ \\t]*=.*)$"), format!("$1{added}")));
    }
    replacements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{CookieName, Text};

    #[test]
    fn a_flag_that_is_not_written_is_left_alone() {
        let name = CookieName::parse("a.b").expect("a name");
        let cookie = |secure, http_only, same_site| CookieFlags {
            name: &name,
            secure,
            http_only,
            same_site,
            partitioned: false,
            by_scripts: false,
        };
        assert_eq!(replacements(&cookie(None, None, None)), []);
        let cleared = replacements(&cookie(None, Some(false), None));
        assert_eq!(cleared.len(), 2);
        assert!(cleared[0].0.starts_with("^(a[.]b[ \\t]*=") && cleared[0].0.contains("(?i:httponly(?:=[^;]*)?)"));
        let all = replacements(&cookie(Some(true), Some(false), Some(SameSite::Lax)));
        assert_eq!(all.len(), 7);
        assert_eq!(all[6], ("^(a[.]b[ \\t]*=.*)$".to_owned(), "$1; Secure; SameSite=Lax".to_owned()));
    }
}
