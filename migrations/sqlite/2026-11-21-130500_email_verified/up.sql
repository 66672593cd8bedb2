-- When the account's holder showed that its e-mail address is theirs.
ALTER TABLE users ADD COLUMN email_verified_at INTEGER CHECK (email_verified_at IS NULL OR email IS NOT NULL);
