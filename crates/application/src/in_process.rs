//! Ports that need nothing but this process.

mod duties;
mod events;
mod failure_limiter;
mod forgetful;
mod gates;
mod rate_limiter;
mod session_cache;
mod throttle;

pub use duties::LocalDuties;
pub use events::LocalEventBus;
pub use failure_limiter::LocalFailureLimiter;
pub use rate_limiter::LocalRateLimiter;
pub use session_cache::LocalSessionCache;
pub use throttle::LocalLoginThrottle;
