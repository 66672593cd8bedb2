//! The contract of [`SessionCache`]: nothing is remembered as it was before a commit, nor for long.

use std::{any::Any, collections::BTreeSet, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use lectern_application::ports::{
    AccountSnapshot, LoadTicket, Lookup, MAX_AGE, SessionCache, SessionView, Touched,
};
use lectern_domain::{
    access::Role,
    account::{UserId, UserNumber},
    session::SessionId,
};

use crate::build::{fresh_id, session, user};

/// Lets that much time pass for a cache.
pub type LetPass = Box<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>;

/// An empty cache.
pub struct SessionCacheFixture {
    /// The cache.
    pub cache: Arc<dyn SessionCache>,
    /// How time passes for it.
    pub let_pass: LetPass,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// Stamps the contract of [`SessionCache`] as tests.
///
/// Takes an async expression that makes a fresh [`SessionCacheFixture`].
#[macro_export]
macro_rules! session_cache_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; session_cache:
            nothing_is_known_before_it_is_loaded,
            what_was_loaded_is_remembered,
            that_there_is_no_session_is_remembered,
            sessions_are_told_apart,
            what_is_old_is_forgotten,
            age_is_counted_from_the_ticket,
            a_commit_that_begins_forgets_what_it_touches,
            a_commit_that_ends_forgets_what_it_touched,
            a_new_session_is_not_thought_missing,
            what_was_loaded_before_a_commit_is_refused_after_it,
            what_is_loaded_during_a_commit_is_refused_during_it,
            what_is_loaded_during_a_commit_is_refused_after_it,
            what_is_loaded_after_a_commit_is_remembered,
            an_abandoned_commit_is_waited_for_in_vain_but_not_for_long,
            the_end_of_one_commit_is_not_that_of_another,
        );
    };
}

/// A session of some account that has others.
fn view() -> Arc<SessionView> {
    let user = user("ada").build().numbered(UserNumber(1)).unwrap();
    view_of(&Arc::new(AccountSnapshot {
        role: Role::built_in(&user.parts().role).unwrap(),
        user: user.into(),
    }))
}

fn view_of(account: &Arc<AccountSnapshot>) -> Arc<SessionView> {
    let session = session(account.user.id()).build();
    Arc::new(SessionView { session, account: Arc::clone(account) })
}

fn session_touched(id: SessionId) -> Touched {
    Touched { sessions: BTreeSet::from([id]), ..Touched::default() }
}

fn user_touched(id: UserId) -> Touched {
    Touched { users: BTreeSet::from([id]), ..Touched::default() }
}

/// Everything that a commit may touch to change how a session is seen.
fn touching(view: &SessionView) -> [Touched; 3] {
    let all = Touched { everything: true, ..Touched::default() };
    [session_touched(view.session.id()), user_touched(view.account.user.id()), all]
}

/// The ticket for what must not be known.
#[track_caller]
fn ticket(looked_up: &Lookup) -> LoadTicket {
    let ticket = match looked_up {
        Lookup::Unknown(ticket) => Some(*ticket),
        Lookup::Known(_) => None,
    };
    ticket.unwrap()
}

impl SessionCacheFixture {
    async fn ticket_for(&self, view: &SessionView) -> LoadTicket {
        ticket(&self.cache.look_up(view.session.id()).await)
    }

    async fn load(&self, view: &Arc<SessionView>) {
        let ticket = self.ticket_for(view).await;
        self.cache.keep(ticket, Some(Arc::clone(view))).await;
    }

    async fn assert_known(&self, view: &Arc<SessionView>) {
        let looked_up = self.cache.look_up(view.session.id()).await;
        assert_eq!(looked_up, Lookup::Known(Some(Arc::clone(view))));
    }
}

/// A session that nobody loaded is not known, and the ticket is for it.
pub async fn nothing_is_known_before_it_is_loaded(fixture: &SessionCacheFixture) {
    let view = view();
    assert_eq!(fixture.ticket_for(&view).await.session, view.session.id());
}

/// What was loaded is answered as it was given.
pub async fn what_was_loaded_is_remembered(fixture: &SessionCacheFixture) {
    let view = view();
    fixture.load(&view).await;
    fixture.assert_known(&view).await;
}

/// That there is no such session is an answer, too.
pub async fn that_there_is_no_session_is_remembered(fixture: &SessionCacheFixture) {
    let id = SessionId(fresh_id());
    let ticket = ticket(&fixture.cache.look_up(id).await);
    fixture.cache.keep(ticket, None).await;
    assert_eq!(fixture.cache.look_up(id).await, Lookup::Known(None));
}

/// Each session has its own answer, also those of one account.
pub async fn sessions_are_told_apart(fixture: &SessionCacheFixture) {
    let first = view();
    let (second, other) = (view_of(&first.account), view());
    fixture.load(&first).await;
    fixture.load(&second).await;
    fixture.load(&other).await;
    for view in [first, second, other] {
        fixture.assert_known(&view).await;
    }
}

/// What was loaded [`MAX_AGE`] ago MUST NOT be answered.
pub async fn what_is_old_is_forgotten(fixture: &SessionCacheFixture) {
    let view = view();
    fixture.load(&view).await;
    (fixture.let_pass)(MAX_AGE).await;
    fixture.ticket_for(&view).await;
}

