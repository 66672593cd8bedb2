//! Mails by SMTP.

use std::time::Duration;

use async_trait::async_trait;
use lectern_application::ports::{Letter, Mailer, MailerError, Source};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    transport::smtp::{
        Error, PoolConfig,
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use secrecy::ExposeSecret;

use crate::{Sender, SmtpSettings, letter::message, settings::Encryption};

/// How long the server may take for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How many connections are kept open.
const CONNECTIONS: u32 = 2;
/// For how long, after the last mail.
const IDLE: Duration = Duration::from_secs(30);
/// What servers answer when they don't take our credentials, or want some (RFC 4954, section 6). That is nothing wrong
/// with the mail, and somebody may put it right.
const CREDENTIALS_REFUSED: [u16; 4] = [530, 534, 535, 538];

/// Gives mails to an SMTP server.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Sender,
    service: String,
}

/// TLS could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("can't set up TLS for the SMTP server")]
pub struct SmtpSetupError {
    /// What was met.
    #[source]
    pub source: Source,
}

/// What went wrong. What servers say in words is left out, because it often names the address.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the SMTP server answered {0}")]
    Answer(u16),
    #[error("the SMTP server answered {0}: it wants other credentials than those of the SMTP URL")]
    Credentials(u16),
    #[error("the SMTP server answered what is no SMTP")]
    Gibberish,
}

impl SmtpMailer {
    /// A mailer that hands mails to the server of `settings`, for the Lectern that people know under the address
    /// `service`. It connects when there is a mail to send. Certificates are checked against the operating system's roots,
    /// or those that `SSL_CERT_FILE` names.
    ///
    /// Must be called inside a tokio runtime.
    pub fn new(settings: SmtpSettings, from: Sender, service: String) -> Result<Self, SmtpSetupError> {
        let SmtpSettings { host, port, encryption, credentials } = settings;
        let parameters =
            || TlsParameters::new(host.clone()).map_err(|error| SmtpSetupError { source: Box::new(error) });
        let tls = match encryption {
            Encryption::Implicit => Tls::Wrapper(parameters()?),
            Encryption::StartTls => Tls::Required(parameters()?),
            Encryption::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
            .port(port)
            .tls(tls)
            .timeout(Some(ANSWER_TIMEOUT))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE));
        if let Some((user, password)) = credentials {
            builder = builder.credentials(Credentials::new(user, password.expose_secret().to_owned()));
        }
        Ok(Self { transport: builder.build(), from, service })
    }

    /// Connects, encrypts and signs in as for a mail, and sends none.
    pub async fn examine(&self) -> Result<(), MailerError> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(MailerError::Unavailable { source: Box::new(Failure::Gibberish) }),
            Err(error) => Err(mailer_error(error)),
        }
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, letter: &Letter) -> Result<(), MailerError> {
        let message = message(letter, &self.from, &self.service)
            .map_err(|unwritable| MailerError::Refused { source: Box::new(unwritable) })?;
        self.transport.send(message).await.map(drop).map_err(mailer_error)
    }
}

/// A server's `5yz` is for good: the same request will not succeed (RFC 5321, section 4.2.1). Everything else may pass.
fn mailer_error(error: Error) -> MailerError {
    match error.status().map(u16::from) {
        Some(code) if CREDENTIALS_REFUSED.contains(&code) => {
            MailerError::Unavailable { source: Box::new(Failure::Credentials(code)) }
        }
        Some(code) if error.is_permanent() => {
            MailerError::Refused { source: Box::new(Failure::Answer(code)) }
        }
        Some(code) => MailerError::Unavailable { source: Box::new(Failure::Answer(code)) },
        None if error.is_response() => MailerError::Unavailable { source: Box::new(Failure::Gibberish) },
        None => MailerError::Unavailable { source: Box::new(error) },
    }
}
