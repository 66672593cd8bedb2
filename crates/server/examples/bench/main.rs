//! Measures what people wait for, each beside its yardstick in the same run, and prints a table of it in Markdown.
//! `cargo xtask bench` builds, installs and runs it; by hand, with the names of the parts to measure or none for all:
//!
//! ```sh
//! cargo build --profile dist -p lectern-server --bin lectern --example bench
//! cargo run --profile dist -p lectern-server --example bench -- start requests
//! ```
//!
//! | part | what |
//! |---|---|
//! | `start` | from an empty folder to the first answer, and memory when idle, against a bare handler |
//! | `requests` | requests of somebody who is signed in, against a bare handler; and while fifty people sign in |
//! | `sign-ins` | signing in, against nothing but the check of the password; what its time tells of who has an account |
//! | `uploads` | uploads of two hours, against `cp` and a packet scan |
//! | `speech` | a recording to its text, against the recogniser alone |
//! | `documents` | long transcripts as documents, against their JSON |
//! | `scaled` | several servers on PostgreSQL and Redis, against one on the embedded parts, and `pgbench` |
//! | `million` | finding things among a million, against a look-up by the primary key |
//!
//! Servers, yardsticks and clients share the machine, so run it on an idle one.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

mod bare;
mod client;
mod documents;
mod guesses;
mod million;
mod programs;
mod requests;
mod scaled;
mod sign_ins;
mod speech;
mod start;
mod table;
mod uploads;

use std::{error::Error, future::Future, path::PathBuf, pin::Pin, time::Duration};

use serde_json::{Value, json};

use crate::{
    client::{Connection, Request},
    programs::Program,
    table::{Row, Table},
};

type Outcome<T> = Result<T, Box<dyn Error>>;
type Measuring = Pin<Box<dyn Future<Output = Outcome<Vec<Row>>>>>;
/// A part: its name, and what measures it.
type Part = (&'static str, fn() -> Measuring);

/// Pairs of measurements, of which the median counts.
const ROUNDS: usize = 5;
/// How long each takes.
const SPAN: Duration = Duration::from_secs(3);
/// Connections that ask as fast as they are answered.
const CONNECTIONS: usize = 32;
const PASSWORD: &str = "correct horse battery staple";

/// All parts, by their names.
const PARTS: [Part; 8] = [
    ("start", || Box::pin(start::measure())),
    ("requests", || Box::pin(requests::measure())),
    ("sign-ins", || Box::pin(sign_ins::measure())),
    ("uploads", || Box::pin(uploads::measure())),
    ("speech", || Box::pin(speech::measure())),
    ("documents", || Box::pin(documents::measure())),
    ("scaled", || Box::pin(scaled::measure())),
    ("million", || Box::pin(million::measure())),
];

fn main() -> Outcome<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.first().is_some_and(|first| first == bare::ARGUMENT) {
        return bare::serve();
    }
    if let Some(unknown) = wanted.iter().find(|name| PARTS.iter().all(|(part, _)| part != name)) {
        let parts = PARTS.map(|(name, _)| name).join(", ");
        return Err(format!("there is no part {unknown}; there are {parts}").into());
    }
    // One thread, so that the client leaves the processors to the servers.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rows = runtime.block_on(tokio::task::LocalSet::new().run_until(async {
        let mut rows = Vec::new();
        for (name, measure) in PARTS {
            if wanted.is_empty() || wanted.iter().any(|part| part == name) {
                eprintln!("measuring {name}");
                rows.extend(measure().await?);
            }
        }
        Ok::<_, Box<dyn Error>>(rows)
    }))?;
    print!("{}", Table(rows));
    Ok(())
}

/// A minute of a lecture.
fn lecture() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "assets", "lecture.mp3"].iter().collect()
}

/// Registers somebody and signs them in: their access token.
async fn sign_up(lectern: &Program, username: &str) -> Outcome<String> {
    let mut connection = Connection::open(lectern.address).await?;
    let account = json!({"username": username, "password": PASSWORD});
    connection.send(&Request::post("/v1/auth/register", &account)).await?.ok()?;
    let tokens: Value = serde_json::from_slice(&connection.send(&login(username)).await?.ok()?)?;
    Ok(tokens.get("access_token").and_then(Value::as_str).ok_or("no token")?.to_owned())
}

fn login(username: &str) -> Request {
    Request::post("/v1/auth/login", &json!({"login": username, "password": PASSWORD}))
}
