//! Files of another kind than the one that is asked for: a Compose file in a profile's place, `nginx.conf` behind `--from`. What
//! it looks like is told once, with the command that takes it, and nothing of what it holds.

use std::path::Path;

use super::{STDIN_NAME, is_env_file};
use crate::check::Checked;
use crate::compose;
use crate::finding::Label;
use crate::rules::Rule;
use crate::rules::manifests::K8S020;
use crate::rules::profile::PRF001;
use crate::rules::variables::RND001;
use crate::source::{Source, is_obeyed};

/// What a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A profile.
    Profile,
    /// Variables that an app is started with.
    Variables,
    /// What a cluster is given.
    Manifest,
}

/// What a file plainly is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Compose,
    Manifest,
    Yaml,
    Json,
    Nginx,
    Caddyfile,
    Variables,
    Toml,
    Pem,
    Other,
}

/// What a file plainly is that has no place where it is named; nothing where it may be what is asked for, if with mistakes.
pub(super) fn of_another_kind(path: &Path, text: &str, place: Place) -> Option<Kind> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let is_toml = ending.eq_ignore_ascii_case("toml");
    // What is wrong in a file of the right name is told line by line.
    let may_be_right = match place {
        Place::Profile => is_toml,
        Place::Variables => compose::is_one(path) || is_env_file(path),
        Place::Manifest => false,
    };
    if place == Place::Profile && is_env_file(path) {
        return Some(Kind::Variables);
    }
    // A private key is shown nowhere, whatever its file is called.
    if place != Place::Variables && is_pem(text) {
        return Some(Kind::Pem);
    }
    if may_be_right {
        return None;
    }
    let kind = if is_toml { Some(Kind::Toml) } else { by_text(text) };
    let is_none = || place == Place::Profile && !text.trim().is_empty() && !text.lines().any(may_be_toml);
    let kind = kind.or_else(|| is_none().then_some(Kind::Other))?;
    let is_right = match place {
        Place::Profile => kind == Kind::Toml,
        // A line of another kind may stand in a file of variables: it is told there.
        Place::Variables => matches!(kind, Kind::Variables | Kind::Yaml),
        Place::Manifest => matches!(kind, Kind::Manifest | Kind::Yaml | Kind::Json),
    };
    (!is_right).then_some(kind)
}

fn is_pem(text: &str) -> bool {
    text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with("-----BEGIN ")
}

/// Whether a line may be one of TOML: a table's name, or a key with a value behind its `=`. Of base64 nothing stands there but
/// more of it.
fn may_be_toml(line: &str) -> bool {
    let line = line.trim();
    let is_key = |c: char| c.is_ascii_alphanumeric() || "_-.\"' ".contains(c);
    let has_value = |(key, value): (&str, &str)| {
        let value = value.trim_start();
        !key.trim().is_empty() && key.chars().all(is_key) && !value.is_empty() && !value.starts_with('=')
    };
    line.starts_with('[') || line.split_once('=').is_some_and(has_value)
}

/// What a text looks like, by its first line that says something.
fn by_text(text: &str) -> Option<Kind> {
    let is_said = |line: &&str| !line.is_empty() && !line.starts_with('#') && *line != "---";
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim_end).filter(is_said);
    let first = lines.next()?;
    let has_key = |key: &str| text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
    if first.trim_start().starts_with('{') {
        let rest = first.trim_start()[1..].trim();
        let next = if rest.is_empty() { lines.next().unwrap_or_default().trim() } else { rest };
        let is_json = next.starts_with(['"', '}']);
        // Braces are YAML, too: `{apiVersion: v1, kind: Secret}`.
        let is_yaml = !is_json && next.split_whitespace().next().is_some_and(|word| word.ends_with(':'));
        let is_object = || text.contains("apiVersion") && text.contains("kind");
        return match is_json || is_yaml {
            true if is_object() => Some(Kind::Manifest),
            true if is_yaml => Some(Kind::Yaml),
            true => Some(Kind::Json),
            // The options that a Caddyfile begins with.
            false if rest.is_empty() && next.starts_with(|c: char| c.is_ascii_lowercase()) => Some(Kind::Caddyfile),
            false => None,
        };
    }
    if is_a_variable(first) {
        return Some(Kind::Variables);
    }
    if is_nginxs(first) {
        return Some(Kind::Nginx);
    }
    if is_a_site(first) {
        return Some(Kind::Caddyfile);
    }
    if !is_a_yaml_key(first) {
        return None;
    }
    Some(if has_key("apiVersion") && has_key("kind") {
        Kind::Manifest
    } else if has_key("services") {
        Kind::Compose
    } else {
        Kind::Yaml
    })
}

