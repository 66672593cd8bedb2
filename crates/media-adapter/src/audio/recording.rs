//! An open audio file: its packets, each with its place on the recording's time line.

use std::{fs::File, io, ops::Range, path::PathBuf, time::Duration};

use lectern_application::ports::AudioReadError;
use symphonia::core::{
    codecs::{CodecParameters, audio::AudioCodecParameters},
    errors::Error,
    formats::{FormatOptions, FormatReader, SeekMode, SeekTo, TrackType, probe::Hint},
    io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource},
    meta::MetadataOptions,
    packet::Packet,
    units::{TimeBase, Timestamp},
};

use super::formats::{self, PacketTimes, Playable};

/// So many damaged packets in a row end a recording: a reader that makes no progress must not be asked for ever.
const MOST_FAILURES: usize = 1_000;

/// An open recording.
pub(super) struct Recording {
    path: PathBuf,
    format: Box<dyn FormatReader>,
    track: u32,
    params: AudioCodecParameters,
    base: TimeBase,
    times: PacketTimes,
    /// The time stamp of the recording's first sample: captures of running streams don't start at 0.
    origin: i64,
    /// The first packet, which was read to learn the origin.
    first: Option<Packet>,
}

/// A packet and the ticks that it covers, counted from the recording's first sample. What lies before 0 is the
/// encoder's delay.
pub(super) struct TimedPacket {
    pub(super) packet: Packet,
    pub(super) ticks: Range<i64>,
}

impl Recording {
    /// Opens a file and finds its audio track.
    pub(super) fn open(path: PathBuf) -> Result<Self, AudioReadError> {
        let file = || File::open(&path).map_err(unreadable);
        match Self::from_source(path.clone(), Box::new(file()?)) {
            // Symphonia finds nothing in an MP4 file that is cut off, unless it can't know where the file ends.
            Ok(Self { first: None, .. }) | Err(AudioReadError::NotAudio) => {
                let stream = Box::new(ReadOnlySource::new(file()?));
                Self::from_source(path, stream)
            }
            opened => opened,
        }
    }

    fn from_source(path: PathBuf, source: Box<dyn MediaSource>) -> Result<Self, AudioReadError> {
        let stream = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
        let format = symphonia::default::get_probe()
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(not_audio_unless_broken)?;
        let track = format
            .default_track(TrackType::Audio)
            .or_else(|| format.first_track(TrackType::Audio))
            .ok_or(AudioReadError::NotAudio)?;
        let Some(CodecParameters::Audio(params)) = track.codec_params.clone() else {
            return Err(AudioReadError::NotAudio);
        };
        let base = track.time_base.or_else(|| params.sample_rate.and_then(TimeBase::try_from_recip));
        let (track, base) = (track.id, base.ok_or(AudioReadError::NotAudio)?);
        let times = PacketTimes::of(format.format_info().format);
        let mut recording = Self { path, format, track, params, base, times, origin: 0, first: None };
        recording.first = recording.read_packet()?;
        recording.origin = recording.first.as_ref().map_or(0, |packet| packet.pts.get().max(0));
        Ok(recording)
    }

