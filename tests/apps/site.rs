//! A rendered profile running in front of real programs.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use crate::server::{Kind, Running, Server, free_port, installed};
use crate::support::{folder, run};

/// The names that certificates here are for.
const NAMES: [&str; 3] = ["shop.example.com", "www.shop.example.com", "blog.example.com"];

/// A running site; dropping it ends it. (Fields are dropped in order: the server before its folder.)
pub struct Site {
    _running: Running,
    pub http: u16,
    pub https: u16,
    _folder: TempDir,
}

impl Site {
    /// Renders a profile for a server, and starts it. Names in braces stand for what a test finds out: `{folder}`, where
    /// `cert.pem` and `key.pem` are, `{http}`, `{https}`, and those that are given.
    pub fn start(server: &Server, profile: &str, names: &[(&str, &str)]) -> Self {
        let own = folder();
        let path = own.path();
        // nginx's workers give up root, and still have to get in.
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("the folder is ours");
        let pair = rcgen::generate_simple_self_signed(NAMES.map(str::to_owned)).expect("names make a certificate");
        write(path, "cert.pem", &pair.cert.pem());
        write(path, "key.pem", &pair.signing_key.serialize_pem());
        let (http, https) = (free_port(), free_port());
        let target = server.kind.target();
        let edge = format!(
            "\n[targets.{target}]\nversion = \"{}\"\nbind = [\"127.0.0.1\"]\nhttp_port = {http}\nhttps_port = {https}\n",
            server.version
        );
        let known = [("folder", path.display().to_string())];
        let known = known.iter().map(|(name, value)| (*name, value.as_str())).chain(names.iter().copied());
        let filled = known.fold(profile.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
        write(path, "security.toml", &(filled + &edge));
        let arguments = [&["render", "--target", target, "--today", "2026-11-21"], server.kind.whole()].concat();
        let ran = run(path, &arguments);
        assert_eq!(ran.code, Some(0), "{}: {}{}", server.label(), ran.out, ran.err);
        let files = path.join(target);
        assert_eq!(server.complaints(&files), Vec::<String>::new(), "{}", server.label());
        let running = server.start(&files, http).unwrap_or_else(|error| panic!("{}: {error}", server.label()));
        Self { _running: running, http, https, _folder: own }
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file can be written");
}

/// Debian's nginx and Caddy, and the current ones.
pub fn servers() -> Vec<Server> {
    [Kind::Nginx, Kind::Caddy].into_iter().flat_map(installed).collect()
}
