//! Every route of the OpenAPI document has a case here: who may call it, and what all others get.

use std::collections::BTreeMap;

use lectern_domain::access::Permission;
use lectern_testkit::world::{World, steps::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, WORKER_TOKEN, problem};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Everybody,
    Accounts,
    /// Accounts that hold this permission.
    Holders(&'static str),
    /// Accounts that hold this permission; for all others there is nothing at the path.
    Hidden(&'static str),
    /// Accounts that may do everything.
    Administrators,
    /// Everybody who has what the body asks for; without a body, accounts.
    AccountsOrBody,
    /// Holders of the admin token, which is in the query.
    AdminTokenHolders,
    Workers,
    /// Everybody, or holders of the metrics token where there is one.
    Collectors,
    /// Accounts whose clients have no cookies, but their token alone.
    TokenHolders,
    /// The site's own servers, by address; else accounts.
    SiteServers,
    /// Workers that present their token in the query or in a header of their own.
    ReportingWorkers,
}

impl Who {
    /// The permission that the route asks for.
    fn permission(&self) -> Option<&'static str> {
        match self {
            Self::Holders(permission) | Self::Hidden(permission) => Some(permission),
            Self::Everybody
            | Self::AccountsOrBody
            | Self::Accounts
            | Self::Administrators
            | Self::AdminTokenHolders
            | Self::Workers
            | Self::Collectors
            | Self::TokenHolders
            | Self::SiteServers
            | Self::ReportingWorkers => None,
        }
    }
}

