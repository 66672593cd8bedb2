//! The command line's grammar.

mod backup;
mod install;
mod upkeep;
mod user;

use std::{path::PathBuf, sync::LazyLock};

use clap::{Args, Parser, Subcommand};

pub(crate) use backup::{BackupArguments, RestoreArguments};
pub(crate) use install::{
    CompletionsArguments, ConfigAction, ConfigArguments, HealthcheckArguments, ManArguments,
};
pub(crate) use upkeep::{DoctorArguments, SeedArguments};
pub(crate) use user::{CreateArguments, ListArguments, PasswordFlags, UserAction, UserArguments};

use crate::config::{ChunkFlags, CommonFlags, Flag, RecognizerFlags, ServerFlags, StoreFlags};

const CONFIG_HELP: &str =
    "The configuration file [default: lectern.toml, if there is one] [env: LECTERN_CONFIG]";
const TOKEN_HELP: &str = "The file that holds the worker token [env: LECTERN_WORKER_TOKEN_FILE, or \
                          LECTERN_WORKER_TOKEN for the token itself]";

/// The version, and the commit if whoever built it said which.
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| match option_env!("BUILD_COMMIT") {
        Some(commit) if !commit.is_empty() => format!("{} ({commit})", env!("CARGO_PKG_VERSION")),
        _ => env!("CARGO_PKG_VERSION").to_owned(),
    });
    &VERSION
}

/// Accounts and lecture transcription in one server.
///
/// Settings come from lectern.toml, from environment variables LECTERN_*, and from flags; later ones win.
#[derive(Debug, Parser)]
#[command(name = "lectern", version = version(), max_term_width = 100)]
pub(crate) struct Cli {
    #[arg(long, global = true, value_name = "PATH", help = CONFIG_HELP)]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API, and transcribe unless told otherwise
    Serve(ServeArguments),
    /// Transcribe for a server on another machine
    Worker(WorkerArguments),
    /// Make the database, or remove it
    Db(DbArguments),
    /// Change the database's schema; a server does `up` by itself when it starts
    Migrate(MigrateArguments),
    /// Transcribe a recording right here, without any server
    Transcribe(TranscribeArguments),
    /// Look at the keys that sign tokens, or replace them; a server that runs goes on
    Keys(KeysArguments),
    /// Look at the configuration
    Config(ConfigArguments),
    /// Make accounts and look after them, whether or not a server runs
    User(UserArguments),
    /// Make sure of what comes with Lectern, or add something to look at
    Seed(SeedArguments),
    /// Look for what is wrong with this installation, and say what to do about it
    Doctor(DoctorArguments),
    /// Ask this machine's server whether it is healthy, and say so by the exit code alone
    Healthcheck(HealthcheckArguments),
    /// Print what makes a shell complete commands and flags
    Completions(CompletionsArguments),
    /// Write manual pages
    Man(ManArguments),
    /// Take a backup of the database beside a server that runs, or try one out
    Backup(BackupArguments),
    /// Put what is in a backup in the place of the database
    Restore(RestoreArguments),
}

/// The flags of everything that a server does.
#[derive(Debug, Args)]
struct AllFlags {
    #[command(flatten)]
    store: StoreFlags,
    #[command(flatten)]
    server: ServerFlags,
    #[command(flatten)]
    recognizer: RecognizerFlags,
    #[command(flatten)]
    chunks: ChunkFlags,
}

impl AllFlags {
    fn given(&self) -> Vec<Flag> {
        [self.store.given(), self.server.given(), self.recognizer.given(), self.chunks.given()].concat()
    }
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    settings: AllFlags,
}

