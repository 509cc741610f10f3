//! The Gateway API's types, as far as they are rendered. What the API server would add is written out.

use serde::{Serialize, Serializer};

/// The group of the standard.
pub const GROUP: &str = "gateway.networking.k8s.io";

/// How many rules a route has at most (Gateway API, `maxItems`).
pub const RULES: usize = 16;

/// How many matches the rules of a route have together at most.
pub const MATCHES: usize = 127;

/// How many host names a route has at most.
pub const HOSTNAMES: usize = 16;

/// How many headers a filter sets or removes at most.
pub const HEADERS: usize = 16;

/// How long the path of a match is at most.
pub const PATH: usize = 1024;

/// How long the value of a header is at most.
pub const VALUE: usize = 4096;

/// An `HTTPRoute`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRouteSpec {
    pub parent_refs: [ParentRef; 1],
    pub hostnames: Vec<String>,
    pub rules: Vec<Rule>,
}

/// A listener of a gateway.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ParentRef {
    pub group: &'static str,
    pub kind: &'static str,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub section_name: String,
}

/// What is done with some requests.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    pub matches: Vec<Match>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backend_refs: Vec<BackendRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<Timeouts>,
}

/// How long an answer may take.
#[derive(Clone, Debug, Serialize)]
pub struct Timeouts {
    pub request: String,
}

/// Which requests.
#[derive(Clone, Debug, Serialize)]
pub struct Match {
    pub path: PathMatch,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderMatch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

impl Match {
    /// By the path alone.
    pub const fn path(path: PathMatch) -> Self {
        Self { path, headers: Vec::new(), method: None }
    }
}

/// A header that says just this.
#[derive(Clone, Debug, Serialize)]
pub struct HeaderMatch {
    pub r#type: &'static str,
    pub name: &'static str,
    pub value: &'static str,
}

/// Which paths.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct PathMatch {
    pub r#type: PathKind,
    pub value: String,
}

/// How a path is compared.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq)]
pub enum PathKind {
    /// Segment by segment.
    PathPrefix,
    /// By a pattern of the whole path.
    RegularExpression,
}

impl PathMatch {
    /// Every path.
    pub fn all() -> Self {
        Self { r#type: PathKind::PathPrefix, value: "/".to_owned() }
    }
}

/// A step that requests and answers pass.
#[derive(Clone, Debug)]
pub enum Filter {
    /// Changes the headers of a request.
    RequestHeaders(Headers),
    /// Changes the headers of an answer.
    ResponseHeaders(Headers),
    /// Sends the client elsewhere.
    Redirect(Redirect),
    /// Asks the app for another path.
    Rewrite(String),
    /// Answers for CORS.
    Cors(Cors),
    /// An implementation's own object.
    Extension(ExtensionRef),
}

/// What happens to headers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Headers {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<Header>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<Header>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

impl Headers {
    /// Whether nothing happens to any.
    pub const fn is_empty(&self) -> bool {
        self.set.is_empty() && self.add.is_empty() && self.remove.is_empty()
    }
}

/// A header.
#[derive(Clone, Debug, Serialize)]
pub struct Header {
    pub name: String,
    pub value: String,
}

/// Where a client is sent to.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Redirect {
    pub scheme: &'static str,
    /// None: the host that was asked for, which is one of the route's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    pub status_code: u16,
}

/// The standard's CORS.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cors {
    pub allow_origins: Vec<String>,
    pub allow_credentials: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_methods: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_headers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expose_headers: Vec<String>,
    pub max_age: u64,
}

/// An object of an implementation's own, in the route's namespace.
#[derive(Clone, Debug, Serialize)]
pub struct ExtensionRef {
    pub group: &'static str,
    pub kind: &'static str,
    pub name: String,
}

/// A Service that requests go to.
#[derive(Clone, Debug, Serialize)]
pub struct BackendRef {
    group: &'static str,
    kind: &'static str,
    name: String,
    port: u16,
    weight: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
}

impl BackendRef {
    /// All requests to one Service.
    pub const fn to(name: String, port: u16) -> Self {
        Self { group: "", kind: "Service", name, port, weight: 1, filters: Vec::new() }
    }
}

/// A step as the API has it: its kind, and the field of that kind.
#[derive(Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Step<'f> {
    RequestHeaderModifier {
        request_header_modifier: &'f Headers,
    },
    ResponseHeaderModifier {
        response_header_modifier: &'f Headers,
    },
    RequestRedirect {
        request_redirect: &'f Redirect,
    },
    #[serde(rename = "URLRewrite")]
    UrlRewrite {
        url_rewrite: Rewrite<'f>,
    },
    #[serde(rename = "CORS")]
    Cors {
        cors: &'f Cors,
    },
    ExtensionRef {
        extension_ref: &'f ExtensionRef,
    },
}

#[derive(Serialize)]
struct Rewrite<'f> {
    path: RewritePath<'f>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RewritePath<'f> {
    r#type: &'static str,
    replace_full_path: &'f str,
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::RequestHeaders(headers) => Step::RequestHeaderModifier { request_header_modifier: headers },
            Self::ResponseHeaders(headers) => Step::ResponseHeaderModifier { response_header_modifier: headers },
            Self::Redirect(redirect) => Step::RequestRedirect { request_redirect: redirect },
            Self::Rewrite(to) => Step::UrlRewrite {
                url_rewrite: Rewrite { path: RewritePath { r#type: "ReplaceFullPath", replace_full_path: to } },
            },
            Self::Cors(cors) => Step::Cors { cors },
            Self::Extension(extension) => Step::ExtensionRef { extension_ref: extension },
        }
        .serialize(serializer)
    }
}

/// A route that a policy of an implementation's own is for.
#[derive(Debug, Serialize)]
pub struct RouteRef {
    group: &'static str,
    kind: &'static str,
    name: String,
}

impl RouteRef {
    /// A route of the same namespace.
    pub const fn to(name: String) -> Self {
        Self { group: GROUP, kind: "HTTPRoute", name }
    }
}
