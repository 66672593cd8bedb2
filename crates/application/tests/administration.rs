//! What administrators do with others' accounts, and what nobody may.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use lectern_application::{
    Caller, ErrorKind, UseCaseError,
    accounts::{AdministerError, Change, CreateAccountInput, UpdateAccountInput},
    auth::{AuthenticateError, LoginError, RefreshError},
    ports::{AccountFilter, PageRequest},
};
use lectern_domain::{
    access::{Permission, PermissionSet, RoleName},
    account::{EmailAddress, Standing, UserId, Username},
    audit::AuditKind,
};
use lectern_testkit::{
    build::fresh_id,
    world::{
        World,
        steps::{PASSWORD, login_input, origin, register_input},
    },
};
use secrecy::ExposeSecret;

fn named(username: &str) -> UpdateAccountInput {
    UpdateAccountInput { username: Change::To(Username::parse(username).ok()), ..Default::default() }
}

fn new_account(username: &str, role: Option<RoleName>) -> CreateAccountInput {
    CreateAccountInput {
        account: register_input(username),
        role,
        permissions: PermissionSet::default(),
        can_interact: true,
    }
}

/// What the audit log says last.
fn last_event(world: &World) -> (AuditKind, Option<UserId>, Option<UserId>) {
    let last = world.database.audit_log().pop().unwrap();
    (last.kind, last.actor, last.subject)
}

#[tokio::test]
async fn a_blocked_account_is_out_at_once_and_can_not_come_back() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    let tokens = world.sign_in("ada").await;
    let blocked = world.block_account().execute(&root, ada).await.unwrap();
    assert!(matches!(blocked.user.standing(), Standing::Blocked { .. }));
    assert_eq!(last_event(&world), (AuditKind::AccountBlocked, Some(root.principal.user), Some(ada)));

    let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(access, Err(AuthenticateError::Revoked)));
    let refreshed = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
    assert!(matches!(refreshed, Err(RefreshError::Revoked)));
    let login = world.log_in().execute(login_input("ada", PASSWORD), &origin()).await;
    assert!(matches!(login, Err(LoginError::Blocked)));
}

#[tokio::test]
async fn an_unblocked_account_signs_in_anew() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    let tokens = world.sign_in("ada").await;
    world.block_account().execute(&root, ada).await.unwrap();
    let unblocked = world.unblock_account().execute(&root, ada).await.unwrap();
    assert_eq!(unblocked.user.standing(), Standing::Active);
    assert_eq!(last_event(&world).0, AuditKind::AccountUnblocked);
    let refreshed = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
    assert!(matches!(refreshed, Err(RefreshError::Revoked)), "what was ended stays ended");
    world.sign_in("ada").await;
}

#[tokio::test]
async fn blocking_twice_changes_and_says_nothing_more() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    let once = world.block_account().execute(&root, ada).await.unwrap();
    let events = world.database.audit_log().len();
    assert_eq!(world.block_account().execute(&root, ada).await.unwrap(), once);
    assert_eq!(world.database.audit_log().len(), events);
}

#[tokio::test]
async fn a_deleted_account_is_out_and_comes_back_unless_its_name_is_taken() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    let tokens = world.sign_in("ada").await;
    world.delete_account().execute(&root, ada).await.unwrap();
    assert_eq!(last_event(&world), (AuditKind::AccountDeleted, Some(root.principal.user), Some(ada)));
    let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(access, Err(AuthenticateError::Revoked)));
    let blocked = world.block_account().execute(&root, ada).await.unwrap_err();
    assert_eq!((blocked.kind(), blocked.code()), (ErrorKind::Conflict, "account_deleted"));

    world.sign_up("ADA").await;
    let refused = world.restore_account().execute(&root, ada).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Conflict, "username_taken"));
    world.update_account().execute(&root, ada, named("countess")).await.unwrap();
    let restored = world.restore_account().execute(&root, ada).await.unwrap();
    assert_eq!(restored.user.standing(), Standing::Active);
    assert_eq!(last_event(&world).0, AuditKind::AccountRestored);
    let refreshed = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
    assert!(matches!(refreshed, Err(RefreshError::Revoked)));
    world.sign_in("countess").await;
}

#[tokio::test]
async fn deleting_does_not_wash_off_a_block() {
    let world = World::new();
    let root = world.admin("root").await;
    let operator = world.holder("operator1", &[Permission::USERS_DELETE]).await;
    let ada = world.sign_up("ada").await.user.id();
    world.block_account().execute(&root, ada).await.unwrap();
    let refused = world.delete_account().execute(&operator, ada).await.unwrap_err();
    assert_eq!(refused.code(), "permission_denied");
    world.delete_account().execute(&root, ada).await.unwrap();
}

