//! What a policy lets in, by examples and beside an oracle.

use super::{Csp, Reach};

fn in_effect(value: &str, name: &str) -> Vec<String> {
    let csp = Csp::parse(value);
    csp.policies().iter().filter_map(|policy| policy.in_effect(name)).map(|found| found.to_string()).collect()
}

#[test]
fn a_directive_is_found_as_browsers_find_it() {
    let csp = " Default-Src 'self';; frame-ancestors\t'self'  https://a.example ;frame-ancestors 'none';sandbox;é x";
    assert_eq!(in_effect(csp, "default-src"), ["Default-Src 'self'"]);
    assert_eq!(in_effect(csp, "frame-ancestors"), ["frame-ancestors 'self' https://a.example"], "the first counts");
    assert_eq!(in_effect(csp, "sandbox"), ["sandbox"]);
    assert_eq!(in_effect(csp, "é"), [""; 0]);
    assert_eq!(in_effect("", "default-src"), [""; 0]);
}

#[test]
fn a_comma_begins_another_policy_and_all_have_to_agree() {
    let csp = "frame-ancestors *, img-src a.example;frame-ancestors 'none',,sandbox,img-src a.example b.example";
    assert_eq!(in_effect(csp, "frame-ancestors"), ["frame-ancestors *", "frame-ancestors 'none'"]);
    let csp = Csp::parse(csp);
    assert_eq!(csp.reach("frame-ancestors"), Reach::Nothing);
    assert!(csp.allows("img-src", "https://a.example") && !csp.allows("img-src", "https://b.example"));
}

#[test]
fn a_missing_directive_has_its_stand_in() {
    let csp = "default-src a; script-src b; child-src c";
    for (name, expected) in [
        ("img-src", "default-src a"),
        ("script-src-elem", "script-src b"),
        ("script-src-attr", "script-src b"),
        ("style-src-attr", "default-src a"),
        ("frame-src", "child-src c"),
        ("worker-src", "child-src c"),
    ] {
        assert_eq!(in_effect(csp, name), [expected], "{name}");
    }
    assert_eq!(in_effect("default-src a; script-src b", "worker-src"), ["script-src b"]);
    for name in ["base-uri", "form-action", "frame-ancestors", "sandbox"] {
        assert_eq!(in_effect(csp, name), [""; 0], "{name}");
    }
}

#[test]
fn reach_is_that_of_the_widest_source() {
    use Reach::{Everything, Listed, Nothing, SameOrigin};
    for (sources, expected) in [
        ("", Nothing),
        ("'none'", Nothing),
        ("'nothing' 'unsafe-inline' 'nonce-YQ=='", Nothing),
        ("'self'", SameOrigin),
        ("'none' 'SELF'", SameOrigin),
        ("'self' https://a.example", Listed),
        ("*.example.com https://*.example.com:*", Listed),
        ("a.example:* app: data:", Listed),
        ("*", Everything),
        ("'self' https:", Everything),
        ("HTTP:", Everything),
        ("wss:", Everything),
        ("https://*", Everything),
        ("http://*:*", Everything),
        ("*:*", Everything),
        ("*:443", Everything),
        ("https://*/", Everything),
        ("https://*.com", Everything),
        ("*.CO.uk. 'self'", Everything),
        ("*.github.io:*", Everything),
        ("*.internal *.shop.com", Listed),
        ("app://*.com", Listed),
        ("app://*", Listed),
    ] {
        assert_eq!(Csp::parse(&format!("base-uri {sources}")).reach("base-uri"), expected, "{sources}");
    }
    assert!(Csp::parse("script-src *.com").allows_strangers("script-src"));
    assert!(!Csp::parse("script-src *.com 'strict-dynamic'").allows_strangers("script-src"));
    assert!(!Csp::parse("script-src *.com, script-src 'self'").allows_strangers("script-src"));
    assert_eq!(Csp::parse("default-src 'none'").reach("object-src"), Nothing);
    assert_eq!(Csp::parse("default-src 'none'").reach("base-uri"), Everything);
}

#[test]
fn what_apps_and_widgets_load_is_allowed_or_not() {
    let turnstile = "https://challenges.cloudflare.com/turnstile/v0/api.js";
    let csp = Csp::parse("default-src 'self'; script-src 'self' https://challenges.cloudflare.com; img-src data:");
    assert!(csp.allows("script-src", turnstile) && csp.allows("script-src-elem", turnstile));
    assert!(!csp.allows("frame-src", turnstile) && csp.allows("frame-ancestors", turnstile));
    assert!(csp.allows("img-src", "data:") && !csp.allows("img-src", "https://fastapi.tiangolo.com/img/favicon.png"));
    assert!(csp.allows("script-src", &format!("{turnstile}?render=explicit")));
    assert!(Csp::parse("").allows("script-src", turnstile));
    assert!(!Csp::parse("script-src *; script-src-elem 'self'").allows("script-src", turnstile));
    assert!(!Csp::parse("script-src https: 'strict-dynamic' 'nonce-YQ=='").allows("script-src", turnstile));
    assert!(Csp::parse("default-src https: 'strict-dynamic'").allows("style-src", turnstile));
    for (source, allowed) in [
        ("challenges.cloudflare.com", true),
        ("*.cloudflare.com", true),
        ("http://challenges.cloudflare.com", true),
        ("https://CHALLENGES.cloudflare.com:443/turnstile/", true),
        ("https://challenges.cloudflare.com/turnstile/%760/api.js", true),
        ("*.challenges.cloudflare.com", false),
        ("https://challenges.cloudflare.com:8443", false),
        ("https://challenges.cloudflare.com/turnstile", false),
        ("https://challenges.cloudflare.com/turnstile/v1/", false),
    ] {
        assert_eq!(Csp::parse(&format!("script-src {source}")).allows("script-src", turnstile), allowed, "{source}");
    }
}

