//! Messages on a stream of bytes: `Content-Length: 38`, an empty line, and so many bytes of JSON.
//!
//! What comes is bounded before anything is made room for. A message that is no JSON costs an answer, and the next one is
//! read; where nobody can know any more at which byte a message begins, reading ends.

use std::io::{BufRead, ErrorKind, Read, Write};

use serde_json::{Value, json};

use super::protocol::{ErrorCode, Message};

/// No message is longer. A text of 16 MiB, the longest that a profile may be, has room in it, however JSON escapes it.
const MOST: usize = 128 << 20;

/// No line of a message's head is longer, and no head has more lines.
const LONGEST_LINE: u64 = 4096;
const MOST_LINES: usize = 32;

/// What came.
#[derive(Debug)]
pub enum Incoming {
    /// A message.
    Message(Message),
    /// Something of a message's length that is none.
    Refused(ErrorCode, String),
    /// The end, between two messages.
    End,
    /// The end, because nothing that follows can be understood.
    Lost(String),
}

/// Reads what comes next.
pub fn read(reader: &mut impl BufRead) -> Incoming {
    let length = match head(reader) {
        Ok(Some(length)) => length,
        Ok(None) => return Incoming::End,
        Err(why) => return Incoming::Lost(why),
    };
    // A length may be a lie: room is made for what comes.
    let mut body = Vec::new();
    match reader.take(length as u64).read_to_end(&mut body) {
        Ok(read) if read == length => {}
        Ok(read) => return Incoming::Lost(format!("the input ended after {read} of the {length} bytes of a message")),
        Err(error) => return Incoming::Lost(format!("the input cannot be read: {error}")),
    }
    match serde_json::from_slice(&body) {
        Ok(message) => Incoming::Message(message),
        Err(_) if serde_json::from_slice::<Value>(&body).is_ok() => {
            Incoming::Refused(ErrorCode::InvalidRequest, "this JSON is no request, notification or response".to_owned())
        }
        // What the parser says of a place holds nothing of the text.
        Err(error) => Incoming::Refused(ErrorCode::ParseError, format!("a message is no JSON: {error}")),
    }
}

/// The length that a message's head tells; nothing where the input ends before it.
fn head(reader: &mut impl BufRead) -> Result<Option<usize>, String> {
    let mut length = None;
    for number in 0..MOST_LINES {
        let mut line = Vec::new();
        let read = reader.take(LONGEST_LINE).read_until(b'\n', &mut line);
        match read {
            Ok(0) if number == 0 => return Ok(None),
            Ok(_) if line.ends_with(b"\n") => {}
            Ok(_) => return Err("the input ended, or went on without a line's end, within a message's head".to_owned()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(format!("the input cannot be read: {error}")),
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            return match length {
                Some(length) if length > MOST => Err(format!("a message of {length} bytes; at most {MOST} are taken")),
                Some(length) => Ok(Some(length)),
                None => Err("a message's head without `Content-Length`".to_owned()),
            };
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err("this is no message of the Language Server Protocol: its head has no `Name: value`".to_owned());
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse().map_err(|_| "`Content-Length` is no number of bytes".to_owned())?);
        }
    }
    Err(format!("a message's head of more than {MOST_LINES} lines"))
}

/// The answer to what was refused, of which nobody knows which request it was.
pub fn refusal(code: ErrorCode, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code as i32, "message": message } })
}

/// Writes a message whose JSON is not one of [`Message`]'s.
pub fn write(writer: &mut impl Write, value: &Value) -> std::io::Result<()> {
    let body = value.to_string();
    write!(writer, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<String> {
        let mut reader = bytes;
        let mut came = Vec::new();
        loop {
            match read(&mut reader) {
                Incoming::Message(Message::Notification(one)) => came.push(one.method),
                Incoming::Message(other) => came.push(format!("{other:?}")),
                Incoming::Refused(code, _) => came.push(format!("{code:?}")),
                Incoming::End => return came,
                Incoming::Lost(why) => {
                    came.push(format!("lost: {why}"));
                    return came;
                }
            }
        }
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn what_is_no_json_costs_one_message_alone() {
        let fine = framed("{\"jsonrpc\":\"2.0\",\"method\":\"fine\"}");
        let text = [&fine[..], &framed("{nonsense"), &framed("[1, 2]"), &framed(""), &fine].concat();
        assert_eq!(all(text.as_bytes()), ["fine", "ParseError", "InvalidRequest", "ParseError", "fine"]);
        // A head may have other lines, in any case, and end as some write it.
        let text = "content-length: 17\nContent-Type: x\n\n{\"method\":\"fine\"}";
        assert_eq!(all(text.as_bytes()), ["fine"]);
    }

    #[test]
    fn reading_ends_where_no_message_can_be_told_from_the_next() {
        for text in [
            "garbage\r\n\r\n{}".to_owned(),
            "Content-Length: many\r\n\r\n{}".to_owned(),
            "Content-Length: -1\r\n\r\n{}".to_owned(),
            "Content-Length: 999999999999\r\n\r\n{}".to_owned(),
            "Content-Length: 50\r\n\r\n{\"method\":".to_owned(),
            "Content-Len".to_owned(),
            "Other: x\r\n\r\n{}".to_owned(),
            "a: b\r\n".repeat(100),
            "a".repeat(100_000),
        ] {
            let came = all(text.as_bytes());
            assert!(came.len() == 1 && came[0].starts_with("lost: "), "{came:?}");
        }
        assert!(all(b"").is_empty());
    }
}
