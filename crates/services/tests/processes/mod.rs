//! What the processes of a server are.

use std::{fs, path::Path};

/// The processes that are at work in a folder or below it.
pub(crate) fn in_folder(folder: &Path) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| {
            let number = process.file_name().to_str()?.parse().ok()?;
            // A removed folder is still named, with a remark behind it.
            let at = fs::read_link(process.path().join("cwd")).ok()?;
            at.to_string_lossy().starts_with(&*folder.to_string_lossy()).then_some(number)
        })
        .collect()
}
