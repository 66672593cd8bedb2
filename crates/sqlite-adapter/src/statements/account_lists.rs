//! Lists of accounts. The text of the statement depends on the filter, but only by fixed pieces; all that people type is
//! bound.

use diesel::{
    OptionalExtension, RunQueryDsl, SqliteConnection,
    sql_types::{BigInt, Nullable, Text},
};
use lectern_application::ports::{
    AccountFilter, AccountSort, AccountView, Page, PageRequest, SearchedNames, SortOrder, StandingFilter,
};
use lectern_domain::{
    access::RoleName,
    account::{AccountSearch, Login},
};

use super::lists::{Listed, offset, paged};
use crate::{
    failure::Failure,
    rows::{ALLOWED, AccountViewRow, DIRECT},
};

/// If a search finds no more accounts than these, they are looked up and sorted. If it finds more, it doesn't take long to
/// come across a page of them in any order.
const FEW: u32 = 1_000;

/// `?1` is the role or NULL, `?2` what to find, `?3` and `?4` the page.
pub(crate) fn accounts(
    connection: &mut SqliteConnection,
    filter: &AccountFilter,
    page: PageRequest,
) -> Result<Page<AccountView>, Failure> {
    let order = match filter.order {
        SortOrder::Ascending => "ASC",
        SortOrder::Descending => "DESC",
    };
    let (counted, listed) = pieces(filter);
    let rows = diesel::sql_query(format!(
        "WITH {counted}, page (number, key) AS ({listed} ORDER BY 2 {order}, 1 {order} LIMIT ?3 OFFSET ?4) \
         SELECT counted.total, users.*, {DIRECT} AS direct, roles.*, {ALLOWED} AS allowed \
         FROM counted LEFT JOIN page \
         LEFT JOIN users ON users.number = page.number LEFT JOIN roles ON roles.name = users.role \
         ORDER BY page.key {order}, page.number {order}"
    ))
    .bind::<Nullable<Text>, _>(filter.role.as_ref().map(RoleName::as_str))
    .bind::<Nullable<Text>, _>(filter.search.as_ref().map(AccountSearch::as_str))
    .bind::<BigInt, _>(i64::from(page.size()))
    .bind::<BigInt, _>(offset(page))
    .load::<Listed<AccountViewRow>>(connection)?;
    paged(page, rows)
}

/// The account of that name that is not deleted, else the one made last of the deleted ones.
pub(crate) fn last_by_login(
    connection: &mut SqliteConnection,
    login: &Login,
) -> Result<Option<AccountView>, Failure> {
    let key = match login {
        Login::Username(_) => "username_key",
        Login::Email(_) => "email_key",
    };
    let row = diesel::sql_query(format!(
        "SELECT users.*, {DIRECT} AS direct, roles.*, {ALLOWED} AS allowed \
         FROM users JOIN roles ON roles.name = users.role \
         WHERE users.number = coalesce(\
             (SELECT number FROM users WHERE {key} = ?1 AND deleted_at IS NULL), \
             (SELECT max(number) FROM users WHERE {key} = ?1)\
         )"
    ))
    .bind::<Text, _>(login.key())
    .get_result::<AccountViewRow>(connection)
    .optional()?;
    Ok(row.map(AccountView::try_from).transpose()?)
}

/// The common table expressions that end in `counted (total)`, and the statement that answers number and key of all
/// accounts that pass the filter. The indexes are named because SQLite would rather look into the table for each row of
/// the wrong one.
fn pieces(filter: &AccountFilter) -> (String, String) {
    let (key, walked) = match filter.sort {
        AccountSort::CreatedAt => ("users.created_at", "INDEXED BY users_by_creation"),
        AccountSort::Number => ("users.number", "NOT INDEXED"),
        AccountSort::Username => ("users.username_key", "INDEXED BY users_by_username"),
        AccountSort::Email => ("users.email_key", "INDEXED BY users_by_email"),
        AccountSort::LastActivityAt => ("users.last_activity_at", "INDEXED BY users_by_activity"),
        AccountSort::Login => ("coalesce(users.username_key, users.email_key)", "INDEXED BY users_by_login"),
        // Rarely asked for, and not worth what an index would cost with every change: all are sorted.
        AccountSort::Balance => ("users.balance", "NOT INDEXED"),
        AccountSort::DeletedAt => ("users.deleted_at", "NOT INDEXED"),
    };
    let standing = match filter.standing {
        StandingFilter::Undeleted => "deleted_at IS NULL",
        StandingFilter::Active => "deleted_at IS NULL AND blocked_at IS NULL",
        StandingFilter::Blocked => "deleted_at IS NULL AND blocked_at IS NOT NULL",
        StandingFilter::Deleted => "deleted_at IS NOT NULL",
    };
    let wanted = format!("{standing} AND (?1 IS NULL OR role = ?1)");
    if filter.search.is_none() {
        return (
            format!(
                "counted (total) AS (SELECT count(*) FROM users INDEXED BY users_by_creation WHERE {wanted})"
            ),
            format!("SELECT number, {key} FROM users {walked} WHERE {wanted}"),
        );
    }
    // No search has a line break in it, so one that is found before the first is found in the first line.
    let found = match filter.searched {
        SearchedNames::All => format!("{wanted} AND instr(search_key, ?2) > 0"),
        SearchedNames::Login => {
            format!("{wanted} AND instr(search_key, ?2) BETWEEN 1 AND instr(search_key, char(10))")
        }
    };
    let searched = "users INDEXED BY users_search";
    let is_few = format!("(SELECT count(*) FROM few) <= {FEW}");
    (
        format!(
            "few (number) AS MATERIALIZED (SELECT number FROM {searched} WHERE {found} LIMIT {FEW} + 1), \
             counted (total) AS (\
                 SELECT CASE WHEN {is_few} THEN (SELECT count(*) FROM few) \
                 ELSE (SELECT count(*) FROM {searched} WHERE {found}) END\
             )"
        ),
        format!(
            "SELECT users.number, {key} FROM few CROSS JOIN users ON users.number = few.number \
             WHERE {is_few} \
             UNION ALL SELECT number, {key} FROM users {walked} WHERE NOT {is_few} AND {found}"
        ),
    )
}
