//! fastapi-auth: what clients of it rely on, and what they could once do and can't any more.

mod administration;
mod balance;

use std::time::Duration;

use lectern_testkit::world::steps::PASSWORD as WORLDS_PASSWORD;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::server::Server;

const PASSWORD: &str = "Passw0rd";

/// A server, and somebody who registered and signed in as clients of the form do.
struct Case {
    server: Server,
    access: String,
    refresh: String,
}

/// A status with the text of a failure.
type Failure = (u16, String);

async fn failure(response: Response) -> Failure {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let said = body.as_object().unwrap();
    assert!(said.len() == 1, "{body}");
    (status, said.get("detail").and_then(Value::as_str).unwrap_or_default().to_owned())
}

fn said(status: u16, text: &str) -> Failure {
    (status, text.to_owned())
}

async fn ok(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

fn text(body: &Value, field: &str) -> String {
    body.get(field).and_then(Value::as_str).unwrap().to_owned()
}

async fn register(server: &Server, email: &str) -> i64 {
    ok(server.post("/auth/register").json(&json!({"email": email, "password": PASSWORD}))).await;
    let tokens = ok(form(server, email, PASSWORD)).await;
    let me = ok(server.get("/auth/me").bearer_auth(text(&tokens, "access_token"))).await;
    me.get("user_id").and_then(Value::as_i64).unwrap()
}

fn form(server: &Server, username: &str, password: &str) -> RequestBuilder {
    let fields = [("username", username), ("password", password), ("grant_type", "password")];
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    server.post("/auth/login").header("content-type", "application/x-www-form-urlencoded").body(form)
}

impl Case {
    async fn start() -> Self {
        let server = Server::start();
        register(&server, "ada@example.org").await;
        let tokens = ok(form(&server, "ADA@Example.org", PASSWORD)).await;
        let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
        Self { server, access, refresh }
    }

    fn ada(&self, method: Method, path: &str) -> RequestBuilder {
        self.server.request(method, path).bearer_auth(&self.access)
    }

    async fn change_balance(&self, amount: i64) -> Response {
        self.ada(Method::PUT, "/users/balance").json(&json!({"amount": amount})).send().await.unwrap()
    }

    async fn refreshed(&self) -> Response {
        let body = json!({"refresh_token": self.refresh});
        self.server.post("/auth/refresh").json(&body).send().await.unwrap()
    }

    /// Asserts that both tokens are dead.
    async fn assert_out(&self) {
        for path in ["/auth/me", "/users/me", "/users/balance", "/v1/me"] {
            let refused = self.ada(Method::GET, path).send().await.unwrap();
            assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{path}");
        }
        let refused = failure(self.refreshed().await).await;
        assert_eq!(refused, said(401, "Refresh token is invalid or expired"));
    }

    /// An administrator's token, of a session that the form opened.
    async fn root(&self) -> String {
        self.server.world.admin("root").await;
        text(&ok(form(&self.server, "root", WORLDS_PASSWORD)).await, "access_token")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_no_access_token_and_the_other_way_round() {
    let case = Case::start().await;
    for path in ["/auth/me", "/users/me", "/users/balance"] {
        let refused = case.server.get(path).bearer_auth(&case.refresh).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    let body = json!({"refresh_token": case.access});
    let refused = case.server.post("/auth/refresh").json(&body).send().await.unwrap();
    assert_eq!(failure(refused).await, said(401, "Invalid refresh token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_both_tokens() {
    let case = Case::start().await;
    ok(case.ada(Method::POST, "/auth/logout")).await;
    case.assert_out().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_ends_both_tokens_and_unblocking_does_not_bring_them_back() {
    let case = Case::start().await;
    let root = case.root().await;
    let blocked = ok(case.server.post("/admin/block/1").bearer_auth(&root)).await;
    assert_eq!(blocked, json!({"message": "User 1 has been blocked."}));
    case.assert_out().await;
    let refused = form(&case.server, "ada@example.org", PASSWORD).send().await.unwrap();
    assert_eq!(failure(refused).await, said(403, "Your account is blocked."));
    ok(case.server.post("/admin/unblock/1").bearer_auth(&root)).await;
    case.assert_out().await;
    ok(form(&case.server, "ada@example.org", PASSWORD)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_ends_both_tokens() {
    let case = Case::start().await;
    ok(case.ada(Method::DELETE, "/users/me")).await;
    case.assert_out().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_both_tokens() {
    let case = Case::start().await;
    let body = json!({"email": "ada@example.org", "old_password": PASSWORD, "new_password": "Another0ne"});
    ok(case.server.post("/auth/change-password").json(&body)).await;
    case.assert_out().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_good_again_and_again_until_it_expires() {
    let case = Case::start().await;
    for _ in 0..3 {
        let answer: Value = case.refreshed().await.json().await.unwrap();
        let mut fields: Vec<_> = answer.as_object().unwrap().keys().collect();
        fields.sort();
        assert_eq!(fields, ["access_token", "token_type"]);
        case.server.world.clock.advance(Duration::from_hours(24));
    }
    case.server.world.clock.advance(Duration::from_hours(5 * 24));
    let refused = failure(case.refreshed().await).await;
    assert_eq!(refused, said(401, "Refresh token is invalid or expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_address_is_a_fresh_account_s_and_the_old_one_stays_listed() {
    let case = Case::start().await;
    let root = case.root().await;
    case.change_balance(50).await;
    ok(case.ada(Method::DELETE, "/users/me")).await;
    let refused = form(&case.server, "ada@example.org", PASSWORD).send().await.unwrap();
    assert_eq!(failure(refused).await, said(403, "Your account has been deleted."));
    let wrong = form(&case.server, "ada@example.org", "Guess0123").send().await.unwrap();
    assert_eq!(failure(wrong).await, said(401, "Invalid credentials"));

    let fresh = register(&case.server, "ada@example.org").await;
    assert_ne!(fresh, 1);
    let listed = ok(case.server.get("/users/deleted").bearer_auth(&root)).await;
    let deleted = listed.get("deleted_users").and_then(Value::as_array).unwrap();
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted.first().unwrap().get("balance"), Some(&json!(50)));
    let users = ok(case.server.get(&format!("/users/?id={fresh}")).bearer_auth(&root)).await;
    assert_eq!(users.pointer(&format!("/users/{fresh}/balance")), Some(&json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn blank_names_are_missing_names() {
    let case = Case::start().await;
    for body in [json!({}), json!({"first_name": "Ada"}), json!({"first_name": " ", "last_name": "Lovelace"})]
    {
        let refused = case.ada(Method::PUT, "/users/profile").json(&body).send().await.unwrap();
        assert_eq!(failure(refused).await, said(400, "Unable to update profile"), "{body}");
    }
    let refused = case.ada(Method::GET, "/users/profile").send().await.unwrap();
    assert_eq!(failure(refused).await, said(403, "Profile incomplete"));
    let blank = json!({"email": "b@example.org", "password": PASSWORD, "first_name": "", "last_name": null});
    ok(case.server.post("/auth/register").json(&blank)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_registration_says_what_is_wrong_and_repeats_no_password() {
    let case = Case::start().await;
    for (email, password, field) in [
        ("b@example.org", "weakling", "password"),
        ("b@example.org", "With@0Sign", "password"),
        ("b@example.org", "Much0tooLong-Much0tooLong", "password"),
        ("no address", PASSWORD, "email"),
    ] {
        let body = json!({"email": email, "password": password});
        let refused = case.server.post("/auth/register").json(&body).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{email} {password}");
        let answer: Value = refused.json().await.unwrap();
        assert_eq!(answer.pointer("/detail/0/loc"), Some(&json!(["body", field])), "{email} {password}");
        assert!(!answer.to_string().contains(password), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_old_password_are_slowed_down_together_with_those_at_signing_in() {
    let case = Case::start().await;
    let guess =
        json!({"email": "ada@example.org", "old_password": "Guess0123", "new_password": "Another0ne"});
    for _ in 0..2 {
        let refused = case.server.post("/auth/change-password").json(&guess).send().await.unwrap();
        assert_eq!(failure(refused).await, said(401, "Old password is incorrect"));
        let refused = form(&case.server, "ada@example.org", "Guess0123").send().await.unwrap();
        assert_eq!(failure(refused).await, said(401, "Invalid credentials"));
    }
    let refused = case.server.post("/auth/change-password").json(&guess).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
}
