//! Roles and permissions: who gives them to whom, and when they count.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use lectern_application::{
    ErrorKind, UseCaseError, accounts::CreateAccountInput, auth::AuthenticateError, roles::ManageRoleError,
};
use lectern_domain::{
    access::{BUILT_IN_ROLES, Permission, PermissionSet, RoleName},
    audit::AuditKind,
};
use lectern_testkit::world::{
    World,
    steps::{origin, register_input},
};
use secrecy::ExposeSecret;

fn set(permissions: &[Permission]) -> PermissionSet {
    permissions.iter().cloned().collect()
}

fn role(name: &str) -> RoleName {
    RoleName::parse(name).unwrap()
}

#[tokio::test]
async fn a_new_role_counts_from_the_next_access_token_on() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    let tokens = world.sign_in("ada").await;
    world.set_role().execute(&root, ada, RoleName::OPERATOR).await.unwrap();
    let stale = world.authenticate().execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(stale, Err(AuthenticateError::Stale)));
    let next = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await.unwrap();
    let principal = world.caller(&next).await.principal;
    assert_eq!((&principal.role, principal.session), (&RoleName::OPERATOR, tokens.session));
    assert!(principal.require(&Permission::USERS_VIEW).is_ok());
    let told = AuditKind::RoleChanged { from: RoleName::USER, to: RoleName::OPERATOR };
    assert!(world.database.audit_log().iter().any(|event| event.kind == told && event.subject == Some(ada)));
}

#[tokio::test]
async fn direct_permissions_come_on_top_of_the_role_and_are_replaced() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    let tokens = world.sign_in("ada").await;
    let give = async |permissions: &[Permission]| {
        world.set_permissions().execute(&root, ada, set(permissions)).await.unwrap()
    };
    let account = give(&[Permission::AUDIT_VIEW, Permission::USERS_VIEW]).await;
    assert!(account.rights().contains(&Permission::TRANSCRIPTIONS_CREATE));
    assert!(account.rights().contains(&Permission::AUDIT_VIEW));
    let stale = world.authenticate().execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(stale, Err(AuthenticateError::Stale)));
    let account = give(&[Permission::USERS_VIEW, Permission::ROLES_VIEW]).await;
    assert!(!account.rights().contains(&Permission::AUDIT_VIEW));
    let told = world.database.audit_log().pop().unwrap().kind;
    let (granted, withdrawn) = (set(&[Permission::ROLES_VIEW]), set(&[Permission::AUDIT_VIEW]));
    assert_eq!(told, AuditKind::PermissionsChanged { granted, withdrawn });
}

#[tokio::test]
async fn giving_what_is_there_already_makes_no_token_stale() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    let tokens = world.sign_in("ada").await;
    world.set_role().execute(&root, ada, RoleName::USER).await.unwrap();
    world.set_permissions().execute(&root, ada, set(&[])).await.unwrap();
    assert!(world.authenticate().execute(tokens.access_token.expose_secret()).await.is_ok());
}

#[tokio::test]
async fn nobody_gives_or_takes_what_they_do_not_hold() {
    let world = World::new();
    let root = world.admin("root").await;
    let granter = world.holder("granter", &[Permission::USERS_GRANT, Permission::USERS_VIEW]).await;
    let (ada, own) = (world.sign_up("ada").await.user.id(), granter.principal.user);
    let rights = world.set_permissions();
    assert!(rights.execute(&granter, ada, set(&[Permission::USERS_VIEW])).await.is_ok());
    assert!(rights.execute(&granter, ada, set(&[])).await.is_ok());
    let own_things = set(&[Permission::TRANSCRIPTIONS_READ]);
    rights.execute(&root, ada, own_things.clone()).await.unwrap();
    for (target, permissions) in [
        (ada, set(&[Permission::TRANSCRIPTIONS_READ, Permission::USERS_DELETE])),
        (ada, set(&[])),
        (own, set(&[Permission::USERS_DELETE])),
        (own, set(&[Permission::parse("coffee.brew").unwrap()])),
    ] {
        let refused = rights.execute(&granter, target, permissions).await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Forbidden, "permission_denied"));
    }
    for (target, name) in
        [(ada, RoleName::ADMIN), (ada, RoleName::OPERATOR), (own, RoleName::ADMIN), (own, RoleName::USER)]
    {
        let refused = world.set_role().execute(&granter, target, name).await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Forbidden, "permission_denied"));
    }
}

