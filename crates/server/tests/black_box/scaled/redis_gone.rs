//! Redis dies, is slow, and comes back.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::{Instant, interval, timeout};

use super::{
    cluster::{Cluster, Plan, TRANSCRIBING},
    keen::BOUND,
    parts::{Stand, Stands},
    traffic::Traffic,
};
use crate::{client::Account, server::Server};

/// What a machine with other things to do may add to that.
const LEEWAY: Duration = Duration::from_secs(2);

const OWN: Stands =
    Stands { redis: Stand::Own, postgresql: Stand::Shared, rabbitmq: Stand::Shared, s3: Stand::Shared };
const SLOW: Stands = Stands { redis: Stand::Proxied, ..OWN };

async fn me(server: &Server, account: &Account) -> u16 {
    account.request(server, Method::GET, "/v1/me").send().await.unwrap().status().as_u16()
}

async fn guess(server: &Server, login: &str) -> u16 {
    let request = server.client.post(server.url("/v1/auth/login"));
    request.json(&json!({"login": login, "password": "wrong"})).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn nobody_notices_that_redis_dies_and_comes_back() {
    let plan = Plan { replicas: 2, stands: OWN, settings: TRANSCRIBING.into(), ..Plan::default() };
    let cluster = Cluster::start(plan).await;
    let traffic = Traffic::start(&cluster.entrances(), 3).await;
    traffic.goes_on().await;
    cluster.parts.redis.kill().await;
    traffic.goes_on().await;
    cluster.parts.redis.restart().await;
    traffic.goes_on().await;
    let clients = traffic.stop().await;
    assert_eq!(clients.refusals(), []);
    clients.assert_all_there().await;
    clients.assert_all_transcribed().await;
}

#[tokio::test]
async fn a_session_ended_without_redis_is_over_on_the_other_replica_within_the_bound() {
    let cluster = Cluster::start(Plan { replicas: 2, stands: OWN, ..Plan::default() }).await;
    let [here, there] = &cluster.replicas[..] else { unreachable!("two replicas") };
    let ada = Account::register(here, "ada").await;
    cluster.parts.redis.kill().await;
    assert_eq!(me(there, &ada).await, 200, "this replica remembers the session");
    let ended = ada.request(here, Method::POST, "/v1/auth/logout").send().await.unwrap();
    assert_eq!(ended.status(), 204);
    assert_eq!(me(here, &ada).await, 401);
    let mut looks = interval(Duration::from_millis(50));
    let refused = async {
        while me(there, &ada).await != 401 {
            looks.tick().await;
        }
    };
    assert!(timeout(BOUND + LEEWAY, refused).await.is_ok(), "the session outlives its end");
}

#[tokio::test]
async fn guessing_is_slowed_down_without_redis_and_by_all_replicas_together_once_it_is_back() {
    let cluster = Cluster::start(Plan { replicas: 2, stands: OWN, ..Plan::default() }).await;
    let [here, there] = &cluster.replicas[..] else { unreachable!("two replicas") };
    cluster.parts.redis.kill().await;
    for _ in 0..4 {
        assert_eq!(guess(here, "ada").await, 401);
    }
    assert_eq!(guess(here, "ada").await, 429);

    cluster.parts.redis.restart().await;
    // Each alone would let in four guesses. Somebody else is guessed at each time, as a replica may not know yet that Redis
    // is back.
    let mut names = 0..;
    let mut looks = interval(Duration::from_millis(100));
    let together = async {
        loop {
            looks.tick().await;
            let name = format!("nobody{}", names.next().unwrap_or_default());
            let mut answers = Vec::new();
            for server in [here, there, here, there, here] {
                answers.push(guess(server, &name).await);
            }
            if answers == [401, 401, 401, 401, 429] {
                break;
            }
        }
    };
    assert!(timeout(Duration::from_secs(30), together).await.is_ok(), "replicas count by themselves");
}

#[tokio::test]
async fn a_slow_redis_costs_a_time_out_now_and_then_and_not_with_each_request() {
    const REQUESTS: u32 = 50;
    const SLOWNESS: Duration = Duration::from_secs(2);
    let cluster = Cluster::start(Plan { replicas: 2, stands: SLOW, ..Plan::default() }).await;
    let ada = Account::register(&cluster.replicas[0], "ada").await;
    cluster.parts.redis.proxy().delay(SLOWNESS / 2);
    let begun = Instant::now();
    for (_, server) in (0..REQUESTS).zip(cluster.replicas.iter().cycle()) {
        assert_eq!(me(server, &ada).await, 200);
        let sessions = ada.request(server, Method::GET, "/v1/me/sessions").send().await.unwrap();
        assert_eq!(sessions.status(), 200);
    }
    // Waiting for it with every tenth request would take as long.
    assert!(begun.elapsed() < SLOWNESS * REQUESTS / 10, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn nobody_notices_that_redis_is_slow_but_by_the_time_it_takes() {
    let plan = Plan { replicas: 2, stands: SLOW, settings: TRANSCRIBING.into(), ..Plan::default() };
    let cluster = Cluster::start(plan).await;
    let traffic = Traffic::start(&cluster.entrances(), 2).await;
    cluster.parts.redis.proxy().delay(Duration::from_secs(1));
    traffic.goes_on().await;
    cluster.parts.redis.proxy().cut();
    traffic.goes_on().await;
    cluster.parts.redis.proxy().restore().unwrap();
    traffic.goes_on().await;
    let clients = traffic.stop().await;
    assert_eq!(clients.refusals(), []);
    clients.assert_all_there().await;
    clients.assert_all_transcribed().await;
}
