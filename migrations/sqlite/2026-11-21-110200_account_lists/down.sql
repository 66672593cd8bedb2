DROP INDEX users_by_activity;
DROP INDEX users_by_email;
DROP INDEX users_by_username;
DROP INDEX users_by_creation;
DROP INDEX users_search;
ALTER TABLE users DROP COLUMN search_key;
