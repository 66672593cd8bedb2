//! Sessions over HTTP: bodies, cookies, and requests from other sites.

use lectern_testkit::world::steps::PASSWORD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, problem};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_shown_whole_and_without_secrets() {
    let server = Server::start();
    let body =
        json!({"username": "Ada", "email": "ada@example.org", "password": PASSWORD, "first_name": "Ada"});
    let response = server.post("/v1/auth/register").json(&body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    let location = response.headers().get("location").unwrap().to_str().unwrap().to_owned();
    let user: Value = response.json().await.unwrap();
    let id = user.get("id").and_then(Value::as_str).unwrap();
    assert_eq!(location, format!("/v1/users/{id}"));
    let mut fields: Vec<_> = user.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "balance",
            "can_interact",
            "created_at",
            "email",
            "first_name",
            "id",
            "last_activity_at",
            "last_name",
            "number",
            "permissions",
            "role",
            "standing",
            "updated_at",
            "username"
        ]
    );
    assert_eq!(user.get("role"), Some(&json!("user")));
    assert_eq!(user.get("balance"), Some(&json!(0)));
    assert_eq!(user.get("created_at"), Some(&json!("2026-01-01T00:00:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_come_in_the_body_and_work_as_bearer() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    let me: Value = server.get("/v1/me").bearer_auth(token).send().await.unwrap().json().await.unwrap();
    assert_eq!(me.get("username"), Some(&json!("ada")));
    let tokens = server.log_in("ADA", PASSWORD).await;
    assert_eq!(tokens.get("token_type"), Some(&json!("bearer")));
    assert_eq!(tokens.get("expires_in"), Some(&json!(900)));
    assert!(tokens.get("session_id").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_login_is_the_same_in_every_case() {
    let server = Server::start();
    server.token_of("ada").await;
    let mut answers = Vec::new();
    for login in ["ada", "nobody", "nobody@example.org", ""] {
        let body = json!({"login": login, "password": "wrong"});
        let response = server.post("/v1/auth/login").json(&body).send().await.unwrap();
        let mut body: Value = response.json().await.unwrap();
        body.as_object_mut().unwrap().remove("request_id");
        answers.push(body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert_eq!(answers.first().unwrap().get("code"), Some(&json!("invalid_credentials")));
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshing_twice_answers_the_same_refresh_token() {
    let server = Server::start();
    server.token_of("ada").await;
    let tokens = server.log_in("ada", PASSWORD).await;
    let body = json!({"refresh_token": tokens.get("refresh_token").unwrap()});
    let mut answers = Vec::new();
    for _ in 0..2 {
        let next: Value =
            server.post("/v1/auth/refresh").json(&body).send().await.unwrap().json().await.unwrap();
        answers.push(next.get("refresh_token").unwrap().clone());
    }
    assert_eq!(answers.first(), answers.last());
    assert_ne!(answers.first(), tokens.get("refresh_token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_in_cookies_shows_no_token_and_hides_them_from_scripts() {
    let server = Server::start();
    server.token_of("ada").await;
    let body = json!({"login": "ada", "password": PASSWORD, "cookies": true});
    let response = server.post("/v1/auth/login").json(&body).send().await.unwrap();
    let cookies: Vec<_> =
        response.headers().get_all("set-cookie").iter().map(|c| c.to_str().unwrap().to_owned()).collect();
    assert_eq!(cookies.len(), 2);
    for cookie in &cookies {
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    }
    let body: Value = response.json().await.unwrap();
    assert!(body.get("access_token").is_none() && body.get("refresh_token").is_none());
    assert!(body.get("session_id").is_some());
}

/// Signs in by cookie: the `Cookie` header for later requests.
async fn cookies_of(server: &Server, username: &str) -> String {
    server.token_of(username).await;
    let body = json!({"login": username, "password": PASSWORD, "cookies": true});
    let response = server.post("/v1/auth/login").json(&body).send().await.unwrap();
    let pairs = response.headers().get_all("set-cookie").iter();
    pairs.map(|c| c.to_str().unwrap().split(';').next().unwrap().to_owned()).collect::<Vec<_>>().join("; ")
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_let_in_but_only_from_this_site_when_something_changes() {
    let server = Server::start();
    let cookies = cookies_of(&server, "ada").await;
    let me = server.get("/v1/me").header("cookie", &cookies).send().await.unwrap();
    assert_eq!(me.status(), StatusCode::OK, "reading needs no proof");

    let foreign = [
        vec![],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
    ];
    for headers in foreign {
        for path in ["/v1/auth/logout", "/v1/auth/refresh"] {
            let mut request = server.post(path).header("cookie", &cookies);
            for (name, value) in &headers {
                request = request.header(*name, *value);
            }
            let refused = problem(request.send().await.unwrap()).await;
            let expected = (StatusCode::FORBIDDEN, "cross_site_request".to_owned());
            assert_eq!(refused, expected, "{path} {headers:?}");
        }
    }
    let own = server.post("/v1/auth/refresh").header("cookie", &cookies).header("origin", &server.base);
    assert_eq!(own.send().await.unwrap().status(), StatusCode::OK);
    let own =
        server.post("/v1/auth/logout").header("cookie", &cookies).header("sec-fetch-site", "same-origin");
    let response = own.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    let spent: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert!(spent.iter().all(|cookie| cookie.to_str().unwrap().contains("Max-Age=0")) && spent.len() == 2);
    let after = server.request(Method::GET, "/v1/me").header("cookie", &cookies);
    assert_eq!(problem(after.send().await.unwrap()).await.1, "session_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_shown_and_signed_out() {
    let server = Server::start();
    let lost = server.token_of("ada").await;
    let body = json!({"login": "ada", "password": PASSWORD});
    let login = server.post("/v1/auth/login").header("user-agent", "curl/8.14.1").json(&body);
    let tokens: Value = login.send().await.unwrap().json().await.unwrap();
    let own = tokens.get("access_token").and_then(Value::as_str).unwrap();

    let listed = server.get("/v1/me/sessions").bearer_auth(own).send().await.unwrap();
    let listed: Value = listed.json().await.unwrap();
    let items = listed.get("items").and_then(Value::as_array).unwrap();
    let current = items.iter().find(|item| item.get("current") == Some(&json!(true))).unwrap();
    assert_eq!(current.get("id"), tokens.get("session_id"));
    assert_eq!(current.get("label"), Some(&json!("curl")));
    assert_eq!(current.get("ip"), Some(&json!("127.0.0.1")));
    let mut fields: Vec<_> = current.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["created_at", "current", "id", "ip", "label", "last_seen_at", "user_agent"]);

    let other = items.iter().find(|item| item.get("current") == Some(&json!(false))).unwrap();
    let path = format!("/v1/me/sessions/{}", other.get("id").and_then(Value::as_str).unwrap());
    let revoked = server.request(Method::DELETE, &path).bearer_auth(own).send().await.unwrap();
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    let after = server.get("/v1/me").bearer_auth(&lost).send().await.unwrap();
    assert_eq!(problem(after).await.1, "session_revoked");
    let again = server.request(Method::DELETE, &path).bearer_auth(own).send().await.unwrap();
    assert_eq!(problem(again).await, (StatusCode::NOT_FOUND, "session_not_found".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_on_all_other_devices_has_to_be_asked_for() {
    let server = Server::start();
    let lost = server.token_of("ada").await;
    let own = server.token_of("ada").await;
    let delete = |query: &str| {
        let path = format!("/v1/me/sessions{query}");
        server.request(Method::DELETE, &path).bearer_auth(&own).send()
    };
    for query in ["", "?others=false", "?others=maybe"] {
        let refused = problem(delete(query).await.unwrap()).await;
        assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed".to_owned()), "{query}");
    }
    assert_eq!(delete("?others=true").await.unwrap().status(), StatusCode::NO_CONTENT);
    let after = server.get("/v1/me").bearer_auth(&lost).send().await.unwrap();
    assert_eq!(problem(after).await.1, "session_revoked");
    assert_eq!(server.get("/v1/me").bearer_auth(&own).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_with_the_current_one() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        server.post("/v1/auth/password/change").bearer_auth(&token).json(&body).send()
    };
    let wrong = problem(change("guess", "another long password").await.unwrap()).await;
    assert_eq!(wrong, (StatusCode::FORBIDDEN, "wrong_password".to_owned()));
    let weak = problem(change(PASSWORD, "12345678").await.unwrap()).await;
    assert_eq!(weak, (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed".to_owned()));
    let changed = change(PASSWORD, "another long password").await.unwrap();
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
    assert!(server.log_in("ada", "another long password").await.get("access_token").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_left_out_stay_and_null_takes_them_away() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    let patch = |body: Value| server.request(Method::PATCH, "/v1/me").bearer_auth(&token).json(&body).send();
    patch(json!({"first_name": "Ada", "last_name": "Lovelace"})).await.unwrap();
    let user: Value = patch(json!({"last_name": null})).await.unwrap().json().await.unwrap();
    assert_eq!((user.get("first_name"), user.get("last_name")), (Some(&json!("Ada")), Some(&Value::Null)));
    for body in [json!({"first_name": ""}), json!({"role": "admin"}), json!({"balance": 1})] {
        let refused = problem(patch(body).await.unwrap()).await;
        assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_with_its_password() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    let delete = |password: &str| {
        let body = json!({"password": password});
        server.request(Method::DELETE, "/v1/me").bearer_auth(&token).json(&body).send()
    };
    let wrong = problem(delete("guess").await.unwrap()).await;
    assert_eq!(wrong, (StatusCode::FORBIDDEN, "wrong_password".to_owned()));
    assert_eq!(delete(PASSWORD).await.unwrap().status(), StatusCode::NO_CONTENT);
    let after = problem(server.get("/v1/me").bearer_auth(&token).send().await.unwrap()).await;
    assert_eq!(after, (StatusCode::UNAUTHORIZED, "session_revoked".to_owned()));
}
