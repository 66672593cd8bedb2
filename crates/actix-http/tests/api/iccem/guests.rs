//! The account that guests share: what nobody does to it through their sessions.

use lectern_domain::account::UserId;
use lectern_testkit::world::steps::PASSWORD;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{
    super::server::{Server, problem},
    data, enter, guest, said, text, token_request,
};
/// All that v1 lets people do with their own account, and what guests get for it.
#[tokio::test(flavor = "multi_thread")]
async fn no_guest_changes_the_account_that_all_share_or_sees_its_sessions() {
    let server = Server::start();
    let (token, another) = (text(&guest(&server).await, "access_token"), guest(&server).await);
    let nobody = uuid::Uuid::from_u128(1);
    for (method, path, body) in [
        (Method::PATCH, "/v1/me".to_owned(), Some(json!({"first_name": "Eve"}))),
        (Method::DELETE, "/v1/me".to_owned(), Some(json!({"password": PASSWORD}))),
        (
            Method::POST,
            "/v1/auth/password/change".to_owned(),
            Some(json!({"current_password": PASSWORD, "new_password": "another long password"})),
        ),
        (Method::POST, "/v1/auth/email/verify".to_owned(), None),
        (Method::GET, "/v1/me/sessions".to_owned(), None),
        (Method::DELETE, "/v1/me/sessions?others=true".to_owned(), None),
        (Method::DELETE, format!("/v1/me/sessions/{nobody}"), None),
    ] {
        let mut request = server.request(method.clone(), &path).bearer_auth(&token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let refused = problem(request.send().await.unwrap()).await;
        assert_eq!(refused, (StatusCode::FORBIDDEN, "account_shared".to_owned()), "{method} {path}");
    }
    let me = data(server.get("/me").bearer_auth(text(&another, "access_token"))).await;
    assert_eq!(text(&me, "sub"), "guest");
}

/// Whoever may act on accounts, and whom somebody gave to guests, may not do it to the guests' own.
#[tokio::test(flavor = "multi_thread")]
async fn no_guest_acts_on_the_account_whatever_it_may() {
    let server = Server::start();
    let root = enter(&server, "root", "admin").await;
    guest(&server).await;
    let guests = UserId::GUEST.0;
    let path = format!("/v1/users/{guests}/role");
    let role = json!({"role": "admin"});
    let set = server.request(Method::PUT, &path).bearer_auth(&root).json(&role).send().await.unwrap();
    assert_eq!(set.status(), StatusCode::OK);
    let token = text(&guest(&server).await, "access_token");
    for (method, path, body) in [
        (Method::PATCH, String::new(), Some(json!({"username": "mine"}))),
        (Method::POST, "/block".to_owned(), None),
        (Method::DELETE, String::new(), None),
        (Method::DELETE, "/sessions".to_owned(), None),
        (Method::PUT, "/role".to_owned(), Some(json!({"role": "user"}))),
        (Method::PUT, "/permissions".to_owned(), Some(json!({"permissions": ["audit.view"]}))),
        (Method::POST, "/balance/entries".to_owned(), Some(json!({"amount": 1, "reason": "a gift"}))),
    ] {
        let mut request =
            server.request(method.clone(), &format!("/v1/users/{guests}{path}")).bearer_auth(&token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let refused = problem(request.send().await.unwrap()).await;
        assert_eq!(refused, (StatusCode::FORBIDDEN, "account_shared".to_owned()), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_may_not_upload() {
    let server = Server::start();
    let token = text(&guest(&server).await, "access_token");
    let part = reqwest::multipart::Part::bytes(b"sound".as_slice()).file_name("a.mp3");
    let form = reqwest::multipart::Form::new().part("audio", part);
    let refused = server.post("/v1/transcriptions").bearer_auth(token).multipart(form).send().await.unwrap();
    assert_eq!(problem(refused).await, (StatusCode::FORBIDDEN, "not_approved".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_guests_are_blocked_they_are_told() {
    let server = Server::start();
    let root = enter(&server, "root", "admin").await;
    let session = guest(&server).await;
    let block = format!("/v1/users/{}/block", UserId::GUEST.0);
    server.post(&block).bearer_auth(root).send().await.unwrap();
    let refused = token_request(&server, json!({"role": "user"})).send().await.unwrap();
    assert_eq!(said(refused).await, (403, "Guests are not admitted".to_owned()));
    let me = server.get("/me").bearer_auth(text(&session, "access_token")).send().await.unwrap();
    assert_eq!(said(me).await, (401, "Invalid token".to_owned()));
}
