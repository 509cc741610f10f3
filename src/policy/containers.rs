//! What Compose files say of the containers around the app: how it is started, which ports are open, and where a proxy finds it.

use super::given::{Named, Read};
use super::reached::Reached;
use super::started::{OpenPort, Started};

/// What is said of them, by one file or by several.
#[derive(Debug)]
pub struct Containers {
    /// How the app is started, in the order of the files.
    pub(super) started: Vec<Started>,
    /// The ports that are opened for the app, and for what keeps its data.
    pub open_ports: Vec<OpenPort>,
    /// Where a proxy finds the app, by the last file that says it; nothing where there is no Compose file.
    pub reached: Option<Reached>,
    /// The image of that proxy.
    pub proxy_image: Option<String>,
}

impl Containers {
    pub(super) fn of(read: &[Read<'_>]) -> Self {
        Self {
            started: read.iter().flat_map(|read| read.started.iter().cloned()).collect(),
            open_ports: open_ports(read),
            reached: read.iter().rev().find_map(|read| read.reached.clone()),
            proxy_image: read.iter().rev().find_map(|read| read.proxy_image.clone()),
        }
    }
}

/// The ports that several Compose files open together: a later one may take those of an earlier one back, and what one of them
/// starts on request alone, none starts by itself.
fn open_ports(read: &[Read<'_>]) -> Vec<OpenPort> {
    let named = |read: &[Read<'_>], port: &OpenPort, is_one: fn(&Named<'_>) -> bool| {
        read.iter().flat_map(|read| &read.services).any(|service| service.name == port.service && is_one(service))
    };
    let each = read.iter().enumerate().flat_map(|(number, one)| one.open_ports.iter().map(move |port| (number, port)));
    let counts = |(number, port): &(usize, &OpenPort)| {
        let is_left_out = port.stored.is_some() && named(read, port, |service| service.is_optional);
        !is_left_out && !named(&read[number + 1..], port, |service| service.has_ports_instead)
    };
    each.filter(counts).map(|(_, port)| port.clone()).collect()
}
