//! A private authority, and a certificate of it with its key in a folder.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use tempfile::TempDir;

/// The name in every certificate, beside this machine's address.
pub(super) const HOST: &str = "lectern.test";

/// Who issues certificates; clones are the same one.
#[derive(Clone)]
pub(super) struct Authority {
    issuer: Arc<CertifiedIssuer<'static, KeyPair>>,
    folder: Arc<TempDir>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "a private authority");
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("authority.pem"), issuer.pem()).unwrap();
        Self { issuer: Arc::new(issuer), folder: Arc::new(folder) }
    }

    /// The file with its certificate.
    pub(super) fn file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    pub(super) fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// A client that trusts nobody else.
    pub(super) fn client(&self) -> reqwest::Client {
        let root = reqwest::Certificate::from_pem(self.issuer.pem().as_bytes()).unwrap();
        reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().unwrap()
    }
}

/// A certificate and its key, in files.
pub(super) struct Pair {
    pub(super) authority: Authority,
    folder: TempDir,
}

impl Pair {
    pub(super) fn new(authority: &Authority) -> Self {
        let pair = Self { authority: authority.clone(), folder: TempDir::new().unwrap() };
        pair.renew();
        pair
    }

    /// The settings that name the files.
    pub(super) fn settings(&self) -> [(&'static str, String); 2] {
        [("LECTERN_TLS_CERTIFICATE", self.path("cert.pem")), ("LECTERN_TLS_KEY", self.path("key.pem"))]
            .map(|(name, path)| (name, path.display().to_string()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What is in the file.
    pub(super) fn certificate(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.path("cert.pem")).unwrap()
    }

    /// Another certificate with another key, one file after the other.
    pub(super) fn renew(&self) {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new([HOST.to_owned(), "127.0.0.1".to_owned()]).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, HOST);
        let own = parameters.signed_by(&key, &self.authority.issuer).unwrap();
        replace(&self.path("cert.pem"), &(own.pem() + &self.authority.issuer.pem()));
        replace(&self.path("key.pem"), &key.serialize_pem());
    }

    /// As a renewal that stopped half way leaves it.
    pub(super) fn write_key_of_another(&self) {
        replace(&self.path("key.pem"), &KeyPair::generate().unwrap().serialize_pem());
    }
}

/// Puts a file in place as a whole, which its owner alone can read.
fn replace(path: &Path, text: &str) {
    let fresh = path.with_extension("fresh");
    fs::write(&fresh, text).unwrap();
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(&fresh, path).unwrap();
}
