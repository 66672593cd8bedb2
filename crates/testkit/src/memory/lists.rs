//! Lists of accounts.

use lectern_application::ports::{AccountFilter, AccountSort, SearchedNames, SortOrder, StandingFilter};
use lectern_domain::account::{EmailAddress, Standing, User, Username};

use super::tables::Tables;

/// The accounts that pass the filter, in its order.
pub(super) fn accounts<'a>(tables: &'a Tables, filter: &AccountFilter) -> Vec<&'a User> {
    let wanted = |user: &&User| {
        stands(user, filter.standing)
            && filter.role.as_ref().is_none_or(|role| user.parts().role == *role)
            && filter.search.as_ref().is_none_or(|search| match filter.searched {
                SearchedNames::All => search.finds(&user.search_key()),
                SearchedNames::Login => search.finds_login(&user.search_key()),
            })
    };
    let mut users: Vec<&User> = tables.users.values().filter(wanted).collect();
    users.sort_by_key(|user| user.parts().number);
    match filter.sort {
        AccountSort::CreatedAt => users.sort_by_key(|user| user.parts().created_at),
        AccountSort::Number => {}
        AccountSort::Username => {
            users.sort_by_key(|user| user.parts().username.as_ref().map(Username::key));
        }
        AccountSort::Email => users.sort_by_key(|user| user.parts().email.as_ref().map(EmailAddress::key)),
        AccountSort::LastActivityAt => users.sort_by_key(|user| user.parts().last_activity_at),
        AccountSort::Login => {
            users.sort_by_key(|user| {
                let (username, email) = (user.parts().username.as_ref(), user.parts().email.as_ref());
                username.map(Username::key).or(email.map(EmailAddress::key))
            });
        }
    }
    if filter.order == SortOrder::Descending {
        users.reverse();
    }
    users
}

fn stands(user: &User, as_asked: StandingFilter) -> bool {
    match user.standing() {
        Standing::Active => matches!(as_asked, StandingFilter::Undeleted | StandingFilter::Active),
        Standing::Blocked { .. } => matches!(as_asked, StandingFilter::Undeleted | StandingFilter::Blocked),
        Standing::Deleted { .. } => as_asked == StandingFilter::Deleted,
    }
}
