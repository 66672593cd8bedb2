//! The administration of accounts over HTTP: shapes, statuses, and attacks.

use lectern_domain::access::Permission;
use lectern_testkit::world::steps::PASSWORD;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, problem};

/// A server, an administrator's token, and the path of the account `ada`.
struct Case {
    server: Server,
    root: String,
    ada: String,
}

impl Case {
    async fn start() -> Self {
        let server = Server::start();
        let root = server.token_of_admin("root").await;
        let ada = server.world.sign_up("ada").await.user.id().0;
        Self { server, root, ada: format!("/v1/users/{ada}") }
    }

    async fn send(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> Response {
        let mut request = self.server.request(method, path).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    /// What the administrator gets, which has to be a success.
    async fn root(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let response = self.send(&self.root, method, path, body).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    /// The failure that somebody gets.
    async fn refused(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> (u16, String) {
        let (status, code) = problem(self.send(token, method, path, body).await).await;
        (status.as_u16(), code)
    }
}

fn usernames(page: &Value) -> Vec<&str> {
    let items = page.get("items").and_then(Value::as_array).unwrap();
    items.iter().map(|item| item.get("username").and_then(Value::as_str).unwrap()).collect()
}

fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body.get(field).and_then(Value::as_str).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_page_by_page_filtered_and_sorted() {
    let case = Case::start().await;
    case.server.world.sign_up("bob").await;
    case.root(Method::POST, &format!("{}/block", case.ada), None).await;
    let page = case.root(Method::GET, "/v1/users?sort=username&order=asc&size=2", None).await;
    assert_eq!(usernames(&page), ["ada", "bob"]);
    let figures = ["page", "size", "total", "pages"].map(|field| page.get(field).unwrap().clone());
    assert_eq!(figures, [json!(1), json!(2), json!(3), json!(2)]);
    for (query, expected) in [
        ("", vec!["bob", "ada", "root"]),
        ("search=OB", vec!["bob"]),
        ("search=%25", vec![]),
        ("role=admin", vec!["root"]),
        ("standing=blocked", vec!["ada"]),
        ("standing=active&order=asc&sort=number", vec!["root", "bob"]),
        ("standing=deleted", vec![]),
        ("search=&role=user&sort=email", vec!["bob", "ada"]),
    ] {
        let page = case.root(Method::GET, &format!("/v1/users?{query}"), None).await;
        assert_eq!(usernames(&page), expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_accounts_refuses_what_it_does_not_know() {
    let case = Case::start().await;
    let long = format!("search={}", "x".repeat(255));
    for query in ["standing=gone", "sort=password_hash", "order=up", "role=No Role", "size=201", "x=1", &long]
    {
        let refused = case.refused(&case.root, Method::GET, &format!("/v1/users?{query}"), None).await;
        assert_eq!(refused, (422, "validation_failed".to_owned()), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_read_as_its_owner_sees_it() {
    let case = Case::start().await;
    let ada = case.server.token_of("ada").await;
    let own: Value = case.send(&ada, Method::GET, "/v1/me", None).await.json().await.unwrap();
    assert_eq!(case.root(Method::GET, &case.ada, None).await, own);
    assert!(!own.to_string().contains("hash"));
    let unknown = format!("/v1/users/{}", uuid::Uuid::from_u128(1));
    let refused = case.refused(&case.root, Method::GET, &unknown, None).await;
    assert_eq!(refused, (404, "account_not_found".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_and_says_where_it_is() {
    let case = Case::start().await;
    let body = json!({"email": "grace@example.org", "password": PASSWORD, "role": "operator", "can_interact": false});
    let made = case.send(&case.root, Method::POST, "/v1/users", Some(body.clone())).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let location = made.headers().get("location").unwrap().to_str().unwrap().to_owned();
    let made: Value = made.json().await.unwrap();
    assert_eq!((text(&made, "role"), made.get("can_interact")), ("operator", Some(&json!(false))));
    assert_eq!(case.root(Method::GET, &location, None).await, made);
    let again = case.refused(&case.root, Method::POST, "/v1/users", Some(body)).await;
    assert_eq!(again, (409, "email_taken".to_owned()));
    let unknown = json!({"username": "x", "password": PASSWORD, "role": "astronaut"});
    let refused = case.refused(&case.root, Method::POST, "/v1/users", Some(unknown)).await;
    assert_eq!(refused, (422, "validation_failed".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_patched_field_by_field() {
    let case = Case::start().await;
    let body = json!({"first_name": "Ada", "email": "ada@example.org", "can_interact": false});
    case.root(Method::PATCH, &case.ada, Some(body)).await;
    let body = json!({"first_name": null, "username": null});
    let patched = case.root(Method::PATCH, &case.ada, Some(body)).await;
    for (field, expected) in [
        ("username", Value::Null),
        ("first_name", Value::Null),
        ("email", json!("ada@example.org")),
        ("can_interact", json!(false)),
    ] {
        assert_eq!(patched.get(field), Some(&expected), "{field}");
    }
    let nameless = case.refused(&case.root, Method::PATCH, &case.ada, Some(json!({"email": null}))).await;
    assert_eq!(nameless, (422, "validation_failed".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_assigns_what_it_is_not_for() {
    let case = Case::start().await;
    for field in ["role", "permissions", "balance", "standing", "password", "id", "epoch"] {
        let body = json!({"first_name": "Ada", field: "admin"});
        let refused = case.refused(&case.root, Method::PATCH, &case.ada, Some(body)).await;
        assert_eq!(refused, (422, "validation_failed".to_owned()), "{field}");
    }
    let body = json!({"username": "eve", "password": PASSWORD, "balance": 1000});
    let refused = case.refused(&case.root, Method::POST, "/v1/users", Some(body)).await;
    assert_eq!(refused, (422, "validation_failed".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_account_is_refused_everywhere_until_it_is_unblocked() {
    let case = Case::start().await;
    let tokens = case.server.log_in("ada", PASSWORD).await;
    let blocked = case.root(Method::POST, &format!("{}/block", case.ada), None).await;
    assert_eq!(text(&blocked, "standing"), "blocked");
    let access = case.refused(text(&tokens, "access_token"), Method::GET, "/v1/me", None).await;
    assert_eq!(access, (401, "session_revoked".to_owned()));
    let body = json!({"refresh_token": text(&tokens, "refresh_token")});
    let refresh = case.server.post("/v1/auth/refresh").json(&body).send().await.unwrap();
    assert_eq!(problem(refresh).await, (StatusCode::UNAUTHORIZED, "session_revoked".to_owned()));
    let unblocked = case.root(Method::POST, &format!("{}/unblock", case.ada), None).await;
    assert_eq!(text(&unblocked, "standing"), "active");
    assert!(case.server.log_in("ada", PASSWORD).await.get("access_token").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_and_restored_under_its_old_name_if_it_is_free() {
    let case = Case::start().await;
    let restore = format!("{}/restore", case.ada);
    for _ in 0..2 {
        let deleted = case.send(&case.root, Method::DELETE, &case.ada, None).await;
        assert_eq!(deleted.status(), StatusCode::NO_CONTENT, "deleting again is no error");
    }
    assert_eq!(text(&case.root(Method::GET, &case.ada, None).await, "standing"), "deleted");
    assert_eq!(text(&case.root(Method::POST, &restore, None).await, "standing"), "active");
    case.send(&case.root, Method::DELETE, &case.ada, None).await;
    case.server.world.sign_up("Ada").await;
    let refused = case.refused(&case.root, Method::POST, &restore, None).await;
    assert_eq!(refused, (409, "username_taken".to_owned()));
    let block = format!("{}/block", case.ada);
    let refused = case.refused(&case.root, Method::POST, &block, None).await;
    assert_eq!(refused, (409, "account_deleted".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_change_with_the_next_refresh_and_not_before() {
    let case = Case::start().await;
    let tokens = case.server.log_in("ada", PASSWORD).await;
    let body = Some(json!({"role": "operator"}));
    let user = case.root(Method::PUT, &format!("{}/role", case.ada), body).await;
    assert_eq!(text(&user, "role"), "operator");
    let body = Some(json!({"permissions": ["audit.view", "coffee.brew", "audit.view"]}));
    let user = case.root(Method::PUT, &format!("{}/permissions", case.ada), body).await;
    let permissions = user.get("permissions").unwrap();
    let expected = ["audit.view", "coffee.brew", "transcriptions.read_any", "users.delete", "users.view"];
    assert_eq!(permissions, &json!(expected));

    let stale = case.refused(text(&tokens, "access_token"), Method::GET, "/v1/users", None).await;
    assert_eq!(stale, (401, "token_stale".to_owned()));
    let body = json!({"refresh_token": text(&tokens, "refresh_token")});
    let refreshed = case.server.post("/v1/auth/refresh").json(&body).send().await.unwrap();
    let refreshed: Value = refreshed.json().await.unwrap();
    let listed = case.send(text(&refreshed, "access_token"), Method::GET, "/v1/users", None).await;
    assert_eq!(listed.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_beside_a_change_of_rights_never_gives_a_token_with_the_old_ones() {
    let case = Case::start().await;
    for role in ["operator", "user", "operator", "user", "operator", "user"] {
        let tokens = case.server.log_in("ada", PASSWORD).await;
        let body = json!({"refresh_token": text(&tokens, "refresh_token")});
        let refresh = case.server.post("/v1/auth/refresh").json(&body).send();
        let path = format!("{}/role", case.ada);
        let change = case.root(Method::PUT, &path, Some(json!({"role": role})));
        let (refreshed, _) = tokio::join!(refresh, change);
        let refreshed: Value = refreshed.unwrap().json().await.unwrap();
        let listed = case.send(text(&refreshed, "access_token"), Method::GET, "/v1/users", None).await;
        let allowed = [StatusCode::OK, StatusCode::UNAUTHORIZED];
        let denied = [StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED];
        let expected = if role == "operator" { allowed } else { denied };
        assert!(expected.contains(&listed.status()), "{role}: {}", listed.status());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_roles_and_permissions_are_pointed_at() {
    let case = Case::start().await;
    let (role, permissions) = (format!("{}/role", case.ada), format!("{}/permissions", case.ada));
    let many: Vec<_> = (0..65).map(|number| format!("p{number}")).collect();
    for (path, body, pointer) in [
        (&role, json!({"role": "No Role"}), "/role"),
        (&role, json!({"role": "astronaut"}), "/role"),
        (&permissions, json!({"permissions": ["users.view", "No Permission"]}), "/permissions/1"),
        (&permissions, json!({"permissions": many}), "/permissions"),
    ] {
        let response = case.send(&case.root, Method::PUT, path, Some(body)).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body.pointer("/errors/0/pointer"), Some(&json!(pointer)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_raises_themselves_or_a_friend_above_themselves() {
    let case = Case::start().await;
    let held = [Permission::USERS_GRANT, Permission::USERS_UPDATE, Permission::ROLES_MANAGE];
    let eve = case.server.token_of_holder("eve", &held).await;
    let me: Value = case.send(&eve, Method::GET, "/v1/me", None).await.json().await.unwrap();
    let own = format!("/v1/users/{}", text(&me, "id"));
    let more = json!({"permissions": ["users.grant", "users.block"]});
    for (method, path, body) in [
        (Method::PUT, format!("{own}/role"), json!({"role": "admin"})),
        (Method::PUT, format!("{own}/permissions"), more.clone()),
        (Method::PUT, format!("{}/role", case.ada), json!({"role": "admin"})),
        (Method::PUT, format!("{}/permissions", case.ada), more.clone()),
        (Method::PUT, "/v1/roles/eve".to_owned(), more),
        (Method::POST, "/v1/roles".to_owned(), json!({"name": "mighty", "permissions": ["users.block"]})),
    ] {
        let refused = case.refused(&eve, method, &path, Some(body)).await;
        assert_eq!(refused, (403, "permission_denied".to_owned()), "{path}");
    }
    let root: Value = case.send(&case.root, Method::GET, "/v1/me", None).await.json().await.unwrap();
    let takeover = json!({"email": "eve@example.org"});
    let path = format!("/v1/users/{}", text(&root, "id"));
    let refused = case.refused(&eve, Method::PATCH, &path, Some(takeover)).await;
    assert_eq!(refused, (403, "permission_denied".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_and_ones_own_account_stay() {
    let case = Case::start().await;
    let me: Value = case.send(&case.root, Method::GET, "/v1/me", None).await.json().await.unwrap();
    let own = format!("/v1/users/{}", text(&me, "id"));
    let demotion = Some(json!({"role": "user"}));
    let (block, role) = (format!("{own}/block"), format!("{own}/role"));
    let last = (409, "last_admin".to_owned());
    assert_eq!(case.refused(&case.root, Method::POST, &block, None).await, last);
    assert_eq!(case.refused(&case.root, Method::DELETE, &own, None).await, last);
    assert_eq!(case.refused(&case.root, Method::PUT, &role, demotion).await, last);
    case.server.world.admin("second").await;
    let own_account = (409, "own_account".to_owned());
    assert_eq!(case.refused(&case.root, Method::POST, &block, None).await, own_account);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_signed_out_everywhere() {
    let case = Case::start().await;
    let ada = case.server.token_of("ada").await;
    let ended = case.send(&case.root, Method::DELETE, &format!("{}/sessions", case.ada), None).await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    let refused = case.refused(&ada, Method::GET, "/v1/me", None).await;
    assert_eq!(refused, (401, "session_revoked".to_owned()));
}
