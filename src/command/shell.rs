//! What words start, where a shell or `env` stands before the server: `sh -c "A=1 exec gunicorn app"`, `env A=1 uvicorn app`.
//!
//! Nothing is run and no name is replaced here: `$NAME` stays as it is written.

/// One program that is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command<P> {
    /// Its words, with those of `env`, `exec` and the like before it.
    pub words: Vec<(String, P)>,
    /// The variables that are set for it, in the order in which they count.
    pub sets: Vec<Set<P>>,
}

/// A variable that is set for a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<P> {
    /// Its name.
    pub name: String,
    /// Its value, as it is written, without quotes.
    pub value: String,
    /// Where the text is in which it stands.
    pub place: P,
}

/// A piece of what is started.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<P> {
    Word(String, P),
    /// One program ends, and another may follow: `&&`, `;`, `|`, a bracket.
    End,
    /// A shell begins, which hands on what it was told.
    Shell,
}

/// The programs that run servers, by the names of their files.
pub(super) const SERVERS: [&str; 28] = [
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "daphne",
    "granian",
    "uwsgi",
    "fastapi",
    "flask",
    "python",
    "python3",
    "node",
    "npm",
    "npx",
    "yarn",
    "pnpm",
    "bun",
    "deno",
    "next",
    "puma",
    "rails",
    "bundle",
    "unicorn",
    "php",
    "php-fpm",
    "java",
    "dotnet",
    "pm2",
    "pm2-runtime",
];

/// The words before a program that change nothing of what it is told: programs that start it, and a shell's own words.
pub(super) const STARTERS: [&str; 14] = [
    "exec",
    "command",
    "nohup",
    "time",
    "tini",
    "dumb-init",
    "catatonit",
    "gosu",
    "su-exec",
    "setpriv",
    "nice",
    "then",
    "do",
    "else",
];

/// The programs that read a line of commands behind `-c`.
const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "busybox"];

/// The last part of a program's path.
pub fn file_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The program that is the server among those that are started: the last one that is known to run servers, or else the last.
pub fn server<P>(commands: &[Command<P>]) -> Option<&Command<P>> {
    let runs = |command: &&Command<P>| command.words.iter().any(|(word, _)| SERVERS.contains(&file_name(word)));
    commands.iter().rfind(runs).or(commands.last())
}

/// The arguments in a line that no shell reads: what a program parts that starts another, as Compose does.
pub fn arguments(line: &str) -> Vec<String> {
    let word = |token| match token {
        Token::Word(word, ()) => Some(word),
        Token::End | Token::Shell => None,
    };
    lexed(line, ()).into_iter().filter_map(word).collect()
}

/// The programs that arguments start, one after the other.
pub fn commands<P: Copy>(arguments: &[(String, P)]) -> Vec<Command<P>> {
    let mut tokens = Vec::with_capacity(arguments.len());
    for (argument, place) in arguments {
        let is_blank = argument.contains(|c: char| c.is_whitespace());
        let is_line = reads_a_line(&tokens);
        if is_line {
            tokens.push(Token::Shell);
        }
        // A list may hold several words in one text, which whoever wrote it meant as several.
        if is_line || is_blank && assignment(argument).is_none() {
            tokens.extend(lexed(argument, *place));
        } else {
            tokens.push(Token::Word(argument.clone(), *place));
        }
    }
    parsed(tokens)
}

/// Whether a shell is told to read its next word as a line.
fn reads_a_line<P>(tokens: &[Token<P>]) -> bool {
    let mut words = tokens.iter().rev().map_while(|token| match token {
        Token::Word(word, _) => Some(word.as_str()),
        Token::End | Token::Shell => None,
    });
    // `-c`, and with further letters: `-lc`, `-euxc`.
    let is_told = words.next().is_some_and(|word| word.len() < 8 && word.starts_with('-') && word.ends_with('c'));
    is_told && words.find(|word| !word.starts_with('-')).is_some_and(|word| SHELLS.contains(&file_name(word)))
}

