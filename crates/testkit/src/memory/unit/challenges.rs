//! Challenges.

use async_trait::async_trait;
use lectern_application::ports::{ChallengeStore, StoreError};
use lectern_domain::{
    account::UserId,
    challenge::{AddressDigest, Challenge, ChallengeId, ChallengeParts, Purpose},
    time::Timestamp,
};

use super::MemoryUnitOfWork;
use crate::memory::tables::{Tables, no_such_row};

#[async_trait]
impl ChallengeStore for MemoryUnitOfWork {
    async fn insert_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError> {
        self.call(|tables| {
            let parts = challenge.parts();
            Tables::check_new(&tables.challenges, &parts.id, "challenges.id")?;
            if let Some(account) = &parts.account {
                Tables::check_reference(&tables.users, account, "challenges.user_id")?;
            }
            tables.challenges.insert(parts.id, challenge.clone());
            Ok(())
        })
    }

    async fn challenge(&mut self, id: ChallengeId) -> Result<Option<Challenge>, StoreError> {
        self.read(|tables| tables.challenges.get(&id).cloned())
    }

    async fn save_challenge(&mut self, challenge: &Challenge) -> Result<(), StoreError> {
        self.call(|tables| {
            let ChallengeParts { id, state, .. } = challenge.parts();
            let row = tables.challenges.get_mut(id).ok_or_else(|| no_such_row("challenges"))?;
            *row = Challenge::from_parts(ChallengeParts { state: *state, ..row.parts().clone() });
            Ok(())
        })
    }

    async fn live_challenges(
        &mut self,
        purpose: Purpose,
        address: &AddressDigest,
        now: Timestamp,
    ) -> Result<Vec<Challenge>, StoreError> {
        self.read(|tables| {
            let live = tables.challenges.values().filter(|challenge| {
                let parts = challenge.parts();
                parts.purpose == purpose && parts.address == *address && now < parts.expires_at
            });
            live.cloned().collect()
        })
    }

    async fn remove_challenges(&mut self, account: UserId, purpose: Purpose) -> Result<(), StoreError> {
        self.call(|tables| {
            tables.challenges.retain(|_, challenge| {
                let parts = challenge.parts();
                parts.account != Some(account) || parts.purpose != purpose
            });
            Ok(())
        })
    }

    async fn purge_challenges(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.purge(limit, |tables, limit| {
            let expired =
                tables.challenges.values().filter(|challenge| challenge.parts().expires_at < before);
            let purged: Vec<_> = expired.map(|challenge| challenge.parts().id).take(limit).collect();
            for id in &purged {
                tables.challenges.remove(id);
            }
            purged.len()
        })
    }
}
