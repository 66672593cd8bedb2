//! Reading the audit log: what was written comes back, in order, in pages, by filters.

use lectern_application::ports::{AuditEntry, AuditFilter, PageRequest};
use lectern_domain::{
    access::RoleName,
    account::UserId,
    audit::{AuditEvent, AuditEventId, AuditKind, Origin},
    session::{SessionId, UserAgent},
};

use super::StoreFixture;
use crate::build::{at, audit_event, fresh_id};

async fn record(fixture: &StoreFixture, events: &[AuditEvent]) {
    let mut work = fixture.unit().await;
    for event in events {
        work.record(event).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn listed(fixture: &StoreFixture, filter: &AuditFilter) -> Vec<AuditEntry> {
    let page = fixture.queries.audit_events(filter, PageRequest::new(1, 50).unwrap()).await.unwrap();
    assert_eq!(page.total, u64::try_from(page.items.len()).unwrap());
    page.items
}

async fn ids(fixture: &StoreFixture, filter: &AuditFilter) -> Vec<AuditEventId> {
    listed(fixture, filter).await.iter().map(|entry| entry.id).collect()
}

/// An event comes back with everything that was known when it was written.
pub async fn a_recorded_event_comes_back(fixture: &StoreFixture) {
    let (actor, subject) = (fixture.account().await, fixture.account().await);
    let origin = Origin {
        ip: "2001:db8::1".parse().ok(),
        user_agent: UserAgent::from_header("curl/8"),
        request_id: Some(fresh_id()),
    };
    let kind = AuditKind::RoleChanged { from: RoleName::USER, to: RoleName::ADMIN };
    let event = AuditEvent {
        actor: Some(actor),
        subject: Some(subject),
        origin: origin.clone(),
        ..audit_event(kind, at(1))
    };
    record(fixture, std::slice::from_ref(&event)).await;
    let expected = AuditEntry {
        id: event.id,
        at: at(1),
        kind: "role_changed".to_owned(),
        actor: Some(actor),
        subject: Some(subject),
        object: None,
        ip: origin.ip,
        user_agent: "curl/8".to_owned(),
        request_id: origin.request_id,
        details: [("from", "user"), ("to", "admin")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
    };
    assert_eq!(listed(fixture, &AuditFilter::default()).await, [expected]);
}

/// An event of which little is known comes back, too.
pub async fn a_bare_event_comes_back(fixture: &StoreFixture) {
    let session = SessionId(fresh_id());
    record(fixture, &[audit_event(AuditKind::LoggedOut(session), at(1))]).await;
    let entries = listed(fixture, &AuditFilter::default()).await;
    assert_eq!(entries[0].object, Some(session.0));
    assert_eq!((entries[0].actor, entries[0].subject, entries[0].ip), (None, None, None));
    assert!(entries[0].details.is_empty());
}

/// The newest comes first; of one moment, the last id.
pub async fn the_newest_event_is_listed_first(fixture: &StoreFixture) {
    let events = [1, 2, 2, 3].map(|second| audit_event(AuditKind::LoginFailed, at(second)));
    record(fixture, &[events[3].clone(), events[0].clone(), events[2].clone(), events[1].clone()]).await;
    let expected = [3, 2, 1, 0].map(|index: usize| events[index].id);
    assert_eq!(ids(fixture, &AuditFilter::default()).await, expected);
}

/// Pages neither overlap nor leave anything out, and beyond the last one the total stays right.
pub async fn the_audit_log_comes_in_pages(fixture: &StoreFixture) {
    let events = [1, 2, 3].map(|second| audit_event(AuditKind::LoginFailed, at(second)));
    record(fixture, &events).await;
    for (number, expected) in [(1, vec![2, 1]), (2, vec![0]), (3, vec![])] {
        let request = PageRequest::new(number, 2).unwrap();
        let page = fixture.queries.audit_events(&AuditFilter::default(), request).await.unwrap();
        let expected: Vec<_> = expected.into_iter().map(|index: usize| events[index].id).collect();
        assert_eq!(page.items.iter().map(|entry| entry.id).collect::<Vec<_>>(), expected);
        assert_eq!((page.total, page.request), (3, request));
    }
}

/// Each filter lets through what it names, and all of them have to hold.
pub async fn the_audit_log_is_filtered(fixture: &StoreFixture) {
    let [ada, eve] = [(); 2].map(|()| UserId(fresh_id()));
    let by = |actor, subject, kind: AuditKind, second| AuditEvent {
        actor: Some(actor),
        subject: Some(subject),
        ..audit_event(kind, at(second))
    };
    let events = [
        by(ada, ada, AuditKind::PasswordChanged, 1),
        by(ada, eve, AuditKind::AccountBlocked, 2),
        by(eve, eve, AuditKind::PasswordChanged, 3),
        by(ada, eve, AuditKind::AccountUnblocked, 4),
    ];
    record(fixture, &events).await;
    let all = AuditFilter::default;
    for (filter, expected) in [
        (AuditFilter { kind: Some("password_changed"), ..all() }, vec![2, 0]),
        (AuditFilter { actor: Some(ada), ..all() }, vec![3, 1, 0]),
        (AuditFilter { subject: Some(eve), ..all() }, vec![3, 2, 1]),
        (AuditFilter { since: Some(at(3)), ..all() }, vec![3, 2]),
        (AuditFilter { until: Some(at(3)), ..all() }, vec![1, 0]),
        (AuditFilter { since: Some(at(2)), until: Some(at(4)), actor: Some(ada), ..all() }, vec![1]),
        (
            AuditFilter { kind: Some("password_changed"), actor: Some(ada), subject: Some(eve), ..all() },
            vec![],
        ),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|index: usize| events[index].id).collect();
        assert_eq!(ids(fixture, &filter).await, expected, "{filter:?}");
    }
}
