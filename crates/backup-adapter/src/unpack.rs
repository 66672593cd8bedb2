//! Reading a backup.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom},
    path::Path,
};

use lectern_application::ports::{
    BackupsError, DatabaseKind, LocalFile, Manifest, RecordingDigest, UnpackedBackup,
};
use tar::{Archive, Entry};

use crate::{
    folder::{WorkFolder, unusable},
    format::{self, AnyFormat, FORMAT, Member, SEAL_BYTES, WrittenManifest, WrittenRecording},
    hashing::{Hashing, PIECE, hex},
};

/// A manifest is a few kilobytes.
const LONGEST_MANIFEST: u64 = 1024 * 1024;

/// Reads the backup in `file` into the folder `work`.
pub(crate) fn unpack(file: &Path, work: WorkFolder) -> Result<UnpackedBackup, BackupsError> {
    let mut archive = open(file)?;
    check_seal(file, &mut archive)?;
    let reading = Reading { file, work: &work };
    let mut archive = Archive::new(BufReader::with_capacity(PIECE, archive));
    let mut members = archive.entries().map_err(|error| reading.unreadable(error))?;
    let mut next = |name: &str| match members.next() {
        Some(Ok(entry)) if entry.path_bytes() == name.as_bytes() => Ok(entry),
        Some(Err(error)) => Err(reading.unreadable(error)),
        Some(Ok(_)) | None => Err(reading.damaged(format!("its member {name} is not where it should be"))),
    };
    let (manifest, [dump, list]) = reading.manifest(next(format::MANIFEST)?)?;
    let unpacked = work.path().join("dump");
    reading.member(next(&dump.name)?, &dump, manifest.database == DatabaseKind::Sqlite, &unpacked)?;
    let lines = work.path().join("audio.jsonl");
    reading.member(next(&list.name)?, &list, true, &lines)?;
    let recordings = reading.recordings(&lines)?;
    Ok(UnpackedBackup { manifest, dump: LocalFile::temporary(unpacked, work), recordings })
}

fn open(file: &Path) -> Result<File, BackupsError> {
    let opened = File::open(file).and_then(|opened| Ok((opened.metadata()?.is_file(), opened)));
    match opened {
        Ok((true, opened)) => Ok(opened),
        Ok((false, _)) => Err(BackupsError::Foreign { file: file.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(BackupsError::Missing { file: file.to_owned() })
        }
        Err(error) => Err(unusable(file, error)),
    }
}

/// Makes sure that every byte is as it was written, and leaves the file at its beginning.
fn check_seal(file: &Path, archive: &mut File) -> Result<(), BackupsError> {
    let failed = |error| unusable(file, error);
    let foreign = || BackupsError::Foreign { file: file.to_owned() };
    let length = archive.metadata().map_err(failed)?.len();
    let sealed = length.checked_sub(u64::try_from(SEAL_BYTES).unwrap_or(u64::MAX)).ok_or_else(foreign)?;
    let mut hashing = Hashing::new(io::sink());
    let mut reader = BufReader::with_capacity(PIECE, &*archive);
    io::copy(&mut reader.by_ref().take(sealed), &mut hashing).map_err(failed)?;
    let mut end = [0; SEAL_BYTES];
    reader.read_exact(&mut end).map_err(failed)?;
    if !format::is_seal(&end) {
        return Err(foreign());
    }
    let modified = format::modified_of(&end).unwrap_or_default();
    if format::seal(hashing.passed().sha256, modified).map_err(failed)? != end {
        let what = "it is not what was written: its checksum is another".to_owned();
        return Err(BackupsError::Damaged { file: file.to_owned(), what });
    }
    archive.seek(SeekFrom::Start(0)).map_err(failed)?;
    Ok(())
}

/// The file that is read, and where it is unpacked.
struct Reading<'a> {
    file: &'a Path,
    work: &'a WorkFolder,
}

impl Reading<'_> {
    fn damaged(&self, what: impl Into<String>) -> BackupsError {
        BackupsError::Damaged { file: self.file.to_owned(), what: what.into() }
    }

    fn unreadable(&self, error: io::Error) -> BackupsError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::PermissionDenied => unusable(self.work.path(), error),
            _ => self.damaged(format!("it can't be read: {error}")),
        }
    }

    /// The manifest, and the two members that follow.
    fn manifest<R: Read>(&self, entry: Entry<'_, R>) -> Result<(Manifest, [Member; 2]), BackupsError> {
        let mut text = Vec::new();
        entry.take(LONGEST_MANIFEST).read_to_end(&mut text).map_err(|error| self.unreadable(error))?;
        let nonsense = || self.damaged("its manifest makes no sense");
        let AnyFormat { format } = serde_json::from_slice(&text).map_err(|_| nonsense())?;
        if format > FORMAT {
            return Err(BackupsError::Newer { file: self.file.to_owned(), format });
        }
        let written: WrittenManifest = serde_json::from_slice(&text).map_err(|_| nonsense())?;
        let manifest = written.read().ok_or_else(nonsense)?;
        let members: [Member; 2] = written.members.try_into().map_err(|_| nonsense())?;
        let [dump, list] = &members;
        if dump.name != format::dump_name(manifest.database) || list.name != format::RECORDINGS {
            return Err(nonsense());
        }
        Ok((manifest, members))
    }

    /// Unpacks a member, as long as it is what the manifest says.
    fn member<R: Read>(
        &self,
        entry: Entry<'_, R>,
        member: &Member,
        is_compressed: bool,
        into: &Path,
    ) -> Result<(), BackupsError> {
        let mut hashing = Hashing::new(entry);
        let unpacked = write_out(&mut hashing, is_compressed, member.unpacked_bytes, into);
        // To the end, also where a decoder had enough before.
        let rest = unpacked.and_then(|count| io::copy(&mut hashing, &mut io::sink()).map(|_| count));
        let passed = hashing.passed();
        if passed.bytes == member.bytes && hex(passed.sha256) != member.sha256 {
            return Err(self.damaged(format!("its member {} is another than the manifest says", member.name)));
        }
        match rest.map_err(|error| self.unreadable(error))? {
            count if count == member.unpacked_bytes && passed.bytes == member.bytes => Ok(()),
            _ => {
                Err(self
                    .damaged(format!("its member {} has another size than the manifest says", member.name)))
            }
        }
    }

    fn recordings(&self, lines: &Path) -> Result<Vec<RecordingDigest>, BackupsError> {
        let lines = File::open(lines).map_err(|error| unusable(lines, error))?;
        BufReader::new(lines)
            .lines()
            .map(|line| {
                let line = line.map_err(|error| self.unreadable(error))?;
                let written = serde_json::from_str::<WrittenRecording>(&line).ok();
                written
                    .as_ref()
                    .and_then(WrittenRecording::read)
                    .ok_or_else(|| self.damaged("a line about a recording makes no sense"))
            })
            .collect()
    }
}

/// Writes a member into a new file, at most a byte more than `most`, and answers how many bytes that were.
fn write_out(member: &mut impl Read, is_compressed: bool, most: u64, into: &Path) -> io::Result<u64> {
    let mut file = File::options().write(true).create_new(true).open(into)?;
    crate::folder::private(&file)?;
    let most = most.saturating_add(1);
    if is_compressed {
        io::copy(&mut zstd::Decoder::new(member)?.take(most), &mut file)
    } else {
        io::copy(&mut member.take(most), &mut file)
    }
}
