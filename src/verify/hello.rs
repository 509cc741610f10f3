//! A `ClientHello` of our own, for what no careful library offers: old versions of TLS, weak suites, odd groups. The server
//! chooses, or refuses; the handshake is never finished, and needs no cryptography.
//!
//! In TLS 1.3 no key is offered for any group (RFC 8446 §4.2.8), so that a server which takes one of them asks for its
//! key by name.

use std::fmt;
use std::io::Read;

use super::wire::{Stage, Trouble};

/// A version of the protocol, as it goes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u16);

impl Version {
    /// TLS 1.0.
    pub const TLS_1_0: Self = Self(0x0301);
    /// TLS 1.1.
    pub const TLS_1_1: Self = Self(0x0302);
    /// TLS 1.2.
    pub const TLS_1_2: Self = Self(0x0303);
    /// TLS 1.3.
    pub const TLS_1_3: Self = Self(0x0304);
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self(0x0300) => out.write_str("SSL 3.0"),
            Self(number @ 0x0301..=0x0304) => write!(out, "TLS 1.{}", number - 0x0301),
            Self(number) => write!(out, "the version {number:#06x}"),
        }
    }
}

/// What is offered.
#[derive(Clone, Debug)]
pub struct Hello {
    /// The highest version.
    pub version: Version,
    /// The suites, by their numbers.
    pub suites: Vec<u16>,
    /// The groups, by their numbers.
    pub groups: Vec<u16>,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It takes none of what was offered.
    Nothing,
    /// It chooses.
    Chose {
        /// The version.
        version: Version,
        /// The suite.
        suite: u16,
        /// The group, where it names one.
        group: Option<u16>,
    },
}

/// Every algorithm for signatures that a server could have a certificate for, the old ones too.
const SIGNATURES: [u16; 14] =
    [0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x0401, 0x0501, 0x0201, 0x0203];

const SERVER_NAME: u16 = 0;
const GROUPS: u16 = 10;
const POINTS: u16 = 11;
const SIGNATURE_ALGORITHMS: u16 = 13;
const EXTENDED_MASTER_SECRET: u16 = 23;
const VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;
const RENEGOTIATION: u16 = 0xff01;

/// The most that is read of a server's answer: its hello, in TLS 1.2 with its certificates.
const MOST: usize = 64 << 10;

impl Hello {
    /// The bytes to send, for a name.
    pub(super) fn record(&self, name: &str) -> Vec<u8> {
        let mut extensions = Vec::new();
        let mut extension = |number: u16, content: Vec<u8>| {
            extensions.extend(number.to_be_bytes());
            extensions.extend(long(content));
        };
        // Addresses are not sent.
        if name.parse::<std::net::IpAddr>().is_err() && !name.starts_with('[') {
            let name = name.trim_end_matches('.').as_bytes().to_vec();
            extension(SERVER_NAME, long([vec![0], long(name)].concat()));
        }
        extension(GROUPS, long(numbers(&self.groups)));
        extension(POINTS, vec![1, 0]);
        extension(SIGNATURE_ALGORITHMS, long(numbers(&SIGNATURES)));
        extension(EXTENDED_MASTER_SECRET, Vec::new());
        extension(RENEGOTIATION, vec![0]);
        if self.version == Version::TLS_1_3 {
            extension(VERSIONS, [vec![2], self.version.0.to_be_bytes().to_vec()].concat());
            extension(KEY_SHARE, long(Vec::new()));
        }
        let mut hello = self.version.min(Version::TLS_1_2).0.to_be_bytes().to_vec();
        // Nothing rests on it that it cannot be guessed: no keys are made.
        hello.extend([0x5e; 32]);
        // An empty session.
        hello.push(0);
        hello.extend(long(numbers(&self.suites)));
        // No compression.
        hello.extend([1, 0]);
        hello.extend(long(extensions));
        let mut message = vec![1, 0];
        message.extend(long(hello));
        let mut record = vec![22, 3, 1];
        record.extend(long(message));
        record
    }
}

/// A text with its length in two bytes before it. All of these are far shorter than 64 KiB.
fn long(content: Vec<u8>) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("lists of ours are short");
    [length.to_be_bytes().to_vec(), content].concat()
}

fn numbers(all: &[u16]) -> Vec<u8> {
    all.iter().flat_map(|number| number.to_be_bytes()).collect()
}

impl Said {
    /// Reads what a server says to a hello.
    pub(super) fn read(stream: &mut impl Read) -> Result<Self, Trouble> {
        const GARBAGE: Trouble = Trouble::Garbage("it is not of TLS");
        let mut handshake = Vec::new();
        let mut chosen: Option<Self> = None;
        loop {
            let mut head = [0; 5];
            match stream.read_exact(&mut head) {
                Ok(()) => {}
                // Whoever closes without a word takes nothing of it, either.
                Err(error) => return closed(chosen, &error),
            }
            if !(20..=23).contains(&head[0]) {
                return Err(GARBAGE);
            }
            let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
            let mut content = vec![0; length];
            if let Err(error) = stream.read_exact(&mut content) {
                return closed(chosen, &error);
            }
            match head[0] {
                21 => return Ok(chosen.unwrap_or(Self::Nothing)),
                22 => handshake.extend(content),
                _ => return Err(GARBAGE),
            }
            while let Some((kind, message)) = first(&handshake) {
                match (kind, &mut chosen) {
                    (2, None) => {
                        let said = Self::hello(message).ok_or(GARBAGE)?;
                        let Self::Chose { version, suite, group } = said else { return Ok(said) };
                        if version >= Version::TLS_1_3 || !exchanges_keys(suite) {
                            return Ok(Self::Chose { version, suite, group });
                        }
                        chosen = Some(Self::Chose { version, suite, group });
                    }
                    // ServerKeyExchange: a curve by its name.
                    (12, Some(Self::Chose { group, .. })) => {
                        if let [3, high, low, ..] = message {
                            *group = Some(u16::from_be_bytes([*high, *low]));
                        }
                        return Ok(chosen.unwrap_or(Self::Nothing));
                    }
                    (14, Some(_)) => return Ok(chosen.unwrap_or(Self::Nothing)),
                    (_, None) => return Err(GARBAGE),
                    (_, Some(_)) => {}
                }
                handshake.drain(..4 + message.len());
            }
            if handshake.len() > MOST {
                return Err(GARBAGE);
            }
        }
    }

