//! `cargo xtask`: what developers and newcomers run.
//!
//! One module per command. A command prints what it does, and what a command finds wrong is its error; nothing here is
//! part of the product. To add one, write its module, name it below, and add a variant to [`Command`].
//!
//! | command | module |
//! |---|---|
//! | `demo` | [`demo`]: the first thing to run |
//! | `up` | [`up`]: a server that lasts, or several to be thrown away |
//! | `services` | [`services`]: PostgreSQL, Redis, RabbitMQ and S3 to be thrown away |
//! | `test`, `ci` | [`mod@test`], [`ci`]: everything that must hold |
//! | `dist` | [`dist`]: the archive that people install from |
//! | `golden` | [`golden`]: what the classic dialects answer, row by row |
//! | `bench` | [`mod@bench`]: what people wait for, beside its yardsticks |
//! | `fuzz-api` | [`fuzz`]: what the OpenAPI document promises |
//! | `layers`, `tidy` | [`layers`], [`tidy`]: the rules that a compiler doesn't know |
//! | `db` | [`database`]: the database of `up` |
//! | `seed` | [`seed`]: something to look at in it |
//! | `migrate` | [`migrate`]: its schema |

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to whoever runs it is what a command does"
)]

mod bench;
mod ci;
mod crates;
mod database;
mod demo;
mod dist;
mod fuzz;
mod golden;
mod layers;
mod migrate;
mod programs;
mod python;
mod seed;
mod server;
mod services;
mod test;
mod tidy;
mod tools;
mod up;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::programs::Profile;

/// What a command came to. Its error is a sentence for whoever ran it.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What developers and newcomers run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a throw-away server, transcribes a lecture with it and shows what came out
    Demo {
        /// End after the transcript, with an error if too many of its words are wrong
        #[arg(long)]
        once: bool,
        /// Do it with a server that runs already, such as one of `up`, and leave that as it is
        #[arg(long, value_name = "URL", conflicts_with_all = ["once", "release"])]
        server: Option<String>,
        #[command(flatten)]
        build: Build,
    },
    /// Starts a server that keeps what it's told in ./lectern-data, or several with all that they need, to be thrown away
    Up {
        #[command(flatten)]
        shape: up::Shape,
        #[command(flatten)]
        build: Build,
    },
    /// Starts throw-away servers (PostgreSQL, Redis, RabbitMQ, S3) and runs a command with them, or waits for Ctrl-C
    Services {
        /// Only these, separated by commas
        #[arg(long, value_enum, value_delimiter = ',', value_name = "SERVERS")]
        only: Vec<services::Kind>,
        /// The command, which finds them by `LECTERN_TEST_POSTGRES_URL` and the like
        #[arg(last = true)]
        command: Vec<OsString>,
    },
    /// Installs what the tests need and runs them all
    Test {
        /// Only the tests of this package
        #[arg(long, value_name = "PACKAGE")]
        only: Option<String>,
    },
    /// Runs what a change must pass: format, lints, documentation and tests
    Ci,
    /// Compares what the classic dialects answer with the golden files
    Golden {
        /// Write the files anew, to be read before they are committed
        #[arg(long)]
        update: bool,
    },
    /// Measures what people wait for, each beside its yardstick, on a machine that has nothing else to do
    Bench {
        /// Only these parts, such as `start` or `uploads`
        parts: Vec<String>,
        /// Write the table into docs/benchmarks.md
        #[arg(long, conflicts_with = "parts")]
        write: bool,
    },
    /// Tries what the OpenAPI document promises, with Schemathesis
    FuzzApi {
        /// How many examples of each operation
        #[arg(long, value_name = "NUMBER", default_value_t = 200)]
        examples: u32,
    },
    /// Makes the archive that people install from, in target/packages
    Dist {
        /// How the binary is built
        #[arg(long, value_enum, default_value_t)]
        profile: dist::Build,
        /// Try it in a bare Debian, which is made under target; only root can
        #[arg(long)]
        check: bool,
    },
    /// Checks that crates depend on each other inwards only
    Layers,
    /// Checks rules of style that no lint knows
    Tidy,
    /// Makes the database of `up`, or removes it
    Db {
        #[command(subcommand)]
        step: database::Step,
    },
    /// Makes sure of what comes with Lectern in the database of `up`, or adds something to look at
    Seed {
        #[command(flatten)]
        what: seed::What,
    },
    /// Changes the schema of the database of `up`, or begins a new change
    Migrate {
        #[command(subcommand)]
        step: Option<migrate::Step>,
    },
}

#[derive(Debug, clap::Args)]
struct Build {
    /// Build with optimisation
    #[arg(long)]
    release: bool,
}

impl From<Build> for Profile {
    fn from(build: Build) -> Self {
        if build.release { Self::Release } else { Self::Dev }
    }
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo { server: Some(url), .. } => demo::at(&url),
        Command::Demo { once, build, server: None } => {
            demo::run(if once { demo::Ending::AfterTranscript } else { demo::Ending::OnCtrlC }, build.into())
        }
        Command::Up { shape, build } => up::run(&shape, build.into()),
        Command::Services { only, command } => services::run(&only, &command),
        Command::Test { only } => test::run(only.as_deref()),
        Command::Ci => ci::run(),
        Command::Golden { update } => {
            golden::run(if update { golden::Intent::Update } else { golden::Intent::Compare })
        }
        Command::Bench { parts, write } => {
            bench::run(&parts, if write { bench::Table::InTheDocument } else { bench::Table::OnTheScreen })
        }
        Command::FuzzApi { examples } => fuzz::run(examples),
        Command::Dist { profile, check } => {
            dist::run(profile, if check { dist::Trial::Yes } else { dist::Trial::No })
        }
        Command::Layers => layers::run(),
        Command::Tidy => tidy::run(),
        Command::Db { step } => database::run(step),
        Command::Seed { what } => seed::run(what),
        Command::Migrate { step } => migrate::run(&step.unwrap_or_default()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} {error}", console::style("error:").for_stderr().red().bold());
            ExitCode::FAILURE
        }
    }
}
