//! Whether the server speaks TLS itself, and with what.

use lectern_actix_http::CertificateFiles;

use super::{ConfigError, Layers, keys, values::not_empty};

/// `None`: it speaks plain HTTP.
pub(super) fn certificate(layers: &Layers) -> Result<Option<CertificateFiles>, ConfigError> {
    let certificate = layers.optional(keys::TLS_CERTIFICATE, not_empty)?;
    let key = layers.optional(keys::TLS_KEY, not_empty)?;
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Ok(Some(CertificateFiles { certificate: certificate.into(), key: key.into() }))
        }
        (None, None) => Ok(None),
        (Some(_), None) => Err(ConfigError::Contradiction(
            "there is a tls_certificate, but no tls_key, the file with its private key",
        )),
        (None, Some(_)) => Err(ConfigError::Contradiction(
            "there is a tls_key, but no tls_certificate, the file with the certificate that it belongs to",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Settings::read(&Layers::read(None, variables, &[])?)
    }

    const CERTIFICATE: (&str, &str) = ("LECTERN_TLS_CERTIFICATE", "/etc/lectern/fullchain.pem");
    const KEY: (&str, &str) = ("LECTERN_TLS_KEY", "/etc/lectern/privkey.pem");

    #[test]
    fn tls_is_spoken_with_a_certificate_and_its_key() {
        let files = CertificateFiles { certificate: CERTIFICATE.1.into(), key: KEY.1.into() };
        assert_eq!(read(&[CERTIFICATE, KEY]).unwrap().certificate, Some(files));
        assert_eq!(read(&[]).unwrap().certificate, None);
    }

    #[test]
    fn one_without_the_other_is_refused() {
        for one in [CERTIFICATE, KEY] {
            assert!(matches!(read(&[one]), Err(ConfigError::Contradiction(_))), "{one:?}");
        }
    }

    #[test]
    fn with_a_certificate_the_public_url_is_https_unless_it_was_set() {
        let address = "127.0.0.1:8443".parse().unwrap();
        let url = |variables: &[(&str, &str)]| read(variables).unwrap().public_url_at(address);
        assert_eq!(url(&[]), "http://127.0.0.1:8443");
        assert_eq!(url(&[CERTIFICATE, KEY]), "https://127.0.0.1:8443");
        let named = ("LECTERN_PUBLIC_URL", "https://lectern.example.org");
        assert_eq!(url(&[CERTIFICATE, KEY, named]), named.1);
    }
}
