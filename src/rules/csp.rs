//! A Content Security Policy, as far as rules look into it.

/// The directives of one policy, as browsers read them (CSP level 3, §2.2.1):
/// parted by semicolons, names in any case, the first of a name alone counts.
///
/// A header may hold several policies with commas between them; they are not
/// taken apart here.
pub(super) struct Csp<'t> {
    directives: Vec<(&'t str, Vec<&'t str>)>,
}

impl<'t> Csp<'t> {
    /// Reads a header's value. Nothing is refused: what browsers would ignore
    /// is a directive that no rule asks for.
    pub(super) fn parse(text: &'t str) -> Self {
        let directives = text.split(';').filter_map(|directive| {
            let mut words = directive.split_ascii_whitespace();
            Some((words.next()?, words.collect()))
        });
        Self { directives: directives.collect() }
    }

    /// The sources that a directive lists, if the policy has it. Other
    /// directives, `default-src` among them, are not asked in its stead.
    pub(super) fn directive(&self, name: &str) -> Option<&[&'t str]> {
        self.directives
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, sources)| sources.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::Csp;

    #[test]
    fn a_directive_is_found_as_browsers_find_it() {
        let csp = Csp::parse(
            " Default-Src 'self';; frame-ancestors\t'self'  https://a.example ;frame-ancestors 'none';sandbox",
        );
        assert_eq!(csp.directive("default-src"), Some(&["'self'"][..]));
        assert_eq!(csp.directive("frame-ancestors"), Some(&["'self'", "https://a.example"][..]), "the first counts");
        assert_eq!(csp.directive("sandbox"), Some(&[][..]));
        assert_eq!(csp.directive("script-src"), None);
        assert_eq!(Csp::parse("").directive("default-src"), None);
    }
}
