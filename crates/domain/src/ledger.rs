//! Balances: integer units, never below zero, and an entry for every change. A balance is the sum of its entries.

use std::num::NonZeroI64;

use uuid::Uuid;

use crate::{
    account::{User, UserId},
    idempotency::{IdempotencyKey, KeyReused},
    text::bounded_text,
    time::Timestamp,
};

bounded_text!(
    /// Why a balance was changed, in the words of whoever did it.
    Reason, 200
);

impl Reason {
    /// What stands where holders changed the balance of their own account.
    pub fn own_change() -> Self {
        Self("changed by its holder".to_owned())
    }
}

/// A ledger entry's id, a UUIDv7 made by the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LedgerEntryId(pub Uuid);

/// A change of a balance that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// The id that its entry is to have.
    pub id: LedgerEntryId,
    /// How much to add, or to take if it is negative, in integer units.
    pub amount: NonZeroI64,
    /// Why.
    pub reason: Reason,
    /// Who does it.
    pub actor: UserId,
    /// Under which key it can be asked for again without being done again.
    pub idempotency_key: Option<IdempotencyKey>,
    /// When.
    pub at: Timestamp,
}

/// Why a balance can't be changed by so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BalanceError {
    /// More is to be taken than there is.
    #[error("the balance is {balance}, and can't be changed by {amount}: it is never below zero")]
    Insufficient {
        /// What there is.
        balance: i64,
        /// What was to be added, a negative number.
        amount: NonZeroI64,
    },
    /// It would come to more than can be counted.
    #[error("the balance is {balance}, and can't be changed by {amount}: it is never above {}", i64::MAX)]
    Overflow {
        /// What there is.
        balance: i64,
        /// What was to be added.
        amount: NonZeroI64,
    },
}

impl User {
    /// Changes the balance, and answers the account with the entry that says so: neither is to be stored without the
    /// other. Nobody's rights change, so no epoch does.
    pub fn adjust_balance(self, adjustment: Adjustment) -> Result<(Self, LedgerEntry), BalanceError> {
        let Adjustment { id, amount, reason, actor, idempotency_key, at } = adjustment;
        let balance = self.parts().balance;
        let balance_after =
            balance.checked_add(amount.get()).ok_or(BalanceError::Overflow { balance, amount })?;
        if balance_after < 0 {
            return Err(BalanceError::Insufficient { balance, amount });
        }
        let user = self.id();
        let parts = LedgerEntryParts {
            id,
            user,
            amount,
            balance_after,
            reason,
            actor,
            idempotency_key,
            created_at: at,
        };
        Ok((self.with_balance(balance_after, at), LedgerEntry(parts)))
    }
}

/// Everything a ledger entry consists of, for stores and views. Only a [`LedgerEntry`] is known to be possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntryParts {
    /// Its id.
    pub id: LedgerEntryId,
    /// Whose balance it changed.
    pub user: UserId,
    /// By how much, in integer units.
    pub amount: NonZeroI64,
    /// What it came to.
    pub balance_after: i64,
    /// Why.
    pub reason: Reason,
    /// Who did it.
    pub actor: UserId,
    /// Under which key it was asked for.
    pub idempotency_key: Option<IdempotencyKey>,
    /// When.
    pub created_at: Timestamp,
}

/// The balance before or after an entry is below zero, or more than can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no balance can change like this")]
pub struct ImpossibleEntry;

/// One change of a balance. Entries are never changed and never removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry(LedgerEntryParts);

impl LedgerEntry {
    /// Checks that the balances before and after it are possible.
    pub fn from_parts(parts: LedgerEntryParts) -> Result<Self, ImpossibleEntry> {
        let before = parts.balance_after.checked_sub(parts.amount.get()).ok_or(ImpossibleEntry)?;
        if before < 0 || parts.balance_after < 0 { Err(ImpossibleEntry) } else { Ok(Self(parts)) }
    }

    /// All of it, to read.
    pub fn parts(&self) -> &LedgerEntryParts {
        &self.0
    }

    /// Its id.
    pub fn id(&self) -> LedgerEntryId {
        self.0.id
    }

