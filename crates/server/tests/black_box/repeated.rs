//! Requests that are sent again because their answer was lost.

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    client::{ADMIN, Account},
    profile::{Profile, on_both_profiles},
    server::Server,
    sound,
    uploads::assert_kept,
};

on_both_profiles!(
    a_balance_is_changed_once_by_fifty_requests_at_once_and_by_one_after_a_crash,
    twenty_registrations_at_once_under_one_key_make_one_account,
    an_upload_sent_again_after_a_crash_is_the_same_transcription,
);

async fn a_balance_is_changed_once_by_fifty_requests_at_once_and_by_one_after_a_crash(profile: Profile) {
    let mut server = Server::start_on(profile, &ADMIN).await;
    let (root, ada) = (Account::log_in(&server, "root").await, Account::register(&server, "ada").await);
    let path = format!("/v1/users/{}/balance/entries", ada.id(&server).await);
    let pay = async |server: &Server| {
        let request = root.request(server, Method::POST, &path).header("Idempotency-Key", "november");
        let response = request.json(&json!({"amount": 7, "reason": "prize"})).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED, "{}", server.log());
        response.json::<Value>().await.unwrap()
    };
    let paid = join_all((0..50).map(|_| pay(&server))).await;
    server.kill().await;
    server.restart().await;
    let again = pay(&server).await;
    assert!(paid.iter().all(|entry| *entry == again));
    assert_eq!(ada.get(&server, "/v1/me/balance").await, json!({"balance": 7}));
    let ledger = ada.get(&server, "/v1/me/balance/entries").await;
    assert_eq!(ledger.get("items"), Some(&json!([again])));
}

async fn twenty_registrations_at_once_under_one_key_make_one_account(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    let answers = join_all((0..20).map(async |_| {
        let request = server.client.post(server.url("/v1/auth/register")).header("Idempotency-Key", "\"k\"");
        let request = request.json(&json!({"username": "ada", "password": Account::PASSWORD}));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED, "{}", server.log());
        response.headers().get("location").unwrap().to_owned()
    }))
    .await;
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

async fn an_upload_sent_again_after_a_crash_is_the_same_transcription(profile: Profile) {
    let mut server = Server::start_on(profile, &[]).await;
    let ada = Account::register(&server, "ada").await;
    let first = ada.send_under(&server, sound::lecture(), "audio/mpeg", "k").await;
    assert_eq!(first.status(), StatusCode::ACCEPTED, "{}", server.log());
    server.kill().await;
    server.restart().await;
    let again = ada.send_under(&server, sound::lecture(), "audio/mpeg", "k").await;
    assert_eq!(again.status(), StatusCode::ACCEPTED, "{}", server.log());
    assert_eq!(again.headers().get("location"), first.headers().get("location"));
    let list = ada.get(&server, "/v1/transcriptions").await;
    assert_eq!(list.get("total"), Some(&json!(1)));
    assert_kept(&server, 1).await;
}
