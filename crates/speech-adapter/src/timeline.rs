//! Times within a recording of 16 kHz.

use std::time::Duration;

use lectern_application::ports::Utterance;

/// Samples per second of every recording here.
pub(crate) const SAMPLE_RATE: u32 = 16_000;
/// 1 s / 16,000.
const NANOS_PER_SAMPLE: u64 = 62_500;

/// How long that many samples play.
pub(crate) fn duration_of(samples: &[f32]) -> Duration {
    let samples = u64::try_from(samples.len()).unwrap_or(u64::MAX);
    Duration::from_nanos(samples.saturating_mul(NANOS_PER_SAMPLE))
}

/// Puts what a program said in order and within the recording: programs round, and some guess beyond the end. Texts
/// are trimmed, empty ones dropped.
pub(crate) fn tidy(utterances: Vec<Utterance>, duration: Duration) -> Vec<Utterance> {
    let mut tidied: Vec<Utterance> = utterances
        .into_iter()
        .filter(|utterance| !utterance.text.trim().is_empty())
        .map(|utterance| {
            let start = utterance.start.min(duration);
            let end = utterance.end.clamp(start, duration);
            Utterance { start, end, text: utterance.text.trim().to_owned() }
        })
        .collect();
    tidied.sort_by_key(|utterance| utterance.start);
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utterance(start: u64, end: u64, text: &str) -> Utterance {
        Utterance { start: Duration::from_secs(start), end: Duration::from_secs(end), text: text.to_owned() }
    }

    #[test]
    fn a_second_has_as_many_samples_as_the_rate_says() {
        assert_eq!(duration_of(&vec![0.0; 16_000]), Duration::from_secs(1));
    }

    #[test]
    fn utterances_come_in_order_and_within_the_recording() {
        let said =
            vec![utterance(8, 12, " c "), utterance(5, 2, "b"), utterance(1, 2, "a"), utterance(11, 12, "d")];
        let tidied =
            [utterance(1, 2, "a"), utterance(5, 5, "b"), utterance(8, 10, "c"), utterance(10, 10, "d")];
        assert_eq!(tidy(said, Duration::from_secs(10)), tidied);
    }

    #[test]
    fn what_has_no_text_was_not_said() {
        assert_eq!(tidy(vec![utterance(0, 1, " \n")], Duration::from_secs(1)), []);
    }
}
