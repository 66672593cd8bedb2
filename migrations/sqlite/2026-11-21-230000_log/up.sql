-- The server's log, where it is kept: a line for each request, warnings and errors.

CREATE TABLE log_entries (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('info', 'warn', 'error')),
    target TEXT NOT NULL,
    message TEXT NOT NULL,
    request_id BLOB CHECK (length(request_id) = 16),
    method TEXT,
    route TEXT,
    status INTEGER CHECK (status BETWEEN 0 AND 65535),
    -- Until the answer began, in microseconds.
    duration_us INTEGER CHECK (duration_us >= 0),
    -- What else the line says: a JSON object of texts.
    fields TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The log as a whole, of one request, by route and by status, and of what went wrong, newest first.
CREATE INDEX log_entries_at ON log_entries (at);
CREATE INDEX log_entries_request ON log_entries (request_id, at) WHERE request_id IS NOT NULL;
CREATE INDEX log_entries_route ON log_entries (route, at) WHERE route IS NOT NULL;
CREATE INDEX log_entries_status ON log_entries (status, at) WHERE status IS NOT NULL;
CREATE INDEX log_entries_trouble ON log_entries (at, id, level) WHERE level IN ('warn', 'error');
