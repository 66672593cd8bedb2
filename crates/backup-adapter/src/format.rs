//! What is written: the manifest, the members' headers, and the archive's last member.

use std::{collections::BTreeMap, io};

use lectern_application::ports::{Census, DatabaseKind, Manifest, RecordingDigest};
use lectern_domain::{
    time::Timestamp,
    transcription::{AudioKey, Sha256},
};
use serde::{Deserialize, Serialize};
use tar::{EntryType, Header};
use uuid::Uuid;

use crate::hashing::{Passed, from_hex, hex};

/// The format that is written, and the newest that is read.
pub(crate) const FORMAT: u64 = 1;
pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const RECORDINGS: &str = "audio.jsonl.zst";
const SEAL: &str = "archive.sha256";
/// The unit of an archive.
const BLOCK: usize = 512;
/// The last member with its header and padding, and the two blocks of zeros that end an archive.
pub(crate) const SEAL_BYTES: usize = 4 * BLOCK;

/// The name of the dump, by the kind of the database.
pub(crate) const fn dump_name(kind: DatabaseKind) -> &'static str {
    match kind {
        DatabaseKind::Sqlite => "database.sqlite.zst",
        // It is compressed by `pg_dump`.
        DatabaseKind::Postgres => "database.pgdump",
    }
}

/// `manifest.json`, as far as all formats have it.
#[derive(Deserialize)]
pub(crate) struct AnyFormat {
    pub(crate) format: u64,
}

/// `manifest.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenManifest {
    format: u64,
    lectern: String,
    /// Microseconds since 1970-01-01T00:00:00Z.
    taken_at_micros: i64,
    database: String,
    schema: String,
    /// The rows of each table.
    rows: BTreeMap<String, u64>,
    /// Sums as texts: they may be larger than JSON's numbers are exact.
    ledger_sum: String,
    balance_sum: String,
    /// How many recordings there are.
    recordings: usize,
    pub(crate) members: Vec<Member>,
}

/// A member of the archive.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    /// What it comes to when it is unpacked.
    pub(crate) unpacked_bytes: u64,
}

impl Member {
    pub(crate) fn new(name: &str, packed: Passed, unpacked_bytes: u64) -> Self {
        Self { name: name.to_owned(), bytes: packed.bytes, sha256: hex(packed.sha256), unpacked_bytes }
    }
}

impl WrittenManifest {
    pub(crate) fn new(manifest: &Manifest, recordings: usize, members: Vec<Member>) -> Self {
        Self {
            format: FORMAT,
            lectern: manifest.lectern.clone(),
            taken_at_micros: manifest.taken_at.as_micros(),
            database: manifest.database.name().to_owned(),
            schema: manifest.schema.clone(),
            rows: manifest.census.rows.clone(),
            ledger_sum: manifest.census.ledger_sum.to_string(),
            balance_sum: manifest.census.balance_sum.to_string(),
            recordings,
            members,
        }
    }

    /// What it says; `None` if it says something that can't be.
    pub(crate) fn read(&self) -> Option<Manifest> {
        Some(Manifest {
            lectern: self.lectern.clone(),
            taken_at: Timestamp::from_micros(self.taken_at_micros),
            database: DatabaseKind::named(&self.database)?,
            schema: self.schema.clone(),
            census: Census {
                rows: self.rows.clone(),
                ledger_sum: self.ledger_sum.parse().ok()?,
                balance_sum: self.balance_sum.parse().ok()?,
            },
        })
    }
}

/// A line of `audio.jsonl`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenRecording {
    key: String,
    bytes: u64,
    sha256: String,
}

impl From<RecordingDigest> for WrittenRecording {
    fn from(recording: RecordingDigest) -> Self {
        let RecordingDigest { key, bytes, sha256 } = recording;
        Self { key: key.0.to_string(), bytes, sha256: hex(sha256.0) }
    }
}

impl WrittenRecording {
    pub(crate) fn read(&self) -> Option<RecordingDigest> {
        Some(RecordingDigest {
            key: AudioKey(Uuid::parse_str(&self.key).ok()?),
            bytes: self.bytes,
            sha256: Sha256(from_hex(&self.sha256)?),
        })
    }
}

/// The header of a member, which only its owner may read when it is unpacked.
pub(crate) fn header(name: &str, bytes: u64, modified: u64) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(modified);
    header.set_entry_type(EntryType::Regular);
    header.set_cksum();
    Ok(header)
}

/// What fills the last block of a member.
pub(crate) fn padding(bytes: u64) -> &'static [u8] {
    const ZEROS: [u8; BLOCK] = [0; BLOCK];
    let over = usize::try_from(bytes % 512).unwrap_or_default();
    let missing = if over == 0 { 0 } else { BLOCK - over };
    ZEROS.get(..missing).unwrap_or_default()
}

/// The end of an archive whose bytes so far hash to `sha256`.
pub(crate) fn seal(sha256: [u8; 32], modified: u64) -> io::Result<Vec<u8>> {
    let content = format!("{}\n", hex(sha256));
    let mut seal =
        header(SEAL, u64::try_from(content.len()).unwrap_or_default(), modified)?.as_bytes().to_vec();
    seal.extend(content.bytes());
    seal.resize(SEAL_BYTES, 0);
    Ok(seal)
}

/// When the archive says that it was made, by its last member.
pub(crate) fn modified_of(seal: &[u8; SEAL_BYTES]) -> Option<u64> {
    let header = seal.first_chunk::<BLOCK>()?;
    Header::from_byte_slice(header).mtime().ok()
}

/// Whether `end` is the last member of an archive of ours at all, be it a damaged one.
pub(crate) fn is_seal(end: &[u8; SEAL_BYTES]) -> bool {
    end.starts_with(SEAL.as_bytes())
}
