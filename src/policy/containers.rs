//! What Compose files say of the containers around the app: how it is started, which ports are open, and where a proxy finds it.

use super::given::Read;
use super::reached::Reached;
use super::started::{OpenPort, Started};
use super::stores::Store;

/// What is said of them, by one file or by several.
#[derive(Debug)]
pub struct Containers {
    /// How the app is started, in the order of the files.
    pub(super) started: Vec<Started>,
    /// The ports that are opened for the app, and for what keeps its data.
    pub open_ports: Vec<OpenPort>,
    /// What keeps data for the app.
    pub stores: Vec<Store>,
    /// Where a proxy finds the app, by the last file that says it; nothing where there is no Compose file.
    pub reached: Option<Reached>,
    /// The image of that proxy.
    pub proxy_image: Option<String>,
}

impl Containers {
    pub(super) fn of(read: &[Read<'_>]) -> Self {
        Self {
            started: read.iter().flat_map(|read| read.started.iter().cloned()).collect(),
            open_ports: read.iter().flat_map(|read| read.open_ports.iter().cloned()).collect(),
            stores: read.iter().flat_map(|read| read.stores.iter().cloned()).collect(),
            reached: read.iter().rev().find_map(|read| read.reached.clone()),
            proxy_image: read.iter().rev().find_map(|read| read.proxy_image.clone()),
        }
    }
}
