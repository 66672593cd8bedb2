//! `/readyz`: which parts there are, how they are, and since when.

use std::{fs, time::Duration};

use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use crate::{
    profile::{Profile, on_both_profiles},
    scaled::parts::{Parts, Stand, Stands},
    scrape::Scrape,
    server::Server,
};

/// The most that a change may take to be noticed before a test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

on_both_profiles!(every_part_has_a_state_and_a_time_that_stays);

/// What is answered: the status, and the parts by name.
async fn ready(server: &Server) -> (u16, Value) {
    let answer = server.client.get(server.url("/readyz")).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn part<'a>(body: &'a Value, name: &str) -> &'a Value {
    let parts = body.get("parts").and_then(Value::as_array).unwrap();
    parts.iter().find(|part| part.get("name") == Some(&json!(name))).unwrap()
}

async fn every_part_has_a_state_and_a_time_that_stays(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    let names: &[(&str, bool)] = match profile {
        Profile::Embedded => &[("database", true), ("audio", true)],
        Profile::Scaled => &[("database", true), ("audio", true), ("redis", false), ("amqp", false)],
    };
    let mut looks = interval(Duration::from_millis(100));
    let settled = timeout(PATIENCE, async {
        loop {
            looks.tick().await;
            let (status, body) = ready(&server).await;
            let is_there =
                |(name, _): &(&str, bool)| part(&body, name).get("state") == Some(&json!("available"));
            if names.iter().all(is_there) {
                return (status, body);
            }
        }
    });
    let (status, first) = settled.await.unwrap();
    assert_eq!((status, first.get("ready")), (200, Some(&json!(true))));
    for (name, required) in names {
        assert_eq!(part(&first, name).get("required"), Some(&json!(required)), "{first}");
        assert!(part(&first, name).get("since").and_then(Value::as_str).unwrap().ends_with('Z'), "{first}");
    }
    assert_eq!(ready(&server).await.1, first, "nothing has changed since");
}

/// Metrics only read what is known: if they show it, the server has looked by itself.
#[tokio::test]
async fn what_is_gone_and_comes_back_is_noticed_though_nobody_asks() {
    let server = Server::start(&[]).await;
    let before = ready(&server).await.1;
    let (audio, aside) = (server.data_dir().join("audio"), server.data_dir().join("aside"));
    let until = async |up: f64| {
        let mut looks = interval(Duration::from_millis(200));
        let noticed = timeout(PATIENCE, async {
            while Scrape::of(&server).await.value("lectern_part_up", &[("part", "audio")]) != Some(up) {
                looks.tick().await;
            }
        });
        assert!(noticed.await.is_ok(), "{}", server.log());
    };
    fs::rename(&audio, &aside).unwrap();
    fs::write(&audio, "in the way").unwrap();
    until(0.0).await;
    fs::remove_file(&audio).unwrap();
    fs::rename(&aside, &audio).unwrap();
    until(1.0).await;
    let (status, after) = ready(&server).await;
    assert_eq!(status, 200);
    assert_ne!(part(&after, "audio"), part(&before, "audio"), "it was away in between");
    assert_eq!(part(&after, "database"), part(&before, "database"));
    assert!(server.log().contains("a part is back"), "{}", server.log());
}

#[tokio::test]
async fn a_database_that_hangs_is_told_of_while_it_does() {
    let parts = Parts::stand(Stands { postgresql: Stand::Own, ..Stands::default() }).await;
    let server = Server::replica(parts.settings()).await;
    assert_eq!(ready(&server).await.0, 200);
    parts.postgresql.pause().await;
    let answer = timeout(PATIENCE, ready(&server)).await;
    parts.postgresql.resume().await;
    let (status, body) = answer.unwrap();
    assert_eq!((status, part(&body, "database").get("state")), (503, Some(&json!("unavailable"))));
}
