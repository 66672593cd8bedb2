//! Balances over HTTP: who may change them, by how much, and how often.

use futures::future::join_all;
use lectern_application::accounts::EnsureAdminInput;
use lectern_domain::{
    account::{Password, Username},
    audit::AuditKind,
};
use lectern_testkit::world::steps::PASSWORD;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, problem};

/// A server with an administrator and somebody with an account.
struct Bank {
    server: Server,
    admin: String,
    ada: String,
    ada_id: String,
}

impl Bank {
    async fn open() -> Self {
        let server = Server::start();
        let input = EnsureAdminInput {
            username: Username::parse("root").ok(),
            email: None,
            password: Password::new(PASSWORD.to_owned()).unwrap(),
        };
        server.world.ensure_admin().execute(input).await.unwrap();
        let tokens = server.log_in("root", PASSWORD).await;
        let admin = tokens.get("access_token").and_then(Value::as_str).unwrap().to_owned();
        let ada = server.token_of("ada").await;
        let ada_id = id_of(&server, &ada).await;
        Self { server, admin, ada, ada_id }
    }

    fn request(&self, body: &Value) -> RequestBuilder {
        let path = format!("/v1/users/{}/balance/entries", self.ada_id);
        self.server.post(&path).bearer_auth(&self.admin).json(body)
    }

    /// The administrator changes Ada's balance, under a key or without.
    async fn adjust(&self, amount: i64, reason: &str, key: Option<&str>) -> Response {
        let mut request = self.request(&json!({"amount": amount, "reason": reason}));
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        request.send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        self.server.get(path).bearer_auth(&self.ada).send().await.unwrap().json().await.unwrap()
    }

    async fn balance(&self) -> i64 {
        self.get("/v1/me/balance").await.get("balance").and_then(Value::as_i64).unwrap()
    }

    async fn entries(&self) -> u64 {
        self.get("/v1/me/balance/entries").await.get("total").and_then(Value::as_u64).unwrap()
    }
}

async fn id_of(server: &Server, token: &str) -> String {
    let me: Value = server.get("/v1/me").bearer_auth(token).send().await.unwrap().json().await.unwrap();
    me.get("id").and_then(Value::as_str).unwrap().to_owned()
}

