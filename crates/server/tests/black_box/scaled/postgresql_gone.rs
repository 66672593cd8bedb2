//! PostgreSQL dies, hangs, is slow, and comes back.

use std::time::Duration;

use futures::future::join_all;
use reqwest::{Method, Response};
use tokio::time::{interval, timeout};

use super::{
    answer::Refusal,
    cluster::{Cluster, Plan, TRANSCRIBING},
    keen::{Keen, new_key},
    parts::{Stand, Stands},
    traffic::Traffic,
};
use crate::{
    client::{Account, problem},
    server::Server,
};

/// How long a request may hang that can't be answered.
const PATIENCE: Duration = Duration::from_secs(30);

fn plan(postgresql: Stand, replicas: usize) -> Plan<'static> {
    let stands = Stands { postgresql, ..Stands::default() };
    Plan { replicas, stands, settings: TRANSCRIBING.into(), ..Plan::default() }
}

async fn get(server: &Server, path: &str) -> Response {
    timeout(PATIENCE, server.client.get(server.url(path)).send()).await.unwrap().unwrap()
}

/// Waits until a replica is ready, or is not.
async fn until_ready(server: &Server, status: u16) {
    let mut looks = interval(Duration::from_millis(50));
    let ready = async {
        while get(server, "/readyz").await.status() != status {
            looks.tick().await;
        }
    };
    assert!(timeout(PATIENCE, ready).await.is_ok(), "the replica's readiness is not {status}");
}

#[tokio::test]
async fn without_postgresql_requests_are_put_off_and_nothing_that_was_promised_is_lost() {
    let cluster = Cluster::start(plan(Stand::Own, 2)).await;
    let traffic = Traffic::start(&cluster.entrances(), 3).await;
    traffic.goes_on().await;
    assert_eq!(traffic.refusals(), []);
    cluster.parts.postgresql.kill().await;
    traffic.is_refused().await;
    for replica in &cluster.replicas {
        until_ready(replica, 503).await;
        assert_eq!(get(replica, "/healthz").await.status(), 200);
    }
    cluster.parts.postgresql.restart().await;
    traffic.goes_on().await;
    for replica in &cluster.replicas {
        until_ready(replica, 200).await;
    }
    let during = traffic.refusals().len();
    traffic.goes_on().await;
    let clients = traffic.stop().await;
    let refusals = clients.refusals();
    assert_eq!(refusals.get(during..), Some(&[][..]), "it has recovered");
    let improper: Vec<_> = refusals.iter().filter(|refusal| !refusal.is_proper()).collect();
    assert!(improper.is_empty(), "{improper:?}");
    clients.assert_all_there().await;
    clients.assert_all_transcribed().await;
}

#[tokio::test]
async fn a_connection_that_died_unnoticed_costs_no_request() {
    let cluster = Cluster::start(plan(Stand::Proxied, 1)).await;
    let ada = Account::register(&cluster.replicas[0], "ada").await;
    let proxy = cluster.parts.postgresql.proxy();
    for _ in 0..3 {
        proxy.cut();
        proxy.restore().unwrap();
        for path in ["/v1/me/balance", "/v1/me/sessions"] {
            ada.get(&cluster.replicas[0], path).await;
        }
    }
}

#[tokio::test]
async fn a_postgresql_that_hangs_is_given_up_soon_and_used_again_when_it_goes_on() {
    let mut plan = plan(Stand::Own, 1);
    plan.settings.push(("LECTERN_DATABASE_CONNECTIONS", "3"));
    let cluster = Cluster::start(plan).await;
    let server = &cluster.replicas[0];
    let ada = Account::register(server, "ada").await;
    let ask = async || {
        let request = ada.request(server, Method::GET, "/v1/me/balance");
        timeout(PATIENCE, request.send()).await.unwrap().unwrap()
    };
    cluster.parts.postgresql.pause().await;
    for answer in join_all((0..30).map(|_| ask())).await {
        assert!(answer.headers().contains_key("retry-after"), "{}", answer.status());
        assert_eq!(problem(answer).await.0, 503);
    }
    cluster.parts.postgresql.resume().await;
    until_ready(server, 200).await;
    let keen = Keen::sign_in(&cluster.entrances(), "ada").await;
    keen.assert_all_there().await;
}

#[tokio::test]
async fn more_requests_than_connections_wait_for_their_turn() {
    let mut plan = plan(Stand::Shared, 1);
    plan.settings.push(("LECTERN_DATABASE_CONNECTIONS", "2"));
    let cluster = Cluster::start(plan).await;
    let root = Keen::sign_in(&cluster.entrances(), "root").await;
    let ada = Keen::register(&cluster.entrances(), "ada").await;
    let keys: Vec<_> = (0..100).map(|_| new_key()).collect();
    join_all(keys.iter().map(|key| root.pay(&ada, 1, key))).await;
    let improper: Vec<_> = root.refusals().into_iter().filter(|refusal| !refusal.is_proper()).collect();
    assert_eq!(improper, []);
    ada.assert_all_there().await;
}

#[tokio::test]
async fn a_slow_postgresql_makes_slow_answers_and_no_wrong_ones() {
    let cluster = Cluster::start(plan(Stand::Proxied, 1)).await;
    let root = Keen::sign_in(&cluster.entrances(), "root").await;
    let ada = Keen::register(&cluster.entrances(), "ada").await;
    let key = new_key();
    cluster.parts.postgresql.proxy().delay(Duration::from_secs(1));
    tokio::join!(root.pay(&ada, 7, &key), ada.get("/v1/me/sessions"), ada.get("/v1/transcriptions"));
    let improper = |refusal: &&Refusal| refusal.is_fault() && !refusal.is_proper();
    let refusals = [root.refusals(), ada.refusals()].concat();
    assert_eq!(refusals.iter().find(improper), None);
    cluster.parts.postgresql.proxy().restore().unwrap();
    ada.assert_all_there().await;
}
