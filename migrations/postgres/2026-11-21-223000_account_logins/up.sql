-- Accounts in the order of what their holders sign in with.

CREATE INDEX users_by_login ON users ((coalesce(username_key, email_key)) NULLS FIRST, number);
