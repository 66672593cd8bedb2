//! What one process remembers of sessions, in front of what all replicas remember.

use std::sync::Arc;

use async_trait::async_trait;
use lectern_application::{
    in_process::LocalSessionCache,
    metrics::catalogue::{REDIS, SESSION_LOOKUPS},
    ports::{LoadTicket, Lookup, SessionCache, SessionView, Touched},
};
use lectern_domain::session::SessionId;

use super::{Found, Offer, RedisSessionCache};
use crate::touches::Step;

/// A [`SessionCache`] in memory over one in Redis. What is in memory costs no round trip.
///
/// What is taken from Redis into memory stays as old as it is, so that both together remember nothing for longer than one.
/// What other replicas touch is forgotten here as soon as Redis says so, by the subscription.
pub struct TieredSessionCache {
    local: Arc<LocalSessionCache>,
    shared: Arc<RedisSessionCache>,
}

impl TieredSessionCache {
    pub(crate) fn new(local: Arc<LocalSessionCache>, shared: Arc<RedisSessionCache>) -> Self {
        Self { local, shared }
    }
}

#[async_trait]
impl SessionCache for TieredSessionCache {
    async fn look_up(&self, id: SessionId) -> Lookup {
        let ticket = match self.local.look_up(id).await {
            known @ Lookup::Known(_) => return known,
            Lookup::Unknown(ticket) => ticket,
        };
        match self.shared.find(id).await {
            Found::Known(view, loaded_at) => {
                let issued_at = loaded_at.min(ticket.issued_at);
                self.local.keep(LoadTicket { issued_at, ..ticket }, view).await;
                // Answered from memory or not at all: it may have been touched while Redis was asked.
                let found = self.local.recall(id);
                if matches!(found, Lookup::Known(_)) {
                    SESSION_LOOKUPS.count([REDIS]);
                }
                found
            }
            Found::Unknown(moment) => Lookup::Unknown(LoadTicket { shared_moment: Some(moment), ..ticket }),
            Found::OutOfReach => Lookup::Unknown(ticket),
        }
    }

    async fn keep(&self, ticket: LoadTicket, loaded: Option<Arc<SessionView>>) {
        // Redis may know of a commit elsewhere that this process has not heard of yet.
        if self.shared.offer(&ticket, loaded.as_deref()).await != Offer::Refused {
            self.local.keep(ticket, loaded).await;
        }
    }

    async fn before_commit(&self, touched: &Touched) {
        self.local.before_commit(touched).await;
        self.shared.touch(Step::Begins, touched).await;
    }

    async fn after_commit(&self, touched: &Touched) {
        self.local.after_commit(touched).await;
        self.shared.touch(Step::Ended, touched).await;
    }
}