    /// Reads a `ServerHello`, or a `HelloRetryRequest`, which has the same form.
    fn hello(message: &[u8]) -> Option<Self> {
        let (version, rest) = message.split_first_chunk::<2>()?;
        let rest = rest.get(32..)?;
        let (session, rest) = rest.split_first()?;
        let rest = rest.get(usize::from(*session)..)?;
        let (suite, rest) = rest.split_first_chunk::<2>()?;
        let mut extensions = rest.get(3..).unwrap_or_default();
        let (mut version, mut group) = (Version(u16::from_be_bytes(*version)), None);
        while let Some((&[a, b, c, d], rest)) = extensions.split_first_chunk::<4>() {
            let content = rest.get(..usize::from(u16::from_be_bytes([c, d])))?;
            match (u16::from_be_bytes([a, b]), content) {
                (VERSIONS, [high, low]) => version = Version(u16::from_be_bytes([*high, *low])),
                (KEY_SHARE, [high, low, ..]) => group = Some(u16::from_be_bytes([*high, *low])),
                _ => {}
            }
            extensions = &rest[content.len()..];
        }
        Some(Self::Chose { version, suite: u16::from_be_bytes(*suite), group })
    }
}

fn closed(chosen: Option<Said>, error: &std::io::Error) -> Result<Said, Trouble> {
    match Trouble::at(Stage::Handshake, error) {
        Trouble::Closed(_) => Ok(chosen.unwrap_or(Said::Nothing)),
        trouble => Err(trouble),
    }
}

/// The first message of a handshake, once it is there.
fn first(handshake: &[u8]) -> Option<(u8, &[u8])> {
    let (&[kind, a, b, c], rest) = handshake.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?;
    Some((kind, rest.get(..length)?))
}

/// Whether a suite of TLS 1.2 and before exchanges keys over a curve: the server says over which in a message of its own.
fn exchanges_keys(suite: u16) -> bool {
    matches!(suite, 0xc001..=0xc019 | 0xc023..=0xc032 | 0xcca8 | 0xcca9 | 0xccac)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, content: &[u8]) -> Vec<u8> {
        [vec![kind, 3, 3], long(content.to_vec())].concat()
    }

    fn message(kind: u8, content: &[u8]) -> Vec<u8> {
        [vec![kind, 0], long(content.to_vec())].concat()
    }

    fn hello(version: u16, suite: u16, extensions: &[u8]) -> Vec<u8> {
        let head = [&version.to_be_bytes()[..], &[7; 32], &[0], &suite.to_be_bytes(), &[0]].concat();
        message(2, &[head, long(extensions.to_vec())].concat())
    }

    fn read(bytes: &[u8]) -> Result<Said, Trouble> {
        Said::read(&mut &bytes[..])
    }

    #[test]
    fn what_a_server_chooses_is_read() {
        let chose = |version, suite, group| Ok(Said::Chose { version, suite, group });
        let retry = hello(0x0303, 0x1301, &[0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 1, 0]);
        assert_eq!(read(&record(22, &retry)), chose(Version::TLS_1_3, 0x1301, Some(256)));
        assert_eq!(read(&record(22, &hello(0x0302, 0x002f, &[]))), chose(Version::TLS_1_1, 0x002f, None));
        // In pieces, with certificates between.
        let whole = [hello(0x0303, 0xc02f, &[]), message(11, &[0; 3000]), message(12, &[3, 0, 29, 1, 9])].concat();
        let pieces: Vec<u8> = whole.chunks(700).flat_map(|piece| record(22, piece)).collect();
        assert_eq!(read(&pieces), chose(Version::TLS_1_2, 0xc02f, Some(29)));
        assert_eq!(read(&record(21, &[2, 70])), Ok(Said::Nothing));
        assert_eq!(read(&[]), Ok(Said::Nothing));
        assert_eq!(read(&record(22, &retry)[..20]), Ok(Said::Nothing));
    }

    #[test]
    fn garbage_is_told() {
        let endless: Vec<u8> =
            record(22, &[2, 255, 255, 255]).into_iter().chain(record(22, &vec![0; 60_000]).repeat(3)).collect();
        for bytes in [
            &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
            &record(22, &message(2, &[1])),
            &record(22, &message(9, &[])),
            &endless,
        ] {
            assert!(matches!(read(bytes), Err(Trouble::Garbage(_))), "{bytes:.20?}");
        }
    }
}
