//! Writing a backup.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read as _, Write},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use lectern_application::ports::{
    BackupDraft, BackupsError, DatabaseKind, Manifest, RecordingDigest, StoredBackup,
};

use crate::{
    folder::{Turn, WorkFolder, blocking, unusable},
    format::{self, Member, WrittenManifest, WrittenRecording},
    hashing::{Hashing, PIECE},
    name,
};

/// SQLite's pages are half empty words; this level halves them at the speed of a disk.
const LEVEL: i32 = 6;

/// A backup that is being taken, in a folder that goes with it.
pub(crate) struct Draft {
    pub(crate) work: WorkFolder,
    pub(crate) dump: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) _turn: Turn,
}

#[async_trait]
impl BackupDraft for Draft {
    fn dump(&self) -> &Path {
        &self.dump
    }

    async fn finish(
        self: Box<Self>,
        manifest: Manifest,
        recordings: Vec<RecordingDigest>,
    ) -> Result<StoredBackup, BackupsError> {
        blocking(move || self.write(&manifest, recordings)).await
    }
}

impl Draft {
    fn write(
        &self,
        manifest: &Manifest,
        recordings: Vec<RecordingDigest>,
    ) -> Result<StoredBackup, BackupsError> {
        let failed = |error| unusable(&self.folder, error);
        let name = name::name_of(manifest.taken_at)
            .ok_or_else(|| failed(io::Error::other("the clock shows a time in no calendar")))?;
        let path = self.folder.join(name);
        let archive = self.work.path().join("archive");
        let bytes = self.archive(&archive, manifest, recordings).map_err(failed)?;
        // The turn is ours, so nobody else makes it in between.
        if path.exists() {
            return Err(failed(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "there is a backup of this moment",
            )));
        }
        fs::rename(&archive, &path).and_then(|()| File::open(&self.folder)?.sync_all()).map_err(failed)?;
        Ok(StoredBackup { path, taken_at: manifest.taken_at, bytes })
    }

    /// Writes and flushes it, and answers its size.
    fn archive(&self, into: &Path, manifest: &Manifest, recordings: Vec<RecordingDigest>) -> io::Result<u64> {
        let (dump, dumped) = match manifest.database {
            DatabaseKind::Sqlite => {
                let packed = self.work.path().join("dump.zst");
                let member = self.pack(&packed, manifest.database)?;
                // There is room for it twice at most.
                fs::remove_file(&self.dump)?;
                (packed, member)
            }
            DatabaseKind::Postgres => {
                let mut hashing = Hashing::new(io::sink());
                let bytes =
                    io::copy(&mut BufReader::with_capacity(PIECE, File::open(&self.dump)?), &mut hashing)?;
                let name = format::dump_name(manifest.database);
                (self.dump.clone(), Member::new(name, hashing.passed(), bytes))
            }
        };
        let count = recordings.len();
        let (list, listed) = self.list(recordings)?;
        let written = WrittenManifest::new(manifest, count, vec![dumped.clone(), listed.clone()]);
        let written = serde_json::to_vec_pretty(&written)?;
        let modified = u64::try_from(manifest.taken_at.as_unix_seconds()).unwrap_or_default();

        let mut archive = Hashing::new(BufWriter::with_capacity(
            PIECE,
            File::options().write(true).create_new(true).open(into)?,
        ));
        let mut add = |name: &str, bytes: u64, content: &mut dyn io::Read| {
            archive.write_all(format::header(name, bytes, modified)?.as_bytes())?;
            if io::copy(&mut content.take(bytes), &mut archive)? != bytes {
                return Err(io::Error::other("a file changed while it was packed"));
            }
            archive.write_all(format::padding(bytes))
        };
        add(format::MANIFEST, u64::try_from(written.len()).unwrap_or(u64::MAX), &mut written.as_slice())?;
        add(&dumped.name, dumped.bytes, &mut File::open(dump)?)?;
        add(&listed.name, listed.bytes, &mut File::open(list)?)?;
        let seal = format::seal(archive.passed().sha256, modified)?;
        archive.write_all(&seal)?;
        let bytes = archive.passed().bytes;
        let file = archive.into_inner().into_inner().map_err(io::IntoInnerError::into_error)?;
        crate::folder::private(&file)?;
        file.sync_all()?;
        Ok(bytes)
    }

    /// Compresses the dump.
    fn pack(&self, into: &Path, kind: DatabaseKind) -> io::Result<Member> {
        let mut dump = Hashing::new(File::open(&self.dump)?);
        let packed = compress(into, |encoder| io::copy(&mut dump, encoder).map(|_| ()))?;
        Ok(Member::new(format::dump_name(kind), packed, dump.passed().bytes))
    }

    /// Writes down the recordings.
    fn list(&self, recordings: Vec<RecordingDigest>) -> io::Result<(PathBuf, Member)> {
        let path = self.work.path().join("audio.zst");
        let mut unpacked = 0_u64;
        let packed = compress(&path, |encoder| {
            for recording in recordings {
                let mut line = serde_json::to_vec(&WrittenRecording::from(recording))?;
                line.push(b'\n');
                unpacked = unpacked.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
                encoder.write_all(&line)?;
            }
            Ok(())
        })?;
        Ok((path, Member::new(format::RECORDINGS, packed, unpacked)))
    }
}

/// Compresses what `write` writes into a new file, and answers what that came to.
fn compress(
    into: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<crate::hashing::Passed> {
    let file = BufWriter::with_capacity(PIECE, File::options().write(true).create_new(true).open(into)?);
    let mut encoder = zstd::Encoder::new(Hashing::new(file), LEVEL)?;
    write(&mut encoder)?;
    let mut hashing = encoder.finish()?;
    hashing.flush()?;
    Ok(hashing.passed())
}
