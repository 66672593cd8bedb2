//! Lists of accounts.

use lectern_application::ports::{AccountFilter, AccountSort, SearchedNames, SortOrder};
use lectern_domain::{
    account::{EmailAddress, Standing, User, Username},
    time::Timestamp,
};

use super::tables::Tables;

/// The accounts that pass the filter, in its order.
pub(super) fn accounts<'a>(tables: &'a Tables, filter: &AccountFilter) -> Vec<&'a User> {
    let wanted = |user: &&User| {
        filter.standing.takes(user.standing())
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
        AccountSort::Balance => users.sort_by_key(|user| user.parts().balance),
        AccountSort::DeletedAt => users.sort_by_key(|user| deleted_at(user)),
    }
    if filter.order == SortOrder::Descending {
        users.reverse();
    }
    users
}

fn deleted_at(user: &User) -> Option<Timestamp> {
    match user.standing() {
        Standing::Active | Standing::Blocked { .. } => None,
        Standing::Deleted { at } => Some(at),
    }
}
