//! What a deleted account's password is still good for: to be told what became of the account, and nothing else.

use lectern_application::{
    Caller, UseCaseError,
    accounts::DeleteOwnAccountBySessionError,
    auth::{AuthenticateError, LoginError, LoginInput, RefreshError},
};
use lectern_domain::{
    access::Principal,
    account::{Password, UserId},
    audit::AuditKind,
    surface::Surface,
};
use lectern_testkit::world::{
    World,
    steps::{PASSWORD, login_input, origin, register_input},
};
use secrecy::ExposeSecret;

fn by_form(login: &str) -> LoginInput {
    LoginInput { surface: Surface::FastapiAuth, ..login_input(login, PASSWORD) }
}

#[tokio::test]
async fn who_knows_a_deleted_accounts_password_is_told_and_nobody_else() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.delete_own_account().execute(&ada, PASSWORD.into()).await.unwrap();
    let right = world.log_in().execute(login_input("ADA", PASSWORD), &origin()).await;
    assert!(matches!(right, Err(LoginError::Deleted)));
    let wrong = world.log_in().execute(login_input("ada", "guess"), &origin()).await;
    assert!(matches!(wrong, Err(LoginError::InvalidCredentials)));
}

#[tokio::test]
async fn a_deleted_account_looks_unknown_where_no_surface_says_otherwise() {
    let unknown = LoginError::InvalidCredentials;
    let deleted = LoginError::Deleted;
    assert_eq!(
        (deleted.kind(), deleted.code(), deleted.to_string()),
        (unknown.kind(), unknown.code(), unknown.to_string())
    );
}

#[tokio::test]
async fn the_password_of_a_predecessor_is_wrong() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.delete_own_account().execute(&ada, PASSWORD.into()).await.unwrap();
    let other = Password::new("another correct horse".to_owned()).unwrap();
    let successor = lectern_application::auth::RegisterInput { password: other, ..register_input("ada") };
    world.register().execute(successor, &origin()).await.unwrap();
    let predecessor = world.log_in().execute(login_input("ada", PASSWORD), &origin()).await;
    assert!(matches!(predecessor, Err(LoginError::InvalidCredentials)));
    assert!(world.log_in().execute(login_input("ada", "another correct horse"), &origin()).await.is_ok());
}

#[tokio::test]
async fn guesses_at_a_deleted_account_are_counted() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.delete_own_account().execute(&ada, PASSWORD.into()).await.unwrap();
    let mut codes = Vec::new();
    for _ in 0..5 {
        let refused = world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.unwrap_err();
        codes.push(refused.code());
    }
    assert_eq!(codes.last(), Some(&"too_many_attempts"), "{codes:?}");
}

#[tokio::test]
async fn a_session_of_the_form_deletes_its_account_and_ends_all_of_its_sessions() {
    let world = World::new();
    world.sign_up("ada").await;
    let elsewhere = world.sign_in("ada").await;
    let tokens = world.log_in().execute(by_form("ada"), &origin()).await.unwrap();
    let ada = world.caller(&tokens).await;
    world.delete_own_account_by_session().execute(&ada).await.unwrap();
    for tokens in [&elsewhere, &tokens] {
        let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
        assert!(matches!(access, Err(AuthenticateError::Revoked)));
        let refreshed = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
        assert!(matches!(refreshed, Err(RefreshError::Revoked)));
    }
    let last = world.database.audit_log().pop().unwrap();
    assert_eq!((last.kind, last.subject), (AuditKind::AccountDeleted, Some(ada.principal.user)));
}

#[tokio::test]
async fn a_session_of_another_surface_needs_the_password() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let refused = world.delete_own_account_by_session().execute(&ada).await;
    assert!(matches!(refused, Err(DeleteOwnAccountBySessionError::PasswordNeeded)));
    assert!(world.read_own_account().execute(&ada).await.is_ok());
}

#[tokio::test]
async fn guests_do_not_delete_the_account_that_they_share() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let guest = Caller { principal: Principal { user: UserId::GUEST, ..ada.principal }, origin: origin() };
    let refused = world.delete_own_account_by_session().execute(&guest).await.unwrap_err();
    assert_eq!(refused.code(), "account_shared");
}

#[tokio::test]
async fn administrators_do_not_delete_themselves_by_a_session() {
    let world = World::new();
    world.admin("root").await;
    let tokens = world.log_in().execute(by_form("root"), &origin()).await.unwrap();
    let refused = world.delete_own_account_by_session().execute(&world.caller(&tokens).await).await;
    assert!(matches!(refused, Err(DeleteOwnAccountBySessionError::Administrator)));
}

#[tokio::test]
async fn who_was_signed_out_meanwhile_deletes_nothing() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.log_in().execute(by_form("ada"), &origin()).await.unwrap();
    let ada = world.caller(&tokens).await;
    world.log_out().execute(&ada).await.unwrap();
    let refused = world.delete_own_account_by_session().execute(&ada).await;
    assert!(matches!(refused, Err(DeleteOwnAccountBySessionError::Revoked)));
}