async fn json(response: Response) -> Value {
    response.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adjustment_is_answered_with_its_entry() {
    let bank = Bank::open().await;
    let made = bank.adjust(100, "  Prize of the autumn contest ", None).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let entry = json(made).await;
    let admin_id = id_of(&bank.server, &bank.admin).await;
    let mut fields: Vec<_> = entry.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["actor_id", "amount", "balance_after", "created_at", "id", "reason"]);
    assert_eq!(entry.get("actor_id"), Some(&json!(admin_id)));
    assert_eq!(entry.get("amount"), Some(&json!(100)));
    assert_eq!(entry.get("balance_after"), Some(&json!(100)));
    assert_eq!(entry.get("reason"), Some(&json!("Prize of the autumn contest")));
    let page = bank.get("/v1/me/balance/entries").await;
    assert_eq!(page, json!({"page": 1, "size": 50, "total": 1, "pages": 1, "items": [entry]}));
    assert_eq!(bank.get("/v1/me").await.get("balance"), Some(&json!(100)));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_at_once_under_one_key_change_a_balance_once() {
    let bank = Bank::open().await;
    let answers = join_all((0..50).map(|_| bank.adjust(7, "prize", Some("k")))).await;
    let mut entries = Vec::new();
    for answer in answers {
        assert_eq!(answer.status(), StatusCode::CREATED);
        entries.push(json(answer).await);
    }
    assert!(entries.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!((bank.balance().await, bank.entries().await), (7, 1));
    let changes = bank.server.world.database.audit_log();
    let changes = changes.iter().filter(|event| matches!(event.kind, AuditKind::BalanceChanged { .. }));
    assert_eq!(changes.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_comes_back_with_its_first_entry_whatever_happened_since() {
    let bank = Bank::open().await;
    let first = json(bank.adjust(5, "prize", Some("k")).await).await;
    bank.adjust(-5, "taken back", None).await;
    let again = bank.adjust(5, "prize", Some("\"k\"")).await;
    assert_eq!(again.status(), StatusCode::CREATED);
    assert_eq!(json(again).await, first);
    assert_eq!(bank.balance().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_comes_with_another_change_is_refused() {
    let bank = Bank::open().await;
    bank.adjust(5, "prize", Some("k")).await;
    for (amount, reason) in [(6, "prize"), (-5, "prize"), (5, "Prize")] {
        let refused = problem(bank.adjust(amount, reason, Some("k")).await).await;
        assert_eq!(refused, (StatusCode::CONFLICT, "idempotency_key_reused".to_owned()), "{amount} {reason}");
    }
    assert_eq!((bank.balance().await, bank.entries().await), (5, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_change_does_not_use_up_its_key() {
    let bank = Bank::open().await;
    let refused = problem(bank.adjust(-5, "fee", Some("k")).await).await;
    assert_eq!(refused, (StatusCode::CONFLICT, "insufficient_balance".to_owned()));
    bank.adjust(5, "prize", None).await;
    assert_eq!(bank.adjust(-5, "fee", Some("k")).await.status(), StatusCode::CREATED);
    assert_eq!(bank.balance().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_account_has_its_own_keys() {
    let bank = Bank::open().await;
    let eve = bank.server.token_of("eve").await;
    bank.adjust(5, "prize", Some("k")).await;
    let path = format!("/v1/users/{}/balance/entries", id_of(&bank.server, &eve).await);
    let other = bank.server.post(&path).bearer_auth(&bank.admin).header("Idempotency-Key", "k");
    let other = other.json(&json!({"amount": 9, "reason": "another"})).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_stays_between_zero_and_what_can_be_counted() {
    let bank = Bank::open().await;
    for amount in [-1, i64::MIN] {
        let refused = problem(bank.adjust(amount, "fee", None).await).await;
        assert_eq!(refused, (StatusCode::CONFLICT, "insufficient_balance".to_owned()), "{amount}");
    }
    assert_eq!(bank.adjust(i64::MAX, "jackpot", None).await.status(), StatusCode::CREATED);
    for amount in [1, i64::MAX] {
        let refused = problem(bank.adjust(amount, "more", None).await).await;
        assert_eq!(refused, (StatusCode::CONFLICT, "balance_overflow".to_owned()), "{amount}");
    }
    assert_eq!((bank.balance().await, bank.entries().await), (i64::MAX, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_amount_is_refused() {
    let bank = Bank::open().await;
    for amount in
        ["0", "-0", "1.0", "1e3", "9223372036854775808", "-9223372036854775809", "\"5\"", "null", "[]"]
    {
        let body: Value =
            serde_json::from_str(&format!("{{\"amount\": {amount}, \"reason\": \"r\"}}")).unwrap();
        let refused = bank.request(&body).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{amount}");
        let body = json(refused).await;
        assert_eq!(body.pointer("/errors/0/pointer"), Some(&json!("/amount")), "{amount}");
    }
    assert_eq!((bank.balance().await, bank.entries().await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_reason_is_refused() {
    let bank = Bank::open().await;
    let long = "é".repeat(201);
    let huge = "x".repeat(60_000);
    for reason in ["", "  ", "\u{a0}", "one\ntwo", "nul\0", "\u{1b}[31m", "x\u{85}x", &long, &huge] {
        let refused = bank.adjust(1, reason, None).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{reason:?}");
        assert_eq!(json(refused).await.pointer("/errors/0/pointer"), Some(&json!("/reason")), "{reason:?}");
    }
    let longest = bank.adjust(1, &"🦊".repeat(200), None).await;
    assert_eq!(longest.status(), StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_said_at_once() {
    let bank = Bank::open().await;
    let body = json(bank.adjust(0, "", None).await).await;
    let errors = body.get("errors").and_then(Value::as_array).unwrap();
    assert_eq!(errors.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_the_permission_changes_a_balance() {
    let bank = Bank::open().await;
    let eve = bank.server.token_of("eve").await;
    let body = json!({"amount": 1_000_000, "reason": "because I can"});
    for (id, token) in [(&bank.ada_id, &bank.ada), (&bank.ada_id, &eve), (&"nobody".to_owned(), &eve)] {
        let path = format!("/v1/users/{id}/balance/entries");
        let refused = bank.server.post(&path).bearer_auth(token).json(&body).send().await.unwrap();
        let expected = if id == "nobody" { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
        assert_eq!(problem(refused).await.0, expected);
    }
    assert_eq!((bank.balance().await, bank.entries().await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_change_balances_does_not_learn_which_accounts_exist() {
    let bank = Bank::open().await;
    let unknown = uuid::Uuid::from_u128(1).to_string();
    for id in [&bank.ada_id, &unknown] {
        let request = bank.server.post(&format!("/v1/users/{id}/balance/entries")).bearer_auth(&bank.ada);
        let refused = request.json(&json!({"amount": 1, "reason": "r"})).send().await.unwrap();
        assert_eq!(problem(refused).await, (StatusCode::FORBIDDEN, "permission_denied".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_balance_of_an_account_that_is_unknown_or_deleted() {
    let bank = Bank::open().await;
    let unknown = format!("/v1/users/{}/balance/entries", uuid::Uuid::from_u128(1));
    let request = bank.server.post(&unknown).bearer_auth(&bank.admin);
    let refused = request.json(&json!({"amount": 1, "reason": "r"})).send().await.unwrap();
    assert_eq!(problem(refused).await, (StatusCode::NOT_FOUND, "account_not_found".to_owned()));

    bank.adjust(1, "prize", Some("k")).await;
    let delete = bank.server.request(reqwest::Method::DELETE, "/v1/me").bearer_auth(&bank.ada);
    delete.json(&json!({"password": PASSWORD})).send().await.unwrap();
    for key in [None, Some("k")] {
        let refused = problem(bank.adjust(1, "prize", key).await).await;
        assert_eq!(refused, (StatusCode::NOT_FOUND, "account_not_found".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_the_ledger_of_another() {
    let bank = Bank::open().await;
    bank.adjust(5, "prize", None).await;
    let eve = bank.server.token_of("eve").await;
    let get = async |path: &str| {
        let path = path.to_owned();
        bank.server.get(&path).bearer_auth(&eve).send().await.unwrap()
    };
    assert_eq!(json(get("/v1/me/balance").await).await, json!({"balance": 0}));
    assert_eq!(json(get("/v1/me/balance/entries").await).await.get("total"), Some(&json!(0)));
    for attempt in ["user", "user_id", "id"] {
        let refused = get(&format!("/v1/me/balance/entries?{attempt}={}", bank.ada_id)).await;
        assert_eq!(problem(refused).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{attempt}");
    }
    let refused = get(&format!("/v1/users/{}/balance/entries", bank.ada_id)).await;
    assert_eq!(problem(refused).await.0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_themselves_a_balance_by_the_way() {
    let bank = Bank::open().await;
    let body = json!({"username": "eve", "password": PASSWORD, "balance": 1_000_000});
    let refused = bank.server.post("/v1/auth/register").json(&body).send().await.unwrap();
    assert_eq!(problem(refused).await, (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed".to_owned()));
    let rename = bank.server.request(reqwest::Method::PATCH, "/v1/me").bearer_auth(&bank.ada);
    let refused = rename.json(&json!({"first_name": "Ada", "balance": 1_000_000})).send().await.unwrap();
    assert_eq!(problem(refused).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["actor_id", "balance_after", "created_at", "id", "idempotency_key"] {
        let body = json!({"amount": 1, "reason": "r", field: "x"});
        let refused = bank.request(&body).send().await.unwrap();
        assert_eq!(problem(refused).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }
    assert_eq!(bank.balance().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_come_in_pages_newest_first() {
    let bank = Bank::open().await;
    for amount in 1..=5 {
        bank.adjust(amount, "prize", None).await;
    }
    let page = bank.get("/v1/me/balance/entries?page=2&size=2").await;
    let amounts = page.get("items").and_then(Value::as_array).unwrap().iter();
    let amounts: Vec<_> = amounts.map(|entry| entry.get("amount").and_then(Value::as_i64).unwrap()).collect();
    assert_eq!((amounts, page.get("pages")), (vec![3, 2], Some(&json!(3))));
    for query in ["page=0", "size=0", "size=201", "size=-1", "page=x"] {
        let request = bank.server.get(&format!("/v1/me/balance/entries?{query}")).bearer_auth(&bank.ada);
        let refused = problem(request.send().await.unwrap()).await;
        assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}
