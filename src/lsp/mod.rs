//! The editor's questions, by the Language Server Protocol over two streams: what is wrong in the texts that are open, what
//! mends it, what a word means, what may be written, where else something is said.
//!
//! Everything is answered from `check`, `fix`, the plan and the vocabulary: none of them knows that this room exists. A text is
//! judged again when it has changed and nothing else is waiting to be read, so that of ten keystrokes in a row the last
//! counts.

mod actions;
mod completion;
mod definition;
mod diagnostics;
mod editor;
mod hover;
mod key;
mod lens;
mod place;
mod protocol;
mod settings;
mod symbols;
mod wire;
mod workspace;

use std::io::{BufReader, Read, Write};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;

use self::editor::Editor;
use self::wire::Incoming;

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As the protocol has it: the client asked to shut down, and then to exit.
    InOrder,
    /// The client went away, or told to exit without a word before.
    Abruptly,
}

/// Why a conversation could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What comes is no message.
    #[error("{0}")]
    Input(String),
    /// Answers cannot be written.
    #[error("an answer cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

/// Answers a client until it goes.
pub fn serve(input: impl Read + Send + 'static, mut output: impl Write) -> Result<Ended, Error> {
    let incoming = listen(input);
    let mut editor = Editor::default();
    loop {
        let next = match incoming.try_recv() {
            Ok(next) => next,
            Err(TryRecvError::Empty) => {
                send(&mut output, editor.rest())?;
                // Whoever listens tells of the end before it ends.
                incoming.recv().unwrap_or(Incoming::End)
            }
            Err(TryRecvError::Disconnected) => Incoming::End,
        };
        match next {
            Incoming::Message(message) => {
                let ended = editor.take(message);
                send(&mut output, editor.answers())?;
                if let Some(ended) = ended {
                    return Ok(ended);
                }
            }
            Incoming::Refused(code, why) => wire::write(&mut output, &wire::refusal(code, &why))?,
            Incoming::End => return Ok(Ended::Abruptly),
            Incoming::Lost(why) => return Err(Error::Input(why)),
        }
    }
}

/// Reads on while an answer is worked out, so that a client never waits for its own words to be taken.
fn listen(input: impl Read + Send + 'static) -> Receiver<Incoming> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(input);
        loop {
            let next = wire::read(&mut reader);
            let is_last = matches!(next, Incoming::End | Incoming::Lost(_));
            if sender.send(next).is_err() || is_last {
                break;
            }
        }
    });
    receiver
}

fn send(output: &mut impl Write, messages: Vec<protocol::Message>) -> Result<(), Error> {
    messages.into_iter().try_for_each(|message| message.write(output)).map_err(Error::Output)
}
