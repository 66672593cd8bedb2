//! What Lectern does.
//!
//! One use case per file: a struct with its ports, one `execute`, its own error. Use cases know the domain and the
//! [`ports`], nothing of HTTP, SQL or files. Network, hashing and mail never happen inside a unit of work.
//!
//! A program that embeds them makes a use case of its ports and calls it. Here they are those of `lectern-testkit`, which
//! are for tests; `docs/embedding.md` says which to take in earnest, and how to write others:
//!
//! ```
//! use lectern_application::auth::{LogIn, LoginInput, SessionRules};
//! use lectern_domain::{audit::Origin, surface::Surface};
//! use lectern_testkit::world::{World, steps::PASSWORD};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let world = World::new();
//! world.sign_up("ada").await;
//!
//! let log_in = LogIn {
//!     transactions: world.transactions(),
//!     queries: world.queries(),
//!     hasher: world.hasher.clone(),
//!     throttle: world.throttle.clone(),
//!     failures: world.failures.clone(),
//!     tokens: world.tokens(),
//!     clock: world.clock.clone(),
//!     ids: world.ids.clone(),
//!     rules: SessionRules::default(),
//! };
//! let input = LoginInput { login: "ada".into(), password: PASSWORD.into(), surface: Surface::V1 };
//! let tokens = log_in.execute(input, &Origin::default()).await?;
//! assert_eq!(tokens.expires_in, Surface::V1.access_lifetime());
//! # Ok(())
//! # }
//! ```
//!
//! | module | what happens there |
//! |---|---|
//! | [`auth`] | sign up, sign in, refresh, sign out, and the check that every request passes |
//! | [`accounts`] | an account and its owner; what administrators do with others' accounts |
//! | [`roles`] | what roles there are, and what they allow |
//! | [`balance`] | balances and their ledgers |
//! | [`audit`] | the log of what happened |
//! | [`logs`] | the server's own log |
//! | [`sessions`] | the devices that an account is signed in on |
//! | [`transcriptions`] | what owners do with their recordings |
//! | [`jobs`] | what workers may do: lease, heartbeat, chunks, completion; announcing jobs to those who wait for a message |
//! | [`worker`] | the worker itself, the same in the server's process and far away |
//! | [`mail`] | sending what the outbox holds |
//! | [`backups`] | taking backups, verifying them, and restoring the database from one |
//! | [`maintenance`] | what the service does for itself |
//! | [`metrics`] | what is counted and measured |
//! | [`slow_queries`] | which statements of a database take too long |
//! | [`in_process`] | ports that need no technology but this process |
//! | [`session_cache`] | a database that need not be asked about the same session for every request |

pub mod accounts;
mod actor;
pub mod audit;
pub mod auth;
pub mod backups;
pub mod balance;
mod caller;
mod error;
mod idempotency;
pub mod in_process;
pub mod jobs;
pub mod logs;
pub mod mail;
pub mod maintenance;
pub mod metrics;
pub mod ports;
mod retry;
pub mod roles;
pub mod session_cache;
pub mod sessions;
pub mod slow_queries;
pub mod transcriptions;
pub mod worker;

pub use actor::{Actor, AdminTokenHolder, MachineOperator};
pub use caller::Caller;
pub use error::{ErrorKind, UseCaseError};
pub use idempotency::IdempotencyError;
