//! What MDN's HTTP Observatory says of a site: its public scoring, computed here.
//!
//! [`score`] is the arithmetic. It takes what a site answers ([`Observed`]), wherever that is known from, and gives the
//! points, the grade, and how each test ended. [`predict`] says what the site of a plan will answer, so that the score is
//! known before anything runs; what a running site answers is asked in `verify`. [`advice()`] says what to write for more.
//!
//! For example, a site by https that sends nothing but `Strict-Transport-Security: max-age=31536000`, and that plain HTTP
//! leads to, has 50 points and the grade C: 25 are lost for the missing Content-Security-Policy, 20 because every site may
//! frame its pages, 5 for the missing X-Content-Type-Options.
//!
//! A site starts with 100 points. Tests take points away, or add some; what is added counts only where at least
//! [`BONUS_FROM`] points are left without it. The tests follow what Observatory does, also where browsers read a header
//! otherwise, because its answer is what is predicted: `csp` beside this room reads as browsers do.

mod advice;
pub mod beside;
mod cookies;
mod csp;
mod headers;
mod integrity;
mod markup;
mod mend;
mod outcome;
mod planned;
mod text;
mod transport;

use std::collections::BTreeSet;

pub use advice::{Advice, Untaken, advice, points_with, untaken};
pub use cookies::{SetCookie, sent};
pub use outcome::{Outcome, Test};
pub use planned::{Prediction, predict};

/// The version of Observatory's algorithm that is followed.
pub const ALGORITHM: u8 = 4;

/// The origin that Observatory's preflight comes from.
pub const ORIGIN: &str = "https://http-observatory.security.mozilla.org";

/// Points that are added count from here on: a site that lost more than ten has none of them.
pub const BONUS_FROM: i32 = 90;

/// The grades, and the least points of each.
const GRADES: [(&str, u32); 13] = [
    ("A+", 100),
    ("A", 90),
    ("A-", 85),
    ("B+", 80),
    ("B", 70),
    ("B-", 65),
    ("C+", 60),
    ("C", 50),
    ("C-", 45),
    ("D+", 40),
    ("D", 30),
    ("D-", 25),
    ("F", 0),
];

/// What a site answers, as far as Observatory looks at it.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The host that is asked.
    pub host: String,
    /// The answer at the end of the way from `https://host/`; none where nothing answers there.
    pub https: Option<Answer>,
    /// The answer at the end of the way from `http://host/`; none where nothing answers there.
    pub http: Option<Answer>,
    /// The way from `http://host/`, itself first: one hop where it does not redirect.
    pub route: Vec<Hop>,
    /// The answer to a preflight from [`ORIGIN`] for GET, where its status is one of success.
    pub preflight: Option<Answer>,
    /// Every `Set-Cookie` on the way from the first address of the site, in the order of the answers: from
    /// `https://host/`, or from `http://host/` where nothing answers by https.
    pub cookies: Vec<SetCookie>,
    /// What the page at the end of that way says in its markup.
    pub page: Page,
    /// The hosts, of this one and of the route's, that browsers know as https only from their built-in list.
    pub preloaded: BTreeSet<String>,
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Whether browsers trust the certificate; an answer by plain HTTP alone shows none and counts as trusted.
    pub trusted: bool,
    /// Its headers as they came, a line each.
    pub headers: Vec<(String, String)>,
}

/// A step on the way that redirects lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Whether it is by https.
    pub https: bool,
    /// The host.
    pub host: String,
}

/// What the markup of a page says.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The contents of `<meta http-equiv="Content-Security-Policy">`, in order.
    pub policies: Vec<String>,
    /// The content of the last `<meta name="referrer">`.
    pub referrer: Option<String>,
    /// Its `<script>` elements.
    pub scripts: Vec<Script>,
}

/// A `<script>` of a page.
#[derive(Clone, Debug)]
pub struct Script {
    /// What its `src` leads to; none for an inline script.
    pub src: Option<String>,
    /// Whether it has an `integrity` with something in it.
    pub integrity: bool,
}

