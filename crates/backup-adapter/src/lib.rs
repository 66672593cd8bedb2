//! Backups as files in a folder: the port [`Backups`].
//!
//! A backup is one archive (tar, POSIX.1-1988), which any `tar` unpacks:
//!
//! | member | what it is |
//! |---|---|
//! | `manifest.json` | what is in the backup, and the size and SHA-256 of the two members after it |
//! | `database.sqlite.zst` or `database.pgdump` | the dump: an SQLite file, or what `pg_restore` reads |
//! | `audio.jsonl.zst` | the recordings that go with it: key, size and SHA-256 of each, a line each |
//! | `archive.sha256` | the SHA-256 of every byte of the archive before this member |
//!
//! So no byte of the file can change unnoticed, those between the members neither, nor can its end be missing. That finds
//! accidents, not forgeries: whoever may write into the folder may write a backup.
//!
//! | module | what is in it |
//! |---|---|
//! | `folder` | the folder: what is in it, and whose turn it is |
//! | `name` | how backups are called |
//! | `draft` | writing one |
//! | `unpack` | reading one |
//! | `format` | the manifest, and the archive's last member |
//! | `hashing` | files that are hashed as they are read or written |
//!
//! **Invariant:** a file that is named as a backup is whole: it is written under another name, flushed, and then renamed.
//! **Invariant:** nothing is removed but what is named as a backup, and folders whose process is gone.
//!
//! [`Backups`]: lectern_application::ports::Backups

mod draft;
mod folder;
mod format;
mod hashing;
mod name;
mod unpack;

pub use folder::BackupFolder;
