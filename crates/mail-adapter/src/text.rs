//! What mails say.

use lectern_application::ports::Letter;
use lectern_domain::{mail::MailContent, time::Timestamp};
use time::{OffsetDateTime, format_description::FormatItem, macros::format_description};

const MINUTE: &[FormatItem<'static>] = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");

/// A mail's subject and text.
pub(crate) struct Text {
    pub(crate) subject: &'static str,
    pub(crate) body: String,
}

/// Writes a letter. `service` is the address under which people know the server.
pub(crate) fn write(letter: &Letter, service: &str) -> Text {
    let (subject, what, code) = match &letter.content {
        MailContent::PasswordReset { code } => {
            ("Reset your password", "asked to reset the password of your account at", code)
        }
        MailContent::EmailVerification { code } => {
            ("Confirm your e-mail address", "gave this address as that of an account at", code)
        }
    };
    let (code, until) = (code.expose(), minute(letter.useful_until));
    let body = format!(
        "Hello,\n\
         \n\
         somebody, hopefully you, {what}\n\
         {service}. The code is\n\
         \n    {code}\n\n\
         Enter it where you asked for it, before {until}.\n\
         \n\
         If it was not you, ignore this mail: without the code nothing happens.\n\
         Never tell it to anybody, whoever they say they are.\n"
    );
    Text { subject, body }
}

/// The minute of a time, for people. Beyond the calendar there is nothing to show.
fn minute(at: Timestamp) -> String {
    let shown = OffsetDateTime::from_unix_timestamp(at.as_unix_seconds()).ok();
    shown.and_then(|at| at.format(MINUTE).ok()).unwrap_or_default()
}
