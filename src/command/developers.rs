//! Servers for developers, as the words say that start them: `flask run --debug`, `npm run dev`, `node --inspect`.

use super::given;
use super::shell::{SERVERS, STARTERS, file_name};

/// A server for developers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForDevelopers {
    /// The program and the word that makes it one: `uvicorn --reload`.
    pub words: String,
    /// What to start in its place, as an instruction.
    pub instead: &'static str,
}

impl ForDevelopers {
    /// What it is: "a server for developers that reloads code, `uvicorn --reload`".
    pub fn in_words(&self) -> String {
        const RELOADS: [&str; 4] = ["reload", "watch", "--hot", "nodemon"];
        let reloads = RELOADS.iter().any(|word| self.words.contains(word));
        format!("a server for developers{}, `{}`", if reloads { " that reloads code" } else { "" }, self.words)
    }
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
    /// One of these options behind one of these commands.
    SwitchOf(&'static [&'static str], &'static [&'static str]),
    /// One of these options with a number above 0.
    Number(&'static [&'static str]),
    /// One of these options with [`DEVELOPMENT`], behind one of these commands; without commands, wherever it stands.
    Environment(&'static [&'static str], &'static [&'static str]),
    /// A script of the project that is called as those for developers are, behind one of these words or at once.
    Script(&'static [&'static str]),
}

use Way::{Always, Command, Environment, Number, Script, Switch, SwitchBefore, SwitchOf, Word};

/// What Rails and Rack call a developer's machine.
const DEVELOPMENT: &str = "development";

/// What may stand before the name of a script.
const RUN: &[&str] = &["run", "run-script"];

/// What a script for developers does once, as `dev:migrate`: it serves nobody.
const ONCE: &[&str] = &[
    "build", "check", "clean", "codegen", "db", "deploy", "format", "generate", "init", "install", "lint", "migrate",
    "prepare", "reset", "seed", "setup", "test", "types",
];

/// Programs of Node.js that start another one of the project by its name: `pnpm next dev`.
const BY_NAME: &[&str] = &["yarn", "pnpm", "bun"];

/// No command is given.
const NOTHING: &str = "";

const WITHOUT_IT: &str = "start it without this option";
const SERVE_FILES: &str = "build it, and serve the files that it makes";
const START_BUILT: &str = "build it, and start what was built";
const IN_PRODUCTION: &str = "start it with `production` in that place";
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
    (&["npm", "yarn", "pnpm", "bun", "turbo"], Script(RUN), "start what was built, as by `npm start`"),
    (&["deno"], Script(&["task"]), "start the program by `deno run`"),
    (&["wrangler"], Command(&["dev"]), "deploy it, by `wrangler deploy`"),
    (&["nx"], Command(&["serve", "dev"]), START_BUILT),
    (&["pm2", "pm2-runtime"], Switch(&["--watch"]), WITHOUT_IT),
    (
        &["node", "bun", "deno", "tsx"],
        SwitchBefore(&["--inspect", "--inspect-brk", "--inspect-wait", "--watch", "--hot"]),
        WITHOUT_IT,
    ),
    (&["node"], Command(&["inspect"]), "start the program without the debugger"),
    (&["tsx"], Command(&["watch"]), "start what was built, by `node`"),
    (&["nodemon", "ts-node-dev", "tsnd"], Always, "start the program by `node`"),
    (&["artisan"], Command(&["serve"]), BY_FPM),
    (&["artisan"], SwitchOf(&["octane:start"], &["--watch"]), WITHOUT_IT),
    (&["php"], SwitchBefore(&["-S"]), BY_FPM),
    (
        &["uwsgi"],
        Number(&["--py-autoreload", "--py-auto-reload", "--python-autoreload", "--python-auto-reload"]),
        WITHOUT_IT,
    ),
    (&["rails"], Environment(&["s", "server"], &["-e", "--environment"]), IN_PRODUCTION),
    (&["puma"], Environment(&[], &["-e", "--environment"]), IN_PRODUCTION),
    (&["rackup", "unicorn"], Environment(&[], &["-E", "--env"]), IN_PRODUCTION),
    (&["java"], SwitchBefore(&["-agentlib:jdwp", "-Xrunjdwp"]), "start the program without the debugger"),
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

