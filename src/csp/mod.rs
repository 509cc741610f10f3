//! Content Security Policies, as browsers read them.
//!
//! [`Csp`] is one header's value and answers what it lets in; [`Problem`]s say what is wrong in it, and edits
//! (`edit.rs`) make another value of it. The source of truth is CSP level 3, <https://www.w3.org/TR/CSP3/>; sections
//! are cited by its numbers. What a page ought to allow is decided elsewhere, and profiles are unknown here.
//!
//! Reading refuses nothing and copies nothing. What browsers ignore, no question sees; [`Csp::problems`] tells of it.
//! Policies may write a directive's name in any case, questions name it in lower case.

mod edit;
mod names;
#[cfg(test)]
mod oracle;
mod problems;
mod source;
#[cfg(test)]
mod tests;

use std::fmt;

pub use problems::Problem;
pub use source::{Expression, Host, Keyword, Malformed, Port, is_handed_out};

/// The policies of one header. Commas part them wherever these stand, and browsers enforce each by itself (§2.2.2,
/// §3.1): something is allowed where all of them allow it, and forbidden where one forbids it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csp<'a> {
    policies: Vec<Policy<'a>>,
}

/// One policy: directives, parted by semicolons (§2.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy<'a> {
    text: &'a str,
    /// As they are written, duplicates included.
    directives: Vec<Directive<'a>>,
}

/// A directive as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directive<'a> {
    name: &'a str,
    value: &'a str,
}

/// Which URLs a list of sources lets in, the fewest first. Nonces, hashes and the keywords for inline code name no URLs
/// and do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// None: the list is empty, `'none'`, or nothing in it can match.
    Nothing,
    /// Those of the page's own origin.
    SameOrigin,
    /// Those that are listed.
    Listed,
    /// Every one, or every one of https; or those of all names below a public suffix, such as `*.com`, where anyone can
    /// have one.
    Everything,
}

impl<'a> Csp<'a> {
    /// Reads a header's value.
    pub fn parse(value: &'a str) -> Self {
        Self { policies: value.split(',').map(Policy::parse).collect() }
    }

    /// The policies, in the order of the header; those without a directive, too.
    pub fn policies(&self) -> &[Policy<'a>] {
        &self.policies
    }

    /// The directive that limits `name` most, fallbacks included, where a policy limits it at all.
    pub fn strictest(&self, name: &str) -> Option<Directive<'a>> {
        self.policies.iter().filter_map(|policy| policy.in_effect(name)).min_by_key(|directive| directive.reach())
    }

    /// Which URLs `name` lets in, fallbacks included: of several policies, what the strictest does.
    pub fn reach(&self, name: &str) -> Reach {
        self.strictest(name).map_or(Reach::Everything, Directive::reach)
    }

    /// Whether `name` lets a URL in: `https://cdn.example/lib.js`; its query does not matter. A scheme alone, such as
    /// `https:` or `data:`, asks for every URL that has it. A host that no source can name, such as an IPv6 address, is
    /// let in only where nothing limits `name`.
    ///
    /// The page is taken to be https, and the URL to be of another origin: `'self'` does not match it. For scripts and
    /// styles, `script-src` and `style-src` ask for what elements in the page's markup load.
    pub fn allows(&self, name: &str, url: &str) -> bool {
        let (element, _) = uses(name);
        let wanted = Expression::parse(url.split(['?', '#']).next().unwrap_or(url)).ok();
        self.policies.iter().all(|policy| policy.allows(element, wanted))
    }

    /// Whether `name` lets in what a stranger can host ([`Reach::Everything`]). For scripts and styles it asks what
    /// [`Csp::allows`] does.
    pub fn allows_strangers(&self, name: &str) -> bool {
        let (element, _) = uses(name);
        self.policies.iter().all(|policy| policy.allows_strangers(element))
    }

    /// Whether `name` lets inline code run that has neither a nonce nor a hash (§6.7.3.2). `script-src` asks for
    /// `<script>` elements and for attributes like `onclick`, either of them; `script-src-elem` and `script-src-attr`
    /// ask for the one. So does `style-src`.
    pub fn allows_inline(&self, name: &str) -> bool {
        let (element, attribute) = uses(name);
        [element, attribute].iter().any(|name| self.policies.iter().all(|policy| policy.allows_inline(name)))
    }

    /// Whether `name` lists a hash: the inline code that it is of runs.
    pub fn lists_hashes(&self, name: &str) -> bool {
        let is_hash = |source: Expression<'_>| matches!(source, Expression::Hash { .. });
        self.strictest(uses(name).0).is_some_and(|directive| directive.sources().any(is_hash))
    }

    /// What this keeps out of what another policy lists, directive by directive: sources as they are written there. Inline
    /// code whose hashes are listed here is taken to be let in.
    pub fn kept_out<'n>(&self, needed: &Csp<'n>) -> Vec<(&'n str, Vec<&'n str>)> {
        let lets_in = |name: &str, word: &str| match Expression::parse(word) {
            Ok(Expression::Keyword(Keyword::UnsafeInline)) => self.allows_inline(name) || self.lists_hashes(name),
            Ok(Expression::Keyword(Keyword::UnsafeEval)) => self.allows_eval(),
            Ok(Expression::Keyword(Keyword::SameOrigin)) => self.reach(name) >= Reach::SameOrigin,
            Ok(Expression::Scheme(_) | Expression::Host(_)) => self.allows(name, word),
            Ok(Expression::Keyword(_) | Expression::Nonce(_) | Expression::Hash { .. }) | Err(_) => true,
        };
        let directives = needed.policies.iter().flat_map(Policy::directives);
        let kept = directives.map(|directive| {
            (directive.name(), directive.words().filter(|word| !lets_in(directive.name(), word)).collect::<Vec<_>>())
        });
        kept.filter(|(_, words)| !words.is_empty()).collect()
    }

    /// Whether scripts may compile strings: `eval`, `new Function` (§4.4).
    pub fn allows_eval(&self) -> bool {
        let allows = |directive: Directive<'_>| directive.has(Keyword::UnsafeEval);
        self.policies.iter().all(|policy| policy.in_effect("script-src").is_none_or(allows))
    }
}

