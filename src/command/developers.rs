//! Servers for developers, as the words say that start them: `flask run --debug`, `npm run dev`, `node --inspect`.

use super::shell::file_name;

/// A server for developers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForDevelopers {
    /// The program and the word that makes it one: `uvicorn --reload`.
    pub words: String,
    /// What to start in its place, as an instruction.
    pub instead: &'static str,
}

/// Programs, the words behind them by which they serve developers (none: they do nothing else), and what to do in their place.
/// Sources: the manual of each, which calls this no server for production, or its debugger one that runs what it is told; as of
/// November 2026.
type Row = (&'static [&'static str], &'static [&'static str], &'static str);
const ROWS: &[Row] = &[
    (
        &["uvicorn", "gunicorn", "hypercorn", "granian", "litestar", "daphne", "robyn", "watchfiles"],
        &["--reload", "--debug"],
        "start it without this option",
    ),
    (&["fastapi"], &["dev", "--reload"], "start it by `fastapi run`, without `--reload`"),
    (&["sanic"], &["--dev", "--debug", "--auto-reload"], "start it without this option"),
    (&["flask", "quart"], &["run", "--debug"], "start it by a server for production, such as gunicorn or hypercorn"),
    (
        &["manage.py", "django-admin"],
        &["runserver", "runserver_plus"],
        "start it by a server for production, such as gunicorn or uvicorn",
    ),
    (&["debugpy", "pydevd", "pdb"], &[], "start the program without the debugger"),
    (
        &["next", "nuxt", "nuxi", "vite", "astro", "gatsby", "remix"],
        &["dev", "develop"],
        "build it, and start what was built",
    ),
    (&["ng", "webpack", "vue-cli-service"], &["serve"], "build it, and serve the files that it makes"),
    (&["react-scripts"], &["start"], "build it, and serve the files that it makes"),
    (&["webpack-dev-server"], &[], "build it, and serve the files that it makes"),
    (
        &["npm", "yarn", "pnpm", "bun"],
        &["dev", "start:dev", "start:debug", "develop"],
        "start what was built, as by `npm start`",
    ),
    (
        &["node", "bun", "deno", "tsx"],
        &["--inspect", "--inspect-brk", "--inspect-wait", "--watch"],
        "start it without this option",
    ),
    (&["nodemon", "ts-node-dev", "tsnd"], &[], "start the program by `node`"),
    (&["artisan"], &["serve"], "serve it by PHP-FPM or FrankenPHP"),
    (&["php"], &["-S"], "serve it by PHP-FPM or FrankenPHP"),
    (&["dotnet"], &["watch"], "start what `dotnet publish` makes"),
    (&["cargo"], &["watch"], "start the program that was built"),
    (&["mvn", "mvnw"], &["spring-boot:run"], "start the archive that was built, by `java -jar`"),
    (&["gradle", "gradlew"], &["bootRun"], "start the archive that was built, by `java -jar`"),
];

/// The server for developers that words start, and the place of the word that says so.
pub fn for_developers<P: Copy>(words: &[(&str, P)]) -> Option<(ForDevelopers, P)> {
    words.iter().enumerate().find_map(|(at, (program, place))| {
        // Behind an option stands its value: `--name next`.
        let is_value = at > 0 && words[at - 1].0.starts_with("--") && !words[at - 1].0.contains('=');
        let program = file_name(program);
        let (_, ways, instead) = ROWS.iter().find(|(programs, ..)| programs.contains(&program) && !is_value)?;
        if ways.is_empty() {
            return Some((ForDevelopers { words: program.to_owned(), instead }, *place));
        }
        // What stands behind `--` is for the program that a script starts.
        let behind = words[at + 1..].iter().take_while(|(word, _)| *word != "--");
        let mut before = program;
        for (word, place) in behind {
            let option = word.split('=').next().unwrap_or(word);
            let is_value = before.starts_with('-') && !word.starts_with('-');
            if let Some(way) = ways.iter().find(|way| **way == option && !is_value) {
                return Some((ForDevelopers { words: format!("{program} {way}"), instead }, *place));
            }
            before = word;
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::for_developers;

    #[test]
    fn servers_for_developers_are_known_by_their_words() {
        for (line, words) in [
            ("uvicorn app.main:app --host 0.0.0.0 --reload", Some("uvicorn --reload")),
            ("poetry run uvicorn --reload app:app", Some("uvicorn --reload")),
            ("gunicorn --reload app:app", Some("gunicorn --reload")),
            ("gunicorn --name next dev:app", None),
            ("gunicorn --name debugpy dev:app", None),
            ("uvicorn app:app --reload-dir src", None),
            ("fastapi dev app/main.py", Some("fastapi dev")),
            ("fastapi run app/dev.py", None),
            ("python -m flask --app shop run --debug", Some("flask run")),
            ("flask --debug --app shop run", Some("flask --debug")),
            ("flask db upgrade", None),
            ("python manage.py runserver 0.0.0.0:8000", Some("manage.py runserver")),
            ("python manage.py migrate", None),
            ("python -Xfrozen_modules=off -m debugpy --listen 0.0.0.0:5678 app.py", Some("debugpy")),
            ("next dev", Some("next dev")),
            ("npx next start", None),
            ("npm run dev", Some("npm dev")),
            ("npm run start -- dev", None),
            ("yarn --cwd dev start", None),
            ("pnpm dev", Some("pnpm dev")),
            ("/usr/local/bin/node --inspect=0.0.0.0:9229 server.js", Some("node --inspect")),
            ("node dev", None),
            ("nodemon server.js", Some("nodemon")),
            ("php artisan serve --host=0.0.0.0", Some("artisan serve")),
            ("php -S 0.0.0.0:80", Some("php -S")),
            ("./mvnw spring-boot:run", Some("mvnw spring-boot:run")),
            ("", None),
        ] {
            let list: Vec<(&str, ())> = line.split_whitespace().map(|word| (word, ())).collect();
            assert_eq!(for_developers(&list).map(|(found, ())| found.words).as_deref(), words, "{line}");
        }
    }
}
