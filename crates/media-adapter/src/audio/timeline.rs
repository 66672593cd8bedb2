//! The one stream of 16 kHz samples, and windows cut out of it.
//!
//! The FFT resampler turns every block of input frames into a block of output samples plus a tail that is added to
//! the next block. So a block of output depends on two blocks of input and nothing else: starting one block early, at
//! a block's border, gives the very samples that an uninterrupted run would have given.

use std::{
    ops::{Range, RangeInclusive},
    time::Duration,
};

use lectern_application::ports::AudioReadError;
use lectern_domain::transcription::border::SAMPLE_RATE;
use rubato::{Fft, FixedSync, Resampler as _, audioadapter_buffers::direct::InterleavedSlice};

/// Sample rates outside of this are a damaged header, and a resampler for them would need absurd memory.
const RATES: RangeInclusive<u32> = 1_000..=384_000;
/// About so many frames make a block; the resampler rounds it up so that a block's output is whole samples.
const BLOCK: usize = 1_024;

/// Whether there are time lines of so many frames per second.
pub(super) fn takes(rate: u32) -> bool {
    RATES.contains(&rate)
}

/// Collects frames in their order and turns them into the samples of one window.
pub(super) struct Timeline {
    rate: u32,
    /// Absent at 16 kHz already.
    resampler: Option<Fft<f32>>,
    /// The frame that comes next.
    next: i64,
    /// Frames that don't fill a block yet.
    block: Vec<f32>,
    block_len: usize,
    /// The resampler's output; its first `lead` samples lie before the window.
    output: Vec<f32>,
    lead: usize,
    /// The window, in samples.
    samples: Range<u64>,
}

impl Timeline {
    /// Prepares for `window` of a recording of `rate` frames per second.
    pub(super) fn new(rate: u32, window: &Range<Duration>) -> Result<Self, AudioReadError> {
        if !takes(rate) {
            return Err(AudioReadError::NotAudio);
        }
        let samples =
            nearest_sample(window.start)..nearest_sample(window.end).max(nearest_sample(window.start));
        let resampler = if rate == SAMPLE_RATE { None } else { Some(resampler(rate)?) };
        let (block_len, output_len, delay) = resampler.as_ref().map_or((BLOCK, BLOCK, 0), |resampler| {
            (resampler.fft_size_in(), resampler.fft_size_out(), resampler.output_delay())
        });
        let (output_len, delay) = (wide(output_len), wide(delay));
        let first = samples.start.saturating_add(delay);
        let first_block = (first / output_len).saturating_sub(1);
        Ok(Self {
            rate,
            resampler,
            next: i64::try_from(first_block.saturating_mul(wide(block_len))).unwrap_or(i64::MAX),
            block: Vec::with_capacity(block_len),
            block_len,
            output: Vec::new(),
            lead: usize::try_from(first - first_block * output_len).unwrap_or(usize::MAX),
            samples,
        })
    }

    /// Frames per second of what is placed here.
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// Puts frames at their place. What lies before the window or was there already is left out; gaps are silence.
    pub(super) fn place(&mut self, start: i64, frames: &[f32]) -> Result<(), AudioReadError> {
        while self.next < start && !self.is_full() {
            let gap = usize::try_from(start - self.next).unwrap_or(usize::MAX);
            let room = self.block_len - self.block.len();
            self.push(std::iter::repeat_n(0.0, gap.min(room)))?;
        }
        let known = usize::try_from(self.next.saturating_sub(start)).unwrap_or(0);
        let mut rest = frames.get(known..).unwrap_or_default();
        while !rest.is_empty() && !self.is_full() {
            let room = self.block_len - self.block.len();
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.push(now.iter().copied())?;
            rest = later;
        }
        Ok(())
    }

    /// Whether nothing that comes later can matter.
    pub(super) fn is_full(&self) -> bool {
        wide(self.output.len()) >= wide(self.lead).saturating_add(self.samples.end - self.samples.start)
    }

    /// The samples of the window, fewer if the recording ends before it does: at frame `end`.
    pub(super) fn finish(mut self, end: i64) -> Result<Vec<f32>, AudioReadError> {
        let end = u64::try_from(end).unwrap_or(0);
        let end = (u128::from(end) * u128::from(SAMPLE_RATE) * 2 + u128::from(self.rate))
            / (u128::from(self.rate) * 2);
        let end = u64::try_from(end).unwrap_or(u64::MAX).min(self.samples.end);
        self.samples.end = end.max(self.samples.start);
        while !self.is_full() {
            let room = self.block_len - self.block.len();
            self.push(std::iter::repeat_n(0.0, room))?;
        }
        let len = usize::try_from(self.samples.end - self.samples.start).unwrap_or(usize::MAX);
        let samples = self.output.into_iter().skip(self.lead).take(len);
        Ok(samples.map(|sample| sample.clamp(-1.0, 1.0)).collect())
    }

