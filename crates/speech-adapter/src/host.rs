//! This machine, as far as recognisers see it.

use std::{
    env,
    ffi::OsString,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use crate::wav;

/// Where programs are found and recordings are put for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Folders to search for programs, separated as in `PATH`.
    pub search_path: OsString,
    /// The folder for the recordings that are being recognised.
    pub scratch: PathBuf,
}

impl Host {
    /// The process's own `PATH` and folder for temporary files.
    pub fn current() -> Self {
        Self { search_path: env::var_os("PATH").unwrap_or_default(), scratch: env::temp_dir() }
    }

    /// The process's own `PATH`, and a folder for recordings that MUST be the caller's own for as long as recognisers
    /// use it, such as by a lock: recordings that earlier processes left there, because they were killed, are removed.
    /// It is made if it is not there.
    pub fn with_scratch(scratch: PathBuf) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&scratch)?;
        for entry in fs::read_dir(&scratch)? {
            let entry = entry?;
            if wav::is_ours(&entry.file_name()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Self { scratch, ..Self::current() })
    }

    /// The program's file, as a shell would find it.
    pub(crate) fn find(&self, program: &str) -> Option<PathBuf> {
        if program.contains('/') {
            return Some(PathBuf::from(program)).filter(|path| is_executable(path));
        }
        env::split_paths(&self.search_path)
            .map(|folder| folder.join(program))
            .find(|path| is_executable(path))
    }
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
