//! Reading the audit log.

use lectern_application::accounts::EnsureAdminInput;
use lectern_domain::account::{Password, Username};
use lectern_testkit::world::steps::PASSWORD;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::server::{Server, problem};

async fn admin_token(server: &Server) -> String {
    let input = EnsureAdminInput {
        username: Username::parse("root").ok(),
        email: None,
        password: Password::new(PASSWORD.to_owned()).unwrap(),
    };
    server.world.ensure_admin().execute(input).await.unwrap();
    let tokens = server.log_in("root", PASSWORD).await;
    tokens.get("access_token").and_then(Value::as_str).unwrap().to_owned()
}

async fn listed(server: &Server, token: &str, query: &str) -> Value {
    let response = server.get(&format!("/v1/audit-events{query}")).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{query}");
    response.json().await.unwrap()
}

fn kinds(page: &Value) -> Vec<&str> {
    let items = page.get("items").and_then(Value::as_array).unwrap();
    items.iter().filter_map(|event| event.get("kind")?.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_says_who_did_what_and_from_where() {
    let server = Server::start();
    server.token_of("ada").await;
    let admin = admin_token(&server).await;
    let page = listed(&server, &admin, "?kind=logged_in&size=1&page=2").await;
    assert_eq!((page.get("total"), page.get("pages")), (Some(&json!(2)), Some(&json!(2))));
    let event = page.pointer("/items/0").and_then(Value::as_object).unwrap();
    let names: Vec<_> = event.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "actor_id",
            "at",
            "details",
            "id",
            "ip",
            "kind",
            "object_id",
            "request_id",
            "subject_id",
            "user_agent"
        ]
    );
    assert_eq!(event.get("ip"), Some(&json!("127.0.0.1")));
    assert_eq!(event.get("actor_id"), event.get("subject_id"));
    assert_eq!(event.get("kind"), Some(&json!("logged_in")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_filtered_by_kind_account_and_time() {
    let server = Server::start();
    server.token_of("ada").await;
    server.log_in("ada", "a wrong password").await;
    let admin = admin_token(&server).await;
    let all = listed(&server, &admin, "").await;
    assert_eq!(kinds(&all), ["logged_in", "signed_up", "login_failed", "logged_in", "signed_up"]);
    let failed = listed(&server, &admin, "?kind=login_failed").await;
    let ada = failed.pointer("/items/0/subject_id").and_then(Value::as_str).unwrap();
    let hers = listed(&server, &admin, &format!("?subject={ada}")).await;
    assert_eq!(kinds(&hers), ["login_failed", "logged_in", "signed_up"]);
    let done = listed(&server, &admin, &format!("?actor={ada}&until=2999-01-01T00:00:00Z")).await;
    assert_eq!(kinds(&done), ["logged_in", "signed_up"]);
    assert_eq!(kinds(&listed(&server, &admin, "?since=2999-01-01T00:00:00Z").await), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_makes_no_sense_is_named() {
    let server = Server::start();
    let admin = admin_token(&server).await;
    for query in ["kind=coffee", "actor=me", "since=yesterday", "until=2026-01-01", "page=0", "colour=red"] {
        let response =
            server.get(&format!("/v1/audit-events?{query}")).bearer_auth(&admin).send().await.unwrap();
        let refused = problem(response).await;
        assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed".to_owned()), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_not_for_everybody() {
    let server = Server::start();
    let ada = server.token_of("ada").await;
    let response = server.get("/v1/audit-events").bearer_auth(&ada).send().await.unwrap();
    assert_eq!(problem(response).await, (StatusCode::FORBIDDEN, "permission_denied".to_owned()));
}
