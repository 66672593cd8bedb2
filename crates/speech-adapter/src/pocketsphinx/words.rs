//! What `pocketsphinx_continuous -time yes` prints: after the text of a stretch of speech in one line, a line for each
//! of its words with start and end in seconds and a confidence, such as `and(2) 7.090 7.250 0.716814`.

use std::time::Duration;

use lectern_application::ports::Utterance;

/// A silence between words that is longer than this ends an utterance.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest utterance, so that subtitles stay readable.
const MAX_DURATION: Duration = Duration::from_secs(7);
/// The most words of an utterance: about two lines of subtitles.
const MAX_WORDS: usize = 14;

/// A word that was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    text: &'a str,
    start: Duration,
    end: Duration,
}

/// The words, without silence and noise.
pub(super) fn parse(output: &str) -> Vec<Word<'_>> {
    output.lines().filter_map(word).collect()
}

fn word(line: &str) -> Option<Word<'_>> {
    let mut columns = line.split_ascii_whitespace();
    let (entry, start, end, _confidence) =
        (columns.next()?, seconds(columns.next()?)?, seconds(columns.next()?)?, seconds(columns.next()?)?);
    // `<s>`, `</s>` and `<sil>` are silence, `[NOISE]`, `[COUGH]` and `++UM++` are sounds.
    if columns.next().is_some() || entry.starts_with(['<', '[', '+']) {
        return None;
    }
    Some(Word { text: spelling(entry), start, end })
}

fn seconds(column: &str) -> Option<Duration> {
    // A whole number may be a word of the line with the text.
    if !column.contains('.') {
        return None;
    }
    Duration::try_from_secs_f64(column.parse().ok()?).ok()
}

/// The entry of the dictionary without the number of its pronunciation: `and(2)` is `and`.
fn spelling(entry: &str) -> &str {
    match entry.split_once('(') {
        Some((word, number)) if number.ends_with(')') && !word.is_empty() => word,
        _ => entry,
    }
}

/// Words as utterances: a new one after each pause, and before it gets too long.
pub(super) fn utterances(words: Vec<Word<'_>>) -> Vec<Utterance> {
    let mut utterances: Vec<Utterance> = Vec::new();
    let mut length = 0;
    for word in words {
        let room = length < MAX_WORDS;
        if let Some(utterance) = utterances.last_mut().filter(|last| room && continues(last, &word)) {
            utterance.text.push(' ');
            utterance.text.push_str(word.text);
            utterance.end = word.end;
            length += 1;
        } else {
            utterances.push(Utterance { start: word.start, end: word.end, text: word.text.to_owned() });
            length = 1;
        }
    }
    utterances
}

fn continues(utterance: &Utterance, word: &Word<'_>) -> bool {
    word.start.saturating_sub(utterance.end) <= PAUSE
        && word.end.saturating_sub(utterance.start) <= MAX_DURATION
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(output: &str) -> Vec<(u128, u128, String)> {
        let utterances = utterances(parse(output)).into_iter();
        utterances.map(|said| (said.start.as_millis(), said.end.as_millis(), said.text)).collect()
    }

    /// As many words, one of `length` seconds every `interval` seconds.
    fn spoken(count: u32, interval: f64, length: f64) -> String {
        let word = |start: f64| format!("word {start:.3} {:.3} 0.9", start + length);
        (0..count).map(|i| word(f64::from(i) * interval)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn only_words_are_heard() {
        let output = "good and plenty\n<s> 0.1 0.2 0.9\ngood 0.20 0.40 0.9\nand(2) 0.40 0.60 0.3\n<sil> 0.60 0.70 \
                      0.9\n[NOISE] 0.70 0.75 0.9\n++UM++ 0.75 0.80 0.9\nplenty 0.80 1.00 0.9\n</s> 1.0 1.2 1.0\n";
        assert_eq!(said(output), [(200, 1000, "good and plenty".to_owned())]);
    }

    #[test]
    fn the_line_with_the_text_is_never_taken_for_a_word() {
        assert_eq!(said("one 2 3 4\nhello there\n"), []);
    }

    #[test]
    fn a_pause_ends_an_utterance_and_a_breath_does_not() {
        let output = "a 0.0 1.0 0.9\nb 1.5 2.0 0.9\nc 2.501 3.0 0.9\n";
        assert_eq!(said(output), [(0, 2000, "a b".to_owned()), (2501, 3000, "c".to_owned())]);
    }

    #[test]
    fn fluent_speech_is_cut_by_words() {
        let said = said(&spoken(30, 0.4, 0.3));
        let lengths: Vec<usize> = said.iter().map(|(_, _, text)| text.split(' ').count()).collect();
        assert_eq!(lengths, [14, 14, 2]);
    }

    #[test]
    fn slow_speech_is_cut_by_time() {
        let said = said(&spoken(12, 1.0, 0.9));
        let times: Vec<(u128, u128)> = said.into_iter().map(|(start, end, _)| (start, end)).collect();
        assert_eq!(times, [(0, 6900), (7000, 11_900)]);
    }

    #[test]
    fn silence_is_no_utterance() {
        assert_eq!(said("\n<s> 0.1 0.2 0.9\n</s> 1.0 1.2 1.0\n"), []);
        assert_eq!(said(""), []);
    }
}
