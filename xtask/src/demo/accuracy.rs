//! How much of a transcript is right.

use std::fmt;

/// Word accuracy: 1 − d/n, where d is the least number of words to insert, delete or replace to turn what was
/// recognised into what was said (Levenshtein's distance over words), and n the number of words said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Accuracy {
    distance: usize,
    words: usize,
}

impl Accuracy {
    /// Compares words, whatever their case and the punctuation around them.
    pub(crate) fn of(recognised: &str, said: &str) -> Self {
        let (recognised, said) = (words(recognised), words(said));
        Self { distance: distance(&recognised, &said), words: said.len() }
    }

    /// Whether at least `percent` of a hundred words are right.
    pub(crate) const fn is_at_least(self, percent: usize) -> bool {
        self.words > 0 && self.right() * 100 >= self.words * percent
    }

    const fn right(self) -> usize {
        self.words.saturating_sub(self.distance)
    }
}

impl fmt::Display for Accuracy {
    /// In percent, with one decimal.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thousandths = (self.right() * 1000).checked_div(self.words).unwrap_or_default();
        write!(formatter, "{}.{} %", thousandths / 10, thousandths % 10)
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| word.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Levenshtein's distance, a row of the table at a time.
fn distance(from: &[String], to: &[String]) -> usize {
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (deleted, word) in from.iter().enumerate() {
        let mut left = deleted + 1;
        let mut row = vec![left];
        for (other, (diagonal, up)) in to.iter().zip(above.iter().zip(above.iter().skip(1))) {
            let replaced = diagonal + usize::from(word != other);
            left = replaced.min(up + 1).min(left + 1);
            row.push(left);
        }
        above = row;
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance_of(from: &str, to: &str) -> usize {
        distance(&words(from), &words(to))
    }

    #[test]
    fn the_distance_counts_insertions_deletions_and_replacements() {
        assert_eq!(distance_of("", ""), 0);
        assert_eq!(distance_of("a b c", ""), 3);
        assert_eq!(distance_of("", "a b c"), 3);
        assert_eq!(distance_of("a b c", "a b c"), 0);
        assert_eq!(distance_of("a x c", "a b c"), 1);
        assert_eq!(distance_of("a c", "a b c"), 1);
        assert_eq!(distance_of("a b x c", "a b c"), 1);
        assert_eq!(distance_of("k i t t e n", "s i t t i n g"), 3);
        assert_eq!(distance_of("s a t u r d a y", "s u n d a y"), 3);
    }

    #[test]
    fn case_and_punctuation_do_not_count() {
        let accuracy = Accuracy::of("it's cold where the snow lies", "It's cold, where the SNOW lies.");
        assert_eq!(accuracy.to_string(), "100.0 %");
    }

    #[test]
    fn three_of_four_words_are_75_percent() {
        let accuracy = Accuracy::of("one two tree four", "one two three four");
        assert_eq!(accuracy.to_string(), "75.0 %");
        assert!(accuracy.is_at_least(75) && !accuracy.is_at_least(76));
    }

    #[test]
    fn more_wrong_words_than_were_said_are_0_percent() {
        assert_eq!(Accuracy::of("a b c d", "x").to_string(), "0.0 %");
    }

    #[test]
    fn where_nothing_was_said_nothing_is_accurate_enough() {
        let accuracy = Accuracy::of("", "");
        assert_eq!(accuracy.to_string(), "0.0 %");
        assert!(!accuracy.is_at_least(0));
    }
}
