//! How lists, numbers and servers for developers are said in messages.

use crate::command::ForDevelopers;

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What a server for developers is, in words: "a server for developers that reloads code, `uvicorn --reload`".
pub(crate) fn server_in_words(server: &ForDevelopers) -> String {
    const RELOADS: [&str; 4] = ["reload", "watch", "--hot", "nodemon"];
    let reloads = RELOADS.iter().any(|word| server.words.contains(word));
    format!("a server for developers{}, `{}`", if reloads { " that reloads code" } else { "" }, server.words)
}

/// `5,760`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}
