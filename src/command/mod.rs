//! What the words that start a server say of its processes: `gunicorn app:app --workers 4` starts four; at which port it listens
//! (`port.rs`); whether it is a server for developers (`developers.rs`); and what a shell or `env` before it sets for it (`shell.rs`).
//!
//! Nothing here knows where the words stand: a manifest and a Compose file have them, each with places of its own.

mod developers;
mod port;
mod shell;

pub use developers::{ForDevelopers, for_developers};
pub use port::{PORTS, port};
pub use shell::{Command, Set, arguments, commands, file_name, server};

use shell::SERVERS;

/// The variable by which gunicorn and uvicorn are told how many processes they start, where no option says it.
pub const WORKERS: &str = "WEB_CONCURRENCY";

/// That one, and those that one server alone reads.
pub const COUNTS: [&str; 3] = [WORKERS, "UVICORN_WORKERS", "GRANIAN_WORKERS"];

/// The variable in which gunicorn finds further options.
pub const FURTHER: &str = "GUNICORN_CMD_ARGS";

/// The option by which gunicorn and uvicorn are told whose word they take for a client's address.
pub const BELIEVES: &str = "--forwarded-allow-ips";

/// The variable that is the same to uvicorn, and counts before the one that gunicorn reads, too.
pub const BELIEVED: &str = "UVICORN_FORWARDED_ALLOW_IPS";

/// That one and the other, in the order in which they count.
pub const BELIEVING: [&str; 2] = [BELIEVED, "FORWARDED_ALLOW_IPS"];

/// What an option is given, where one of the words is that option: what stands behind its `=`, or the next word; behind a short
/// option also what follows at once, as in `-w4`.
fn given<'w, P>(words: &[(&'w str, P)], at: usize, option: &str) -> Option<&'w str> {
    let is_short = option.len() == 2;
    let value = match words[at].0.strip_prefix(option)? {
        "" => words.get(at + 1)?.0,
        joined => joined.strip_prefix('=').or_else(|| is_short.then_some(joined))?,
    };
    Some(value.trim_matches(['"', '\'']))
}

/// Whose word a server takes for a client's address, by its options. Of several, the last counts.
pub fn believed<'w, P: Copy>(words: &[(&'w str, P)]) -> Option<(&'w str, P)> {
    (0..words.len()).rev().find_map(|at| Some((given(words, at, BELIEVES)?, words[at].1)))
}

/// The same by the variables of a server: the name that says it, the addresses and their place. Options count before a variable
/// with the addresses alone.
pub fn believed_by_variables<'v, P: Copy>(
    given: impl Fn(&str) -> Option<(&'v str, P)>,
) -> Option<(&'static str, &'v str, P)> {
    let by_options = || {
        let (text, place) = given(FURTHER)?;
        let words: Vec<(&str, P)> = text.split_whitespace().map(|word| (word, place)).collect();
        believed(&words).map(|(text, place)| (FURTHER, text, place))
    };
    let by_addresses = || {
        BELIEVING.into_iter().find_map(|name| {
            let (text, place) = given(name)?;
            Some((name, text, place))
        })
    };
    by_options().or_else(by_addresses)
}

/// How many processes the variables of a server start: the name that says it, the number and its place. Options count before the
/// variables with a number alone, and of those the greatest, because each server reads its own.
pub fn workers_of_variables<'v, P: Copy>(
    given: impl Fn(&str) -> Option<(&'v str, P)>,
) -> Option<(&'static str, u64, P)> {
    let by_options = || {
        let (text, place) = given(FURTHER)?;
        let words: Vec<(&str, P)> = text.split_whitespace().map(|word| (word, place)).collect();
        workers(&words).map(|(count, place)| (FURTHER, count, place))
    };
    let by_number = || {
        let counted = COUNTS.into_iter().filter_map(|name| {
            let (text, place) = given(name)?;
            Some((name, text.trim().parse().ok()?, place))
        });
        counted.rev().max_by_key(|(_, count, _)| *count)
    };
    by_options().or_else(by_number)
}

