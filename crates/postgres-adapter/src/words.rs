//! The words of a text, as the index of transcripts has them, and what somebody looks for in it.
//!
//! Texts are cut into words here and not by PostgreSQL's own parser, which takes hosts, versions and numbers apart in its
//! own way, and knows only the letters that the database's locale knows. A word is what lies between characters that are
//! neither letters nor digits, in lower case; Latin letters lose their marks, so that `uber` finds `über`.
//!
//! Every word begins with its *scope*, the last eight digits of the owner's id. So a search, even for one letter, touches
//! the owner's own words in the index and nobody else's. That two owners may share a scope does no harm: results are
//! filtered by owner as well.

use std::{collections::BTreeMap, io::Write, iter::Peekable};

use diesel::{
    deserialize::FromSqlRow,
    expression::AsExpression,
    pg::Pg,
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::SqlType,
};
use lectern_domain::{account::UserId, transcription::SearchText};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// PostgreSQL's type.
#[derive(SqlType, QueryId)]
#[diesel(postgres_type(oid = 3614, array_oid = 3643))]
pub struct Tsvector;

/// The longest word that is told from all longer ones with the same beginning, in bytes. PostgreSQL's own limit is 2 KiB.
const LONGEST: usize = 256;
/// The last position that PostgreSQL can tell: later words are all there.
const LAST_POSITION: u16 = 16_383;
/// The most positions that PostgreSQL keeps of one word.
const MOST_POSITIONS: usize = 255;
/// The most bytes of a whole vector, below PostgreSQL's limit of 1 MiB. What comes later in a text is not found.
const LARGEST: usize = 1_000_000;

/// The words of a text with their positions, as they are stored.
#[derive(Debug, Clone, AsExpression, FromSqlRow)]
#[diesel(sql_type = Tsvector)]
pub(crate) struct Words(BTreeMap<String, Vec<u16>>);

impl Words {
    /// The words of somebody's text.
    pub(crate) fn of(owner: UserId, text: &str) -> Self {
        let scope = scope(owner);
        let mut words = BTreeMap::<String, Vec<u16>>::new();
        let (mut position, mut size) = (0_u16, 0);
        for word in words_of(text) {
            position = position.saturating_add(1).min(LAST_POSITION);
            let word = scope.clone() + &word;
            // PostgreSQL aligns what follows a word; a position takes two bytes.
            size += if words.contains_key(&word) { 2 } else { word.len() + 6 };
            if size > LARGEST {
                break;
            }
            let positions = words.entry(word).or_default();
            if positions.len() < MOST_POSITIONS && positions.last() != Some(&position) {
                positions.push(position);
            }
        }
        Self(words)
    }
}

/// The form that `tsvectorrecv` reads: the number of words, and of each the text up to a NUL, the number of positions, and
/// these.
impl ToSql<Tsvector, Pg> for Words {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&u32::try_from(self.0.len())?.to_be_bytes())?;
        for (word, positions) in &self.0 {
            out.write_all(word.as_bytes())?;
            out.write_all(&[0])?;
            out.write_all(&u16::try_from(positions.len())?.to_be_bytes())?;
            for position in positions {
                out.write_all(&position.to_be_bytes())?;
            }
        }
        Ok(IsNull::No)
    }
}

/// One expression of `tsquery` for each of the terms that stand between white space; none if there are no words. A term's
/// words have to follow each other, the last of them as the beginning of a word. Nothing but letters and digits gets in.
///
/// They are many expressions rather than one because the words of a transcript may be in different chunks.
pub(crate) fn expressions(owner: UserId, text: &SearchText) -> Vec<String> {
    let scope = scope(owner);
    let expression = |term: &str| {
        let words: Vec<String> = words_of(term).map(|word| format!("'{scope}{word}'")).collect();
        (!words.is_empty()).then(|| words.join(" <-> ") + ":*")
    };
    text.as_str().split_whitespace().filter_map(expression).collect()
}

fn scope(owner: UserId) -> String {
    let digits = owner.0.simple().to_string();
    digits.chars().skip(24).collect()
}

fn words_of(text: &str) -> impl Iterator<Item = String> {
    let folded: String = text.chars().flat_map(char::to_lowercase).nfd().collect();
    let folded: String = Unmarked { chars: folded.chars().peekable() }.nfc().collect();
    let words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        // A final sigma is a sigma: whether a letter is the last one is not known of the beginning of a word.
        .map(|word| shortened(word).replace('ς', "σ"))
        .collect();
    words.into_iter()
}

fn shortened(word: &str) -> &str {
    word.get(..word.floor_char_boundary(LONGEST)).unwrap_or(word)
}

/// Decomposed text without the marks of Latin letters.
struct Unmarked<I: Iterator<Item = char>> {
    chars: Peekable<I>,
}

impl<I: Iterator<Item = char>> Iterator for Unmarked<I> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let next = self.chars.next()?;
        if next.is_ascii_alphabetic() {
            while self.chars.next_if(|c| is_combining_mark(*c)).is_some() {}
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const OWNER: UserId = UserId(Uuid::from_u128(0xABC_0123_4567));
    const SCOPE: &str = "01234567";

    fn words(text: &str) -> Vec<(String, Vec<u16>)> {
        let words = Words::of(OWNER, text).0;
        words.into_iter().map(|(word, at)| (word.strip_prefix(SCOPE).unwrap().to_owned(), at)).collect()
    }

    fn looked_for(text: &str) -> Vec<String> {
        expressions(OWNER, &SearchText::parse(text).unwrap())
    }

    #[test]
    fn words_lie_between_what_is_neither_letter_nor_digit() {
        let expected = [("3", vec![4]), ("a", vec![1, 3]), ("e", vec![2])].map(|(w, at)| (w.to_owned(), at));
        assert_eq!(words("A: e-a... 3!"), expected);
    }

    #[test]
    fn letter_case_and_marks_of_latin_letters_do_not_matter() {
        for (one, other) in [("Über", "u\u{308}BER"), ("ÉLAN", "elan"), ("ΟΔΟΣ", "οδοσ"), ("ЙОД", "йод")]
        {
            assert_eq!(words(one), words(other), "{one}");
        }
        assert_ne!(words("иод"), words("йод"));
    }

    #[test]
    fn a_term_is_the_beginning_of_its_last_word() {
        assert_eq!(looked_for("so e-mail"), ["'01234567so':*", "'01234567e' <-> '01234567mail':*"]);
    }

    #[test]
    fn nothing_but_letters_and_digits_is_looked_for() {
        assert_eq!(looked_for(" \0 * -- \" ' & | !( )<-> \\"), [""; 0]);
        assert_eq!(looked_for("a'b\\"), ["'01234567a' <-> '01234567b':*"]);
    }

    #[test]
    fn what_postgresql_has_no_room_for_is_left_out() {
        assert_eq!(words(&"я".repeat(10_000)), [("я".repeat(LONGEST / 2), vec![1])]);
        assert_eq!(words(&"a ".repeat(20_000))[0].1.len(), MOST_POSITIONS);
        let many = (0..60_000).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(words(&many).into_iter().flat_map(|(_, at)| at).max(), Some(LAST_POSITION));
    }
}
