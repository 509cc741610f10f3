//! The texts that a client has open, the profiles that they belong to, and what is known of those.
//!
//! A profile is a file that is called `security.toml`, or whose first lines name its schema. A `.env` file and an app's pack
//! belong to the profile that refers to them, and are judged with it. An open text counts before the file of that name.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::place;
use super::protocol::{Diagnostic, Uri};
use super::settings::Settings;
use crate::apps::Packs;
use crate::check::{Checked, EnvFile, Modes, Opened, Options, check};
use crate::compose;
use crate::input;
use crate::profile::Mode;
use crate::source::{Outline, Source};

/// An open text.
pub struct Text {
    /// What the client calls it.
    pub uri: Uri,
    /// Its version, which grows.
    pub version: i32,
    /// The text, under the name of its file.
    pub source: Source,
    outline: OnceCell<Outline>,
}

impl Text {
    /// The names and values in it.
    pub fn outline(&self) -> &Outline {
        self.outline.get_or_init(|| Outline::of(&self.source.text))
    }

    fn is_profile(&self) -> bool {
        is_profile(&self.source)
    }
}

/// Whether a text is a profile.
fn is_profile(source: &Source) -> bool {
    /// The name that a schema of profiles has, wherever it is kept.
    const SCHEMA: &str = "security.schema.json";
    let named = source.path.file_name().is_some_and(|name| name == input::PROFILE);
    let first = source.text.lines().take_while(|line| line.trim_start().starts_with('#'));
    named || first.into_iter().any(|line| line.contains("#:schema") && line.contains(SCHEMA))
}

/// A profile whose findings are told, whether or not it is open itself.
#[derive(Default)]
struct Root {
    /// The other files that its findings depend on.
    depends: BTreeSet<PathBuf>,
    /// What was told of which files.
    told: BTreeMap<PathBuf, Vec<Diagnostic>>,
    /// Whether something has changed since it was looked at.
    is_stale: bool,
    /// Whether something has changed since it was told of: a question in between has it looked at before.
    is_untold: bool,
    /// What is known of it as it stands.
    judged: Option<Judged>,
}

impl Root {
    fn touch(&mut self) {
        (self.is_stale, self.is_untold) = (true, true);
    }
}

/// A profile, what it was checked with, and what was found.
pub struct Judged {
    /// Its text.
    pub source: Source,
    /// What the check was about.
    pub options: Options,
    /// What was found.
    pub checked: Checked,
    /// All safe edits together: worked out when somebody asks.
    pub all_safe: OnceCell<Option<Mended>>,
}

/// The texts after all safe edits.
pub struct Mended {
    /// How many findings are gone.
    pub gone: usize,
    /// The texts that are others then, each with what it was.
    pub texts: Vec<(Source, Source)>,
}

impl Judged {
    /// The profile, to be asked more.
    pub fn open(&self) -> Opened<'_> {
        Opened::read(&self.source, &self.options.env_files, &self.options.packs)
    }
}

/// What a client has open, and what is known of it.
#[derive(Default)]
pub struct Workspace {
    texts: BTreeMap<PathBuf, Text>,
    roots: BTreeMap<PathBuf, Root>,
    settings: Settings,
}

impl Workspace {
    /// Takes a text that was opened.
    pub fn open(&mut self, uri: Uri, version: i32, text: String) {
        let path = place::path(&uri);
        let source = Source::new(&path, text);
        self.texts.insert(path.clone(), Text { uri, version, source, outline: OnceCell::new() });
        self.touch(&path);
    }

    /// Takes the text that an open one has become. One of an older version came too late, and one that is not open is none.
    pub fn change(&mut self, uri: &Uri, version: i32, edit: impl FnOnce(&Source) -> String) {
        let path = place::path(uri);
        let Some(text) = self.texts.get_mut(&path).filter(|text| text.version <= version) else { return };
        text.source = Source::new(&path, edit(&text.source));
        text.version = version;
        text.outline = OnceCell::new();
        self.touch(&path);
    }

    /// Forgets a text that was closed: the file counts again.
    pub fn close(&mut self, uri: &Uri) {
        let path = place::path(uri);
        if self.texts.remove(&path).is_some() {
            self.touch(&path);
        }
    }

    /// Takes other settings.
    pub fn set(&mut self, settings: Settings) {
        self.settings = settings;
        self.touch_all();
    }

    /// Files may have changed.
    pub fn touch_all(&mut self) {
        self.roots.values_mut().for_each(Root::touch);
    }

    /// An open text.
    pub fn text(&self, uri: &Uri) -> Option<&Text> {
        self.texts.get(&place::path(uri))
    }

    /// What the client calls a file.
    pub fn uri(&self, path: &Path) -> Uri {
        self.texts.get(path).map_or_else(|| place::uri(path), |text| text.uri.clone())
    }

