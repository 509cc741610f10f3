//! Whatever stands in the place of a profile: a clear message, the right exit code, nothing half-written.

#![allow(missing_docs, reason = "a test")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use seccfg::apps::AppPack;
use support::{Ran, folder, run, seccfg};

const MINIMAL: &str = "version = 1\n\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n";

/// Checks a text as `security.toml` of a folder of its own.
fn check(bytes: impl AsRef<[u8]>) -> Ran {
    let folder = folder();
    fs::write(folder.path().join("security.toml"), bytes).expect("a file can be written");
    let ran = run(folder.path(), &["check", "--format", "json"]);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

/// The codes in a JSON report, and the lines they stand on.
fn codes(ran: &Ran) -> Vec<(String, u64)> {
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("standard output is one JSON document");
    let findings = report["findings"].as_array().expect("findings are a list");
    let row = |finding: &serde_json::Value| {
        (
            finding["code"].as_str().unwrap_or_default().to_owned(),
            finding["span"]["start"]["line"].as_u64().unwrap_or_default(),
        )
    };
    findings.iter().map(row).collect()
}

fn has(ran: &Ran, code: &str, line: u64) -> bool {
    codes(ran).contains(&(code.to_owned(), line))
}

#[test]
fn a_minimal_profile_is_clean() {
    let ran = check(MINIMAL);
    assert_eq!((ran.code, codes(&ran)), (Some(0), vec![]));
}

#[test]
fn an_empty_file_lacks_what_every_profile_has() {
    let ran = check("");
    assert_eq!(ran.code, Some(1));
    assert_eq!(codes(&ran), [("PRF004".to_owned(), 1), ("PRF004".to_owned(), 1)]);
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let ran = check(b"version = 1\n[app]\nname = \"\xff\"\n");
    assert_eq!(ran.code, Some(1));
    assert!(has(&ran, "PRF001", 3) && ran.out.contains("0xff"));
}

#[test]
fn a_bom_and_carriage_returns_are_taken() {
    let ran = check(format!("\u{feff}{}", MINIMAL.replace('\n', "\r\n")));
    assert_eq!((ran.code, codes(&ran)), (Some(0), vec![]));
    let ran = check(format!("{MINIMAL}frob = 1\n").replace('\n', "\r\n"));
    assert!(has(&ran, "PRF002", 7));
}

#[test]
fn ten_mebibytes_of_nested_arrays_end_in_a_finding() {
    let ran = check(format!("{MINIMAL}x = {}", "[".repeat(10 << 20)));
    assert_eq!(ran.code, Some(1));
    assert!(has(&ran, "PRF001", 7));
    let ran = check(format!("{MINIMAL}x = [{}]", "[],".repeat(3 << 20)));
    assert_eq!(ran.code, Some(1));
    assert!(has(&ran, "PRF002", 7));
}

#[test]
fn deep_tables_end_in_a_finding() {
    let ran = check(format!("{MINIMAL}[{}]\n", vec!["a"; 100_000].join(".")));
    assert_eq!(ran.code, Some(1));
    let ran = check(format!("{MINIMAL}x = {}", "{a=".repeat(100_000)));
    assert_eq!(ran.code, Some(1));
}

#[test]
fn every_syntax_error_is_told_and_none_twice() {
    let ran =
        check("version = 1\n[app]\nname = \"shop\nkind = generic\nmode = \"dev\"\nmode = \"test\"\n[hsts]\n[hsts]\n");
    assert_eq!(ran.code, Some(1));
    assert_eq!(codes(&ran), [3, 4, 6, 8].map(|line| ("PRF001".to_owned(), line)));
}

#[test]
fn wrong_types_everywhere_are_all_told_at_once() {
    let text = "version = \"1\"\n[app]\nname = 5\nkind = true\nmode = \"production\"\nurl = []\nworkers = 0\nreplicas = -1\nmax_body = 10\n\
                [tls]\nterminate = \"nowhere\"\ncertificate = 3\n[cors]\norigins = \"https://x.example\"\nmax_age = \"10\"\n\
                [cookies]\nsession = 1\n[rate_limits.routes.sign_in]\nlimit = \"5\"\n[hsts]\nenabled = \"yes\"\nenabld = true\n\
                [secrets.key]\npurpose = \"signing\"\n[modes.test]\nhsts = { max_age = 5 }\nversion = 1\n[modes.qa]\n";
    let ran = check(text);
    assert_eq!(ran.code, Some(1));
    let wanted = [
        ("PRF005", 1),
        ("PRF003", 3),
        ("PRF003", 4),
        ("PRF003", 5),
        ("PRF003", 6),
        ("PRF003", 7),
        ("PRF003", 8),
        ("PRF003", 9),
        ("PRF003", 11),
        ("PRF003", 12),
        ("PRF003", 14),
        ("PRF003", 15),
        ("PRF003", 17),
        ("PRF003", 19),
        ("PRF003", 21),
        ("PRF002", 22),
        ("PRF004", 23),
        ("PRF003", 26),
        ("PRF002", 27),
        ("PRF002", 28),
    ];
    assert_eq!(codes(&ran), wanted.map(|(code, line)| (code.to_owned(), line)));
    assert!(ran.out.contains("did you mean `enabled`?") && ran.out.contains("did you mean \\\"prod\\\"?"));
}

#[test]
fn an_unknown_version_is_its_own_finding() {
    let ran = check(MINIMAL.replace("version = 1", "version = 2"));
    assert_eq!((ran.code, codes(&ran)), (Some(1), vec![("PRF005".to_owned(), 1)]));
}

#[test]
fn a_folder_without_a_profile_and_a_missing_file_are_the_worlds_fault() {
    let folder = folder();
    for args in [
        &["check", "."][..],
        &["check", "nowhere.toml"],
        &["check"],
        &["render", "--target", "nginx"],
        &["plan"],
        &["score"],
    ] {
        let ran = run(folder.path(), args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        assert!(ran.out.is_empty() && ran.err.starts_with("seccfg: "), "{args:?}: {}", ran.err);
    }
}

#[test]
fn a_folder_named_like_a_profile_is_searched_not_read() {
    let folder = folder();
    fs::create_dir(folder.path().join("security.toml")).expect("a folder can be made");
    let ran = run(folder.path(), &["check", "security.toml"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("no security.toml"), "{}", ran.err);
}

#[test]
fn an_unreadable_file_is_told_and_the_others_are_still_checked() {
    let folder = folder();
    fs::create_dir(folder.path().join("a")).expect("a folder can be made");
    fs::write(folder.path().join("a/security.toml"), "").expect("a file can be written");
    std::os::unix::fs::symlink("security.toml", folder.path().join("security.toml")).expect("a link can be made");
    let ran = run(folder.path(), &["check", "security.toml", "a"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("symbolic links"), "{}", ran.err);
    assert!(ran.out.contains("PRF004"), "{}", ran.out);
}

/// As somebody who may not read everything, which the superuser may.
#[test]
fn what_may_not_be_read_is_named_and_the_rest_is_checked() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    for name in ["open", "closed", "tree/open", "tree/closed/below"] {
        fs::create_dir_all(path(name)).expect("a folder can be made");
        fs::write(path(name).join("security.toml"), MINIMAL).expect("a file can be written");
    }
    // Links that lead in circles are not followed.
    std::os::unix::fs::symlink("..", path("tree/open/round")).expect("a link can be made");
    std::os::unix::fs::symlink("round", path("tree/open/self")).expect("a link can be made");
    let program = path("seccfg");
    fs::copy(env!("CARGO_BIN_EXE_seccfg"), &program).expect("it can be copied");
    let allow = |name: &str, mode| {
        fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).expect("permissions can be set");
    };
    allow("", 0o755);
    allow("closed/security.toml", 0o000);
    allow("tree/closed", 0o000);
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    let check = |what: &str| -> Ran {
        let mut command = if is_root {
            let mut nobody = Command::new("setpriv");
            nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
            nobody
        } else {
            Command::new(&program)
        };
        command.current_dir(folder.path()).env("COLUMNS", "100");
        command.args(["check", what, "open"]).output().expect("the program starts").into()
    };
    for (what, named, profiles) in [
        ("closed/security.toml", "`closed/security.toml`: ", "open/security.toml"),
        ("tree", "`tree/closed`: ", "2 profiles"),
    ] {
        let ran = check(what);
        assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
        assert_eq!(ran.err, format!("seccfg: {named}permission is denied\n"));
        assert_eq!(ran.out, format!("{profiles}: no findings\n"));
    }
    allow("tree/closed", 0o755);
}

/// In memory, where the system has that: it is the search that is tried, and not the disk.
#[test]
fn a_profile_is_found_among_a_hundred_thousand_files() {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.expect("a temporary folder can be made");
    for outer in 0..100 {
        let inner = folder.path().join(format!("{outer}/src"));
        fs::create_dir_all(&inner).expect("a folder can be made");
        for file in 0..1_000 {
            fs::File::create(inner.join(format!("{file}.py"))).expect("a file can be made");
        }
    }
    fs::write(folder.path().join("42/src/security.toml"), MINIMAL).expect("a file can be written");
    let began = Instant::now();
    let ran = run(folder.path(), &["check", "."]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "./42/src/security.toml: no findings\n"), "{}", ran.err);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    const ASK: &str = "\"$0\" rules | head -n 1; echo \"${PIPESTATUS[0]}\"";
    let mut bash = Command::new("bash");
    bash.env_clear().env("PATH", "/usr/bin:/bin").args(["-c", ASK, env!("CARGO_BIN_EXE_seccfg")]);
    let ran: Ran = bash.output().expect("bash starts").into();
    assert!(ran.out.starts_with("Modes: ") && ran.out.ends_with("\n0\n"), "{}", ran.out);
    assert_eq!(ran.err, "");
}

/// However narrow a terminal is, and whatever its language: what is found is told, and nothing breaks.
#[test]
fn a_narrow_terminal_and_a_missing_locale_are_no_obstacle() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let told = |columns: &str, locale: Option<&str>, args: &[&str]| {
        let mut command = seccfg(&examples);
        command.env("COLUMNS", columns).args(args);
        if let Some(locale) = locale {
            command.env("LANG", locale).env("LC_ALL", locale);
        }
        let ran = Ran::from(command.output().expect("the program starts"));
        assert_eq!(ran.err, "", "{args:?}");
        let letters: String = ran.out.chars().filter(|c| c.is_alphanumeric()).collect();
        (ran.code, letters, ran.out)
    };
    for args in [&["check", "broken"][..], &["score", "broken"], &["explain", "HST001"], &["rules"]] {
        let (code, letters, wide) = told("100", None, args);
        for columns in ["0", "1", "20", "none", "99999999999999999999"] {
            let (narrow, same, out) = told(columns, None, args);
            // Lines of a profile are cut where there is no room for them.
            let is_whole = args[0] == "check" || same == letters;
            assert!(narrow == code && is_whole && !out.is_empty(), "{columns}: {args:?}: {out}");
        }
        for locale in ["C", "de_DE.ISO-8859-1", "there-is-none"] {
            assert_eq!(told("100", Some(locale), args).2, wide, "{locale}");
        }
    }
}

