//! Recordings under the numbers of their owners, beside where they are kept: `<number>.mp3` in the audio folder.
//!
//! Such a file is another name of a recording (a hard link): it takes no room, a worker that has it open can read on when
//! the name is gone, and a recording that was deleted is gone when both names are. Where the file system has no hard
//! links, it is a symbolic link. Names are made beside and moved into place, so that nobody finds half a change. Every file
//! of such a name in the folder is one of ours, and is removed when there is nothing to show under it.
//!
//! The store lists recordings in the folders of their keys, so what is on the shelf is none to it.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    fs,
    io::{self, ErrorKind},
    os::unix::fs::{MetadataExt as _, symlink},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use lectern_application::ports::{AudioStoreError, ShelvedRecording, WorkerShelf};
use lectern_domain::account::UserNumber;

use super::{blocking, error, location::location, make_private_dir};

/// What names begin with that are on their way into place.
const UNFINISHED: &str = ".shelf-";
/// What all names end with, whatever the recording is: decoders look into it.
const SUFFIX: &str = ".mp3";

/// Gives a file a second name.
type Link = fn(&Path, &Path) -> io::Result<()>;

/// Shows recordings in the folder that they are kept in.
#[derive(Debug)]
pub struct FolderShelf {
    folder: PathBuf,
    hard_link: Link,
    /// Whether it was said that there are no hard links.
    has_warned: Arc<AtomicBool>,
}

impl FolderShelf {
    /// The shelf in the folder of [`ObjectAudioStore::local`](super::ObjectAudioStore::local).
    pub fn open(audio_dir: &Path) -> Result<Self, AudioStoreError> {
        make_private_dir(audio_dir).map_err(error::from_io)?;
        Ok(Self {
            folder: audio_dir.to_owned(),
            hard_link: |from, to| fs::hard_link(from, to),
            has_warned: Arc::default(),
        })
    }

    fn arrange(
        folder: &Path,
        recordings: &[ShelvedRecording],
        link: impl Fn(&Path, &Path) -> io::Result<()>,
    ) -> io::Result<()> {
        let wanted: HashMap<String, _> =
            recordings.iter().map(|shelved| (name_of(shelved.owner), location(shelved.key))).collect();
        clear(folder, &wanted.keys().map(String::as_str).collect())?;
        for (name, location) in &wanted {
            let (place, recording) = (folder.join(name), Path::new(location.as_ref()));
            match identity(&folder.join(recording))? {
                // Its transcription was deleted a moment ago; what is there is of the one before.
                None => remove(&place)?,
                Some(kept) if identity(&place)? == Some(kept) => {}
                Some(_) => put(folder, recording, &place, &link)?,
            }
        }
        Ok(())
    }
}

#[async_trait]
impl WorkerShelf for FolderShelf {
    async fn show(&self, recordings: &[ShelvedRecording]) -> Result<(), AudioStoreError> {
        let (folder, recordings) = (self.folder.clone(), recordings.to_vec());
        let (hard_link, has_warned) = (self.hard_link, self.has_warned.clone());
        blocking(move || {
            Self::arrange(&folder, &recordings, |recording, name| {
                let Err(error) = hard_link(&folder.join(recording), name) else { return Ok(()) };
                if !has_no_hard_links(&error) {
                    return Err(error);
                }
                symlink(recording, name)?;
                if !has_warned.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        %error,
                        "the file system of the recordings has no hard links; workers find symbolic ones, \
                         which lead nowhere unless the whole folder is there"
                    );
                }
                Ok(())
            })
        })
        .await
    }
}

fn name_of(owner: UserNumber) -> String {
    format!("{}{SUFFIX}", owner.0)
}

/// Whether a file's name is one that only this shelf gives.
fn is_ours(name: &str) -> bool {
    let number = name.strip_suffix(SUFFIX).and_then(|digits| digits.parse().ok());
    number.is_some_and(|number| number > 0 && name_of(UserNumber(number)) == name)
}

