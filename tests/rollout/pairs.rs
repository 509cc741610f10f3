//! Each kind of change alone, and each together with each other one.

use seccfg::rollout::Kind;
use toml::{Table, Value};

use crate::judged::{Steps, steps};

const PROD: &str = include_str!("../fixtures/prod.toml");

/// A change: what is laid over production's least in the old profile, and in the new one; its steps, and their days.
struct Change {
    what: &'static str,
    old: &'static str,
    new: &'static str,
    steps: &'static [(&'static str, i32)],
}

const KEY: &str = "[secrets.secret_key]\nsource = \"env:A\"\nrotate_every = \"90d\"\nrotated_at = 2026-11-01\n[tokens]\nrefresh_ttl = \"30d\"";

const ALL: &[Change] = &[
    Change {
        what: "TLS at last",
        old: "app.url = \"http://shop.example.com\"\n[hsts]\nenabled = false\n",
        new: "app.url = \"https://shop.example.com\"\n[hsts]\nenabled = false\n",
        steps: &[("tls", 0), ("redirect", 1)],
    },
    Change {
        what: "TLS and HSTS",
        old: "app.url = \"http://shop.example.com\"\n[hsts]\nenabled = false\n",
        new: "",
        steps: &[
            ("tls", 0),
            ("redirect", 1),
            ("hsts_begun", 2),
            ("hsts_begun", 3),
            ("hsts_begun", 10),
            ("hsts_begun", 40),
        ],
    },
    Change {
        what: "a newer TLS",
        old: "tls.guideline = \"intermediate\"",
        new: "tls.guideline = \"modern\"",
        steps: &[("tls", 0)],
    },
    Change {
        what: "HSTS",
        old: "[hsts]\nenabled = false",
        new: "",
        steps: &[("hsts_begun", 0), ("hsts_begun", 1), ("hsts_begun", 8), ("hsts_begun", 38)],
    },
    Change {
        what: "a longer HSTS",
        old: "[hsts]\nmax_age = \"7d\"\nramp = true",
        new: "[hsts]\nmax_age = \"1y\"",
        steps: &[("hsts_begun", 0), ("hsts_begun", 30)],
    },
    Change {
        what: "HSTS for the hosts below, of which browsers know nothing yet",
        old: "hsts.include_subdomains = false",
        new: "hsts.include_subdomains = true",
        steps: &[("hsts_begun", 0), ("hsts_begun", 1), ("hsts_begun", 8), ("hsts_begun", 38)],
    },
    Change {
        what: "a shorter HSTS",
        old: "hsts.max_age = \"2y\"",
        new: "hsts.max_age = \"1y\"",
        steps: &[("hsts_ended", 0)],
    },
    Change {
        what: "the browsers' list",
        old: "app.url = \"https://example.com\"\nhsts.max_age = \"30d\"\nhsts.ramp = true",
        new: "app.url = \"https://example.com\"\nhsts.preload = true\nhsts.preload_acknowledged = true",
        steps: &[("hsts_begun", 0), ("hsts_preloaded", 30)],
    },
    Change {
        what: "plain HTTP is refused",
        old: "tls.plain_http = \"redirect\"",
        new: "tls.plain_http = \"refuse\"",
        steps: &[("plain_http_refused", 0)],
    },
    Change {
        what: "plain HTTP is served, and is to be refused",
        old: "tls.redirect_http = false",
        new: "tls.plain_http = \"refuse\"",
        steps: &[("redirect", 0), ("plain_http_refused", 30)],
    },
    Change {
        what: "a balancer in front",
        old: "proxy.hops = 1",
        new: "proxy.hops = 2\nproxy.trusted = [\"10.0.0.0/24\"]",
        steps: &[("proxies", 0)],
    },
    Change {
        what: "a policy for pages",
        old: "headers.content_security_policy = \"\"",
        new: "",
        steps: &[("csp_reported", 0), ("csp_enforced", 14)],
    },
    Change {
        what: "another policy for pages",
        old: "",
        new: "headers.content_security_policy = \"default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'\"",
        steps: &[("csp_enforced", 0)],
    },
    Change {
        what: "another header",
        old: "",
        new: "headers.permissions_policy = \"camera=()\"",
        steps: &[("headers", 0)],
    },
    Change {
        what: "a further origin",
        old: "",
        new: "cors.origins = [\"https://new.example.com\"]",
        steps: &[("cors_widened", 0)],
    },
    Change {
        what: "another origin",
        old: "cors.origins = [\"https://old.example.com\"]",
        new: "cors.origins = [\"https://new.example.com\"]",
        steps: &[("cors_widened", 0), ("cors_looked", 0), ("cors_narrowed", 14)],
    },
    Change {
        what: "no origin any more",
        old: "cors.origins = [\"https://old.example.com\"]",
        new: "cors.origins = []",
        steps: &[("cors_looked", 0), ("cors_narrowed", 14)],
    },
    Change {
        what: "a cookie of another name",
        old: "cookies.sid = { secure = true, http_only = true, same_site = \"lax\", max_age = \"7d\" }",
        new: "cookies.__Host-sid = { secure = true, http_only = true, same_site = \"lax\", path = \"/\", max_age = \"7d\" }",
        steps: &[("cookie_added", 0), ("cookie_retired", 7)],
    },
    Change {
        what: "a stricter cookie",
        old: "cookies.other = { purpose = \"preference\", secure = true, same_site = \"lax\" }",
        new: "cookies.other = { purpose = \"preference\", secure = true, same_site = \"strict\" }",
        steps: &[("cookies_hardened", 0)],
    },
    Change {
        what: "a tighter limit",
        old: "",
        new: "rate_limits.routes.sign_in = { limit = \"5/min\", paths = [\"/signin\"] }",
        steps: &[("limits_counted", 0), ("limits", 7)],
    },
    Change {
        what: "a limit on a new service",
        old: "",
        new: "services.search = { upstream = \"127.0.0.1:3000\", paths = [\"/search/\"] }\n\
              rate_limits.routes.search = { limit = \"5/min\", paths = [\"/search/\"] }",
        steps: &[("programs", 0), ("limits_begun", 0)],
    },
    Change {
        what: "a limit on a service that is there",
        old: "services.find = { upstream = \"127.0.0.1:3000\", paths = [\"/find/\"] }",
        new: "services.find = { upstream = \"127.0.0.1:3000\", paths = [\"/find/\"] }\n\
              rate_limits.routes.find = { limit = \"5/min\", paths = [\"/find/\"] }",
        steps: &[("limits_counted", 0), ("limits", 7)],
    },
    Change {
        what: "a wider limit",
        old: "rate_limits.routes.sign_in = { limit = \"5/min\", paths = [\"/signin\"] }",
        new: "",
        steps: &[("limits_eased", 0)],
    },
    Change {
        what: "smaller bodies",
        old: "app.max_body = \"10MiB\"",
        new: "app.max_body = \"1MiB\"",
        steps: &[("limits", 0)],
    },
    Change { what: "a further name", old: "", new: "app.aliases = [\"www.shop.example.com\"]", steps: &[("names", 0)] },
    Change {
        what: "a name less",
        old: "app.aliases = [\"www.shop.example.com\"]",
        new: "",
        steps: &[("names_retired", 0)],
    },
    Change {
        what: "another key",
        old: KEY,
        new: "[secrets.secret_key]\nsource = \"env:B\"\nrotate_every = \"90d\"\nrotated_at = 2026-11-29\n[tokens]\nrefresh_ttl = \"30d\"",
        steps: &[("key_added", 0), ("key_retired", 30)],
    },
    Change {
        what: "another algorithm for tokens",
        old: "tokens = { algorithms = [\"HS256\"], refresh_ttl = \"7d\" }",
        new: "tokens = { algorithms = [\"HS512\"], refresh_ttl = \"7d\" }",
        steps: &[("algorithm_added", 0), ("algorithm_retired", 7)],
    },
    Change {
        what: "an algorithm of another kind for tokens",
        old: "tokens = { algorithms = [\"HS256\"] }",
        new: "tokens = { algorithms = [\"ES256\"] }",
        steps: &[("algorithm_replaced", 0)],
    },
    Change {
        what: "a further algorithm for tokens",
        old: "tokens = { algorithms = [\"HS256\"] }",
        new: "tokens = { algorithms = [\"HS512\", \"HS256\"] }",
        steps: &[("algorithm_added", 0)],
    },
    Change {
        what: "an algorithm less for tokens",
        old: "tokens = { algorithms = [\"HS512\", \"HS256\"] }",
        new: "tokens = { algorithms = [\"HS512\"] }",
        steps: &[("algorithm_retired", 0)],
    },
    Change {
        what: "docs that are hidden",
        old: "api_docs = { public = true, paths = [\"/docs\"] }",
        new: "api_docs.paths = [\"/docs\"]",
        steps: &[("docs_hidden", 0)],
    },
    Change {
        what: "networks",
        old: "",
        new: "ip_filter = { enabled = true, deny = [\"192.0.2.0/24\"] }",
        steps: &[("networks", 0)],
    },
    Change {
        what: "processes, and what they share",
        old: "",
        new: "app.workers = 4\nstate = { backend = \"redis\", url = \"env:REDIS_URL\" }",
        steps: &[("shared_state", 0), ("processes_more", 0)],
    },
    Change {
        what: "a program beside the app",
        old: "",
        new: "services.front = { upstream = \"127.0.0.1:3000\", paths = [\"/front/\"] }",
        steps: &[("programs", 0)],
    },
    Change { what: "stricter accounts", old: "", new: "lockout.attempts = 5", steps: &[("accounts", 0)] },
    Change {
        what: "mail from elsewhere",
        old: "",
        new: "email.from = \"shop@shop.example.com\"",
        steps: &[("settings", 0)],
    },
];

