//! Signing in through front ends that hold the shared secret: holders of accounts, newcomers, guests.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::pin::pin;

use futures::{future::join, poll};
use lectern_application::{
    ErrorKind, UseCaseError,
    auth::{AuthenticateError, EnterBySecretInput, IssuedTokens, LoginError, RefreshError, SessionRules},
    ports::{AccountFilter, AccountView, Clock, PageRequest, Random},
};
use lectern_domain::{
    access::{PermissionDenied, RoleName},
    account::{PasswordPolicy, Registration, Standing, UserId},
    audit::AuditKind,
    surface::Surface,
};
use lectern_testkit::world::{
    World,
    steps::{PASSWORD, login_input, origin},
};
use secrecy::ExposeSecret;

/// A request for that login, password and role; users and operators may be made.
fn input(login: Option<&str>, password: Option<&str>, role: &str) -> EnterBySecretInput {
    EnterBySecretInput {
        login: login.map(ToOwned::to_owned),
        password: password.map(Into::into),
        role: role.to_owned(),
        grantable: vec![RoleName::USER, RoleName::OPERATOR],
        policy: PasswordPolicy::ICCEM,
    }
}

async fn enter(world: &World, input: EnterBySecretInput) -> Result<IssuedTokens, (ErrorKind, &'static str)> {
    let entered = world.enter_by_secret().execute(input, &origin()).await;
    entered.map_err(|error| (error.kind(), error.code()))
}

async fn enter_as_guest(world: &World) -> IssuedTokens {
    enter(world, input(None, None, "user")).await.unwrap()
}

async fn all_accounts(world: &World) -> Vec<AccountView> {
    let page = PageRequest::first(PageRequest::MAX_SIZE);
    world.queries().accounts(&AccountFilter::default(), page).await.unwrap().items
}

async fn account_behind(world: &World, tokens: &IssuedTokens) -> AccountView {
    let caller = world.caller(tokens).await;
    world.queries().account(caller.principal.user).await.unwrap().unwrap()
}

#[tokio::test]
async fn somebody_new_gets_an_account_with_the_role_asked_for() {
    let world = World::new();
    for (login, role) in [("ada", "operator"), ("ada@example.org", "user")] {
        let tokens = enter(&world, input(Some(login), Some("x"), role)).await.unwrap();
        let account = account_behind(&world, &tokens).await;
        assert_eq!((account.user.parts().login(), account.role.name.as_str()), (login, role));
        assert!(account.user.parts().can_interact);
        assert_eq!(tokens.opened_by, Surface::Iccem);
    }
}

#[tokio::test]
async fn somebody_new_costs_one_hash_and_is_written_down() {
    let world = World::new();
    enter(&world, input(Some("ada"), Some("x"), "user")).await.unwrap();
    assert_eq!((world.hasher.hashed(), world.hasher.verified()), (1, 0));
    let kinds: Vec<_> = world.database.audit_log().into_iter().map(|event| event.kind).collect();
    assert!(matches!(kinds.as_slice(), [AuditKind::SignedUp, AuditKind::LoggedIn(_)]), "{kinds:?}");
}

#[tokio::test]
async fn the_secrets_holders_make_accounts_where_nobody_else_may() {
    for registration in [Registration::Closed, Registration::Approve] {
        let world = World { registration, ..World::new() };
        let tokens = enter(&world, input(Some("ada"), Some("x"), "user")).await.unwrap();
        assert!(account_behind(&world, &tokens).await.user.parts().can_interact);
    }
}

#[tokio::test]
async fn a_role_that_may_not_be_had_so_is_refused_and_nothing_is_made() {
    let world = World::new();
    for role in ["admin", "methodist", "astronaut", "No Role", ""] {
        let refused = enter(&world, input(Some("ada"), Some("x"), role)).await.unwrap_err();
        assert_eq!(refused, (ErrorKind::Forbidden, "role_refused"), "{role}");
    }
    assert_eq!(all_accounts(&world).await, []);
}

