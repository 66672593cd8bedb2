DROP TABLE jobs;
DROP TABLE chunks;
DROP TABLE transcriptions;
