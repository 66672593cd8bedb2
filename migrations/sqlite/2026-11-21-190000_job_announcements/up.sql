-- When workers were last told of a job since it began to wait.
ALTER TABLE jobs ADD COLUMN announced_at INTEGER;

-- The jobs that were never announced in the order in which they wait, and the others by when they were.
CREATE INDEX jobs_announced ON jobs (announced_at, enqueued_at, transcription_id, available_at, lease_expires_at);
