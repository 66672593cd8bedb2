//! The audit log: everything can be written down, and old events are purged.

use std::time::Duration;

use lectern_domain::{
    access::{Permission, PermissionSet, RoleName},
    audit::{AuditEvent, AuditKind, Origin},
    session::{SessionId, UserAgent},
    time::Timestamp,
    transcription::TranscriptionId,
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

async fn purge(fixture: &StoreFixture, before: Timestamp, limit: u32) -> u32 {
    let mut work = fixture.unit().await;
    let purged = work.purge_audit(before, limit).await.unwrap();
    work.commit().await.unwrap();
    purged
}

/// Every kind of event is appended, from wherever it came.
pub async fn every_kind_of_event_is_recorded(fixture: &StoreFixture) {
    let session = SessionId(fresh_id());
    let transcription = TranscriptionId(fresh_id());
    let kinds = [
        AuditKind::SignedUp,
        AuditKind::LoggedIn(session),
        AuditKind::LoginFailed,
        AuditKind::LoggedOut(session),
        AuditKind::RefreshReused(session),
        AuditKind::SessionDisplaced(session),
        AuditKind::TranscriptionCreated(transcription),
        AuditKind::TranscriptionCancelled(transcription),
        AuditKind::TranscriptionDeleted(transcription),
        AuditKind::TranscriptExported(transcription),
        AuditKind::RoleChanged { from: RoleName::USER, to: RoleName::ADMIN },
        AuditKind::PermissionsChanged {
            granted: PermissionSet::from_iter(Permission::KNOWN),
            withdrawn: PermissionSet::default(),
        },
        AuditKind::BalanceChanged { amount: i64::MIN, balance_after: 0 },
    ];
    let account = fixture.account().await;
    let origins = ["203.0.113.7", "2001:db8::1"].map(|ip| Origin {
        ip: ip.parse().ok(),
        user_agent: UserAgent::from_header(&"🦊".repeat(UserAgent::MAX_CHARS)),
        request_id: Some(fresh_id()),
    });
    let mut events = Vec::new();
    for kind in kinds {
        events.push(audit_event(kind.clone(), at(1)));
        events.extend(origins.iter().map(|origin| AuditEvent {
            actor: Some(account),
            subject: Some(account),
            origin: origin.clone(),
            ..audit_event(kind.clone(), at(1))
        }));
    }
    record(fixture, &events).await;
    assert_eq!(purge(fixture, at(2), 1_000).await, 39);
}

/// An event outlives what it is about.
pub async fn an_event_outlives_what_it_is_about(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    record(fixture, &[audit_event(AuditKind::TranscriptionCreated(id), at(1))]).await;
    let mut work = fixture.unit().await;
    work.delete_transcription(id).await.unwrap();
    work.record(&audit_event(AuditKind::TranscriptionDeleted(id), at(1))).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(purge(fixture, at(2), 10).await, 2);
}

/// An event of a unit that is rolled back was never recorded.
pub async fn events_are_part_of_their_unit(fixture: &StoreFixture) {
    let mut work = fixture.unit().await;
    work.record(&audit_event(AuditKind::LoginFailed, at(1))).await.unwrap();
    drop(work);
    assert_eq!(purge(fixture, at(2), 10).await, 0);
}

/// Events from before the cut-off are purged, those of that very moment are not.
pub async fn purging_events_spares_the_cut_off(fixture: &StoreFixture) {
    let just_before = at(50).minus(Duration::from_micros(1));
    let events = [just_before, at(50), at(51)].map(|time| audit_event(AuditKind::LoginFailed, time));
    record(fixture, &events).await;
    assert_eq!(purge(fixture, at(50), 10).await, 1);
    assert_eq!(purge(fixture, at(51), 10).await, 1);
    assert_eq!(purge(fixture, at(52), 10).await, 1);
}

/// At most `limit` go at once, and the answer says how many went.
pub async fn purging_events_keeps_to_its_limit(fixture: &StoreFixture) {
    let events = [1, 2, 3, 4, 5].map(|seconds| audit_event(AuditKind::LoginFailed, at(seconds)));
    record(fixture, &events).await;
    assert_eq!(purge(fixture, at(50), 0).await, 0);
    assert_eq!(purge(fixture, at(50), 3).await, 3);
    assert_eq!(purge(fixture, at(50), 3).await, 2);
    assert_eq!(purge(fixture, at(50), 3).await, 0);
}
