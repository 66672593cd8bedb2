//! Sessions in cookies: what is reissued, and what never is.

use std::time::Duration;

use lectern_domain::access::RoleName;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    EMAIL, LOGOUT, PASSW, SEANCES, answered, cookies_of, failed, log_in, login_request, seances, set_cookies,
    sign_in_again, signed_in, takes_cookies_away, with_ada,
};
use crate::server::Server;

/// Later than an access token is good for.
fn let_access_expire(server: &Server) {
    server.world.clock.advance(Duration::from_mins(16));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allowed_address_makes_nobody_of_a_request() {
    let server = with_ada().await;
    signed_in(&server).await;
    for request in [server.post(SEANCES), server.request(Method::PUT, LOGOUT)] {
        let response = request.send().await.unwrap();
        assert!(set_cookies(&response).is_empty());
        assert_eq!(answered(response).await, sign_in_again());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_access_token_alone_is_worth_nothing() {
    let server = with_ada().await;
    let cookies = signed_in(&server).await;
    let_access_expire(&server);
    let response = seances(&server, &cookies.access()).await;
    assert!(takes_cookies_away(&response));
    assert_eq!(answered(response).await, sign_in_again());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_or_a_foreign_token_is_not_reissued() {
    let server = with_ada().await;
    let cookies = signed_in(&server).await;
    for refresh in ["garbage", "", cookies.access.as_str()] {
        let response = seances(&server, &format!("refresh_token={refresh}")).await;
        assert_eq!(answered(response).await, sign_in_again(), "{refresh}");
    }
    let response = seances(&server, &format!("access_token={}", cookies.refresh)).await;
    assert_eq!(answered(response).await, sign_in_again(), "a refresh token is no access token");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_access_token_is_replaced_for_a_good_refresh_token_and_the_request_served() {
    let server = with_ada().await;
    let cookies = signed_in(&server).await;
    let_access_expire(&server);
    for sent in [cookies.both(), cookies.refresh(), format!("access_token=garbage; {}", cookies.refresh())] {
        let response = seances(&server, &sent).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
        let set = set_cookies(&response);
        let [(name, value, terms)] = set.as_slice() else { panic!("{set:?}") };
        assert_eq!((name.as_str(), terms.contains("SameSite=Strict")), ("access_token", true));
        let again = seances(&server, &format!("access_token={value}")).await;
        assert_eq!((again.status(), set_cookies(&again).len()), (StatusCode::OK, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_rights_reach_a_browser_without_its_signing_in_again() {
    let server = with_ada().await;
    let cookies = signed_in(&server).await;
    let root = server.world.admin("root").await;
    let ada = server.world.database.audit_log().iter().find_map(|event| event.subject).unwrap();
    server.world.set_role().execute(&root, ada, RoleName::READ_ONLY).await.unwrap();
    assert_eq!(seances(&server, &cookies.access()).await.status(), StatusCode::UNAUTHORIZED);
    let response = seances(&server, &cookies.both()).await;
    assert_eq!((response.status(), set_cookies(&response).len()), (StatusCode::OK, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_has_ended_is_not_reissued() {
    let server = with_ada().await;
    let cookies = signed_in(&server).await;
    let logout = server.request(Method::PUT, LOGOUT).header("cookie", cookies.both()).send().await.unwrap();
    assert!(takes_cookies_away(&logout));
    assert_eq!(logout.status(), StatusCode::OK);
    for sent in [cookies.both(), cookies.refresh(), cookies.access()] {
        let response = seances(&server, &sent).await;
        assert!(takes_cookies_away(&response));
        assert_eq!(answered(response).await, sign_in_again());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_account_is_signed_out_and_can_not_sign_in() {
    let server = with_ada().await;
    let cookies = signed_in(&server).await;
    let root = server.world.admin("root").await;
    let ada = server.world.database.audit_log().iter().find_map(|event| event.subject).unwrap();
    server.world.block_account().execute(&root, ada).await.unwrap();
    let response = seances(&server, &cookies.both()).await;
    assert!(takes_cookies_away(&response));
    assert_eq!(answered(response).await, sign_in_again());
    assert_eq!(answered(log_in(&server, PASSW).await).await, failed(403, "Аккаунт заблокирован"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_is_over() {
    let server = with_ada().await;
    let cookies = signed_in(&server).await;
    server.world.clock.advance(Duration::from_hours(24 * 30 + 1));
    assert_eq!(answered(seances(&server, &cookies.both()).await).await, sign_in_again());
}

/// Its refresh token would rotate without whoever holds it hearing of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_another_api_is_neither_reissued_nor_harmed() {
    let server = with_ada().await;
    let tokens = server.log_in(EMAIL, PASSW).await;
    let refresh = tokens.get("refresh_token").and_then(Value::as_str).unwrap();
    let response = seances(&server, &format!("refresh_token={refresh}")).await;
    assert!(set_cookies(&response).is_empty(), "the cookie is left to whoever set it");
    assert_eq!(answered(response).await, sign_in_again());
    let body = json!({"refresh_token": refresh});
    let refreshed = server.post("/v1/auth/refresh").json(&body).send().await.unwrap();
    assert_eq!(refreshed.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_being_gone_signs_nobody_out() {
    let server = with_ada().await;
    let cookies = signed_in(&server).await;
    let_access_expire(&server);
    server.world.database.break_down();
    let response = seances(&server, &cookies.both()).await;
    assert!(set_cookies(&response).is_empty());
    assert_eq!(answered(response).await, failed(503, "Сервис временно недоступен. Повторите позже"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_can_not_make_a_browser_ask() {
    let server = with_ada().await;
    let cookies = signed_in(&server).await.both();
    let forged = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ];
    for (name, value) in forged {
        for request in [server.post(SEANCES), server.request(Method::PUT, LOGOUT)] {
            let response = request.header("cookie", &cookies).header(name, value).send().await.unwrap();
            assert_eq!(
                answered(response).await,
                failed(403, "Запрос пришёл с другого сайта"),
                "{name}: {value}"
            );
        }
    }
    let own = server.post(SEANCES).header("cookie", &cookies).header("sec-fetch-site", "same-origin");
    assert_eq!(own.send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(seances(&server, &cookies).await.status(), StatusCode::OK, "who says nothing is no browser");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_devices_are_shown_and_each_once() {
    let server = with_ada().await;
    let mut cookies = Vec::new();
    for agent in ["Firefox", "Chrome", "Firefox"] {
        let login = login_request(&server, EMAIL, PASSW).header("user-agent", agent);
        cookies.push(cookies_of(&login.send().await.unwrap()).both());
    }
    for sent in &cookies {
        let (status, body) = answered(seances(&server, sent).await).await;
        let mut shown: Vec<_> = body.get("seances").and_then(Value::as_array).unwrap().clone();
        shown.sort_by_key(ToString::to_string);
        let device = |agent: &str| json!({"user_agent": agent, "ip": "127.0.0.1"});
        assert_eq!((status, shown), (200, vec![device("Chrome"), device("Firefox")]));
    }
}
