//! nginx's files: the same directives for both twins, with each text of the one in the place of the other's, and in no
//! place that is not its own.

use std::collections::BTreeSet;

use crate::policy::{Policy, replaced, tokens};
use crate::reader::{BETWEEN, PathPattern, path_pattern};
use crate::tree::{Directive, Tree, by_path, without_stars};
use crate::values::{Kind, network};

/// That the hostile twin's tree is the plain one's, with these values for the tokens.
pub fn compare(policy: &Policy, values: &[String], plain: &Tree, hostile: &Tree) -> Result<(), String> {
    let [plain, hostile] = [meant(plain), meant(hostile)];
    for (plain, hostile) in plain.iter().zip(&hostile) {
        if plain.depth != hostile.depth || plain.words.len() != hostile.words.len() {
            return Err(format!("{plain:?}\nhas become\n{hostile:?}"));
        }
        for (word, is) in plain.words.iter().zip(&hostile.words) {
            if tokens(word).is_empty() && word == is {
                continue;
            }
            let [expected, is] = [expected(policy, values, word), read(is)];
            if expected != is {
                return Err(format!("in {plain:?}\nthe word {word:?} should be\n{expected:?}\nand is\n{is:?}"));
            }
        }
    }
    let (plain, hostile) = (plain.len(), hostile.len());
    if plain == hostile { Ok(()) } else { Err(format!("{plain} directives have become {hostile}")) }
}

/// What nginx takes a tree for, as far as two twins have to agree.
fn meant(tree: &Tree) -> Tree {
    let mut meant = Tree::new();
    let tree = by_path(tree);
    let mut in_map = None;
    for line in without_stars(&tree) {
        in_map = in_map.filter(|depth| *depth < line.depth);
        let mut line = line.clone();
        if in_map.is_some() {
            line.words[0] = map_key(&line.words[0]);
        } else if line.words[0] == "map" {
            in_map = Some(line.depth);
        }
        meant.push(line);
    }
    meant
}

/// What a map's first word is: behind a backslash a key, whatever it says, and else perhaps a parameter of the map.
fn map_key(word: &str) -> String {
    const PARAMETERS: [&str; 4] = ["default", "hostnames", "include", "volatile"];
    match word.strip_prefix('\\') {
        Some(key) => key.to_owned(),
        None if PARAMETERS.contains(&word) => format!("the parameter {word}"),
        None => word.to_owned(),
    }
}

/// A plain twin's word as the hostile twin has to have it.
fn expected(policy: &Policy, values: &[String], word: &str) -> Word {
    let spelled = |index: usize| {
        let value = values[index].as_str();
        match policy.texts[index].kind {
            // Names of variables hold no `-`.
            Kind::Label => value.replace('-', "__"),
            // The `/32` that the token's own network ends in is not replaced, as its address alone is the token.
            Kind::Network => network(value),
            // No colons and brackets in a file's name.
            Kind::Host if word.starts_with("/etc/") => value.trim_matches(['[', ']']).replace(':', "_"),
            Kind::Host
            | Kind::Path
            | Kind::Place
            | Kind::HostName
            | Kind::Origin
            | Kind::Mount
            | Kind::File
            | Kind::Socket
            | Kind::FileName
            | Kind::Name
            | Kind::Cookie
            | Kind::Method
            | Kind::Header
            | Kind::Value
            | Kind::Variable => value.to_owned(),
        }
    };
    match read(word) {
        Word::Text(text) if is_network(policy, &text) => {
            Word::Text(replaced(text.strip_suffix("/32").unwrap_or(&text), spelled))
        }
        Word::Text(text) => Word::Text(replaced(&text, spelled)),
        Word::Paths(patterns) => {
            let replaced = |pattern: PathPattern| PathPattern { path: replaced(&pattern.path, spelled), ..pattern };
            Word::Paths(patterns.into_iter().map(replaced).collect())
        }
    }
}

fn is_network(policy: &Policy, word: &str) -> bool {
    tokens(word).iter().any(|index| policy.texts[*index].kind == Kind::Network)
}

/// What a word means.
#[derive(Debug, PartialEq, Eq)]
enum Word {
    Text(String),
    /// What a pattern takes: one path, or one of several.
    Paths(Vec<PathPattern>),
}