fn laid(table: &mut Table, over: &Table) {
    for (key, value) in over {
        match (table.get_mut(key), value) {
            (Some(Value::Table(below)), Value::Table(over)) if key != "sign_in" => laid(below, over),
            // What is written as nothing is taken away.
            (_, Value::String(text)) if text.is_empty() => {
                table.remove(key);
            }
            (_, value) => {
                table.insert(key.clone(), value.clone());
            }
        }
    }
}

fn profile(overs: &[&str]) -> String {
    let mut table: Table = PROD.parse().expect("the fixture is TOML");
    for over in overs {
        laid(&mut table, &over.parse().unwrap_or_else(|error| panic!("{over}: {error}")));
    }
    toml::to_string(&table).expect("a table is TOML")
}

fn of(changes: &[&Change]) -> Steps {
    let side =
        |side: fn(&Change) -> &'static str| profile(&changes.iter().map(|change| side(change)).collect::<Vec<_>>());
    steps(&side(|change| change.old), &side(|change| change.new))
}

#[test]
fn each_kind_of_change_has_its_steps() {
    for change in ALL {
        let steps = of(&[change]);
        let told: Vec<(String, i32)> = steps.ids().into_iter().zip(steps.days.iter().copied()).collect();
        let expected: Vec<(String, i32)> = change.steps.iter().map(|(id, day)| ((*id).to_owned(), *day)).collect();
        assert_eq!(told, expected, "{}: {:#?}", change.what, steps.rollout);
    }
}