/// Removes all names but those that are wanted, and what never came into place.
fn clear(folder: &Path, wanted: &HashSet<&str>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let is_over = name.starts_with(UNFINISHED) || (is_ours(name) && !wanted.contains(name));
        if is_over && !entry.file_type()?.is_dir() {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Which file a name leads to; `None` if to none.
fn identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    match fs::metadata(path) {
        Ok(file) => Ok(Some((file.dev(), file.ino()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Gives a recording, named by its place in the folder, a name in place of whatever has it.
fn put(
    folder: &Path,
    recording: &Path,
    name: &Path,
    link: impl Fn(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    let linked = tempfile::Builder::new()
        .prefix(OsStr::new(UNFINISHED))
        .make_in(folder, |unfinished| link(recording, unfinished));
    match linked {
        Ok(linked) => linked.into_temp_path().persist(name).map_err(|error| error.error),
        // Deleted in between.
        Err(error) if error.kind() == ErrorKind::NotFound => remove(name),
        Err(error) => Err(error),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What file systems answer that have no hard links, or none across a border between two.
fn has_no_hard_links(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied
            | ErrorKind::Unsupported
            | ErrorKind::CrossesDevices
            | ErrorKind::TooManyLinks
    )
}

#[cfg(test)]
mod tests {
    use lectern_domain::transcription::AudioKey;
    use uuid::Uuid;

    use super::*;

    const KEY: AudioKey = AudioKey(Uuid::from_u128(0x5f));
    const SHOWN: ShelvedRecording = ShelvedRecording { owner: UserNumber(7), key: KEY };

    /// A shelf on a file system whose hard links fail so, with one recording.
    fn without_hard_links(folder: &Path, hard_link: Link) -> FolderShelf {
        let kept = folder.join(location(KEY).as_ref());
        fs::create_dir_all(kept.parent().unwrap()).unwrap();
        fs::write(kept, "sound").unwrap();
        FolderShelf { hard_link, ..FolderShelf::open(folder).unwrap() }
    }

    #[tokio::test]
    async fn without_hard_links_there_are_symbolic_ones_that_move_with_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("audio");
        let shelf = without_hard_links(&folder, |_, _| Err(ErrorKind::Unsupported.into()));
        shelf.show(&[SHOWN]).await.unwrap();
        shelf.show(&[SHOWN]).await.unwrap();
        let moved = place.path().join("moved");
        fs::rename(&folder, &moved).unwrap();
        assert_eq!(fs::read_to_string(moved.join("7.mp3")).unwrap(), "sound");
        assert!(fs::symlink_metadata(moved.join("7.mp3")).unwrap().is_symlink());
    }

    #[tokio::test]
    async fn a_symbolic_link_is_removed_when_there_is_nothing_to_show() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = without_hard_links(folder.path(), |_, _| Err(ErrorKind::PermissionDenied.into()));
        shelf.show(&[SHOWN]).await.unwrap();
        fs::remove_file(folder.path().join(location(KEY).as_ref())).unwrap();
        shelf.show(&[SHOWN]).await.unwrap();
        assert!(fs::symlink_metadata(folder.path().join("7.mp3")).is_err(), "it led nowhere");
        shelf.show(&[]).await.unwrap();
    }

    #[tokio::test]
    async fn another_failure_is_one_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = without_hard_links(folder.path(), |_, _| Err(ErrorKind::StorageFull.into()));
        assert!(matches!(shelf.show(&[SHOWN]).await, Err(AudioStoreError::Full { .. })));
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(names.collect::<Vec<_>>(), ["5f"]);
    }

    #[test]
    fn only_plain_numbers_are_names_of_ours() {
        for ours in ["1.mp3", "9223372036854775807.mp3"] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in [
            "0.mp3",
            "-1.mp3",
            "01.mp3",
            "+1.mp3",
            "1.MP3",
            "1.mp3.bak",
            ".mp3",
            "a.mp3",
            "99999999999999999999.mp3",
            "ping",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
