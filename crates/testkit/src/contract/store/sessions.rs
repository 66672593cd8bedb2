//! Sessions: round trips, compare-and-swap, which are live, and which are purged.

use std::{net::IpAddr, time::Duration};

use lectern_application::ports::SaveOutcome;
use lectern_domain::{
    access::{Permission, PermissionSet, Role, RoleName},
    account::{FirstName, Standing, User, UserId, UserParts},
    session::{
        Device, EndReason, Generation, RefreshPolicy, RefreshRules, Session, SessionId, SessionParts,
        UserAgent,
    },
    surface::Surface,
    time::Timestamp,
};

use super::{StoreFixture, unique_name};
use crate::build::{at, session, user};

const PRECISE: Timestamp = Timestamp::from_micros(1_767_225_600_123_457);

async fn insert(fixture: &StoreFixture, session: &Session) {
    let mut work = fixture.unit().await;
    work.insert_session(session).await.unwrap();
    work.commit().await.unwrap();
}

async fn save(fixture: &StoreFixture, session: &Session, expected: Generation) -> SaveOutcome {
    let mut work = fixture.unit().await;
    let outcome = work.save_session(session, expected).await.unwrap();
    work.commit().await.unwrap();
    outcome
}

async fn stored(fixture: &StoreFixture, id: SessionId) -> Option<Session> {
    let in_unit = fixture.unit().await.session(id).await.unwrap();
    let queried = fixture.queries.session(id).await.unwrap();
    assert_eq!(queried.map(|view| view.session.clone()), in_unit);
    in_unit
}

async fn live(fixture: &StoreFixture, user: UserId, now: Timestamp) -> Vec<SessionId> {
    let sessions = fixture.unit().await.live_sessions(user, now).await.unwrap();
    sessions.iter().map(Session::id).collect()
}

async fn purge(fixture: &StoreFixture, before: Timestamp, limit: u32) -> u32 {
    let mut work = fixture.unit().await;
    let purged = work.purge_sessions(before, limit).await.unwrap();
    work.commit().await.unwrap();
    purged
}

fn with(session: &Session, change: impl FnOnce(&mut SessionParts)) -> Session {
    let mut parts = session.parts().clone();
    change(&mut parts);
    Session::from_parts(parts)
}

/// A session that expires that many seconds after the start.
fn expiring(user: UserId, seconds: u64) -> Session {
    let rules = RefreshRules { lifetime: Duration::from_secs(seconds), ..RefreshRules::default() };
    session(user).rules(rules).build()
}

/// Every field of a session comes back, however it was opened and however it ended.
pub async fn every_field_of_a_session_comes_back(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let agents = [String::new(), "Mozilla/5.0 'quoted\"".to_owned(), "🦊".repeat(UserAgent::MAX_CHARS)];
    let addresses = [None, Some("203.0.113.7"), Some("2001:db8::ff00:42:8329"), Some("::ffff:192.0.2.1")];
    let reasons = [EndReason::LoggedOut, EndReason::Reused, EndReason::Revoked, EndReason::Displaced];
    let endings = [None].into_iter().chain(reasons.map(|reason| Some((PRECISE, reason))));
    for (index, ended) in endings.enumerate() {
        let full = with(&session(owner).build(), |parts| {
            let ip = addresses[index % addresses.len()].map(|ip| ip.parse::<IpAddr>().unwrap());
            parts.device = Device { user_agent: UserAgent::from_header(&agents[index % agents.len()]), ip };
            parts.policy = [RefreshPolicy::Rotating, RefreshPolicy::Static][index % 2];
            parts.opened_by = Surface::ALL[index % Surface::ALL.len()];
            parts.generation = [Generation::FIRST, Generation(u32::MAX)][index % 2];
            parts.created_at = PRECISE;
            parts.rotated_at = PRECISE.plus(Duration::from_micros(1));
            parts.last_seen_at = PRECISE.plus(Duration::from_micros(2));
            parts.expires_at = PRECISE.plus(Duration::from_micros(3));
            parts.ended = ended;
        });
        insert(fixture, &full).await;
        assert_eq!(stored(fixture, full.id()).await, Some(full));
    }
}

/// An id that no session has is no error.
pub async fn an_unknown_session_is_none(fixture: &StoreFixture) {
    let unknown = session(fixture.account().await).build().id();
    assert_eq!(stored(fixture, unknown).await, None);
}

