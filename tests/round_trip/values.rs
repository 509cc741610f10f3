//! The kinds of text that a profile's author writes: their tokens, and what is most hostile of what each takes.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::dice::Dice;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The app's name.
    Label,
    /// The name of a table.
    Name,
    Cookie,
    /// A host as it stands in a URL: a name, or an address.
    Host,
    HostName,
    /// The host of an origin.
    Origin,
    /// The path of a URL, without the slashes at its ends.
    Mount,
    /// A path of the app's, the same.
    Path,
    /// A segment of a path that says whose a request is, or what it may take.
    Place,
    /// A file on the server, without its first slash.
    File,
    /// The same for a socket.
    Socket,
    /// A file below a folder.
    FileName,
    Network,
    Method,
    /// A header's name.
    Header,
    /// A header's value.
    Value,
    /// The name of an environment variable.
    Variable,
}

const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Names that a configuration language has words for.
const WORDS: &[&str] =
    &["default", "include", "hostnames", "volatile", "import", "not", "path", "vars", "if", "app", "health", "service"];

/// What ends, starts or changes something in a configuration, a template, a shell, a pattern or a header.
const SIGNS: &[&str] = &[
    "\"",
    "'",
    "`",
    "\\",
    "\\\\",
    "\\\"",
    "\\n",
    "\\r",
    "\\t",
    "\\x0a",
    "\\$",
    ";",
    "; ",
    "{",
    "}",
    "{}",
    "\"; }",
    "'; }",
    "#",
    " #",
    "\"\"",
    "''",
    "$",
    "$$",
    "$host",
    "${host}",
    "$1",
    "$request_uri",
    "$seccfg_",
    "{$HOME}",
    "{env.HOME}",
    "{file./etc/passwd}",
    "{http.request.host}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{{ x }}",
    "~",
    "~*",
    "~^",
    "*",
    "^",
    "|",
    "(",
    ")",
    "(?i)",
    "[",
    "]",
    "?",
    "+",
    ".",
    "%",
    "%0a",
    "%0d%0aX-Evil: 1",
    "/",
    "//",
    "/*",
    "*/",
    "//",
    "<",
    ">",
    "<!--",
    "&",
    "!",
    "@",
    ":",
    ",",
    "=",
    "default",
    "include /etc/passwd;",
    "import x",
    "add_header X-Evil 1;",
    "default-src 'self'",
    "'none'",
    "camera=()",
    "https://a.example",
    "null",
    "true",
    "0",
    "  ",
];

impl Kind {
    const NAMED: [(&'static str, Self); 17] = [
        ("label", Self::Label),
        ("name", Self::Name),
        ("cookie", Self::Cookie),
        ("host", Self::Host),
        ("host name", Self::HostName),
        ("origin", Self::Origin),
        ("mount", Self::Mount),
        ("path", Self::Path),
        ("place", Self::Place),
        ("file", Self::File),
        ("socket", Self::Socket),
        ("file name", Self::FileName),
        ("network", Self::Network),
        ("method", Self::Method),
        ("header", Self::Header),
        ("value", Self::Value),
        ("variable", Self::Variable),
    ];

    /// The kind that a hole of the vocabulary names.
    pub fn named(name: &str) -> Self {
        let found = Self::NAMED.iter().find(|(own, _)| *own == name);
        found.unwrap_or_else(|| panic!("no kind of text is called {name}")).1
    }

    /// Whether a profile may say the same text again without saying nonsense.
    pub fn may_stand_twice(self) -> bool {
        matches!(
            self,
            Self::Path
                | Self::Place
                | Self::Network
                | Self::HostName
                | Self::Origin
                | Self::Header
                | Self::Value
                | Self::File
                | Self::FileName
        )
    }

    /// The plain text that stands for one of a kind.
    pub fn token(self, index: usize) -> String {
        if self == Self::Network {
            return format!("198.18.{}.{}", index >> 8, index & 0xff);
        }
        let letters: String = [12, 8, 4, 0].map(|bits| char::from(LOWER[(index >> bits) & 0xf])).iter().collect();
        let token = format!("zq{letters}zq");
        if matches!(self, Self::Method | Self::Variable) { token.to_ascii_uppercase() } else { token }
    }

    /// The length and the number of the token that a text begins with.
    pub fn read_token(text: &str) -> Option<(usize, usize)> {
        if let Some(rest) = text.strip_prefix("198.18.") {
            let address = &rest[..rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len())];
            let (high, low) = address.split_once('.')?;
            return Some((
                text.len() - rest.len() + address.len(),
                high.parse::<usize>().ok()? << 8 | low.parse::<usize>().ok()?,
            ));
        }
        let token = text.get(..8).filter(|token| token.as_bytes()[1].eq_ignore_ascii_case(&b'q'))?;
        let lower = token.to_ascii_lowercase();
        let letters = lower.strip_prefix("zq")?.strip_suffix("zq")?;
        let index = letters.bytes().try_fold(0, |index, letter| {
            let digit = LOWER[..16].iter().position(|own| *own == letter)?;
            Some(index << 4 | digit)
        })?;
        Some((token.len(), index))
    }

