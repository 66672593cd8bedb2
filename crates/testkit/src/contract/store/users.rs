//! Accounts: every field comes back as it was stored. Who may have which name is in [`accounts`](super::accounts).

use lectern_domain::{
    access::{BUILT_IN_ROLES, Permission, PermissionSet, Role, RoleName},
    account::{
        AccountEpoch, DisplayName, EmailAddress, FirstName, LastName, NewUser, PasswordHash, Standing, User,
        UserParts, Username,
    },
    time::Timestamp,
};

use super::{StoreFixture, unique_name};
use crate::build::{at, user};

/// A time that only microseconds can tell.
const PRECISE: Timestamp = Timestamp::from_micros(1_767_225_600_123_457);

/// Asserts that they are the same in every letter: names compare equal by their keys alone.
#[track_caller]
fn assert_same(found: &User, expected: &User) {
    let written = |user: &User| {
        let parts = user.parts();
        let username = parts.username.as_ref().map(|name| name.as_str().to_owned());
        (username, parts.email.as_ref().map(|email| email.as_str().to_owned()))
    };
    assert_eq!(found, expected);
    assert_eq!(written(found), written(expected));
}

async fn assert_comes_back(fixture: &StoreFixture, expected: &User) {
    let stored = fixture.unit().await.user(expected.id()).await.unwrap().unwrap();
    assert_same(&stored, expected);
    let viewed = fixture.queries.account(expected.id()).await.unwrap().unwrap();
    assert_same(&viewed.user, expected);
}

/// The parts of a saved account with everything that an account can have, as long as it may be.
async fn fullest(fixture: &StoreFixture) -> UserParts {
    let inserted = fixture.account().await;
    let inserted = fixture.unit().await.user(inserted).await.unwrap().unwrap();
    let email = format!("{}@{}.{}.{}.ORG", "É".repeat(32), "a".repeat(63), "b".repeat(63), "c".repeat(54));
    let permissions = ["transcriptions.read_any", "users.view", "custom:thing.do-it"].map(Permission::parse);
    let longest = Permission::parse(&"p".repeat(64));
    UserParts {
        username: Username::parse(&"Ж".repeat(Username::MAX_CHARS)).ok(),
        email: EmailAddress::parse(&email).ok(),
        email_verified_at: Some(PRECISE),
        first_name: FirstName::parse(&"𝔘".repeat(FirstName::MAX_CHARS)).ok(),
        last_name: LastName::parse("O'Brien; -- \"\\ 王").ok(),
        display_name: DisplayName::parse("👩🏽‍🏫 Ada").ok(),
        password_hash: PasswordHash::new(
            "$2b$12$./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstu".to_owned(),
        ),
        role: RoleName::ADMIN,
        permissions: permissions.into_iter().chain([longest]).map(Result::unwrap).collect(),
        standing: Standing::Blocked { at: PRECISE },
        can_interact: false,
        balance: i64::MAX,
        epoch: AccountEpoch(i64::MAX),
        updated_at: PRECISE,
        last_activity_at: Some(PRECISE),
        ..inserted.parts().clone()
    }
}

/// What `insert_user` answers is the account given, under a number, and it is what is stored.
pub async fn a_new_account_comes_back_as_it_was_given(fixture: &StoreFixture) {
    let new = user(&unique_name())
        .email("Ada.Lovelace@Example.org")
        .named("Ада", "Lovelace")
        .role(RoleName::READ_ONLY)
        .unapproved()
        .created_at(PRECISE)
        .build();
    let inserted = fixture.insert_user(new.clone()).await;
    assert_same(&inserted, &new.numbered(inserted.parts().number).unwrap());
    assert_comes_back(fixture, &inserted).await;
}

/// Every field may be there, and as long as the domain lets it be.
pub async fn an_account_with_everything_comes_back(fixture: &StoreFixture) {
    let parts = fullest(fixture).await;
    assert!(parts.username.is_some() && parts.email.is_some() && parts.first_name.is_some());
    assert!(parts.last_name.is_some() && parts.display_name.is_some());
    let fullest = User::from_parts(parts).unwrap();
    fixture.save_user(&fullest).await;
    assert_comes_back(fixture, &fullest).await;
}

