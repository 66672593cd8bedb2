//! What the operator of the machine does without any account.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use lectern_application::{
    ErrorKind, MachineOperator, UseCaseError,
    accounts::{
        AdministerError, CreateAccountInput, FindAccountError, PermissionChange, SetPasswordError,
        UpdateAccountInput,
    },
    auth::AuthenticateError,
    ports::{AudioStore as _, Transactions as _},
    transcriptions::{ImportInput, ImportTranscriptError},
};
use lectern_domain::{
    access::{Permission, PermissionSet, Role, RoleName},
    account::{Password, Standing, UserId},
    audit::AuditKind,
    transcription::{Segment, StateName, Title},
};
use lectern_testkit::{
    build::{at, fresh_id},
    world::{
        World,
        steps::{PASSWORD, login_input, origin, register_input},
    },
};
use secrecy::ExposeSecret;

fn operator() -> MachineOperator {
    MachineOperator::at_the_command_line()
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned()).unwrap()
}

/// What the audit log says last: what, by whom, about whom, from where.
fn last_event(world: &World) -> (AuditKind, Option<UserId>, Option<UserId>, String) {
    let last = world.database.audit_log().pop().unwrap();
    (last.kind, last.actor, last.subject, last.origin.user_agent.as_str().to_owned())
}

fn set(permissions: &[Permission]) -> PermissionSet {
    permissions.iter().cloned().collect()
}

#[tokio::test]
async fn the_operator_makes_the_first_administrator() {
    let world = World::new();
    let input = CreateAccountInput {
        account: register_input("root"),
        role: Some(RoleName::ADMIN),
        permissions: PermissionSet::default(),
        can_interact: true,
    };
    let made = world.create_account().execute(&operator(), input).await.unwrap();
    assert_eq!(made.role.name, RoleName::ADMIN);
    let from = MachineOperator::USER_AGENT.to_owned();
    assert_eq!(last_event(&world), (AuditKind::AccountCreated, None, Some(made.user.id()), from));
    world.log_in().execute(login_input("root", PASSWORD), &origin()).await.unwrap();
}

#[tokio::test]
async fn what_the_operator_does_cuts_off_tokens_like_what_administrators_do() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user.id();
    let access = async |tokens: &lectern_application::auth::IssuedTokens| {
        world.authenticate().execute(tokens.access_token.expose_secret()).await
    };
    let tokens = world.sign_in("ada").await;
    world.set_role().execute(&operator(), ada, RoleName::METHODIST).await.unwrap();
    assert!(matches!(access(&tokens).await, Err(AuthenticateError::Stale)));
    let tokens = world.sign_in("ada").await;
    world.block_account().execute(&operator(), ada).await.unwrap();
    assert!(matches!(access(&tokens).await, Err(AuthenticateError::Revoked)));
    assert_eq!(last_event(&world).1, None);
}

#[tokio::test]
async fn not_even_the_operator_does_without_the_last_administrator() {
    let world = World::new();
    let root = world.admin("root").await.principal.user;
    let refusals = [
        world.block_account().execute(&operator(), root).await.map(drop),
        world.delete_account().execute(&operator(), root).await,
        world.set_role().execute(&operator(), root, RoleName::USER).await.map(drop),
    ];
    for refused in refusals {
        assert!(matches!(refused, Err(AdministerError::LastAdmin)), "{refused:?}");
    }
    world.admin("second").await;
    world.block_account().execute(&operator(), root).await.unwrap();
}

#[tokio::test]
async fn permissions_are_granted_and_withdrawn_one_by_one() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user.id();
    let held = async |change: PermissionChange| {
        let account = world.set_permissions().execute(&operator(), ada, change).await.unwrap();
        account.user.parts().permissions.clone()
    };
    held(set(&[Permission::USERS_VIEW]).into()).await;
    let both = set(&[Permission::USERS_VIEW, Permission::AUDIT_VIEW]);
    assert_eq!(held(PermissionChange::Grant(set(&[Permission::AUDIT_VIEW]))).await, both);
    let left = set(&[Permission::AUDIT_VIEW]);
    assert_eq!(held(PermissionChange::Withdraw(set(&[Permission::USERS_VIEW]))).await, left);
    let (granted, withdrawn) = (PermissionSet::default(), set(&[Permission::USERS_VIEW]));
    assert_eq!(last_event(&world).0, AuditKind::PermissionsChanged { granted, withdrawn });
}

