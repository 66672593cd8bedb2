//! `lectern backup` and `lectern restore`.

use std::path::PathBuf;

use clap::Args;

use crate::config::StoreFlags;

#[derive(Debug, Args)]
pub(crate) struct BackupArguments {
    /// The folder of the backups [default: that of the settings]
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// Take none, but try out the one in FILE, or the newest: it is restored into a scratch database and compared
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "the flag, and its value, may each be missing")]
    pub(crate) verify: Option<Option<PathBuf>>,
    /// Read all recordings that go with it, too, and compare their checksums
    #[arg(long, requires = "verify")]
    pub(crate) audio: bool,
    #[command(flatten)]
    pub(crate) store: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArguments {
    /// The backup
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Replace a database that has accounts; it is kept under another name
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) store: StoreFlags,
}
