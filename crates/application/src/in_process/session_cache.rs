//! What one process remembers of sessions.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use async_trait::async_trait;
use lectern_domain::{account::UserId, session::SessionId, time::Timestamp};

use super::gates::Gates;
use crate::{
    metrics::catalogue::{LOCAL, SESSION_LOOKUPS},
    ports::{Clock, LoadTicket, Lookup, SessionCache, SessionView, Touched, is_fresh},
};

/// A [`SessionCache`] in memory, for everything that one process serves.
///
/// Lookups share a lock that only loads and commits take for themselves, for a few steps in memory each.
pub struct LocalSessionCache {
    clock: Arc<dyn Clock>,
    capacity: usize,
    memory: RwLock<Memory>,
    /// How often it knew.
    known: metrics::Counter,
}

#[derive(Default)]
struct Memory {
    entries: HashMap<SessionId, Entry>,
    of_user: HashMap<UserId, BTreeSet<SessionId>>,
    /// Every entry in the order of loading, by its serial; those that are gone are passed over.
    order: VecDeque<(SessionId, u64)>,
    last_serial: u64,
    gates: Gates,
}

struct Entry {
    view: Option<Arc<SessionView>>,
    loaded_at: Timestamp,
    serial: u64,
}

impl LocalSessionCache {
    /// So many sessions are remembered unless it is said otherwise: a few megabytes.
    pub const CAPACITY: usize = 10_000;

    /// An empty cache for [`CAPACITY`](Self::CAPACITY) sessions.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_capacity(clock, Self::CAPACITY)
    }

    /// An empty cache for so many sessions. One more makes it forget the one that was loaded first.
    pub fn with_capacity(clock: Arc<dyn Clock>, capacity: usize) -> Self {
        Self { clock, capacity, memory: RwLock::default(), known: SESSION_LOOKUPS.of([LOCAL]) }
    }

    // Nothing panics while it holds the lock; and if it did, an entry too few is the worst that could be left.
    fn read(&self) -> RwLockReadGuard<'_, Memory> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Memory> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LocalSessionCache {
    /// As [`SessionCache::look_up`], and not counted: for what is asked of it a second time.
    pub fn recall(&self, id: SessionId) -> Lookup {
        let now = self.clock.now();
        let memory = self.read();
        match memory.entries.get(&id) {
            Some(entry) if is_fresh(entry.loaded_at, now) => Lookup::Known(entry.view.clone()),
            _ => Lookup::Unknown(LoadTicket {
                session: id,
                issued_at: now,
                moment: memory.gates.moment(),
                shared_moment: None,
            }),
        }
    }
}

#[async_trait]
impl SessionCache for LocalSessionCache {
    async fn look_up(&self, id: SessionId) -> Lookup {
        let found = self.recall(id);
        if matches!(found, Lookup::Known(_)) {
            self.known.increment(1);
        }
        found
    }

    async fn keep(&self, ticket: LoadTicket, loaded: Option<Arc<SessionView>>) {
        let now = self.clock.now();
        let user = loaded.as_ref().map(|view| view.session.parts().user);
        let mut memory = self.write();
        if is_fresh(ticket.issued_at, now) && memory.gates.admit(&ticket, user, now) {
            memory.insert(ticket, loaded, user);
            memory.make_room(self.capacity, now);
        }
    }

    async fn before_commit(&self, touched: &Touched) {
        let now = self.clock.now();
        let mut memory = self.write();
        memory.gates.close(touched, now);
        memory.forget(touched);
    }

    async fn after_commit(&self, touched: &Touched) {
        let mut memory = self.write();
        memory.gates.open(touched);
        memory.forget(touched);
    }
}

impl Memory {
    fn insert(&mut self, ticket: LoadTicket, view: Option<Arc<SessionView>>, user: Option<UserId>) {
        self.remove(ticket.session);
        self.last_serial = self.last_serial.wrapping_add(1);
        let serial = self.last_serial;
        if let Some(user) = user {
            self.of_user.entry(user).or_default().insert(ticket.session);
        }
        self.order.push_back((ticket.session, serial));
        self.entries.insert(ticket.session, Entry { view, loaded_at: ticket.issued_at, serial });
    }

    fn remove(&mut self, id: SessionId) {
        let Some(Entry { view: Some(view), .. }) = self.entries.remove(&id) else { return };
        let user = view.session.parts().user;
        if let Some(sessions) = self.of_user.get_mut(&user) {
            sessions.remove(&id);
            if sessions.is_empty() {
                self.of_user.remove(&user);
            }
        }
    }

    /// Removes from the front of the order what is over, and what is too much.
    fn make_room(&mut self, capacity: usize, now: Timestamp) {
        while let Some(&(id, serial)) = self.order.front() {
            let entry = self.entries.get(&id).filter(|entry| entry.serial == serial);
            let is_over = entry.is_none_or(|entry| !is_fresh(entry.loaded_at, now));
            if !is_over && self.order.len() <= capacity {
                return;
            }
            if entry.is_some() {
                self.remove(id);
            }
            self.order.pop_front();
        }
    }

    fn forget(&mut self, touched: &Touched) {
        if touched.everything {
            self.entries.clear();
            self.of_user.clear();
            self.order.clear();
            return;
        }
        for id in &touched.sessions {
            self.remove(*id);
        }
        for user in &touched.users {
            for id in self.of_user.remove(user).unwrap_or_default() {
                self.entries.remove(&id);
            }
        }
    }
}
