//! Starts the real `lectern` in a folder of its own, and talks to it.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Output, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::{
    profile::Profile,
    scaled::parts::{Parts, Stands},
};

/// The issuer of tokens: the same after a restart, which takes another port.
const PUBLIC_URL: &str = "http://lectern.test";
/// The most that starting or stopping may take before a test gives up.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running server. Killed when dropped.
pub(crate) struct Server {
    // Killed first: what it stands on is removed after it.
    running: Running,
    folder: TempDir,
    variables: Vec<(String, String)>,
    /// What it stands on, if that is not in the program. Replicas of one service have it elsewhere.
    parts: Option<Parts>,
    /// Without cookies, redirects, this machine's proxy or a pool that outlives the server.
    pub(crate) client: reqwest::Client,
}

struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Server {
    /// A server with fast settings: cheap password hashes, and no recogniser unless `variables` name one.
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        Self::start_on(Profile::Embedded, variables).await
    }

    /// The same on a profile.
    pub(crate) async fn start_on(profile: Profile, variables: &[(&str, &str)]) -> Self {
        let parts = match profile {
            Profile::Embedded => None,
            Profile::Scaled => Some(Parts::stand(Stands::default()).await),
        };
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let of_parts = parts.iter().flat_map(Parts::settings);
        let mut server = Self::replica(of_parts.chain(variables).collect()).await;
        server.parts = parts;
        server
    }

    /// A server with the same fast settings on parts that somebody else has.
    pub(crate) async fn replica(variables: Vec<(String, String)>) -> Self {
        let folder = TempDir::new().unwrap();
        let running = Running::start(folder.path(), &variables).await;
        Self { running, folder, variables, parts: None, client: client() }
    }

    /// A server with the same fast settings on a data folder that `prepare` puts into the folder it gets.
    pub(crate) async fn start_with(prepare: impl FnOnce(&Path)) -> Self {
        let folder = TempDir::new().unwrap();
        prepare(folder.path());
        let running = Running::start(folder.path(), &[]).await;
        Self { running, folder, variables: Vec::new(), parts: None, client: client() }
    }

    /// What it stands on, if that is not in the program.
    pub(crate) fn parts(&self) -> Option<&Parts> {
        self.parts.as_ref()
    }

    /// The address of a path, such as `/healthz`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url)
    }

    /// The server's process.
    pub(crate) fn process_id(&self) -> u32 {
        self.running.child.id().unwrap()
    }

    /// Runs another command of the program in the server's folder, with its settings.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let variables: Vec<_> =
            self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        run(self.folder.path(), &variables, arguments).await
    }

    /// The folder that it was started in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub(crate) fn data_dir(&self) -> PathBuf {
        data_dir(self.folder.path())
    }

    /// What workers authorise themselves with.
    pub(crate) fn worker_token(&self) -> String {
        fs::read_to_string(self.data_dir().join("secrets/worker_token")).unwrap().trim().to_owned()
    }

    /// The file it logs to.
    pub(crate) fn log_path(&self) -> PathBuf {
        log_file(self.folder.path())
    }

    /// What the server has logged so far, since its first start.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(log_file(self.folder.path())).unwrap()
    }

    /// What its workers have logged so far.
    pub(crate) fn workers_log(&self) -> String {
        fs::read_to_string(workers_log_file(self.folder.path())).unwrap_or_default()
    }

    /// What the server prints on stdout from here to its end. To be called when it was stopped.
    pub(crate) async fn rest_of_stdout(&mut self) -> String {
        let mut rest = String::new();
        timeout(PATIENCE, self.running.stdout.read_to_string(&mut rest)).await.unwrap().unwrap();
        rest
    }

    /// SIGKILL: the server has no chance to do anything about it.
    pub(crate) async fn kill(&mut self) {
        timeout(PATIENCE, self.running.child.kill()).await.unwrap().unwrap();
    }

    /// SIGTERM, and waits until the server has stopped.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        terminate(&mut self.running.child).await
    }

    /// Starts it again on the same folder; if it still runs, after SIGKILL. Its address is another.
    pub(crate) async fn restart(&mut self) {
        if self.running.child.id().is_some() {
            self.kill().await;
        }
        self.running = Running::start(self.folder.path(), &self.variables).await;
    }
}

