//! What somebody looks for, in the language of FTS5.

use lectern_domain::{account::UserId, transcription::SearchText};

/// One FTS5 expression for each word of `text`, as a JSON array; `None` if there are no words.
///
/// A word is matched as the beginning of a word. It is always quoted, which takes the meaning from every operator
/// (<https://www.sqlite.org/fts5.html#fts5_strings>); what remains of it is up to the index's own tokenizer, so that
/// what is found is what was indexed. Each expression also asks for the owner, whose id is indexed as a word.
///
/// They are many expressions rather than one because the words of a transcript may be in different chunks.
pub(crate) fn expressions(owner: UserId, text: &SearchText) -> Option<String> {
    let owner = owner.0.simple();
    // FTS5 reads its expressions up to the first NUL.
    let text = text.as_str().replace('\0', " ");
    let expressions = text
        .split_whitespace()
        .filter(|word| word.contains(char::is_alphanumeric))
        .map(|word| format!(r#"owner : "{owner}" AND text : "{}" *"#, word.replace('"', r#""""#)))
        .map(serde_json::Value::from)
        .collect::<Vec<_>>();
    if expressions.is_empty() { None } else { Some(serde_json::Value::from(expressions).to_string()) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn quotes_can_not_end_a_word() {
        let found = expressions(UserId(Uuid::nil()), &SearchText::parse(r#"a"b OR"#).unwrap()).unwrap();
        let found = serde_json::from_str::<Vec<String>>(&found).unwrap();
        let owner = r#"owner : "00000000000000000000000000000000" AND text :"#;
        assert_eq!(found, [format!(r#"{owner} "a""b" *"#), format!(r#"{owner} "OR" *"#)]);
    }

    #[test]
    fn without_words_nothing_is_looked_for() {
        assert_eq!(expressions(UserId(Uuid::nil()), &SearchText::parse(" \0 * -- \" ").unwrap()), None);
    }
}
