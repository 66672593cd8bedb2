//! Showing that an e-mail address is one's own.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use lectern_application::{
    Caller, ErrorKind, UseCaseError,
    accounts::{ConfirmEmailVerificationError, RequestEmailVerificationError},
    ports::{Clock, Queries, Transactions},
};
use lectern_domain::{account::EmailAddress, audit::AuditKind, challenge::Code, time::Timestamp};
use lectern_testkit::world::{World, steps::origin};
use secrecy::SecretString;

async fn with_ada() -> (World, Caller) {
    let world = World::new();
    world.sign_up_with_email("ada", "ada@example.org").await;
    let ada = world.caller(&world.sign_in("ada").await).await;
    (world, ada)
}

async fn request(world: &World, caller: &Caller) -> Result<SecretString, RequestEmailVerificationError> {
    Ok(world.request_email_verification().execute(caller).await?.encoded())
}

async fn confirm(
    world: &World,
    token: &SecretString,
    code: &Code,
) -> Result<(), ConfirmEmailVerificationError> {
    world.confirm_email_verification().execute(token, code, &origin()).await
}

async fn verified_at(world: &World, caller: &Caller) -> Option<Timestamp> {
    let account = world.database.account(caller.principal.user).await.unwrap().unwrap();
    account.user.parts().email_verified_at
}

async fn change_email(world: &World, caller: &Caller, email: Option<&str>) {
    let mut work = world.database.begin().await.unwrap();
    let user = work.user(caller.principal.user).await.unwrap().unwrap();
    let email = email.map(|email| EmailAddress::parse(email).unwrap());
    work.save_user(&user.with_email(email, world.clock.now()).unwrap()).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test]
async fn whoever_reads_the_mail_shows_that_the_address_is_theirs() {
    let (world, ada) = with_ada().await;
    let token = request(&world, &ada).await.unwrap();
    let code = world.mailed_code().await;
    assert_eq!(verified_at(&world, &ada).await, None);
    confirm(&world, &token, &code).await.unwrap();
    assert_eq!(verified_at(&world, &ada).await, Some(world.clock.now()));
    let last = world.database.audit_log().pop().unwrap();
    assert_eq!((last.kind, last.subject), (AuditKind::EmailVerified, Some(ada.principal.user)));
}

#[tokio::test]
async fn the_right_code_may_come_again_and_is_noted_once() {
    let (world, ada) = with_ada().await;
    let token = request(&world, &ada).await.unwrap();
    let code = world.mailed_code().await;
    confirm(&world, &token, &code).await.unwrap();
    let (events, at) = (world.database.audit_log().len(), verified_at(&world, &ada).await);
    world.clock.advance(Duration::from_secs(1));
    confirm(&world, &token, &code).await.unwrap();
    assert_eq!((world.database.audit_log().len(), verified_at(&world, &ada).await), (events, at));
}

#[tokio::test]
async fn five_wrong_codes_end_it() {
    let (world, ada) = with_ada().await;
    let token = request(&world, &ada).await.unwrap();
    let code = world.mailed_code().await;
    let wrong = if code.expose() == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        let refused = confirm(&world, &token, &Code::parse(wrong).unwrap()).await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Invalid, "verification_code_invalid"));
    }
    assert!(confirm(&world, &token, &code).await.is_err());
}

#[tokio::test]
async fn a_code_to_an_old_address_does_not_verify_the_new_one() {
    let (world, ada) = with_ada().await;
    let token = request(&world, &ada).await.unwrap();
    let code = world.mailed_code().await;
    change_email(&world, &ada, Some("countess@example.org")).await;
    assert!(confirm(&world, &token, &code).await.is_err());
    assert_eq!(verified_at(&world, &ada).await, None);
}

#[tokio::test]
async fn a_verification_token_resets_no_password_and_a_reset_token_verifies_nothing() {
    let (world, ada) = with_ada().await;
    let verification = request(&world, &ada).await.unwrap();
    let code = world.mailed_code().await;
    assert!(world.confirm_reset().execute(&verification, &code).await.is_err());
    let email = EmailAddress::parse("ada@example.org").unwrap();
    let reset = world.forgot_password().execute(&email, &origin()).await.unwrap().encoded();
    let code = world.mailed_code().await;
    assert!(confirm(&world, &reset, &code).await.is_err());
}

#[tokio::test]
async fn without_an_address_there_is_nothing_to_verify() {
    let (world, ada) = with_ada().await;
    change_email(&world, &ada, None).await;
    let refused = request(&world, &ada).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Conflict, "email_missing"));
}

#[tokio::test]
async fn what_is_verified_is_not_verified_again() {
    let (world, ada) = with_ada().await;
    let token = request(&world, &ada).await.unwrap();
    confirm(&world, &token, &world.mailed_code().await).await.unwrap();
    let refused = request(&world, &ada).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Conflict, "email_already_verified"));
}

#[tokio::test]
async fn after_five_mails_one_has_to_wait() {
    let (world, ada) = with_ada().await;
    for _ in 0..5 {
        request(&world, &ada).await.unwrap();
    }
    let refused = request(&world, &ada).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::TooMany, "too_many_mails"));
    world.clock.advance(Duration::from_mins(10));
    request(&world, &ada).await.unwrap();
}
