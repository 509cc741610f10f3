//! `[cors]`: which other origins may read answers.

use super::hsts::EnforcedBy;
use super::section::section;
use super::values::{AppOrigin, CorsOrigin, Duration, HeaderName, HostName, Method};

section! {
    /// Who may read answers across origins (the Fetch standard's CORS protocol).
    pub struct Cors {
        /// The origins that may. None: nobody is answered across origins.
        origins: Vec<CorsOrigin> = default(Vec::<CorsOrigin>::new()),
        /// What installed apps send as their origin: `capacitor://localhost`, `chrome-extension://…`, and
        /// `https://localhost` of an app for Android.
        app_origins: Vec<AppOrigin> = default(Vec::<AppOrigin>::new()),
        /// A name of one's own with a preview of the front end, by https, at each name that is one label longer:
        /// `preview.example.dev` for `https://any-label.preview.example.dev`. Never in prod.
        preview_suffix: HostName = absent,
        /// The methods that they may use.
        methods: Vec<Method> = default(["GET", "HEAD", "POST"].map(Method::known).to_vec()),
        /// The request headers that they may send.
        headers: Vec<HeaderName> = default(Vec::<HeaderName>::new()),
        /// The response headers that their scripts may read.
        expose_headers: Vec<HeaderName> = default(Vec::<HeaderName>::new()),
        /// Whether cookies and Authorization go along.
        credentials: bool = default(false),
        /// How long browsers may keep the answer to a preflight.
        max_age: Duration = default(Duration::minutes(10)),
        /// Which layer answers.
        enforced_by: EnforcedBy = default(EnforcedBy::Auto),
    }
}
