//! The configuration: what the operator wrote, where, and what it means.
//!
//! `lectern.toml` < environment variables `LECTERN_*` < flags. All three name the same settings: the key `chunk_seconds`
//! in the file is the variable `LECTERN_CHUNK_SECONDS`; `keys` lists them all, with their defaults. Secrets can also be
//! given as the path of a file that holds them, as can URLs that may hold a password, under the setting's name with `_file` at its end. A variable that is
//! empty counts as not set, as compose files leave them.
//!
//! Invariants: a name that is not in the list is refused, wherever it is written; everything is checked once, before
//! anything starts; secrets are never part of an error, of `Debug` or of the report.
//!
//! A new setting is a line in `keys` with sentences for operators above it, a field of [`Settings`] and a line in its
//! `read`. The sentences are the reference (`reference`) and the example (`example`), whose copies in `docs/` are written
//! anew by the command that their test names.

mod admin;
mod aws;
mod backups;
mod connections;
mod dialects;
mod error;
mod example;
mod flags;
mod guessable;
mod key;
mod keys;
mod layers;
mod log_to_db;
mod mail;
mod masked;
mod observability;
mod reference;
mod report;
mod retention;
mod settings;
mod sources;
mod tls;
mod transcription;
mod trust;
mod values;

use std::ffi::OsString;

pub(crate) use backups::BackupSettings;
pub(crate) use dialects::DialectSettings;
pub(crate) use error::ConfigError;
pub(crate) use example::example;
pub(crate) use flags::{ChunkFlags, CommonFlags, Flag, RecognizerFlags, ServerFlags, StoreFlags};
pub(crate) use layers::Layers;
pub(crate) use log_to_db::LogToDatabase;
pub(crate) use masked::without_password;
pub(crate) use observability::ObservabilitySettings;
pub(crate) use reference::reference;
pub(crate) use settings::{AudioUrl, DatabaseUrl, LogFormat, RateLimits, Settings, WorkerPlace};

/// A variable of the environment.
pub(crate) type Variable = (OsString, OsString);
