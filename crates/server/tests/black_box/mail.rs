//! Mails over real SMTP: forgotten passwords, outages, and encryption.

use std::path::Path;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Duration, interval, timeout};

use crate::{
    client::{Account, problem},
    inbox::{Encryption, Inbox},
    server::Server,
};

const NEW: &str = "an entirely new password";
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that mails to `inbox` by that URL, and an account with an e-mail address.
///
/// `trusted`: the certificate of the only authority that the server trusts, if it is to trust any but the usual ones.
async fn server_with_ada(url: &str, trusted: Option<&Path>) -> Server {
    let mut variables =
        vec![("LECTERN_SMTP_URL", url), ("LECTERN_MAIL_FROM", "Lectern <noreply@lectern.test>")];
    variables.extend(trusted.map(|file| ("SSL_CERT_FILE", file.to_str().unwrap())));
    let server = Server::start(&variables).await;
    let body = json!({"username": "ada", "email": "ada@example.org", "password": Account::PASSWORD});
    assert_eq!(post(&server, "/v1/auth/register", body).await.status(), StatusCode::CREATED);
    server
}

async fn mailing_to(inbox: &Inbox) -> Server {
    server_with_ada(&format!("smtp://127.0.0.1:{}", inbox.port()), None).await
}

async fn post(server: &Server, path: &str, body: Value) -> Response {
    server.client.post(server.url(path)).json(&body).send().await.unwrap()
}

async fn text_at(response: Response, name: &str) -> String {
    let body: Value = response.json().await.unwrap();
    body.get(name).and_then(Value::as_str).unwrap().to_owned()
}

async fn forgot(server: &Server) -> String {
    let response = post(server, "/v1/auth/password/forgot", json!({"email": "ada@example.org"})).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED, "{}", server.log());
    text_at(response, "reset_token").await
}

async fn confirm(server: &Server, token: &str, code: &str) -> StatusCode {
    let body = json!({"reset_token": token, "code": code});
    post(server, "/v1/auth/password/confirm", body).await.status()
}

async fn reset(server: &Server, token: &str) -> StatusCode {
    let body = json!({"reset_token": token, "new_password": NEW});
    post(server, "/v1/auth/password/reset", body).await.status()
}

async fn log_in(server: &Server, password: &str) -> Response {
    post(server, "/v1/auth/login", json!({"login": "ada", "password": password})).await
}

