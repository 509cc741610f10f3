//! What is rendered for nginx, line by line.

use std::collections::BTreeSet;

use super::*;
use crate::apps::Packs;
use crate::check::{Modes, Opened};
use crate::plan::Target;
use crate::source::Source;
use crate::targets::{Output, Style};

const APP: &str =
    "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"prod\"\nurl = \"https://shop.example.com\"\n";

/// Renders a profile, checked or not, and gives back the files' texts in order.
fn rendered(profile: &str) -> Result<Vec<String>, String> {
    let source = Source::new("security.toml", profile.to_owned());
    let opened = Opened::read(&source, &[], &Packs::default());
    let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("a profile");
    let plans = opened.plans(&policy, &[Target::Nginx]);
    let files = super::super::render(Output::Nginx, &plans, Style { standalone: true, ..Style::default() })
        .map_err(|error| error.to_string())?;
    Ok(files.into_iter().map(|file| file.text).collect())
}

fn site(profile: &str) -> String {
    rendered(profile).expect("a profile that renders").swap_remove(2)
}

/// Everything that can be asked of nginx, in every place where TLS can end, with `$`, which it has no escape for.
fn every_kind() -> Vec<Vec<String>> {
    const ALL: &str = r#"
        version = 1
        headers = { content_security_policy = "default-src 'self' $x", no_store = ["/api/"] }
        cookies.a = { secure = true, http_only = false, same_site = "lax" }
        rate_limits.routes.a = { limit = "5/min", paths = ["/a"] }
        ip_filter = { enabled = true, deny = ["10.1.0.0/16"], allow = ["10.0.0.0/8"] }
        proxy = { hops = 2, trusted = ["10.0.0.0/8"], forwarded_for = "FORWARDED" }
        cors = { origins = ["ORIGIN"], credentials = true, headers = ["Accept"], expose_headers = ["X-Total"] }
        tls = { terminate = "TERMINATE", plain_http = "PLAIN", certificate.stapling = true }
        app = { name = "my-app", kind = "generic", url = "https://a.example" }
    "#;
    let kinds = [
        ("overwrite", "https://a.example", "proxy", "redirect"),
        ("append", "*", "proxy", "serve"),
        ("append", "*", "proxy", "refuse"),
        ("append", "https://a.example", "upstream", "redirect"),
        ("overwrite", "https://a.example", "upstream", "serve"),
        ("overwrite", "https://a.example", "upstream", "refuse"),
        ("overwrite", "*", "off", "redirect"),
    ];
    let kinds = kinds.map(|(forwarded, origin, terminate, plain)| {
        let all = ALL.replace("FORWARDED", forwarded).replace("ORIGIN", origin);
        let all = all.replace("TERMINATE", terminate).replace("PLAIN", plain);
        rendered(&all).expect("everything is writable")
    });
    kinds.to_vec()
}

/// The names behind `$seccfg_my__app_`, in order.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|text| {
        let name = text.strip_prefix("seccfg_my__app_")?;
        name.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next()
    })
}

#[test]
fn what_is_looked_up_is_defined_once() {
    for files in every_kind() {
        let [_, maps, site, _] = &files[..] else { panic!("four files") };
        // `map $what_is_looked_up $what_is_defined {`
        let heads = maps.lines().filter(|line| line.ends_with(" {") && line.contains('$'));
        let defined: Vec<_> = heads.filter_map(|line| variables(line).last()).collect();
        let unique: BTreeSet<_> = defined.iter().copied().collect();
        assert_eq!(unique.len(), defined.len(), "defined twice: {defined:?}");
        let used: BTreeSet<_> = variables(maps).chain(variables(site)).collect();
        assert_eq!(used, unique);
    }
}

#[test]
fn nothing_below_a_server_stops_what_it_inherits() {
    let inherited = ["add_header", "proxy_hide_header", "proxy_set_header", "limit_req", "proxy_cookie_flags"];
    for files in every_kind() {
        for line in files[2].lines().filter(|line| line.starts_with("        ")) {
            let directive = line.split_whitespace().next().expect("an indented line has words");
            assert!(!inherited.contains(&directive), "{line}");
        }
    }
}

#[test]
fn the_default_server_speaks_tls_as_the_site_does() {
    let files = &every_kind()[0];
    let settings = |file: &str| -> Vec<String> {
        let own = ["ssl_certificate", "ssl_stapling", "ssl_reject_handshake"];
        let lines = file.lines().map(str::trim).filter(|line| line.starts_with("ssl_"));
        lines.filter(|line| !own.iter().any(|own| line.starts_with(own))).map(str::to_owned).collect()
    };
    assert_eq!(settings(&files[0]), settings(&files[2]));
    assert!(settings(&files[2]).iter().any(|line| line.starts_with("ssl_ciphers ECDHE-")), "{}", files[2]);
}

#[test]
fn files_are_made_the_same_each_time_and_say_by_what() {
    let all = every_kind();
    assert_eq!(every_kind(), all);
    for text in all.iter().flatten() {
        assert!(text.starts_with("# Made by seccfg "), "{text}");
        assert!(text.ends_with("}\n"), "{text}");
        assert!(!text.contains("\n\n\n") && !text.contains(" \n"), "{text}");
    }
}

