//! Challenges.

use diesel::{
    pg::Pg,
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
};
use lectern_application::ports::StoreError;
use lectern_domain::{
    account::UserId,
    challenge::{AddressDigest, Challenge, ChallengeId, ChallengeParts, ChallengeState, CodeDigest, Purpose},
    throttling::Network,
};

use uuid::Uuid;

use super::{At, Row};
use crate::schema::challenges;

#[derive(Queryable, Selectable)]
#[diesel(table_name = challenges, check_for_backend(Pg))]
pub(crate) struct ChallengeRow {
    id: Vec<u8>,
    purpose: String,
    user_id: Option<Uuid>,
    address: Vec<u8>,
    network: Option<String>,
    code: Vec<u8>,
    wrong_codes: i64,
    confirmed_at: Option<At>,
    created_at: At,
    expires_at: At,
}

impl TryFrom<ChallengeRow> for Challenge {
    type Error = StoreError;

    fn try_from(row: ChallengeRow) -> Result<Self, StoreError> {
        // When it was made tells enough: the id is the digest of a secret.
        let cells = Row { table: "challenges", key: &row.created_at.0.as_micros() };
        let wrong_codes = cells.valid("wrong_codes", u8::try_from(row.wrong_codes).ok())?;
        let state = match row.confirmed_at {
            Some(at) => ChallengeState::Confirmed { at: at.0 },
            None if wrong_codes < Self::MAX_WRONG_CODES => ChallengeState::Open { wrong_codes },
            None => ChallengeState::Exhausted,
        };
        Ok(Self::from_parts(ChallengeParts {
            id: ChallengeId(cells.valid("id", row.id.try_into().ok())?),
            purpose: cells.valid("purpose", purpose(&row.purpose))?,
            account: row.user_id.map(UserId),
            address: AddressDigest(cells.valid("address", row.address.try_into().ok())?),
            network: Network::of(cells.optional("network", row.network, |text| text.parse().ok())?),
            code: CodeDigest(cells.valid("code", row.code.try_into().ok())?),
            state,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
        }))
    }
}

/// A whole challenge.
#[derive(Insertable)]
#[diesel(table_name = challenges)]
pub(crate) struct ChallengeValues<'a> {
    id: &'a [u8],
    purpose: &'static str,
    user_id: Option<Uuid>,
    address: &'a [u8],
    network: Option<String>,
    code: &'a [u8],
    wrong_codes: i64,
    confirmed_at: Option<At>,
    created_at: At,
    expires_at: At,
}

impl<'a> From<&'a Challenge> for ChallengeValues<'a> {
    fn from(challenge: &'a Challenge) -> Self {
        let ChallengeProgress { wrong_codes, confirmed_at } = challenge.into();
        let challenge = challenge.parts();
        Self {
            id: &challenge.id.0,
            purpose: purpose_name(challenge.purpose),
            user_id: challenge.account.map(|id| id.0),
            address: &challenge.address.0,
            network: challenge.network.first_address().map(|address| address.to_string()),
            code: &challenge.code.0,
            wrong_codes,
            confirmed_at,
            created_at: At(challenge.created_at),
            expires_at: At(challenge.expires_at),
        }
    }
}

/// What changes in a challenge.
#[derive(AsChangeset)]
#[diesel(table_name = challenges, treat_none_as_null = true)]
pub(crate) struct ChallengeProgress {
    wrong_codes: i64,
    confirmed_at: Option<At>,
}

impl From<&Challenge> for ChallengeProgress {
    fn from(challenge: &Challenge) -> Self {
        let (wrong_codes, confirmed_at) = match challenge.parts().state {
            ChallengeState::Open { wrong_codes } => (wrong_codes, None),
            ChallengeState::Confirmed { at } => (0, Some(At(at))),
            ChallengeState::Exhausted => (Challenge::MAX_WRONG_CODES, None),
        };
        Self { wrong_codes: wrong_codes.into(), confirmed_at }
    }
}

/// What a purpose is called in the table.
pub(crate) const fn purpose_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::PasswordReset => "password_reset",
        Purpose::EmailVerification => "email_verification",
    }
}

fn purpose(name: &str) -> Option<Purpose> {
    [Purpose::PasswordReset, Purpose::EmailVerification]
        .into_iter()
        .find(|purpose| purpose_name(*purpose) == name)
}
