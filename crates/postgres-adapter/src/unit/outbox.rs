//! Challenges, and the mails that tell their codes.

use async_trait::async_trait;
use lectern_application::ports::{ChallengeStore, MailStore, StoreError};
use lectern_domain::{
    account::UserId,
    challenge::{AddressDigest, Challenge, ChallengeId, Purpose},
    mail::{Mail, MailId},
    time::Timestamp,
};

use super::PostgresUnitOfWork;
use crate::statements::{challenges, mails};

#[async_trait]
impl ChallengeStore for PostgresUnitOfWork {
    async fn insert_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError> {
        self.call(async |connection| challenges::insert(connection, challenge).await).await
    }

    async fn challenge(&mut self, id: ChallengeId) -> Result<Option<Challenge>, StoreError> {
        self.call(async |connection| challenges::by_id(connection, id).await).await
    }

    async fn save_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError> {
        self.call(async |connection| challenges::save(connection, challenge).await).await
    }

    async fn live_challenges(
        &mut self,
        purpose: Purpose,
        address: &AddressDigest,
        now: Timestamp,
    ) -> Result<Vec<Challenge>, StoreError> {
        self.call(async |connection| challenges::live(connection, purpose, address, now).await).await
    }

    async fn remove_challenges(&mut self, account: UserId, purpose: Purpose) -> Result<(), StoreError> {
        self.call(async |connection| challenges::remove(connection, account, purpose).await).await
    }

    async fn purge_challenges(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.call(async |connection| challenges::purge(connection, before, limit).await).await
    }
}

#[async_trait]
impl MailStore for PostgresUnitOfWork {
    async fn put_mail(&mut self, mail: &Mail) -> Result<(), StoreError> {
        self.call(async |connection| mails::put(connection, mail).await).await
    }

    async fn mail(&mut self, id: MailId) -> Result<Option<Mail>, StoreError> {
        self.call(async |connection| mails::by_id(connection, id).await).await
    }

    async fn next_due_mail(&mut self, now: Timestamp) -> Result<Option<Mail>, StoreError> {
        self.call(async |connection| mails::next_due(connection, now).await).await
    }

    async fn remove_mail(&mut self, id: MailId) -> Result<(), StoreError> {
        self.call(async |connection| mails::remove(connection, id).await).await
    }
}
