-- Tokens that wait for their codes. Of token, code and address there are digests alone (SHA-256), the code's made of token
-- and code together: without the token, which is not here, it can't be guessed.

CREATE TABLE challenges (
    -- The token's digest.
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    purpose TEXT NOT NULL CHECK (purpose IN ('password_reset', 'email_verification')),
    -- NULL if no account can be meant: nobody is to notice a difference.
    user_id BLOB REFERENCES users (id) ON DELETE CASCADE,
    address BLOB NOT NULL CHECK (length(address) = 32),
    -- From where it was asked for: an IPv4 address, or the /64 of an IPv6 one.
    network TEXT,
    code BLOB NOT NULL CHECK (length(code) = 32),
    -- Five end it.
    wrong_codes INTEGER NOT NULL CHECK (wrong_codes BETWEEN 0 AND 5),
    confirmed_at INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT confirmed_or_exhausted CHECK (confirmed_at IS NULL OR wrong_codes < 5)
) STRICT, WITHOUT ROWID;

-- What an address has that has not expired.
CREATE INDEX challenges_address ON challenges (address, purpose, expires_at);
-- What an account has.
CREATE INDEX challenges_user ON challenges (user_id, purpose);
-- What to purge.
CREATE INDEX challenges_expires ON challenges (expires_at);
