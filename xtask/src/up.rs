//! `cargo xtask up`: a server that keeps what it's told.
//!
//! It takes its settings from `lectern.toml` and `LECTERN_*` like any other, and by default keeps everything in
//! `./lectern-data` of the workspace's root. In the scaled profile there are several, with all that they share, and
//! nothing is kept ([`scaled`]).

mod scaled;

use std::{env, ffi::OsStr, num::NonZeroU8};

use clap::ValueEnum;
use console::style;

use crate::{
    Outcome,
    programs::{Profile, build_lectern, program},
    server::{Inbox, News, Server},
    tools::{self, POCKETSPHINX, POCKETSPHINX_MODEL},
};

/// What is started.
#[derive(Debug, clap::Args)]
pub(crate) struct Shape {
    /// One server on embedded parts, or several on PostgreSQL, Redis, RabbitMQ and S3 behind nginx, which are gone at the end
    #[arg(long, value_enum, default_value_t)]
    profile: Parts,
    /// How many servers, in the scaled profile [default: 2]
    #[arg(long, value_name = "NUMBER")]
    replicas: Option<NonZeroU8>,
}

/// What a server stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Parts {
    /// SQLite, files, memory.
    #[default]
    Embedded,
    /// PostgreSQL, Redis, RabbitMQ, S3.
    Scaled,
}

/// How many servers there are in the scaled profile if nobody says.
const REPLICAS: NonZeroU8 = NonZeroU8::MIN.saturating_add(1);

/// Builds what is to be started, starts it, and stops it at Ctrl-C.
pub(crate) fn run(shape: &Shape, profile: Profile) -> Outcome {
    match (shape.profile, shape.replicas) {
        (Parts::Embedded, Some(_)) => {
            Err("one server alone has a database file: several need --profile scaled".into())
        }
        (Parts::Embedded, None) => embedded(profile),
        (Parts::Scaled, replicas) => scaled::run(replicas.unwrap_or(REPLICAS), profile),
    }
}

fn embedded(profile: Profile) -> Outcome {
    provide_recognizer()?;
    let lectern = build_lectern(profile)?;
    let mut command = program(lectern);
    command.arg("serve");
    let server = Server::start(command, Inbox::catching_ctrl_c()?)?;
    println!("Lectern is at {}; Ctrl-C stops it", style(server.url()).cyan().bold());
    match server.wait(None) {
        News::ServerEnded => Err("the server ended".into()),
        News::Interrupted | News::Finished | News::Nothing => server.stop(),
    }
}

fn provide_recognizer() -> Outcome {
    if wants_pocketsphinx(env::var_os("LECTERN_RECOGNIZER").as_deref()) {
        tools::provide(&[POCKETSPHINX, POCKETSPHINX_MODEL])?;
    }
    Ok(())
}

/// Whether the server is to recognise speech with PocketSphinx, by the setting in the environment. An empty one counts
/// as not set.
fn wants_pocketsphinx(recognizer: Option<&OsStr>) -> bool {
    recognizer.is_none_or(|name| name.is_empty() || name == "auto" || name == "pocketsphinx")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_servers_need_something_to_share() {
        let shape = Shape { profile: Parts::Embedded, replicas: Some(REPLICAS) };
        let error = run(&shape, Profile::Dev).unwrap_err().to_string();
        assert!(error.contains("--profile scaled"), "{error}");
    }

    #[test]
    fn pocketsphinx_is_not_installed_for_those_who_use_another_recogniser() {
        for name in ["command", "none"] {
            assert!(!wants_pocketsphinx(Some(OsStr::new(name))), "{name}");
        }
    }

    #[test]
    fn pocketsphinx_is_what_there_is_for_those_who_asked_for_nothing_else() {
        assert!(wants_pocketsphinx(None));
        for name in ["", "auto", "pocketsphinx"] {
            assert!(wants_pocketsphinx(Some(OsStr::new(name))), "{name}");
        }
    }
}
