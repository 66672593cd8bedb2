-- The outbox. A row is there until its mail is sent or of no use any more.

CREATE TABLE mails (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- NULL for nobody: such a mail is handled like any other, so that nobody notices a difference.
    recipient TEXT,
    content TEXT NOT NULL CHECK (content IN ('password_reset', 'email_verification')),
    -- A secret, as long as the row is there.
    code TEXT NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    created_at INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    useful_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX mails_not_before ON mails (not_before, id);
