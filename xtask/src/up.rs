//! `cargo xtask up`: a server that keeps what it's told.
//!
//! It takes its settings from `lectern.toml` and `LECTERN_*` like any other, and by default keeps everything in
//! `./lectern-data` of the workspace's root.

use console::style;

use crate::{
    Outcome,
    programs::{Profile, build_lectern, program},
    server::{Inbox, News, Server},
    tools::{self, POCKETSPHINX, POCKETSPHINX_MODEL},
};

/// Builds it, starts it, and stops it at Ctrl-C.
pub(crate) fn run(profile: Profile) -> Outcome {
    tools::provide(&[POCKETSPHINX, POCKETSPHINX_MODEL])?;
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
