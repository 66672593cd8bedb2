//! Forgotten passwords: the way back in, and everybody who tries to take it for somebody else.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use lectern_application::{
    ErrorKind, UseCaseError,
    auth::{AuthenticateError, ConfirmResetError, RefreshError, ResetPasswordError, ResetPasswordInput},
    ports::Transactions,
};
use lectern_domain::{
    account::{EmailAddress, Login, Password, PasswordPolicy, Standing, User, UserParts},
    audit::{AuditKind, Origin},
    challenge::Code,
    mail::MailContent,
};
use lectern_testkit::{
    build::at,
    world::{
        World,
        steps::{PASSWORD, login_input, origin},
    },
};
use secrecy::{ExposeSecret, SecretString};

const NEW: &str = "an entirely new password";

async fn forgot_from(world: &World, email: &str, origin: &Origin) -> SecretString {
    let email = EmailAddress::parse(email).unwrap();
    world.forgot_password().execute(&email, origin).await.unwrap().encoded()
}

async fn forgot(world: &World, email: &str) -> SecretString {
    forgot_from(world, email, &origin()).await
}

async fn confirm(world: &World, token: &SecretString, code: &Code) -> Result<(), ConfirmResetError> {
    world.confirm_reset().execute(token, code).await
}

async fn reset(world: &World, token: &SecretString, new: &str) -> Result<(), ResetPasswordError> {
    let new = Password::new(new.to_owned()).unwrap();
    let input = ResetPasswordInput { token: token.clone(), new, policy: PasswordPolicy::V1 };
    world.reset_password().execute(input, &origin()).await.map(drop)
}

async fn can_sign_in(world: &World, password: &str) -> bool {
    world.log_in().execute(login_input("ada", password), &origin()).await.is_ok()
}

/// Some code that isn't `code`.
fn another(code: &Code) -> Code {
    let [one, other] = ["000000", "000001"].map(|code| Code::parse(code).unwrap());
    if *code == one { other } else { one }
}

async fn with_ada() -> World {
    let world = World::new();
    world.sign_up_with_email("ada", "ada@example.org").await;
    world
}

/// A token whose code was confirmed.
async fn confirmed(world: &World) -> SecretString {
    let token = forgot(world, "ada@example.org").await;
    let code = world.mailed_code().await;
    confirm(world, &token, &code).await.unwrap();
    token
}

async fn set_standing(world: &World, standing: Standing) {
    let mut work = world.database.begin().await.unwrap();
    let login = Login::parse("ada").unwrap();
    let user = work.user_by_login(&login).await.unwrap().unwrap();
    let user = User::from_parts(UserParts { standing, ..user.parts().clone() }).unwrap();
    work.save_user(&user).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test]
async fn whoever_reads_the_mail_gets_back_in() {
    let world = with_ada().await;
    let token = confirmed(&world).await;
    reset(&world, &token, NEW).await.unwrap();
    assert!(can_sign_in(&world, NEW).await);
    assert!(!can_sign_in(&world, PASSWORD).await);
}

#[tokio::test]
async fn the_mail_goes_to_the_address_as_the_account_has_it() {
    let world = World::new();
    world.sign_up_with_email("ada", "Ada.Lovelace@example.org").await;
    forgot(&world, "ADA.LOVELACE@EXAMPLE.ORG").await;
    world.mailed_code().await;
    assert_eq!(world.mailer.sent().pop().unwrap().recipient.as_str(), "Ada.Lovelace@example.org");
}

#[tokio::test]
async fn a_reset_ends_every_session_and_its_tokens() {
    let world = with_ada().await;
    let tokens = world.sign_in("ada").await;
    let token = confirmed(&world).await;
    reset(&world, &token, NEW).await.unwrap();
    let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(access, Err(AuthenticateError::Revoked)), "{access:?}");
    let refresh = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
    assert!(matches!(refresh, Err(RefreshError::Revoked)), "{refresh:?}");
}

