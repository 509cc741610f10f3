//! What nginx sends, byte for byte, where a profile's values are as hostile as it takes them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use seccfg::profile::Mode;
use tempfile::TempDir;

use crate::app::App;
use crate::client::{Handshake, Request, Response, tls};
use crate::judge::{Verdict, judge, reports};
use crate::places::{Kind, edited, literal, of};
use crate::server::{self, Running, Server, free_port, installed};
use crate::{PROFILE, certificate, loads, read};

const HOST: &str = "site.hostile.example";

/// Header values that end, start or change something wherever they are not taken as they are.
const VALUES: &[&str] = &[
    "\"",
    "\\",
    "a\\",
    "\\\\",
    "\\\"",
    "a\\nb\\rc\\td",
    "\"\"",
    "'",
    "'\"'",
    "`id`",
    "$",
    "$host",
    "${host}",
    "$seccfg_hostile_app_upgrade",
    "a $host \"b\" \\$host\\",
    "\"; add_header X-Evil \"1",
    "\"; } } #",
    "; { } # ;",
    "# not a comment",
    "~*^default",
    "default",
    "{{ x }}{% raw %}{# y #}",
    "<script>alert(\"1\")</script>",
    "%0d%0aX-Evil: 1",
];

/// Paths that a pattern would read otherwise, were they not taken as they are.
const PATHS: &[&str] = &["/a+b", "/c.d", "/(e)", "/it's", "/~g", "/h!i&j,k=l:m@n", "/-o_p", "/.q", "/r/*/s", "/*/t"];

/// What such a pattern would take.
const NEIGHBOURS: &[&str] =
    &["/aab", "/cxd", "/e", "/f", "/fff", "/its", "/g", "/xq", "/r/s", "/r/1/2/s", "/t", "/1/2/t", "/hi"];

/// A running nginx in front of an app; dropping it ends it. (Fields are dropped in order: nginx before its folder.)
struct Site {
    _nginx: Running,
    _app: App,
    port: u16,
    _folder: TempDir,
}

impl Site {
    /// A free port may be taken by the time nginx wants it: then with others.
    fn start(nginx: &Server, values: &[(&str, &str)], lists: &[(&str, &[&str])]) -> Self {
        let mut started = (0..3).map(|_| Self::try_start(nginx, values, lists));
        let site = started.find_map(|started| match started {
            Err(error) if error.contains("Address already in use") => None,
            other => Some(other),
        });
        site.expect("a free port").unwrap_or_else(|error| panic!("nginx {} does not start: {error}", nginx.version))
    }

    fn try_start(nginx: &Server, values: &[(&str, &str)], lists: &[(&str, &[&str])]) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        // nginx's workers give up root, and still have to get in.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("permissions can be set");
        certificate(folder.path());
        let file = |name: &str| format!("{}/{name}", folder.path().display());
        let app = App::start().expect("a free port");
        let [http, https] = [free_port(), free_port()];

        let own = [
            ("app.upstream", app.address.to_string()),
            ("tls.certificate.cert", file("cert.pem")),
            ("tls.certificate.key", file("key.pem")),
            ("access.hostile_access.client_ca", file("cert.pem")),
            ("ip_filter.allow[0]", "127.0.0.0/8".to_owned()),
            ("targets.nginx.version", nginx.version.clone()),
        ];
        let places = of(PROFILE);
        let edits = own.iter().map(|(path, value)| (*path, value.as_str())).chain(values.iter().copied());
        let edits = edits.map(|(path, value)| {
            let place = places.iter().find(|place| place.kind == Kind::Value && place.path == path);
            (place.unwrap_or_else(|| panic!("no {path}")), value)
        });
        let mut profile = edited(PROFILE, edits)
            .replace("http_port = 18080", &format!("http_port = {http}"))
            .replace("https_port = 18443", &format!("https_port = {https}"));
        for (list, values) in lists {
            let values: Vec<String> = values.iter().map(|value| literal(value)).collect();
            assert!(profile.contains(list), "no {list}");
            let name = list.split('=').next().expect("a name");
            profile = profile.replacen(list, &format!("{name}= [{}]", values.join(", ")), 1);
        }
        let rendered = match judge(&profile)? {
            Verdict::Rendered(rendered) => rendered.into_iter().find(|rendered| rendered.mode == Mode::Staging),
            Verdict::Refused(checked) => return Err(reports(&checked)[0].clone()),
        };
        read::write(folder.path(), &rendered.expect("the profile's own mode").files);
        loads(nginx, folder.path())?;
        let running = nginx.start(folder.path(), https).map_err(|error| error.to_string())?;
        Ok(Self { _nginx: running, _app: app, port: https, _folder: folder })
    }

    fn get(&self, request: Request) -> Response {
        let request = request.host(HOST);
        tls(self.port, Handshake::with(HOST), &request).unwrap_or_else(|error| panic!("{error} for {request:?}"))
    }
}