#[tokio::test]
async fn all_sessions_of_an_account_are_ended_and_each_is_told_of() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    let (one, two) = (world.sign_in("ada").await, world.sign_in("ada").await);
    world.end_sessions_of().execute(&root, ada).await.unwrap();
    for tokens in [&one, &two] {
        let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
        assert!(matches!(access, Err(AuthenticateError::Revoked)));
        let told = |kind: &AuditKind| *kind == AuditKind::SessionRevoked(tokens.session);
        assert!(world.database.audit_log().iter().any(|event| told(&event.kind)));
    }
    world.sign_in("ada").await;
}

#[tokio::test]
async fn an_account_is_made_for_somebody_else_even_when_registration_is_closed() {
    let registration = lectern_domain::account::Registration::Closed;
    let world = World { registration, ..World::new() };
    let root = world.admin("root").await;
    let input = CreateAccountInput { can_interact: false, ..new_account("ada", Some(RoleName::OPERATOR)) };
    let made = world.create_account().execute(&root, input).await.unwrap();
    assert_eq!((&made.user.parts().role, made.user.parts().can_interact), (&RoleName::OPERATOR, false));
    let expected = (AuditKind::AccountCreated, Some(root.principal.user), Some(made.user.id()));
    assert_eq!(last_event(&world), expected);
    world.sign_in("ada").await;
}

#[tokio::test]
async fn made_accounts_pass_the_rules_of_signing_up() {
    let world = World::new();
    let root = world.admin("root").await;
    world.sign_up("ada").await;
    let create = async |input| world.create_account().execute(&root, input).await.unwrap_err();
    assert_eq!(create(new_account("ADA", None)).await.code(), "username_taken");
    let mut nameless = new_account("bob", None);
    nameless.account.username = None;
    assert_eq!(create(nameless).await.field(), Some("username"));
    let mut weak = new_account("bob", None);
    weak.account.password = lectern_domain::account::Password::new("12345678".to_owned()).unwrap();
    assert_eq!(create(weak).await.field(), Some("password"));
    let unknown = new_account("bob", RoleName::parse("astronaut").ok());
    let unknown = create(unknown).await;
    assert_eq!((unknown.kind(), unknown.field()), (ErrorKind::Invalid, Some("role")));
}

#[tokio::test]
async fn a_profile_is_changed_name_by_name_but_keeps_one_to_sign_in_with() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    world.sign_up("taken").await;
    let update = async |input| world.update_account().execute(&root, ada, input).await;
    let email = EmailAddress::parse("ada@example.org").ok();
    let with_email = UpdateAccountInput { email: Change::To(email), ..Default::default() };
    assert!(update(with_email).await.unwrap().user.parts().username.is_some());
    let by_mail = UpdateAccountInput { username: Change::To(None), ..Default::default() };
    assert_eq!(update(by_mail).await.unwrap().user.parts().username, None);
    let nameless = UpdateAccountInput { email: Change::To(None), ..Default::default() };
    assert!(matches!(update(nameless).await, Err(AdministerError::Nameless(_))));
    assert_eq!(update(named("TAKEN")).await.unwrap_err().code(), "username_taken");
    assert_eq!(last_event(&world).0, AuditKind::AccountUpdated);
}

#[tokio::test]
async fn names_and_approval_need_permissions_of_their_own() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user.id();
    let clerk = world.holder("clerk", &[Permission::USERS_UPDATE]).await;
    let approver = world.holder("approver", &[Permission::USERS_APPROVE]).await;
    let approval = UpdateAccountInput { can_interact: Some(false), ..Default::default() };
    let both = UpdateAccountInput { can_interact: Some(true), ..named("countess") };
    let update = async |caller: &Caller, input: &UpdateAccountInput| {
        world
            .update_account()
            .execute(caller, ada, input.clone())
            .await
            .map(|view| view.user.parts().can_interact)
    };
    assert!(update(&clerk, &named("ada2")).await.unwrap());
    assert!(!update(&approver, &approval).await.unwrap());
    for (caller, input) in
        [(&clerk, &approval), (&approver, &named("x")), (&clerk, &both), (&approver, &both)]
    {
        assert!(matches!(update(caller, input).await, Err(AdministerError::Denied(_))));
    }
}

#[tokio::test]
async fn an_unknown_account_is_not_found() {
    let world = World::new();
    let (root, nobody) = (world.admin("root").await, UserId(fresh_id()));
    let read = world.read_account().execute(&root, nobody).await.unwrap_err();
    let blocked = world.block_account().execute(&root, nobody).await.unwrap_err();
    assert_eq!((read.code(), blocked.code()), ("account_not_found", "account_not_found"));
}