#[tokio::test]
async fn a_role_that_may_be_had_but_is_not_there_is_refused() {
    let world = World::new();
    let grantable = vec![RoleName::parse("astronaut").unwrap()];
    let input = EnterBySecretInput { grantable, ..input(Some("ada"), Some("x"), "astronaut") };
    assert_eq!(enter(&world, input).await.unwrap_err().1, "role_refused");
}

#[tokio::test]
async fn whoever_has_an_account_has_its_role_whatever_is_asked_for() {
    let world = World::new();
    world.sign_up("ada").await;
    for role in ["user", "operator", "admin", "astronaut", "No Role"] {
        let tokens = enter(&world, input(Some("ADA"), Some(PASSWORD), role)).await.unwrap();
        assert_eq!(account_behind(&world, &tokens).await.role.name, RoleName::USER, "{role}");
    }
    assert_eq!(all_accounts(&world).await.len(), 1);
}

#[tokio::test]
async fn a_wrong_password_lets_nobody_in_and_makes_no_account() {
    let world = World::new();
    world.sign_up("ada").await;
    let refused = enter(&world, input(Some("ada"), Some("guess"), "user")).await.unwrap_err();
    assert_eq!(refused, (ErrorKind::Unauthenticated, "invalid_credentials"));
    assert_eq!(all_accounts(&world).await.len(), 1);
}

#[tokio::test]
async fn guessing_is_slowed_down_as_everywhere() {
    let world = World::new();
    world.sign_up("ada").await;
    for _ in 0..4 {
        let refused = enter(&world, input(Some("ada"), Some("guess"), "user")).await.unwrap_err();
        assert_eq!(refused.1, "invalid_credentials");
    }
    let refused = enter(&world, input(Some("ada"), Some(PASSWORD), "user")).await.unwrap_err();
    assert_eq!(refused, (ErrorKind::TooMany, "too_many_attempts"));
}

#[tokio::test]
async fn an_unknown_login_that_is_refused_costs_what_a_wrong_password_costs() {
    let world = World::new();
    world.sign_up("ada").await;
    let strict = PasswordPolicy { min_chars: 9, ..PasswordPolicy::ICCEM };
    for refused in [
        input(Some("ada"), Some("guess"), "user"),
        input(Some("nobody"), Some("guess"), "admin"),
        EnterBySecretInput { policy: strict, ..input(Some("nobody"), Some("guess"), "user") },
    ] {
        let (hashed, verified) = (world.hasher.hashed(), world.hasher.verified());
        enter(&world, refused).await.unwrap_err();
        assert_eq!((world.hasher.hashed() - hashed, world.hasher.verified() - verified), (0, 1));
    }
}

#[tokio::test]
async fn a_blocked_account_is_not_signed_in_to() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    world.block_account().execute(&root, ada).await.unwrap();
    let refused = enter(&world, input(Some("ada"), Some(PASSWORD), "user")).await.unwrap_err();
    assert_eq!(refused, (ErrorKind::Forbidden, "account_blocked"));
}

#[tokio::test]
async fn the_login_of_a_deleted_account_is_anybodys_and_never_leads_into_it() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    world.delete_account().execute(&root, ada).await.unwrap();
    let tokens = enter(&world, input(Some("ada"), Some(PASSWORD), "user")).await.unwrap();
    assert_ne!(account_behind(&world, &tokens).await.user.id(), ada);
}

#[tokio::test]
async fn input_that_names_nobody_is_refused() {
    let world = World::new();
    for (login, password, role) in [
        (None, None, "operator"),
        (None, Some("x"), "operator"),
        (Some("ada"), None, "user"),
        (Some("ada"), Some(""), "user"),
        (Some(""), Some("x"), "operator"),
    ] {
        let refused = enter(&world, input(login, password, role)).await.unwrap_err();
        assert_eq!(refused, (ErrorKind::Invalid, "credentials_missing"), "{login:?} {role}");
    }
    let refused = enter(&world, input(Some("not a login"), Some("x"), "user")).await.unwrap_err();
    assert_eq!(refused, (ErrorKind::Invalid, "validation_failed"));
    let refused = enter(&world, input(Some("ada"), Some(&"x".repeat(257)), "user")).await.unwrap_err();
    assert_eq!(refused, (ErrorKind::Invalid, "validation_failed"));
}

