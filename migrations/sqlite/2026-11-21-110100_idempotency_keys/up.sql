-- What idempotency keys were used for: written with what a request made, and purged when nobody sends it again any more.
-- It refers to what was made without a foreign key, so that a request is known even when that is gone.

CREATE TABLE idempotency_keys (
    -- The account whose key it is; empty for whoever was not signed in.
    owner_id BLOB NOT NULL CHECK (length(owner_id) IN (0, 16)),
    operation TEXT NOT NULL,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    -- What the request asked for, as a SHA-256 hash.
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    created_kind TEXT NOT NULL CHECK (created_kind IN ('account', 'role', 'transcription')),
    -- A UUID, or the name of a role.
    created_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (owner_id, operation, key)
) STRICT, WITHOUT ROWID;

-- What to purge.
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
