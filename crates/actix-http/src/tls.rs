//! TLS by rustls: the certificate, what is checked of it, and how it is replaced while the server runs.
//!
//! The certificate and its key are PEM files, which somebody else renews (certbot and such). [`ServedCertificate::look`] is
//! called every few seconds; connections that begin after it found new files get the new certificate, others go on.
//!
//! Invariant: a [`Certificate`] that exists can be served: its key belongs to it, and is nobody else's to read.
//! Invariant: files that can't be used, as a pair of which one half is written, change nothing but the log.
//! Invariant: no error repeats what is in the key's file.

mod certificate;
mod files;
mod served;
#[cfg(test)]
mod tests;

pub use certificate::Certificate;
pub use files::{CertificateError, CertificateFiles};
pub use served::ServedCertificate;

use std::{sync::Arc, time::Duration};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    version::{TLS12, TLS13},
};

/// How long a client may take for its handshake.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// How many handshakes a thread has under way at once: each costs a signature. Who comes then waits to be taken in.
pub(crate) const HANDSHAKES: usize = 256;

/// What signs and encrypts.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// TLS 1.2 and 1.3 with the certificate that is served at the time, whatever name the client asks for. The protocols above
/// it are added by the server.
pub(crate) fn server_config(served: Arc<ServedCertificate>) -> Result<ServerConfig, rustls::Error> {
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(served);
    Ok(config)
}
