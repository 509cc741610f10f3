//! The packs of a run. Each is read once, however many profiles name it, and the disk is touched by whoever hands in the
//! reader of files ([`crate::input::packs`]): nothing here knows of one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{AppPack, Unreadable};
use crate::profile::{AppKind, Problem, Refusal, ReleaseName};
use crate::source::Source;

/// Reads the text of a file, or says why not.
pub type ReadText = Arc<dyn Fn(&Path) -> Result<String, String> + Send + Sync>;

/// Where the packs of a run come from. Clones share what they have read.
#[derive(Clone)]
pub struct Packs {
    read: ReadText,
    files: Arc<Mutex<BTreeMap<Asked, Unfinished>>>,
}

/// A file, and the release that its facts are wanted for.
type Asked = (PathBuf, Option<ReleaseName>);

/// A file's place on the shelf: another thread may be reading it.
type Unfinished = Arc<OnceLock<Result<Arc<AppPack>, Unread>>>;

/// Why a file gave no pack.
#[derive(Clone, Debug)]
pub enum Unread {
    /// It could not be read at all.
    File(String),
    /// Its text is not a pack.
    Text(Arc<Source>, Arc<[Problem]>),
    /// It lists no such release.
    Release(Refusal),
}

/// Those in the binary alone: to a run that does not touch the disk, a pack of one's own is a file that is not there.
impl Default for Packs {
    fn default() -> Self {
        Self::new(|_| Err("no file is read here".to_owned()))
    }
}

impl std::fmt::Debug for Packs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Packs").finish_non_exhaustive()
    }
}

impl Packs {
    /// Those in the binary, and files of the user's own.
    pub fn new(read: impl Fn(&Path) -> Result<String, String> + Send + Sync + 'static) -> Self {
        Self { read: Arc::new(read), files: Arc::default() }
    }

    /// The pack that a profile names, with the facts of the release that it names; `folder` is the profile's, from which a
    /// file's path is meant.
    pub fn get(&self, kind: &AppKind, release: Option<&ReleaseName>, folder: &Path) -> Result<Arc<AppPack>, Unread> {
        match kind {
            AppKind::Known(name) => {
                AppPack::embedded_at(name, release).expect("every known kind has a pack").map_err(Unread::Release)
            }
            AppKind::File(path) => {
                // Shown as people would type it, without `./` in the middle.
                let path: PathBuf = folder.join(path).components().collect();
                self.file(&path, release)
            }
        }
    }

    fn file(&self, path: &Path, release: Option<&ReleaseName>) -> Result<Arc<AppPack>, Unread> {
        let place = {
            let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(files.entry((path.to_owned(), release.cloned())).or_default())
        };
        place
            .get_or_init(|| {
                let source = Source::new(path, (self.read)(path).map_err(Unread::File)?);
                AppPack::read_at(&source, release).map(Arc::new).map_err(|unreadable| match unreadable {
                    Unreadable::Pack(problems) => Unread::Text(Arc::new(source), problems.into()),
                    Unreadable::Release(refusal) => Unread::Release(refusal),
                })
            })
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::profile::Text;

    #[test]
    fn a_pack_is_read_once_in_a_run() {
        static READ: AtomicUsize = AtomicUsize::new(0);
        let packs = Packs::new(|path| {
            READ.fetch_add(1, Ordering::Relaxed);
            if path == Path::new("a/b/pack.toml") { Ok("nonsense".to_owned()) } else { Err("not there".to_owned()) }
        });
        let kind = |text| AppKind::parse(text).expect("it is a kind of app");
        for _ in 0..3 {
            let shared = packs.clone();
            assert!(matches!(shared.get(&kind("./pack.toml"), None, Path::new("a/b")), Err(Unread::Text(..))));
            assert!(matches!(shared.get(&kind("./b/./pack.toml"), None, Path::new("a")), Err(Unread::Text(..))));
            assert!(matches!(shared.get(&kind("./pack.toml"), None, Path::new("a")), Err(Unread::File(_))));
        }
        assert_eq!(READ.load(Ordering::Relaxed), 2);
        let [one, two] =
            [(); 2].map(|()| packs.get(&kind("generic"), None, Path::new("")).expect("it is in the binary"));
        assert!(Arc::ptr_eq(&one, &two));
    }
}
