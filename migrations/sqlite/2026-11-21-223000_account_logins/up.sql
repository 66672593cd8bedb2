-- Accounts in the order of what their holders sign in with, counted and filtered without a look at the table.

CREATE INDEX users_by_login
ON users (coalesce(username_key, email_key), number, role, blocked_at, deleted_at);