    /// Appends frames, at most as many as the block has room for.
    fn push(&mut self, frames: impl ExactSizeIterator<Item = f32>) -> Result<(), AudioReadError> {
        self.next = self.next.saturating_add(i64::try_from(frames.len()).unwrap_or(i64::MAX));
        self.block.extend(frames);
        if self.block.len() < self.block_len {
            return Ok(());
        }
        match &mut self.resampler {
            None => self.output.append(&mut self.block),
            Some(resampler) => {
                let start = self.output.len();
                self.output.resize(start + resampler.fft_size_out(), 0.0);
                let output = self.output.get_mut(start..).unwrap_or_default();
                resample(resampler, &self.block, output).map_err(impossible)?;
                self.block.clear();
            }
        }
        Ok(())
    }
}

fn resample(
    resampler: &mut Fft<f32>,
    block: &[f32],
    output: &mut [f32],
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let output_len = output.len();
    let input = InterleavedSlice::new(block, 1, block.len())?;
    let mut output = InterleavedSlice::new_mut(output, 1, output_len)?;
    resampler.process_into_buffer(&input, &mut output, None)?;
    Ok(())
}

/// A resampler that takes one block at a time.
fn resampler(rate: u32) -> Result<Fft<f32>, AudioReadError> {
    let rate = usize::try_from(rate).map_err(impossible)?;
    let target = usize::try_from(SAMPLE_RATE).map_err(impossible)?;
    Fft::new(rate, target, BLOCK, 1, FixedSync::Both).map_err(impossible)
}

/// Sizes are right by construction; if they ever are not, it is an error and no crash.
fn impossible(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> AudioReadError {
    AudioReadError::Unreadable { source: error.into() }
}

/// The 16 kHz sample nearest to `time`.
fn nearest_sample(time: Duration) -> u64 {
    let samples = (time.as_nanos() * u128::from(SAMPLE_RATE) + 500_000_000) / 1_000_000_000;
    u64::try_from(samples).unwrap_or(u64::MAX)
}

fn wide(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten seconds of noise with a fixed seed.
    fn noise(rate: u32) -> Vec<f32> {
        let mut state = 7_u32;
        (0..rate * 10)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [.., high] = state.to_le_bytes();
                f32::from(high) / 512.0 - 0.25
            })
            .collect()
    }

    fn cut(rate: u32, frames: &[f32], window: Range<Duration>) -> Vec<f32> {
        let mut timeline = Timeline::new(rate, &window).unwrap();
        timeline.place(0, frames).unwrap();
        timeline.finish(i64::try_from(frames.len()).unwrap()).unwrap()
    }

    #[test]
    fn windows_are_cut_out_of_one_stream_bit_by_bit() {
        for rate in [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 44_099] {
            let frames = noise(rate);
            let whole = cut(rate, &frames, Duration::ZERO..Duration::from_secs(10));
            let borders = [0, 1, 999, 2_500, 3_333, 7_777, 10_000].map(Duration::from_millis);
            let joined: Vec<f32> =
                borders.windows(2).flat_map(|pair| cut(rate, &frames, pair[0]..pair[1])).collect();
            assert!(whole.len() == 160_000 && joined == whole, "{rate} Hz");
        }
    }

    #[test]
    fn a_click_stays_where_it_was() {
        for rate in [8_000_u32, 22_050, 44_100, 48_000, 96_000] {
            let mut frames = vec![0.0; usize::try_from(rate * 4).unwrap()];
            frames[usize::try_from(rate * 3).unwrap()] = 1.0;
            let samples = cut(rate, &frames, Duration::from_secs(2)..Duration::from_secs(4));
            let loudest = (0..samples.len()).max_by(|a, b| samples[*a].total_cmp(&samples[*b])).unwrap();
            assert!(loudest.abs_diff(16_000) <= 1, "{rate} Hz: {loudest}");
        }
    }

    #[test]
    fn a_gap_is_silence_and_an_overlap_is_heard_once() {
        let mut timeline = Timeline::new(16_000, &(Duration::ZERO..Duration::from_secs(1))).unwrap();
        timeline.place(-2, &[0.1, 0.2, 0.3]).unwrap();
        timeline.place(0, &[0.9, 0.4]).unwrap();
        timeline.place(3, &[0.5]).unwrap();
        assert_eq!(timeline.finish(5).unwrap(), [0.3, 0.4, 0.0, 0.5, 0.0]);
    }

    #[test]
    fn beyond_the_end_there_is_nothing() {
        assert!(cut(48_000, &noise(48_000), Duration::from_secs(11)..Duration::from_secs(12)).is_empty());
    }

    #[test]
    fn absurd_sample_rates_are_refused() {
        let window = Duration::ZERO..Duration::from_secs(1);
        assert!(matches!(Timeline::new(u32::MAX, &window), Err(AudioReadError::NotAudio)));
    }

    #[test]
    fn samples_stay_within_full_scale() {
        let square: Vec<f32> = (0..48_000).map(|at| if at / 24 % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let samples = cut(48_000, &square, Duration::ZERO..Duration::from_secs(1));
        assert!(samples.iter().all(|sample| (-1.0..=1.0).contains(sample)));
    }
}
