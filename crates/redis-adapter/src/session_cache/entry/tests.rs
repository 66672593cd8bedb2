//! What is written is read as it was.

use lectern_domain::session::RefreshRules;
use lectern_testkit::build::{at, device, session, user};

use super::*;

/// Everything that may be missing is there.
fn full() -> SessionView {
    let new = user("ada").email("ada@example.org").named("Ada", "Lovelace").build();
    let snapshot = UserSnapshot::from(new.numbered(UserNumber(i64::MAX)).unwrap());
    let parts = UserParts {
        email_verified_at: Some(at(1)),
        display_name: DisplayName::parse("Countess").ok(),
        permissions: [Permission::AUDIT_VIEW, Permission::parse("coffee.brew").unwrap()]
            .into_iter()
            .collect(),
        balance: i64::MAX,
        epoch: AccountEpoch(7),
        updated_at: at(2),
        last_activity_at: Some(at(3)),
        ..snapshot.parts().clone()
    };
    with(parts, Role::built_in(&RoleName::USER).unwrap())
}

fn with(parts: UserParts<Withheld>, role: Role) -> SessionView {
    let session = session(parts.id).device(device()).rules(RefreshRules::default()).build();
    let account = AccountSnapshot { user: UserSnapshot::from_parts(parts).unwrap(), role };
    SessionView { session, account: Arc::new(account) }
}

fn with_session(change: impl FnOnce(&mut SessionParts)) -> SessionView {
    let SessionView { session, account } = full();
    let mut parts = session.parts().clone();
    change(&mut parts);
    SessionView { session: Session::from_parts(parts), account }
}

fn with_user(change: impl FnOnce(&mut UserParts<Withheld>)) -> SessionView {
    let mut parts = full().account.user.parts().clone();
    change(&mut parts);
    with(parts, Role::built_in(&RoleName::USER).unwrap())
}

#[track_caller]
fn assert_is_read_as_written(view: SessionView) {
    let bytes = written(Some(&view), at(4)).unwrap();
    assert_eq!(read(&bytes), Some((Some(Arc::new(view)), at(4))));
}

#[test]
fn sessions_are_read_as_they_were_written() {
    assert_is_read_as_written(full());
    assert_is_read_as_written(with_session(|parts| parts.policy = RefreshPolicy::Static));
    assert_is_read_as_written(with_session(|parts| parts.generation = Generation(u32::MAX)));
    assert_is_read_as_written(with_session(|parts| parts.device = Device::default()));
    assert_is_read_as_written(with_session(|parts| parts.device.ip = "2001:db8::1".parse().ok()));
    for reason in [EndReason::LoggedOut, EndReason::Reused, EndReason::Revoked, EndReason::Displaced] {
        assert_is_read_as_written(with_session(|parts| parts.ended = Some((at(9), reason))));
    }
}

#[test]
fn accounts_are_read_as_they_were_written() {
    assert_is_read_as_written(with_user(|parts| parts.standing = Standing::Blocked { at: at(5) }));
    assert_is_read_as_written(with_user(|parts| parts.standing = Standing::Deleted { at: at(5) }));
    assert_is_read_as_written(with_user(|parts| parts.can_interact = false));
    assert_is_read_as_written(with_user(|parts| parts.username = None));
    assert_is_read_as_written(with_user(|parts| {
        parts.email = None;
        parts.email_verified_at = None;
    }));
    assert_is_read_as_written(with_user(|parts| {
        parts.first_name = None;
        parts.last_name = None;
        parts.display_name = None;
        parts.last_activity_at = None;
        parts.permissions = PermissionSet::default();
    }));
}

#[test]
fn roles_are_read_as_they_were_written() {
    let custom = Role::custom(RoleName::parse("janitor").unwrap(), PermissionSet::default()).unwrap();
    for role in [custom, Role::built_in(&RoleName::ADMIN).unwrap()] {
        assert_is_read_as_written(with(full().account.user.parts().clone(), role));
    }
}

#[test]
fn that_there_is_none_is_read_as_it_was_written() {
    let bytes = written(None, at(4)).unwrap();
    assert_eq!(read(&bytes), Some((None, at(4))));
}

#[test]
fn what_another_version_wrote_is_not_there() {
    let bytes = written(Some(&full()), at(4)).unwrap();
    let other = String::from_utf8(bytes).unwrap().replace("\"version\":1", "\"version\":2");
    assert_eq!(read(other.as_bytes()), None);
}

#[test]
fn what_no_account_can_be_is_not_there() {
    let text = String::from_utf8(written(Some(&full()), at(4)).unwrap()).unwrap();
    for (said, impossible) in [
        ("\"balance\":9223372036854775807", "\"balance\":-1"),
        ("\"username\":\"ada\"", "\"username\":\"\""),
        ("\"coffee.brew\"", "\"Coffee!\""),
        ("\"blocked_at\":null,\"deleted_at\":null", "\"blocked_at\":1,\"deleted_at\":1"),
    ] {
        let changed = text.replace(said, impossible);
        assert_ne!(changed, text, "{said}");
        assert_eq!(read(changed.as_bytes()), None, "{impossible}");
    }
}
