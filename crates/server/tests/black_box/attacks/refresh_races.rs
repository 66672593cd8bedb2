//! Refreshing at the same time as something else: no token survives that shouldn't.

use std::{collections::BTreeSet, time::Duration};

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use crate::{
    client::{ADMIN, Account, problem},
    profile::{Profile, on_both_profiles},
    server::Server,
};

on_both_profiles!(
    a_hundred_refreshes_at_once_have_one_successor,
    without_a_grace_one_of_a_hundred_wins_and_the_session_ends,
    a_token_used_again_ends_its_session_and_says_why,
    no_token_survives_a_logout_that_refreshes_race_with,
    no_token_survives_a_block_that_refreshes_race_with,
    no_right_survives_a_change_of_role_that_refreshes_race_with,
    no_token_of_another_device_survives_a_password_change_that_refreshes_race_with,
    no_token_survives_a_password_reset_that_refreshes_race_with,
);

/// What came of a refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Refreshed {
    Tokens { access: String, refresh: String },
    Refused(u16, String),
}

async fn refresh(server: &Server, token: &str) -> Refreshed {
    let request = server.client.post(server.url("/v1/auth/refresh"));
    let response = request.json(&json!({"refresh_token": token})).send().await.unwrap();
    if !response.status().is_success() {
        let (status, code) = problem(response).await;
        return Refreshed::Refused(status, code);
    }
    let body: Value = response.json().await.unwrap();
    let text = |name| body.get(name).and_then(Value::as_str).unwrap().to_owned();
    Refreshed::Tokens { access: text("access_token"), refresh: text("refresh_token") }
}

fn refused(code: &str) -> Refreshed {
    Refreshed::Refused(401, code.to_owned())
}

async fn works(server: &Server, access: &str) -> bool {
    let request = server.client.get(server.url("/v1/me")).bearer_auth(access);
    request.send().await.unwrap().status().is_success()
}

async fn a_hundred_refreshes_at_once_have_one_successor(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    let ada = Account::register(&server, "ada").await;
    let answers = join_all((0..100).map(|_| refresh(&server, ada.refresh_token()))).await;
    let successors: BTreeSet<_> = answers
        .iter()
        .map(|answer| match answer {
            Refreshed::Tokens { refresh, .. } => refresh.clone(),
            Refreshed::Refused(..) => unreachable!("{answer:?}"),
        })
        .collect();
    assert_eq!(successors.len(), 1);
    let successor = successors.first().unwrap();
    assert_ne!(successor, ada.refresh_token());
    assert!(matches!(refresh(&server, successor).await, Refreshed::Tokens { .. }));
}

async fn without_a_grace_one_of_a_hundred_wins_and_the_session_ends(profile: Profile) {
    let server = Server::start_on(profile, &[("LECTERN_REFRESH_GRACE_SECONDS", "0")]).await;
    let ada = Account::register(&server, "ada").await;
    let answers = join_all((0..100).map(|_| refresh(&server, ada.refresh_token()))).await;
    let won: Vec<_> = answers.iter().filter(|answer| matches!(answer, Refreshed::Tokens { .. })).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    let Refreshed::Tokens { access, refresh: successor } = won[0] else { unreachable!() };
    // Two used one token, and nobody knows which of them is the thief.
    assert!(!works(&server, access).await);
    assert!(matches!(refresh(&server, successor).await, Refreshed::Refused(401, _)));
}

async fn a_token_used_again_ends_its_session_and_says_why(profile: Profile) {
    let server = Server::start_on(profile, &[("LECTERN_REFRESH_GRACE_SECONDS", "0")]).await;
    let ada = Account::register(&server, "ada").await;
    let Refreshed::Tokens { access, refresh: second } = refresh(&server, ada.refresh_token()).await else {
        unreachable!("the first use counts");
    };
    assert_eq!(refresh(&server, ada.refresh_token()).await, refused("refresh_reused"));
    assert_eq!(refresh(&server, &second).await, refused("session_revoked"));
    assert!(!works(&server, &access).await);
    assert!(!works(&server, ada.access_token()).await);
}

/// What both the loser and the winner of the race hold afterwards is worthless.
async fn no_token_survives_a_logout_that_refreshes_race_with(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    for round in 0..5 {
        let ada = Account::register(&server, &format!("ada{round}")).await;
        let log_out = ada.request(&server, Method::POST, "/v1/auth/logout").send();
        let refreshes = join_all((0..10).map(|_| refresh(&server, ada.refresh_token())));
        let (logged_out, answers) = tokio::join!(log_out, refreshes);
        assert_eq!(logged_out.unwrap().status(), 204);
        for answer in answers {
            if let Refreshed::Tokens { access, refresh: successor } = answer {
                assert!(!works(&server, &access).await);
                assert_eq!(refresh(&server, &successor).await, refused("session_revoked"));
            }
        }
        assert!(!works(&server, ada.access_token()).await);
    }
}

/// A server, its administrator, and what other accounts are named by.
async fn administered(profile: Profile) -> (Server, Account) {
    let server = Server::start_on(profile, &ADMIN).await;
    let root = Account::log_in(&server, "root").await;
    (server, root)
}

