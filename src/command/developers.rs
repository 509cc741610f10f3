//! Servers for developers, as the words say that start them: `flask run --debug`, `npm run dev`, `node --inspect`.

use super::shell::{SERVERS, STARTERS, file_name};

/// A server for developers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForDevelopers {
    /// The program and the word that makes it one: `uvicorn --reload`.
    pub words: String,
    /// What to start in its place, as an instruction.
    pub instead: &'static str,
}

/// What makes a program a server for developers.
enum Way {
    /// It is nothing else.
    Always,
    /// This command: the first word behind it that is no option. [`NOTHING`] is none at all.
    Command(&'static [&'static str]),
    /// One of these words, among several of its kind.
    Word(&'static [&'static str]),
    /// One of these options, wherever it stands.
    Switch(&'static [&'static str]),
    /// The same, before the file that it runs: what stands behind that, the file reads.
    SwitchBefore(&'static [&'static str]),
    /// A script of `package.json` that is called as those for developers are.
    Script,
}

use Way::{Always, Command, Script, Switch, SwitchBefore, Word};

/// No command is given.
const NOTHING: &str = "";

const WITHOUT_IT: &str = "start it without this option";
const SERVE_FILES: &str = "build it, and serve the files that it makes";
const START_BUILT: &str = "build it, and start what was built";
const START_JAR: &str = "start the archive that was built, by `java -jar`";
const BY_FPM: &str = "serve it by PHP-FPM or FrankenPHP";