/// A load that took its time is as old as its ticket.
pub async fn age_is_counted_from_the_ticket(fixture: &SessionCacheFixture) {
    let view = view();
    let ticket = fixture.ticket_for(&view).await;
    (fixture.let_pass)(MAX_AGE / 2).await;
    fixture.cache.keep(ticket, Some(Arc::clone(&view))).await;
    (fixture.let_pass)(MAX_AGE / 2).await;
    fixture.ticket_for(&view).await;
}

/// Before a commit, what it touches MUST be forgotten.
pub async fn a_commit_that_begins_forgets_what_it_touches(fixture: &SessionCacheFixture) {
    for which in 0..3 {
        let view = view();
        fixture.load(&view).await;
        fixture.cache.before_commit(&touching(&view)[which]).await;
        fixture.ticket_for(&view).await;
        fixture.cache.after_commit(&touching(&view)[which]).await;
    }
}

/// After a commit, what it touched MUST be forgotten, whatever was remembered while it lasted.
pub async fn a_commit_that_ends_forgets_what_it_touched(fixture: &SessionCacheFixture) {
    for which in 0..3 {
        let view = view();
        let touched = &touching(&view)[which];
        fixture.cache.before_commit(touched).await;
        // Its end is so late that it is not waited for any longer.
        (fixture.let_pass)(MAX_AGE).await;
        fixture.load(&view).await;
        fixture.cache.after_commit(touched).await;
        fixture.ticket_for(&view).await;
    }
}

/// Somebody may have looked for a session just before it was opened.
pub async fn a_new_session_is_not_thought_missing(fixture: &SessionCacheFixture) {
    let view = view();
    let ticket = fixture.ticket_for(&view).await;
    fixture.cache.keep(ticket, None).await;
    let touched = session_touched(view.session.id());
    fixture.cache.before_commit(&touched).await;
    fixture.cache.after_commit(&touched).await;
    fixture.ticket_for(&view).await;
}

/// The race of a read with a commit: what was read before MUST be refused after.
pub async fn what_was_loaded_before_a_commit_is_refused_after_it(fixture: &SessionCacheFixture) {
    for which in 0..3 {
        let view = view();
        let ticket = fixture.ticket_for(&view).await;
        fixture.cache.before_commit(&touching(&view)[which]).await;
        fixture.cache.after_commit(&touching(&view)[which]).await;
        fixture.cache.keep(ticket, Some(Arc::clone(&view))).await;
        fixture.ticket_for(&view).await;
    }
}

/// While a commit is under way nobody knows which side of it was read, so it MUST be refused.
pub async fn what_is_loaded_during_a_commit_is_refused_during_it(fixture: &SessionCacheFixture) {
    for which in 0..3 {
        let view = view();
        fixture.cache.before_commit(&touching(&view)[which]).await;
        fixture.load(&view).await;
        fixture.ticket_for(&view).await;
        fixture.cache.after_commit(&touching(&view)[which]).await;
    }
}

/// A ticket from before the end of a commit MUST be refused after it.
pub async fn what_is_loaded_during_a_commit_is_refused_after_it(fixture: &SessionCacheFixture) {
    for which in 0..3 {
        let view = view();
        fixture.cache.before_commit(&touching(&view)[which]).await;
        let ticket = fixture.ticket_for(&view).await;
        fixture.cache.after_commit(&touching(&view)[which]).await;
        fixture.cache.keep(ticket, Some(Arc::clone(&view))).await;
        fixture.ticket_for(&view).await;
    }
}

/// After a commit, loads are remembered again.
pub async fn what_is_loaded_after_a_commit_is_remembered(fixture: &SessionCacheFixture) {
    for which in 0..3 {
        let view = view();
        fixture.cache.before_commit(&touching(&view)[which]).await;
        fixture.cache.after_commit(&touching(&view)[which]).await;
        fixture.load(&view).await;
        fixture.assert_known(&view).await;
    }
}

/// A commit of which no end was heard may have been stored or not: for a while nothing is remembered, and then again.
pub async fn an_abandoned_commit_is_waited_for_in_vain_but_not_for_long(fixture: &SessionCacheFixture) {
    for which in 0..3 {
        let view = view();
        fixture.cache.before_commit(&touching(&view)[which]).await;
        (fixture.let_pass)(MAX_AGE / 2).await;
        fixture.load(&view).await;
        fixture.ticket_for(&view).await;
        (fixture.let_pass)(MAX_AGE / 2).await;
        fixture.load(&view).await;
        fixture.assert_known(&view).await;
    }
}

/// Of two commits that touch the same, the first to end says nothing about the other.
pub async fn the_end_of_one_commit_is_not_that_of_another(fixture: &SessionCacheFixture) {
    for which in 0..3 {
        let view = view();
        let touched = &touching(&view)[which];
        fixture.cache.before_commit(touched).await;
        fixture.cache.before_commit(touched).await;
        fixture.cache.after_commit(touched).await;
        fixture.load(&view).await;
        fixture.ticket_for(&view).await;
        fixture.cache.after_commit(touched).await;
    }
}