#[tokio::test]
async fn nobody_gets_more_permissions_than_tokens_carry_by_getting_them_in_parts() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user.id();
    let many = |range: std::ops::Range<usize>| {
        let permissions = range.map(|number| Permission::parse(&format!("p{number}")).unwrap());
        PermissionChange::Grant(permissions.collect())
    };
    world.set_permissions().execute(&operator(), ada, many(0..64)).await.unwrap();
    let refused = world.set_permissions().execute(&operator(), ada, many(64..65)).await.unwrap_err();
    assert_eq!((refused.kind(), refused.field()), (ErrorKind::Invalid, Some("permissions")));
}

#[tokio::test]
async fn a_set_password_ends_all_sessions_and_lets_its_holder_in() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user.id();
    let tokens = world.sign_in("ada").await;
    let set = world.set_password().execute(&operator(), ada, password("another long password")).await;
    assert_eq!(set.unwrap().user.id(), ada);
    let from = MachineOperator::USER_AGENT.to_owned();
    assert_eq!(last_event(&world), (AuditKind::PasswordChanged, None, Some(ada), from));
    let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(access, Err(AuthenticateError::Revoked)));
    assert!(world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.is_err());
    world.log_in().execute(login_input("ada", "another long password"), &origin()).await.unwrap();
}

#[tokio::test]
async fn a_set_password_has_to_pass_the_policy_and_needs_an_account() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user.id();
    let weak = world.set_password().execute(&operator(), ada, password("short")).await;
    assert!(matches!(weak, Err(SetPasswordError::Weak(_))), "{weak:?}");
    world.delete_account().execute(&operator(), ada).await.unwrap();
    let deleted = world.set_password().execute(&operator(), ada, password(PASSWORD)).await;
    assert!(matches!(deleted, Err(SetPasswordError::Account(AdministerError::Deleted(_)))), "{deleted:?}");
    let nobody = world.set_password().execute(&operator(), UserId(fresh_id()), password(PASSWORD)).await;
    assert_eq!(nobody.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_account_is_found_by_whatever_it_is_called() {
    let world = World::new();
    world.sign_up("bob").await;
    let ada = world.sign_up("ada").await.user;
    let number = ada.parts().number.0;
    let (id, number, hash) = (ada.id().0.to_string(), number.to_string(), format!("#{number}"));
    for called in ["ada", " ADA ", &id, &number, &hash] {
        let found = world.find_account().execute(&operator(), called).await.unwrap();
        assert_eq!(found.user.id(), ada.id(), "{called}");
    }
    for nobody in ["", "eve", "ada@example.org", "99", "#ada", "00000000-0000-7000-8000-000000000000"] {
        let found = world.find_account().execute(&operator(), nobody).await;
        assert!(matches!(found, Err(FindAccountError::NotFound)), "{nobody}");
    }
}

#[tokio::test]
async fn a_deleted_account_is_found_by_number_and_restored() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user;
    world.delete_account().execute(&operator(), ada.id()).await.unwrap();
    assert!(world.find_account().execute(&operator(), "ada").await.is_err());
    let number = format!("#{}", ada.parts().number.0);
    let found = world.find_account().execute(&operator(), &number).await.unwrap();
    let restored = world.restore_account().execute(&operator(), found.user.id()).await.unwrap();
    assert_eq!(restored.user.standing(), Standing::Active);
}

#[tokio::test]
async fn a_user_name_that_is_anothers_number_is_not_guessed_at() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user;
    let number = ada.parts().number.0.to_string();
    let trickster = world.sign_up(&number).await.user;
    let found = world.find_account().execute(&operator(), &number).await;
    assert!(matches!(found, Err(FindAccountError::Ambiguous)), "{found:?}");
    for (called, expected) in [(format!("#{number}"), &ada), (trickster.id().0.to_string(), &trickster)] {
        let found = world.find_account().execute(&operator(), &called).await.unwrap();
        assert_eq!(found.user.id(), expected.id(), "{called}");
    }
}

