//! `lectern seed` and `lectern doctor`.

use clap::Args;

use super::AllFlags;
use crate::config::StoreFlags;

#[derive(Debug, Args)]
pub(crate) struct SeedArguments {
    /// Add accounts, devices, balances and transcripts to look at; their passwords are printed
    #[arg(long)]
    pub(crate) demo: bool,
    /// Do that even where there are other accounts: everybody who knows the demo's passwords can sign in
    #[arg(long, requires = "demo")]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) store: StoreFlags,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Ask the server at this address, through whatever is before it [default: the public URL, if it is set]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(super) settings: AllFlags,
}
