//! Whether the front end is on the app's own site, where browsers send lax and strict cookies.

use crate::plan::Facts;
use crate::profile::{Host, Url};

/// The site of a URL: requests within one site carry lax and strict cookies. It is the scheme and the part of the name that
/// somebody registered.
fn site(url: &Url) -> (bool, String) {
    let name = match url.origin().host() {
        Host::Name(name) => psl::domain_str(name.as_str()).unwrap_or(name.as_str()).to_owned(),
        Host::Address(address) => address.to_string(),
    };
    (url.origin().is_https(), name)
}

/// Whether two URLs are of one site.
pub fn is_one_site(one: &Url, other: &Url) -> bool {
    site(one) == site(other)
}

/// Where browsers load the front end from, if that is another site than the app's.
pub(super) fn front_end_elsewhere<'p>(facts: &Facts<'p>) -> Option<&'p Url> {
    let front = facts.policy.app.frontend_url.as_ref()?;
    (!is_one_site(front, facts.policy.url())).then_some(front)
}

#[cfg(test)]
mod tests {
    use super::is_one_site;
    use crate::profile::{Text, Url};

    #[test]
    fn a_site_is_what_was_registered() {
        let same =
            |one: &str, other: &str| is_one_site(&Url::parse(one).expect("a URL"), &Url::parse(other).expect("a URL"));
        assert!(same("https://shop.example.com", "https://api.example.com:8443/x"));
        assert!(same("http://localhost:3000", "http://localhost:8000"));
        assert!(!same("https://example.com", "http://example.com"));
        assert!(!same("https://a.github.io", "https://b.github.io"));
        assert!(!same("https://shop.example.com", "https://shop.example.net"));
        assert!(!same("https://192.0.2.1", "https://192.0.2.2"));
    }
}
