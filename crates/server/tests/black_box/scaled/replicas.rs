//! Any request on any replica, and replicas that die.

use std::{collections::BTreeSet, time::Duration};

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use super::{
    cluster::{Cluster, Front, Plan, TRANSCRIBING},
    keen::{Keen, new_key},
    traffic::Traffic,
};
use crate::{
    client::{Account, problem},
    server::Server,
    sound,
    uploads::staged,
};

const PATIENCE: Duration = Duration::from_mins(1);

async fn refresh(server: &Server, token: &str) -> (StatusCode, Value) {
    let request = server.client.post(server.url("/v1/auth/refresh"));
    let response = request.json(&json!({"refresh_token": token})).send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

#[tokio::test]
async fn clients_go_on_while_one_replica_of_three_dies_and_comes_back() {
    let plan = Plan { replicas: 3, front: Front::Nginx, settings: TRANSCRIBING.into(), ..Plan::default() };
    let mut cluster = Cluster::start(plan).await;
    let traffic = Traffic::start(&cluster.entrances(), 3).await;
    traffic.goes_on().await;
    assert_eq!(traffic.refusals(), []);
    cluster.replicas[1].kill().await;
    traffic.goes_on().await;
    cluster.replicas[1].restart().await;
    traffic.goes_on().await;
    let clients = traffic.stop().await;
    // It is the load balancer that has nobody to ask.
    let from_replicas: Vec<_> =
        clients.refusals().iter().filter(|refusal| refusal.status().is_some_and(|s| s != 502)).collect();
    assert!(from_replicas.is_empty(), "{from_replicas:?}");
    clients.assert_all_there().await;
    clients.assert_all_transcribed().await;
}

#[tokio::test]
async fn a_replica_killed_during_twenty_uploads_loses_none_and_doubles_none() {
    let settings = [("LECTERN_WORKER", "off")].into();
    let plan = Plan { replicas: 3, front: Front::Nginx, settings, ..Plan::default() };
    let mut cluster = Cluster::start(plan).await;
    let entrances = cluster.entrances();
    let names: Vec<_> = (0..20).map(|number| format!("client{number}")).collect();
    let clients = join_all(names.iter().map(|name| Keen::register(&entrances, name))).await;
    // Some seconds of work for two processors.
    let recordings: Vec<_> = (0..20).map(|seed| sound::noise(600, seed)).collect();
    let uploads = join_all(clients.iter().zip(&recordings).map(async |(client, recording)| {
        client.upload(recording, &new_key()).await.unwrap();
    }));
    let killed = async {
        let mut looks = interval(Duration::from_millis(1));
        while staged(&cluster.replicas[0]) < 3 {
            looks.tick().await;
        }
        cluster.replicas[0].restart().await;
    };
    timeout(PATIENCE, async { tokio::join!(uploads, killed) }).await.unwrap();
    assert!(clients.iter().any(|client| !client.refusals().is_empty()), "nobody noticed anything");
    join_all(clients.iter().map(Keen::assert_all_there)).await;
}

#[tokio::test]
async fn a_session_ended_on_one_replica_is_over_on_the_other() {
    let cluster = Cluster::start(Plan { replicas: 2, ..Plan::default() }).await;
    let [here, there] = &cluster.replicas[..] else { unreachable!("two replicas") };
    for round in 0..5 {
        let ada = Account::register(here, &format!("ada{round}")).await;
        ada.get(there, "/v1/me").await;
        let ended = ada.request(here, Method::POST, "/v1/auth/logout").send().await.unwrap();
        assert_eq!(ended.status(), 204);
        let mut looks = interval(Duration::from_millis(5));
        let refused = async {
            loop {
                looks.tick().await;
                let answer = ada.request(there, Method::GET, "/v1/me").send().await.unwrap();
                if answer.status() != 200 {
                    return problem(answer).await;
                }
            }
        };
        // Well below the five seconds that it would take if nobody told.
        let refused = timeout(Duration::from_secs(2), refused).await.unwrap();
        assert_eq!(refused, (401, "session_revoked".to_owned()));
    }
}

#[tokio::test]
async fn a_token_refreshed_on_two_replicas_at_once_has_one_successor() {
    let cluster = Cluster::start(Plan { replicas: 2, ..Plan::default() }).await;
    let ada = Account::register(&cluster.replicas[0], "ada").await;
    let servers = cluster.replicas.iter().cycle().take(50);
    let answers = join_all(servers.map(|server| refresh(server, ada.refresh_token()))).await;
    let successors: BTreeSet<_> = answers
        .iter()
        .map(|(status, body)| {
            assert_eq!(*status, StatusCode::OK, "{body}");
            body.get("refresh_token").and_then(Value::as_str).unwrap()
        })
        .collect();
    assert_eq!(successors.len(), 1);
    assert_ne!(successors.first(), Some(&ada.refresh_token()));
}

#[tokio::test]
async fn without_a_grace_one_of_two_replicas_gives_a_successor_and_the_session_ends() {
    let settings = [("LECTERN_REFRESH_GRACE_SECONDS", "0")].into();
    let cluster = Cluster::start(Plan { replicas: 2, settings, ..Plan::default() }).await;
    let ada = Account::register(&cluster.replicas[0], "ada").await;
    let servers = cluster.replicas.iter().cycle().take(50);
    let answers = join_all(servers.map(|server| refresh(server, ada.refresh_token()))).await;
    let won: Vec<_> = answers.iter().filter(|(status, _)| *status == StatusCode::OK).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    let successor = won[0].1.get("refresh_token").and_then(Value::as_str).unwrap();
    for server in &cluster.replicas {
        assert_eq!(refresh(server, successor).await.0, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_balance_is_changed_once_by_fifty_requests_on_three_replicas_under_one_key() {
    let cluster = Cluster::start(Plan { replicas: 3, ..Plan::default() }).await;
    let root = Account::log_in(&cluster.replicas[0], "root").await;
    let ada = Account::register(&cluster.replicas[1], "ada").await;
    let path = format!("/v1/users/{}/balance/entries", ada.id(&cluster.replicas[2]).await);
    let servers = cluster.replicas.iter().cycle().take(50);
    let entries = join_all(servers.map(async |server| {
        let request = root.request(server, Method::POST, &path).header("Idempotency-Key", "november");
        let response = request.json(&json!({"amount": 7, "reason": "prize"})).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED, "{}", server.log());
        response.json::<Value>().await.unwrap()
    }))
    .await;
    for server in &cluster.replicas {
        let ledger = ada.get(server, "/v1/me/balance/entries").await;
        assert_eq!(ledger.get("items"), Some(&json!([entries[0]])));
        assert_eq!(ada.get(server, "/v1/me/balance").await, json!({"balance": 7}));
    }
    assert!(entries.iter().all(|entry| *entry == entries[0]));
}
