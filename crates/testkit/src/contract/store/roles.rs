//! Roles of one's own, and the accounts that have them.

use lectern_application::ports::Constraint;
use lectern_domain::{
    access::{BUILT_IN_ROLES, Permission, Role, RoleName},
    account::{AccountEpoch, Standing, User, UserParts},
};

use super::{StoreFixture, assert_conflict, unique_name};
use crate::build::{at, user};

fn role(name: &str, permissions: &[&str]) -> Role {
    let permissions = permissions.iter().map(|name| Permission::parse(name).unwrap());
    Role::custom(RoleName::parse(name).unwrap(), permissions.collect()).unwrap()
}

async fn insert(fixture: &StoreFixture, role: &Role) {
    let mut work = fixture.unit().await;
    work.insert_role(role).await.unwrap();
    work.commit().await.unwrap();
}

async fn save(fixture: &StoreFixture, role: &Role) {
    let mut work = fixture.unit().await;
    work.save_role(role).await.unwrap();
    work.commit().await.unwrap();
}

async fn of_role(fixture: &StoreFixture, role: &Role) -> User {
    fixture.insert_user(user(&unique_name()).role(role.name.clone()).build()).await
}

async fn assert_comes_back(fixture: &StoreFixture, role: &Role) {
    assert_eq!(fixture.unit().await.role(&role.name).await.unwrap().as_ref(), Some(role));
    let holder = of_role(fixture, role).await;
    assert_eq!(&fixture.queries.account(holder.id()).await.unwrap().unwrap().role, role);
}

/// A new role is what was given, and accounts can have it.
pub async fn a_new_role_comes_back_as_it_was_given(fixture: &StoreFixture) {
    let longest = "p".repeat(64);
    for role in [role("janitor", &["users.view", "custom:thing.do-it", &longest]), role(&longest, &[])] {
        insert(fixture, &role).await;
        assert_comes_back(fixture, &role).await;
    }
}

/// A taken name MUST conflict, be it a built-in role's.
pub async fn a_taken_role_name_conflicts(fixture: &StoreFixture) {
    let janitor = role("janitor", &["users.view"]);
    insert(fixture, &janitor).await;
    let admin = Role { built_in: false, ..Role::built_in(&RoleName::ADMIN).unwrap() };
    for taken in [role("janitor", &[]), admin] {
        let inserted = fixture.unit().await.insert_role(&taken).await;
        assert_conflict(&inserted, &Constraint::RoleName);
    }
    assert_comes_back(fixture, &janitor).await;
}

/// What a role allows is replaced, not added to; other roles stay as they are.
pub async fn saving_a_role_replaces_what_it_allows(fixture: &StoreFixture) {
    let other = role("other", &["users.view", "audit.view"]);
    insert(fixture, &other).await;
    insert(fixture, &role("janitor", &["users.view", "audit.view"])).await;
    for permissions in [&["audit.view", "users.grant"][..], &[], &["users.view"]] {
        let changed = role("janitor", permissions);
        save(fixture, &changed).await;
        assert_comes_back(fixture, &changed).await;
    }
    assert_comes_back(fixture, &other).await;
}

/// Whether a role is built in, and whether it allows everything, is saved too.
pub async fn a_built_in_role_is_put_back_as_it_was(fixture: &StoreFixture) {
    let admin = Role::built_in(&RoleName::ADMIN).unwrap();
    let lesser = Role { name: RoleName::ADMIN, ..role("lesser", &["users.view"]) };
    for role in [lesser, admin] {
        save(fixture, &role).await;
        assert_comes_back(fixture, &role).await;
    }
}

/// Saving a role that isn't there MUST NOT make it.
pub async fn saving_an_unknown_role_errs(fixture: &StoreFixture) {
    let ghost = role("ghost", &["users.view"]);
    assert!(fixture.unit().await.save_role(&ghost).await.is_err());
    assert_eq!(fixture.unit().await.role(&ghost.name).await.unwrap(), None);
}

