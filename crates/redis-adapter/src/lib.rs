//! What replicas of Lectern share through Redis.
//!
//! | item | port | while Redis is out of reach |
//! |---|---|---|
//! | [`TieredSessionCache`] | `SessionCache` | what this process remembers; else the database is asked |
//! | [`RedisRateLimiter`] | `RateLimiter` | each process counts by itself |
//! | [`RedisLoginThrottle`] | `LoginThrottle` | each process counts by itself |
//! | [`RedisFailureLimiter`] | `FailureLimiter` | each process counts by itself |
//! | [`RedisEventBus`] | `EventBus` | news stay within the process; watchers elsewhere look by themselves |
//!
//! All of them come from one [`Redis`], which connects, and is [run](Redis::run) beside them.
//!
//! Nothing here is the truth, and nothing errs. Redis may lose everything at any time: sessions are read anew, limits and
//! throttles begin anew. Codes that are mailed to people are not here for that reason: a challenge is stored together with
//! its mail, in one transaction of the database.
//!
//! Invariants:
//! - a question is one round trip, a script that nothing gets in between of; while Redis is out of reach it is none, and
//!   nobody waits for it to come back;
//! - every key expires by itself, and begins with the prefix of the settings;
//! - a session that was ended is over at once in the process that ended it, whatever happens to Redis; elsewhere, as soon
//!   as Redis says so, and after [`MAX_AGE`](lectern_application::ports::MAX_AGE) at the latest. That bound is for clocks
//!   that agree; the time-out of an answer comes on top of it for those that don't;
//! - no password, of the server or of accounts, is in a key, a value, an error or the log.
//!
//! Scripts take the time from the `Clock` port; how long keys live is counted by the server. The server is one, with as many
//! read-only copies as it likes: a Redis Cluster isn't supported, because scripts name keys of several slots. Its policy when
//! memory is short should be `noeviction` or one of the `volatile-` ones.
//!
//! Boundary: whoever can write to the server decides what a session may do, and who is limited; whoever can read it sees the
//! names, addresses and rights of those who are signed in. It needs a password, and TLS wherever others can listen.

mod connect;
mod examine;
mod failure;
mod failure_limiter;
mod keys;
mod link;
mod news;
mod rate_limiter;
mod scripts;
mod session_cache;
mod settings;
mod state;
mod subscription;
mod throttle;
mod touches;

pub use connect::{Redis, RedisSetupError};
pub use examine::{RedisReport, RedisTrouble, examine};
pub use failure_limiter::RedisFailureLimiter;
pub use news::RedisEventBus;
pub use rate_limiter::RedisRateLimiter;
pub use session_cache::{RedisSessionCache, TieredSessionCache};
pub use settings::{RedisPatience, RedisSettings, RedisUrlError};
pub use state::RedisState;
pub use throttle::RedisLoginThrottle;
