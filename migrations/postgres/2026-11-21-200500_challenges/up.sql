-- Tokens that wait for their codes, and the outbox of the mails that tell them.

-- Of token, code and address there are digests alone (SHA-256), the code's made of token and code together: without the
-- token, which is not here, it can't be guessed.
CREATE TABLE challenges (
    -- The token's digest.
    id bytea PRIMARY KEY CHECK (octet_length(id) = 32),
    purpose text NOT NULL CHECK (purpose IN ('password_reset', 'email_verification')),
    -- NULL if no account can be meant: nobody is to notice a difference.
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    address bytea NOT NULL CHECK (octet_length(address) = 32),
    -- From where it was asked for: an IPv4 address, or the /64 of an IPv6 one.
    network text,
    code bytea NOT NULL CHECK (octet_length(code) = 32),
    -- Five end it.
    wrong_codes bigint NOT NULL CHECK (wrong_codes BETWEEN 0 AND 5),
    confirmed_at timestamptz,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT confirmed_or_exhausted CHECK (confirmed_at IS NULL OR wrong_codes < 5)
);

-- What an address has that has not expired.
CREATE INDEX challenges_address ON challenges (address, purpose, expires_at);
-- What an account has.
CREATE INDEX challenges_user ON challenges (user_id, purpose);
-- What to purge.
CREATE INDEX challenges_expires ON challenges (expires_at);

-- A row is there until its mail is sent or of no use any more.
CREATE TABLE mails (
    id uuid PRIMARY KEY,
    -- NULL for nobody: such a mail is handled like any other, so that nobody notices a difference.
    recipient text,
    content text NOT NULL CHECK (content IN ('password_reset', 'email_verification')),
    -- A secret, as long as the row is there.
    code text NOT NULL,
    attempts bigint NOT NULL CHECK (attempts BETWEEN 0 AND 4294967295),
    created_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    useful_until timestamptz NOT NULL
);

CREATE INDEX mails_not_before ON mails (not_before, id);
