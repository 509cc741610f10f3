//! Where a site may be, and what it costs to look at it: IPv6 alone, many addresses, another port, a path.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use toml::{Table, Value};

use crate::certificates::Shown;
use crate::server::{Kind, installed};
use crate::site::{Plan, Site, found};
use crate::spoiled::{CIPHERS, spoil};
use crate::{base, example};

fn site(profile: Table) -> Site {
    let server = installed(Kind::Nginx).remove(0);
    let untouched = |_: &Path| {};
    Site::start(&Plan { server: &server, profile, shown: Shown::Good, spoil: &untouched })
}

/// Stands before a server and counts who connects. Its threads end with the test.
fn counted(server: SocketAddr, count: &Arc<AtomicUsize>) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let address = listener.local_addr().expect("it listens");
    let count = Arc::clone(count);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            count.fetch_add(1, Ordering::SeqCst);
            let Ok(behind) = TcpStream::connect(server) else { continue };
            let clones = (client.try_clone(), behind.try_clone());
            let (Ok(from_client), Ok(from_server)) = clones else { continue };
            thread::spawn(move || pass(from_client, behind));
            thread::spawn(move || pass(from_server, client));
        }
    });
    address
}

/// Passes on what one side says until it has no more to say.
fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut piece = [0; 16 << 10];
    while let Ok(length) = from.read(&mut piece)
        && length > 0
        && to.write_all(&piece[..length]).is_ok()
    {}
    let _ = to.shutdown(Shutdown::Write);
}

#[test]
fn a_run_that_uses_nothing_up_makes_sixty_connections_at_most() {
    for (name, profile) in ["instacrud", "fastcms", "crudauth"].map(|name| (name, example(name))) {
        let site = site(profile);
        let count = Arc::new(AtomicUsize::new(0));
        let sockets = site.sockets().map(|socket| counted(socket, &count));
        let ran = site.verify_at(sockets, &["--out", "seen.json"]);
        assert_eq!(ran.code, Some(0), "{name}: {}{}", ran.out, ran.err);
        let made = count.load(Ordering::SeqCst);
        assert!((20..=60).contains(&made), "{name}: {made} connections");
        assert!(ran.out.contains(&format!("; {made} connections")), "{name}: {made}, and it says {}", ran.out);
    }
}

#[test]
fn a_site_may_be_reached_by_ipv6_alone() {
    let mut profile = base();
    let bind: Table = "nginx = { bind = [\"::1\"] }".parse().expect("it is TOML");
    profile.insert("targets".to_owned(), Value::Table(bind));
    let site = site(profile);
    let [_, encrypted] = site.sockets();
    assert!(encrypted.is_ipv6() && TcpStream::connect((Ipv4Addr::LOCALHOST, encrypted.port())).is_err());
    let seen = site.seen(&["--active"]);
    assert_eq!(found(&seen), [], "{seen:#}");
}

#[test]
fn a_site_may_have_another_port_and_a_path() {
    let mut profile = base();
    let app = profile["app"].as_table_mut().expect("the base has the section");
    app.insert("url".to_owned(), Value::String("https://shop.example.com:8443/shop".to_owned()));
    let site = site(profile);
    let seen = site.seen(&["--active"]);
    assert_eq!(found(&seen), [], "{seen:#}");
    assert_eq!(seen["seen"]["url"], "https://shop.example.com:8443/shop/");
}

/// Where one of several addresses has other files, what is wrong there is told with the address.
#[test]
fn an_address_that_differs_is_named() {
    let bound = |address: &str, spoil: &dyn Fn(&Path)| {
        let mut profile = base();
        let bind: Table = format!("nginx = {{ bind = [\"{address}\"] }}").parse().expect("it is TOML");
        profile.insert("targets".to_owned(), Value::Table(bind));
        Site::start(&Plan { server: &installed(Kind::Nginx).remove(0), profile, shown: Shown::Good, spoil })
    };
    let old = |folder: &Path| {
        spoil(
            folder,
            &[
                ("seccfg.conf", "https \"max-age=31536000; includeSubDomains\"", "https \"\""),
                (
                    "site.conf",
                    "return 308 https://shop.example.com$request_uri",
                    "return 302 https://shop.example.com$request_uri",
                ),
                ("*", "ssl_protocols TLSv1.2", "ssl_protocols TLSv1.1 TLSv1.2"),
                ("*", CIPHERS, "@SECLEVEL=0:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256:"),
            ],
        );
    };
    let site = bound("127.0.0.1", &|_| {});
    let resolve = |sockets: [SocketAddr; 2]| {
        let [plain, encrypted] = sockets;
        [format!("*:80:{plain}"), format!("*:443:{encrypted}")]
    };
    let verify = |others: &[SocketAddr; 2]| {
        let all = resolve(site.sockets()).into_iter().chain(resolve(*others));
        let args: Vec<String> = all.flat_map(|one| ["--resolve".to_owned(), one]).collect();
        // Each has an authority of its own, and the file is the first one's.
        let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
        args.extend(["--ca", "ca.pem", "--timeout", "5s", "--format", "json"]);
        let ran = site.run(&[&["verify", "https://shop.example.com"], &args[..]].concat());
        let told: serde_json::Value =
            serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}{}", ran.out, ran.err));
        told
    };
    // The same server by another way, and an address where nobody listens.
    let same = SocketAddr::new(Ipv4Addr::new(127, 0, 0, 2).into(), 1);
    let alone = verify(&[same, same]);
    assert_eq!(found(&alone), [], "{alone:#}");
    let other = bound("::1", &old);
    let seen = verify(&other.sockets());
    let messages: Vec<String> = seen["findings"]
        .as_array()
        .expect("a report has findings")
        .iter()
        .map(|finding| format!("{} {}", finding["code"], finding["message"]))
        .collect();
    for (code, what) in [
        ("HST001", "missing on GET https://shop.example.com/ at ::1"),
        ("TLS002", "TLS 1.1 is taken at ::1"),
        ("TLS006", "answered at ::1 with 302"),
        ("TLS010", "shop.example.com at ::1 shows a certificate"),
    ] {
        let is_it = |message: &&String| message.contains(code) && message.contains(what);
        assert_eq!(messages.iter().filter(is_it).count(), 1, "{code} {what}: {messages:#?}");
    }
    assert_eq!(messages.len(), 4, "{messages:#?}");
}

/// Of forty addresses the first four are tried, whatever stands behind the others.
#[test]
fn a_host_with_forty_addresses_is_told_in_time() {
    let site = site(base());
    let [plain, encrypted] = site.sockets();
    let asked = |right: u8| {
        let address = |nth: u8| IpAddr::from(if nth == right { [127, 0, 0, 1] } else { [127, 1, 1, nth] });
        let resolve = |nth: u8| {
            let address = address(nth);
            [format!("*:80:{address}:{}", plain.port()), format!("*:443:{address}:{}", encrypted.port())]
        };
        let resolve: Vec<String> = (1..=40).flat_map(resolve).collect();
        let mut args = vec!["verify", "https://shop.example.com", "--ca", "ca.pem", "--timeout", "5s"];
        args.extend(resolve.iter().flat_map(|resolve| ["--resolve", resolve]));
        let began = Instant::now();
        (site.run(&args), began.elapsed())
    };
    let (ran, _) = asked(4);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let (ran, took) = asked(40);
    assert!(ran.code == Some(2) && ran.err.contains("no connection"), "{:?} {}{}", ran.code, ran.out, ran.err);
    assert!(took < Duration::from_secs(10), "{took:?}");
}
