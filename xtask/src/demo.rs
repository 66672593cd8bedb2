//! `cargo xtask demo`: the first thing to run.
//!
//! It starts a server that knows nothing, in a folder that is removed at the end, and does over HTTP what a client
//! would do: sign up, sign in, upload a lecture, watch it being transcribed, read and export it. The lecture's own text
//! is in `assets/`, so that the transcript can be marked.

mod accuracy;
pub(crate) mod client;
mod events;
mod screen;
mod story;

use std::{
    fs,
    hash::{BuildHasher as _, RandomState},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Outcome,
    programs::{Profile, build_lectern, without_settings},
    server::{Inbox, News, Server, last_words},
    tools::{self, POCKETSPHINX, POCKETSPHINX_MODEL},
};
use story::Story;

/// When the demo is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With an error if the transcript is a bad one.
    AfterTranscript,
    /// The server is there to be tried until then.
    OnCtrlC,
}

/// The part of the words that must be right: a little below what PocketSphinx gets right in clear speech.
const ENOUGH_PERCENT: usize = 75;
/// How long everything over HTTP may take on a slow machine.
const PATIENCE: Duration = Duration::from_mins(10);

/// The server's folders, all in one that is removed at the end.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("lectern.log")
    }

    /// A server that knows none of this machine's settings: no `LECTERN_*`, no `lectern.toml` of the current folder.
    fn server(&self, lectern: &Path) -> Outcome<Command> {
        let mut command = Command::new(lectern);
        without_settings(&mut command)
            .arg("serve")
            .current_dir(self.folder.path())
            .env("LECTERN_LISTEN", "127.0.0.1:0")
            .env("LECTERN_DATA_DIR", self.data())
            .env("LECTERN_CHUNK_SECONDS", "20")
            .stdin(Stdio::null())
            .stderr(fs::File::create(self.log())?);
        Ok(command)
    }

    /// An error, with the end of the server's log below it.
    fn explained(&self, error: impl std::fmt::Display) -> Box<dyn std::error::Error + Send + Sync> {
        let words = last_words(&self.log());
        if words.is_empty() {
            return error.to_string().into();
        }
        format!("{error}\n\nThe server's last words:\n{words}").into()
    }
}

/// Runs the demo.
pub(crate) fn run(ending: Ending, profile: Profile) -> Outcome {
    screen::title();
    tools::provide(&[POCKETSPHINX, POCKETSPHINX_MODEL])?;
    screen::step("PocketSphinx is installed");
    let building = Instant::now();
    let lectern = build_lectern(profile)?;
    screen::step(&format!("lectern is built, in {:.0} s", building.elapsed().as_secs_f64()));

    let inbox = Inbox::catching_ctrl_c()?;
    let place = Place { folder: tempfile::Builder::new().prefix("lectern-demo-").tempdir()? };
    let server = Server::start(place.server(&lectern)?, inbox).map_err(|error| place.explained(error))?;
    screen::step(&format!("it serves {} with a folder of its own", screen::link(server.url())));

    let Some(story) = told(&server).map_err(|error| place.explained(error))? else {
        server.stop()?;
        return Err("interrupted".into());
    };
    let docs_password = place.data().join("secrets/docs_password");
    let docs_password = fs::read_to_string(&docs_password)
        .map_err(|error| format!("can't read {}: {error}", docs_password.display()))?;
    match ending {
        Ending::AfterTranscript => server.stop()?,
        Ending::OnCtrlC => {
            screen::invitation(server.url(), &story, docs_password.trim());
            if server.wait(None) == News::ServerEnded {
                return Err(place.explained("the server ended"));
            }
            server.stop()?;
            screen::farewell();
        }
    }
    place.folder.close()?;
    judge(&story)
}

/// Plays the same against a server that runs already, be it one or several behind a load balancer. The account that it makes
/// there stays, so each time it is another.
pub(crate) fn at(url: &str) -> Outcome {
    let number = RandomState::new().hash_one(());
    let story = story::tell(url.trim_end_matches('/'), &format!("{}-{number:x}", story::USERNAME))?;
    judge(&story)
}

/// Has the story told beside, so that Ctrl-C and the server's end are noticed. Nothing is told to its end after Ctrl-C.
fn told(server: &Server) -> Outcome<Option<Story>> {
    let (url, finish) = (server.url().to_owned(), server.finish());
    let story = thread::spawn(move || {
        let _until_told = finish;
        story::tell(&url, story::USERNAME)
    });
    match server.wait(Some(PATIENCE)) {
        News::Finished => story.join().map_err(|_| "the demo itself failed")?.map(Some),
        News::Interrupted => Ok(None),
        News::ServerEnded => Err("the server ended".into()),
        News::Nothing => Err(format!("not finished after {PATIENCE:?}").into()),
    }
}

fn judge(story: &Story) -> Outcome {
    if story.accuracy.is_at_least(ENOUGH_PERCENT) {
        return Ok(());
    }
    Err(format!(
        "only {} of the words are right, and {ENOUGH_PERCENT} % should be: is the recogniser's model installed?",
        story.accuracy
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    #[test]
    fn an_error_shows_the_end_of_the_servers_log() {
        let place = place();
        let log: Vec<String> = (1..=30).map(|line| format!("line {line}")).collect();
        fs::write(place.log(), log.join("\n")).unwrap();
        let error = place.explained("it broke").to_string();
        assert!(error.starts_with("it broke\n") && error.ends_with("line 30"), "{error}");
        assert!(error.contains("line 11\n") && !error.contains("line 10\n"), "{error}");
    }

    #[test]
    fn without_a_log_an_error_stands_alone() {
        assert_eq!(place().explained("it broke").to_string(), "it broke");
    }

    #[test]
    fn the_server_gets_a_folder_and_a_port_of_its_own() {
        let place = place();
        let command = place.server(Path::new("lectern")).unwrap();
        let set: Vec<_> = command.get_envs().filter_map(|(name, value)| Some((name, value?))).collect();
        assert!(set.contains(&("LECTERN_LISTEN".as_ref(), "127.0.0.1:0".as_ref())), "{set:?}");
        assert!(set.contains(&("LECTERN_DATA_DIR".as_ref(), place.data().as_os_str())), "{set:?}");
    }
}
