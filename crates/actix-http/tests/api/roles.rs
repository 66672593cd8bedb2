//! Roles over HTTP.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, problem};

async fn send(server: &Server, token: &str, method: Method, path: &str, body: Option<Value>) -> Response {
    let mut request = server.request(method, path).bearer_auth(token);
    if let Some(body) = body {
        request = request.json(&body);
    }
    request.send().await.unwrap()
}

async fn list(server: &Server, token: &str) -> Value {
    send(server, token, Method::GET, "/v1/roles", None).await.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_listed_with_what_they_allow() {
    let server = Server::start();
    let root = server.token_of_admin("root").await;
    let listed = list(&server, &root).await;
    let items = listed.get("items").and_then(Value::as_array).unwrap();
    let names: Vec<_> = items.iter().filter_map(|item| item.get("name").and_then(Value::as_str)).collect();
    assert_eq!(names, ["admin", "methodist", "operator", "read_only", "user"]);
    let read_only = json!({"name": "read_only", "permissions": ["transcriptions.read"], "built_in": true});
    assert!(items.contains(&read_only));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_made_changed_and_deleted() {
    let server = Server::start();
    let root = server.token_of_admin("root").await;
    let body = json!({"name": "auditor", "permissions": ["audit.view"]});
    let made = send(&server, &root, Method::POST, "/v1/roles", Some(body.clone())).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    assert_eq!(made.headers().get("location").unwrap(), "/v1/roles/auditor");
    let made: Value = made.json().await.unwrap();
    assert_eq!(made, json!({"name": "auditor", "permissions": ["audit.view"], "built_in": false}));
    let again = problem(send(&server, &root, Method::POST, "/v1/roles", Some(body)).await).await;
    assert_eq!(again, (StatusCode::CONFLICT, "role_exists".to_owned()));

    let body = json!({"permissions": ["users.view", "audit.view"]});
    let changed = send(&server, &root, Method::PUT, "/v1/roles/auditor", Some(body)).await;
    assert_eq!(changed.status(), StatusCode::OK);
    let changed: Value = changed.json().await.unwrap();
    assert_eq!(changed.get("permissions"), Some(&json!(["audit.view", "users.view"])));

    let deleted = send(&server, &root, Method::DELETE, "/v1/roles/auditor", None).await;
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    let gone = problem(send(&server, &root, Method::DELETE, "/v1/roles/auditor", None).await).await;
    assert_eq!(gone, (StatusCode::NOT_FOUND, "role_not_found".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_in_use_and_built_in_ones_stay() {
    let server = Server::start();
    let root = server.token_of_admin("root").await;
    server.world.holder("auditor", &[]).await;
    let in_use = problem(send(&server, &root, Method::DELETE, "/v1/roles/auditor", None).await).await;
    assert_eq!(in_use, (StatusCode::CONFLICT, "role_in_use".to_owned()));
    let built_in = (StatusCode::CONFLICT, "role_built_in".to_owned());
    let deleted = send(&server, &root, Method::DELETE, "/v1/roles/operator", None).await;
    assert_eq!(problem(deleted).await, built_in);
    let body = json!({"permissions": ["users.grant"]});
    let changed = send(&server, &root, Method::PUT, "/v1/roles/user", Some(body)).await;
    assert_eq!(problem(changed).await, built_in);
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_a_role_makes_the_tokens_of_its_accounts_stale() {
    let server = Server::start();
    let (root, holder) = (server.token_of_admin("root").await, server.token_of_holder("auditor", &[]).await);
    let body = json!({"permissions": ["users.view"]});
    send(&server, &root, Method::PUT, "/v1/roles/auditor", Some(body)).await;
    let stale = problem(send(&server, &holder, Method::GET, "/v1/users", None).await).await;
    assert_eq!(stale, (StatusCode::UNAUTHORIZED, "token_stale".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_roles_are_refused() {
    let server = Server::start();
    let root = server.token_of_admin("root").await;
    for body in [
        json!({"name": "No Role", "permissions": []}),
        json!({"name": "role"}),
        json!({"name": "role", "permissions": ["NO"]}),
        json!({"name": "role", "permissions": [], "built_in": true}),
    ] {
        let refused = problem(send(&server, &root, Method::POST, "/v1/roles", Some(body)).await).await;
        assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed".to_owned()));
    }
    let nowhere = send(&server, &root, Method::DELETE, "/v1/roles/No%20Role", None).await;
    assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
}
