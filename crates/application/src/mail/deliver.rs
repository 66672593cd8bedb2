//! Delivering mails: taking them out of the outbox one by one, sending, removing.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use lectern_domain::{
    mail::{Mail, MailRules},
    time::Timestamp,
};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    error::{chain, use_case_error},
    metrics::catalogue::{MAILS, POSTPONED, REFUSED, SENT, STALE},
    ports::{Clock, EventBus, Letter, Mailer, MailerError, StoreError, Transactions},
};

/// How long to wait for a hint before looking anyway: postponed mails become due without one.
const POLL: Duration = Duration::from_secs(1);
/// The pause after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// Delivers mails. Several may do so at once, here and on other machines: nobody takes a mail that another has taken.
///
/// A mail is sent outside any unit of work, and removed afterwards. If everything ends between the two, it is sent again
/// when the lease is over: at least once, under the same id.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct DeliverMail {
    pub transactions: Arc<dyn Transactions>,
    pub mailer: Arc<dyn Mailer>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
    pub rules: MailRules,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// There was none to deliver.
    Nothing,
    /// It was sent, or was for nobody.
    Done,
    /// It is to be tried again later.
    Postponed,
    /// It was refused for good, or came to be of no use, and is gone.
    Dropped,
}

/// Why a mail is still where it was.
#[derive(Debug, thiserror::Error)]
pub enum DeliverMailError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(DeliverMailError { ..Store });

impl DeliverMail {
    /// Delivers mails as they become due, until `shutdown`. One at hand is sent to its end first.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut news = self.events.watch_mails();
        while !shutdown.is_cancelled() {
            let wait = match self.execute().await {
                // Hint or not, it is time to look then.
                Ok(Delivery::Nothing) => timeout(POLL, news.changed()).map(drop).left_future(),
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(error = chain(&error), "can't look for mails; trying again");
                    sleep(STORE_PAUSE).right_future()
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = wait => {}
            }
        }
    }

    /// Delivers the mail that has been due longest.
    pub async fn execute(&self) -> Result<Delivery, DeliverMailError> {
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let Some(mail) = work.next_due_mail(now).await? else { return Ok(Delivery::Nothing) };
        if mail.is_stale(now) {
            work.remove_mail(mail.id()).await?;
            work.commit().await?;
            MAILS.count([STALE]);
            warn_of_stale(&mail);
            return Ok(Delivery::Dropped);
        }
        let taken = mail.take(now, self.rules);
        work.put_mail(&taken).await?;
        work.commit().await?;

        let Some(letter) = letter(&taken) else { return self.remove(&taken, Delivery::Done).await };
        // What is logged has happened.
        let mail = taken.parts();
        let (id, content, attempts) = (mail.id.0, mail.content.name(), mail.attempts);
        match self.send(&letter).await {
            Ok(()) => {
                MAILS.count([SENT]);
                let delivery = self.remove(&taken, Delivery::Done).await?;
                tracing::info!(mail = %id, content, attempts, "mail sent");
                Ok(delivery)
            }
            Err(error @ MailerError::Refused { .. }) => {
                MAILS.count([REFUSED]);
                let delivery = self.remove(&taken, Delivery::Dropped).await?;
                tracing::warn!(mail = %id, content, attempts, error = chain(&error), "mail dropped");
                Ok(delivery)
            }
            Err(error) => {
                MAILS.count([POSTPONED]);
                let delivery = self.postpone(&taken, self.clock.now()).await?;
                tracing::warn!(mail = %id, content, attempts, error = chain(&error), "mail postponed");
                Ok(delivery)
            }
        }
    }

    async fn send(&self, letter: &Letter) -> Result<(), MailerError> {
        let sent = timeout(self.rules.patience, self.mailer.send(letter)).await;
        sent.unwrap_or_else(|elapsed| Err(MailerError::Unavailable { source: Box::new(elapsed) }))
    }

    async fn remove(&self, taken: &Mail, delivery: Delivery) -> Result<Delivery, DeliverMailError> {
        let mut work = self.transactions.begin().await?;
        // Even if another has taken it meanwhile: it is sent.
        work.remove_mail(taken.id()).await?;
        work.commit().await?;
        Ok(delivery)
    }

    async fn postpone(&self, taken: &Mail, now: Timestamp) -> Result<Delivery, DeliverMailError> {
        let mut work = self.transactions.begin().await?;
        if let Some(mail) = work.mail(taken.id()).await?.filter(|mail| mail.is_still(taken)) {
            work.put_mail(&mail.postpone(now, self.rules)).await?;
            work.commit().await?;
        }
        Ok(Delivery::Postponed)
    }
}

fn letter(mail: &Mail) -> Option<Letter> {
    let mail = mail.parts();
    Some(Letter {
        id: mail.id,
        recipient: mail.recipient.clone()?,
        content: mail.content.clone(),
        written_at: mail.created_at,
        useful_until: mail.useful_until,
    })
}

/// Mails to nobody are no loss.
fn warn_of_stale(mail: &Mail) {
    let mail = mail.parts();
    if mail.recipient.is_some() {
        let (id, content, attempts) = (mail.id.0, mail.content.name(), mail.attempts);
        tracing::warn!(mail = %id, content, attempts, "mail dropped: it is of no use any more");
    }
}
