//! How issuers begin the keys that they make. What stands behind such a beginning is the key, and has to be made by chance by
//! itself: `sk_live_` is no part of what anyone has to guess.

use super::begins;

/// A beginning, and whether it says by itself that a key is for servers alone: other texts do not begin so, and no page may
/// show it.
const BEGINNINGS: [(&str, bool); 66] = [
    // Stripe
    ("sk_live_", true),
    ("sk_test_", true),
    ("rk_live_", true),
    ("rk_test_", true),
    ("pk_live_", false),
    ("pk_test_", false),
    ("whsec_", true),
    // OpenAI, Anthropic, and others that follow them
    ("sk-ant-api03-", true),
    ("sk-proj-", true),
    ("sk-or-v1-", true),
    ("sk-", true),
    // GitHub, GitLab
    ("ghp_", true),
    ("gho_", true),
    ("ghs_", true),
    ("ghr_", true),
    ("ghu_", true),
    ("github_pat_", true),
    ("glpat-", true),
    ("glrt-", true),
    ("gldt-", true),
    // Slack
    ("xoxb-", true),
    ("xoxp-", true),
    ("xapp-", true),
    // SendGrid, Brevo, Mailgun, Mailchimp's Mandrill, Resend, Postmark
    ("SG.", true),
    ("xkeysib-", true),
    ("xsmtpsib-", true),
    ("key-", false),
    ("md-", false),
    ("re_", false),
    // DigitalOcean, Fly, Heroku, Render, Linear, Notion
    ("dop_v1_", true),
    ("doo_v1_", true),
    ("FlyV1 ", false),
    ("HRKU-", true),
    ("rnd_", false),
    ("lin_api_", true),
    ("secret_", false),
    ("ntn_", false),
    // Shopify, Square, Razorpay, PayPal's Braintree
    ("shpat_", true),
    ("shpss_", true),
    ("sq0csp-", true),
    ("rzp_live_", true),
    ("rzp_test_", true),
    ("access_token$production$", true),
    // npm, PyPI, RubyGems, Docker Hub, crates.io
    ("npm_", true),
    ("pypi-", true),
    ("rubygems_", true),
    ("dckr_pat_", true),
    ("cio", false),
    // Hugging Face, Groq, Replicate, NVIDIA, Perplexity
    ("hf_", true),
    ("gsk_", true),
    ("r8_", false),
    ("nvapi-", true),
    ("pplx-", true),
    // Supabase, PlanetScale, Databricks, Vault, Doppler, Terraform
    ("sb_secret_", true),
    ("sbp_", true),
    ("pscale_pw_", true),
    ("dapi", false),
    ("hvs.", true),
    ("dp.st.", false),
    // AWS, Google
    ("AKIA", false),
    ("AIzaSy", false),
    ("GOCSPX-", true),
    // Sentry, New Relic, PostHog
    ("sntrys_", true),
    ("NRAK-", true),
    ("phx_", false),
    // What says how a key is written
    ("base64:", false),
];

/// The longest beginning of an issuer's that a value has.
fn beginning(value: &str) -> Option<(&'static str, bool)> {
    let mut longest: Option<(&'static str, bool)> = None;
    for (start, is_for_servers) in BEGINNINGS {
        if begins(value, start) && longest.is_none_or(|(other, _)| other.len() < start.len()) {
            longest = Some((start, is_for_servers));
        }
    }
    longest
}

/// What stands behind the beginning that an issuer gives its keys.
pub(super) fn behind(value: &str) -> Option<&str> {
    let (start, _) = beginning(value)?;
    value.strip_prefix(start).filter(|rest| !rest.is_empty())
}

/// Whether a value begins as issuers begin keys that are for servers alone, or is a private key.
pub(in crate::rules) fn is_for_servers(value: &str) -> bool {
    const LEAST: usize = 16;
    let is_issued = beginning(value).is_some_and(|(_, is_for_servers)| is_for_servers);
    value.len() >= LEAST && (is_issued || value.starts_with("-----BEGIN"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_counts() {
        assert_eq!(behind("sk-ant-api03-made-up"), Some("made-up"));
        assert_eq!(behind("sk-made-up"), Some("made-up"));
        assert_eq!(behind("sk_live_"), None);
        assert_eq!(behind("made-up"), None);
        assert!(BEGINNINGS.iter().all(|(start, _)| BEGINNINGS.iter().filter(|(other, _)| other == start).count() == 1));
    }
}