/// Everything that an account may lack can be taken away again.
pub async fn an_account_without_anything_optional_comes_back(fixture: &StoreFixture) {
    let parts = fullest(fixture).await;
    fixture.save_user(&User::from_parts(parts.clone()).unwrap()).await;
    let sparest = UserParts {
        username: None,
        first_name: None,
        last_name: None,
        display_name: None,
        email_verified_at: None,
        permissions: PermissionSet::default(),
        standing: Standing::Active,
        balance: 0,
        last_activity_at: None,
        ..parts
    };
    let sparest = User::from_parts(sparest).unwrap();
    fixture.save_user(&sparest).await;
    assert_comes_back(fixture, &sparest).await;
}

/// Each standing comes back with its time.
pub async fn every_standing_comes_back(fixture: &StoreFixture) {
    let inserted = fixture.insert_user(user(&unique_name()).build()).await;
    let standings = [Standing::Blocked { at: PRECISE }, Standing::Deleted { at: PRECISE }, Standing::Active];
    for standing in standings {
        let user = User::from_parts(UserParts { standing, ..inserted.parts().clone() }).unwrap();
        fixture.save_user(&user).await;
        assert_comes_back(fixture, &user).await;
    }
}

/// Direct permissions are replaced, not added to.
pub async fn saving_replaces_direct_permissions(fixture: &StoreFixture) {
    let inserted = fixture.insert_user(user(&unique_name()).build()).await;
    let sets =
        [[Permission::USERS_VIEW, Permission::AUDIT_VIEW], [Permission::AUDIT_VIEW, Permission::USERS_GRANT]];
    for permissions in sets.map(PermissionSet::from_iter) {
        let user = User::from_parts(UserParts { permissions, ..inserted.parts().clone() }).unwrap();
        fixture.save_user(&user).await;
        assert_comes_back(fixture, &user).await;
    }
}

/// Saving one account leaves the others as they were.
pub async fn saving_an_account_leaves_others_alone(fixture: &StoreFixture) {
    let other = fixture.insert_user(user(&unique_name()).build()).await;
    let parts = fullest(fixture).await;
    fixture.save_user(&User::from_parts(parts).unwrap()).await;
    assert_comes_back(fixture, &other).await;
}

/// Numbers are never used twice, and later accounts have higher ones.
pub async fn numbers_of_accounts_ascend(fixture: &StoreFixture) {
    let mut numbers = Vec::new();
    for _ in 0..5 {
        let new: NewUser = user(&unique_name()).build();
        numbers.push(fixture.insert_user(new).await.parts().number);
    }
    assert!(numbers.is_sorted_by(|earlier, later| earlier < later), "{numbers:?}");
}

/// An id that no account has is no error.
pub async fn an_unknown_account_is_none(fixture: &StoreFixture) {
    let unknown = user(&unique_name()).build().id;
    assert_eq!(fixture.unit().await.user(unknown).await.unwrap(), None);
    assert_eq!(fixture.queries.account(unknown).await.unwrap(), None);
}

/// The built-in roles MUST always be there, with the permissions that the domain gives them.
pub async fn built_in_roles_are_there(fixture: &StoreFixture) {
    let mut work = fixture.unit().await;
    for name in BUILT_IN_ROLES {
        assert_eq!(work.role(&name).await.unwrap(), Role::built_in(&name));
    }
}

/// A name that no role has is no error.
pub async fn an_unknown_role_is_none(fixture: &StoreFixture) {
    let name = RoleName::parse("astronaut").unwrap();
    assert_eq!(fixture.unit().await.role(&name).await.unwrap(), None);
}

/// An account's view has its role.
pub async fn an_account_is_viewed_with_its_role(fixture: &StoreFixture) {
    for role in BUILT_IN_ROLES {
        let user =
            fixture.insert_user(user(&unique_name()).role(role.clone()).created_at(at(1)).build()).await;
        let view = fixture.queries.account(user.id()).await.unwrap().unwrap();
        assert_eq!(Some(view.role), Role::built_in(&role));
    }
}

/// Only active accounts of the role count.
pub async fn active_accounts_of_a_role_are_counted(fixture: &StoreFixture) {
    let mut operators = Vec::new();
    for _ in 0..3 {
        operators.push(fixture.insert_user(user(&unique_name()).role(RoleName::OPERATOR).build()).await);
    }
    fixture.account().await;
    let count = async || fixture.unit().await.count_active_users(&RoleName::OPERATOR).await.unwrap();
    assert_eq!(count().await, 3);
    for standing in [Standing::Blocked { at: at(1) }, Standing::Deleted { at: at(1) }] {
        let parts = UserParts { standing, ..operators.pop().unwrap().parts().clone() };
        fixture.save_user(&User::from_parts(parts).unwrap()).await;
    }
    assert_eq!(count().await, 1);
}
