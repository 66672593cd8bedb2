//! The stream that a connection runs over: plain or encrypted, and overheard by [`Refusals`].
//!
//! The driver has one place where a stream may be wrapped, the one for TLS. So a plain stream goes through it as well, and
//! comes out as it went in.

use std::{
    fs, io,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, InvalidDnsNameError, ServerName, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::either::Either;

use crate::{
    address::Protection,
    sqlstate::{Overheard, Refusals},
};

/// Why TLS can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of authorities can't be read, or has none.
    #[error("the certificates in {} can't be read; sslrootcert must name a PEM file", path.display())]
    Roots {
        /// The file.
        path: PathBuf,
        /// What was met.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The system's own can't be used.
    #[error("the system's certificates can't be used; name a PEM file by sslrootcert")]
    System {
        /// What was met.
        #[source]
        source: rustls::Error,
    },
}

/// How streams are wrapped.
#[derive(Clone)]
pub(crate) struct Wire {
    tls: Option<TlsConnector>,
    refusals: Refusals,
}

impl Wire {
    pub(crate) fn new(protection: &Protection) -> Result<Self, TlsError> {
        let tls = match protection {
            Protection::Plain => None,
            Protection::Tls { roots } => Some(TlsConnector::from(Arc::new(client_config(roots.as_deref())?))),
        };
        Ok(Self { tls, refusals: Refusals::default() })
    }

    /// For another connection, whose errors are noted in `refusals`.
    pub(crate) fn noting(&self, refusals: Refusals) -> Self {
        Self { tls: self.tls.clone(), refusals }
    }
}

fn client_config(roots: Option<&Path>) -> Result<ClientConfig, TlsError> {
    let system = |source| TlsError::System { source };
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(system)?;
    Ok(match roots {
        None => builder.with_platform_verifier().map_err(system)?.with_no_client_auth(),
        Some(path) => builder.with_root_certificates(authorities(path)?).with_no_client_auth(),
    })
}

fn authorities(path: &Path) -> Result<RootCertStore, TlsError> {
    let unusable =
        |source: Box<dyn std::error::Error + Send + Sync>| TlsError::Roots { path: path.into(), source };
    let pem = fs::read(path).map_err(|source| unusable(source.into()))?;
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|source| unusable(source.to_string().into()))?;
        store.add(certificate).map_err(|source| unusable(source.into()))?;
    }
    if store.is_empty() { Err(unusable("there is no certificate in it".into())) } else { Ok(store) }
}

impl<S> MakeTlsConnect<S> for Wire
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Overheard<Either<S, TlsStream<S>>>;
    type TlsConnect = Wrap;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Wrap, InvalidDnsNameError> {
        let tls = match &self.tls {
            None => None,
            Some(connector) => Some((connector.clone(), ServerName::try_from(host)?.to_owned())),
        };
        Ok(Wrap { tls, refusals: self.refusals.clone() })
    }
}

/// How one stream is wrapped.
pub(crate) struct Wrap {
    tls: Option<(TlsConnector, ServerName<'static>)>,
    refusals: Refusals,
}

impl<S> TlsConnect<S> for Wrap
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Overheard<Either<S, TlsStream<S>>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Stream>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let stream = match self.tls {
                None => Either::Left(stream),
                Some((connector, host)) => Either::Right(connector.connect(host, stream).await?),
            };
            Ok(Overheard::new(stream, self.refusals))
        })
    }
}
