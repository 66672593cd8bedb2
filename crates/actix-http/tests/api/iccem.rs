//! iccem over HTTP: what its clients could do that they should not, then what its golden files don't show.

mod guests;
mod paths;

use std::time::Duration;

use lectern_application::ports::Quotas;
use lectern_testkit::world::{World, steps::PASSWORD};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::server::{ICCEM_SECRET, Server};

/// The SHA-256 of the shared secret, as front ends show it.
const SECRET_HASH: &str = "70ba473ec489a18e1f5d005446ca5a915236dc9afaad6bb3cb67f81d44663297";

/// What of an answer's envelope is the message: checked to be an envelope with the same status within as without.
async fn said(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let result = if status == 200 { "success" } else { "error" };
    assert_eq!((body.get("status_code"), body.get("result")), (Some(&json!(status)), Some(&json!(result))));
    let message = body.get("data").and_then(Value::as_str).unwrap().to_owned();
    assert_eq!(body.get("detail"), Some(&json!(message)));
    (status, message)
}

/// What of a success is the data.
async fn data(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!((status, body.get("result")), (StatusCode::OK, Some(&json!("success"))), "{body}");
    body.get("data").unwrap().clone()
}

fn text(data: &Value, field: &str) -> String {
    data.get(field).and_then(Value::as_str).unwrap().to_owned()
}

fn denied() -> (u16, String) {
    (403, "Permission denied".to_owned())
}

fn not_found() -> (u16, String) {
    (404, "User not found".to_owned())
}

fn token_request(server: &Server, mut fields: Value) -> RequestBuilder {
    fields.as_object_mut().unwrap().insert("secret_hash".to_owned(), json!(SECRET_HASH));
    server.post("/token").json(&fields)
}

/// Signs somebody in, who may be new: their access token.
async fn enter(server: &Server, login: &str, role: &str) -> String {
    let fields = json!({"login": login, "password": PASSWORD, "role": role});
    text(&data(token_request(server, fields)).await, "access_token")
}

async fn guest(server: &Server) -> Value {
    data(token_request(server, json!({"role": "user"}))).await
}

