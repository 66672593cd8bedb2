//! What is remembered of sessions between requests, so that the check that every request passes costs no query.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use lectern_domain::{account::UserId, session::SessionId, time::Timestamp};

use super::SessionView;

/// What a cache knows of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// What was loaded last; `None`: that there is no such session.
    Known(Option<Arc<SessionView>>),
    /// Nothing. Whoever loads it may have it remembered under this ticket.
    Unknown(LoadTicket),
}

/// Taken before a session is loaded, and shown when it is to be remembered: it tells the cache what may have changed
/// in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadTicket {
    /// The session that is being loaded.
    pub session: SessionId,
    /// When the ticket was issued. What is loaded with it is not older.
    pub issued_at: Timestamp,
    /// What a cache of one process tells moments apart by; to other caches it means nothing.
    pub moment: u64,
    /// What a cache that several processes share tells moments apart by; `None` if no such cache has issued it.
    pub shared_moment: Option<u64>,
}

/// What a unit of work has written that sessions are seen by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// These sessions.
    pub sessions: BTreeSet<SessionId>,
    /// These accounts, and so all sessions of theirs.
    pub users: BTreeSet<UserId>,
    /// It can't be told which: roles were changed, or sessions removed. All sessions are meant.
    pub everything: bool,
}

impl Touched {
    /// Nothing was written that anybody's session is seen by.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.users.is_empty() && !self.everything
    }
}

/// Remembers sessions with the accounts behind them, and that there is no session of an id.
///
/// It is never the truth, so nothing of it errs: a cache that is out of order answers [`Lookup::Unknown`], keeps
/// nothing, and says so in the log. [`in_front`](crate::session_cache) of a database it is used like this:
///
/// - who reads asks [`look_up`](Self::look_up), and if nothing is known, loads the session and offers it to
///   [`keep`](Self::keep);
/// - who writes calls [`before_commit`](Self::before_commit), commits, and if that answered well, calls
///   [`after_commit`](Self::after_commit) before telling anybody. After a failure, or when the commit was abandoned,
///   nobody knows what was stored, and the second call is left out.
///
/// Reads and writes happen at once, in any order. After `after_commit` has returned, no lookup MUST answer what was
/// loaded before, whenever it was offered.
#[async_trait]
pub trait SessionCache: Send + Sync {
    /// What is known of that session. MUST NOT answer what was loaded [`MAX_AGE`] ago or earlier, counted from its
    /// ticket.
    async fn look_up(&self, id: SessionId) -> Lookup;

    /// Remembers what was loaded under the ticket. MUST be refused, in silence, if the session, its account or
    /// everything was touched by a commit that began or ended since the ticket was issued, or that has not ended yet;
    /// but a commit of which no end was heard for [`MAX_AGE`] MUST NOT be waited for any longer. It MAY be refused for
    /// any other reason.
    async fn keep(&self, ticket: LoadTicket, loaded: Option<Arc<SessionView>>);

    /// A unit that touched these is about to commit. MUST forget them.
    async fn before_commit(&self, touched: &Touched);

    /// That unit has committed. MUST forget them once more, and take what is loaded from now on.
    async fn after_commit(&self, touched: &Touched);
}

/// The longest that a cache remembers: what bounds the delay of changes that it was not told of, such as those by
/// other programs.
pub const MAX_AGE: Duration = Duration::from_secs(5);

/// Whether what is of `since` still counts at `now`. After the clock was set back nobody knows, and it doesn't.
pub fn is_fresh(since: Timestamp, now: Timestamp) -> bool {
    since <= now && now.since(since) < MAX_AGE
}
