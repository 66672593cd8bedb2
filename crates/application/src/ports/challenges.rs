//! Where challenges are kept.

use async_trait::async_trait;
use lectern_domain::{
    account::UserId,
    challenge::{AddressDigest, Challenge, ChallengeId, Purpose},
    time::Timestamp,
};

use super::StoreError;

/// Challenges: tokens that wait for their codes.
#[async_trait]
pub trait ChallengeStore {
    /// Adds a challenge.
    async fn insert_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError>;

    /// The challenge of that id, expired ones too. Like every row that was read, no other unit MUST change it before this
    /// one ends: else two wrong codes at once would count as one.
    async fn challenge(&mut self, id: ChallengeId) -> Result<Option<Challenge>, StoreError>;

    /// Saves a challenge's state. What it was made with never changes and need not be stored again.
    async fn save_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError>;

    /// The address's challenges for that purpose that have not expired, in whatever state. Until this unit ends, no other
    /// unit may get them too: else many at once would each find room for one more.
    async fn live_challenges(
        &mut self,
        purpose: Purpose,
        address: &AddressDigest,
        now: Timestamp,
    ) -> Result<Vec<Challenge>, StoreError>;

    /// Removes all of the account's challenges for that purpose.
    async fn remove_challenges(&mut self, account: UserId, purpose: Purpose) -> Result<(), StoreError>;

    /// Removes at most `limit` challenges that expired before `before`, and answers how many.
    async fn purge_challenges(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError>;
}
