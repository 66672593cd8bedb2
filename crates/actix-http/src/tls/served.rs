//! The certificate that is served, until its files change.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use lectern_application::{metrics::catalogue::TLS_CERTIFICATE_EXPIRY, ports::Clock};
use lectern_domain::time::Timestamp;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::{
    Certificate, CertificateError, CertificateFiles,
    files::{Contents, Fingerprint},
};

/// The certificate that is served.
pub struct ServedCertificate {
    files: CertificateFiles,
    clock: Arc<dyn Clock>,
    now: RwLock<Now>,
}

struct Now {
    certificate: Certificate,
    /// Of the files it is from.
    fingerprint: Fingerprint,
    /// What was said last of files that can't be used.
    complaint: Option<String>,
}

/// Opaque: there is a key in it.
impl fmt::Debug for ServedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServedCertificate").field("files", &self.files).finish_non_exhaustive()
    }
}

impl ServedCertificate {
    /// Reads the files for the first time. An expired certificate is served, too, so that whoever knows better can go on:
    /// the log says so.
    pub fn open(files: CertificateFiles, clock: Arc<dyn Clock>) -> Result<Self, CertificateError> {
        let contents = files.contents()?;
        let certificate = files.certificate_in(&contents)?;
        if certificate.expires_at() <= clock.now() {
            tracing::warn!(
                certificate = %files.certificate.display(),
                "THE CERTIFICATE HAS EXPIRED: clients will refuse to connect until it is renewed"
            );
        }
        measure(certificate.expires_at());
        let now = Now { certificate, fingerprint: contents.fingerprint(), complaint: None };
        Ok(Self { files, clock, now: RwLock::new(now) })
    }

    /// Looks whether the files have changed. If they can be used, connections that begin from here on get what is in them;
    /// else they get what they got before, and the log says why, once.
    pub fn look(&self) {
        match self.renewed() {
            Ok(None) => {}
            Ok(Some(fresh)) => {
                tracing::info!("changed to a new certificate");
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = fresh;
            }
            Err(error) => {
                let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
                let complaint = format!("{error}{}", source.unwrap_or_default());
                let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
                if now.complaint.as_ref() != Some(&complaint) {
                    tracing::error!(
                        reason = complaint,
                        "THE FILES OF THE CERTIFICATE CAN'T BE USED; going on with the one before"
                    );
                    now.complaint = Some(complaint);
                }
            }
        }
        measure(self.certificate().expires_at());
    }

    /// What is in the files, if that is something else than what is served.
    fn renewed(&self) -> Result<Option<Now>, CertificateError> {
        let contents: Contents = self.files.contents()?;
        let fingerprint = contents.fingerprint();
        {
            let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
            if now.fingerprint == fingerprint {
                // As it was, perhaps again.
                now.complaint = None;
                return Ok(None);
            }
        }
        let certificate = self.files.certificate_in(&contents)?;
        let at = certificate.expires_at();
        if at <= self.clock.now() {
            return Err(CertificateError::Expired { path: self.files.certificate.clone(), at });
        }
        Ok(Some(Now { certificate, fingerprint, complaint: None }))
    }

    /// What is served now.
    pub fn certificate(&self) -> Certificate {
        self.now.read().unwrap_or_else(PoisonError::into_inner).certificate.clone()
    }
}

/// Whatever name they ask for, and if they ask for none: there is only one.
impl ResolvesServerCert for ServedCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.certificate().pair())
    }
}

/// For those who watch over the server, in seconds since 1970.
fn measure(expires_at: Timestamp) {
    // Which has room until 2106.
    let seconds = u32::try_from(expires_at.as_unix_seconds()).unwrap_or(u32::MAX);
    TLS_CERTIFICATE_EXPIRY.set([], f64::from(seconds));
}
