//! Names of accounts: who may have which, and who is found by which.

use lectern_application::ports::{Constraint, StoreError};
use lectern_domain::account::{Login, NewUser, Standing, User, UserId, UserNumber, UserParts};

use super::{StoreFixture, assert_conflict, unique_name};
use crate::build::{at, user};

async fn insert(fixture: &StoreFixture, user: NewUser) -> Result<User, StoreError> {
    fixture.unit().await.insert_user(user).await
}

async fn save(fixture: &StoreFixture, user: &User) -> Result<(), StoreError> {
    fixture.unit().await.save_user(user).await
}

fn standing(user: &User, standing: Standing) -> User {
    User::from_parts(UserParts { standing, ..user.parts().clone() }).unwrap()
}

fn deleted(user: &User) -> User {
    standing(user, Standing::Deleted { at: at(5) })
}

/// The account that a login finds, in a unit and by a query alike.
async fn found_by(fixture: &StoreFixture, login: &str) -> Option<UserId> {
    let login = Login::parse(login).unwrap();
    let in_unit = fixture.unit().await.user_by_login(&login).await.unwrap();
    let queried = fixture.queries.account_by_login(&login).await.unwrap();
    assert_eq!(queried.map(|account| account.user), in_unit);
    in_unit.map(|user| user.id())
}

/// A taken user name MUST be a conflict, compared by its key.
pub async fn a_taken_username_conflicts(fixture: &StoreFixture) {
    fixture.insert_user(user("Ada.Лавлейс").build()).await;
    for taken in ["Ada.Лавлейс", "aDA.лАВЛЕЙС"] {
        assert_conflict(&insert(fixture, user(taken).build()).await, &Constraint::Username);
    }
}

/// A taken e-mail address MUST be a conflict, compared by its key.
pub async fn a_taken_email_conflicts(fixture: &StoreFixture) {
    fixture.insert_user(user("first").email("Ada@Example.org").build()).await;
    for taken in ["Ada@Example.org", "aDA@eXAMPLE.ORG"] {
        let taken = user("second").email(taken).build();
        assert_conflict(&insert(fixture, taken).await, &Constraint::Email);
    }
}

/// A taken id MUST be a conflict, be its account deleted or not.
pub async fn a_taken_id_conflicts(fixture: &StoreFixture) {
    let first = fixture.insert_user(user("first").build()).await;
    for name in ["second", "third"] {
        let same = NewUser { id: first.id(), ..user(name).build() };
        assert_conflict(&insert(fixture, same).await, &Constraint::UserId);
        fixture.save_user(&deleted(&first)).await;
    }
}

/// Saving an account under taken names conflicts as inserting it does.
pub async fn saving_under_a_taken_name_conflicts(fixture: &StoreFixture) {
    let first = fixture.insert_user(user("first").email("first@example.org").build()).await;
    let second = fixture.insert_user(user("second").email("second@example.org").build()).await;
    let with_username = UserParts { username: first.parts().username.clone(), ..second.parts().clone() };
    let with_email = UserParts { email: first.parts().email.clone(), ..second.parts().clone() };
    let with_username = User::from_parts(with_username).unwrap();
    let with_email = User::from_parts(with_email).unwrap();
    assert_conflict(&save(fixture, &with_username).await, &Constraint::Username);
    assert_conflict(&save(fixture, &with_email).await, &Constraint::Email);
}

/// An account doesn't stand in its own way.
pub async fn an_account_keeps_its_own_names(fixture: &StoreFixture) {
    let stored = fixture.insert_user(user("ada").email("ada@example.org").build()).await;
    let respelled = user("ADA").email("ADA@example.org").build();
    let respelled =
        UserParts { username: respelled.username, email: respelled.email, ..stored.parts().clone() };
    save(fixture, &User::from_parts(respelled).unwrap()).await.unwrap();
}

/// Having no user name, or no address, is not a name.
pub async fn missing_names_do_not_conflict(fixture: &StoreFixture) {
    for number in 0..2 {
        let email = format!("u{number}@example.org");
        fixture.insert_user(user("unused").without_username().email(&email).build()).await;
        fixture.insert_user(user(&format!("u{number}")).build()).await;
    }
}

/// A blocked account keeps its names.
pub async fn a_blocked_account_keeps_its_names(fixture: &StoreFixture) {
    let blocked = fixture.insert_user(user("ada").build()).await;
    fixture.save_user(&standing(&blocked, Standing::Blocked { at: at(5) })).await;
    assert_conflict(&insert(fixture, user("ada").build()).await, &Constraint::Username);
}

/// Deleted accounts MUST NOT be counted: their names are free.
pub async fn deleting_an_account_frees_its_names(fixture: &StoreFixture) {
    let first = fixture.insert_user(user("ada").email("ada@example.org").build()).await;
    fixture.save_user(&deleted(&first)).await;
    let second = fixture.insert_user(user("ada").email("ada@example.org").build()).await;
    // Any number of deleted accounts may have had the same names.
    fixture.save_user(&deleted(&second)).await;
}

/// Restoring an account whose names were given to another conflicts.
pub async fn restoring_an_account_conflicts_with_its_successor(fixture: &StoreFixture) {
    let first = fixture.insert_user(user("ada").build()).await;
    fixture.save_user(&deleted(&first)).await;
    fixture.insert_user(user("Ada").build()).await;
    assert_conflict(&save(fixture, &first).await, &Constraint::Username);
}

