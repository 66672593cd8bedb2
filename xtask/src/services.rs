//! `cargo xtask services`: private throw-away servers, for a command or until Ctrl-C.
//!
//! Tests learn by environment variables where they are. All of it is gone with this process, however that ends.

use std::{ffi::OsString, path::PathBuf, process::Command, thread};

use clap::ValueEnum;
use lectern_services::{PostgreSql, RabbitMq, Redis, S3, Service};

use crate::{
    Outcome, crates,
    programs::run as run_program,
    server::Inbox,
    tools::{self, POSTGRESQL, RABBITMQ, REDIS, SETPRIV, Tool},
};

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// PostgreSQL.
    Postgres,
    /// Redis.
    Redis,
    /// RabbitMQ.
    Rabbitmq,
    /// S3.
    S3,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Postgres, Self::Redis, Self::Rabbitmq, Self::S3];

    /// What must be installed for it; S3's program is built.
    const fn tool(self) -> Option<Tool> {
        match self {
            Self::Postgres => Some(POSTGRESQL),
            Self::Redis => Some(REDIS),
            Self::Rabbitmq => Some(RABBITMQ),
            Self::S3 => None,
        }
    }
}

/// The programs of servers that are not on `PATH`.
#[derive(Debug, Default)]
pub(crate) struct Built {
    s3s_fs: Option<PathBuf>,
}

impl Built {
    /// What tells tests, which start servers of their own, where the programs are.
    pub(crate) fn environment(&self) -> Option<(&'static str, OsString)> {
        self.s3s_fs.as_ref().map(|program| (S3::PROGRAM_VARIABLE, program.into()))
    }
}

/// Makes sure that the programs of those servers are there.
pub(crate) fn provide(kinds: &[Kind]) -> Outcome<Built> {
    let mut wanted = vec![SETPRIV];
    wanted.extend(kinds.iter().filter_map(|kind| kind.tool()));
    tools::provide(&wanted)?;
    let s3s_fs = kinds.contains(&Kind::S3).then(|| crates::provide(&crates::S3S_FS)).transpose()?;
    Ok(Built { s3s_fs })
}

/// Servers that run. Dropped, they are gone.
#[derive(Default)]
pub(crate) struct Servers {
    pub(crate) postgres: Option<PostgreSql>,
    pub(crate) redis: Option<Redis>,
    pub(crate) rabbit: Option<RabbitMq>,
    pub(crate) s3: Option<S3>,
}

impl Servers {
    /// Starts those, all at once.
    pub(crate) fn start(kinds: &[Kind], built: &Built) -> Outcome<Self> {
        let wants = |kind| kinds.contains(&kind);
        thread::scope(|scope| {
            let postgres = scope.spawn(|| wants(Kind::Postgres).then(PostgreSql::start).transpose());
            let redis = scope.spawn(|| wants(Kind::Redis).then(Redis::start).transpose());
            let rabbit = scope.spawn(|| wants(Kind::Rabbitmq).then(RabbitMq::start).transpose());
            let s3 = scope.spawn(|| {
                let start = || built.s3s_fs.as_deref().map_or_else(S3::start, S3::start_from);
                wants(Kind::S3).then(start).transpose()
            });
            Ok(Self {
                postgres: postgres.join().map_err(|_| FAILED)??,
                redis: redis.join().map_err(|_| FAILED)??,
                rabbit: rabbit.join().map_err(|_| FAILED)??,
                s3: s3.join().map_err(|_| FAILED)??,
            })
        })
    }

    /// What tells tests where the servers are.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut variables = Vec::new();
        if let Some(postgres) = &self.postgres {
            variables.push(("LECTERN_TEST_POSTGRES_URL", postgres.url().into()));
        }
        if let Some(redis) = &self.redis {
            variables.push(("LECTERN_TEST_REDIS_URL", redis.url().into()));
        }
        if let Some(rabbit) = &self.rabbit {
            variables.push(("LECTERN_TEST_AMQP_URL", rabbit.url().into()));
            variables.push(("LECTERN_TEST_RABBITMQCTL", rabbit.rabbitmqctl().get_program().to_owned()));
        }
        if let Some(s3) = &self.s3 {
            variables.push(("LECTERN_TEST_S3_ENDPOINT", s3.url().into()));
        }
        variables
    }
}

const FAILED: &str = "the thread that started a server failed";

/// Starts servers, runs the command with them, and ends with it; without one, at Ctrl-C.
pub(crate) fn run(kinds: &[Kind], command: &[OsString]) -> Outcome {
    let kinds = if kinds.is_empty() { &Kind::ALL } else { kinds };
    let built = provide(kinds)?;
    let Some((program, arguments)) = command.split_first() else {
        let inbox = Inbox::catching_ctrl_c()?;
        let servers = Servers::start(kinds, &built)?;
        for (name, value) in servers.environment().into_iter().chain(built.environment()) {
            println!("export {name}='{}'", value.to_string_lossy());
        }
        println!("# Ctrl-C stops them");
        inbox.wait(None);
        return Ok(());
    };
    let servers = Servers::start(kinds, &built)?;
    let mut command = Command::new(program);
    command.args(arguments).envs(servers.environment()).envs(built.environment());
    run_program(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_of_servers_that_do_not_run() {
        assert_eq!(Servers::default().environment(), []);
    }

    #[test]
    fn a_program_that_was_built_is_told() {
        let built = Built { s3s_fs: Some("/t/s3s-fs".into()) };
        assert_eq!(built.environment(), Some(("LECTERN_S3S_FS", "/t/s3s-fs".into())));
        assert_eq!(Built::default().environment(), None);
    }
}
