//! What holders of the admin token do to others' accounts, and what they can't.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use lectern_application::{
    AdminTokenHolder, ErrorKind, UseCaseError,
    accounts::{AdministerError, ChangeByAdminTokenInput, SetPasswordError},
    auth::AuthenticateError,
};
use lectern_domain::{
    access::{Permission, PermissionDenied, RoleName},
    account::{Password, UserNumber},
    audit::AuditKind,
    surface::Surface,
};
use lectern_testkit::world::{
    World,
    steps::{PASSWORD, login_input, origin},
};
use secrecy::ExposeSecret;

const NEW: &str = "Passw0rd!";

fn holder() -> AdminTokenHolder {
    AdminTokenHolder::verified(origin())
}

fn change(password: Option<&str>, can_interact: Option<bool>) -> ChangeByAdminTokenInput {
    let password = password.map(|text| Password::new(text.to_owned()).unwrap());
    ChangeByAdminTokenInput { password, policy: Surface::LazyLecture.password_policy(), can_interact }
}

async fn outranked(world: &World, number: UserNumber) -> bool {
    let refused = world.change_by_admin_token().execute(&holder(), number, change(Some(NEW), None)).await;
    let denied = AdministerError::Denied(PermissionDenied::Outranked);
    refused.is_err_and(|error| error.to_string() == denied.to_string())
}

#[tokio::test]
async fn a_leaked_admin_token_makes_nobody_an_administrator_or_an_operator() {
    let world = World::new();
    let root = world.admin("root").await;
    assert!(outranked(&world, root.principal.number).await);
    let operator = world.sign_up("olga").await.user;
    world.set_role().execute(&root, operator.id(), RoleName::OPERATOR).await.unwrap();
    assert!(outranked(&world, operator.parts().number).await);
    world.log_in().execute(login_input("olga", PASSWORD), &origin()).await.unwrap();
}

#[tokio::test]
async fn an_account_with_a_permission_of_its_own_over_others_is_out_of_the_admin_tokens_reach() {
    let world = World::new();
    let root = world.admin("root").await;
    let ada = world.sign_up("ada").await.user;
    let permissions =
        [Permission::BALANCE_ADJUST].into_iter().collect::<lectern_domain::access::PermissionSet>();
    world.set_permissions().execute(&root, ada.id(), permissions).await.unwrap();
    assert!(outranked(&world, ada.parts().number).await);
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_and_lets_its_holder_in() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user;
    let tokens = world.sign_in("ada").await;
    let number = ada.parts().number;
    world.change_by_admin_token().execute(&holder(), number, change(Some(NEW), None)).await.unwrap();
    let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(access, Err(AuthenticateError::Revoked)));
    assert!(world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.is_err());
    world.log_in().execute(login_input("ada", NEW), &origin()).await.unwrap();
}

#[tokio::test]
async fn both_changes_are_audited_without_an_actor_and_from_where_the_request_came() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user;
    let input = change(Some(NEW), Some(false));
    let changed = world.change_by_admin_token().execute(&holder(), ada.parts().number, input).await;
    assert!(!changed.unwrap().user.parts().can_interact);
    let log = world.database.audit_log();
    let said: Vec<_> = log.iter().rev().take(2).collect();
    let kinds: Vec<_> = said.iter().map(|event| event.kind.clone()).collect();
    assert_eq!(kinds, [AuditKind::AccountUpdated, AuditKind::PasswordChanged]);
    for event in said {
        assert_eq!((event.actor, event.subject, &event.origin), (None, Some(ada.id()), &origin()));
    }
}

#[tokio::test]
async fn a_change_of_nothing_is_a_look_and_leaves_no_trace() {
    let world = World::new();
    let ada = world.sign_up("ada").await;
    let before = world.database.audit_log().len();
    let number = ada.user.parts().number;
    let seen = world.change_by_admin_token().execute(&holder(), number, change(None, None)).await.unwrap();
    assert_eq!(seen, ada);
    assert_eq!(world.database.audit_log().len(), before);
}

#[tokio::test]
async fn the_password_has_to_pass_the_policy_and_nothing_else_is_changed_if_it_does_not() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user;
    let input = change(Some("password"), Some(false));
    let refused = world.change_by_admin_token().execute(&holder(), ada.parts().number, input).await;
    let refused = refused.unwrap_err();
    assert_eq!((refused.kind(), refused.field()), (ErrorKind::Invalid, Some("password")));
    let account = world.queries().account(ada.id()).await.unwrap().unwrap();
    assert!(account.user.parts().can_interact);
}

#[tokio::test]
async fn there_is_nobody_behind_an_unknown_number_or_a_deleted_account() {
    let world = World::new();
    let root = world.admin("root").await;
    let ada = world.sign_up("ada").await.user;
    world.delete_account().execute(&root, ada.id()).await.unwrap();
    for number in [ada.parts().number, UserNumber(i64::MAX), UserNumber(-1)] {
        let refused =
            world.change_by_admin_token().execute(&holder(), number, change(None, Some(true))).await;
        assert!(matches!(refused, Err(SetPasswordError::Account(AdministerError::NotFound))), "{number:?}");
    }
}
