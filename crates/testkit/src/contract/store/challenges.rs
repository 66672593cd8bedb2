//! Challenges: nothing about them is lost, least of all a wrong code.

use std::{net::IpAddr, time::Duration};

use futures::future::join_all;
use lectern_domain::{
    account::{EmailAddress, UserId},
    challenge::{
        AddressDigest, Attempt, Challenge, ChallengeId, ChallengeParts, ChallengeState, ChallengeToken, Code,
        CodeDigest, Purpose,
    },
    throttling::Network,
    time::Timestamp,
};

use super::StoreFixture;
use crate::{
    build::{at, fresh_id},
    contract::without_hanging,
};

const PRECISE: Timestamp = Timestamp::from_micros(1_767_225_600_123_457);

/// A token that no other call gets.
fn fresh_token() -> ChallengeToken {
    let [one, other] = [fresh_id(), fresh_id()].map(uuid::Uuid::into_bytes);
    ChallengeToken::new([one, other].concat().try_into().unwrap())
}

fn address(text: &str) -> AddressDigest {
    AddressDigest::of(&EmailAddress::parse(text).unwrap())
}

/// An open challenge of nobody, for resetting the password of `ada@example.org` until the 600th second.
fn parts(token: &ChallengeToken) -> ChallengeParts {
    ChallengeParts {
        id: token.challenge(),
        purpose: Purpose::PasswordReset,
        account: None,
        address: address("ada@example.org"),
        network: Network::of(None),
        code: CodeDigest::of(token, &Code::new([0; 8])),
        state: ChallengeState::Open { wrong_codes: 0 },
        created_at: at(0),
        expires_at: at(600),
    }
}

async fn insert(fixture: &StoreFixture, parts: ChallengeParts) -> Challenge {
    let challenge = Challenge::from_parts(parts);
    let mut work = fixture.unit().await;
    work.insert_challenge(&challenge).await.unwrap();
    work.commit().await.unwrap();
    challenge
}

async fn stored(fixture: &StoreFixture, id: ChallengeId) -> Option<Challenge> {
    fixture.unit().await.challenge(id).await.unwrap()
}

async fn purge(fixture: &StoreFixture, before: Timestamp, limit: u32) -> u32 {
    let mut work = fixture.unit().await;
    let purged = work.purge_challenges(before, limit).await.unwrap();
    work.commit().await.unwrap();
    purged
}

/// Every field of a challenge comes back, whatever it is for, whosever it is and however far it has come.
pub async fn every_field_of_a_challenge_comes_back(fixture: &StoreFixture) {
    let states = [
        ChallengeState::Open { wrong_codes: 0 },
        ChallengeState::Open { wrong_codes: Challenge::MAX_WRONG_CODES - 1 },
        ChallengeState::Confirmed { at: PRECISE },
        ChallengeState::Exhausted,
    ];
    let networks = [None, Some("203.0.113.7"), Some("2001:db8:1:2::")]
        .map(|ip| Network::of(ip.map(|ip| ip.parse::<IpAddr>().unwrap())));
    let accounts = [None, Some(fixture.account().await)];
    for (n, state) in states.into_iter().enumerate() {
        for purpose in [Purpose::PasswordReset, Purpose::EmailVerification] {
            let (network, account) = (networks[n % networks.len()], accounts[n % accounts.len()]);
            let (created_at, expires_at) = (PRECISE, PRECISE.plus(Duration::from_micros(1)));
            let parts = parts(&fresh_token());
            let parts = ChallengeParts { purpose, account, network, state, created_at, expires_at, ..parts };
            let challenge = insert(fixture, parts).await;
            assert_eq!(stored(fixture, challenge.parts().id).await, Some(challenge));
        }
    }
}

/// An id that no challenge has is no error.
pub async fn an_unknown_challenge_is_none(fixture: &StoreFixture) {
    assert_eq!(stored(fixture, fresh_token().challenge()).await, None);
}

/// What a challenge was made with stays; its state is saved; others are left alone.
pub async fn saving_a_challenge_changes_its_state(fixture: &StoreFixture) {
    let other = insert(fixture, parts(&fresh_token())).await;
    let challenge = insert(fixture, parts(&fresh_token())).await;
    for state in [
        ChallengeState::Open { wrong_codes: 3 },
        ChallengeState::Confirmed { at: PRECISE },
        ChallengeState::Exhausted,
    ] {
        let saved = Challenge::from_parts(ChallengeParts { state, ..challenge.parts().clone() });
        let mut work = fixture.unit().await;
        work.save_challenge(&saved).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(stored(fixture, saved.parts().id).await, Some(saved));
    }
    assert_eq!(stored(fixture, other.parts().id).await, Some(other));
}

