//! Recordings as sound: how long they are, and their samples.
//!
//! Two ideas hold it together. A recording has one time line, which counts from its first sample and is given by its
//! *packets*: headers lie about durations ([`recording`]). And there is one stream of 16 kHz samples, of which every
//! window is a cut-out: the resampler always starts at a block of that stream, so that two windows agree on every
//! sample they share ([`timeline`]).
//!
//! To support another codec, enable symphonia's feature for it; until then FFmpeg decodes what symphonia can only
//! find ([`ffmpeg`]).

mod ffmpeg;
mod formats;
mod recording;
mod scan;
mod timeline;
mod window;

use std::{
    ops::Range,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use lectern_application::ports::{AudioDecoder, AudioProbe, AudioReadError, LocalFile, Probed};

pub use self::ffmpeg::Ffmpeg;
use self::{
    formats::{ForeignCodec, Playable},
    recording::Recording,
    timeline::Timeline,
};

/// Decoders need what came before a packet: MP3 up to 511 bytes of earlier frames, every transform codec the packet
/// before. And the resampler starts at most two of its blocks early, each of which lasts at most a second.
const RUN_UP: Duration = Duration::from_secs(4);

/// Probes and decodes recordings.
///
/// Containers: MP3, ADTS, MP4 and its kin, FLAC, Ogg, WAVE. Sound that starts in the middle of a chained Ogg stream's
/// second link, or in a second audio track, is not heard.
#[derive(Debug, Clone)]
pub struct SymphoniaAudio {
    ffmpeg: Option<Ffmpeg>,
}

impl SymphoniaAudio {
    /// A probe and decoder. Without FFmpeg, codecs that symphonia lacks (Opus above all) are refused.
    pub fn new(ffmpeg: Option<Ffmpeg>) -> Self {
        Self { ffmpeg }
    }

    fn ffmpeg_for(&self, codec: &ForeignCodec) -> Result<&Ffmpeg, AudioReadError> {
        self.ffmpeg.as_ref().ok_or_else(|| AudioReadError::UnsupportedCodec {
            codec: codec.name.clone(),
            fix: "install FFmpeg on the server, or convert the recording to MP3, M4A or FLAC".to_owned(),
        })
    }

    async fn decode_foreign(
        &self,
        path: &Path,
        codec: &ForeignCodec,
        window: Range<Duration>,
    ) -> Result<Vec<f32>, AudioReadError> {
        let start = window.start.saturating_sub(RUN_UP);
        let stretch = self.ffmpeg_for(codec)?.decode(path, codec.demuxer, start..window.end + RUN_UP).await?;
        blocking(move || {
            let mut timeline = Timeline::new(ffmpeg::RATE, &window)?;
            timeline.place(stretch.start, &stretch.frames)?;
            timeline.finish(stretch.end())
        })
        .await
    }
}

#[async_trait]
impl AudioProbe for SymphoniaAudio {
    async fn probe(&self, file: &LocalFile) -> Result<Probed, AudioReadError> {
        let path = file.path().to_owned();
        let scan = blocking(move || scan::scan(&path)).await?;
        if let Playable::Foreign(codec) = &scan.playable {
            let beginning = Duration::ZERO..Duration::from_secs(1);
            let stretch = self.ffmpeg_for(codec)?.decode(file.path(), codec.demuxer, beginning).await?;
            if stretch.frames.is_empty() {
                return Err(AudioReadError::NotAudio);
            }
        }
        Ok(Probed { duration: scan.duration, media_type: scan.media_type.to_owned() })
    }
}

#[async_trait]
impl AudioDecoder for SymphoniaAudio {
    async fn decode(&self, file: &LocalFile, window: Range<Duration>) -> Result<Vec<f32>, AudioReadError> {
        let path = file.path().to_owned();
        let asked = window.clone();
        match blocking(move || decode_natively(path, &asked)).await? {
            Decoded::Samples(samples) => Ok(samples),
            Decoded::Foreign(codec) => self.decode_foreign(file.path(), &codec, window).await,
        }
    }
}

/// What symphonia made of a window.
enum Decoded {
    Samples(Vec<f32>),
    Foreign(ForeignCodec),
}

fn decode_natively(path: PathBuf, window: &Range<Duration>) -> Result<Decoded, AudioReadError> {
    let mut recording = Recording::open(path)?;
    Ok(match recording.playable() {
        Playable::Native(decoder) => Decoded::Samples(window::decode(recording, decoder, window)?),
        Playable::Foreign(codec) if recording.reaches(window.start)? => Decoded::Foreign(codec),
        // Asked for what lies beyond the end, FFmpeg answers with the last page.
        Playable::Foreign(_) => Decoded::Samples(Vec::new()),
    })
}

/// Runs decoding where it blocks nobody. A panic is a file that the decoder can't bear.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AudioReadError> + Send + 'static,
) -> Result<T, AudioReadError> {
    // What is logged there belongs to whoever asked.
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => {
            tracing::error!(%error, "the audio decoder panicked");
            Err(AudioReadError::NotAudio)
        }
        Err(error) => Err(AudioReadError::Unreadable { source: error.into() }),
    }
}
