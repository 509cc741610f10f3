//! Permissions-Policy, as browsers read it: a dictionary of RFC 9651, `camera=(), geolocation=(self "https://a.example")`.

use crate::csp::Expression;
use crate::source::is_slip;

/// Features that reach the visitor's surroundings, devices, money or credentials.
const POWERFUL: [&str; 26] = [
    "accelerometer",
    "bluetooth",
    "camera",
    "clipboard-read",
    "digital-credentials-get",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "keyboard-map",
    "local-fonts",
    "local-network-access",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "serial",
    "storage-access",
    "usb",
    "window-management",
    "xr-spatial-tracking",
];

/// What is wrong in a policy.
#[derive(Debug, PartialEq, Eq)]
pub enum Flaw<'a> {
    /// It is no dictionary: browsers ignore all of it.
    Unreadable {
        /// The word at which they stop.
        at: &'a str,
    },
    /// A word that is no one's.
    Skipped {
        /// The feature.
        feature: &'a str,
        /// The word.
        word: &'a str,
    },
    /// A feature of which nothing is said: in a dictionary that means "true", which is nobody.
    Valueless {
        /// The feature.
        feature: &'a str,
    },
    /// A feature that nobody knows, and a powerful one that is written almost so.
    Misspelt {
        /// What is written.
        feature: &'a str,
        /// What may be meant.
        meant: &'static str,
    },
    /// Powerful features for every origin.
    ForEveryone(Vec<&'a str>),
}

/// A member of the dictionary.
struct Member<'a> {
    name: &'a str,
    /// Who may: tokens and quoted origins, as they are written.
    who: Vec<&'a str>,
    /// All of it, as it is written.
    text: &'a str,
}

/// What is wrong first; nothing where nothing is.
pub fn flaw(text: &str) -> Option<Flaw<'_>> {
    let members = match read(text) {
        Ok(members) => members,
        Err(rest) => {
            // A word, or the one mark that nothing should follow.
            let mut marks = rest.char_indices().skip(1).filter(|(_, c)| [' ', ';', ','].contains(c));
            let end = marks.next().map_or(rest.len(), |(end, _)| end);
            let word = &rest[..end];
            return Some(Flaw::Unreadable { at: if word.contains('(') { word } else { word.trim_end_matches(')') } });
        }
    };
    if let Some(member) = members.iter().find(|member| !member.text.contains('=')) {
        return Some(Flaw::Valueless { feature: member.name });
    }
    let is_known = |word: &&str| is_quoted_origin(word) || ["self", "src", "*"].contains(word);
    let skipped =
        members.iter().find_map(|member| Some((member.name, *member.who.iter().find(|word| !is_known(word))?)));
    if let Some((feature, word)) = skipped {
        return Some(Flaw::Skipped { feature, word });
    }
    for Member { name: feature, .. } in members.iter().filter(|member| !POWERFUL.contains(&member.name)) {
        if let Some(meant) = POWERFUL.into_iter().find(|known| is_slip(feature, known)) {
            return Some(Flaw::Misspelt { feature, meant });
        }
    }
    let is_open = |member: &&Member<'_>| member.who.contains(&"*") && POWERFUL.contains(&member.name);
    let open: Vec<&str> = members.iter().filter(is_open).map(|member| member.name).collect();
    (!open.is_empty()).then_some(Flaw::ForEveryone(open))
}

/// Whether a word is an origin in double quotes, or one whose first label is `*`, which browsers of the Chromium family take.
fn is_quoted_origin(word: &str) -> bool {
    let Some(text) = word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) else { return false };
    let Some(Expression::Host(host)) = Expression::parse(text).ok() else { return false };
    host.scheme.is_some_and(|scheme| ["http", "https"].contains(&scheme)) && host.name != "*"
}

/// The policy with these features for the site alone.
pub fn narrowed(text: &str, features: &[&str]) -> String {
    let members = read(text).unwrap_or_default();
    let written = members.iter().map(|member| {
        if features.contains(&member.name) { format!("{}=(self)", member.name) } else { member.text.to_owned() }
    });
    written.collect::<Vec<_>>().join(", ")
}

/// The policy that was meant, where it is written as Feature-Policy was: `camera 'none'; geolocation 'self' https://a.example`,
/// or with its semicolons, `camera=(); geolocation=(self)`.
pub fn translated(text: &str) -> Option<String> {
    let directive = |directive: &str| {
        if read(directive).is_ok_and(|members| members.iter().all(|member| member.text.contains('='))) {
            return Some(directive.to_owned());
        }
        let mut words = directive.split_ascii_whitespace();
        let name = words.next().filter(|name| is_key(name))?;
        let mut who = Vec::new();
        for word in words {
            match word {
                "'none'" => {}
                "*" => return Some(format!("{name}=*")),
                "'self'" => who.push("self".to_owned()),
                origin if origin.starts_with("https://") && !origin.contains(['"', '\\', '\'']) => {
                    who.push(format!("\"{origin}\""));
                }
                _ => return None,
            }
        }
        Some(format!("{name}=({})", who.join(" ")))
    };
    let directives = text.split([';', ',']).map(str::trim).filter(|text| !text.is_empty());
    let members = directives.map(directive).collect::<Option<Vec<_>>>()?;
    (!members.is_empty()).then(|| members.join(", "))
}

