//! The rows of iccem's table.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::Golden;
use crate::profile::{Profile, on_both_profiles};

on_both_profiles! {
    front_ends_sign_people_in,
    whoever_may_not_come_in_is_told_why,
    tokens_are_refreshed_and_read,
    administrators_keep_accounts,
    users_are_listed,
    who_comes_too_often_waits,
}

const SECRET: &str = "what all front ends know";
/// Its SHA-256.
const SECRET_HASH: &str = "146a53d62e6a502875a9a640e77b4912134053f08fdafb82bf914ea988e3eb55";
const PASSWORD: &str = "a long and winding password";
const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

async fn start(profile: Profile) -> Golden {
    let variables = [("LECTERN_ICCEM_SECRET", SECRET), ("LECTERN_RATE_LIMITS", "off")];
    Golden::start("iccem", profile, &variables).await
}

fn post(golden: &Golden, path: &str, body: &Value) -> RequestBuilder {
    golden.request(Method::POST, path).json(body)
}

/// A request to sign in as somebody with a role.
fn entering(golden: &Golden, login: &str, role: &str) -> RequestBuilder {
    let body = json!({"secret_hash": SECRET_HASH, "role": role, "login": login, "password": PASSWORD});
    post(golden, "/token", &body)
}

fn guest(golden: &Golden) -> RequestBuilder {
    post(golden, "/token", &json!({"secret_hash": SECRET_HASH, "role": "user"}))
}

/// Signs somebody in, who may be new: access token and refresh token.
async fn tokens(golden: &Golden, login: &str, role: &str) -> (String, String) {
    let answer = golden.prepare(entering(golden, login, role)).await;
    (answer.text("/data/access_token"), answer.text("/data/refresh_token"))
}

/// Makes an account, not by the row's own request: its id.
async fn made(golden: &Golden, root: &str, login: &str) -> String {
    let body = json!({"login": login, "password": PASSWORD, "role": "user"});
    let answer = golden.prepare(post(golden, "/create_user", &body).bearer_auth(root)).await;
    answer.text("/data/id")
}

async fn front_ends_sign_people_in(profile: Profile) {
    let golden = start(profile).await;
    golden.exchange("token-guest", guest(&golden)).await;
    golden.exchange("token-unknown-login", entering(&golden, "ada", "operator")).await;
    golden.exchange("token-unknown-login.address", entering(&golden, "bob@example.org", "user")).await;
    golden.exchange("token", entering(&golden, "ada", "admin")).await;
    let body = json!({"secret_hash": SECRET_HASH, "role": "user", "login": "ADA", "password": PASSWORD});
    golden.exchange("token.prefixed", post(&golden, "/api/v1/token", &body)).await;
}

async fn whoever_may_not_come_in_is_told_why(profile: Profile) {
    let golden = start(profile).await;
    let (root, _) = tokens(&golden, "root", "admin").await;
    let wrong = json!({"secret_hash": "guess", "role": "user"});
    golden.exchange("token-wrong-secret", post(&golden, "/token", &wrong)).await;
    let nobody = json!({"secret_hash": SECRET_HASH, "role": "admin"});
    golden.exchange("token-missing-credentials", post(&golden, "/token", &nobody)).await;
    let half = json!({"secret_hash": SECRET_HASH, "role": "user", "login": "ada"});
    golden.exchange("token-missing-credentials.password", post(&golden, "/token", &half)).await;
    let guess = json!({"secret_hash": SECRET_HASH, "role": "admin", "login": "root", "password": "guess"});
    golden.exchange("token-wrong-password", post(&golden, "/token", &guess)).await;
    golden.exchange("token-role-refused", entering(&golden, "ada", "methodist")).await;
    let ada = made(&golden, &root, "ada").await;
    let block = format!("/v1/users/{ada}/block");
    golden.prepare(golden.request(Method::POST, &block).bearer_auth(&root)).await;
    golden.exchange("token-blocked", entering(&golden, "ada", "user")).await;
    golden.prepare(guest(&golden)).await;
    let shared = golden.request(Method::GET, "/get_users?search=guest").bearer_auth(&root);
    let shared = golden.prepare(shared).await.text("/data/0/id");
    let remove = golden.request(Method::DELETE, &format!("/remove_user/{shared}")).bearer_auth(&root);
    golden.prepare(remove).await;
    golden.exchange("token-blocked.guests", guest(&golden)).await;
    let invalid = json!({"secret_hash": SECRET_HASH, "role": "user", "login": "no login", "password": "x"});
    golden.exchange("invalid-input", post(&golden, "/token", &invalid)).await;
}