/// A route is let in here by name, so that none is added without a thought about who may call it.
const CASES: &[(&str, &str, Who)] = &[
    ("GET", "/healthz", Who::Everybody),
    ("GET", "/readyz", Who::Everybody),
    ("GET", "/metrics", Who::Collectors),
    ("GET", "/.well-known/jwks.json", Who::Everybody),
    ("POST", "/v1/auth/register", Who::Everybody),
    ("POST", "/v1/auth/login", Who::Everybody),
    ("POST", "/v1/auth/refresh", Who::Everybody),
    ("POST", "/v1/auth/logout", Who::Accounts),
    ("POST", "/v1/auth/password/change", Who::Accounts),
    ("POST", "/v1/auth/password/forgot", Who::Everybody),
    ("POST", "/v1/auth/password/confirm", Who::Everybody),
    ("POST", "/v1/auth/password/reset", Who::Everybody),
    ("POST", "/v1/auth/email/verify", Who::AccountsOrBody),
    ("GET", "/v1/me", Who::Accounts),
    ("PATCH", "/v1/me", Who::Accounts),
    ("DELETE", "/v1/me", Who::Accounts),
    ("GET", "/v1/me/sessions", Who::Accounts),
    ("DELETE", "/v1/me/sessions", Who::Accounts),
    ("DELETE", "/v1/me/sessions/{id}", Who::Accounts),
    ("GET", "/v1/audit-events", Who::Holders("audit.view")),
    ("GET", "/v1/logs", Who::Holders("audit.view")),
    ("GET", "/v1/me/balance", Who::Accounts),
    ("GET", "/v1/me/balance/entries", Who::Accounts),
    ("POST", "/v1/users/{id}/balance/entries", Who::Holders("balance.adjust")),
    ("GET", "/v1/users", Who::Holders("users.view")),
    ("POST", "/v1/users", Who::Holders("users.create")),
    ("GET", "/v1/users/{id}", Who::Holders("users.view")),
    ("PATCH", "/v1/users/{id}", Who::Holders("users.update")),
    ("DELETE", "/v1/users/{id}", Who::Holders("users.delete")),
    ("POST", "/v1/users/{id}/block", Who::Holders("users.block")),
    ("POST", "/v1/users/{id}/unblock", Who::Holders("users.block")),
    ("POST", "/v1/users/{id}/restore", Who::Holders("users.delete")),
    ("PUT", "/v1/users/{id}/role", Who::Holders("users.grant")),
    ("PUT", "/v1/users/{id}/permissions", Who::Holders("users.grant")),
    ("DELETE", "/v1/users/{id}/sessions", Who::Holders("users.block")),
    ("GET", "/v1/roles", Who::Holders("roles.view")),
    ("POST", "/v1/roles", Who::Holders("roles.manage")),
    ("PUT", "/v1/roles/{name}", Who::Holders("roles.manage")),
    ("DELETE", "/v1/roles/{name}", Who::Holders("roles.manage")),
    ("POST", "/v1/transcriptions", Who::Accounts),
    ("GET", "/v1/transcriptions", Who::Accounts),
    ("GET", "/v1/transcriptions/{id}", Who::Accounts),
    ("PATCH", "/v1/transcriptions/{id}", Who::Accounts),
    ("DELETE", "/v1/transcriptions/{id}", Who::Accounts),
    ("GET", "/v1/transcriptions/{id}/chunks", Who::Accounts),
    ("GET", "/v1/transcriptions/{id}/audio", Who::Accounts),
    ("GET", "/v1/transcriptions/{id}/export", Who::Accounts),
    ("GET", "/v1/transcriptions/{id}/events", Who::Accounts),
    ("POST", "/v1/transcriptions/{id}/cancel", Who::Accounts),
    ("POST", "/v1/transcriptions/{id}/retry", Who::Accounts),
    ("POST", "/v1/worker/jobs/lease", Who::Workers),
    ("POST", "/v1/worker/jobs/{id}/heartbeat", Who::Workers),
    ("GET", "/v1/worker/jobs/{id}/audio", Who::Workers),
    ("POST", "/v1/worker/jobs/{id}/chunks", Who::Workers),
    ("POST", "/v1/worker/jobs/{id}/complete", Who::Workers),
    ("POST", "/v1/worker/jobs/{id}/fail", Who::Workers),
    ("POST", "/v1/worker/jobs/{id}/release", Who::Workers),
    ("POST", "/token", Who::Everybody),
    ("POST", "/refresh", Who::Everybody),
    ("GET", "/me", Who::TokenHolders),
    ("GET", "/ping", Who::Everybody),
    ("POST", "/create_user", Who::TokenHolders),
    ("PUT", "/update_permissions/{user_id}", Who::TokenHolders),
    ("DELETE", "/remove_user/{user_id}", Who::TokenHolders),
    ("GET", "/get_users", Who::TokenHolders),
    ("POST", "/api/v1/server/users/sign_up", Who::SiteServers),
    ("POST", "/api/v1/public/users/login", Who::Everybody),
    ("PUT", "/api/v1/private/users/logout", Who::Accounts),
    ("POST", "/api/v1/private/users/seances", Who::Accounts),
    ("POST", "/api/v1/public/users/passw/forget_passw", Who::Everybody),
    ("GET", "/api/v1/public/users/passw/compare_confirm_code", Who::Everybody),
    ("PUT", "/api/v1/server/users/passw/set_new_passw", Who::SiteServers),
    ("GET", "/", Who::Everybody),
    ("GET", "/auth/info", Who::TokenHolders),
    ("PATCH", "/auth/patch", Who::AdminTokenHolders),
    ("GET", "/transcriptions", Who::TokenHolders),
    ("GET", "/transcript", Who::TokenHolders),
    ("GET", "/transcript/info", Who::TokenHolders),
    ("POST", "/transcript/export", Who::TokenHolders),
    ("POST", "/transcript/cancel", Who::TokenHolders),
    ("POST", "/transcriptions/{id}/cancel", Who::TokenHolders),
    ("POST", "/upload-audiofile", Who::TokenHolders),
    ("POST", "/worker/transcription_status", Who::ReportingWorkers),
    ("GET", "/worker/transcription_status", Who::ReportingWorkers),
    ("POST", "/auth/login", Who::Everybody),
    ("POST", "/auth/register", Who::Everybody),
    ("POST", "/auth/refresh", Who::Everybody),
    ("GET", "/auth/refresh", Who::Everybody),
    ("GET", "/auth/logout", Who::Accounts),
    ("GET", "/users/info", Who::Accounts),
    ("POST", "/auth/logout", Who::Accounts),
    ("POST", "/auth/change-password", Who::Everybody),
    ("GET", "/auth/me", Who::Accounts),
    ("GET", "/users/me", Who::Accounts),
    ("DELETE", "/users/me", Who::Accounts),
    ("GET", "/users/profile", Who::Accounts),
    ("PUT", "/users/profile", Who::Accounts),
    ("GET", "/users/balance", Who::Accounts),
    ("PUT", "/users/balance", Who::Accounts),
    ("GET", "/users/", Who::Hidden("users.view")),
    ("GET", "/users", Who::Hidden("users.view")),
    ("GET", "/users/deleted", Who::Hidden("users.view")),
    ("POST", "/admin/block/{id}", Who::Hidden("users.block")),
    ("POST", "/admin/unblock/{id}", Who::Hidden("users.block")),
    ("GET", "/admin/check", Who::Administrators),
];

