//! A second evaluator of CEL, by other people: Google's, in Python. It checks the types of every expression, and has to say what
//! the first one says.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use serde_json::{Value, json};

use crate::support::root;

/// The program, which ends when the tests close its standard input.
struct Google {
    program: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Google {
    fn start() -> Self {
        let python = root().join("target/venv/bin/python");
        let mut python = Command::new(python);
        python.arg(root().join("tests/kubernetes/cel.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = python.spawn().expect("Python is installed: run scripts/setup");
        let questions = program.stdin.take().expect("it is a pipe");
        let answers = BufReader::new(program.stdout.take().expect("it is a pipe"));
        Self { program, questions, answers }
    }

    fn ask(&mut self, question: &Value) -> Value {
        let mut answer = String::new();
        let written = writeln!(self.questions, "{question}");
        let read = written.and_then(|()| self.answers.read_line(&mut answer));
        assert!(matches!(read, Ok(1..)), "Google's evaluator ended: {:?}: {question:#}", self.program.wait());
        serde_json::from_str(&answer).expect("an answer is JSON")
    }
}

/// Which validations of a policy hold for these values, where its conditions let it be asked at all, each without a value
/// being nothing; or why the types of the policy are wrong.
pub fn holds(spec: &Value, values: &Value) -> Result<Option<Vec<Option<bool>>>, String> {
    static GOOGLE: OnceLock<Mutex<Google>> = OnceLock::new();
    let google = GOOGLE.get_or_init(|| Mutex::new(Google::start()));
    let mut google = google.lock().expect("the evaluator ended in another test");
    match google.ask(&json!({ "policy": spec, "values": values })) {
        Value::String(refused) => Err(refused),
        Value::Array(list) => Ok(Some(list.iter().map(Value::as_bool).collect())),
        _ => Ok(None),
    }
}
