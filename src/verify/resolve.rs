//! Where a host is to be found instead of its addresses: `--resolve`.
//!
//! `shop.example.com:127.0.0.1` finds every port of the host on this machine, `shop.example.com:443:127.0.0.1:8443` its
//! port 443 on another port there, and `*` is every host.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// Where a host is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolve {
    /// The host; none: every one.
    host: Option<String>,
    /// Its port; none: every one.
    port: Option<u16>,
    /// The address.
    address: IpAddr,
    /// The port there; none: the same.
    at: Option<u16>,
}

impl Resolve {
    /// Where a port of a host is, if this says so.
    pub fn of(&self, host: &str, port: u16) -> Option<SocketAddr> {
        let is_host = self.host.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(host.trim_end_matches('.')));
        let is_it = is_host && self.port.is_none_or(|own| own == port);
        is_it.then(|| SocketAddr::new(self.address, self.at.unwrap_or(port)))
    }

    /// Where a port of a host is by the first that says so, and by all that speak of the same: a host may have several
    /// addresses.
    pub fn all(said: &[Self], host: &str, port: u16) -> Vec<SocketAddr> {
        let first = said.iter().find(|resolve| resolve.of(host, port).is_some());
        let speaks_of_the_same =
            |resolve: &&Self| first.is_some_and(|first| (&first.host, first.port) == (&resolve.host, resolve.port));
        said.iter().filter(speaks_of_the_same).filter_map(|resolve| resolve.of(host, port)).collect()
    }
}

impl FromStr for Resolve {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            "write HOST:ADDRESS, such as `shop.example.com:127.0.0.1`; with the port that is asked for, \
             `shop.example.com:443:127.0.0.1`; or with the one that answers there, too, \
             `shop.example.com:443:127.0.0.1:8443`. An IPv6 address with a port stands in brackets"
                .to_owned()
        };
        let (host, rest) = text.split_once(':').filter(|(host, _)| !host.is_empty()).ok_or_else(wrong)?;
        let place = |text: &str| {
            let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
            let address = bare.parse::<IpAddr>().map(|address| (address, None));
            let with_port = || text.parse::<SocketAddr>().map(|socket| (socket.ip(), Some(socket.port())));
            address.or_else(|_| with_port())
        };
        let (port, (address, at)) = if let Ok(place) = place(rest) {
            (None, place)
        } else {
            let (port, rest) = rest.split_once(':').ok_or_else(wrong)?;
            (Some(port.parse().map_err(|_| wrong())?), place(rest).map_err(|_| wrong())?)
        };
        let host = (host != "*").then(|| host.trim_end_matches('.').to_owned());
        Ok(Self { host, port, address, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_where_they_are_said_to_be() {
        let found = |text: &str, port| {
            let resolve: Resolve = text.parse().unwrap_or_else(|why| panic!("{text}: {why}"));
            resolve.of("shop.example.com", port).map(|socket| socket.to_string())
        };
        let here = |port: u16| Some(format!("127.0.0.1:{port}"));
        assert_eq!(found("shop.example.com:127.0.0.1", 443), here(443));
        assert_eq!(found("SHOP.example.com.:127.0.0.1:8443", 443), here(8443));
        assert_eq!(found("shop.example.com:80:127.0.0.1:8080", 80), here(8080));
        assert_eq!(found("shop.example.com:80:127.0.0.1:8080", 443), None);
        assert_eq!(found("*:127.0.0.1", 80), here(80));
        assert_eq!(found("www.example.com:127.0.0.1", 80), None);
        for text in ["shop.example.com:::1", "shop.example.com:[::1]", "shop.example.com:443:::1"] {
            assert_eq!(found(text, 443), Some("[::1]:443".to_owned()), "{text}");
        }
        assert_eq!(found("shop.example.com:443:[2001:db8::1]:8443", 443), Some("[2001:db8::1]:8443".to_owned()));
        let several = ["shop.example.com:127.0.0.1", "*:127.0.0.3", "shop.example.com:127.0.0.2"]
            .map(|text| text.parse::<Resolve>().expect("it says where a host is"));
        let all = |host| Resolve::all(&several, host, 443).iter().map(SocketAddr::to_string).collect::<Vec<_>>();
        assert_eq!(all("shop.example.com"), ["127.0.0.1:443", "127.0.0.2:443"]);
        assert_eq!(all("www.example.com"), ["127.0.0.3:443"]);
        for text in ["", "shop", "shop:", ":127.0.0.1", "shop:x:127.0.0.1", "shop:443", "shop:127.0.0.1:99999"] {
            let told = text.parse::<Resolve>().expect_err("it says nowhere where a host is");
            // Each form that it names is one that it takes.
            let forms: Vec<&str> = told.split('`').skip(1).step_by(2).collect();
            assert!(forms.len() == 3 && forms.iter().all(|form| form.parse::<Resolve>().is_ok()), "{told}");
        }
    }
}
