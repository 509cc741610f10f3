//! The real programs behind the proxies, each running until it is dropped.

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::server::free_port;
use crate::support::{folder, root};

const PATIENCE: Duration = Duration::from_secs(30);

/// The libraries of Tomcat that serve files, as Debian calls them.
const TOMCAT: [&str; 11] = [
    "tomcat10-catalina",
    "tomcat10-coyote",
    "tomcat10-juli",
    "tomcat10-util",
    "tomcat10-util-scan",
    "tomcat10-api",
    "tomcat10-servlet-api",
    "tomcat10-jsp-api",
    "tomcat10-el-api",
    "tomcat10-jasper",
    "tomcat10-jaspic-api",
];

/// A running program with a folder of its own.
pub struct Program {
    child: Child,
    folder: TempDir,
    pub port: u16,
}

impl Program {
    /// Starts a program, and waits until it listens.
    fn start(mut command: Command, folder: TempDir, port: u16) -> Self {
        let log = File::create(folder.path().join("log")).expect("a log can be made");
        let err = log.try_clone().expect("a file can be had twice");
        command.stdin(Stdio::null()).stdout(log).stderr(err);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}; run scripts/setup"));
        let mut program = Self { child, folder, port };
        let give_up = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = program.child.try_wait().expect("the program can be asked").is_some();
            assert!(!ended && Instant::now() < give_up, "{command:?} does not listen: {}", program.said());
            thread::sleep(Duration::from_millis(30));
        }
        program
    }

    /// Node, with a script of `programs/`, which is told its port and what else it has to know.
    pub fn node(script: &str, arguments: &[&str]) -> Self {
        let port = free_port();
        let mut command = Command::new("node");
        command.env_remove("NODE_OPTIONS").arg(script_of(script)).arg(port.to_string()).args(arguments);
        Self::start(command, folder(), port)
    }

    /// uvicorn, with an app of `programs/`.
    pub fn uvicorn(module: &str, environment: &[(&str, &str)]) -> Self {
        let port = free_port();
        let mut command = python("uvicorn");
        command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--log-level", "warning", "--app-dir"]);
        command.arg(root().join("tests/apps/programs")).arg(format!("{module}:app")).envs(environment.iter().copied());
        Self::start(command, folder(), port)
    }

    /// Tomcat, which serves these files.
    pub fn tomcat(files: &[(&str, &str)]) -> Self {
        let (port, own) = (free_port(), folder());
        let base = own.path();
        let write = |name: &str, text: &str| {
            let path = base.join(name);
            fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        };
        write("conf/server.xml", include_str!("programs/tomcat/server.xml"));
        write("webapps/ROOT/WEB-INF/web.xml", include_str!("programs/tomcat/web.xml"));
        for (name, text) in files {
            write(&format!("webapps/ROOT/{name}"), text);
        }
        let libraries: Vec<String> = TOMCAT.iter().map(|name| format!("/usr/share/java/{name}.jar")).collect();
        for library in &libraries {
            assert!(Path::new(library).exists(), "{library} is not installed: run scripts/setup");
        }
        let mut command = Command::new("java");
        // It starts in the time that it needs to be interpreted.
        command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"]);
        command.arg(format!("-Dport={port}"));
        command.args(["home", "base"].map(|name| format!("-Dcatalina.{name}={}", base.display())));
        command.args(["-cp", &libraries.join(":"), "org.apache.catalina.startup.Tomcat", "--no-jmx", "--await"]);
        command.current_dir(base);
        Self::start(command, own, port)
    }

    /// What it printed so far.
    fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Where a proxy finds it.
    pub fn upstream(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the program at {} said:\n{}", self.port, self.said());
        }
    }
}

/// Where a script of `programs/` is.
pub fn script_of(name: &str) -> PathBuf {
    root().join("tests/apps/programs").join(name)
}

/// A program of the Python that `scripts/setup` installs.
pub fn python(name: &str) -> Command {
    let path = root().join("target/venv/bin").join(name);
    assert!(path.exists(), "{} is not installed: run scripts/setup", path.display());
    let mut command = Command::new(path);
    command.env_clear().env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
    command
}
