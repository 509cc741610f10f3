//! The installed nginx versions, and one of them running.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, io};

const PATIENCE: Duration = Duration::from_secs(10);

/// An nginx executable.
#[derive(Debug, Clone)]
pub struct Nginx {
    program: PathBuf,
    /// `1.22.1`, as `targets.nginx.version` has it.
    pub version: String,
}

/// Every nginx to test with: Debian's and the current one that `scripts/setup` installs, or those that `SECCFG_NGINX`
/// lists.
pub fn installed() -> Vec<Nginx> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let programs: Vec<PathBuf> = match env::var_os("SECCFG_NGINX") {
        Some(list) => env::split_paths(&list).collect(),
        None => vec!["/usr/sbin/nginx".into(), root.join("target/venv/bin/nginx")],
    };
    for program in &programs {
        assert!(program.exists(), "{} is not installed: run scripts/setup", program.display());
    }
    programs.into_iter().map(Nginx::ask).collect()
}

/// A port of loopback that nobody has, and that nobody gets who asks for any port: the system gives those out from 32,768,
/// to clients' connections too, and between finding one free and nginx taking it another test would have it.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Runs side by side begin in different places.
    let start = 10_000 + std::process::id() % 20_000;
    let ports = std::iter::repeat_with(|| 10_000 + (start + u32::from(NEXT.fetch_add(1, Ordering::Relaxed))) % 20_000);
    let mut ports = ports.take(20_000).filter_map(|port| u16::try_from(port).ok());
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("one of 20,000 ports is free")
}

impl Nginx {
    fn ask(program: PathBuf) -> Self {
        let output = Command::new(&program).arg("-v").output();
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let version = text.trim().rsplit('/').next().unwrap_or_default();
        let version = version.split_whitespace().next().unwrap_or_default().to_owned();
        assert!(version.starts_with(|c: char| c.is_ascii_digit()), "no version in {text:?}");
        Self { program, version }
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
        command.stdin(Stdio::null());
        command
    }

    /// `nginx -t` over a folder's `nginx.conf`.
    pub fn test(&self, folder: &Path) -> Output {
        self.command(folder).arg("-t").output().expect("nginx was found, so it starts")
    }

    /// Starts nginx with a folder's `nginx.conf` and waits until it listens on `port`.
    pub fn start(&self, folder: &Path, port: u16) -> io::Result<Running> {
        let log = folder.join("stderr.log");
        let mut child = self
            .command(folder)
            .args(["-g", "daemon off;"])
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()?;
        let give_up = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if child.try_wait()?.is_some() || Instant::now() > give_up {
                stop(&mut child);
                return Err(io::Error::other(fs::read_to_string(log)?));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(Running { child, log })
    }
}

/// A running nginx; dropping it ends it.
pub struct Running {
    child: Child,
    log: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        stop(&mut self.child);
        if thread::panicking() {
            eprintln!("nginx said:\n{}", fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}

/// Asks the master process to end, so that it takes its workers along, and insists if it won't.
fn stop(child: &mut Child) {
    let _ = Command::new("kill").arg(child.id().to_string()).stderr(Stdio::null()).status();
    let give_up = Instant::now() + PATIENCE;
    while matches!(child.try_wait(), Ok(None)) && Instant::now() < give_up {
        thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}