/// Two changes together are no fewer steps than each alone, and wait for each other as their kinds do. (That nothing goes
/// before what it waits for, that the end is reached, and what every state keeps is asked of every rollout.)
#[test]
fn each_pair_of_changes_keeps_its_order() {
    let mut pairs = 0;
    for (at, one) in ALL.iter().enumerate() {
        for other in &ALL[at + 1..] {
            // Two values for one key are no pair of changes.
            if contradict(one, other) {
                continue;
            }
            let together = of(&[one, other]);
            let kinds: Vec<Kind> = together.kinds.iter().flatten().copied().collect();
            for (id, _) in one.steps.iter().chain(other.steps) {
                assert!(
                    kinds.iter().any(|kind| kind.id() == *id),
                    "{} and {}: no {id} in {kinds:?}",
                    one.what,
                    other.what
                );
            }
            pairs += 1;
        }
    }
    assert!(pairs > 350, "{pairs} pairs");
}

/// Whether two changes write the same keys, or both say how HSTS begins.
fn contradict(one: &Change, other: &Change) -> bool {
    let keys = |change: &Change| {
        let mut keys = Vec::new();
        for side in [change.old, change.new] {
            collect(&side.parse::<Table>().expect("it is TOML"), "", &mut keys);
        }
        keys
    };
    let theirs = keys(other);
    let is_hsts = |keys: &[String]| keys.iter().any(|key| key.starts_with("hsts."));
    if is_hsts(&keys(one)) && is_hsts(&theirs) {
        return true;
    }
    keys(one).iter().any(|key| theirs.iter().any(|their| key == their))
}

