DROP TABLE transcript_words;
DROP TABLE chunks;
DROP TABLE transcriptions;
