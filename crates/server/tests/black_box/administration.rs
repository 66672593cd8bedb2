//! The administrator from the configuration, and what becomes of those they deal with.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    client::{ADMIN, Account},
    profile::{Profile, on_both_profiles},
    server::Server,
};

on_both_profiles!(the_configured_administrator_finds_promotes_and_blocks_people,);

async fn the_configured_administrator_finds_promotes_and_blocks_people(profile: Profile) {
    let server = Server::start_on(profile, &ADMIN).await;
    let root = Account::log_in(&server, "root").await;
    let ada = Account::register(&server, "Ада").await;
    let found = root.get(&server, "/v1/users?search=АД").await;
    assert_eq!(found.get("total"), Some(&json!(1)), "{}", server.log());
    let path =
        found.pointer("/items/0/id").and_then(Value::as_str).map(|id| format!("/v1/users/{id}")).unwrap();
    let send = async |method: Method, path: String, body: Value| {
        root.request(&server, method, &path).json(&body).send().await.unwrap().status()
    };

    let role = json!({"name": "auditor", "permissions": ["users.view"]});
    assert_eq!(send(Method::POST, "/v1/roles".to_owned(), role).await, StatusCode::CREATED);
    let role = json!({"role": "auditor"});
    assert_eq!(send(Method::PUT, format!("{path}/role"), role).await, StatusCode::OK);
    let stale = ada.request(&server, Method::GET, "/v1/users").send().await.unwrap();
    assert_eq!(stale.json::<Value>().await.unwrap().get("code"), Some(&json!("token_stale")));
    let ada = Account::log_in(&server, "аДА").await;
    assert_eq!(ada.get(&server, "/v1/users").await.get("total"), Some(&json!(2)));

    assert_eq!(send(Method::POST, format!("{path}/block"), Value::Null).await, StatusCode::OK);
    let ended = ada.request(&server, Method::GET, "/v1/me").send().await.unwrap();
    assert_eq!(ended.json::<Value>().await.unwrap().get("code"), Some(&json!("session_revoked")));
}
