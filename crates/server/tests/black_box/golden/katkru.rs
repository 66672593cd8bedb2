//! katkru: a site with sessions in cookies.

use std::time::Duration;

use regex::Regex;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use super::{Answer, Golden};
use crate::{
    profile::{Profile, on_both_profiles},
    server::Server,
};

const EMAIL: &str = "ada@example.org";
const PASSW: &str = "Passw0rd!";
const FORGET: &str = "/api/v1/public/users/passw/forget_passw";
/// The most that a mail may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

on_both_profiles!(
    an_account_signs_up_in_and_out,
    a_forgotten_password_is_replaced,
    strangers_and_guessers_are_turned_away,
    nothing_of_a_query_is_logged,
);

async fn start(profile: Profile, variables: &[(&str, &str)]) -> Golden {
    Golden::start("katkru", profile, variables).await
}

fn post(golden: &Golden, path: &str, body: &Value) -> RequestBuilder {
    golden.request(Method::POST, path).json(body)
}

fn sign_up(golden: &Golden, email: &str, passw: &str) -> RequestBuilder {
    let body = json!({"passw": passw, "email": email, "name": "Ада"});
    post(golden, "/api/v1/server/users/sign_up", &body)
}

fn login(golden: &Golden, passw: &str) -> RequestBuilder {
    let body = json!({"email": EMAIL, "passw": passw});
    post(golden, "/api/v1/public/users/login", &body)
}

fn seances(golden: &Golden) -> RequestBuilder {
    golden.request(Method::POST, "/api/v1/private/users/seances")
}

fn logout(golden: &Golden) -> RequestBuilder {
    golden.request(Method::PUT, "/api/v1/private/users/logout")
}

fn compare(golden: &Golden, token: &str, code: &str) -> RequestBuilder {
    let path = format!("/api/v1/public/users/passw/compare_confirm_code?reset_token={token}&code={code}");
    golden.request(Method::GET, &path)
}

fn set(golden: &Golden, token: &str, passw: &str) -> RequestBuilder {
    let request = golden.request(Method::PUT, "/api/v1/server/users/passw/set_new_passw");
    request.json(&json!({"passw": passw, "reset_token": token}))
}

fn cookies_of(answer: &Answer) -> String {
    format!(
        "access_token={}; refresh_token={}",
        answer.cookie("access_token"),
        answer.cookie("refresh_token")
    )
}

/// The code of the last mail, from the log, where mails go without a mail server.
async fn mailed_code(server: &Server) -> String {
    let pattern = Regex::new(r" {4}(\d{6})\b").unwrap();
    let mut ticks = interval(Duration::from_millis(50));
    let looking = async {
        loop {
            ticks.tick().await;
            let log = server.log();
            if let Some(found) = pattern.captures_iter(&log).last() {
                return found[1].to_owned();
            }
        }
    };
    timeout(PATIENCE, looking).await.unwrap_or_else(|_| unreachable!("no mail came: {}", server.log()))
}

async fn an_account_signs_up_in_and_out(profile: Profile) {
    let golden = start(profile, &[]).await;
    golden.exchange("sign-up", sign_up(&golden, EMAIL, PASSW)).await;
    golden.exchange("sign-up-taken", sign_up(&golden, "Ada@Example.org", PASSW)).await;
    golden.exchange("sign-up.weak-password", sign_up(&golden, "eve@example.org", "пароль 1")).await;
    golden.exchange("login-wrong", login(&golden, "Passw0rd?")).await;

    let phone = golden.prepare(login(&golden, PASSW).header("user-agent", "A phone")).await;
    let laptop = golden.exchange("login", login(&golden, PASSW).header("user-agent", "A laptop")).await;
    let again = golden.prepare(login(&golden, PASSW).header("user-agent", "A phone")).await;
    assert_eq!((phone.status, again.status), (StatusCode::OK, StatusCode::OK));
    let cookies = cookies_of(&laptop);
    golden.exchange("seances", seances(&golden).header("cookie", &cookies)).await;
    let refresh = format!("refresh_token={}", laptop.cookie("refresh_token"));
    golden.exchange("seances.reissued", seances(&golden).header("cookie", &refresh)).await;
    golden.exchange("seances.nobody", seances(&golden)).await;
    let forged = seances(&golden).header("cookie", &cookies).header("sec-fetch-site", "cross-site");
    golden.exchange("seances.from-another-site", forged).await;

    golden.exchange("logout", logout(&golden).header("cookie", &cookies)).await;
    golden.exchange("logout.again", logout(&golden).header("cookie", &cookies)).await;
}

async fn a_forgotten_password_is_replaced(profile: Profile) {
    let mut golden = start(profile, &[]).await;
    golden.prepare(sign_up(&golden, EMAIL, PASSW)).await;
    let known = post(&golden, FORGET, &json!({"email": EMAIL}));
    let known = golden.exchange_hiding("forgot-password", known, &["/reset_token"]).await;
    let code = mailed_code(&golden.server).await;
    let unknown = post(&golden, FORGET, &json!({"email": "nobody@example.org"}));
    let unknown = golden.exchange_hiding("forgot-password.unknown-address", unknown, &["/reset_token"]).await;
    let (token, nobodys) = (known.text("/reset_token"), unknown.text("/reset_token"));
    for (value, name) in [(&token, "reset token"), (&nobodys, "nobody's reset token"), (&code, "code")] {
        golden.mask(value, name);
    }

    golden.exchange("set-password.unconfirmed", set(&golden, &token, "An0ther!")).await;
    golden.exchange("compare-code.wrong", compare(&golden, &nobodys, "000000")).await;
    for _ in 0..4 {
        golden.prepare(compare(&golden, &nobodys, "000000")).await;
    }
    golden.exchange("compare-code.over", compare(&golden, &nobodys, "000000")).await;
    golden.exchange("compare-code", compare(&golden, &token, &code)).await;
    golden.exchange("set-password", set(&golden, &token, "An0ther!")).await;
    golden.exchange("set-password.used", set(&golden, &token, "An0ther!")).await;
    assert_eq!(golden.prepare(login(&golden, "An0ther!")).await.status, StatusCode::OK);
}

async fn strangers_and_guessers_are_turned_away(profile: Profile) {
    const ALLOWED: &str = "198.51.100.7";
    let mut golden = start(profile, &[("LECTERN_KATKRU_ALLOWED_IPS", ALLOWED)]).await;
    let spoofed = sign_up(&golden, EMAIL, PASSW).header("x-forwarded-for", ALLOWED);
    golden.exchange("sign-up.stranger", spoofed).await;
    golden.exchange("set-password.stranger", set(&golden, "any", PASSW)).await;
    for _ in 0..5 {
        assert_eq!(golden.prepare(login(&golden, "wrong")).await.status, StatusCode::UNAUTHORIZED);
    }
    // Five failures take a moment, which is part of the wait.
    for seconds in 200..=300 {
        golden.mask(&format!("через {seconds} с."), "wait");
    }
    golden.exchange("login-wrong.too-often", login(&golden, PASSW)).await;
}

async fn nothing_of_a_query_is_logged(profile: Profile) {
    let mut golden = start(profile, &[("LECTERN_LOG", "trace")]).await;
    let known = golden.prepare(post(&golden, FORGET, &json!({"email": EMAIL}))).await;
    let token = known.text("/reset_token");
    let answer = golden.prepare(compare(&golden, &token, "918273")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Lines are written in batches, and all of them at the end.
    golden.server.terminate().await;
    let log = golden.server.log();
    assert!(log.contains("compare_confirm_code"), "the request is a line: {log}");
    for secret in [token.as_str(), "918273", EMAIL] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}
