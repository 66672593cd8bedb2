-- When the audio of a transcription was removed, whose text stays.
ALTER TABLE transcriptions ADD COLUMN audio_removed_at timestamptz;
ALTER TABLE transcriptions ADD CONSTRAINT audio_until_finished
CHECK (audio_removed_at IS NULL OR finished_at IS NOT NULL);

-- Those whose audio may be due, by when they ended.
CREATE INDEX transcriptions_with_audio ON transcriptions (finished_at, number)
WHERE audio_removed_at IS NULL AND finished_at IS NOT NULL;
