DROP INDEX users_by_login;
