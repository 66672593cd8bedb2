//! The routes for the site's own servers.

use lectern_testkit::world::{World, steps::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{EMAIL, PASSW, SET, SIGN_UP, answered, caller_unknown};
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn the_routes_for_servers_are_closed_to_other_addresses() {
    let server = Server::behind_a_proxy(World::new());
    let sign_up = json!({"email": EMAIL, "passw": PASSW, "name": "Ada"});
    let set = json!({"reset_token": "x", "passw": PASSW});
    for forwarded in
        ["203.0.113.9", "127.0.0.1, 203.0.113.9", "::1, 203.0.113.9", "127.0.0.1,203.0.113.9, 127.0.0.1"]
    {
        for request in [server.post(SIGN_UP).json(&sign_up), server.request(Method::PUT, SET).json(&set)] {
            let response = request.header("x-forwarded-for", forwarded).send().await.unwrap();
            assert_eq!(answered(response).await, caller_unknown(), "{forwarded}");
        }
    }
    let allowed = server.post(SIGN_UP).json(&sign_up).header("x-forwarded-for", "127.0.0.1");
    assert_eq!(allowed.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_elsewhere_the_routes_for_servers_take_a_good_token() {
    let server = Server::behind_a_proxy(World::new());
    server.world.sign_up_with_email("ada", EMAIL).await;
    let tokens = server.log_in("ada", PASSWORD).await;
    let token = |name: &str| tokens.get(name).and_then(Value::as_str).unwrap().to_owned();
    let (access, refresh) = (token("access_token"), token("refresh_token"));
    let sign_up = |email: &str| {
        let body = json!({"email": email, "passw": PASSW, "name": "Eve"});
        server.post(SIGN_UP).json(&body).header("x-forwarded-for", "203.0.113.9")
    };
    let good = [
        sign_up("one@example.org").bearer_auth(&access),
        sign_up("two@example.org").header("cookie", format!("access_token={access}")),
    ];
    for request in good {
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }
    let bad = [
        sign_up("eve@example.org").bearer_auth("garbage"),
        sign_up("eve@example.org").bearer_auth(&refresh),
        sign_up("eve@example.org").header("cookie", format!("refresh_token={refresh}")),
    ];
    for request in bad {
        assert_eq!(answered(request.send().await.unwrap()).await, caller_unknown());
    }
    let forged = sign_up("eve@example.org").header("cookie", format!("access_token={access}"));
    let forged = forged.header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
}
