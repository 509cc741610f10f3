//! A connection that never waits longer than it should, and answers read from it with a limit on everything.
//!
//! Whatever a server sends, an answer takes at most 64 KiB of memory for its head and as much for its body, or as much as who
//! asks wants to read of it, and each of its stages as long as the client's patience. Bodies are not decompressed.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The most that is read of a status line and headers.
const HEAD: usize = 64 << 10;
/// The most header lines of one answer.
const LINES: usize = 128;
/// The most that is read of a body by whoever looks at headers.
pub(super) const BODY: usize = 64 << 10;
/// How many answers that only say that another one is coming are read past.
const INTERIM: usize = 8;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The address of a host.
    Address,
    /// A connection.
    Connection,
    /// The end of the TLS handshake.
    Handshake,
    /// The status line and the headers.
    Headers,
    /// The body.
    Body,
}

impl fmt::Display for Stage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Address => "the address of the host",
            Self::Connection => "a connection",
            Self::Handshake => "the TLS handshake",
            Self::Headers => "the headers of an answer",
            Self::Body => "the body of an answer",
        })
    }
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The name leads nowhere.
    #[error("the host has no address: {0}")]
    NoAddress(String),
    /// Nobody listens there.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// It took longer than the client's patience.
    #[error("{0} did not come in time")]
    Late(Stage),
    /// The TLS handshake was refused.
    #[error("the TLS handshake was refused: {0}")]
    Refused(String),
    /// The other side closed before it had answered.
    #[error("the connection was closed before {0} came")]
    Closed(Stage),
    /// What came is no answer of HTTP/1.1, or larger than any should be.
    #[error("the answer cannot be read: {0}")]
    Garbage(&'static str),
    /// The client has asked as much as it may.
    #[error("not asked: {0}")]
    Spent(&'static str),
}

impl Trouble {
    /// What became of a stage, by the error that ended it.
    pub(super) fn at(stage: Stage, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Self::Late(stage),
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Self::Closed(stage),
            _ if stage == Stage::Handshake => Self::Refused(error.to_string()),
            _ => Self::Unreachable(error.to_string()),
        }
    }

    /// Whether the other side declined, in whatever way: it closed, refused the handshake, or nobody listens.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Refused(_) | Self::Closed(_) => true,
            Self::NoAddress(_) | Self::Late(_) | Self::Garbage(_) | Self::Spent(_) => false,
        }
    }
}

/// A socket that gives up at a moment.
pub(super) struct Timed {
    stream: TcpStream,
    until: Instant,
}

impl Timed {
    pub(super) fn new(stream: TcpStream, patience: Duration) -> Self {
        Self { stream, until: Instant::now() + patience }
    }

    /// Begins a stage, which may take so long.
    pub(super) fn begin(&mut self, patience: Duration) {
        self.until = Instant::now() + patience;
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(buffer)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its status. 100 where a body was announced, and the server asks for it.
    pub status: u16,
    /// Its header lines, as they came.
    pub headers: Vec<(String, String)>,
    /// The beginning of its body; of an answer to HEAD, what was sent where nothing should have been.
    pub body: Vec<u8>,
}

impl Answer {
    /// Every line of a header, in order.
    pub fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// A header that stands once; nothing where it stands twice or not at all.
    pub fn one(&self, name: &str) -> Option<&str> {
        let mut lines = self.lines(name);
        lines.next().filter(|_| lines.next().is_none())
    }

    /// Whether a header that is a list has an element, in whatever case.
    pub fn lists(&self, name: &str, element: &str) -> bool {
        self.lines(name).flat_map(|line| line.split(',')).any(|one| one.trim().eq_ignore_ascii_case(element))
    }
}

/// Reads answers of HTTP/1.1 from a connection.
pub(super) struct Reader<'s, S> {
    stream: &'s mut S,
    read: Vec<u8>,
    /// The most that is read of a body.
    most: usize,
}

impl<'s, S: Read> Reader<'s, S> {
    pub(super) fn new(stream: &'s mut S, most: usize) -> Self {
        Self { stream, read: Vec::new(), most }
    }

    /// The connection, to write more to it.
    pub(super) fn stream(&mut self) -> &mut S {
        self.stream
    }

    /// Reads a status line and headers: those of the answer itself, or of 100 where that is waited for.
    pub(super) fn head(&mut self, waits: bool) -> Result<Answer, Trouble> {
        for _ in 0..=INTERIM {
            let answer = self.one_head()?;
            if !(100..200).contains(&answer.status) || (waits && answer.status == 100) {
                return Ok(answer);
            }
        }
        Err(Trouble::Garbage("one answer after the other only says that another one is coming"))
    }

    fn one_head(&mut self) -> Result<Answer, Trouble> {
        let end = self.end_of_head()?;
        let mut lines = [httparse::EMPTY_HEADER; LINES];
        let mut response = httparse::Response::new(&mut lines);
        let is_whole = response.parse(&self.read[..end]).map_err(|error| match error {
            httparse::Error::TooManyHeaders => Trouble::Garbage("it has more than 128 header lines"),
            _ => Trouble::Garbage("it is not of HTTP/1.1"),
        })?;
        let status = response.code.filter(|_| is_whole.is_complete());
        let status = status.ok_or(Trouble::Garbage("it is not of HTTP/1.1"))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        let headers = response.headers.iter().map(|line| (line.name.to_owned(), text(line.value))).collect();
        self.read.drain(..end);
        Ok(Answer { status, headers, body: Vec::new() })
    }

