//! Response headers by which a program tells what it is made with, by where they come from: `X-Powered-By: PHP/8.3.6`,
//! `X-Generator: Drupal 10`. No browser reads one of them. A proxy that keeps its own version back keeps them back, too, and
//! `verify` looks for them on every answer.
//!
//! What a program tells its own front end or a cache by a header is none of them, such as `X-Elastic-Product`, without which
//! a client refuses the server, or `X-Nextjs-Redirect`.

/// The headers, each with the program that sends it: those that are met most often first, because a route of a cluster takes a
/// few only. Beside the programs' own code and documentation, the OWASP Secure Headers Project lists most of them among the
/// headers to remove.
const BY_SOURCE: [(&str, &[&str]); 20] = [
    ("PHP, Express, Next.js, ASP.NET, Servlet containers", &["X-Powered-By"]),
    ("ASP.NET, `httpRuntime enableVersionHeader`", &["X-AspNet-Version"]),
    ("ASP.NET MVC, `MvcHandler.DisableMvcResponseHeader`", &["X-AspNetMvc-Version"]),
    ("Drupal, TYPO3 and other makers of pages", &["X-Generator"]),
    ("Rails, `Rack::Runtime`: how long it took, which is a clock for guesses, too", &["X-Runtime"]),
    ("Symfony's profiler: where its pages are", &["X-Debug-Token-Link", "X-Debug-Token"]),
    ("Drupal, its page cache and what debugging adds", &["X-Drupal-Cache", "X-Drupal-Dynamic-Cache"]),
    (
        "Drupal, `http.response.debug_cacheability_headers`",
        &["X-Drupal-Cache-Tags", "X-Drupal-Cache-Contexts", "X-Drupal-Cache-Max-Age"],
    ),
    ("WordPress, `wp_redirect`", &["X-Redirect-By"]),
    ("Jenkins", &["X-Jenkins", "X-Hudson"]),
    ("Plesk", &["X-Powered-By-Plesk"]),
    ("Bitrix", &["X-Powered-CMS"]),
    ("PHP hosts, beside X-Powered-By", &["X-PHP-Version"]),
    ("SharePoint", &["MicrosoftSharePointTeamServices", "SPRequestDuration"]),
    ("Outlook on the web", &["X-OWA-Version"]),
    ("Umbraco", &["X-Umbraco-Version"]),
    ("Liferay", &["Liferay-Portal"]),
    ("Joomla", &["X-Content-Encoded-By"]),
    ("Clockwork and the debug bar, of PHP's frameworks", &["X-Clockwork-Version", "X-Clockwork-Id", "phpdebugbar-id"]),
    ("rack-mini-profiler, MiniProfiler for .NET", &["X-MiniProfiler-Ids"]),
];

/// The headers by which programs introduce themselves.
pub fn introductions() -> impl Iterator<Item = &'static str> {
    BY_SOURCE.iter().flat_map(|(_, names)| names.iter().copied())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_is_listed_once_with_its_source() {
        let names: Vec<String> = introductions().map(str::to_ascii_lowercase).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')));
        assert!(BY_SOURCE.iter().all(|(source, names)| !source.is_empty() && !names.is_empty()));
    }
}
