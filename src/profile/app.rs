use std::num::NonZeroU32;

use super::keyword::keywords;
use super::section::section;
use super::values::{AppKind, ByteSize, Duration, HostName, Label, ReleaseName, Timeout, Upstream, Url, VariableName};

keywords! {
    /// What a run of the service is for.
    pub enum Mode ("a mode") {
        /// A developer's own machine.
        Dev = "dev",
        /// Automated tests.
        Test = "test",
        /// A rehearsal of production.
        Staging = "staging",
        /// The real thing.
        Prod = "prod",
    }
}

impl Mode {
    /// Whether people other than its makers come to it.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Staging | Self::Prod => true,
            Self::Dev | Self::Test => false,
        }
    }
}

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
        /// Where the proxy finds the app.
        upstream: Upstream = default(Upstream::local(8000)),
        /// Processes per instance.
        workers: NonZeroU32 = default(NonZeroU32::MIN),
        /// Instances.
        replicas: NonZeroU32 = default(NonZeroU32::MIN),
        /// The largest request body that is let through.
        max_body: ByteSize = default(ByteSize::mebibytes(10)),
        /// How long the proxy waits for the app to begin its answer: from 1s to 1d.
        timeout: Timeout = default(Timeout::of(Duration::seconds(60))),
        /// Whether the app shows its insides on errors.
        debug: bool = default(false),
        /// Whether anyone may make an account.
        open_registration: bool = default(false),
        /// Variables of the `.env` file whose names look like those of secrets, and whose values are none.
        public_variables: Vec<VariableName> = default(Vec::<VariableName>::new()),
    }
}

impl App {
    /// Processes over all instances.
    pub fn processes(&self) -> u64 {
        u64::from(self.workers.get()) * u64::from(self.replicas.get())
    }
}
