//! Servers that behave badly, and questions that should not be asked: an answer within the time-out, in little memory, and
//! never a panic.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::support::{Ran, folder, run, seccfg};

/// What a server does with a connection, once it has heard the request.
type Does = fn(&mut TcpStream) -> std::io::Result<()>;

/// A server on loopback that does the same to everyone. Its threads end with the test.
fn serve(does: Does) -> SocketAddr {
    serve_owned(does)
}

fn serve_owned(does: impl Fn(&mut TcpStream) -> std::io::Result<()> + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let address = listener.local_addr().expect("it listens");
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let does = does.clone();
            thread::spawn(move || {
                let mut request = [0; 2048];
                let _ = stream.read(&mut request);
                // Whoever asks may have gone.
                let _ = does(&mut stream);
            });
        }
    });
    address
}

fn stall(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.read(&mut [0; 16]).map(drop)
}

fn for_ever(stream: &mut TcpStream, text: &[u8]) -> std::io::Result<()> {
    loop {
        stream.write_all(text)?;
    }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\n";

/// Bad servers, and what is told of each.
const ROGUES: &[(&str, Does, &str)] = &[
    ("says nothing", stall, "the headers of an answer did not come in time"),
    (
        "stalls within its headers",
        |stream| stream.write_all(OK).and_then(|()| stall(stream)),
        "the headers of an answer did not come in time",
    ),
    (
        "stalls within its body",
        |stream| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab").and_then(|()| stall(stream)),
        "the body of an answer did not come in time",
    ),
    (
        "sends its headers letter by letter",
        |stream| loop {
            stream.write_all(b"A")?;
            thread::sleep(Duration::from_millis(50));
        },
        "the headers of an answer did not come in time",
    ),
    ("sends garbage", |stream| stream.write_all(b"\x00\xff\x1b[2J garbage\r\n\r\n"), "it is not of HTTP/1.1"),
    (
        "sends a header without an end",
        |stream| stream.write_all(b"HTTP/1.1 200 OK\r\nA: ").and_then(|()| for_ever(stream, &[b'x'; 4096])),
        "its headers have no end within 64 KiB",
    ),
    (
        "sends 10,000 headers",
        |stream| stream.write_all(&[OK, &b"A: b\r\n".repeat(10_000), b"\r\n"].concat()),
        "it has more than 128 header lines",
    ),
    ("closes early", |_| Ok(()), "the connection was closed before the headers of an answer came"),
    (
        "resets",
        |stream| socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO)),
        "the connection was closed before the headers of an answer came",
    ),
    (
        "answers 100 for ever",
        |stream| for_ever(stream, b"HTTP/1.1 100 Continue\r\n\r\n"),
        "one answer after the other only says that another one is coming",
    ),
    (
        "says again and again that an answer is being made",
        |stream| for_ever(stream, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
        "one answer after the other only says that another one is coming",
    ),
    (
        "sends its body letter by letter",
        |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")?;
            loop {
                stream.write_all(b"a")?;
                thread::sleep(Duration::from_millis(50));
            }
        },
        "the body of an answer did not come in time",
    ),
    (
        "has a chunk whose length has no end",
        |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            for_ever(stream, &[b'0'; 4096])
        },
        "its chunks cannot be read",
    ),
    // These answer, and are found to do nothing of what is asked.
    (
        "sends a body without an end",
        |stream| stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").and_then(|()| for_ever(stream, &[b'x'; 4096])),
        "HDR001",
    ),
    (
        "sends a body that would unpack to a terabyte",
        |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1099511627776\r\n\r\n")?;
            for_ever(stream, &[0; 4096])
        },
        "HDR001",
    ),
    ("closes within its body", |stream| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"), "HDR001"),
    (
        "sends chunks without an end",
        |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            for_ever(stream, &[&b"1000\r\n"[..], &[b'x'; 4096], b"\r\n"].concat())
        },
        "HDR001",
    ),
    (
        "redirects in a circle",
        |stream| stream.write_all(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
        "HDR001",
    ),
    (
        "answers HEAD with a body",
        |stream| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"),
        "HEAD http://localhost/ is answered with a body of 2 bytes",
    ),
    (
        "writes to the terminal",
        |stream| {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\nX-Frame-Options: \xe2\x80\xae\xe2\x80\xae evil\r\nContent-Length: 0\r\n\r\n",
            )
        },
        "HDR004",
    ),
];

