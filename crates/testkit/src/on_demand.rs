//! The error beneath the errors that tests ask for.

use std::fmt;

/// What went wrong, because a test asked for it.
#[derive(Debug)]
pub(crate) struct OnDemand(pub(crate) &'static str);

impl fmt::Display for OnDemand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, because the test asked for it", self.0)
    }
}

impl std::error::Error for OnDemand {}
