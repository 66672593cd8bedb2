//! What a server is like, for whoever looks after the service.

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, RedisResult, aio::MultiplexedConnection};
use tokio::time::{Instant, timeout};

use crate::{RedisSettings, failure::reason, keys::Keys};

/// How long everything may take together.
const PATIENCE: Duration = Duration::from_secs(10);
/// So often it is asked for nothing, to see how long that takes.
const PINGS: u32 = 5;

/// What a server says of itself, and how it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisReport {
    /// Its version.
    pub version: String,
    /// How long the quickest of a few answers took.
    pub latency: Duration,
    /// How many bytes it may hold. `None`: as many as there are.
    pub memory_limit: Option<u64>,
    /// What it does when it is full, by its own name: `noeviction`, `allkeys-lru` and the like.
    pub eviction: String,
}

/// Why a server is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedisTrouble {
    /// It does not do what it is asked for.
    #[error("Redis can't be used: {0}")]
    Refusal(String),
    /// It says nothing.
    #[error("Redis does not answer within {PATIENCE:?}")]
    Silence,
}

/// Connects, writes a key that expires within a second, and asks the server what it is like.
pub async fn examine(settings: RedisSettings) -> Result<RedisReport, RedisTrouble> {
    if settings.is_encrypted() {
        // The process may have chosen its cryptography already; then this is it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
    match timeout(PATIENCE, asked(settings)).await {
        Ok(report) => report.map_err(|error| RedisTrouble::Refusal(reason(&error))),
        Err(_) => Err(RedisTrouble::Silence),
    }
}

async fn asked(settings: RedisSettings) -> RedisResult<RedisReport> {
    let keys = Keys::new(settings.prefix);
    let client = Client::open(settings.server)?;
    // All of it together is waited for, by whoever calls this.
    let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    redis::cmd("SET").arg(keys.probe()).arg(1).arg("EX").arg(1).query_async::<()>(&mut connection).await?;
    let latency = latency(&mut connection).await?;
    let about = redis::cmd("INFO").query_async::<String>(&mut connection).await?;
    let said = |name: &str| {
        let named =
            |line: &str| line.strip_prefix(name)?.strip_prefix(':').map(|value| value.trim().to_owned());
        about.lines().find_map(named)
    };
    let unknown = || "unknown".to_owned();
    Ok(RedisReport {
        version: said("redis_version").unwrap_or_else(unknown),
        latency,
        memory_limit: said("maxmemory").and_then(|bytes| bytes.parse().ok()).filter(|bytes| *bytes > 0),
        eviction: said("maxmemory_policy").unwrap_or_else(unknown),
    })
}

async fn latency(connection: &mut MultiplexedConnection) -> RedisResult<Duration> {
    let mut quickest = Duration::MAX;
    for _ in 0..PINGS {
        let asked = Instant::now();
        redis::cmd("PING").query_async::<()>(connection).await?;
        quickest = quickest.min(asked.elapsed());
    }
    Ok(quickest)
}