#[test]
fn a_scheme_is_allowed_where_every_host_is() {
    let scripts =
        |sources: &str, scheme: &str| Csp::parse(&format!("script-src {sources}")).allows("script-src", scheme);
    for everyone in ["*", "https:", "http:", "https://*", "*:*"] {
        assert!(
            scripts(everyone, "https:") && !scripts(everyone, "data:") && !scripts(everyone, "blob:"),
            "{everyone}"
        );
    }
    assert!(scripts("*", "http:") && scripts("data:", "data:") && scripts("BLOB:", "blob:"));
    assert!(!scripts("https:", "http:") && !scripts("*.example.com", "https:") && !scripts("https://*/a", "https:"));
}

#[test]
fn inline_code_and_eval_need_their_keywords() {
    let inline = |value: &str, name: &str| Csp::parse(value).allows_inline(name);
    assert!(inline("", "script-src") && inline("default-src 'unsafe-inline'", "script-src"));
    assert!(!inline("default-src 'self'", "script-src"));
    for overruling in ["'nonce-YQ'", "'sha256-YQ=='", "'strict-dynamic'"] {
        assert!(!inline(&format!("script-src 'unsafe-inline' {overruling}"), "script-src"), "{overruling}");
    }
    assert!(inline("style-src 'unsafe-inline' 'strict-dynamic'", "style-src"));
    assert!(inline("script-src 'unsafe-inline' 'nonce-'", "script-src"), "a malformed nonce overrules nothing");
    let attributes_only = "script-src 'self'; script-src-attr 'unsafe-inline'";
    assert!(inline(attributes_only, "script-src") && !inline(attributes_only, "script-src-elem"));
    assert!(!inline("script-src 'unsafe-inline', script-src 'self'", "script-src"));

    let eval = |value: &str| Csp::parse(value).allows_eval();
    assert!(eval("") && eval("default-src 'unsafe-eval'") && eval("script-src-elem 'self'"));
    assert!(!eval("script-src 'self' 'wasm-unsafe-eval'") && !eval("script-src 'unsafe-eval', script-src *"));
}

fn problems(value: &str) -> Vec<String> {
    Csp::parse(value).problems().iter().map(ToString::to_string).collect()
}

#[test]
fn what_browsers_skip_or_misread_is_told() {
    for (value, expected) in [
        ("", "the policy has no directive"),
        (" ;, ", "the policy has no directive"),
        ("img-src é", "browsers skip `img-src é`: other characters than ASCII's are in it"),
        ("scripts-src 'self'", "there is no directive `scripts-src`; did you mean `script-src`?"),
        ("zzz", "there is no directive `zzz`"),
        ("Referrer no-referrer", "browsers no longer obey `Referrer`: the Referrer-Policy header does its work"),
        ("img-src a; IMG-SRC 'nope'", "`IMG-SRC` is there twice, and the first alone counts"),
        ("upgrade-insecure-requests  1 ", "`upgrade-insecure-requests` takes no value, and `1` follows it"),
        (
            "default-src 'self' script-src a",
            "`script-src` stands among the sources of `default-src`: a semicolon is missing before it",
        ),
        ("img-src 'none' a", "`'none'` means nothing in `img-src`, as other sources stand beside it"),
        ("img-src self", "`self` in `img-src` is the name of a host; write `'self'`"),
        ("script-src nonce-YQ==", "`nonce-YQ==` in `script-src` is the name of a host; write `'nonce-YQ=='`"),
        (
            "script-src 'unsafe-inlined'",
            "there is no keyword `'unsafe-inlined'`, and browsers skip it in `script-src`; did you mean \
             `'unsafe-inline'`?",
        ),
        ("webrtc block", "browsers skip `block` in `webrtc`; did you mean `'block'`?"),
        ("sandbox allow-script", "browsers skip `allow-script` in `sandbox`; did you mean `allow-scripts`?"),
        ("script-src 'zzz'", "there is no keyword `'zzz'`, and browsers skip it in `script-src`"),
        ("script-src 'nonce-$x'", "`'nonce-$x'` in `script-src` is no nonce: its value has to be base64"),
        (
            "script-src 'sha384-YQ=='",
            "`'sha384-YQ=='` in `script-src` matches nothing: it is no digest of this length in base64",
        ),
        ("img-src https:/a.example", "`https:/a.example` is no source for `img-src`"),
        ("img-src a.example/x?y", "`a.example/x?y` is no source for `img-src`"),
        ("frame-ancestors 'unsafe-inline'", "`'unsafe-inline'` is no source for `frame-ancestors`"),
    ] {
        assert_eq!(problems(value), [expected], "{value}");
    }
}

