//! Signing up and in: what is taken, what is refused, and how often.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{EMAIL, LOGOUT, PASSW, SIGN_UP, answered, failed, log_in, login_request, signed_in, with_ada};
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn failures_to_sign_in_are_counted_and_the_wait_is_told() {
    let server = with_ada().await;
    for _ in 0..5 {
        let wrong = answered(log_in(&server, "wrong").await).await;
        assert_eq!(wrong, failed(401, "Неверный логин или пароль"));
    }
    let refused = log_in(&server, PASSW).await;
    assert_eq!(refused.headers().get("retry-after").unwrap(), "300");
    let text = "Слишком много попыток входа. Повторите через 300 с.";
    assert_eq!(answered(refused).await, failed(429, text));
    server.world.clock.advance(Duration::from_mins(5));
    assert_eq!(log_in(&server, PASSW).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_header_is_no_way_around_the_count() {
    let server = with_ada().await;
    let from = |host: usize| {
        let request = login_request(&server, EMAIL, "wrong");
        request.header("x-forwarded-for", format!("198.51.100.{host}")).send()
    };
    for host in 0..5 {
        assert_eq!(from(host).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(from(5).await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_makes_a_methodist_by_that_first_name() {
    let server = with_ada().await;
    let tokens = server.log_in(EMAIL, PASSW).await;
    let access = tokens.get("access_token").and_then(Value::as_str).unwrap();
    let me: Value = server.get("/v1/me").bearer_auth(access).send().await.unwrap().json().await.unwrap();
    for (field, value) in [("role", "methodist"), ("first_name", "Ada"), ("email", EMAIL)] {
        assert_eq!(me.get(field), Some(&json!(value)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn input_is_refused_in_words_that_say_what_is_wrong() {
    let server = Server::start();
    let long = "я".repeat(65);
    let cases = [
        (json!({"email": "ada", "passw": PASSW, "name": "Ada"}), "Некорректный адрес электронной почты"),
        (json!({"email": EMAIL, "passw": PASSW, "name": " "}), "Имя должно содержать от 1 до 64 символов"),
        (json!({"email": EMAIL, "passw": PASSW, "name": long}), "Имя должно содержать от 1 до 64 символов"),
        (json!({"email": EMAIL, "passw": "Pw0rd!", "name": "A"}), "Пароль должен быть не короче 8 символов"),
        (
            json!({"email": EMAIL, "passw": " Pw0rd!  ", "name": "A"}),
            "Пароль должен быть не короче 8 символов",
        ),
        (
            json!({"email": EMAIL, "passw": "passw0rd!", "name": "A"}),
            "Пароль должен содержать заглавную букву",
        ),
        (json!({"email": EMAIL, "passw": "Password!", "name": "A"}), "Пароль должен содержать цифру"),
        (
            json!({"email": EMAIL, "passw": "Passw0rd", "name": "A"}),
            "Пароль должен содержать специальный символ",
        ),
        (json!({"email": EMAIL, "passw": "Passw0rd!я", "name": "A"}), "Пароль не должен содержать кириллицу"),
        (json!({"email": EMAIL, "passw": "Pass w0rd!", "name": "A"}), "Пароль не должен содержать пробелы"),
        (
            json!({"email": EMAIL, "passw": format!("A1!{}", "x".repeat(70)), "name": "A"}),
            "Пароль должен занимать не более 72 байт",
        ),
        (
            json!({"email": EMAIL, "passw": "A1!".repeat(1000), "name": "A"}),
            "Пароль должен занимать не более 72 байт",
        ),
        (json!({"email": EMAIL, "name": "A"}), "Не указано поле passw"),
        (json!({"email": 5, "passw": PASSW, "name": "A"}), "Поле email заполнено неверно"),
        (json!([]), "Тело запроса должно быть в формате JSON"),
    ];
    for (body, text) in cases {
        let response = server.post(SIGN_UP).json(&body).send().await.unwrap();
        assert_eq!(answered(response).await, failed(422, text), "{body}");
    }
    let broken =
        server.post(SIGN_UP).header("content-type", "application/json").body("{").send().await.unwrap();
    assert_eq!(answered(broken).await, failed(400, "Тело запроса должно быть в формате JSON"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_old_clients_send_besides_is_ignored() {
    let server = Server::start();
    let body = json!({"email": EMAIL, "passw": PASSW, "name": "Ada", "role": "admin", "id": 1});
    assert_eq!(server.post(SIGN_UP).json(&body).send().await.unwrap().status(), StatusCode::OK);
    let tokens = server.log_in(EMAIL, PASSW).await;
    let access = tokens.get("access_token").and_then(Value::as_str).unwrap();
    let me: Value = server.get("/v1/me").bearer_auth(access).send().await.unwrap().json().await.unwrap();
    assert_eq!(me.get("role"), Some(&json!("methodist")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_the_same_with_white_space_around_it() {
    let server = Server::start();
    let body = json!({"email": EMAIL, "passw": format!(" {PASSW}\n"), "name": "Ada"});
    assert_eq!(server.post(SIGN_UP).json(&body).send().await.unwrap().status(), StatusCode::OK);
    for passw in [PASSW.to_owned(), format!("\t{PASSW} ")] {
        assert_eq!(log_in(&server, &passw).await.status(), StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_in_the_audit_log_without_address_or_password() {
    let server = with_ada().await;
    log_in(&server, "Wr0ng-passw!").await;
    let cookies = signed_in(&server).await;
    server.request(Method::PUT, LOGOUT).header("cookie", cookies.both()).send().await.unwrap();
    let root = server.token_of_admin("root").await;
    let events = server.get("/v1/audit-events").bearer_auth(root).send().await.unwrap().text().await.unwrap();
    for kind in ["signed_up", "login_failed", "logged_in", "logged_out"] {
        assert!(events.contains(&format!("\"{kind}\"")), "{kind}: {events}");
    }
    for secret in [EMAIL, "ada@", PASSW, "Wr0ng-passw!", &cookies.access, &cookies.refresh] {
        assert!(!events.contains(secret), "{secret}: {events}");
    }
}