#[tokio::test]
async fn nobody_makes_an_account_that_may_more_than_they() {
    let world = World::new();
    let creator = world.holder("creator", &[Permission::USERS_CREATE]).await;
    let granter = world.holder("granter", &[Permission::USERS_CREATE, Permission::USERS_GRANT]).await;
    let new = |name: &str, role: Option<RoleName>| CreateAccountInput {
        account: register_input(name),
        role,
        permissions: PermissionSet::default(),
        can_interact: true,
    };
    let create = world.create_account();
    assert!(create.execute(&creator, new("a", None)).await.is_ok());
    for (caller, role) in
        [(&creator, RoleName::USER), (&granter, RoleName::ADMIN), (&granter, RoleName::OPERATOR)]
    {
        let refused = create.execute(caller, new("b", Some(role))).await.unwrap_err();
        assert_eq!(refused.code(), "permission_denied");
    }
    assert!(create.execute(&granter, new("c", Some(role("granter")))).await.is_ok());
}

#[tokio::test]
async fn nobody_makes_an_account_with_permissions_that_they_do_not_hold() {
    let world = World::new();
    let granting = [Permission::USERS_CREATE, Permission::USERS_GRANT];
    let granter = world.holder("granter", &granting).await;
    let creator = world.holder("creator", &[Permission::USERS_CREATE, Permission::AUDIT_VIEW]).await;
    let new = |permissions: &[Permission]| CreateAccountInput {
        account: register_input("ada"),
        role: None,
        permissions: set(permissions),
        can_interact: true,
    };
    let create = world.create_account();
    for caller in [&granter, &creator] {
        let refused = create.execute(caller, new(&[Permission::USERS_CREATE, Permission::AUDIT_VIEW])).await;
        assert_eq!(refused.unwrap_err().code(), "permission_denied");
    }
    assert_eq!(
        create.execute(&creator, new(&[Permission::AUDIT_VIEW])).await.unwrap_err().code(),
        "permission_denied"
    );
    let made = create.execute(&granter, new(&granting)).await.unwrap();
    let stored = world.queries().account(made.user.id()).await.unwrap().unwrap();
    assert_eq!((&stored, stored.user.parts().permissions.clone()), (&made, set(&granting)));
}

#[tokio::test]
async fn an_account_is_made_with_its_permissions_or_not_at_all() {
    let world = World::new();
    let root = world.admin("root").await;
    let many = (0..65).map(|number| Permission::parse(&format!("p{number}")).unwrap());
    let mut input = CreateAccountInput {
        account: register_input("ada"),
        role: None,
        permissions: many.collect(),
        can_interact: true,
    };
    let refused = world.create_account().execute(&root, input.clone()).await.unwrap_err();
    assert_eq!((refused.kind(), refused.field()), (ErrorKind::Invalid, Some("permissions")));
    input.permissions = set(&[Permission::AUDIT_VIEW]);
    world.database.fail_next_commits(1);
    assert!(world.create_account().execute(&root, input.clone()).await.is_err());
    world.create_account().execute(&root, input).await.unwrap();
    let log = world.database.audit_log();
    let granted = AuditKind::PermissionsChanged {
        granted: set(&[Permission::AUDIT_VIEW]),
        withdrawn: PermissionSet::default(),
    };
    let kinds: Vec<_> = log.iter().rev().take(2).rev().map(|event| event.kind.clone()).collect();
    assert_eq!(kinds, [AuditKind::AccountCreated, granted]);
}

#[tokio::test]
async fn an_unknown_role_can_not_be_given() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    let refused = world.set_role().execute(&root, ada, role("astronaut")).await.unwrap_err();
    assert_eq!((refused.kind(), refused.field()), (ErrorKind::Invalid, Some("role")));
}