/// A deleted role is gone, its name is free, and what it allowed does not come back with the name.
pub async fn a_deleted_role_leaves_nothing_behind(fixture: &StoreFixture) {
    let janitor = role("janitor", &["users.view"]);
    insert(fixture, &janitor).await;
    for _ in 0..2 {
        let mut work = fixture.unit().await;
        work.delete_role(&janitor.name).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(fixture.unit().await.role(&janitor.name).await.unwrap(), None);
    }
    let bare = role("janitor", &[]);
    insert(fixture, &bare).await;
    assert_comes_back(fixture, &bare).await;
}

/// A role that an account has MUST NOT go, however the account stands.
pub async fn a_role_in_use_is_not_deleted(fixture: &StoreFixture) {
    let janitor = role("janitor", &["users.view"]);
    insert(fixture, &janitor).await;
    let holder = of_role(fixture, &janitor).await;
    for standing in [Standing::Active, Standing::Blocked { at: at(1) }, Standing::Deleted { at: at(1) }] {
        let holder = User::from_parts(UserParts { standing, ..holder.parts().clone() }).unwrap();
        fixture.save_user(&holder).await;
        assert!(fixture.unit().await.delete_role(&janitor.name).await.is_err());
        let mut work = fixture.unit().await;
        assert_eq!(work.role(&janitor.name).await.unwrap().as_ref(), Some(&janitor));
        assert_eq!(work.count_users(&janitor.name).await.unwrap(), 1);
    }
}

/// An account of a role that isn't there can't be stored.
pub async fn accounts_have_roles_that_exist(fixture: &StoreFixture) {
    let ghost = RoleName::parse("ghost").unwrap();
    let new = user(&unique_name()).role(ghost.clone()).build();
    assert!(fixture.unit().await.insert_user(new).await.is_err());
    let stored = of_role(fixture, &Role::built_in(&RoleName::USER).unwrap()).await;
    let changed = stored.with_role(ghost, at(1));
    assert!(fixture.unit().await.save_user(&changed).await.is_err());
}

/// Accounts of a role are counted, those of others are not.
pub async fn accounts_of_a_role_are_counted(fixture: &StoreFixture) {
    let janitor = role("janitor", &[]);
    insert(fixture, &janitor).await;
    fixture.account().await;
    for expected in 0..3 {
        assert_eq!(fixture.unit().await.count_users(&janitor.name).await.unwrap(), expected);
        of_role(fixture, &janitor).await;
    }
}

/// The epochs of a role's accounts rise by one, and nothing else of them changes, nor of others.
pub async fn the_epochs_of_a_roles_accounts_rise(fixture: &StoreFixture) {
    let janitor = role("janitor", &[]);
    insert(fixture, &janitor).await;
    let (one, two) = (of_role(fixture, &janitor).await, of_role(fixture, &janitor).await);
    let other = of_role(fixture, &Role::built_in(&RoleName::USER).unwrap()).await;
    let two = two.block(at(1)).unwrap();
    fixture.save_user(&two).await;

    let mut work = fixture.unit().await;
    work.raise_epochs(&janitor.name).await.unwrap();
    work.commit().await.unwrap();
    for (before, raised) in [(one, 1), (two, 1), (other, 0)] {
        let epoch = AccountEpoch(before.parts().epoch.0 + raised);
        let expected = User::from_parts(UserParts { epoch, ..before.parts().clone() }).unwrap();
        assert_eq!(fixture.unit().await.user(before.id()).await.unwrap(), Some(expected));
    }
}

/// All roles are listed by name, each with what it allows.
pub async fn roles_are_listed_by_name(fixture: &StoreFixture) {
    let (first, last) = (role("aa", &["users.view", "audit.view"]), role("zz", &[]));
    for role in [&last, &first] {
        insert(fixture, role).await;
    }
    let mut expected: Vec<Role> = BUILT_IN_ROLES.iter().filter_map(Role::built_in).collect();
    expected.extend([first, last]);
    expected.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(fixture.queries.roles().await.unwrap(), expected);
}

/// What a role allows is part of the unit that changes it.
pub async fn roles_are_part_of_their_unit(fixture: &StoreFixture) {
    let janitor = role("janitor", &["users.view"]);
    let mut work = fixture.unit().await;
    work.insert_role(&janitor).await.unwrap();
    drop(work);
    assert_eq!(fixture.unit().await.role(&janitor.name).await.unwrap(), None);
}