    /// What is known of the profile that a file is, or belongs to.
    pub fn judged(&mut self, uri: &Uri) -> Option<&Judged> {
        let path = place::path(uri);
        let root = self.root_of(&path)?;
        self.judge(&root);
        self.roots.get(&root)?.judged.as_ref()
    }

    /// The same, of what was asked for before.
    pub fn known(&self, uri: &Uri) -> Option<&Judged> {
        let root = self.root_of(&place::path(uri))?;
        self.roots.get(&root)?.judged.as_ref()
    }

    fn root_of(&self, path: &Path) -> Option<PathBuf> {
        if self.roots.contains_key(path) {
            return Some(path.to_owned());
        }
        self.roots.iter().find(|(_, root)| root.depends.contains(path)).map(|(path, _)| path.clone())
    }

    /// Something of a file has changed: the profiles that it is or belongs to are to be looked at again.
    fn touch(&mut self, path: &Path) {
        let is_profile = self.texts.get(path).is_some_and(Text::is_profile);
        if is_profile {
            self.roots.entry(path.to_owned()).or_default();
        } else if self.texts.contains_key(path) && self.root_of(path).is_none() {
            // It may belong to a profile that is not open.
            if let Some(profile) = self.profile_above(path) {
                self.roots.entry(profile).or_default();
            }
        }
        for (profile, root) in &mut self.roots {
            // A file that is opened beside a profile may be one of its own.
            if profile.parent() == path.parent() || root.depends.contains(path) || root.judged.is_none() {
                root.touch();
            }
        }
    }

    /// The `security.toml` in the folder of a file or above it.
    fn profile_above(&self, path: &Path) -> Option<PathBuf> {
        let folders = path.ancestors().skip(1).filter(|folder| folder.is_absolute());
        folders
            .map(|folder| folder.join(input::PROFILE))
            .find(|profile| self.texts.contains_key(profile) || profile.is_file())
    }

    /// The files of which something else is to be told than before, with that.
    pub fn news(
        &mut self,
        told: impl Fn(&Self, &Judged) -> BTreeMap<PathBuf, Vec<Diagnostic>>,
    ) -> Vec<(PathBuf, Vec<Diagnostic>)> {
        let untold: Vec<PathBuf> =
            self.roots.iter().filter(|(_, root)| root.is_untold).map(|(path, _)| path.clone()).collect();
        let mut changed = BTreeSet::new();
        for path in untold {
            self.judge(&path);
            let is_open = self.texts.contains_key(&path);
            let Some(root) = self.roots.get_mut(&path) else { continue };
            root.is_untold = false;
            let is_asked = is_open || root.depends.iter().any(|file| self.texts.contains_key(file));
            let mut now = self
                .roots
                .get(&path)
                .and_then(|root| root.judged.as_ref())
                .filter(|_| is_asked)
                .map(|judged| told(self, judged))
                .unwrap_or_default();
            // Of a profile that nobody has open, the files are told that are.
            now.retain(|file, _| is_open || self.texts.contains_key(file));
            let before = if is_asked {
                self.roots.get_mut(&path).map(|root| std::mem::replace(&mut root.told, now.clone()))
            } else {
                self.roots.remove(&path).map(|root| root.told)
            };
            let before = before.unwrap_or_default();
            let of_file = |files: &BTreeMap<PathBuf, Vec<Diagnostic>>, file: &PathBuf| files.get(file).cloned();
            let files = before.keys().chain(now.keys());
            // An open text is told of whenever it has changed: a client may wait for its version.
            let is_new = |file: &&PathBuf| {
                of_file(&before, file) != of_file(&now, file)
                    || (self.texts.contains_key(*file) && now.contains_key(*file))
            };
            changed.extend(files.filter(is_new).cloned());
        }
        let all = |file: PathBuf| {
            let of_root = |root: &Root| root.told.get(&file).cloned().unwrap_or_default();
            let diagnostics = self.roots.values().flat_map(of_root).collect();
            (file, diagnostics)
        };
        changed.into_iter().map(all).collect()
    }

    /// Looks at a profile, if that was not done since something changed.
    fn judge(&mut self, path: &Path) {
        if self.roots.get(path).is_none_or(|root| root.judged.is_some() && !root.is_stale) {
            return;
        }
        let judged = self.look(path);
        let Some(root) = self.roots.get_mut(path) else { return };
        root.is_stale = false;
        root.depends = judged.as_ref().map(|judged| depends(path, judged)).unwrap_or_default();
        root.judged = judged;
    }

    fn look(&self, path: &Path) -> Option<Judged> {
        let packs = self.packs();
        let source = match self.texts.get(path) {
            Some(text) => match input::fits(path, &text.source.text) {
                Ok(()) => text.source.clone(),
                Err(error) => return Some(unread(error.as_checked())),
            },
            None => match input::read(path) {
                Ok(Ok(source)) => source,
                Ok(Err(_)) | Err(_) => return None,
            },
        };
        let env_files = self.env_files(&source, &packs);
        let options = Options { modes: self.settings.modes, env_files, packs, ..Options::default() };
        let checked = check(source.clone(), &options);
        Some(Judged { source, options, checked, all_safe: OnceCell::new() })
    }

