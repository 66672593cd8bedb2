//! Doing a unit of work again that met another.
//!
//! Where two units may wait for each other, a database ends one of them with [`StoreError::Contended`]: nothing of it was
//! done, and the other has gone on. The use case does the whole unit again, looking at everything anew. Most use cases need
//! none of this, because stores lock in one order; those that do reach for rows that no order covers: an administrator's own
//! account and another, or all accounts of a role.
//!
//! [`StoreError::Contended`]: crate::ports::StoreError::Contended

use crate::UseCaseError;

/// How often a unit is tried. Who loses so often against others is answered that the database is busy.
const TRIES: u32 = 4;

/// Does what `attempt` does, again if another unit was in its way. `attempt` begins its own unit each time, and does nothing
/// outside it.
pub(crate) async fn again_if_contended<T, E, F>(mut attempt: impl FnMut() -> F) -> Result<T, E>
where
    E: UseCaseError,
    F: Future<Output = Result<T, E>>,
{
    for _ in 1..TRIES {
        match attempt().await {
            Err(error) if error.is_contended() => tracing::debug!(%error, "doing it again"),
            done => return done,
        }
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Constraint, StoreError};

    fn contended() -> StoreError {
        StoreError::Contended { source: "another was faster".into() }
    }

    /// What comes of a unit that fails so with each of its first tries, and how often it was tried.
    async fn tried(failures: u32, failure: fn() -> StoreError) -> (Result<(), StoreError>, u32) {
        let mut tries = 0;
        let done = again_if_contended(|| {
            tries += 1;
            let fails = tries <= failures;
            async move { if fails { Err(failure()) } else { Ok(()) } }
        });
        (done.await, tries)
    }

    #[tokio::test]
    async fn a_unit_that_met_another_is_done_again() {
        assert!(matches!(tried(TRIES - 1, contended).await, (Ok(()), TRIES)));
    }

    #[tokio::test]
    async fn a_unit_that_always_meets_others_is_given_up() {
        assert!(matches!(tried(u32::MAX, contended).await, (Err(StoreError::Contended { .. }), TRIES)));
    }

    #[tokio::test]
    async fn other_failures_are_not_tried_again() {
        let taken = || StoreError::Conflict { constraint: Constraint::Username };
        assert!(matches!(tried(1, taken).await, (Err(StoreError::Conflict { .. }), 1)));
        let gone = || StoreError::Unavailable { source: "it is down".into() };
        assert!(matches!(tried(1, gone).await, (Err(StoreError::Unavailable { .. }), 1)));
    }
}