#[tokio::test]
async fn a_caller_finds_accounts_only_with_the_permission() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let refused = world.find_account().execute(&ada, "ada").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn an_account_that_waits_for_approval_is_approved() {
    let registration = lectern_domain::account::Registration::Approve;
    let world = World { registration, ..World::new() };
    let ada = world.sign_up("ada").await.user.id();
    let input = UpdateAccountInput { can_interact: Some(true), ..Default::default() };
    let approved = world.update_account().execute(&operator(), ada, input).await.unwrap();
    assert!(approved.user.parts().can_interact);
}

#[tokio::test]
async fn built_in_roles_are_put_back_as_they_come_and_only_if_they_are_not() {
    let world = World::new();
    assert_eq!(world.ensure_built_in_roles().execute(&operator()).await.unwrap(), []);
    let mut work = world.database.begin().await.unwrap();
    work.delete_role(&RoleName::METHODIST).await.unwrap();
    let everything = Role { name: RoleName::USER, ..Role::built_in(&RoleName::ADMIN).unwrap() };
    work.save_role(&everything).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(world.examine().execute().await.broken_roles.unwrap(), [RoleName::METHODIST, RoleName::USER]);

    let ensured = world.ensure_built_in_roles().execute(&operator()).await.unwrap();
    assert_eq!(ensured, [RoleName::METHODIST, RoleName::USER]);
    let events = world.database.audit_log().into_iter().map(|event| event.kind).collect::<Vec<_>>();
    let expected = [AuditKind::RoleCreated(RoleName::METHODIST), AuditKind::RoleUpdated(RoleName::USER)];
    assert_eq!(events, expected);
    assert_eq!(world.examine().execute().await.broken_roles.unwrap(), []);
}

fn segment(second: u64, text: &str) -> Segment {
    Segment::new(Duration::from_secs(second), Duration::from_secs(second + 1), text).unwrap()
}

#[tokio::test]
async fn an_imported_transcript_is_complete_and_no_worker_does_it_again() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.probe.find(Duration::from_secs(90));
    let staged = world.stage_recording(&ada).await;
    let input = ImportInput {
        owner: ada.principal.user,
        staged,
        title: Title::parse("Water").ok(),
        language: None,
        segments: vec![segment(0, "one"), segment(59, "two"), segment(60, "three"), segment(95, "late")],
    };
    let id = world.import_transcript().execute(&operator(), input).await.unwrap();
    let read = world.read().execute(&ada, id).await.unwrap();
    assert_eq!((read.transcription.state(), read.chunks_done), (StateName::Completed, 2));
    let page = lectern_application::ports::PageRequest::first(10);
    let (_, chunks) = world.read_chunks().execute(&ada, id, page).await.unwrap();
    let texts: Vec<_> = chunks.items.iter().map(|chunk| chunk.text().to_owned()).collect();
    assert_eq!(texts, ["one two", "three late"]);
    let worker = lectern_domain::transcription::WorkerName::parse("anna").unwrap();
    assert!(world.lease_job().execute(&worker).await.unwrap().is_none());
}

#[tokio::test]
async fn an_import_that_fails_leaves_no_recording() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.upload(&ada, 90).await;
    let kept = world.audio.kept_before(at(u64::from(u32::MAX)), None, 10).await.unwrap();
    let staged = world.stage_recording(&ada).await;
    let owner = ada.principal.user;
    let input = ImportInput { owner, staged, title: None, language: None, segments: Vec::new() };
    let refused = world.import_transcript().execute(&operator(), input).await.unwrap_err();
    assert!(matches!(refused, ImportTranscriptError::Active), "{refused}");
    let left = world.audio.kept_before(at(u64::from(u32::MAX)), None, 10).await.unwrap();
    assert_eq!(left, kept);
}