#[test]
fn something_endless_is_no_profile() {
    let ran = run(Path::new("/"), &["check", "/dev/zero"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("16 MiB"), "{}", ran.err);
}

/// A folder with a profile that renders.
fn renderable() -> tempfile::TempDir {
    let folder = folder();
    fs::write(folder.path().join("security.toml"), MINIMAL).expect("a file can be written");
    folder
}

fn left_over(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(".seccfg-")).collect()
}

#[test]
fn a_place_that_cannot_be_written_to_stays_as_it_is() {
    let folder = renderable();
    // A file where a folder has to be.
    fs::write(folder.path().join("out"), "mine").expect("a file can be written");
    let ran = run(folder.path(), &["render", "--target", "nginx", "--out", "out"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert_eq!(fs::read_to_string(folder.path().join("out")).ok().as_deref(), Some("mine"));
    // A read-only file system.
    let ran = run(folder.path(), &["render", "--target", "nginx", "--out", "/proc/1"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.starts_with("seccfg: /proc/1"), "{}", ran.err);
}

#[test]
fn a_full_disk_leaves_the_old_files_whole() {
    let folder = renderable();
    assert_eq!(run(folder.path(), &["render", "--target", "nginx"]).code, Some(0));
    let nginx = folder.path().join("nginx");
    let before: Vec<Vec<u8>> = ["common.conf", "seccfg.conf", "site.conf"]
        .iter()
        .map(|name| fs::read(nginx.join(name)).expect("rendered"))
        .collect();
    let longer = MINIMAL.replace("shop", &"shop".repeat(10));
    fs::write(folder.path().join("security.toml"), longer).expect("a file can be written");
    // No file may grow beyond 1 KiB: writing fails in the middle, as on a full disk.
    let program = env!("CARGO_BIN_EXE_seccfg");
    let script = format!("trap '' XFSZ; ulimit -f 1; exec {program} render --target nginx");
    let output = Command::new("bash")
        .current_dir(folder.path())
        .env_clear()
        .args(["-c", &script])
        .output()
        .expect("bash starts");
    let ran = Ran::from(output);
    assert_eq!(ran.code, Some(2), "{} {}", ran.out, ran.err);
    let after: Vec<Vec<u8>> = ["common.conf", "seccfg.conf", "site.conf"]
        .iter()
        .map(|name| fs::read(nginx.join(name)).expect("rendered"))
        .collect();
    assert!(before == after, "a full disk changed a file");
    assert_eq!(left_over(&nginx), Vec::<String>::new());
}

#[test]
fn whoever_reads_while_files_are_replaced_gets_a_whole_one() {
    let folder = renderable();
    let path = folder.path().join("nginx/site.conf");
    assert_eq!(run(folder.path(), &["render", "--target", "nginx"]).code, Some(0));
    let texts = [MINIMAL.to_owned(), MINIMAL.replace("\"shop\"", "\"warehouse\"")];
    let mut seen = Vec::new();
    for round in 0..6 {
        fs::write(folder.path().join("security.toml"), &texts[round % 2]).expect("a file can be written");
        let mut child = seccfg(folder.path())
            .args(["render", "--target", "nginx"])
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("starts");
        loop {
            let text = fs::read_to_string(&path).expect("there is always a file");
            assert!(text.starts_with("# Made by seccfg") && text.ends_with("}\n"), "half a file");
            seen.push(text.len());
            if child.try_wait().expect("a child of ours").is_some() {
                break;
            }
            std::thread::sleep(Duration::from_micros(50));
        }
    }
    assert!(seen.len() > 6);
}

#[test]
fn a_profile_with_errors_is_not_rendered() {
    let folder = renderable();
    fs::write(folder.path().join("security.toml"), MINIMAL.replace("dev", "prod")).expect("a file can be written");
    let ran = run(folder.path(), &["render", "--target", "nginx"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out.is_empty() && ran.err.contains("TLS001") && ran.err.contains("nothing was rendered"),
        "{}",
        ran.err
    );
    assert!(!folder.path().join("nginx").exists());
}

/// Everything in it that is no reference stands where a secret belongs, or where nobody knows what belongs.
#[test]
fn what_may_be_a_secret_is_shown_nowhere() {
    let secret = format!("not-a-real-secret-{}", std::process::id());
    let lines = [
        format!("url = \"https://admin:{secret}@shop.example.com\""),
        format!("upstream = \"admin:{secret}@10.0.0.1:80\""),
        format!("[secrets.a]\nvalue = \"{secret}\""),
        format!("[secrets.a]\nsourc = '{secret}'"),
        format!("[secrets.a]\nsource = \"{secret}\""),
        format!("[secrets.a]\nsource = \"\"\"\n{secret}\"\"\""),
        format!("[secrets.a]\nsource = [\"{secret}\"]"),
        format!("[secrets.a]\nsource = \"{secret}"),
        format!("[secrets]\na = \"{secret}\""),
        format!("[state]\npasword = \"{secret}\""),
        format!("[state]\nurl = {{ value = \"{secret}\" }}"),
        format!("[database]\ndsn = \"{secret}\"\nurl = [[\"{secret}\"]]"),
        format!("[api]\nkey = \"{secret}\""),
        format!("[modes.dev.secrets.a]\nsource = \"{secret}\""),
        format!("[modes.test.secrets.a]\nvalue = \"{secret}\""),
        format!("[email.smtp]\nhost = \"x\"\npassword = \"{secret}\""),
        format!("[oauth.google]\nclient_secret = \"{secret}\""),
    ];
    for line in lines {
        let folder = folder();
        fs::write(folder.path().join("security.toml"), format!("{MINIMAL}{line}\n")).expect("a file can be written");
        for args in [
            &["check"][..],
            &["check", "--format", "json"],
            &["plan"],
            &["score"],
            &["render", "--target", "nginx", "--stdout"],
        ] {
            let ran = run(folder.path(), args);
            assert_eq!(ran.code, Some(1), "{args:?} on {line}");
            assert!(
                !ran.out.contains(&secret) && !ran.err.contains(&secret),
                "{args:?} on {line}\n{}{}",
                ran.out,
                ran.err
            );
        }
    }
}

#[test]
fn a_plan_is_made_of_what_its_author_meant_or_not_at_all() {
    for broken in ["[hsts]\nenabled = true\ninclude_subdomain = true\n", "oops\n", "[modes.dev]\napp = 1\n"] {
        let folder = folder();
        fs::write(folder.path().join("security.toml"), format!("{MINIMAL}{broken}")).expect("a file can be written");
        for command in ["plan", "score"] {
            let ran = run(folder.path(), &[command, "--format", "json"]);
            assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{command}: {broken}");
            assert!(ran.err.contains("PRF00"), "{}", ran.err);
        }
    }
}

#[test]
fn a_file_of_somebody_elses_is_not_replaced() {
    let folder = renderable();
    fs::create_dir(folder.path().join("nginx")).expect("a folder can be made");
    fs::write(folder.path().join("nginx/site.conf"), "server { }\n").expect("a file can be written");
    let ran = run(folder.path(), &["render", "--target", "nginx"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("was not made by seccfg"), "{}", ran.err);
    assert_eq!(fs::read_to_string(folder.path().join("nginx/site.conf")).ok().as_deref(), Some("server { }\n"));
    assert!(!folder.path().join("nginx/common.conf").exists());
}

#[test]
fn what_a_waiver_leaves_open_is_told_when_it_is_rendered() {
    let folder = folder();
    let text = MINIMAL.replace("generic", "instacrud").replace("dev", "prod");
    let waiver = |rule: &str| {
        format!("[[waivers]]\nrule = \"{rule}\"\nreason = \"a test of this value\"\nexpires = 2026-12-31\n")
    };
    let rules = ["TLS001", "PRX006", "RAT002", "LCK001", "HDR001", "HDR004", "DBG003"];
    let waivers: String = rules.map(waiver).concat();
    fs::write(folder.path().join("security.toml"), format!("{text}[api_docs]\npaths = []\n{waivers}"))
        .expect("a file can be written");
    let ran = run(folder.path(), &["render", "--target", "nginx", "--today", "2026-11-21"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("not enforced by anyone, and waived: API docs"), "{}", ran.err);
}

/// A refusal that is accepted takes nothing else out of sight.
#[test]
fn what_is_left_of_a_waived_value_is_judged() {
    let folder = folder();
    let waived = "[cors]\norigins = [\"null\", \"*\"]\ncredentials = true\n[[waivers]]\nrule = \"COR003\"\nreason = \"a test of this value\"\n";
    fs::write(folder.path().join("security.toml"), format!("{MINIMAL}{waived}")).expect("a file can be written");
    let ran = run(folder.path(), &["check"]);
    assert!(ran.out.contains("COR001") && ran.out.contains("1 waived"), "{}", ran.out);
    let ran = run(folder.path(), &["render", "--target", "nginx"]);
    assert!(ran.code == Some(1) && ran.err.contains("COR003"), "{}", ran.err);
}

#[test]
fn a_full_standard_error_is_no_reason_to_panic() {
    let folder = folder();
    fs::write(folder.path().join("security.toml"), "oops").expect("a file can be written");
    for args in [&["plan"][..], &["render", "--target", "nginx"], &["check", "nowhere"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full is there");
        let output = seccfg(folder.path()).args(args).stderr(full).output().expect("the program starts");
        assert!(matches!(output.status.code(), Some(1 | 2)), "{args:?}: {:?}", output.status);
    }
}

/// Checks a profile whose app pack is this text.
fn check_pack(rows: &str) -> Ran {
    let folder = folder();
    let pack = format!("version = 1\ntitle = \"the app\"\n{rows}");
    fs::write(folder.path().join("app.toml"), pack).expect("a file can be written");
    fs::write(folder.path().join("security.toml"), MINIMAL.replace("generic", "./app.toml"))
        .expect("a file can be written");
    run(folder.path(), &["check", "--format", "json"])
}

#[test]
fn a_dash_is_no_file_to_write_to() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("security.toml"), MINIMAL).expect("a file can be written");
    for command in ["init", "man", "render", "report", "verify"] {
        let ran = run(path, &[command, "--out", "-"]);
        assert!(ran.code == Some(2) && ran.err.contains("`./-`"), "{command}: {}{}", ran.out, ran.err);
    }
    assert!(!path.join("-").exists());
}

/// Whatever else a flag names is read within bounds, too: a pipe may have no writer, and a device no end.
#[test]
fn no_flag_waits_for_a_pipe_or_reads_a_device_without_end() {
    let folder = folder();
    let path = folder.path();
    let clean = fs::read_to_string(support::root().join("tests/fixtures/prod.toml")).expect("the fixture is there");
    fs::write(path.join("security.toml"), clean).expect("a file can be written");
    let made = Command::new("mkfifo").arg(path.join("pipe")).status().expect("mkfifo is there");
    assert!(made.success());
    for (file, why) in [("pipe", "a named pipe, not a file"), ("/dev/zero", "larger than 16 MiB")] {
        for args in [
            &["check", "--baseline", file][..],
            &["check", "--baseline", file, "--write-baseline"],
            &["check", "--env-file", file],
            &["check", "--manifest", file],
            &["report", "--seen", file],
            &["plan", "--from", file],
            &["verify", "--ca", file],
            &["score", "https://127.0.0.1:9", "--ca", file],
        ] {
            let ran = run(path, args);
            assert_eq!(ran.code, Some(2), "{args:?}: {}{}", ran.out, ran.err);
            assert!(ran.err.contains(why), "{args:?}: {}", ran.err);
        }
    }
}

#[test]
fn a_mistake_in_a_pack_is_told_at_its_place() {
    let mistakes = [
        ("[variables]\nTTL = { field = \"tokens.acces_ttl\" }", 4, "did you mean \\\"tokens.access_ttl\\\"?"),
        ("[variables]\nKEY = { field = \"secrets.key\" }", 4, "holds more than one value"),
        ("[variables]\n\"A B\" = {}", 4, "cannot name a variable"),
        (
            "[variables]\nTTL = { field = \"tokens.access_ttl\", encoding = \"minuts\" }",
            4,
            "did you mean \\\"minutes\\\"?",
        ),
        ("[variables]\nTTL = { field = \"tokens.access_ttl\", encoding = \"csv\" }", 4, "`csv` cannot hold"),
        ("[variables]\nORIGINS = { field = \"cors.origins\" }", 4, "nothing says how it is written"),
        ("[variables]\nORIGINS = { encoding = \"csv\" }", 4, "beside no `field`"),
        (
            "[variables]\nMODE = { field = \"app.mode\", values = { production = \"1\" } }",
            4,
            "did you mean \\\"prod\\\"?",
        ),
        ("[variables]\nDEBUG = { field = \"app.debug\", default = \"perhaps\" }", 4, "its own default"),
        ("[variables]\nA = { field = \"app.debug\" }\nB = { field = \"app.debug\" }", 5, "stands in `A` already"),
        ("[variables]\nMODE = {}\n[former]\nENV = \"MODES\"", 6, "did you mean `MODE`?"),
        ("[variables]\nMODE = {}\n[former]\nMODE = \"MODE\"", 6, "reads `MODE` itself"),
        ("unknown_variables = \"refuse\"", 3, "did you mean \\\"refused\\\"?"),
        ("[variables]\nA = { aliases = [\"B\"] }\nB = {}", 4, "`B` has a row of its own"),
        ("[variables]\nA = { aliases = [\"C\", \"C\"] }", 4, "reads `C` as `A` already"),
        ("case_sensitive = false\n[variables]\nDEBUG = {}\nDebug = {}", 6, "capitals tell no names apart"),
        ("[variables]\nA = { stands_in = \"A\" }", 4, "stands in for itself"),
        ("[sends]\nX-A = { value = \"1\" }\nx-a = { value = \"2\" }", 5, "is the header `X-A`"),
        ("file_suffix = \"\"", 3, "cannot end a variable's name"),
        ("[variables]\nA = { note = \"a\\u001b[31mb\" }", 4, "that a terminal obeys"),
        ("[set_up]\nlets = \" \"", 4, "nothing stands there to be shown"),
    ];
    for (rows, line, told) in mistakes {
        let ran = check_pack(rows);
        assert_eq!((ran.code, codes(&ran)), (Some(1), vec![("PRF003".to_owned(), line)]), "{rows}\n{}", ran.out);
        assert!(ran.out.contains(told) && ran.out.contains("app.toml"), "{rows}\n{}", ran.out);
    }
    let sound = "other_controls = \"unknown\"\n[variables]\nTLS = { field = \"email.smtp.security\", encoding = \"bool\", values = { starttls = \"1\", implicit = \"0\", none = \"0\" } }\n\
                 SSL = { field = \"email.smtp.security\", encoding = \"bool\", values = { starttls = \"0\", implicit = \"1\", none = \"0\" } }\nOTHER = {}\n";
    let ran = check_pack(sound);
    assert_eq!((ran.code, codes(&ran)), (Some(0), vec![]), "{}", ran.out);
}

/// Whatever a variable is for, a secret may have been put there by mistake.
#[test]
fn what_a_file_of_variables_holds_is_shown_nowhere() {
    let secret = format!("not-a-real-secret-{}", std::process::id());
    for kind in ["instacrud", "fastcms"] {
        let folder = folder();
        let sections = "url = \"http://localhost:8000\"\n[cors]\norigins = [\"https://a.example\"]\n[tokens]\n\
                        algorithms = [\"HS256\"]\naccess_ttl = \"15m\"\nrefresh_ttl = \"1d\"\n[database]\nengine = \"mongodb\"\n\
                        [email]\nenabled = true\ncarrier = \"smtp\"\nfrom = \"a@b.example\"\n[email.smtp]\nhost = \"b.example\"\n";
        let profile = MINIMAL.replace("generic", kind) + sections;
        fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
        let pack = AppPack::embedded(kind).expect("it is in the binary");
        let forms = [secret.clone(), format!("https://admin:{secret}@db.example"), format!("[\"{secret}\"]")];
        for form in forms {
            let names = pack.variables.all().keys().map(|name| name.as_str().replace("SECRET_KEY", "SECERT_KEY"));
            let lines = names.map(|name| format!("{name}='{form}'\n"));
            let text: String =
                lines.chain([format!("UNKNOWN='{form}'\n# {form}\nnot an assignment {form}\n")]).collect();
            fs::write(folder.path().join(".env"), text).expect("a file can be written");
            for flags in [&["--format", "human"][..], &["--format", "json"], &["--fix", "--diff"]] {
                let ran = run(folder.path(), &[&["check", "--env-file", ".env"], flags].concat());
                // Only where the app refuses other names is it sure that one of its own was meant.
                let told = match (flags.contains(&"--diff"), kind) {
                    (true, "instacrud") => "+SECRET_KEY=***",
                    (true, _) => "",
                    (false, _) => "RND001",
                };
                assert!(matches!(ran.code, Some(0 | 1)) && ran.out.contains(told), "{flags:?}\n{}{}", ran.out, ran.err);
                assert!(!ran.out.contains(&secret) && !ran.err.contains(&secret), "{kind}: {form}\n{}", ran.out);
            }
        }
    }
}
