//! What is served, and what is refused, of all that may be in two files.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::Arc,
    time::Duration,
};

use lectern_testkit::clock::FakeClock;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::{CertificateError, CertificateFiles, ServedCertificate};

/// A folder with a certificate and its key.
struct Folder(TempDir);

impl Folder {
    /// For `lectern.example.org`, until 2030.
    fn new() -> Self {
        let folder = Self(TempDir::new().unwrap());
        folder.renew(2030);
        folder
    }

    fn files(&self) -> CertificateFiles {
        CertificateFiles { certificate: self.0.path().join("cert.pem"), key: self.0.path().join("key.pem") }
    }

    fn refused(&self) -> CertificateError {
        self.files().read().unwrap_err()
    }

    /// Another certificate with another key.
    fn renew(&self, year: i32) {
        let key = KeyPair::generate().unwrap();
        self.write_certificate(&parameters(year).self_signed(&key).unwrap().pem());
        self.write_key(&key.serialize_pem());
    }

    fn write_certificate(&self, text: &str) {
        fs::write(self.files().certificate, text).unwrap();
    }

    fn write_key(&self, text: &str) {
        fs::write(self.files().key, text).unwrap();
        set_mode(&self.files().key, 0o600);
    }
}

fn set_mode(file: &Path, mode: u32) {
    fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
}

fn parameters(year: i32) -> CertificateParams {
    let mut parameters = CertificateParams::new(["lectern.example.org".to_owned()]).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, "lectern.example.org");
    parameters.not_before = date_time_ymd(2020, 1, 1);
    parameters.not_after = date_time_ymd(year, 1, 1);
    parameters
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = parameters(2040);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// What is served of these files, at 2026-01-01.
fn served(folder: &Folder) -> (ServedCertificate, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::default());
    (ServedCertificate::open(folder.files(), clock.clone()).unwrap(), clock)
}

#[test]
fn a_certificate_says_until_when_and_for_whom_it_is() {
    let certificate = Folder::new().files().read().unwrap();
    assert_eq!(certificate.valid_from().as_unix_seconds(), 1_577_836_800);
    assert_eq!(certificate.expires_at().as_unix_seconds(), 1_893_456_000);
    assert!(certificate.covers("lectern.example.org"));
    for other in ["example.org", "x.lectern.example.org", "192.0.2.1", "not a name", ""] {
        assert!(!certificate.covers(other), "{other}");
    }
}

#[test]
fn a_certificate_covers_the_addresses_in_it() {
    let folder = Folder::new();
    let key = KeyPair::generate().unwrap();
    let names = ["127.0.0.1", "::1", "*.example.org"].map(str::to_owned);
    folder.write_certificate(&CertificateParams::new(names).unwrap().self_signed(&key).unwrap().pem());
    folder.write_key(&key.serialize_pem());
    let certificate = folder.files().read().unwrap();
    for host in ["127.0.0.1", "::1", "lectern.example.org"] {
        assert!(certificate.covers(host), "{host}");
    }
}

#[test]
fn a_key_that_others_can_read_is_refused_with_what_to_do() {
    let folder = Folder::new();
    for mode in [0o644, 0o640, 0o604, 0o620] {
        set_mode(&folder.files().key, mode);
        let refused = folder.refused();
        assert!(
            matches!(refused, CertificateError::Exposed { mode: found, .. } if found == mode),
            "{refused:?}"
        );
        assert!(refused.to_string().contains("run: chmod 600 "), "{refused}");
    }
    set_mode(&folder.files().key, 0o400);
    assert!(folder.files().read().is_ok());
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let folder = Folder::new();
    folder.write_key(&KeyPair::generate().unwrap().serialize_pem());
    assert!(matches!(folder.refused(), CertificateError::Mismatch { .. }));
}

#[test]
fn files_that_are_not_there_or_empty_or_something_else_are_refused() {
    let folder = Folder::new();
    for text in
        ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN CERT"]
    {
        folder.write_certificate(text);
        assert!(matches!(folder.refused(), CertificateError::NoCertificate { .. }), "{text}");
    }
    folder.renew(2030);
    for text in ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA"] {
        folder.write_key(text);
        assert!(matches!(folder.refused(), CertificateError::NoKey { .. }), "{text}");
    }
    folder.write_key("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assert!(matches!(folder.refused(), CertificateError::Unsupported { .. }));
    folder.write_key(&"a".repeat(2 * 1024 * 1024));
    assert!(matches!(folder.refused(), CertificateError::TooLarge { .. }));
    fs::remove_file(folder.files().key).unwrap();
    assert!(matches!(folder.refused(), CertificateError::Unreadable { .. }));
}

