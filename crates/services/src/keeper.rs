//! A server's process with all its children, and the shell that keeps it.
//!
//! The shell is the server's parent and reads orders from a pipe. It sees the pipe's end when we close it and when we are
//! gone in whatever way, SIGKILL included, and then kills the server and removes its folder. The kernel's death signal
//! would not do: it comes when the *thread* dies that started the server, and tests run in threads that end. It does for
//! the shell, which has but one: a server goes with it too.
//!
//! A server's processes are its descendants, in whatever group or session (each process of PostgreSQL leads a group of
//! its own), and what is left of them in the shell's session or in the server's folder.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use tempfile::TempDir;

use crate::{Error, Result, programs};

/// The shell's script.
const SCRIPT: &str = include_str!("keeper.sh");

/// A server's command, its shell, and its folder, which is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Keeper {
    folder: PathBuf,
    log: PathBuf,
    shell: Mutex<Shell>,
}

#[derive(Debug)]
struct Shell {
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// The server's process, if it was ever started.
    server: Option<u32>,
}

impl Keeper {
    /// Keeps the server that `command` starts, which is not started yet, as the user of that name, or as ourselves. Its
    /// output goes to the file `log` in the folder.
    pub(crate) fn new(folder: TempDir, command: &Command, user: Option<&str>) -> Result<Self> {
        let log = folder.path().join("log");
        let mut shell = Command::new("setsid");
        shell.args(["sh", "-c", SCRIPT, "keeper"]).arg(folder.path()).arg(&log);
        shell.args(["setpriv", "--pdeathsig", "KILL"]).args(programs::identity(user));
        shell.arg("--").arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let written = fs::File::create(&log).map_err(|error| Error::cannot("write a log", error))?;
        shell.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(written);
        let mut process =
            shell.spawn().map_err(|error| Error::cannot("run setsid (Debian: util-linux)", error))?;
        let (Some(orders), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Error::new("a process without pipes"));
        };
        let shell = Shell { process, orders: Some(orders), answers: BufReader::new(answers), server: None };
        // From here on the shell removes it.
        Ok(Self { folder: folder.keep(), log, shell: Mutex::new(shell) })
    }

    /// Where the server has its files.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the server says.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Starts the server. What is left of the one before is killed.
    pub(crate) fn start(&self) -> Result {
        self.kill()?;
        let mut shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = shell.order("start")?;
        let server = answer.parse().map_err(|_| Error::new(format!("no process number: {answer:?}")))?;
        shell.server = Some(server);
        Ok(())
    }

    /// Whether the server's first process is there, running or paused.
    pub(crate) fn is_running(&self) -> bool {
        let shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(server) = shell.server else { return false };
        let stat = fs::read_to_string(format!("/proc/{server}/stat")).unwrap_or_default();
        // The name before may hold anything; then come the state and the parent.
        let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        let (state, parent) = (fields.next(), fields.next());
        state != Some("Z") && parent == Some(shell.process.id().to_string().as_str())
    }

    /// Sends a signal, by its name without `SIG`, to the server's first process.
    pub(crate) fn signal(&self, name: &str) -> Result {
        self.order(&format!("signal {name}"))
    }

    /// Stops all processes of the server (SIGSTOP).
    pub(crate) fn pause(&self) -> Result {
        self.order("pause")
    }

    /// Lets them go on (SIGCONT).
    pub(crate) fn resume(&self) -> Result {
        self.order("resume")
    }

    /// Kills all processes of the server at once (SIGKILL); they are gone when this returns.
    pub(crate) fn kill(&self) -> Result {
        self.order("kill")
    }

    fn order(&self, order: &str) -> Result {
        self.shell.lock().unwrap_or_else(PoisonError::into_inner).order(order).map(drop)
    }
}

