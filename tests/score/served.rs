//! Profiles of all kinds, served by a real nginx, asked by our own client and scanned by Observatory itself: both say what was
//! predicted.
//!
//! Each profile is a site of its own behind one nginx, in front of an app that sends what the profile's pack says that it
//! sends, and cookies whose flags are the opposite of the profile's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::json;

use seccfg::apps::{AppPack, Packs};
use seccfg::check::{Modes, Opened};
use seccfg::plan::Target;
use seccfg::profile::Mode;
use seccfg::score::{Answer, ORIGIN, Observed, Outcome, predict, score};
use seccfg::source::Source;
use seccfg::targets::{Output, Style, render};
use seccfg::verify::certificate::Authorities;
use seccfg::verify::client::Settings;
use seccfg::verify::observed::{Address, CONNECTIONS, observe};

use crate::dice::Dice;
use crate::observatory::{Said, ask};
use crate::server::{Kind, Running, Server, free_port, installed};

const SITES: usize = 30;

const CORS: &str = "cross-origin-resource-sharing";

/// A site: its profile, but for where it is served, and what its app says to a visitor and to a preflight.
struct Site {
    host: String,
    profile: String,
    says: String,
    says_to_preflight: String,
}

const CSPS: [&str; 9] = [
    "default-src 'none'; script-src 'self'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "default-src 'self'; style-src 'self' 'unsafe-inline'",
    "default-src 'self'; script-src 'self' 'unsafe-inline' https://cdn.example.com",
    "default-src 'self'; script-src 'nonce-YWJj' 'strict-dynamic' 'unsafe-inline' https:; object-src 'none'",
    "default-src 'self'; script-src 'strict-dynamic'",
    "default-src 'self'; img-src * http://images.example.com; frame-ancestors 'self'",
    "default-src 'self' 'unsafe-eval'",
    "script-src 'self'; script-src 'none'",
];

impl Site {
    /// A site by chance. The first ones are good, so that what tests add counts in some.
    fn new(dice: &mut Dice, number: usize) -> Self {
        let good = number < SITES / 3;
        let often = |dice: &mut Dice| good || !dice.once_in(3);
        let host = format!("site{number}.example.com");
        let kind = dice.pick(&["generic", "instacrud", "fastcms", "crudauth"]);
        let scheme = if good || !dice.once_in(8) { "https" } else { "http" };
        let mut profile = format!(
            "version = 1\n[app]\nname = \"site{number}\"\nkind = \"{kind}\"\nurl = \"{scheme}://{host}\"\nupstream = \"{{app}}\"\n\
             [targets.nginx]\nversion = \"{{version}}\"\nbind = [\"127.0.0.1\"]\nhttp_port = {{http}}\nhttps_port = {{https}}\n"
        );
        let redirect = good || !dice.once_in(5);
        let issuer = if good || !dice.once_in(8) { "ca" } else { "self-signed" };
        write!(
            profile,
            "[tls]\nredirect_http = {redirect}\n[tls.certificate]\nissuer = \"{issuer}\"\n\
             cert = \"{{folder}}/{issuer}.pem\"\nkey = \"{{folder}}/{issuer}.key\"\n"
        )
        .expect("a string takes everything");
        if often(dice) {
            let age = dice.pick(if good { &["1y", "180d"] } else { &["1y", "30d", "179d", "0s"] });
            let below = dice.once_in(2);
            write!(profile, "[hsts]\nenabled = true\nmax_age = \"{age}\"\ninclude_subdomains = {below}\n")
                .expect("a string takes everything");
        }
        profile.push_str(&headers(dice, good));
        let (cookies, set) = cookies(dice, good);
        profile.push_str(&cookies);
        let (cors, says_to_preflight) = cors(dice, kind);
        profile.push_str(&cors);
        Self { host, profile, says: set + &own_headers(kind), says_to_preflight }
    }
}

