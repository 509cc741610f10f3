//! Policies with something added or replaced, as text. What is not touched stays as it is written.
//!
//! Nothing is checked here: a name, a value or a source with a comma or a semicolon in it is the caller's mistake.

use super::{Csp, Directive, Expression, Keyword, Policy, uses};

impl Csp<'_> {
    /// With sources added to `name`, in every policy that limits it: to its own list, `'none'` being replaced, or to a
    /// copy of the list that stands in for it. What nothing limits stays without a list, as one would forbid the rest.
    ///
    /// Beside `'strict-dynamic'` a host means nothing, and beside a nonce `'unsafe-inline'`: ask the result.
    #[must_use]
    pub fn with_source(&self, name: &str, sources: &[&str]) -> String {
        self.rewritten(|_, policy| policy.with_source(name, sources))
    }

    /// With `name` saying `value`, in every policy that has it, else at the end of the first one.
    #[must_use]
    pub fn with_directive(&self, name: &str, value: &str) -> String {
        let has_it = |policy: &Policy<'_>| policy.directive(name).is_some();
        let nowhere = !self.policies.iter().any(has_it);
        self.rewritten(|index, policy| {
            (has_it(policy) || (nowhere && index == 0)).then(|| policy.with_directive(name, value))
        })
    }

    /// With what `change` makes of the policies, where it makes something.
    fn rewritten(&self, change: impl Fn(usize, &Policy<'_>) -> Option<String>) -> String {
        let texts = self.policies.iter().enumerate();
        let texts = texts.map(|(index, policy)| change(index, policy).unwrap_or_else(|| policy.text.to_owned()));
        texts.collect::<Vec<_>>().join(",")
    }
}

impl Policy<'_> {
    fn with_source(&self, name: &str, sources: &[&str]) -> Option<String> {
        let listed = self.in_effect(uses(name).0)?;
        // The list that browsers ask, where it is more exact than `name`.
        let name = if self.directive(uses(name).0).is_some() { listed.name } else { name };
        let is_none = |word: &&str| Expression::parse(word) == Ok(Expression::Keyword(Keyword::None));
        let mut words: Vec<_> = listed.words().filter(|word| !is_none(word)).collect();
        for source in sources {
            if !words.contains(source) {
                words.push(source);
            }
        }
        Some(self.with_directive(name, &words.join(" ")))
    }

    fn with_directive(&self, name: &str, value: &str) -> String {
        let says = |name: &str| format!("{name} {value}").trim_ascii_end().to_owned();
        let Some(written) = self.directive(name) else {
            let kept = self.text.trim_ascii_end();
            let kept = kept.strip_suffix(';').unwrap_or(kept);
            return if kept.trim_ascii().is_empty() { says(name) } else { format!("{kept}; {}", says(name)) };
        };
        let mut parts: Vec<_> = self.text.split(';').collect();
        let replaced;
        if let Some(part) = parts.iter_mut().find(|part| Directive::parse(part) == Some(written)) {
            replaced = part.replacen(part.trim_ascii(), &says(written.name), 1);
            *part = &replaced;
        }
        parts.join(";")
    }
}