#[test]
fn an_encrypted_key_is_refused_with_how_to_decrypt_it() {
    let folder = Folder::new();
    let markers =
        ["-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED"];
    for marker in markers {
        folder.write_key(&format!("{marker}\nc2VjcmV0\n"));
        let refused = folder.refused();
        assert!(matches!(refused, CertificateError::Encrypted { .. }), "{refused:?}");
        assert!(refused.to_string().contains("openssl pkey -in "), "{refused}");
    }
}

#[test]
fn no_error_repeats_what_is_in_the_key() {
    let folder = Folder::new();
    for text in ["-----BEGIN s3cr3t", "-----BEGIN PRIVATE KEY-----\ns3cr3t!\n-----END PRIVATE KEY-----\n"] {
        folder.write_key(text);
        let refused = folder.refused();
        assert!(!format!("{refused} {refused:?}").contains("s3cr3t"), "{refused:?}");
    }
    folder.renew(2030);
    let shown = format!("{:?} {:?}", folder.files().read().unwrap(), served(&folder).0);
    assert!(!shown.contains("PRIVATE"), "{shown}");
}

#[test]
fn a_chain_is_told_from_a_certificate_alone_and_from_one_in_disorder() {
    let (folder, issuer, other) = (Folder::new(), authority("issuer"), authority("other"));
    let key = KeyPair::generate().unwrap();
    let own = parameters(2030).signed_by(&key, &issuer).unwrap().pem();
    folder.write_key(&key.serialize_pem());
    for (chain, expected) in [
        (own.clone(), (true, true)),
        (own.clone() + &issuer.pem(), (true, false)),
        (own + &other.pem(), (false, false)),
    ] {
        folder.write_certificate(&chain);
        let certificate = folder.files().read().unwrap();
        assert_eq!((certificate.is_in_order(), certificate.is_alone()), expected);
    }
    folder.renew(2030);
    assert!(!folder.files().read().unwrap().is_alone(), "it issued itself");
}

#[test]
fn new_files_are_served_after_a_look() {
    let folder = Folder::new();
    let (served, _) = served(&folder);
    let first = served.certificate().expires_at();
    folder.renew(2031);
    assert_eq!(served.certificate().expires_at(), first, "nobody has looked yet");
    served.look();
    assert_eq!(served.certificate().expires_at(), folder.files().read().unwrap().expires_at());
    assert!(served.certificate().expires_at() > first);
}

#[test]
fn files_that_can_not_be_used_leave_the_one_before_until_they_can() {
    let folder = Folder::new();
    let (served, _) = served(&folder);
    let first = served.certificate().expires_at();
    let key = KeyPair::generate().unwrap();
    folder.write_certificate(&parameters(2031).self_signed(&key).unwrap().pem());
    served.look();
    assert_eq!(served.certificate().expires_at(), first, "half a pair");
    fs::remove_file(folder.files().key).unwrap();
    served.look();
    assert_eq!(served.certificate().expires_at(), first, "no key");
    fs::write(folder.files().key, key.serialize_pem()).unwrap();
    set_mode(&folder.files().key, 0o644);
    served.look();
    assert_eq!(served.certificate().expires_at(), first, "an exposed key");
    set_mode(&folder.files().key, 0o600);
    served.look();
    assert!(served.certificate().expires_at() > first, "and now it is whole");
}

#[test]
fn an_expired_certificate_is_served_at_first_but_never_changed_to() {
    let folder = Folder::new();
    folder.renew(2025);
    let (served, clock) = served(&folder);
    let expired = served.certificate().expires_at();
    folder.renew(2030);
    served.look();
    let valid = served.certificate().expires_at();
    assert!(valid > expired);
    folder.renew(2025);
    served.look();
    assert_eq!(served.certificate().expires_at(), valid);
    folder.renew(2029);
    clock.advance(Duration::from_hours(24 * 365 * 5));
    served.look();
    assert_eq!(served.certificate().expires_at(), valid, "it has expired by now, too");
}