/// Programs, what makes them servers for developers, and what to do in their place. Sources: the manual of each, which calls this
/// no server for production, or its debugger one that runs what it is told; as of November 2026.
const ROWS: &[(&[&str], Way, &str)] = &[
    (
        &["uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "pserve"],
        Switch(&["--reload", "--debug"]),
        WITHOUT_IT,
    ),
    (&["litestar"], Switch(&["--reload", "--debug", "-r", "-d"]), WITHOUT_IT),
    (&["sanic"], Switch(&["--dev", "--debug", "--auto-reload", "-d", "-r"]), WITHOUT_IT),
    (&["robyn"], Switch(&["--dev"]), WITHOUT_IT),
    (&["fastapi"], Command(&["dev"]), "start it by `fastapi run`"),
    (&["fastapi"], Switch(&["--reload"]), WITHOUT_IT),
    (&["flask", "quart"], Command(&["run"]), "start it by a server for production, such as gunicorn or hypercorn"),
    (
        &["manage.py", "django-admin"],
        Command(&["runserver", "runserver_plus"]),
        "start it by a server for production, such as gunicorn or uvicorn",
    ),
    (&["debugpy", "pydevd", "pdb"], Always, "start the program without the debugger"),
    (&["watchfiles", "watchmedo"], Always, "start the program by itself"),
    (&["http.server"], Always, "serve the files by nginx or Caddy"),
    (&["vite"], Command(&[NOTHING, "dev", "serve"]), SERVE_FILES),
    (&["next", "nuxt", "nuxi", "astro", "remix"], Command(&["dev"]), START_BUILT),
    (&["gatsby", "strapi", "medusa"], Command(&["develop"]), START_BUILT),
    (&["nest"], Switch(&["--watch", "--debug"]), START_BUILT),
    (&["ng", "webpack", "vue-cli-service"], Command(&["serve"]), SERVE_FILES),
    (&["react-scripts"], Command(&["start"]), SERVE_FILES),
    (&["webpack-dev-server"], Always, SERVE_FILES),
    (&["npm", "yarn", "pnpm", "bun"], Script, "start what was built, as by `npm start`"),
    (
        &["node", "bun", "deno", "tsx"],
        SwitchBefore(&["--inspect", "--inspect-brk", "--inspect-wait", "--watch", "--hot"]),
        WITHOUT_IT,
    ),
    (&["node"], Command(&["inspect"]), "start the program without the debugger"),
    (&["tsx"], Command(&["watch"]), "start what was built, by `node`"),
    (&["nodemon", "ts-node-dev", "tsnd"], Always, "start the program by `node`"),
    (&["artisan"], Command(&["serve"]), BY_FPM),
    (&["php"], SwitchBefore(&["-S"]), BY_FPM),
    (&["dotnet"], Command(&["watch"]), "start what `dotnet publish` makes"),
    (&["cargo"], Command(&["watch"]), "start the program that was built"),
    (&["air"], Always, "start the program that was built"),
    (&["dlv"], Command(&["debug"]), "start the program that was built"),
    (&["mvn", "mvnw"], Word(&["spring-boot:run", "quarkus:dev"]), START_JAR),
    (&["gradle", "gradlew"], Word(&["bootRun", "quarkusDev"]), START_JAR),
];

/// Programs that start another one, which stands behind their own words, besides those that change nothing of what it is told.
const RUNNERS: &[&str] = &[
    "python",
    "python3",
    "uv",
    "poetry",
    "pipenv",
    "pdm",
    "hatch",
    "rye",
    "npx",
    "bunx",
    "pnpx",
    "turbo",
    "bundle",
    "doppler",
    "dockerize",
    "dotenv",
    "cross-env",
    "wait-for",
    "wait-for-it",
    "env",
    "php",
];

fn is_runner(name: &str) -> bool {
    RUNNERS.contains(&name) || STARTERS.contains(&name)
}

/// What makes `npm` and its kind start another program.
const EXECUTES: &[&str] = &["exec", "x", "dlx"];

/// Options behind which a value stands as a word of its own.
const WITH_VALUE: &[&str] = &[
    "--app",
    "-A",
    "-e",
    "--env-file",
    "--settings",
    "--pythonpath",
    "--cwd",
    "--filter",
    "-F",
    "--prefix",
    "-C",
    "--dir",
    "-w",
    "--workspace",
    "--scope",
    "--host",
    "--port",
    "-p",
    "--config",
    "-c",
    "-f",
    "--file",
    "--project",
    "-H",
    "--mode",
];

/// The server for developers that the words of a command start, and the place of the word that says so.
pub fn for_developers<P: Copy>(words: &[(&str, P)]) -> Option<(ForDevelopers, P)> {
    let at = program(words)?;
    let (name, behind) = (name(words[at].0), &words[at + 1..]);
    let executes = behind.iter().position(|(word, _)| EXECUTES.contains(word)).filter(|_| is_of_scripts(name));
    if let Some(at) = executes {
        return for_developers(&behind[at + 1..]);
    }
    let rows = ROWS.iter().filter(|(programs, ..)| programs.contains(&name));
    let found = rows.into_iter().find_map(|(_, way, instead)| {
        let (word, place) = way.found(behind).map(|(word, place)| (word, place.unwrap_or(words[at].1)))?;
        let run = if matches!(way, Script) && behind.iter().any(|(word, _)| *word == "run") { " run" } else { "" };
        let words = format!("{name}{run} {word}").trim_end().to_owned();
        Some((ForDevelopers { words, instead }, place))
    });
    // PHP starts files of its own, such as `artisan`.
    found.or_else(|| if is_runner(name) { for_developers(behind) } else { None })
}

/// A program's name: the file's, without a version that is asked for.
fn name(word: &str) -> &str {
    let name = file_name(word);
    name.split_once('@').map_or(name, |(name, _)| name)
}

fn is_of_scripts(name: &str) -> bool {
    ROWS.iter().any(|(programs, way, _)| matches!(way, Script) && programs.contains(&name))
}

/// Which of the words is the program that runs in the end.
fn program<P>(words: &[(&str, P)]) -> Option<usize> {
    let is_known = |word: &str| {
        let is_row = ROWS.iter().any(|(programs, ..)| programs.contains(&name(word)));
        is_row || SERVERS.contains(&name(word)) && !is_runner(name(word))
    };
    let (first, _) = words.first()?;
    if is_known(first) {
        return Some(0);
    }
    // A script of the author's own most often starts what stands behind it.
    let is_script =
        first.rsplit_once('.').is_some_and(|(_, ending)| ending == "sh") || file_name(first).contains("entrypoint");
    // So does `env`, behind the variables that it sets.
    if is_runner(name(first)) || is_script || first.contains('=') {
        return words.iter().position(|(word, _)| is_known(word));
    }
    let end = words.iter().position(|(word, _)| *word == "--")?;
    program(&words[end + 1..]).map(|at| end + 1 + at)
}

impl Way {
    /// The word behind a program by which it serves developers, and its place, if it is a word.
    fn found<'w, P: Copy>(&self, behind: &[(&'w str, P)]) -> Option<(&'w str, Option<P>)> {
        // What stands behind `--` is for the program that a script starts.
        let own = || behind.iter().take_while(|(word, _)| *word != "--");
        let is_on = |word: &str, switches: &[&str]| {
            let (switch, value) = word.split_once('=').unwrap_or((word, ""));
            switches.contains(&switch) && value != "false"
        };
        let switch = |(word, place): &(&'w str, P)| (word.split('=').next().unwrap_or(word), Some(*place));
        let mut plain = plain(behind);
        match self {
            Always => Some((NOTHING, None)),
            Command(commands) => match plain.next() {
                Some((word, place)) => commands.contains(&word).then_some((word, Some(place))),
                None => commands.contains(&NOTHING).then_some((NOTHING, None)),
            },
            Word(words) => {
                let is_one = |word: &str| words.iter().any(|one| word == *one || word.ends_with(&format!(":{one}")));
                plain.find(|(word, _)| is_one(word)).map(|(word, place)| (word, Some(place)))
            }
            Switch(switches) => own().find(|(word, _)| is_on(word, switches)).map(switch),
            SwitchBefore(switches) => {
                let mut before =
                    own().skip_while(|(word, _)| *word == "run").take_while(|(word, _)| word.starts_with('-'));
                before.find(|(word, _)| is_on(word, switches)).map(switch)
            }
            Script => {
                let is_passed = |word: &str| matches!(word, "run" | "run-script");
                let (mut word, mut place) = plain.find(|(word, _)| !is_passed(word))?;
                if word == "workspace" {
                    (word, place) = plain.skip(1).find(|(word, _)| !is_passed(word))?;
                }
                let is_one = matches!(word, "dev" | "develop" | "start:dev" | "start:debug" | "start-dev")
                    || word.starts_with("dev:");
                is_one.then_some((word, Some(place)))
            }
        }
    }
}

