//! How long a session that was ended on one replica is let in on another.

use std::time::{Duration, Instant};

use super::{Parts, With, log_in, sign_up};
use crate::{
    Outcome,
    client::{Connection, Request},
    programs::Program,
    table::{Bar, Row, median, time},
};

/// Longer than any delay that is allowed.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) async fn measure(parts: &Parts<'_>) -> Outcome<Row> {
    let with = median(delays(parts, With::Redis, "with_redis", 51).await?);
    let without = median(delays(parts, With::NoRedis, "without_redis", 5).await?);
    Ok(Row {
        what: "until a session that was ended is refused by another replica".to_owned(),
        ours: time(with),
        yardstick: format!("the same without Redis: {}", time(without)),
        ratio: with / without,
        bar: Bar::Within {
            limit: "≤ 100 ms, without Redis 5 s".to_owned(),
            // A request more goes by before it is seen.
            is_met: with <= 0.1 && without <= 5.1,
        },
    })
}

/// In seconds.
async fn delays(parts: &Parts<'_>, with: With, database: &str, rounds: usize) -> Outcome<Vec<f64>> {
    let mut settings = parts.settings(database, with)?;
    let secrets = tempfile::TempDir::new()?;
    settings.push(("LECTERN_SECRETS_DIR", secrets.path().display().to_string()));
    // The issuer of tokens is the address that people know.
    settings.push(("LECTERN_PUBLIC_URL", "http://lectern.example".to_owned()));
    let one = Program::lectern(&settings).await?;
    let other = Program::lectern(&settings).await?;
    sign_up(&one, 0).await?;
    let mut delays = Vec::new();
    for _ in 0..rounds {
        delays.push(delay(&one, &other).await?.as_secs_f64());
    }
    Ok(delays)
}

/// From the answer of the replica that ended it to the first refusal of the other.
async fn delay(one: &Program, other: &Program) -> Outcome<Duration> {
    let tokens = log_in(one, 0).await?;
    let me = Request::get("/v1/me", Some(&tokens.access));
    let (mut ending, mut asking) =
        (Connection::open(one.address).await?, Connection::open(other.address).await?);
    // The other replica remembers it now.
    asking.send(&me).await?.ok()?;
    ending.send(&Request::post_as("/v1/auth/logout", &tokens.access)).await?.ok()?;
    let ended = Instant::now();
    while ended.elapsed() < PATIENCE {
        if asking.send(&me).await?.ok().is_err() {
            return Ok(ended.elapsed());
        }
    }
    Err("the other replica still lets it in".into())
}