/// The same, before the file that a program runs.
const WITH_VALUE_BEFORE: &[&str] = &[
    "-r",
    "--require",
    "--import",
    "--loader",
    "-d",
    "-c",
    "-cp",
    "-classpath",
    "--class-path",
    "--module-path",
    "--add-opens",
    "--add-exports",
    "--add-modules",
];

/// The server for developers that the words of a command start, and the place of the word that says so.
pub fn for_developers<P: Copy>(words: &[(&str, P)]) -> Option<(ForDevelopers, P)> {
    let at = program(words)?;
    let (name, behind) = (name(words[at].0), &words[at + 1..]);
    let executes = behind.iter().position(|(word, _)| EXECUTES.contains(word)).filter(|_| is_of_scripts(name));
    if let Some(at) = executes {
        return for_developers(&behind[at + 1..]);
    }
    let is_named = |at: &usize| !behind[*at].0.starts_with('-') && !RUN.contains(&behind[*at].0);
    let named = (0..behind.len()).find(is_named).filter(|at| BY_NAME.contains(&name) && is_in_a_row(behind[*at].0));
    if let Some(at) = named {
        return for_developers(&behind[at..]);
    }
    let rows = ROWS.iter().filter(|(programs, ..)| programs.contains(&name));
    let found = rows.into_iter().find_map(|(_, way, instead)| {
        let (word, place) = way.found(behind).map(|(word, place)| (word, place.unwrap_or(words[at].1)))?;
        let words = format!("{name} {word}").trim_end().to_owned();
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
    ROWS.iter().any(|(programs, way, _)| matches!(way, Script(_)) && programs.contains(&name))
}

fn is_in_a_row(word: &str) -> bool {
    ROWS.iter().any(|(programs, ..)| programs.contains(&name(word)))
}

/// Which of the words is the program that runs in the end.
fn program<P>(words: &[(&str, P)]) -> Option<usize> {
    let is_known = |word: &str| is_in_a_row(word) || SERVERS.contains(&name(word)) && !is_runner(name(word));
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
    /// The words behind a program by which it serves developers, and their place, if they are words.
    fn found<P: Copy>(&self, behind: &[(&str, P)]) -> Option<(String, Option<P>)> {
        // What stands behind `--` is for the program that a script starts.
        let end = behind.iter().position(|(word, _)| *word == "--").unwrap_or(behind.len());
        let own = &behind[..end];
        let told = |(word, place): (&str, P)| (word.to_owned(), Some(place));
        let mut plain = plain(behind);
        match self {
            Always => Some((NOTHING.to_owned(), None)),
            Command(commands) => match plain.next() {
                Some((word, place)) => commands.contains(&word).then_some(told((word, place))),
                None => commands.contains(&NOTHING).then_some((NOTHING.to_owned(), None)),
            },
            Word(words) => {
                let is_one = |word: &str| words.iter().any(|one| word == *one || word.ends_with(&format!(":{one}")));
                plain.find(|(word, _)| is_one(word)).map(told)
            }
            Switch(switches) => switched(own, switches).map(told),
            SwitchBefore(switches) => {
                let start = own.iter().take_while(|(word, _)| *word == "run").count();
                let own = &own[start..];
                let is_value = |at: usize| at > 0 && WITH_VALUE_BEFORE.contains(&own[at - 1].0);
                let end = (0..own.len()).find(|at| !own[*at].0.starts_with('-') && !is_value(*at));
                switched(&own[..end.unwrap_or(own.len())], switches).map(told)
            }
            SwitchOf(commands, switches) => {
                let (command, _) = plain.next().filter(|(word, _)| commands.contains(word))?;
                let (switch, place) = switched(own, switches)?;
                Some((format!("{command} {switch}"), Some(place)))
            }
            Number(options) => {
                let above = |at: &usize| options.iter().any(|option| is_above_nothing(given(own, *at, option)));
                let at = (0..own.len()).find(above)?;
                Some(told((own[at].0.split('=').next()?, own[at].1)))
            }
            Environment(commands, options) => {
                let is_meant = commands.is_empty() || plain.next().is_some_and(|(word, _)| commands.contains(&word));
                let is_one = |at: &usize| options.iter().any(|option| given(own, *at, option) == Some(DEVELOPMENT));
                let at = (0..own.len()).find(is_one).filter(|_| is_meant)?;
                let option = options.iter().find(|option| own[at].0.starts_with(*option))?;
                Some((format!("{option} {DEVELOPMENT}"), Some(own[at].1)))
            }
            Script(passed) => {
                let is_passed = |word: &str| passed.contains(&word);
                let mut first = plain.next()?;
                let before = is_passed(first.0).then_some(first.0);
                if first.0 == "workspace" {
                    plain.next()?;
                    first = plain.next()?;
                }
                let (word, place) = if is_passed(first.0) { plain.find(|(word, _)| !is_passed(word))? } else { first };
                let is_one = matches!(word, "dev" | "develop" | "start:dev" | "start:debug" | "start-dev")
                    || word
                        .strip_prefix("dev:")
                        .is_some_and(|what| !what.split([':', '-']).any(|one| ONCE.contains(&one)));
                let words = before.map_or_else(|| word.to_owned(), |before| format!("{before} {word}"));
                is_one.then_some((words, Some(place)))
            }
        }
    }
}

/// The first of these switches among options that is on, without its value.
fn switched<'w, P: Copy>(options: &[(&'w str, P)], switches: &[&str]) -> Option<(&'w str, P)> {
    options.iter().find_map(|(word, place)| {
        // `-agentlib:jdwp=…`, and `-Xrunjdwp:…`.
        let (switch, value) = word.split_once('=').unwrap_or((word, ""));
        let named =
            |one: &&&str| switch == **one || switch.strip_prefix(**one).is_some_and(|rest| rest.starts_with(':'));
        let known = switches.iter().find(named).filter(|_| value != "false")?;
        Some((&switch[..known.len()], *place))
    })
}

