-- The server's log, where it is kept: a line for each request, warnings and errors.

CREATE TABLE log_entries (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    level text NOT NULL CHECK (level IN ('info', 'warn', 'error')),
    target text NOT NULL,
    message text NOT NULL,
    request_id uuid,
    method text,
    route text,
    status integer CHECK (status BETWEEN 0 AND 65535),
    -- Until the answer began, in microseconds.
    duration_us bigint CHECK (duration_us >= 0),
    -- What else the line says: texts by their names.
    fields jsonb NOT NULL CHECK (jsonb_typeof(fields) = 'object')
);

-- The log as a whole, of one request, by route and by status, and of what went wrong, newest first.
CREATE INDEX log_entries_at ON log_entries (at, id);
CREATE INDEX log_entries_request ON log_entries (request_id, at, id) WHERE request_id IS NOT NULL;
CREATE INDEX log_entries_route ON log_entries (route, at, id) WHERE route IS NOT NULL;
CREATE INDEX log_entries_status ON log_entries (status, at, id) WHERE status IS NOT NULL;
CREATE INDEX log_entries_trouble ON log_entries (at, id) INCLUDE (level) WHERE level IN ('warn', 'error');
