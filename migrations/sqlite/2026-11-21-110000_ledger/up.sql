-- Ledgers: an entry for each change of a balance, written with it. Entries are never changed and never removed.

CREATE TABLE ledger_entries (
    -- The order in which they were added, whatever the clock said.
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id),
    amount INTEGER NOT NULL CHECK (amount <> 0),
    balance_after INTEGER NOT NULL CHECK (balance_after >= 0),
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
    -- Who did it. No foreign key, as in the audit log: it stays true whatever becomes of the account.
    actor_id BLOB NOT NULL CHECK (length(actor_id) = 16),
    idempotency_key TEXT CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    created_at INTEGER NOT NULL,
    CONSTRAINT balance_before_is_not_below_zero CHECK (balance_after >= amount)
) STRICT;

-- An account's ledger, newest first, and its sum.
CREATE INDEX ledger_entries_user ON ledger_entries (user_id, number, amount);
-- A key names at most one change of a balance, for good.
CREATE UNIQUE INDEX ledger_entries_key ON ledger_entries (user_id, idempotency_key)
WHERE idempotency_key IS NOT NULL;
