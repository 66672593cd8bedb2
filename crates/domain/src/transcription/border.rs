//! Where the audio is cut: at the quietest point near a planned border, so that no word is cut in two.
//!
//! A border depends on nothing but the audio around it. Whoever transcribes the chunk before it and whoever
//! transcribes the chunk after it, on whatever machine and after whatever crash, cut at the same sample.

use std::{ops::Range, time::Duration};

/// Samples per second of the audio that recognisers hear.
pub const SAMPLE_RATE: u32 = 16_000;

/// A frame is 20 ms: short against a pause, long against a period of speech.
const FRAME: usize = 320;
/// Quiet is judged over 11 frames, 220 ms: the closure of a consonant is shorter than that, a pause longer.
const SMOOTHING: usize = 11;
/// A point is quiet if its energy is below this part of the window's mean energy (-12 dB).
const QUIET: f64 = 0.063;

/// How far from the planned border the cut may be: a tenth of the chunk, at most four seconds.
pub fn reach(chunk_size: Duration) -> Duration {
    (chunk_size / 10).min(Duration::from_secs(4))
}

/// The stretch of audio in which to look for the cut at `border`; empty at the recording's beginning and end,
/// which are cuts already.
pub fn search_window(border: Duration, duration: Duration, chunk_size: Duration) -> Range<Duration> {
    if border.is_zero() || border >= duration {
        return border..border;
    }
    let reach = reach(chunk_size);
    border.saturating_sub(reach)..border.saturating_add(reach).min(duration)
}

/// The index of the sample to cut at, in a window of 16 kHz mono samples whose planned border is at `planned`.
///
/// The quietest point wins; of equally quiet ones, the one nearest to the planned border, then the earlier. Where
/// nothing is quiet (music, noise), the cut is hard: at the planned border itself.
pub fn quietest(window: &[f32], planned: usize) -> usize {
    let planned = planned.min(window.len());
    let energies: Vec<f64> = window
        .chunks_exact(FRAME)
        .map(|frame| frame.iter().map(|sample| f64::from(*sample) * f64::from(*sample)).sum())
        .collect();
    if energies.len() < SMOOTHING {
        return planned;
    }
    let total: f64 = energies.iter().sum();
    let candidates = energies.windows(SMOOTHING).enumerate().map(|(first, frames)| {
        let middle = (first + SMOOTHING / 2) * FRAME + FRAME / 2;
        (frames.iter().sum::<f64>(), middle)
    });
    let best = candidates.min_by(|(energy, at), (other_energy, other_at)| {
        energy
            .total_cmp(other_energy)
            .then_with(|| at.abs_diff(planned).cmp(&other_at.abs_diff(planned)))
            .then_with(|| at.cmp(other_at))
    });
    // Compared without dividing by the number of frames, so that no integer is turned into a float.
    let mean_of_smoothed = |energy: f64| energies.iter().map(|_| energy).sum::<f64>();
    let smoothed_mean = |total: f64| (0..SMOOTHING).map(|_| total).sum::<f64>();
    match best {
        Some((energy, at)) if mean_of_smoothed(energy) <= QUIET * smoothed_mean(total) => at,
        _ => planned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise with a fixed seed, silent between the given samples.
    fn noise(len: usize, silent: Range<usize>) -> Vec<f32> {
        let mut state = 1_u32;
        (0..len)
            .map(|at| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [.., high] = state.to_le_bytes();
                if silent.contains(&at) { 0.0 } else { f32::from(high) / 256.0 - 0.5 }
            })
            .collect()
    }

    #[test]
    fn the_cut_is_in_the_pause() {
        let window = noise(64_000, 40_000..46_000);
        let cut = quietest(&window, 32_000);
        assert!((40_000..46_000).contains(&cut), "{cut}");
    }

    #[test]
    fn where_nothing_is_quiet_the_cut_is_hard() {
        assert_eq!(quietest(&noise(64_000, 0..0), 32_000), 32_000);
    }

    #[test]
    fn where_everything_is_silent_the_cut_is_at_the_border() {
        let cut = quietest(&vec![0.0; 64_000], 32_000);
        assert!(cut.abs_diff(32_000) <= FRAME, "{cut}");
    }

    #[test]
    fn a_window_too_short_to_judge_is_cut_hard() {
        assert_eq!(quietest(&[0.0; 100], 50), 50);
        assert_eq!(quietest(&[], 50), 0);
    }

    #[test]
    fn both_ends_of_a_recording_are_cuts_already() {
        let minute = Duration::from_mins(1);
        assert!(search_window(Duration::ZERO, minute * 2, minute).is_empty());
        assert!(search_window(minute * 2, minute * 2, minute).is_empty());
        assert_eq!(
            search_window(minute, minute * 2, minute),
            Duration::from_secs(56)..Duration::from_secs(64)
        );
    }

    #[test]
    fn windows_of_neighbouring_borders_never_overlap() {
        for size in [1_u64, 10, 60, 600].map(Duration::from_secs) {
            assert!(reach(size) * 2 < size);
        }
    }
}
