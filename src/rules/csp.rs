//! Content Security Policies, as far as rules look into them.

/// The policies of one header, as browsers read them (CSP level 3, §2.2): they
/// are parted by commas wherever these stand, and all of them have to be met.
/// Their directives are parted by semicolons, names in any case, and of a name
/// the first alone counts in each policy.
pub(super) struct Csp<'t> {
    policies: Vec<Vec<(&'t str, Vec<&'t str>)>>,
}

impl<'t> Csp<'t> {
    /// Reads a header's value. Nothing is refused: what browsers would ignore
    /// is a directive that no rule asks for.
    pub(super) fn parse(text: &'t str) -> Self {
        let directive = |directive: &'t str| {
            let mut words = directive.split_ascii_whitespace();
            Some((words.next()?, words.collect()))
        };
        Self { policies: text.split(',').map(|policy| policy.split(';').filter_map(directive).collect()).collect() }
    }

    /// The sources that a directive lists, once for each policy that has it.
    /// Other directives, `default-src` among them, are not asked in its stead.
    pub(super) fn directives(&self, name: &str) -> impl Iterator<Item = &[&'t str]> {
        self.policies.iter().filter_map(move |policy| {
            let (_, sources) = policy.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
            Some(sources.as_slice())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Csp;

    fn directives<'t>(text: &'t str, name: &str) -> Vec<Vec<&'t str>> {
        Csp::parse(text).directives(name).map(<[_]>::to_vec).collect()
    }

    #[test]
    fn a_directive_is_found_as_browsers_find_it() {
        let csp = " Default-Src 'self';; frame-ancestors\t'self'  https://a.example ;frame-ancestors 'none';sandbox";
        assert_eq!(directives(csp, "default-src"), [["'self'"]]);
        assert_eq!(directives(csp, "frame-ancestors"), [["'self'", "https://a.example"]], "the first counts");
        assert_eq!(directives(csp, "sandbox"), [[""; 0]]);
        assert_eq!(directives(csp, "script-src"), [[""; 0]; 0]);
        assert_eq!(directives("", "default-src"), [[""; 0]; 0]);
    }

    #[test]
    fn a_comma_begins_another_policy() {
        let csp = "frame-ancestors *, default-src 'self';frame-ancestors 'none',,sandbox";
        assert_eq!(directives(csp, "frame-ancestors"), [["*"], ["'none'"]]);
        assert_eq!(directives(csp, "default-src"), [["'self'"]]);
        assert_eq!(directives(csp, "sandbox"), [[""; 0]]);
    }
}
