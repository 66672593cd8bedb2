DROP INDEX jobs_announced;
ALTER TABLE jobs DROP COLUMN announced_at;
