//! Lectern's durable state in PostgreSQL, 14 or later: for several replicas, and for more than one machine holds.
//!
//! [`PostgresDatabase`] is the ports [`Transactions`], [`Queries`] and [`LogSink`]; its `migrate_*` methods are the command line's. [`PostgresDumps`] is [`Dumps`].
//!
//! - **Units of work lock what they read.** A unit is a transaction at READ COMMITTED on a connection of its own. Rows that
//!   it reads it locks `FOR NO KEY UPDATE`, so that nobody changes them before it ends, while rows that refer to them can
//!   still be added. Roles are locked `FOR SHARE`, else every sign-in would wait for every other.
//! - **Locks have an order.** What belongs to an account is locked after the account, what belongs to a transcription after
//!   the transcription, by the statements themselves, whatever is asked for first. So units don't wait for each other in a
//!   circle; where that still happens, PostgreSQL ends one of them with [`StoreError::Contended`].
//! - **A count may be made to stay.** Who counts the accounts of a role holds a lock of that role's membership, which whoever
//!   changes it shares (triggers in `migrations/postgres`).
//! - **The queue and the outbox pass over** what other units hold: `SKIP LOCKED`.
//! - **No transaction is left open.** Dropped, a unit is rolled back by a task of its own; dropped in the middle of a
//!   statement, its connection is closed, and the statement called off.
//!
//! | module | what is in it |
//! |---|---|
//! | `settings`, `address` | where the database is, and how it is used; what its URL says |
//! | `database` | opening it, and its pool |
//! | `connection`, `wire`, `sqlstate` | how connections are made; their encryption; the codes of errors |
//! | `borrowed`, `transaction`, `unit` | a connection from the pool, a transaction that can't be left open, and the unit of work |
//! | `queries` | the read models |
//! | `logs` | the server's log |
//! | `dumps`, `programs`, `scratch` | dumps by `pg_dump` and `pg_restore`, and what is in one beside the real database |
//! | `duties` | which replica does what only one should |
//! | `statements` | all SQL, one module for each store, as functions of a connection |
//! | `words` | the words of a text, in the index and in a search |
//! | `rows`, `schema` | rows, and how they become values of the domain; the tables as diesel sees them |
//! | `failure` | from PostgreSQL's errors to the port's |
//! | `migrations` | the schema, from `migrations/postgres` |
//! | `examine` | what the server is like |
//! | `slow`, `gauges` | statements that are slow; how many connections there are |
//! | `defects` | what is wrong with the database and its settings |
//!
//! To extend a store: a migration, the column in `schema`, the field in `rows`, the statement in `statements`, and a line in
//! `unit` or `queries`.
//!
//! [`Transactions`]: lectern_application::ports::Transactions
//! [`Queries`]: lectern_application::ports::Queries
//! [`LogSink`]: lectern_application::ports::LogSink
//! [`Dumps`]: lectern_application::ports::Dumps
//! [`StoreError::Contended`]: lectern_application::ports::StoreError::Contended

mod address;
mod borrowed;
mod connection;
mod database;
mod defects;
mod dumps;
mod duties;
mod examine;
mod failure;
mod gauges;
mod logs;
mod migrations;
mod programs;
mod queries;
mod rows;
mod schema;
mod scratch;
mod settings;
mod slow;
mod sqlstate;
mod statements;
mod transaction;
mod unit;
mod wire;
mod words;

pub use address::AddressError;
pub use database::{OpenError, PostgresDatabase};
pub use dumps::PostgresDumps;
pub use examine::{Pooling, ServerReport};
pub use settings::PostgresSettings;
pub use wire::TlsError;
