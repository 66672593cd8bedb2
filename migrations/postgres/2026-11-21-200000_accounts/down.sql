-- The extension stays: others may use it.
DROP TABLE users;
DROP TABLE roles;
DROP FUNCTION share_membership;
DROP FUNCTION lock_of_membership;
