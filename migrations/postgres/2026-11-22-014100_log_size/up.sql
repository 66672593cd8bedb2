-- How many entries the log has: there may be millions, too many to be counted to find out whether there are too many.
CREATE TABLE log_size (
    id integer PRIMARY KEY CHECK (id = 1),
    entries bigint NOT NULL CHECK (entries >= 0)
);

INSERT INTO log_size (id, entries) SELECT 1, count(*) FROM log_entries;
