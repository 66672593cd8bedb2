//! Decoding with symphonia: one window of a recording.

use std::{ops::Range, time::Duration};

use lectern_application::ports::AudioReadError;
use symphonia::core::{audio::GenericAudioBufferRef, codecs::audio::AudioDecoder, errors::Error};

use super::{
    RUN_UP,
    recording::{Recording, TimedPacket},
    timeline::Timeline,
};

/// The samples of `window`. Packets that don't decode are silence, as long as they claim to be.
pub(super) fn decode(
    mut recording: Recording,
    mut decoder: Box<dyn AudioDecoder>,
    window: &Range<Duration>,
) -> Result<Vec<f32>, AudioReadError> {
    let run_up = window.start.saturating_sub(RUN_UP);
    recording.skip_to(run_up)?;
    let run_up = recording.ticks_at(run_up);

    let mut timeline: Option<Timeline> = None;
    let mut mono = Vec::new();
    let mut end = 0;
    while let Some(TimedPacket { packet, ticks }) = recording.next_packet()? {
        end = end.max(ticks.end);
        if ticks.end <= run_up {
            continue;
        }
        let rate = match decoder.decode(&packet) {
            Ok(sound) => {
                mix(&sound, &mut mono);
                sound.spec().rate()
            }
            Err(Error::ResetRequired) => {
                decoder.reset();
                continue;
            }
            Err(_) => continue,
        };
        // Only now the sample rate is sure: that of the header may be another.
        let timeline = match &mut timeline {
            Some(timeline) => timeline,
            None => timeline.insert(Timeline::new(rate, window)?),
        };
        if timeline.rate() != rate {
            continue;
        }
        let frames = recording.frame_at(ticks.start, rate)..recording.frame_at(ticks.end, rate);
        let len = usize::try_from(frames.end.saturating_sub(frames.start)).unwrap_or(0);
        timeline.place(frames.start, mono.get(..len).unwrap_or(&mono))?;
        if timeline.is_full() {
            break;
        }
    }
    let timeline = match (timeline, recording.nominal_rate()) {
        (Some(timeline), _) => timeline,
        (None, Some(rate)) => Timeline::new(rate, window)?,
        (None, None) => return Ok(Vec::new()),
    };
    let end = recording.frame_at(end, timeline.rate());
    timeline.finish(end)
}

/// The mean of all channels. A file of floats may contain anything: what is no number is silence.
fn mix(sound: &GenericAudioBufferRef<'_>, mono: &mut Vec<f32>) {
    let mut interleaved: Vec<f32> = Vec::new();
    sound.copy_to_vec_interleaved(&mut interleaved);
    let channels = sound.spec().channels().count().max(1);
    let share = 1.0 / f32::from(u16::try_from(channels).unwrap_or(u16::MAX));
    mono.clear();
    mono.extend(interleaved.chunks_exact(channels).map(|frame| {
        let sample = frame.iter().sum::<f32>() * share;
        if sample.is_finite() { sample } else { 0.0 }
    }));
}
