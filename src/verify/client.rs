//! Questions to a site, asked one at a time, with a limit on everything: requests, bytes, and time.
//!
//! No redirect is followed. Each question has a connection of its own, as a visitor's first one has.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::hello::{Hello, Said};
use super::resolve::Resolve;
use super::transport::{Pipe, Shown, Tls};
use super::wire::{Answer, BODY, Reader, Stage, Timed, Trouble};

/// Of a host with more addresses, so many are tried.
const ADDRESSES: usize = 4;
/// What browsers accept where somebody follows a link.
pub const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/// How long each stage of a question to a further address may take.
const ELSEWHERE: Duration = Duration::from_secs(3);
/// How long a server that was told of a body may take to ask for it. Some wait for it instead.
const CONSIDERATION: Duration = Duration::from_millis(500);

/// What a run may cost.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long each stage of a question may take.
    pub patience: Duration,
    /// How long all questions may take together.
    pub whole: Duration,
    /// How many connections are made.
    pub most: usize,
    /// Where hosts are to be found instead of their addresses.
    pub resolve: Vec<Resolve>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Question {
    /// Whether it goes by https.
    pub https: bool,
    /// The host that is connected to, and asked for in the handshake.
    pub name: String,
    /// The port.
    pub port: u16,
    /// What `Host` says.
    pub host: String,
    /// The method.
    pub method: &'static str,
    /// The path and query.
    pub target: String,
    /// Header lines beside those that every question has; a `User-Agent` or an `Accept` takes the place of the usual one.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Body,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// None.
    None,
    /// A form, or JSON.
    Text(&'static str, String),
    /// So many bytes, announced and never sent.
    Withheld(u64),
    /// So many bytes, announced, and sent once the server asks for them.
    Sized(u64),
}

impl Question {
    /// In a few words, as in `GET https://shop.example.com/`.
    pub fn what(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{} {scheme}://{}{}", self.method, self.host, self.target)
    }

    /// A header line more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn head(&self) -> String {
        let Self { method, target, host, headers, body, .. } = self;
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        let agent = format!("seccfg/{} (verify)", crate::VERSION);
        for (name, usual) in [("User-Agent", agent.as_str()), ("Accept", "*/*")] {
            if !headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
                head.extend([name, ": ", usual, "\r\n"]);
            }
        }
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        let about = match body {
            Body::None => String::new(),
            Body::Text(kind, text) => format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", text.len()),
            Body::Withheld(length) | Body::Sized(length) => format!(
                "Content-Type: application/octet-stream\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n"
            ),
        };
        head + &about + "\r\n"
    }
}

/// Asks questions.
pub struct Client {
    settings: Settings,
    tls: Tls,
    addresses: BTreeMap<(String, u16), Vec<SocketAddr>>,
    asked: usize,
    end: Instant,
    /// The address of ours that the last connection was made from.
    from: Option<SocketAddr>,
    /// The address that it was made to.
    to: Option<SocketAddr>,
    /// The one address that is connected to, whatever others a host has.
    only: Option<IpAddr>,
    /// The most that is read of a body.
    body: usize,
}

impl Client {
    /// A client that has asked nothing yet.
    pub fn new(settings: Settings) -> Self {
        let end = Instant::now() + settings.whole;
        Self {
            settings,
            tls: Tls::new(),
            addresses: BTreeMap::new(),
            asked: 0,
            end,
            from: None,
            to: None,
            only: None,
            body: BODY,
        }
    }

    /// The same, reading so many bytes of a body at most.
    #[must_use]
    pub const fn reading(mut self, most: usize) -> Self {
        self.body = most;
        self
    }

    /// Waits, where the run has so much time and as much again as a question may take; whether it did.
    pub fn wait(&self, time: Duration) -> bool {
        let has_time = Instant::now() + time + self.settings.patience < self.end;
        if has_time {
            thread::sleep(time);
        }
        has_time
    }

