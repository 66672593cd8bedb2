//! Balances and their ledgers.

use std::num::NonZeroI64;

use actix_web::{HttpResponse, get, post, web::Data};
use lectern_application::balance::AdjustBalanceInput;
use lectern_domain::{
    account::UserId,
    idempotency::IdempotencyKey,
    ledger::{LedgerEntry, Reason},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    page::{PageBody, page_request},
    time::rfc3339,
};
use crate::{
    api::Api,
    extract::{Id, Json, MaybeIdempotencyKey, Query, SignedIn},
    failures::{BodyFailures, CallerFailures, Clash, Missing, QueryFailures},
    openapi::Routes,
    problem::{Fields, Problem},
};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(adjust).service(read_own).service(list_own);
}

/// A change of a balance.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdjustBody {
    /// How much to add, or to take if it is negative, in integer units. Not zero.
    #[schema(example = 100)]
    amount: i64,
    /// Why, in 1 to 200 characters.
    #[schema(example = "Prize of the autumn contest", min_length = 1, max_length = 200)]
    reason: String,
}

impl AdjustBody {
    fn input(&self, user: UserId, key: Option<IdempotencyKey>) -> Result<AdjustBalanceInput, Problem> {
        let mut fields = Fields::default();
        let amount = NonZeroI64::new(self.amount);
        if amount.is_none() {
            fields.add("/amount", &"must not be 0");
        }
        let reason = fields.required("/reason", &self.reason, Reason::parse);
        match (amount, reason) {
            (Some(amount), Some(reason)) => {
                Ok(AdjustBalanceInput { user, amount, reason, idempotency_key: key })
            }
            _ => Err(fields.into_problem()),
        }
    }
}

/// A change of a balance that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LedgerEntry)]
struct LedgerEntryBody {
    /// Its id.
    id: Uuid,
    /// How much was added, or taken if it is negative, in integer units.
    amount: i64,
    /// What the balance came to.
    balance_after: i64,
    /// Why.
    reason: String,
    /// The account of whoever did it.
    actor_id: Uuid,
    /// When.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<&LedgerEntry> for LedgerEntryBody {
    fn from(entry: &LedgerEntry) -> Self {
        let entry = entry.parts();
        Self {
            id: entry.id.0,
            amount: entry.amount.get(),
            balance_after: entry.balance_after,
            reason: entry.reason.to_string(),
            actor_id: entry.actor.0,
            created_at: rfc3339(entry.created_at),
        }
    }
}

/// Add to an account's balance, or take from it. The `Idempotency-Key` belongs to the account whose balance it is, and is
/// kept for good: nobody makes the same change twice.
#[utoipa::path(
    tag = "balance",
    operation_id = "adjust_balance",
    params(("id" = Uuid, Path, description = "The account"), MaybeIdempotencyKey),
    request_body = AdjustBody,
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 201, body = LedgerEntryBody), BodyFailures, CallerFailures, Missing, Clash)
)]
#[post("/users/{id}/balance/entries")]
async fn adjust(
    api: Data<Api>,
    caller: SignedIn,
    id: Id,
    key: MaybeIdempotencyKey,
    body: Json<AdjustBody>,
) -> Result<HttpResponse, Problem> {
    let input = body.0.input(UserId(id.0), key.0)?;
    let entry = api.adjust_balance.execute(&caller.0, input).await?;
    Ok(HttpResponse::Created().json(LedgerEntryBody::from(&entry)))
}

/// A balance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Balance)]
struct BalanceBody {
    /// Integer units.
    balance: i64,
}

/// Read one's own balance.
#[utoipa::path(
    tag = "balance",
    operation_id = "read_own_balance",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = BalanceBody), CallerFailures, Missing)
)]
#[get("/me/balance")]
async fn read_own(api: Data<Api>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let balance = api.read_own_balance.execute(&caller.0).await?;
    Ok(HttpResponse::Ok().json(BalanceBody { balance }))
}

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LedgerParams {
    /// Which page, from 1.
    #[param(minimum = 1, format = Int64)]
    page: Option<u32>,
    /// How many items a page has.
    #[param(minimum = 1, maximum = 200)]
    size: Option<u32>,
}

/// List what changed one's own balance, newest first.
#[utoipa::path(
    tag = "balance",
    operation_id = "list_own_ledger",
    params(LedgerParams),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = PageBody<LedgerEntryBody>), CallerFailures, QueryFailures)
)]
#[get("/me/balance/entries")]
async fn list_own(
    api: Data<Api>,
    caller: SignedIn,
    query: Query<LedgerParams>,
) -> Result<HttpResponse, Problem> {
    let page = page_request(query.0.page, query.0.size)?;
    let entries = api.list_own_ledger.execute(&caller.0, page).await?;
    Ok(HttpResponse::Ok().json(PageBody::new(entries, |entry| LedgerEntryBody::from(&entry))))
}
