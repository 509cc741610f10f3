//! Strings that mean something to nginx, to TOML, to a template, a shell, a terminal or a browser.

#![allow(dead_code, reason = "each test uses its share")]

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Pieces that end, start or change something when they stand in a configuration. Some of them are harmless in some
/// fields: those are the ones that get through and have to be shown.
pub const PIECES: &[&str] = &[
    // nginx's own signs.
    "\"",
    "'",
    "`",
    ";",
    "{",
    "}",
    "#",
    "\\",
    "\\\\",
    "\\\"",
    "\\'",
    "\\n",
    "\\r",
    "\\t",
    "\\x0a",
    "\"; }",
    "'; }",
    "; }",
    "{}",
    "};",
    "\";\n}",
    " #",
    "# ",
    "\"\"",
    "''",
    "\\;",
    "\\ ",
    "\\$",
    // Its variables and patterns.
    "$",
    "$$",
    "$host",
    "${host}",
    "${x}",
    "$1",
    "$request_uri",
    "$http_x",
    "~",
    "~*",
    "~^",
    "~.*",
    "*",
    "*.",
    ".*",
    "^",
    "|",
    "(",
    ")",
    "()",
    "(?i)",
    "[",
    "]",
    "[a-z]",
    "?",
    "+",
    "\\d",
    ".",
    // Blanks, ends of lines, control characters.
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\0",
    "\x01",
    "\x08",
    "\x0b",
    "\x0c",
    "\x1b[31m",
    "\x1f",
    "\x7f",
    "\n\n",
    "\r\nSet-Cookie: x=1",
    "\nadd_header X y;",
    // Beyond ASCII: letters, a blank, ends of lines, marks of direction, and one without width.
    "é",
    "ß",
    "日本",
    "😀",
    "\u{a0}",
    "\u{85}",
    "\u{2028}",
    "\u{200b}",
    "\u{202e}",
    "\u{2066}",
    "\u{61c}",
    "\u{feff}",
    "\u{fffd}",
    "е",
    // Other languages' signs.
    "{$VAR}",
    "{env.X}",
    "{{ x }}",
    "{{",
    "{% raw %}",
    "{% endraw %}",
    "{#",
    "<script>alert(1)</script>",
    "%",
    "%0a",
    "%00",
    "%2e%2e",
    "&",
    "&amp;",
    "=",
    ",",
    "!",
    "@",
    ":",
    "://",
    "-",
    "_",
    "--",
    "\"\"\"",
    "= true",
    "]\n[app]",
    "$(id)",
    "`id`",
    ">",
    "<",
    "|| true",
    // Paths, addresses, hosts.
    "/",
    "//",
    "/.",
    "/..",
    "/../",
    "..",
    "/*",
    "/*/y",
    "/**",
    "/{x}",
    "/{x",
    "/x}",
    "/'q'",
    "/(a|b)",
    "/a+b*c",
    ";x=1",
    "?x=1",
    "#x",
    ":80",
    "@evil.example",
    ".evil.example",
    "evil.example",
    "unix:",
    "[::]",
];

/// Words that have a meaning of their own where nginx reads a value, and texts that stand for a whole value.
const WORDS: &[&str] = &[
    "",
    "default",
    "include",
    "hostnames",
    "volatile",
    "ranges",
    "delete",
    "proxy",
    "all",
    "any",
    "off",
    "on",
    "none",
    "null",
    "true",
    "_",
    "\"\"",
    "~regex",
    "~*regex",
    "~^/$",
    "!x",
    "!~x",
    "*.example",
    ".example",
    "*:80",
    "include /etc/passwd",
    "include /etc/passwd;",
    "default_server",
    "localhost",
    "0",
    "-1",
    "1e9",
    "unix:",
    "unix:/",
    "unix:/a{b}",
    "unix:/a;b",
    "unix:/a b",
    "unix:/a:b",
    "unix:/$x",
    "unix:/~a,b=c@d%e+f",
    "[::]",
    "[::]:80",
    "[::1]:8000",
    "::",
    "0.0.0.0/0",
    "::/0",
    "https://[::1]:8443",
    "https://[2001:db8::1]",
    "https://192.0.2.1",
    "https://xn--mnchen-3ya.example",
    "https://a;b",
    "https://$host",
    "https://a\"b",
    "https://a b",
    "https://a{b}",
    "https://user:pw@evil.example",
    "https://evil.example/;",
    "https://evil.example/~_.-",
    "http://evil.example",
    "javascript:alert(1)",
    "/",
    "/;",
    "/$host",
    "/\"",
    "/\\",
    "/'",
    "/'()*+,=:@&!~",
    "/*",
    "/*/*/",
    "/x{a}",
    "/{}",
    "/{a-b}",
    "/.",
    "/..",
    "/a/../b",
    "/a//b",
    "/%61",
    "/a b",
    "/a;b",
    "/a?b",
    "/a#b",
    "/etc/passwd",
    "/etc/a{b}",
    "/etc/a;b",
    "/etc/$x",
    "/etc/a b",
    "/etc/a\"b",
    "/etc/..;/x",
    "/~a,b=c@d%e+f:g",
    "data:x",
    "engine:x:y",
    "../x.toml",
    "./x\".toml",
    "/dev/null/x.toml",
    "env:",
    "env:$X",
    "env:A B",
    "env:A;B",
    "env:é",
    "env:A\n",
    "file:",
    "file:x",
    "file:/a;b",
    "file:/a b",
    "file:/a$b",
    "${SECRET}",
    "%SECRET%",
    "default-src 'self'; script-src 'nonce-$request_id'",
    "default-src \"x\"",
    "a\\",
    "a\\\\",
    "a\\\"b",
    "\"a\"",
    "'a'",
    "a$",
    "$a",
    "a;b{c}d#e",
    "a # b",
    "a\\nb",
    "a${b}c",
    "${",
    "$\"$",
    "camera=(\"https://x.example\"), y=\"\\\\\\\"$1\"",
    "5/min; include x",
    "2/s",
    "1/day",
    "5/min ",
    "1s",
    "0s",
    "1y; x",
    "10m$",
    "1B",
    "1MiB;",
    "a@b.example",
    "\"a b\"@b.example",
    "a$b@c.example",
    "a`b@c.example",
    "0.0.0",
    "1.22.1;",
    "x:y@sha256:0",
];