impl Running {
    async fn start(folder: &Path, variables: &[(String, String)]) -> Self {
        let log = append_to(&log_file(folder));
        let mut child = lectern(folder)
            .arg("serve")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        timeout(PATIENCE, stdout.read_line(&mut line)).await.unwrap().unwrap();
        let Some(url) = line.trim_end().strip_prefix("listening on ") else {
            let log = fs::read_to_string(log_file(folder)).unwrap();
            unreachable!("the server said {line:?} instead of where it listens; its log:\n{log}");
        };
        Self { child, stdout, url: url.to_owned() }
    }
}

/// A client without cookies, redirects, or this machine's proxy.
pub(crate) fn client() -> reqwest::Client {
    let redirect = reqwest::redirect::Policy::none();
    reqwest::Client::builder().no_proxy().redirect(redirect).build().unwrap()
}

/// SIGTERM, and waits for the end.
pub(crate) async fn terminate(child: &mut Child) -> ExitStatus {
    let id = child.id().unwrap();
    kill_process(Pid::from_raw(id.try_into().unwrap()).unwrap(), Signal::TERM).unwrap();
    timeout(PATIENCE, child.wait()).await.unwrap().unwrap()
}

/// Starts a worker for `server`, which is killed when dropped. `recognise` is its recogniser's command line.
pub(crate) fn start_worker(server: &Server, recognise: &str) -> Child {
    lectern(server.folder.path())
        .args(["worker", "--server", &server.running.url])
        .env("LECTERN_WORKER_TOKEN", server.worker_token())
        .env("LECTERN_RECOGNIZER", "command")
        .env("LECTERN_RECOGNIZER_COMMAND", recognise)
        .stdout(Stdio::null())
        .stderr(append_to(&workers_log_file(server.folder.path())))
        .spawn()
        .unwrap()
}

/// Runs a command of the program to its end, in `folder` and with its data folder there.
pub(crate) async fn run<A: AsRef<OsStr>>(
    folder: &Path,
    variables: &[(&str, &str)],
    arguments: &[A],
) -> Output {
    let mut command = lectern(folder);
    command.args(arguments).envs(variables.iter().copied());
    timeout(PATIENCE, command.output()).await.unwrap().unwrap()
}

/// Runs a command of the program to its end, in `folder` and with its data folder there, with something to read.
pub(crate) async fn run_with_input(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let file = folder.join("input");
    fs::write(&file, input).unwrap();
    let mut command = lectern(folder);
    command.args(arguments).stdin(fs::File::open(&file).unwrap());
    timeout(PATIENCE, command.output()).await.unwrap().unwrap()
}

/// Starts a command of the program, in `folder` and with its data folder there. Killed when dropped.
pub(crate) fn spawn(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Child {
    let mut command = lectern(folder);
    command.args(arguments).envs(variables.iter().copied());
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A shell that runs a script and stops at its first failure, with no proxy between it and this machine's servers, and none
/// of the variables that tell tests about these.
pub(crate) async fn shell(folder: &Path, script: &str) -> Output {
    let mut shell = Command::new("sh");
    for proxy in ["http_proxy", "https_proxy", "all_proxy"] {
        shell.env_remove(proxy).env_remove(proxy.to_uppercase());
    }
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LECTERN_")) {
        shell.env_remove(name);
    }
    shell.args(["-eu", "-c", script]).current_dir(folder).output().await.unwrap()
}

/// The program, with nothing of the test's own environment but where programs are.
fn lectern(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lectern"));
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("LECTERN_LISTEN", "127.0.0.1:0")
        .env("LECTERN_PUBLIC_URL", PUBLIC_URL)
        .env("LECTERN_DATA_DIR", data_dir(folder))
        .env("LECTERN_BCRYPT_COST", "4")
        .env("LECTERN_RECOGNIZER", "none");
    command
}

fn data_dir(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("server.log")
}

fn workers_log_file(folder: &Path) -> PathBuf {
    folder.join("workers.log")
}

fn append_to(file: &Path) -> fs::File {
    fs::OpenOptions::new().create(true).append(true).open(file).unwrap()
}