    /// The media type of the file.
    pub(super) fn media_type(&self) -> &'static str {
        formats::media_type(self.format.as_ref())
    }

    /// Who can decode it.
    pub(super) fn playable(&self) -> Playable {
        formats::playable(&self.params, self.format.format_info().format)
    }

    /// The sample rate that the header tells, if it does.
    pub(super) fn nominal_rate(&self) -> Option<u32> {
        self.params.sample_rate
    }

    /// The next packet of the audio track, or `None` at the end of what is there. Damaged packets are skipped.
    pub(super) fn next_packet(&mut self) -> Result<Option<TimedPacket>, AudioReadError> {
        let packet = match self.first.take() {
            Some(packet) => Some(packet),
            None => self.read_packet()?,
        };
        Ok(packet.map(|packet| {
            let start = packet.pts.get().saturating_sub(self.origin);
            // A container's trims are part of its time stamps. An elementary stream's are a guess from its header.
            let leading = match self.times {
                PacketTimes::Stored => packet.trim_start.get(),
                PacketTimes::Counted => 0,
            };
            let len = i64::try_from(packet.dur.get().saturating_add(leading)).unwrap_or(i64::MAX);
            TimedPacket { ticks: start..start.saturating_add(len), packet }
        }))
    }

    fn read_packet(&mut self) -> Result<Option<Packet>, AudioReadError> {
        let mut failures = 0;
        while failures < MOST_FAILURES {
            match self.format.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => return Ok(Some(packet)),
                Ok(Some(_)) => failures = 0,
                Err(Error::IoError(error)) if is_broken(&error) => return Err(unreadable(error)),
                Ok(None) | Err(Error::ResetRequired | Error::IoError(_)) => return Ok(None),
                Err(_) => failures += 1,
            }
        }
        Ok(None)
    }

    /// Goes to the packet at `time` or one before it, if that is cheaper than walking there.
    pub(super) fn skip_to(&mut self, time: Duration) -> Result<(), AudioReadError> {
        let ticks = self.ticks_at(time);
        if ticks == 0 || self.times == PacketTimes::Counted {
            return Ok(());
        }
        let ts = Timestamp::new(self.origin.saturating_add(ticks));
        let to = SeekTo::Timestamp { ts, track_id: self.track };
        match self.format.seek(SeekMode::Accurate, to) {
            Ok(_) => self.first = None,
            // Where the reader is now, nobody knows.
            Err(_) => *self = Self::open(std::mem::take(&mut self.path))?,
        }
        Ok(())
    }

    /// Whether there is sound after `time`. Packets before it are gone then.
    pub(super) fn reaches(&mut self, time: Duration) -> Result<bool, AudioReadError> {
        self.skip_to(time)?;
        let ticks = self.ticks_at(time);
        while let Some(timed) = self.next_packet()? {
            if timed.ticks.end > ticks {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The last tick that is not after `time`.
    pub(super) fn ticks_at(&self, time: Duration) -> i64 {
        let per_tick = u128::from(self.base.numer.get()) * 1_000_000_000;
        let ticks = time.as_nanos().saturating_mul(self.base.denom.get().into()) / per_tick;
        i64::try_from(ticks).unwrap_or(i64::MAX)
    }

    /// The time from the first sample to `ticks`; zero before it.
    pub(super) fn time_at(&self, ticks: i64) -> Duration {
        let nanos = u128::try_from(ticks).unwrap_or(0) * u128::from(self.base.numer.get()) * 1_000_000_000;
        let nanos = nanos / u128::from(self.base.denom.get());
        u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos)
    }

    /// The frame at `ticks`, at a sample rate that need not be the time base's: rounded to the nearest.
    pub(super) fn frame_at(&self, ticks: i64, rate: u32) -> i64 {
        let denom = i128::from(self.base.denom.get());
        let frames = i128::from(ticks) * i128::from(self.base.numer.get()) * i128::from(rate);
        let frames = (frames + denom / 2).div_euclid(denom);
        i64::try_from(frames).unwrap_or(if ticks < 0 { i64::MIN } else { i64::MAX })
    }
}

/// Whether the disk failed, rather than the file ended or pointed beyond its end.
fn is_broken(error: &io::Error) -> bool {
    error.raw_os_error().is_some() && error.kind() != io::ErrorKind::InvalidInput
}

fn not_audio_unless_broken(error: Error) -> AudioReadError {
    match error {
        Error::IoError(error) if is_broken(&error) => unreadable(error),
        _ => AudioReadError::NotAudio,
    }
}

fn unreadable(error: io::Error) -> AudioReadError {
    AudioReadError::Unreadable { source: error.into() }
}