/// Wrong codes at once count as often as they come: nobody gets more tries by being quick.
pub async fn no_wrong_code_is_lost_between_units(fixture: &StoreFixture) {
    let id = insert(fixture, parts(&fresh_token())).await.parts().id;
    // A token can't be used twice from several tasks, but its bytes can.
    let token = [7; 32];
    let known = ChallengeParts { id: ChallengeToken::new(token).challenge(), ..parts(&fresh_token()) };
    let attacked = insert(fixture, known).await.parts().id;
    let units = (0..100).map(|_| {
        let transactions = fixture.transactions.clone();
        tokio::spawn(async move {
            let mut work = transactions.begin().await.unwrap();
            let challenge = work.challenge(attacked).await.unwrap().unwrap();
            let code = Code::parse("999999").unwrap();
            match challenge.attempt(&ChallengeToken::new(token), &code, at(1)) {
                Attempt::Wrong(challenge) => {
                    work.save_challenge(&challenge).await.unwrap();
                    work.commit().await.unwrap();
                    1
                }
                _ => 0,
            }
        })
    });
    let counted = without_hanging(join_all(units)).await.into_iter().map(Result::unwrap).sum::<u8>();
    assert_eq!(counted, Challenge::MAX_WRONG_CODES);
    let state = async |id| stored(fixture, id).await.unwrap().parts().state;
    assert_eq!(state(attacked).await, ChallengeState::Exhausted);
    assert_eq!(state(id).await, ChallengeState::Open { wrong_codes: 0 });
}

/// Of many units that look at an address's challenges before they add one, each sees what those before it added.
pub async fn concurrent_units_see_each_others_challenges(fixture: &StoreFixture) {
    let ada = address("ada@example.org");
    let units = (0..20_u8).map(|_| {
        let transactions = fixture.transactions.clone();
        let challenge = Challenge::from_parts(parts(&fresh_token()));
        tokio::spawn(async move {
            let mut work = transactions.begin().await.unwrap();
            let live = work.live_challenges(Purpose::PasswordReset, &ada, at(1)).await.unwrap();
            if live.len() < 3 {
                work.insert_challenge(&challenge).await.unwrap();
            }
            work.commit().await.unwrap();
        })
    });
    without_hanging(join_all(units)).await.into_iter().for_each(|done| done.unwrap());
    let live = fixture.unit().await.live_challenges(Purpose::PasswordReset, &ada, at(1)).await.unwrap();
    assert_eq!(live.len(), 3);
}

/// Live are those of that address and purpose, in whatever state, up to the moment at which they expire.
pub async fn live_challenges_are_an_addresss_for_a_purpose(fixture: &StoreFixture) {
    let open = insert(fixture, parts(&fresh_token())).await;
    let exhausted = ChallengeParts { state: ChallengeState::Exhausted, ..parts(&fresh_token()) };
    let exhausted = insert(fixture, exhausted).await;
    let expires_at = at(100);
    insert(fixture, ChallengeParts { expires_at, ..parts(&fresh_token()) }).await;
    let purpose = Purpose::EmailVerification;
    insert(fixture, ChallengeParts { purpose, ..parts(&fresh_token()) }).await;
    let address = address("eve@example.org");
    insert(fixture, ChallengeParts { address, ..parts(&fresh_token()) }).await;

    let ids = |live: Vec<Challenge>| {
        let mut ids: Vec<_> = live.iter().map(|challenge| challenge.parts().id).collect();
        ids.sort_unstable();
        ids
    };
    let mut work = fixture.unit().await;
    let ada = open.parts().address;
    let live = work.live_challenges(Purpose::PasswordReset, &ada, at(100)).await.unwrap();
    assert_eq!(ids(live), ids(vec![open, exhausted]));
    let earlier = work.live_challenges(Purpose::PasswordReset, &ada, at(99)).await.unwrap();
    assert_eq!(earlier.len(), 3);
    assert!(work.live_challenges(Purpose::PasswordReset, &ada, at(600)).await.unwrap().is_empty());
}

/// All of an account's challenges for a purpose go, and no others.
pub async fn removing_an_accounts_challenges_spares_all_others(fixture: &StoreFixture) {
    let (ada, eve) = (fixture.account().await, fixture.account().await);
    let mut made = Vec::new();
    for (account, purpose) in [
        (Some(ada), Purpose::PasswordReset),
        (Some(ada), Purpose::PasswordReset),
        (Some(ada), Purpose::EmailVerification),
        (Some(eve), Purpose::PasswordReset),
        (None::<UserId>, Purpose::PasswordReset),
    ] {
        let parts = ChallengeParts { account, purpose, ..parts(&fresh_token()) };
        made.push(insert(fixture, parts).await.parts().id);
    }
    let mut work = fixture.unit().await;
    work.remove_challenges(ada, Purpose::PasswordReset).await.unwrap();
    work.commit().await.unwrap();
    let mut left = Vec::new();
    for id in made {
        left.push(stored(fixture, id).await.is_some());
    }
    assert_eq!(left, [false, false, true, true, true]);
}

/// Challenges that expired before the cut-off are purged, those of that very moment are not.
pub async fn purging_challenges_spares_the_cut_off(fixture: &StoreFixture) {
    for expires_at in [at(50).minus(Duration::from_micros(1)), at(50), at(51)] {
        insert(fixture, ChallengeParts { expires_at, ..parts(&fresh_token()) }).await;
    }
    assert_eq!(purge(fixture, at(50), 10).await, 1);
    assert_eq!(purge(fixture, at(52), 10).await, 2);
}

/// At most `limit` go at once, and the answer says how many went.
pub async fn purging_challenges_keeps_to_its_limit(fixture: &StoreFixture) {
    for _ in 0..5 {
        insert(fixture, parts(&fresh_token())).await;
    }
    assert_eq!(purge(fixture, at(700), 3).await, 3);
    assert_eq!(purge(fixture, at(700), 3).await, 2);
    assert_eq!(purge(fixture, at(700), 3).await, 0);
}