    /// This entry as the answer to another request under its key, if that asks for the same. It does not matter who
    /// asks: a key names one change of one balance, and nobody makes it twice.
    pub fn again(self, amount: NonZeroI64, reason: &Reason) -> Result<Self, KeyReused> {
        if self.0.amount == amount && self.0.reason == *reason { Ok(self) } else { Err(KeyReused) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::RoleName,
        account::{NewUser, PasswordHash, UserNumber, UserParts, Username},
    };

    const AT: Timestamp = Timestamp::from_micros(7);

    fn user(balance: i64) -> User {
        let new = NewUser {
            id: UserId(Uuid::nil()),
            username: Username::parse("ada").ok(),
            email: None,
            first_name: None,
            last_name: None,
            password_hash: PasswordHash::new("hash".to_owned()),
            role: RoleName::USER,
            can_interact: true,
            created_at: Timestamp::from_micros(1),
        };
        let user = new.numbered(UserNumber(1)).unwrap();
        User::from_parts(UserParts { balance, ..user.parts().clone() }).unwrap()
    }

    fn by(amount: i64) -> Adjustment {
        Adjustment {
            id: LedgerEntryId(Uuid::from_u128(1)),
            amount: NonZeroI64::new(amount).unwrap(),
            reason: Reason::parse("prize").unwrap(),
            actor: UserId(Uuid::from_u128(2)),
            idempotency_key: None,
            at: AT,
        }
    }

    #[test]
    fn an_entry_says_what_the_balance_came_to() {
        let (user, entry) = user(10).adjust_balance(by(-10)).unwrap();
        assert_eq!((user.parts().balance, user.parts().updated_at), (0, AT));
        assert_eq!((entry.parts().balance_after, entry.parts().user), (0, user.id()));
    }

    #[test]
    fn a_changed_balance_signs_nobody_out() {
        let (changed, _) = user(0).adjust_balance(by(1)).unwrap();
        assert_eq!(changed.parts().epoch, user(0).parts().epoch);
    }

    #[test]
    fn a_balance_never_goes_below_zero() {
        for (balance, amount) in [(0, -1), (10, -11), (0, i64::MIN), (i64::MAX, i64::MIN)] {
            let amount = by(amount);
            let expected = BalanceError::Insufficient { balance, amount: amount.amount };
            assert_eq!(user(balance).adjust_balance(amount), Err(expected));
        }
    }

    #[test]
    fn a_balance_never_overflows() {
        for (balance, amount) in [(1, i64::MAX), (i64::MAX, 1), (i64::MAX, i64::MAX)] {
            let amount = by(amount);
            let expected = BalanceError::Overflow { balance, amount: amount.amount };
            assert_eq!(user(balance).adjust_balance(amount), Err(expected));
        }
    }

    #[test]
    fn a_balance_goes_from_nothing_to_everything_and_back() {
        let (full, _) = user(0).adjust_balance(by(i64::MAX)).unwrap();
        let (empty, _) = full.adjust_balance(by(-i64::MAX)).unwrap();
        assert_eq!(empty.parts().balance, 0);
    }

    #[test]
    fn impossible_entries_are_refused() {
        let (_, entry) = user(0).adjust_balance(by(5)).unwrap();
        for (amount, balance_after) in [(5, -1), (5, 4), (-1, -1), (-1, i64::MAX), (i64::MIN, 0)] {
            let amount = NonZeroI64::new(amount).unwrap();
            let parts = LedgerEntryParts { amount, balance_after, ..entry.parts().clone() };
            assert_eq!(LedgerEntry::from_parts(parts), Err(ImpossibleEntry), "{amount}, {balance_after}");
        }
        assert_eq!(LedgerEntry::from_parts(entry.parts().clone()), Ok(entry));
    }

    #[test]
    fn another_amount_or_reason_is_another_request() {
        let (_, entry) = user(0).adjust_balance(by(5)).unwrap();
        let (amount, reason) = (entry.parts().amount, entry.parts().reason.clone());
        assert_eq!(entry.clone().again(amount, &reason), Ok(entry.clone()));
        assert_eq!(entry.clone().again(by(6).amount, &reason), Err(KeyReused));
        assert_eq!(entry.again(amount, &Reason::parse("Prize").unwrap()), Err(KeyReused));
    }

    #[test]
    fn the_reason_of_ones_own_change_is_a_reason() {
        let own = Reason::own_change();
        assert_eq!(Reason::parse(&own.to_string()), Ok(own));
    }

    #[test]
    fn a_reason_is_a_text_of_at_most_200_characters() {
        assert!(Reason::parse(&"é".repeat(200)).is_ok());
        for wrong in ["", " \u{a0} ", &"é".repeat(201), "one\ntwo", "nul\0", &"x".repeat(1_000_000)] {
            assert!(Reason::parse(wrong).is_err(), "{} characters", wrong.chars().count());
        }
    }
}
