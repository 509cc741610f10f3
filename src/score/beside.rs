//! What a site was measured to do beside what was predicted of it: the tests that end otherwise.
//!
//! A plan with `hsts.max_age = "1y"` predicts `hsts-implemented-max-age-at-least-six-months`. A site that sends no
//! Strict-Transport-Security ends that test by `hsts-not-implemented`, and `hsts.max_age` is the key to look at.

use super::{Graded, Outcome, Prediction, Score, Test};

/// A test that ends otherwise than predicted.
#[derive(Clone, Debug)]
pub struct Difference {
    /// How it was predicted to end.
    pub predicted: Graded,
    /// How it ends.
    pub measured: Graded,
    /// Why the difference says nothing against the site: it is within what the prediction takes for granted.
    pub granted: Option<&'static str>,
}

impl Difference {
    /// The test.
    pub const fn test(&self) -> Test {
        self.measured.outcome.test()
    }

    /// Whether the site has fewer points than it should have by its profile.
    pub fn is_worse(&self) -> bool {
        self.granted.is_none() && self.measured.outcome.points() < self.predicted.outcome.points()
    }
}

/// The tests that end otherwise, in Observatory's order.
pub fn differences(prediction: &Prediction, predicted: &Score, measured: &Score) -> Vec<Difference> {
    let pairs = predicted.tests.iter().zip(&measured.tests).filter(|(one, other)| one.outcome != other.outcome);
    let difference = |(predicted, measured): (&Graded, &Graded)| Difference {
        granted: granted(prediction, measured.outcome),
        predicted: predicted.clone(),
        measured: measured.clone(),
    };
    pairs.map(difference).collect()
}

/// Why an end of a test was possible from the beginning.
fn granted(prediction: &Prediction, measured: Outcome) -> Option<&'static str> {
    let is_programs = || {
        let keys = keys(measured.test());
        prediction.unknown.iter().any(|header| keys.contains(&header.key))
    };
    match measured.test() {
        Test::Cookies if measured == Outcome::CookiesAbsent => Some("`/` set no cookie this time"),
        Test::SubresourceIntegrity => Some("no profile says which scripts a page loads"),
        Test::ContentSecurityPolicy
        | Test::FrameOptions
        | Test::ReferrerPolicy
        | Test::ContentTypeOptions
        | Test::ResourcePolicy
            if is_programs() =>
        {
            Some("its program sends that header itself")
        }
        Test::Cookies
        | Test::ContentSecurityPolicy
        | Test::FrameOptions
        | Test::ReferrerPolicy
        | Test::ContentTypeOptions
        | Test::ResourcePolicy
        | Test::Cors
        | Test::Redirection
        | Test::StrictTransportSecurity => None,
    }
}

/// The keys of a profile that decide how a test ends, the first of them more than the others; none where no key does.
pub const fn keys(test: Test) -> &'static [&'static str] {
    match test {
        Test::ContentSecurityPolicy => &["headers.content_security_policy"],
        Test::Cookies => &["cookies"],
        Test::Cors => &["cors.origins"],
        Test::Redirection => &["tls.redirect_http", "tls.plain_http"],
        Test::ReferrerPolicy => &["headers.referrer_policy"],
        Test::StrictTransportSecurity => &["hsts.max_age", "hsts.enabled"],
        Test::SubresourceIntegrity => &[],
        Test::ContentTypeOptions => &["headers.content_type_options"],
        Test::FrameOptions => &["headers.content_security_policy", "headers.frame_options"],
        Test::ResourcePolicy => &["headers.cross_origin_resource_policy"],
    }
}
