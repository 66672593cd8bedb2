//! Whether the time of an answer tells who has an account.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{
    Outcome, PASSWORD,
    client::{Connection, Request},
    programs::Program,
    table::{Bar, Row, median, time},
};

/// Pairs of a guess at somebody and one at nobody, of which the medians are compared.
const PAIRS: u32 = 200;
/// So often may a way back in be asked for at one address before no more mails are sent.
const ASKED_AT_ONE_ADDRESS: u32 = 10;

/// Compares them for both doors: signing in, and forgetting the password.
pub(crate) async fn compare(lectern: &Program) -> Outcome<Vec<Row>> {
    let mut connection = Connection::open(lectern.address).await?;
    for number in 0..PAIRS / ASKED_AT_ONE_ADDRESS {
        let account = json!({"email": address("somebody", number), "password": PASSWORD});
        connection.send(&Request::post("/v1/auth/register", &account)).await?.ok()?;
    }
    let login = |email: String| json!({"login": email, "password": "not the password"});
    let login = pairs(&mut connection, "/v1/auth/login", "with a wrong password, ", login).await?;
    let forgot = |email: String| json!({"email": email});
    let forgot = pairs(&mut connection, "/v1/auth/password/forgot", "", forgot).await?;
    Ok(vec![login, forgot])
}

fn address(whose: &str, number: u32) -> String {
    format!("{whose}{number}@example.org")
}

/// How the medians compare. Each request comes from another network, so that nobody is slowed down; whoever goes first in
/// a pair takes turns.
async fn pairs(
    connection: &mut Connection,
    path: &str,
    how: &str,
    body: impl Fn(String) -> Value,
) -> Outcome<Row> {
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
    let apart = (somebody - nobody).abs() / somebody.min(nobody);
    Ok(Row {
        what: format!("`POST {path}`, {how}for somebody who has an account"),
        ours: time(somebody),
        yardstick: format!("the same for nobody: {}", time(nobody)),
        ratio: somebody / nobody,
        bar: Bar::Within { limit: "at most 10 % apart".to_owned(), is_met: apart <= 0.1 },
    })
}