fn is_above_nothing(number: Option<&str>) -> bool {
    number.and_then(|number| number.parse::<u32>().ok()).is_some_and(|number| number > 0)
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
            ("pnpm next dev", "next dev"),
            ("yarn run nodemon server.js", "nodemon"),
            ("pnpm turbo run dev --filter=web", "turbo run dev"),
            ("deno task dev:web", "deno task dev:web"),
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
            ("turbo run dev --filter=web", "turbo run dev"),
            ("npx turbo dev", "turbo dev"),
            ("deno task dev", "deno task dev"),
            ("deno task --cwd web dev", "deno task dev"),
            ("npx nx serve api", "nx serve"),
            ("nx serve api --configuration=production", "nx serve"),
            ("rails s -e development", "rails -e development"),
            ("bundle exec rails server -b 0.0.0.0 --environment=development", "rails --environment development"),
            ("bin/rails s -p 3000 -edevelopment", "rails -e development"),
            ("bundle exec puma -e development -p 3000", "puma -e development"),
            ("rackup -E development config.ru", "rackup -E development"),
            ("php artisan octane:start --server=swoole --watch", "artisan octane:start --watch"),
            ("uwsgi --http :8000 --py-autoreload=1", "uwsgi --py-autoreload"),
            ("uwsgi --ini app.ini --py-autoreload 2", "uwsgi --py-autoreload"),
            ("pm2 start server.js --watch", "pm2 --watch"),
            ("pm2-runtime start server.js --watch=src", "pm2-runtime --watch"),
            ("java -agentlib:jdwp=transport=dt_socket,server=y,address=*:5005 -jar app.jar", "java -agentlib:jdwp"),
            ("java -cp app:lib -Xrunjdwp:transport=dt_socket,server=y Main", "java -Xrunjdwp"),
            ("node -r dotenv/config --inspect server.js", "node --inspect"),
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
            "turbo run build --filter=dev",
            "turbo run start",
            "deno task start",
            "deno run -A main.ts dev",
            "npx nx build api",
            "nx build serve",
            "yarn task dev",
            "rails s -e production",
            "rails s",
            "bundle exec rails runner -e development Seed.run",
            "bundle exec rake -e development",
            "puma -e production",
            "php artisan octane:start",
            "php artisan octane:start --watch=false",
            "php artisan queue:listen --watch",
            "uwsgi --py-autoreload=0",
            "uwsgi --py-autoreload 0 --http :8000",
            "uwsgi --py-autoreload",
            "pm2 start server.js",
            "pm2 start server.js --no-watch",
            "pm2 start server.js -- --watch",
            "java -jar app.jar -agentlib:jdwp=server=y",
            "java -agentlib:hprof -jar app.jar",
            "java -Xmx1g -jar jdwp.jar",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }
}
