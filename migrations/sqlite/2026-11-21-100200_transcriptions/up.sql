-- Transcriptions, their chunks, and the index of their words.

CREATE TABLE transcriptions (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    owner_id BLOB NOT NULL REFERENCES users (id),
    title TEXT,
    language TEXT,
    audio_key BLOB NOT NULL CHECK (length(audio_key) = 16),
    media_type TEXT NOT NULL,
    audio_bytes INTEGER NOT NULL CHECK (audio_bytes >= 0),
    audio_sha256 BLOB NOT NULL CHECK (length(audio_sha256) = 32),
    -- Nanoseconds: which chunks are planned depends on the exact duration.
    duration_ns INTEGER NOT NULL CHECK (duration_ns > 0),
    chunk_ns INTEGER NOT NULL CHECK (chunk_ns >= 1000000000),
    state TEXT NOT NULL CHECK (
        state IN (
            'queued', 'in_progress', 'processing_error',
            'completed', 'completed_partially', 'processing_fail', 'cancelled'
        )
    ),
    finished_at INTEGER,
    error_count INTEGER NOT NULL CHECK (error_count BETWEEN 0 AND 3),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT finished_unless_active CHECK (
        (finished_at IS NULL) = (state IN ('queued', 'in_progress', 'processing_error'))
    )
) STRICT;

-- An account has at most one active transcription.
CREATE UNIQUE INDEX transcriptions_active ON transcriptions (owner_id) WHERE finished_at IS NULL;
-- Lists: newest first, counted and filtered by state without a look at the table.
CREATE INDEX transcriptions_owner ON transcriptions (owner_id, created_at, number, state);
CREATE INDEX transcriptions_audio_key ON transcriptions (audio_key);

-- Has row ids, so that the primary key is an index without any text in it, and counting chunks reads little.
CREATE TABLE chunks (
    transcription_id BLOB NOT NULL REFERENCES transcriptions (id) ON DELETE CASCADE,
    -- Below the 32 bits that a row id of transcript_words has room for.
    number INTEGER NOT NULL CHECK (number BETWEEN 0 AND 4294967294),
    -- The transcription's revision that stored it.
    revision INTEGER NOT NULL CHECK (revision >= 0),
    text TEXT NOT NULL,
    -- A JSON array of [start, end, text], times in milliseconds since the recording's beginning.
    segments TEXT NOT NULL,
    PRIMARY KEY (transcription_id, number)
) STRICT;

CREATE INDEX chunks_revision ON chunks (transcription_id, revision);

-- One row for each title and each chunk, so that storing a chunk costs no more the longer the transcript is. Its row
-- id is the transcription's number in the upper bits, and in the lower 32 bits 0 for the title or the chunk's number
-- plus 1. The owner's id, in hexadecimal, is a word too: others' hits drop out inside the index.
CREATE VIRTUAL TABLE transcript_words USING fts5 (
    owner,
    text,
    content = '',
    contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 2"
);

CREATE TRIGGER title_inserted AFTER INSERT ON transcriptions WHEN new.title IS NOT NULL
BEGIN
    INSERT INTO transcript_words (rowid, owner, text)
    VALUES (new.number << 32, hex(new.owner_id), new.title);
END;

CREATE TRIGGER title_updated AFTER UPDATE OF title ON transcriptions WHEN new.title IS NOT old.title
BEGIN
    DELETE FROM transcript_words WHERE rowid = old.number << 32;
    INSERT INTO transcript_words (rowid, owner, text)
    SELECT new.number << 32, hex(new.owner_id), new.title WHERE new.title IS NOT NULL;
END;

CREATE TRIGGER transcription_deleted AFTER DELETE ON transcriptions
BEGIN
    DELETE FROM transcript_words WHERE rowid BETWEEN old.number << 32 AND (old.number << 32) + 4294967295;
END;

CREATE TRIGGER chunk_inserted AFTER INSERT ON chunks
BEGIN
    INSERT INTO transcript_words (rowid, owner, text)
    SELECT (transcriptions.number << 32) + new.number + 1, hex(transcriptions.owner_id), new.text
    FROM transcriptions WHERE transcriptions.id = new.transcription_id;
END;

CREATE TRIGGER chunk_updated AFTER UPDATE OF text ON chunks WHEN new.text IS NOT old.text
BEGIN
    DELETE FROM transcript_words WHERE rowid = (
        SELECT (transcriptions.number << 32) + old.number + 1
        FROM transcriptions WHERE transcriptions.id = old.transcription_id
    );
    INSERT INTO transcript_words (rowid, owner, text)
    SELECT (transcriptions.number << 32) + new.number + 1, hex(transcriptions.owner_id), new.text
    FROM transcriptions WHERE transcriptions.id = new.transcription_id;
END;

-- When a whole transcription goes, it is gone already, and transcription_deleted has done the work.
CREATE TRIGGER chunk_deleted AFTER DELETE ON chunks
BEGIN
    DELETE FROM transcript_words WHERE rowid = (
        SELECT (transcriptions.number << 32) + old.number + 1
        FROM transcriptions WHERE transcriptions.id = old.transcription_id
    );
END;