    /// What makes two texts of a kind one.
    pub fn identity(self, value: &str) -> (u8, String) {
        match self {
            Self::Path => (1, value.to_owned()),
            Self::Place | Self::Mount => (0, value.to_owned()),
            Self::Network => (2, network(value)),
            Self::Host | Self::HostName | Self::Origin => (3, value.to_owned()),
            other => (other as u8 + 4, value.to_owned()),
        }
    }

    /// One of the texts that a kind takes.
    pub fn value(self, dice: &mut Dice) -> String {
        match self {
            Self::Label => label(dice, 63),
            Self::Name if dice.once_in(12) => dice.pick(WORDS).to_owned(),
            Self::Name => dice.text(LOWER, 1) + &name(dice, b"abcdefghijklmnopqrstuvwxyz0123456789__", 39),
            Self::Cookie => {
                let prefix = dice.pick(&["", "", "__Host-", "__Secure-", ".", "-", "_"]);
                format!("{prefix}{}x", name(dice, b"aZ09_.-", 110))
            }
            Self::Host | Self::Origin => match dice.below(5) {
                0 => Ipv4Addr::from_bits(number(dice)).to_string(),
                1 => format!("[{}]", address_6(dice)),
                _ => host_name(dice),
            },
            Self::HostName => host_name(dice),
            Self::Mount => segments(dice, 250, &["a", "B", "0", "._~-", "~", "...", "-", ".a", "a."]),
            Self::Path => path(dice),
            Self::Place => segment(dice, b"aZ9._~!&'()+,=:@-"),
            Self::File => {
                file(dice, &["/", ".", "..", "_", "-", "+", "@", "%", "=", ":", ",", "~", "a", "Z", "%20", "//"], 1_000)
            }
            Self::Socket => file(dice, &["/", ".", "_", "-", "+", "@", "%", "=", ",", "~", "a", "Z", "//"], 100),
            Self::FileName => dice.text(LOWER, 1) + &name(dice, b"aZ0._-", 60),
            Self::Network => match dice.below(6) {
                0 => Ipv4Addr::from_bits(number(dice)).to_string(),
                1 => address_6(dice).to_string(),
                2 | 3 => {
                    let bits = 1 + dice.below(32);
                    format!("{}/{bits}", Ipv4Addr::from_bits(number(dice) & u32::MAX << (32 - bits)))
                }
                _ => {
                    let bits = 1 + dice.below(128);
                    format!("{}/{bits}", Ipv6Addr::from_bits(address_6(dice).to_bits() & u128::MAX << (128 - bits)))
                }
            },
            Self::Method => dice.text(UPPER, 1) + &name(dice, UPPER, 19),
            Self::Header => name(dice, b"aZ09_-", 99) + "x",
            Self::Value => header_value(dice),
            Self::Variable => dice.pick(&["_", "A", "z"]).to_owned() + &name(dice, b"aZ09_", 60),
        }
    }

    /// A text that no kind takes.
    pub fn refused(dice: &mut Dice) -> String {
        dice.pick(&[
            "\n",
            "\r\n",
            "a\nX-Evil: 1",
            "\0",
            "\u{7f}",
            "\u{1b}[2J",
            "é",
            "\u{202e}",
            "日本",
            "\u{feff}a",
            "a\tb\u{85}",
        ])
        .to_owned()
    }
}

/// A network in full.
pub fn network(text: &str) -> String {
    match text {
        _ if text.contains('/') => text.to_owned(),
        _ if text.contains(':') => format!("{text}/128"),
        _ => format!("{text}/32"),
    }
}