    /// How many connections were made.
    pub const fn asked(&self) -> usize {
        self.asked
    }

    /// The address of ours that the last connection was made from.
    pub const fn from(&self) -> Option<SocketAddr> {
        self.from
    }

    /// The address that the last connection was made to.
    pub const fn to(&self) -> Option<SocketAddr> {
        self.to
    }

    /// What was shown for a host.
    pub fn shown(&self, name: &str) -> Option<Shown> {
        self.tls.shown(name)
    }

    /// The other addresses of a host than the one that the last connection was made to, as many as are tried.
    pub fn others(&self, name: &str, port: u16) -> Vec<IpAddr> {
        let own = self.to.map(|to| to.ip());
        let known = self.addresses.get(&(name.to_owned(), port)).into_iter().flatten();
        let mut others: Vec<IpAddr> = known.map(SocketAddr::ip).filter(|ip| Some(*ip) != own).collect();
        others.dedup();
        others
    }

    /// Does something at one address of a host alone: what came of it, and what was shown there in a handshake. A connection is
    /// not waited for as long as elsewhere: who has no IPv6 gets to no such address.
    pub fn at<T>(&mut self, address: IpAddr, name: &str, does: impl FnOnce(&mut Self) -> T) -> (T, Option<Shown>) {
        let (from, to) = (self.from, self.to);
        let before = self.tls.show(name, None);
        let patience = self.settings.patience;
        self.only = Some(address);
        self.settings.patience = patience.min(ELSEWHERE);
        let done = does(self);
        self.settings.patience = patience;
        self.only = None;
        (self.from, self.to) = (from, to);
        (done, self.tls.show(name, before))
    }

    /// Asks, once more where the connection broke before a word of the answer came.
    pub fn ask(&mut self, question: &Question) -> Result<Answer, Trouble> {
        match self.ask_once(question) {
            Err(Trouble::Closed(Stage::Headers)) => self.ask_once(question),
            other => other,
        }
    }

    /// Asks, and takes a closed connection for the answer.
    pub fn ask_once(&mut self, question: &Question) -> Result<Answer, Trouble> {
        self.ask_at(question, &question.name)
    }

    /// Asks where another host is.
    pub fn ask_at(&mut self, question: &Question, host: &str) -> Result<Answer, Trouble> {
        let patience = self.settings.patience;
        let timed = self.connect(host, question.port)?;
        let mut pipe = if question.https { self.tls.shake(&question.name, timed)? } else { Pipe::Plain(timed) };
        pipe.begin(patience);
        let sent = pipe.write_all(question.head().as_bytes()).and_then(|()| match &question.body {
            Body::Text(_, text) => pipe.write_all(text.as_bytes()),
            Body::None | Body::Withheld(_) | Body::Sized(_) => Ok(()),
        });
        sent.and_then(|()| pipe.flush()).map_err(|error| Trouble::at(Stage::Headers, &error))?;
        let mut reader = Reader::new(&mut pipe, self.body);
        let mut answer = match question.body {
            Body::None | Body::Text(..) => reader.head(false)?,
            Body::Withheld(_) => {
                reader.stream().begin(patience.min(CONSIDERATION));
                reader.head(true)?
            }
            Body::Sized(length) => {
                reader.stream().begin(patience.min(CONSIDERATION));
                match reader.head(true) {
                    Ok(answer) if answer.status == 100 => {}
                    Err(Trouble::Late(_)) => {}
                    refused => return refused,
                }
                reader.stream().begin(patience);
                // One that has heard enough closes: what it said before that is still to be read.
                let _ = send(reader.stream(), length);
                reader.stream().begin(patience);
                reader.head(false)?
            }
        };
        if question.method == "HEAD" {
            reader.stream().begin(patience.min(CONSIDERATION));
            reader.rest(&mut answer);
        } else if answer.status != 100 {
            reader.stream().begin(patience);
            reader.body(&mut answer)?;
        }
        Ok(answer)
    }

