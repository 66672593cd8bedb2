//! A shelf that remembers what it shows.

use std::sync::Mutex;

use async_trait::async_trait;
use lectern_application::ports::{AudioStoreError, ShelvedRecording, WorkerShelf};

use crate::on_demand::OnDemand;

/// A shelf in memory, or none when a test asks for it.
#[derive(Debug, Default)]
pub struct MemoryShelf {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    shown: Vec<ShelvedRecording>,
    is_broken: bool,
}

impl MemoryShelf {
    /// What a worker finds, by the owners' numbers.
    pub fn shown(&self) -> Vec<ShelvedRecording> {
        let mut shown = self.state.lock().unwrap().shown.clone();
        shown.sort_unstable_by_key(|recording| recording.owner);
        shown
    }

    /// From now on nothing can be shown. What is shown stays.
    pub fn break_down(&self) {
        self.state.lock().unwrap().is_broken = true;
    }

    /// Shows recordings again.
    pub fn repair(&self) {
        self.state.lock().unwrap().is_broken = false;
    }
}

#[async_trait]
impl WorkerShelf for MemoryShelf {
    async fn show(&self, recordings: &[ShelvedRecording]) -> Result<(), AudioStoreError> {
        let mut state = self.state.lock().unwrap();
        if state.is_broken {
            return Err(AudioStoreError::Unavailable { source: Box::new(OnDemand("the shelf broke down")) });
        }
        state.shown = recordings.to_vec();
        Ok(())
    }
}
