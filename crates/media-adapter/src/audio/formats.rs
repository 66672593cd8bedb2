//! What symphonia's names for containers and codecs mean to us.

use symphonia::core::{
    codecs::audio::{
        AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
        well_known::{CODEC_ID_AC3, CODEC_ID_DCA, CODEC_ID_EAC3, CODEC_ID_OPUS, CODEC_ID_SPEEX},
    },
    formats::{
        FormatId, FormatReader, TrackType,
        well_known::{
            FORMAT_ID_ADTS, FORMAT_ID_FLAC, FORMAT_ID_ISOMP4, FORMAT_ID_MP1, FORMAT_ID_MP2, FORMAT_ID_MP3,
            FORMAT_ID_OGG, FORMAT_ID_WAVE,
        },
    },
};

/// Who can decode a recording.
pub(super) enum Playable {
    /// Symphonia, with this decoder.
    Native(Box<dyn AudioDecoder>),
    /// Another program.
    Foreign(ForeignCodec),
}

/// A codec that symphonia has no decoder for.
#[derive(Debug, Clone)]
pub(super) struct ForeignCodec {
    /// What to call it.
    pub(super) name: String,
    /// FFmpeg's name for the container, so that it doesn't guess another.
    pub(super) demuxer: &'static str,
}

/// Finds the decoder for a codec. It must not trim: the numbers that it would trim by come from headers.
pub(super) fn playable(params: &AudioCodecParameters, format: FormatId) -> Playable {
    let options = AudioDecoderOptions::default().gapless(false);
    match symphonia::default::get_codecs().make_audio_decoder(params, &options) {
        Ok(decoder) => Playable::Native(decoder),
        Err(_) => {
            Playable::Foreign(ForeignCodec { name: codec_name(params.codec), demuxer: demuxer(format) })
        }
    }
}

fn codec_name(codec: AudioCodecId) -> String {
    match codec {
        CODEC_ID_OPUS => "Opus".to_owned(),
        CODEC_ID_SPEEX => "Speex".to_owned(),
        CODEC_ID_AC3 => "AC-3".to_owned(),
        CODEC_ID_EAC3 => "E-AC-3".to_owned(),
        CODEC_ID_DCA => "DTS".to_owned(),
        other => format!("the codec {other}"),
    }
}

fn demuxer(format: FormatId) -> &'static str {
    match format {
        FORMAT_ID_ISOMP4 => "mov",
        FORMAT_ID_OGG => "ogg",
        FORMAT_ID_WAVE => "wav",
        FORMAT_ID_FLAC => "flac",
        FORMAT_ID_ADTS => "aac",
        _ => "mp3",
    }
}

/// The media type of a file (the names of the IANA registry, except for `audio/wav`, which browsers know).
pub(super) fn media_type(format: &dyn FormatReader) -> &'static str {
    match format.format_info().format {
        FORMAT_ID_MP1 | FORMAT_ID_MP2 | FORMAT_ID_MP3 => "audio/mpeg",
        FORMAT_ID_ADTS => "audio/aac",
        FORMAT_ID_ISOMP4 if format.first_track(TrackType::Video).is_some() => "video/mp4",
        FORMAT_ID_ISOMP4 => "audio/mp4",
        FORMAT_ID_FLAC => "audio/flac",
        FORMAT_ID_OGG => "audio/ogg",
        FORMAT_ID_WAVE => "audio/wav",
        _ => "application/octet-stream",
    }
}

/// Where the times of packets come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PacketTimes {
    /// The container stores them: seeking is exact.
    Stored,
    /// They are counted from the file's beginning. Seeking would guess from bit rates, so packets are walked instead.
    Counted,
}

impl PacketTimes {
    pub(super) fn of(format: FormatId) -> Self {
        match format {
            FORMAT_ID_MP1 | FORMAT_ID_MP2 | FORMAT_ID_MP3 | FORMAT_ID_ADTS => Self::Counted,
            _ => Self::Stored,
        }
    }
}
