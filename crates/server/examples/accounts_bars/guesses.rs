//! Whether the time of an answer tells who has an account.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{
    Outcome, PASSWORD,
    client::{Connection, Request},
    median,
    program::Program,
};

/// Pairs of a guess at somebody and one at nobody, of which the medians are compared.
const PAIRS: u32 = 200;
/// So often may a way back in be asked for at one address before no more mails are sent.
const ASKED_AT_ONE_ADDRESS: u32 = 10;

/// Compares them for both doors: signing in, and forgetting the password.
pub(crate) async fn compare(lectern: &Program) -> Outcome<()> {
    let mut connection = Connection::open(lectern.address).await?;
    for number in 0..PAIRS / ASKED_AT_ONE_ADDRESS {
        let account = json!({"email": address("somebody", number), "password": PASSWORD});
        connection.send(&Request::post("/v1/auth/register", &account)).await?.ok()?;
    }
    println!("somebody and nobody (medians of {PAIRS}):");
    let login = |email: String| json!({"login": email, "password": "not the password"});
    let ratio = pairs(&mut connection, "/v1/auth/login", login).await?;
    println!("  POST /v1/auth/login with a wrong password: {:.1} % apart", ratio * 100.0);
    let forgot = |email: String| json!({"email": email});
    let ratio = pairs(&mut connection, "/v1/auth/password/forgot", forgot).await?;
    println!("  POST /v1/auth/password/forgot: {:.1} % apart", ratio * 100.0);
    Ok(())
}

fn address(whose: &str, number: u32) -> String {
    format!("{whose}{number}@example.org")
}

/// By how much of the shorter one the medians differ. Each request comes from another network, so that nobody is slowed
/// down; whoever goes first in a pair takes turns.
async fn pairs(connection: &mut Connection, path: &str, body: impl Fn(String) -> Value) -> Outcome<f64> {
    let (mut somebody, mut nobody) = (Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        let mut sides = [("somebody", &mut somebody), ("nobody", &mut nobody)];
        if pair % 2 == 1 {
            sides.reverse();
        }
        for (turn, (whose, times)) in (0..).zip(sides) {
            let body = body(address(whose, pair / ASKED_AT_ONE_ADDRESS));
            let request = Request::post_from(pair * 2 + turn, path, &body);
            let began = Instant::now();
            connection.send(&request).await?;
            times.push(began.elapsed().as_secs_f64());
        }
    }
    let (somebody, nobody) = (median(somebody), median(nobody));
    println!("  {path}: {:.2} ms and {:.2} ms", somebody * 1e3, nobody * 1e3);
    Ok((somebody - nobody).abs() / somebody.min(nobody))
}
