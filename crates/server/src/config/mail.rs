//! How mails leave.

use lectern_mail_adapter::{Sender, SmtpSettings};

use super::{ConfigError, Layers, keys};

/// The server that takes them, and whom they come from.
#[derive(Debug, Clone)]
pub(crate) struct MailSettings {
    pub(crate) smtp: SmtpSettings,
    pub(crate) from: Sender,
}

/// `None`: mails go to the log.
pub(super) fn mail(layers: &Layers) -> Result<Option<MailSettings>, ConfigError> {
    let smtp = layers.optional_secret(keys::SMTP_URL, |url| {
        SmtpSettings::parse(&url.into()).map_err(|error| error.to_string())
    })?;
    let from = layers.optional(keys::MAIL_FROM, |text| Sender::parse(text).map_err(|e| e.to_string()))?;
    match (smtp, from) {
        (Some(smtp), Some(from)) => Ok(Some(MailSettings { smtp, from })),
        (None, None) => Ok(None),
        (Some(_), None) => {
            Err(ConfigError::Contradiction("there is an smtp_url, but no mail_from to send mails as"))
        }
        (None, Some(_)) => Err(ConfigError::Contradiction(
            "there is a mail_from, but no smtp_url to send mails by, so they would go to the log",
        )),
    }
}
