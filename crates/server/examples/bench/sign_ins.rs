//! Signing in.

use std::time::Instant;

use crate::{
    Outcome, PASSWORD,
    client::Connection,
    guesses, login,
    programs::Program,
    sign_up,
    table::{Bar, Row, median, time},
};

const ROUNDS: usize = 15;
/// The cost that servers have by default.
const BCRYPT_COST: u32 = 12;

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let lectern = Program::lectern(&[]).await?;
    sign_up(&lectern, "bob").await?;
    let mut rows = vec![sign_ins(&lectern).await?];
    rows.extend(guesses::compare(&lectern).await?);
    Ok(rows)
}

async fn sign_ins(lectern: &Program) -> Outcome<Row> {
    let hash = bcrypt::hash(PASSWORD, BCRYPT_COST)?;
    let mut connection = Connection::open(lectern.address).await?;
    let (mut verifies, mut logins) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        if !bcrypt::verify(PASSWORD, &hash)? {
            return Err("the hash is wrong".into());
        }
        verifies.push(began.elapsed().as_secs_f64());
        let began = Instant::now();
        connection.send(&login("bob")).await?.ok()?;
        logins.push(began.elapsed().as_secs_f64());
    }
    let (verify, login) = (median(verifies), median(logins));
    Ok(Row {
        what: "`POST /v1/auth/login`".to_owned(),
        ours: time(login),
        yardstick: format!("the bare check of bcrypt, cost {BCRYPT_COST}: {}", time(verify)),
        ratio: login / verify,
        bar: Bar::AtMost(1.05),
    })
}
