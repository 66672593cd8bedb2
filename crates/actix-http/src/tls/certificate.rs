//! A certificate with its key, and what it says of itself (RFC 5280).

use std::{fmt, sync::Arc};

use lectern_domain::time::Timestamp;
use rustls::{
    client::verify_server_name, pki_types::ServerName, server::ParsedCertificate, sign::CertifiedKey,
};
use x509_parser::{certificate::X509Certificate, time::ASN1Time};

const MICROS: i64 = 1_000_000;

/// A certificate with its key, which belongs to it, and with those of who issued it.
#[derive(Clone)]
pub struct Certificate {
    pair: Arc<CertifiedKey>,
    valid_from: Timestamp,
    expires_at: Timestamp,
    chain: Chain,
}

/// How far what is served leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chain {
    /// To a certificate that issued itself, or by at least one step towards it.
    Linked,
    /// There is nobody but the certificate itself, which another issued.
    Alone,
    /// One is followed by another than its issuer.
    Broken,
}

/// Opaque: there is a key in it.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl Certificate {
    /// `None` if one of the chain can't be read.
    pub(super) fn new(pair: CertifiedKey) -> Option<Self> {
        let parse = |der| x509_parser::parse_x509_certificate(der).ok().map(|(_, certificate)| certificate);
        let chain: Vec<_> = pair.cert.iter().map(|der| parse(der)).collect::<Option<_>>()?;
        let own = chain.first()?.validity();
        let (valid_from, expires_at) = (timestamp(own.not_before), timestamp(own.not_after));
        let chain = Chain::of(&chain);
        Some(Self { valid_from, expires_at, chain, pair: Arc::new(pair) })
    }

    /// What rustls serves.
    pub(super) fn pair(&self) -> Arc<CertifiedKey> {
        self.pair.clone()
    }

    /// Since when it is valid.
    pub fn valid_from(&self) -> Timestamp {
        self.valid_from
    }

    /// Until when it is valid.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Whether it is one for that host: a name, or an address without brackets.
    pub fn covers(&self, host: &str) -> bool {
        let (Ok(name), Ok(own)) = (ServerName::try_from(host), self.pair.end_entity_cert()) else {
            return false;
        };
        ParsedCertificate::try_from(own).is_ok_and(|own| verify_server_name(&own, &name).is_ok())
    }

    /// Whether each certificate is followed by that of its issuer.
    pub fn is_in_order(&self) -> bool {
        self.chain != Chain::Broken
    }

    /// Whether it is served without that of its issuer, so that only those trust it who have that already.
    pub fn is_alone(&self) -> bool {
        self.chain == Chain::Alone
    }
}

impl Chain {
    fn of(chain: &[X509Certificate<'_>]) -> Self {
        let issued = |pair: &[X509Certificate<'_>]| match pair {
            [certificate, issuer] => certificate.issuer().as_raw() == issuer.subject().as_raw(),
            _ => false,
        };
        match chain {
            [only] if only.issuer().as_raw() != only.subject().as_raw() => Self::Alone,
            chain if chain.windows(2).all(issued) => Self::Linked,
            _ => Self::Broken,
        }
    }
}

fn timestamp(time: ASN1Time) -> Timestamp {
    Timestamp::from_micros(time.timestamp().saturating_mul(MICROS))
}