async fn id_of(server: &Server, login: &str) -> String {
    let root = enter(server, "root", "admin").await;
    let found = data(server.get(&format!("/get_users?search={login}")).bearer_auth(root)).await;
    text(found.get(0).unwrap(), "id")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_looked_at_before_the_secret() {
    let server = Server::start();
    enter(&server, "ada", "user").await;
    let upper = SECRET_HASH.to_uppercase();
    for secret in ["", "guess", ICCEM_SECRET, &SECRET_HASH[..63], upper.as_str()] {
        for body in [
            json!({"secret_hash": secret, "role": "user"}),
            json!({"secret_hash": secret, "role": "admin", "login": "ada", "password": PASSWORD}),
            json!({"secret_hash": secret, "role": "user", "login": "newcomer", "password": PASSWORD}),
            json!({"secret_hash": secret, "role": 7, "login": []}),
            json!({"secret_hash": secret}),
        ] {
            let refused = said(server.post("/token").json(&body).send().await.unwrap()).await;
            assert_eq!(refused, (403, "Invalid token secret".to_owned()), "{body}");
        }
    }
    let root = enter(&server, "root", "admin").await;
    let found = data(server.get("/get_users?search=newcomer").bearer_auth(root)).await;
    assert_eq!(found, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_asks_themselves_into_another_role() {
    let server = Server::start();
    enter(&server, "ada", "user").await;
    let token = enter(&server, "ada", "admin").await;
    let me = data(server.get("/me").bearer_auth(&token)).await;
    assert_eq!(text(&me, "role"), "user");
    let permissions = me.get("permissions").and_then(Value::as_array).unwrap();
    assert!(!permissions.contains(&json!("view_users")));
    let body = json!({"login": "eve", "password": PASSWORD, "role": "admin"});
    let refused = server.post("/create_user").bearer_auth(token).json(&body).send().await.unwrap();
    assert_eq!(said(refused).await, denied());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mere_access_token_changes_nothing_of_others() {
    let server = Server::start();
    let user = enter(&server, "ada", "user").await;
    let operator = enter(&server, "oscar", "operator").await;
    let victim = id_of(&server, "ada").await;
    let guest = text(&guest(&server).await, "access_token");
    for token in [&user, &operator, &guest] {
        let body = json!({"login": "eve", "password": PASSWORD, "role": "user"});
        let refused = server.post("/create_user").bearer_auth(token).json(&body).send().await.unwrap();
        assert_eq!(said(refused).await, denied());
        let path = format!("/update_permissions/{victim}");
        let body = json!({"permissions": ["view_users"]});
        let refused = server.request(Method::PUT, &path).bearer_auth(token).json(&body).send().await.unwrap();
        assert_eq!(said(refused).await, denied());
    }
    for token in [&user, &guest] {
        let path = format!("/remove_user/{victim}");
        let refused = server.request(Method::DELETE, &path).bearer_auth(token).send().await.unwrap();
        assert_eq!(said(refused).await, denied());
        let refused = server.get("/get_users").bearer_auth(token).send().await.unwrap();
        assert_eq!(said(refused).await, (403, "Permission 'view_users' required".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_lists_and_removes_users_but_no_administrator() {
    let server = Server::start();
    enter(&server, "ada", "user").await;
    let operator = enter(&server, "oscar", "operator").await;
    let (ada, root) = (id_of(&server, "ada").await, id_of(&server, "root").await);
    assert_eq!(data(server.get("/get_users").bearer_auth(&operator)).await.as_array().unwrap().len(), 3);
    let remove = async |id: &str| {
        let path = format!("/remove_user/{id}");
        server.request(Method::DELETE, &path).bearer_auth(&operator).send().await.unwrap()
    };
    assert_eq!(said(remove(&root).await).await, denied());
    assert_eq!(remove(&ada).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_stays() {
    let server = Server::start();
    let root = enter(&server, "root", "admin").await;
    let path = format!("/remove_user/{}", id_of(&server, "root").await);
    let refused = server.request(Method::DELETE, &path).bearer_auth(root).send().await.unwrap();
    assert_eq!(said(refused).await.0, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_makes_a_refresh_token_an_access_token() {
    let server = Server::start();
    let refresh = text(&guest(&server).await, "refresh_token");
    for path in ["/me", "/me?expected_type=refresh", "/api/v1/me?expected_type=refresh"] {
        let refused = server.get(path).bearer_auth(&refresh).send().await.unwrap();
        assert_eq!(said(refused).await, (403, "Expected access token".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_waits() {
    let server = Server::of(World::with_limits(Quotas::default()));
    let refresh = text(&guest(&server).await, "refresh_token");
    for path in ["/token", "/api/v1/refresh"] {
        let body = json!({"secret_hash": SECRET_HASH, "role": "user", "refresh_token": refresh});
        let send = || server.post(path).json(&body).send();
        let admitted = if path == "/token" { 4 } else { 5 };
        for _ in 0..admitted {
            assert_eq!(send().await.unwrap().status(), StatusCode::OK, "{path}");
        }
        let refused = send().await.unwrap();
        assert_eq!(refused.headers().get("retry-after").unwrap(), "12");
        assert_eq!(said(refused).await, (429, "5 per 1 minute".to_owned()), "{path}");
        server.world.clock.advance(Duration::from_secs(12));
        assert_eq!(send().await.unwrap().status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_taken_with_and_without_bearer_but_from_no_cookie() {
    let server = Server::start();
    let token = enter(&server, "ada", "user").await;
    for value in [format!("Bearer {token}"), format!("bearer  {token}"), token.clone()] {
        let me = data(server.get("/me").header("authorization", value)).await;
        assert_eq!(text(&me, "sub"), "ada");
    }
    let cookie = server.get("/me").header("cookie", format!("access_token={token}")).send().await.unwrap();
    assert_eq!(said(cookie).await, (401, "Missing Authorization header".to_owned()));
    for value in ["Bearer", "Bearer garbage", "Basic YTpi", "garbage"] {
        let refused = server.get("/me").header("authorization", value).send().await.unwrap();
        assert_eq!(said(refused).await, (401, "Invalid token".to_owned()), "{value}");
    }
    let empty = server.get("/me").header("authorization", "").send().await.unwrap();
    assert_eq!(said(empty).await, (401, "Missing Authorization header".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_old_rights_is_to_be_refreshed_and_then_tells_the_new_ones() {
    let server = Server::start();
    let root = enter(&server, "root", "admin").await;
    let fields = json!({"login": "ada", "password": PASSWORD, "role": "user"});
    let session = data(token_request(&server, fields)).await;
    let path = format!("/update_permissions/{}", id_of(&server, "ada").await);
    let body = json!({"permissions": ["view_users"]});
    data(server.request(Method::PUT, &path).bearer_auth(root).json(&body)).await;
    let stale = server.get("/me").bearer_auth(text(&session, "access_token")).send().await.unwrap();
    assert_eq!(said(stale).await, (401, "Token has expired".to_owned()));
    let body = json!({"refresh_token": text(&session, "refresh_token")});
    let refreshed = data(server.post("/refresh").json(&body)).await;
    assert_eq!(refreshed.get("refresh_token"), None);
    let token = text(&refreshed, "access_token");
    let me = data(server.get("/me").bearer_auth(&token)).await;
    assert!(me.get("permissions").and_then(Value::as_array).unwrap().contains(&json!("view_users")));
    data(server.get("/get_users").bearer_auth(token)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_works_for_a_week_and_tells_when_it_does_not_any_more() {
    let server = Server::start();
    let session = guest(&server).await;
    let body = json!({"refresh_token": text(&session, "refresh_token")});
    server.world.clock.advance(Duration::from_hours(24 * 7 - 1));
    let access = text(&data(server.post("/refresh").json(&body)).await, "access_token");
    let me = data(server.get("/me").bearer_auth(&access)).await;
    let now = lectern_application::ports::Clock::now(&*server.world.clock).as_micros() / 1_000_000;
    assert_eq!(me.get("exp"), Some(&json!(now + 900)));
    server.world.clock.advance(Duration::from_hours(2));
    let expired = server.post("/refresh").json(&body).send().await.unwrap();
    assert_eq!(said(expired).await, (401, "Token has expired".to_owned()));
}

/// Such a client throws the new refresh token away unless it is told of it, and would be taken for a thief.
#[tokio::test(flavor = "multi_thread")]
async fn the_session_of_another_api_keeps_rotating_and_its_new_token_is_told() {
    let server = Server::start();
    server.token_of("ada").await;
    let tokens = server.log_in("ada", PASSWORD).await;
    let first = tokens.get("refresh_token").unwrap();
    let refreshed = data(server.post("/refresh").json(&json!({"refresh_token": first}))).await;
    assert_ne!(refreshed.get("refresh_token"), Some(first));
    assert!(refreshed.get("refresh_token").is_some_and(Value::is_string));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_user_is_nowhere() {
    let server = Server::start();
    enter(&server, "ada", "user").await;
    let root = enter(&server, "root", "admin").await;
    let id = id_of(&server, "ada").await;
    data(server.request(Method::DELETE, &format!("/remove_user/{id}")).bearer_auth(&root)).await;
    let body = json!({"permissions": []});
    for named in [id.as_str(), "7", "no-id", &uuid::Uuid::from_u128(1).to_string()] {
        let path = format!("/remove_user/{named}");
        let again = server.request(Method::DELETE, &path).bearer_auth(&root).send().await.unwrap();
        assert_eq!(said(again).await, not_found(), "{named}");
        let path = format!("/update_permissions/{named}");
        let request = server.request(Method::PUT, &path).bearer_auth(&root).json(&body);
        assert_eq!(said(request.send().await.unwrap()).await, not_found(), "{named}");
    }
    assert_eq!(data(server.get("/get_users?search=ada").bearer_auth(root)).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_have_the_names_that_clients_know_and_v1_has_its_own() {
    let server = Server::start();
    let root = enter(&server, "root", "admin").await;
    let body = json!({"login": "ada@example.org", "password": "x", "role": "user", "permissions": ["view_users", "edit"]});
    let made = data(server.post("/create_user").bearer_auth(&root).json(&body)).await;
    let id = text(&made, "id");
    let expected = json!({"id": id, "login": "ada@example.org", "password": "***", "role": "user", "permissions": ["edit", "view_users"]});
    assert_eq!(made, expected);
    let seen = server.get(&format!("/v1/users/{id}")).bearer_auth(&root).send().await.unwrap();
    let seen: Value = seen.json().await.unwrap();
    let permissions = seen.get("permissions").and_then(Value::as_array).unwrap();
    assert!(permissions.contains(&json!("users.view")) && permissions.contains(&json!("edit")));
    assert!(!permissions.contains(&json!("view_users")));
    let listed = data(server.get("/get_users?search=ADA@").bearer_auth(&root)).await;
    assert_eq!(listed, json!([expected]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_account_to_be_is_said() {
    let server = Server::start();
    let root = enter(&server, "root", "admin").await;
    for (body, status, message) in [
        (
            json!({"login": "a b", "password": "x", "role": "user"}),
            422,
            "login: must be a user name or an e-mail address",
        ),
        (
            json!({"login": "ada", "password": "", "role": "user"}),
            422,
            "password: the password must be at least 1 characters long",
        ),
        (json!({"login": "ada", "password": "x", "role": "astronaut"}), 422, "role: there is no such role"),
        (json!({"login": "ada", "password": "x"}), 422, "missing field `role`"),
        (json!({"login": "ada", "password": 7, "role": "user"}), 422, "password: must be a string"),
        (json!({"login": "ROOT", "password": "x", "role": "user"}), 400, "Login already exists"),
    ] {
        let refused = server.post("/create_user").bearer_auth(&root).json(&body).send().await.unwrap();
        assert_eq!(said(refused).await, (status, message.to_owned()), "{body}");
    }
    let body = json!({"permissions": ["Edit Users"]});
    let path = format!("/update_permissions/{}", id_of(&server, "root").await);
    let refused = server.request(Method::PUT, &path).bearer_auth(&root).json(&body).send().await.unwrap();
    assert_eq!(said(refused).await.0, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_listed_by_login_from_any_of_them_on() {
    let server = Server::start();
    let root = enter(&server, "root", "admin").await;
    for login in ["Bob", "alice@example.org", "carol"] {
        enter(&server, login, "user").await;
    }
    enter(&server, "oscar", "operator").await;
    for (query, expected) in [
        ("", vec!["alice@example.org", "Bob", "carol", "oscar", "root"]),
        ("?limit=2", vec!["alice@example.org", "Bob"]),
        ("?limit=2&offset=1", vec!["Bob", "carol"]),
        ("?limit=2&offset=4", vec!["root"]),
        ("?offset=5", vec![]),
        ("?search=O", vec!["alice@example.org", "Bob", "carol", "oscar", "root"]),
        ("?search=OB", vec!["Bob"]),
        ("?search=%25", vec![]),
        ("?role=operator", vec!["oscar"]),
        ("?role=user&search=A&role_is=ignored", vec!["alice@example.org", "carol"]),
        ("?search=&role=&offset=0", vec!["alice@example.org", "Bob", "carol", "oscar", "root"]),
    ] {
        let users = data(server.get(&format!("/get_users{query}")).bearer_auth(&root)).await;
        let logins: Vec<_> = users.as_array().unwrap().iter().map(|user| text(user, "login")).collect();
        assert_eq!(logins, expected, "{query}");
    }
    for query in ["?limit=0", "?limit=101", "?limit=x", "?offset=-1", "?role=No%20Role"] {
        let refused = server.get(&format!("/get_users{query}")).bearer_auth(&root).send().await.unwrap();
        assert_eq!(said(refused).await.0, 422, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_users_are_listed_unless_asked_otherwise() {
    let server = Server::start();
    let root = enter(&server, "root", "admin").await;
    for number in 0..11 {
        enter(&server, &format!("user{number}"), "user").await;
    }
    let listed = async |query: &str| {
        data(server.get(&format!("/get_users{query}")).bearer_auth(&root)).await.as_array().unwrap().len()
    };
    assert_eq!((listed("").await, listed("?limit=100").await), (10, 12));
}