/// `NAME=value`, as in a file of variables and in no profile: the keys of those have small letters.
fn is_a_variable(line: &str) -> bool {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let name = line.split_once('=').map_or("", |(name, _)| name);
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A line of nginx's, as its files begin.
fn is_nginxs(line: &str) -> bool {
    const DIRECTIVES: [&str; 28] = [
        "add_header",
        "client_max_body_size",
        "daemon",
        "error_log",
        "events",
        "geo",
        "gzip",
        "http",
        "include",
        "limit_req_zone",
        "listen",
        "load_module",
        "location",
        "log_format",
        "map",
        "pid",
        "proxy_cache_path",
        "proxy_pass",
        "proxy_set_header",
        "resolver",
        "root",
        "server",
        "server_name",
        "ssl_certificate",
        "stream",
        "upstream",
        "user",
        "worker_processes",
    ];
    let line = line.split('#').next().unwrap_or_default().trim();
    let word = line.split([' ', '\t', '{']).next().unwrap_or_default();
    DIRECTIVES.contains(&word) && line.ends_with([';', '{', '}']) && !line.contains('=')
}

/// The address of a site before its block, as a Caddyfile begins: `shop.example.com {`.
fn is_a_site(line: &str) -> bool {
    let Some(addresses) = line.strip_suffix('{').map(str::trim_end) else { return false };
    let is_one = |address: &str| {
        let is_snippet = address.starts_with('(') && address.ends_with(')');
        let is_host = address.contains(['.', ':']) || address.starts_with("localhost") || address.starts_with("{$");
        is_snippet || is_host && !address.contains(['=', '"'])
    };
    !addresses.is_empty() && addresses.split([',', ' ']).filter(|address| !address.is_empty()).all(is_one)
}

/// `key:` or `key: value`, as YAML has them.
fn is_a_yaml_key(line: &str) -> bool {
    let Some((key, rest)) = line.split_once(':') else { return false };
    let is_key = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    !key.is_empty() && key.chars().all(is_key) && (rest.is_empty() || rest.starts_with([' ', '\t']))
}

impl Kind {
    /// What it is called.
    const fn title(self) -> &'static str {
        match self {
            Self::Compose => "a Compose file",
            Self::Manifest => "a manifest of Kubernetes",
            Self::Yaml => "a YAML file",
            Self::Json => "a JSON file",
            Self::Nginx => "a configuration of nginx",
            Self::Caddyfile => "a Caddyfile",
            Self::Variables => "a `.env` file",
            Self::Toml => "a TOML file",
            Self::Pem => "a key or a certificate (PEM)",
            Self::Other => "a text of another kind",
        }
    }

    /// What takes it, or what is to be named in its place.
    fn help(self, place: Place, path: &Path) -> String {
        let instead = match place {
            Place::Profile => "name a profile, such as the `security.toml` that `seccfg init` writes",
            Place::Variables => "name the `.env` file or the Compose file that the app is started with",
            Place::Manifest => "name files of manifests, such as `kubectl kustomize` and `helm template` print them",
        };
        let takes = match self {
            Self::Compose if place == Place::Variables => {
                "; a Compose file is known by its name, which has to end in `.yaml` or `.yml`".to_owned()
            }
            Self::Compose | Self::Variables => format!(
                "; this file goes behind `--env-file`, which never shows a value, and `seccfg init --from {}` begins a profile with \
                 it",
                in_a_command(path)
            ),
            Self::Manifest => {
                format!("; `seccfg check --manifest {}` compares this file with a profile", in_a_command(path))
            }
            Self::Nginx => {
                "; seccfg reads no configuration of nginx: it writes one, by `seccfg render --target nginx`".to_owned()
            }
            Self::Caddyfile => {
                "; seccfg reads no Caddyfile: it writes one, by `seccfg render --target caddy`".to_owned()
            }
            Self::Toml => "; a profile is named without a flag".to_owned(),
            Self::Yaml | Self::Json | Self::Pem | Self::Other => String::new(),
        };
        format!("{instead}{takes}")
    }
}

/// A file's name as a shell takes it; `FILE` in place of one that is none, or that a terminal would not show as it is.
fn in_a_command(path: &Path) -> String {
    let name = path.display().to_string();
    if name == STDIN_NAME || name.chars().any(is_obeyed) {
        "FILE".to_owned()
    } else if name.chars().all(|c| c.is_alphanumeric() || "._-/\\:@+,%".contains(c)) {
        name
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}

impl Place {
    const fn title(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Variables => "file of variables",
            Self::Manifest => "manifest of Kubernetes",
        }
    }

    const fn rule(self) -> &'static Rule {
        match self {
            Self::Profile => &PRF001,
            Self::Variables => &RND001,
            Self::Manifest => &K8S020,
        }
    }
}

