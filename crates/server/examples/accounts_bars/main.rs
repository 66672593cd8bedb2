//! Measures what everybody who is signed in waits for, each against its yardstick in the same run:
//!
//! - requests for `GET /v1/me` per second, against a bare actix-web handler that answers the same bytes;
//! - signing in, against nothing but the check of the password;
//! - what the time of an answer tells of who has an account;
//! - the slowest hundredth of `GET /v1/me` while fifty people sign in, against the same without them.
//!
//! ```sh
//! cargo build --release -p lectern-server --bin lectern --example accounts_bars
//! cargo run --release -p lectern-server --example accounts_bars
//! ```
//!
//! With the argument `scaled`, what several servers on PostgreSQL and Redis come to: see `scaled`.
//!
//! Server, bare handler and client share the machine, so run it on an idle one.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod bare;
mod client;
mod guesses;
mod program;
mod scaled;

use std::{
    error::Error,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    client::{Connection, Load, Request, load},
    program::Program,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Pairs of measurements, of which the median counts.
const ROUNDS: usize = 5;
/// How long each takes.
const SPAN: Duration = Duration::from_secs(3);
/// Connections that ask as fast as they are answered.
const CONNECTIONS: usize = 32;
/// Connections of people who read before they ask again, and for how long they read.
const READERS: (usize, Duration) = (16, Duration::from_millis(10));
const LOGINS: usize = 15;
const LOGINS_AT_ONCE: u32 = 50;
const PASSWORD: &str = "correct horse battery staple";
/// The cost that servers have by default.
const BCRYPT_COST: u32 = 12;

fn main() -> Outcome<()> {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some(bare::ARGUMENT) {
        return bare::serve();
    }
    let is_scaled = argument.as_deref() == Some(scaled::ARGUMENT);
    // One thread, so that the client leaves the processors to the servers.
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
        tokio::task::LocalSet::new()
            .run_until(async { if is_scaled { scaled::measure().await } else { measure().await } }),
    )
}

async fn measure() -> Outcome<()> {
    let lectern = Program::lectern(&[]).await?;
    let token = sign_up(&lectern, "ada").await?;
    sign_up(&lectern, "bob").await?;
    let me = Request::get("/v1/me", Some(&token));
    let body = Connection::open(lectern.address).await?.send(&me).await?.ok()?;
    let bare = Program::bare(&body).await?;
    throughput(&lectern, &me, &bare).await?;
    sign_ins(&lectern).await?;
    company(&lectern, &me).await?;
    guesses::compare(&lectern).await
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

async fn throughput(lectern: &Program, me: &Request, bare: &Program) -> Outcome<()> {
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
    println!("GET /v1/me, {CONNECTIONS} connections (median of {ROUNDS}):");
    println!("  a bare handler: {:.0} requests per second", median(yardsticks));
    println!("  Lectern: {:.0} requests per second", median(rates));
    println!("  ratio: {:.2}", median(ratios));
    Ok(())
}

async fn sign_ins(lectern: &Program) -> Outcome<()> {
    let hash = bcrypt::hash(PASSWORD, BCRYPT_COST)?;
    let mut connection = Connection::open(lectern.address).await?;
    let (mut verifies, mut logins) = (Vec::new(), Vec::new());
    for _ in 0..LOGINS {
        let began = Instant::now();
        if !bcrypt::verify(PASSWORD, &hash)? {
            return Err("the hash is wrong".into());
        }
        verifies.push(began.elapsed().as_secs_f64() * 1e3);
        let began = Instant::now();
        connection.send(&login("bob")).await?.ok()?;
        logins.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let (verify, login) = (median(verifies), median(logins));
    println!("signing in (median of {LOGINS}):");
    println!("  bcrypt of cost {BCRYPT_COST} alone: {verify:.1} ms");
    println!("  POST /v1/auth/login: {login:.1} ms");
    println!("  beyond bcrypt: {:.1} %", (login / verify - 1.0) * 100.0);
    Ok(())
}

async fn company(lectern: &Program, me: &Request) -> Outcome<()> {
    let (connections, pause) = READERS;
    let address = lectern.address;
    let readers = Load { address, connections, pause };
    let busy = Load { address, connections: CONNECTIONS, pause: Duration::ZERO };
    for (name, load_of) in [("who read for 10 ms in between", readers), ("as fast as they can", busy)] {
        let alone = load(load_of, me, SPAN).await?.p99();
        let body = json!({"login": "bob", "password": PASSWORD});
        let crowd: Vec<_> = (0..LOGINS_AT_ONCE)
            .map(|number| {
                let request = Request::post_from(number, "/v1/auth/login", &body);
                tokio::task::spawn_local(async move {
                    Connection::open(address).await?.send(&request).await?.ok()?;
                    Ok::<_, Box<dyn Error>>(())
                })
            })
            .collect();
        let began = Instant::now();
        let in_company = load(load_of, me, SPAN).await?.p99();
        let waiting = crowd.iter().filter(|login| !login.is_finished()).count();
        for login in crowd {
            login.await??;
        }
        println!("the slowest hundredth of GET /v1/me, {} connections {name}:", load_of.connections);
        println!("  alone: {alone:?}");
        println!("  while {LOGINS_AT_ONCE} sign in: {in_company:?} ({waiting} of them still did at its end)");
        println!("  ratio: {:.2}", in_company.as_secs_f64() / alone.as_secs_f64());
        println!("  all had signed in after {:.1} s", began.elapsed().as_secs_f64());
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
