//! Disks that are full soon.

use std::{path::Path, process::Command};

/// A file system of its own in memory, of that size, until it is dropped.
pub(crate) struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// `size` as `mount` takes it, such as `1m`.
    pub(crate) fn mount(at: &'a Path, size: &str) -> Self {
        let options = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at).status();
        assert!(mounted.unwrap().success(), "this test has to mount a file system: run it as root");
        Self(at)
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        // Lazily: the server may have a file open in it until it is killed.
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}
