//! `[app]`: the application, where it is served and where it listens.

use std::num::NonZeroU32;

use super::bounds::Bounds;
use super::filled::{Filled, Needed};
use super::keyword::keywords;
use super::mode::Mode;
use super::section::section;
use super::values::{
    AppKind, ByteSize, Duration, FilePath, HostName, Label, ReleaseName, Upstreams, Url, UrlPath, VariableName,
};

/// The address of every starter. Its name is reserved (RFC 2606): nobody is there.
const STARTERS_URL: &str = "https://app.example.com";

keywords! {
    /// When the address of a name is looked up.
    pub enum Resolve ("when a name is looked up") {
        /// When the proxy starts: it does not start while the name has no address, and keeps the one that it found.
        Start = "start",
        /// Again and again: the proxy starts in any case, and follows a name that moves.
        Always = "always",
    }
}

keywords! {
    /// A way to sign in.
    pub enum SignIn ("a way to sign in") {
        /// With a password that the app checks.
        Password = "password",
        /// With a passkey, by `WebAuthn`.
        Passkey = "passkey",
        /// At a provider, of which the app is a client: OAuth 2.0 or `OpenID` Connect.
        Oauth = "oauth",
        /// Elsewhere: another service hands out the tokens that the app takes, or lets people through to it.
        External = "external",
    }
}

keywords! {
    /// What the app answers with.
    pub enum Serves ("what is served") {
        /// Pages that browsers show.
        Pages = "pages",
        /// Data for programs and for scripts.
        Api = "api",
    }
}

impl Needed for Serves {
    const WITHOUT: &'static str = "nobody would be answered";
}

const WORKERS: Bounds =
    Bounds::numbers(1, "without a process nobody answers", 1_024, "no machine has processors for so many processes");

/// From "Considerations for large clusters" in Kubernetes' documentation.
const REPLICAS: Bounds = Bounds::numbers(
    1,
    "without an instance nobody answers",
    5_000,
    "the largest clusters that Kubernetes supports have 5,000 nodes",
);

pub(super) const BODY: Bounds = Bounds::sizes(
    ByteSize::BYTE,
    "no body would be let through",
    ByteSize::mebibytes(10 << 10),
    "the proxy writes a body to its disk before it hands it on, and a few such requests fill that",
);

pub(super) const TIMEOUT: Bounds = Bounds::durations(
    Duration::seconds(1),
    "no answer would be waited for",
    Duration::days(1),
    "no client waits longer",
);

section! {
    /// The application and where it is served.
    pub struct App {
        /// Names zones, files and manifests.
        name: Label = required,
        /// Which app this is, so that seccfg knows what it does by itself and what it can be told.
        kind: AppKind = required,
        /// The app's release, one that its pack lists. Where it is absent, the newest of which somebody read the code.
        release: ReleaseName = absent,
        /// The mode that is meant when none is asked for.
        mode: Mode = default(Mode::Prod),
        /// The public base URL. Where it is absent, `http://localhost`.
        url: Url = absent,
        /// Where browsers load the front end from. Where it is absent, app.url.
        frontend_url: Url = absent,
        /// Other host names that are served.
        aliases: Vec<HostName> = default(Vec::<HostName>::new()),
        /// Whether the aliases only lead to app.url, with the path and the query that were asked for.
        aliases_redirect: bool = default(false),
        /// Which paths are the app's, as clients ask for them. Where it is absent, all that no service names.
        paths: Filled<UrlPath> = absent,
        /// Where the proxy finds the app; a list where it runs several times. By `https://` the app has to show a
        /// certificate for that name, which the proxy verifies.
        upstream: Upstreams = default(Upstreams::local(8000)),
        /// When the proxy looks up the names in app.upstream: for a container that may get another address, `always`.
        /// Where it is absent, `always` for a name of one label, as containers have, and `start` for others.
        resolve: Resolve = absent,
        /// The authority that signs the app's certificate, where app.upstream is reached by https. Where it is absent,
        /// those that the proxy's machine trusts.
        upstream_ca: FilePath = absent,
        /// Processes per instance, up to 1,024: no machine has so many processors.
        workers: NonZeroU32 = default(NonZeroU32::MIN) within WORKERS,
        /// Instances, up to 5,000: the largest clusters that Kubernetes supports have so many nodes.
        replicas: NonZeroU32 = default(NonZeroU32::MIN) within REPLICAS,
        /// The largest request body that is let through, up to 10GiB: a proxy writes a body to its disk before it hands it on.
        max_body: ByteSize = default(ByteSize::mebibytes(10)) within BODY,
        /// How long the proxy waits for the app to begin its answer: from 1s to 1d.
        timeout: Duration = default(Duration::seconds(60)) within TIMEOUT,
        /// Whether the app shows its insides on errors.
        debug: bool = default(false),
        /// How people and programs sign in; `[]` where nobody does. What the app's pack knows of its code counts besides.
        /// Where neither says anything, all of it may be.
        sign_in: Vec<SignIn> = absent,
        /// What is answered: pages that browsers show, data, or both, as where it is absent.
        serves: Filled<Serves> = absent,
        /// Whether anyone may make an account.
        open_registration: bool = default(false),
        /// Variables of the `.env` file whose names look like those of secrets, and whose values are none.
        public_variables: Vec<VariableName> = default(Vec::<VariableName>::new()),
    }
}

/// Whether an address is that of every starter, so that nobody has said where the service is.
pub fn is_starters_url(url: &str) -> bool {
    url.trim_end_matches('/') == STARTERS_URL
}
