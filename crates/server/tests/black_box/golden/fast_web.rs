//! fast-web: the rows of `docs/dialects/fast-web.md`.

use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::json;

use super::{Answer, Golden};
use crate::profile::{Profile, on_both_profiles};

on_both_profiles!(
    signing_up_and_in_is_answered_as_the_table_says,
    cookies_are_renewed_as_the_table_says,
    signing_out_is_answered_as_the_table_says,
    ones_account_is_answered_as_the_table_says,
    pages_are_answered_as_the_table_says,
    protected_pages_send_browsers_where_the_table_says,
);

const PASSWORD: &str = "correct horse battery staple";
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A server for its rows.
async fn start(profile: Profile) -> Golden {
    Golden::start("fast-web", profile, &[]).await
}

fn register(golden: &Golden) -> RequestBuilder {
    let body = json!({"username": "ada", "email": "ada@example.org", "password": PASSWORD});
    golden.request(Method::POST, "/auth/register").json(&body)
}

fn login(golden: &Golden, password: &str) -> RequestBuilder {
    golden.request(Method::POST, "/auth/login").json(&json!({"username": "ada", "password": password}))
}

/// Registers Ada and signs her in: what browsers then send.
async fn sign_in(golden: &Golden) -> Cookies {
    golden.prepare(register(golden)).await;
    Cookies::of(&golden.prepare(login(golden, PASSWORD)).await)
}

struct Cookies {
    access: String,
    refresh: String,
}

impl Cookies {
    fn of(answer: &Answer) -> Self {
        Self { access: answer.cookie("access_token"), refresh: answer.cookie("refresh_token") }
    }

    fn both(&self) -> String {
        format!("access_token={}; refresh_token={}", self.access, self.refresh)
    }
}

/// A page, as browsers ask for it.
fn page(golden: &Golden, path: &str) -> RequestBuilder {
    golden.request(Method::GET, path).header(header::ACCEPT, BROWSER)
}

async fn signing_up_and_in_is_answered_as_the_table_says(profile: Profile) {
    let golden = start(profile).await;
    golden.exchange("register", register(&golden)).await;
    golden.exchange("register.taken", register(&golden)).await;
    let too_long = json!({"username": "a".repeat(21), "email": "none", "password": PASSWORD});
    let too_long = golden.request(Method::POST, "/auth/register").json(&too_long);
    golden.exchange("register.invalid", too_long).await;
    golden.exchange("login", login(&golden, PASSWORD)).await;
    golden.exchange("login.wrong-password", login(&golden, "not the password")).await;
}

async fn cookies_are_renewed_as_the_table_says(profile: Profile) {
    let golden = start(profile).await;
    let cookies = sign_in(&golden).await;
    let refresh = |path: &str, cookies: &Cookies| {
        golden.request(Method::GET, path).header(header::COOKIE, format!("refresh_token={}", cookies.refresh))
    };
    let renewed = golden.exchange("refresh", refresh("/auth/refresh", &cookies)).await;
    let cookies = Cookies::of(&renewed);
    let path = "/auth/refresh?redirect_url=%2Fconsole%2Fsessions%3Fa%3D1%26b%3D%252F";
    let renewed = golden.exchange("refresh.back", refresh(path, &cookies)).await;
    let cookies = Cookies::of(&renewed);
    let path = "/auth/refresh?redirect_url=https%3A%2F%2Fevil.example%2F";
    golden.exchange("refresh.other-site", refresh(path, &cookies)).await;
    golden.exchange("refresh.signed-out", golden.request(Method::GET, "/auth/refresh")).await;
}

async fn signing_out_is_answered_as_the_table_says(profile: Profile) {
    let golden = start(profile).await;
    let cookies = sign_in(&golden).await.both();
    let logout = || golden.request(Method::GET, "/auth/logout").header(header::COOKIE, &cookies);
    golden.exchange("logout.other-site", logout().header("sec-fetch-site", "cross-site")).await;
    golden.exchange("logout", logout()).await;
    golden.exchange("logout.signed-out", logout()).await;
}

async fn ones_account_is_answered_as_the_table_says(profile: Profile) {
    let golden = start(profile).await;
    let cookies = sign_in(&golden).await;
    let info = || golden.request(Method::GET, "/users/info");
    golden.exchange("info", info().header(header::COOKIE, cookies.both())).await;
    golden.exchange("info.bearer", info().bearer_auth(&cookies.access)).await;
    golden.exchange("info.signed-out", info()).await;
    golden.exchange("info.refresh-token", info().bearer_auth(&cookies.refresh)).await;
}

async fn pages_are_answered_as_the_table_says(profile: Profile) {
    let mut golden = start(profile).await;
    mask_assets(&mut golden).await;
    golden.exchange("pages", page(&golden, "/login")).await;
    golden.exchange("pages.register", page(&golden, "/register")).await;
    let cookies = sign_in(&golden).await.both();
    for (row, path) in [("pages.signed-in", "/login"), ("pages.register-signed-in", "/register")] {
        golden.exchange(row, page(&golden, path).header(header::COOKIE, &cookies)).await;
    }
}

async fn protected_pages_send_browsers_where_the_table_says(profile: Profile) {
    let mut golden = start(profile).await;
    mask_assets(&mut golden).await;
    golden.exchange("root.signed-out", page(&golden, "/")).await;
    golden.exchange("root.json-client", golden.request(Method::GET, "/console/sessions")).await;
    let cookies = sign_in(&golden).await;
    golden.exchange("root", page(&golden, "/").header(header::COOKIE, cookies.both())).await;
    // What is left of the two cookies when the first has expired.
    let expired = format!("refresh_token={}", cookies.refresh);
    let path = "/?search=a%26b&page=2";
    golden.exchange("root.expired", page(&golden, path).header(header::COOKIE, &expired)).await;
    let client = golden.request(Method::GET, "/console/sessions").header(header::ACCEPT, "application/json");
    let refused = golden.exchange("root.expired-json-client", client.header(header::COOKIE, &expired)).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn where_the_dialect_is_not_served_there_are_no_pages() {
    let settings = [("LECTERN_DIALECTS", "lazy-lecture")];
    let golden = Golden::start("fast-web", Profile::Embedded, &settings).await;
    for path in ["/login", "/register", "/console/sessions", "/auth/logout", "/users/info"] {
        let answer = golden.prepare(page(&golden, path)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// The names of assets tell their versions.
async fn mask_assets(golden: &mut Golden) {
    let login = golden.prepare(page(golden, "/login")).await;
    let html = String::from_utf8(login.body).unwrap();
    for name in html.split("/assets/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let extension = name.rsplit('.').next().unwrap();
        golden.mask(name, &format!("asset.{extension}"));
    }
}
