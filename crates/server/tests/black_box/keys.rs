//! The keys that sign tokens are replaced under a server that runs.

use std::{path::Path, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{interval, timeout};

use crate::{
    client::{Account, problem},
    server::{Server, run},
};

/// The most that a server may take to notice.
const PATIENCE: Duration = Duration::from_secs(20);

/// The lines that `lectern keys` prints.
async fn keys(server: &Server, variables: &[(&str, &str)], arguments: &[&str]) -> Vec<String> {
    let folder = server.data_dir().parent().map(Path::to_owned).unwrap();
    let output = run(&folder, variables, &[&["keys"], arguments].concat()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(ToOwned::to_owned).collect()
}

async fn published(server: &Server) -> Vec<String> {
    let set = server.client.get(server.url("/.well-known/jwks.json")).send().await.unwrap();
    let set: Value = set.json().await.unwrap();
    let keys = set.get("keys").and_then(Value::as_array).unwrap();
    keys.iter().map(|key| key.get("kid").and_then(Value::as_str).unwrap().to_owned()).collect()
}

/// Waits until the server publishes so many keys.
async fn until_published(server: &Server, count: usize) -> Vec<String> {
    let mut ticks = interval(Duration::from_millis(50));
    let noticed = async {
        loop {
            ticks.tick().await;
            let kids = published(server).await;
            if kids.len() == count {
                return kids;
            }
        }
    };
    timeout(PATIENCE, noticed).await.unwrap()
}

fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header.get("kid").and_then(Value::as_str).unwrap().to_owned()
}

async fn refresh(server: &Server, token: &str) -> reqwest::Response {
    let body = json!({"refresh_token": token});
    server.client.post(server.url("/v1/auth/refresh")).json(&body).send().await.unwrap()
}

/// The access and the refresh token of an answer.
async fn pair(response: reqwest::Response) -> [String; 2] {
    assert_eq!(response.status(), StatusCode::OK);
    let body: Value = response.json().await.unwrap();
    ["access_token", "refresh_token"].map(|name| body.get(name).and_then(Value::as_str).unwrap().to_owned())
}

async fn me(server: &Server, token: &str) -> reqwest::Response {
    server.client.get(server.url("/v1/me")).bearer_auth(token).send().await.unwrap()
}

#[tokio::test]
async fn no_token_is_lost_when_the_keys_are_rotated_under_a_running_server() {
    for algorithm in ["EdDSA", "ES256"] {
        let variables = [("LECTERN_JWT_ALGORITHM", algorithm)];
        let server = Server::start(&variables).await;
        Account::register(&server, "ada").await;
        let [access, refresh_token] = Account::log_in(&server, "ada").await.into_tokens();
        let old = kid(&access);
        assert_eq!(published(&server).await, [old.as_str()], "{algorithm}");

        let made = keys(&server, &variables, &["rotate", "--now"]).await;
        let kids = until_published(&server, 2).await;
        let new = kids.iter().find(|kid| **kid != old).unwrap();
        assert!(
            made.iter().any(|line| line.starts_with(&format!("made {new} {algorithm} signs"))),
            "{made:?}"
        );

        assert_eq!(me(&server, &access).await.status(), StatusCode::OK, "{}", server.log());
        let [next, next_refresh] = pair(refresh(&server, &refresh_token).await).await;
        assert_eq!(kid(&next), *new);
        assert_ne!(kid(&next_refresh), kid(&refresh_token));
        assert_eq!(me(&server, &next).await.status(), StatusCode::OK);
        let [_, _] = pair(refresh(&server, &next_refresh).await).await;

        let listed = keys(&server, &variables, &["list"]).await;
        assert!(listed.contains(&format!("{new} {algorithm} signs")), "{listed:?}");
        assert!(listed.iter().any(|line| line.starts_with(&format!("{old} {algorithm} verifies until 2"))));
    }
}

#[tokio::test]
async fn a_key_is_published_before_it_signs() {
    let server = Server::start(&[]).await;
    Account::register(&server, "ada").await;
    let old = published(&server).await;
    keys(&server, &[], &["rotate"]).await;
    until_published(&server, 2).await;
    let [access, _] = Account::log_in(&server, "ada").await.into_tokens();
    assert_eq!([kid(&access)], old.as_slice());
    let listed = keys(&server, &[], &["list"]).await;
    assert!(listed.iter().any(|line| line.contains(" EdDSA signs from 2")), "{listed:?}");
}

#[tokio::test]
async fn tokens_under_revoked_keys_are_refused_and_signing_in_again_helps() {
    let server = Server::start(&[]).await;
    Account::register(&server, "ada").await;
    let [access, refresh_token] = Account::log_in(&server, "ada").await.into_tokens();
    // It is remembered from here on.
    assert_eq!(me(&server, &access).await.status(), StatusCode::OK);
    let old = kid(&access);
    let said = keys(&server, &[], &["rotate", "--revoke-old"]).await;
    assert!(said.contains(&format!("removed {old}")), "{said:?}");
    let noticed = async {
        let mut ticks = interval(Duration::from_millis(50));
        while published(&server).await == [old.as_str()] {
            ticks.tick().await;
        }
    };
    timeout(PATIENCE, noticed).await.unwrap();
    assert_eq!(problem(me(&server, &access).await).await, (401, "token_invalid".to_owned()));
    assert_eq!(problem(refresh(&server, &refresh_token).await).await, (401, "token_invalid".to_owned()));
    let [fresh, _] = Account::log_in(&server, "ada").await.into_tokens();
    assert_eq!(me(&server, &fresh).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn keys_of_a_folder_without_any_are_not_made_by_looking() {
    let folder = TempDir::new().unwrap();
    for action in ["list", "rotate"] {
        let output = run(folder.path(), &[], &["keys", action]).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("--data-dir"), "{said}");
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}
