//! Where its routes are.

use lectern_domain::surface::Surface;
use lectern_testkit::world::World;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{super::server::Server, enter, id_of, said, token_request};

/// Those who come from outside find every route where they have always found it.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_at_all_of_its_paths() {
    let server = Server::start();
    let root = enter(&server, "root", "admin").await;
    let id = id_of(&server, "root").await;
    let (permissions, remove) = (format!("/update_permissions/{id}"), format!("/remove_user/{id}"));
    for (method, path, others, status) in [
        (Method::POST, "/token", vec!["/api/v1"], 422),
        (Method::POST, "/refresh", vec!["/api/v1"], 422),
        (Method::GET, "/me", vec!["/api/v1"], 200),
        (Method::GET, "/ping", vec!["/api/v1"], 200),
        (Method::POST, "/create_user", vec!["/api/v1", "/admin", "/api/v1/admin"], 422),
        (Method::PUT, &permissions, vec!["/api/v1", "/admin", "/api/v1/admin"], 422),
        (Method::DELETE, &remove, vec!["/api/v1", "/admin", "/api/v1/admin"], 409),
        (Method::GET, "/get_users", vec!["/api/v1", "/admin", "/api/v1/admin"], 200),
        (Method::GET, "/users", vec!["/api/v1/admin", "/admin"], 200),
    ] {
        let itself = if path == "/users" { None } else { Some("") };
        for prefix in itself.into_iter().chain(others) {
            let request = server.request(method.clone(), &format!("{prefix}{path}")).bearer_auth(&root);
            let request = if method == Method::GET { request } else { request.json(&json!({})) };
            assert_eq!(request.send().await.unwrap().status(), status, "{method} {prefix}{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_is_told_in_the_envelope_with_the_right_one() {
    let server = Server::start();
    for path in ["/token", "/api/v1/token", "/admin/create_user"] {
        let refused = server.request(Method::PATCH, path).send().await.unwrap();
        assert_eq!(refused.headers().get("allow").unwrap(), "POST", "{path}");
        assert_eq!(said(refused).await.0, 405, "{path}");
    }
    let head = server.request(Method::HEAD, "/api/v1/ping").send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_kept_by_nobody_in_between() {
    let server = Server::start();
    let response = token_request(&server, json!({"role": "user"})).send().await.unwrap();
    assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_not_served_it_is_not_there() {
    let server = Server::without(World::new(), Surface::Iccem);
    for path in ["/ping", "/api/v1/ping", "/me"] {
        assert_eq!(server.get(path).send().await.unwrap().status(), StatusCode::NOT_FOUND, "{path}");
    }
}
