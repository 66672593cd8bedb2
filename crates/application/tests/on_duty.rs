//! Scheduled work is done by one replica at a time.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use lectern_application::{
    in_process::LocalDuties,
    maintenance::OnDuty,
    ports::{Claim, Duties, Duty, ReplicaId, StoreError},
};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How many replicas are at work, and how often one began.
#[derive(Default)]
struct Work {
    at_work: AtomicU32,
    begun: AtomicU32,
}

fn replica(id: u128, duties: Arc<dyn Duties>, work: &Arc<Work>) -> (CancellationToken, JoinHandle<()>) {
    let on_duty = OnDuty { duties, duty: Duty::Purge, replica: ReplicaId(Uuid::from_u128(id)) };
    let (shutdown, work) = (CancellationToken::new(), work.clone());
    let token = shutdown.clone();
    let running = tokio::spawn(async move {
        let until_told = |stop: CancellationToken| {
            let work = work.clone();
            async move {
                work.begun.fetch_add(1, Ordering::SeqCst);
                assert_eq!(work.at_work.fetch_add(1, Ordering::SeqCst), 0, "two at once");
                stop.cancelled().await;
                work.at_work.fetch_sub(1, Ordering::SeqCst);
            }
        };
        on_duty.run(token, until_told).await;
    });
    (shutdown, running)
}

/// So long that every lease would have ended if nobody renewed it.
async fn a_while() {
    let _elapsed = timeout(Duration::from_mins(10), pending::<()>()).await;
}

#[tokio::test(start_paused = true)]
async fn of_three_replicas_one_works_and_goes_on() {
    let (duties, work) = (Arc::new(LocalDuties::default()), Arc::default());
    let replicas = [1, 2, 3].map(|id| replica(id, duties.clone(), &work));
    a_while().await;
    assert_eq!((work.at_work.load(Ordering::SeqCst), work.begun.load(Ordering::SeqCst)), (1, 1));
    for (shutdown, running) in replicas {
        shutdown.cancel();
        running.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn another_goes_on_when_one_stops() {
    let (duties, work) = (Arc::new(LocalDuties::default()), Arc::default());
    let (shutdown, running) = replica(1, duties.clone(), &work);
    a_while().await;
    let (other_shutdown, other_running) = replica(2, duties.clone(), &work);
    shutdown.cancel();
    running.await.unwrap();
    a_while().await;
    assert_eq!((work.at_work.load(Ordering::SeqCst), work.begun.load(Ordering::SeqCst)), (1, 2));
    other_shutdown.cancel();
    other_running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn another_goes_on_when_one_dies() {
    let (duties, work) = (Arc::new(LocalDuties::default()), Arc::<Work>::default());
    let (_shutdown, running) = replica(1, duties.clone(), &work);
    a_while().await;
    running.abort();
    running.await.unwrap_err();
    work.at_work.store(0, Ordering::SeqCst);
    let (shutdown, other) = replica(2, duties.clone(), &work);
    a_while().await;
    assert_eq!(work.begun.load(Ordering::SeqCst), 2);
    shutdown.cancel();
    other.await.unwrap();
}

/// Duties that nobody can ask for any more.
struct OutOfReach(AtomicU32);

#[async_trait]
impl Duties for OutOfReach {
    async fn claim(&self, _: Duty, _: ReplicaId, _: Duration) -> Result<Claim, StoreError> {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(Claim::Held),
            _ => Err(StoreError::Unavailable { source: "gone".into() }),
        }
    }

    async fn give_back(&self, _: Duty, _: ReplicaId) -> Result<(), StoreError> {
        Err(StoreError::Unavailable { source: "gone".into() })
    }
}

#[tokio::test(start_paused = true)]
async fn who_can_not_renew_a_lease_stops_before_another_may_begin() {
    let work = Arc::<Work>::default();
    let (shutdown, running) = replica(1, Arc::new(OutOfReach(AtomicU32::new(0))), &work);
    let stopped = async {
        while work.begun.load(Ordering::SeqCst) == 0 || work.at_work.load(Ordering::SeqCst) == 1 {
            let _elapsed = timeout(Duration::from_millis(100), pending::<()>()).await;
        }
    };
    timeout(Duration::from_secs(31), stopped).await.unwrap();
    shutdown.cancel();
    running.await.unwrap();
}