fn headers(dice: &mut Dice, good: bool) -> String {
    let mut text = "[headers]\n".to_owned();
    let often = |dice: &mut Dice| good || !dice.once_in(3);
    let mut add = |key: &str, value: &str| writeln!(text, "{key} = {value}").expect("a string takes everything");
    if often(dice) {
        let csp = dice.pick(if good { &CSPS[..3] } else { &CSPS });
        add("content_security_policy", &format!("\"{csp}\""));
        if !good && dice.once_in(5) {
            add("csp_report_only", "true");
        }
    }
    let keys: [(&str, &[&str]); 3] = [
        ("frame_options", &["\"DENY\"", "\"SAMEORIGIN\""]),
        (
            "referrer_policy",
            &["\"strict-origin-when-cross-origin\"", "\"no-referrer\"", "\"unsafe-url\"", "\"origin\""],
        ),
        ("cross_origin_resource_policy", &["\"same-origin\"", "\"same-site\"", "\"cross-origin\""]),
    ];
    for (key, values) in keys {
        if often(dice) {
            add(key, dice.pick(if good { &values[..2] } else { values }));
        }
    }
    if !good && dice.once_in(4) {
        add("content_type_options", "false");
    }
    text
}

/// Cookies of a profile, and what the app sets: the flags that the profile writes the other way round, no others.
fn cookies(dice: &mut Dice, good: bool) -> (String, String) {
    let (mut profile, mut set) = (String::new(), String::new());
    for name in ["session", "csrf_token", "theme"] {
        if dice.once_in(2) {
            continue;
        }
        writeln!(profile, "[cookies.{name}]").expect("a string takes everything");
        write!(set, "Set-Cookie: {name}=value; Path=/").expect("a string takes everything");
        for (key, flag) in [("secure", "Secure"), ("http_only", "HttpOnly")] {
            if good || !dice.once_in(4) {
                let value = good || !dice.once_in(4);
                writeln!(profile, "{key} = {value}").expect("a string takes everything");
                if !value {
                    write!(set, "; {flag}").expect("a string takes everything");
                }
            }
        }
        if good || !dice.once_in(3) {
            let value = dice.pick(if good { &["lax", "strict"] } else { &["lax", "strict", "none"] });
            writeln!(profile, "same_site = \"{value}\"").expect("a string takes everything");
        }
        set.push_str("\r\n");
    }
    (profile, set)
}

/// CORS of a profile, and what an app that answers it itself says to Observatory's preflight, as frameworks do.
fn cors(dice: &mut Dice, kind: &str) -> (String, String) {
    let origins = dice.pick(&["", "\"https://www.example.com\"", "\"*\"", "OBSERVATORY"]);
    let origins = origins.replace("OBSERVATORY", &format!("\"{ORIGIN}\""));
    let credentials = dice.once_in(2);
    let by_app = dice.once_in(2) && kind == "generic";
    let profile = format!(
        "[cors]\norigins = [{origins}]\ncredentials = {credentials}\nenforced_by = \"{}\"\n",
        if by_app { "app" } else { "auto" }
    );
    let echo = origins.contains(ORIGIN) || (origins == "\"*\"" && credentials);
    let mut says = String::new();
    if echo {
        write!(says, "Access-Control-Allow-Origin: {ORIGIN}\r\n").expect("a string takes everything");
    } else if origins == "\"*\"" {
        says.push_str("Access-Control-Allow-Origin: *\r\n");
    }
    if credentials {
        says.push_str("Access-Control-Allow-Credentials: true\r\n");
    }
    (profile, says)
}

/// What an app's pack says that it sends by itself. Where its pages are at paths of their own, the first answer is none.
fn own_headers(kind: &str) -> String {
    let pack = AppPack::embedded(kind).expect("a kind that is known");
    let has_first = pack.pages.as_ref().is_none_or(|pages| pages.paths.is_none());
    let content = if has_first { "text/html" } else { "application/json" };
    let sent = pack.sends.iter().filter(|(_, sent)| sent.modes.contains(&Mode::Prod));
    let sent = sent.map(|(name, sent)| format!("{name}: {}\r\n", sent.value)).collect::<Vec<_>>().concat();
    format!("Content-Type: {content}\r\n{sent}")
}