/// Strings of the lengths at which something ends.
fn long() -> impl Iterator<Item = String> {
    let of = |unit: &str, bytes: usize| unit.repeat(bytes.div_ceil(unit.len()))[..bytes].to_owned();
    let plain = [41, 64, 129, 254, 513, 1025, 3_999, 4_000, 4_001, 4_093, 4_094, 4_095, 4_096, 10_000];
    // Each of these bytes is two once it is escaped: the ends of nginx's buffer come sooner.
    let escaped = [2_046, 2_047, 2_048, 4_000];
    let paths = [100, 101, 107, 108, 109, 511, 512, 1_024];
    let hosts = [252, 253];
    plain
        .into_iter()
        .flat_map(move |bytes| ["a", "a.", "$"].map(|unit| of(unit, bytes)))
        .chain(escaped.into_iter().flat_map(move |bytes| ["\\", "\"", "\\\"$"].map(|unit| of(unit, bytes))))
        .chain(paths.into_iter().flat_map(move |bytes| ["/a", "/~", "/''''", "/*"].map(|unit| of(unit, bytes))))
        .chain(paths.into_iter().map(move |bytes| format!("unix:{}", of("/a", bytes))))
        .chain([256, 257, 1_024].map(|bytes| format!("https://site.hostile.example{}", of("/~~~", bytes))))
        .chain(hosts.into_iter().flat_map(move |bytes| {
            let host = of("a23456789.", bytes);
            [host.clone(), format!("https://{host}"), format!("https://{host}:8443"), format!("{host}:8000")]
        }))
        .chain([40, 63].map(|bytes| of("a-b", bytes)))
        .chain([40].map(|bytes| of("a_", bytes)))
}

/// Every string of the fixed corpus, each to stand for a whole value.
pub fn corpus() -> Vec<String> {
    let controls = (0..0x20).chain([0x7f]).filter_map(char::from_u32);
    let mut strings: Vec<String> = PIECES.iter().chain(WORDS).map(|text| (*text).to_owned()).collect();
    strings.extend(controls.flat_map(|c| [c.to_string(), format!("a{c}b")]));
    strings.extend(long());
    strings.sort();
    strings.dedup();
    strings
}

/// A text with a piece at its start, in its middle and at its end.
pub fn with(text: &str, piece: &str) -> [String; 3] {
    let middle = text.floor_char_boundary(text.len() / 2);
    let (start, end) = text.split_at(middle);
    [format!("{piece}{text}"), format!("{start}{piece}{end}"), format!("{text}{piece}")]
}

/// Strings glued from pieces at random: the same ones on every run.
pub struct Generated {
    runner: TestRunner,
    glued: BoxedStrategy<String>,
}

impl Generated {
    pub fn new() -> Self {
        let piece = prop_oneof![
            6 => select(PIECES).prop_map(str::to_owned),
            2 => "[a-zA-Z0-9]{1,4}",
            1 => any::<char>().prop_map(String::from),
        ];
        let glued = prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat()).boxed();
        Self { runner: TestRunner::deterministic(), glued }
    }

    pub fn next(&mut self) -> String {
        self.glued.new_tree(&mut self.runner).expect("nothing is filtered out").current()
    }
}
