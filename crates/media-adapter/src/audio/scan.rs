//! The probe: walks over all packets of a recording, and decodes the first few.

use std::{path::Path, time::Duration};

use lectern_application::ports::AudioReadError;

use super::{formats::Playable, recording::Recording, timeline};

/// So many packets are decoded, to see that it is possible.
const TRIALS: usize = 16;

/// What a scan found.
pub(super) struct Scan {
    pub(super) duration: Duration,
    pub(super) media_type: &'static str,
    pub(super) playable: Playable,
}

/// Scans a file. What has no packets, or none of whose first packets decodes, or what decodes at a sample rate that no
/// window can be made of, is not audio.
pub(super) fn scan(path: &Path) -> Result<Scan, AudioReadError> {
    let mut recording = Recording::open(path.to_owned())?;
    let mut playable = recording.playable();
    let mut end = 0;
    let (mut decoded, mut failed) = (0_usize, 0_usize);
    while let Some(timed) = recording.next_packet()? {
        end = end.max(timed.ticks.end);
        if let Playable::Native(decoder) = &mut playable
            && decoded < TRIALS
        {
            match decoder.decode(&timed.packet) {
                Ok(sound) if !timeline::takes(sound.spec().rate()) => return Err(AudioReadError::NotAudio),
                Ok(_) => decoded += 1,
                Err(_) => failed += 1,
            }
        }
    }
    // Noise looks like the odd packet, too: most of what was tried must decode.
    if matches!(playable, Playable::Native(_)) && decoded <= failed {
        return Err(AudioReadError::NotAudio);
    }
    let duration = recording.time_at(end);
    if duration.is_zero() {
        return Err(AudioReadError::NotAudio);
    }
    Ok(Scan { duration, media_type: recording.media_type(), playable })
}
