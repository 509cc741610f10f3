//! What lists of networks hold together.

use std::net::IpAddr;

use ipnet::IpNet;

use super::rate_limits::and;
use crate::profile::Cidr;
use crate::source::KeyPath;

/// Networks that hold every address of a family: one by itself, or several together.
pub(super) struct Everyone {
    /// Which family.
    pub family: &'static str,
    /// Where in their list they stand.
    places: Vec<usize>,
}

impl Everyone {
    /// The network's place, or the list's where it takes several.
    pub fn key(&self, list: &str) -> KeyPath {
        match self.places[..] {
            [place] => KeyPath::from((list, place)),
            _ => KeyPath::from(list),
        }
    }

    /// What is to be seen there.
    pub fn label(&self, networks: &[Cidr]) -> String {
        if let [_] = self.places[..] {
            return "everyone".to_owned();
        }
        let names: Vec<String> = self.places.iter().map(|place| networks[*place].to_string()).collect();
        format!("{} together are everyone", and(&names))
    }
}

/// Finds the networks of a list that hold every address of a family.
pub(super) fn everyone(networks: &[Cidr]) -> Vec<Everyone> {
    let mut found = Vec::new();
    for (family, is_of) in [("IPv4", IpAddr::is_ipv4 as fn(&IpAddr) -> bool), ("IPv6", IpAddr::is_ipv6)] {
        let of_family =
            || networks.iter().map(|network| network.net()).enumerate().filter(|(_, net)| is_of(&net.addr()));
        // Halves, quarters and so on of all addresses: what holds them all adds up to one at least.
        if of_family().map(|(_, net)| 0.5_f64.powi(i32::from(net.prefix_len()))).sum::<f64>() < 1.0 {
            continue;
        }
        let alone = found.len();
        found.extend(
            of_family()
                .filter(|(_, net)| net.prefix_len() == 0)
                .map(|(place, _)| Everyone { family, places: vec![place] }),
        );
        let nets: Vec<IpNet> = of_family().map(|(_, net)| net).collect();
        if found.len() == alone && IpNet::aggregate(&nets).iter().any(|net| net.prefix_len() == 0) {
            let is_inside = |inner: &IpNet| nets.iter().any(|outer| outer != inner && outer.contains(inner));
            let places = of_family().filter(|(_, net)| !is_inside(net)).map(|(place, _)| place).collect();
            found.push(Everyone { family, places });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Text;

    fn told(networks: &[&str]) -> Vec<String> {
        let networks: Vec<Cidr> = networks.iter().map(|text| Cidr::parse(text).expect("it is a network")).collect();
        everyone(&networks).iter().map(|found| format!("{} {}", found.key("x"), found.label(&networks))).collect()
    }

    #[test]
    fn everyone_is_found_alone_and_in_parts() {
        assert_eq!(told(&["10.0.0.0/8", "0.0.0.0/0", "::/0"]), ["x[1] everyone", "x[2] everyone"]);
        assert_eq!(
            told(&["128.0.0.0/1", "10.0.0.0/8", "0.0.0.0/2", "64.0.0.0/2"]),
            ["x 128.0.0.0/1, 0.0.0.0/2 and 64.0.0.0/2 together are everyone"]
        );
    }

    #[test]
    fn less_than_everyone_is_not() {
        assert_eq!(told(&[]), [""; 0]);
        assert_eq!(told(&["0.0.0.0/1", "8000::/1"]), [""; 0]);
        // Enough by number, and yet one quarter twice.
        assert_eq!(told(&["0.0.0.0/1", "0.0.0.0/2", "64.0.0.0/2"]), [""; 0]);
    }
}