    /// The packs that profiles name: an open text counts before its file.
    fn packs(&self) -> Packs {
        let open: BTreeMap<PathBuf, String> = self
            .texts
            .iter()
            .filter(|(_, text)| !text.is_profile())
            .map(|(path, text)| (path.clone(), text.source.text.clone()))
            .collect();
        input::packs_before(open)
    }

    /// The files of variables that a profile is judged with: those of the settings; or else those that the profile or its pack
    /// names, as `check --env-files` reads them, and of the modes of which nobody names any, those beside the profile that are open
    /// and have the names that seccfg gives them.
    fn env_files(&self, profile: &Source, packs: &Packs) -> Vec<EnvFile> {
        let folder = profile.path.parent().unwrap_or(Path::new(""));
        if let Some(files) = &self.settings.env_files {
            return files.iter().filter_map(|(mode, file)| self.env_file(*mode, &folder.join(file))).collect();
        }
        let opened = Opened::read(profile, &[], packs);
        let named = opened.named_env_files(self.settings.modes);
        let own = opened.modes(Modes::Own).first().copied();
        let is_named = |mode: &Option<Mode>| named.iter().any(|(named, _)| mode.or(own) == Some(*named));
        let usual = usual_env_files().into_iter().filter(|(mode, _)| !is_named(mode));
        let usual =
            usual.map(|(mode, file)| (mode, folder.join(file))).filter(|(_, file)| self.texts.contains_key(file));
        let all = named.iter().flat_map(|(mode, names)| names.iter().map(|name| (Some(*mode), folder.join(name))));
        all.chain(usual).flat_map(|(mode, file)| self.env_files_of(mode, &file)).collect()
    }

    /// A file of variables; before a Compose file, those that its services are started with.
    fn env_files_of(&self, mode: Option<Mode>, path: &Path) -> Vec<EnvFile> {
        if compose::is_one(path) && !self.texts.contains_key(path) {
            return input::env_files(mode, path, None, true).ok().and_then(Result::ok).unwrap_or_default();
        }
        self.env_file(mode, path).into_iter().collect()
    }

    /// A `.env` file. One that is no text, or not there, is left out: nobody asks this server what a file is.
    fn env_file(&self, mode: Option<Mode>, path: &Path) -> Option<EnvFile> {
        match self.texts.get(path) {
            Some(text) => Some(input::env_file_with(mode, text.source.clone())),
            None => input::env_file(mode, path).ok()?.ok(),
        }
    }

    /// The names of the variables in the `.env` files of a profile, whether or not it is judged with them. Names alone:
    /// what they hold is nobody's business here.
    pub fn variables(&self, profile: &Path) -> BTreeSet<String> {
        let folder = profile.parent().unwrap_or(Path::new(""));
        let said = self.settings.env_files.iter().flatten().cloned();
        let examples = [(None, PathBuf::from(".env.example"))];
        let files = said.chain(usual_env_files()).chain(examples).map(|(_, file)| folder.join(file));
        files.filter_map(|file| self.env_file(None, &file)).flat_map(|file| names(&file.source)).collect()
    }
}

/// What is known of a text that cannot be a profile.
fn unread(checked: Checked) -> Judged {
    let source = checked.sources.first().cloned().unwrap_or_else(|| Source::new("", ""));
    Judged { source, options: Options::default(), checked, all_safe: OnceCell::new() }
}

/// The names of the variables in a `.env` file that are plainly names.
fn names(source: &Source) -> Vec<String> {
    let environment = crate::policy::Environment::alone(source, &[]);
    let named = environment.variables().filter(|variable| variable.is_plainly_named);
    named.map(|variable| variable.name.to_owned()).collect()
}

/// The names that seccfg gives to `.env` files beside a profile.
fn usual_env_files() -> Vec<(Option<Mode>, PathBuf)> {
    let of_modes = Mode::ALL.iter().map(|mode| (Some(*mode), PathBuf::from(format!(".env.{mode}"))));
    std::iter::once((None, PathBuf::from(".env"))).chain(of_modes).collect()
}

/// The other files that what is known of a profile depends on.
fn depends(path: &Path, judged: &Judged) -> BTreeSet<PathBuf> {
    let env_files = judged.options.env_files.iter().map(|file| file.source.path.clone());
    let opened = Opened::read(&judged.source, &[], &judged.options.packs);
    let folder = path.parent().unwrap_or(Path::new(""));
    // One that is named and not there may be made, or opened.
    let named = opened.named_env_files(judged.options.modes).into_iter().flat_map(|(_, names)| names);
    env_files.chain(named.map(|name| folder.join(name))).chain(opened.pack_file(folder)).collect()
}
