//! The real PocketSphinx on synthesised speech.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod speech;

use std::time::Duration;

use lectern_application::ports::{Recognizer, Speech, Utterance};
use lectern_speech_adapter::{Host, PocketSphinx};
use speech::{LECTURE, silence, spoken};

async fn recognize(speech: Speech) -> Vec<Utterance> {
    PocketSphinx::new(Host::current()).unwrap().recognize(speech).await.unwrap()
}

fn words(text: &str) -> Vec<String> {
    let kept = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    text.chars().map(kept).collect::<String>().split_whitespace().map(str::to_owned).collect()
}

/// The fewest words to put in, leave out and replace, to make one text of the other (Levenshtein).
fn distance(from: &[String], to: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, left) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[to.len()]
}

#[test]
fn a_distance_counts_words() {
    let distance_of = |from, to| distance(&words(from), &words(to));
    assert_eq!(distance_of("", ""), 0);
    assert_eq!(distance_of("Good morning, all.", "good morning all"), 0);
    assert_eq!(distance_of("a b c d", "b x d e"), 3);
    assert_eq!(distance_of("", "a b"), 2);
}

#[tokio::test]
async fn three_of_four_words_of_a_lecture_are_understood() {
    let utterances = recognize(spoken(LECTURE)).await;
    let text = utterances.into_iter().map(|utterance| utterance.text).collect::<Vec<_>>().join(" ");
    let said = words(LECTURE);
    let wrong = distance(&said, &words(&text));
    assert!(wrong * 4 <= said.len(), "{wrong} of {} words are wrong: {text}", said.len());
}

#[tokio::test]
async fn utterances_are_short_in_order_and_within_the_recording() {
    let speech = spoken(LECTURE);
    let seconds = speech.samples.len().div_ceil(16_000);
    let utterances = recognize(speech).await;
    assert!(seconds >= 20 && utterances.len() >= seconds / 7, "{utterances:?}");
    assert!(utterances.is_sorted_by(|earlier, later| earlier.end <= later.start), "{utterances:?}");
    for utterance in &utterances {
        assert!(utterance.start < utterance.end, "{utterance:?}");
        assert!(utterance.end <= utterance.start + Duration::from_secs(7), "{utterance:?}");
        assert!(utterance.end.as_secs_f64() <= f64::from(u32::try_from(seconds).unwrap()), "{utterance:?}");
    }
}

#[tokio::test]
async fn what_is_said_after_a_long_silence_has_its_own_time() {
    let mut speech = silence(10);
    speech.samples.extend(spoken("Good morning everybody.").samples);
    let first = recognize(speech).await.into_iter().next().unwrap();
    assert!(first.start >= Duration::from_millis(9_500), "{first:?}");
}

#[tokio::test]
async fn silence_is_no_speech_and_no_error() {
    assert_eq!(recognize(silence(20)).await, []);
    assert_eq!(recognize(silence(0)).await, []);
}

#[tokio::test]
async fn the_recording_is_gone_afterwards() {
    let scratch = tempfile::tempdir().unwrap();
    let host = Host { scratch: scratch.path().to_owned(), ..Host::current() };
    PocketSphinx::new(host).unwrap().recognize(silence(1)).await.unwrap();
    assert_eq!(scratch.path().read_dir().unwrap().count(), 0);
}