/// An address that nothing is allowed to.
const STRANGER: &str = "203.0.113.9";

#[tokio::test(flavor = "multi_thread")]
async fn every_route_has_a_case_and_every_case_a_route() {
    let server = Server::start();
    let document = server.document().await;
    let paths = document.get("paths").and_then(Value::as_object).unwrap();
    let routes: Vec<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    for (method, path) in &routes {
        assert!(CASES.iter().any(|(m, p, _)| m == method && p == path), "no case for {method} {path}");
    }
    assert_eq!(routes.len(), CASES.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_says_who_may_call_a_route() {
    let document = Server::start().document().await;
    for (method, path, who) in CASES {
        let operation = document.pointer(&format!(
            "/paths/{}/{}",
            path.replace('~', "~0").replace('/', "~1"),
            method.to_lowercase()
        ));
        let security = operation.unwrap().get("security").cloned().unwrap_or(Value::Null);
        let expected = match who {
            Who::Everybody => Value::Null,
            Who::Accounts | Who::Holders(_) | Who::Hidden(_) | Who::Administrators => {
                json!([{"bearer": []}, {"cookie": []}])
            }
            Who::AccountsOrBody | Who::SiteServers => json!([{}, {"bearer": []}, {"cookie": []}]),
            Who::AdminTokenHolders => json!([{"admin_token": []}]),
            Who::Workers => json!([{"worker": []}]),
            Who::Collectors => json!([{}, {"metrics": []}]),
            Who::TokenHolders => json!([{"bearer": []}]),
            Who::ReportingWorkers => json!([{"worker_query": []}, {"worker_header": []}]),
        };
        assert_eq!(security, expected, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_let_in_without_the_right_token() {
    let server = Server::behind_a_proxy(World::new());
    let account = server.token_of("ada").await;
    let id = uuid::Uuid::from_u128(1).to_string();
    for (method, path, who) in CASES {
        let wrong: &[Option<&str>] = match who {
            // What others than workers are answered is said by the tests of the status protocol; what others than holders of
            // the admin token are, by those of lazy-lecture; and others than holders of the metrics token, by those of metrics.
            Who::Everybody | Who::ReportingWorkers | Who::AdminTokenHolders | Who::Collectors => continue,
            Who::Accounts
            | Who::AccountsOrBody
            | Who::Holders(_)
            | Who::Hidden(_)
            | Who::Administrators
            | Who::TokenHolders
            | Who::SiteServers => &[None, Some("garbage"), Some(WORKER_TOKEN)],
            Who::Workers => &[None, Some("garbage"), Some(&account)],
        };
        for token in wrong {
            let method: Method = method.parse().unwrap();
            let mut request = server.request(method.clone(), &path.replace("{id}", &id));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            request = request.header("x-forwarded-for", STRANGER);
            let response = request.send().await.unwrap();
            assert_eq!(response.headers().get("www-authenticate").unwrap(), "Bearer", "{method} {path}");
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}

/// A body that each route which takes one accepts, of an account or a role that isn't there.
fn body_of(method: &str, path: &str) -> Option<Value> {
    match (method, path) {
        ("POST", "/v1/users") => Some(json!({"username": "newcomer", "password": PASSWORD})),
        ("PATCH", "/v1/users/{id}") => Some(json!({"first_name": "Ada"})),
        ("PUT", "/v1/users/{id}/role") => Some(json!({"role": "user"})),
        ("PUT", "/v1/users/{id}/permissions" | "/v1/roles/{name}") => Some(json!({"permissions": []})),
        ("POST", "/v1/users/{id}/balance/entries") => Some(json!({"amount": 1, "reason": "a gift"})),
        ("POST", "/v1/roles") => Some(json!({"name": "made", "permissions": []})),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_for_holders_takes_their_permission_and_no_other() {
    let server = Server::start();
    let names = Permission::KNOWN.map(|permission| permission.as_str().to_owned());
    let mut tokens = BTreeMap::new();
    for permission in CASES.iter().filter_map(|(_, _, who)| who.permission()) {
        let [with, without] =
            ["with", "without"].map(|kind| format!("{kind}_{}", permission.replace('.', "_")));
        if tokens.contains_key(permission) {
            continue;
        }
        let only = [Permission::parse(permission).unwrap()];
        let others = names.iter().filter(|name| *name != permission);
        let others: Vec<_> = others.map(|name| Permission::parse(name).unwrap()).collect();
        let with = server.token_of_holder(&with, &only).await;
        let without = server.token_of_holder(&without, &others).await;
        tokens.insert(permission, (with, without));
    }
    for (method, path, who) in CASES {
        let Some((with, without)) = who.permission().and_then(|permission| tokens.get(permission)) else {
            continue;
        };
        let send = async |token: &str| {
            let filled =
                path.replace("{id}", &uuid::Uuid::from_u128(1).to_string()).replace("{name}", "nobodys");
            let mut request = server.request(method.parse().unwrap(), &filled).bearer_auth(token);
            if let Some(body) = body_of(method, path) {
                request = request.json(&body);
            }
            request.send().await.unwrap()
        };
        let refused = send(without).await;
        if let Who::Hidden(_) = who {
            assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{method} {path}");
            assert_eq!(
                refused.json::<Value>().await.unwrap(),
                json!({"detail": "Not found"}),
                "{method} {path}"
            );
        } else {
            let refused = problem(refused).await;
            assert_eq!(refused, (StatusCode::FORBIDDEN, "permission_denied".to_owned()), "{method} {path}");
        }
        let answer = send(with).await;
        let status = answer.status();
        assert!(status.is_success() || status == StatusCode::NOT_FOUND, "{method} {path}: {status}");
        let answer: Value = answer.json().await.unwrap_or_default();
        assert_ne!(answer, json!({"detail": "Not found"}), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_things_are_not_found() {
    let server = Server::start();
    let ada = server.world.register_user("ada").await;
    let id = server.world.upload(&ada, 60).await.transcription.id().0.to_string();
    let eve = server.token_of("eve").await;
    let bodies: BTreeMap<&str, Value> = BTreeMap::from([("PATCH", json!({"title": "mine now"}))]);
    for (method, path, _) in CASES.iter().filter(|(_, path, _)| path.starts_with("/v1/transcriptions/{id}")) {
        let path = path.replace("{id}", &id) + if path.ends_with("/export") { "?format=txt" } else { "" };
        let mut request = server.request(method.parse().unwrap(), &path).bearer_auth(&eve);
        if let Some(body) = bodies.get(method) {
            request = request.json(body);
        }
        let refused = problem(request.send().await.unwrap()).await;
        assert_eq!(refused, (StatusCode::NOT_FOUND, "transcription_not_found".to_owned()), "{method} {path}");
    }
}