#[tokio::test]
async fn accounts_are_shown_to_who_may_view_them() {
    let world = World::new();
    let viewer = world.holder("viewer", &[Permission::USERS_VIEW]).await;
    let (ada, page) = (world.register_user("ada").await, PageRequest::new(1, 10).unwrap());
    let everybody = AccountFilter::default();
    let listed = world.list_accounts().execute(&viewer, &everybody, page).await.unwrap();
    assert_eq!(listed.total, 3);
    let read = world.read_account().execute(&viewer, ada.principal.user).await.unwrap();
    assert!(listed.items.contains(&read));
    let refused = world.list_accounts().execute(&ada, &everybody, page).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Forbidden);
    let refused = world.read_account().execute(&ada, ada.principal.user).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn nobody_acts_on_a_mightier_account() {
    let world = World::new();
    let root = world.admin("root").await.principal.user;
    let everything_but_all: Vec<_> = Permission::KNOWN.into_iter().collect();
    let deputy = world.holder("deputy", &everything_but_all).await;
    let refusals = [
        world.block_account().execute(&deputy, root).await.unwrap_err(),
        world.unblock_account().execute(&deputy, root).await.unwrap_err(),
        world.delete_account().execute(&deputy, root).await.unwrap_err(),
        world.restore_account().execute(&deputy, root).await.unwrap_err(),
        world.end_sessions_of().execute(&deputy, root).await.unwrap_err(),
        world.update_account().execute(&deputy, root, named("mine")).await.unwrap_err(),
        world.set_role().execute(&deputy, root, RoleName::USER).await.unwrap_err(),
        world.set_permissions().execute(&deputy, root, PermissionSet::default()).await.unwrap_err(),
    ];
    for refused in refusals {
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Forbidden, "permission_denied"));
    }
}

#[tokio::test]
async fn an_operator_without_recordings_looks_after_accounts_that_have_some() {
    let world = World::new();
    let root = world.admin("root").await;
    let input = new_account("op", Some(RoleName::OPERATOR));
    world.create_account().execute(&root, input).await.unwrap();
    let operator = world.caller(&world.sign_in("op").await).await;
    let ada = world.sign_up("ada").await.user.id();
    world.delete_account().execute(&operator, ada).await.unwrap();
    world.restore_account().execute(&operator, ada).await.unwrap();
}

#[tokio::test]
async fn the_last_administrator_can_not_be_done_without() {
    let world = World::new();
    let root = world.admin("root").await;
    let id = root.principal.user;
    let refusals = [
        world.block_account().execute(&root, id).await.unwrap_err(),
        world.delete_account().execute(&root, id).await.unwrap_err(),
        world.set_role().execute(&root, id, RoleName::USER).await.unwrap_err(),
    ];
    for refused in refusals {
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Conflict, "last_admin"));
    }
    let second = world.admin("second").await.principal.user;
    world.block_account().execute(&root, second).await.unwrap();
    let refused = world.set_role().execute(&root, id, RoleName::USER).await.unwrap_err();
    assert_eq!(refused.code(), "last_admin", "a blocked administrator is none");
}

#[tokio::test]
async fn nobody_locks_themselves_out() {
    let world = World::new();
    let (root, _second) = (world.admin("root").await, world.admin("second").await);
    let id = root.principal.user;
    for refused in [
        world.block_account().execute(&root, id).await.unwrap_err(),
        world.delete_account().execute(&root, id).await.unwrap_err(),
    ] {
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Conflict, "own_account"));
    }
    let stepped_down = world.set_role().execute(&root, id, RoleName::USER).await.unwrap();
    assert_eq!(stepped_down.user.parts().role, RoleName::USER);
}

#[tokio::test]
async fn who_lost_their_rights_meanwhile_is_too_late() {
    let world = World::new();
    let (one, two) = (world.admin("one").await, world.admin("two").await);
    world.set_role().execute(&one, two.principal.user, RoleName::USER).await.unwrap();
    let late = world.set_role().execute(&two, one.principal.user, RoleName::USER).await.unwrap_err();
    assert_eq!(late.code(), "permission_denied");
    world.block_account().execute(&one, two.principal.user).await.unwrap();
    let late = world.unblock_account().execute(&two, two.principal.user).await.unwrap_err();
    assert_eq!(late.code(), "session_revoked");
    let late = world.create_account().execute(&two, new_account("friend", None)).await.unwrap_err();
    assert_eq!(late.code(), "session_revoked");
}

#[tokio::test]
async fn what_could_not_be_committed_did_not_happen() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    let tokens = world.sign_in("ada").await;
    let events = world.database.audit_log().len();
    world.database.fail_next_commits(1);
    assert_eq!(world.block_account().execute(&root, ada).await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(world.authenticate().execute(tokens.access_token.expose_secret()).await.is_ok());
    assert_eq!(world.database.audit_log().len(), events);
}
