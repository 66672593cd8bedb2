//! What a key was used for.

use super::IdempotencyKey;
use crate::{
    access::RoleName,
    account::UserId,
    time::Timestamp,
    transcription::{Sha256, TranscriptionId},
};

/// Whose key it is. The same text is another key for everybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyOwner {
    /// Whoever is not signed in. All of them share their keys: one that another guesses tells nothing and gets nothing
    /// without everything else that the first request said.
    Anybody,
    /// The account that sent the request.
    Account(UserId),
}

/// What a key is used for. The same text is another key for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Making an account for oneself.
    Register,
    /// Making an account for somebody else.
    CreateUser,
    /// Making a role.
    CreateRole,
    /// Uploading a recording.
    CreateTranscription,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Register, Self::CreateUser, Self::CreateRole, Self::CreateTranscription];

    /// The name under which it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::CreateUser => "create_user",
            Self::CreateRole => "create_role",
            Self::CreateTranscription => "create_transcription",
        }
    }
}

/// A key in the hands of somebody, for something: what is unique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyUse {
    /// Whose.
    pub owner: KeyOwner,
    /// What for.
    pub operation: Operation,
    /// The key.
    pub key: IdempotencyKey,
}

/// What a request made, by what it is found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// An account.
    Account(UserId),
    /// A role.
    Role(RoleName),
    /// A transcription.
    Transcription(TranscriptionId),
}

/// The first request that came with a key, and what it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// The key, whose it is and what for.
    pub used: KeyUse,
    /// What the request's input hashes to. No secret is part of it: a fast hash of a password can be guessed.
    pub fingerprint: Sha256,
    /// What was made.
    pub created: Created,
    /// When.
    pub created_at: Timestamp,
}

/// A key came again with another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this Idempotency-Key was used for another request; take a new key for each request")]
pub struct KeyReused;

impl IdempotencyRecord {
    /// What a request whose input hashes to `fingerprint` made, if it is the one that was recorded.
    pub fn answer(self, fingerprint: Sha256) -> Result<Created, KeyReused> {
        if self.fingerprint == fingerprint { Ok(self.created) } else { Err(KeyReused) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_the_same_request_gets_what_the_first_one_made() {
        let record = IdempotencyRecord {
            used: KeyUse {
                owner: KeyOwner::Anybody,
                operation: Operation::Register,
                key: IdempotencyKey::parse("k").unwrap(),
            },
            fingerprint: Sha256([1; 32]),
            created: Created::Account(UserId(Uuid::nil())),
            created_at: Timestamp::from_micros(0),
        };
        assert_eq!(record.clone().answer(Sha256([1; 32])), Ok(record.created.clone()));
        assert_eq!(record.answer(Sha256([2; 32])), Err(KeyReused));
    }
}
