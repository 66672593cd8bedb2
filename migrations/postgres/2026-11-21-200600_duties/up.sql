-- Scheduled work, and which replica does it until when, by this server's clock. Not logged: after a crash the leases are
-- gone, and the replicas take them anew.
CREATE UNLOGGED TABLE duties (
    name text PRIMARY KEY CHECK (name <> ''),
    replica uuid NOT NULL,
    held_until timestamptz NOT NULL
);
