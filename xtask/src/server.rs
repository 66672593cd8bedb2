//! A `lectern serve` that we started, and the news while it runs.
//!
//! The server is in a process group of its own: Ctrl-C in the terminal reaches us alone, and we end the server by
//! SIGTERM, so that it can finish what it's doing. Dropped without [`Server::stop`], it is killed.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use crate::{
    Outcome,
    programs::{program, run, shown},
};

/// How long a start may take; the first one makes keys, secrets and a database.
const START: Duration = Duration::from_mins(1);
/// How long a stop may take; the server gives requests and its worker 10 s.
const STOP: Duration = Duration::from_secs(15);
/// How much of a server's log is shown when it failed.
const LAST_LINES: usize = 20;
/// How the server says that it's ready.
const READY: &str = "listening on ";

/// What happens meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// Somebody pressed Ctrl-C, or asked us to end.
    Interrupted,
    /// The server is gone.
    ServerEnded,
    /// What was begun beside is finished.
    Finished,
    /// Nothing, for as long as was to be waited.
    Nothing,
}

/// What the threads beside tell.
enum Message {
    Listening(String),
    News(News),
}

/// Dropped, tells that what runs beside is finished, even if by a panic.
#[derive(Debug)]
pub(crate) struct Finish(Sender<Message>);

impl Drop for Finish {
    fn drop(&mut self) {
        // Nobody to tell means that nobody waits any more.
        let _ = self.0.send(Message::News(News::Finished));
    }
}

/// Ctrl-C, SIGTERM and SIGHUP, turned into [`News`]. Made once, before there is anything to clean up.
pub(crate) struct Inbox {
    sender: Sender<Message>,
    messages: Receiver<Message>,
    /// Who hears of a server's end, too.
    besides: Option<Sender<Message>>,
}

impl Inbox {
    /// From here on, Ctrl-C no longer ends this process by itself.
    pub(crate) fn catching_ctrl_c() -> Outcome<Self> {
        let inbox = Self::deaf();
        let sender = inbox.sender.clone();
        ctrlc::set_handler(move || {
            let _ = sender.send(Message::News(News::Interrupted));
        })?;
        Ok(inbox)
    }

    /// Ctrl-C ends this process as it always does.
    pub(crate) fn deaf() -> Self {
        let (sender, messages) = mpsc::channel();
        Self { sender, messages, besides: None }
    }

    /// One for a server among several: its end is news in `all`, too.
    pub(crate) fn of_one_among(all: &Self) -> Self {
        Self { besides: Some(all.sender.clone()), ..Self::deaf() }
    }

    /// Waits for news, at most for `patience` if there is a limit to it.
    pub(crate) fn wait(&self, patience: Option<Duration>) -> News {
        let message = match patience {
            Some(patience) => self.messages.recv_timeout(patience).ok(),
            None => self.messages.recv().ok(),
        };
        match message {
            Some(Message::News(news)) => news,
            Some(Message::Listening(_)) | None => News::Nothing,
        }
    }
}