/// The words behind a program that are no options, and no values of options, as far as that is known.
fn plain<'w, P: Copy>(behind: &[(&'w str, P)]) -> impl Iterator<Item = (&'w str, P)> {
    let own = behind.iter().take_while(|(word, _)| *word != "--").enumerate();
    let is_value = |at: usize| at > 0 && WITH_VALUE.contains(&behind[at - 1].0);
    own.filter(move |(at, (word, _))| !word.starts_with('-') && !is_value(*at)).map(|(_, word)| *word)
}

#[cfg(test)]
mod tests {
    use super::for_developers;

    fn found(line: &str) -> Option<String> {
        let list: Vec<(&str, ())> = line.split_whitespace().map(|word| (word, ())).collect();
        for_developers(&list).map(|(found, ())| found.words)
    }

    #[test]
    fn servers_for_developers_are_known_by_their_words() {
        for (line, words) in [
            ("uvicorn app.main:app --host 0.0.0.0 --reload", "uvicorn --reload"),
            ("poetry run uvicorn --reload app:app", "uvicorn --reload"),
            ("uv run --frozen fastapi dev", "fastapi dev"),
            ("gunicorn --reload app:app", "gunicorn --reload"),
            ("fastapi --verbose dev app/main.py", "fastapi dev"),
            ("python -m flask --app shop run --debug", "flask run"),
            ("flask --app=shop run", "flask run"),
            ("python manage.py --settings=config.prod runserver", "manage.py runserver"),
            ("python -Xfrozen_modules=off -m debugpy --listen 0.0.0.0:5678 app.py", "debugpy"),
            ("wait-for-it.sh db:5432 -- flask run --host 0.0.0.0", "flask run"),
            ("dockerize -wait tcp://db:5432 -timeout 60s -- flask run", "flask run"),
            ("/docker-entrypoint.sh npm run dev", "npm run dev"),
            ("tini -- node --inspect server.js", "node --inspect"),
            ("next dev", "next dev"),
            ("npx --yes next@14 dev", "next dev"),
            ("npm exec -- next dev", "next dev"),
            ("vite --host 0.0.0.0", "vite"),
            ("npm run --silent dev", "npm run dev"),
            ("yarn workspace web dev", "yarn dev"),
            ("pnpm --filter web dev", "pnpm dev"),
            ("npm run dev:docker", "npm run dev:docker"),
            ("/usr/local/bin/node --inspect=0.0.0.0:9229 server.js", "node --inspect"),
            ("bun --watch index.ts", "bun --watch"),
            ("bun run dev", "bun run dev"),
            ("tsx watch src/index.ts", "tsx watch"),
            ("nest start --watch", "nest --watch"),
            ("nodemon server.js", "nodemon"),
            ("php artisan serve --host=0.0.0.0", "artisan serve"),
            ("php -S 0.0.0.0:80", "php -S"),
            ("./mvnw -q spring-boot:run", "mvnw spring-boot:run"),
            ("gradle --no-daemon :app:bootRun", "gradle :app:bootRun"),
        ] {
            assert_eq!(found(line).as_deref(), Some(words), "{line}");
        }
    }

    #[test]
    fn what_only_holds_such_words_starts_none() {
        for line in [
            "",
            "gunicorn --name next dev:app",
            "gunicorn --name debugpy dev:app",
            "uvicorn app:app --reload-dir src",
            "granian app:app --reload=false",
            "fastapi run app/dev.py",
            "flask db upgrade",
            "flask translate run",
            "python manage.py migrate",
            "npx next start",
            "next start dev",
            "npm run start -- dev",
            "npm start dev",
            "npm install dev",
            "yarn --cwd dev start",
            "yarn workspace dev start",
            "node dev",
            "node server.js --inspect",
            "tsx src/cli.ts --watch",
            "php cli.php -S mailer",
            "php artisan queue:work",
            "pip install debugpy flask",
            "echo use flask run",
            "which debugpy",
            "dotnet app.dll watch",
            "vite build",
            "vite preview",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }
}