/// A login finds the account of that user name, in any letter case.
pub async fn an_account_is_found_by_its_username(fixture: &StoreFixture) {
    let stored = fixture.insert_user(user("Ада").email("ada@example.org").build()).await;
    fixture.insert_user(user("Аda").build()).await;
    assert_eq!(found_by(fixture, "аДА").await, Some(stored.id()));
}

/// A login finds the account of that e-mail address, in any letter case.
pub async fn an_account_is_found_by_its_email(fixture: &StoreFixture) {
    let stored = fixture.insert_user(user("ada").email("Ada@Example.org").build()).await;
    fixture.insert_user(user("bob").email("bob@example.org").build()).await;
    assert_eq!(found_by(fixture, "ADA@eXAMPLE.org").await, Some(stored.id()));
}

/// A login that nobody has finds nobody.
pub async fn an_unknown_login_finds_nobody(fixture: &StoreFixture) {
    fixture.insert_user(user("ada").email("ada@example.org").build()).await;
    for unknown in [&unique_name(), "ad", "a%", "ad_", "ada@example.or", "a%@example.org"] {
        if Login::parse(unknown).is_some() {
            assert_eq!(found_by(fixture, unknown).await, None, "{unknown}");
        }
    }
}

/// A blocked account is found: it is not for the store to say that it can't sign in.
pub async fn a_blocked_account_is_found_by_login(fixture: &StoreFixture) {
    let stored = fixture.insert_user(user("ada").build()).await;
    fixture.save_user(&standing(&stored, Standing::Blocked { at: at(5) })).await;
    assert_eq!(found_by(fixture, "ada").await, Some(stored.id()));
}

/// A deleted account is found by its id, and never by a login.
pub async fn a_deleted_account_is_found_by_id_only(fixture: &StoreFixture) {
    let stored = fixture.insert_user(user("ada").email("ada@example.org").build()).await;
    fixture.save_user(&deleted(&stored)).await;
    assert_eq!(found_by(fixture, "ada").await, None);
    assert_eq!(found_by(fixture, "ada@example.org").await, None);
    assert_eq!(fixture.unit().await.user(stored.id()).await.unwrap(), Some(deleted(&stored)));
    assert!(fixture.queries.account(stored.id()).await.unwrap().is_some());
}

/// A login finds the successor of a deleted account, not the deleted one.
pub async fn a_reused_name_finds_its_new_owner(fixture: &StoreFixture) {
    let first = fixture.insert_user(user("ada").build()).await;
    fixture.save_user(&deleted(&first)).await;
    let second = fixture.insert_user(user("ada").build()).await;
    assert_eq!(found_by(fixture, "ada").await, Some(second.id()));
}

/// The account that a login finds, be it deleted.
async fn last_of(fixture: &StoreFixture, login: &str) -> Option<UserId> {
    let found = fixture.queries.last_account_by_login(&Login::parse(login).unwrap()).await.unwrap();
    found.map(|account| account.user.id())
}

/// Where all accounts that had a name are deleted, it is the one made last.
pub async fn of_the_deleted_accounts_of_a_name_the_last_one_is_found(fixture: &StoreFixture) {
    let mut last = None;
    for deleted_at in [7, 6, 5] {
        let stored = fixture.insert_user(user("ada").email("ada@example.org").build()).await;
        fixture.save_user(&standing(&stored, Standing::Deleted { at: at(deleted_at) })).await;
        last = Some(stored.id());
    }
    for (login, found) in [("ADA", last), ("Ada@example.org", last), ("bob", None), ("bob@example.org", None)]
    {
        assert_eq!(last_of(fixture, login).await, found, "{login}");
    }
}

/// Whoever has the name now is found, also if a deleted account that had it was made later.
pub async fn an_account_that_is_there_is_found_before_deleted_ones(fixture: &StoreFixture) {
    let first = fixture.insert_user(user("ada").email("ada@example.org").build()).await;
    fixture.save_user(&deleted(&first)).await;
    let second = fixture.insert_user(user("ada").email("ada@example.org").build()).await;
    for (there, gone) in [(&second, &first), (&first, &second)] {
        fixture.save_user(&deleted(gone)).await;
        for kept in [Standing::Active, Standing::Blocked { at: at(6) }] {
            fixture.save_user(&standing(there, kept)).await;
            for login in ["ada", "ada@example.org"] {
                assert_eq!(last_of(fixture, login).await, Some(there.id()), "{login}");
            }
        }
    }
}

/// A number finds its account, be it deleted, and no other.
pub async fn an_account_is_found_by_its_number(fixture: &StoreFixture) {
    let first = fixture.insert_user(user("ada").build()).await;
    let second = fixture.insert_user(user("bob").build()).await;
    fixture.save_user(&deleted(&first)).await;
    for (stored, name) in [(&first, "ada"), (&second, "bob")] {
        let found = fixture.queries.account_by_number(stored.parts().number).await.unwrap().unwrap();
        assert_eq!((found.user.id(), found.role.name), (stored.id(), stored.parts().role.clone()), "{name}");
    }
    let unused = UserNumber(second.parts().number.0 + 1);
    assert_eq!(fixture.queries.account_by_number(unused).await.unwrap(), None);
}
