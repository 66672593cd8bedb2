-- The audit log. It refers to accounts without a foreign key: what happened stays true when they are gone.

CREATE TABLE audit_events (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    object_id uuid,
    actor_id uuid,
    subject_id uuid,
    ip text,
    user_agent text NOT NULL,
    request_id uuid,
    -- What an event says beyond whom and what it is about: texts by their names. Never a secret, addresses masked.
    details jsonb NOT NULL CHECK (jsonb_typeof(details) = 'object')
);

-- The log as a whole, by actor, by subject and by kind, newest first.
CREATE INDEX audit_events_at ON audit_events (at, id);
CREATE INDEX audit_events_actor ON audit_events (actor_id, at, id);
CREATE INDEX audit_events_subject ON audit_events (subject_id, at, id);
CREATE INDEX audit_events_kind ON audit_events (kind, at, id);
