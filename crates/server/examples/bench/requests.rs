//! Requests of people who are signed in.

use std::time::Duration;

use serde_json::json;

use crate::{
    CONNECTIONS, Outcome, PASSWORD, ROUNDS, SPAN,
    client::{Connection, Load, Request, load},
    programs::Program,
    sign_up,
    table::{Bar, Row, median, time},
};

/// Connections of people who read before they ask again, and for how long they read.
const READERS: (usize, Duration) = (16, Duration::from_millis(10));
const LOGINS_AT_ONCE: u32 = 50;

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let lectern = Program::lectern(&[]).await?;
    let me = Request::get("/v1/me", Some(&sign_up(&lectern, "ada").await?));
    sign_up(&lectern, "bob").await?;
    let body = Connection::open(lectern.address).await?.send(&me).await?.ok()?;
    let mut rows = vec![throughput(&lectern, &me, &Program::bare(&body).await?).await?];
    let (connections, pause) = READERS;
    let address = lectern.address;
    let readers = Load { address, connections, pause };
    rows.push(company(readers, "who read for 10 ms in between", &me).await?);
    let busy = Load { address, connections: CONNECTIONS, pause: Duration::ZERO };
    rows.push(company(busy, "as fast as they can", &me).await?);
    Ok(rows)
}

async fn throughput(lectern: &Program, me: &Request, bare: &Program) -> Outcome<Row> {
    let yardstick = Request::get("/", None);
    let busy = |of: &Program| Load { address: of.address, connections: CONNECTIONS, pause: Duration::ZERO };
    let (mut rates, mut yardsticks, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bare = load(busy(bare), &yardstick, SPAN).await?.per_second();
        let rate = load(busy(lectern), me, SPAN).await?.per_second();
        ratios.push(rate / bare);
        rates.push(rate);
        yardsticks.push(bare);
    }
    Ok(Row {
        what: format!("`GET /v1/me`, {CONNECTIONS} connections"),
        ours: format!("{:.0}/s", median(rates)),
        yardstick: format!("a bare actix-web handler of the same JSON: {:.0}/s", median(yardsticks)),
        ratio: median(ratios),
        bar: Bar::AtLeast(0.5),
    })
}

/// The slowest hundredth, alone and while many sign in.
async fn company(of: Load, how: &str, me: &Request) -> Outcome<Row> {
    let (mut alones, mut togethers, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let alone = load(of, me, SPAN).await?.p99().as_secs_f64();
        let body = json!({"login": "bob", "password": PASSWORD});
        let crowd: Vec<_> = (0..LOGINS_AT_ONCE)
            .map(|number| {
                let request = Request::post_from(number, "/v1/auth/login", &body);
                tokio::task::spawn_local(async move {
                    Connection::open(of.address).await?.send(&request).await?.ok()?;
                    Ok::<_, Box<dyn std::error::Error>>(())
                })
            })
            .collect();
        let together = load(of, me, SPAN).await?.p99().as_secs_f64();
        for login in crowd {
            login.await??;
        }
        ratios.push(together / alone);
        alones.push(alone);
        togethers.push(together);
    }
    Ok(Row {
        what: format!(
            "the slowest hundredth of `GET /v1/me` while {LOGINS_AT_ONCE} sign in, {} connections {how}",
            of.connections
        ),
        ours: time(median(togethers)),
        yardstick: format!("the same while nobody does: {}", time(median(alones))),
        ratio: median(ratios),
        bar: Bar::AtMost(5.0),
    })
}
