//! An announcer that keeps what it announces.

use std::{collections::VecDeque, sync::Mutex};

use async_trait::async_trait;
use lectern_application::ports::{Announcement, AnnouncerError, JobAnnouncer};

use crate::on_demand::OnDemand;

/// A queue in memory, or none when a test asks for it.
#[derive(Debug, Default)]
pub struct CollectingAnnouncer {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    announced: Vec<Announcement>,
    queue: VecDeque<Announcement>,
    tries: usize,
    failures: u32,
    is_refusing: bool,
}

impl CollectingAnnouncer {
    /// What was announced, in order.
    pub fn announced(&self) -> Vec<Announcement> {
        self.state.lock().unwrap().announced.clone()
    }

    /// How often it was asked to announce, in vain too.
    pub fn tries(&self) -> usize {
        self.state.lock().unwrap().tries
    }

    /// A worker is given the announcement that has waited longest.
    pub fn deliver(&self) -> Option<Announcement> {
        self.state.lock().unwrap().queue.pop_front()
    }

    /// All announcements that wait are lost.
    pub fn purge(&self) {
        self.state.lock().unwrap().queue.clear();
    }

    /// The next `count` calls find nobody to take announcements.
    pub fn fail_next(&self, count: u32) {
        self.state.lock().unwrap().failures = count;
    }

    /// From now on nobody is there to take announcements.
    pub fn break_down(&self) {
        self.fail_next(u32::MAX);
    }

    /// From now on announcements are refused.
    pub fn refuse(&self) {
        self.state.lock().unwrap().is_refusing = true;
    }

    /// Takes announcements again. Those that wait are still there.
    pub fn repair(&self) {
        let mut state = self.state.lock().unwrap();
        (state.failures, state.is_refusing) = (0, false);
    }

    fn call<T>(&self, answer: impl FnOnce(&mut State) -> T) -> Result<T, AnnouncerError> {
        let mut state = self.state.lock().unwrap();
        if state.is_refusing {
            return Err(AnnouncerError::Refused { source: Box::new(OnDemand("it was refused")) });
        }
        if state.failures > 0 {
            state.failures -= 1;
            return Err(AnnouncerError::Unavailable { source: Box::new(OnDemand("the broker broke down")) });
        }
        Ok(answer(&mut state))
    }
}

#[async_trait]
impl JobAnnouncer for CollectingAnnouncer {
    async fn announce(&self, jobs: &[Announcement]) -> Result<(), AnnouncerError> {
        self.state.lock().unwrap().tries += 1;
        self.call(|state| {
            state.announced.extend(jobs);
            state.queue.extend(jobs);
        })
    }

    async fn backlog(&self) -> Result<u64, AnnouncerError> {
        self.call(|state| u64::try_from(state.queue.len()).unwrap())
    }
}
