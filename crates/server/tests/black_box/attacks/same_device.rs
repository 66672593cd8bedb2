//! Signing in on a device that has a session, at the same time as something else: katkru goes on with that session, and none
//! that has ended comes back.

use std::collections::BTreeSet;

use futures::future::{join, join_all};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::forge::claims;
use crate::{
    client::{ADMIN, Account},
    profile::{Profile, on_both_profiles},
    server::Server,
};

on_both_profiles!(
    sign_ins_at_once_on_a_device_get_one_session,
    no_sign_in_that_races_a_sign_out_brings_its_session_back,
    no_sign_in_that_races_a_block_survives_it,
    of_many_wrong_passwords_at_once_five_are_checked,
);

async fn with_ada(profile: Profile) -> Server {
    let server = Server::start_on(profile, &ADMIN).await;
    let body = json!({"email": "ada@example.org", "passw": "Passw0rd!", "name": "Ada"});
    let request = server.client.post(server.url("/api/v1/server/users/sign_up")).json(&body);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    server
}

/// The access token of whoever gets in; else the status.
async fn log_in(server: &Server, passw: &str) -> Result<String, u16> {
    let body = json!({"email": "ada@example.org", "passw": passw});
    let request = server.client.post(server.url("/api/v1/public/users/login")).json(&body);
    let response = request.send().await.unwrap();
    if !response.status().is_success() {
        return Err(response.status().as_u16());
    }
    let cookies = response.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let tokens = cookies.filter_map(|cookie| cookie.strip_prefix("access_token=")?.split(';').next());
    Ok(tokens.map(ToOwned::to_owned).next().unwrap())
}

async fn sign_in(server: &Server) -> String {
    log_in(server, "Passw0rd!").await.unwrap()
}

fn session(access: &str) -> Value {
    claims(access).get("sid").unwrap().clone()
}

async fn send(server: &Server, method: Method, path: &str, access: &str) -> u16 {
    let request = server.client.request(method, server.url(path));
    let request = request.header("cookie", format!("access_token={access}"));
    request.send().await.unwrap().status().as_u16()
}

async fn works(server: &Server, access: &str) -> bool {
    send(server, Method::POST, "/api/v1/private/users/seances", access).await == 200
}

async fn sign_ins_at_once_on_a_device_get_one_session(profile: Profile) {
    let server = with_ada(profile).await;
    for _ in 0..5 {
        // As many as a network may have under way.
        let tokens = join_all((0..5).map(|_| sign_in(&server))).await;
        let sessions: BTreeSet<_> = tokens.iter().map(|access| session(access).to_string()).collect();
        assert_eq!(sessions.len(), 1, "{}", server.log());
        for access in &tokens {
            assert!(works(&server, access).await);
        }
    }
}

async fn no_sign_in_that_races_a_sign_out_brings_its_session_back(profile: Profile) {
    let server = with_ada(profile).await;
    for _ in 0..20 {
        let old = sign_in(&server).await;
        let sign_out = send(&server, Method::PUT, "/api/v1/private/users/logout", &old);
        let (new, signed_out) = join(sign_in(&server), sign_out).await;
        assert_eq!(signed_out, 200, "{}", server.log());
        assert!(!works(&server, &old).await);
        assert_eq!(works(&server, &new).await, session(&new) != session(&old));
    }
}

async fn no_sign_in_that_races_a_block_survives_it(profile: Profile) {
    let server = with_ada(profile).await;
    let root = Account::log_in(&server, "root").await;
    let id = claims(&sign_in(&server).await).get("sub").and_then(Value::as_str).unwrap().to_owned();
    for _ in 0..10 {
        let block = root.request(&server, Method::POST, &format!("/v1/users/{id}/block"));
        let (entered, blocked) = join(log_in(&server, "Passw0rd!"), block.send()).await;
        assert_eq!(blocked.unwrap().status(), StatusCode::OK);
        if let Ok(access) = entered {
            assert!(!works(&server, &access).await);
        }
        let unblock = root.request(&server, Method::POST, &format!("/v1/users/{id}/unblock")).send().await;
        assert_eq!(unblock.unwrap().status(), StatusCode::OK);
        sign_in(&server).await;
    }
}

async fn of_many_wrong_passwords_at_once_five_are_checked(profile: Profile) {
    let server = with_ada(profile).await;
    let mut answers: Vec<_> = join_all((0..50).map(|_| log_in(&server, "wrong"))).await;
    answers.sort_unstable();
    let expected = [vec![Err(401); 5], vec![Err(429); 45]].concat();
    assert_eq!(answers, expected);
    assert_eq!(log_in(&server, "Passw0rd!").await, Err(429));
}
