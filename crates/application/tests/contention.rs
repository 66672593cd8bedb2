//! Units of work that another was in the way of, as databases with several writers have them.

use lectern_application::{
    ErrorKind, MachineOperator, UseCaseError,
    accounts::{CreateAccountInput, UpdateAccountInput},
};
use lectern_domain::{
    access::{Permission, PermissionSet, RoleName},
    account::{Password, Standing},
    audit::AuditKind,
};
use lectern_testkit::world::{
    World,
    steps::{PASSWORD, register_input},
};

/// Runs each step with a commit before it that is to be in another unit's way.
macro_rules! each_at_the_second_try {
    ($world:ident: $($step:expr;)+) => {
        $(
            $world.database.contend_next_commits(1);
            $step.await.unwrap();
        )+
    };
}

#[tokio::test]
async fn changes_of_accounts_are_made_at_the_second_try() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    let new = CreateAccountInput {
        account: register_input("eve"),
        role: None,
        permissions: PermissionSet::default(),
        can_interact: true,
    };
    let password = Password::new(PASSWORD.to_owned()).unwrap();
    let granted: PermissionSet = [Permission::AUDIT_VIEW].into_iter().collect();
    each_at_the_second_try! { world:
        world.create_account().execute(&root, new);
        world.update_account().execute(&root, ada, UpdateAccountInput { can_interact: Some(false), ..Default::default() });
        world.set_permissions().execute(&root, ada, granted);
        world.set_role().execute(&root, ada, RoleName::OPERATOR);
        world.set_password().execute(&MachineOperator::at_the_command_line(), ada, password);
        world.end_sessions_of().execute(&root, ada);
        world.block_account().execute(&root, ada);
        world.unblock_account().execute(&root, ada);
        world.delete_account().execute(&root, ada);
        world.restore_account().execute(&root, ada);
    }
}

#[tokio::test]
async fn changes_of_roles_are_made_at_the_second_try() {
    let world = World::new();
    let root = world.admin("root").await;
    let name = RoleName::parse("janitor").unwrap();
    world.create_role().execute(&root, name.clone(), PermissionSet::default(), None).await.unwrap();
    let allowed = || [Permission::AUDIT_VIEW].into_iter().collect();
    each_at_the_second_try! { world:
        world.update_role().execute(&root, &name, allowed());
        world.delete_role().execute(&root, &name);
        world.ensure_built_in_roles().execute(&MachineOperator::at_the_command_line());
    }
}

#[tokio::test]
async fn what_is_done_at_the_second_try_is_done_once() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    world.database.contend_next_commits(3);
    world.block_account().execute(&root, ada).await.unwrap();
    let blocked = |kind: &AuditKind| *kind == AuditKind::AccountBlocked;
    assert_eq!(world.database.audit_log().iter().filter(|event| blocked(&event.kind)).count(), 1);
}

#[tokio::test]
async fn who_always_meets_others_is_told_to_come_back_later() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    world.database.contend_next_commits(4);
    let refused = world.block_account().execute(&root, ada).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Unavailable, "database_unavailable"));
    let account = world.read_account().execute(&root, ada).await.unwrap();
    assert_eq!(account.user.standing(), Standing::Active);
}