/// The options that say how many processes a server starts, where they are not those of most.
const OPTIONS: [(&str, &[&str]); 5] = [
    // Its `-w` is a module.
    ("uwsgi", &["--processes", "--workers", "-p"]),
    ("pm2", &["--instances", "-i"]),
    ("pm2-runtime", &["--instances", "-i"]),
    ("passenger", &["--max-pool-size"]),
    ("robyn", &["--processes"]),
];

/// Those of gunicorn, uvicorn, hypercorn, granian, Puma, Sanic and FastAPI's and Octane's own commands.
const OPTIONS_OF_MOST: &[&str] = &["--workers", "-w"];

/// How many processes a server is started with, by its options, and the place of the word that begins the option. Of several,
/// the last counts.
pub fn workers<P: Copy>(words: &[(&str, P)]) -> Option<(u64, P)> {
    let (mut found, mut options) = (None, OPTIONS_OF_MOST);
    for (at, (word, place)) in words.iter().enumerate() {
        if !word.starts_with('-') {
            let named = OPTIONS.iter().find(|(name, _)| *name == file_name(word));
            options = named.map_or(options, |(_, own)| own);
            continue;
        }
        let count = options.iter().find_map(|option| given(words, at, option)?.parse().ok());
        found = count.map(|count| (count, *place)).or(found);
    }
    found
}

/// The programs among those that run servers that run anything else as well.
const RUN_ANYTHING: [&str; 15] = [
    "python", "python3", "node", "npm", "npx", "yarn", "pnpm", "bun", "deno", "rails", "bundle", "php", "java",
    "dotnet", "flask",
];

/// Whether words are known to start a server, and no other program.
pub fn serves<P: Copy>(words: &[(&str, P)]) -> bool {
    let is_one = |word: &str| SERVERS.contains(&word) && !RUN_ANYTHING.contains(&word);
    let is_server = words.iter().any(|(word, _)| is_one(file_name(word)));
    is_server || port(words).is_some() || for_developers(words).is_some()
}

#[cfg(test)]
mod tests {
    use super::workers;

    #[test]
    fn every_form_of_the_option_is_read() {
        for (line, count) in [
            ("uvicorn app.main:app --host 0.0.0.0 --workers 4", Some(4)),
            ("gunicorn -w 3 app:app", Some(3)),
            ("gunicorn -w3 app:app", Some(3)),
            ("gunicorn app:app --workers=8", Some(8)),
            ("fastapi run --workers 2 app.py", Some(2)),
            ("gunicorn -w 2 app:app -w 6", Some(6)),
            ("granian --workers many", None),
            ("celery -A app worker", None),
            ("uwsgi --ini app.ini --processes 4 --threads 2", Some(4)),
            ("/usr/bin/uwsgi -p 3 -w 4", Some(3)),
            ("uwsgi --processes=6", Some(6)),
            ("gunicorn --processes 4", None),
            ("hypercorn app:app -w 3", Some(3)),
            ("granian --interface asgi app:app --workers 5", Some(5)),
            ("bundle exec puma -w 2 -t 5:5", Some(2)),
            ("pm2-runtime start server.js -i 4", Some(4)),
            ("pm2 start server.js -i max", None),
            ("pm2 start server.js --instances=2", Some(2)),
            ("passenger start --max-pool-size 6", Some(6)),
            ("node -i 4 server.js", None),
            ("php artisan octane:start --workers=4", Some(4)),
            ("php-fpm -F", None),
            ("serve --workers-max 4 -wide", None),
            ("gunicorn -w", None),
            ("", None),
        ] {
            let words: Vec<(&str, ())> = line.split_whitespace().map(|word| (word, ())).collect();
            assert_eq!(workers(&words).map(|(count, ())| count), count, "{line}");
        }
    }
}