fn collect(table: &Table, above: &str, keys: &mut Vec<String>) {
    for (key, value) in table {
        let key = format!("{above}{key}");
        match value {
            Value::Table(below) => collect(below, &(key + "."), keys),
            _ => keys.push(key),
        }
    }
}

/// What has to come first does, where two changes meet.
#[test]
fn what_rests_on_another_change_comes_after_it() {
    let named =
        |what: &str| ALL.iter().find(|change| change.what == what).unwrap_or_else(|| panic!("{what} is no change"));
    for (first, second, before, after) in [
        ("a balancer in front", "a tighter limit", "proxies", "limits"),
        ("a balancer in front", "networks", "proxies", "networks"),
        ("a balancer in front", "stricter accounts", "proxies", "accounts"),
        ("a further name", "HSTS", "names", "hsts_begun"),
        ("a further name", "a newer TLS", "names", "tls"),
        ("TLS at last", "plain HTTP is refused", "redirect", "plain_http_refused"),
        ("TLS and HSTS", "a cookie of another name", "redirect", "cookie_added"),
        ("TLS and HSTS", "a stricter cookie", "redirect", "cookies_hardened"),
        ("a further name", "another origin", "names", "cors_narrowed"),
        ("another origin", "a name less", "cors_narrowed", "names_retired"),
        ("processes, and what they share", "a tighter limit", "shared_state", "limits"),
        ("a program beside the app", "another policy for pages", "programs", "csp_enforced"),
        ("another header", "a policy for pages", "headers", "csp_reported"),
        ("HSTS", "plain HTTP is refused", "hsts_begun", "plain_http_refused"),
    ] {
        let steps = of(&[named(first), named(second)]);
        let places = (steps.at(before), steps.at(after));
        let (Some(before), Some(after)) = places else { panic!("{first}, {second}: {places:?} in {:?}", steps.ids()) };
        assert!(before <= after, "{first}, {second}: {:?}", steps.ids());
    }
}

#[test]
fn what_says_the_same_is_nothing_to_do() {
    let same = "hsts.max_age = \"365d\"\ntls.guideline = \"intermediate\"\ncors.credentials = false";
    assert_eq!(steps(&profile(&[]), &profile(&[same])).ids(), Vec::<String>::new());
    assert_eq!(steps(&profile(&[same]), &profile(&[])).ids(), Vec::<String>::new());
}

/// TLS goes only when no browser asks for it any more.
#[test]
fn tls_stays_for_as_long_as_browsers_remember_hsts() {
    let steps = steps(&profile(&[]), &profile(&["app.url = \"http://shop.example.com\"\nhsts.enabled = false"]));
    assert_eq!((steps.ids(), steps.days), (["hsts_ended", "tls_ended"].map(str::to_owned).to_vec(), vec![0, 365]));
}

/// A rotation that has begun ends when the tokens have, whatever the day.
#[test]
fn a_rotation_that_has_begun_is_ended_in_time() {
    let begun = format!("{}\n", KEY.replace("source = \"env:A\"", "source = \"env:A\"\nprevious = \"env:OLD\""));
    let steps = steps(&profile(&[&begun]), &profile(&[KEY]));
    // 30 days after the 1st of November, and one more.
    assert_eq!((steps.ids(), steps.days), (vec!["key_retired".to_owned()], vec![3]));
}

/// What a state says of a key.
fn said(state: &str, section: &str, key: &str) -> Value {
    state.parse::<Table>().expect("it is TOML")[section][key].clone()
}

