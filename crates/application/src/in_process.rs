//! Ports that need nothing but this process.

mod events;
mod forgetful;
mod rate_limiter;
mod throttle;

pub use events::LocalEventBus;
pub use rate_limiter::LocalRateLimiter;
pub use throttle::LocalLoginThrottle;
