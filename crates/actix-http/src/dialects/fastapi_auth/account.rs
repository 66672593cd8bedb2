//! Accounts as it shows them: never with a password's hash, which what they are made of doesn't even have.

use lectern_application::ports::AccountView;
use lectern_domain::account::{Standing, UserParts, UserSnapshot};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::v1::rfc3339;

/// One's own account, or a deleted one.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthProfile)]
pub(super) struct ProfileBody {
    /// Its number.
    id: i64,
    /// What it signs in with.
    email: Option<String>,
    /// Given name.
    first_name: Option<String>,
    /// Family name.
    last_name: Option<String>,
    /// Whether it is blocked.
    is_blocked: bool,
    /// Integer units.
    balance: i64,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: String,
    /// When it last signed in.
    #[schema(format = DateTime)]
    last_activity_at: Option<String>,
    /// Its role.
    role: String,
}

impl From<&UserSnapshot> for ProfileBody {
    fn from(user: &UserSnapshot) -> Self {
        let UserParts { number, balance, created_at, updated_at, last_activity_at, .. } = *user.parts();
        let names = user.parts();
        Self {
            id: number.0,
            email: names.email.as_ref().map(|email| email.as_str().to_owned()),
            first_name: names.first_name.as_ref().map(ToString::to_string),
            last_name: names.last_name.as_ref().map(ToString::to_string),
            is_blocked: matches!(user.standing(), Standing::Blocked { .. }),
            balance,
            created_at: rfc3339(created_at),
            updated_at: rfc3339(updated_at),
            last_activity_at: last_activity_at.map(rfc3339),
            role: names.role.to_string(),
        }
    }
}

/// A deleted account.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthDeletedUser)]
pub(super) struct DeletedBody {
    #[serde(flatten)]
    profile: ProfileBody,
    /// When it was deleted.
    #[schema(format = DateTime)]
    deleted_at: Option<String>,
}

impl From<AccountView> for DeletedBody {
    fn from(AccountView { user, .. }: AccountView) -> Self {
        let user = UserSnapshot::from(user);
        let deleted_at = match user.standing() {
            Standing::Deleted { at } => Some(rfc3339(at)),
            Standing::Active | Standing::Blocked { .. } => None,
        };
        Self { profile: ProfileBody::from(&user), deleted_at }
    }
}

/// An account in the list.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthListedUser)]
pub(super) struct ListedBody {
    /// Its number.
    user_id: i64,
    /// What it signs in with.
    email: Option<String>,
    /// Given name.
    first_name: Option<String>,
    /// Family name.
    last_name: Option<String>,
    /// Whether it is blocked.
    block: bool,
    /// Since when.
    #[schema(format = DateTime)]
    block_at: Option<String>,
    /// Its role.
    role: String,
    /// Integer units.
    balance: i64,
    /// When it last signed in.
    #[schema(format = DateTime)]
    last_activity_at: Option<String>,
}

impl From<AccountView> for ListedBody {
    fn from(AccountView { user, .. }: AccountView) -> Self {
        let user = UserSnapshot::from(user);
        let block_at = match user.standing() {
            Standing::Blocked { at } => Some(rfc3339(at)),
            Standing::Active | Standing::Deleted { .. } => None,
        };
        let ProfileBody {
            id, email, first_name, last_name, is_blocked, balance, role, last_activity_at, ..
        } = ProfileBody::from(&user);
        Self {
            user_id: id,
            email,
            first_name,
            last_name,
            block: is_blocked,
            block_at,
            role,
            balance,
            last_activity_at,
        }
    }
}

/// Accounts by their numbers, in the order of the list.
pub(super) struct ByNumber(pub(super) Vec<ListedBody>);

impl Serialize for ByNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|listed| (listed.user_id, listed)))
    }
}

#[cfg(test)]
mod tests {
    use lectern_application::ports::AccountView;
    use lectern_domain::access::{Role, RoleName};
    use lectern_testkit::build::user;

    use super::*;

    #[test]
    fn accounts_are_keyed_by_number_in_the_order_of_the_list() {
        let listed = [7, 10, 2].map(|number| {
            let user = user("ada").build().numbered(lectern_domain::account::UserNumber(number)).unwrap();
            ListedBody::from(AccountView { user, role: Role::built_in(&RoleName::USER).unwrap() })
        });
        let json = serde_json::to_string(&ByNumber(listed.into())).unwrap();
        let positions = ["\"7\":{\"user_id\":7,", "\"10\":{\"user_id\":10,", "\"2\":{\"user_id\":2,"]
            .map(|entry| json.find(entry).unwrap());
        assert!(positions.is_sorted(), "{json}");
    }
}