#[test]
fn a_sound_policy_has_no_problem() {
    for value in [
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        "script-src 'strict-dynamic' 'nonce-YQ==' https: 'unsafe-inline'; report-uri /csp, ; sandbox;",
        "upgrade-insecure-requests; require-trusted-types-for 'script'; form-action 'self'",
        "script-src 'sha256-47DEQpj8HBSa-_TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' nonce-1.example",
        "img-src * data: *.example.com https://a.example:* http://b.example:8080/c/; sandbox allow-forms",
    ] {
        assert_eq!(problems(value), [""; 0], "{value}");
    }
}

#[test]
fn a_problem_is_told_by_the_directives_that_it_decides() {
    let about = |value: &str, name: &str| Csp::parse(value).problems().iter().any(|problem| problem.is_about(name));
    for (value, name) in [
        (";", "img-src"),
        ("img-scr a", "img-src"),
        ("img-src a; IMG-SRC b", "img-src"),
        ("img-src none", "img-src"),
        ("img-src a base-uri b", "img-src"),
        ("img-src a base-uri b", "base-uri"),
    ] {
        assert!(about(value, name), "{value}");
    }
    assert!(!about("img-src none; font-src b", "font-src"));
    assert!(!about("plugin-types a; upgrade-insecure-requests b", "object-src"));
}

#[test]
fn sources_are_added_where_browsers_look() {
    let cdn = &["https://cdn.example"];
    for (value, name, expected) in [
        ("default-src 'self' ;Img-Src\ta", "img-src", "default-src 'self' ;Img-Src a https://cdn.example"),
        ("img-src 'none'; font-src b", "img-src", "img-src https://cdn.example; font-src b"),
        ("default-src 'self'", "img-src", "default-src 'self'; img-src 'self' https://cdn.example"),
        ("default-src 'none';", "img-src", "default-src 'none'; img-src https://cdn.example"),
        ("script-src a; script-src-elem b", "script-src", "script-src a; script-src-elem b https://cdn.example"),
        ("img-src https://cdn.example", "img-src", "img-src https://cdn.example"),
        ("img-src a; img-src b", "img-src", "img-src a https://cdn.example; img-src b"),
        (
            "img-src a, default-src b",
            "img-src",
            "img-src a https://cdn.example, default-src b; img-src b https://cdn.example",
        ),
        ("script-src a", "img-src", "script-src a"),
    ] {
        assert_eq!(Csp::parse(value).with_source(name, cdn), expected, "{value}");
    }
}

#[test]
fn directives_are_replaced_or_appended() {
    for (value, expected) in [
        ("", "object-src 'none'"),
        ("default-src 'self'", "default-src 'self'; object-src 'none'"),
        ("default-src 'self' ; ", "default-src 'self' ; object-src 'none'"),
        ("img-src a,font-src b", "img-src a; object-src 'none',font-src b"),
        ("img-src a; OBJECT-SRC * ;font-src b", "img-src a; OBJECT-SRC 'none' ;font-src b"),
        ("img-src a,object-src *,object-src", "img-src a,object-src 'none',object-src 'none'"),
    ] {
        assert_eq!(Csp::parse(value).with_directive("object-src", "'none'"), expected, "{value}");
    }
    let upgraded = Csp::parse("img-src a").with_directive("upgrade-insecure-requests", "");
    assert_eq!(upgraded, "img-src a; upgrade-insecure-requests");
}

#[test]
fn what_a_page_needs_and_a_policy_keeps_out_is_told_by_directive() {
    let needed = "script-src 'self' 'unsafe-inline' 'unsafe-eval' https://cdn.example/lib@3/; font-src https://cdn.example data:";
    let kept_out = |policy| {
        let kept = Csp::parse(policy).kept_out(&Csp::parse(needed));
        kept.iter().map(|(name, words)| format!("{name} {}", words.join(" "))).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(kept_out(needed), "");
    assert_eq!(kept_out("img-src 'self'"), "");
    assert_eq!(kept_out("default-src 'none'"), needed);
    // A hash lets some inline code in, and a host all that is on it.
    let some = "script-src 'self' 'sha256-tnQI9H+QtNbY/9DAAkxlfeQ1xqyjxooR4nluFQj0m7w=' 'unsafe-eval' cdn.example; default-src 'self'";
    assert_eq!(kept_out(some), "font-src https://cdn.example data:");
    assert_eq!(
        kept_out("default-src 'self' 'unsafe-inline' https://cdn.example/lib@3/ data:"),
        "script-src 'unsafe-eval'; font-src https://cdn.example"
    );
}
