//! Accounts as the command line shows them. In JSON they have the names of API v1.

use lectern_application::ports::{AccountView, Page};
use lectern_domain::account::{EmailAddress, Standing, Username};
use serde_json::{Value, json};

use crate::output::date;

/// The heading of a table of accounts.
pub(crate) const COLUMNS: [&str; 7] =
    ["NUMBER", "USER NAME", "E-MAIL", "ROLE", "STANDING", "BALANCE", "LAST ACTIVE"];

/// An account as a line of a table.
pub(crate) fn row(account: &AccountView) -> Vec<String> {
    let user = account.user.parts();
    vec![
        format!("#{}", user.number.0),
        user.username.as_ref().map_or("-", Username::as_str).to_owned(),
        user.email.as_ref().map_or("-", EmailAddress::as_str).to_owned(),
        user.role.to_string(),
        standing(account).to_owned(),
        user.balance.to_string(),
        user.last_activity_at.map_or_else(|| "-".to_owned(), date),
    ]
}

/// What people call it.
pub(crate) fn name(account: &AccountView) -> String {
    let user = account.user.parts();
    let username = user.username.as_ref().map(Username::as_str);
    username.or(user.email.as_ref().map(EmailAddress::as_str)).unwrap_or_default().to_owned()
}

/// Everything about an account, by name.
pub(crate) fn lines(account: &AccountView) -> Vec<(&'static str, String)> {
    let user = account.user.parts();
    let names =
        [user.first_name.as_ref().map(ToString::to_string), user.last_name.as_ref().map(ToString::to_string)];
    let full_name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let since = match user.standing {
        Standing::Active => String::new(),
        Standing::Blocked { at } | Standing::Deleted { at } => format!(" since {}", date(at)),
    };
    let joined = |names: Vec<String>| if names.is_empty() { "-".to_owned() } else { names.join(" ") };
    let or_dash = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or("-").to_owned();
    vec![
        ("number", format!("#{}", user.number.0)),
        ("id", user.id.0.to_string()),
        ("user name", or_dash(user.username.as_ref().map(Username::as_str))),
        ("e-mail", or_dash(user.email.as_ref().map(EmailAddress::as_str))),
        ("name", or_dash(Some(&full_name))),
        ("role", user.role.to_string()),
        ("besides it", joined(user.permissions.iter().map(ToString::to_string).collect())),
        ("in all", joined(account.rights().named().iter().map(ToString::to_string).collect())),
        ("standing", format!("{}{since}", standing(account))),
        ("approved", if user.can_interact { "yes" } else { "no" }.to_owned()),
        ("balance", user.balance.to_string()),
        ("made", date(user.created_at)),
        ("last active", user.last_activity_at.map_or_else(|| "never".to_owned(), date)),
    ]
}

/// An account in JSON.
pub(crate) fn account(account: &AccountView) -> Value {
    let user = account.user.parts();
    let permissions: Vec<_> = account.rights().named().iter().map(ToString::to_string).collect();
    let direct: Vec<_> = user.permissions.iter().map(ToString::to_string).collect();
    json!({
        "id": user.id.0.to_string(),
        "number": user.number.0,
        "username": user.username.as_ref().map(Username::as_str),
        "email": user.email.as_ref().map(EmailAddress::as_str),
        "first_name": user.first_name.as_ref().map(ToString::to_string),
        "last_name": user.last_name.as_ref().map(ToString::to_string),
        "role": user.role.as_str(),
        "permissions": permissions,
        "direct_permissions": direct,
        "standing": standing(account),
        "can_interact": user.can_interact,
        "balance": user.balance,
        "created_at": date(user.created_at),
        "updated_at": date(user.updated_at),
        "last_activity_at": user.last_activity_at.map(date),
    })
}

/// A page of accounts in JSON.
pub(crate) fn page(page: &Page<AccountView>) -> Value {
    json!({
        "items": page.items.iter().map(account).collect::<Vec<_>>(),
        "page": page.request.page(),
        "size": page.request.size(),
        "total": page.total,
        "pages": page.pages(),
    })
}

fn standing(account: &AccountView) -> &'static str {
    match account.user.standing() {
        Standing::Active => "active",
        Standing::Blocked { .. } => "blocked",
        Standing::Deleted { .. } => "deleted",
    }
}
