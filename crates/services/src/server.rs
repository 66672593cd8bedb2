//! What all servers have in common: a folder, a port, a process that can be started again and again, and the question
//! whether it answers.

use std::{
    fmt,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Command,
    time::Duration,
};

use tempfile::TempDir;

use crate::{Error, Port, Result, keeper::Keeper, waiting};

/// How long a server may take until it answers.
const START: Duration = Duration::from_mins(2);
/// How long a server may take to end when it is asked to. One that takes longer is killed.
const STOP: Duration = Duration::from_secs(30);
/// How long a server that has accepted a connection may be silent before it is asked again.
const ANSWER: Duration = Duration::from_secs(2);

/// A running server. Dropped, it is killed and its folder removed.
pub struct Server {
    name: &'static str,
    /// Signal for a gentle end.
    farewell: &'static str,
    port: Port,
    keeper: Keeper,
    answers: Box<dyn Fn() -> bool + Send + Sync>,
}

/// What a [`Server`] is made of.
pub(crate) struct Plan<'a> {
    pub(crate) name: &'static str,
    pub(crate) folder: TempDir,
    pub(crate) port: Port,
    pub(crate) command: &'a Command,
    /// As whom it runs, if not as ourselves.
    pub(crate) user: Option<&'a str>,
    /// The signal, without `SIG`, at which it ends gently.
    pub(crate) farewell: &'static str,
    /// Whether it does what it's there for.
    pub(crate) answers: Box<dyn Fn() -> bool + Send + Sync>,
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} on {}", self.name, self.port.address())
    }
}

impl Server {
    /// Starts a server and waits until it answers.
    pub(crate) fn start(plan: Plan<'_>) -> Result<Self> {
        let keeper = Keeper::new(plan.folder, plan.command, plan.user)?;
        let server =
            Self { name: plan.name, farewell: plan.farewell, port: plan.port, keeper, answers: plan.answers };
        server.restart()?;
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Its folder, with all that it keeps.
    pub fn folder(&self) -> &Path {
        self.keeper.folder()
    }

    /// The file that its output goes to.
    pub fn log(&self) -> &Path {
        self.keeper.log()
    }

    /// Whether its first process is there, running or paused.
    pub fn is_running(&self) -> bool {
        self.keeper.is_running()
    }

    pub(crate) fn kill(&self) -> Result {
        self.keeper.kill()
    }

    pub(crate) fn stop(&self) -> Result {
        self.keeper.resume()?;
        self.keeper.signal(self.farewell)?;
        let ended = waiting::until(STOP, || (!self.is_running()).then_some(()));
        // Nothing of it is to be left in any case.
        self.keeper.kill()?;
        ended.ok_or_else(|| self.failed(&format!("did not end within {STOP:?} and was killed")))
    }

    pub(crate) fn restart(&self) -> Result {
        self.keeper.start()?;
        let outcome = waiting::until(START, || {
            if !self.is_running() {
                return Some(Err(self.failed("ended while it was starting")));
            }
            (self.answers)().then_some(Ok(()))
        });
        outcome.unwrap_or_else(|| Err(self.failed(&format!("did not answer within {START:?}"))))
    }

    pub(crate) fn pause(&self) -> Result {
        self.keeper.pause()
    }

    pub(crate) fn resume(&self) -> Result {
        self.keeper.resume()
    }

    fn failed(&self, how: &str) -> Error {
        Error::new(format!("{} {how}", self.name)).with_log(self.keeper.log())
    }
}

/// Whether whoever listens there answers `question` with something that begins with `beginning`.
pub(crate) fn answers(address: SocketAddr, question: &[u8], beginning: &[u8]) -> bool {
    let ask = || {
        let mut connection = TcpStream::connect_timeout(&address, ANSWER)?;
        connection.set_read_timeout(Some(ANSWER))?;
        connection.write_all(question)?;
        let mut answer = vec![0; beginning.len()];
        connection.read_exact(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    ask().is_ok_and(|answer| answer == beginning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs;

    /// A server that answers when its script has made the file `ready`.
    fn start(script: &str) -> Result<Server> {
        let folder = programs::folder("script", None)?;
        let ready = folder.path().join("ready");
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Server::start(Plan {
            name: "the script",
            folder,
            port: Port::free()?,
            command: &command,
            user: None,
            farewell: "TERM",
            answers: Box::new(move || ready.exists()),
        })
    }

    #[test]
    fn a_server_that_ends_at_once_is_an_error_that_shows_its_log() {
        let error = start("exec /no/such/program").unwrap_err().to_string();
        assert!(error.starts_with("the script ended while it was starting\n"), "{error}");
        assert!(error.contains("/no/such/program"), "{error}");
    }

    #[test]
    fn a_paused_server_can_be_stopped() {
        let server = start("touch ready; exec tail -f /dev/null").unwrap();
        server.pause().unwrap();
        server.stop().unwrap();
        assert!(!server.is_running());
    }

    #[test]
    fn nobody_answers_where_nobody_listens() {
        assert!(!answers(Port::free().unwrap().address(), b"PING\r\n", b"+PONG"));
    }
}
