//! A rendered profile running: the app, nginx in front of it, and a client's view of both.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use tempfile::TempDir;

use crate::app::App;
use crate::client::{self, Handshake, Request, Response};
use crate::nginx::{Nginx, Running, free_port, installed};
use crate::profile::{Place, Profile};
use crate::render::render;

/// Both versions that a client of today speaks.
pub const MODERN_CLIENT: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// A running site; dropping it ends it. (Fields are dropped in order: nginx before its folder.)
pub struct Site {
    _nginx: Running,
    pub app: App,
    pub http: u16,
    pub https: u16,
    _folder: TempDir,
}

/// Runs a scenario on every nginx.
pub fn on_each_nginx(profile: Profile, scenario: impl Fn(&Site)) {
    together_on_each_nginx(&[profile], scenario);
}

/// Runs a scenario on every nginx, with several profiles in it.
pub fn together_on_each_nginx(profiles: &[Profile], scenario: impl Fn(&Site)) {
    for nginx in installed() {
        eprintln!("on nginx {}", nginx.version);
        scenario(&Site::start(&nginx, profiles));
    }
}

impl Site {
    /// A free port may be taken by the time nginx wants it: then with others.
    fn start(nginx: &Nginx, profiles: &[Profile]) -> Self {
        let mut attempts = (0..3).map(|_| Self::try_start(nginx, profiles));
        let started = attempts.find_map(|attempt| match attempt {
            Err(error) if error.to_string().contains("Address already in use") => None,
            other => Some(other),
        });
        match started {
            Some(Ok(site)) => site,
            Some(Err(error)) => panic!("nginx {} does not start: {error}", nginx.version),
            None => panic!("nginx {} finds no free port", nginx.version),
        }
    }

    fn try_start(nginx: &Nginx, profiles: &[Profile]) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        // nginx's workers give up root, and still have to get in.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let challenges = folder.path().join("webroot/.well-known/acme-challenge");
        fs::create_dir_all(&challenges)?;
        fs::write(challenges.join("token"), "token.thumbprint")?;
        let pair = rcgen::generate_simple_self_signed(["shop.example.com".to_owned()]).map_err(io::Error::other)?;
        fs::write(folder.path().join("cert.pem"), pair.cert.pem())?;
        fs::write(folder.path().join("key.pem"), pair.signing_key.serialize_pem())?;

        let app = App::start()?;
        let [http, https] = [free_port(), free_port()];
        let place = Place { folder: folder.path(), http, https, app: app.address, nginx_version: &nginx.version };
        let files = render_together(profiles, &place)?;
        let tested = nginx.test(&files);
        let said = String::from_utf8_lossy(&tested.stderr);
        let in_use = said.contains("Address already in use");
        assert!(in_use || tested.status.success() && !said.contains("[warn]"), "nginx {} -t: {said}", nginx.version);
        let running = nginx.start(&files, http)?;
        Ok(Self { _nginx: running, app, http, https, _folder: folder })
    }

    /// By plain HTTP.
    pub fn plain(&self, request: &Request) -> io::Result<Response> {
        client::plain(self.http, request)
    }

    /// By https, with the site's name in the handshake.
    pub fn https(&self, request: &Request) -> Response {
        self.handshake("shop.example.com", MODERN_CLIENT, request)
            .unwrap_or_else(|error| panic!("{error} for {request:?}"))
    }

    /// By https, with any name and versions.
    pub fn handshake(
        &self,
        sni: &str,
        versions: &[&'static SupportedProtocolVersion],
        request: &Request,
    ) -> io::Result<Response> {
        client::tls(self.https, Handshake { sni, versions }, request)
    }
}

/// Renders the first profile as a complete nginx, and includes the others in it.
fn render_together(profiles: &[Profile], place: &Place) -> io::Result<PathBuf> {
    let folders: Vec<PathBuf> = profiles
        .iter()
        .map(|profile| {
            let folder = place.folder.join(profile.name);
            fs::create_dir(&folder)?;
            render(profile, &folder, place)
        })
        .collect::<io::Result<_>>()?;
    let [first, others @ ..] = folders.as_slice() else { panic!("a site has a profile") };
    let main = first.join("nginx.conf");
    let mut text = fs::read_to_string(&main)?;
    let end = text.rfind('}').expect("the end of http {}");
    for file in others.iter().flat_map(|folder| [folder.join("seccfg.conf"), folder.join("site.conf")]) {
        text.insert_str(end, &format!("    include {};\n", file.display()));
    }
    fs::write(main, text)?;
    Ok(first.clone())
}