/// An app that says to each host what it was told to say there.
fn app(sites: &[Site]) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let told = |site: &Site| (site.host.clone(), [site.says.clone(), site.says_to_preflight.clone()]);
    let told: Arc<BTreeMap<String, [String; 2]>> = Arc::new(sites.iter().map(told).collect());
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let told = Arc::clone(&told);
            // A connection that breaks is nginx's affair.
            thread::spawn(move || serve(stream, &told).ok());
        }
    });
    Ok(address)
}

fn serve(mut stream: TcpStream, told: &BTreeMap<String, [String; 2]>) -> io::Result<()> {
    let head: Vec<String> =
        BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let host = head.iter().find_map(|line| line.strip_prefix("Host: ")).unwrap_or_default();
    let is_preflight = head.first().is_some_and(|line| line.starts_with("OPTIONS"));
    let says = told.get(host).map_or("", |says| says[usize::from(is_preflight)].as_str());
    let page = "<!doctype html><title>A page</title><script src=\"/app.js\"></script>";
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n{says}\r\n{page}", page.len())
}

/// Where a run of the test is served.
struct Place<'a> {
    folder: &'a Path,
    app: SocketAddr,
    http: u16,
    https: u16,
    version: &'a str,
}

impl Place<'_> {
    fn fill(&self, profile: &str) -> String {
        profile
            .replace("{folder}", &self.folder.display().to_string())
            .replace("{app}", &self.app.to_string())
            .replace("{http}", &self.http.to_string())
            .replace("{https}", &self.https.to_string())
            .replace("{version}", self.version)
    }

    /// Renders every profile into one nginx, and says what is predicted of each.
    fn render(&self, sites: &[Site]) -> Vec<Said> {
        let mut included = String::new();
        let mut predicted = Vec::new();
        for (number, site) in sites.iter().enumerate() {
            let source = Source::new(Path::new("security.toml"), self.fill(&site.profile));
            let opened = Opened::read(&source, &[], &Packs::default());
            let policy = opened.policy(opened.modes(Modes::Own)[0]).unwrap_or_else(|| panic!("{}", source.text));
            let plans = opened.plans(&policy, &[Target::Nginx]);
            let style = Style { standalone: number == 0, ..Style::default() };
            for artifact in render(Output::Nginx, &plans, style).expect("the profile renders") {
                let name = artifact.path.file_name().expect("a file has a name").to_owned();
                if number == 0 {
                    fs::write(self.folder.join(name), artifact.text).expect("a file can be written");
                } else if name != "common.conf" {
                    included.push_str(&artifact.text);
                }
            }
            predicted.push(said(&predict(&plans[0]).observed));
        }
        let path = self.folder.join("nginx.conf");
        let mut whole = fs::read_to_string(&path).expect("it was rendered");
        let end = whole.rfind('}').expect("the end of http {}");
        whole.insert_str(end, &included);
        fs::write(&path, whole).expect("a file can be written");
        predicted
    }
}

fn said(observed: &Observed) -> Said {
    let score = score(observed).expect("a site answers");
    let tests = score.tests.iter().map(|test| (test.outcome.test().to_string(), test.outcome.to_string()));
    Said { score: score.points, grade: score.grade().to_owned(), tests: tests.collect() }
}

/// What our own client is answered by a site, scored.
fn measured(host: &str, [http, https]: [u16; 2], authorities: &Authorities) -> Said {
    let at = |port, there| format!("{host}:{port}:127.0.0.1:{there}").parse().expect("it says where the host is");
    let settings = Settings {
        patience: Duration::from_secs(10),
        whole: Duration::from_mins(1),
        most: CONNECTIONS,
        resolve: vec![at(443, https), at(80, http)],
    };
    let address = Address::read(&format!("https://{host}")).expect("it is the address of a site");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970").as_secs();
    let now = i64::try_from(now).expect("it is not that late");
    let measured = observe(&address, authorities, now, settings).unwrap_or_else(|silent| panic!("{silent}"));
    let is_page = measured.observed.https.as_ref().or(measured.observed.http.as_ref()).is_some_and(Answer::is_page);
    assert_eq!(measured.observed.page.scripts.len(), usize::from(is_page), "{measured:#?}");
    said(&measured.observed)
}

