//! Throw-away servers for tests and development: real ones, each on a free port of the loopback interface, with a
//! temporary folder of its own, owned by a value.
//!
//! ```no_run
//! use lectern_services::{PostgreSql, Service as _};
//!
//! let postgres = PostgreSql::start()?;
//! println!("{}", postgres.url());
//! postgres.kill()?;
//! postgres.restart()?; // at the same URL, with what was committed
//! # Ok::<(), lectern_services::Error>(())
//! ```
//!
//! **Invariant:** a server that was started answers.
//! **Invariant:** nothing of a server is left behind, neither a process nor a file, when its value is dropped, and when the
//! process that owned it ends in whatever way, SIGKILL included.
//! **Invariant:** servers of several processes at once don't meet.
//!
//! Everything here is for Linux. Whoever is root runs PostgreSQL and RabbitMQ as the users of their packages; everybody
//! else runs all as themselves. To add a server, write its module after the manner of `redis`.

mod chromedriver;
mod error;
mod keeper;
mod nginx;
mod port;
mod postgresql;
#[cfg(test)]
#[path = "../tests/processes/mod.rs"]
mod processes;
mod programs;
mod proxy;
mod rabbitmq;
mod redis;
mod s3;
mod server;
pub mod waiting;

pub use crate::{
    chromedriver::ChromeDriver,
    error::{Error, Result},
    nginx::Nginx,
    port::Port,
    postgresql::{Durability, PostgreSql},
    proxy::{Direction, Moment, PendingCut, Proxy},
    rabbitmq::RabbitMq,
    redis::Redis,
    s3::S3,
    server::Server,
};

/// What can be done to every server.
pub trait Service: Send + Sync {
    /// What is beneath.
    fn server(&self) -> &Server;

    /// Where clients find it.
    fn url(&self) -> String;

    /// Kills all its processes at once, by SIGKILL, as in a crash. They are gone when this returns.
    fn kill(&self) -> Result {
        self.server().kill()
    }

    /// Starts it (again) on the same port and folder and waits until it answers. If it still runs, it is killed first.
    fn restart(&self) -> Result {
        self.server().restart()
    }

    /// Ends it as its operator would, and waits for that.
    fn stop(&self) -> Result {
        self.server().stop()
    }

    /// Stops all its processes where they are, by SIGSTOP: connections stay, and nothing answers.
    fn pause(&self) -> Result {
        self.server().pause()
    }

    /// Lets them go on.
    fn resume(&self) -> Result {
        self.server().resume()
    }
}
