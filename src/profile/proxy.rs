//! `[proxy]`: the reverse proxies between client and app.

use super::bounds::Bounds;
use super::keyword::keywords;
use super::section::section;
use super::values::{Cidr, TrustedProxies};

keywords! {
    /// What the rendered proxy does to the X-Forwarded-For header that it receives.
    pub enum ForwardedFor ("a way to forward addresses") {
        /// The app sees one address, the client's, whatever the client claimed.
        Overwrite = "overwrite",
        /// The peer's address is added to what came, for apps that count hops.
        Append = "append",
    }
}

const HOPS: Bounds = Bounds::numbers(
    0,
    "",
    16,
    "no request passes so many proxies, and with each that is counted too many clients can write their own address",
);

section! {
    /// The chain of reverse proxies between client and app.
    pub struct Proxy {
        /// Reverse proxies between client and app, the rendered one included: up to 16.
        hops: u16 = default(1) within HOPS,
        /// The proxies in front of the rendered one, such as a load balancer, by their networks; `"cloudflare"` and
        /// `"fastly"` stand for those that these publish.
        trusted: TrustedProxies = default(TrustedProxies::default()),
        /// Where the rendered proxy connects to the app from: the addresses that the app's server has to believe. Where it is
        /// absent, the machine of the app.
        addresses: Vec<Cidr> = absent,
        /// What the rendered proxy does to X-Forwarded-For.
        forwarded_for: ForwardedFor = default(ForwardedFor::Overwrite),
    }
}
