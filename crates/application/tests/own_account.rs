//! What somebody does with their own account.

use lectern_application::{
    UseCaseError,
    accounts::{AdminOutcome, Change, DeleteOwnAccountError, EnsureAdminInput},
    auth::{AuthenticateError, LoginError, RefreshError},
};
use lectern_domain::{
    account::{FirstName, LastName, Password, Username},
    audit::AuditKind,
};
use lectern_testkit::world::{
    World,
    steps::{PASSWORD, login_input, origin},
};
use secrecy::ExposeSecret;

#[tokio::test]
async fn names_are_given_taken_and_kept_one_by_one() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let (first, last) = (FirstName::parse("Ada").unwrap(), LastName::parse("Lovelace").unwrap());
    let rename = world.rename_own_account();
    let both = Change::To(Some(first.clone()));
    rename.execute(&ada, both, Change::To(Some(last.clone()))).await.unwrap();
    let account = rename.execute(&ada, Change::Keep, Change::To(None)).await.unwrap();
    assert_eq!(account.user.parts().first_name, Some(first));
    assert_eq!(account.user.parts().last_name, None);
    assert_eq!(*world.read_own_account().execute(&ada).await.unwrap(), account.into());
}

#[tokio::test]
async fn a_deleted_account_is_signed_out_everywhere_and_its_name_is_free() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    let caller = world.caller(&tokens).await;
    world.delete_own_account().execute(&caller, PASSWORD.into()).await.unwrap();

    let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(access, Err(AuthenticateError::Revoked)));
    let refreshed = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
    assert!(matches!(refreshed, Err(RefreshError::Revoked)));
    let login = world.log_in().execute(login_input("ada", PASSWORD), &origin()).await;
    assert!(matches!(login, Err(LoginError::Deleted)));
    let last = world.database.audit_log().into_iter().rev().find(|event| event.actor.is_some()).unwrap();
    assert_eq!((last.kind, last.subject), (AuditKind::AccountDeleted, Some(caller.principal.user)));
    let successor = world.sign_up("ada").await;
    assert_ne!(successor.user.id(), caller.principal.user);
}

#[tokio::test]
async fn deleting_needs_the_password() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    for wrong in ["guess".to_owned(), "x".repeat(5000)] {
        let refused = world.delete_own_account().execute(&ada, wrong.into()).await.unwrap_err();
        assert_eq!(refused.code(), "wrong_password");
    }
    assert!(world.read_own_account().execute(&ada).await.is_ok());
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = World::new();
    let admin = |name: &str| EnsureAdminInput {
        username: Username::parse(name).ok(),
        email: None,
        password: Password::new(PASSWORD.to_owned()).unwrap(),
    };
    world.ensure_admin().execute(admin("root")).await.unwrap();
    let root = world.caller(&world.sign_in("root").await).await;
    let refused = world.delete_own_account().execute(&root, PASSWORD.into()).await.unwrap_err();
    assert!(matches!(refused, DeleteOwnAccountError::LastAdmin));
    world.ensure_admin().execute(admin("second")).await.unwrap();
    assert!(world.delete_own_account().execute(&root, PASSWORD.into()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_who_leave_at_once_one_stays() {
    for _ in 0..20 {
        let world = World::new();
        let mut leaving = Vec::new();
        for name in ["one", "two"] {
            let input = EnsureAdminInput {
                username: Username::parse(name).ok(),
                email: None,
                password: Password::new(PASSWORD.to_owned()).unwrap(),
            };
            world.ensure_admin().execute(input).await.unwrap();
            let caller = world.caller(&world.sign_in(name).await).await;
            let delete = world.delete_own_account();
            leaving.push(async move { delete.execute(&caller, PASSWORD.into()).await.is_ok() });
        }
        let tasks: Vec<_> = leaving.into_iter().map(tokio::spawn).collect();
        let mut left = 0;
        for task in tasks {
            left += usize::from(task.await.unwrap());
        }
        assert_eq!(left, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_replicas_that_start_at_once_one_makes_the_administrator() {
    for _ in 0..20 {
        let world = World::new();
        let input = EnsureAdminInput {
            username: Username::parse("root").ok(),
            email: None,
            password: Password::new(PASSWORD.to_owned()).unwrap(),
        };
        let starting = [(); 4].map(|()| {
            let (ensure, input) = (world.ensure_admin(), input.clone());
            tokio::spawn(async move { ensure.execute(input).await.unwrap() })
        });
        let mut made = 0;
        for replica in starting {
            made += usize::from(replica.await.unwrap() == AdminOutcome::Created);
        }
        assert_eq!(made, 1);
    }
}
