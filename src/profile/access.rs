//! `[access.*]` and `[health]`: paths that are not for everyone, and the one path that a balancer asks for.

use super::filled::{Filled, Needed};
use super::section::section;
use super::values::{Cidr, ClientAuthority, FilePath, UrlPath};

impl Needed for Cidr {
    const WITHOUT: &'static str = "nobody would be let in";
}

section! {
    /// Who gets to some paths, in every spelling and with all below them. All others get 404, as if nothing were there. Where
    /// an entry says neither `networks` nor `client_ca`, nobody gets there. Where several entries hold for a path, a client
    /// has to be let in by each of them.
    pub struct Access {
        /// The paths, as clients ask for them. One that is also a path of the API's documentation, or of the app's set-up
        /// pages, opens that to whom the entry lets in.
        paths: Filled<UrlPath> = required,
        /// The networks of the clients that get in.
        networks: Filled<Cidr> = absent,
        /// The authority whose certificates clients may show instead, from whatever network. Of one site, all entries name
        /// the same file. `"none"`, in the overlay of a mode, takes back what the base says: no certificate counts there.
        client_ca: ClientAuthority = absent,
    }
}

section! {
    /// What a balancer asks to learn whether the service is alive. It is answered whatever the host of the request is, also
    /// by plain HTTP and by address, before any redirect or limit; the program whose path it is gets the question as
    /// if it came to the host of `app.url`.
    pub struct Health {
        /// The path, alone and in this spelling.
        path: UrlPath = required,
        /// The networks that may ask; all others get 404. Where it is absent, everyone may.
        networks: Filled<Cidr> = absent,
    }
}

impl Access {
    /// The file of the authority whose certificates let clients in.
    pub fn authority(&self) -> Option<&FilePath> {
        self.client_ca.as_ref().and_then(ClientAuthority::file)
    }
}
