//! A rendered profile running: Redis, the app in two workers, nginx in front of both, and a client's view.

use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::{self, Handshake, Request, Response};
use crate::python::{program, said};
use crate::server::{self, Running, free_port, installed};
use crate::support::{root, run};

const EXAMPLE: &str = include_str!("../../examples/crudauth/security.toml");
const PATIENCE: Duration = Duration::from_secs(20);

/// Where processes keep what they share, or do not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    Redis,
    Memory,
}

/// A program that runs until it is dropped.
struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts a program and waits until it listens.
    fn start(mut command: Command, log: PathBuf, port: u16) -> Self {
        let out = File::create(&log).expect("a log can be made");
        let err = out.try_clone().expect("a file can be had twice");
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().expect("the program starts");
        let mut server = Self { child, log };
        let give_up = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.child.try_wait().expect("the program can be asked").is_some();
            assert!(!ended && Instant::now() < give_up, "{command:?} does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// What it printed so far.
    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Server {
    /// Asks first, so that it takes its workers along.
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status();
        let give_up = Instant::now() + PATIENCE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < give_up {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("{}:\n{}", self.log.display(), self.said());
        }
    }
}

/// A running site; dropping it ends it. (Fields are dropped in order.)
pub struct Site {
    _nginx: Running,
    uvicorn: Server,
    _redis: Option<Server>,
    https: u16,
    /// Where the app itself listens.
    pub app: u16,
    _folder: TempDir,
}

/// The example, for this machine and with what tests can see: other names and flags than CRUDAuth's own, locks after five
/// failures, and clients that a balancer before nginx tells of.
fn profile(folder: &Path, state: State, nginx: &str, [http, https, app]: [u16; 3]) -> String {
    let files = folder.display();
    let memory = "[state]\nbackend = \"memory\"\n";
    let redis = "[state]\nbackend = \"redis\"\nurl = \"env:REDIS_URL\"\n";
    let waiver = "[[waivers]]\nrule = \"STA001\"\nexpires = 2027-01-31\nreason = \"to show what it warns of\"\n";
    let mut edits = vec![
        ("upstream = \"127.0.0.1:8000\"", format!("upstream = \"127.0.0.1:{app}\"")),
        ("hops = 1 ", "trusted = [\"127.0.0.0/8\"]\nhops = 2 ".to_owned()),
        ("cert = \"/etc/letsencrypt/live/shop.example.com/fullchain.pem\"", format!("cert = \"{files}/cert.pem\"")),
        ("key = \"/etc/letsencrypt/live/shop.example.com/privkey.pem\"", format!("key = \"{files}/key.pem\"")),
        ("[cookies.__Host-session_id]", "[cookies.shop_session]".to_owned()),
        ("[cookies.csrf_token]", "[cookies.shop_csrf]".to_owned()),
        ("attempts = 10", "attempts = 5".to_owned()),
        (
            "[targets.nginx]\nversion = \"1.22.1\"",
            format!(
                "[targets.nginx]\nversion = \"{nginx}\"\nbind = [\"127.0.0.1\"]\nhttp_port = {http}\nhttps_port = {https}"
            ),
        ),
    ];
    if state == State::Memory {
        edits.push((redis, memory.to_owned()));
        edits.push(("# A developer's own machine", format!("{waiver}\n# A developer's own machine")));
    }
    let mut profile = EXAMPLE.replace("same_site = \"lax\"", "same_site = \"strict\"");
    for (old, new) in edits {
        assert_eq!(profile.matches(old).count(), 1, "the example has no {old:?}");
        profile = profile.replace(old, &new);
    }
    profile
}

impl Site {
    pub fn start(state: State) -> Self {
        let nginx = installed(server::Kind::Nginx).swap_remove(0);
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path();
        // nginx's workers give up root, and still have to get in.
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("the folder is ours");
        let pair = rcgen::generate_simple_self_signed(["shop.example.com".to_owned()]).expect("a certificate");
        write(path, "cert.pem", &pair.cert.pem());
        write(path, "key.pem", &pair.signing_key.serialize_pem());
        let [http, https, app, redis] = [free_port(), free_port(), free_port(), free_port()];
        write(path, "security.toml", &profile(path, state, &nginx.version, [http, https, app]));
        let args = ["render", "--target", "nginx", "--target", "crudauth", "--standalone", "--today", "2026-11-21"];
        let ran = run(path, &args);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);

        let store = (state == State::Redis).then(|| start_redis(path, redis));
        fs::copy(root().join("tests/crudauth/app.py"), path.join("app.py")).expect("the app can be copied");
        let key = random(48).expect("the system has random bytes");
        let database = format!("sqlite+aiosqlite:///{}/shop.sqlite", path.display());
        let env =
            [("SECRET_KEY", key), ("DATABASE_URL", database), ("REDIS_URL", format!("redis://127.0.0.1:{redis}/0"))];
        let env: Vec<String> = env.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        write(path, ".env", &env.concat());
        let uvicorn = |arguments: &[&str]| {
            let mut command = program("uvicorn");
            command.current_dir(path).args(["--env-file", ".env", "--host", "127.0.0.1"]).args(arguments);
            command
        };
        said(
            &program("python")
                .current_dir(path)
                .args(["-m", "dotenv", "-f", ".env", "run", "--"])
                .args(["python", "app.py"])
                .env("PATH", root().join("target/venv/bin"))
                .output()
                .expect("Python starts"),
        );
        let port = app.to_string();
        let arguments = ["--port", &port, "--workers", "2", "--no-proxy-headers", "--log-level", "warning", "app:app"];
        let uvicorn = Server::start(uvicorn(&arguments), path.join("uvicorn.log"), app);
        let running = nginx.start(&path.join("nginx"), http).expect("nginx starts");
        let site = Self { _nginx: running, uvicorn, _redis: store, https, app, _folder: folder };
        site.wait_for_both();
        site
    }

    /// Waits until both workers have answered.
    fn wait_for_both(&self) {
        let give_up = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        while seen.len() < 2 {
            let response = self.get("/address", "203.0.113.200");
            if let Some(worker) = response.header("X-Worker").map(str::to_owned).filter(|worker| !seen.contains(worker))
            {
                seen.push(worker);
            }
            assert!(Instant::now() < give_up, "only {seen:?} answer: {}", self.uvicorn.said());
        }
    }

    /// By https, from an address that the balancer before nginx tells.
    pub fn send(&self, request: Request, from: &str) -> Response {
        let request = request.header("X-Forwarded-For", from);
        client::tls(self.https, Handshake::with("shop.example.com"), &request)
            .unwrap_or_else(|error| panic!("{error} for {request:?}"))
    }

    pub fn get(&self, path: &str, from: &str) -> Response {
        self.send(Request::get(path), from)
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file can be written");
}

fn start_redis(folder: &Path, port: u16) -> Server {
    let program = Path::new("/usr/bin/redis-server");
    assert!(program.exists(), "{} is not installed: run scripts/setup", program.display());
    let mut command = Command::new(program);
    let port_text = port.to_string();
    command.args(["--bind", "127.0.0.1", "--port", &port_text, "--save", "", "--loglevel", "warning", "--dir"]);
    command.arg(folder);
    Server::start(command, folder.join("redis.log"), port)
}

/// So many random bytes, as hexadecimal digits.
fn random(bytes: usize) -> io::Result<String> {
    let mut buffer = vec![0; bytes];
    File::open("/dev/urandom")?.read_exact(&mut buffer)?;
    let digits: Vec<String> = buffer.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(digits.concat())
}
