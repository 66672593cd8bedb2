//! The contract of [`Random`]. That bytes can't be guessed is no promise that a test could check; that they differ is.
#![expect(clippy::unused_async, reason = "one macro stamps all contracts, and most have to wait")]

use std::{any::Any, collections::HashSet, sync::Arc};

use lectern_application::ports::Random;

/// A source of random bytes.
pub struct RandomFixture {
    /// The source.
    pub random: Arc<dyn Random>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// Every byte is filled, however many there are.
pub async fn every_byte_is_filled(fixture: &RandomFixture) {
    for length in [1, 7, 8, 9, 32, 1000] {
        let mut seen = vec![0_u8; length];
        // A random byte is 0 now and then, but not thirty times in a row.
        for _ in 0..30 {
            let mut bytes = vec![0_u8; length];
            fixture.random.fill(&mut bytes).unwrap();
            seen.iter_mut().zip(bytes).for_each(|(seen, byte)| *seen |= byte);
        }
        assert!(seen.iter().all(|byte| *byte != 0), "{length}");
    }
}

/// Each call's bytes MUST be its own.
pub async fn no_two_calls_give_the_same(fixture: &RandomFixture) {
    let drawn = (0..1000).map(|_| {
        let mut bytes = [0; 16];
        fixture.random.fill(&mut bytes).unwrap();
        bytes
    });
    assert_eq!(drawn.collect::<HashSet<_>>().len(), 1000);
}

/// Stamps the contract of [`Random`] as tests.
///
/// Takes an async expression that makes a fresh [`RandomFixture`].
#[macro_export]
macro_rules! random_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; random:
            every_byte_is_filled,
            no_two_calls_give_the_same,
        );
    };
}
