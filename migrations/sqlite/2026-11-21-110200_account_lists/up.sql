-- Finding accounts by a part of their names, and listing them in several orders.

-- The names that a search looks at, one a line, in the form in which they are compared. Written with every save.
ALTER TABLE users ADD COLUMN search_key TEXT NOT NULL DEFAULT '';

-- SQLite's lower() knows ASCII only: names of people in other letters are found in their own letter case until their
-- account is next saved, as it is at every sign-in.
UPDATE users SET search_key = coalesce(username_key || char(10), '') || coalesce(email_key || char(10), '')
    || lower(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')));

-- Read from one end to the other by a search, without a look at the table.
CREATE INDEX users_search ON users (search_key, role, blocked_at, deleted_at);
-- The orders of the list, counted and filtered without a look at the table.
CREATE INDEX users_by_creation ON users (created_at, number, role, blocked_at, deleted_at);
CREATE INDEX users_by_username ON users (username_key, number, role, blocked_at, deleted_at);
CREATE INDEX users_by_email ON users (email_key, number, role, blocked_at, deleted_at);
CREATE INDEX users_by_activity ON users (last_activity_at, number, role, blocked_at, deleted_at);
