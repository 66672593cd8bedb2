//! A mailer that keeps what it sends.

use std::sync::Mutex;

use async_trait::async_trait;
use lectern_application::ports::{Letter, Mailer, MailerError};

use crate::on_demand::OnDemand;

/// Keeps mails, or fails when a test asks for it.
#[derive(Debug, Default)]
pub struct CollectingMailer {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<Letter>,
    tries: usize,
    mood: Mood,
}

#[derive(Debug, Clone, Copy, Default)]
enum Mood {
    #[default]
    Sending,
    Refusing,
    BrokenDown,
    Hanging,
}

impl CollectingMailer {
    /// What was sent, in order.
    pub fn sent(&self) -> Vec<Letter> {
        self.state.lock().unwrap().sent.clone()
    }

    /// How often it was asked to send, in vain too.
    pub fn tries(&self) -> usize {
        self.state.lock().unwrap().tries
    }

    /// From now on every mail is refused for good.
    pub fn refuse(&self) {
        self.state.lock().unwrap().mood = Mood::Refusing;
    }

    /// From now on nothing can be sent.
    pub fn break_down(&self) {
        self.state.lock().unwrap().mood = Mood::BrokenDown;
    }

    /// From now on sending never ends.
    pub fn hang(&self) {
        self.state.lock().unwrap().mood = Mood::Hanging;
    }

    /// Sends again.
    pub fn repair(&self) {
        self.state.lock().unwrap().mood = Mood::Sending;
    }

    fn attempt(&self, letter: &Letter) -> Mood {
        let mut state = self.state.lock().unwrap();
        state.tries += 1;
        if matches!(state.mood, Mood::Sending) {
            state.sent.push(letter.clone());
        }
        state.mood
    }
}

#[async_trait]
impl Mailer for CollectingMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailerError> {
        match self.attempt(letter) {
            Mood::Sending => Ok(()),
            Mood::Refusing => {
                Err(MailerError::Refused { source: Box::new(OnDemand("the mail was refused")) })
            }
            Mood::BrokenDown => {
                Err(MailerError::Unavailable { source: Box::new(OnDemand("the mailer broke down")) })
            }
            Mood::Hanging => std::future::pending().await,
        }
    }
}
