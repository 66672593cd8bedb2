//! Whether the service can serve.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lectern_domain::time::Timestamp;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    error::chain,
    metrics::catalogue::{AUDIO, DATABASE, PART_UP},
    ports::{AudioStore, Clock, Part, Queries, Reach},
};

/// How long a part may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the parts are looked at when nobody asks.
const INTERVAL: Duration = Duration::from_secs(15);

/// Asks the parts that nothing works without, and looks at the others. No answer takes longer than two seconds.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct CheckReadiness {
    pub queries: Arc<dyn Queries>,
    pub audio: Arc<dyn AudioStore>,
    pub parts: Vec<Arc<dyn Part>>,
    pub clock: Arc<dyn Clock>,
    /// What was found so far.
    pub known_reach: Arc<KnownReach>,
}

/// Whether the service can do without a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It can't.
    Always,
    /// It can, for a while.
    Spare,
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartState {
    /// Its name.
    pub name: &'static str,
    /// Whether the service can do without it.
    pub need: Need,
    /// Whether it is there, and since when it is or isn't.
    pub reach: Reach,
}

/// How all parts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// Each of them; first those that nothing works without.
    pub parts: Vec<PartState>,
}

impl Readiness {
    /// Whether requests should come here.
    pub fn is_ready(&self) -> bool {
        let is_fine = |part: &PartState| part.need == Need::Spare || part.reach.is_in_reach();
        self.parts.iter().all(is_fine)
    }

    /// Whether the database answers.
    pub fn has_database(&self) -> bool {
        self.parts.iter().any(|part| part.name == DATABASE && part.reach.is_in_reach())
    }
}

/// How the parts were when they were last asked, so that it is known since when they are so.
#[derive(Debug, Default)]
pub struct KnownReach(Mutex<BTreeMap<&'static str, Reach>>);

/// Something took longer than it may.
#[derive(Debug, thiserror::Error)]
#[error("it did not answer within {PATIENCE:?}")]
struct Late;

impl CheckReadiness {
    /// Looks every 15 seconds, the first time at once, until `shutdown`: so what was gone for a while shows, also if nobody
    /// asked meanwhile.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut looks = interval(INTERVAL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = looks.tick() => {}
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = self.execute() => {}
            }
        }
    }

    /// Asks them.
    pub async fn execute(&self) -> Readiness {
        let (database, audio) =
            tokio::join!(asked(DATABASE, self.queries.ping()), asked(AUDIO, self.audio.ping()));
        let now = self.clock.now();
        let needed = [(DATABASE, database), (AUDIO, audio)].map(|(name, answered)| PartState {
            name,
            need: Need::Always,
            reach: self.known_reach.note(name, answered, now),
        });
        let spare = self.parts.iter().map(|part| PartState {
            name: part.name(),
            need: Need::Spare,
            reach: part.reach(),
        });
        let parts: Vec<_> = needed.into_iter().chain(spare).collect();
        for part in &parts {
            PART_UP.set([part.name], if part.reach.is_in_reach() { 1.0 } else { 0.0 });
        }
        Readiness { parts }
    }
}

/// What a part came to that was asked; or, in words, why it did not answer as it should.
async fn asked<E: std::error::Error + 'static>(
    name: &'static str,
    ping: impl Future<Output = Result<(), E>>,
) -> Result<(), String> {
    let answered = timeout(PATIENCE, ping).await;
    let answered = answered.map_err(|_| chain(&Late)).and_then(|pong| pong.map_err(|error| chain(&error)));
    answered.inspect_err(|error| tracing::debug!(part = name, error, "a part does not answer"))
}

impl KnownReach {
    /// How a part is, given how it answered `now`. The log says when that changes.
    fn note(&self, name: &'static str, answered: Result<(), String>, now: Timestamp) -> Reach {
        // Entries are replaced whole, so a panic elsewhere left none half-written.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.get(name).copied();
        let reach = match (before, answered) {
            (Some(reach @ Reach::InReach { .. }), Ok(()))
            | (Some(reach @ Reach::OutOfReach { .. }), Err(_)) => reach,
            (before, Ok(())) => {
                if before.is_some() {
                    tracing::info!(part = name, "a part is back");
                }
                Reach::InReach { since: now }
            }
            (_, Err(error)) => {
                tracing::warn!(part = name, error, "a part that nothing works without is out of reach");
                Reach::OutOfReach { since: now }
            }
        };
        known.insert(name, reach);
        reach
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::ports::StoreError;

    const LATER: Timestamp = Timestamp::from_micros(7);

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_two_seconds_for_a_part() {
        let began = tokio::time::Instant::now();
        let answered = asked("part", pending::<Result<(), StoreError>>()).await;
        assert_eq!(answered, Err("it did not answer within 2s".to_owned()));
        assert_eq!(began.elapsed(), PATIENCE);
    }

    #[test]
    fn it_is_remembered_since_when_a_part_is_as_it_is() {
        let known = KnownReach::default();
        let epoch = Timestamp::from_micros(0);
        let gone = || Err("gone".to_owned());
        assert_eq!(known.note("part", Ok(()), epoch), Reach::InReach { since: epoch });
        assert_eq!(known.note("part", Ok(()), LATER), Reach::InReach { since: epoch });
        assert_eq!(known.note("part", gone(), LATER), Reach::OutOfReach { since: LATER });
        let last = LATER.plus(PATIENCE);
        assert_eq!(known.note("part", gone(), last), Reach::OutOfReach { since: LATER });
        assert_eq!(known.note("other", gone(), last), Reach::OutOfReach { since: last });
        assert_eq!(known.note("part", Ok(()), last), Reach::InReach { since: last });
    }
}
