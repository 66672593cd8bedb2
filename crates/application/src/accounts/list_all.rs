//! Listing accounts all at once.

use std::sync::Arc;

use lectern_domain::{
    access::Permission,
    account::{AccountSearch, FirstName, LastName, User, UserNumber},
};

use super::ReadAccountError;
use crate::{
    Actor,
    ports::{
        AccountFilter, AccountSort, AccountView, PageRequest, Queries, SearchedNames, SortOrder,
        StandingFilter,
    },
};

/// Lists accounts without pages, for clients that know none. Needs `users.view`.
///
/// There is one statement and a bound all the same: the first [`PageRequest::ALL_AT_ONCE`] are looked at.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ListAllAccounts {
    pub queries: Arc<dyn Queries>,
}

/// Which accounts to list, and in which order.
#[derive(Debug, Clone, Default)]
pub struct AllAccountsFilter {
    /// Only the one of this number.
    pub number: Option<UserNumber>,
    /// Only those with this in their given name.
    pub first_name: Option<AccountSearch>,
    /// Only those with this in their family name.
    pub last_name: Option<AccountSearch>,
    /// Only those that stand so.
    pub standing: StandingFilter,
    /// By what they are ordered.
    pub sort: AccountSort,
    /// Whether the least or the greatest comes first.
    pub order: SortOrder,
}

impl AllAccountsFilter {
    /// What the database looks for: the part that finds less. It finds it in any name of an account.
    fn search(&self) -> Option<AccountSearch> {
        let parts = [&self.first_name, &self.last_name].into_iter().flatten();
        parts.max_by_key(|part| part.as_str().len()).cloned()
    }

    /// Whether the account has the number, and each part where it is to be.
    fn finds(&self, user: &User) -> bool {
        let names = user.parts();
        let is_in = |part: &Option<AccountSearch>, name: Option<&str>| {
            part.as_ref().is_none_or(|part| name.is_some_and(|name| part.is_part_of(name)))
        };
        self.number.is_none_or(|number| number == names.number)
            && is_in(&self.first_name, names.first_name.as_ref().map(FirstName::as_str))
            && is_in(&self.last_name, names.last_name.as_ref().map(LastName::as_str))
    }
}

impl ListAllAccounts {
    /// Those that pass the filter.
    pub async fn execute(
        &self,
        by: impl Into<Actor<'_>>,
        filter: &AllAccountsFilter,
    ) -> Result<Vec<AccountView>, ReadAccountError> {
        by.into().require(&Permission::USERS_VIEW)?;
        let accounts = if let Some(number) = filter.number {
            let account = self.queries.account_by_number(number).await?;
            account.into_iter().filter(|account| filter.standing.takes(account.user.standing())).collect()
        } else {
            let listed = AccountFilter {
                search: filter.search(),
                searched: SearchedNames::All,
                role: None,
                standing: filter.standing,
                sort: filter.sort,
                order: filter.order,
            };
            self.queries.accounts(&listed, PageRequest::ALL_AT_ONCE).await?.items
        };
        Ok(accounts.into_iter().filter(|account| filter.finds(&account.user)).collect())
    }
}