/// What is to be told of a file that is plainly of another kind: nothing of what it holds.
pub(super) fn told(source: Source, kind: Kind, place: Place) -> Checked {
    let message = format!("this is {}, and no {}", kind.title(), place.title());
    let help = kind.help(place, &source.path);
    let secret = (0, (0..source.text.len()).into());
    let finding = place.rule().finding(Label::of_text(0..0, "here")).saying(message, help);
    Checked { secrets: vec![secret], ..Checked::unread(source, vec![finding]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_for_what_it_plainly_is() {
        for (text, kind) in [
            ("services:\n  web:\n    image: x\n", Some(Kind::Compose)),
            ("# ours\nversion: \"3\"\n\nservices:\n  web: {}\n", Some(Kind::Compose)),
            ("---\napiVersion: v1\nkind: Secret\n", Some(Kind::Manifest)),
            ("{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Secret\"\n}\n", Some(Kind::Manifest)),
            ("name: ci\non: push\n", Some(Kind::Yaml)),
            ("{\"a\": 1}\n", Some(Kind::Json)),
            ("{}\n", Some(Kind::Json)),
            ("server {\n  listen 80;\n}\n", Some(Kind::Nginx)),
            ("user www-data;\nevents {}\n", Some(Kind::Nginx)),
            ("shop.example.com {\n\treverse_proxy web:8000\n}\n", Some(Kind::Caddyfile)),
            ("{\n\temail a@example.com\n}\n", Some(Kind::Caddyfile)),
            (":80, localhost {\n}\n", Some(Kind::Caddyfile)),
            ("{\n  apiVersion: v1,\n  kind: ConfigMap\n}\n", Some(Kind::Manifest)),
            ("{\n  a: 1\n}\n", Some(Kind::Yaml)),
            ("SECRET_KEY=x\n", Some(Kind::Variables)),
            ("export DEBUG=1\n", Some(Kind::Variables)),
            ("version = 1\n[app]\nname = \"shop\"\n", None),
            ("[app]\nname: shop\n", None),
            ("server = {}\n", None),
            ("hello\n", None),
            ("", None),
        ] {
            assert_eq!(by_text(text), kind, "{text}");
        }
    }

    #[test]
    fn a_file_of_the_right_name_is_told_line_by_line() {
        let compose = "services:\n  web: {}\n";
        let of = |path: &str, text: &str, place| of_another_kind(Path::new(path), text, place);
        assert_eq!(of("security.toml", compose, Place::Profile), None);
        assert_eq!(of("compose.yml", compose, Place::Profile), Some(Kind::Compose));
        assert_eq!(of("compose.yml", compose, Place::Variables), None);
        assert_eq!(of("compose.prod", compose, Place::Variables), Some(Kind::Compose));
        assert_eq!(of("compose.yml", compose, Place::Manifest), Some(Kind::Compose));
        assert_eq!(of(".env", "DEBUG: 1\n", Place::Variables), None);
        assert_eq!(of(".env", "A=1\n", Place::Profile), Some(Kind::Variables));
        assert_eq!(of("security.toml", "version = 1\n", Place::Variables), Some(Kind::Toml));
        assert_eq!(of("secret.json", "{\"a\": 1}\n", Place::Manifest), None);
        assert_eq!(of(".env", "user admin;\nSECRET_KEY=x\n", Place::Variables), None);
    }

    /// What is no text of TOML at all may be a secret: nothing of it is shown.
    #[test]
    fn what_may_be_a_secret_by_itself_is_no_profile() {
        let of = |path: &str, text: &str| of_another_kind(Path::new(path), text, Place::Profile);
        for name in ["tls.key", "security.toml"] {
            assert_eq!(of(name, "-----BEGIN PRIVATE KEY-----\nAAAA==\n"), Some(Kind::Pem), "{name}");
        }
        for text in ["db:5432:shop:shop:made-up\n", "bWFkZSB1cA==\n", "bWFkZXVw=\n", "made up\n"] {
            assert_eq!(of("secret_key", text), Some(Kind::Other), "{text}");
        }
        for text in ["version = 1\n", "[app\n", "\n# nothing\n[app]\n", "name = \n[x]"] {
            assert_eq!(of("profile", text), None, "{text}");
        }
    }

    #[test]
    fn a_command_names_a_file_as_a_shell_takes_it() {
        for (name, written) in
            [("a/b.env", "a/b.env"), ("a b.env", "'a b.env'"), ("a\u{1b}[31m.env", "FILE"), (STDIN_NAME, "FILE")]
        {
            assert_eq!(in_a_command(Path::new(name)), written);
        }
    }
}
