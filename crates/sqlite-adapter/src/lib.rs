//! Lectern's durable state in one SQLite file: the embedded default.
//!
//! [`SqliteDatabase`] is the ports [`Transactions`], [`Queries`], [`LogSink`] and [`Schema`]; [`SqliteDumps`] is [`Dumps`].
//!
//! - **One writer.** SQLite lets one transaction write at a time. All units of work share one connection, in the order
//!   they came, and begin with `BEGIN IMMEDIATE`: a unit that waited sees everything before it, and never fails half
//!   way because another one wrote. Within a process, "database is locked" can't happen.
//! - **Many readers.** Queries have connections of their own, which can't write. In WAL mode they see what was committed
//!   before they began, and neither wait for the writer nor make it wait.
//! - **Blocking work off the event loop.** Each call is a closure over a connection, run by `spawn_blocking`. The
//!   connection moves into the closure and back out; if nobody waits any more, it is cleaned up where the closure ends.
//!
//! | module | what is in it |
//! |---|---|
//! | `database` | opening the file, and the two pools |
//! | `defects` | what is damaged in the file |
//! | `dumps`, `scratch` | copies of the file, and what is in one beside the real file |
//! | `blocking` | where blocking calls run |
//! | `connection` | what every connection is set up with |
//! | `transaction`, `unit` | a transaction that can't be left open, and the unit of work around it |
//! | `queries` | the read models |
//! | `logs` | the server's log |
//! | `statements` | all SQL, one module for each store, as functions of a connection |
//! | `search` | what somebody looks for, in the language of FTS5 |
//! | `rows`, `schema` | rows, and how they become values of the domain; the tables as diesel sees them |
//! | `failure` | from SQLite's errors to the port's |
//! | `migrations` | the schema, from `migrations/sqlite` |
//!
//! To extend a store: a migration, the column in `schema`, the field in `rows`, the statement in `statements`, and a
//! line in `unit` or `queries`.
//!
//! [`Transactions`]: lectern_application::ports::Transactions
//! [`Queries`]: lectern_application::ports::Queries
//! [`LogSink`]: lectern_application::ports::LogSink
//! [`Schema`]: lectern_application::ports::Schema
//! [`Dumps`]: lectern_application::ports::Dumps

mod blocking;
mod connection;
mod database;
mod defects;
mod dumps;
mod failure;
mod gauges;
mod logs;
mod migrations;
mod queries;
mod rows;
mod schema;
mod scratch;
mod search;
mod slow;
mod statements;
mod transaction;
mod unit;

pub use database::{OpenError, SqliteDatabase, SqliteSettings};
pub use dumps::SqliteDumps;