/// The words of a line, as a shell parts them. What is quoted stays together, and so does what is to be replaced.
fn lexed<P: Copy>(line: &str, place: P) -> Vec<Token<P>> {
    let mut tokens = Vec::new();
    let (mut word, mut has_word) = (String::new(), false);
    let mut rest = line;
    let end = |word: &mut String, has_word: &mut bool, tokens: &mut Vec<Token<P>>| {
        if std::mem::take(has_word) {
            tokens.push(Token::Word(std::mem::take(word), place));
        }
    };
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        match first {
            '\'' => {
                let (quoted, after) = behind.split_once('\'').unwrap_or((behind, ""));
                word.push_str(quoted);
                (has_word, rest) = (true, after);
            }
            '"' => {
                has_word = true;
                rest = quoted(behind, &mut word);
            }
            '\\' => {
                let next = behind.chars().next();
                // A line that goes on behind its end.
                if let Some(next) = next.filter(|next| *next != '\n') {
                    word.push(next);
                    has_word = true;
                }
                rest = &behind[next.map_or(0, char::len_utf8)..];
            }
            '$' => {
                let length = replaced(rest);
                word.push_str(&rest[..length]);
                (has_word, rest) = (true, &rest[length..]);
            }
            '#' if !has_word => rest = behind.find('\n').map_or("", |at| &behind[at..]),
            // `2>&1` and `&>log` are no ends.
            '&' if word.ends_with(['>', '<']) || behind.starts_with('>') => {
                word.push(first);
                (has_word, rest) = (true, behind);
            }
            '\n' | ';' | '&' | '|' | '(' | ')' => {
                end(&mut word, &mut has_word, &mut tokens);
                tokens.push(Token::End);
                rest = behind;
            }
            blank if blank.is_whitespace() => {
                end(&mut word, &mut has_word, &mut tokens);
                rest = behind;
            }
            other => {
                word.push(other);
                (has_word, rest) = (true, behind);
            }
        }
    }
    end(&mut word, &mut has_word, &mut tokens);
    tokens
}

/// Takes what stands in double quotes, and gives what stands behind them.
fn quoted<'l>(text: &'l str, word: &mut String) -> &'l str {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        match first {
            '"' => return behind,
            '\\' if behind.starts_with(['"', '\\', '`']) => {
                word.push_str(&behind[..1]);
                rest = &behind[1..];
            }
            '$' => {
                let length = replaced(rest);
                word.push_str(&rest[..length]);
                rest = &rest[length..];
            }
            other => {
                word.push(other);
                rest = behind;
            }
        }
    }
    rest
}