impl Shell {
    /// Gives an order and waits for the answer.
    fn order(&mut self, order: &str) -> Result<String> {
        let lost = |error| Error::cannot("give a server's shell an order", error);
        if let Some(orders) = &mut self.orders {
            writeln!(orders, "{order}").map_err(lost)?;
        }
        let mut answer = String::new();
        match self.answers.read_line(&mut answer).map_err(lost)? {
            0 => Err(Error::new("a server's shell has ended")),
            _ => Ok(answer.trim().to_owned()),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let shell = self.shell.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(shell.orders.take());
        // It kills the server, removes the folder, and ends.
        let _ = shell.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{processes::in_folder, waiting::until};

    const PATIENCE: Duration = Duration::from_secs(30);
    /// Beside the server's own processes.
    const SHELL: usize = 1;

    /// A server by way of a script, with so many processes.
    fn started(script: &str, processes: usize) -> Keeper {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let keeper = Keeper::new(programs::folder("script", None).unwrap(), &command, None).unwrap();
        keeper.start().unwrap();
        until(PATIENCE, || (in_folder(keeper.folder()).len() == processes + SHELL).then_some(())).unwrap();
        keeper
    }

    /// How many of its processes are stopped.
    fn stopped(keeper: &Keeper) -> usize {
        let processes = in_folder(keeper.folder()).into_iter();
        let stats = processes.filter_map(|process| fs::read_to_string(format!("/proc/{process}/stat")).ok());
        stats.filter(|stat| stat.contains(") T ")).count()
    }

    #[test]
    fn a_process_that_leads_a_session_of_its_own_is_killed_too() {
        let keeper = started("setsid tail -f /dev/null & exec tail -f /dev/null", 2);
        keeper.kill().unwrap();
        assert_eq!(in_folder(keeper.folder()).len(), SHELL);
    }

    #[test]
    fn a_process_that_lost_its_parent_is_killed_too() {
        let keeper = started("(tail -f /dev/null &); exec tail -f /dev/null", 2);
        keeper.kill().unwrap();
        assert_eq!(in_folder(keeper.folder()).len(), SHELL);
    }

    #[test]
    fn a_process_that_lost_its_parent_and_leads_a_session_of_its_own_is_killed_too() {
        let keeper = started("(setsid tail -f /dev/null &); exec tail -f /dev/null", 2);
        keeper.kill().unwrap();
        assert_eq!(in_folder(keeper.folder()).len(), SHELL);
    }

    #[test]
    fn what_a_server_that_ended_left_behind_is_killed_too() {
        let keeper = started("tail -f /dev/null & exit 3", 1);
        until(PATIENCE, || (!keeper.is_running()).then_some(())).unwrap();
        keeper.kill().unwrap();
        assert_eq!(in_folder(keeper.folder()).len(), SHELL);
    }

    #[test]
    fn a_pause_stops_all_processes_until_they_go_on() {
        let keeper = started("setsid tail -f /dev/null & exec tail -f /dev/null", 2);
        keeper.pause().unwrap();
        until(PATIENCE, || (stopped(&keeper) == 2).then_some(())).unwrap();
        assert!(keeper.is_running());
        keeper.resume().unwrap();
        until(PATIENCE, || (stopped(&keeper) == 0).then_some(())).unwrap();
    }

    #[test]
    fn a_signal_reaches_the_first_process() {
        let keeper = started("trap 'touch told; exit' USR1; tail -f /dev/null & wait", 2);
        keeper.signal("USR1").unwrap();
        until(PATIENCE, || (!keeper.is_running()).then_some(())).unwrap();
        assert!(keeper.folder().join("told").exists());
    }

    #[test]
    fn a_server_runs_once_at_most() {
        let keeper = started("exec tail -f /dev/null", 1);
        keeper.start().unwrap();
        assert!(keeper.is_running());
        assert_eq!(in_folder(keeper.folder()).len(), 1 + SHELL);
    }

    #[test]
    fn a_server_goes_with_its_keeper() {
        let keeper = started("touch running; exec tail -f /dev/null", 1);
        until(PATIENCE, || keeper.folder().join("running").exists().then_some(())).unwrap();
        keeper.shell.lock().unwrap().process.kill().unwrap();
        until(PATIENCE, || in_folder(keeper.folder()).is_empty().then_some(())).unwrap();
        fs::remove_dir_all(keeper.folder()).unwrap();
    }

    #[test]
    fn what_a_server_says_is_in_its_log() {
        let keeper = started("echo said; echo complained >&2; exec tail -f /dev/null", 1);
        let log =
            until(PATIENCE, || fs::read_to_string(keeper.log()).ok().filter(|log| log.lines().count() == 2));
        assert_eq!(log.unwrap(), "said\ncomplained\n");
    }
}
