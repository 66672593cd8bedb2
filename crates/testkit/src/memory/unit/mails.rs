//! The outbox.

use async_trait::async_trait;
use lectern_application::ports::{MailStore, StoreError};
use lectern_domain::{
    mail::{Mail, MailId},
    time::Timestamp,
};

use super::MemoryUnitOfWork;

#[async_trait]
impl MailStore for MemoryUnitOfWork {
    async fn put_mail(&mut self, mail: &Mail) -> Result<(), StoreError> {
        self.call(|tables| {
            tables.mails.insert(mail.id(), mail.clone());
            Ok(())
        })
    }

    async fn mail(&mut self, id: MailId) -> Result<Option<Mail>, StoreError> {
        self.read(|tables| tables.mails.get(&id).cloned())
    }

    async fn next_due_mail(&mut self, now: Timestamp) -> Result<Option<Mail>, StoreError> {
        self.read(|tables| {
            let due = tables.mails.values().filter(|mail| mail.is_due(now));
            due.min_by_key(|mail| (mail.parts().not_before, mail.id())).cloned()
        })
    }

    async fn remove_mail(&mut self, id: MailId) -> Result<(), StoreError> {
        self.call(|tables| {
            tables.mails.remove(&id);
            Ok(())
        })
    }
}
