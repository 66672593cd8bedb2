//! Whatever is added to a balance and taken from it, in whatever order.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::num::NonZeroI64;

use lectern_domain::{
    access::RoleName,
    account::{NewUser, PasswordHash, User, UserId, UserNumber, Username},
    ledger::{Adjustment, BalanceError, LedgerEntryId, Reason},
    time::Timestamp,
};
use proptest::prelude::*;
use uuid::Uuid;

fn user() -> User {
    let new = NewUser {
        id: UserId(Uuid::nil()),
        username: Username::parse("ada").ok(),
        email: None,
        first_name: None,
        last_name: None,
        password_hash: PasswordHash::new("hash".to_owned()),
        role: RoleName::USER,
        can_interact: true,
        created_at: Timestamp::from_micros(0),
    };
    new.numbered(UserNumber(1)).unwrap()
}

fn adjustment(amount: NonZeroI64) -> Adjustment {
    Adjustment {
        id: LedgerEntryId(Uuid::nil()),
        amount,
        reason: Reason::parse("because").unwrap(),
        actor: UserId(Uuid::nil()),
        idempotency_key: None,
        at: Timestamp::from_micros(0),
    }
}

/// Small amounts, which come and go, and those at the edge of what can be counted.
fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -100_i64..100, 1 => any::<i64>(), 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_balance_is_the_sum_of_its_entries(amounts in prop::collection::vec(amounts(), 0..60)) {
        let mut user = user();
        let mut sum = 0_i128;
        for amount in amounts.into_iter().filter_map(NonZeroI64::new) {
            let wanted = sum + i128::from(amount.get());
            match user.clone().adjust_balance(adjustment(amount)) {
                Ok((changed, entry)) => {
                    prop_assert_eq!(i128::from(entry.parts().balance_after), wanted);
                    sum = wanted;
                    user = changed;
                }
                Err(BalanceError::Insufficient { .. }) => prop_assert!(wanted < 0),
                Err(BalanceError::Overflow { .. }) => prop_assert!(wanted > i128::from(i64::MAX)),
            }
            prop_assert_eq!(i128::from(user.parts().balance), sum, "a refusal changes nothing");
            prop_assert!(user.parts().balance >= 0);
        }
    }
}
