//! What all replicas remember of sessions.
//!
//! Each entry and each touch has a *moment*, which the server counts. A touch leaves its moment at the gates of what it
//! touched, where it stays for longer than anything from before it may be remembered; an entry counts as long as its moment
//! is not before that of any gate that it passes. So forgetting all sessions of an account, or all there are, is one write,
//! and no index has to be kept.
//!
//! A touch that doesn't reach the server leaves there what it should have removed. Whoever made it looks away from there for
//! [`MAX_AGE`], by when nothing from before is left: within the process that ended a session, it is over at once even then.
//! Other replicas see it up to [`MAX_AGE`] late.

mod entry;
mod tiered;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use lectern_application::ports::{
    Clock, LoadTicket, Lookup, MAX_AGE, SessionCache, SessionView, Touched, is_fresh,
};
use lectern_domain::{session::SessionId, time::Timestamp};
use uuid::Uuid;

pub use tiered::TieredSessionCache;

use crate::{
    keys::Keys,
    link::Link,
    scripts,
    touches::{Step, Touch},
};

/// How long a touch is remembered: longer than anything that was loaded before it.
const GATE_LIFETIME: Duration = Duration::from_secs(3 * MAX_AGE.as_secs());
/// How long moments are counted on from the last one, rather than from the server's time.
const MOMENT_LIFETIME: Duration = Duration::from_hours(1);

/// A [`SessionCache`] in Redis. While that is out of reach nothing is known, and nothing is kept.
pub struct RedisSessionCache {
    link: Arc<Link>,
    keys: Keys,
    clock: Arc<dyn Clock>,
    /// Who this process is among the replicas.
    replica: Uuid,
    /// Until when (µs) nothing is taken from the server, because a touch did not reach it.
    looks_away_until: AtomicI64,
}

/// What the server knows of a session.
enum Found {
    /// What was loaded then.
    Known(Option<Arc<SessionView>>, Timestamp),
    /// Nothing; the moment of asking.
    Unknown(u64),
    /// Nobody knows.
    OutOfReach,
}

/// What became of something that was offered to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offer {
    Kept,
    /// It was touched since it was loaded.
    Refused,
    OutOfReach,
}

fn millis(span: Duration) -> u64 {
    span.as_millis().try_into().unwrap_or(u64::MAX)
}

impl RedisSessionCache {
    pub(crate) fn new(link: Arc<Link>, keys: Keys, clock: Arc<dyn Clock>, replica: Uuid) -> Self {
        Self { link, keys, clock, replica, looks_away_until: AtomicI64::new(i64::MIN) }
    }

    fn looks_away(&self) -> bool {
        self.clock.now().as_micros() < self.looks_away_until.load(Ordering::Acquire)
    }

    async fn find(&self, id: SessionId) -> Found {
        let asked_at = self.clock.now();
        let mut script = scripts::LOOK_UP.prepare_invoke();
        script.key(self.keys.session(id)).key(self.keys.moment()).key(self.keys.gate_of_all());
        script.arg(self.keys.gates_of_users()).arg(millis(MOMENT_LIFETIME));
        let answer: Option<(u64, Option<Vec<u8>>, i64)> = self.link.invoke(&script).await;
        // Asked only now: a touch may have failed meanwhile.
        let (Some((moment, value, lifetime)), false) = (answer, self.looks_away()) else {
            return Found::OutOfReach;
        };
        let Some((view, noted_at)) = value.and_then(|value| entry::read(&value)) else {
            return Found::Unknown(moment);
        };
        // What is left of its life tells its age, too, even if the clocks of the replicas differ.
        let lifetime = Duration::from_millis(lifetime.try_into().unwrap_or(0));
        let loaded_at = noted_at.min(asked_at.minus(MAX_AGE.saturating_sub(lifetime)));
        if is_fresh(noted_at, self.clock.now()) && is_fresh(loaded_at, self.clock.now()) {
            Found::Known(view, loaded_at)
        } else {
            Found::Unknown(moment)
        }
    }

    async fn offer(&self, ticket: &LoadTicket, loaded: Option<&SessionView>) -> Offer {
        let (Some(moment), false) = (ticket.shared_moment, self.looks_away()) else {
            return Offer::OutOfReach;
        };
        let now = self.clock.now();
        let lifetime = millis(MAX_AGE.saturating_sub(now.since(ticket.issued_at)));
        if !is_fresh(ticket.issued_at, now) || lifetime == 0 {
            return Offer::Refused;
        }
        let Some(value) = entry::written(loaded, ticket.issued_at) else { return Offer::OutOfReach };
        let user = loaded.map(|view| view.session.parts().user);
        let mut script = scripts::KEEP.prepare_invoke();
        script.key(self.keys.session(ticket.session)).key(self.keys.moment());
        script.key(self.keys.gate_of_all()).key(self.keys.gate_of_session(ticket.session));
        if let Some(user) = user {
            script.key(self.keys.gate_of_user(user));
        }
        script.arg(moment).arg(now.as_micros()).arg(MAX_AGE.as_micros().to_string());
        script.arg(user.map(|user| user.0.to_string()).unwrap_or_default()).arg(value).arg(lifetime);
        match self.link.invoke(&script).await {
            Some(true) => Offer::Kept,
            Some(false) => Offer::Refused,
            None => Offer::OutOfReach,
        }
    }

    /// Tells the server, and by it all other replicas, what a commit touches.
    async fn touch(&self, step: Step, touched: &Touched) {
        if self.try_to_touch(step, touched).await.is_none() {
            let until = self.clock.now().plus(MAX_AGE).as_micros();
            self.looks_away_until.fetch_max(until, Ordering::AcqRel);
        }
    }

    async fn try_to_touch(&self, step: Step, touched: &Touched) -> Option<()> {
        let message = Touch { by: self.replica, step, touched: touched.clone() }.written()?;
        let everything = touched.everything.then(|| self.keys.gate_of_all());
        let sessions = touched.sessions.iter().map(|id| self.keys.gate_of_session(*id));
        let users = touched.users.iter().map(|id| self.keys.gate_of_user(*id));
        let gates: Vec<_> = everything.into_iter().chain(sessions).chain(users).collect();
        let mut script = scripts::TOUCH.prepare_invoke();
        script.key(self.keys.moment()).key(&gates);
        for id in &touched.sessions {
            script.key(self.keys.session(*id));
        }
        script.arg(gates.len()).arg(step.name()).arg(self.clock.now().as_micros());
        script.arg(MAX_AGE.as_micros().to_string()).arg(millis(GATE_LIFETIME)).arg(millis(MOMENT_LIFETIME));
        script.arg(self.keys.touches()).arg(message);
        self.link.invoke::<()>(&script).await
    }
}

#[async_trait]
impl SessionCache for RedisSessionCache {
    async fn look_up(&self, id: SessionId) -> Lookup {
        let issued_at = self.clock.now();
        let ticket = LoadTicket { session: id, issued_at, moment: 0, shared_moment: None };
        match self.find(id).await {
            Found::Known(view, _) => Lookup::Known(view),
            Found::Unknown(moment) => Lookup::Unknown(LoadTicket { shared_moment: Some(moment), ..ticket }),
            Found::OutOfReach => Lookup::Unknown(ticket),
        }
    }

    async fn keep(&self, ticket: LoadTicket, loaded: Option<Arc<SessionView>>) {
        self.offer(&ticket, loaded.as_deref()).await;
    }

    async fn before_commit(&self, touched: &Touched) {
        self.touch(Step::Begins, touched).await;
    }

    async fn after_commit(&self, touched: &Touched) {
        self.touch(Step::Ended, touched).await;
    }
}