#[tokio::test]
async fn a_reset_is_in_the_audit_log() {
    let world = with_ada().await;
    let token = confirmed(&world).await;
    reset(&world, &token, NEW).await.unwrap();
    let kinds: Vec<_> = world.database.audit_log().into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [AuditKind::SignedUp, AuditKind::PasswordResetRequested, AuditKind::PasswordReset]);
}

#[tokio::test]
async fn a_token_does_nothing_before_its_code_was_confirmed() {
    let world = with_ada().await;
    let token = forgot(&world, "ada@example.org").await;
    let refused = reset(&world, &token, NEW).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Invalid, "reset_token_invalid"));
    assert_eq!(world.hasher.hashed(), 1, "only the registration's");
}

#[tokio::test]
async fn a_token_works_once() {
    let world = with_ada().await;
    let token = confirmed(&world).await;
    reset(&world, &token, NEW).await.unwrap();
    assert!(matches!(reset(&world, &token, PASSWORD).await, Err(ResetPasswordError::Invalid)));
    assert!(can_sign_in(&world, NEW).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_works_once_even_if_it_comes_twice_at_the_same_time() {
    let world = with_ada().await;
    let token = confirmed(&world).await;
    let resets = (0..8).map(|n| {
        let (world, token) = (world.clone(), token.clone());
        tokio::spawn(async move { reset(&world, &token, &format!("{NEW} {n}")).await.is_ok() })
    });
    let mut done = 0;
    for reset in resets.collect::<Vec<_>>() {
        done += usize::from(reset.await.unwrap());
    }
    assert_eq!(done, 1);
}

#[tokio::test]
async fn a_reset_ends_the_accounts_other_tokens_too() {
    let world = with_ada().await;
    let [one, other] = [confirmed(&world).await, confirmed(&world).await];
    reset(&world, &one, NEW).await.unwrap();
    assert!(matches!(reset(&world, &other, PASSWORD).await, Err(ResetPasswordError::Invalid)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_guesses_at_once_are_no_more_than_five() {
    let world = with_ada().await;
    let token = forgot(&world, "ada@example.org").await;
    let code = world.mailed_code().await;
    let guesses = (0..100).map(|_| {
        let (world, token, guess) = (world.clone(), token.clone(), another(&code));
        tokio::spawn(async move { confirm(&world, &token, &guess).await.is_err() })
    });
    for guess in guesses.collect::<Vec<_>>() {
        assert!(guess.await.unwrap());
    }
    assert!(confirm(&world, &token, &code).await.is_err(), "the sixth try was let through");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_at_once_count_as_five() {
    let world = with_ada().await;
    let token = forgot(&world, "ada@example.org").await;
    let code = world.mailed_code().await;
    let guesses = (0..5).map(|_| {
        let (world, token, guess) = (world.clone(), token.clone(), another(&code));
        tokio::spawn(async move { confirm(&world, &token, &guess).await })
    });
    for guess in guesses.collect::<Vec<_>>() {
        guess.await.unwrap().unwrap_err();
    }
    assert!(confirm(&world, &token, &code).await.is_err());
}

#[tokio::test]
async fn four_wrong_codes_are_forgiven() {
    let world = with_ada().await;
    let token = forgot(&world, "ada@example.org").await;
    let code = world.mailed_code().await;
    for _ in 0..4 {
        confirm(&world, &token, &another(&code)).await.unwrap_err();
    }
    confirm(&world, &token, &code).await.unwrap();
}

#[tokio::test]
async fn a_code_fits_its_own_token_only() {
    let world = with_ada().await;
    let first = forgot(&world, "ada@example.org").await;
    let code = world.mailed_code().await;
    let second = forgot(&world, "ada@example.org").await;
    assert!(confirm(&world, &second, &code).await.is_err());
    confirm(&world, &first, &code).await.unwrap();
}

#[tokio::test]
async fn everything_expires_after_ten_minutes() {
    let world = with_ada().await;
    let (token, unconfirmed) = (confirmed(&world).await, forgot(&world, "ada@example.org").await);
    let code = world.mailed_code().await;
    world.clock.advance(Duration::from_mins(10));
    assert!(matches!(reset(&world, &token, NEW).await, Err(ResetPasswordError::Invalid)));
    assert!(matches!(confirm(&world, &unconfirmed, &code).await, Err(ConfirmResetError::Over)));
}

#[tokio::test]
async fn a_weak_password_is_refused_and_the_token_still_works() {
    let world = with_ada().await;
    let token = confirmed(&world).await;
    for weak in ["short", "password1", "ADA@example.org"] {
        let refused = reset(&world, &token, weak).await.unwrap_err();
        assert_eq!((refused.code(), refused.field()), ("validation_failed", Some("new_password")), "{weak}");
    }
    assert_eq!(world.hasher.hashed(), 1, "only the registration's");
    reset(&world, &token, NEW).await.unwrap();
}

#[tokio::test]
async fn a_busy_hasher_costs_no_token() {
    let world = with_ada().await;
    let token = confirmed(&world).await;
    world.hasher.fill_up();
    assert_eq!(reset(&world, &token, NEW).await.unwrap_err().kind(), ErrorKind::Unavailable);
    world.hasher.drain();
    reset(&world, &token, NEW).await.unwrap();
}

#[tokio::test]
async fn nothing_tells_whether_an_address_has_an_account() {
    let unusable = [Standing::Blocked { at: at(0) }, Standing::Deleted { at: at(0) }];
    let mut traces = Vec::new();
    for (email, standing) in [
        ("ada@example.org", Standing::Active),
        ("ada@example.org", unusable[0]),
        ("ada@example.org", unusable[1]),
        ("nobody@example.org", Standing::Active),
    ] {
        let world = with_ada().await;
        set_standing(&world, standing).await;
        let token = forgot(&world, email).await;
        let rows =
            (world.database.challenges(), world.database.outbox().len(), world.database.audit_log().len());
        let mut answers = Vec::new();
        for _ in 0..7 {
            let refused = confirm(&world, &token, &Code::parse("000000").unwrap()).await.unwrap_err();
            answers.push((refused.kind(), refused.code(), refused.to_string()));
        }
        let refused = reset(&world, &token, NEW).await.unwrap_err();
        answers.push((refused.kind(), refused.code(), refused.to_string()));
        traces.push((token.expose_secret().len(), rows, answers));
    }
    assert!(traces.windows(2).all(|pair| pair[0] == pair[1]), "{traces:#?}");
}

#[tokio::test]
async fn nobody_but_active_accounts_gets_mail() {
    for standing in [Standing::Blocked { at: at(0) }, Standing::Deleted { at: at(0) }] {
        let world = with_ada().await;
        set_standing(&world, standing).await;
        forgot(&world, "ada@example.org").await;
        forgot(&world, "nobody@example.org").await;
        while !world.database.outbox().is_empty() {
            world.deliver_mail().execute().await.unwrap();
        }
        assert_eq!(world.mailer.tries(), 0);
    }
}

#[tokio::test]
async fn no_code_opens_what_is_nobodys() {
    let world = World::new();
    let token = forgot(&world, "nobody@example.org").await;
    let (MailContent::PasswordReset { code } | MailContent::EmailVerification { code }) =
        world.database.outbox().remove(0).parts().content.clone();
    assert!(confirm(&world, &token, &code).await.is_err());
}

#[tokio::test]
async fn an_account_that_was_blocked_meanwhile_is_not_reset() {
    let world = with_ada().await;
    let token = confirmed(&world).await;
    set_standing(&world, Standing::Blocked { at: at(0) }).await;
    assert!(matches!(reset(&world, &token, NEW).await, Err(ResetPasswordError::Invalid)));
    set_standing(&world, Standing::Active).await;
    assert!(can_sign_in(&world, PASSWORD).await);
}

#[tokio::test]
async fn nobody_keeps_another_from_resetting() {
    let world = with_ada().await;
    let eve = Origin { ip: "198.51.100.66".parse().ok(), ..origin() };
    for _ in 0..50 {
        let token = forgot_from(&world, "ada@example.org", &eve).await;
        for _ in 0..5 {
            confirm(&world, &token, &Code::parse("000000").unwrap()).await.unwrap_err();
        }
    }
    let token = confirmed(&world).await;
    reset(&world, &token, NEW).await.unwrap();
}

#[tokio::test]
async fn an_address_gets_five_mails_from_one_network_and_ten_in_all() {
    let world = with_ada().await;
    let mut counts = Vec::new();
    for network in 1..=4 {
        let origin = Origin { ip: format!("198.51.100.{network}").parse().ok(), ..origin() };
        for _ in 0..9 {
            forgot_from(&world, "ada@example.org", &origin).await;
        }
        counts.push(world.database.outbox().len());
    }
    assert_eq!(counts, [5, 10, 10, 10]);
}

#[tokio::test]
async fn over_the_limit_there_is_a_token_that_behaves_like_any_other() {
    let world = with_ada().await;
    for _ in 0..5 {
        forgot(&world, "ada@example.org").await;
    }
    let token = forgot(&world, "ada@example.org").await;
    for _ in 0..7 {
        let refused = confirm(&world, &token, &Code::parse("000000").unwrap()).await.unwrap_err();
        assert_eq!(refused.code(), "reset_code_invalid");
    }
    world.clock.advance(Duration::from_mins(10));
    confirmed(&world).await;
}

#[tokio::test]
async fn a_wrong_code_is_told_from_a_token_that_is_over_whether_or_not_the_address_is_anybodys() {
    for email in ["ada@example.org", "nobody@example.org"] {
        let world = with_ada().await;
        let token = forgot(&world, email).await;
        let wrong = Code::parse("000000").unwrap();
        for _ in 0..5 {
            let refused = confirm(&world, &token, &wrong).await;
            assert!(matches!(refused, Err(ConfirmResetError::Wrong)), "{email}");
        }
        assert!(matches!(confirm(&world, &token, &wrong).await, Err(ConfirmResetError::Over)), "{email}");
    }
}

#[tokio::test]
async fn a_text_that_is_no_token_is_as_wrong_as_any() {
    let world = with_ada().await;
    let code = Code::parse("000000").unwrap();
    for text in ["", "x", &"A".repeat(43), &"A".repeat(10_000), "💥"] {
        let token = SecretString::from(text);
        assert!(matches!(confirm(&world, &token, &code).await, Err(ConfirmResetError::Over)));
        assert!(matches!(reset(&world, &token, NEW).await, Err(ResetPasswordError::Invalid)));
    }
}

#[tokio::test]
async fn without_random_bytes_there_is_no_token() {
    let world = with_ada().await;
    world.random.exhaust();
    let email = EmailAddress::parse("ada@example.org").unwrap();
    let error = world.forgot_password().execute(&email, &origin()).await.unwrap_err();
    assert_eq!((error.kind(), world.database.challenges()), (ErrorKind::Internal, 0));
}

#[tokio::test]
async fn a_request_that_is_not_committed_mails_nothing() {
    let world = with_ada().await;
    world.database.fail_next_commits(1);
    let email = EmailAddress::parse("ada@example.org").unwrap();
    world.forgot_password().execute(&email, &origin()).await.unwrap_err();
    assert!(world.database.outbox().is_empty());
}

#[tokio::test]
async fn old_challenges_are_purged_and_younger_ones_are_not() {
    let world = with_ada().await;
    forgot(&world, "ada@example.org").await;
    world.clock.advance(Duration::from_hours(24));
    forgot(&world, "ada@example.org").await;
    world.clock.advance(Duration::from_mins(11));
    assert_eq!(world.purge().execute().await.unwrap().challenges, 1);
    assert_eq!(world.database.challenges(), 1);
}
