//! News of transcriptions, jobs and mails: hints that something changed, never the change itself.

use async_trait::async_trait;
use lectern_domain::transcription::TranscriptionId;

/// Spreads the news. The truth is in the database; a hint that gets lost only delays, because watchers also look by
/// themselves now and then.
pub trait EventBus: Send + Sync {
    /// A committed change of that transcription. MUST NOT block.
    fn publish(&self, id: TranscriptionId);

    /// There may be a job to lease. MUST NOT block.
    fn announce_job(&self);

    /// There may be a mail to send. MUST NOT block.
    fn announce_mail(&self);

    /// Watches one transcription. Hints from after this call MUST NOT be lost unless the bus is out of order.
    fn watch(&self, id: TranscriptionId) -> Box<dyn Watch>;

    /// Watches the queue.
    fn watch_jobs(&self) -> Box<dyn Watch>;

    /// Watches the outbox.
    fn watch_mails(&self) -> Box<dyn Watch>;
}

/// Waits for news.
#[async_trait]
pub trait Watch: Send {
    /// Returns when there may be news since the last call. MUST be cancel-safe: a hint that came while nobody waited
    /// is answered by the next call at once. Several hints may be answered as one.
    async fn changed(&mut self);
}
