//! What a database's URL says.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::{
    Config,
    config::{SslMode, SslNegotiation},
};

/// Why a URL names no database. It is not repeated: it may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// It is of another kind.
    #[error("the database's URL must begin with postgres:// or postgresql://")]
    Scheme,
    /// The driver does not understand it.
    #[error(
        "the database's URL is not valid; it is written postgres://user:password@host:port/database?option=value"
    )]
    Invalid {
        /// What was met.
        #[source]
        source: tokio_postgres::Error,
    },
    /// There is nobody to connect to.
    #[error("the database's URL names no host")]
    Host,
    /// `sslmode` is none of those that there are.
    #[error(
        "the sslmode of the database's URL must be disable, allow, prefer, require, verify-ca or verify-full"
    )]
    SslMode,
    /// A certificate can only be asked of a server with a name.
    #[error("a database at a Unix socket can't be asked for a certificate; use sslmode=disable")]
    SocketWithTls,
}

/// How the way to the server is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Not at all.
    Plain,
    /// By TLS, with a certificate of an authority in `roots`, or of one that the system trusts.
    Tls { roots: Option<PathBuf> },
}

/// The database, and the way to it.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) protection: Protection,
}

impl Address {
    /// Reads a URL. What `libpq` knows about TLS and the driver does not is taken out first.
    pub(crate) fn parse(url: &SecretString) -> Result<Self, AddressError> {
        let url = url.expose_secret();
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(AddressError::Scheme);
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut roots, mut others) = (None, None, Vec::new());
        for option in query.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => {
                    roots = Some(PathBuf::from(percent_decode_str(value).decode_utf8_lossy().as_ref()));
                }
                _ => others.push(option),
            }
        }
        let mut config: Config = format!("{base}?{}", others.join("&"))
            .parse()
            .map_err(|source| AddressError::Invalid { source })?;
        if config.get_hosts().is_empty() {
            return Err(AddressError::Host);
        }
        let protection = match mode {
            None | Some("disable" | "allow" | "prefer") => Protection::Plain,
            Some("require" | "verify-ca" | "verify-full") => Protection::Tls { roots },
            Some(_) => return Err(AddressError::SslMode),
        };
        let is_socket = |host: &_| matches!(host, tokio_postgres::config::Host::Unix(_));
        if protection != Protection::Plain && config.get_hosts().iter().any(is_socket) {
            return Err(AddressError::SocketWithTls);
        }
        // Either way the driver hands over its stream to be wrapped (see `wire`). Without encryption nothing is negotiated.
        config.ssl_mode(SslMode::Require);
        if protection == Protection::Plain {
            config.ssl_negotiation(SslNegotiation::Direct);
        }
        if config.get_application_name().is_none() {
            config.application_name("lectern");
        }
        Ok(Self { config, protection })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address, AddressError> {
        Address::parse(&url.into())
    }

    #[test]
    fn a_url_says_how_the_way_is_protected() {
        let roots = Some(PathBuf::from("/etc/my ca.pem"));
        for (query, protection) in [
            ("", Protection::Plain),
            ("?sslmode=prefer", Protection::Plain),
            ("?connect_timeout=3&sslmode=disable", Protection::Plain),
            ("?sslmode=require", Protection::Tls { roots: None }),
            ("?sslmode=verify-full&sslrootcert=/etc/my%20ca.pem", Protection::Tls { roots }),
        ] {
            let address = parse(&format!("postgres://ada:s3cr3t@db.example.org/lectern{query}")).unwrap();
            assert_eq!(address.protection, protection, "{query}");
            assert_eq!(address.config.get_dbname(), Some("lectern"));
        }
    }

    #[test]
    fn other_urls_are_refused_and_not_repeated() {
        for url in [
            "mysql://ada:s3cr3t@localhost/lectern",
            "host=localhost password=s3cr3t",
            "postgres://ada:s3cr3t@localhost:s3cr3t/lectern",
            "postgres://ada:s3cr3t@localhost/lectern?sslmode=s3cr3t",
            "postgres:///lectern?password=s3cr3t",
            "postgres://ada:s3cr3t@%2Frun%2Fpostgresql/lectern?sslmode=require",
        ] {
            let error = parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{url}: {error:?}");
        }
    }
}
