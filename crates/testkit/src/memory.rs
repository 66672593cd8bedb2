//! The database and the audio store in this process's memory.
//!
//! They keep every promise of their ports, and run the same contract suites as the real adapters. Besides, they fail
//! when a test asks for it: [`MemoryDatabase::break_down`], [`MemoryDatabase::fail_next_commits`],
//! [`MemoryDatabase::lose_next_commits_answers`],
//! [`MemoryAudioStore::break_down`], [`MemoryAudioStore::fill_up`]; and they wait when a test asks for it:
//! [`MemoryDatabase::hold_next_session`], [`MemoryDatabase::hold_next_commit`].

mod audio;
mod backups;
mod database;
mod dumps;
mod lists;
mod logs;
mod queries;
mod queue;
mod roles;
mod search;
mod tables;
mod unit;

pub use audio::MemoryAudioStore;
pub use backups::MemoryBackups;
pub use database::{Hold, MemoryDatabase};
pub use dumps::MemoryDumps;
