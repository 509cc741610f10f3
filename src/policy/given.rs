//! The texts that an environment is read from (`.env` files, Compose files, and what those name), and what is read of each.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::reached::Reached;
use super::started::{OpenPort, Started};
use super::stores::Store;
use super::variable::Exposure;
use crate::compose;
use crate::dotenv::{Document, Entry, Problem, Reader, Value};
use crate::source::{Source, Span};

/// A text with variables.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// Its number among the check's sources.
    pub number: usize,
    /// The text.
    pub source: &'a Source,
    /// Who else may come to read it.
    pub exposure: Exposure,
    /// Of a Compose file, the service that is the app; none: the one that sets most of the variables that are known.
    pub service: Option<&'a str>,
    /// The services of a Compose file that are started with it; none: the app reads it itself.
    pub services: &'a [String],
    /// Whether it is the `.env` beside a Compose file, of which Compose takes what names in that file stand for.
    pub is_beside: bool,
    /// What is wrong with the files that it names.
    pub problems: &'a [Problem],
    /// The services of a Compose file that name a file which is not looked at.
    pub unread: &'a [String],
}

impl<'a> Given<'a> {
    /// A file of which nothing but its text counts.
    pub fn alone(source: &'a Source) -> Self {
        let (exposure, service) = (Exposure::default(), None);
        Self { number: 0, source, exposure, service, services: &[], is_beside: false, problems: &[], unread: &[] }
    }

    /// Whether it is a Compose file.
    pub(super) fn is_compose(&self) -> bool {
        self.services.is_empty() && !self.is_beside && compose::is_one(&self.source.path)
    }

    /// The folder that it lies in.
    pub(super) fn folder(&self) -> &'a Path {
        self.source.path.parent().unwrap_or(Path::new(""))
    }

    /// Whether the app reads it itself.
    pub(super) fn is_read(&self) -> bool {
        self.services.is_empty() && !self.is_beside && !self.is_compose()
    }
}

/// What is known of the app before its files are read.
pub struct Asked<'q> {
    /// Its name.
    pub name: &'q str,
    /// What the machines are called where its proxy finds it, by its profile.
    pub upstreams: &'q [String],
    /// Who reads its files.
    pub readers: &'q [Reader],
    /// Those of them that put in a name's place what a file says that they read before.
    pub across: &'q [Reader],
    /// Whether it, or its profile, knows a variable of a name.
    pub is_known: &'q dyn Fn(&str) -> bool,
}

impl<'q> Asked<'q> {
    /// Of an app that no profile is known of.
    pub fn without_a_profile(readers: &'q [Reader]) -> Self {
        Self { name: "", upstreams: &[], readers, across: &[], is_known: &|_| false }
    }
}

/// What was read of one text.
#[derive(Debug)]
pub(super) struct Read<'a> {
    pub(super) document: Document<'a>,
    /// How many of the entries, the first ones, are other programs'.
    pub(super) others: usize,
    /// The names that are set to what nobody knows here.
    pub(super) open: Vec<&'a str>,
    /// The values of the app of which a part is not known, by name, with something in its place.
    pub(super) untold: Vec<(&'a str, Value<'static>)>,
    /// What keeps data for the app.
    pub(super) stores: Vec<Store>,
    /// Whether a file that nobody looks at says more of the app.
    pub(super) is_partly_unread: bool,
    /// Whether another program starts the app with it.
    pub(super) is_handed: bool,
    /// Whether nobody is started with it: it says what names in a Compose file stand for, and nothing else.
    pub(super) is_for_names: bool,
    /// Whether Compose puts its values in the place of names.
    pub(super) gives_names: bool,
    /// What stands elsewhere of values, by the number of the entry.
    pub(super) put: HashMap<usize, Put>,
    /// How it starts the app.
    pub(super) started: Vec<Started>,
    /// The services of a Compose file.
    pub(super) services: Vec<Named<'a>>,
    /// The ports that are opened for the app, and for what keeps its data.
    pub(super) open_ports: Vec<OpenPort>,
    /// Where a proxy finds the app.
    pub(super) reached: Option<Reached>,
    /// The image of that proxy.
    pub(super) proxy_image: Option<String>,
    /// The option of the app's server that says whom it believes.
    pub(super) believed: Option<Believed<'a>>,
    /// The secrets that services get as files.
    pub(super) mounted: Vec<Mounted<'a>>,
    /// Where words stand that are nobody's secret.
    pub(super) shown: Vec<Span>,
}

impl<'a> Read<'a> {
    pub(super) fn of_file(document: Document<'a>, others: usize, is_handed: bool) -> Self {
        let (open, started, mounted, shown) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (is_for_names, gives_names, put) = (false, !is_handed, HashMap::new());
        Self {
            document,
            others,
            open,
            untold: Vec::new(),
            stores: Vec::new(),
            is_partly_unread: false,
            is_handed,
            is_for_names,
            gives_names,
            put,
            started,
            services: Vec::new(),
            open_ports: Vec::new(),
            reached: None,
            proxy_image: None,
            believed: None,
            mounted,
            shown,
        }
    }
}

/// A value of a Compose file in which names were replaced.
#[derive(Debug)]
pub(super) struct Put {
    /// What of it stands in the Compose file itself.
    pub(super) written: String,
    /// The entries that the rest was taken from: the number of the file, and that of the entry.
    pub(super) from: Vec<(usize, usize)>,
}

/// A service of a Compose file.
#[derive(Debug)]
pub(super) struct Named<'a> {
    pub(super) name: String,
    /// Which of the file's entries are its own.
    pub(super) entries: Range<usize>,
    /// The names that it is given with values which nobody knows here.
    pub(super) unknown: Vec<&'a str>,
}

/// The option of a server that says whom it believes.
#[derive(Debug)]
pub(super) struct Believed<'a> {
    /// Which of the check's sources it stands in.
    pub(super) source: usize,
    pub(super) entry: Entry<'a>,
}

/// A secret that a service of a Compose file gets as a file.
#[derive(Debug)]
pub(super) struct Mounted<'a> {
    /// Which of the check's sources defines it.
    pub(super) source: usize,
    /// Its name in the Compose file, and where that stands.
    pub(super) name: &'a str,
    pub(super) name_span: Span,
    /// Where the container has it.
    pub(super) path: String,
    /// What Compose takes it from.
    pub(super) from: From,
    /// Where that stands.
    pub(super) span: Span,
}

/// What a secret's file is made of.
#[derive(Debug)]
pub(super) enum From {
    /// A file of this machine.
    File(PathBuf),
    /// The value of a variable.
    Value(String),
}