/// How long the text is that a shell replaces, which begins with a `$`: blanks in it part no words.
fn replaced(text: &str) -> usize {
    let open = text.bytes().take_while(|byte| *byte == b'$').count();
    let (left, right) = match text.as_bytes().get(open) {
        Some(b'{') => (b'{', b'}'),
        Some(b'(') => (b'(', b')'),
        _ => return open,
    };
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        if byte == left {
            depth += 1;
        } else if byte == right {
            depth -= 1;
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

/// A word that sets a variable: its name, and its value.
fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (is_name && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')).then_some((name, value))
}

/// Where in the words of a program the next one stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before its name.
    Start,
    /// Behind `env`, before the name of what that starts.
    Env,
    /// Behind an option of `env` that takes a word.
    EnvOption,
    /// Behind `export`.
    Export,
    /// Behind its name.
    Arguments,
}

fn parsed<P: Copy>(tokens: Vec<Token<P>>) -> Vec<Command<P>> {
    let mut commands: Vec<Command<P>> = Vec::new();
    let (mut words, mut exported, mut own) = (Vec::new(), Vec::new(), Vec::new());
    let mut at = At::Start;
    for token in tokens.into_iter().chain([Token::End]) {
        match token {
            Token::End => {
                let sets = exported.iter().cloned().chain(std::mem::take(&mut own)).collect();
                let words = std::mem::take(&mut words);
                if !words.is_empty() && at != At::Export {
                    commands.push(Command { words, sets });
                }
                at = At::Start;
            }
            Token::Shell => {
                exported.append(&mut own);
                words.clear();
                at = At::Start;
            }
            Token::Word(word, place) => {
                let is_set = |_: &(&str, &str)| match at {
                    At::Start | At::Env | At::Export => true,
                    At::Arguments => is_told(&words),
                    At::EnvOption => false,
                };
                let set = assignment(&word).filter(is_set).map(|(name, value)| Set {
                    name: name.to_owned(),
                    value: value.to_owned(),
                    place,
                });
                at = match (at, set) {
                    (At::Export, Some(set)) => {
                        exported.push(set);
                        continue;
                    }
                    (_, Some(set)) => {
                        own.push(set);
                        continue;
                    }
                    (At::EnvOption, None) => At::Env,
                    (At::Env, None) if ["-u", "--unset", "-C", "--chdir"].contains(&word.as_str()) => At::EnvOption,
                    (At::Env, None) if word.starts_with('-') => At::Env,
                    (At::Start, None) if word.starts_with('-') || STARTERS.contains(&file_name(&word)) => At::Start,
                    (At::Start | At::Env, None) if file_name(&word) == "env" => At::Env,
                    (At::Start, None) if word == "export" => At::Export,
                    (At::Export, None) => At::Export,
                    // `gosu app env A=1 gunicorn`: a starter may be told a word.
                    (At::Arguments, None) if word == "env" && starts_another(&words) => At::Env,
                    (At::Start | At::Env | At::Arguments, None) => At::Arguments,
                };
                words.push((word, place));
            }
        }
    }
    commands
}

/// Whether a server is told by its own option to set the variable that follows: `gunicorn --env A=1`.
fn is_told<P>(words: &[(String, P)]) -> bool {
    let is_option = words.last().is_some_and(|(word, _)| ["-e", "--env"].contains(&word.as_str()));
    is_option && words.iter().any(|(word, _)| file_name(word) == "gunicorn")
}

/// Whether what stands before is a program that starts another.
fn starts_another<P>(words: &[(String, P)]) -> bool {
    words.first().is_some_and(|(word, _)| STARTERS.contains(&file_name(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of the server that arguments start, and what is set for it.
    fn started(arguments: &[&str]) -> (String, String) {
        let arguments: Vec<(String, ())> = arguments.iter().map(|word| ((*word).to_owned(), ())).collect();
        let commands = commands(&arguments);
        let Some(server) = server(&commands) else { return (String::new(), String::new()) };
        let words: Vec<&str> = server.words.iter().map(|(word, ())| word.as_str()).collect();
        let sets: Vec<String> = server.sets.iter().map(|set| format!("{}={}", set.name, set.value)).collect();
        (words.join(" "), sets.join(" "))
    }

    #[test]
    fn what_is_set_for_the_server_is_found_and_nothing_else() {
        for (arguments, words, sets) in [
            (&["env", "DEBUG=true", "uvicorn", "app:app"][..], "env uvicorn app:app", "DEBUG=true"),
            (&["/usr/bin/env", "-u", "A", "B=1", "gunicorn"], "/usr/bin/env -u A gunicorn", "B=1"),
            (&["sh", "-c", "X=1 gunicorn app"], "gunicorn app", "X=1"),
            (&["sh", "-c", "exec env A=b uwsgi --processes 4"], "exec env uwsgi --processes 4", "A=b"),
            (&["A=1 gunicorn app"], "", ""),
            (&["/bin/bash", "-euxc", "export A=1 B='x y'; C=2 gunicorn app"], "gunicorn app", "A=1 B=x y C=2"),
            (&["sh", "-c", "A=1 python manage.py migrate && gunicorn app"], "gunicorn app", ""),
            (&["sh", "-c", "A=1 gunicorn app 2>&1 | tee log"], "gunicorn app 2>&1", "A=1"),
            (&["sh", "-c", "A=\"x; y\" \\\n  gunicorn 'my app' # B=1"], "gunicorn my app", "A=x; y"),
            (&["sh", "-c", "A=${B:-x y} gunicorn $(nproc --all) $$C"], "gunicorn $(nproc --all) $$C", "A=${B:-x y}"),
            (&["tini", "--", "env", "A=1", "node", "server.js"], "tini -- env node server.js", "A=1"),
            (&["gosu", "app", "env", "A=1", "gunicorn"], "gosu app env gunicorn", "A=1"),
            (&["env", "A=1", "sh", "-c", "B=2 exec gunicorn"], "exec gunicorn", "A=1 B=2"),
            (&["uvicorn", "app:app", "--env", "A=1"], "uvicorn app:app --env A=1", ""),
            (&["gunicorn", "--env", "A=1", "-e", "B=2", "app"], "gunicorn --env -e app", "A=1 B=2"),
            (&["sh", "-c", "(A=1; gunicorn app)"], "gunicorn app", ""),
            (&["sh", "-c", "if true; then A=1 gunicorn app; fi"], "then gunicorn app", "A=1"),
            (&["gunicorn -w 4 app"], "gunicorn -w 4 app", ""),
            (&["sh", "-c", "A=1"], "", ""),
            (&["sh", "-c", "'"], "", ""),
            (&["sh", "-c"], "sh -c", ""),
            (&[], "", ""),
        ] {
            assert_eq!(started(arguments), (words.to_owned(), sets.to_owned()), "{arguments:?}");
        }
    }
}
