//! What keeps a session from being remembered as it was before a commit.
//!
//! A load and a commit may overlap in any way: what was read before the commit may be offered after it. So each
//! account and each session has a gate, which knows the moment of the last commit that touched it, and whether one is
//! under way. There is a fixed number of gates: ids share them, which now and then keeps a session from being
//! remembered for no reason, and never lets one through that should not be.

use lectern_domain::{account::UserId, time::Timestamp};
use uuid::Uuid;

use crate::ports::{LoadTicket, Touched, is_fresh};

const GATES: usize = 1024;

pub(super) struct Gates {
    /// Moments are counted by commits.
    moment: u64,
    /// Every session passes this one.
    all: Gate,
    of_sessions: Vec<Gate>,
    of_users: Vec<Gate>,
}

#[derive(Debug, Clone, Copy)]
struct Gate {
    /// The moment of the last commit that ended.
    changed: u64,
    /// How many commits have not ended yet.
    under_way: u32,
    /// When the last of them began.
    closed_at: Timestamp,
}

impl Default for Gates {
    fn default() -> Self {
        let gate = Gate { changed: 0, under_way: 0, closed_at: Timestamp::from_micros(0) };
        Self { moment: 0, all: gate, of_sessions: vec![gate; GATES], of_users: vec![gate; GATES] }
    }
}

impl Gates {
    /// The moment to note on a ticket.
    pub(super) fn moment(&self) -> u64 {
        self.moment
    }

    /// Whether what was loaded under the ticket is still so. `user` is whose session it turned out to be.
    pub(super) fn admit(&self, ticket: &LoadTicket, user: Option<UserId>, now: Timestamp) -> bool {
        let of_session = self.of_sessions.get(place(ticket.session.0));
        let of_user = user.and_then(|user| self.of_users.get(place(user.0)));
        let mut gates = [Some(&self.all), of_session, of_user].into_iter().flatten();
        gates.all(|gate| gate.changed <= ticket.moment && !gate.is_closed(now))
    }

    /// A commit begins.
    pub(super) fn close(&mut self, touched: &Touched, now: Timestamp) {
        self.for_each(touched, |gate| gate.close(now));
    }

    /// That commit has ended.
    pub(super) fn open(&mut self, touched: &Touched) {
        self.moment = self.moment.saturating_add(1);
        let moment = self.moment;
        self.for_each(touched, |gate| gate.open(moment));
    }

    fn for_each(&mut self, touched: &Touched, mut act: impl FnMut(&mut Gate)) {
        if touched.everything {
            act(&mut self.all);
        }
        for id in &touched.sessions {
            if let Some(gate) = self.of_sessions.get_mut(place(id.0)) {
                act(gate);
            }
        }
        for id in &touched.users {
            if let Some(gate) = self.of_users.get_mut(place(id.0)) {
                act(gate);
            }
        }
    }
}

impl Gate {
    fn close(&mut self, now: Timestamp) {
        if !self.is_closed(now) {
            // Commits of which no end was heard are not waited for.
            self.under_way = 0;
        }
        self.under_way = self.under_way.saturating_add(1);
        self.closed_at = now;
    }

    fn open(&mut self, moment: u64) {
        self.under_way = self.under_way.saturating_sub(1);
        self.changed = moment;
    }

    fn is_closed(&self, now: Timestamp) -> bool {
        self.under_way > 0 && is_fresh(self.closed_at, now)
    }
}

/// Where the gate of that id is. Ids are UUIDv7, whose last bytes are random.
fn place(id: Uuid) -> usize {
    let [.., high, low] = *id.as_bytes();
    usize::from(u16::from_be_bytes([high, low])) % GATES
}