/// Waits until the server has logged something.
async fn logged(server: &Server, text: &str) {
    let mut ticks = interval(Duration::from_millis(50));
    let looking = async {
        while !server.log().contains(text) {
            ticks.tick().await;
        }
    };
    assert!(timeout(PATIENCE, looking).await.is_ok(), "never logged {text:?}: {}", server.log());
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_way_of_a_mail() {
    let mut inbox = Inbox::open(Encryption::None).await;
    let server = mailing_to(&inbox).await;
    let tokens: Value = log_in(&server, Account::PASSWORD).await.json().await.unwrap();
    let token = forgot(&server).await;
    let mail = inbox.next().await;
    for (header, value) in [
        ("X-Rcpt-To", "ada@example.org"),
        ("From", "Lectern <noreply@lectern.test>"),
        ("To", "ada@example.org"),
        ("Auto-Submitted", "auto-generated"),
    ] {
        assert_eq!(mail.header(header), Some(value), "{}", mail.text);
    }

    assert_eq!(reset(&server, &token).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(confirm(&server, &token, &mail.code()).await, StatusCode::NO_CONTENT);
    assert_eq!(reset(&server, &token).await, StatusCode::NO_CONTENT);
    assert_eq!(reset(&server, &token).await, StatusCode::UNPROCESSABLE_ENTITY);

    assert_eq!(log_in(&server, Account::PASSWORD).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(log_in(&server, NEW).await.status(), StatusCode::OK);
    let access = tokens.get("access_token").and_then(Value::as_str).unwrap();
    let old = server.client.get(server.url("/v1/me")).bearer_auth(access).send().await.unwrap();
    assert_eq!(problem(old).await, (401, "session_revoked".to_owned()));
    let refresh = json!({"refresh_token": tokens.get("refresh_token")});
    let old = post(&server, "/v1/auth/refresh", refresh).await;
    assert_eq!(problem(old).await, (401, "session_revoked".to_owned()));
    for secret in [&mail.code(), &token, "ada@example.org"] {
        assert!(!server.log().contains(secret), "{}", server.log());
    }
}

#[tokio::test]
async fn a_hundred_guesses_at_once_are_no_more_than_five() {
    let mut inbox = Inbox::open(Encryption::None).await;
    let server = mailing_to(&inbox).await;
    let token = forgot(&server).await;
    let code = inbox.next().await.code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let guesses = futures::future::join_all((0..100).map(|_| confirm(&server, &token, wrong))).await;
    assert!(guesses.iter().all(|status| *status == StatusCode::UNPROCESSABLE_ENTITY), "{guesses:?}");
    assert_eq!(confirm(&server, &token, &code).await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_address_is_verified_by_way_of_a_mail() {
    let mut inbox = Inbox::open(Encryption::None).await;
    let server = mailing_to(&inbox).await;
    let access = text_at(log_in(&server, Account::PASSWORD).await, "access_token").await;
    let ask = async || {
        let request = server.client.post(server.url("/v1/auth/email/verify"));
        request.bearer_auth(&access).send().await.unwrap()
    };
    let token = text_at(ask().await, "verification_token").await;
    let shown = json!({"verification_token": token, "code": inbox.next().await.code()});
    assert_eq!(post(&server, "/v1/auth/email/verify", shown).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(problem(ask().await).await, (409, "email_already_verified".to_owned()));
}

#[tokio::test]
async fn an_outage_of_the_smtp_server_delays_a_mail_and_does_not_lose_it() {
    let mut inbox = Inbox::open(Encryption::None).await;
    let server = mailing_to(&inbox).await;
    // A mail before the outage leaves a connection that looks alive.
    forgot(&server).await;
    inbox.next().await;
    logged(&server, "mail sent").await;
    inbox.kill().await;
    let token = forgot(&server).await;
    logged(&server, "mail postponed").await;
    inbox.start().await;
    let mail = inbox.next().await;
    assert_eq!(confirm(&server, &token, &mail.code()).await, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_mail_outlives_the_server_that_was_killed_before_it_was_sent() {
    let mut inbox = Inbox::open(Encryption::None).await;
    let mut server = mailing_to(&inbox).await;
    inbox.kill().await;
    let token = forgot(&server).await;
    logged(&server, "mail postponed").await;
    server.kill().await;
    inbox.start().await;
    server.restart().await;
    let mail = inbox.next().await;
    assert_eq!(confirm(&server, &token, &mail.code()).await, StatusCode::NO_CONTENT);
    assert_eq!(inbox.count(), 1);
}

#[tokio::test]
async fn mails_are_sent_encrypted_to_a_server_that_is_trusted() {
    for (encryption, url) in [
        (Encryption::StartTls, "smtp://localhost:PORT?tls=required"),
        (Encryption::Implicit, "smtps://localhost:PORT"),
    ] {
        let mut inbox = Inbox::open(encryption).await;
        let url = url.replace("PORT", &inbox.port().to_string());
        let server = server_with_ada(&url, Some(&inbox.authority())).await;
        let token = forgot(&server).await;
        let mail = inbox.next().await;
        assert_eq!(mail.header("X-Encrypted"), Some("True"), "{encryption:?}");
        assert!(!inbox.clear().contains("ada@example.org"), "{}", inbox.clear());
        assert_eq!(confirm(&server, &token, &mail.code()).await, StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn an_untrusted_server_gets_nothing() {
    let stranger = Inbox::open(Encryption::None).await;
    for (encryption, url) in [
        (Encryption::StartTls, "smtp://ada:s3cr3t@localhost:PORT?tls=required"),
        (Encryption::Implicit, "smtps://ada:s3cr3t@localhost:PORT"),
    ] {
        let inbox = Inbox::open(encryption).await;
        let url = url.replace("PORT", &inbox.port().to_string());
        let server = server_with_ada(&url, Some(&stranger.authority())).await;
        forgot(&server).await;
        logged(&server, "mail postponed").await;
        assert_eq!(inbox.count(), 0, "{encryption:?}");
        for secret in ["ada", "AUTH", "MAIL", "s3cr3t"] {
            assert!(!inbox.clear().contains(secret), "{}", inbox.clear());
        }
        assert!(!server.log().contains("s3cr3t"), "{}", server.log());
    }
}

#[tokio::test]
async fn without_an_smtp_server_mails_go_to_the_log_with_a_warning() {
    let server = Server::start(&[]).await;
    logged(&server, "MAILS AND THEIR CODES GO TO THIS LOG").await;
    let body = json!({"email": "ada@example.org", "password": Account::PASSWORD});
    post(&server, "/v1/auth/register", body).await;
    forgot(&server).await;
    logged(&server, "asked to reset the password of your account at").await;
}