#[test]
fn header_values_arrive_as_they_were_written() {
    let printable: String = ('!'..='~').chain([' ']).chain('!'..='~').collect();
    let long = ["a".repeat(4_000), "$".repeat(4_000), "\"".repeat(2_000), "\\".repeat(2_000), "\\$\"".repeat(800)];
    let values: Vec<&str> =
        VALUES.iter().copied().chain([printable.as_str()]).chain(long.iter().map(String::as_str)).collect();
    let pairs: Vec<[&str; 2]> =
        (0..values.len()).step_by(2).map(|at| [values[at], values[(at + 1) % values.len()]]).collect();
    let paths = ["headers.content_security_policy", "headers.permissions_policy"];
    for nginx in installed(server::Kind::Nginx) {
        let plain = Site::start(&nginx, &[], &[]).get(Request::get("/"));
        for pair in &pairs {
            let site = Site::start(&nginx, &[(paths[0], pair[0]), (paths[1], pair[1])], &[]);
            for path in ["/", "/status/404", "/hidden-one", "/broken"] {
                let response = site.get(Request::get(path));
                assert_eq!(response.header("Content-Security-Policy"), Some(pair[0]), "nginx {}", nginx.version);
                assert_eq!(response.header("Permissions-Policy"), Some(pair[1]), "nginx {}", nginx.version);
                if path == "/" {
                    assert_eq!(response.starting(""), plain.starting(""), "nginx {}", nginx.version);
                }
            }
        }
    }
}

/// A path as a client may ask for it: with something for each `{name}`.
fn asked(path: &str) -> String {
    path.replace('*', "42")
}

/// Every character of a path as `%xx`, but for the slashes.
fn encoded(path: &str) -> String {
    let encode = |byte: u8| if byte == b'/' { "/".to_owned() } else { format!("%{byte:02x}") };
    path.bytes().map(encode).collect()
}

#[test]
fn paths_mean_themselves() {
    for nginx in installed(server::Kind::Nginx) {
        let site = Site::start(&nginx, &[], &[(r#"paths = ["/hidden-one", "/hidden-two.json"]"#, PATHS)]);
        let status = |path: &str| site.get(Request::get(path)).status;
        for path in PATHS.iter().map(|path| asked(path)) {
            for spelling in [path.clone(), path.to_uppercase(), encoded(&path), format!("{path}/"), format!("{path};x")]
            {
                assert_eq!(status(&spelling), 404, "{spelling} on nginx {}", nginx.version);
            }
        }
        for path in NEIGHBOURS {
            assert_eq!(status(path), 200, "{path} on nginx {}", nginx.version);
        }

        let site =
            Site::start(&nginx, &[], &[(r#"no_store = ["/stored-nowhere-one/", "/stored-nowhere-two"]"#, PATHS)]);
        let stored = |path: &str, wanted: &str| {
            let response = site.get(Request::get(path));
            assert_eq!(response.header("Cache-Control"), Some(wanted), "{path} on nginx {}", nginx.version);
        };
        for path in PATHS {
            stored(&asked(path), "no-store");
        }
        for path in NEIGHBOURS {
            stored(path, "public, max-age=60");
        }
    }
}

#[test]
fn origins_mean_themselves() {
    let long = format!("https://{}example:65535", "a23456789.".repeat(24));
    let origins = ["https://[2001:db8::1]:8443", "https://xn--mnchen-3ya.example", "https://192.0.2.1", &long];
    let others = [
        "https://[2001:DB8::1]:8443",
        "https://192.0.2.10",
        "https://192x0.2.1",
        "https://192.0.2.1\"",
        "$http_origin",
    ];
    for nginx in installed(server::Kind::Nginx) {
        let list = r#"origins = ["https://origin-one.hostile.example", "https://origin-two.hostile.example:8443"]"#;
        let site = Site::start(&nginx, &[], &[(list, &origins)]);
        let allowed = |origin: &str| {
            let response = site.get(Request::get("/").header("Origin", origin));
            response.header("Access-Control-Allow-Origin").map(str::to_owned)
        };
        for origin in origins {
            assert_eq!(allowed(origin).as_deref(), Some(origin), "nginx {}", nginx.version);
        }
        for origin in others {
            assert_eq!(allowed(origin), None, "{origin} on nginx {}", nginx.version);
        }
    }
}