/// What Observatory says of a site.
#[derive(Clone, Debug)]
pub struct Score {
    /// The points that count, never below 0.
    pub points: u32,
    /// How each test ended, in Observatory's order.
    pub tests: Vec<Graded>,
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graded {
    /// The outcome.
    pub outcome: Outcome,
    /// What of the site it rests on, such as ``script-src` lets in `'unsafe-inline'``.
    pub because: Option<String>,
}

impl Graded {
    /// The outcome, and the reason beside it where there is more to say.
    pub fn reason(&self) -> String {
        match &self.because {
            Some(because) => format!("{}: {because}", self.outcome.says()),
            None => self.outcome.says().to_owned(),
        }
    }
}

impl From<Outcome> for Graded {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, because: None }
    }
}

impl Answer {
    /// A header as Observatory's client has it: several lines of a name are one, joined by commas.
    fn header(&self, name: &str) -> Option<String> {
        let lines: Vec<&str> = self.lines(name).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    /// Whether it is a page, whose markup counts. Of several types the first one does: this is the one header here whose
    /// lines clients do not join.
    pub fn is_page(&self) -> bool {
        let kind = self.lines("Content-Type").next().unwrap_or_default();
        matches!(kind.split(';').next(), Some("text/html" | "application/xhtml+xml"))
    }

    /// The lines of a header.
    fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Observed {
    /// The answer that most tests look at, and whether it is the one by https.
    fn first(&self) -> Option<(&Answer, bool)> {
        let by_https = self.https.as_ref().map(|answer| (answer, true));
        by_https.or_else(|| self.http.as_ref().map(|answer| (answer, false)))
    }
}

/// What is taken for granted of every host that answers by https.
pub fn unlisted(host: &str) -> String {
    format!("browsers' built-in list of https hosts does not hold {host}; where it does, HSTS gives +5")
}

/// Scores what a site answers; nothing where it does not answer at all, as Observatory gives no grade then.
pub fn score(observed: &Observed) -> Option<Score> {
    let (answer, by_https) = observed.first()?;
    let policy = csp::judge(answer, by_https, &observed.page.policies);
    let hsts = transport::hsts(observed);
    let tests = vec![
        policy.graded,
        cookies::judge(observed, answer, hsts.outcome),
        headers::cors(observed.preflight.as_ref()).into(),
        transport::redirection(observed).into(),
        headers::referrer_policy(answer, observed.page.referrer.as_deref()),
        hsts,
        integrity::judge(observed, answer, by_https),
        headers::content_type_options(answer),
        headers::frame_options(answer, policy.limits_frames),
        headers::resource_policy(answer),
    ];
    Some(Score { points: points(tests.iter().map(|test| test.outcome)), tests })
}

/// How the test of the Content-Security-Policy ends for a page by https that has to be let in this much, and nothing else but
/// what is the site's own.
pub fn policy_that_lets_in(needs: &str) -> Outcome {
    let policy = format!("default-src 'self'; object-src 'none'; frame-ancestors 'none'; {needs}");
    let answer = Answer { trusted: true, headers: vec![("Content-Security-Policy".to_owned(), policy)] };
    csp::judge(&answer, true, &[]).graded.outcome
}

/// The points of outcomes, one for each test.
pub fn points(outcomes: impl Iterator<Item = Outcome>) -> u32 {
    let (lost, added) = outcomes
        .map(Outcome::points)
        .fold((0, 0), |(lost, added), points| if points < 0 { (lost + points, added) } else { (lost, added + points) });
    let left = 100 + lost;
    let all = if left >= BONUS_FROM { left + added } else { left };
    u32::try_from(all).unwrap_or(0)
}

/// The grade of so many points.
pub fn grade(points: u32) -> &'static str {
    GRADES.iter().find(|(_, least)| points >= *least).map_or("F", |(grade, _)| grade)
}

/// The least points of a grade, such as 90 of `A`.
pub fn least(grade: &str) -> Option<u32> {
    GRADES.iter().find(|(own, _)| own.eq_ignore_ascii_case(grade)).map(|(_, least)| *least)
}

impl Score {
    /// The grade.
    pub fn grade(&self) -> &'static str {
        grade(self.points)
    }

    /// The points that tests would add and that do not count, because too many are lost.
    pub fn not_counted(&self) -> i32 {
        let (lost, added) = self.tests.iter().fold((0, 0), |(lost, added), test| {
            let points = test.outcome.points();
            if points < 0 { (lost + points, added) } else { (lost, added + points) }
        });
        if 100 + lost >= BONUS_FROM { 0 } else { added }
    }
}

#[cfg(test)]
mod tests;
