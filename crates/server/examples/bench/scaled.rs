//! The scaled profile against its yardsticks in the same run:
//!
//! - the check of a session, `GET /v1/me` with warm caches, on PostgreSQL and Redis against the same on the embedded
//!   profile;
//! - `POST /v1/auth/refresh`, a durable write, against `pgbench -N` on the same PostgreSQL with as many clients;
//! - how long a revoked session is still let in on another replica, with and without Redis.
//!
//! It starts PostgreSQL and Redis itself, and so needs their programs (Debian: postgresql, redis-server).

mod refreshes;
mod revocations;

use std::time::Duration;

use lectern_services::{Durability, PostgreSql, Redis, Service as _};
use serde_json::{Value, json};

use crate::{
    CONNECTIONS, Outcome, PASSWORD, ROUNDS, SPAN,
    client::{Connection, Load, Request, load},
    programs::Program,
    table::{Bar, Row, median},
};

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let postgres = PostgreSql::start_with(Durability::Machine)?;
    let redis = Redis::start()?;
    let parts = Parts { postgres: &postgres, redis: &redis };
    let scaled = Program::lectern(&parts.settings("lectern", With::Redis)?).await?;
    let mut rows = vec![session_checks(&scaled).await?, refreshes::compare(&scaled, &postgres).await?];
    drop(scaled);
    rows.push(revocations::measure(&parts).await?);
    Ok(rows)
}

/// What replicas share.
struct Parts<'a> {
    postgres: &'a PostgreSql,
    redis: &'a Redis,
}

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum With {
    Redis,
    NoRedis,
}

impl Parts<'_> {
    /// The settings of a replica on a database of that name, which is made.
    fn settings(&self, database: &str, with: With) -> Outcome<Vec<(&'static str, String)>> {
        let statement = format!("CREATE DATABASE {database}");
        let made = self.postgres.psql().args(["-c", &statement]).output()?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into());
        }
        let url = self.postgres.url().replace("/postgres", &format!("/{database}"));
        let mut settings = vec![("LECTERN_DATABASE_URL", url), ("LECTERN_BCRYPT_COST", "4".to_owned())];
        if with == With::Redis {
            settings.push(("LECTERN_REDIS_URL", self.redis.url()));
        }
        Ok(settings)
    }
}

/// Registers somebody and signs them in: their tokens.
async fn sign_up(lectern: &Program, number: u32) -> Outcome<Tokens> {
    let mut connection = Connection::open(lectern.address).await?;
    let username = format!("user{number}");
    let account = json!({"username": username, "password": PASSWORD});
    connection.send(&Request::post_from(number, "/v1/auth/register", &account)).await?.ok()?;
    log_in(lectern, number).await
}

/// Signs somebody in again.
async fn log_in(lectern: &Program, number: u32) -> Outcome<Tokens> {
    let mut connection = Connection::open(lectern.address).await?;
    let login = json!({"login": format!("user{number}"), "password": PASSWORD});
    let request = Request::post_from(number, "/v1/auth/login", &login);
    Tokens::read(&connection.send(&request).await?.ok()?)
}

/// What who signs in gets.
struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    fn read(body: &[u8]) -> Outcome<Self> {
        let tokens: Value = serde_json::from_slice(body)?;
        let text = |name| tokens.get(name).and_then(Value::as_str).map(ToOwned::to_owned).ok_or("no token");
        Ok(Self { access: text("access_token")?, refresh: text("refresh_token")? })
    }
}

async fn session_checks(scaled: &Program) -> Outcome<Row> {
    let embedded = Program::lectern(&[("LECTERN_BCRYPT_COST", "4".to_owned())]).await?;
    let busy = |of: &Program| Load { address: of.address, connections: CONNECTIONS, pause: Duration::ZERO };
    let of_embedded = Request::get("/v1/me", Some(&sign_up(&embedded, 0).await?.access));
    let of_scaled = Request::get("/v1/me", Some(&sign_up(scaled, 0).await?.access));
    let (mut rates, mut yardsticks, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let yardstick = load(busy(&embedded), &of_embedded, SPAN).await?.per_second();
        let rate = load(busy(scaled), &of_scaled, SPAN).await?.per_second();
        ratios.push(rate / yardstick);
        rates.push(rate);
        yardsticks.push(yardstick);
    }
    Ok(Row {
        what: format!("`GET /v1/me` on PostgreSQL and Redis, warm, {CONNECTIONS} connections"),
        ours: format!("{:.0}/s", median(rates)),
        yardstick: format!("the same on the embedded parts: {:.0}/s", median(yardsticks)),
        ratio: median(ratios),
        bar: Bar::AtLeast(0.8),
    })
}
