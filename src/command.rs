//! What the words that start a server say of its processes: `gunicorn app:app --workers 4` starts four.
//!
//! Nothing here knows where the words stand: a manifest and a Compose file have them, each with places of its own.

/// The variable by which gunicorn and uvicorn are told how many processes they start, where no option says it.
pub const WORKERS: &str = "WEB_CONCURRENCY";

/// That one, and those that one server alone reads.
pub const COUNTS: [&str; 3] = [WORKERS, "UVICORN_WORKERS", "GRANIAN_WORKERS"];

/// The variable in which gunicorn finds further options.
pub const FURTHER: &str = "GUNICORN_CMD_ARGS";

/// How many processes a server is started with, by the options of gunicorn, uvicorn, granian and hypercorn, and the place of the
/// word that begins the option. Of several, the last counts.
pub fn workers<P: Copy>(words: &[(&str, P)]) -> Option<(u64, P)> {
    const OPTIONS: [&str; 2] = ["--workers", "-w"];
    let joined = |word: &str| {
        // `--workers=4`, `-w=4` and `-w4` are the same.
        let value = OPTIONS.iter().find_map(|option| word.strip_prefix(option))?;
        value.strip_prefix('=').unwrap_or(value).parse().ok()
    };
    words.iter().enumerate().rev().find_map(|(at, (word, place))| {
        let next = || words.get(at + 1).and_then(|(next, _)| next.parse().ok());
        let count = joined(word).or_else(|| OPTIONS.contains(word).then(next).flatten())?;
        Some((count, *place))
    })
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
            ("serve --workers-max 4 -wide", None),
            ("gunicorn -w", None),
            ("", None),
        ] {
            let words: Vec<(&str, ())> = line.split_whitespace().map(|word| (word, ())).collect();
            assert_eq!(workers(&words).map(|(count, ())| count), count, "{line}");
        }
    }
}
