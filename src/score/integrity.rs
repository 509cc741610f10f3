//! The test of Subresource Integrity: where a page's scripts come from, and whether a hash binds them.

use psl::Type;

use super::{Answer, Graded, Observed, Outcome, Script};

/// Outcomes of a single script, each worse than those before it.
const WORSE: [Outcome; 4] =
    [Outcome::SriEverywhere, Outcome::SriPlain, Outcome::SriForeignWithout, Outcome::SriPlainWithout];

/// Judges the scripts of the page that was answered.
pub(super) fn judge(observed: &Observed, answer: &Answer, by_https: bool) -> Graded {
    if !answer.is_page() {
        return Outcome::SriNoPage.into();
    }
    let scripts = &observed.page.scripts;
    if scripts.is_empty() {
        return Outcome::SriNoScripts.into();
    }
    let mut worst: Option<Graded> = None;
    let mut foreign = false;
    for Script { src, integrity } in scripts {
        let Some(src) = src.as_deref().filter(|src| !src.is_empty()) else { continue };
        let origin = Origin::of(src, &observed.host);
        let secure = if origin == Origin::Own { by_https } else { src.starts_with("https:") };
        if origin != Origin::Foreign {
            // A hash on the site's own scripts earns the points, where nothing was found before.
            if *integrity && secure && worst.is_none() {
                worst = Some(Outcome::SriEverywhere.into());
            }
            continue;
        }
        foreign = true;
        let outcome = match (integrity, secure) {
            (true, true) => continue,
            (true, false) => Outcome::SriPlain,
            (false, true) => Outcome::SriForeignWithout,
            (false, false) => Outcome::SriPlainWithout,
        };
        let rank = |outcome| WORSE.iter().position(|own| *own == outcome);
        if worst.as_ref().is_none_or(|worst| rank(outcome) > rank(worst.outcome)) {
            worst = Some(Graded { outcome, because: Some(format!("`{src}`")) });
        }
    }
    worst.unwrap_or_else(|| if foreign { Outcome::SriForeign } else { Outcome::SriOwnScripts }.into())
}

/// Where a script comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// From the site, as its address has no host.
    Own,
    /// From a host of the same registrable domain, written out.
    OwnByName,
    /// From elsewhere; an address that begins with `//` counts as that, whatever its host.
    Foreign,
}

impl Origin {
    fn of(src: &str, host: &str) -> Self {
        let relative = src.strip_prefix("//").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
        let rest = src.strip_prefix("https://").or_else(|| src.strip_prefix("http://"));
        match rest {
            _ if relative => Self::Foreign,
            None => Self::Own,
            Some(rest) if registrable(authority(rest)) == registrable(host) => Self::OwnByName,
            Some(_) => Self::Foreign,
        }
    }
}

/// The host of what follows a scheme.
fn authority(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The domain that somebody registered, by the registries' suffixes alone: two sites at one hoster are one to
/// Observatory. An address has none.
fn registrable(host: &str) -> Option<String> {
    let host = host.to_lowercase();
    if host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok() {
        return None;
    }
    let starts = std::iter::once(0).chain(host.match_indices('.').map(|(dot, _)| dot + 1));
    let mut longer = None;
    for start in starts {
        let name = &host[start..];
        let suffix = psl::suffix_str(name)?;
        let is_registry = psl::suffix(name.as_bytes()).and_then(|suffix| suffix.typ()) != Some(Type::Private);
        if is_registry && suffix == name {
            return longer.map(str::to_owned);
        }
        longer = Some(name);
    }
    None
}
