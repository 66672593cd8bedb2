//! Search by the beginnings of words.

use super::tables::StoredTranscription;

/// The words of a text: what lies between characters that are neither letters nor digits, in lower case.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Whether `text` has the words of `term` one after the other, the last of them as the beginning of a word.
fn has(text: &[String], term: &[String]) -> bool {
    let Some((last, before)) = term.split_last() else { return true };
    text.windows(term.len()).any(|found| found.starts_with(before) && found[before.len()].starts_with(last))
}

/// Whether the title or the text has each term of `query`. Terms stand between white space; punctuation within one,
/// as in `e-mail`, parts it into words that follow each other. A query without words finds everything.
pub(super) fn finds(query: &str, row: &StoredTranscription) -> bool {
    let title = row.transcription.parts().title.iter().map(|title| words(title.as_str()));
    let chunks = row.chunks.values().map(|(_, chunk)| words(chunk.text()));
    let texts: Vec<Vec<String>> = title.chain(chunks).collect();
    query.split_whitespace().map(words).all(|term| texts.iter().any(|text| has(text, &term)))
}
