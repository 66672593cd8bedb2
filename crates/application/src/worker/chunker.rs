//! From a file to its chunks: cut, decode, recognise.

use std::time::Duration;

use lectern_domain::transcription::{Chunk, ChunkError, ChunkNumber, ChunkPlan, Language, Segment};
use tokio::time::{Instant, timeout};

use super::cut::Cutter;
use crate::{
    metrics::catalogue::{CHUNK_ERRORS, REAL_TIME_FACTOR},
    ports::{AudioDecoder, AudioReadError, LocalFile, Recognizer, RecognizerError, Speech, Utterance},
};

/// A recogniser may take so many times as long as the speech lasts, and a minute more to get going; then it hangs.
const SLOWEST: u32 = 30;
const START_UP: Duration = Duration::from_mins(1);

/// Why a chunk could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ChunkFailure {
    /// The recording can't be read.
    #[error(transparent)]
    Read(#[from] AudioReadError),
    /// The recogniser failed.
    #[error(transparent)]
    Recognize(#[from] RecognizerError),
    /// The recogniser hangs.
    #[error("the recogniser did not finish within {0:?}")]
    Hung(Duration),
    /// The recogniser said something that can't be.
    #[error("the recogniser's answer is invalid: {0}")]
    Invalid(#[from] ChunkError),
}

impl ChunkFailure {
    /// What it came from, for metrics.
    fn cause(&self) -> &'static str {
        match self {
            Self::Read(_) => "recording",
            Self::Recognize(_) => "recogniser",
            Self::Hung(_) => "time_out",
            Self::Invalid(_) => "answer",
        }
    }
}

/// Makes the chunks of one file.
pub(super) struct Chunker<'a> {
    decoder: &'a dyn AudioDecoder,
    recognizer: &'a dyn Recognizer,
    file: &'a LocalFile,
    cutter: Cutter<'a>,
    language: Option<&'a Language>,
}

impl<'a> Chunker<'a> {
    pub(super) fn new(
        decoder: &'a dyn AudioDecoder,
        recognizer: &'a dyn Recognizer,
        file: &'a LocalFile,
        plan: ChunkPlan,
        language: Option<&'a Language>,
    ) -> Self {
        Self { decoder, recognizer, file, cutter: Cutter::new(decoder, file, plan), language }
    }

    /// The chunk of that number. When the future is dropped, the recogniser ends.
    pub(super) async fn chunk(&mut self, number: ChunkNumber) -> Result<Chunk, ChunkFailure> {
        let chunk = self.make(number).await;
        if let Err(failure) = &chunk {
            CHUNK_ERRORS.count([failure.cause()]);
        }
        chunk
    }

    async fn make(&mut self, number: ChunkNumber) -> Result<Chunk, ChunkFailure> {
        let began = Instant::now();
        let range = self.cutter.range(number).await?;
        let samples = self.decoder.decode(self.file, range.clone()).await?;
        let speech = Speech { samples, language: self.language.cloned() };
        let length = range.end.saturating_sub(range.start);
        let patience = length.saturating_mul(SLOWEST).saturating_add(START_UP);
        let recognized = timeout(patience, self.recognizer.recognize(speech)).await;
        let utterances = recognized.map_err(|_| ChunkFailure::Hung(patience))??;
        let chunk = Chunk::from_segments(number, segments(&utterances, range.start))?;
        let took = began.elapsed().as_secs_f64();
        if took > 0.0 {
            REAL_TIME_FACTOR.record([], length.as_secs_f64() / took);
        }
        Ok(chunk)
    }
}

/// What was understood, with times counted from the recording's beginning.
fn segments(utterances: &[Utterance], offset: Duration) -> Vec<Segment> {
    utterances
        .iter()
        .filter_map(|utterance| {
            let start = offset.saturating_add(utterance.start);
            let end = offset.saturating_add(utterance.end.max(utterance.start));
            Segment::new(start, end, &utterance.text).ok()
        })
        .collect()
}
