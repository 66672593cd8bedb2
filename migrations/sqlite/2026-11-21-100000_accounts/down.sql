DROP TABLE user_permissions;
DROP TABLE users;
DROP TABLE role_permissions;
DROP TABLE roles;