fn profile(url: &str) -> String {
    format!(
        "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nurl = \"{url}\"\nmode = \"dev\"\n[headers]\n\
         content_security_policy = \"default-src 'self'\"\nframe_options = \"DENY\"\nno_store = [\"/api/\"]\n\
         [cors]\norigins = [\"https://www.example.com\"]\n[api_docs]\nexposed = false\npaths = [\"/docs\"]\n"
    )
}

/// Runs it, and says how much memory it took, in KiB.
fn measured(at: &std::path::Path, args: &[&str]) -> (Ran, u64) {
    let mut child = seccfg(at);
    let child = child.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().expect("the program starts");
    let mut most = 0;
    while child.try_wait().expect("it is ours").is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(peak.unwrap_or(0));
        thread::sleep(Duration::from_millis(10));
    }
    (child.wait_with_output().expect("it has ended").into(), most)
}

/// A run against a server that does this.
fn visited(does: Does) -> (Ran, u64) {
    let folder = folder();
    fs::write(folder.path().join("security.toml"), profile("http://localhost")).expect("a file can be written");
    let resolve = format!("localhost:{}", serve(does));
    measured(folder.path(), &["verify", "http://localhost", "--timeout", "1s", "--resolve", &resolve])
}

#[test]
fn bad_servers_are_told_in_time_and_in_little_memory() {
    // What the program takes where it is sent nothing: a build for tests is several times as large as a released one.
    let (_, says_nothing, _) = ROGUES[0];
    let (_, alone) = visited(says_nothing);
    let judge = |(what, does, told): &(&str, Does, &str)| {
        let began = Instant::now();
        let (ran, memory) = visited(*does);
        let said = ran.out.clone() + &ran.err;
        let code = if told.starts_with("HDR") || told.starts_with("HEAD") { 1 } else { 2 };
        let is_visible = !said.contains(['\u{202e}', '\u{1b}', '\0']);
        let is_right = ran.code == Some(code) && said.contains(told) && !said.contains("panicked") && is_visible;
        // Seven stages of a second, at most, and a loaded machine.
        let is_bounded = began.elapsed() < Duration::from_secs(20) && memory < alone + (8 << 10);
        (!is_right || !is_bounded).then(|| {
            format!(
                "a server that {what}: {:?} after {:?} with {memory} KiB, {alone} where nothing is sent: {said}",
                ran.code,
                began.elapsed()
            )
        })
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = ROGUES.iter().map(|rogue| scope.spawn(move || judge(rogue))).collect();
        threads.into_iter().filter_map(|thread| thread.join().expect("what goes wrong is told")).collect()
    });
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// What the program behind the proxy answers may be another thing tomorrow: it shows neither that a path is closed nor that it
/// is open.
#[test]
fn an_answer_of_the_program_is_no_sign_that_a_path_is_hidden() {
    let answers: [Does; 3] = [
        |stream| stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        |stream| stream.write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        |stream| {
            stream
                .write_all(b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        },
    ];
    for does in answers {
        let (ran, _) = visited(does);
        let line = ran.out.lines().find(|line| line.contains("API docs")).unwrap_or_default();
        assert!(line.contains('?') && line.contains("a program was asked"), "{}", ran.out);
    }
    let (ran, _) =
        visited(|stream| stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    let line = ran.out.lines().find(|line| line.contains("API docs")).unwrap_or_default();
    assert!(line.contains('✓') && line.contains("hidden under"), "{}", ran.out);
}

#[test]
fn a_handshake_and_a_connection_that_stall_are_told() {
    let folder = folder();
    let text = profile("https://shop.example.com").replace("\"dev\"", "\"prod\"");
    fs::write(folder.path().join("security.toml"), text).expect("a file can be written");
    crate::certificates::write(folder.path(), &["shop.example.com"], crate::certificates::Shown::Good);
    let asked = |address: SocketAddr| {
        let resolve = format!("shop.example.com:{address}");
        let ran = run(folder.path(), &["verify", "--ca", "ca.pem", "--timeout", "1s", "--resolve", &resolve]);
        assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
        ran.err
    };
    let silent = asked(serve(stall));
    assert!(silent.contains("the TLS handshake did not come in time"), "{silent}");
    let other = asked(serve(|stream| stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")));
    assert!(other.contains("the TLS handshake was refused"), "{other}");
    // Records of a handshake without an end: no message of theirs is whole, or none says anything.
    for record in [[&[22, 3, 3, 0x40, 0][..], &[0; 0x4000]].concat(), vec![22, 3, 3, 0, 0], vec![21, 3, 3, 0, 2, 1, 90]]
    {
        let served = record.clone();
        let began = Instant::now();
        let endless = asked(serve_owned(move |stream| for_ever(stream, &served)));
        let is_told = endless.contains("the TLS handshake");
        assert!(is_told && began.elapsed() < Duration::from_secs(10), "{:?}: {endless}", &record[..5]);
    }
    // Its queue is full, and nobody takes a connection out of it.
    let full = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket can be made");
    full.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("loopback has a free port");
    full.listen(0).expect("it can listen");
    let address = full.local_addr().ok().and_then(|address| address.as_socket()).expect("it has an address");
    let waiting: Vec<_> =
        (0..3).map(|_| TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok()).collect();
    let queued = asked(address);
    assert!(queued.contains("a connection did not come in time"), "{queued}");
    drop(waiting);
    let nobody = asked(SocketAddr::from(([127, 0, 0, 1], crate::server::free_port())));
    assert!(nobody.contains("no connection"), "{nobody}");
}

#[test]
fn what_should_not_be_asked_is_refused() {
    let folder = folder();
    let text = profile("https://shop.example.com").replace("\"dev\"", "\"prod\"");
    fs::write(folder.path().join("security.toml"), text).expect("a file can be written");
    crate::certificates::write(folder.path(), &["shop.example.com"], crate::certificates::Shown::Good);
    let secret = "made-up-and-not-shown";
    let with_secret = format!("https://user:{secret}@shop.example.com");
    let broken = format!("X-Staging: {secret}\nX: y");
    let cookie = format!("a={secret}; b");
    for (args, told) in [
        (vec![&with_secret[..]], "the URL holds credentials"),
        (vec!["https://shop.example.com/?x=1"], "leave out what follows the path"),
        (vec!["http://shop.example.com"], "the profile serves the site by https"),
        (vec!["ftp://shop.example.com"], "ftp is no scheme"),
        (vec!["shop.example.com"], "the URL cannot be read"),
        (vec!["--active", "https://other.example.com"], "other.example.com is no host of the profile"),
        (vec!["--header", &broken], "a --header is no header"),
        (vec!["--header", "Host: x"], "every request has already"),
        (vec!["--cookie", &cookie], "a --cookie is no cookie"),
        (vec!["--resolve", "shop.example.com"], "write HOST:ADDRESS"),
        (vec!["--ca", "key.pem"], "holds no certificate"),
        (vec!["--ca", "nowhere.pem"], "nowhere.pem"),
    ] {
        let ran = run(folder.path(), &[&["verify", "--ca", "ca.pem"], &args[..]].concat());
        let ran = if told.contains("no certificate") || told.starts_with("nowhere") {
            run(folder.path(), &[&["verify"], &args[..]].concat())
        } else {
            ran
        };
        assert!(ran.code == Some(2) && ran.err.contains(told), "{args:?}: {:?} {}{}", ran.code, ran.out, ran.err);
        assert!(!ran.err.contains(secret) && !ran.out.contains(secret), "{args:?}");
    }
}