/// Runs two requests that both looked before either wrote.
async fn at_once<T>(world: &World, one: impl Future<Output = T>, other: impl Future<Output = T>) -> (T, T) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let in_the_way = world.transactions().begin().await.unwrap();
    assert!(poll!(&mut one).is_pending() && poll!(&mut other).is_pending());
    drop(in_the_way);
    join(one, other).await
}

#[tokio::test]
async fn two_requests_for_somebody_new_at_once_make_one_account() {
    let world = World::new();
    let ada = || Box::pin(enter(&world, input(Some("ada"), Some("x"), "user")));
    let (one, other) = at_once(&world, ada(), ada()).await;
    assert_eq!(
        account_behind(&world, &one.unwrap()).await.user.id(),
        account_behind(&world, &other.unwrap()).await.user.id()
    );
    assert_eq!(all_accounts(&world).await.len(), 1);
}

#[tokio::test]
async fn of_two_passwords_for_somebody_new_at_once_the_first_counts() {
    let world = World::new();
    let with = |password: &str| Box::pin(enter(&world, input(Some("ada"), Some(password), "user")));
    let (one, other) = at_once(&world, with("first"), with("second")).await;
    assert!(one.is_ok());
    assert_eq!(other.unwrap_err().1, "invalid_credentials");
}

#[tokio::test]
async fn somebody_new_is_let_in_at_the_second_try() {
    let world = World::new();
    world.database.contend_next_commits(1);
    enter(&world, input(Some("ada"), Some("x"), "user")).await.unwrap();
    assert_eq!(all_accounts(&world).await.len(), 1);
}

#[tokio::test]
async fn guests_share_an_account_that_may_not_interact() {
    let world = World::new();
    let (one, other) = (enter_as_guest(&world).await, enter_as_guest(&world).await);
    assert_ne!(one.session, other.session);
    for tokens in [one, other] {
        let account = account_behind(&world, &tokens).await;
        assert_eq!((account.user.id(), account.user.parts().login()), (UserId::GUEST, "guest"));
        assert_eq!((account.role.name, account.user.parts().can_interact), (RoleName::USER, false));
    }
    assert_eq!(all_accounts(&world).await.len(), 1);
}

#[tokio::test]
async fn what_comes_without_a_login_is_a_guest_whatever_the_password() {
    let world = World::new();
    for (login, password) in [(None, Some("x")), (Some(""), None), (Some(""), Some(""))] {
        let tokens = enter(&world, input(login, password, "user")).await.unwrap();
        assert_eq!(account_behind(&world, &tokens).await.user.id(), UserId::GUEST);
    }
}

#[tokio::test]
async fn the_first_two_guests_at_once_make_one_account() {
    let world = World::new();
    let guest = || Box::pin(enter(&world, input(None, None, "user")));
    let (one, other) = at_once(&world, guest(), guest()).await;
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(all_accounts(&world).await.len(), 1);
}

#[tokio::test]
async fn a_guest_leaves_somebody_their_name() {
    let world = World::new();
    world.sign_up("Guest").await;
    let tokens = enter_as_guest(&world).await;
    let account = account_behind(&world, &tokens).await;
    assert_eq!(account.user.id(), UserId::GUEST);
    assert!(account.user.parts().login().starts_with("guest-"), "{:?}", account.user.parts().username);
}

#[tokio::test]
async fn nobody_knows_the_password_of_guests() {
    let (world, another) = (World::new(), World::new());
    another.random.fill(&mut [0; 8]).unwrap();
    let mut hashes = Vec::new();
    for world in [&world, &another] {
        let tokens = enter_as_guest(world).await;
        hashes.push(account_behind(world, &tokens).await.user.parts().password_hash.clone());
    }
    assert_ne!(hashes.first(), hashes.last(), "it is drawn");
    for password in ["", "guest", "x"] {
        let refused = world.log_in().execute(login_input("guest", password), &origin()).await;
        assert!(matches!(refused, Err(LoginError::InvalidCredentials)));
    }
}

