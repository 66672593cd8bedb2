//! A decoder that doesn't read.

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use lectern_application::ports::{AudioDecoder, AudioReadError, LocalFile};
use lectern_domain::transcription::border::SAMPLE_RATE;

use crate::on_demand::OnDemand;

/// Every file sounds the same: a sawtooth of 250 Hz, 150 seconds long at first. Windows join exactly, because a
/// sample depends on its position only.
#[derive(Debug)]
pub struct FakeDecoder {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    duration: Duration,
    broken_down: bool,
    windows: Vec<Range<Duration>>,
}

impl Default for FakeDecoder {
    fn default() -> Self {
        let state = State { duration: Duration::from_secs(150), broken_down: false, windows: Vec::new() };
        Self { state: Mutex::new(state) }
    }
}

impl FakeDecoder {
    /// From now on files are that long.
    pub fn find(&self, duration: Duration) {
        self.state().duration = duration;
    }

    /// From now on files can't be read.
    pub fn break_down(&self) {
        self.state().broken_down = true;
    }

    /// Ends [`break_down`](Self::break_down).
    pub fn repair(&self) {
        self.state().broken_down = false;
    }

    /// The windows that were asked for, in order.
    pub fn windows(&self) -> Vec<Range<Duration>> {
        self.state().windows.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// The number of the first sample at or after `time`.
fn position(time: Duration) -> u64 {
    let sample = (time.as_nanos() * u128::from(SAMPLE_RATE)).div_ceil(1_000_000_000);
    u64::try_from(sample).unwrap_or(u64::MAX)
}

fn sawtooth(position: u64) -> f32 {
    let phase = u16::try_from(position % 64).unwrap_or_default();
    f32::from(phase) / 32.0 - 1.0
}

#[async_trait]
impl AudioDecoder for FakeDecoder {
    async fn decode(&self, _file: &LocalFile, window: Range<Duration>) -> Result<Vec<f32>, AudioReadError> {
        let mut state = self.state();
        state.windows.push(window.clone());
        if state.broken_down {
            return Err(AudioReadError::Unreadable { source: Box::new(OnDemand("the file can't be read")) });
        }
        let end = window.end.min(state.duration);
        Ok((position(window.start)..position(end)).map(sawtooth).collect())
    }
}
