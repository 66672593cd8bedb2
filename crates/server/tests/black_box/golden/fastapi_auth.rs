//! The rows of fastapi-auth.

use futures::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Answer, Golden};
use crate::profile::{Profile, on_both_profiles};

const DIALECT: &str = "fastapi-auth";
const PASSWORD: &str = "Passw0rd";
const ADA: &str = "ada@example.org";
const ROOT: [(&str, &str); 3] = [
    ("LECTERN_ADMIN_USERNAME", "root"),
    ("LECTERN_ADMIN_EMAIL", "root@example.org"),
    ("LECTERN_ADMIN_PASSWORD", "Correct-h0rse-battery"),
];

fn registration(golden: &Golden, email: &str) -> RequestBuilder {
    let body = json!({"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "Lovelace"});
    golden.request(Method::POST, "/auth/register").json(&body)
}

fn form(golden: &Golden, username: &str, password: &str) -> RequestBuilder {
    sent_form(golden, &[("username", username), ("password", password)])
}

fn sent_form(golden: &Golden, fields: &[(&str, &str)]) -> RequestBuilder {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = golden.request(Method::POST, "/auth/login");
    request.header("content-type", "application/x-www-form-urlencoded").body(form)
}

/// The tokens of somebody with that password.
async fn sign_in(golden: &Golden, username: &str, password: &str) -> [String; 2] {
    let answer = golden.prepare(form(golden, username, password)).await;
    [answer.text("/access_token"), answer.text("/refresh_token")]
}

/// The access token of somebody new.
async fn newcomer(golden: &Golden, email: &str) -> String {
    golden.prepare(registration(golden, email)).await;
    let [access, _] = sign_in(golden, email, PASSWORD).await;
    access
}

async fn root(golden: &Golden) -> String {
    let [access, _] = sign_in(golden, "root@example.org", ROOT[2].1).await;
    access
}

fn refresh(golden: &Golden, token: &str) -> RequestBuilder {
    golden.request(Method::POST, "/auth/refresh").json(&json!({"refresh_token": token}))
}

async fn signing_up_in_and_out(profile: Profile) {
    let golden = Golden::start(DIALECT, profile, &ROOT).await;
    golden.exchange("register", registration(&golden, "Ada@Example.org")).await;
    golden.exchange("register.taken", registration(&golden, ADA)).await;
    let weak = json!({"email": "b@example.org", "password": "p@ssword"});
    let weak = golden.request(Method::POST, "/auth/register").json(&weak);
    golden.exchange("register.invalid", weak).await;

    let tokens = golden.exchange("login", form(&golden, "ADA@example.org", PASSWORD)).await;
    golden.exchange("login.wrong-password", form(&golden, ADA, "Guess0123")).await;
    golden.exchange("login.unknown", form(&golden, "nobody@example.org", PASSWORD)).await;
    let incomplete = sent_form(&golden, &[("username", ADA)]);
    golden.exchange("login.incomplete", incomplete).await;

    let [access, token] = [tokens.text("/access_token"), tokens.text("/refresh_token")];
    golden.exchange("me", golden.request(Method::GET, "/auth/me").bearer_auth(&access)).await;
    golden.exchange("me.refresh-token", golden.request(Method::GET, "/auth/me").bearer_auth(&token)).await;
    golden.exchange("refresh", refresh(&golden, &token)).await;
    golden.exchange("refresh.again", refresh(&golden, &token)).await;
    golden.exchange("refresh.access-token", refresh(&golden, &access)).await;

    let logout = || golden.request(Method::POST, "/auth/logout");
    golden.exchange("logout", logout().bearer_auth(&access)).await;
    golden.exchange("logout.without-a-token", logout()).await;
    golden.exchange("logout.twice", logout().bearer_auth(&access)).await;
    golden.exchange("refresh.signed-out", refresh(&golden, &token)).await;
}

async fn changing_the_password(profile: Profile) {
    let golden = Golden::start(DIALECT, profile, &ROOT).await;
    newcomer(&golden, ADA).await;
    let change = |email: &str, old: &str, new: &str| {
        let body = json!({"email": email, "old_password": old, "new_password": new});
        golden.request(Method::POST, "/auth/change-password").json(&body)
    };
    golden.exchange("change-password", change(ADA, PASSWORD, "Another0ne")).await;
    golden.exchange("change-password.wrong", change(ADA, PASSWORD, "Another1ne")).await;
    golden.exchange("change-password.unknown", change("nobody@example.org", PASSWORD, "Another1ne")).await;
    golden.exchange("change-password.weak", change(ADA, "Another0ne", "weak")).await;
}

async fn the_profile(profile: Profile) {
    let golden = Golden::start(DIALECT, profile, &ROOT).await;
    let named = newcomer(&golden, ADA).await;
    for (row, path) in [("profile", "/users/me"), ("profile.complete", "/users/profile")] {
        golden.exchange(row, golden.request(Method::GET, path).bearer_auth(&named)).await;
    }
    let nameless = json!({"email": "eve@example.org", "password": PASSWORD});
    golden.prepare(golden.request(Method::POST, "/auth/register").json(&nameless)).await;
    let [nameless, _] = sign_in(&golden, "eve@example.org", PASSWORD).await;
    let read = |path| golden.request(Method::GET, path).bearer_auth(&nameless);
    golden.exchange("profile.nameless", read("/users/me")).await;
    golden.exchange("profile.incomplete", read("/users/profile")).await;
    let update =
        |body: Value| golden.request(Method::PUT, "/users/profile").bearer_auth(&nameless).json(&body);
    golden.exchange("update-profile.one-name", update(json!({"first_name": "Eve"}))).await;
    let both = json!({"first_name": "Eve", "last_name": "Иванова"});
    golden.exchange("update-profile", update(both)).await;
}

async fn the_balance(profile: Profile) {
    let golden = Golden::start(DIALECT, profile, &ROOT).await;
    let (ada, admin) = (newcomer(&golden, ADA).await, root(&golden).await);
    let change = |token: &str, amount: i64| {
        golden.request(Method::PUT, "/users/balance").bearer_auth(token).json(&json!({"amount": amount}))
    };
    golden.exchange("change-balance", change(&ada, 100)).await;
    golden.exchange("change-balance.take", change(&ada, -30)).await;
    golden.exchange("change-balance.below-zero", change(&ada, -71)).await;
    golden.exchange("change-balance.beyond-counting", change(&ada, i64::MAX)).await;
    for row in ["change-balance.under-a-key", "change-balance.under-the-same-key"] {
        golden.exchange(row, change(&ada, 1).header("Idempotency-Key", "a-key")).await;
    }
    let reused = change(&ada, 2).header("Idempotency-Key", "a-key");
    golden.exchange("change-balance.another-under-the-key", reused).await;
    golden.exchange("change-balance.admin", change(&admin, 1)).await;
    golden.exchange("balance", golden.request(Method::GET, "/users/balance").bearer_auth(&ada)).await;

    let before = golden.prepare(golden.request(Method::GET, "/users/balance").bearer_auth(&ada)).await;
    let balance = before.json().get("balance").and_then(Value::as_u64).unwrap();
    let many = (0..balance + 10).map(|_| golden.prepare(change(&ada, -1)));
    let spent = join_all(many).await.iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(u64::try_from(spent).unwrap(), balance, "of changes at once, as many as there was money for");
}

async fn blocking(profile: Profile) {
    let golden = Golden::start(DIALECT, profile, &ROOT).await;
    let (ada, admin) = (newcomer(&golden, ADA).await, root(&golden).await);
    let me = golden.prepare(golden.request(Method::GET, "/auth/me").bearer_auth(&ada)).await;
    let number = me.json().get("user_id").and_then(Value::as_i64).unwrap();
    let act = |verb: &str, number: i64| {
        golden.request(Method::POST, &format!("/admin/{verb}/{number}")).bearer_auth(&admin)
    };
    golden.exchange("block", act("block", number)).await;
    golden.exchange("login.blocked", form(&golden, ADA, PASSWORD)).await;
    golden.exchange("me.blocked", golden.request(Method::GET, "/auth/me").bearer_auth(&ada)).await;
    let blocked = golden.request(Method::GET, "/users/?is_blocked=true").bearer_auth(&admin);
    golden.exchange("users.blocked", blocked).await;
    golden.exchange("block.again", act("block", number)).await;
    golden.exchange("block.unblock", act("unblock", number)).await;
    golden.exchange("block.unknown", act("block", 999)).await;
    golden.exchange("block.last-admin", act("block", 1)).await;
    golden.exchange("admin-check", golden.request(Method::GET, "/admin/check").bearer_auth(&admin)).await;

    let [ada, _] = sign_in(&golden, ADA, PASSWORD).await;
    let as_ada = |method, path| golden.request(method, path).bearer_auth(&ada);
    golden.exchange("not-an-admin", as_ada(Method::GET, "/users/")).await;
    golden.exchange("not-an-admin.deleted-users", as_ada(Method::GET, "/users/deleted")).await;
    golden.exchange("not-an-admin.block", as_ada(Method::POST, "/admin/block/1")).await;
    golden.exchange("not-an-admin.check", as_ada(Method::GET, "/admin/check")).await;
    golden.exchange("not-an-admin.nobody", golden.request(Method::GET, "/admin/check")).await;
}

async fn listing_and_deleting(profile: Profile) {
    let golden = Golden::start(DIALECT, profile, &ROOT).await;
    let (ada, admin) = (newcomer(&golden, ADA).await, root(&golden).await);
    let list = |path: &str| golden.request(Method::GET, path).bearer_auth(&admin);
    golden.exchange("users", list("/users/?sort_by=balance&sort_order=desc")).await;
    golden.exchange("users.filtered", list("/users/?first_name=AD&last_name=love&is_blocked=false")).await;
    golden.exchange("users.without-the-slash", list("/users?id=2")).await;
    golden.exchange("users.invalid", list("/users/?sort_by=email")).await;

    let delete = |token: &str| golden.request(Method::DELETE, "/users/me").bearer_auth(token);
    golden.exchange("delete-me", delete(&ada)).await;
    golden.exchange("delete-me.twice", delete(&ada)).await;
    golden.exchange("delete-me.admin", delete(&admin)).await;
    golden.exchange("login.deleted", form(&golden, ADA, PASSWORD)).await;
    golden.exchange("login.deleted-wrong-password", form(&golden, ADA, "Guess0123")).await;
    golden.exchange("deleted-users", list("/users/deleted")).await;
    golden.exchange("register.again", registration(&golden, ADA)).await;
    let fresh: Answer = golden.prepare(form(&golden, ADA, PASSWORD)).await;
    assert!(fresh.status.is_success());
    golden.exchange("users.deleted-hidden", list("/users/?first_name=ada")).await;
}

on_both_profiles!(
    signing_up_in_and_out,
    changing_the_password,
    the_profile,
    the_balance,
    blocking,
    listing_and_deleting,
);