    /// Where the head ends, once it is there.
    fn end_of_head(&mut self) -> Result<usize, Trouble> {
        let mut from = 0;
        loop {
            if let Some(end) = end_of_lines(&self.read, from) {
                return Ok(end);
            }
            from = self.read.len().saturating_sub(3);
            if self.read.len() >= HEAD {
                return Err(Trouble::Garbage("its headers have no end within 64 KiB"));
            }
            if !self.more(Stage::Headers)? {
                let garbage = Trouble::Garbage("it ends within its headers");
                return Err(if self.read.is_empty() { Trouble::Closed(Stage::Headers) } else { garbage });
            }
        }
    }

    /// Reads what comes next; false where nothing more does.
    fn more(&mut self, stage: Stage) -> Result<bool, Trouble> {
        let mut piece = [0; 8 << 10];
        match self.stream.read(&mut piece) {
            Ok(0) => Ok(false),
            Ok(length) => {
                self.read.extend_from_slice(&piece[..length]);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(true),
            // A TLS connection that is closed without a word, as many servers do.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && stage == Stage::Body => Ok(false),
            Err(error) => Err(Trouble::at(stage, &error)),
        }
    }

    /// Reads the body of an answer, or its beginning.
    pub(super) fn body(&mut self, answer: &mut Answer) -> Result<(), Trouble> {
        if matches!(answer.status, 204 | 304) {
            return Ok(());
        }
        if answer.lists("Transfer-Encoding", "chunked") {
            return self.chunks(&mut answer.body);
        }
        let told = answer.one("Content-Length").and_then(|length| length.parse().ok());
        let length = told.map_or(self.most, |length: u64| usize::try_from(length).unwrap_or(self.most).min(self.most));
        while self.read.len() < length && self.more(Stage::Body)? {}
        self.read.truncate(length);
        answer.body = std::mem::take(&mut self.read);
        Ok(())
    }

    /// Reads what follows the head of an answer that has no body, such as one to HEAD, until the other side closes or waits.
    pub(super) fn rest(&mut self, answer: &mut Answer) {
        while self.read.len() < self.most && matches!(self.more(Stage::Body), Ok(true)) {}
        answer.body = std::mem::take(&mut self.read);
    }

    /// Reads until the first byte of a body is there; whether there is one.
    pub(super) fn first_piece(&mut self) -> Result<bool, Trouble> {
        Ok(!self.read.is_empty() || self.more(Stage::Body)?)
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> Result<(), Trouble> {
        const BROKEN: Trouble = Trouble::Garbage("its chunks cannot be read");
        while body.len() < self.most {
            let (start, size) = loop {
                match httparse::parse_chunk_size(&self.read).map_err(|_| BROKEN)? {
                    httparse::Status::Complete((start, size)) => break (start, size),
                    httparse::Status::Partial if self.read.len() > HEAD || !self.more(Stage::Body)? => {
                        return Err(BROKEN);
                    }
                    httparse::Status::Partial => {}
                }
            };
            self.read.drain(..start);
            let size = usize::try_from(size).unwrap_or(self.most).min(self.most);
            if size == 0 {
                return Ok(());
            }
            // The line's end behind each chunk.
            while self.read.len() < size + 2 {
                if !self.more(Stage::Body)? {
                    return Err(BROKEN);
                }
            }
            body.extend(self.read.drain(..size + 2).take(size));
        }
        body.truncate(self.most);
        Ok(())
    }
}

/// Where lines end in an empty one, as `\r\n` or `\n`.
fn end_of_lines(read: &[u8], from: usize) -> Option<usize> {
    let after = |end: &[u8]| {
        let found = read[from..].windows(end.len()).position(|window| window == end)?;
        Some(from + found + end.len())
    };
    [after(b"\r\n\r\n"), after(b"\n\n"), after(b"\n\r\n")].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(bytes: &[u8]) -> Result<Answer, Trouble> {
        let mut bytes = bytes;
        let mut reader = Reader::new(&mut bytes, BODY);
        let mut answer = reader.head(false)?;
        reader.body(&mut answer)?;
        Ok(answer)
    }

    #[test]
    fn answers_are_read_however_their_length_is_told() {
        for bytes in [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.0 200\r\nA: b\r\n\r\nhello",
            "HTTP/1.1 200 OK\nA: b\n\nhello",
        ] {
            let answer = answer(bytes.as_bytes()).unwrap_or_else(|trouble| panic!("{bytes}: {trouble}"));
            assert_eq!((answer.status, &answer.body[..]), (200, &b"hello"[..]), "{bytes}");
        }
    }

    #[test]
    fn whatever_else_comes_is_told_and_takes_little_memory() {
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(10_000));
        let endless = format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(1 << 20));
        let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(100);
        for bytes in [
            "SSH-2.0-OpenSSH_9\r\n\r\n",
            "HTTP/1.1 200",
            "HTTP/1.1 200 OK\r\nA b\r\n\r\n",
            &many,
            &endless,
            &interim,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        ] {
            assert!(matches!(answer(bytes.as_bytes()), Err(Trouble::Garbage(_))), "{bytes:.60}");
        }
        assert_eq!(answer(b""), Err(Trouble::Closed(Stage::Headers)));
        let long = format!("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n{}", "x".repeat(1 << 20));
        assert_eq!(answer(long.as_bytes()).map(|answer| answer.body.len()), Ok(BODY));
    }
}
