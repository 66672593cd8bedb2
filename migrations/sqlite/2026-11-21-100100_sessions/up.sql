-- Sessions on devices. Nothing of a token is stored.

CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    policy TEXT NOT NULL CHECK (policy IN ('rotating', 'static')),
    opened_by TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    ip TEXT,
    generation INTEGER NOT NULL CHECK (generation >= 0),
    rotated_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT CHECK (end_reason IN ('logged_out', 'reused', 'revoked', 'displaced')),
    -- Since when it is of no use, or will be.
    over_at INTEGER NOT NULL GENERATED ALWAYS AS (min(expires_at, coalesce(ended_at, expires_at))) VIRTUAL,
    CONSTRAINT ends_for_a_reason CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT, WITHOUT ROWID;

-- An account's sessions, the least recently used first.
CREATE INDEX sessions_user ON sessions (user_id, last_seen_at);
-- What to purge.
CREATE INDEX sessions_over ON sessions (over_at);
