//! A challenge's life: wrong codes, the right one, the end.

use std::time::Duration;

use super::{AddressDigest, ChallengeId, ChallengeToken, Code, CodeDigest};
use crate::{
    account::{EmailAddress, Standing, User, UserId},
    throttling::Network,
    time::Timestamp,
};

/// What a challenge is for. A token is good for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Replacing a password that was forgotten.
    PasswordReset,
    /// Showing that an address is the account's.
    EmailVerification,
}

/// How much a challenge allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChallengeRules {
    /// How long it lasts.
    pub lifetime: Duration,
    /// How many of an address's may live at a time.
    pub per_address: usize,
    /// How many of those may come from one network.
    pub per_network: usize,
}

impl Default for ChallengeRules {
    fn default() -> Self {
        Self { lifetime: Duration::from_mins(10), per_address: 10, per_network: 5 }
    }
}

impl ChallengeRules {
    /// Whether an address with these live challenges may have another, asked for from `network`.
    pub fn admit_another(&self, live: &[Challenge], network: Network) -> bool {
        let from_there = live.iter().filter(|challenge| challenge.0.network == network).count();
        live.len() < self.per_address && from_there < self.per_network
    }
}

/// How far a challenge has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeState {
    /// It waits for its code.
    Open {
        /// So many wrong ones came, less than [`Challenge::MAX_WRONG_CODES`].
        wrong_codes: u8,
    },
    /// Its code came.
    Confirmed {
        /// When.
        at: Timestamp,
    },
    /// Too many wrong codes came. It is kept, for it still counts among its address's.
    Exhausted,
}

/// Everything a challenge consists of, for stores.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described at the type of the same name")]
pub struct ChallengeParts {
    pub id: ChallengeId,
    pub purpose: Purpose,
    /// Whose it is. `None`: nobody's, because no account can be meant; no code is the right one then.
    pub account: Option<UserId>,
    /// The address that the code went to.
    pub address: AddressDigest,
    /// Where it was asked for.
    pub network: Network,
    pub code: CodeDigest,
    pub state: ChallengeState,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A token that waits for its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge(ChallengeParts);

/// What presenting a code leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// It is the right one: save the challenge, which is confirmed.
    Right(Challenge),
    /// It is a wrong one: save the challenge, which allows one less.
    Wrong(Challenge),
    /// No code helps any more. There is nothing to save.
    Refused,
}

impl Challenge {
    /// So many wrong codes end it.
    pub const MAX_WRONG_CODES: u8 = 5;

    /// A new challenge, with `account` if the address is one's that may take it.
    #[expect(clippy::too_many_arguments, reason = "they are the parts of a challenge, each of its own type")]
    pub fn new(
        purpose: Purpose,
        account: Option<UserId>,
        address: &EmailAddress,
        network: Network,
        token: &ChallengeToken,
        code: &Code,
        at: Timestamp,
        rules: ChallengeRules,
    ) -> Self {
        Self(ChallengeParts {
            id: token.challenge(),
            purpose,
            account,
            address: AddressDigest::of(address),
            network,
            code: CodeDigest::of(token, code),
            state: ChallengeState::Open { wrong_codes: 0 },
            created_at: at,
            expires_at: at.plus(rules.lifetime),
        })
    }

    /// The challenge that a store kept.
    pub fn from_parts(parts: ChallengeParts) -> Self {
        Self(parts)
    }

    /// All of it, to read.
    pub fn parts(&self) -> &ChallengeParts {
        &self.0
    }

    /// Somebody with its token presents a code. The right one may come again, as when the answer to the first was lost.
    pub fn attempt(self, token: &ChallengeToken, code: &Code, now: Timestamp) -> Attempt {
        if !self.is_for(token) || now >= self.0.expires_at {
            return Attempt::Refused;
        }
        // Digests of a secret may be compared at any speed: how far they agree says nothing about the code.
        let is_right = self.0.account.is_some() && self.0.code == CodeDigest::of(token, code);
        match (self.0.state, is_right) {
            (ChallengeState::Open { .. }, true) => {
                Attempt::Right(self.in_state(ChallengeState::Confirmed { at: now }))
            }
            (ChallengeState::Confirmed { .. }, true) => Attempt::Right(self),
            (ChallengeState::Open { wrong_codes }, false) => {
                let wrong_codes = wrong_codes.saturating_add(1);
                Attempt::Wrong(self.in_state(if wrong_codes < Self::MAX_WRONG_CODES {
                    ChallengeState::Open { wrong_codes }
                } else {
                    ChallengeState::Exhausted
                }))
            }
            (ChallengeState::Confirmed { .. }, false) | (ChallengeState::Exhausted, _) => Attempt::Refused,
        }
    }

    /// The account that its token now stands for: its code was confirmed, and it has not expired.
    pub fn confirmed_account(&self, token: &ChallengeToken, now: Timestamp) -> Option<UserId> {
        let is_confirmed = matches!(self.0.state, ChallengeState::Confirmed { .. });
        if is_confirmed && self.is_for(token) && now < self.0.expires_at { self.0.account } else { None }
    }

