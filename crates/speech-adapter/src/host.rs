//! This machine, as far as recognisers see it.

use std::{
    env,
    ffi::OsString,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

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
