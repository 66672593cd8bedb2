//! `cargo xtask up`: a server that keeps what it's told.
//!
//! It takes its settings from `lectern.toml` and `LECTERN_*` like any other, and by default keeps everything in
//! `./lectern-data` of the workspace's root.

use std::{env, ffi::OsStr};

use console::style;

use crate::{
    Outcome,
    programs::{Profile, build_lectern, program},
    server::{Inbox, News, Server},
    tools::{self, POCKETSPHINX, POCKETSPHINX_MODEL},
};

/// Builds it, starts it, and stops it at Ctrl-C.
pub(crate) fn run(profile: Profile) -> Outcome {
    if wants_pocketsphinx(env::var_os("LECTERN_RECOGNIZER").as_deref()) {
        tools::provide(&[POCKETSPHINX, POCKETSPHINX_MODEL])?;
    }
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

/// Whether the server is to recognise speech with PocketSphinx, by the setting in the environment. An empty one counts
/// as not set.
fn wants_pocketsphinx(recognizer: Option<&OsStr>) -> bool {
    recognizer.is_none_or(|name| name.is_empty() || name == "auto" || name == "pocketsphinx")
}

#[cfg(test)]
mod tests {
    use super::*;

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
