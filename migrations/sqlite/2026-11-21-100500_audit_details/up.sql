-- What an event says beyond whom and what it is about: a JSON object of texts. Never a secret, addresses masked.
ALTER TABLE audit_events ADD COLUMN details TEXT NOT NULL DEFAULT '{}';

-- The log by actor, by subject and by kind, newest first.
CREATE INDEX audit_events_actor ON audit_events (actor_id, at);
CREATE INDEX audit_events_subject ON audit_events (subject_id, at);
CREATE INDEX audit_events_kind ON audit_events (kind, at);
