//! What goes with an installation: `lectern completions`, `lectern man`, `lectern healthcheck`, and the files that
//! `lectern config` writes.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

use super::AllFlags;

#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    pub(crate) action: ConfigAction,
    #[command(flatten)]
    pub(super) settings: AllFlags,
}

/// What to do with the configuration.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ConfigAction {
    /// Check it, and print what it comes to, secrets masked
    Check,
    /// Write a configuration file in which every setting is explained; those given as flags are in force
    Init {
        /// Where; - is the standard output
        #[arg(value_name = "PATH", default_value = "lectern.toml")]
        path: PathBuf,
        /// Replace the file that is there
        #[arg(long)]
        force: bool,
    },
    /// Print the reference of all settings, in Markdown
    Docs,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// The folder, which must be there
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct HealthcheckArguments {
    /// Ask the server at this address [default: the one that the configuration listens on]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    #[command(flatten)]
    pub(super) settings: AllFlags,
}
