//! Mails for developers.

use async_trait::async_trait;
use lectern_application::ports::{Letter, Mailer, MailerError};

use crate::text;

/// Writes mails into the log, with everything that is in them. Not for production: whoever reads the log can use the
/// codes.
#[derive(Debug, Clone)]
pub struct LogMailer {
    service: String,
}

impl LogMailer {
    /// A mailer for the server that people know under the address `service`.
    pub fn new(service: String) -> Self {
        Self { service }
    }
}

#[async_trait]
impl Mailer for LogMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailerError> {
        let text = text::write(letter, &self.service);
        let (to, subject) = (letter.recipient.as_str(), text.subject);
        tracing::info!(to, subject, "not mailed, because there is no SMTP server:\n{}", text.body);
        Ok(())
    }
}