#[test]
fn one_port_for_both_is_refused() {
    let one_port = "[targets.nginx]\nhttp_port = 8080\nhttps_port = 8080\n";
    assert_eq!(
        rendered(&format!("{APP}{one_port}")).expect_err("two servers on one socket"),
        "`targets.nginx.http_port` is 8080, as is `targets.nginx.https_port`: one port speaks plain HTTP or TLS"
    );
    // Elsewhere no one listens on the second.
    assert!(rendered(&format!("{APP}[tls]\nterminate = \"upstream\"\n{one_port}")).is_ok());
}

#[test]
fn groups_are_the_profiles_or_those_of_the_guidelines_that_this_openssl_has() {
    let groups = |tls: &str, openssl: &str| {
        let files = rendered(&format!("{APP}[tls]\n{tls}\n[targets.nginx]\n{openssl}\n"))?;
        let line = |file: &String| {
            file.lines().find_map(|line| line.trim().strip_prefix("ssl_ecdh_curve ")).map(str::to_owned)
        };
        // What the default server says counts for the site's.
        assert_eq!(line(&files[0]), line(&files[2]));
        line(&files[0]).ok_or_else(|| files[0].clone())
    };
    let old = Ok("X25519:prime256v1:secp384r1;".to_owned());
    assert_eq!(groups("", ""), old);
    assert_eq!(groups("", "openssl = \"3.0\""), old);
    assert_eq!(groups("", "openssl = \"3.5\""), Ok("X25519MLKEM768:X25519:prime256v1:secp384r1;".to_owned()));
    let written = "groups = [\"X448\", \"X25519\", \"X448\"]";
    assert_eq!(groups(written, "openssl = \"3.5\""), Ok("X448:X25519;".to_owned()));
    for openssl in ["1.0.2", "1.1.0"] {
        let refused = groups("", &format!("openssl = \"{openssl}\"")).expect_err("it has no TLS 1.3");
        assert!(refused.contains("`targets.nginx.openssl` is older than 1.1.1"), "{refused}");
    }
    assert_eq!(groups("", "openssl = \"1.1.1\""), old);
}

#[test]
fn flags_that_are_not_written_are_left_to_the_app() {
    let cookies = "[cookies.\"a.b\"]\nhttp_only = false\n[cookies.c]\nsecure = true\n[cookies.d]\n";
    let site = site(&format!("{APP}{cookies}"));
    let flags: Vec<_> = site.lines().filter(|line| line.contains("proxy_cookie_flags")).map(str::trim).collect();
    assert_eq!(flags, ["proxy_cookie_flags a.b nohttponly;", "proxy_cookie_flags c secure;"]);
}

#[test]
fn a_cookie_without_a_flag_takes_no_line() {
    assert!(!site(&format!("{APP}[cookies.d]\n")).contains("ookie"));
}

#[test]
fn a_mounted_apps_paths_are_written_both_ways() {
    let mounted = |path: &str| format!("{}[api_docs]\npaths = [\"/docs\"]\n", APP.replace(".com", path));
    let hidden = |path| {
        let maps = rendered(&mounted(path)).expect("a profile that renders").swap_remove(1);
        let (_, table) = maps.split_once("_hidden {").expect("something is hidden");
        table.lines().filter(|line| line.contains("docs") && line.ends_with("1;")).count()
    };
    assert_eq!([hidden(".com"), hidden(".com/"), hidden(".com/shop"), hidden(".com/shop/")], [1, 1, 2, 2]);
}

#[test]
fn gaps_are_named_at_the_top() {
    let old = "[targets.nginx]\nversion = \"1.19.0\"\n";
    assert!(!site(APP).contains("Not enforced"));
    let one = site(&format!("{APP}{old}"));
    assert_eq!(one.lines().nth(2), Some("# Not enforced, by waiver: host names"));
    let routes = (0..200)
        .map(|n| format!("[rate_limits.routes.a_route_with_a_long_name_{n}]\nlimit = \"5/min\"\nper = \"user\"\n"));
    let limits = format!("[rate_limits]\nenabled = true\nenforced_by = \"proxy\"\n{}", routes.collect::<String>());
    let many = site(&format!("{APP}{old}{limits}"));
    assert_eq!(many.matches("rate limit a_route_with").count(), 200);
    assert!(many.lines().skip(2).all(|line| line.len() < 120 || !line.contains("a_route_with")));
}

#[test]
fn names_of_different_apps_differ() {
    let names = |app: &str| {
        let prefix = context::prefix(app).expect("a label");
        ["limit_a", "limit_limit_a", "a", "b_limit_a", "client"].map(|name| format!("{}_{name}", prefix.as_str()))
    };
    let apps = ["shop", "shop-limit", "shop-limit-limit", "shop--limit", "shop-b", "shop-a"];
    let all: Vec<String> = apps.into_iter().flat_map(names).collect();
    let unique: HashSet<&String> = all.iter().collect();
    assert_eq!(unique.len(), all.len(), "{all:?}");
}
