//! `[ip_filter]`: the networks that are let in, and those that are not.

use super::section::section;
use super::values::Cidr;

section! {
    /// Who may reach the app at all, by address.
    pub struct IpFilter {
        /// Whether it is on.
        enabled: bool = default(false),
        /// The networks that may. None: all that are not denied.
        allow: Vec<Cidr> = default(Vec::<Cidr>::new()),
        /// The networks that may not.
        deny: Vec<Cidr> = default(Vec::<Cidr>::new()),
    }
}
