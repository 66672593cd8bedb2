//! Randomness that anybody can guess.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use lectern_application::ports::{NoRandomBytes, Random};

/// Bytes that are the same in every run, and others for each call.
#[derive(Debug, Default)]
pub struct CountingRandom {
    calls: AtomicU64,
    exhausted: AtomicBool,
}

impl CountingRandom {
    /// From now on every call answers [`NoRandomBytes`].
    pub fn exhaust(&self) {
        self.exhausted.store(true, Ordering::SeqCst);
    }
}

impl Random for CountingRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomBytes> {
        if self.exhausted.load(Ordering::SeqCst) {
            return Err(NoRandomBytes);
        }
        // SplitMix64 (Steele, Lea, Flood 2014), seeded with the number of the call.
        let mut state = self.calls.fetch_add(1, Ordering::SeqCst) << 32;
        for piece in bytes.chunks_mut(8) {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let mixed = (mixed ^ (mixed >> 31)).to_le_bytes();
            piece.copy_from_slice(mixed.get(..piece.len()).unwrap());
        }
        Ok(())
    }
}