    /// Whether `user` may take it: the account that it was made for, usable, and still with that address.
    pub fn may_be_taken_by(&self, user: &User) -> bool {
        self.0.account == Some(user.id())
            && user.standing() == Standing::Active
            && user.parts().email.as_ref().map(AddressDigest::of) == Some(self.0.address)
    }

    fn is_for(&self, token: &ChallengeToken) -> bool {
        self.0.id == token.challenge()
    }

    fn in_state(self, state: ChallengeState) -> Self {
        Self(ChallengeParts { state, ..self.0 })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_micros(0).plus(Duration::from_secs(seconds))
    }

    fn token() -> ChallengeToken {
        ChallengeToken::new([1; 32])
    }

    fn code(digits: &str) -> Code {
        Code::parse(digits).unwrap()
    }

    fn made(account: Option<UserId>, network: Network) -> Challenge {
        let address = EmailAddress::parse("ada@example.org").unwrap();
        let purpose = Purpose::PasswordReset;
        let rules = ChallengeRules::default();
        Challenge::new(purpose, account, &address, network, &token(), &code("123456"), at(0), rules)
    }

    fn challenge() -> Challenge {
        made(Some(UserId(Uuid::nil())), Network::of(None))
    }

    /// The challenge after so many wrong codes.
    fn after_wrong(challenge: Challenge, count: u8) -> Challenge {
        (0..count).fold(challenge, |challenge, _| match challenge.attempt(&token(), &code("000000"), at(1)) {
            Attempt::Wrong(challenge) => challenge,
            other => panic!("{other:?}"),
        })
    }

    fn confirmed() -> Challenge {
        match challenge().attempt(&token(), &code("123456"), at(1)) {
            Attempt::Right(challenge) => challenge,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_token_stands_for_an_account_only_after_the_code_was_confirmed() {
        assert_eq!(challenge().confirmed_account(&token(), at(1)), None);
        assert_eq!(confirmed().confirmed_account(&token(), at(2)), Some(UserId(Uuid::nil())));
    }

    #[test]
    fn four_wrong_codes_leave_one_more_try() {
        let challenge = after_wrong(challenge(), 4);
        assert!(matches!(challenge.attempt(&token(), &code("123456"), at(1)), Attempt::Right(_)));
    }

    #[test]
    fn after_five_wrong_codes_not_even_the_right_one_helps() {
        let challenge = after_wrong(challenge(), 5);
        assert_eq!(challenge.parts().state, ChallengeState::Exhausted);
        assert_eq!(challenge.attempt(&token(), &code("123456"), at(1)), Attempt::Refused);
    }

    #[test]
    fn what_is_nobodys_is_never_confirmed_and_counts_all_the_same() {
        let challenge = made(None, Network::of(None));
        let Attempt::Wrong(challenge) = challenge.attempt(&token(), &code("123456"), at(1)) else {
            panic!("confirmed")
        };
        assert_eq!(challenge.parts().state, ChallengeState::Open { wrong_codes: 1 });
    }

    #[test]
    fn ten_minutes_are_over_at_the_tenth() {
        assert!(matches!(challenge().attempt(&token(), &code("123456"), at(599)), Attempt::Right(_)));
        assert_eq!(challenge().attempt(&token(), &code("123456"), at(600)), Attempt::Refused);
        assert_eq!(confirmed().confirmed_account(&token(), at(600)), None);
    }

    #[test]
    fn another_token_opens_nothing() {
        let other = ChallengeToken::new([2; 32]);
        assert_eq!(challenge().attempt(&other, &code("123456"), at(1)), Attempt::Refused);
        assert_eq!(confirmed().confirmed_account(&other, at(1)), None);
    }

    #[test]
    fn the_right_code_may_come_again_and_a_wrong_one_takes_nothing_back() {
        assert_eq!(confirmed().attempt(&token(), &code("123456"), at(9)), Attempt::Right(confirmed()));
        assert_eq!(confirmed().attempt(&token(), &code("000000"), at(9)), Attempt::Refused);
    }

    #[test]
    fn one_network_never_takes_all_of_an_addresss_challenges() {
        let rules = ChallengeRules::default();
        let [eve, ada] = ["203.0.113.7", "198.51.100.1"].map(|ip| Network::of(ip.parse().ok()));
        let live = vec![made(None, eve); rules.per_network];
        assert!(!rules.admit_another(&live, eve));
        assert!(rules.admit_another(&live, ada));
    }

    #[test]
    fn exhausted_challenges_still_count() {
        let rules = ChallengeRules::default();
        let live = vec![after_wrong(challenge(), 5); rules.per_network];
        assert!(!rules.admit_another(&live, Network::of(None)));
    }

    #[test]
    fn all_networks_together_are_bounded_too() {
        let rules = ChallengeRules::default();
        let network = |n: usize| Network::of(format!("192.0.2.{n}").parse().ok());
        let live: Vec<_> = (0..rules.per_address).map(|n| made(None, network(n))).collect();
        assert!(!rules.admit_another(&live, network(200)));
    }

    #[test]
    fn a_customers_ipv6_addresses_are_one_network() {
        let network = |ip: &str| Network::of(ip.parse().ok());
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:2:ffff::4"));
        assert_ne!(network("2001:db8:1:2::3"), network("2001:db8:1:3::3"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
