DROP INDEX audit_events_kind;
DROP INDEX audit_events_subject;
DROP INDEX audit_events_actor;
ALTER TABLE audit_events DROP COLUMN details;
