//! Starting, and doing nothing.

use std::time::{Duration, Instant};

use crate::{
    Outcome,
    client::{Connection, Request},
    programs::Program,
    table::{Bar, Row, median, time, within},
};

const ROUNDS: usize = 9;
/// From an empty folder: keys, secrets and the database are made.
const READY: Duration = Duration::from_millis(150);
/// KiB.
const RESIDENT: f64 = 30.0 * 1024.0;

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let mut ours = Runs::default();
    let mut bare = Runs::default();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        bare.add(began, &Program::bare(b"ok").await?, "/").await?;
        let began = Instant::now();
        ours.add(began, &Program::lectern(&[]).await?, "/healthz").await?;
    }
    let (ready, bare_ready) = (median(ours.ready), median(bare.ready));
    let (resident, bare_resident) = (median(ours.resident), median(bare.resident));
    Ok(vec![
        Row {
            what: "an empty folder to the first answer".to_owned(),
            ours: time(ready),
            yardstick: format!("a bare actix-web handler: {}", time(bare_ready)),
            ratio: ready / bare_ready,
            bar: within(READY, ready),
        },
        Row {
            what: "resident memory when idle".to_owned(),
            ours: format!("{:.1} MiB", resident / 1024.0),
            yardstick: format!("a bare actix-web handler: {:.1} MiB", bare_resident / 1024.0),
            ratio: resident / bare_resident,
            bar: Bar::Within { limit: "≤ 30 MiB".to_owned(), is_met: resident <= RESIDENT },
        },
    ])
}

#[derive(Default)]
struct Runs {
    /// Seconds.
    ready: Vec<f64>,
    /// KiB.
    resident: Vec<f64>,
}

impl Runs {
    async fn add(&mut self, began: Instant, of: &Program, path: &str) -> Outcome<()> {
        Connection::open(of.address).await?.send(&Request::get(path, None)).await?.ok()?;
        self.ready.push(began.elapsed().as_secs_f64());
        self.resident.push(of.kibibytes("VmRSS")?);
        Ok(())
    }
}
