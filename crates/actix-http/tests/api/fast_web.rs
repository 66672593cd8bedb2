//! The dialect of fast-web: cookies, the way back, and requests from other sites.

use std::time::Duration;

use lectern_testkit::world::steps::PASSWORD;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::server::Server;

/// A browser's cookies, as it sends them.
struct Cookies {
    access: String,
    refresh: String,
}

impl Cookies {
    fn on(&self, request: RequestBuilder) -> RequestBuilder {
        request.header("cookie", format!("access_token={}; refresh_token={}", self.access, self.refresh))
    }
}

/// Registers somebody and signs them in as a browser does.
async fn sign_in(server: &Server, username: &str) -> Cookies {
    let email = format!("{username}@example.org");
    let body = json!({"username": username, "email": email, "password": PASSWORD});
    let made = server.post("/auth/register").json(&body).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let body = json!({"username": username, "password": PASSWORD});
    let response = server.post("/auth/login").json(&body).send().await.unwrap();
    Cookies { access: cookie(&response, "access_token"), refresh: cookie(&response, "refresh_token") }
}

/// What a response sets a cookie to.
fn cookie(response: &Response, name: &str) -> String {
    let line = set_cookies(response).into_iter().find(|line| line.starts_with(&format!("{name}="))).unwrap();
    line.split(['=', ';']).nth(1).unwrap().to_owned()
}

fn set_cookies(response: &Response) -> Vec<String> {
    let values = response.headers().get_all("set-cookie").iter();
    values.map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// Where a response leads to.
fn location(response: &Response) -> &str {
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
    response.headers().get("location").unwrap().to_str().unwrap()
}

async fn detail(response: Response) -> String {
    let body: Value = response.json().await.unwrap();
    body.get("detail").and_then(Value::as_str).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_cookies_are_for_the_whole_site_and_for_no_script() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    let renewed = cookies.on(server.get("/auth/refresh")).send().await.unwrap();
    let lines = set_cookies(&renewed);
    assert_eq!(lines.len(), 2);
    for line in lines {
        let attributes: Vec<_> = line.split("; ").skip(1).collect();
        assert_eq!(attributes, ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"], "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn renewed_cookies_work_and_the_way_leads_back() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    server.world.clock.advance(Duration::from_hours(1));
    let path = "/auth/refresh?redirect_url=%2Fconsole%2Fsessions%3Fa%3D1%26b%3D2";
    let renewed = cookies.on(server.get(path)).send().await.unwrap();
    assert_eq!(location(&renewed), "/console/sessions?a=1&b=2");
    let access = cookie(&renewed, "access_token");
    let info = server.get("/users/info").header("cookie", format!("access_token={access}"));
    assert_eq!(info.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_the_way_leads_home() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    let renewed = cookies.on(server.get("/auth/refresh")).send().await.unwrap();
    assert_eq!(location(&renewed), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_never_leaves_the_site() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    for attack in [
        "https://evil.example",
        "//evil.example",
        "/%5Cevil.example",
        "%2F%09%2Fevil.example",
        "javascript:alert(1)",
        "%2Fa%0D%0ASet-Cookie:%20x=y",
    ] {
        let path = format!("/auth/refresh?redirect_url={attack}");
        let renewed = cookies.on(server.get(&path)).send().await.unwrap();
        assert_eq!(location(&renewed), "/", "{attack}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_was_not_encoded_is_followed_up_to_its_first_ampersand() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    let path = "/auth/refresh?redirect_url=/a?b=1&c=2";
    let renewed = cookies.on(server.get(path)).send().await.unwrap();
    assert_eq!(location(&renewed), "/a?b=1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_good_leads_to_sign_in_without_cookies() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    for token in [None, Some("garbage"), Some(cookies.access.as_str())] {
        let mut request = server.get("/auth/refresh?redirect_url=%2Fconsole%2Fsessions");
        if let Some(token) = token {
            request = request.header("cookie", format!("refresh_token={token}"));
        }
        let response = request.send().await.unwrap();
        assert_eq!(location(&response), "/login", "{token:?}");
        for line in set_cookies(&response) {
            assert!(line.contains("=; ") && line.contains("Path=/; Max-Age=0"), "{token:?}: {line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_signed_out_because_the_database_is_gone() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    server.world.database.break_down();
    let response = cookies.on(server.get("/auth/refresh")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(set_cookies(&response), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_was_used_before_ends_the_session() {
    let server = Server::start();
    let stolen = sign_in(&server, "ada").await;
    let renewed = stolen.on(server.get("/auth/refresh")).send().await.unwrap();
    let access = cookie(&renewed, "access_token");
    server.world.clock.advance(Duration::from_mins(1));
    let reused = stolen.on(server.get("/auth/refresh")).send().await.unwrap();
    assert_eq!(location(&reused), "/login");
    let info = server.get("/users/info").header("cookie", format!("access_token={access}"));
    assert_eq!(info.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_and_takes_the_cookies_away() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    let response = cookies.on(server.get("/auth/logout")).send().await.unwrap();
    assert_eq!(set_cookies(&response).iter().filter(|line| line.contains("Max-Age=0")).count(), 2);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({"message": "Вы успешно вышли из системы"}));
    let renewed = cookies.on(server.get("/auth/refresh")).send().await.unwrap();
    assert_eq!(location(&renewed), "/login");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_signs_anybody_out() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    for site in ["cross-site", "same-site"] {
        let request = cookies.on(server.get("/auth/logout")).header("sec-fetch-site", site);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::FORBIDDEN, "{site}");
    }
    let info = cookies.on(server.get("/users/info")).send().await.unwrap();
    assert_eq!(info.status(), StatusCode::OK);
}

/// Whoever follows a link from elsewhere, with an access token that has expired, is to arrive.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_on_another_site_may_lead_through_a_refresh() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    let request = cookies.on(server.get("/auth/refresh?redirect_url=%2Fconsole%2Fsessions"));
    let renewed = request.header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(location(&renewed), "/console/sessions");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsafe_request_by_cookie_must_come_from_this_site() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    let change = |name, value| {
        let request = server.request(Method::PATCH, "/v1/me").json(&json!({"first_name": "Ada"}));
        cookies.on(request).header(name, value).send()
    };
    let foreign = change("origin", "https://evil.example").await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    let own = change("sec-fetch-site", "same-origin").await.unwrap();
    assert_eq!(own.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_signed_in_is_told_so_in_the_dialects_words() {
    let server = Server::start();
    let cookies = sign_in(&server, "ada").await;
    for path in ["/users/info", "/auth/logout"] {
        for token in ["garbage", cookies.refresh.as_str()] {
            let request = server.get(path).header("cookie", format!("access_token={token}"));
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(response.headers().get("www-authenticate").unwrap(), "Bearer", "{path}");
            assert_eq!(detail(response).await, "Вы не вошли в систему", "{path}");
        }
    }
}
