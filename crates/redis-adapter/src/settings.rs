//! Where Redis is, and how long it is waited for.

use std::{fmt, time::Duration};

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, io::tcp::TcpSettings};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Where Redis is, what its keys begin with, and how long it is waited for.
#[derive(Clone)]
pub struct RedisSettings {
    pub(crate) server: ConnectionInfo,
    pub(crate) prefix: String,
    pub(crate) patience: RedisPatience,
}

/// How long things may take before Redis counts as out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedisPatience {
    /// An answer.
    pub response: Duration,
    /// A new connection, with all that is prepared on it.
    pub connect: Duration,
    /// The pause between two attempts to reach it again.
    pub pause: Duration,
}

impl Default for RedisPatience {
    fn default() -> Self {
        Self {
            response: Duration::from_millis(250),
            connect: Duration::from_secs(1),
            pause: Duration::from_secs(1),
        }
    }
}

/// Why a URL names no Redis server. It may hold a password, so nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedisUrlError {
    /// It is no URL of these schemes.
    #[error(
        "must be redis://USER:PASSWORD@HOST:PORT/NUMBER, rediss:// (TLS) or redis+unix:///PATH, where user, password, port \
         and the database's number may be left out, and special characters of the password are written as %40 and the like"
    )]
    Form,
    /// Something comes after the database's number.
    #[error("can end with the database's number, and with nothing else: certificates are always checked")]
    Trailing,
}

impl RedisSettings {
    /// What all keys begin with, unless it is said otherwise.
    pub const PREFIX: &str = "lectern:";

    /// Reads `redis://`, `rediss://` (TLS; the certificate is checked against those that this machine trusts) or
    /// `redis+unix://`, with the usual key prefix and patience.
    pub fn parse(url: &SecretString) -> Result<Self, RedisUrlError> {
        let url = Url::parse(url.expose_secret()).map_err(|_| RedisUrlError::Form)?;
        let has_query = match url.scheme() {
            "redis" | "rediss" => url.query().is_some(),
            // A socket's user, password and database are in the query.
            "redis+unix" => false,
            _ => return Err(RedisUrlError::Form),
        };
        if has_query || url.fragment().is_some() {
            return Err(RedisUrlError::Trailing);
        }
        let server = url.into_connection_info().map_err(|_| RedisUrlError::Form)?;
        // Subscriptions are on a connection of their own, which the second version of the protocol is enough for.
        let redis = server.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
        let tcp = TcpSettings::default().set_nodelay(true);
        let server = server.set_redis_settings(redis).set_tcp_settings(tcp);
        Ok(Self { server, prefix: Self::PREFIX.to_owned(), patience: RedisPatience::default() })
    }

    /// The same with keys and channels that begin with something else: services that share a server must not share a
    /// prefix, replicas of one service must.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The same with another patience.
    pub fn with_patience(mut self, patience: RedisPatience) -> Self {
        self.patience = patience;
        self
    }

    /// Whether what is sent can be read on its way.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.server.addr(), ConnectionAddr::TcpTls { .. })
    }
}

/// Without user and password.
impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSettings")
            .field("address", &self.server.addr().to_string())
            .field("is_encrypted", &self.is_encrypted())
            .field("prefix", &self.prefix)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<RedisSettings, RedisUrlError> {
        RedisSettings::parse(&url.to_owned().into())
    }

    #[test]
    fn servers_are_named_by_url() {
        for (url, address) in [
            ("redis://cache.example.org", "cache.example.org:6379"),
            ("redis://ada:s3cr3t@cache.example.org:6380/3", "cache.example.org:6380"),
            ("rediss://:s3cr3t@cache.example.org", "cache.example.org:6379"),
            ("redis://[2001:db8::1]:7000/", "2001:db8::1:7000"),
            ("redis+unix:///run/redis.sock", "/run/redis.sock"),
        ] {
            assert_eq!(parse(url).unwrap().server.addr().to_string(), address, "{url}");
        }
    }

    #[test]
    fn only_rediss_is_encrypted() {
        assert!(parse("rediss://cache.example.org").unwrap().is_encrypted());
        assert!(!parse("redis://cache.example.org").unwrap().is_encrypted());
    }

    #[test]
    fn passwords_are_decoded() {
        let settings = parse("redis://ada:p%40ss@localhost").unwrap();
        assert_eq!(settings.server.redis_settings().password(), Some("p@ss"));
    }

    #[test]
    fn what_names_no_server_is_refused() {
        for url in ["", "cache:6379", "http://cache", "redis://", "redis://cache/lectern", "redis://cache:x"]
        {
            assert_eq!(parse(url).err(), Some(RedisUrlError::Form), "{url}");
        }
    }

    #[test]
    fn checking_certificates_cannot_be_turned_off() {
        for url in ["rediss://cache#insecure", "redis://cache?protocol=resp3"] {
            assert_eq!(parse(url).err(), Some(RedisUrlError::Trailing), "{url}");
        }
    }

    #[test]
    fn no_password_is_shown() {
        let settings = parse("redis://ada:s3cr3t@cache.example.org").unwrap();
        assert!(!format!("{settings:?}").contains("s3cr3t"), "{settings:?}");
        assert!(!parse("redis://ada:s3cr3t@cache:x").unwrap_err().to_string().contains("s3cr3t"));
    }
}