/// A session saved on the generation that is stored is saved, with everything that may change.
pub async fn a_session_is_saved_on_its_generation(fixture: &StoreFixture) {
    let opened = session(fixture.account().await).build();
    insert(fixture, &opened).await;
    let changed = with(&opened, |parts| {
        parts.device.ip = Some(IpAddr::from([203, 0, 113, 7]));
        parts.generation = Generation(7);
        parts.rotated_at = PRECISE;
        parts.last_seen_at = PRECISE.plus(Duration::from_micros(1));
        parts.expires_at = PRECISE.plus(Duration::from_micros(2));
        parts.ended = Some((PRECISE, EndReason::Reused));
    });
    assert_eq!(save(fixture, &changed, Generation::FIRST).await, SaveOutcome::Saved);
    assert_eq!(stored(fixture, opened.id()).await, Some(changed));
}

/// On any other generation saving MUST be stale and change nothing; and the unit goes on.
pub async fn a_stale_save_changes_nothing(fixture: &StoreFixture) {
    let opened = session(fixture.account().await).build();
    insert(fixture, &opened).await;
    let changed = with(&opened, |parts| parts.last_seen_at = PRECISE);
    assert_eq!(save(fixture, &changed, Generation(1)).await, SaveOutcome::Stale);
    assert_eq!(stored(fixture, opened.id()).await, Some(opened));
}

/// Of two that save on the same generation, the second is stale.
pub async fn a_generation_is_swapped_once(fixture: &StoreFixture) {
    let opened = session(fixture.account().await).build();
    insert(fixture, &opened).await;
    let winner = with(&opened, |parts| parts.generation = Generation(1));
    let loser = with(&winner, |parts| parts.rotated_at = PRECISE);
    assert_eq!(save(fixture, &winner, Generation::FIRST).await, SaveOutcome::Saved);
    assert_eq!(save(fixture, &loser, Generation::FIRST).await, SaveOutcome::Stale);
    assert_eq!(stored(fixture, opened.id()).await, Some(winner));
}

/// A session that is not there has no generation to be saved on.
pub async fn saving_an_unknown_session_is_stale(fixture: &StoreFixture) {
    let unknown = session(fixture.account().await).build();
    assert_eq!(save(fixture, &unknown, Generation::FIRST).await, SaveOutcome::Stale);
    assert_eq!(stored(fixture, unknown.id()).await, None);
}

/// Live sessions come in the order in which they were last used, not opened.
pub async fn live_sessions_come_least_recently_used_first(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let mut expected = Vec::new();
    for seen in [3, 1, 2] {
        let used = with(&session(owner).build(), |parts| parts.last_seen_at = at(seen));
        insert(fixture, &used).await;
        expected.push((seen, used.id()));
    }
    expected.sort_unstable();
    let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
    assert_eq!(live(fixture, owner, at(10)).await, expected);
}

/// The read model has the same sessions, the most recently used first.
pub async fn live_sessions_are_read_most_recently_used_first(fixture: &StoreFixture) {
    let (owner, other) = (fixture.account().await, fixture.account().await);
    for seen in [3, 1, 2] {
        insert(fixture, &with(&session(owner).build(), |parts| parts.last_seen_at = at(seen))).await;
    }
    insert(fixture, &session(owner).build().end(EndReason::Revoked, at(1))).await;
    insert(fixture, &expiring(owner, 5)).await;
    insert(fixture, &session(other).build()).await;
    let mut expected = live(fixture, owner, at(10)).await;
    expected.reverse();
    let read = fixture.queries.live_sessions(owner, at(10)).await.unwrap();
    assert_eq!(read.iter().map(Session::id).collect::<Vec<_>>(), expected);
    assert_eq!(read.len(), 3);
}

/// Neither an ended session is live, nor one of the moment at which it expires.
pub async fn ended_and_expired_sessions_are_not_live(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let ended = session(owner).build().end(EndReason::Revoked, at(1));
    let expired = expiring(owner, 100);
    let living = with(&expired, |parts| {
        parts.id = session(owner).build().id();
        parts.expires_at = at(100).plus(Duration::from_micros(1));
    });
    for session in [&ended, &expired, &living] {
        insert(fixture, session).await;
    }
    assert_eq!(live(fixture, owner, at(100)).await, [living.id()]);
}

