//! The contract of [`Duties`]: a duty is one replica's at a time, and never nobody's for long.

use std::{any::Any, sync::Arc, time::Duration};

use futures::future::join_all;
use lectern_application::ports::{Claim, Duties, Duty, ReplicaId};
use uuid::Uuid;

use super::without_hanging;

/// Duties that nobody holds.
pub struct DutiesFixture {
    /// What gives them out.
    pub duties: Arc<dyn Duties>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// So long that no test sees its end.
const LONG: Duration = Duration::from_hours(1);
/// So short that it is over soon.
const SHORT: Duration = Duration::from_millis(20);

const ADA: ReplicaId = ReplicaId(Uuid::from_u128(1));
const BOB: ReplicaId = ReplicaId(Uuid::from_u128(2));

impl DutiesFixture {
    async fn claim(&self, replica: ReplicaId, lease: Duration) -> Claim {
        self.duties.claim(Duty::Purge, replica, lease).await.unwrap()
    }
}

/// While another's lease lasts, it MUST be taken.
pub async fn a_duty_is_one_replicas_at_a_time(fixture: &DutiesFixture) {
    assert_eq!(fixture.claim(ADA, LONG).await, Claim::Held);
    assert_eq!(fixture.claim(BOB, LONG).await, Claim::Taken);
    assert_eq!(fixture.claim(ADA, LONG).await, Claim::Held, "being asked for changed nothing");
}

/// Claiming again keeps it for as long as is asked for now.
pub async fn a_lease_that_is_renewed_goes_on(fixture: &DutiesFixture) {
    assert_eq!(fixture.claim(ADA, SHORT).await, Claim::Held);
    let other = Duty::AnnounceJobs;
    assert_eq!(fixture.duties.claim(other, ADA, SHORT).await.unwrap(), Claim::Held);
    assert_eq!(fixture.claim(ADA, LONG).await, Claim::Held);
    // When the second lease is over, the first would be, too.
    without_hanging(async {
        while fixture.duties.claim(other, BOB, LONG).await.unwrap() == Claim::Taken {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(fixture.claim(BOB, LONG).await, Claim::Taken);
}

/// Once it is over, whoever asks first MUST get it.
pub async fn a_lease_that_is_over_goes_to_who_asks(fixture: &DutiesFixture) {
    assert_eq!(fixture.claim(ADA, SHORT).await, Claim::Held);
    without_hanging(async {
        while fixture.claim(BOB, LONG).await == Claim::Taken {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(fixture.claim(ADA, LONG).await, Claim::Taken);
}

/// A duty that was given back is anybody's at once.
pub async fn a_duty_that_is_given_back_is_free(fixture: &DutiesFixture) {
    assert_eq!(fixture.claim(ADA, LONG).await, Claim::Held);
    fixture.duties.give_back(Duty::Purge, ADA).await.unwrap();
    assert_eq!(fixture.claim(BOB, LONG).await, Claim::Held);
}

/// Giving back MUST change nothing if the duty is another's.
pub async fn anothers_duty_can_not_be_given_back(fixture: &DutiesFixture) {
    assert_eq!(fixture.claim(ADA, LONG).await, Claim::Held);
    fixture.duties.give_back(Duty::Purge, BOB).await.unwrap();
    assert_eq!(fixture.claim(BOB, LONG).await, Claim::Taken);
}

/// Each duty has a lease of its own.
pub async fn duties_go_to_different_replicas(fixture: &DutiesFixture) {
    assert_eq!(fixture.claim(ADA, LONG).await, Claim::Held);
    let other = fixture.duties.claim(Duty::AnnounceJobs, BOB, LONG).await.unwrap();
    assert_eq!(other, Claim::Held);
}

/// Of replicas that ask at once, one gets it.
pub async fn of_twenty_at_once_one_gets_it(fixture: &DutiesFixture) {
    let asked = (10..30).map(|id| {
        let duties = fixture.duties.clone();
        tokio::spawn(async move { duties.claim(Duty::Purge, ReplicaId(Uuid::from_u128(id)), LONG).await })
    });
    let claims = join_all(asked).await;
    let held = claims.into_iter().filter(|claim| *claim.as_ref().unwrap().as_ref().unwrap() == Claim::Held);
    assert_eq!(held.count(), 1);
}

/// Stamps the contract of [`Duties`] as tests.
///
/// Takes an async expression that makes a fresh [`DutiesFixture`].
#[macro_export]
macro_rules! duties_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; duties:
            a_duty_is_one_replicas_at_a_time,
            a_lease_that_is_renewed_goes_on,
            a_lease_that_is_over_goes_to_who_asks,
            a_duty_that_is_given_back_is_free,
            anothers_duty_can_not_be_given_back,
            duties_go_to_different_replicas,
            of_twenty_at_once_one_gets_it,
        );
    };
}