/// Tokens that are out are accepted until they end, by an app that may accept both algorithms.
#[test]
fn tokens_of_the_old_algorithm_are_accepted_until_they_end() {
    let with = |kind: &str, algorithm: &str| {
        profile(&[&format!(
            "app.kind = \"{kind}\"\ntokens = {{ algorithms = [\"{algorithm}\"], refresh_ttl = \"7d\" }}"
        )])
    };
    let overlap = steps(&with("generic", "HS256"), &with("generic", "HS512"));
    let list = |words: &[&str]| Value::Array(words.iter().map(|word| Value::from(*word)).collect());
    let states: Vec<Value> = overlap.states.iter().map(|state| said(state, "tokens", "algorithms")).collect();
    assert_eq!(states, [list(&["HS256"]), list(&["HS512", "HS256"]), list(&["HS512"])]);
    assert_eq!(overlap.days, [0, 7]);
    // CRUDAuth accepts one.
    let alone = steps(&with("crudauth", "HS256"), &with("crudauth", "HS512"));
    assert_eq!(alone.ids(), ["algorithm_replaced"]);
    assert!(alone.rollout.steps[0].parts[0].why.contains("everyone signs in again"), "{:#?}", alone.rollout);
}

/// A name that browsers have never seen with HSTS begins with a short one, whatever the others had.
#[test]
fn a_new_name_begins_with_a_short_hsts() {
    let begun = ["names", "hsts_begun", "hsts_begun", "hsts_begun"];
    let days = |steps: &Steps| {
        let ages = steps.states.iter().map(|state| said(state, "hsts", "max_age"));
        ages.map(|age| age.as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let year = "hsts.max_age = \"1y\"";
    let old = profile(&[year]);
    let other = steps(&old, &profile(&[year, "app.aliases = [\"shop.example.org\"]"]));
    assert_eq!(other.ids(), begun);
    assert_eq!(days(&other), ["1y", "1d", "7d", "30d", "1y"]);
    assert_eq!(other.days, [0, 1, 8, 38]);
    // What is below a name that had it for all below is known already.
    assert_eq!(steps(&old, &profile(&[year, "app.aliases = [\"www.shop.example.com\"]"])).ids(), ["names"]);
    // A longer one, a shorter one and hosts below begin no other way.
    for more in ["hsts.max_age = \"2y\"", "hsts = { max_age = \"1y\", include_subdomains = true }"] {
        let new = profile(&[more, "app.aliases = [\"shop.example.org\"]"]);
        let old = profile(&[year, "hsts.include_subdomains = false"]);
        let steps = steps(&old, &new);
        assert_eq!(days(&steps)[..4], ["1y", "1d", "7d", "30d"], "{:?}", steps.ids());
    }
    // A place in the browsers' list allows no shorter one.
    let listed = "app.url = \"https://example.com\"\nhsts.preload = true\nhsts.preload_acknowledged = true";
    let new = profile(&[listed, "app.aliases = [\"example.org\"]"]);
    assert_eq!(steps(&profile(&[listed]), &new).ids(), ["names"]);
}

/// What only goes together does, and says so.
#[test]
fn what_cannot_stand_alone_goes_together() {
    let fewer = steps(
        &profile(&["app.workers = 4\nstate = { backend = \"redis\", url = \"env:REDIS_URL\" }"]),
        &profile(&["state = { backend = \"memory\" }"]),
    );
    assert_eq!(fewer.ids(), ["processes_fewer", "shared_state"]);
    let alone = "cors = { origins = [\"*\"], credentials = false }";
    let credentials = "cors = { origins = [\"https://new.example.com\"], credentials = true }";
    let cors = steps(&profile(&[alone]), &profile(&[credentials]));
    assert_eq!(cors.ids(), ["cors_looked", "cors_narrowed"]);
    // The cookie's rule speaks as soon as the name has the prefix.
    let (old, new) = (
        "cookies.__Host-id = { purpose = \"preference\", secure = true, same_site = \"none\", path = \"/\" }",
        "cookies.__Host-id = { purpose = \"preference\", secure = true, same_site = \"lax\", path = \"/\" }",
    );
    assert_eq!(steps(&profile(&[new]), &profile(&[old])).ids(), ["cookies_eased"]);
}
