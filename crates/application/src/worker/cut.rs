//! The audio of one chunk, cut where it is quiet.

use std::{ops::Range, time::Duration};

use lectern_domain::transcription::{
    ChunkNumber, ChunkPlan,
    border::{SAMPLE_RATE, quietest, search_window},
};

use crate::ports::{AudioDecoder, AudioReadError, LocalFile};

/// Finds the cuts of one recording. The end of a chunk is the beginning of the next, so the last one is remembered.
pub(super) struct Cutter<'a> {
    decoder: &'a dyn AudioDecoder,
    file: &'a LocalFile,
    plan: ChunkPlan,
    last: Option<(Duration, Duration)>,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(decoder: &'a dyn AudioDecoder, file: &'a LocalFile, plan: ChunkPlan) -> Self {
        Self { decoder, file, plan, last: None }
    }

    /// Where the chunk's audio really begins and ends.
    pub(super) async fn range(&mut self, number: ChunkNumber) -> Result<Range<Duration>, AudioReadError> {
        let planned = self.plan.range(number);
        let start = self.cut(planned.start).await?;
        let end = self.cut(planned.end).await?;
        Ok(start..end)
    }

    async fn cut(&mut self, border: Duration) -> Result<Duration, AudioReadError> {
        if let Some((known, cut)) = self.last
            && known == border
        {
            return Ok(cut);
        }
        let window = search_window(border, self.plan.duration(), self.plan.size());
        let cut = if window.is_empty() {
            border
        } else {
            let samples = self.decoder.decode(self.file, window.clone()).await?;
            let at = quietest(&samples, samples_in(border.saturating_sub(window.start)));
            window.start.saturating_add(time_of(at)).min(self.plan.duration())
        };
        self.last = Some((border, cut));
        Ok(cut)
    }
}

fn samples_in(time: Duration) -> usize {
    let samples = time.as_nanos().saturating_mul(SAMPLE_RATE.into()) / 1_000_000_000;
    usize::try_from(samples).unwrap_or(usize::MAX)
}

/// How long so many samples are. At 16 kHz a sample is 62,500 ns exactly, so nothing is rounded.
fn time_of(samples: usize) -> Duration {
    let nanos_per_sample = 1_000_000_000 / u64::from(SAMPLE_RATE);
    Duration::from_nanos(u64::try_from(samples).unwrap_or(u64::MAX).saturating_mul(nanos_per_sample))
}
