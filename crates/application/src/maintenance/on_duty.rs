//! Doing scheduled work on one replica at a time.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::{
    error::chain,
    metrics::catalogue::DUTY_HELD,
    ports::{Claim, Duties, Duty, ReplicaId, StoreError},
};

/// For how long a duty is claimed. So long nobody does it after a replica died.
const LEASE: Duration = Duration::from_secs(30);
/// How often a lease is renewed, and others look whether it is over.
const RENEWAL: Duration = Duration::from_secs(10);

/// Does work for as long as this replica holds a duty.
///
/// Replicas that lose touch with what gives duties out stop when their lease is over, so at most one works, but for those
/// that hang. Hence the work has to be such that doing it twice does no harm.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and who acts, described at their types")]
pub struct OnDuty {
    pub duties: Arc<dyn Duties>,
    pub duty: Duty,
    pub replica: ReplicaId,
}

impl OnDuty {
    /// Does `work` whenever the duty is this replica's, until `shutdown`. The work gets a token that tells it to end: at
    /// shutdown, or when the duty went to another.
    pub async fn run<Work: Future<Output = ()>>(
        &self,
        shutdown: CancellationToken,
        work: impl Fn(CancellationToken) -> Work,
    ) {
        while !shutdown.is_cancelled() {
            let until = Instant::now() + LEASE;
            match self.claim().await {
                Ok(Claim::Held) => {
                    tracing::debug!(duty = self.duty.name(), "took a duty");
                    self.hold(until, &shutdown, &work).await;
                }
                Ok(Claim::Taken) => {}
                Err(error) => {
                    tracing::warn!(duty = self.duty.name(), error = chain(&error), "can't ask for a duty");
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = sleep(RENEWAL) => {}
            }
        }
    }

    /// Works until the duty is lost, or the work or everything ends.
    async fn hold<Work: Future<Output = ()>>(
        &self,
        until: Instant,
        shutdown: &CancellationToken,
        work: &impl Fn(CancellationToken) -> Work,
    ) {
        let stop = shutdown.child_token();
        let mut working = pin!(work(stop.clone()));
        DUTY_HELD.set([self.duty.name()], 1.0);
        let ended = tokio::select! {
            () = &mut working => true,
            () = self.keep(until) => false,
        };
        if !ended {
            tracing::warn!(duty = self.duty.name(), "lost a duty; leaving it to another replica");
            stop.cancel();
            working.await;
        }
        DUTY_HELD.set([self.duty.name()], 0.0);
        // It may be another's already, or out of reach: its lease ends by itself.
        let _given_back = self.duties.give_back(self.duty, self.replica).await;
    }

    /// Renews the lease until it is lost. It lasts from before it was asked for, as nobody knows when it was given.
    async fn keep(&self, mut until: Instant) {
        loop {
            sleep(RENEWAL).await;
            let asked = Instant::now();
            match timeout_at(until, self.claim()).await {
                Ok(Ok(Claim::Held)) => until = asked + LEASE,
                Ok(Ok(Claim::Taken)) | Err(_) => return,
                Ok(Err(_)) if Instant::now() >= until => return,
                Ok(Err(error)) => {
                    tracing::warn!(duty = self.duty.name(), error = chain(&error), "can't keep a duty");
                }
            }
        }
    }

    async fn claim(&self) -> Result<Claim, StoreError> {
        self.duties.claim(self.duty, self.replica, LEASE).await
    }
}