/// What browsers ask for instead of the two directives that are fallbacks only: the one for elements, and the one for
/// attributes (§6.8.1, §6.8.2).
fn uses(name: &str) -> (&str, &str) {
    match name {
        "script-src" => ("script-src-elem", "script-src-attr"),
        "style-src" => ("style-src-elem", "style-src-attr"),
        other => (other, other),
    }
}

impl<'a> Policy<'a> {
    fn parse(text: &'a str) -> Self {
        Self { text, directives: text.split(';').filter_map(Directive::parse).collect() }
    }

    /// The directive of a name, in any case. Of several, the first counts.
    pub fn directive(&self, name: &str) -> Option<Directive<'a>> {
        self.directives.iter().copied().find(|directive| directive.is(name))
    }

    /// The directives, in their order. Of several with one name browsers read the first.
    pub fn directives(&self) -> &[Directive<'a>] {
        &self.directives
    }

    /// The directive that is asked for `name`: its own, else the nearest that stands in for it (§6.8.3). Without one,
    /// everything is allowed.
    pub fn in_effect(&self, name: &str) -> Option<Directive<'a>> {
        self.directive(name).or_else(|| names::fallbacks(name).iter().find_map(|name| self.directive(name)))
    }

    fn allows(&self, name: &str, wanted: Option<Expression<'_>>) -> bool {
        self.in_effect(name).is_none_or(|directive| {
            hosts_count(name, directive)
                && wanted.is_some_and(|wanted| directive.sources().any(|source| source.covers(wanted)))
        })
    }

    fn allows_strangers(&self, name: &str) -> bool {
        let lets_in = |directive: Directive<'_>| directive.reach() == Reach::Everything;
        self.in_effect(name).is_none_or(|directive| hosts_count(name, directive) && lets_in(directive))
    }

    fn allows_inline(&self, name: &str) -> bool {
        self.in_effect(name).is_none_or(|directive| {
            let overruled = directive.sources().any(|source| match source {
                Expression::Nonce(_) | Expression::Hash { .. } => true,
                Expression::Keyword(keyword) => keyword == Keyword::StrictDynamic && is_script(name),
                Expression::Scheme(_) | Expression::Host(_) => false,
            });
            directive.has(Keyword::UnsafeInline) && !overruled
        })
    }
}

/// Beside 'strict-dynamic' only nonces and hashes let a script of the markup in (§6.7.1.1).
fn hosts_count(name: &str, directive: Directive<'_>) -> bool {
    !(is_script(name) && directive.has(Keyword::StrictDynamic))
}

fn is_script(name: &str) -> bool {
    name.starts_with("script-src")
}

impl<'a> Directive<'a> {
    /// Browsers skip a directive that is not ASCII (§2.2.1).
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim_ascii();
        if text.is_empty() || !text.is_ascii() {
            return None;
        }
        let (name, value) = text.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((text, ""));
        Some(Self { name, value })
    }

    /// The name as it is written.
    pub fn name(self) -> &'a str {
        self.name
    }

    fn is(self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// What stands behind the name.
    pub fn words(self) -> impl Iterator<Item = &'a str> {
        self.value.split_ascii_whitespace()
    }

    /// The sources that browsers understand; they ignore the others.
    pub fn sources(self) -> impl Iterator<Item = Expression<'a>> {
        self.words().filter_map(|word| Expression::parse(word).ok())
    }

    /// Whether a keyword is among the sources.
    pub fn has(self, keyword: Keyword) -> bool {
        // No other source is written like one, so that none of them has to be understood for this.
        self.words().filter_map(source::unquoted).any(|word| word.eq_ignore_ascii_case(keyword.as_str()))
    }

    /// Which URLs its sources let in.
    pub fn reach(self) -> Reach {
        self.sources().map(Expression::reach).max().unwrap_or(Reach::Nothing)
    }
}

/// As it is written, with single blanks.
impl fmt::Display for Directive<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)?;
        self.words().try_for_each(|word| write!(out, " {word}"))
    }
}