fn read(word: &str) -> Word {
    if word.starts_with("~^(https://") {
        // Of a name in a pattern, only the dots are escaped.
        return Word::Text(word.replace("[.]", "."));
    }
    if let Some(path) = word.strip_prefix("~^(?:GET|HEAD) ").and_then(|rest| rest.strip_suffix("\\z")) {
        return Word::Text(unescaped(path));
    }
    if let Some(pattern) = path_pattern(word) {
        return Word::Paths(vec![pattern]);
    }
    // Of what says whose a path is, capitals count.
    let place = word.strip_prefix("~^").or_else(|| word.strip_prefix('^'));
    let group = place.and_then(|place| place.strip_prefix("(?:")?.strip_suffix(')'));
    // A group begins as what stands between two segments does, which is none.
    let several = group.filter(|group| group.starts_with(BETWEEN)).or(place);
    let between = format!("|{BETWEEN}");
    let one = |pattern: &str| path_pattern(&format!("~*^{BETWEEN}{pattern}"));
    let patterns = several.and_then(|all| all.strip_prefix(BETWEEN)?.split(&between).map(one).collect());
    patterns.map_or_else(|| Word::Text(word.to_owned()), Word::Paths)
}

/// What the pattern of a text takes in which every sign is escaped: `[.]`, and `\\x2a`.
fn unescaped(pattern: &str) -> String {
    let mut pieces = pattern.split("\\x");
    let first = pieces.next().unwrap_or_default().to_owned();
    let escaped = pieces.map(|piece| {
        let (code, rest) = piece.split_at(2);
        char::from(u8::from_str_radix(code, 16).expect("two digits")).to_string() + rest
    });
    (first + &escaped.collect::<String>()).replace("[.]", ".")
}

/// Where texts may stand, by the keys that they are written at: in a directive, or in an entry of a variable's table.
/// What is at no key here stands nowhere.
const PLACES: &[(&str, &[&str])] = &[
    (
        "app.url",
        &[
            "server_name",
            "ssl_certificate",
            "ssl_certificate_key",
            "return",
            "$seccfg_app_redirect",
            "$seccfg_app_leads",
            "proxy_set_header",
            "$seccfg_app_behind_host",
            "$seccfg_app_hidden",
            "$seccfg_app_closed_access_it",
            "$seccfg_app_no_store",
            "$seccfg_app_limit_it",
            "$seccfg_app_retry_seconds",
            "location",
            "$seccfg_app_service",
        ],
    ),
    ("app.aliases", &["server_name", "return", "$seccfg_app_redirect", "$seccfg_app_leads"]),
    ("access.<name>", &["geo", "map", "if", "$seccfg_app_closed_access_it", "$seccfg_app_unknown_access_it"]),
    ("access.<name>.paths", &["$seccfg_app_behind_host", "$seccfg_app_closed_access_it"]),
    ("access.<name>.networks", &["$seccfg_app_outside_access_it"]),
    ("health.path", &["rewrite", "$seccfg_app_behind_host", "$seccfg_app_closed_health", "$seccfg_app_health"]),
    ("health.networks", &["$seccfg_app_outside_health"]),
    // Where nobody knows where an app serves its documentation, it is hidden below these.
    ("app.paths", &["location", "$seccfg_app_service", "$seccfg_app_behind_host", "$seccfg_app_hidden"]),
    ("app.upstream", &["server", "proxy_ssl_name"]),
    ("app.upstream_ca", &["proxy_ssl_trusted_certificate"]),
    (
        "services.<name>",
        &[
            "upstream",
            "zone",
            "proxy_pass",
            "$seccfg_app_service",
            "$seccfg_app_service_header_content_security_policy",
            "$seccfg_app_service_header_content_security_policy_report_only",
            "$seccfg_app_service_header_permissions_policy",
            "$seccfg_app_service_header_x_frame_options",
            "$seccfg_app_service_header_x_content_type_options",
        ],
    ),
    ("services.<name>.paths", &["location", "$seccfg_app_service"]),
    ("services.<name>.upstream", &["server", "proxy_ssl_name", "set"]),
    ("services.<name>.upstream_ca", &["proxy_ssl_trusted_certificate"]),
    ("services.<name>.root", &["root"]),
    ("services.<name>.spa", &["try_files"]),
    (
        "services.<name>.headers.content_security_policy",
        &[
            "$seccfg_app_service_header_content_security_policy",
            "$seccfg_app_service_header_content_security_policy_report_only",
        ],
    ),
    ("services.<name>.headers.permissions_policy", &["$seccfg_app_service_header_permissions_policy"]),
    ("services.<name>.headers.no_store", &["$seccfg_app_behind_host", "$seccfg_app_no_store"]),
    ("locations.<name>.paths", &["location", "$seccfg_app_service"]),
    ("tls.certificate.cert", &["ssl_certificate"]),
    ("tls.certificate.key", &["ssl_certificate_key"]),
    ("tls.certificate.webroot", &["root"]),
    ("proxy.trusted", &["set_real_ip_from", "$seccfg_app_peer"]),
    ("ip_filter.allow", &["$seccfg_app_outside"]),
    ("ip_filter.deny", &["$seccfg_app_denied"]),
    (
        "headers.content_security_policy",
        &[
            "add_header Content-Security-Policy",
            "add_header Content-Security-Policy-Report-Only",
            "$seccfg_app_service_header_content_security_policy",
            "$seccfg_app_service_header_content_security_policy_report_only",
        ],
    ),
    ("headers.permissions_policy", &["add_header Permissions-Policy", "$seccfg_app_service_header_permissions_policy"]),
    ("headers.no_store", &["$seccfg_app_behind_host", "$seccfg_app_no_store"]),
    ("api_docs.paths", &["$seccfg_app_behind_host", "$seccfg_app_hidden"]),
    ("cors.origins", &["$seccfg_app_cors_listed"]),
    ("cors.app_origins", &["$seccfg_app_cors_listed"]),
    ("cors.preview_suffix", &["$seccfg_app_cors_listed"]),
    ("cors.methods", &["$seccfg_app_cors_methods"]),
    ("cors.headers", &["$seccfg_app_cors_headers"]),
    ("cors.expose_headers", &["$seccfg_app_cors_expose"]),
    ("cookies.\"<cookie>\"", &["proxy_cookie_flags"]),
    ("rate_limits.exempt", &["$seccfg_app_exempt"]),
    ("rate_limits.routes.<name>", &["map", "limit_req_zone", "limit_req", "$seccfg_app_limit_it"]),
    ("rate_limits.routes.<name>.methods", &["$seccfg_app_client_of_it"]),
    (
        "rate_limits.routes.<name>.paths",
        &["$seccfg_app_behind_host", "$seccfg_app_limit_it", "$seccfg_app_retry_seconds"],
    ),
];

