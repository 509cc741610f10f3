//! At which port the words that start a server have it listen: `gunicorn -b 0.0.0.0:8000 app:app` is 8000.

use super::given;
use super::shell::file_name;

/// The variables that say it where no option does, in the order in which they count.
pub const PORTS: [&str; 5] = ["VIRTUAL_PORT", "UVICORN_PORT", "GRANIAN_PORT", "SERVER_PORT", "PORT"];

/// The options of most servers that say a port, or an address with one.
const OPTIONS: [&str; 10] =
    ["--port", "--bind", "--listen", "--http", "--http-socket", "--server.port", "-Dserver.port", "-p", "-b", "-l"];

/// Programs whose short options mean something else.
const OTHERS: [&str; 4] = ["uwsgi", "celery", "sh", "bash"];

/// The port that a server is told to listen at. Of several, the last counts. What stands before `--` is told to the program that
/// waits for others and starts the server: `./wait-for --port 5432 -- node server.js`.
pub fn port(words: &[(&str, impl Copy)]) -> Option<u16> {
    let start = words.iter().rposition(|(word, _)| *word == "--").map_or(0, |at| at + 1);
    let words = &words[start..];
    let (mut found, mut is_another, mut takes_an_address) = (None, false, false);
    for (at, (word, _)) in words.iter().enumerate() {
        is_another |= OTHERS.contains(&file_name(word));
        // Django's own server takes the address as a word by itself.
        if *word == "runserver" {
            takes_an_address = true;
        } else if takes_an_address && let Some(port) = number(word) {
            (found, takes_an_address) = (Some(port), false);
        }
        let options = OPTIONS.iter().filter(|option| !is_another || option.len() > 2);
        found = options.filter_map(|option| given(words, at, option)).find_map(number).or(found);
    }
    found
}

/// The port of an address as servers take it: `8000`, `:8000`, `0.0.0.0:8000`, `tcp://0.0.0.0:8000`.
fn number(text: &str) -> Option<u16> {
    let address = text.rsplit("//").next()?;
    let number = address.rsplit(':').next()?;
    number.parse().ok().filter(|port| *port > 0)
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn every_form_of_a_port_is_read() {
        for (line, expected) in [
            ("uvicorn app.main:app --host 0.0.0.0 --port 8001", Some(8001)),
            ("gunicorn -w 2 -b 0.0.0.0:8000 shop.wsgi", Some(8000)),
            ("gunicorn --bind=:5000 shop.wsgi", Some(5000)),
            ("gunicorn -b unix:/run/shop.sock shop.wsgi", None),
            ("python manage.py runserver 0.0.0.0:8080", Some(8080)),
            ("next start -p 3001", Some(3001)),
            ("bundle exec puma -b tcp://0.0.0.0:3000", Some(3000)),
            ("php artisan serve --host=0.0.0.0 --port=8008", Some(8008)),
            ("java -Dserver.port=8085 -jar app.jar", Some(8085)),
            ("uwsgi --http :9090 -p 4", Some(9090)),
            ("flask run -p5001", Some(5001)),
            ("uvicorn app:app --port 8000 --port 9000", Some(9000)),
            ("node server.js", None),
            ("uvicorn app:app --port", None),
            ("gunicorn shop.wsgi --workers 4 --preload", None),
            ("mkdir -p /data", None),
            ("python manage.py runserver --noreload 0.0.0.0:8081", Some(8081)),
            ("./wait-for --port 5432 -- node server.js", None),
            ("./wait-for --port 5432 -- uvicorn app:app --port 8002", Some(8002)),
            ("npm run start -- --port 3000", Some(3000)),
            ("", None),
        ] {
            let words: Vec<(&str, ())> = line.split_whitespace().map(|word| (word, ())).collect();
            assert_eq!(port(&words), expected, "{line}");
        }
    }
}
