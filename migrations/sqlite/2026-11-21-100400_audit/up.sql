-- The audit log. It refers to accounts without a foreign key: what happened stays true when they are gone.

CREATE TABLE audit_events (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    object_id BLOB CHECK (length(object_id) = 16),
    actor_id BLOB CHECK (length(actor_id) = 16),
    subject_id BLOB CHECK (length(subject_id) = 16),
    ip TEXT,
    user_agent TEXT NOT NULL,
    request_id BLOB CHECK (length(request_id) = 16)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_events_at ON audit_events (at);
