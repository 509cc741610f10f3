//! The arithmetic, on answers written out. `tests/score` holds thousands of others against Observatory itself.

use super::*;

const SAFE: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// A site by https that plain HTTP leads to, with these headers.
fn site(headers: &[(&str, &str)]) -> Observed {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let answer = Answer { trusted: true, headers };
    let host = "shop.example.com".to_owned();
    Observed {
        https: Some(answer.clone()),
        http: Some(answer),
        route: vec![Hop { https: false, host: host.clone() }, Hop { https: true, host: host.clone() }],
        host,
        ..Observed::default()
    }
}

fn scored(headers: &[(&str, &str)]) -> Score {
    score(&site(headers)).expect("it answers")
}

fn outcome(score: &Score, test: Test) -> Outcome {
    score.tests.iter().map(|own| own.outcome).find(|own| own.test() == test).expect("every test has an end")
}

#[test]
fn hsts_alone_is_a_c() {
    let score = scored(&[("Strict-Transport-Security", "max-age=31536000")]);
    assert_eq!((score.points, score.grade()), (50, "C"));
}

#[test]
fn nothing_answered_is_no_score() {
    assert!(score(&Observed::default()).is_none());
}

#[test]
fn what_tests_add_counts_from_90_points() {
    let all = [
        ("Strict-Transport-Security", "max-age=31536000"),
        ("Content-Security-Policy", SAFE),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ];
    // Without nosniff: 95 are left, and 25 are added.
    let score = scored(&all);
    assert_eq!((score.points, score.grade(), score.not_counted()), (120, "A+", 0));
    // A short HSTS takes 10 more: 85 are left, and nothing is added.
    let score = scored(&[&[("Strict-Transport-Security", "max-age=300")], &all[1..]].concat());
    assert_eq!((score.points, score.grade(), score.not_counted()), (85, "A-", 25));
}

#[test]
fn grades_begin_at_their_least_points() {
    for (grade_of, least_of) in GRADES {
        assert_eq!((grade(least_of), least(grade_of)), (grade_of, Some(least_of)));
        assert_ne!(least_of.checked_sub(1).map(grade), Some(grade_of));
    }
    assert_eq!((grade(135), least("a-"), least("E")), ("A+", Some(85), None));
}

#[test]
fn the_worst_of_a_policy_is_told_and_the_rest_advised() {
    let policy =
        "default-src 'self' 'unsafe-eval'; script-src 'self' 'unsafe-inline' http://old.example.com; img-src http:";
    let observed = site(&[("Content-Security-Policy", policy)]);
    let score = score(&observed).expect("it answers");
    let told = &score.tests[0];
    assert_eq!(told.outcome, Outcome::CspUnsafeInline);
    assert_eq!(told.because.as_deref(), Some("`script-src` has `'unsafe-inline'`"));
    let advice = advice(&observed, &score);
    let write =
        &advice.iter().find(|advice| advice.test == Test::ContentSecurityPolicy).expect("it can be mended").write;
    for problem in ["'unsafe-inline'", "http://old.example.com", "'unsafe-eval'", "`img-src` has `http:`"] {
        assert!(write.contains(problem), "{write} does not tell {problem}");
    }
}

#[test]
fn cookies_are_judged_by_their_flags_and_refused_ones_are_not() {
    let cookies = |lines: &[&str]| {
        let set = |line: &&str| SetCookie {
            host: "shop.example.com".to_owned(),
            path: "/".to_owned(),
            line: (*line).to_owned(),
        };
        let observed = Observed { cookies: lines.iter().map(set).collect(), ..site(&[]) };
        outcome(&score(&observed).expect("it answers"), Test::Cookies)
    };
    assert_eq!(cookies(&["id=1; Secure; SameSite=Lax"]), Outcome::CookiesSameSite);
    assert_eq!(
        cookies(&["id=1; Secure; SameSite=Lax", "session=1; Secure; SameSite=Lax"]),
        Outcome::CookiesSessionWithoutHttpOnly
    );
    assert_eq!(cookies(&["session=1; HttpOnly; SameSite=Lax"]), Outcome::CookiesSessionPlain);
    assert_eq!(cookies(&["csrf=1; Secure"]), Outcome::CookiesCsrfWithoutSameSite);
    // Of another domain, of everyone's, and bound to a host without being so.
    assert_eq!(
        cookies(&["a=1; Domain=other.example", "b=1; Domain=com", "__Host-c=1; Secure"]),
        Outcome::CookiesSecure
    );
    assert_eq!(cookies(&["a=1; Domain=other.example", "b=1; Domain=com", "__Host-c=1"]), Outcome::CookiesAbsent);
}

#[test]
fn a_hosts_place_in_the_built_in_list_counts_more_than_what_it_sends() {
    let mut observed = Observed { route: Vec::new(), ..site(&[]) };
    observed.preloaded.insert(observed.host.clone());
    let score = score(&observed).expect("it answers");
    assert_eq!(outcome(&score, Test::StrictTransportSecurity), Outcome::HstsPreloaded);
    assert_eq!(outcome(&score, Test::Redirection), Outcome::RedirectionPreloaded);
}
