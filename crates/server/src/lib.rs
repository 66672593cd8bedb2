//! The command line `lectern`, and the composition root: the only place that knows all adapters.
//!
//! There are no rules here. A command reads the `config`, builds the adapters and the use cases (`compose`) and
//! lets them run.
//!
//! | module | what is there |
//! |---|---|
//! | `cli` | the command line's grammar |
//! | `config` | the settings: file, environment, flags |
//! | `compose` | adapters into use cases |
//! | `commands` | one module for each command |
//! | `doctor` | what is wrong with an installation |
//! | `demo` | what `lectern seed --demo` adds |
//! | `account_report` | accounts as the command line shows them |
//! | `data_dir` | the data folder |
//! | `lock` | what keeps a second server out of a data folder and of a database |
//! | `open_files` | how many files the process may have open |
//! | `metrics` | what was counted and measured, told |
//! | `logging`, `shutdown`, `failure`, `output` | what a process has to do with its terminal and its operating system |
//!
//! A new adapter is chosen in `compose` by a setting; a new command is a variant in `cli` and a module in `commands`.

mod account_report;
mod cli;
mod commands;
mod compose;
mod config;
mod data_dir;
mod demo;
mod doctor;
mod failure;
mod lock;
mod logging;
mod metrics;
mod open_files;
mod output;
mod shutdown;

use std::{env, process::ExitCode};

use clap::Parser as _;

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    // Prints help or what is wrong with the command line, and exits with 0 or 2.
    let cli = cli::Cli::parse();
    match commands::run(&cli, env::vars_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::error(&failure);
            failure.exit_code()
        }
    }
}
