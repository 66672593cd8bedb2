//! SQLite's calls block, so they run on tokio's threads for such work.

use lectern_application::ports::StoreError;
use tracing::Span;

use crate::failure::Failure;

/// Runs `work` where it may block. If the returned future is dropped, the work still ends, and what it returns is
/// dropped there.
pub(crate) async fn blocking<T, W>(work: W) -> Result<T, StoreError>
where
    T: Send + 'static,
    W: FnOnce() -> Result<T, Failure> + Send + 'static,
{
    // What is logged there belongs to whoever asked.
    let span = Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(result) => result.map_err(StoreError::from),
        Err(panicked) if panicked.is_panic() => Err(StoreError::Backend { source: Box::new(panicked) }),
        Err(shutting_down) => Err(StoreError::Unavailable { source: Box::new(shutting_down) }),
    }
}
