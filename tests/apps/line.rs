//! A connection that is kept, by plain HTTP, for thousands of short requests whose targets are sent as they are.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};

use crate::client::PATIENCE;

/// A client of one server.
pub struct Line {
    port: u16,
    open: Option<BufReader<TcpStream>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// `Name: value`, as they came.
    pub headers: Vec<String>,
    pub body: String,
}

impl Answer {
    /// Every value of a header.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let lines = self.headers.iter().filter_map(|line| line.split_once(':'));
        lines.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
    }
}

impl Line {
    pub const fn new(port: u16) -> Self {
        Self { port, open: None }
    }

    /// Asks for a target; nothing, where the server closes without an answer.
    pub fn ask(&mut self, target: &str) -> Option<Answer> {
        // A server may close a connection that is kept, at any time.
        if let Some(mut kept) = self.open.take()
            && let Ok(answer) = exchange(&mut kept, target)
        {
            return Some(self.keep(kept, answer));
        }
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
        let mut stream = BufReader::new(stream);
        match exchange(&mut stream, target) {
            Ok(answer) => Some(self.keep(stream, answer)),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                panic!("no answer to {target:?} in time")
            }
            Err(_) => None,
        }
    }

    fn keep(&mut self, stream: BufReader<TcpStream>, answer: Answer) -> Answer {
        let closes = answer.all("Connection").iter().any(|value| value.eq_ignore_ascii_case("close"));
        self.open = (!closes).then_some(stream);
        answer
    }
}

fn exchange(stream: &mut BufReader<TcpStream>, target: &str) -> io::Result<Answer> {
    let request = format!("GET {target} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n");
    stream.get_mut().write_all(request.as_bytes())?;
    let status = line(stream)?;
    let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    let mut headers = Vec::new();
    loop {
        let header = line(stream)?;
        if header.is_empty() {
            break;
        }
        headers.push(header);
    }
    let mut answer = Answer { status, headers, body: String::new() };
    let length = answer.all("Content-Length").first().and_then(|length| length.parse::<u64>().ok());
    let mut body = Vec::new();
    match length {
        Some(length) => {
            stream.take(length).read_to_end(&mut body)?;
        }
        None if answer.all("Transfer-Encoding").is_empty() => {
            stream.read_to_end(&mut body)?;
        }
        None => loop {
            let size = u64::from_str_radix(&line(stream)?, 16).map_err(io::Error::other)?;
            stream.take(size).read_to_end(&mut body)?;
            line(stream)?;
            if size == 0 {
                break;
            }
        },
    }
    answer.body = String::from_utf8_lossy(&body).into_owned();
    Ok(answer)
}

/// The next line, without its end.
fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = Vec::new();
    if stream.read_until(b'\n', &mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}
