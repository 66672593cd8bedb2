//! A recogniser that reads from a script.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use lectern_application::ports::{Recognizer, RecognizerError, Speech, Utterance};
use lectern_domain::transcription::border::SAMPLE_RATE;
use tokio::sync::watch;

/// Answers each call with the next line of its script. Off script, call *n* (from 1) answers one utterance over all
/// of the samples: `words of call n`.
#[derive(Debug)]
pub struct ScriptedRecognizer {
    script: Mutex<VecDeque<Line>>,
    heard: Mutex<Vec<Speech>>,
    seen: watch::Sender<Seen>,
}

#[derive(Debug)]
enum Line {
    Say(Vec<Utterance>),
    Fail,
    Block,
}

/// How many calls began, and how many were dropped before their answer.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    calls: usize,
    dropped: usize,
}

impl Default for ScriptedRecognizer {
    fn default() -> Self {
        Self { script: Mutex::default(), heard: Mutex::default(), seen: watch::Sender::new(Seen::default()) }
    }
}

impl ScriptedRecognizer {
    /// One more call is answered with these utterances: start and end in milliseconds from the first sample, and text.
    pub fn then_say(&self, utterances: &[(u64, u64, &str)]) {
        let utterance = |&(start, end, text): &(u64, u64, &str)| Utterance {
            start: Duration::from_millis(start),
            end: Duration::from_millis(end),
            text: text.to_owned(),
        };
        self.script().push_back(Line::Say(utterances.iter().map(utterance).collect()));
    }

    /// `count` more calls fail.
    pub fn then_fail(&self, count: usize) {
        self.script().extend((0..count).map(|_| Line::Fail));
    }

    /// One more call is never answered: it ends when its future is dropped.
    pub fn then_block(&self) {
        self.script().push_back(Line::Block);
    }

    /// How many calls began.
    pub fn calls(&self) -> usize {
        self.seen.borrow().calls
    }

    /// What it was given to listen to, call by call.
    pub fn heard(&self) -> Vec<Speech> {
        self.heard.lock().unwrap().clone()
    }

    /// How many calls were dropped before they answered.
    pub fn dropped(&self) -> usize {
        self.seen.borrow().dropped
    }

    /// Waits until `count` calls have begun.
    pub async fn until_called(&self, count: usize) {
        self.seen.subscribe().wait_for(|seen| seen.calls >= count).await.unwrap();
    }

    /// Waits until `count` calls have been dropped.
    pub async fn until_dropped(&self, count: usize) {
        self.seen.subscribe().wait_for(|seen| seen.dropped >= count).await.unwrap();
    }

    fn script(&self) -> MutexGuard<'_, VecDeque<Line>> {
        self.script.lock().unwrap()
    }
}

/// Notes that a call was dropped, unless it was answered.
struct Blocked<'a>(&'a watch::Sender<Seen>);

impl Drop for Blocked<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|seen| seen.dropped += 1);
    }
}

#[async_trait]
impl Recognizer for ScriptedRecognizer {
    fn name(&self) -> String {
        "script".to_owned()
    }

    async fn recognize(&self, speech: Speech) -> Result<Vec<Utterance>, RecognizerError> {
        let samples = u32::try_from(speech.samples.len()).unwrap_or(u32::MAX);
        self.heard.lock().unwrap().push(speech);
        let line = self.script().pop_front();
        self.seen.send_modify(|seen| seen.calls += 1);
        match line {
            Some(Line::Say(utterances)) => Ok(utterances),
            Some(Line::Fail) => Err(RecognizerError::Failed {
                name: self.name(),
                detail: "the script says so".to_owned(),
                source: None,
            }),
            Some(Line::Block) => {
                let _blocked = Blocked(&self.seen);
                std::future::pending().await
            }
            None => {
                let end = Duration::from_secs(samples.into()) / SAMPLE_RATE;
                let text = format!("words of call {}", self.calls());
                Ok(vec![Utterance { start: Duration::ZERO, end, text }])
            }
        }
    }
}
