//! Where TLS ends, and what was asked of it, as templates and configurations read it.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::profile::{Group, Guideline};

/// Where TLS ends.
#[derive(Debug, Clone)]
pub enum Transport<T> {
    /// Nowhere: the proxy serves the app by plain HTTP.
    Plain,
    /// Here, as this says.
    Tls(T),
    /// At a CDN or balancer before us, which says in `X-Forwarded-Proto` how the client came. It is believed where the
    /// peer is one of `proxy.trusted`.
    Upstream,
}

impl<T: Serialize> Serialize for Transport<T> {
    /// As two values: strict templates can't ask which variant they got.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (tls, behind) = match self {
            Self::Plain => (None, false),
            Self::Tls(tls) => (Some(tls), false),
            Self::Upstream => (None, true),
        };
        let mut view = serializer.serialize_struct("Transport", 2)?;
        view.serialize_field("tls", &tls)?;
        view.serialize_field("behind", &behind)?;
        view.end()
    }
}

/// TLS that ends at the proxy, and what was asked of it.
#[derive(Debug, Clone, Copy)]
pub struct Encryption<'p> {
    /// Whether TLS 1.3 alone is let in.
    pub is_modern: bool,
    /// The key exchange groups that the profile names.
    pub groups: Option<&'p [Group]>,
}

impl Encryption<'_> {
    /// Whether the profile names the groups itself.
    pub const fn names_groups(self) -> bool {
        self.groups.is_some()
    }

    /// The groups that the policy asks for, each once; the guideline's, where it names none.
    pub fn groups(self) -> Vec<Group> {
        let mut groups = Vec::new();
        for group in self.groups.unwrap_or(&Guideline::GROUPS) {
            if !groups.contains(group) {
                groups.push(*group);
            }
        }
        groups
    }
}
