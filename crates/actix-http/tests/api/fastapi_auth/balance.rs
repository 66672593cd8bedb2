//! Balances that their holders change themselves.

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Case, PASSWORD, failure, form, ok, said};

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_a_balance_at_once_never_overdraw_it() {
    let case = Case::start().await;
    assert_eq!(case.change_balance(10).await.status(), StatusCode::OK);
    let statuses = join_all((0..20).map(|_| case.change_balance(-1))).await;
    let spent = statuses.iter().filter(|response| response.status() == StatusCode::OK).count();
    assert_eq!(spent, 10);
    assert_eq!(ok(case.ada(Method::GET, "/users/balance")).await, json!({"balance": 0}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_is_never_more_than_can_be_counted() {
    let case = Case::start().await;
    assert_eq!(case.change_balance(i64::MAX).await.status(), StatusCode::OK);
    for amount in [1, i64::MAX] {
        let refused = failure(case.change_balance(amount).await).await;
        assert_eq!(refused, said(400, "Unable to update balance"), "{amount}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_amount_is_invalid() {
    let case = Case::start().await;
    for body in
        ["{}", r#"{"amount": "5"}"#, r#"{"amount": 1.5}"#, r#"{"amount": 9223372036854775808}"#, "[5]"]
    {
        let request =
            case.ada(Method::PUT, "/users/balance").header("content-type", "application/json").body(body);
        let refused = request.send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_under_a_key_is_made_once() {
    let case = Case::start().await;
    let change = async |amount: i64| {
        let request = case.ada(Method::PUT, "/users/balance").header("Idempotency-Key", "k");
        request.json(&json!({"amount": amount})).send().await.unwrap()
    };
    for _ in 0..3 {
        assert_eq!(change(7).await.json::<Value>().await.unwrap(), json!({"new_balance": 7}));
    }
    assert_eq!(change(8).await.status(), StatusCode::CONFLICT);
    assert_eq!(ok(case.ada(Method::GET, "/users/balance")).await, json!({"balance": 7}));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_is_no_income() {
    let case = Case::start().await;
    ok(form(&case.server, "ada@example.org", PASSWORD)).await;
    assert_eq!(ok(case.ada(Method::GET, "/users/balance")).await, json!({"balance": 0}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_v1_neither_credits_itself_nor_deletes_its_account() {
    let case = Case::start().await;
    let v1 = case.server.token_of("grace").await;
    let credit =
        case.server.request(Method::PUT, "/users/balance").bearer_auth(&v1).json(&json!({"amount": 5}));
    assert_eq!(credit.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let delete = case.server.request(Method::DELETE, "/users/me").bearer_auth(&v1);
    assert_eq!(delete.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(ok(case.server.get("/v1/me").bearer_auth(&v1)).await.get("balance"), Some(&json!(0)));
}
