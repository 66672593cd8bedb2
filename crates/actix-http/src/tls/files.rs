//! The files that a certificate and its key are in.

use std::{
    fs::File,
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use lectern_domain::time::Timestamp;
use rustls::{
    InconsistentKeys,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{Certificate, provider};

/// The most bytes that a file may have: a chain has some thousand.
const MOST_BYTES: u64 = 1024 * 1024;
/// What is in a key that a password protects: PKCS #8 (RFC 5958), or the older form of OpenSSL (RFC 1421).
const ENCRYPTED: [&[u8]; 2] = [b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"Proc-Type: 4,ENCRYPTED"];

/// Where the certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate and after it those of who issued it, as PEM (RFC 7468).
    pub certificate: PathBuf,
    /// Its private key as PEM: PKCS #8, PKCS #1 or SEC 1.
    pub key: PathBuf,
}

/// Why what is in the files can't be served.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file can't be read.
    #[error("{} can't be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What was met.
        #[source]
        source: io::Error,
    },
    /// A file is something else.
    #[error("{} has more than a megabyte, so it is no PEM file of a certificate or a key", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Others can read the key.
    #[error("others can read the key {0} (mode {mode:o}); run: chmod 600 {0}", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// There is no certificate in the file.
    #[error("{} holds no certificate that can be read; it must be PEM, the server's own certificate first", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// There is no key in the file.
    #[error("{} holds no private key that can be read; it must be PEM (PKCS #8, PKCS #1 or SEC 1)", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// A password protects the key.
    #[error(
        "the key {0} is encrypted, and nobody is there to type its password; \
         decrypt it: (umask 077; openssl pkey -in {0} -out decrypted.pem), and name that file",
        path.display()
    )]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// The key is of a kind that can't be used.
    #[error("the key {} can't be used; use ECDSA (P-256, P-384), Ed25519 or RSA of at least 2048 bits", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
    },
    /// The two files don't belong together.
    #[error("the key {} is not that of the certificate {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// The certificate is not valid any more. No reason not to start with it, but one not to change to it.
    #[error("the certificate {} has expired", path.display())]
    Expired {
        /// The file.
        path: PathBuf,
        /// When.
        at: Timestamp,
    },
}

/// What tells whether files have changed.
pub(super) type Fingerprint = [u8; 32];

/// What is in both files.
pub(super) struct Contents {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

impl CertificateFiles {
    /// The certificate with its key, checked but for the time.
    pub fn read(&self) -> Result<Certificate, CertificateError> {
        self.certificate_in(&self.contents()?)
    }

    pub(super) fn contents(&self) -> Result<Contents, CertificateError> {
        let certificate = read(&self.certificate, &open(&self.certificate)?)?.to_vec();
        let file = open(&self.key)?;
        // Of the file that is open, so that nobody changes it in between.
        let mode = file.metadata().map_err(|source| unreadable(&self.key, source))?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(CertificateError::Exposed { path: self.key.clone(), mode });
        }
        Ok(Contents { certificate, key: read(&self.key, &file)? })
    }

    pub(super) fn certificate_in(&self, contents: &Contents) -> Result<Certificate, CertificateError> {
        let no_certificate = || CertificateError::NoCertificate { path: self.certificate.clone() };
        let chain = CertificateDer::pem_slice_iter(&contents.certificate).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|_| no_certificate())?;
        let has = |marker: &&[u8]| contents.key.windows(marker.len()).any(|bytes| bytes == *marker);
        if ENCRYPTED.iter().any(has) {
            return Err(CertificateError::Encrypted { path: self.key.clone() });
        }
        let key = PrivateKeyDer::from_pem_slice(&contents.key);
        let key = key.map_err(|_| CertificateError::NoKey { path: self.key.clone() })?;
        let key = provider().key_provider.load_private_key(key);
        let key = key.map_err(|_| CertificateError::Unsupported { path: self.key.clone() })?;
        let pair = CertifiedKey::new(chain, key);
        match pair.keys_match() {
            Ok(()) => Certificate::new(pair).ok_or_else(no_certificate),
            Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                Err(CertificateError::Mismatch {
                    certificate: self.certificate.clone(),
                    key: self.key.clone(),
                })
            }
            Err(_) => Err(no_certificate()),
        }
    }
}

impl Contents {
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        hash.update(u64::try_from(self.certificate.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(&self.certificate);
        hash.update(self.key.as_slice());
        hash.finalize().into()
    }
}

fn unreadable(path: &Path, source: io::Error) -> CertificateError {
    CertificateError::Unreadable { path: path.to_owned(), source }
}

fn open(path: &Path) -> Result<File, CertificateError> {
    File::open(path).map_err(|source| unreadable(path, source))
}

fn read(path: &Path, file: &File) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
    let mut contents = Zeroizing::new(Vec::new());
    let read = file.take(MOST_BYTES).read_to_end(&mut contents).map_err(|source| unreadable(path, source))?;
    if u64::try_from(read).is_ok_and(|read| read < MOST_BYTES) {
        Ok(contents)
    } else {
        Err(CertificateError::TooLarge { path: path.to_owned() })
    }
}
