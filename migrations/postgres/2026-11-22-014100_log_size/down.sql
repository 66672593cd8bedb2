DROP TABLE log_size;
