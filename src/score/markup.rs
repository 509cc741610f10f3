//! The markup of a page, as far as Observatory reads it: policies and referrers in `<meta>`, and scripts.
//!
//! A tokenizer reads it, not a whole parser: tags are seen wherever they stand, but for those inside of `<template>`, which
//! are no part of the page. `<noscript>` holds tags, because Observatory reads pages without running scripts.

use html5gum::{StartTag, State, Token, Tokenizer, naive_next_state};
use url::Url;

use super::text::trimmed;
use super::{Page, Script};

impl Page {
    /// Reads a page.
    pub fn read(html: &str) -> Self {
        let mut page = Self::default();
        let mut base = None;
        let mut templates = 0_usize;
        let mut tokens = Tokenizer::new(html);
        while let Some(Ok(token)) = tokens.next() {
            match token {
                Token::StartTag(tag) => {
                    if let Some(state) = text_within(&tag.name) {
                        tokens.set_state(state);
                    }
                    match tag.name.as_slice() {
                        b"template" => templates += 1,
                        _ if templates > 0 => {}
                        b"base" if base.is_none() => base = attribute(&tag, "href"),
                        b"meta" => page.meta(&tag),
                        b"script" => page.scripts.push(Script {
                            src: attribute(&tag, "src"),
                            integrity: attribute(&tag, "integrity").is_some_and(|hash| !hash.is_empty()),
                        }),
                        _ => {}
                    }
                }
                Token::EndTag(tag) if tag.name.as_slice() == b"template" => templates = templates.saturating_sub(1),
                Token::EndTag(_) | Token::String(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        let base = base.and_then(|base| Url::parse(&base).ok());
        for src in page.scripts.iter_mut().filter_map(|script| script.src.as_mut()).filter(|src| !src.is_empty()) {
            // What leads nowhere without the page's own address stays as it is written: Observatory does not know that one.
            if let Ok(url) = base.as_ref().map_or_else(|| Url::parse(src), |base| base.join(src)) {
                *src = url.into();
            }
        }
        page
    }

    fn meta(&mut self, tag: &StartTag<()>) {
        let word = |name: &str| attribute(tag, name).map(|value| trimmed(&value).to_lowercase());
        let content = attribute(tag, "content");
        match (word("http-equiv"), content) {
            (Some(header), Some(content)) => {
                if header == "content-security-policy" && !content.is_empty() {
                    self.policies.push(content);
                }
            }
            (None, Some(content)) if word("name").as_deref() == Some("referrer") && !content.is_empty() => {
                self.referrer = Some(content);
            }
            (_, None) | (None, Some(_)) => {}
        }
    }
}

/// How what stands in an element is read, where it is no markup.
fn text_within(name: &[u8]) -> Option<State> {
    match name {
        b"noscript" => None,
        b"noframes" => Some(State::RawText),
        other => naive_next_state(other),
    }
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts(html: &str) -> Vec<(Option<String>, bool)> {
        Page::read(html).scripts.into_iter().map(|script| (script.src, script.integrity)).collect()
    }

    #[test]
    fn scripts_are_those_of_the_page() {
        let page = "<!doctype html><title><script src=/title.js></script></title><!-- <script src=/comment.js></script> -->\
                    <SCRIPT SRC='/a.js' integrity=sha256-x></SCRIPT><script>\"<script src=/inner.js>\"</script>\
                    <template><script src=/template.js></script></template><noscript><script src=/n.js></script></noscript>\
                    <textarea><script src=/text.js></script></textarea><script src=\"https://CDN.example.com:443/b.js?a&amp;b\" integrity></script>";
        let expected = [
            (Some("/a.js".to_owned()), true),
            (None, false),
            (Some("/n.js".to_owned()), false),
            (Some("https://cdn.example.com/b.js?a&b".to_owned()), false),
        ];
        assert_eq!(scripts(page), expected);
    }

    #[test]
    fn a_base_says_where_scripts_are() {
        let based = "<script src=a.js></script><base href=https://cdn.example.com/x/><base href=https://b.example/>";
        assert_eq!(scripts(based), [(Some("https://cdn.example.com/x/a.js".to_owned()), false)]);
        assert_eq!(scripts("<base href=/x/><script src=a.js></script>"), [(Some("a.js".to_owned()), false)]);
    }

    #[test]
    fn metas_are_policies_and_referrers() {
        let page = Page::read(
            "<meta http-equiv=' Content-Security-Policy ' content=\"default-src 'self'\"><meta name=Referrer content=origin>\
             <meta name=referrer content=no-referrer><meta name=referrer content><meta http-equiv=refresh content=5>\
             <meta http-equiv=content-security-policy>",
        );
        assert_eq!(page.policies, ["default-src 'self'"]);
        assert_eq!(page.referrer.as_deref(), Some("no-referrer"));
    }

    #[test]
    fn whatever_comes_is_read_to_its_end() {
        for html in
            ["", "<", "<script", "<script src=", "</template></template><script src=a>", "<!--", "\u{0}<meta\u{0}"]
        {
            Page::read(html);
        }
        assert_eq!(scripts(&"<template>".repeat(100_000)), []);
    }
}
