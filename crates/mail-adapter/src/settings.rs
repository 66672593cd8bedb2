//! Which server mails are given to, from a URL.

use std::{borrow::Cow, net::IpAddr};

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Mail submission (RFC 6409, section 3.1).
const SUBMISSION_PORT: u16 = 587;
/// Mail submission over implicit TLS (RFC 8314, section 3.3).
const SUBMISSIONS_PORT: u16 = 465;

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// From the first byte.
    Implicit,
    /// After `STARTTLS` (RFC 3207). A server without it gets nothing.
    StartTls,
    /// Not at all.
    None,
}

/// An SMTP server, and who we are to it.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) encryption: Encryption,
    /// User and password.
    pub(crate) credentials: Option<(String, SecretString)>,
}

/// Why a URL names no SMTP server. It may hold a password, so nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    /// It is no URL of either scheme.
    #[error(
        "must be smtp://USER:PASSWORD@HOST:PORT (STARTTLS) or smtps://USER:PASSWORD@HOST:PORT (TLS), where user, \
         password and port may be left out, and special characters of the password are written as %40 and the like"
    )]
    Form,
    /// There is a user without a password, or a password without a user.
    #[error("must have both a user and a password, or neither")]
    HalfCredentials,
    /// The query says something else.
    #[error("can end with ?tls=required or ?tls=none, and with nothing else")]
    Query,
    /// Implicit TLS without TLS.
    #[error("can't be smtps:// and end with ?tls=none; write smtp:// to send without encryption")]
    Contradiction,
}

impl SmtpSettings {
    /// Reads `smtp://` (STARTTLS, by default on port 587) or `smtps://` (TLS from the first byte, by default on port 465).
    /// User and password are percent-decoded.
    ///
    /// `smtp://` without encryption is for this machine alone, where it is the default, and for where `?tls=none` asks for
    /// it; `?tls=required` asks for STARTTLS on this machine too.
    pub fn parse(url: &SecretString) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(url.expose_secret()).map_err(|_| SmtpUrlError::Form)?;
        let host = url.host_str().map(|host| host.trim_matches(['[', ']'])).unwrap_or_default();
        let is_plain = matches!(url.path(), "" | "/") && url.fragment().is_none();
        // What is percent-encoded in a host is no name of one.
        if host.is_empty() || host.contains('%') || !is_plain {
            return Err(SmtpUrlError::Form);
        }
        let (encryption, port) = match (url.scheme(), url.query()) {
            ("smtps", None | Some("tls=required")) => (Encryption::Implicit, SUBMISSIONS_PORT),
            ("smtps", Some("tls=none")) => return Err(SmtpUrlError::Contradiction),
            ("smtp", None) if is_this_machine(host) => (Encryption::None, SUBMISSION_PORT),
            ("smtp", None | Some("tls=required")) => (Encryption::StartTls, SUBMISSION_PORT),
            ("smtp", Some("tls=none")) => (Encryption::None, SUBMISSION_PORT),
            ("smtp" | "smtps", Some(_)) => return Err(SmtpUrlError::Query),
            _ => return Err(SmtpUrlError::Form),
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) | (_, None) => return Err(SmtpUrlError::HalfCredentials),
            (user, Some(password)) => {
                Some((decoded(user)?.into_owned(), decoded(password)?.into_owned().into()))
            }
        };
        Ok(Self { host: host.to_owned(), port: url.port().unwrap_or(port), encryption, credentials })
    }

    /// Whether what is sent can be read on its way to another machine.
    pub fn is_exposed(&self) -> bool {
        self.encryption == Encryption::None && !is_this_machine(&self.host)
    }
}

fn decoded(text: &str) -> Result<Cow<'_, str>, SmtpUrlError> {
    percent_decode_str(text).decode_utf8().map_err(|_| SmtpUrlError::Form)
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<SmtpSettings, SmtpUrlError> {
        SmtpSettings::parse(&url.to_owned().into())
    }

    fn server(url: &str) -> (String, u16, Encryption) {
        let SmtpSettings { host, port, encryption, .. } = parse(url).unwrap();
        (host, port, encryption)
    }

    #[test]
    fn other_machines_are_spoken_to_under_tls() {
        let named = |port, encryption| ("mail.example.org".to_owned(), port, encryption);
        assert_eq!(server("smtp://mail.example.org"), named(587, Encryption::StartTls));
        assert_eq!(server("smtp://mail.example.org:25/"), named(25, Encryption::StartTls));
        assert_eq!(server("smtps://mail.example.org"), named(465, Encryption::Implicit));
        assert_eq!(server("smtps://mail.example.org:587?tls=required"), named(587, Encryption::Implicit));
    }

    #[test]
    fn this_machine_is_spoken_to_in_clear_unless_asked_otherwise() {
        for host in ["localhost", "127.0.0.1", "127.8.8.8", "[::1]", "[::ffff:127.0.0.1]"] {
            assert_eq!(server(&format!("smtp://{host}:1025")).2, Encryption::None, "{host}");
            assert_eq!(server(&format!("smtp://{host}?tls=required")).2, Encryption::StartTls, "{host}");
        }
        for host in ["127.0.0.1.example.org", "localhost.example.org", "128.0.0.1", "[::2]"] {
            assert_eq!(server(&format!("smtp://{host}")).2, Encryption::StartTls, "{host}");
        }
    }

    #[test]
    fn no_encryption_must_be_asked_for() {
        let settings = parse("smtp://mail.example.org?tls=none").unwrap();
        assert_eq!((settings.encryption, settings.is_exposed()), (Encryption::None, true));
        assert!(!parse("smtp://localhost").unwrap().is_exposed());
        assert_eq!(parse("smtps://mail.example.org?tls=none").unwrap_err(), SmtpUrlError::Contradiction);
    }

    #[test]
    fn user_and_password_are_decoded() {
        let settings = parse("smtp://ada%40example.org:p%40ss%3A%2Fw%C3%B6rd@mail.example.org").unwrap();
        let (user, password) = settings.credentials.unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("ada@example.org", "p@ss:/wörd"));
    }

    #[test]
    fn wrong_urls_are_refused_without_their_secrets() {
        for (url, expected) in [
            ("", SmtpUrlError::Form),
            ("mail.example.org", SmtpUrlError::Form),
            ("http://mail.example.org", SmtpUrlError::Form),
            ("smtp://", SmtpUrlError::Form),
            ("smtp://ada:s3cr3t@", SmtpUrlError::Form),
            ("smtp://ada:s3cr3t@mail.example.org/inbox", SmtpUrlError::Form),
            ("smtp://ada:s3cr3t@mail.example.org:99999", SmtpUrlError::Form),
            ("smtp://ada:s3cr3t%FF@mail.example.org", SmtpUrlError::Form),
            ("smtp://s3cr3t@mail.example.org", SmtpUrlError::HalfCredentials),
            ("smtp://:s3cr3t@mail.example.org", SmtpUrlError::HalfCredentials),
            ("smtp://mail.example.org?tls=maybe", SmtpUrlError::Query),
            ("smtp://mail.example.org?tls=none&s3cr3t", SmtpUrlError::Query),
        ] {
            let error = parse(url).unwrap_err();
            assert_eq!(error, expected, "{url}");
            assert!(!format!("{error} {error:?}").contains("s3cr3t"));
        }
    }

    #[test]
    fn debug_output_hides_the_password() {
        let settings = parse("smtp://ada:s3cr3t@mail.example.org").unwrap();
        assert!(!format!("{settings:?}").contains("s3cr3t"));
    }
}