#[tokio::test]
async fn without_random_bytes_there_is_no_guest_with_a_known_password() {
    let world = World::new();
    world.random.exhaust();
    assert_eq!(
        enter(&world, input(None, None, "user")).await.unwrap_err(),
        (ErrorKind::Internal, "internal")
    );
    assert_eq!(all_accounts(&world).await, []);
}

#[tokio::test]
async fn no_guest_ends_anothers_session_by_coming() {
    let session_rules = SessionRules { max_live: 2, ..SessionRules::default() };
    let world = World { session_rules, ..World::new() };
    let first = enter_as_guest(&world).await;
    for _ in 0..5 {
        enter_as_guest(&world).await;
    }
    assert!(world.authenticate().execute(first.access_token.expose_secret()).await.is_ok());
}

#[tokio::test]
async fn where_guests_are_blocked_or_deleted_there_are_none() {
    for deleted in [false, true] {
        let world = World::new();
        let (root, tokens) = (world.admin("root").await, enter_as_guest(&world).await);
        if deleted {
            world.delete_account().execute(&root, UserId::GUEST).await.unwrap();
        } else {
            world.block_account().execute(&root, UserId::GUEST).await.unwrap();
        }
        let refused = enter(&world, input(None, None, "user")).await.unwrap_err();
        assert_eq!(refused, (ErrorKind::Forbidden, "guests_refused"));
        let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
        assert!(matches!(access, Err(AuthenticateError::Revoked)));
        let refreshed = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
        assert!(matches!(refreshed, Err(RefreshError::Revoked)));
        let guest = world.queries().account(UserId::GUEST).await.unwrap().unwrap();
        assert!(guest.user.standing() != Standing::Active);
    }
}

#[tokio::test]
async fn an_administrator_lets_guests_in_again() {
    let world = World::new();
    let root = world.admin("root").await;
    enter_as_guest(&world).await;
    world.delete_account().execute(&root, UserId::GUEST).await.unwrap();
    world.restore_account().execute(&root, UserId::GUEST).await.unwrap();
    enter_as_guest(&world).await;
}

#[tokio::test]
async fn no_guest_speaks_for_the_account() {
    let world = World::new();
    let (guest, other) = (enter_as_guest(&world).await, enter_as_guest(&world).await);
    let guest = world.caller(&guest).await;
    let listed = world.list_own_sessions().execute(&guest).await.unwrap_err();
    let others = world.revoke_other_sessions().execute(&guest).await.unwrap_err();
    let one = world.revoke_own_session().execute(&guest, other.session).await.unwrap_err();
    for code in [listed.code(), others.code(), one.code()] {
        assert_eq!(code, "account_shared");
    }
    assert_eq!(guest.principal.require_own_account(), Err(PermissionDenied::Shared));
    assert!(world.authenticate().execute(other.access_token.expose_secret()).await.is_ok());
}

#[tokio::test]
async fn a_guest_signs_out_alone() {
    let world = World::new();
    let (leaves, stays) = (enter_as_guest(&world).await, enter_as_guest(&world).await);
    let (caller, another) = (world.caller(&leaves).await, world.caller(&enter_as_guest(&world).await).await);
    world.log_out().execute(&caller).await.unwrap();
    let own = another.principal.session;
    world.revoke_own_session().execute(&another, own).await.unwrap();
    assert!(world.authenticate().execute(leaves.access_token.expose_secret()).await.is_err());
    assert!(world.authenticate().execute(stays.access_token.expose_secret()).await.is_ok());
}

#[tokio::test]
async fn a_token_tells_its_own_end_and_what_its_account_may_now() {
    let world = World::new();
    let tokens = enter(&world, input(Some("ada"), Some("x"), "operator")).await.unwrap();
    let read = world.introspect().execute(tokens.access_token.expose_secret()).await.unwrap();
    assert_eq!(read.account.role.name, RoleName::OPERATOR);
    let expected = world.clock.now().plus(Surface::Iccem.access_lifetime());
    assert_eq!(read.expires_at, expected);
    let refused = world.introspect().execute(tokens.refresh_token.expose_secret()).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Unauthenticated, "token_invalid"));
}