#[derive(Debug, Args)]
pub(crate) struct WorkerArguments {
    /// The server's address, such as <https://lectern.example.org>
    #[arg(long, value_name = "URL")]
    pub(crate) server: String,
    #[arg(long, value_name = "PATH", help = TOKEN_HELP)]
    token_file: Option<String>,
    /// What this worker is called in the server's log [default: the machine's name and the process's number]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    recognizer: RecognizerFlags,
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArguments {
    #[command(subcommand)]
    pub(crate) direction: Option<Direction>,
    #[command(flatten)]
    store: StoreFlags,
}

/// What to do to the schema.
#[derive(Debug, Clone, Copy, Default, Subcommand)]
pub(crate) enum Direction {
    /// Apply what is pending (the default)
    #[default]
    Up,
    /// Undo the last migration
    Down,
    /// Undo the last migration and apply it again
    Redo,
    /// List the migrations that are applied and pending
    Status,
}

#[derive(Debug, Args)]
pub(crate) struct DbArguments {
    #[command(subcommand)]
    pub(crate) step: DatabaseStep,
    #[command(flatten)]
    store: StoreFlags,
}

/// What to do with the database.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum DatabaseStep {
    /// Make it, with its tables and the built-in roles; one that is there is only migrated
    Init,
    /// Remove it, with all accounts and transcripts; recordings, keys and secrets stay
    Drop {
        /// Yes, all of it
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TranscribeArguments {
    /// The recording
    pub(crate) file: PathBuf,
    /// As what to write the text
    #[arg(long, value_name = "FORMAT", value_parser = ["txt", "srt", "vtt", "json", "docx"], default_value = "txt")]
    pub(crate) format: String,
    /// Where to write it [default: standard output]
    #[arg(long, short, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
    /// The language spoken, such as en or pt-BR
    #[arg(long, value_name = "TAG")]
    pub(crate) language: Option<String>,
    #[command(flatten)]
    recognizer: RecognizerFlags,
    #[command(flatten)]
    chunks: ChunkFlags,
}

#[derive(Debug, Args)]
pub(crate) struct KeysArguments {
    #[command(subcommand)]
    pub(crate) action: KeysAction,
    #[command(flatten)]
    store: StoreFlags,
}

/// What to do with the keys.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum KeysAction {
    /// List them, and what each does
    List,
    /// Make a new one, which begins to sign when everybody knows it; tokens stay valid
    Rotate(RotateArguments),
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct RotateArguments {
    /// How long the new key is published before it signs [default: 600]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub(crate) overlap: Option<u64>,
    /// Sign with the new key at once; servers that have not noticed it yet may refuse its tokens for some seconds
    #[arg(long, conflicts_with = "overlap")]
    pub(crate) now: bool,
    /// Sign with the new key at once, and remove all others because they leaked: everybody has to sign in again
    #[arg(long, conflicts_with_all = ["overlap", "now"])]
    pub(crate) revoke_old: bool,
}

impl Cli {
    /// The settings among the flags.
    pub(crate) fn settings(&self) -> Vec<Flag> {
        let specific = match &self.command {
            Command::Serve(serve) => serve.settings.given(),
            Command::Worker(worker) => {
                let token = Flag::given("token-file", "worker_token_file", worker.token_file.as_ref());
                worker.recognizer.given().into_iter().chain(token).collect()
            }
            Command::Db(db) => db.store.given(),
            Command::Migrate(migrate) => migrate.store.given(),
            Command::Transcribe(transcribe) => {
                [transcribe.recognizer.given(), transcribe.chunks.given()].concat()
            }
            Command::Keys(keys) => keys.store.given(),
            Command::Config(config) => config.settings.given(),
            Command::User(user) => user.store.given(),
            Command::Seed(seed) => seed.store.given(),
            Command::Doctor(doctor) => doctor.settings.given(),
            Command::Healthcheck(healthcheck) => healthcheck.settings.given(),
            Command::Completions(_) | Command::Man(_) => Vec::new(),
            Command::Backup(backup) => backup.store.given(),
            Command::Restore(restore) => restore.store.given(),
        };
        [self.common.given(), specific].concat()
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_are_settings() {
        let cli = ["lectern", "serve", "--listen", "[::1]:0", "--data-dir", "/srv/l"];
        let flags = Cli::try_parse_from(cli).unwrap().settings();
        assert!(flags.contains(&Flag::given("listen", "listen", Some(&"[::1]:0".to_owned())).unwrap()));
        assert!(flags.contains(&Flag::given("data-dir", "data_dir", Some(&"/srv/l".to_owned())).unwrap()));
    }

    #[test]
    fn a_flag_that_is_none_is_refused_with_the_nearest() {
        let refused = Cli::try_parse_from(["lectern", "serve", "--lisen", "[::1]:0"]).unwrap_err();
        assert!(refused.to_string().contains("'--listen'"), "{refused}");
    }

    #[test]
    fn a_flag_that_a_command_has_no_use_for_is_refused() {
        let worker = ["lectern", "worker", "--server", "http://127.0.0.1:1"];
        for (command, flag) in [
            (worker.as_slice(), ["--chunk-seconds", "5"]),
            (worker.as_slice(), ["--data-dir", "/srv/l"]),
            (&["lectern", "transcribe", "lecture.mp3"], ["--data-dir", "/srv/l"]),
            (&["lectern", "migrate", "status"], ["--listen", "[::1]:0"]),
            (&["lectern", "migrate", "status"], ["--recognizer", "none"]),
        ] {
            assert!(Cli::try_parse_from(command).is_ok(), "{command:?}");
            assert!(Cli::try_parse_from([command, &flag].concat()).is_err(), "{command:?} {flag:?}");
        }
    }
}
