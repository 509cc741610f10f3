//! `[services.*]`: further programs and files behind the same site, by path.

use super::app::Resolve;
use super::filled::{Filled, Needed};
use super::headers::Headers;
use super::section::section;
use super::values::{FileName, FilePath, Upstreams, UrlPath};

impl Needed for UrlPath {
    const WITHOUT: &'static str = "no request would be meant";
}

section! {
    /// A program beside the app behind the same site, or a folder of files.
    pub struct Service {
        /// Its paths, as clients ask for them. Of several that fit a request, the longest wins, whoever it belongs to.
        paths: Filled<UrlPath> = required,
        /// Where the proxy finds the program; a list where it runs several times.
        upstream: Upstreams = absent,
        /// When the proxy looks up the names in `upstream`, as app.resolve says of the app's.
        resolve: Resolve = absent,
        /// The authority that signs the program's certificate, where it is reached by https.
        upstream_ca: FilePath = absent,
        /// Instead of a program: the folder whose files are served. The path of a request is the path below it, and for a
        /// folder its `index.html` is served. Nothing whose name begins with a dot is, but `/.well-known/`.
        root: FilePath = absent,
        /// The file below `root` that answers for every path without a file: a single-page app.
        spa: FileName = absent,
        /// What its answers say instead of what `[headers]` says; what is not written here is as there. Paths in
        /// `no_store` come to those that are there.
        headers: Headers = section,
    }
}
