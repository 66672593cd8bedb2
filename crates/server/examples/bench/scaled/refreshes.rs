//! Refreshing: each a commit that survives the machine.

use std::{
    error::Error,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use lectern_services::PostgreSql;
use serde_json::json;

use super::{Tokens, sign_up};
use crate::{
    CONNECTIONS, Outcome, ROUNDS, SPAN,
    client::{Connection, Request},
    programs::Program,
    table::{Bar, Row, median},
};

/// pgbench's tables hold 100,000 rows for each of this.
const SCALE: &str = "10";

pub(super) async fn compare(lectern: &Program, postgres: &PostgreSql) -> Outcome<Row> {
    run(postgres.pgbench().args(["--initialize", "--quiet", "--scale", SCALE]))?;
    let mut sessions = Vec::new();
    for number in 1.. {
        if sessions.len() == CONNECTIONS {
            break;
        }
        sessions.push(sign_up(lectern, number).await?.refresh);
    }
    let (mut rates, mut yardsticks, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let yardstick = transactions_per_second(postgres)?;
        let rate = rotate(lectern, &mut sessions).await?;
        ratios.push(rate / yardstick);
        rates.push(rate);
        yardsticks.push(yardstick);
    }
    let (rate, yardstick, ratio) = (median(rates), median(yardsticks), median(ratios));
    Ok(Row {
        what: format!("`POST /v1/auth/refresh`, each a durable commit, {CONNECTIONS} connections"),
        ours: format!("{rate:.0}/s"),
        yardstick: format!("`pgbench -N`: {yardstick:.0}/s"),
        ratio,
        bar: Bar::Within {
            limit: "ratio ≥ 0.4, or 1,000/s".to_owned(),
            is_met: ratio >= 0.4 || rate >= 1_000.0,
        },
    })
}

fn transactions_per_second(postgres: &PostgreSql) -> Outcome<f64> {
    let clients = CONNECTIONS.to_string();
    let seconds = SPAN.as_secs().to_string();
    let said = run(postgres.pgbench().args([
        "-N",
        "--no-vacuum",
        "--jobs",
        "2",
        "--client",
        &clients,
        "--time",
        &seconds,
    ]))?;
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    Ok(rate.ok_or("pgbench said nothing of its rate")?)
}

fn run(command: &mut Command) -> Outcome<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Each session is refreshed again and again, with the token of the time before.
async fn rotate(lectern: &Program, sessions: &mut Vec<String>) -> Outcome<f64> {
    // Nobody refreshes so often from one address that it is limited.
    let from = Arc::new(AtomicU32::new(0));
    let (address, began) = (lectern.address, Instant::now());
    let tasks: Vec<_> = sessions
        .drain(..)
        .map(|mut token| {
            let from = from.clone();
            tokio::task::spawn_local(async move {
                let mut connection = Connection::open(address).await?;
                let mut count = 0_u32;
                while began.elapsed() < SPAN {
                    let body = json!({"refresh_token": token});
                    let number = from.fetch_add(1, Ordering::Relaxed);
                    let request = Request::post_from(number, "/v1/auth/refresh", &body);
                    token = Tokens::read(&connection.send(&request).await?.ok()?)?.refresh;
                    count += 1;
                }
                Ok::<_, Box<dyn Error>>((token, count))
            })
        })
        .collect();
    let mut total = 0;
    for task in tasks {
        let (token, count) = task.await??;
        sessions.push(token);
        total += count;
    }
    Ok(f64::from(total) / began.elapsed().as_secs_f64())
}
