-- Sessions on devices. Nothing of a token is stored.

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    policy text NOT NULL CHECK (policy IN ('rotating', 'static')),
    opened_by text NOT NULL,
    user_agent text NOT NULL,
    ip text,
    generation bigint NOT NULL CHECK (generation BETWEEN 0 AND 4294967295),
    rotated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text CHECK (end_reason IN ('logged_out', 'reused', 'revoked', 'displaced')),
    -- Since when it is of no use, or will be.
    over_at timestamptz NOT NULL GENERATED ALWAYS AS (LEAST(expires_at, ended_at)) STORED,
    CONSTRAINT ends_for_a_reason CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);

CREATE INDEX sessions_user ON sessions (user_id);
-- What to purge.
CREATE INDEX sessions_over ON sessions (over_at);