/// A server that listens.
pub(crate) struct Server {
    child: Child,
    inbox: Inbox,
    url: String,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) fn start(mut command: Command, inbox: Inbox) -> Outcome<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("can't run {}: {error}", shown(&command)))?;
        if let Some(stdout) = child.stdout.take() {
            let sender = inbox.sender.clone();
            let besides = inbox.besides.clone();
            thread::spawn(move || {
                report(BufReader::new(stdout), &sender);
                if let Some(besides) = besides {
                    let _ = besides.send(Message::News(News::ServerEnded));
                }
            });
        }
        let mut server = Self { child, inbox, url: String::new() };
        match server.inbox.messages.recv_timeout(START) {
            Ok(Message::Listening(url)) => {
                server.url = url;
                Ok(server)
            }
            Ok(Message::News(News::Interrupted)) => Err("interrupted".into()),
            Ok(Message::News(_)) => {
                Err(format!("the server ended at once ({})", server.child.wait()?).into())
            }
            Err(_) => Err(format!("the server did not listen within {START:?}").into()),
        }
    }

    /// Where it listens: `http://host:port`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// To be kept by what runs beside until it is finished.
    pub(crate) fn finish(&self) -> Finish {
        Finish(self.inbox.sender.clone())
    }

    /// Waits for news, at most for `patience` if there is a limit to it.
    pub(crate) fn wait(&self, patience: Option<Duration>) -> News {
        self.inbox.wait(patience)
    }

    /// Ends it gracefully; a second Ctrl-C or a server that takes too long ends it at once.
    pub(crate) fn stop(self) -> Outcome {
        self.end().map(drop)
    }

    /// The same, and answers how it ended.
    pub(crate) fn end(mut self) -> Outcome<ExitStatus> {
        if let Some(ended) = self.child.try_wait()? {
            return Ok(ended);
        }
        let pid = self.child.id().to_string();
        // The shell's own `kill`: a slim system has no other.
        run(program("sh").args(["-c", "kill -TERM \"$1\"", "sh", &pid]))?;
        loop {
            match self.wait(Some(STOP)) {
                News::ServerEnded => break,
                News::Interrupted | News::Nothing => {
                    self.child.kill()?;
                    break;
                }
                News::Finished => {}
            }
        }
        Ok(self.child.wait()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail for a server that has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The end of a server's log. Empty if there is none.
pub(crate) fn last_words(log: &Path) -> String {
    let log = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default().join("\n")
}

/// Tells where the server listens and, when its output ends, that it's gone. Other lines are passed on.
fn report(lines: impl BufRead, to: &Sender<Message>) {
    for line in lines.lines().map_while(Result::ok) {
        match line.strip_prefix(READY) {
            Some(url) => {
                let _ = to.send(Message::Listening(url.trim().trim_end_matches('/').to_owned()));
            }
            None => println!("{line}"),
        }
    }
    let _ = to.send(Message::News(News::ServerEnded));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server by way of a shell script.
    fn start(script: &str) -> Outcome<Server> {
        let mut command = program("sh");
        command.args(["-c", script]);
        Server::start(command, Inbox::deaf())
    }

    #[test]
    fn a_server_is_started_once_it_says_where_it_listens() {
        let server = start("echo 'listening on http://127.0.0.1:4321/'; exec tail -f /dev/null").unwrap();
        assert_eq!(server.url(), "http://127.0.0.1:4321");
    }

    #[test]
    fn a_server_that_ends_before_it_listens_is_an_error() {
        let error = start("exit 3").err().unwrap();
        assert!(error.to_string().contains("exit status: 3"), "{error}");
    }

    #[test]
    fn a_stopped_server_has_had_the_time_to_clean_up() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cleaned-up");
        let script = format!(
            "trap 'touch {}; kill $!; exit 0' TERM; echo 'listening on http://h:1'; tail -f /dev/null & wait",
            file.display()
        );
        start(&script).unwrap().stop().unwrap();
        assert!(file.exists());
    }

    #[test]
    fn a_server_that_ends_by_itself_is_news() {
        let server = start("echo 'listening on http://h:1'").unwrap();
        assert_eq!(server.wait(None), News::ServerEnded);
    }

    #[test]
    fn the_end_of_one_among_several_is_news_to_all() {
        let all = Inbox::deaf();
        let mut command = program("sh");
        command.args(["-c", "echo 'listening on http://h:1'"]);
        let _server = Server::start(command, Inbox::of_one_among(&all)).unwrap();
        assert_eq!(all.wait(None), News::ServerEnded);
    }

    #[test]
    fn what_runs_beside_can_tell_that_it_is_finished() {
        let server = start("echo 'listening on http://h:1'; exec tail -f /dev/null").unwrap();
        let finish = server.finish();
        thread::spawn(move || drop(finish));
        assert_eq!(server.wait(None), News::Finished);
    }
}
