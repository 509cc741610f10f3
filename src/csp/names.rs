//! The directives that there are: what each takes, and what stands in for one that is missing.

use crate::source::nearest;

/// What a directive's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// A source list.
    Sources,
    /// A source list of origins: no inline code, nonces or hashes.
    Ancestors,
    /// Words of its own, which a page or a server makes up.
    Words,
    /// Words out of these.
    OneOf(&'static [&'static str]),
    /// No value.
    Nothing,
    /// Browsers no longer obey it. What does its work is told.
    Obsolete(&'static str),
}

/// The directives of CSP level 3 (§6) and of the specifications that add to it: Trusted Types, Upgrade Insecure
/// Requests, Fenced Frame; then those that these once had.
const KNOWN: &[(&str, Takes)] = &[
    ("default-src", Takes::Sources),
    ("script-src", Takes::Sources),
    ("script-src-elem", Takes::Sources),
    ("script-src-attr", Takes::Sources),
    ("style-src", Takes::Sources),
    ("style-src-elem", Takes::Sources),
    ("style-src-attr", Takes::Sources),
    ("child-src", Takes::Sources),
    ("connect-src", Takes::Sources),
    ("fenced-frame-src", Takes::Sources),
    ("font-src", Takes::Sources),
    ("frame-src", Takes::Sources),
    ("img-src", Takes::Sources),
    ("manifest-src", Takes::Sources),
    ("media-src", Takes::Sources),
    ("object-src", Takes::Sources),
    ("worker-src", Takes::Sources),
    ("base-uri", Takes::Sources),
    ("form-action", Takes::Sources),
    ("frame-ancestors", Takes::Ancestors),
    ("report-to", Takes::Words),
    ("report-uri", Takes::Words),
    ("require-trusted-types-for", Takes::OneOf(&["'script'"])),
    ("sandbox", Takes::OneOf(&SANDBOX)),
    ("trusted-types", Takes::Words),
    ("webrtc", Takes::OneOf(&["'allow'", "'block'"])),
    ("upgrade-insecure-requests", Takes::Nothing),
    (
        "block-all-mixed-content",
        Takes::Obsolete("browsers do it by themselves, or load over https with `upgrade-insecure-requests`"),
    ),
    ("disown-opener", Takes::Obsolete("the Cross-Origin-Opener-Policy header does its work")),
    ("navigate-to", Takes::Obsolete("nothing took its place")),
    ("plugin-types", Takes::Obsolete("plug-ins are gone; `object-src 'none'` keeps them out of old browsers")),
    ("prefetch-src", Takes::Obsolete("`default-src` counts for what is loaded ahead")),
    ("referrer", Takes::Obsolete("the Referrer-Policy header does its work")),
    ("reflected-xss", Takes::Obsolete("browsers no longer have the filter that it set")),
    ("require-sri-for", Takes::Obsolete("the Integrity-Policy header does its work")),
];

/// What a sandbox can let in (HTML, sandboxing).
const SANDBOX: [&str; 15] = [
    "allow-downloads",
    "allow-forms",
    "allow-modals",
    "allow-orientation-lock",
    "allow-pointer-lock",
    "allow-popups",
    "allow-popups-to-escape-sandbox",
    "allow-presentation",
    "allow-same-site-none-cookies",
    "allow-same-origin",
    "allow-scripts",
    "allow-storage-access-by-user-activation",
    "allow-top-navigation",
    "allow-top-navigation-by-user-activation",
    "allow-top-navigation-to-custom-protocols",
];

/// What a known directive takes.
pub(super) fn takes(name: &str) -> Option<Takes> {
    KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, takes)| *takes)
}

/// The known directive that a mistyped name resembles.
pub(super) fn meant_by(name: &str) -> Option<&'static str> {
    let obeyed = KNOWN.iter().filter(|(_, takes)| !matches!(takes, Takes::Obsolete(_)));
    nearest(name, obeyed.map(|(known, _)| *known))
}

/// The directives that stand in for a fetch directive, the nearest first (§6.8.3). Nothing does for others: `base-uri`,
/// `form-action` and `frame-ancestors` allow everything where they are missing.
pub(super) fn fallbacks(name: &str) -> &'static [&'static str] {
    match name {
        "script-src-elem" | "script-src-attr" => &["script-src", "default-src"],
        "style-src-elem" | "style-src-attr" => &["style-src", "default-src"],
        "worker-src" => &["child-src", "script-src", "default-src"],
        "fenced-frame-src" => &["frame-src", "child-src", "default-src"],
        "frame-src" => &["child-src", "default-src"],
        "script-src" | "style-src" | "child-src" | "connect-src" | "font-src" | "img-src" | "manifest-src"
        | "media-src" | "object-src" => &["default-src"],
        _ => &[],
    }
}