    /// Asks for a stream, and waits for the first byte of it: the answer, and whether a byte came before its end.
    pub fn stream(&mut self, question: &Question) -> Result<(Answer, bool), Trouble> {
        let patience = self.settings.patience;
        let timed = self.connect(&question.name, question.port)?;
        let mut pipe = if question.https { self.tls.shake(&question.name, timed)? } else { Pipe::Plain(timed) };
        pipe.begin(patience);
        let sent = pipe.write_all(question.head().as_bytes()).and_then(|()| pipe.flush());
        sent.map_err(|error| Trouble::at(Stage::Headers, &error))?;
        let mut reader = Reader::new(&mut pipe, self.body);
        let answer = reader.head(false)?;
        reader.stream().begin(patience);
        Ok((answer, reader.first_piece()?))
    }

    /// Says hello in words of our own, and reads what the server chooses.
    pub fn greet(&mut self, name: &str, port: u16, hello: &Hello) -> Result<Said, Trouble> {
        let mut timed = self.connect(name, port)?;
        let sent = timed.write_all(&hello.record(name));
        sent.map_err(|error| Trouble::at(Stage::Handshake, &error))?;
        Said::read(&mut timed)
    }

    fn connect(&mut self, name: &str, port: u16) -> Result<Timed, Trouble> {
        if self.asked >= self.settings.most {
            return Err(Trouble::Spent("the most requests of a run were made"));
        }
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Trouble::Spent("the time of a run is over"));
        }
        self.asked += 1;
        let mut addresses = self.addresses(name, port)?;
        addresses.retain(|address| self.only.is_none_or(|only| only == address.ip()));
        let until = Instant::now() + self.settings.patience.min(left);
        let mut trouble = Trouble::NoAddress("none is known".to_owned());
        for (index, address) in addresses.iter().enumerate() {
            let others = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
            let share = until.saturating_duration_since(Instant::now()) / others;
            match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
                Ok(stream) => {
                    // A question is one piece: nothing is gained by waiting for more of it.
                    let _ = stream.set_nodelay(true);
                    self.from = stream.local_addr().ok();
                    self.to = Some(*address);
                    return Ok(Timed::new(stream, self.settings.patience.min(left)));
                }
                Err(error) => trouble = Trouble::at(Stage::Connection, &error),
            }
        }
        Err(trouble)
    }

    /// The addresses of a host, looked up once.
    fn addresses(&mut self, name: &str, port: u16) -> Result<Vec<SocketAddr>, Trouble> {
        if let Some(known) = self.addresses.get(&(name.to_owned(), port)) {
            return Ok(known.clone());
        }
        let mut found = Resolve::all(&self.settings.resolve, name, port);
        if found.is_empty() {
            found = look_up(name, port, self.settings.patience)?;
        }
        found.truncate(ADDRESSES);
        self.addresses.insert((name.to_owned(), port), found.clone());
        Ok(found)
    }
}

/// Asks the system for a host's addresses. It has no limit of its own, so that it is asked from a thread that may be left
/// behind.
fn look_up(name: &str, port: u16, patience: Duration) -> Result<Vec<SocketAddr>, Trouble> {
    let (tell, told) = mpsc::channel();
    let name = name.trim_start_matches('[').trim_end_matches(']').to_owned();
    thread::spawn(move || tell.send((name.as_str(), port).to_socket_addrs().map(Iterator::collect)));
    match told.recv_timeout(patience) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(error)) => Err(Trouble::NoAddress(error.to_string())),
        Err(_) => Err(Trouble::Late(Stage::Address)),
    }
}

/// Sends so many bytes of nothing.
fn send(stream: &mut (impl Read + Write), length: u64) -> std::io::Result<()> {
    let piece = [b'x'; 16 << 10];
    let mut left = length;
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(piece.len()).min(piece.len());
        stream.write_all(&piece[..now])?;
        left -= u64::try_from(now).unwrap_or(left);
    }
    stream.flush()
}
