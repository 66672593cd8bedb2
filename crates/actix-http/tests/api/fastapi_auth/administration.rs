//! What administrators do, and what others learn by trying.

use lectern_domain::access::Permission;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Case, PASSWORD, failure, ok, register, said};

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_accounts_can_not_be_found_out_by_trying() {
    let case = Case::start().await;
    for verb in ["block", "unblock"] {
        for id in ["1", "2", "999999", "-1", "99999999999999999999", "root", "%00"] {
            let tried = case.ada(Method::POST, &format!("/admin/{verb}/{id}")).send().await.unwrap();
            assert_eq!(failure(tried).await, said(404, "Not found"), "{verb} {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn to_administrators_a_number_that_is_nobodys_or_a_deleted_ones_is_not_found() {
    let case = Case::start().await;
    let root = case.root().await;
    ok(case.ada(Method::DELETE, "/users/me")).await;
    for verb in ["block", "unblock"] {
        for id in ["1", "999999", "-1", "99999999999999999999", "root"] {
            let request = case.server.post(&format!("/admin/{verb}/{id}")).bearer_auth(&root);
            let refused = failure(request.send().await.unwrap()).await;
            assert_eq!(refused, said(404, "User not found"), "{verb} {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_who_may_block_reaches_no_administrator() {
    let case = Case::start().await;
    let guard = case.server.token_of_holder("guard", &[Permission::USERS_BLOCK]).await;
    let root = case.server.world.sign_in("root").await;
    let number = case.server.world.caller(&root).await.principal.user;
    let view = case.server.world.queries().account(number).await.unwrap().unwrap();
    let path = format!("/admin/block/{}", view.user.parts().number.0);
    let refused = case.server.post(&path).bearer_auth(guard).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_stays_and_nobody_blocks_themselves() {
    let case = Case::start().await;
    let root = case.root().await;
    let me = ok(case.server.get("/auth/me").bearer_auth(&root))
        .await
        .get("user_id")
        .and_then(Value::as_i64)
        .unwrap();
    let block =
        async || case.server.post(&format!("/admin/block/{me}")).bearer_auth(&root).send().await.unwrap();
    assert_eq!(block().await.status(), StatusCode::CONFLICT);
    case.server.world.admin("second").await;
    assert_eq!(block().await.status(), StatusCode::BAD_REQUEST);
    let delete = case.server.request(Method::DELETE, "/users/me").bearer_auth(&root).send().await.unwrap();
    assert_eq!(failure(delete).await, said(403, "Admin cannot delete their own account."));
    let credit =
        case.server.request(Method::PUT, "/users/balance").bearer_auth(&root).json(&json!({"amount": 5}));
    assert_eq!(credit.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_and_sorted_by_what_clients_send() {
    let case = Case::start().await;
    let root = case.root().await;
    let named = json!({"first_name": "Ада", "last_name": "Лавлейс"});
    ok(case.ada(Method::PUT, "/users/profile").json(&named)).await;
    case.change_balance(5).await;
    let eve = register(&case.server, "eve@example.org").await;
    ok(case.server.post(&format!("/admin/block/{eve}")).bearer_auth(&root)).await;
    let list = async |query: &str| {
        let answer = case.server.get(&format!("/users/{query}")).bearer_auth(&root).send().await.unwrap();
        let body = answer.text().await.unwrap();
        // In the order in which they are written.
        let mut found: Vec<(usize, i64)> = [1, 2, eve]
            .into_iter()
            .filter_map(|number| body.find(&format!("\"{number}\":{{")).map(|position| (position, number)))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, number)| number).collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("", vec![1, 2, eve]),
        ("?sort_by=id&sort_order=desc", vec![eve, 2, 1]),
        ("?sort_by=balance&sort_order=desc", vec![1, eve, 2]),
        ("?sort_by=last_activity_at&sort_order=asc", vec![1, 2, eve]),
        ("?first_name=%D0%94%D0%90", vec![1]),
        ("?last_name=%D0%94%D0%90", vec![]),
        ("?first_name=", vec![1, 2, eve]),
        ("?is_blocked=True", vec![eve]),
        ("?is_blocked=0", vec![1, 2]),
        ("?id=1", vec![1]),
        ("?id=1&is_blocked=true", vec![]),
        ("?unknown=1&id=2", vec![2]),
    ] {
        assert_eq!(list(query).await, expected, "{query}");
    }
    for wrong in ["?id=x", "?sort_by=email", "?sort_order=up", "?is_blocked=maybe"] {
        let refused = case.server.get(&format!("/users/{wrong}")).bearer_auth(&root).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_has_the_hash_of_a_password() {
    let case = Case::start().await;
    let root = case.root().await;
    register(&case.server, "eve@example.org").await;
    ok(case.ada(Method::DELETE, "/users/me")).await;
    for path in ["/users/", "/users", "/users/deleted", "/users/me"] {
        let answer = case.server.get(path).bearer_auth(&root).send().await.unwrap().text().await.unwrap();
        // The hasher of these tests keeps the password as it is.
        assert!(!answer.contains(PASSWORD) && !answer.contains("password"), "{path}: {answer}");
    }
}
