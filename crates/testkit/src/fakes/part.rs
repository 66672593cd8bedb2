//! A part that a test takes away.

use std::sync::atomic::{AtomicBool, Ordering};

use lectern_application::ports::{Part, Reach};

use crate::clock::START;

/// A part called `spare`, in reach until it is taken away.
#[derive(Debug, Default)]
pub struct SparePart {
    is_away: AtomicBool,
}

impl SparePart {
    /// From now on it is out of reach.
    pub fn take_away(&self) {
        self.is_away.store(true, Ordering::SeqCst);
    }
}

impl Part for SparePart {
    fn name(&self) -> &'static str {
        "spare"
    }

    fn reach(&self) -> Reach {
        if self.is_away.load(Ordering::SeqCst) {
            Reach::OutOfReach { since: START }
        } else {
            Reach::InReach { since: START }
        }
    }
}
