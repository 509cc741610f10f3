//! `[targets.*]`: what the profile is compiled to, and for which versions.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU16;

use super::filled::{Filled, Needed};
use super::keyword::keywords;
use super::kubernetes::KubernetesTarget;
use super::section::section;
use super::values::{Address, EnvFileName, NameServer, Plugin, Version};

section! {
    /// What the profile is compiled to.
    pub struct Targets {
        /// nginx in front of the app.
        nginx: NginxTarget = absent,
        /// Caddy in front of the app.
        caddy: CaddyTarget = absent,
        /// Kubernetes around the app.
        kubernetes: KubernetesTarget = absent,
        /// The CRUDAuth in the app.
        crudauth: CrudauthTarget = absent,
        /// The app's `.env` file.
        env: EnvFileTarget = absent,
    }
}

const HTTP: NonZeroU16 = NonZeroU16::new(80).expect("80 is not 0");
const HTTPS: NonZeroU16 = NonZeroU16::new(443).expect("443 is not 0");

impl Needed for Address {
    const WITHOUT: &'static str = "nothing would listen";
}

/// Every address of the machine.
fn everywhere() -> Filled<Address> {
    let addresses = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    Filled::known(addresses.map(Address::new).to_vec())
}

section! {
    /// The nginx that the output has to run on.
    pub struct NginxTarget {
        /// Its version.
        version: Version = default(Version::new(1, 22, 1)),
        /// The version of its OpenSSL.
        openssl: Version = absent,
        /// The DNS servers that it asks for names that it has to follow (app.resolve). Of a machine's own it knows nothing:
        /// where this is absent, it asks Docker's, at 127.0.0.11.
        resolver: Filled<NameServer> = default(Filled::known(vec![NameServer::DOCKER])),
        /// The addresses that it listens on.
        bind: Filled<Address> = default(everywhere()),
        /// The port for plain HTTP, where the container or balancer in front maps it.
        http_port: NonZeroU16 = default(HTTP),
        /// The port for https, where the container or balancer in front maps it.
        https_port: NonZeroU16 = default(HTTPS),
    }
}

keywords! {
    /// What Caddy is told in.
    pub enum Form ("a form of Caddy's configuration") {
        /// Its own language, for people.
        Caddyfile = "caddyfile",
        /// What that is turned into: takes values that a Caddyfile cannot hold.
        Json = "json",
    }
}

impl Default for Form {
    /// What people read, and import into their own.
    fn default() -> Self {
        Self::Caddyfile
    }
}

section! {
    /// The Caddy that the output has to run on.
    pub struct CaddyTarget {
        /// Its version.
        version: Version = default(Version::new(2, 6, 2)),
        /// The plugins that it is built with, such as `rate_limit`.
        plugins: Vec<Plugin> = default(Vec::<Plugin>::new()),
        /// What it is told in, where `render` is not asked for another form.
        form: Form = default(Form::default()),
        /// The addresses that it listens on.
        bind: Filled<Address> = default(everywhere()),
        /// The port for plain HTTP, where the container or balancer in front maps it.
        http_port: NonZeroU16 = default(HTTP),
        /// The port for https, where the container or balancer in front maps it.
        https_port: NonZeroU16 = default(HTTPS),
    }
}

impl NginxTarget {
    /// Since when it follows names in a list of servers.
    pub const FOLLOWS_SEVERAL: Version = Version::new(1, 27, 3);

    /// Since when it reads several lines of one header as one.
    pub const JOINS_LINES: Version = Version::new(1, 23, 0);

    /// Whether its OpenSSL has the groups with ML-KEM: from 3.5 on. One of an unknown version is taken for older,
    /// because nginx would not start with a group that is not there.
    pub fn has_ml_kem(&self) -> bool {
        self.openssl.is_some_and(|openssl| openssl.at_least(Version::new(3, 5, 0)))
    }
}

impl CaddyTarget {
    /// Since when it knows a group with ML-KEM.
    pub const ML_KEM: Version = Version::new(2, 10, 0);

    /// Since when it has a name for where trusted authorities come from, and warns of the older way.
    pub const TRUST_POOLS: Version = Version::new(2, 8, 0);
}

section! {
    /// The CRUDAuth that the output is told to.
    pub struct CrudauthTarget {
        /// Its version.
        version: Version = default(Version::new(0, 8, 2)),
    }
}

keywords! {
    /// A program that reads `.env` files.
    pub enum EnvReader ("a reader of .env files") {
        /// python-dotenv.
        PythonDotenv = "python-dotenv",
        /// pydantic-settings, which reads as python-dotenv does.
        PydanticSettings = "pydantic-settings",
        /// django-environ.
        DjangoEnviron = "django-environ",
        /// The package dotenv for Node.
        NodeDotenv = "node-dotenv",
        /// Node's own `--env-file`.
        Node = "node",
        /// Docker Compose.
        Compose = "compose",
        /// `docker run --env-file`, which takes quotes for a part of the value.
        Docker = "docker",
        /// systemd, by `EnvironmentFile=`.
        Systemd = "systemd",
        /// A shell that sources the file.
        Bash = "bash",
        /// dotenvy, for Rust.
        Dotenvy = "dotenvy",
    }
}

impl EnvReader {
    /// Whether it puts in the place of `${NAME}` what a file says that it read before. Measured with all but Compose, whose source was
    /// read: python-dotenv's `load_dotenv`, a shell and dotenvy look at the environment, which has what came before, and
    /// django-environ looks there when a value is asked for; pydantic-settings reads each file by itself.
    pub const fn looks_at_files_before(self) -> bool {
        match self {
            Self::PythonDotenv | Self::DjangoEnviron | Self::Compose | Self::Bash | Self::Dotenvy => true,
            Self::PydanticSettings | Self::NodeDotenv | Self::Node | Self::Docker | Self::Systemd => false,
        }
    }

    /// The one whose reading it has.
    pub const fn reads_as(self) -> crate::dotenv::Reader {
        use crate::dotenv::Reader;
        match self {
            Self::PythonDotenv | Self::PydanticSettings => Reader::PythonDotenv,
            Self::DjangoEnviron => Reader::DjangoEnviron,
            Self::NodeDotenv => Reader::NodeDotenv,
            Self::Node => Reader::Node,
            Self::Compose => Reader::Compose,
            Self::Docker => Reader::Docker,
            Self::Systemd => Reader::Systemd,
            Self::Bash => Reader::Bash,
            Self::Dotenvy => Reader::Dotenvy,
        }
    }
}

section! {
    /// The app's `.env` file, or several, and who reads it.
    pub struct EnvFileTarget {
        /// The files that the app reads, in the order in which it reads them: what stands in a later one counts. Those of
        /// another mode stand in its overlay. Where it is absent, those that the app's pack names, or else `.env` for the
        /// profile's own mode and `.env.MODE` for another.
        files: Vec<EnvFileName> = default(Vec::<EnvFileName>::new()),
        /// The programs that read it, all of them. Where it is absent, the one that the app's pack names.
        readers: Vec<EnvReader> = default(Vec::<EnvReader>::new()),
    }
}

macro_rules! assumed {
    ($($target:ty),+) => {$(
        impl $target {
            /// What counts where the profile says nothing about the target.
            pub fn assumed() -> Self {
                let mut reader = super::Reader::default();
                Self::read_table(crate::source::Table::EMPTY, crate::source::Span::default(), &mut reader)
                    .expect("every key has a default or may be absent")
            }
        }
    )+};
}

assumed!(NginxTarget, CaddyTarget, KubernetesTarget, CrudauthTarget);
