-- The queue: one row as long as there is work on a transcription.

CREATE TABLE jobs (
    transcription_id BLOB NOT NULL PRIMARY KEY REFERENCES transcriptions (id) ON DELETE CASCADE,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    available_at INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL,
    lease_id BLOB UNIQUE CHECK (length(lease_id) = 16),
    worker TEXT,
    lease_expires_at INTEGER,
    CONSTRAINT leased_or_not CHECK (
        (lease_id IS NULL) = (worker IS NULL) AND (lease_id IS NULL) = (lease_expires_at IS NULL)
    )
) STRICT, WITHOUT ROWID;

-- Walked in the order of waiting until the first that is available: only leased and resting jobs are passed over.
CREATE INDEX jobs_enqueued ON jobs (enqueued_at, transcription_id, available_at, lease_expires_at);
