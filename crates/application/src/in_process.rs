//! Ports that need nothing but this process.

mod duties;
mod events;
mod forgetful;
mod gates;
mod rate_limiter;
mod session_cache;
mod throttle;

pub use duties::LocalDuties;
pub use events::LocalEventBus;
pub use rate_limiter::LocalRateLimiter;
pub use session_cache::LocalSessionCache;
pub use throttle::LocalLoginThrottle;
