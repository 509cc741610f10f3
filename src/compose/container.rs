//! How a service's containers are made and reached, and what comes of it where one text is laid over another: a service over the
//! one that it extends, and a later file over an earlier one. Compose has the same rules for both.

use std::collections::{HashMap, HashSet};

use super::{Compose, Service, Written};

/// How the containers of a service are made and reached.
#[derive(Clone, Debug, Default)]
pub struct Container {
    /// The program that it starts, by `entrypoint:`, and what that is told: each argument by itself. None: the image's own.
    pub entrypoint: Option<Vec<Written>>,
    /// What it starts, or what the program is told, by `command:`. None: the image's own.
    pub command: Option<Vec<Written>>,
    /// How many containers of it run.
    pub replicas: Option<Written>,
    /// Whether its image is built here.
    pub is_built: bool,
    /// The image that it is made of.
    pub image: Option<Written>,
    /// The ports that it opens on the machine, as `ports` has them in its short form: `127.0.0.1:8000:8000`.
    pub ports: List,
    /// The ports that other services reach, as `expose` has them.
    pub expose: List,
    /// The labels that tell Traefik which port is asked: of several, the first counts.
    pub labels: Vec<Written>,
    /// Whose network it has.
    pub network_mode: Option<String>,
    /// What other services may call it beside its name: `container_name`, `hostname`, and the aliases of its networks.
    pub also_called: Vec<Written>,
    /// By which words somebody asks for it: without one, it is always started.
    pub profiles: List,
    /// Whether another file says more of it, which is not looked at.
    pub is_partly_unread: bool,
    /// Whether all of it counts in place of what lies below it.
    pub is_instead: bool,
}

/// A list to which what is laid over it adds.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// What stands in it.
    pub items: Vec<Written>,
    /// Whether it counts in place of what lies below it: `!reset`, `!override`.
    pub is_instead: bool,
}

impl List {
    /// Adds what lies below it, without what stands in it already.
    fn lay_over(&mut self, below: &Self) {
        if self.is_instead {
            return;
        }
        let is_new = |(text, _): &&Written| !self.items.iter().any(|(own, _)| own == text);
        let mut items: Vec<Written> = below.items.iter().filter(is_new).cloned().collect();
        items.append(&mut self.items);
        *self = Self { items, is_instead: below.is_instead };
    }
}

impl Container {
    /// Adds what lies below it: of `entrypoint` and `command` each counts in place of the same one there, and of no other.
    pub(super) fn lay_over(&mut self, below: &Self) {
        fn lay<T: Clone>(own: &mut Option<T>, below: Option<&T>) {
            *own = own.take().or_else(|| below.cloned());
        }
        if self.is_instead {
            return;
        }
        lay(&mut self.entrypoint, below.entrypoint.as_ref());
        lay(&mut self.command, below.command.as_ref());
        lay(&mut self.replicas, below.replicas.as_ref());
        lay(&mut self.image, below.image.as_ref());
        lay(&mut self.network_mode, below.network_mode.as_ref());
        self.is_built |= below.is_built;
        self.is_partly_unread |= below.is_partly_unread;
        self.ports.lay_over(&below.ports);
        self.expose.lay_over(&below.expose);
        self.profiles.lay_over(&below.profiles);
        self.also_called.extend(below.also_called.iter().cloned());
        self.labels.extend(below.labels.iter().cloned());
    }

    /// Whether it has the machine's own network: what it listens at is open there.
    pub fn is_on_host(&self) -> bool {
        self.network_mode.as_deref() == Some("host")
    }

    /// Whether it is started only where somebody asks for it.
    pub fn is_optional(&self) -> bool {
        !self.profiles.items.is_empty()
    }

    /// Whether it says of a port that others reach it there.
    pub fn is_reached(&self) -> bool {
        !self.ports.items.is_empty() || !self.expose.items.is_empty() || !self.labels.is_empty()
    }

    /// What it is started with, each argument by itself.
    pub fn arguments(&self) -> Vec<Written> {
        self.entrypoint.iter().chain(&self.command).flatten().cloned().collect()
    }
}

/// Gives the services of several files the containers that all of those make together, each file laid over those before it.
pub fn together<'c, 'a: 'c>(files: impl Iterator<Item = &'c mut Compose<'a>>) {
    let mut services: Vec<&mut Service<'a>> = files.flat_map(|file| &mut file.services).collect();
    let mut made: HashMap<String, Container> = HashMap::new();
    for service in &mut services {
        if let Some(below) = made.get(&service.name) {
            service.container.lay_over(below);
        }
        made.insert(service.name.clone(), service.container.clone());
    }
    let (mut later, mut given_anew, mut files_anew, mut all_anew) =
        (HashSet::new(), HashSet::new(), HashSet::new(), HashSet::new());
    for service in services.into_iter().rev() {
        let is_instead = service.container.is_instead;
        service.container.clone_from(&made[&service.name]);
        service.is_continued = !later.insert(&service.name);
        if given_anew.contains(&service.name) {
            service.entries.clear();
            service.open.clear();
        }
        if files_anew.contains(&service.name) {
            service.files.clear();
        }
        if all_anew.contains(&service.name) {
            service.mounted.clear();
        }
        for (is_anew, names) in [
            (service.is_given_anew, &mut given_anew),
            (service.has_files_anew, &mut files_anew),
            (is_instead, &mut all_anew),
        ] {
            if is_anew {
                names.insert(&service.name);
            }
        }
    }
}
