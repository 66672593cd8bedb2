//! Whether Redis is in reach.

use lectern_application::ports::Reach;
use lectern_domain::time::Timestamp;

/// How Redis is doing, for whoever watches over the service. Nothing fails while it is out of reach: sessions are then read
/// from the database, and limits, throttles and news are of one process each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedisState {
    /// The connection that questions are asked on.
    pub commands: Reach,
    /// The connection that others' commits and news come on. Without it, changes that other replicas make to sessions are
    /// seen up to [`MAX_AGE`](lectern_application::ports::MAX_AGE) late.
    pub subscription: Reach,
}

impl RedisState {
    /// Neither is in reach.
    pub(crate) fn out_of_reach(since: Timestamp) -> Self {
        Self { commands: Reach::OutOfReach { since }, subscription: Reach::OutOfReach { since } }
    }

    /// Whether everything is as it should be.
    pub fn is_in_reach(self) -> bool {
        self.commands.is_in_reach() && self.subscription.is_in_reach()
    }

    /// Both as one: in reach since both are, out of reach since the first is not.
    pub fn reach(self) -> Reach {
        match (self.commands, self.subscription) {
            (Reach::InReach { since: one }, Reach::InReach { since: other }) => {
                Reach::InReach { since: one.max(other) }
            }
            (Reach::OutOfReach { since: one }, Reach::OutOfReach { since: other }) => {
                Reach::OutOfReach { since: one.min(other) }
            }
            (Reach::OutOfReach { since }, _) | (_, Reach::OutOfReach { since }) => {
                Reach::OutOfReach { since }
            }
        }
    }
}
