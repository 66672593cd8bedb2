//! Challenges, and the mails that tell their codes.

use async_trait::async_trait;
use lectern_application::ports::{ChallengeStore, MailStore, StoreError};
use lectern_domain::{
    account::UserId,
    challenge::{AddressDigest, Challenge, ChallengeId, Purpose},
    mail::{Mail, MailId},
    time::Timestamp,
};

use super::SqliteUnitOfWork;
use crate::statements::{challenges, mails};

#[async_trait]
impl ChallengeStore for SqliteUnitOfWork {
    async fn insert_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError> {
        let challenge = challenge.clone();
        self.call(move |connection| challenges::insert(connection, &challenge)).await
    }

    async fn challenge(&mut self, id: ChallengeId) -> Result<Option<Challenge>, StoreError> {
        self.call(move |connection| challenges::by_id(connection, id)).await
    }

    async fn save_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError> {
        let challenge = challenge.clone();
        self.call(move |connection| challenges::save(connection, &challenge)).await
    }

    async fn live_challenges(
        &mut self,
        purpose: Purpose,
        address: &AddressDigest,
        now: Timestamp,
    ) -> Result<Vec<Challenge>, StoreError> {
        let address = *address;
        self.call(move |connection| challenges::live(connection, purpose, &address, now)).await
    }

    async fn remove_challenges(&mut self, account: UserId, purpose: Purpose) -> Result<(), StoreError> {
        self.call(move |connection| challenges::remove(connection, account, purpose)).await
    }

    async fn purge_challenges(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.call(move |connection| challenges::purge(connection, before, limit)).await
    }
}

#[async_trait]
impl MailStore for SqliteUnitOfWork {
    async fn put_mail(&mut self, mail: &Mail) -> Result<(), StoreError> {
        let mail = mail.clone();
        self.call(move |connection| mails::put(connection, &mail)).await
    }

    async fn mail(&mut self, id: MailId) -> Result<Option<Mail>, StoreError> {
        self.call(move |connection| mails::by_id(connection, id)).await
    }

    async fn next_due_mail(&mut self, now: Timestamp) -> Result<Option<Mail>, StoreError> {
        self.call(move |connection| mails::next_due(connection, now)).await
    }

    async fn remove_mail(&mut self, id: MailId) -> Result<(), StoreError> {
        self.call(move |connection| mails::remove(connection, id)).await
    }
}
