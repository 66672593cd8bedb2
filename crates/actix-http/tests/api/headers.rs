//! What every answer tells browsers, whoever answers and however it goes.

use lectern_testkit::world::World;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::server::{DOCS, Server};

const ALWAYS: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cache-control", "no-store"),
];

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// All of them, but for those that the route has its own of; each once, and nothing about the program.
fn assert_guarded(response: &Response, own: &[&str], what: &str) {
    for (name, value) in ALWAYS {
        let found = header(response, name);
        assert!(
            found == Some(value) || (own.contains(&name) && found.is_some()),
            "{what}: {name} is {found:?}"
        );
        assert_eq!(response.headers().get_all(name).iter().count(), 1, "{what}: {name}");
    }
    assert!(header(response, "permissions-policy").unwrap().contains("microphone=()"), "{what}");
    for none in ["server", "x-powered-by", "strict-transport-security"] {
        assert_eq!(header(response, none), None, "{what}: {none}");
    }
}

/// As nobody, which most of them refuse.
#[tokio::test]
async fn every_route_is_guarded_whatever_it_answers() {
    let server = Server::start();
    let document = server.document().await;
    let paths = document.get("paths").and_then(Value::as_object).unwrap();
    for (path, operations) in paths {
        for method in operations.as_object().unwrap().keys().map(|method| method.to_uppercase()) {
            let harmless = path.replace("{id}", "018f3b0e-0000-7000-8000-000000000000");
            let harmless = harmless.replace(['{', '}'], "");
            let method: Method = method.parse().unwrap();
            let response = server.request(method.clone(), &harmless).send().await.unwrap();
            assert_guarded(&response, &["cache-control"], &format!("{method} {path}"));
        }
    }
}

#[tokio::test]
async fn what_no_route_answers_is_guarded() {
    let server = Server::start();
    for (method, path, status) in [
        (Method::GET, "/nothing", 404),
        (Method::DELETE, "/healthz", 405),
        (Method::OPTIONS, "/v1/me", 405),
        (Method::HEAD, "/healthz", 200),
        (Method::GET, "/v1/transcriptions", 401),
        (Method::GET, "/docs", 401),
    ] {
        let response = server.request(method.clone(), path).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        assert_guarded(&response, &["cache-control", "content-security-policy"], &format!("{method} {path}"));
    }
}

#[tokio::test]
async fn pages_keep_their_own_policies() {
    let server = Server::start();
    for (path, policy) in [("/docs", "script-src 'self'"), ("/redoc", "worker-src blob:")] {
        let page = server.get(path).basic_auth(DOCS.0, Some(DOCS.1)).send().await.unwrap();
        assert!(header(&page, "content-security-policy").unwrap().contains(policy), "{path}");
        assert_guarded(&page, &["cache-control", "content-security-policy"], path);
    }
    let keys = server.get("/.well-known/jwks.json").send().await.unwrap();
    assert_eq!(header(&keys, "cache-control"), Some("public, max-age=300"));
}

/// Pages of other origins read answers by the rules of CORS, which these headers leave alone.
#[tokio::test]
async fn preflights_and_answers_to_listed_origins_are_guarded_and_can_be_read() {
    let origin = "https://app.example.org";
    let server = Server::with(World::new(), |settings| settings.cross_origin = origin.parse().unwrap());
    let ask = |method| server.request(method, "/v1/me").header("origin", origin);
    let preflight = ask(Method::OPTIONS).header("access-control-request-method", "GET").send().await.unwrap();
    let answer = ask(Method::GET).send().await.unwrap();
    assert_eq!((preflight.status(), answer.status()), (StatusCode::OK, StatusCode::UNAUTHORIZED));
    for response in [preflight, answer] {
        assert_eq!(header(&response, "access-control-allow-origin"), Some(origin));
        assert_guarded(&response, &[], "another origin");
    }
}

#[tokio::test]
async fn answers_with_tokens_or_personal_data_are_kept_by_nobody() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    let body = json!({"login": "ada", "password": lectern_testkit::world::steps::PASSWORD});
    let tokens = server.post("/v1/auth/login").json(&body).send().await.unwrap();
    assert_eq!((tokens.status().as_u16(), header(&tokens, "cache-control")), (200, Some("no-store")));
    for path in ["/v1/me", "/v1/me/sessions", "/v1/me/balance", "/v1/transcriptions"] {
        let response = server.get(path).bearer_auth(&token).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), header(&response, "cache-control")),
            (200, Some("no-store")),
            "{path}"
        );
    }
}
