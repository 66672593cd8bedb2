//! The archive: the binary, stripped, and what goes with it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
};

use tempfile::TempDir;

use crate::{
    Outcome,
    programs::{output, program, root, run, without_settings},
    tools::{self, STRIP},
};

/// Files of the workspace, and their names in the archive. Those that aren't there are left out.
const FILES: [(&str, &str); 7] = [
    ("README.md", "README.md"),
    ("CHANGELOG.md", "CHANGELOG.md"),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("docker/lectern.service", "lectern.service"),
    ("docker/lectern.sysusers", "lectern.sysusers"),
    ("docs", "docs"),
];
/// Those without which it is none.
const NEEDED: [&str; 3] = ["README.md", "LICENSE-MIT", "docker/lectern.service"];
/// Shells, and what files are called that complete commands for them.
const SHELLS: [(&str, &str); 3] = [
    ("bash", "completions/lectern.bash"),
    ("zsh", "completions/_lectern"),
    ("fish", "completions/lectern.fish"),
];

/// What the archive is called, and the folder in it.
pub(super) fn name(target: &str) -> String {
    format!("lectern-{}-{target}", env!("CARGO_PKG_VERSION"))
}

/// When the last commit was made, in seconds since 1970; else 0.
pub(super) fn commit_time() -> u64 {
    let time = output(program("git").args(["log", "-1", "--format=%ct"]).stderr(Stdio::null()));
    time.ok().and_then(|time| time.trim().parse().ok()).unwrap_or(0)
}

/// Makes `folder/name.tar.gz` with a binary and what goes with it, and `folder/name.tar.gz.sha256`.
pub(super) fn make(binary: &Path, folder: &Path, name: &str, time: u64) -> Outcome<PathBuf> {
    tools::provide(&[STRIP])?;
    fs::create_dir_all(folder)?;
    let staging = TempDir::new_in(folder)?;
    let content = staging.path().join(name);
    collect(binary, &content)?;
    pack(&content, &folder.join(format!("{name}.tar.gz")), time)
}

fn collect(binary: &Path, into: &Path) -> Outcome {
    fs::create_dir_all(into.join("completions"))?;
    fs::create_dir_all(into.join("man"))?;
    let lectern = into.join("lectern");
    run(program("strip").arg("--strip-all").arg("-o").arg(&lectern).arg(binary))?;
    let lectern = |arguments: &[&str]| output(without_settings(program(&lectern).args(arguments)));
    for (shell, file) in SHELLS {
        fs::write(into.join(file), lectern(&["completions", shell])?)?;
    }
    lectern(&["man", &into.join("man").to_string_lossy()])?;
    fs::write(into.join("lectern.toml"), lectern(&["config", "init", "-"])?)?;
    for (from, to) in FILES {
        let from = root().join(from);
        if from.exists() {
            run(program("cp").arg("-r").arg(&from).arg(into.join(to)))?;
        }
    }
    let missing: Vec<_> = NEEDED.into_iter().filter(|file| !root().join(file).exists()).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("missing: {}", missing.join(", ")).into()) }
}

/// Packs a folder so that nothing but what is in its files decides what comes out.
fn pack(content: &Path, archive: &Path, time: u64) -> Outcome<PathBuf> {
    let (Some(parent), Some(name)) = (content.parent(), content.file_name()) else {
        return Err("a folder without a name can't be packed".into());
    };
    let time = format!("--mtime=@{time}");
    run(program("tar")
        .args(["--sort=name", "--format=ustar", "--owner=0", "--group=0", "--numeric-owner"])
        .args([
            &time,
            "--mode=u=rwX,go=rX",
            "--use-compress-program=gzip --no-name --best",
            "--create",
            "--file",
        ])
        .arg(archive)
        .arg("--directory")
        .arg(parent)
        .arg(name))?;
    let (folder, file) = (archive.parent(), archive.file_name());
    let sum = archive.with_extension("gz.sha256");
    run(program("sha256sum")
        .arg(file.unwrap_or_default())
        .current_dir(folder.unwrap_or(parent))
        .stdout(File::create(sum)?))?;
    Ok(archive.to_owned())
}

/// Unpacks an archive whose sum is the one beside it, and answers the folder that was in it.
pub(super) fn unpack(archive: &Path, into: &Path) -> Outcome<PathBuf> {
    let sum = archive.with_extension("gz.sha256");
    let folder = archive.parent().unwrap_or(into);
    run(program("sha256sum").args(["--check", "--quiet"]).arg(sum).current_dir(folder))?;
    run(program("tar").arg("--extract").arg("--file").arg(archive).arg("--directory").arg(into))?;
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    Ok(into.join(name.trim_end_matches(".tar.gz")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn content(folder: &Path, umask: u32) -> PathBuf {
        let content = folder.join("lectern-1.0");
        fs::create_dir_all(content.join("docs")).unwrap();
        for (file, text, mode) in [("lectern", "binary", 0o755), ("docs/a.md", "# A\n", 0o644)] {
            let path = content.join(file);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode & !umask)).unwrap();
        }
        content
    }

    #[test]
    fn the_same_files_give_the_same_archive_whoever_packs_them() {
        let [one, other] = [0o022, 0o077].map(|umask| {
            let folder = TempDir::new().unwrap();
            let archive =
                pack(&content(folder.path(), umask), &folder.path().join("l.tar.gz"), 1_000).unwrap();
            fs::read(archive).unwrap()
        });
        assert!(one == other);
    }

    #[test]
    fn what_was_packed_is_unpacked() {
        let folder = TempDir::new().unwrap();
        let archive = folder.path().join("lectern-1.0.tar.gz");
        pack(&content(folder.path(), 0), &archive, 1_000).unwrap();
        let there = TempDir::new().unwrap();
        let unpacked = unpack(&archive, there.path()).unwrap();
        assert_eq!(fs::read_to_string(unpacked.join("docs/a.md")).unwrap(), "# A\n");
        assert_eq!(unpacked.join("lectern").metadata().unwrap().permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn a_changed_archive_is_not_unpacked() {
        let folder = TempDir::new().unwrap();
        let archive = folder.path().join("lectern-1.0.tar.gz");
        pack(&content(folder.path(), 0), &archive, 1_000).unwrap();
        let mut bytes = fs::read(&archive).unwrap();
        bytes.push(0);
        fs::write(&archive, bytes).unwrap();
        assert!(unpack(&archive, folder.path()).is_err());
    }
}