/// Every key and every place of its texts.
pub fn all_places() -> impl Iterator<Item = (&'static str, &'static str)> {
    PLACES.iter().flat_map(|(key, places)| places.iter().map(|place| (*key, *place)))
}

/// The keys and places of the plain twin's texts, or the first that stands where none of its keys lets it.
pub fn places(policy: &Policy, plain: &Tree) -> Result<BTreeSet<(&'static str, &'static str)>, String> {
    let mut seen = BTreeSet::new();
    let mut above: Vec<&Directive> = Vec::new();
    let plain = meant(plain);
    for line in &plain {
        above.truncate(usize::try_from(line.depth).expect("a depth is small"));
        let place = place(policy, line, above.last().copied());
        let texts = line.words.iter().flat_map(|word| match read(word) {
            Word::Text(text) => tokens(&text),
            Word::Paths(patterns) => patterns.iter().flat_map(|pattern| tokens(&pattern.path)).collect(),
        });
        // The app's name is a part of every name.
        for index in texts.filter(|index| policy.texts[*index].kind != Kind::Label) {
            let keys = &policy.texts[index].keys;
            let own: Vec<_> = all_places().filter(|(key, at)| *at == place && keys.contains(*key)).collect();
            if own.is_empty() {
                return Err(format!("{:?} stands in {place:?}: {line:?}", policy.texts[index]));
            }
            seen.extend(own);
        }
        above.push(line);
    }
    Ok(seen)
}

/// Where a directive's words stand.
fn place(policy: &Policy, line: &Directive, above: Option<&Directive>) -> String {
    let entry_of = above.filter(|above| matches!(above.words[0].as_str(), "map" | "geo"));
    if let Some(variable) = entry_of.and_then(|above| above.words.last()) {
        let named = |index: usize| if policy.texts[index].kind == Kind::Label { "app" } else { "it" };
        return replaced(variable, |index| named(index).to_owned());
    }
    match line.words.as_slice() {
        [directive, name, ..] if directive == "add_header" => format!("{directive} {name}"),
        words => words[0].clone(),
    }
}