/// Others' sessions are not the account's.
pub async fn live_sessions_are_the_accounts_own(fixture: &StoreFixture) {
    let (owner, other) = (fixture.account().await, fixture.account().await);
    insert(fixture, &session(other).build()).await;
    assert_eq!(live(fixture, owner, at(1)).await, []);
}

/// Sessions that ended or expired before the cut-off are purged, those of that very moment are not.
pub async fn purging_sessions_spares_the_cut_off(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    let just_before = at(50).minus(Duration::from_micros(1));
    let gone = [
        session(owner).build().end(EndReason::LoggedOut, just_before),
        with(&expiring(owner, 0), |parts| parts.expires_at = just_before),
    ];
    let kept = [
        session(owner).build().end(EndReason::LoggedOut, at(50)),
        expiring(owner, 50),
        session(owner).build(),
    ];
    for session in gone.iter().chain(&kept) {
        insert(fixture, session).await;
    }
    assert_eq!(purge(fixture, at(50), 100).await, 2);
    for session in &gone {
        assert_eq!(stored(fixture, session.id()).await, None);
    }
    for session in kept {
        assert_eq!(stored(fixture, session.id()).await, Some(session));
    }
}

/// At most `limit` go at once, and the answer says how many went.
pub async fn purging_sessions_keeps_to_its_limit(fixture: &StoreFixture) {
    let owner = fixture.account().await;
    for seconds in 1..=5 {
        insert(fixture, &expiring(owner, seconds)).await;
    }
    assert_eq!(purge(fixture, at(50), 0).await, 0);
    assert_eq!(purge(fixture, at(50), 3).await, 3);
    assert_eq!(purge(fixture, at(50), 3).await, 2);
    assert_eq!(purge(fixture, at(50), 3).await, 0);
}

/// A session is viewed with its account, that account's role and its direct permissions.
pub async fn a_session_is_viewed_with_its_account(fixture: &StoreFixture) {
    let inserted = fixture.insert_user(user(&unique_name()).role(RoleName::OPERATOR).build()).await;
    let permissions: PermissionSet = [Permission::AUDIT_VIEW, Permission::USERS_BLOCK].into_iter().collect();
    let owner = User::from_parts(UserParts { permissions, ..inserted.parts().clone() }).unwrap();
    fixture.save_user(&owner).await;
    let opened = session(owner.id()).build();
    insert(fixture, &opened).await;

    let view = fixture.queries.session(opened.id()).await.unwrap().unwrap();
    assert_eq!(view.session, opened);
    assert_eq!(view.account.user, owner.into());
    assert_eq!(Some(view.account.role.clone()), Role::built_in(&RoleName::OPERATOR));
}

/// A session that was looked for in vain is found once it is there.
pub async fn a_session_is_found_although_it_was_missing(fixture: &StoreFixture) {
    let opened = session(fixture.account().await).build();
    assert_eq!(stored(fixture, opened.id()).await, None);
    insert(fixture, &opened).await;
    assert_eq!(stored(fixture, opened.id()).await, Some(opened));
}

/// A session shows its account as it is, also if it was looked at before the account changed.
pub async fn a_session_is_viewed_with_what_became_of_its_account(fixture: &StoreFixture) {
    let inserted = fixture.insert_user(user(&unique_name()).build()).await;
    let opened = session(inserted.id()).build();
    insert(fixture, &opened).await;
    let changes: [fn(&mut UserParts); 5] = [
        |parts| parts.standing = Standing::Blocked { at: at(1) },
        |parts| parts.role = RoleName::OPERATOR,
        |parts| parts.permissions = [Permission::AUDIT_VIEW].into_iter().collect(),
        |parts| parts.balance = 7,
        |parts| parts.first_name = FirstName::parse("Ada").ok(),
    ];
    let mut parts = inserted.parts().clone();
    for change in changes {
        fixture.queries.session(opened.id()).await.unwrap();
        change(&mut parts);
        let account = User::from_parts(parts.clone()).unwrap();
        fixture.save_user(&account).await;
        let view = fixture.queries.session(opened.id()).await.unwrap().unwrap();
        assert_eq!(view.account.user, account.clone().into());
        assert_eq!(view.account.role.name, account.parts().role);
    }
}
