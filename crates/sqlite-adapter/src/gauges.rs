//! How many connections there are, and who has them.

use deadpool::Status;
use lectern_application::metrics::catalogue::{
    CONNECTIONS, CONNECTIONS_AWAITED, CONNECTIONS_MAX, IDLE, IN_USE,
};

/// Sets the gauges of a pool.
pub(crate) fn measure(pool: &'static str, of: &Status) {
    CONNECTIONS.set_count([pool, IN_USE], of.size.saturating_sub(of.available));
    CONNECTIONS.set_count([pool, IDLE], of.available);
    CONNECTIONS_MAX.set_count([pool], of.max_size);
    CONNECTIONS_AWAITED.set_count([pool], of.waiting);
}