async fn no_token_survives_a_block_that_refreshes_race_with(profile: Profile) {
    let (server, root) = administered(profile).await;
    for round in 0..5 {
        let eve = Account::register(&server, &format!("eve{round}")).await;
        let path = format!("/v1/users/{}/block", eve.id(&server).await);
        let block = root.request(&server, Method::POST, &path).send();
        let refreshes = join_all((0..10).map(|_| refresh(&server, eve.refresh_token())));
        let (blocked, answers) = tokio::join!(block, refreshes);
        assert_eq!(blocked.unwrap().status(), 200);
        for answer in answers {
            if let Refreshed::Tokens { access, refresh: successor } = answer {
                assert!(!works(&server, &access).await);
                assert_eq!(refresh(&server, &successor).await, refused("session_revoked"));
            }
        }
        assert!(!works(&server, eve.access_token()).await);
    }
}

/// Whatever a refresh gives while rights are taken away, it doesn't bring them back.
async fn no_right_survives_a_change_of_role_that_refreshes_race_with(profile: Profile) {
    let (server, root) = administered(profile).await;
    let sees_others = async |access: &str| {
        let request = server.client.get(server.url("/v1/users")).bearer_auth(access);
        request.send().await.unwrap().status().is_success()
    };
    for round in 0..5 {
        let eve = Account::register(&server, &format!("eve{round}")).await;
        let path = format!("/v1/users/{}/role", eve.id(&server).await);
        let give = async |role| {
            let request = root.request(&server, Method::PUT, &path).json(&json!({"role": role}));
            assert_eq!(request.send().await.unwrap().status(), 200);
        };
        give("operator").await;
        let Refreshed::Tokens { access, refresh: second } = refresh(&server, eve.refresh_token()).await
        else {
            unreachable!("a change of rights ends no session");
        };
        assert!(sees_others(&access).await);

        let refreshes = join_all((0..10).map(|_| refresh(&server, &second)));
        let ((), answers) = tokio::join!(give("user"), refreshes);
        assert!(!sees_others(&access).await);
        for answer in answers {
            let Refreshed::Tokens { access, refresh: third } = answer else { unreachable!("{answer:?}") };
            assert!(!sees_others(&access).await);
            let Refreshed::Tokens { access, .. } = refresh(&server, &third).await else { unreachable!() };
            assert!(works(&server, &access).await && !sees_others(&access).await);
        }
    }
}

async fn no_token_of_another_device_survives_a_password_change_that_refreshes_race_with(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    for round in 0..3 {
        let name = format!("ada{round}");
        let ada = Account::register(&server, &name).await;
        let thief = Account::log_in(&server, &name).await;
        let body = json!({"current_password": Account::PASSWORD, "new_password": "another horse entirely"});
        let change = ada.request(&server, Method::POST, "/v1/auth/password/change").json(&body).send();
        let refreshes = join_all((0..10).map(|_| refresh(&server, thief.refresh_token())));
        let (changed, answers) = tokio::join!(change, refreshes);
        assert_eq!(changed.unwrap().status(), 204);
        for answer in answers {
            if let Refreshed::Tokens { access, refresh: successor } = answer {
                assert!(!works(&server, &access).await);
                assert_eq!(refresh(&server, &successor).await, refused("session_revoked"));
            }
        }
        assert!(!works(&server, thief.access_token()).await);
        assert!(works(&server, ada.access_token()).await);
    }
}

/// The code of the last mail in the server's log, once it is there.
async fn code_of_mail(server: &Server) -> String {
    let mut ticks = interval(Duration::from_millis(20));
    let code = async {
        loop {
            ticks.tick().await;
            let log = server.log();
            if let Some((_, mail)) = log.rsplit_once("The code is") {
                return mail.chars().filter(char::is_ascii_digit).take(6).collect();
            }
        }
    };
    timeout(Duration::from_secs(20), code).await.unwrap()
}

async fn no_token_survives_a_password_reset_that_refreshes_race_with(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    let post = async |path: &str, body: Value| {
        server.client.post(server.url(path)).json(&body).send().await.unwrap()
    };
    let account = json!({"username": "ada", "email": "ada@example.org", "password": Account::PASSWORD});
    assert_eq!(post("/v1/auth/register", account).await.status(), 201);
    let thief = Account::log_in(&server, "ada").await;
    let asked = post("/v1/auth/password/forgot", json!({"email": "ada@example.org"})).await;
    let token = asked.json::<Value>().await.unwrap().get("reset_token").cloned().unwrap();
    let code = code_of_mail(&server).await;
    let confirmed = post("/v1/auth/password/confirm", json!({"reset_token": token, "code": code})).await;
    assert_eq!(confirmed.status(), 204);

    let body = json!({"reset_token": token, "new_password": "another horse entirely"});
    let reset = post("/v1/auth/password/reset", body);
    let refreshes = join_all((0..20).map(|_| refresh(&server, thief.refresh_token())));
    let (reset, answers) = tokio::join!(reset, refreshes);
    assert_eq!(reset.status(), 204);
    for answer in answers {
        if let Refreshed::Tokens { access, refresh: successor } = answer {
            assert!(!works(&server, &access).await);
            assert_eq!(refresh(&server, &successor).await, refused("session_revoked"));
        }
    }
    assert!(!works(&server, thief.access_token()).await);
}
