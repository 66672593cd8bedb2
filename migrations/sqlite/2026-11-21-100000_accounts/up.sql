-- Accounts, and what they may do.
--
-- Conventions of every table: times are microseconds since 1970-01-01T00:00:00Z, ids are the 16 bytes of a UUID,
-- flags are 0 or 1. Numbers are what clients with integer ids see; AUTOINCREMENT never gives one out twice.

CREATE TABLE roles (
    name TEXT NOT NULL PRIMARY KEY,
    -- Whether it holds every permission there is, named or not.
    holds_all INTEGER NOT NULL CHECK (holds_all IN (0, 1)),
    built_in INTEGER NOT NULL CHECK (built_in IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE role_permissions (
    role TEXT NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    permission TEXT NOT NULL,
    PRIMARY KEY (role, permission)
) STRICT, WITHOUT ROWID;

INSERT INTO roles (name, holds_all, built_in)
VALUES ('admin', 1, 1), ('operator', 0, 1), ('methodist', 0, 1), ('user', 0, 1), ('read_only', 0, 1);

INSERT INTO role_permissions (role, permission)
VALUES
    ('operator', 'users.view'),
    ('operator', 'users.delete'),
    ('operator', 'transcriptions.read_any'),
    ('methodist', 'transcriptions.create'),
    ('methodist', 'transcriptions.read'),
    ('methodist', 'transcriptions.update'),
    ('methodist', 'transcriptions.delete'),
    ('user', 'transcriptions.create'),
    ('user', 'transcriptions.read'),
    ('user', 'transcriptions.update'),
    ('user', 'transcriptions.delete'),
    ('read_only', 'transcriptions.read');

CREATE TABLE users (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    username TEXT,
    -- The keys are what names are compared by: NFC in lower case.
    username_key TEXT,
    email TEXT,
    email_key TEXT,
    first_name TEXT,
    last_name TEXT,
    display_name TEXT,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL REFERENCES roles (name),
    can_interact INTEGER NOT NULL CHECK (can_interact IN (0, 1)),
    balance INTEGER NOT NULL CHECK (balance >= 0),
    epoch INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_activity_at INTEGER,
    blocked_at INTEGER,
    deleted_at INTEGER,
    CONSTRAINT has_a_name CHECK (username IS NOT NULL OR email IS NOT NULL),
    CONSTRAINT username_has_a_key CHECK ((username IS NULL) = (username_key IS NULL)),
    CONSTRAINT email_has_a_key CHECK ((email IS NULL) = (email_key IS NULL)),
    CONSTRAINT stands_one_way CHECK (blocked_at IS NULL OR deleted_at IS NULL)
) STRICT;

-- Deleting an account frees its names.
CREATE UNIQUE INDEX users_username_key ON users (username_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_email_key ON users (email_key) WHERE deleted_at IS NULL;
CREATE INDEX users_role ON users (role);

CREATE TABLE user_permissions (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    permission TEXT NOT NULL,
    PRIMARY KEY (user_id, permission)
) STRICT, WITHOUT ROWID;