async fn tokens_are_refreshed_and_read(profile: Profile) {
    let golden = start(profile).await;
    let (access, refresh) = tokens(&golden, "oscar", "operator").await;
    let refreshing = |token: &str| post(&golden, "/refresh", &json!({"refresh_token": token}));
    golden.exchange("refresh", refreshing(&refresh)).await;
    golden.exchange("refresh.again", refreshing(&refresh)).await;
    golden.exchange("refresh-access-token", refreshing(&access)).await;
    golden.exchange("refresh-bad-token", refreshing("garbage")).await;
    let me = || golden.request(Method::GET, "/me");
    golden.exchange_hiding("me", me().bearer_auth(&access), &["/data/exp"]).await;
    let bare =
        golden.request(Method::GET, "/api/v1/me?expected_type=refresh").header("authorization", &access);
    golden.exchange_hiding("me.bare", bare, &["/data/exp"]).await;
    golden.exchange("me-refused", me()).await;
    golden.exchange("me-refused.bad", me().bearer_auth("garbage")).await;
    golden.exchange("me-refused.refresh", me().bearer_auth(&refresh)).await;
    golden.exchange("ping", golden.request(Method::GET, "/ping")).await;
    golden.exchange("ping.prefixed", golden.request(Method::GET, "/api/v1/ping")).await;
}

async fn administrators_keep_accounts(profile: Profile) {
    let golden = start(profile).await;
    let (root, _) = tokens(&golden, "root", "admin").await;
    let body =
        json!({"login": "ada", "password": "x", "role": "user", "permissions": ["view_users", "edit"]});
    let create = |path: &str| post(&golden, path, &body).bearer_auth(&root);
    let ada = golden.exchange("create-user", create("/create_user")).await.text("/data/id");
    golden.exchange("create-user-taken", create("/admin/create_user")).await;
    let change = |id: &str| {
        let request = golden.request(Method::PUT, &format!("/update_permissions/{id}"));
        request.json(&json!({"permissions": ["edit", "print"]})).bearer_auth(&root)
    };
    golden.exchange("update-permissions", change(&ada)).await;
    golden.exchange("update-permissions.nobody", change(NOBODY)).await;
    let (bob, _) = tokens(&golden, "bob", "operator").await;
    golden.exchange("permission-denied", post(&golden, "/create_user", &body).bearer_auth(bob)).await;
    let remove = |path: &str| golden.request(Method::DELETE, path).bearer_auth(&root);
    golden.exchange("remove-user", remove(&format!("/api/v1/admin/remove_user/{ada}"))).await;
    golden.exchange("remove-user.again", remove(&format!("/remove_user/{ada}"))).await;
    golden.exchange("remove-user.malformed", remove("/remove_user/7")).await;
}

async fn users_are_listed(profile: Profile) {
    let golden = start(profile).await;
    let (root, _) = tokens(&golden, "root", "admin").await;
    for login in ["carol", "Bob", "ada@example.org"] {
        made(&golden, &root, login).await;
    }
    let list = |path: &str| golden.request(Method::GET, path);
    golden.exchange("users", list("/api/v1/admin/users").bearer_auth(&root)).await;
    golden.exchange("users.page", list("/get_users?limit=2&offset=1").bearer_auth(&root)).await;
    golden.exchange("users.found", list("/get_users?search=A&role=user").bearer_auth(&root)).await;
    golden.exchange("users.invalid", list("/get_users?limit=101").bearer_auth(&root)).await;
    let (ada, _) = tokens(&golden, "ada@example.org", "user").await;
    golden.exchange("users-without-permission", list("/get_users").bearer_auth(ada)).await;
}

async fn who_comes_too_often_waits(profile: Profile) {
    let golden = Golden::start("iccem", profile, &[("LECTERN_ICCEM_SECRET", SECRET)]).await;
    for _ in 0..4 {
        golden.prepare(guest(&golden)).await;
    }
    let refresh = golden.prepare(guest(&golden)).await.text("/data/refresh_token");
    let refused = golden.exchange("too-often", guest(&golden)).await;
    assert!(refused.headers.contains_key("retry-after"));
    let refreshing = || post(&golden, "/refresh", &json!({"refresh_token": refresh}));
    for _ in 0..5 {
        golden.prepare(refreshing()).await;
    }
    golden.exchange("too-often.refresh", refreshing()).await;
}
