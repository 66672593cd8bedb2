//! Creating a thing once, however often it is asked for.
//!
//! A use case that creates something takes an optional key with its input, and does three things more:
//!
//! 1. It says what is asked for: [whose key it is and what for](KeyUse), and what the input [hashes to](Fingerprint),
//!    without secrets.
//! 2. The unit of work that creates the thing begins with [`Idempotent::claim`], under the id that the thing will have.
//!    It ends at once if the key is [taken](Claim::Taken), and answers `None`.
//! 3. [`Idempotent::answer`] runs that, or reads back what was made before.
//!
//! ```ignore
//! let fingerprint = Fingerprint::default().text(Some(role.as_str())).finish();
//! let owner = KeyOwner::Account(caller.principal.user);
//! let used = key.map(|key| KeyUse { owner, operation: Operation::CreateRole, key });
//! let asked = Idempotent::new(used, fingerprint);
//! asked.answer(&*self.queries, self.insert(role, &asked), async |created| self.read_back(created).await).await
//! ```
//!
//! Of two requests at once, one creates and the other waits inside `claim`, finds the key taken and reads back. A
//! request that fails takes its claim with it when its unit is rolled back, so it may be sent again.

use lectern_domain::{
    idempotency::{Created, IdempotencyRecord, KeyReused, KeyUse},
    time::Timestamp,
    transcription::Sha256,
};
use sha2::Digest;

use crate::{
    error::use_case_error,
    ports::{Constraint, Queries, StoreError, Transactions, UnitOfWork},
};

/// Why a request that came with an idempotency key was refused.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// The key came with another request before.
    #[error(transparent)]
    Reused(#[from] KeyReused),
    /// The request was answered before, but what it made is gone since.
    #[error("what was made under this Idempotency-Key is gone; take a new key to make it anew")]
    Gone,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(IdempotencyError {
    Reused => Conflict, "idempotency_key_reused";
    Gone => Conflict, "idempotency_result_gone";
    ..Store
});

/// What a request asks for, as a hash: the parts of its input in a fixed order.
#[derive(Default)]
pub(crate) struct Fingerprint(sha2::Sha256);

impl Fingerprint {
    /// The next part, a text or none.
    pub(crate) fn text(self, text: Option<&str>) -> Self {
        self.part(text.map(str::as_bytes))
    }

    /// The next part. Each is hashed with its length, so that no two inputs are the same bytes.
    pub(crate) fn part(mut self, part: Option<&[u8]>) -> Self {
        match part {
            None => self.0.update([0]),
            Some(part) => {
                self.0.update([1]);
                self.0.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                self.0.update(part);
            }
        }
        self
    }

    /// The hash of all parts.
    pub(crate) fn finish(self) -> Sha256 {
        Sha256(self.0.finalize().into())
    }
}

/// Whether a key is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It is this request's, or there is none: go on.
    Ours,
    /// Another request was faster. The unit is of no use any more.
    Taken,
}

/// A request to create something, which may be sent again if it has a key.
pub(crate) struct Idempotent {
    used: Option<KeyUse>,
    fingerprint: Sha256,
}

impl Idempotent {
    /// A request under a key, and what its input hashes to. Without a key it creates each time.
    pub(crate) fn new(used: Option<KeyUse>, fingerprint: Sha256) -> Self {
        Self { used, fingerprint }
    }

    /// What `create` makes, unless the same request made it before: then what `read_back` finds of it. `create` answers
    /// `None` if its [claim](Self::claim) found the key taken, and isn't even begun if it was known to be.
    pub(crate) async fn answer<T, E: From<IdempotencyError>>(
        &self,
        queries: &dyn Queries,
        create: impl Future<Output = Result<Option<T>, E>>,
        read_back: impl AsyncFnOnce(Created) -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(created) = self.created_before(queries).await? {
            return read_back(created).await;
        }
        if let Some(made) = create.await? {
            return Ok(made);
        }
        match self.created_before(queries).await? {
            Some(created) => read_back(created).await,
            None => Err(IdempotencyError::from(key_conflict()).into()),
        }
    }

    async fn created_before(&self, queries: &dyn Queries) -> Result<Option<Created>, IdempotencyError> {
        let Some(used) = &self.used else { return Ok(None) };
        let record = queries.key_record(used).await?;
        Ok(record.map(|record| record.answer(self.fingerprint)).transpose()?)
    }

    /// Writes down that this request makes `created`. To be the first statement of the unit that makes it: whatever else
    /// both requests would clash on comes later.
    pub(crate) async fn claim(
        &self,
        work: &mut dyn UnitOfWork,
        created: Created,
        at: Timestamp,
    ) -> Result<Claim, StoreError> {
        let Some(used) = self.used.clone() else { return Ok(Claim::Ours) };
        let record = IdempotencyRecord { used, fingerprint: self.fingerprint, created, created_at: at };
        match work.insert_key(&record).await {
            Ok(()) => Ok(Claim::Ours),
            Err(StoreError::Conflict { constraint: Constraint::IdempotencyKey }) => Ok(Claim::Taken),
            Err(error) => Err(error),
        }
    }

    /// Forgets what the key was used for.
    pub(crate) async fn forget(&self, transactions: &dyn Transactions) -> Result<(), StoreError> {
        let Some(used) = &self.used else { return Ok(()) };
        let mut work = transactions.begin().await?;
        work.remove_key(used).await?;
        work.commit().await
    }
}

fn key_conflict() -> StoreError {
    StoreError::Conflict { constraint: Constraint::IdempotencyKey }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_inputs_have_the_same_fingerprint() {
        let inputs: [&[Option<&str>]; 7] = [
            &[],
            &[None],
            &[Some("")],
            &[Some("ab"), Some("c")],
            &[Some("a"), Some("bc")],
            &[Some("abc"), None],
            &[None, Some("abc")],
        ];
        let fingerprints = inputs
            .map(|parts| parts.iter().fold(Fingerprint::default(), |all, part| all.text(*part)).finish());
        for (index, fingerprint) in fingerprints.iter().enumerate() {
            assert_eq!(fingerprints.iter().position(|other| other == fingerprint), Some(index));
        }
    }
}