#[tokio::test]
async fn changing_a_role_changes_the_rights_of_all_who_have_it() {
    let world = World::new();
    let root = world.admin("root").await;
    world.create_role().execute(&root, role("auditor"), set(&[Permission::AUDIT_VIEW]), None).await.unwrap();
    let mut tokens = Vec::new();
    for name in ["ada", "bob"] {
        let id = world.sign_up(name).await.user.id();
        world.set_role().execute(&root, id, role("auditor")).await.unwrap();
        tokens.push(world.sign_in(name).await);
    }
    let other = world.register_user("eve").await;
    let new = set(&[Permission::USERS_VIEW]);
    let changed = world.update_role().execute(&root, &role("auditor"), new).await.unwrap();
    assert_eq!(world.database.audit_log().pop().unwrap().kind, AuditKind::RoleUpdated(role("auditor")));
    assert!(changed.permissions.contains(&Permission::USERS_VIEW));
    for tokens in &tokens {
        let stale = world.authenticate().execute(tokens.access_token.expose_secret()).await;
        assert!(matches!(stale, Err(AuthenticateError::Stale)));
        let next = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await.unwrap();
        let principal = world.caller(&next).await.principal;
        assert!(principal.require(&Permission::USERS_VIEW).is_ok());
        assert!(principal.require(&Permission::AUDIT_VIEW).is_err());
    }
    assert!(world.read_own_account().execute(&other).await.is_ok());
}

#[tokio::test]
async fn nobody_makes_or_changes_a_role_beyond_their_own_rights() {
    let world = World::new();
    let root = world.admin("root").await;
    let steward = world.holder("steward", &[Permission::ROLES_MANAGE, Permission::AUDIT_VIEW]).await;
    let beyond = set(&[Permission::AUDIT_VIEW, Permission::USERS_GRANT]);
    world.create_role().execute(&root, role("mighty"), beyond.clone(), None).await.unwrap();
    world
        .create_role()
        .execute(&steward, role("auditor"), set(&[Permission::AUDIT_VIEW]), None)
        .await
        .unwrap();
    let refusals = [
        world.create_role().execute(&steward, role("mine"), beyond.clone(), None).await.unwrap_err(),
        world.update_role().execute(&steward, &role("steward"), beyond.clone()).await.unwrap_err(),
        world.update_role().execute(&steward, &role("auditor"), beyond).await.unwrap_err(),
        world.update_role().execute(&steward, &role("mighty"), set(&[])).await.unwrap_err(),
        world.delete_role().execute(&steward, &role("mighty")).await.unwrap_err(),
    ];
    for refused in refusals {
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Forbidden, "permission_denied"));
    }
}

#[tokio::test]
async fn built_in_roles_are_neither_made_nor_changed_nor_deleted() {
    let world = World::new();
    let root = world.admin("root").await;
    for name in BUILT_IN_ROLES {
        let made = world.create_role().execute(&root, name.clone(), set(&[]), None).await.unwrap_err();
        let changed = world.update_role().execute(&root, &name, set(&[])).await.unwrap_err();
        let deleted = world.delete_role().execute(&root, &name).await.unwrap_err();
        let codes = [made.code(), changed.code(), deleted.code()];
        assert_eq!(codes, ["role_exists", "role_built_in", "role_built_in"]);
    }
}

#[tokio::test]
async fn a_role_is_deleted_when_nobody_has_it_any_more() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, world.sign_up("ada").await.user.id());
    world.create_role().execute(&root, role("auditor"), set(&[Permission::AUDIT_VIEW]), None).await.unwrap();
    let twice = world.create_role().execute(&root, role("auditor"), set(&[]), None).await.unwrap_err();
    assert_eq!(twice.code(), "role_exists");
    world.set_role().execute(&root, ada, role("auditor")).await.unwrap();
    world.delete_account().execute(&root, ada).await.unwrap();
    let refused = world.delete_role().execute(&root, &role("auditor")).await.unwrap_err();
    assert!(matches!(refused, ManageRoleError::InUse), "deleted accounts can be restored");
    world.set_role().execute(&root, ada, RoleName::USER).await.unwrap();
    world.delete_role().execute(&root, &role("auditor")).await.unwrap();
    assert_eq!(world.database.audit_log().pop().unwrap().kind, AuditKind::RoleDeleted(role("auditor")));
    let gone = world.delete_role().execute(&root, &role("auditor")).await.unwrap_err();
    assert_eq!((gone.kind(), gone.code()), (ErrorKind::NotFound, "role_not_found"));
}

#[tokio::test]
async fn roles_are_shown_to_who_may_view_them() {
    let world = World::new();
    let viewer = world.holder("viewer", &[Permission::ROLES_VIEW]).await;
    let names: Vec<_> =
        world.list_roles().execute(&viewer).await.unwrap().into_iter().map(|role| role.name).collect();
    assert!(names.is_sorted() && names.contains(&role("viewer")) && names.contains(&RoleName::ADMIN));
    let ada = world.register_user("ada").await;
    assert_eq!(world.list_roles().execute(&ada).await.unwrap_err().kind(), ErrorKind::Forbidden);
}
