//! Mails: the outbox, and who sends them.

use async_trait::async_trait;
use lectern_domain::{
    account::EmailAddress,
    mail::{Mail, MailContent, MailId},
    time::Timestamp,
};

use super::{Source, StoreError};

/// The outbox. A mail is put in the same unit of work as what it tells about.
#[async_trait]
pub trait MailStore {
    /// Adds a mail, or replaces the one of its id.
    async fn put_mail(&mut self, mail: &Mail) -> Result<(), StoreError>;

    /// The mail of that id.
    async fn mail(&mut self, id: MailId) -> Result<Option<Mail>, StoreError>;

    /// The mail that has been [due](Mail::is_due) longest. Two units at once MUST NOT get the same mail, and the second
    /// SHOULD get the next rather than wait.
    async fn next_due_mail(&mut self, now: Timestamp) -> Result<Option<Mail>, StoreError>;

    /// Removes a mail. Removing one that isn't there MUST be no error.
    async fn remove_mail(&mut self, id: MailId) -> Result<(), StoreError>;
}

/// A mail as it is sent. `Debug` shows neither the address nor the code: their types don't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The same however often it is sent, so that receivers can tell a mail that came twice.
    pub id: MailId,
    /// Who gets it.
    pub recipient: EmailAddress,
    /// What it says.
    pub content: MailContent,
    /// Since when it is on its way.
    pub written_at: Timestamp,
    /// Until when what it says can be used.
    pub useful_until: Timestamp,
}

/// Why a mail was not sent. Sources name no address: they end up in the log.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// This mail will never be sent, however often it is tried.
    #[error("the mail was refused for good")]
    Refused {
        /// What was met.
        #[source]
        source: Source,
    },
    /// It can't be sent now. Trying again may help.
    #[error("the mail can't be sent now")]
    Unavailable {
        /// What was met.
        #[source]
        source: Source,
    },
}

/// Sends mails.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a mail: once this answers, somebody else is responsible for it.
    async fn send(&self, letter: &Letter) -> Result<(), MailerError>;
}