/// At most so many characters: mostly few, now and then all.
fn name(dice: &mut Dice, alphabet: &[u8], most: usize) -> String {
    let length = if dice.once_in(20) { most } else { dice.below(most.min(12)) };
    dice.text(alphabet, length)
}

fn number(dice: &mut Dice) -> u32 {
    dice.text(LOWER, 8).bytes().fold(0, |number: u32, byte| number << 4 ^ u32::from(byte))
}

fn address_6(dice: &mut Dice) -> Ipv6Addr {
    let [a, b, c, d] = [number(dice), number(dice), number(dice), number(dice)].map(u128::from);
    let all = a << 96 | b << 64 | c << 32 | d;
    // With and without zeros to shorten, and small ones, which print as IPv4 does in some libraries.
    Ipv6Addr::from_bits(all & dice.pick(&[u128::MAX, u128::MAX << 96, !(u128::MAX << 40 >> 20), 0xffff_ffff, 0xffff]))
}

fn label(dice: &mut Dice, most: usize) -> String {
    let ends = b"abz019";
    let inner = name(dice, b"abz019--", most - 2);
    format!("{}{inner}{}", dice.text(ends, 1), dice.text(ends, 1))
}

fn host_name(dice: &mut Dice) -> String {
    let mut host: String = (0..dice.below(5)).map(|_| label(dice, 40) + ".").collect();
    if dice.once_in(12) {
        host.push_str("xn--mnchen-3ya.");
    }
    // A last label that is a number would make it an address.
    host + &dice.text(LOWER, 2) + dice.pick(&["", "x", "-0a", "--z"])
}

fn segments(dice: &mut Dice, most: usize, pieces: &[&str]) -> String {
    let mut out = String::new();
    for number in 0..=dice.below(4) {
        let longest = if dice.once_in(9) { 60 } else { 6 };
        let segment: String = (0..=dice.below(longest)).map(|_| dice.pick(pieces)).collect();
        let segment = if matches!(segment.as_str(), "." | "..") { "x".to_owned() } else { segment };
        if out.len() + segment.len() < most {
            out.extend([if number == 0 { "" } else { "/" }, &segment]);
        }
    }
    // Never nothing, and never what a shorter one could be the beginning of.
    format!("{out}~{}", dice.text(LOWER, 3))
}

/// A segment that is as long as its token, and that no other path has.
pub fn segment(dice: &mut Dice, alphabet: &[u8]) -> String {
    dice.text(alphabet, 7) + "Q"
}

fn path(dice: &mut Dice) -> String {
    let pieces = ["a", "Z", "9", ".", "_", "~", "!", "&", "'", "(", ")", "+", ",", "=", ":", "@", "-", "..", "docs"];
    let mut path = segments(dice, 480, &pieces);
    for _ in 0..dice.below(3) {
        path = if dice.once_in(2) { format!("*/{path}") } else { format!("{path}/*") };
    }
    path
}

fn file(dice: &mut Dice, pieces: &[&str], most: usize) -> String {
    let mut out = String::new();
    for _ in 0..if dice.once_in(20) { most } else { 1 + dice.below(20) } {
        let piece = dice.pick(pieces);
        if out.len() + piece.len() < most {
            out.push_str(piece);
        }
    }
    format!("{out}{}", dice.text(LOWER, 2))
}

fn header_value(dice: &mut Dice) -> String {
    const MOST: usize = 4_000;
    let printable: Vec<u8> = (b' '..=b'~').collect();
    let mut value = String::new();
    let pieces = if dice.once_in(40) { 2_000 } else { 1 + dice.below(12) };
    let only = dice.once_in(6).then(|| dice.pick(SIGNS));
    let mut bytes = 0;
    for _ in 0..pieces {
        let piece = match only {
            Some(sign) => sign.to_owned(),
            None if dice.once_in(3) => {
                let length = dice.below(9);
                dice.text(&printable, length)
            }
            None => dice.pick(SIGNS).to_owned(),
        };
        bytes += piece.len() + piece.matches(['"', '\\']).count();
        if bytes > MOST {
            break;
        }
        value.push_str(&piece);
    }
    let value = value.trim();
    if value.is_empty() { "\"".to_owned() } else { value.to_owned() }
}
