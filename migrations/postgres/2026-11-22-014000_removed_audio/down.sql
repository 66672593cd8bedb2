DROP INDEX transcriptions_with_audio;
ALTER TABLE transcriptions DROP COLUMN audio_removed_at;
