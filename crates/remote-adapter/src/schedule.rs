//! When to ask the server. It can't call its workers, so they ask by the clock.

use std::time::Duration;

use async_trait::async_trait;
use lectern_application::ports::{LeasedJob, Watch};
use tokio::time::{Interval, MissedTickBehavior};

/// How often to look for a job.
const POLL: Duration = Duration::from_secs(1);
/// How often to give a sign of life. A heartbeat's answer is also how a worker hears that the owner called the job
/// off, which it must within a second.
const BEAT: Duration = Duration::from_millis(500);

/// Looks for jobs.
pub(crate) fn openings() -> Box<dyn Watch> {
    Box::new(Ticks::every(POLL))
}

/// Heartbeats: often enough to hear of a cancel soon, and three times in the shortest lease.
pub(crate) fn beats(job: &LeasedJob) -> Box<dyn Watch> {
    Box::new(Ticks::every(BEAT.min(job.lease_duration / 3)))
}

struct Ticks(Interval);

impl Ticks {
    /// The first tick comes after a whole period: whoever makes this has just asked. A server that sets an absurdly
    /// short lease is still not asked more than a hundred times a second.
    fn every(period: Duration) -> Self {
        let period = period.max(Duration::from_millis(10));
        let mut interval = tokio::time::interval(period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        interval.reset();
        Self(interval)
    }
}

#[async_trait]
impl Watch for Ticks {
    async fn changed(&mut self) {
        self.0.tick().await;
    }
}

#[cfg(test)]
mod tests {
    use lectern_domain::transcription::{ChunkPlan, LeaseId, TranscriptionId};
    use tokio::time::Instant;
    use uuid::Uuid;

    use super::*;

    fn job(lease_duration: Duration) -> LeasedJob {
        LeasedJob {
            lease: LeaseId(Uuid::nil()),
            lease_duration,
            transcription: TranscriptionId(Uuid::nil()),
            plan: ChunkPlan::new(Duration::from_secs(90), Duration::from_mins(1)).unwrap(),
            missing: vec![],
            language: None,
        }
    }

    async fn period(mut watch: Box<dyn Watch>) -> Duration {
        let start = Instant::now();
        watch.changed().await;
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancel_is_heard_of_within_a_second() {
        assert_eq!(period(beats(&job(Duration::from_secs(30)))).await, BEAT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_lease_gets_three_heartbeats() {
        assert_eq!(period(beats(&job(Duration::from_millis(600)))).await, Duration::from_millis(200));
    }

    #[tokio::test(start_paused = true)]
    async fn a_tick_that_nobody_waited_for_is_answered_at_once() {
        let mut openings = openings();
        tokio::time::advance(POLL).await;
        assert_eq!(period_of(&mut *openings).await, Duration::ZERO);
        assert_eq!(period_of(&mut *openings).await, POLL);
    }

    async fn period_of(watch: &mut dyn Watch) -> Duration {
        let start = Instant::now();
        watch.changed().await;
        start.elapsed()
    }
}
