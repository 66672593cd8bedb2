//! Forgotten passwords.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{EMAIL, SET, answered, failed, log_in, seances, sign_in_again, signed_in, with_ada};
use crate::server::Server;

const FORGET: &str = "/api/v1/public/users/passw/forget_passw";
const COMPARE: &str = "/api/v1/public/users/passw/compare_confirm_code";

async fn forget(server: &Server, email: &str) -> String {
    let (status, body) =
        answered(server.post(FORGET).json(&json!({"email": email})).send().await.unwrap()).await;
    let fields: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!((status, fields), (200, vec!["message".to_owned(), "reset_token".to_owned()]));
    body.get("reset_token").and_then(Value::as_str).unwrap().to_owned()
}

async fn compare(server: &Server, token: &str, code: &str) -> (u16, Value) {
    let path = format!("{COMPARE}?reset_token={}&code={code}", token.replace(' ', "%20"));
    answered(server.get(&path).send().await.unwrap()).await
}

async fn set(server: &Server, token: &str, passw: &str) -> (u16, Value) {
    let body = json!({"reset_token": token, "passw": passw});
    answered(server.request(Method::PUT, SET).json(&body).send().await.unwrap()).await
}

fn over() -> (u16, Value) {
    failed(410, "Сессия утрачена. Повторите процедуру")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_token_is_worth_nothing_without_its_code() {
    let server = with_ada().await;
    let token = forget(&server, EMAIL).await;
    assert_eq!(set(&server, &token, "An0ther!").await, over());
    assert_eq!(compare(&server, &token, "000000").await, failed(422, "Код неверный"));
    assert_eq!(set(&server, &token, "An0ther!").await, over());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_once_and_all_devices_are_signed_out() {
    let server = with_ada().await;
    let cookies = signed_in(&server).await;
    let token = forget(&server, EMAIL).await;
    let code = server.world.mailed_code().await;
    assert_eq!(compare(&server, &token, code.expose()).await.0, 200);
    let (status, weak) = set(&server, &token, "password").await;
    assert_eq!((status, weak.get("success")), (422, Some(&json!(false))), "the token still works");
    let replaced = set(&server, &token, " An0ther! ").await;
    assert_eq!(replaced, (200, json!({"success": true, "message": "Пароль обновлён!"})));
    assert_eq!(set(&server, &token, "An0ther?").await, over());
    assert_eq!(answered(seances(&server, &cookies.both()).await).await, sign_in_again());
    assert_eq!(log_in(&server, "An0ther!").await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_or_ten_minutes_end_a_token_whoevers_address_it_is() {
    for email in [EMAIL, "nobody@example.org"] {
        let server = with_ada().await;
        let (guessed, late) = (forget(&server, email).await, forget(&server, email).await);
        for _ in 0..5 {
            assert_eq!(compare(&server, &guessed, "000000").await, failed(422, "Код неверный"), "{email}");
        }
        assert_eq!(compare(&server, &guessed, "000000").await, over(), "{email}");
        server.world.clock.advance(Duration::from_mins(10));
        assert_eq!(compare(&server, &late, "000000").await, over(), "{email}");
    }
    let server = with_ada().await;
    assert_eq!(compare(&server, "no token at all", "000000").await, over());
}
