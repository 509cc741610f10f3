//! `[api_docs]`: the app's own interactive documentation.

use super::section::section;
use super::values::UrlPath;

section! {
    /// The app's own interactive API documentation.
    pub struct ApiDocs {
        /// Whether the public may see it.
        exposed: bool = default(false),
        /// Whether it is shown to everyone, and meant to be.
        public: bool = default(false),
        /// Where it is served, the OpenAPI document included. Where it is absent: the app pack's paths.
        paths: Vec<UrlPath> = absent,
    }
}

impl ApiDocs {
    /// Whether visitors see it.
    pub const fn is_shown(&self) -> bool {
        self.exposed || self.public
    }
}
