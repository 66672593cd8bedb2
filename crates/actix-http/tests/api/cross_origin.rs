//! Pages of other sites: which of them may call the API, and which may do so with cookies.

use lectern_testkit::world::{World, steps::PASSWORD};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::json;

use super::server::{DOCS, Server, problem};

const LISTED: &str = "https://app.example.org";
const EVIL: &str = "https://evil.example";
/// What looks like an origin that is listed, and isn't.
const LOOK_ALIKES: [&str; 10] = [
    "null",
    "http://app.example.org",
    "https://app.example.org.evil.example",
    "https://evil-app.example.org",
    "https://app.example.or",
    "https://app.example.org:8443",
    "https://APP.example.org",
    "https://example.org",
    "https://app.example.org, https://evil.example",
    "https://app.example.org/",
];

/// A server that lists these origins.
fn listing(origins: &str) -> Server {
    Server::with(World::new(), |settings| settings.cross_origin = origins.parse().unwrap())
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// What an answer tells browsers about other origins.
fn told(response: &Response) -> Vec<&str> {
    let names = response.headers().keys().map(reqwest::header::HeaderName::as_str);
    names.filter(|name| name.starts_with("access-control-")).collect()
}

fn preflight(server: &Server, path: &str, origin: &str, method: &str) -> RequestBuilder {
    let request = server.request(Method::OPTIONS, path).header("origin", origin);
    request
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization, content-type, idempotency-key")
}

#[tokio::test(flavor = "multi_thread")]
async fn unless_it_is_asked_for_no_answer_says_anything_about_other_origins() {
    let server = Server::start();
    let response = server.get("/healthz").header("origin", LISTED).send().await.unwrap();
    assert_eq!(told(&response), [""; 0]);
    let response = preflight(&server, "/v1/me", LISTED, "GET").send().await.unwrap();
    assert_eq!(told(&response), [""; 0]);
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_origin_may_read_answers_of_every_kind() {
    let server = listing(&format!("http://localhost:3000, {LISTED}"));
    let json = |path: &str| server.post(path).json(&json!({"surprise": true}));
    for (request, status) in [
        (server.get("/healthz"), 200),
        (server.get("/nothing"), 404),
        (server.request(Method::PUT, "/healthz"), 405),
        (server.get("/v1/me"), 401),
        (server.get("/docs"), 401),
        (server.post("/v1/auth/login").body("{"), 415),
        (json("/v1/auth/login"), 422),
        (json("/auth/register"), 422),
        (json("/auth/refresh"), 422),
        (server.get("/docs").basic_auth(DOCS.0, Some(DOCS.1)), 200),
        (server.request(Method::HEAD, "/healthz"), 200),
    ] {
        let response = request.header("origin", LISTED).send().await.unwrap();
        let url = response.url().clone();
        assert_eq!(response.status(), status, "{url}");
        assert_eq!(header(&response, "access-control-allow-origin"), Some(LISTED), "{url}");
        assert_eq!(header(&response, "access-control-allow-credentials"), Some("true"), "{url}");
        assert!(header(&response, "vary").unwrap().contains("Origin"), "{url}");
        assert!(header(&response, "x-request-id").is_some(), "{url}");
        let exposed = header(&response, "access-control-expose-headers").unwrap().to_lowercase();
        for name in ["x-request-id", "ratelimit-remaining", "retry-after", "content-disposition", "location"]
        {
            assert!(exposed.contains(name), "{exposed}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_on_our_side_can_be_read_too() {
    let server = listing(LISTED);
    server.world.database.break_down();
    let body = json!({"login": "ada", "password": PASSWORD});
    let response = server.post("/v1/auth/login").json(&body).header("origin", LISTED).send().await.unwrap();
    assert!(response.status().is_server_error());
    assert_eq!(header(&response, "access-control-allow-origin"), Some(LISTED));
}

#[tokio::test(flavor = "multi_thread")]
async fn that_there_were_too_many_tries_can_be_read_too() {
    let server = listing(LISTED);
    let body = json!({"login": "ada", "password": "wrong"});
    let try_again =
        async || server.post("/v1/auth/login").json(&body).header("origin", LISTED).send().await.unwrap();
    for _ in 0..4 {
        try_again().await;
    }
    let response = try_again().await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&response, "access-control-allow-origin"), Some(LISTED));
}

#[tokio::test(flavor = "multi_thread")]
async fn preflights_are_answered_for_every_route() {
    let server = listing(LISTED);
    let mut count = 0;
    for (name, document) in server.documents().await {
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                let method = method.to_uppercase();
                let response = preflight(&server, path, LISTED, &method).send().await.unwrap();
                assert_eq!(response.status(), StatusCode::OK, "{name}: {method} {path}");
                assert_eq!(header(&response, "access-control-allow-origin"), Some(LISTED));
                let methods = header(&response, "access-control-allow-methods").unwrap();
                assert!(methods.contains(&method), "{methods}");
                let headers = header(&response, "access-control-allow-headers").unwrap();
                assert!(
                    headers.contains("authorization") && headers.contains("idempotency-key"),
                    "{headers}"
                );
                assert!(header(&response, "access-control-max-age").is_some());
                count += 1;
            }
        }
    }
    assert!(count > 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_is_not_listed_is_told_nothing() {
    let server = listing(&format!("{LISTED}, http://localhost:3000"));
    for origin in LOOK_ALIKES.into_iter().chain([EVIL]) {
        for path in ["/healthz", "/v1/me", "/nothing", "/docs"] {
            let response = server.get(path).header("origin", origin).send().await.unwrap();
            assert_eq!(told(&response), [""; 0], "{origin}");
        }
        let response = preflight(&server, "/v1/me", origin, "PATCH").send().await.unwrap();
        assert_eq!(told(&response), [""; 0], "{origin}");
        let refused = problem(response).await;
        assert_eq!(refused, (StatusCode::FORBIDDEN, "cross_origin_refused".to_owned()), "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_origins_in_one_request_are_none() {
    let server = listing(LISTED);
    let request = server.get("/healthz").header("origin", EVIL).header("origin", LISTED);
    assert_eq!(told(&request.send().await.unwrap()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_every_origin_may_read_none_may_with_cookies() {
    let server = listing("*");
    for origin in [EVIL, "null"] {
        for request in
            [server.get("/healthz"), server.get("/v1/me"), preflight(&server, "/v1/me", origin, "GET")]
        {
            let response = request.header("origin", origin).send().await.unwrap();
            assert_eq!(header(&response, "access-control-allow-origin"), Some("*"));
            assert_eq!(header(&response, "access-control-allow-credentials"), None);
        }
    }
}

/// Signs somebody in with cookies, and asks to sign out with them as a page of that origin would.
async fn sign_out_from(server: &Server, origin: &str, site: &str) -> StatusCode {
    server.token_of("ada").await;
    let body = json!({"login": "ada", "password": PASSWORD, "cookies": true});
    let response = server.post("/v1/auth/login").json(&body).send().await.unwrap();
    let cookies: Vec<_> = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned())
        .collect();
    let request = server.post("/v1/auth/logout").header("cookie", cookies.join("; "));
    request.header("origin", origin).header("sec-fetch-site", site).send().await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_by_cookie_are_taken_from_pages_of_listed_origins() {
    let server = listing(LISTED);
    assert_eq!(sign_out_from(&server, LISTED, "same-site").await, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_by_cookie_are_not_taken_from_pages_of_any_other_origin() {
    for site in ["same-site", "cross-site"] {
        let server = listing(LISTED);
        for origin in LOOK_ALIKES.into_iter().chain([EVIL]) {
            assert_eq!(sign_out_from(&server, origin, site).await, StatusCode::FORBIDDEN, "{origin}");
        }
        assert_eq!(sign_out_from(&listing("*"), LISTED, site).await, StatusCode::FORBIDDEN);
        assert_eq!(sign_out_from(&Server::start(), LISTED, site).await, StatusCode::FORBIDDEN);
    }
}
