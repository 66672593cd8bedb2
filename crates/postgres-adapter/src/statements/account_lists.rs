//! Lists of accounts. The text of the statement depends on the filter, but only by fixed pieces; all that people type is
//! bound.

use diesel::{
    OptionalExtension,
    pg::Pg,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::{
    AccountFilter, AccountSort, AccountView, Page, PageRequest, SearchedNames, SortOrder, StandingFilter,
};
use lectern_domain::account::{AccountSearch, Login};

use super::lists::{Listed, offset, paged};
use crate::{failure::Failure, rows::AccountViewRow};

/// If a search finds no more accounts than these, they are looked up and sorted. If it finds more, it doesn't take long to
/// come across a page of them in any order.
const FEW: u32 = 1_000;

/// `$1` and `$2` are the page, then come what to find and the role, as far as they are asked for.
pub(crate) async fn accounts(
    connection: &mut AsyncPgConnection,
    filter: &AccountFilter,
    page: PageRequest,
) -> Result<Page<AccountView>, Failure> {
    let (order, backwards) = match filter.order {
        SortOrder::Ascending => ("ASC NULLS FIRST", "ASC"),
        SortOrder::Descending => ("DESC NULLS LAST", "DESC"),
    };
    let (counted, listed) = pieces(filter);
    let mut statement = diesel::sql_query(format!(
        "WITH {counted}, page (number, key) AS ({listed} ORDER BY 2 {order}, 1 {backwards} LIMIT $1 OFFSET $2) \
         SELECT counted.total, users.*, roles.* \
         FROM counted LEFT JOIN page ON true \
         LEFT JOIN users ON users.number = page.number LEFT JOIN roles ON roles.name = users.role \
         ORDER BY page.key {order}, page.number {backwards}"
    ))
    .into_boxed::<Pg>()
    .bind::<BigInt, _>(i64::from(page.size()))
    .bind::<BigInt, _>(offset(page));
    if let Some(search) = &filter.search {
        statement = statement.bind::<Text, _>(pattern(search));
    }
    if let Some(role) = &filter.role {
        statement = statement.bind::<Text, _>(role.as_str().to_owned());
    }
    paged(page, statement.load::<Listed<AccountViewRow>>(connection).await?)
}

/// What `LIKE` finds where the text is, letter by letter.
fn pattern(search: &AccountSearch) -> String {
    let mut pattern = "%".to_owned();
    for letter in search.as_str().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern + "%"
}

/// The account of that name that is not deleted, else the one made last of the deleted ones.
pub(crate) async fn last_by_login(
    connection: &mut AsyncPgConnection,
    login: &Login,
) -> Result<Option<AccountView>, Failure> {
    let key = match login {
        Login::Username(_) => "username_key",
        Login::Email(_) => "email_key",
    };
    let row = diesel::sql_query(format!(
        "SELECT users.*, roles.* FROM users JOIN roles ON roles.name = users.role \
         WHERE users.number = coalesce(\
             (SELECT number FROM users WHERE {key} = $1 AND deleted_at IS NULL), \
             (SELECT number FROM users WHERE {key} = $1 ORDER BY number DESC LIMIT 1)\
         )"
    ))
    .bind::<Text, _>(login.key())
    .get_result::<AccountViewRow>(connection)
    .await
    .optional()?;
    Ok(row.map(AccountView::try_from).transpose()?)
}

/// The common table expressions that end in `counted (total)`, and the statement that answers number and key of all
/// accounts that pass the filter.
fn pieces(filter: &AccountFilter) -> (String, String) {
    let key = match filter.sort {
        AccountSort::CreatedAt => "users.created_at",
        AccountSort::Number => "users.number",
        AccountSort::Username => "users.username_key",
        AccountSort::Email => "users.email_key",
        AccountSort::LastActivityAt => "users.last_activity_at",
        AccountSort::Login => "coalesce(users.username_key, users.email_key)",
        // Rarely asked for, and not worth what an index would cost with every change: all are sorted.
        AccountSort::Balance => "users.balance",
        AccountSort::DeletedAt => "users.deleted_at",
    };
    let standing = match filter.standing {
        StandingFilter::Undeleted => "deleted_at IS NULL",
        StandingFilter::Active => "deleted_at IS NULL AND blocked_at IS NULL",
        StandingFilter::Blocked => "deleted_at IS NULL AND blocked_at IS NOT NULL",
        StandingFilter::Deleted => "deleted_at IS NOT NULL",
    };
    let role = match (&filter.role, &filter.search) {
        (None, _) => "",
        (Some(_), None) => " AND role = $3",
        (Some(_), Some(_)) => " AND role = $4",
    };
    let wanted = format!("{standing}{role}");
    if filter.search.is_none() {
        return (
            format!("counted (total) AS (SELECT count(*) FROM users WHERE {wanted})"),
            format!("SELECT number, {key} FROM users WHERE {wanted}"),
        );
    }
    // The index finds the whole key; what people sign in with is its first line.
    let found = match filter.searched {
        SearchedNames::All => format!("{wanted} AND search_key LIKE $3"),
        SearchedNames::Login => {
            format!(r"{wanted} AND search_key LIKE $3 AND split_part(search_key, E'\n', 1) LIKE $3")
        }
    };
    let is_few = format!("(SELECT count(*) FROM few) <= {FEW}");
    (
        format!(
            "few (number) AS MATERIALIZED (SELECT number FROM users WHERE {found} LIMIT {FEW} + 1), \
             counted (total) AS (\
                 SELECT CASE WHEN {is_few} THEN (SELECT count(*) FROM few) \
                 ELSE (SELECT count(*) FROM users WHERE {found}) END\
             )"
        ),
        format!(
            "SELECT users.number, {key} FROM few JOIN users ON users.number = few.number WHERE {is_few} \
             UNION ALL (SELECT number, {key} FROM users WHERE NOT {is_few} AND {found})"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_search_is_a_wildcard() {
        let search = AccountSearch::parse(r"100%_\ ").unwrap().unwrap();
        assert_eq!(pattern(&search), r"%100\%\_\\%");
    }
}
