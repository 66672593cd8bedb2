//! One module for each command.

mod backup;
mod config;
mod database;
mod doctor;
mod healthcheck;
mod keys;
mod migrate;
mod paperwork;
mod password;
mod restore;
mod seed;
mod serve;
mod transcribe;
mod user;
mod work;

use config::Present;

use crate::{
    cli::{Cli, Command, ConfigAction},
    config::{Layers, Settings, Variable},
    failure::Failure,
    logging,
};

/// Runs a command.
pub(crate) fn run(cli: &Cli, environment: impl IntoIterator<Item = Variable>) -> Result<(), Failure> {
    if let Some(outcome) = without_configuration(cli) {
        return outcome;
    }
    let layers = Layers::read(cli.config.as_deref(), environment, &cli.settings())?;
    let settings = Settings::read(&layers)?;
    let mut logging = logging::start(&settings)?;
    // Only a server has a database to keep lines in for good.
    let kept = logging.kept.take().filter(|_| matches!(cli.command, Command::Serve(_)));
    match &cli.command {
        Command::Serve(_) => serve::run(&settings, kept),
        Command::Worker(arguments) => work::run(arguments, &settings),
        Command::Db(arguments) => database::run(arguments.step, &settings),
        Command::Migrate(arguments) => migrate::run(arguments.direction.unwrap_or_default(), &settings),
        Command::Transcribe(arguments) => transcribe::run(arguments, &settings),
        Command::Keys(arguments) => keys::run(arguments.action, &settings),
        Command::User(arguments) => user::run(&arguments.action, &settings),
        Command::Seed(arguments) => seed::run(arguments, &settings),
        Command::Doctor(arguments) => doctor::run(arguments, &settings),
        Command::Backup(arguments) => backup::run(arguments, &settings),
        Command::Restore(arguments) => restore::run(arguments, &settings),
        Command::Healthcheck(arguments) => healthcheck::run(arguments, &settings),
        Command::Config(_) => config::check(&layers, &settings),
        Command::Completions(arguments) => paperwork::completions(arguments),
        Command::Man(arguments) => paperwork::man(arguments),
    }
}

/// Runs a command that must work whatever the configuration is.
fn without_configuration(cli: &Cli) -> Option<Result<(), Failure>> {
    match &cli.command {
        Command::Config(arguments) => match &arguments.action {
            ConfigAction::Check => None,
            ConfigAction::Init { path, force } => {
                let present = if *force { Present::IsReplaced } else { Present::Stays };
                Some(config::init(path, present, &cli.settings()))
            }
            ConfigAction::Docs => Some(config::docs()),
        },
        Command::Completions(arguments) => Some(paperwork::completions(arguments)),
        Command::Man(arguments) => Some(paperwork::man(arguments)),
        _ => None,
    }
}

/// Runs a command's work, on the runtime of everything but requests, which have threads of their own: worker, timers, signals. Decoding,
/// hashing and SQL happen on its blocking threads.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("lectern")
        .enable_all()
        .build()
        .map_err(|error| Failure::operation("can't start threads").because(error))?;
    let outcome = runtime.block_on(work);
    // Whatever still runs on a blocking thread, such as a read that stalls, is nothing that anybody waits for.
    runtime.shutdown_background();
    outcome
}