/// One certificate that Observatory trusts, and one that nobody does, for all hosts.
fn certificates(folder: &Path, sites: &[Site]) {
    // nginx's workers give up root, and still have to get in.
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("the folder is ours");
    for name in ["ca", "self-signed"] {
        let hosts: Vec<String> = sites.iter().map(|site| site.host.clone()).collect();
        let pair = rcgen::generate_simple_self_signed(hosts).expect("names make a certificate");
        fs::write(folder.join(format!("{name}.pem")), pair.cert.pem()).expect("a file can be written");
        fs::write(folder.join(format!("{name}.key")), pair.signing_key.serialize_pem()).expect("a file can be written");
    }
}

fn start(nginx: &Server, folder: &Path, sites: &[Site], app: SocketAddr) -> (Running, [u16; 2], Vec<Said>) {
    // A free port may be taken by the time nginx wants it: then with others.
    for _ in 0..3 {
        let [http, https] = [free_port(), free_port()];
        let place = Place { folder, app, http, https, version: &nginx.version };
        let predicted = place.render(sites);
        match nginx.start(folder, http) {
            Ok(running) => return (running, [http, https], predicted),
            Err(error) if error.to_string().contains("Address already in use") => {}
            Err(error) => panic!("nginx {} does not start: {error}", nginx.version),
        }
    }
    panic!("no free port");
}

#[test]
fn what_was_predicted_is_what_is_measured_and_what_observatory_says_of_the_real_thing() {
    let mut dice = Dice::new(std::env::var("SECCFG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1));
    let sites: Vec<Site> = (0..SITES).map(|number| Site::new(&mut dice, number)).collect();
    let nginx = installed(Kind::Nginx).remove(0);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    certificates(folder.path(), &sites);
    let app = app(&sites).expect("loopback has a free port");
    let (_nginx, [http, https], predicted) = start(&nginx, folder.path(), &sites, app);
    let pem = fs::read(folder.path().join("ca.pem")).expect("it was written");
    let authorities = Authorities::of_pem(&pem).expect("it is a certificate");
    for (site, predicted) in sites.iter().zip(&predicted) {
        let measured = measured(&site.host, [http, https], &authorities);
        assert_eq!(predicted, &measured, "{}\nthe app says:\n{}", site.profile, site.says);
    }
    let question = |site: &Site| json!({ "host": site.host, "ports": { "http": http, "https": https } });
    let questions: Vec<_> = sites.iter().map(question).collect();
    let Some(said) = ask("scan", &questions, Some(&folder.path().join("ca.pem"))) else { return };
    assert_eq!(said.len(), sites.len());
    let mut seen = BTreeSet::new();
    for ((site, predicted), mut said) in sites.iter().zip(&predicted).zip(said) {
        seen.extend(said.tests.values().cloned());
        if predicted.tests[CORS] == Outcome::CorsUniversal.as_str() {
            // Observatory does not find the Origin again that it sent, so that it never says what its scoring has 50 points
            // for. The score is the published one; everything else has to agree.
            let restricted = said.tests.insert(CORS.to_owned(), predicted.tests[CORS].clone());
            assert_eq!(restricted.as_deref(), Some(Outcome::CorsRestricted.as_str()), "{}", site.profile);
            (said.score, said.grade) = (predicted.score, predicted.grade.clone());
        }
        assert_eq!(predicted, &said, "{}\nthe app says:\n{}", site.profile, site.says);
    }
    assert!(seen.len() >= 30, "only {} outcomes came up: {seen:?}", seen.len());
}
