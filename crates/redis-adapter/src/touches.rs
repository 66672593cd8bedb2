//! What replicas tell each other of the commits that touch sessions: the revocation bus.

use lectern_application::{
    in_process::LocalSessionCache,
    ports::{SessionCache, Touched},
};
use lectern_domain::{account::UserId, session::SessionId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How far a commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// It is about to be made.
    Begins,
    /// It was made.
    Ended,
}

impl Step {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Begins => "begins",
            Self::Ended => "ended",
        }
    }
}

/// A replica touches sessions by a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Touch {
    pub(crate) by: Uuid,
    pub(crate) step: Step,
    pub(crate) touched: Touched,
}

#[derive(Serialize, Deserialize)]
struct Message {
    by: Uuid,
    step: Step,
    #[serde(default)]
    sessions: Vec<Uuid>,
    #[serde(default)]
    users: Vec<Uuid>,
    everything: bool,
}

impl Touch {
    pub(crate) fn written(&self) -> Option<String> {
        let message = Message {
            by: self.by,
            step: self.step,
            sessions: self.touched.sessions.iter().map(|id| id.0).collect(),
            users: self.touched.users.iter().map(|id| id.0).collect(),
            everything: self.touched.everything,
        };
        serde_json::to_string(&message).ok()
    }

    fn read(message: &[u8]) -> Option<Self> {
        let Message { by, step, sessions, users, everything } = serde_json::from_slice(message).ok()?;
        let touched = Touched {
            sessions: sessions.into_iter().map(SessionId).collect(),
            users: users.into_iter().map(UserId).collect(),
            everything,
        };
        Some(Self { by, step, touched })
    }
}

/// Forgets what another replica says it touches. `replica` is this one, whose own commits are known already.
pub(crate) async fn follow(message: &[u8], replica: Uuid, local: &LocalSessionCache) {
    match Touch::read(message) {
        Some(Touch { by, .. }) if by == replica => {}
        Some(Touch { step: Step::Begins, touched, .. }) => local.before_commit(&touched).await,
        Some(Touch { step: Step::Ended, touched, .. }) => local.after_commit(&touched).await,
        // A later version may say something that this one doesn't know.
        None => forget_everything(local).await,
    }
}

/// Forgets all sessions, and refuses what is being loaded.
pub(crate) async fn forget_everything(local: &LocalSessionCache) {
    let everything = Touched { everything: true, ..Touched::default() };
    local.before_commit(&everything).await;
    local.after_commit(&everything).await;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_touch_is_read_as_it_was_written() {
        for step in [Step::Begins, Step::Ended] {
            let touched = Touched {
                sessions: BTreeSet::from([SessionId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2))]),
                users: BTreeSet::from([UserId(Uuid::from_u128(3))]),
                everything: step == Step::Begins,
            };
            let touch = Touch { by: Uuid::from_u128(4), step, touched };
            assert_eq!(Touch::read(touch.written().unwrap().as_bytes()), Some(touch));
        }
    }

    #[test]
    fn the_scripts_know_the_steps_by_the_names_that_messages_have() {
        for step in [Step::Begins, Step::Ended] {
            assert_eq!(serde_json::to_value(step).unwrap(), step.name());
        }
    }
}
