//! Whatever refresh tokens are presented, in whatever order and at whatever times.

use std::time::Duration;

use lectern_domain::{
    account::UserId,
    session::{Device, EndReason, Generation, Presentation, RefreshRules, Session, SessionId},
    surface::Surface,
    time::Timestamp,
};
use proptest::prelude::*;
use uuid::Uuid;

const RULES: RefreshRules = RefreshRules {
    lifetime: Duration::from_hours(1),
    longest: Duration::from_hours(1000),
    grace: Duration::from_secs(30),
};

fn opened(by: Surface) -> Session {
    let (id, user) = (SessionId(Uuid::nil()), UserId(Uuid::nil()));
    Session::open(id, user, by, Device::default(), Timestamp::from_micros(0), RULES)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// At each step somebody waits and presents the token of some generation.
    #[test]
    fn a_session_has_one_chain_of_tokens_and_ends_for_good(
        steps in prop::collection::vec((0_u64..90, 0_u32..8), 1..60),
    ) {
        let mut session = opened(Surface::V1);
        let mut now = session.parts().created_at;
        for (wait, generation) in steps {
            now = now.plus(Duration::from_secs(wait));
            let before = session.clone();
            let presented = Generation(generation);
            match session.clone().present(presented, now, RULES) {
                Presentation::Rotated(next) => {
                    prop_assert_eq!(presented, before.generation(), "only the current one rotates");
                    prop_assert_eq!(next.generation().0, before.generation().0 + 1);
                    prop_assert_eq!(next.parts().rotated_at, now);
                    session = next;
                }
                Presentation::Repeated(same) => {
                    prop_assert_eq!(presented.0 + 1, before.generation().0, "only the parent is repeated");
                    prop_assert!(now.since(before.parts().rotated_at) < RULES.grace);
                    prop_assert_eq!(&same, &before, "and it changes nothing");
                }
                Presentation::Reused(ended) => {
                    prop_assert!(presented < before.generation());
                    prop_assert_eq!(ended.parts().ended, Some((now, EndReason::Reused)));
                    session = ended;
                }
                Presentation::Ended(reason) => prop_assert_eq!(before.parts().ended.map(|(_, r)| r), Some(reason)),
                Presentation::Expired => prop_assert!(now >= before.parts().expires_at),
                Presentation::Unknown => prop_assert!(presented > before.generation()),
            }
            if before.parts().ended.is_some() {
                prop_assert_eq!(&session, &before, "what has ended stays as it was");
                prop_assert!(!session.is_live(now));
            }
        }
    }

    #[test]
    fn a_static_session_answers_the_same_for_as_long_as_it_lives(
        waits in prop::collection::vec(0_u64..600, 1..20),
    ) {
        let session = opened(Surface::FastapiAuth);
        let mut now = session.parts().created_at;
        for wait in waits {
            now = now.plus(Duration::from_secs(wait));
            match session.clone().present(Generation::FIRST, now, RULES) {
                Presentation::Repeated(same) => prop_assert_eq!(&same, &session),
                Presentation::Expired => prop_assert!(now >= session.parts().expires_at),
                other => panic!("{other:?}"),
            }
        }
    }
}