/// Reads the dictionary; what could not be read, from there on.
fn read(text: &str) -> Result<Vec<Member<'_>>, &str> {
    let mut members = Vec::new();
    let mut rest = text.trim_matches(' ');
    loop {
        let start = rest;
        let end = rest.find(|c: char| !is_key_character(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if !is_key(name) {
            return Err(rest);
        }
        let mut who = Vec::new();
        rest = match after.strip_prefix('=') {
            None => after,
            Some(after) => {
                if let Some(list) = after.strip_prefix('(') {
                    read_list(list, &mut who)?
                } else {
                    let (word, after) = read_item(after).ok_or(after)?;
                    who.push(word);
                    after
                }
            }
        };
        // Parameters, such as `;report-to=main`.
        while let Some(after) = rest.strip_prefix(';') {
            let after = after.trim_start_matches(' ');
            let (parameter, behind) = after.split_at(after.find(|c| !is_key_character(c)).unwrap_or(after.len()));
            if !is_key(parameter) {
                return Err(rest);
            }
            rest = match behind.strip_prefix('=') {
                None => behind,
                Some(value) => read_item(value).ok_or(after)?.1,
            };
        }
        members.push(Member { name, who, text: start[..start.len() - rest.len()].trim_matches(' ') });
        rest = rest.trim_start_matches(' ');
        if rest.is_empty() {
            return Ok(members);
        }
        let behind = rest.strip_prefix(',').ok_or(rest)?.trim_start_matches(' ');
        // A comma at the end ends nothing.
        if behind.is_empty() {
            return Err(rest);
        }
        rest = behind;
    }
}

/// Reads what stands in parentheses, and gives back what follows them.
fn read_list<'a>(list: &'a str, who: &mut Vec<&'a str>) -> Result<&'a str, &'a str> {
    let mut rest = list.trim_start_matches(' ');
    loop {
        if let Some(after) = rest.strip_prefix(')') {
            return Ok(after);
        }
        let (word, after) = read_item(rest).ok_or(rest)?;
        if !after.starts_with([' ', ')']) {
            return Err(after);
        }
        who.push(word);
        rest = after.trim_start_matches(' ');
    }
}

/// Reads a token, or a string in double quotes.
fn read_item(text: &str) -> Option<(&str, &str)> {
    if let Some(inner) = text.strip_prefix('"') {
        let end = inner.find('"')? + 2;
        return Some(text.split_at(end));
    }
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/".contains(c);
    let end = text.find(|c| !is_token(c)).unwrap_or(text.len());
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '*');
    (starts && end > 0).then(|| text.split_at(end))
}

fn is_key(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '*') && name.chars().all(is_key_character)
}

const fn is_key_character(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_read_is_read() {
        for text in [
            "camera=(), geolocation=(self), microphone=()",
            "camera=()",
            "payment=(self \"https://pay.example.com\"),usb=()",
            "fullscreen=*, sync-xhr=*",
            "camera=( self ), geolocation=self",
            "camera=();report-to=main, usb=()",
            "camera=(); report-to=\"main\";other, usb=()",
        ] {
            assert_eq!(flaw(text), None, "{text}");
        }
    }

    #[test]
    fn what_they_cannot_read_is_told() {
        for (text, at) in [
            ("camera 'none'", "'none'"),
            ("camera 'none'; geolocation 'self'", "'none'"),
            ("camera=('none')", "'none'"),
            ("Camera=()", "Camera=()"),
            ("camera=(), ", ","),
            ("camera=(self", ""),
            ("camera=() geolocation=()", "geolocation=()"),
            ("camera=(\"https://a.example)", "\"https://a.example"),
            ("camera=(); microphone=()", "microphone=()"),
        ] {
            assert_eq!(flaw(text), Some(Flaw::Unreadable { at }), "{text}");
        }
        let skipped = Flaw::Skipped { feature: "usb", word: "https://a.example" };
        assert_eq!(flaw("camera=(), usb=(https://a.example)"), Some(skipped));
        assert_eq!(flaw("camera=none"), Some(Flaw::Skipped { feature: "camera", word: "none" }));
        let misspelt = Flaw::Misspelt { feature: "geo-location", meant: "geolocation" };
        assert_eq!(flaw("camera=(), geo-location=()"), Some(misspelt));
        assert_eq!(flaw("camera=*, usb=(*), fullscreen=*"), Some(Flaw::ForEveryone(vec!["camera", "usb"])));
    }

    #[test]
    fn what_was_meant_can_be_read() {
        for (old, new) in [
            (
                "camera 'none'; geolocation 'self' https://a.example;",
                "camera=(), geolocation=(self \"https://a.example\")",
            ),
            ("camera 'none'", "camera=()"),
            ("fullscreen *", "fullscreen=*"),
            ("camera=(); microphone=(self)", "camera=(), microphone=(self)"),
        ] {
            assert_eq!(translated(old).as_deref(), Some(new), "{old}");
            assert_eq!(flaw(new), None, "{new}");
        }
        assert_eq!(translated("camera=("), None);
        let narrow = narrowed("camera=*, fullscreen=*, usb=(* \"https://a.example\")", &["camera", "usb"]);
        assert_eq!(narrow, "camera=(self), fullscreen=*, usb=(self)");
        assert_eq!(flaw(&narrow), None);
    }
}
